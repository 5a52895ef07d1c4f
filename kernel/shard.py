"""A part of the register, for services that run as several processes."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.config.camera import CameraConfig
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError
from kernel.runtime import shard_of


@dataclass(frozen=True)
class Shard:
    """Which part of the register a process serves: `index` of `count`."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read "0/2".

        Raises:
            BadInputError: not of that form, or an index that is not below the count.
        """
        index, slash, count = text.partition("/")
        if not (slash and index.isdecimal() and count.isdecimal() and int(index) < int(count)):
            raise BadInputError(f"--shard {text}: write INDEX/COUNT with INDEX below COUNT, for example 0/1")
        return cls(int(index), int(count))

    def cameras_of(self, config: LookoutConfig) -> list[CameraConfig]:
        """The cameras of this part, in the register's order."""
        return [camera for place, camera in enumerate(config.cameras) if shard_of(place, self.count) == self.index]


WHOLE = Shard(0, 1)
