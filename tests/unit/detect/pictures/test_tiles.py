from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect.boxes.detections import Detections
from detect.boxes.nms import pairwise_iou
from detect.models.card import ModelInput
from detect.pictures.frames import FrameCopy
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import Preprocessor
from detect.pictures.tile_merge import merge_tiles
from detect.pictures.tiled_input import TiledInput
from detect.pictures.tiles import Tile, most_pictures, tiles_of

TARGET = ModelInput(width_px=640, height_px=384)
WIDTH_PX, HEIGHT_PX = 3840, 2160
TILES = tiles_of(WIDTH_PX, HEIGHT_PX, "3x3", 0.2, TARGET)
Box = tuple[float, float, float, float]


@given(st.integers(200, 8000), st.integers(200, 5000), st.integers(1, 4), st.integers(1, 4), st.floats(0.05, 0.5))
def test_tiles_cover_the_picture_are_even_and_overlap(
    width_px: int, height_px: int, columns: int, rows: int, overlap: float
) -> None:
    tiles = tiles_of(width_px, height_px, f"{columns}x{rows}", overlap, TARGET)
    assert len(tiles) == (columns * rows if columns * rows > 1 else 0)
    if not tiles:
        return
    seen = np.zeros((height_px & ~1, width_px & ~1), np.bool_)
    for tile in tiles:
        assert not any(number % 2 for number in (tile.left_px, tile.top_px, tile.width_px, tile.height_px))
        seen[tile.top_px : tile.bottom_px, tile.left_px : tile.right_px] = True
    assert seen.all()
    if columns > 1:
        assert tiles[0].right_px - tiles[1].left_px >= overlap * tiles[0].width_px - 4


@pytest.mark.parametrize(
    ("size_px", "grid"), [((1280, 720), 0), ((1920, 1080), 0), ((2560, 1440), 4), ((3840, 2160), 9), ((7680, 4320), 16)]
)
def test_auto_tiles_pictures_that_are_shrunk_much(size_px: tuple[int, int], grid: int) -> None:
    assert len(tiles_of(*size_px, "auto", 0.2, TARGET)) == grid
    assert grid < most_pictures("auto")


def test_a_frame_costs_its_tiles_and_the_whole_picture() -> None:
    assert [most_pictures(tiles) for tiles in ("off", "3x2", "auto")] == [1, 7, 17]


def ideal(boxes: Sequence[Box], tile: Tile, least_px: float, least_share: float = 0.2) -> Detections:
    """What a perfect model finds on a part: what shows of each object, if enough of it does."""
    part = np.array([tile.left_px, tile.top_px, tile.right_px, tile.bottom_px], np.float64)
    truth = np.array(boxes, np.float64).reshape(-1, 4)
    shown = np.concatenate((np.maximum(truth[:, :2], part[:2]), np.minimum(truth[:, 2:], part[2:])), axis=1)
    sides, all_sides = np.clip(shown[:, 2:] - shown[:, :2], 0, None), truth[:, 2:] - truth[:, :2]
    is_found = (sides.min(axis=1) >= least_px) & (sides.prod(axis=1) >= least_share * all_sides.prod(axis=1))
    count = int(is_found.sum())
    return Detections.of(shown[is_found] - np.tile(part[:2], 2), np.full(count, 0.8), np.zeros(count))


def merged(boxes: Sequence[Box], whole_least_px: float) -> Detections:
    whole = ideal(boxes, Tile(0, 0, WIDTH_PX, HEIGHT_PX), whole_least_px)
    return merge_tiles(whole, [ideal(boxes, tile, 8.0) for tile in TILES], TILES)


def assert_each_once(found: Detections, boxes: Sequence[Box]) -> None:
    assert len(found) == len(boxes)
    if boxes:
        overlap = pairwise_iou(np.array(boxes, np.float32), found.boxes_xyxy)
        assert overlap.max(axis=1).min() > 0.95
        assert len(set(overlap.argmax(axis=1).tolist())) == len(boxes)


