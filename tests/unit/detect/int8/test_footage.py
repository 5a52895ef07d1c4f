from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detect.int8.footage import Footage, from_folder, from_videos, read_labels, spread
from detect.models.card import ModelInput
from kernel.errors import BadInputError

TARGET = ModelInput(width_px=64, height_px=32)
STEP = 20  # brightness from one picture to the next: I420 has its own rounding


def grey(level: int, width_px: int = 128, height_px: int = 64) -> np.ndarray:
    return np.full((height_px, width_px, 3), level, np.uint8)


def folder_of(tmp_path: Path, count: int) -> Path:
    folder = tmp_path / "frames"
    for index in range(count):
        place = folder / f"cam-{index % 2}"
        place.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place / f"{index:03}.png"), grey(STEP * index))
    return folder


def levels(footage: Footage) -> tuple[list[int], list[int]]:
    parts = (footage.calibration, footage.held_out)
    calibration, held_out = ([round(float(one.pixels.mean()) / STEP) for one in part] for part in parts)
    return calibration, held_out


def test_every_third_picture_of_a_folder_judges_and_does_not_calibrate(tmp_path: Path) -> None:
    footage = from_folder(folder_of(tmp_path, 12), None, 1, TARGET, 100)
    calibration, held_out = levels(footage)
    assert held_out == [4, 10, 5, 11]  # cam-0: 0 2 4 6 8 10, then cam-1: 1 3 5 7 9 11
    assert sorted(calibration + held_out) == list(range(12))
    assert footage.source == "folder frames"
    assert all(one.truth is None and one.pixels.shape == (32, 64, 3) for one in footage.held_out)


def test_what_calibrated_can_be_told_again(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 12)
    first, again = (from_folder(folder, None, 1, TARGET, 100).sha256() for _ in range(2))
    assert first == again
    cv2.imwrite(str(folder / "cam-0" / "000.png"), grey(200))
    assert from_folder(folder, None, 1, TARGET, 100).sha256() != first


def test_of_many_files_some_are_taken_from_everywhere() -> None:
    files = [Path(str(index)) for index in range(10)]
    assert [int(str(file)) for file in spread(files, 4)] == [0, 2, 5, 7]
    assert spread(files, 20) == files


def test_labels_lie_as_the_pictures_do(tmp_path: Path) -> None:
    folder, labels = folder_of(tmp_path, 12), tmp_path / "labels"
    (labels / "cam-0").mkdir(parents=True)
    (labels / "cam-0" / "004.txt").write_text("1 0.5 0.5 0.25 0.5\n0 0.25 0.25 0.5 0.5\n")
    footage = from_folder(folder, labels, 2, TARGET, 100)
    truth = footage.held_out[0].truth
    assert truth is not None
    np.testing.assert_allclose(truth.boxes_xyxy, [[48, 16, 80, 48], [0, 0, 64, 32]])
    assert truth.class_id.tolist() == [1, 0]
    assert not truth.ignored.any()
    without = footage.held_out[1].truth
    assert without is not None
    assert len(without.boxes_xyxy) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2 0.5 0.5 1 1", "class 2, the model has 0 to 1"),
        ("-1 0.5 0.5 1 1", "the model has 0 to 1"),
        ("1 0.5 0.5 1", "no YOLO label file"),
        ("car 0.5 0.5 1 1", "no YOLO label file"),
        ("\x00\x01", "no YOLO label file"),
        ("1 0.5 0.5 1 1 0.9\n1 0.5 0.5 1 1 0.9", "no YOLO label file"),
        ("1 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2 0.1", "no YOLO label file"),
        ("0.5 0.5 0.5 1 1", "no YOLO label file"),
        ("1 50 50 100 100", "no YOLO label file"),
        ("1 0.5 0.5 nan 1", "no YOLO label file"),
    ],
)
def test_labels_of_something_else_are_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text(text)
    with pytest.raises(BadInputError, match=said) as refused:
        read_labels(file, 2, 100, 100)
    assert str(file) in str(refused.value)


def test_pictures_of_odd_size_lose_a_row_and_a_column(tmp_path: Path) -> None:
    for index in range(3):
        cv2.imwrite(str(tmp_path / f"{index}.png"), grey(90, 101, 51))
    footage = from_folder(tmp_path, None, 1, TARGET, 100)
    box = footage.held_out[0].letterbox
    assert (box.source_width_px, box.source_height_px) == (100, 50)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: None, "no such folder"),
        (lambda folder: folder.mkdir(), "no pictures in it"),
        (lambda folder: folder_of(folder.parent, 2), "too few pictures"),
        (lambda folder: (folder.mkdir(), (folder / "a.jpg").write_bytes(b"no picture")), "cannot be read as a picture"),
        (lambda folder: (folder.mkdir(), (folder / "a.jpg").touch()), "cannot be read as a picture"),
    ],
)
def test_a_folder_that_is_of_no_use_is_named(tmp_path: Path, make, said: str) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "frames")
    with pytest.raises(BadInputError, match=said):
        from_folder(tmp_path / "frames", None, 1, TARGET, 100)


def test_a_folder_of_labels_without_labels_is_named(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    with pytest.raises(BadInputError, match="no label files in it"):
        from_folder(folder_of(tmp_path, 6), tmp_path / "labels", 1, TARGET, 100)


def film_of(file: Path, count: int) -> Path:
    """A film whose frames grow brighter."""
    with av.open(str(file), "w") as film:
        stream = film.add_stream("mpeg4", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv420p"
        for index in range(count):
            for packet in stream.encode(av.VideoFrame.from_ndarray(grey(8 * index), format="bgr24")):
                film.mux(packet)
        for packet in stream.encode(None):
            film.mux(packet)
    return file


def test_the_last_third_of_a_film_judges(tmp_path: Path) -> None:
    """Neighbouring frames are alike: one picked from between those that calibrated would judge too kindly."""
    footage = from_videos([film_of(tmp_path / "gate.mp4", 30)], TARGET, 15)
    calibration, held_out = levels(footage)
    assert (len(calibration), len(held_out)) == (10, 5)
    assert calibration + held_out == sorted(calibration + held_out)
    assert calibration[-1] < held_out[0]
    assert footage.source == "video gate.mp4"


def test_frames_are_taken_up_to_a_films_end(tmp_path: Path) -> None:
    """Of a film with less than twice the frames wanted only the beginning was taken."""
    footage = from_videos([film_of(tmp_path / "gate.mp4", 30)], TARGET, 20)
    calibration, held_out = levels(footage)
    assert (len(calibration), len(held_out)) == (14, 6)
    assert max(held_out) >= 28 * 8 // STEP


def test_what_is_no_film_is_named(tmp_path: Path) -> None:
    file = tmp_path / "gate.mp4"
    for make in (lambda: None, lambda: file.write_bytes(b"no film")):
        make()
        with pytest.raises(BadInputError, match=r"gate\.mp4: cannot be read as a film"):
            from_videos([file], TARGET, 10)
