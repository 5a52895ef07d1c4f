from __future__ import annotations

import numpy as np
import pytest

from ingest.mask import Plane, PrivacyMask

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))


def planes(width_px: int, height_px: int, value: int = 200) -> tuple[Plane, Plane, Plane]:
    chroma = ((height_px + 1) // 2, (width_px + 1) // 2)
    return (
        np.full((height_px, width_px), value, np.uint8),
        np.full(chroma, value, np.uint8),
        np.full(chroma, value, np.uint8),
    )


@pytest.mark.parametrize(("width_px", "height_px"), [(64, 48), (65, 49), (1280, 720)])
def test_the_polygon_is_black_and_the_rest_untouched(width_px: int, height_px: int) -> None:
    y, u, v = planes(width_px, height_px)
    PrivacyMask([SQUARE]).blacken(y, u, v)
    inside = (slice(int(height_px * 0.26), int(height_px * 0.74)), slice(int(width_px * 0.26), int(width_px * 0.74)))
    assert (y[inside] == 16).all()
    outside = y.copy()
    outside[
        int(height_px * 0.25) - 3 : int(height_px * 0.75) + 5, int(width_px * 0.25) - 3 : int(width_px * 0.75) + 5
    ] = 200
    assert (outside == 200).all()
    assert u[u.shape[0] // 2, u.shape[1] // 2] == v[v.shape[0] // 2, v.shape[1] // 2] == 128


def test_no_luma_is_left_under_a_neutral_chroma_sample() -> None:
    y, u, v = planes(66, 50)
    PrivacyMask([((0.1, 0.1), (0.5, 0.13), (0.3, 0.6))]).blacken(y, u, v)
    covered = np.repeat(np.repeat(u == 128, 2, axis=0), 2, axis=1)[:50, :66]
    assert covered.any()
    assert (y[covered] == 16).all()
    assert ((u == 128) == (v == 128)).all()


def test_full_range_black_is_zero() -> None:
    y, u, v = planes(64, 48)
    PrivacyMask([SQUARE]).blacken(y, u, v, full_range=True)
    assert y[24, 32] == 0


def test_the_mask_follows_a_new_picture_size() -> None:
    mask = PrivacyMask([SQUARE])
    for width_px, height_px in ((64, 48), (128, 96)):
        y, u, v = planes(width_px, height_px)
        mask.blacken(y, u, v)
        assert y[height_px // 2, width_px // 2] == 16
        assert y[0, 0] == 200


def test_no_polygon_means_no_change() -> None:
    y, u, v = planes(64, 48)
    mask = PrivacyMask([])
    assert not mask
    mask.blacken(y, u, v)
    assert (y == 200).all()
