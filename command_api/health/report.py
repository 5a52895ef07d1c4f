"""The health report: rates by camera, station and grid, and the verdict; pure, from rows to what people read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import mode
from typing import Any

from command_api.cameras.model import StreamStateName
from command_api.health.model import (
    CameraHealth,
    CameraStrip,
    GroupHealth,
    HealthReport,
    HealthSummary,
    PlannedLine,
    ReportWindow,
    Strip,
    TogetherLine,
)
from command_api.health.planned import PlannedOutage, spans_by_camera, under_way
from command_api.health.together import failed_together, groups_of
from command_api.register import live_stream
from kernel.config.camera import CameraConfig
from kernel.config.sections import HealthConfig
from kernel.events import CameraState, OfflineCause
from kernel.ledger import (
    LedgerChanges,
    RateFigures,
    Span,
    WatchKind,
    aggregate,
    not_analysed_strip,
    rates,
    state_strip,
    total,
)
from kernel.ledger.spans import intersection


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


def camera_rates(
    cameras: Sequence[CameraConfig], rows: LedgerChanges, window: Span, planned: Iterable[PlannedOutage] = ()
) -> dict[str, RateFigures]:
    """Figures of each camera's live stream; time without rows of a camera that is disabled is out of service."""
    shown = {camera.id: live_stream(camera) for camera in cameras}
    intervals = [row for row in rows.intervals if shown.get(row.camera_id) == row.stream]
    figures = rates(shown, intervals, _spans(rows, WatchKind.OBSERVED, shown), window, spans_by_camera(planned))
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
    planned: Sequence[PlannedOutage],
    now: datetime,
) -> HealthReport:
    """The report on some cameras.

    Args:
        cameras: in scope.
        rows: ledger rows that touch the window.
        present: what each camera is doing now.
        window: which time.
        health: target and how much must be observed.
        planned: planned outages that touch the window or the present.
        now: the present.
    """
    figures = camera_rates(cameras, rows, window, planned)
    full = camera_rates(cameras, rows, window) if planned else figures
    district = total(figures.values())
    out = under_way(planned, now)
    return HealthReport(
        **_fields(district, total(full.values())),
        window=ReportWindow.model_validate({"from": _instant(window.start_s), "to": _instant(window.end_s)}),
        target=health.online_target,
        verdict=district.verdict(health.online_target, health.observation_min),
        observation_coverage=district.observation_coverage,
        offline_now=_offline_now(cameras, present, out),
        cameras=[
            _camera(camera, (figures[camera.id], full[camera.id]), present[camera.id], out.get(camera.id))
            for camera in cameras
        ],
        by_station=_groups(cameras, figures, full, lambda camera: camera.station),
        by_grid=_groups(cameras, figures, full, lambda camera: camera.grid),
        planned=planned_lines(
            [one for one in planned if intersection([one.span], [window])], {camera.id for camera in cameras}
        ),
        together=_together(cameras, present, out),
    )


def build_summary(
    cameras: Sequence[CameraConfig],
    rows: LedgerChanges,
    present: Mapping[str, Present],
    window: Span,
    window_name: str,
    health: HealthConfig,
    planned: Sequence[PlannedOutage],
    now: datetime,
) -> HealthSummary:
    """The report in one line."""
    district = total(camera_rates(cameras, rows, window, planned).values())
    return HealthSummary(
        online_rate=district.online_rate,
        observation_coverage=district.observation_coverage,
        target=health.online_target,
        verdict=district.verdict(health.online_target, health.observation_min),
        offline_now=_offline_now(cameras, present, under_way(planned, now)),
        cameras=len(cameras),
        window=window_name,
    )


def strip_window(minutes: int, now_s: float) -> Span:
    """Whole minutes of the clock up to now; the present one joins in once some of it is known."""
    last_start_s = (now_s - 5.0) // 60 * 60
    return Span(last_start_s - 60.0 * (minutes - 1), min(now_s, last_start_s + 60.0))


