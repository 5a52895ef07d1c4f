"""An operator's own pictures as a model takes them: one part calibrates int8, the other judges what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from detect.boxes.average_precision import FrameTruth
from detect.models.card import ModelInput
from detect.pictures.frames import FrameCopy
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import Preprocessor
from kernel.errors import BadInputError

Bytes = npt.NDArray[np.uint8]
PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
HELD_OUT_SHARE = 3  # one picture of so many judges; of a film its last part, since neighbours are alike


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture as a model takes it.

    Attributes:
        pixels: uint8 (height, width, 3) of the model's input.
        letterbox: where the picture lies in it.
        truth: what is to be seen, in pixels of the source; None where nobody said.
    """

    pixels: Bytes
    letterbox: Letterbox
    truth: FrameTruth | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """What there is to calibrate with, and, apart from that, to judge by.

    Attributes:
        source: whose pictures they are, for the card.
    """

    calibration: tuple[Picture, ...]
    held_out: tuple[Picture, ...]
    source: str

    @classmethod
    def of(cls, taken: Iterable[tuple[Picture, bool]], source: str) -> Footage:
        """Pictures, each with whether it is held out.

        Raises:
            BadInputError: one of the two parts is empty.
        """
        parts: tuple[list[Picture], list[Picture]] = [], []
        for picture, is_held_out in taken:
            parts[is_held_out].append(picture)
        if not all(parts):
            raise BadInputError(
                f"{source}: too few pictures to calibrate by some and judge by others; bring 30 or more"
            )
        return cls(tuple(parts[0]), tuple(parts[1]), source)

    def sha256(self) -> str:
        """Of the pictures that calibrate, as the model takes them."""
        digest = hashlib.sha256()
        for picture in self.calibration:
            digest.update(picture.pixels.data)
        return digest.hexdigest()


class PictureMaker:
    """Makes pictures for one model."""

    def __init__(self, target: ModelInput) -> None:
        self._target = target
        self._by_size: dict[tuple[int, int], Preprocessor] = {}

    def of_planes(self, planes: FrameCopy, truth: FrameTruth | None = None) -> Picture:
        """A picture of I420 planes."""
        size_px = planes.y.shape[1], planes.y.shape[0]
        if size_px not in self._by_size:
            self._by_size[size_px] = Preprocessor(self._target, *size_px)
        preprocessor = self._by_size[size_px]
        pixels = np.empty((self._target.height_px, self._target.width_px, 3), np.uint8)
        preprocessor.fill(planes, pixels)
        return Picture(pixels, preprocessor.letterbox, truth)


def from_folder(folder: Path, labels: Path | None, classes: int, target: ModelInput, most: int) -> Footage:
    """Pictures of a folder and what lies below it, spread evenly over their names; every third is held out.

    Args:
        folder: JPEG, PNG, BMP or WebP files.
        labels: YOLO label files (class, centre, size as shares), named and laid out as the pictures are.
        classes: how many the model knows.
        target: the model's input.
        most: pictures to take.

    Raises:
        BadInputError: no folder, no pictures, no labels, or one that cannot be read.
    """
    files = sorted(file for file in _below(folder) if file.suffix.lower() in PICTURES)
    if not files:
        raise BadInputError(f"{folder}: no pictures in it (.jpg, .png, .bmp, .webp); name a folder of pictures")
    if labels is not None and not any(file.suffix == ".txt" for file in _below(labels)):
        raise BadInputError(f"{labels}: no label files in it (.txt, YOLO's format); name their folder, or none")
    maker = PictureMaker(target)

    def taken() -> Iterator[tuple[Picture, bool]]:
        for index, file in enumerate(spread(files, most)):
            planes = _planes_of(file)
            height_px, width_px = planes.y.shape
            label_file = labels / file.relative_to(folder).with_suffix(".txt") if labels is not None else None
            truth = read_labels(label_file, classes, width_px, height_px) if label_file is not None else None
            yield maker.of_planes(planes, truth), index % HELD_OUT_SHARE == HELD_OUT_SHARE - 1

    return Footage.of(taken(), f"folder {folder.name}")


