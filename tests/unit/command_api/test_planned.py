"""Planned outages: what may be filed, how they end, what the config announces, and how they are kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from command_api.health.planned import (
    FILED_BY_CONFIG,
    OutageRefused,
    PlannedOutage,
    Request,
    cameras_named,
    config_changes,
    ended,
    filed,
    spans_by_camera,
    under_way,
)
from command_api.outages import file_config_outages
from command_api.store import audit, planned
from command_api.store.database import database_url, migrate, open_engine
from kernel.config.lookout import LookoutConfig
from kernel.config.maintenance import MaintenanceConfig
from kernel.ledger import Span
from kernel.runtime import RuntimePaths
from supervisor.cli import app
from tests.integration.api_room import config_of

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def outage_of(begins_h: float, ends_h: float, *cameras: str, outage_id: str = "01J") -> PlannedOutage:
    """An outage some hours from NOW, filed at NOW."""
    request = Request(cameras or ("cam-01",), NOW + begins_h * HOUR, NOW + ends_h * HOUR, "repair")
    return filed(request, outage_id, "li", NOW)


@pytest.mark.parametrize(
    ("cameras", "begins_h", "ends_h", "reason", "why"),
    [
        ((), 0, 1, "repair", "no camera"),
        (("cam-01",), 0, 1, "  ", "reason"),
        (("cam-01",), 1, 1, "repair", "does not end"),
        (("cam-01",), 0, 24 * 93, "repair", "longer than 92 days"),
        (("cam-01",), -24 * 32, 1, "repair", "more than 31 days ago"),
    ],
)
def test_what_cannot_be_filed_is_told_in_one_line(
    cameras: tuple[str, ...], begins_h: float, ends_h: float, reason: str, why: str
) -> None:
    with pytest.raises(OutageRefused, match=why):
        filed(Request(cameras, NOW + begins_h * HOUR, NOW + ends_h * HOUR, reason), "01J", "li", NOW)


def test_only_what_lay_in_the_past_is_backdated() -> None:
    assert [outage_of(begins_h, 5).is_backdated for begins_h in (-1, 0, 1)] == [True, False, False]


def test_an_end_may_come_earlier_and_what_has_not_begun_never_counts() -> None:
    early = ended(outage_of(0, 5), "wang", NOW + HOUR)
    assert (early.ends_at, early.announced_end_at, early.ended_by) == (NOW + HOUR, NOW + 5 * HOUR, "wang")
    assert ended(outage_of(2, 5), "wang", NOW + HOUR).span.length_s == 0
    with pytest.raises(OutageRefused, match="over"):
        ended(early, "wang", NOW + HOUR)


def test_of_several_outages_the_longest_tells_how_long_a_camera_is_away() -> None:
    outages = [outage_of(0, 5, "cam-01"), outage_of(1, 3, "cam-01", "cam-02"), outage_of(4, 9, "cam-02")]
    out = under_way(outages, NOW + 2 * HOUR)
    assert {camera_id: one.ends_at for camera_id, one in out.items()} == {
        "cam-01": NOW + 5 * HOUR,
        "cam-02": NOW + 3 * HOUR,
    }
    assert under_way(outages, NOW + 9 * HOUR) == {}
    assert len(spans_by_camera(outages)["cam-01"]) == 2


def config_with(tmp_path: Path, *entries: MaintenanceConfig) -> LookoutConfig:
    return config_of(tmp_path).model_copy(update={"maintenance": entries})


ENTRY = MaintenanceConfig.model_validate(
    {"stations": ["kuangshanlu"], "begins": "2026-03-01", "ends": "2026-03-02", "reason": "new switch"}
)


def test_a_day_of_the_config_is_the_districts_own_and_a_station_all_its_cameras(tmp_path: Path) -> None:
    (request,) = config_changes(config_with(tmp_path, ENTRY), [], NOW).new.values()
    assert request.camera_ids == ("cam-01", "cam-02")
    assert request.begins_at == datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    assert request.ends_at == datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert config_changes(config_with(tmp_path, ENTRY), [], NOW + 48 * HOUR).new == {}, "over: nothing to announce"
    assert cameras_named(config_of(tmp_path), ["cam-9"], ["nowhere"]) == ((), ["cam-9", "nowhere"])


def test_the_config_is_filed_once_and_what_it_drops_ends(tmp_path: Path) -> None:
    config = config_with(tmp_path, ENTRY)
    engine = open_engine(database_url(tmp_path / "lookout.db", ""), writing=True)
    migrate(engine)
    try:
        with engine.begin() as connection:
            file_config_outages(connection, config, NOW)
            file_config_outages(connection, config, NOW + HOUR)
            (outage,) = planned.since(connection, NOW.timestamp())
            assert (outage.filed_by, outage.is_backdated, outage.camera_ids) == (
                FILED_BY_CONFIG,
                True,
                ("cam-01", "cam-02"),
            )
            file_config_outages(connection, config_with(tmp_path), NOW + 2 * HOUR)
            assert planned.since(connection, (NOW + 2 * HOUR).timestamp()) == []
            window = Span((NOW - HOUR).timestamp(), (NOW + 9 * HOUR).timestamp())
            (kept,) = planned.touching(connection, window)
            assert kept.ends_at == NOW + 2 * HOUR, "what has been out of service stays so in the figures of the past"
            file_config_outages(connection, config, NOW + 3 * HOUR)
            assert len(planned.touching(connection, window)) == 2, "announced again"
            records = audit.read(connection, 0, 10)
    finally:
        engine.dispose()
    actions = [record.entry.action.value for record in records]
    assert actions == ["outage_planned", "outage_ended", "outage_planned"]
    assert audit.broken_at(records) is None
    assert "reason=new switch" in records[0].entry.detail


@pytest.mark.parametrize("ended_h", [pytest.param(-18, id="before it begins"), pytest.param(1, id="under way")])
def test_what_a_person_ended_is_not_brought_back_by_the_config(tmp_path: Path, ended_h: int) -> None:
    """The next start took the cameras out of service again, and their alerts with them."""
    filed_at, at, config = NOW - 20 * HOUR, NOW + ended_h * HOUR, config_with(tmp_path, ENTRY)
    engine = open_engine(database_url(tmp_path / "lookout.db", ""), writing=True)
    migrate(engine)
    try:
        with engine.begin() as connection:
            file_config_outages(connection, config, filed_at)
            (outage,) = planned.since(connection, filed_at.timestamp())
            planned.end(connection, ended(outage, "wang", at), "", at)
            file_config_outages(connection, config, at + HOUR)
            assert planned.since(connection, (at + HOUR).timestamp()) == []
            changed = config_with(tmp_path, ENTRY.model_copy(update={"reason": "new switch, second try"}))
            file_config_outages(connection, changed, at + 2 * HOUR)
            assert len(planned.since(connection, (at + 2 * HOUR).timestamp())) == 1, "another entry is another outage"
    finally:
        engine.dispose()


def test_a_maintainer_files_lists_and_ends_from_the_console(tmp_path: Path) -> None:
    """One line each; what is refused or unknown is one line too, and nothing is stored of it."""
    file = tmp_path / "room.yaml"
    camera = {"id": "gate", "name": "Gate", "unit": "bureau", "streams": {"main": {"url": "rtsp://127.0.0.1:9/1"}}}
    file.write_text(json.dumps({"data_dir": str(tmp_path), "cameras": [camera]}), encoding="utf-8")
    engine = open_engine(database_url(RuntimePaths(tmp_path).database, ""), writing=True)
    migrate(engine)
    engine.dispose()

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["maintenance", words[0], str(file), *words[1:], "--json"])
        return done.exit_code, done.stdout if done.exception is None else str(done.exception)

    code, told = run("add", "--camera", "gate", "--to", "2999-01-01", "--reason", "mast")
    assert (code, "longer than" in told) == (1, True)
    code, told = run("add", "--camera", "gaet", "--to", "2999-01-01", "--reason", "mast")
    assert "did you mean 'gate'" in told
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    code, told = run("add", "--camera", "gate", "--to", tomorrow, "--reason", "mast", "--approver", "Wang")
    outage = json.loads(told)
    assert (outage["cameras"], outage["reason"], outage["approver"], outage["is_backdated"]) == (
        ["gate"],
        "mast",
        "Wang",
        False,
    )
    assert outage["filed_by"].startswith("console:")
    assert [one["id"] for one in json.loads(run("list")[1])] == [outage["id"]]
    assert json.loads(run("end", outage["id"])[1])["ended_by"].startswith("console:")
    assert "over already" in run("end", outage["id"])[1]
    assert "no planned outage" in run("end", "01J")[1]