@st.composite
def scenes(draw: st.DrawFn) -> list[Box]:
    """Objects that do not lie over one another, small and large, anywhere, many of them on seams."""
    cells = draw(st.lists(st.integers(0, 39), unique=True, max_size=14))
    boxes = []
    for cell in cells:
        x, y = 480 * (cell % 8), 432 * (cell // 8)
        width, height = draw(st.floats(16, 460)), draw(st.floats(24, 420))
        left, top = x + draw(st.floats(0, 1)) * (470 - width), y + draw(st.floats(0, 1)) * (425 - height)
        boxes.append((left, top, left + width, top + height))
    return boxes


@settings(max_examples=60, deadline=None)
@given(scenes(), st.sampled_from([40.0, 100.0, 5000.0]))
def test_every_object_is_found_once_whatever_seams_cut(boxes: list[Box], whole_least_px: float) -> None:
    assert_each_once(merged(boxes, whole_least_px), boxes)


def test_an_object_longer_than_the_strips_is_joined_over_seams_where_the_whole_picture_misses_it() -> None:
    lorry: Box = (700, 900, 3100, 1100)
    assert_each_once(merged([lorry], 5000.0), [lorry])


def test_two_who_stand_on_either_side_of_a_strip_stay_two() -> None:
    strip_px = (TILES[1].left_px, TILES[0].right_px)
    boxes: list[Box] = [(strip_px[0] - 30, 300, strip_px[0] + 30, 400), (strip_px[1] - 30, 300, strip_px[1] + 30, 400)]
    assert_each_once(merged(boxes, 40.0), boxes)


def test_two_who_stand_close_stay_two_though_the_whole_picture_sees_one() -> None:
    boxes: list[Box] = [(500, 300, 540, 400), (545, 300, 585, 400)]
    whole = Detections.of([(500, 300, 585, 400)], [0.9], [0])
    assert_each_once(merge_tiles(whole, [ideal(boxes, tile, 8.0) for tile in TILES], TILES), boxes)


def test_something_small_that_only_the_whole_picture_shows_is_a_mistake_something_large_is_not() -> None:
    whole = Detections.of([(500, 300, 540, 400), (400, 400, 1600, 1000)], [0.9, 0.9], [0, 0])
    assert_each_once(merge_tiles(whole, [Detections.empty()] * 9, TILES), [(400, 400, 1600, 1000)])


def test_a_lorry_that_the_whole_picture_takes_for_a_car_is_one_and_what_the_surer_says() -> None:
    box: Box = (500, 300, 620, 400)
    found = [ideal([box], tile, 8.0) for tile in TILES]
    whole = Detections.of([box], [0.9], [1])
    together = merge_tiles(whole, found, TILES)
    assert together.class_id.tolist() == [1]


def test_nothing_found_anywhere_is_nothing() -> None:
    assert len(merge_tiles(Detections.empty(), [Detections.empty()] * 9, TILES)) == 0


def test_a_tiled_frame_is_found_on_as_its_pictures_are_and_its_masks_lie_where_they_did() -> None:
    target = ModelInput(width_px=64, height_px=64)
    height_px, width_px = 256, 384
    luma = np.full((height_px, width_px), 100, np.uint8)
    luma[100:140, 200:230] = 235
    chroma = np.full((height_px // 2, width_px // 2), 128, np.uint8)
    frame = FrameCopy(luma, chroma, chroma)
    mask = ((0.0, 0.0), (0.25, 0.0), (0.25, 1.0), (0.0, 1.0))
    tiles = tiles_of(width_px, height_px, "3x2", 0.2, target)
    tiled = TiledInput(Preprocessor, target, width_px, height_px, (mask,), tiles)
    slots = np.empty((9, 64, 64, 3), np.uint8)
    letterboxes = tiled.fill(frame, slots, 2, 7)
    assert len(letterboxes) == tiled.pictures == 7
    found = [bright(slots[2 + index], box) for index, box in enumerate(letterboxes)]
    together = tiled.merge(found)
    assert len(together) == 1
    assert together.boxes_xyxy[0] == pytest.approx((200, 100, 230, 140), abs=4)
    masked = [slots[3 + index].min() < 30 for index in range(6)]
    assert masked == [tile.left_px < 0.25 * width_px for tile in tiles]
    assert tiled.fill(frame, slots, 0, 6) == letterboxes[:1], "a frame that has no room is put in whole"


def bright(picture: npt.NDArray[np.uint8], box: Letterbox) -> Detections:
    rows, columns = np.nonzero(picture[..., 0] > 160)
    if not len(rows):
        return Detections.empty()
    corners = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)
    return Detections.of(box.to_source(corners), [0.9], [0])
