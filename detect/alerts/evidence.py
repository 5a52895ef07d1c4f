"""The snapshot of an alert: the analysed frame at full size, on disk before anybody hears of the alert."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2

from detect.pictures.preprocess import I420, Polygons, to_bgr
from kernel.disk import require_room

_JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture that was written.

    Attributes:
        path: relative to the evidence directory.
        sha256: of the file.
    """

    path: str
    sha256: str


def snapshot_path(alert_id: str, occurred_at: datetime) -> Path:
    """Where the snapshot of an alert lies, relative to the evidence directory."""
    return Path(occurred_at.astimezone(UTC).strftime("%Y/%m/%d")) / f"{alert_id}.jpg"


def write_snapshot(evidence_dir: Path, path: Path, picture: I420, masks: Polygons) -> Snapshot:
    """Write a picture so that it is on the disk, whole, or not there at all.

    Args:
        evidence_dir: root of the evidence.
        path: relative to it.
        picture: the frame the alert is about.
        masks: privacy masks of its camera, burnt in.

    Raises:
        OSError: the disk is full (but for a reserve), read-only or gone.
        cv2.error: the picture cannot be encoded.
    """
    _, encoded = cv2.imencode(".jpg", to_bgr(picture, masks), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    content = encoded.tobytes()
    target = evidence_dir / path
    target.parent.mkdir(parents=True, exist_ok=True)
    require_room(target.parent, len(content))
    partial = target.with_suffix(".part")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)  # what a full disk took of it would only fill it further
    _sync_directory(target.parent)
    return Snapshot(path.as_posix(), hashlib.sha256(content).hexdigest())


def written_snapshot(evidence_dir: Path, path: Path) -> Snapshot | None:
    """The snapshot that an earlier run wrote under this name, None where it came to none.

    Raises:
        OSError: it is there and cannot be read.
    """
    try:
        content = (evidence_dir / path).read_bytes()
    except FileNotFoundError:
        return None
    return Snapshot(path.as_posix(), hashlib.sha256(content).hexdigest())


def _sync_directory(folder: Path) -> None:
    """Make the new name last too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
