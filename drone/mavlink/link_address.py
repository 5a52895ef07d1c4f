"""How a vehicle is reached: udp:HOST:PORT, udpin:HOST:PORT, tcp:HOST:PORT, serial:DEVICE:BAUD."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import BadInputError, CannotRunError

_NETWORK = re.compile(r"(udp|udpin|tcp):(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:\s\[\]]+)):(\d{1,5})")
_SERIAL = re.compile(r"serial:([^:\s]+):(\d+)")
_MOST_PORT = 65535


class BadLinkAddress(BadInputError):
    """The text is not the address of a link."""


class LinkUnusable(CannotRunError):
    """The link cannot be opened: port taken, no such device, no such host."""


class LinkKind(StrEnum):
    """UDP: we send first; UDPIN: we listen and answer who speaks."""

    UDP = "udp"
    UDPIN = "udpin"
    TCP = "tcp"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """Host and port, or device and baud."""

    kind: LinkKind
    where: str
    number: int

    @classmethod
    def parse(cls, text: str) -> LinkAddress:
        """Read the config's form.

        Raises:
            BadLinkAddress: it has another form.
        """
        if network := _NETWORK.fullmatch(text.strip()):
            kind, bracketed, plain, port = network.groups()
            if 0 < int(port) <= _MOST_PORT:
                return cls(LinkKind(kind), bracketed or plain, int(port))
        if serial := _SERIAL.fullmatch(text.strip()):
            return cls(LinkKind.SERIAL, serial[1], int(serial[2]))
        raise BadLinkAddress(
            f"link {text!r} is no address of a vehicle; write udp:HOST:PORT, udpin:HOST:PORT, tcp:HOST:PORT "
            "or serial:/dev/ttyACM0:57600"
        )

    def __str__(self) -> str:
        where = f"[{self.where}]" if ":" in self.where else self.where
        return f"{self.kind}:{where}:{self.number}"
