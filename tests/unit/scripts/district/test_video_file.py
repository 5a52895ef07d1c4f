"""Loops on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.district.video_file import AccessUnit, VideoHeader, read_video, write_video

HEADER = VideoHeader("h264", 1280, 720, 15, 2)
UNITS = [AccessUnit(b"\x00\x00\x01key\n", True), AccessUnit(b"\x00\x00\x01delta", False)]


def test_a_loop_comes_back(tmp_path: Path) -> None:
    write_video(tmp_path / "a.lkv", HEADER, UNITS)
    assert read_video(tmp_path / "a.lkv") == (HEADER, UNITS)


def test_a_loop_cut_short_says_so(tmp_path: Path) -> None:
    write_video(tmp_path / "a.lkv", HEADER, UNITS)
    data = (tmp_path / "a.lkv").read_bytes()
    (tmp_path / "a.lkv").write_bytes(data[:-3])
    with pytest.raises(ValueError, match="render again"):
        read_video(tmp_path / "a.lkv")


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.lkv").write_bytes(b"\x00\x01\x02")
    with pytest.raises(ValueError, match="no loop of the district"):
        read_video(tmp_path / "a.lkv")
