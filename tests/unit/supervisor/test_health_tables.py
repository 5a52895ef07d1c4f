"""What `lookout health` prints of planned outages and of cameras that failed together."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from command_api.health.model import HealthReport
from command_api.health.planned import Request, filed
from command_api.health.report import Present, build_report
from kernel.config.camera import StreamName
from kernel.events import CameraState, OfflineCause
from kernel.ledger import LedgerChanges, Span, StateInterval, WatchedSpan, WatchKind
from supervisor.health import csv_text, print_report
from tests.integration.api_room import config_of

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
AT_S = NOW.timestamp()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def report_of(tmp_path: Path) -> HealthReport:
    """Three cameras of one switch, offline for the last 20 of 100 s; for one of them the last 50 s are planned."""
    config = config_of(tmp_path)
    cameras = [one.model_copy(update={"unit": "bureau", "uplink": "sw-3"}) for one in config.cameras]
    rows = LedgerChanges(
        tuple(
            StateInterval(one.id, StreamName.MAIN, AT_S + start, AT_S + end, state, OfflineCause.NONE)
            for one in cameras
            for start, end, state in ((-100, -20, CameraState.STREAMING), (-20, 0, CameraState.BACKOFF))
        ),
        tuple(WatchedSpan(WatchKind.OBSERVED, one.id, StreamName.MAIN, AT_S - 100, AT_S) for one in cameras),
    )
    present = Present(CameraState.BACKOFF, OfflineCause.NO_ROUTE, NOW - timedelta(seconds=20))
    request = Request(("cam-02",), NOW - timedelta(seconds=50), NOW, "更换立杆", "王所长")
    outage = filed(request, "01J", "li", NOW - timedelta(seconds=40))
    window = Span(AT_S - 100, AT_S)
    return build_report(cameras, rows, {one.id: present for one in cameras}, window, config.health, [outage], NOW)


def test_both_rates_the_reason_and_one_line_for_the_switch(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=160)
    print_report(report_of(tmp_path), SHANGHAI, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert (
        "同时离线/offline together: sw-3 3 台/cameras, 03-01 15:59:40, 网络不可达 / no route: cam-01 cam-02 cam-03"
        in text
    )
    assert "不剔除报备停用/planned outages counted in 80.00% = 240.0 s / 300.0 s" in text
    assert "84.00% = 210.0 s / 250.0 s" in text
    for word in ("更换立杆", "王所长", "补报/backdated"):
        assert word in text


def test_the_csv_recomputes_with_and_without(tmp_path: Path) -> None:
    lines = list(csv.DictReader(io.StringIO(csv_text(report_of(tmp_path)))))
    for line in lines:
        for head in ("", "full_"):
            rate = float(line[f"{head}online_s"]) / float(line[f"{head}in_service_s"])
            assert float(line[f"{head}online_rate"]) == pytest.approx(rate, abs=1e-6)
    assert [line["planned_s"] for line in lines if line["scope"] == "camera"] == ["0.0", "50.0", "0.0"]
