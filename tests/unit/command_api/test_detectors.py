"""Several detectors, told as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from command_api.cameras.detectors import Detectors
from kernel.events import AnalysisHeartbeat, AnalysisPulse

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def beat(detector: str, second: float, *camera_ids: str, granted_fps: float = 5.0) -> AnalysisHeartbeat:
    pulses = tuple(
        AnalysisPulse(
            camera_id=camera_id,
            analysed_fps=granted_fps,
            wanted_fps=5.0,
            last_analysed_at=START,
            dropped=0,
            age_p50_ms=1.0,
            age_p95_ms=2.0,
        )
        for camera_id in camera_ids
    )
    return AnalysisHeartbeat(
        run_id=f"run-{detector}",
        detector=detector,
        beat_at=START + timedelta(seconds=second),
        engine="torch fp16 384x640",
        model="yard",
        capacity_fps=100.0,
        wanted_fps=5.0 * len(camera_ids),
        granted_fps=granted_fps,
        cameras=pulses,
    )


def heard(*beats: AnalysisHeartbeat) -> Detectors:
    detectors = Detectors()
    for one in beats:
        detectors.heard(one)
    return detectors


def test_one_detector_is_told_as_it_told_itself() -> None:
    assert heard().together() is None
    one = beat("detect", 1, "cam-1")
    assert heard(beat("detect", 0, "cam-1"), one).together() == one


def test_two_detectors_are_told_as_one_of_both_capacities_and_all_cameras() -> None:
    together = heard(beat("detect-1", 1, "cam-2", granted_fps=3.0), beat("detect-0", 1.4, "cam-1", "cam-3")).together()
    assert together is not None
    assert (together.detector, together.engine) == ("detect-0, detect-1", "torch fp16 384x640")
    assert (together.capacity_fps, together.wanted_fps, together.granted_fps) == (200.0, 15.0, 3.0)
    assert [pulse.camera_id for pulse in together.cameras] == ["cam-1", "cam-3", "cam-2"]
    assert together.beat_at == START + timedelta(seconds=1.4)


def test_a_detector_that_fell_silent_is_no_capacity_and_its_cameras_keep_its_last_word() -> None:
    detectors = heard(beat("detect-1", 0, "cam-2"), beat("detect-0", 5.1, "cam-1"))
    together = detectors.together()
    assert together is not None
    assert together.detector == "detect-0"
    last = detectors.of("cam-2")
    assert last is not None
    assert last.beat_at == START
    assert detectors.of("cam-9") == beat("detect-0", 5.1, "cam-1")


def test_a_camera_that_another_detector_took_over_is_told_by_that_one() -> None:
    now = heard(beat("detect", 9, "cam-1"), beat("detect-0", 10, "cam-1")).of("cam-1")
    assert now is not None
    assert now.detector == "detect-0"


def test_a_heartbeat_that_comes_late_changes_nothing() -> None:
    now = heard(beat("detect", 9, "cam-1"), beat("detect", 8)).of("cam-1")
    assert now is not None
    assert now.beat_at == START + timedelta(seconds=9)
