"""The health report: rates by camera, station and grid, and the verdict; pure, from rows to what people read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from command_api.cameras.model import StreamStateName
from command_api.register import live_stream
from kernel.config.camera import CameraConfig
from kernel.config.sections import HealthConfig
from kernel.events import CameraState, OfflineCause
from kernel.ledger import (
    LedgerChanges,
    RateFigures,
    Span,
    Verdict,
    WatchKind,
    aggregate,
    not_analysed_strip,
    rates,
    state_strip,
    total,
)


class ReportWindow(BaseModel):
    """Which time a report tells of."""

    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime


class RateLine(BaseModel):
    """Seconds, and the rate they make: online_rate = online_s / in_service_s, null where nothing was observed."""

    online_rate: float | None
    online_s: float
    in_service_s: float
    unobserved_s: float


class CameraHealth(RateLine):
    """One camera."""

    camera_id: str
    name: str
    station: str
    grid: str
    state: StreamStateName
    cause: OfflineCause
    since: AwareDatetime | None
    outages: int


class GroupHealth(RateLine):
    """The cameras of a station or grid, added up."""

    name: str
    cameras: int


class HealthReport(RateLine):
    """The district over a window, against its target."""

    window: ReportWindow
    target: float
    verdict: Verdict
    observation_coverage: float
    offline_now: int
    cameras: list[CameraHealth]
    by_station: list[GroupHealth]
    by_grid: list[GroupHealth]


class HealthSummary(BaseModel):
    """The top of the wall, in one line."""

    online_rate: float | None
    observation_coverage: float
    target: float
    verdict: Verdict
    offline_now: int
    cameras: int
    window: str


class CameraStrip(BaseModel):
    """A camera by the minute."""

    camera_id: str
    minutes: str = Field(description="O online, D degraded, X offline, S out of service, N no data; the worst of each.")
    not_analysed: str = Field(description="1 where it was not analysed for some of the minute, else a dot.")


class Strip(BaseModel):
    """The last minutes of every camera."""

    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime
    minute_count: int
    cameras: list[CameraStrip]


@dataclass(frozen=True, slots=True)
class Present:
    """What a camera is doing at this moment."""

    state: StreamStateName
    cause: OfflineCause
    since: datetime | None

    @property
    def is_offline(self) -> bool:
        """Whether it is known to be offline (nobody watching is not known)."""
        return isinstance(self.state, CameraState) and self.state.is_offline


def camera_rates(cameras: Sequence[CameraConfig], rows: LedgerChanges, window: Span) -> dict[str, RateFigures]:
    """Figures of each camera's live stream; time without rows of a camera that is disabled is out of service."""
    shown = {camera.id: live_stream(camera) for camera in cameras}
    intervals = [row for row in rows.intervals if shown.get(row.camera_id) == row.stream]
    figures = rates(shown, intervals, _spans(rows, WatchKind.OBSERVED, shown), window)
    for camera in cameras:
        if not camera.enabled:
            known = figures[camera.id]
            idle_s = known.out_of_service_s + known.unobserved_s
            figures[camera.id] = replace(known, out_of_service_s=idle_s, unobserved_s=0.0)
    return figures


def build_report(
    cameras: Sequence[CameraConfig],
    rows: LedgerChanges,
    present: Mapping[str, Present],
    window: Span,
    health: HealthConfig,
) -> HealthReport:
    """The report on some cameras.

    Args:
        cameras: in scope.
        rows: ledger rows that touch the window.
        present: what each camera is doing now.
        window: which time.
        health: target and how much must be observed.
    """
    figures = camera_rates(cameras, rows, window)
    district = total(figures.values())
    return HealthReport(
        **_fields(district),
        window=ReportWindow.model_validate({"from": _instant(window.start_s), "to": _instant(window.end_s)}),
        target=health.online_target,
        verdict=district.verdict(health.online_target, health.observation_min),
        observation_coverage=district.observation_coverage,
        offline_now=sum(present[camera.id].is_offline for camera in cameras),
        cameras=[_camera(camera, figures[camera.id], present[camera.id]) for camera in cameras],
        by_station=_groups(cameras, figures, lambda camera: camera.station),
        by_grid=_groups(cameras, figures, lambda camera: camera.grid),
    )


