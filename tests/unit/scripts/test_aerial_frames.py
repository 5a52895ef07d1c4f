from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from scripts.aerial_frames import boxes_of, main
from scripts.district.dataset import make_dataset
from scripts.district.scene import CLASSES
from scripts.training_crops import read_labels, to_xyxy_px
from scripts.vehicle.eye.view import HEIGHT_PX, WIDTH_PX, Sighting


def person(left: float, top: float, right: float, bottom: float) -> Sighting:
    return Sighting("person", (left, top, right, bottom), 0.0, 0.0, 1)


def test_boxes_end_at_the_pictures_edges_and_count_by_what_is_left() -> None:
    inside, half, sliver, small = boxes_of(
        [person(100, 100, 120, 140), person(-10, 50, 10, 90), person(630, 0, 700, 40), person(5, 5, 9, 10)]
    )
    assert inside.xyxy == (100, 100, 120, 140)
    assert inside.counts
    assert (half.xyxy, half.visible, half.counts) == ((0, 50, 10, 90), 0.5, True)
    assert not sliver.counts
    assert not small.counts
    assert inside.class_id == CLASSES.index("person")


def test_what_is_not_of_a_class_or_outside_is_left_out() -> None:
    dog = Sighting("dog", (10, 10, 30, 30), 0.0, 0.0, 1)
    assert boxes_of([dog, person(WIDTH_PX + 1, 0, WIDTH_PX + 9, 20), person(0, HEIGHT_PX - 1, 20, 500)]) == []


def test_pictures_join_a_training_set_with_labels_where_somebody_is(tmp_path: Path) -> None:
    make_dataset(tmp_path, 5, 0, 1, 0.0, lambda _line: None)
    assert main(["--out", str(tmp_path), "--count", "3", "--seed", "9", "--workers", "1"]) == 0
    images = sorted((tmp_path / "images" / "train").glob("*.jpg"))
    assert len(images) == 3
    boxes = 0
    for image in images:
        picture = np.asarray(cv2.imread(str(image)), np.uint8)
        assert picture.shape == (HEIGHT_PX, WIDTH_PX, 3)
        labels = read_labels(tmp_path / "labels" / "train" / f"{image.stem}.txt")
        for x0, y0, x1, y1 in to_xyxy_px(labels, WIDTH_PX, HEIGHT_PX).round().astype(int):
            boxes += 1
            assert picture[y0:y1, x0:x1].std() > 3.0, "a box round nobody"
    assert boxes >= 2


def test_a_folder_that_is_no_training_set_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path)]) == 2
    assert "no training set" in capsys.readouterr().err
