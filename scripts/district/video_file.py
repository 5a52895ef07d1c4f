"""Encoded loops on disk: a JSON line, then access units, each as length, keyframe flag and Annex-B bytes."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from pathlib import Path

_UNIT = struct.Struct(">IB")


@dataclass(frozen=True)
class VideoHeader:
    """codec is h264 or hevc."""

    codec: str
    width_px: int
    height_px: int
    fps: int
    frames: int


@dataclass(frozen=True)
class AccessUnit:
    """One coded picture with its start codes; a keyframe carries its parameter sets."""

    data: bytes
    keyframe: bool


def write_video(path: Path, header: VideoHeader, units: list[AccessUnit]) -> None:
    """Writes a loop."""
    with path.open("wb") as file:
        file.write(json.dumps(asdict(header)).encode() + b"\n")
        for unit in units:
            file.write(_UNIT.pack(len(unit.data), unit.keyframe))
            file.write(unit.data)


def read_video(path: Path) -> tuple[VideoHeader, list[AccessUnit]]:
    """Reads a loop.

    Raises:
        ValueError: the file is cut off or is no such file.
    """
    content = path.read_bytes()
    head, _, body = content.partition(b"\n")
    try:
        header = VideoHeader(**json.loads(head))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: no loop of the district; render again") from error
    units, at = [], 0
    while at + _UNIT.size <= len(body):
        length, keyframe = _UNIT.unpack_from(body, at)
        at += _UNIT.size
        units.append(AccessUnit(body[at : at + length], bool(keyframe)))
        at += length
    if len(units) != header.frames or at != len(body):
        raise ValueError(f"{path}: cut off after {len(units)} of {header.frames} pictures; render again")
    return header, units
