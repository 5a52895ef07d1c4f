"""One transcode per camera for what browsers cannot play: H.265, B-frames, and pictures with privacy masks.

feed (event loop) -> bounded queue -> thread: decode, mask, scale to 720p, x264 -> publish (event loop)
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from av.error import FFmpegError

from command_api.live.codec import PictureTranscoder
from kernel.media import AccessUnit, MediaHello

MOST_QUEUED_UNITS = 60

_log = logging.getLogger(__name__)

Masks = Sequence[Sequence[tuple[float, float]]]


class TranscodeReason(StrEnum):
    """Why a stream cannot be passed through."""

    NONE = "none"
    CODEC = "codec"
    B_FRAMES = "b_frames"
    PRIVACY_MASK = "privacy_mask"


def transcode_reason(hello: MediaHello, has_masks: bool, pts_went_back: bool) -> TranscodeReason:
    """Whether and why this stream has to be transcoded for a browser."""
    if hello.codec != "h264":
        return TranscodeReason.CODEC
    if has_masks:
        return TranscodeReason.PRIVACY_MASK
    if hello.has_b_frames or pts_went_back:
        return TranscodeReason.B_FRAMES
    return TranscodeReason.NONE


class Transcoder:
    """A thread that turns one camera's access units into H.264 that every browser plays."""

    def __init__(
        self, codec: str, masks: Masks, reason: TranscodeReason, publish: Callable[[AccessUnit], None]
    ) -> None:
        self._reason = reason
        self._publish = publish
        self._pictures = PictureTranscoder(codec, masks)
        self._loop = asyncio.get_running_loop()
        self._queue: deque[AccessUnit] = deque()
        self._condition = threading.Condition()
        self._awaits_keyframe = True
        self._stopped = False
        self._dropped = 0
        self._errors = 0
        self._pictures_out = 0
        self._thread = threading.Thread(target=self._run, name="transcode")

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the picture it is at; units still queued are given up."""
        with self._condition:
            self._stopped = True
            self._condition.notify()

    def feed(self, unit: AccessUnit) -> None:
        """Queue a unit; when the thread is behind, everything up to the next keyframe is dropped."""
        with self._condition:
            if len(self._queue) >= MOST_QUEUED_UNITS and not unit.replayed:
                self._dropped += len(self._queue)
                self._queue.clear()
                self._awaits_keyframe = True
            if self._awaits_keyframe and not unit.keyframe:
                self._dropped += 1
                return
            self._awaits_keyframe = False
            self._queue.append(unit)
            self._condition.notify()

    def status(self) -> dict[str, Any]:
        """What `/status` shows."""
        return {
            "reason": self._reason.value,
            "queued": len(self._queue),
            "dropped": self._dropped,
            "errors": self._errors,
            "pictures": self._pictures_out,
            "width_px": self._pictures.width_px,
            "height_px": self._pictures.height_px,
        }

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            unit, is_behind = taken
            try:
                made = self._pictures.transcode(unit, encode=not (unit.replayed and is_behind))
            except FFmpegError as error:
                self._count_error(error)
                continue
            self._pictures_out += len(made)
            for out in made:
                self._loop.call_soon_threadsafe(self._deliver, out)

    def _take(self) -> tuple[AccessUnit, bool] | None:
        with self._condition:
            self._condition.wait_for(lambda: self._queue or self._stopped)
            if self._stopped:
                return None
            return self._queue.popleft(), bool(self._queue)

    def _deliver(self, unit: AccessUnit) -> None:
        if not self._stopped:
            self._publish(unit)

    def _count_error(self, error: FFmpegError) -> None:
        self._errors += 1
        if self._errors == 1:
            _log.warning("transcode: a picture cannot be decoded (%s); further ones are counted", error)
