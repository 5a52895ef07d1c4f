"""The detector as the supervisor starts it: real bus, real ring, real engine, signals."""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest

from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import DETECTOR_STATUS, INCIDENTS, STAYS, tracks_channel
from kernel.events import AlertKind, AlertRaised, AnalysisHeartbeat, TracksUpdate
from kernel.runtime import RuntimePaths
from supervisor.model_use import use_model
from tests.integration.detector_room import Bus, Cameras, detector, eventually, playing, write_config
from tests.unit.detect.tiny_models import bright_walker_model

pytestmark = pytest.mark.integration

OUTSIDE, INSIDE, ABSENT = 0.15, 0.85, 0.0


@pytest.fixture
def model(paths: RuntimePaths) -> Path:
    return bright_walker_model(paths.data_dir / "walker.onnx")


@pytest.fixture
def cameras(paths: RuntimePaths) -> Iterator[Cameras]:
    with playing(paths) as playing_cameras:
        yield playing_cameras


def walk_in(cameras: Cameras, camera_id: str) -> None:
    """A person appears outside the zone and goes in, slowly enough to be tracked."""
    for step in range(30):
        cameras.brightness[camera_id] = OUTSIDE + (INSIDE - OUTSIDE) * step / 29
        time.sleep(0.1)


def analysed(bus: Bus, camera_id: str, cause: str = "", after: int = 0) -> AnalysisHeartbeat:
    """The newest heartbeat but the first `after`, once it says that of the camera."""

    def look() -> AnalysisHeartbeat | None:
        beats = bus.heartbeats()[after:]
        pulses = {pulse.camera_id: pulse for pulse in beats[-1].cameras} if beats else {}
        pulse = pulses.get(camera_id)
        return beats[-1] if pulse is not None and pulse.cause == cause else None

    return eventually(look)


def opened(bus: Bus) -> AlertRaised:
    return eventually(lambda: next(iter(bus.alerts()), None))


def test_person_entering_becomes_one_alert_with_its_picture(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path, cameras: Cameras
) -> None:
    events = Bus(f"unix://{paths.bus_socket}")
    listener = cast("Any", events.connection).pubsub()
    listener.subscribe(tracks_channel("cam-01"), DETECTOR_STATUS)
    with detector(write_config(paths, model)) as process:
        analysed(events, "cam-01")
        walk_in(cameras, "cam-01")
        alert = opened(events)
        snapshot = paths.evidence_dir / str(alert.snapshot_path)
        content = snapshot.read_bytes()
        process.send_signal(signal.SIGTERM)
        started_s = time.monotonic()
        assert process.wait(10) == 0
        assert time.monotonic() - started_s < 3.0
    assert (alert.camera_id, alert.rule_id, alert.kind) == ("cam-01", "yard-entry", AlertKind.ZONE_INTRUSION)
    assert alert.class_name == "person"
    assert alert.created_at - alert.occurred_at < timedelta(seconds=1)
    assert hashlib.sha256(content).hexdigest() == alert.snapshot_sha256
    assert len({event.id for event in events.alerts()}) == 1

    picture = np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE))
    brightness = picture.mean() / 255
    assert alert.box_xyxy is not None
    assert alert.box_xyxy[0] == pytest.approx(50 * brightness / 64, abs=0.02), "the picture is of another frame"

    channels: dict[str, list[bytes]] = {}
    while (message := listener.get_message(timeout=0.1)) is not None:
        if message["type"] == "message":
            channels.setdefault(message["channel"].decode(), []).append(message["data"])
    tracks = [TracksUpdate.model_validate_json(payload) for payload in channels[tracks_channel("cam-01")]]
    assert any(update.tracks and update.tracks[0].class_name == "person" for update in tracks)
    assert AnalysisHeartbeat.model_validate_json(channels[DETECTOR_STATUS][0]).engine.startswith("openvino")


def test_killed_detector_continues_the_incident_instead_of_opening_a_second(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path, cameras: Cameras
) -> None:
    events = Bus(f"unix://{paths.bus_socket}")
    config = write_config(paths, model)
    with detector(config) as process:
        analysed(events, "cam-02")
        walk_in(cameras, "cam-02")
        first = opened(events)
        eventually(lambda: events.connection.hexists(INCIDENTS, "cam-02/yard-entry"))
        process.kill()
        process.wait(10)
    cameras.brightness["cam-02"] = ABSENT
    triggers_before = events.alerts()[-1].triggers
    beats_before = len(events.heartbeats())
    with detector(config):
        beat = analysed(events, "cam-02", after=beats_before)
        walk_in(cameras, "cam-02")
        continued = eventually(
            lambda: next((alert for alert in events.alerts() if alert.triggers > triggers_before), None)
        )
    assert continued.id == first.id
    assert continued.snapshot_sha256 == first.snapshot_sha256
    assert {alert.id for alert in events.alerts()} == {first.id}
    assert beat.run_id != events.heartbeats()[0].run_id


def test_person_who_stays_through_a_kill_raises_no_second_alert_although_the_cooldown_is_over(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path, cameras: Cameras
) -> None:
    events = Bus(f"unix://{paths.bus_socket}")
    config = write_config(paths, model, cooldown_s=0.5)
    with detector(config) as process:
        analysed(events, "cam-02")
        walk_in(cameras, "cam-02")
        first = opened(events)
        eventually(lambda: events.connection.hexists(STAYS, "cam-02"))
        eventually(lambda: "yard-entry" in stored_stays(events) and "[]" not in stored_stays(events))
        eventually(lambda: events.alerts()[-1].ended_at)
        process.kill()
        process.wait(10)
    beats_before = len(events.heartbeats())
    with detector(config):
        analysed(events, "cam-02", after=beats_before)
        eventually(lambda: len(events.heartbeats()) >= beats_before + 5)
    assert {alert.id for alert in events.alerts()} == {first.id}


