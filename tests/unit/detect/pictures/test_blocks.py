from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from detect.models.card import ModelInput, PadPosition
from detect.pictures.frames import FrameCopy
from detect.pictures.preprocess import Polygons, Preprocessor

Bytes = npt.NDArray[np.uint8]
OUTSIDE = [16, 16, 16, 16, 128, 128]


def noise(width_px: int, height_px: int) -> FrameCopy:
    random = np.random.default_rng(width_px)
    half = ((height_px + 1) // 2, (width_px + 1) // 2)
    return FrameCopy(*(random.integers(0, 256, shape, np.uint8) for shape in ((height_px, width_px), half, half)))


def both(target: ModelInput, planes: FrameCopy, left: int, masks: Polygons = ()) -> tuple[Bytes, Bytes]:
    """The same picture in a slot of blocks and one of pixels, by one preprocessor; they held other pictures before."""
    preprocessor = Preprocessor(target, planes.y.shape[1], planes.y.shape[0], masks)
    blocks = np.full((target.height_px // 2 + 1, target.width_px // 2 + left, 6), 7, np.uint8)
    pixels = np.full((target.height_px, target.width_px, 3), 7, np.uint8)
    preprocessor.fill(planes, blocks)
    preprocessor.fill(planes, pixels)
    return blocks, pixels


def converted(blocks: Bytes, target: ModelInput) -> Bytes:
    """A slot of blocks as OpenCV makes RGB of its planes."""
    inner = blocks[1:, blocks.shape[1] - target.width_px // 2 :]
    luma = np.empty((target.height_px, target.width_px), np.uint8)
    for channel in range(4):
        luma[channel // 2 :: 2, channel % 2 :: 2] = inner[..., channel]
    packed = np.concatenate([luma.reshape(-1), inner[..., 4].reshape(-1), inner[..., 5].reshape(-1)])
    return np.asarray(cv2.cvtColor(packed.reshape(-1, target.width_px), cv2.COLOR_YUV2RGB_I420), np.uint8)


@pytest.mark.parametrize("size", [(1280, 720), (704, 576), (321, 241), (1920, 800), (640, 384)])
@pytest.mark.parametrize("left", [1, 2])
def test_blocks_hold_the_picture_that_pixels_hold(size: tuple[int, int], left: int) -> None:
    """704x576 would begin in column 85, in the midst of a block."""
    target = ModelInput(width_px=640, height_px=384, pad_value=114)
    blocks, pixels = both(target, noise(*size), left)
    assert (blocks[0] == OUTSIDE).all()
    assert (blocks[:, :left] == OUTSIDE).all()
    difference = np.abs(converted(blocks, target).astype(int) - pixels)
    assert difference.max() <= 1  # grey of the padding; the picture itself is the same to the bit
    box = Preprocessor(target, *size).letterbox
    inside = slice(box.top_px, box.top_px + box.height_px), slice(box.left_px, box.left_px + box.width_px)
    assert not difference[inside].any()


def test_slots_may_be_views_and_what_lies_beside_them_stays() -> None:
    target = ModelInput(width_px=64, height_px=32, pad_position=PadPosition.TOP_LEFT)
    room = np.full((3, 17, 33, 6), 7, np.uint8)
    Preprocessor(target, 64, 32).fill(noise(64, 32), room[1])
    assert (room[[0, 2]] == 7).all()
    assert not (room[1] == 7).all()


def test_masks_hide_every_pixel_that_they_hide_in_pixels_and_its_colour() -> None:
    target = ModelInput(width_px=640, height_px=384)
    corner, kite = ((0.0, 0.0), (0.21, 0.0), (0.21, 0.33), (0.0, 0.33)), ((0.5, 0.5), (0.61, 0.7), (0.5, 1.0))
    planes = FrameCopy(np.full((720, 1280), 200, np.uint8), *(np.full((360, 640), 90, np.uint8) for _ in range(2)))
    blocks, pixels = both(target, planes, 1, (corner, kite))
    hidden = (pixels == 0).all(axis=2)
    assert 0.05 < hidden.mean() < 0.2
    seen = converted(blocks, target)
    assert not seen[hidden].any()
    assert (seen[~hidden].max(axis=1) > 100).all()
    whole = np.abs(seen.astype(int) - pixels).max(axis=2)[12:372]
    assert (whole > 0).mean() < 0.005, "only colours of pixels beside a mask differ"


def test_what_is_looked_at_is_the_picture_without_masks_and_padding() -> None:
    target, everything = ModelInput(width_px=640, height_px=384), ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    preprocessor = Preprocessor(target, 1280, 720, (everything,))
    blocks = np.empty((193, 321, 6), np.uint8)
    preprocessor.fill(FrameCopy(*(np.full((720 // part, 1280 // part), 200, np.uint8) for part in (1, 2, 2))), blocks)
    assert preprocessor.luma.shape == (360, 640)
    assert (preprocessor.luma == 200).all()
    assert (blocks[7:187] == OUTSIDE).all()
