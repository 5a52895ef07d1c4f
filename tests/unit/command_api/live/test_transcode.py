"""Which streams browsers cannot play as they are, and what the transcode makes of them."""

from __future__ import annotations

import av
import numpy as np
import pytest

from command_api.live.codec import LARGEST_HEIGHT_PX, PictureTranscoder
from command_api.live.transcode import TranscodeReason, transcode_reason
from kernel.config.camera import StreamName
from kernel.media import AccessUnit, MediaHello
from tests.integration.media_server import Clip, make_clip


def hello(codec: str = "h264", has_b_frames: bool = False) -> MediaHello:
    return MediaHello(
        camera_id="c", stream=StreamName.MAIN, codec=codec, width_px=64, height_px=64, has_b_frames=has_b_frames
    )


@pytest.mark.parametrize(
    ("stream", "has_masks", "went_back", "reason"),
    [
        (hello(), False, False, TranscodeReason.NONE),
        (hello("hevc"), False, False, TranscodeReason.CODEC),
        (hello(has_b_frames=True), False, False, TranscodeReason.B_FRAMES),
        (hello(), False, True, TranscodeReason.B_FRAMES),
        (hello(), True, False, TranscodeReason.PRIVACY_MASK),
    ],
)
def test_reason(stream: MediaHello, has_masks: bool, went_back: bool, reason: TranscodeReason) -> None:
    assert transcode_reason(stream, has_masks, went_back) is reason


def run(clip: Clip, transcoder: PictureTranscoder) -> list[AccessUnit]:
    return [out for unit in clip.units for out in transcoder.transcode(unit, encode=True)]


def luma(units: list[AccessUnit]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """(pictures, height, width) of decoded H.264 units."""
    decoder = av.CodecContext.create("h264", "r")
    frames = [frame for unit in units for frame in decoder.decode(av.Packet(unit.payload))]
    return np.stack([frame.to_ndarray()[: frame.height] for frame in frames])


@pytest.mark.parametrize(("codec", "b_frames"), [("hevc", 0), ("h264", 2)])
def test_pictures_come_out_in_order_as_h264_with_keyframes(codec: str, b_frames: int) -> None:
    clip = make_clip(codec, width_px=320, height_px=180, b_frames=b_frames)
    made = run(clip, PictureTranscoder(codec, ()))
    stamps = [unit.pts for unit in made]
    assert len(made) >= len(clip.units) - 4  # the decoder keeps its reorder delay
    assert stamps == sorted(set(stamps))
    assert made[0].keyframe
    assert 2 <= sum(unit.keyframe for unit in made) <= 4  # 4 s of pictures
    assert luma(made).shape == (len(made), 180, 320)


def test_large_pictures_are_scaled_to_what_a_wall_shows() -> None:
    transcoder = PictureTranscoder("h264", ())
    run(make_clip(width_px=1920, height_px=1080, seconds_s=1), transcoder)
    assert (transcoder.width_px, transcoder.height_px) == (1280, LARGEST_HEIGHT_PX)


def test_a_privacy_mask_blackens_its_polygon_and_nothing_else() -> None:
    clip = make_clip(width_px=320, height_px=180, seconds_s=1, bright_box=(0.0, 0.5, 1.0, 1.0))
    mask = ((0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0))
    pictures = luma(run(clip, PictureTranscoder("h264", (mask,))))
    assert pictures[:, 100:, 8:150].max() < 40
    assert pictures[:, 100:, 170:].min() > 200


def test_a_broken_picture_raises_and_the_next_gop_plays() -> None:
    clip = make_clip(width_px=320, height_px=180, seconds_s=2)
    transcoder = PictureTranscoder("h264", ())
    with pytest.raises(av.error.FFmpegError):
        transcoder.transcode(AccessUnit(b"\x00\x00\x01\x67garbage", 0, 0, 0, True), encode=True)
    assert len(run(clip, transcoder)) >= 15
