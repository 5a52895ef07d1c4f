"""`lookout health`: each camera's state, cause and rate, by station and grid, and the district against its target."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table

from command_api.health.model import CameraHealth, HealthReport, RateLine, TogetherLine
from command_api.health.words import cause_words
from command_api.health_report import checked_window, named_window, report
from command_api.store.database import database_url
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError, ExitCode
from kernel.events import OfflineCause
from kernel.ledger import Span, Verdict
from kernel.runtime import RuntimePaths

DEFAULT_WINDOW = "today"
WIDTH_OF_A_FILE = 160
NO_DATA = "无数据/no data"
STATE_WORDS = {
    "streaming": "在线 / online",
    "degraded": "降级 / degraded",
    "connecting": "连接中 / connecting",
    "stalled": "停滞 / stalled",
    "backoff": "离线 / offline",
    "disabled": "停用 / out of service",
    "unobserved": "未观测 / not observed",
}
VERDICT_WORDS = {
    Verdict.MET: "达标/met",
    Verdict.MISSED: "未达标/missed",
    Verdict.INSUFFICIENT_DATA: "数据不足/insufficient data",
    Verdict.NO_DATA: NO_DATA,
}
EXIT_CODES = {
    Verdict.MET: ExitCode.OK,
    Verdict.MISSED: ExitCode.ANSWER_IS_NO,
    Verdict.INSUFFICIENT_DATA: ExitCode.CANNOT_TELL,
    Verdict.NO_DATA: ExitCode.CANNOT_TELL,
}
CSV_COLUMNS = (
    "scope",
    "id",
    "name",
    "state",
    "cause",
    "since",
    "online_rate",
    "online_s",
    "in_service_s",
    "unobserved_s",
    "outages",
    "planned_s",
    "full_online_rate",
    "full_online_s",
    "full_in_service_s",
)


def make_report(config: LookoutConfig, window: Span, now: datetime) -> HealthReport:
    """The report of a window from the store, whether the services run or not."""
    database = database_url(RuntimePaths.of(config).database, config.store.url).database
    return report(Path(database or ""), config, window, now)


def chosen_window(config: LookoutConfig, window: str | None, start: str | None, end: str | None, now: datetime) -> Span:
    """The window asked for on the command line.

    Raises:
        BadInputError: both a name and instants, half a pair, or an instant that cannot be read.
    """
    if window is not None and (start or end):
        raise BadInputError("health: give either --window or --from and --to, not both")
    if start is None and end is None:
        return named_window(window or DEFAULT_WINDOW, config.site.timezone, now)
    if start is None:
        raise BadInputError("health: --to needs --from as well")
    zone = ZoneInfo(config.site.timezone)
    return checked_window(instant(start, zone), instant(end, zone) if end else now, now)


def instant(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 instant; without an offset it is the district's own time.

    Raises:
        BadInputError: not ISO 8601.
    """
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"health: {text!r} is no instant; write 2026-11-22 or 2026-11-22T08:00") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)


def shown_rate(line: RateLine) -> str:
    """A rate for people; nothing observed is not 0 %."""
    return NO_DATA if line.online_rate is None else f"{line.online_rate:.2%}"


def shown_seconds(line: RateLine) -> tuple[str, str, str]:
    """Online, in-service and unobserved seconds."""
    return f"{line.online_s:.0f}", f"{line.in_service_s:.0f}", f"{line.unobserved_s:.0f}"


def shown_state(camera: CameraHealth, zone: ZoneInfo) -> str:
    """What a camera is doing, since when, and why where it is offline; until when it is out for a planned outage."""
    words = [STATE_WORDS.get(str(camera.state), str(camera.state))]
    if camera.planned_until:
        return f"报备停用 / planned outage, -> {camera.planned_until.astimezone(zone):%m-%d %H:%M} ({words[0]})"
    if camera.since:
        words.append(camera.since.astimezone(zone).strftime("%m-%d %H:%M:%S"))
    if camera.cause is not OfflineCause.NONE:
        words.append(" / ".join(cause_words(camera.cause)))
    return " ".join(words)


