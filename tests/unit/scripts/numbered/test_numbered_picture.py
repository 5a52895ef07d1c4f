"""Numbers drawn in pictures are read back, from what an encoder leaves of them too; other pictures read as none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.numbered.picture import BITS, draw_number, read_number


@given(st.integers(0, (1 << BITS) - 1))
def test_a_number_is_read_back_from_a_poor_jpeg(number: int) -> None:
    picture = np.full((64, 256, 3), 128, np.uint8)
    draw_number(picture, number)
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 25])
    assert read_number(np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE))) == number


def test_other_pictures_have_no_number() -> None:
    assert read_number(np.zeros((720, 1280), np.uint8)) is None
    assert read_number(np.zeros((8, 8), np.uint8)) is None
    half_covered = np.full((64, 256), 128, np.uint8)
    draw_number(half_covered, 77)
    half_covered[:, 100:] = 16
    assert read_number(half_covered) is None


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        draw_number(np.zeros((64, 256), np.uint8), 1 << BITS)
