"""`lookout maintenance`: planned outages (报备停用) from the machine's own console; a running service sees them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from kernel.clock import SystemClock
from kernel.config import load_config
from kernel.config.moment import begin, moment_of, until
from kernel.config.problems import did_you_mean
from kernel.errors import BadInputError
from supervisor.printing import AsJson, ConfigPath, print_json, say

if TYPE_CHECKING:
    from command_api.health.planned import PlannedOutage

maintenance_app = typer.Typer(
    help="Planned outages: cameras out of service for a while, with a reason; not in the online rate, no alert.",
    no_args_is_help=True,
)


def row_of(outage: PlannedOutage, zone: ZoneInfo) -> dict[str, Any]:
    """A planned outage as listed, in the site's time."""
    return {
        "id": outage.id,
        "begins": outage.begins_at.astimezone(zone).isoformat(timespec="seconds"),
        "ends": outage.ends_at.astimezone(zone).isoformat(timespec="seconds"),
        "cameras": list(outage.camera_ids),
        "reason": outage.reason,
        "approver": outage.approver,
        "filed_by": outage.filed_by,
        "filed_at": outage.filed_at.astimezone(zone).isoformat(timespec="seconds"),
        "is_backdated": outage.is_backdated,
        "ended_by": outage.ended_by,
    }


@maintenance_app.command("list")
def list_outages(
    config: ConfigPath,
    days: Annotated[int, typer.Option(min=0, max=400, help="So far back; those to come are listed too.")] = 31,
    as_json: AsJson = False,
) -> None:
    """List planned outages."""
    from command_api.access.accounts import opened_store
    from command_api.store import planned
    from supervisor.listing import print_table

    loaded = load_config(config)
    since_s = (SystemClock().now() - timedelta(days=days)).timestamp()
    with opened_store(loaded, writing=False) as connection:
        found = planned.since(connection, since_s)
    rows = [row_of(outage, ZoneInfo(loaded.site.timezone)) for outage in found]
    if as_json:
        print_json(rows)
    else:
        print_table("planned outages", [{**row, "cameras": " ".join(row["cameras"])} for row in rows])


@maintenance_app.command("add")
def add(
    config: ConfigPath,
    to: Annotated[str, typer.Option(help="Last day, or instant it ends: 2026-12-01 or 2026-12-01T18:00.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in reports.")],
    camera: Annotated[list[str] | None, typer.Option(help="Id of a camera; may be given several times.")] = None,
    station: Annotated[list[str] | None, typer.Option(help="All cameras of a station; likewise.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day, or instant; now by default.")] = None,
    approver: Annotated[str, typer.Option(help="Who approved it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take cameras out of service from one instant to another; time gone by already is flagged as backdated."""
    from ulid import ULID

    from command_api.access.accounts import console_actor, opened_store
    from command_api.health.planned import Request, cameras_named, filed
    from command_api.store import planned

    loaded, now = load_config(config), SystemClock().now()
    zone = ZoneInfo(loaded.site.timezone)
    named, unknown = cameras_named(loaded, camera or (), station or ())
    if unknown:
        known = [*(one.id for one in loaded.cameras), *(one.station for one in loaded.cameras if one.station)]
        raise BadInputError(f"no camera or station {unknown[0]!r}; {did_you_mean(unknown[0], known)}")
    begins_at = now if start is None else begin(read_moment("--from", start), zone)
    request = Request(named, begins_at, until(read_moment("--to", to), zone), reason, approver)
    outage = filed(request, str(ULID()), console_actor(), now)
    with opened_store(loaded, writing=True) as connection:
        planned.add(connection, outage, "")
    tell(outage, zone, as_json, "planned outage")


@maintenance_app.command("end")
def end(
    config: ConfigPath,
    outage_id: Annotated[str, typer.Argument(metavar="ID", help="As listed.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """End a planned outage now, or withdraw one that has not begun."""
    from command_api.access.accounts import console_actor, opened_store
    from command_api.health.planned import ended
    from command_api.store import planned

    loaded, now = load_config(config), SystemClock().now()
    with opened_store(loaded, writing=True) as connection:
        known = planned.get(connection, outage_id)
        if known is None:
            raise BadInputError(f"no planned outage {outage_id!r}; see lookout maintenance list {config}")
        outage = ended(known, console_actor(), now)
        planned.end(connection, outage, "", now)
    tell(outage, ZoneInfo(loaded.site.timezone), as_json, "ended: planned outage")


def read_moment(option: str, text: str) -> date | datetime:
    """A day or an instant of the command line.

    Raises:
        BadInputError: it is neither.
    """
    try:
        moment: date | datetime = moment_of(text)
    except ValueError as error:
        raise BadInputError(f"{option} {text}: write 2026-12-01 or 2026-12-01T22:00") from error
    return moment


def tell(outage: PlannedOutage, zone: ZoneInfo, as_json: bool, done: str) -> None:
    """Say what is on record now."""
    row = row_of(outage, zone)
    if as_json:
        print_json(row)
    else:
        flag = " (backdated)" if outage.is_backdated else ""
        say(f"{done} {outage.id}: {row['begins']} - {row['ends']}, {len(outage.camera_ids)} cameras{flag}")