def print_report(figures: HealthReport, zone: ZoneInfo, console: Console | None = None) -> None:
    """The report as tables, and the verdict as the last line."""
    console = console or Console()
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    cameras = rate_table("摄像机 / cameras", "camera", "station, grid", "state", outages=True)
    for camera in figures.cameras:
        cameras.add_row(
            f"{camera.camera_id} {camera.name}",
            " ".join(filter(None, (camera.station, camera.grid))),
            shown_state(camera, zone),
            shown_rate(camera),
            *shown_seconds(camera),
            str(camera.outages),
        )
    console.print(cameras)
    for title, groups in (("派出所 / stations", figures.by_station), ("网格 / grids", figures.by_grid)):
        if groups:
            table = rate_table(title, "name", "cameras")
            for group in groups:
                table.add_row(group.name, str(group.cameras), shown_rate(group), *shown_seconds(group))
            console.print(table)
    for one in figures.together:
        console.print(together_line(one, zone), soft_wrap=True)
    if figures.planned:
        print_planned(figures, zone, console)
    start, end = (moment.astimezone(zone) for moment in (figures.window.from_, figures.window.to))
    console.print(
        f"{start:%Y-%m-%d %H:%M:%S} - {end:%Y-%m-%d %H:%M:%S %Z}  observed {figures.observation_coverage:.1%}"
    )
    console.print(
        f"在线率/online rate {shown_rate(figures)} = {figures.online_s:.1f} s / {figures.in_service_s:.1f} s, "
        f"目标/target {figures.target:.0%}: {VERDICT_WORDS[figures.verdict]}",
        soft_wrap=True,
    )


def print_planned(figures: HealthReport, zone: ZoneInfo, console: Console) -> None:
    """The planned outages that are left out, and the rate that they would be in."""
    table = Table(title="报备停用 / planned outages", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("from", "to", "cameras", "reason", "approver", "filed"):
        table.add_column(column, overflow="fold")
    for one in figures.planned:
        table.add_row(
            f"{one.begins_at.astimezone(zone):%m-%d %H:%M}",
            f"{one.ends_at.astimezone(zone):%m-%d %H:%M}",
            " ".join(one.camera_ids),
            one.reason,
            one.approver,
            f"{one.filed_by} {one.filed_at.astimezone(zone):%m-%d %H:%M}"
            + (" 补报/backdated" if one.is_backdated else ""),
        )
    console.print(table)
    rate = NO_DATA if figures.full_online_rate is None else f"{figures.full_online_rate:.2%}"
    console.print(
        f"不剔除报备停用/planned outages counted in {rate} = {figures.full_online_s:.1f} s / "
        f"{figures.full_in_service_s:.1f} s",
        soft_wrap=True,
    )


def together_line(outage: TogetherLine, zone: ZoneInfo) -> str:
    """Cameras that failed together, in one line."""
    count, since = len(outage.camera_ids), f"{outage.since.astimezone(zone):%m-%d %H:%M:%S}"
    why, cameras = " / ".join(cause_words(outage.cause)), " ".join(outage.camera_ids)
    return f"同时离线/offline together: {outage.name} {count} 台/cameras, {since}, {why}: {cameras}"


def rate_table(title: str, *columns: str, outages: bool = False) -> Table:
    """A table that ends with the rate and the seconds it is made of; words fold where it is narrow, figures never."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for column in ("rate", "online\ns", "in\nservice\ns", "un-\nobserved\ns", *(["outages"] if outages else [])):
        table.add_column(column, justify="right", no_wrap=True)
    return table


def csv_text(figures: HealthReport) -> str:
    """The report as CSV: cameras, stations, grids, district; the seconds recompute to the rates."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for camera in figures.cameras:
        since = camera.since.astimezone(UTC).isoformat() if camera.since else ""
        head = ("camera", camera.camera_id, camera.name, camera.state, camera.cause.value, since)
        writer.writerow((*head, *csv_rate(camera), camera.outages, *csv_full(camera)))
    for scope, groups in (("station", figures.by_station), ("grid", figures.by_grid)):
        writer.writerows(
            (scope, "", group.name, "", "", "", *csv_rate(group), "", *csv_full(group)) for group in groups
        )
    writer.writerow(("district", "", "", figures.verdict.value, "", "", *csv_rate(figures), "", *csv_full(figures)))
    return out.getvalue()


def csv_rate(line: RateLine) -> Sequence[float | str]:
    """The four figures of a line."""
    rate = "" if line.online_rate is None else f"{line.online_rate:.6f}"
    return rate, line.online_s, line.in_service_s, line.unobserved_s


def csv_full(line: RateLine) -> Sequence[float | str]:
    """Seconds of planned outages, and the figures with these counted in."""
    rate = "" if line.full_online_rate is None else f"{line.full_online_rate:.6f}"
    return line.planned_s, rate, line.full_online_s, line.full_in_service_s