def from_videos(files: Sequence[Path], target: ModelInput, most: int) -> Footage:
    """Frames of films, spread evenly over each; the last third of each is held out.

    Raises:
        BadInputError: a file is missing or no film.
    """
    maker, each = PictureMaker(target), -(-most // len(files))

    def taken() -> Iterator[tuple[Picture, bool]]:
        for file in files:
            for planes, is_held_out in _frames_of(file, each):
                yield maker.of_planes(planes), is_held_out

    return Footage.of(taken(), "video " + ", ".join(file.name for file in files))


def spread(files: Sequence[Path], most: int) -> list[Path]:
    """At most so many, evenly from all of them."""
    if len(files) <= most:
        return list(files)
    return [files[index * len(files) // most] for index in range(most)]


def read_labels(file: Path, classes: int, width_px: int, height_px: int) -> FrameTruth:
    """What a YOLO label file says; a picture without one shows nothing.

    Raises:
        BadInputError: it is no label file of this model.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        rows = np.array([line.split() for line in lines if line.strip()] or np.empty((0, 5)), np.float32)
        if rows.shape[1:] != (5,) or (rows[:, 0] % 1 != 0).any() or not ((rows[:, 1:] >= 0) & (rows[:, 1:] <= 1)).all():
            raise ValueError("other rows than of a class and four shares")
    except (OSError, ValueError) as error:
        raise BadInputError(
            f"{file}: no YOLO label file (class, centre x, centre y, width, height a line, shares of the picture); "
            f"correct it"
        ) from error
    if len(rows) and (rows[:, 0].min() < 0 or rows[:, 0].max() >= classes):
        raise BadInputError(
            f"{file}: class {rows[:, 0].max():.0f}, the model has 0 to {classes - 1}; correct the labels"
        )
    centre, half = rows[:, 1:3], rows[:, 3:5] / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1) * np.array([width_px, height_px] * 2)
    return FrameTruth(boxes.astype(np.float32), rows[:, 0].astype(np.int64), np.zeros(len(rows), np.bool_))


def _below(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise BadInputError(f"{folder}: no such folder; name one with pictures")
    return [file for file in folder.rglob("*") if file.is_file()]


def _planes_of(file: Path) -> FrameCopy:
    """A picture file as I420; an odd last row or column is left out.

    Raises:
        BadInputError: it cannot be read.
    """
    bgr = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR) if file.stat().st_size else None
    if bgr is None or min(bgr.shape[:2]) < 2:
        raise BadInputError(f"{file}: cannot be read as a picture; take it out of the folder")
    bgr = np.ascontiguousarray(bgr[: bgr.shape[0] & ~1, : bgr.shape[1] & ~1])
    return _split(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8))


def _split(packed: Bytes) -> FrameCopy:
    """The three planes of uint8 (height * 3 / 2, width)."""
    height_px, width_px = packed.shape[0] * 2 // 3, packed.shape[1]
    flat, luma_px, half = packed.reshape(-1), height_px * width_px, (height_px // 2, width_px // 2)
    u, v = flat[luma_px : luma_px * 5 // 4], flat[luma_px * 5 // 4 :]
    return FrameCopy(packed[:height_px], u.reshape(half), v.reshape(half))


def _frames_of(file: Path, most: int) -> Iterator[tuple[FrameCopy, bool]]:
    """Frames of a film, evenly, and whether each is of its last part.

    Raises:
        BadInputError: it is no film.
    """
    try:
        with av.open(str(file)) as film:
            count = sum(packet.size > 0 for packet in film.demux(video=0))
        wanted = {number * count // most for number in range(most)}
        with av.open(str(file)) as film:
            for index, frame in enumerate(film.decode(video=0)):
                if index in wanted:
                    width_px, height_px = frame.width & ~1, frame.height & ~1
                    packed = frame.reformat(width_px, height_px, "yuv420p").to_ndarray()
                    is_late = index * HELD_OUT_SHARE >= count * (HELD_OUT_SHARE - 1)
                    yield _split(np.ascontiguousarray(packed, np.uint8)), is_late
    except (av.FFmpegError, IndexError) as error:
        raise BadInputError(f"{file}: cannot be read as a film ({_words(error)}); name a video file") from error


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
