from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.models.card import ModelInput, PadPosition
from detect.pictures.letterbox import Letterbox

SIXTEEN_NINE = ModelInput(width_px=640, height_px=384)


@pytest.mark.parametrize(
    ("source", "position", "expected"),
    [
        ((1280, 720), PadPosition.CENTRE, (0, 12, 640, 360)),
        ((1280, 720), PadPosition.TOP_LEFT, (0, 0, 640, 360)),
        ((768, 576), PadPosition.CENTRE, (64, 0, 512, 384)),
        ((1920, 1080), PadPosition.CENTRE, (0, 12, 640, 360)),
        ((320, 180), PadPosition.CENTRE, (0, 12, 640, 360)),
        ((704, 576), PadPosition.TOP_LEFT, (0, 0, 470, 384)),
    ],
)
def test_picture_fills_the_input_as_far_as_its_proportions_allow(
    source: tuple[int, int], position: PadPosition, expected: tuple[int, int, int, int]
) -> None:
    box = Letterbox.fit(*source, SIXTEEN_NINE.model_copy(update={"pad_position": position}))
    assert (box.left_px, box.top_px, box.width_px, box.height_px) == expected


def test_boxes_come_back_in_source_pixels() -> None:
    box = Letterbox.fit(1280, 720, SIXTEEN_NINE)
    found = box.to_source(np.array([[0, 12, 640, 372], [100, 112, 200, 212]], np.float32))
    np.testing.assert_allclose(found, [[0, 0, 1280, 720], [200, 200, 400, 400]])


def test_boxes_are_cut_off_at_the_edges_of_the_picture() -> None:
    box = Letterbox.fit(1280, 720, SIXTEEN_NINE)
    np.testing.assert_allclose(box.to_source(np.array([[-9, 0, 700, 384]], np.float32)), [[0, 0, 1280, 720]])


@given(
    source=st.tuples(st.integers(16, 4096), st.integers(16, 2304)),
    target=st.tuples(st.integers(2, 40), st.integers(2, 40)),
    position=st.sampled_from(PadPosition),
    corner=st.tuples(st.floats(0.0, 0.4), st.floats(0.0, 0.4)),
    far=st.tuples(st.floats(0.6, 1.0), st.floats(0.6, 1.0)),
)
def test_any_box_survives_the_way_there_and_back(
    source: tuple[int, int],
    target: tuple[int, int],
    position: PadPosition,
    corner: tuple[float, float],
    far: tuple[float, float],
) -> None:
    model_input = ModelInput(width_px=32 * target[0], height_px=32 * target[1], pad_position=position)
    box = Letterbox.fit(*source, model_input)
    assert box.width_px % 2 == box.height_px % 2 == 0
    assert 0 <= box.left_px <= box.left_px + box.width_px <= model_input.width_px
    assert 0 <= box.top_px <= box.top_px + box.height_px <= model_input.height_px
    size = np.array([*source, *source])
    inner = np.array([box.width_px, box.height_px, box.width_px, box.height_px])
    offset = np.array([box.left_px, box.top_px, box.left_px, box.top_px])
    fractions = np.array([*corner, *far])
    there = (fractions * inner + offset).astype(np.float32)
    np.testing.assert_allclose(box.to_source(there[None])[0], fractions * size, atol=1e-3 * max(source))
