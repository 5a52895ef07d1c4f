"""A patrol under `lookout up` with the drone's camera, with figures (`-s` prints them): what it sees, and where.

The vehicle serves the view along its way over RTSP; ingest opens it for the flight, the detector finds who is there,
the poses on the bus place them. Truth is the simulated traffic at the same instants.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import redis

from command_api import health_report
from kernel.bus.names import sights_channel
from kernel.config import load_config
from kernel.events import SightsUpdate
from kernel.ledger import Span
from kernel.runtime import RuntimePaths
from scripts.district.config_fleet import AIRCRAFT
from scripts.evaluate_drone_view import kind_of
from scripts.vehicle.eye.ground_map import HALF_M
from scripts.vehicle.eye.traffic import Traffic
from scripts.vehicle.vector import LocalFrame
from tests.bench.test_bench_drone_patrols import ended_flight, vehicle_process
from tests.integration.airfield import HOME, config
from tests.integration.supervised import ROOT, free_port, lookout_up

pytestmark = pytest.mark.integration
CAMERA = "uav-1-cam"
EYE = AIRCRAFT[0].eye
NEAR_M = 5.0


class Listener:
    """Takes down what the detector tells of the drone's camera."""

    def __init__(self, paths: RuntimePaths) -> None:
        self.updates: list[SightsUpdate] = []
        self._paths, self._stop = paths, threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            with suppress(redis.ConnectionError):
                self._listen()
            self._stop.wait(0.2)

    def _listen(self) -> None:
        connection = cast("Any", redis.Redis(unix_socket_path=str(self._paths.bus_socket)))
        with connection.pubsub(ignore_subscribe_messages=True) as heard:
            heard.subscribe(sights_channel(CAMERA))
            while not self._stop.is_set():
                message = heard.get_message(timeout=0.5)
                if message is not None:
                    self.updates.append(SightsUpdate.model_validate_json(message["data"]))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def off_m(update: SightsUpdate, frame: LocalFrame, traffic: Traffic) -> list[tuple[float, float]]:
    """For everybody placed on a frame: how far the nearest of that kind truly was, and the error stated, metres."""
    truth = [
        (kind_of(one.actor.class_name or ""), one.pose.x_m, one.pose.y_m)
        for one in traffic.at(update.captured_at.timestamp())
    ]
    found = []
    for sighting in update.sightings:
        if sighting.place is None or sighting.error_m is None:
            continue
        north_m, east_m = frame.to_local(sighting.place.lat, sighting.place.lon)
        apart = [
            math.hypot(_wrapped(east_m - x_m), _wrapped(north_m - y_m))
            for kind, x_m, y_m in truth
            if kind == kind_of(sighting.class_name)
        ]
        found.append((min(apart), sighting.error_m))
    return found


def _wrapped(offset_m: float) -> float:
    """The ground and its people repeat."""
    return (offset_m + HALF_M) % (2 * HALF_M) - HALF_M


@pytest.mark.timeout(290)
def test_people_seen_along_a_patrol_are_near_their_true_places(tmp_path: Path) -> None:
    assert EYE is not None
    data_dir, camera_port = tmp_path / "data", free_port()
    parameters = [f"--param={name}={value:g}" for name, value in EYE.parameters.items()]
    camera = [f"--camera=127.0.0.1:{camera_port}", f"--camera-fov={EYE.fov_deg:g}"]
    with vehicle_process("udpin:127.0.0.1:0", "--param", "FS_GCS_ENABLE=0", *parameters, *camera) as port:
        file = _written(tmp_path, port, camera_port)
        began_s = time.time()
        with lookout_up(file, data_dir) as running:
            running.ready_line()
            listener = Listener(running.paths)
            try:
                done = ended_flight(data_dir / "lookout.db", 240.0)
                landed_s = time.time()
                time.sleep(5.0)  # on the ground again, observed
                window = Span(began_s, landed_s + 4.0)
                report = health_report.report(data_dir / "lookout.db", load_config(file), window, datetime.now(UTC))
            finally:
                listener.stop()
            running.stop(20.0)
    frame, traffic = LocalFrame(*HOME), Traffic(7)
    judged = np.array([pair for update in listener.updates for pair in off_m(update, frame, traffic)])
    unplaced = Counter(one.unplaced for update in listener.updates for one in update.sightings if one.place is None)
    seen = next(one for one in report.cameras if one.camera_id == CAMERA)
    figures = {
        "outcome": done["outcome"],
        "frames": len(listener.updates),
        "sightings_placed": len(judged),
        "unplaced": dict(unplaced),
        "off_m_p50": round(float(np.median(judged[:, 0])), 2),
        "off_m_p95": round(float(np.percentile(judged[:, 0], 95)), 2),
        "within_5_m": round(float(np.mean(judged[:, 0] <= NEAR_M)), 3),
        "within_twice_the_error": round(float(np.mean(judged[:, 0] <= 2 * judged[:, 1])), 3),
        "error_m_p50": round(float(np.median(judged[:, 1])), 2),
        "online_rate": seen.online_rate,
        "in_service_s": round(seen.in_service_s, 1),
        "state": seen.state,
        "cause": seen.cause,
    }
    print(json.dumps(figures))
    assert done["outcome"] == "done"
    assert len(judged) > 20
    assert figures["within_twice_the_error"] >= 0.9
    assert (seen.online_rate, seen.outages) == (1.0, 0)
    assert 30.0 < seen.in_service_s < landed_s - began_s
    assert (seen.state, seen.cause) == ("disabled", "drone_on_ground")


def _written(folder: Path, port: str, camera_port: int) -> Path:
    """A config of one drone that flies over the yard at its home, a minute's way, and nothing else."""
    assert EYE is not None
    weather = folder / "weather.json"
    observed = {"wind_m_s": 2.0, "temperature_c": 12.0, "observed_at": datetime.now(UTC).isoformat()}
    weather.write_text(json.dumps(observed), encoding="utf-8")
    stream = {"url": f"rtsp://127.0.0.1:{camera_port}/uav-1"}
    told = config(
        folder / "data",
        [f"udp:127.0.0.1:{port}"],
        points=((60.0, 0.0), (60.0, 60.0), (-30.0, 40.0)),
        drone={
            "link_loss": "continue",
            "camera": CAMERA,
            "camera_fov_deg": EYE.fov_deg,
            "gimbal": "mount",
            "camera_delay_s": EYE.delay_s,
        },
        patrol={"altitude_m": 60.0, "launch": "auto", "schedule": {"cron": "* * * * *", "late_s": 50.0}},
        cameras=[{"id": CAMERA, "name": "eye", "unit": "bureau", "streams": {"main": stream}}],
        models={"dir": str(ROOT / "models"), "default": "district-n"},
        detect={"precision": "fp32", "batch_max": 1},
        weather={"source": "file", "file": str(weather), "max_age_s": 3600.0},
        web={"port": free_port()},
    )
    file = folder / "lookout.yaml"
    file.write_text(json.dumps(told.model_dump(mode="json", exclude_unset=True)), encoding="utf-8")
    return file
