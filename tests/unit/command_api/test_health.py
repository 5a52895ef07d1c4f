"""Outages and their alerts, windows, reports and words; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from command_api.cameras.model import UnobservedState
from command_api.health.outages import Due, OutageWatch, Turn
from command_api.health.planned import Request, filed
from command_api.health.report import Present, build_report, build_strip, strip_window
from command_api.health.together import Group, Shared, failed_together, groups_of, name_in_common
from command_api.health.window import BadWindow, checked_window, named_window
from command_api.health.words import recovered_words
from kernel.config.camera import CameraConfig, StreamName
from kernel.events import CameraState, CameraStateChanged, ObserverHeartbeat, OfflineCause, StreamPulse
from kernel.ledger import LedgerChanges, LedgerFold, Span, Verdict
from tests.integration.api_room import config_of

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
START_S = START.timestamp()
Event = CameraStateChanged | ObserverHeartbeat
STREAMING, BACKOFF, CONNECTING = CameraState.STREAMING, CameraState.BACKOFF, CameraState.CONNECTING


def _at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def _change(second: float, state: CameraState, run: str = "r1") -> CameraStateChanged:
    cause = OfflineCause.REFUSED if state is BACKOFF else OfflineCause.NONE
    return CameraStateChanged(
        camera_id="cam-01",
        stream=StreamName.MAIN,
        state=state,
        cause=cause,
        changed_at=_at(second),
        worker="ingest-0",
        run_id=run,
    )


def _beat(second: float, state: CameraState, last_packet: float | None = None, run: str = "r1") -> ObserverHeartbeat:
    pulse = StreamPulse(
        camera_id="cam-01",
        stream=StreamName.MAIN,
        state=state,
        cause=OfflineCause.NONE,
        last_packet_at=None if last_packet is None else _at(last_packet),
        bitrate_bits_s=0.0,
        fps=0.0,
    )
    return ObserverHeartbeat(worker="ingest-0", run_id=run, beat_at=_at(second), streams=(pulse,))


class Story:
    """Feeds events to a fold and a watch, and keeps what became due."""

    def __init__(
        self, debounce_s: float = 60.0, alerted: dict[str, float] | None = None, planned: Iterable[Span] = ()
    ) -> None:
        self.fold = LedgerFold()
        self.planned = [Span(START_S + span.start_s, START_S + span.end_s) for span in planned]
        self.watch = OutageWatch(debounce_s, alerted or {}, lambda _camera_id: self.planned)
        self.due: list[Due] = []

    def tell(self, *events: Event) -> Story:
        for event in events:
            self.due += self.watch.take(self.fold.apply(event))
        return self

    def streaming(self, start: int, end: int, run: str = "r1") -> Story:
        self.tell(_change(start, STREAMING, run))
        return self.tell(*(_beat(second, STREAMING, second - 0.1, run) for second in range(start + 1, end + 1)))

    def offline(self, start: int, end: int, run: str = "r1") -> Story:
        """The last packet came at `start`; it was noticed five seconds later."""
        self.tell(*(_beat(second, STREAMING, start, run) for second in range(start + 1, start + 6)))
        self.tell(_change(start, BACKOFF, run))
        return self.tell(*(_beat(second, BACKOFF, start, run) for second in range(start + 6, end + 1)))

    @property
    def turns(self) -> list[tuple[Turn, float]]:
        return [(due.turn, due.known_s - START_S) for due in self.due]


def test_an_outage_shorter_than_the_debounce_says_nothing() -> None:
    assert Story().streaming(0, 10).offline(10, 69).streaming(69, 200).turns == []


def test_an_outage_is_told_once_and_so_is_its_end() -> None:
    story = Story().streaming(0, 10).offline(10, 202).streaming(202, 220)
    assert story.turns == [(Turn.RAISED, 70.0), (Turn.RECOVERED, 202.0)]
    raised, recovered = story.due
    assert (raised.start_s, raised.cause) == (START_S + 10, OfflineCause.REFUSED)
    assert recovered.start_s == raised.start_s
    told = recovered_words(recovered.known_s - recovered.start_s)
    assert told == ("恢复，离线 3 分 12 秒", "recovered after 3 min 12 s")


def test_the_next_outage_is_a_new_one() -> None:
    story = Story().streaming(0, 10).offline(10, 100).streaming(100, 110).offline(110, 200)
    assert [turn for turn, _ in story.turns] == [Turn.RAISED, Turn.RECOVERED, Turn.RAISED]


def test_time_nobody_watched_does_not_count() -> None:
    """The observer was killed for five minutes; only what was seen offline before or after may raise an alert."""
    story = Story().streaming(0, 10).offline(10, 40)
    story.tell(_change(340, CONNECTING, "r2"), *(_beat(second, CONNECTING, run="r2") for second in range(340, 345)))
    story.tell(_change(345, BACKOFF, "r2"), *(_beat(second, BACKOFF, run="r2") for second in range(345, 395)))
    assert story.turns == []
    story.tell(*(_beat(second, BACKOFF, run="r2") for second in range(395, 410)))
    assert [turn for turn, _ in story.turns] == [Turn.RAISED]


def test_an_outage_across_a_restart_of_the_observer_stays_one() -> None:
    story = Story().streaming(0, 10).offline(10, 80)
    story.tell(_change(90, CONNECTING, "r2"), _change(91, BACKOFF, "r2"))
    story.tell(*(_beat(second, BACKOFF, run="r2") for second in range(91, 300)))
    story.streaming(300, 310, "r2")
    assert [turn for turn, _ in story.turns] == [Turn.RAISED, Turn.RECOVERED]


def test_an_alert_that_stood_before_a_restart_of_ours_is_ended_not_repeated() -> None:
    story = Story(alerted={"cam-01": START_S - 100})
    story.tell(_change(0, BACKOFF), *(_beat(second, BACKOFF) for second in range(200)))
    assert story.turns == []
    story.streaming(200, 210)
    assert story.due == [Due("cam-01", Turn.RECOVERED, START_S - 100, START_S + 200, OfflineCause.NONE)]


def test_a_camera_that_leaves_the_register_ends_its_alert() -> None:
    watch = OutageWatch(60.0, {"cam-01": START_S, "cam-02": START_S})
    due = watch.out_of_service(["cam-02"], START_S + 50)
    assert [(one.camera_id, one.turn) for one in due] == [("cam-01", Turn.TAKEN_OUT)]
    assert watch.out_of_service(["cam-02"], START_S + 60) == []


def test_a_planned_outage_raises_no_alert_and_what_outlasts_it_does() -> None:
    story = Story(planned=[Span(0, 100), Span(60, 200)]).streaming(0, 10).offline(10, 259)
    assert story.turns == []
    story.tell(_beat(260, BACKOFF, 10))
    assert story.turns == [(Turn.RAISED, 260.0)]
    assert story.due[0].start_s == START_S + 200, "it was out of service until then"


def test_a_planned_outage_filed_for_a_camera_that_is_offline_ends_its_alert() -> None:
    story = Story().streaming(0, 10).offline(10, 80)
    story.planned.append(Span(START_S + 75, START_S + 200))
    story.tell(*(_beat(second, BACKOFF, 10) for second in range(81, 150)))
    assert story.turns == [(Turn.RAISED, 70.0), (Turn.TAKEN_OUT, 75.0)]


def test_a_backdated_outage_ends_no_alert_before_it_began() -> None:
    story = Story().streaming(0, 10).offline(10, 80)
    story.planned.append(Span(START_S - 3_600, START_S + 200))
    story.tell(*(_beat(second, BACKOFF, 10) for second in range(81, 90)))
    assert story.turns == [(Turn.RAISED, 70.0), (Turn.TAKEN_OUT, 10.0)]


CAMERAS = tuple(f"cam-0{number}" for number in range(1, 6))


def _of(camera_id: str, change: CameraStateChanged) -> CameraStateChanged:
    return change.model_copy(update={"camera_id": camera_id})


def _all_beat(second: float, gone: Mapping[str, float]) -> ObserverHeartbeat:
    """A heartbeat of all cameras; those in `gone` had their last packet at that second, and are noticed 5 s later."""
    beats = {
        camera_id: _beat(
            second, BACKOFF if second > gone.get(camera_id, 1e9) + 5 else STREAMING, gone.get(camera_id, second)
        )
        for camera_id in CAMERAS
    }
    pulses = tuple(beat.streams[0].model_copy(update={"camera_id": camera_id}) for camera_id, beat in beats.items())
    return beats[CAMERAS[0]].model_copy(update={"streams": pulses})


def _many_go(
    gone: Mapping[str, float],
    end: int,
    back: Mapping[str, int] | None = None,
    planned: Mapping[str, Span] | None = None,
) -> list[Due]:
    """What is due while cameras of one switch go away and come back."""
    fold, due = LedgerFold(), list[Due]()
    out = planned or {}
    group = Group(Shared.UPLINK, "sw-3", CAMERAS)
    watch = OutageWatch(60.0, {}, lambda camera_id: [out[camera_id]] if camera_id in out else [], [group])
    events: list[tuple[float, Event]] = [(0.0, _of(camera_id, _change(0, STREAMING))) for camera_id in CAMERAS]
    events += [(at + 5, _of(camera_id, _change(at, BACKOFF))) for camera_id, at in gone.items()]
    still = dict(gone)
    for second in range(1, end):
        for camera_id in [one for one, at in (back or {}).items() if at == second]:
            events.append((second - 0.5, _of(camera_id, _change(second - 0.5, STREAMING))))
            still.pop(camera_id)
        events.append((second, _all_beat(second, still)))
    for _, event in sorted(events, key=lambda pair: pair[0]):
        due += watch.take(fold.apply(event))
    return due


def test_a_switch_that_fails_is_one_alert_and_each_camera_comes_back_on_its_own() -> None:
    gone = {camera_id: 10.0 + number for number, camera_id in enumerate(CAMERAS)}
    due = _many_go(gone, 200, back={"cam-02": 150, "cam-01": 160})
    assert [(one.turn, one.camera_id, one.together) for one in due] == [
        (Turn.RAISED, "cam-01", CAMERAS),
        (Turn.RECOVERED, "cam-02", ()),
        (Turn.RECOVERED, "cam-01", ()),
    ]
    assert due[0].start_s == START_S + 10


def test_a_camera_broken_before_stays_an_outage_of_its_own() -> None:
    due = _many_go({"cam-03": 10.0, "cam-01": 200.0, "cam-02": 200.5, "cam-04": 201.0, "cam-05": 201.5}, 300)
    assert [(one.camera_id, one.together) for one in due] == [
        ("cam-03", ()),
        ("cam-01", ("cam-01", "cam-02", "cam-04", "cam-05")),
    ]


def test_while_one_camera_of_the_switch_is_well_each_is_told_alone() -> None:
    due = _many_go(dict.fromkeys(CAMERAS[:4], 10.0), 120)
    assert [(one.camera_id, one.together) for one in due] == [(camera_id, ()) for camera_id in CAMERAS[:4]]


def test_a_camera_in_a_planned_outage_neither_counts_nor_hinders() -> None:
    planned = {"cam-05": Span(START_S, START_S + 1000)}
    due = _many_go(dict.fromkeys(CAMERAS[:4], 10.0), 120, planned=planned)
    assert [(one.camera_id, one.together) for one in due] == [("cam-01", CAMERAS[:4])]


def _camera(camera_id: str, host: str, **fields: Any) -> CameraConfig:
    streams = {"main": {"url": f"rtsp://{host}/{camera_id}"}}
    return CameraConfig.model_validate({"id": camera_id, "name": camera_id, "unit": "u", "streams": streams, **fields})


def test_groups_share_a_switch_a_station_or_a_recorder_within_one_unit() -> None:
    cameras = [
        *(_camera(f"a{number}", "10.0.0.1:554", station="north", uplink="sw-1") for number in range(3)),
        _camera("b", "10.0.0.2", station="north"),
        _camera("c", "10.0.0.1:554", unit="other"),
        _camera("d", "10.0.0.1:554", enabled=False),
    ]
    found = [(group.shared.value, group.name, group.camera_ids) for group in groups_of(cameras)]
    assert found == [
        ("station", "north", ("a0", "a1", "a2", "b")),
        ("uplink", "sw-1", ("a0", "a1", "a2")),
        ("recorder", "10.0.0.1:554", ("a0", "a1", "a2")),
    ]
    assert name_in_common(cameras[:3]) == "sw-1"
    assert name_in_common(cameras[:4]) == "north"
    assert name_in_common(cameras[1:]) == "u"
    down = failed_together(groups_of(cameras), dict.fromkeys(("a0", "a1", "a2"), 5.0))
    assert [(one.group.name, one.camera_ids) for one in down] == [("sw-1", ("a0", "a1", "a2"))]


def test_without_a_debounce_an_outage_is_told_at_once() -> None:
    story = Story(debounce_s=0.0).streaming(0, 10).offline(10, 12)
    assert [turn for turn, _ in story.turns] == [Turn.RAISED]


NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("1h", NOON - timedelta(hours=1), NOON),
        ("30m", NOON - timedelta(minutes=30), NOON),
        ("7d", NOON - timedelta(days=7), NOON),
        ("today", NOON - timedelta(hours=12), NOON),
        ("yesterday", NOON - timedelta(hours=36), NOON - timedelta(hours=12)),
        ("last-week", datetime(2026, 2, 22, 16, tzinfo=UTC), datetime(2026, 3, 1, 16, tzinfo=UTC)),
    ],
)
def test_windows_have_the_bounds_of_the_districts_own_clock(name: str, start: datetime, end: datetime) -> None:
    assert named_window(name, "Asia/Shanghai", NOON) == Span(start.timestamp(), end.timestamp())


def test_yesterday_has_23_hours_where_the_clocks_went_forward() -> None:
    monday = datetime(2026, 3, 30, 10, 0, tzinfo=UTC)
    assert named_window("yesterday", "Europe/Berlin", monday).length_s == 23 * 3600


def test_a_day_that_begins_twice_begins_the_first_time() -> None:
    """In Havana clocks go back from 1:00 to 0:00; seen from the second half past midnight it is the same day."""
    second_half_past = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    today = named_window("today", "America/Havana", second_half_past)
    assert today == Span(datetime(2026, 11, 1, 4, 0, tzinfo=UTC).timestamp(), second_half_past.timestamp())


def test_instants_of_one_zone_are_compared_as_time_and_not_as_clocks() -> None:
    """Clocks in Berlin jump from 2:00 to 3:00: what is written as 2:30 lies after 3:15."""
    berlin = ZoneInfo("Europe/Berlin")
    skipped, after = datetime(2026, 3, 29, 2, 30, tzinfo=berlin), datetime(2026, 3, 29, 3, 15, tzinfo=berlin)
    with pytest.raises(BadWindow):
        checked_window(skipped, after, NOON + timedelta(days=400))
    assert checked_window(after, skipped, NOON + timedelta(days=400)).length_s == 15 * 60


@pytest.mark.parametrize("name", ["", "0h", "next-week", "1y", "99999d", "-1h"])
def test_other_windows_are_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(BadWindow, match="use 1h"):
        named_window(name, "Asia/Shanghai", NOON)


def test_a_window_ends_now_and_not_before_it_begins() -> None:
    assert checked_window(NOON, NOON + timedelta(hours=1), NOON + timedelta(minutes=1)).length_s == 60
    for start, end in ((NOON, NOON), (NOON, NOON - timedelta(1)), (NOON + timedelta(1), NOON + timedelta(2))):
        with pytest.raises(BadWindow):
            checked_window(start, end, NOON)


def _rows(tell: Callable[[LedgerFold], list[LedgerChanges]]) -> LedgerChanges:
    changes = tell(LedgerFold())
    intervals = {row.key: row for change in changes for row in change.intervals}
    spans = {row.key: row for change in changes for row in change.spans}
    return LedgerChanges(tuple(intervals.values()), tuple(spans.values()))


def _day(fold: LedgerFold) -> list[LedgerChanges]:
    """Watched for 100 s: online for 80, offline for 20."""
    events: list[Event] = [_change(0, STREAMING)]
    events += [_beat(second, STREAMING, second) for second in range(81)]
    events += [_change(80, BACKOFF), *(_beat(second, BACKOFF, 80) for second in range(81, 101))]
    return [fold.apply(event) for event in events]


def test_the_report_counts_what_was_watched_and_groups_by_station(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    offline = Present(BACKOFF, OfflineCause.REFUSED, _at(80))
    absent = Present(UnobservedState.UNOBSERVED, OfflineCause.NONE, None)
    present = {"cam-01": offline, "cam-02": absent, "cam-03": absent}
    report = build_report(config.cameras, _rows(_day), present, Span(START_S, START_S + 100), config.health, (), START)
    first, second, _third = report.cameras
    assert (first.online_rate, first.online_s, first.in_service_s, first.outages) == (0.8, 80.0, 100.0, 1)
    assert (second.online_rate, second.unobserved_s) == (None, 100.0)
    assert report.verdict is Verdict.INSUFFICIENT_DATA, "two of three cameras were not watched"
    assert report.online_rate == 0.8
    assert report.observation_coverage == pytest.approx(1 / 3)
    assert report.offline_now == 1, "a camera nobody watches is not known to be offline"
    assert {(group.name, group.online_rate) for group in report.by_station} == {("kuangshanlu", 0.8), ("baiyun", None)}
    assert "from" in report.model_dump(by_alias=True, mode="json")["window"]


def test_a_disabled_camera_is_in_no_rate(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    watched, *rest = config.cameras
    cameras = [watched, *(camera.model_copy(update={"enabled": False}) for camera in rest)]
    present = {camera.id: Present(CameraState.DISABLED, OfflineCause.NONE, None) for camera in cameras}
    report = build_report(cameras, _rows(_day), present, Span(START_S, START_S + 100), config.health, (), START)
    assert (report.online_rate, report.verdict, report.observation_coverage) == (0.8, Verdict.MISSED, 1.0)


def test_a_planned_outage_is_left_out_and_the_rate_with_it_stands_beside(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    request = Request(("cam-01",), _at(70), _at(90), "更换立杆", "王所长")
    outage = filed(request, "01J", "li", _at(75))
    present = {camera.id: Present(BACKOFF, OfflineCause.REFUSED, _at(80)) for camera in config.cameras}
    watched = [camera for camera in config.cameras if camera.id == "cam-01"]
    report = build_report(watched, _rows(_day), present, Span(START_S, START_S + 100), config.health, [outage], _at(89))
    assert (report.online_s, report.in_service_s, report.planned_s) == (70.0, 80.0, 20.0)
    assert (report.full_online_s, report.full_in_service_s, report.full_online_rate) == (80.0, 100.0, 0.8)
    assert report.online_rate == report.by_station[0].online_rate == 0.875
    assert (report.offline_now, report.cameras[0].planned_until) == (0, _at(90))
    (line,) = report.planned
    assert (line.reason, line.approver, line.filed_by, line.is_backdated) == ("更换立杆", "王所长", "li", True)
    later = build_report(watched, _rows(_day), present, Span(START_S, START_S + 100), config.health, [outage], _at(90))
    assert (later.offline_now, later.cameras[0].planned_until, later.online_rate) == (1, None, 0.875)
    strip = build_strip(watched, _rows(_day), Span(START_S + 60, START_S + 120), 1, [outage])
    assert strip.cameras[0].minutes == "X", "offline after it"


def test_nothing_observed_is_no_data_not_zero(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    present = {camera.id: Present(UnobservedState.UNOBSERVED, OfflineCause.NONE, None) for camera in config.cameras}
    report = build_report(
        config.cameras, LedgerChanges(), present, Span(START_S, START_S + 100), config.health, (), START
    )
    assert (report.online_rate, report.verdict, report.offline_now) == (None, Verdict.NO_DATA, 0)


def test_the_strip_has_one_character_a_minute(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    window = strip_window(3, START_S + 100)
    assert window == Span(START_S - 60, START_S + 100)
    strip = build_strip(config.cameras, _rows(_day), window, 3)
    assert [line.minutes for line in strip.cameras] == ["NOX", "NNN", "NNN"]
    assert strip.cameras[0].not_analysed == "111"
    assert strip_window(3, START_S + 62) == Span(START_S - 120, START_S + 60), (
        "a minute joins in once 5 s of it are known"
    )
