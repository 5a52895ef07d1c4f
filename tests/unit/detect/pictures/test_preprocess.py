from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from detect.models.card import ColourOrder, ModelInput, PadPosition
from detect.pictures.frames import FrameCopy
from detect.pictures.preprocess import Preprocessor, to_bgr

Bytes = npt.NDArray[np.uint8]


def street(width_px: int, height_px: int) -> Bytes:
    """A smooth colourful BGR picture."""
    x, y = np.meshgrid(np.linspace(0, 1, width_px), np.linspace(0, 1, height_px))
    picture = np.stack([255 * x, 255 * y, 128 + 100 * np.sin(6 * x + 4 * y)], axis=2)
    return picture.astype(np.uint8)


def i420(picture_bgr: Bytes) -> FrameCopy:
    height_px, width_px = picture_bgr.shape[:2]
    packed = np.asarray(cv2.cvtColor(picture_bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
    flat = packed.reshape(-1)
    luma = height_px * width_px
    chroma = (height_px // 2, width_px // 2)
    return FrameCopy(
        packed[:height_px], flat[luma : luma * 5 // 4].reshape(chroma), flat[luma * 5 // 4 :].reshape(chroma)
    )


def filled(picture_bgr: Bytes, target: ModelInput, masks: tuple[tuple[tuple[float, float], ...], ...] = ()) -> Bytes:
    slot = np.full((target.height_px, target.width_px, 3), 7, np.uint8)
    height_px, width_px = picture_bgr.shape[:2]
    Preprocessor(target, width_px, height_px, masks).fill(i420(picture_bgr), slot)
    return slot


@pytest.mark.parametrize("size", [(1280, 720), (768, 576), (1920, 1080), (320, 240)])
@pytest.mark.parametrize("order", ColourOrder)
def test_planes_resized_and_converted_equal_the_converted_picture_resized(
    size: tuple[int, int], order: ColourOrder
) -> None:
    target = ModelInput(width_px=640, height_px=384, color=order)
    picture = street(*size)
    slot = filled(picture, target)
    scale = min(640 / size[0], 384 / size[1])
    width_px, height_px = round(size[0] * scale), round(size[1] * scale)
    left, top = (640 - width_px) // 2, (384 - height_px) // 2
    reference = np.asarray(cv2.resize(picture, (width_px, height_px)), np.int16)
    if order is ColourOrder.RGB:
        reference = reference[:, :, ::-1]
    difference = np.abs(slot[top : top + height_px, left : left + width_px].astype(np.int16) - reference)
    assert difference.mean() < 2.5
    assert np.percentile(difference, 99) <= 8


def test_rest_of_the_slot_is_padding_even_if_it_held_another_picture() -> None:
    target = ModelInput(width_px=640, height_px=384, pad_value=114)
    slot = filled(street(768, 576), target)
    assert (slot[:, :64] == 114).all()
    assert (slot[:, 576:] == 114).all()
    assert not (slot[:, 64:576] == 114).all()


def test_top_left_letterbox_pads_below() -> None:
    target = ModelInput(width_px=416, height_px=416, pad_position=PadPosition.TOP_LEFT)
    slot = filled(street(768, 576), target)
    assert (slot[312:] == 114).all()
    assert not (slot[:312] == 114).all(axis=(1, 2)).any()


def test_masks_are_black_before_anything_sees_the_picture() -> None:
    target = ModelInput(width_px=640, height_px=384)
    left_half = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    slot = filled(np.full((720, 1280, 3), 200, np.uint8), target, (left_half,))
    assert not slot[12:372, :320].any()
    assert (slot[12:372, 322:] > 150).all()


def test_snapshot_has_full_size_true_colours_and_masks() -> None:
    picture = street(1280, 720)
    corner = ((0.0, 0.0), (0.25, 0.0), (0.25, 0.25), (0.0, 0.25))
    snapshot = to_bgr(i420(picture), (corner,))
    assert snapshot.shape == (720, 1280, 3)
    assert not snapshot[:180, :320].any()
    assert np.abs(snapshot[200:].astype(np.int16) - picture[200:]).mean() < 3


def test_odd_sized_picture_is_taken() -> None:
    copy = FrameCopy(np.full((241, 321), 128, np.uint8), *(np.full((121, 161), 128, np.uint8) for _ in range(2)))
    slot = np.zeros((384, 640, 3), np.uint8)
    Preprocessor(ModelInput(width_px=640, height_px=384), 321, 241).fill(copy, slot)
    assert 120 < slot[192, 320].mean() < 140
    assert to_bgr(copy).shape == (240, 320, 3)
