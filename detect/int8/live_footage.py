"""Pictures of cameras that run now, out of the frame rings: nothing of them is written anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, islice

import numpy as np

from detect.int8.footage import HELD_OUT_SHARE, Footage, Picture
from detect.models.card import ModelInput
from detect.pictures.frames import FrameSource
from detect.pictures.preprocess import Polygons, Preprocessor
from kernel.config.camera import CameraConfig
from kernel.errors import CannotRunError

_SILENT_ROUNDS = 10


def from_cameras(
    source: FrameSource,
    cameras: Sequence[CameraConfig],
    target: ModelInput,
    most: int,
    wait: Callable[[], None],
    tell: Callable[[int], None],
) -> Footage:
    """A picture of as many cameras a round as it takes, by turns, masks burnt in; the last third of rounds is held out.

    Args:
        source: the rings.
        cameras: whose pictures.
        target: the model's input.
        most: pictures to take.
        wait: comes back when the next round begins.
        tell: takes how many pictures there are.

    Raises:
        CannotRunError: no camera delivers.
        BadInputError: too few pictures.
    """
    masks: dict[str, Polygons] = {camera.id: tuple(camera.masks) for camera in cameras}
    rounds = max(HELD_OUT_SHARE, -(-most // len(cameras)))
    each, turns = -(-most // rounds), cycle(masks)

    def taken() -> Iterator[tuple[Picture, bool]]:
        count = silent = 0
        for number in range(rounds):
            before = count
            for camera_id in islice(turns, each):
                picture = _newest(source, camera_id, masks, target)
                if picture is not None and count < most:
                    count += 1
                    yield picture, number >= rounds - rounds // HELD_OUT_SHARE
            tell(count)
            silent = silent + 1 if count == before else 0
            if silent >= _SILENT_ROUNDS:
                raise CannotRunError(
                    f"no pictures of {', '.join(masks)}; start them by lookout up, and look at lookout health"
                )
            if count < most:
                wait()

    return Footage.of(taken(), f"cameras {', '.join(masks)}")


def _newest(source: FrameSource, camera_id: str, masks: Mapping[str, Polygons], target: ModelInput) -> Picture | None:
    """A camera's newest picture; None where there is no new one, or the writer was faster."""
    view = source.newest(camera_id)
    if view is None:
        return None
    preprocessor = Preprocessor(target, view.width_px, view.height_px, masks[camera_id])
    pixels = np.empty((target.height_px, target.width_px, 3), np.uint8)
    preprocessor.fill(view, pixels)
    if not view.is_intact():
        return None
    source.mark_taken(view)
    return Picture(pixels, preprocessor.letterbox)
