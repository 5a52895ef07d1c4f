"""Camera states from the bus: shown, kept across restarts, counted, and told once per outage."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from command_api import health_report
from command_api.roles import Role
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import CAMERA_STATE
from kernel.clock import ManualClock
from kernel.config.camera import StreamName
from kernel.events import (
    AnalysisHeartbeat,
    AnalysisPulse,
    CameraState,
    CameraStateChanged,
    Event,
    ObserverHeartbeat,
    OfflineCause,
    StreamPulse,
)
from kernel.ledger import Verdict
from kernel.runtime import RuntimePaths
from tests.integration.api_room import START, Room, add_users, config_of, next_event, running, server_sent_events

pytestmark = pytest.mark.integration

USERS = {"li": (Role.OPERATOR, "bureau"), "wang": (Role.OPERATOR, "bureau/kuangshanlu")}
CAMERAS = ("cam-01", "cam-02", "cam-03")


class Observer:
    """What an ingest worker would send, second by second, ending about now."""

    def __init__(self, began: datetime, run: str = "run-1") -> None:
        self.began = began
        self.run = run

    def changes(self, second: float, state: CameraState, *cameras: str) -> Iterator[Event]:
        cause = OfflineCause.NONE if state.is_online else OfflineCause.REFUSED
        for camera_id in cameras:
            yield CameraStateChanged(
                camera_id=camera_id,
                stream=StreamName.MAIN,
                state=state,
                cause=cause,
                detail="" if state.is_online else "refused by 127.0.0.1:9",
                changed_at=self.began + timedelta(seconds=second),
                worker="ingest-0",
                run_id=self.run,
                codec="h264",
                width_px=1280,
                height_px=720,
            )

    def beats(self, seconds: range, offline: dict[str, int] | None = None) -> Iterator[Event]:
        """Heartbeats; cameras in `offline` had their last packet at that second."""
        gone = offline or {}
        for second in seconds:
            at = self.began + timedelta(seconds=second)
            pulses = (
                StreamPulse(
                    camera_id=camera_id,
                    stream=StreamName.MAIN,
                    state=CameraState.BACKOFF if camera_id in gone else CameraState.STREAMING,
                    cause=OfflineCause.REFUSED if camera_id in gone else OfflineCause.NONE,
                    last_packet_at=self.began + timedelta(seconds=gone.get(camera_id, second)),
                    bitrate_bits_s=2e6,
                    fps=15.0,
                )
                for camera_id in CAMERAS
            )
            yield ObserverHeartbeat(worker="ingest-0", run_id=self.run, beat_at=at, streams=tuple(pulses))

    def outage(self, at: int, until: int, *cameras: str) -> Iterator[Event]:
        """Every camera streams from the beginning; these are gone from a second on."""
        yield from self.changes(0, CameraState.STREAMING, *CAMERAS)
        yield from self.beats(range(1, at + 1))
        yield from self.changes(at, CameraState.BACKOFF, *cameras)
        yield from self.beats(range(at + 1, until + 1), dict.fromkeys(cameras, at))


def _detector_beat(at: datetime) -> AnalysisHeartbeat:
    def pulse(camera_id: str, cause: str = "") -> AnalysisPulse:
        return AnalysisPulse(
            camera_id=camera_id,
            analysed_fps=0.0 if cause else 5.0,
            wanted_fps=5.0,
            last_analysed_at=at,
            dropped=0,
            age_p50_ms=40.0,
            age_p95_ms=90.0,
            cause=cause,
        )

    return AnalysisHeartbeat(
        run_id="d1",
        beat_at=at,
        engine="openvino bf16 384x640",
        model="district-n",
        capacity_fps=80.0,
        wanted_fps=40.0,
        cameras=(pulse("cam-01"), pulse("cam-02", "no_frames"), pulse("cam-03")),
    )


async def _until_beat(room: Room, client: httpx.AsyncClient, now: datetime, *events: Event) -> None:
    """Put events on the bus, up to one of the detector at `now`, and come back once that is stored."""
    marker = _detector_beat(now)
    await room.append(CAMERA_STATE, *events, marker)
    wanted = marker.beat_at.isoformat().replace("+00:00", "Z")
    async with asyncio.timeout(15):
        while True:
            cameras = (await client.get("/api/cameras")).json()["cameras"]
            if cameras[0]["analysed"]["last_analysed_at"] == wanted:
                return


async def _outages(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    alerts: list[dict[str, Any]] = (await client.get("/api/alerts", params={"kind": "camera_offline"})).json()["alerts"]
    return alerts


async def test_states_are_shown_with_cause_and_never_with_an_address(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    seen, clock = Observer(START), ManualClock(START + timedelta(seconds=20))
    async with running(config, clock) as room, await room.signed_in("li") as li:
        before = (await li.get("/api/cameras")).json()["cameras"]
        assert {camera["state"] for camera in before} == {"unobserved"}
        async with li.stream("GET", "/api/events") as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            told = asyncio.create_task(_camera_told(events, "cam-02", "backoff"))
            await _until_beat(room, li, clock.now(), *seen.outage(9, 20, "cam-02"))
            pushed = await told
            summary = await next_event(events, "health", timeout_s=20)
        answer = await li.get("/api/cameras")
        cameras = {camera["id"]: camera for camera in answer.json()["cameras"]}
    assert pushed["cause"] == "refused"
    assert "rtsp://" not in answer.text
    assert "camera-secret" not in answer.text
    assert cameras["cam-01"]["state"] == "streaming"
    assert cameras["cam-01"]["streams"]["main"]["width_px"] == 1280
    assert cameras["cam-01"]["streams"]["main"]["fps"] == 15.0
    assert cameras["cam-01"]["analysed"]["state"] == "analysed"
    assert (cameras["cam-02"]["state"], cameras["cam-02"]["cause"]) == ("backoff", "refused")
    assert datetime.fromisoformat(cameras["cam-02"]["since"]) == seen.began + timedelta(seconds=9)
    assert (cameras["cam-02"]["analysed"]["state"], cameras["cam-02"]["analysed"]["cause"]) == (
        "not_analysed",
        "no_frames",
    )
    assert summary.data["cameras"] == 3
    assert summary.data["window"] == "today"


async def _camera_told(events: Any, camera_id: str, state: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        async for event in events:
            if event.name == "camera" and (event.data["id"], event.data["state"]) == (camera_id, state):
                found: dict[str, Any] = event.data
                return found
    raise AssertionError("the stream ended")


async def test_an_outage_is_one_alert_across_a_restart_and_its_recovery_ends_it(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config = config_of(paths.data_dir, offline_debounce_s=60)
    await add_users(config, USERS)
    seen, clock = Observer(START), ManualClock(START + timedelta(seconds=78))
    async with running(config, clock) as room, await room.signed_in("li") as li:
        await _until_beat(room, li, clock.now(), *seen.outage(20, 78, "cam-02"))
        assert await _outages(li) == [], "58 s offline is not yet an outage to tell of"
    clock.advance(21)
    async with running(config, clock) as room, await room.signed_in("li") as li:
        await _until_beat(room, li, clock.now(), *seen.beats(range(79, 100), {"cam-02": 20}))
        (alert,) = await _outages(li)
        assert (alert["camera_id"], alert["level"], alert["state"]) == ("cam-02", "orange", "new")
        assert datetime.fromisoformat(alert["occurred_at"]) == seen.began + timedelta(seconds=20)
        assert _told(alert) == ("连接被拒绝", "connection refused")
        assert alert["ended_at"] is None
        assert alert["clip"]["state"] == "unavailable"
        await li.post(f"/api/alerts/{alert['id']}/acknowledge", json={})
    clock.advance(150)
    async with running(config, clock) as room, await room.signed_in("li") as li:
        await _until_beat(
            room,
            li,
            clock.now(),
            *seen.beats(range(100, 212), {"cam-02": 20}),
            *seen.changes(212, CameraState.STREAMING, "cam-02"),
            *seen.beats(range(213, 250)),
        )
        (ended,) = await _outages(li)
    assert ended["id"] == alert["id"]
    assert ended["state"] == "acknowledged"
    assert datetime.fromisoformat(ended["ended_at"]) == seen.began + timedelta(seconds=212)
    assert _told(ended) == ("恢复，离线 3 分 12 秒", "recovered after 3 min 12 s")


def _told(alert: dict[str, Any]) -> tuple[str, str]:
    return alert["detail"], alert["detail_en"]


async def test_a_switch_that_fails_is_one_line_also_over_a_restart_in_between(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config = config_of(paths.data_dir, offline_debounce_s=10)
    shared = {"unit": "bureau/kuangshanlu", "station": "", "uplink": "sw-3"}
    config = config.model_copy(update={"cameras": tuple(camera.model_copy(update=shared) for camera in config.cameras)})
    await add_users(config, USERS)
    seen, clock = Observer(START), ManualClock(START + timedelta(seconds=40))
    gone = dict.fromkeys(CAMERAS, 20)
    async with running(config, clock) as room, await room.signed_in("wang") as wang:
        await _until_beat(room, wang, clock.now(), *seen.outage(20, 40, *CAMERAS))
        (alert,) = await _outages(wang)
        report = (await wang.get("/api/health", params={"window": "1h"})).json()
    assert (alert["camera_name"], alert["cameras"], alert["ended_at"]) == ("sw-3 ×3", list(CAMERAS), None)
    assert _told(alert) == (
        "3 台同时离线，连接被拒绝：北门、南门、矿坑",
        "3 cameras offline together, connection refused: 北门、南门、矿坑",
    )
    (together,) = report["together"]
    assert (together["shared"], together["name"], together["camera_ids"]) == ("uplink", "sw-3", list(CAMERAS))
    assert (together["cause"], report["offline_now"]) == ("refused", 3)
    clock.advance(60)
    async with running(config, clock) as room, await room.signed_in("wang") as wang:
        await _until_beat(
            room,
            wang,
            clock.now(),
            *seen.beats(range(41, 60), gone),
            *seen.changes(59.5, CameraState.STREAMING, "cam-02"),
            *seen.beats(range(60, 100), {"cam-01": 20, "cam-03": 20}),
        )
        (partly,) = await _outages(wang)
        assert (partly["id"], partly["ended_at"]) == (alert["id"], None)
        assert _told(partly) == ("3 台中尚有 2 台离线：北门、矿坑", "2 of 3 cameras still offline: 北门、矿坑")
        clock.advance(20)
        await _until_beat(
            room,
            wang,
            clock.now(),
            *seen.changes(99.5, CameraState.STREAMING, "cam-01", "cam-03"),
            *seen.beats(range(100, 121)),
        )
        (ended,) = await _outages(wang)
    assert (ended["id"], *_told(ended)) == (alert["id"], "恢复，离线 1 分 20 秒", "recovered after 1 min 20 s")
    assert datetime.fromisoformat(ended["ended_at"]) == seen.began + timedelta(seconds=99.5)


async def test_a_maintainer_plans_an_outage_and_ends_it(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS | {"guan": (Role.MAINTAINER, "bureau"), "xu": (Role.MAINTAINER, "bureau/baiyun")})
    clock = ManualClock(START)
    until = (START + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    order = {"stations": ["kuangshanlu"], "ends_at": until, "reason": "更换交换机", "approver": "王所长"}
    async with (
        running(config, clock) as room,
        await room.signed_in("li") as li,
        await room.signed_in("guan") as guan,
        await room.signed_in("xu") as xu,
    ):
        assert (await li.post("/api/maintenance", json=order)).status_code == 403
        foreign = await xu.post("/api/maintenance", json=order)
        assert (foreign.status_code, foreign.json()["error"]) == (422, "unknown_camera")
        early = await guan.post("/api/maintenance", json={**order, "ends_at": START.isoformat()})
        assert (early.status_code, early.json()["message_en"]) == (422, "it does not end after it begins")
        filed = (await guan.post("/api/maintenance", json=order)).json()
        assert (filed["camera_ids"], filed["filed_by"], filed["is_backdated"]) == (["cam-01", "cam-02"], "guan", False)
        clock.advance(600)
        cameras = {one["id"]: one for one in (await li.get("/api/cameras")).json()["cameras"]}
        report = (await li.get("/api/health", params={"window": "1h"})).json()
        assert (await xu.get("/api/maintenance")).json()["outages"] == []
        assert (await xu.post(f"/api/maintenance/{filed['id']}/end")).status_code == 404
        ended = await guan.post(f"/api/maintenance/{filed['id']}/end")
        again = await guan.post(f"/api/maintenance/{filed['id']}/end")
        (listed,) = (await li.get("/api/maintenance")).json()["outages"]
        trail = (await guan.get("/api/maintenance", params={"days": 0})).json()["outages"]
        after = {one["id"]: one for one in (await li.get("/api/cameras")).json()["cameras"]}
    assert cameras["cam-01"]["planned"] == {"until": until, "reason": "更换交换机"}
    assert cameras["cam-03"]["planned"] is None
    assert report["planned_s"] == 1200.0
    assert [one["id"] for one in report["planned"]] == [filed["id"]]
    assert (ended.json()["ended_by"], listed) == ("guan", ended.json())
    assert datetime.fromisoformat(listed["ends_at"]) == START + timedelta(seconds=600)
    assert (again.status_code, again.json()["error"]) == (409, "invalid_transition")
    assert trail == []
    assert after["cam-01"]["planned"] is None


async def test_the_rate_is_the_same_on_the_page_in_the_file_and_as_a_gauge(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    seen, clock = Observer(START), ManualClock(START + timedelta(seconds=100))
    asked = {"from": START.isoformat(), "to": clock.now().isoformat()}
    async with running(config, clock) as room, await room.signed_in("li") as li, await room.signed_in("wang") as wang:
        await _until_beat(room, li, clock.now(), *seen.outage(50, 100, "cam-02"))
        report = (await li.get("/api/health", params=asked)).json()
        theirs = (await wang.get("/api/health", params=asked)).json()
        strip = (await li.get("/api/health/strip", params={"minutes": 5})).json()
        bad = await li.get("/api/health", params={"window": "next-week"})
        async with room.client() as scraper:
            found = list(text_string_to_metric_families((await scraper.get("/metrics")).text))
    families = {family.name: family for family in found}
    assert len(families) == len(found), "a family given twice ends a scrape"
    assert families["lookout_online_rate_target"].samples[0].value == 0.9
    stations = {
        sample.labels["station"]: sample.value for sample in families["lookout_station_online_rate_today"].samples
    }
    assert stations == {"baiyun": 1.0, "kuangshanlu": pytest.approx(0.75, abs=0.01)}
    grids = {sample.labels["grid"]: sample.value for sample in families["lookout_grid_online_rate_today"].samples}
    assert grids == {"baiyun-1": 1.0, "kuangshanlu-1": pytest.approx(0.75, abs=0.01)}
    assert report["online_rate"] == pytest.approx(250 / 300, abs=0.01)
    assert report["verdict"] == "missed"
    assert report["observation_coverage"] > 0.98
    rates = {camera["camera_id"]: camera["online_rate"] for camera in report["cameras"]}
    assert rates == {"cam-01": 1.0, "cam-02": pytest.approx(0.5, abs=0.01), "cam-03": 1.0}
    assert {group["name"]: group["online_rate"] for group in report["by_station"]} == {
        "baiyun": 1.0,
        "kuangshanlu": pytest.approx(0.75, abs=0.01),
    }
    assert [camera["camera_id"] for camera in theirs["cameras"]] == ["cam-01", "cam-02"]
    assert {len(camera["minutes"]) for camera in strip["cameras"]} == {5}
    assert "X" in strip["cameras"][1]["minutes"]
    assert "X" not in strip["cameras"][0]["minutes"]
    assert (bad.status_code, bad.json()["error"]) == (422, "invalid_request")
    online = {sample.labels["camera_id"]: sample.value for sample in families["lookout_camera_online"].samples}
    assert online == {"cam-01": 1.0, "cam-02": 0.0, "cam-03": 1.0}
    (offline,) = families["lookout_camera_offline_info"].samples
    assert offline.labels == {"camera_id": "cam-02", "state": "backoff", "cause": "refused"}

    window = health_report.checked_window(START, clock.now(), clock.now())
    from_file = health_report.report(paths.database, config, window, clock.now())
    assert from_file == health_report.HealthReport.model_validate(report)
    later = health_report.report(paths.database, config, window, clock.now() + timedelta(hours=1))
    assert [camera.state for camera in later.cameras] == ["unobserved"] * 3, "an hour later nobody watches"


def test_without_a_database_the_report_says_no_data(paths: RuntimePaths) -> None:
    config = config_of(paths.data_dir)
    now = datetime.now(UTC)
    report = health_report.report(paths.database, config, health_report.named_window("1h", "UTC", now), now)
    assert (report.online_rate, report.verdict) == (None, Verdict.NO_DATA)
    assert not paths.database.exists(), "asking makes no database"
