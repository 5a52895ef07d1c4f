"""What decodes: judged by trying, with the CPU where hardware is absent, wrong or dearer."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from ingest.hardware import HardwareDecoding, Trial, largest_difference, probe_clip, try_out
from kernel.config.camera import DecodeWith

HAS_CUDA = Path("/dev/nvidiactl").exists()


def test_clip_is_one_keyframe_and_what_follows() -> None:
    clip = probe_clip()
    assert len(clip) == 24
    assert len(clip[0]) > 4 * max(map(len, clip[1:]))
    assert sum(map(len, clip)) < 24 * 40_000


@pytest.mark.skipif(HAS_CUDA, reason="there is an NVIDIA driver here")
def test_absent_cuda_is_told_by_its_reason() -> None:
    assert try_out(DecodeWith.CUDA).problem.startswith(("cannot be opened (", "is not built into this FFmpeg"))


@pytest.mark.skipif(not HAS_CUDA, reason="no NVIDIA driver here: hardware decoding was not tested")
def test_cuda_decodes_the_cpus_pictures() -> None:
    trial = try_out(DecodeWith.CUDA)
    assert trial.problem == ""
    assert trial.cpu_ms > 0


@pytest.mark.skipif(HAS_CUDA, reason="there is an NVIDIA driver here")
@pytest.mark.parametrize("wanted", [DecodeWith.AUTO, DecodeWith.CUDA, DecodeWith.VAAPI])
def test_without_hardware_the_cpu_decodes_and_the_log_says_why_once(
    wanted: DecodeWith, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    hardware = HardwareDecoding()
    assert [hardware.accelerator(wanted) for _ in range(3)] == [None] * 3
    (line,) = caplog.messages
    assert line.startswith(f"decode={wanted.value}: the CPU decodes (")
    assert "cannot be opened" in line or "is not built into" in line


def test_cpu_on_request_asks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert HardwareDecoding().accelerator(DecodeWith.CPU) is None
    assert not caplog.messages


def test_hardware_that_costs_the_processor_more_is_not_worth_it() -> None:
    assert Trial("", cpu_ms=0.4, cpu_only_ms=1.7).too_dear == ""
    assert "costs 1.80 ms of processor time a picture, the CPU alone 1.70" in Trial("", 1.8, 1.7).too_dear


def test_difference_of_pictures_is_that_of_their_worst_sample() -> None:
    grey = [[np.full((4, 6), 100, np.uint8)] * 3]
    other = [[plane.copy() for plane in grey[0]]]
    other[0][2][3, 5] = 97
    assert largest_difference(grey, grey) == 0
    assert largest_difference(grey, other) == 3
    assert largest_difference(grey, []) is None
    assert largest_difference(grey, [[plane[:2] for plane in grey[0]]]) is None