def test_who_stays_is_known_before_the_alert_is(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path, cameras: Cameras
) -> None:
    """Stays were put once a second: after a kill right behind an alert the next run could raise it again."""
    events = Bus(f"unix://{paths.bus_socket}")
    with detector(write_config(paths, model, cooldown_s=0.5)) as process:
        analysed(events, "cam-02")
        walk = threading.Thread(target=walk_in, args=(cameras, "cam-02"))
        walk.start()
        opened(events)
        process.kill()
        process.wait(10)
        walk.join()
    assert '"yard-entry":[[' in stored_stays(events)


def stored_stays(bus: Bus) -> str:
    return (cast("bytes | None", bus.connection.hget(STAYS, "cam-02")) or b"").decode()


def test_incident_ends_when_nobody_triggers_it_any_more(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path, cameras: Cameras
) -> None:
    events = Bus(f"unix://{paths.bus_socket}")
    with detector(write_config(paths, model, cooldown_s=1.0)):
        analysed(events, "cam-01")
        walk_in(cameras, "cam-01")
        first = opened(events)
        cameras.brightness["cam-01"] = ABSENT
        ended = eventually(lambda: next((alert for alert in events.alerts() if alert.ended_at is not None), None))
        eventually(lambda: not events.connection.hexists(INCIDENTS, "cam-01/yard-entry"))
    assert ended.id == first.id
    assert ended.snapshot_sha256 == first.snapshot_sha256


def test_not_analysed_is_told_apart_from_nothing_detected(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path
) -> None:
    events = Bus(f"unix://{paths.bus_socket}")
    with detector(write_config(paths, model)):
        analysed(events, "cam-01", cause="no_ring")
        with playing(paths) as cameras:
            cameras.brightness["cam-02"] = None
            beat = analysed(events, "cam-01")
            silent = next(pulse for pulse in beat.cameras if pulse.camera_id == "cam-02")
            assert silent.cause == "no_frames"
            assert silent.last_analysed_at is None
            assert not events.alerts()
        analysed(events, "cam-01", cause="no_ring")
        with playing(paths):
            analysed(events, "cam-01")


def test_detector_keeps_the_asked_rate_and_frames_are_young(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path, cameras: Cameras
) -> None:
    events = Bus(f"unix://{paths.bus_socket}")
    with detector(write_config(paths, model)):

        def steady() -> AnalysisHeartbeat | None:
            beats = events.heartbeats()
            ready = beats and all(4.5 <= pulse.analysed_fps <= 5.5 for pulse in beats[-1].cameras)
            return beats[-1] if ready else None

        beat = eventually(steady)
    assert beat.wanted_fps == 10.0
    assert beat.granted_fps == 5.0
    assert beat.capacity_fps > 10.0
    for pulse in beat.cameras:
        assert 0 < pulse.age_p50_ms < 500


def test_model_that_cannot_be_used_is_one_line_and_exit_2(bus: EmbeddedServer, paths: RuntimePaths) -> None:
    empty = paths.data_dir / "empty.onnx"
    empty.touch()
    with detector(write_config(paths, empty)) as process:
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 2
    last = errors.strip().splitlines()[-1]
    assert "empty.onnx: the model file is empty (0 bytes)" in last
    assert "Traceback" not in errors


def test_one_bad_model_leaves_the_other_cameras_alone(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path, cameras: Cameras
) -> None:
    (paths.data_dir / "odd.onnx").write_bytes(b"not a model")
    config = write_config(paths, model)
    text = config.read_text()
    config.write_text(text.replace("  - id: cam-02\n", f"  - id: cam-02\n    model: {paths.data_dir}/odd.onnx\n"))
    events = Bus(f"unix://{paths.bus_socket}")
    with detector(config):
        analysed(events, "cam-01")
        analysed(events, "cam-02", cause="model_unusable")


def test_another_model_is_taken_over_while_a_camera_keeps_its_track_and_its_incident(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path, cameras: Cameras
) -> None:
    events = Bus(f"unix://{paths.bus_socket}")
    config = write_config(paths, model)
    listener = cast("Any", events.connection).pubsub()
    listener.subscribe(tracks_channel("cam-01"))
    cameras.brightness["cam-01"] = INSIDE
    with detector(config) as process:
        opened(events)
        use_model(config, str(bright_walker_model(paths.data_dir / "second.onnx")))
        eventually(lambda: events.heartbeats()[-1].model == "second")
        beats = len(events.heartbeats())
        analysed(events, "cam-01", after=beats)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert len({alert.id for alert in events.alerts()}) == 1
    messages = iter(lambda: listener.get_message(timeout=0.1), None)
    updates = [TracksUpdate.model_validate_json(one["data"]) for one in messages if one["type"] == "message"]
    assert len({track.track_id for update in updates for track in update.tracks}) == 1


def test_bus_that_goes_away_delays_alerts_but_loses_none(
    bus: EmbeddedServer, paths: RuntimePaths, model: Path, cameras: Cameras
) -> None:
    events = Bus(f"unix://{paths.bus_socket}")
    with detector(write_config(paths, model)):
        analysed(events, "cam-01")
        bus.stop()
        walk_in(cameras, "cam-01")
        bus.start()
        alert = opened(Bus(f"unix://{paths.bus_socket}"))
    assert alert.snapshot_path is not None
    assert (paths.evidence_dir / alert.snapshot_path).is_file()