def build_strip(
    cameras: Sequence[CameraConfig],
    rows: LedgerChanges,
    window: Span,
    minutes: int,
    planned: Sequence[PlannedOutage] = (),
) -> Strip:
    """The last minutes of some cameras."""
    out = spans_by_camera(planned)
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
                out.get(camera_id, []),
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


def planned_lines(planned: Iterable[PlannedOutage], camera_ids: Set[str]) -> list[PlannedLine]:
    """Planned outages of some cameras, as they are told."""
    return [
        PlannedLine(
            id=one.id,
            camera_ids=tuple(camera_id for camera_id in one.camera_ids if camera_id in camera_ids),
            begins_at=one.begins_at,
            ends_at=one.ends_at,
            reason=one.reason,
            approver=one.approver,
            filed_by=one.filed_by,
            filed_at=one.filed_at,
            ended_by=one.ended_by,
            is_backdated=one.is_backdated,
        )
        for one in planned
        if not camera_ids.isdisjoint(one.camera_ids)
    ]


def _offline_now(
    cameras: Iterable[CameraConfig], present: Mapping[str, Present], out: Mapping[str, PlannedOutage]
) -> int:
    """Cameras offline at this moment that should not be."""
    return sum(present[camera.id].is_offline and camera.id not in out for camera in cameras)


def _together(
    cameras: Sequence[CameraConfig], present: Mapping[str, Present], out: Mapping[str, PlannedOutage]
) -> list[TogetherLine]:
    since_s = {
        camera.id: since.timestamp()
        for camera in cameras
        if present[camera.id].is_offline and camera.id not in out and (since := present[camera.id].since)
    }
    idle = {camera.id for camera in cameras if present[camera.id].state is CameraState.DISABLED}
    return [
        TogetherLine(
            shared=one.group.shared,
            name=one.group.name,
            camera_ids=one.camera_ids,
            since=_instant(one.start_s),
            cause=mode(present[camera_id].cause for camera_id in one.camera_ids),
        )
        for one in failed_together(groups_of(cameras), since_s, idle | out.keys())
    ]


def _groups(
    cameras: Sequence[CameraConfig],
    figures: Mapping[str, RateFigures],
    full: Mapping[str, RateFigures],
    name_of: Callable[[CameraConfig], str],
) -> list[GroupHealth]:
    names = {camera.id: name_of(camera) for camera in cameras}
    sums, full_sums = aggregate(figures, names.__getitem__), aggregate(full, names.__getitem__)
    counts = {name: sum(other == name for other in names.values()) for name in sums}
    return [
        GroupHealth(**_fields(figure, full_sums[name]), name=name, cameras=counts[name])
        for name, figure in sums.items()
        if name
    ]


def _camera(
    camera: CameraConfig, figures: tuple[RateFigures, RateFigures], present: Present, out: PlannedOutage | None
) -> CameraHealth:
    return CameraHealth(
        **_fields(*figures),
        camera_id=camera.id,
        name=camera.name,
        station=camera.station,
        grid=camera.grid,
        state=present.state,
        cause=present.cause,
        since=present.since,
        outages=len(figures[0].outages),
        planned_until=None if out is None else out.ends_at,
    )


def _fields(figures: RateFigures, full: RateFigures) -> dict[str, Any]:
    """The fields of a RateLine."""
    return {
        "online_rate": figures.online_rate,
        "online_s": round(figures.online_s, 3),
        "in_service_s": round(figures.in_service_s, 3),
        "unobserved_s": round(figures.unobserved_s, 3),
        "planned_s": round(figures.planned_s, 3),
        "full_online_rate": full.online_rate,
        "full_online_s": round(full.online_s, 3),
        "full_in_service_s": round(full.in_service_s, 3),
    }


def _instant(instant_s: float) -> datetime:
    return datetime.fromtimestamp(instant_s, UTC)
