"""Rendered loops and training frames: what the truth says is what the pictures show."""

from __future__ import annotations

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from scripts.district.dataset import draw_job, make_dataset
from scripts.district.library import load_truth, render_camera
from scripts.district.scene import CLASSES
from scripts.district.video_file import read_video

pytestmark = pytest.mark.integration
FRAMES = 90


def test_boxes_lie_where_the_encoded_picture_changes(tmp_path: Path) -> None:
    render_camera(tmp_path, 11, "cam-01", FRAMES)
    header, units = read_video(tmp_path / "cam-01" / "main.lkv")
    assert (header.codec, header.width_px, header.height_px, header.frames) == ("h264", 1280, 720, FRAMES)
    assert [i for i, unit in enumerate(units) if unit.keyframe] == list(range(0, FRAMES, 15))
    sub_header, _ = read_video(tmp_path / "cam-01" / "sub.lkv")
    assert (sub_header.width_px, sub_header.height_px, sub_header.frames) == (640, 360, FRAMES)
    truth = load_truth(tmp_path / "cam-01")
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    pictures = [f for unit in units for f in decoder.decode(av.Packet(unit.data))] + decoder.decode(None)
    grey = [picture.to_ndarray(format="gray").astype(np.int16) for picture in pictures]
    assert len(grey) == FRAMES
    empty = grey[0]
    moving = 0
    for picture, frame in zip(grey[30::20], truth.frames[30::20], strict=True):
        boxes = frame["boxes"]
        assert isinstance(boxes, list)
        for box in boxes:
            x0, y0, x1, y1 = (round(v) for v in box["box_xyxy"])
            if box["actor"] >= 1000 or not box["counts"]:
                continue
            moving += 1
            changed = np.abs(picture[y0:y1, x0:x1] - empty[y0:y1, x0:x1]) > 18
            assert changed.mean() > 0.12, f"nothing is where the truth has {box}"
    assert moving >= 3


def test_a_dataset_has_labels_for_what_counts_and_a_list_of_what_does_not(tmp_path: Path) -> None:
    assert make_dataset(tmp_path, 3, 2, 1, 0.5, lambda line: None) == 3
    pictures = sorted(tmp_path.glob("images/*/*.jpg"))
    assert [path.parent.name for path in pictures] == ["train", "train", "val"]
    assert f"names:\n  0: {CLASSES[0]}\n" in (tmp_path / "data.yaml").read_text()
    labels = 0
    for path in pictures:
        picture = cv2.imread(str(path))
        assert picture is not None
        assert picture.shape == (720, 1280, 3)
        for line in (tmp_path / "labels" / path.parent.name / f"{path.stem}.txt").read_text().splitlines():
            class_id, *box = line.split()
            assert 0 <= int(class_id) < len(CLASSES)
            assert all(0 <= float(value) <= 1 for value in box)
            labels += 1
        for left_out in json.loads((tmp_path / "ignore" / path.parent.name / f"{path.stem}.json").read_text()):
            x0, y0, x1, y1 = left_out["box_xyxy"]
            assert left_out["visible"] < 0.5 or (x1 - x0) * (y1 - y0) < 16**2 + 20
    assert labels >= 3


def test_the_same_seed_draws_the_same_frames(tmp_path: Path) -> None:
    from scripts.district.dataset import Job

    for name in ("a", "b"):
        for kind in ("images", "labels", "ignore"):
            (tmp_path / name / kind / "train").mkdir(parents=True)
        draw_job(Job(tmp_path / name, "train", 9, 4, 1))
    first, second = (sorted((tmp_path / name / "images" / "train").iterdir()) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
