"""Cuts training pictures a quarter the size out of frames, at the scale the network sees them.

Most of a frame is empty street. A crop around an object costs a quarter of the computing, so a first stage on crops
teaches a CPU the classes sooner; the second stage, on whole frames, teaches the rest.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

FRAME_WIDTH_PX, FRAME_HEIGHT_PX = 640, 360
CROP_WIDTH_PX, CROP_HEIGHT_PX = 320, 192
EMPTY_SHARE = 0.15
KEPT_SHARE = 0.4

Labels = NDArray[np.float64]


def read_labels(file: Path) -> Labels:
    """YOLO labels: (n, 5) class, centre x, centre y, width, height as fractions."""
    text = file.read_text(encoding="utf-8").split() if file.exists() else []
    return np.array(text, dtype=np.float64).reshape(-1, 5)


def to_xyxy_px(labels: Labels, width_px: int, height_px: int) -> Labels:
    """Boxes (n, 4) left, top, right, bottom in pixels."""
    centre, size = labels[:, 1:3], labels[:, 3:5]
    corners = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
    return np.asarray(corners * [width_px, height_px, width_px, height_px])


def crop_labels(labels: Labels, left_px: int, top_px: int) -> Labels:
    """Labels of a frame as seen in the crop at (left_px, top_px) of the 640x360 picture.

    Boxes of which less than KEPT_SHARE lies inside are left out, the others clipped.
    """
    boxes = to_xyxy_px(labels, FRAME_WIDTH_PX, FRAME_HEIGHT_PX) - [left_px, top_px, left_px, top_px]
    limits = [CROP_WIDTH_PX, CROP_HEIGHT_PX, CROP_WIDTH_PX, CROP_HEIGHT_PX]
    clipped = np.clip(boxes, 0, limits)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    inside = np.prod(clipped[:, 2:] - clipped[:, :2], axis=1)
    kept = inside >= KEPT_SHARE * area
    corners = clipped[kept] / limits
    centre, size = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
    return np.concatenate([labels[kept, :1], centre, size], axis=1)


def choose_corner(labels: Labels, rng: np.random.Generator) -> tuple[int, int]:
    """Left and top of a crop: around a random object, sometimes anywhere."""
    room = np.array([FRAME_WIDTH_PX - CROP_WIDTH_PX, FRAME_HEIGHT_PX - CROP_HEIGHT_PX])
    if len(labels) == 0 or rng.random() < EMPTY_SHARE:
        corner = rng.random(2) * room
    else:
        centre = labels[rng.integers(len(labels)), 1:3] * [FRAME_WIDTH_PX, FRAME_HEIGHT_PX]
        corner = centre - rng.uniform(0.15, 0.85, 2) * [CROP_WIDTH_PX, CROP_HEIGHT_PX]
    left, top = np.clip(corner, 0, room).astype(int)
    return int(left), int(top)


def cut_crops(frames: Path, out: Path, per_frame: int, seed: int) -> int:
    """Make a YOLO dataset of crops from one of frames.

    Returns:
        How many crops were written.
    """
    rng = np.random.default_rng(seed)
    written = 0
    for split in ("train", "val"):
        (out / "images" / split).mkdir(parents=True, exist_ok=True)
        (out / "labels" / split).mkdir(parents=True, exist_ok=True)
        for picture in sorted((frames / "images" / split).glob("*.jpg")):
            labels = read_labels(frames / "labels" / split / f"{picture.stem}.txt")
            image = cv2.imread(str(picture))
            if image is None:
                raise SystemExit(f"train_model: {picture} cannot be read; render the frames again")
            small = cv2.resize(image, (FRAME_WIDTH_PX, FRAME_HEIGHT_PX), interpolation=cv2.INTER_AREA)
            for number in range(per_frame if split == "train" else 1):
                left, top = choose_corner(labels, rng)
                crop = small[top : top + CROP_HEIGHT_PX, left : left + CROP_WIDTH_PX]
                name = f"{picture.stem}-{number}"
                cv2.imwrite(str(out / "images" / split / f"{name}.jpg"), crop, [cv2.IMWRITE_JPEG_QUALITY, 92])
                rows = (
                    f"{int(row[0])} " + " ".join(f"{x:.6f}" for x in row[1:]) for row in crop_labels(labels, left, top)
                )
                (out / "labels" / split / f"{name}.txt").write_text("\n".join(rows), encoding="utf-8")
                written += 1
    names = (frames / "data.yaml").read_text(encoding="utf-8").split("names:", 1)[1]
    (out / "data.yaml").write_text(
        f"path: {out.resolve()}\ntrain: images/train\nval: images/val\nnames:{names}", encoding="utf-8"
    )
    return written