def build_summary(
    cameras: Sequence[CameraConfig],
    rows: LedgerChanges,
    present: Mapping[str, Present],
    window: Span,
    window_name: str,
    health: HealthConfig,
) -> HealthSummary:
    """The report in one line."""
    district = total(camera_rates(cameras, rows, window).values())
    return HealthSummary(
        online_rate=district.online_rate,
        observation_coverage=district.observation_coverage,
        target=health.online_target,
        verdict=district.verdict(health.online_target, health.observation_min),
        offline_now=sum(present[camera.id].is_offline for camera in cameras),
        cameras=len(cameras),
        window=window_name,
    )


def strip_window(minutes: int, now_s: float) -> Span:
    """Whole minutes of the clock up to now; the present one joins in once some of it is known."""
    last_start_s = (now_s - 5.0) // 60 * 60
    return Span(last_start_s - 60.0 * (minutes - 1), min(now_s, last_start_s + 60.0))


def build_strip(cameras: Sequence[CameraConfig], rows: LedgerChanges, window: Span, minutes: int) -> Strip:
    """The last minutes of some cameras."""
    shown = {camera.id: live_stream(camera) for camera in cameras}
    observed = _spans(rows, WatchKind.OBSERVED, shown)
    analysed = _spans(rows, WatchKind.ANALYSED, shown)
    lines = [
        CameraStrip(
            camera_id=camera_id,
            minutes=state_strip(
                [row for row in rows.intervals if (row.camera_id, row.stream) == (camera_id, stream)],
                observed.get(camera_id, []),
                window,
            ),
            not_analysed=not_analysed_strip(analysed.get(camera_id, []), window),
        )
        for camera_id, stream in shown.items()
    ]
    whole = {"from": _instant(window.start_s), "to": _instant(window.end_s), "minute_count": minutes, "cameras": lines}
    return Strip.model_validate(whole)


def _spans(rows: LedgerChanges, kind: WatchKind, shown: Mapping[str, object]) -> dict[str, list[Span]]:
    """Watched time by camera: of the live stream, or of the detector (which watches no single stream)."""
    found: dict[str, list[Span]] = {}
    for row in rows.spans:
        if row.kind is kind and (row.stream is None or shown.get(row.camera_id) == row.stream):
            found.setdefault(row.camera_id, []).append(row.span)
    return found


def _groups(
    cameras: Sequence[CameraConfig], figures: Mapping[str, RateFigures], name_of: Callable[[CameraConfig], str]
) -> list[GroupHealth]:
    names = {camera.id: name_of(camera) for camera in cameras}
    sums = aggregate(figures, names.__getitem__)
    counts = {name: sum(other == name for other in names.values()) for name in sums}
    return [GroupHealth(**_fields(figure), name=name, cameras=counts[name]) for name, figure in sums.items() if name]


def _camera(camera: CameraConfig, figures: RateFigures, present: Present) -> CameraHealth:
    return CameraHealth(
        **_fields(figures),
        camera_id=camera.id,
        name=camera.name,
        station=camera.station,
        grid=camera.grid,
        state=present.state,
        cause=present.cause,
        since=present.since,
        outages=len(figures.outages),
    )


def _fields(figures: RateFigures) -> dict[str, Any]:
    """The fields of a RateLine."""
    return {
        "online_rate": figures.online_rate,
        "online_s": round(figures.online_s, 3),
        "in_service_s": round(figures.in_service_s, 3),
        "unobserved_s": round(figures.unobserved_s, 3),
    }


def _instant(instant_s: float) -> datetime:
    return datetime.fromtimestamp(instant_s, UTC)
