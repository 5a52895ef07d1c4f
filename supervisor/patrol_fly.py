"""`lookout patrol fly` and `abort`: one patrol now, and an end to it."""

from __future__ import annotations

import getpass
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kernel.errors import BadInputError, CannotRunError, LookoutError
from supervisor.printing import AsJson, ConfigPath, print_json, say

if TYPE_CHECKING:
    from drone.flight.fly import FlightReport
    from kernel.config.lookout import LookoutConfig

_ORDER_LASTS = timedelta(seconds=30)
_FLUSH_S = 5.0


def patrol_fly(
    config: ConfigPath,
    patrol: Annotated[str, typer.Argument(metavar="PATROL", help="A patrol's id.", show_default=False)],
    drone: Annotated[
        str | None, typer.Option("--drone", help="A drone's id; the patrol's first.", show_default=False)
    ] = None,
    link: Annotated[
        str | None, typer.Option("--link", help="Reach the drone here, not at its link in CONFIG.", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the start.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fly PATROL once, now, with whatever answers at the drone's link; no other service is needed.

    Ctrl-C: the aircraft returns home. Ctrl-C again: it goes on without this program.
    Exit 0: done; 1: refused, or not flown to its end; 2: bad input; 3: could not run; 4: nobody saw the end.
    """
    try:
        report = _flown(config, patrol, drone, link, yes or as_json)
    except LookoutError as error:
        if as_json:
            print_json(_unflown(patrol, drone, error))
        raise
    if as_json:
        print_json(report.to_json())
    else:
        _print(report)
    raise typer.Exit(int(report.exit_code))


def _flown(config: Path, patrol: str, drone: str | None, link: str | None, is_sure: bool) -> FlightReport:
    """Fly it.

    Raises:
        LookoutError: it could not even be tried.
    """
    from drone.connect import open_vehicle
    from drone.flight.fly import OneFlight
    from drone.flight.prepare import chosen
    from kernel.clock import SystemClock
    from kernel.config import load_config

    loaded, clock = load_config(config), SystemClock()
    flown, flier = chosen(loaded, patrol, drone)
    if link is not None:
        flier = flier.model_copy(update={"link": link})
    if not is_sure and sys.stdin.isatty():
        typer.confirm(f"fly {flown.id} with {flier.id} at {flier.link}?", abort=True, err=True)
    flight = OneFlight(loaded, flown, flier, clock, open_vehicle(loaded, clock), _progress, _who())
    try:
        return flight.run()
    except KeyboardInterrupt:
        return flight.interrupted()


def _unflown(patrol: str, drone: str | None, error: LookoutError) -> dict[str, Any]:
    """The object on stdout where a flight could not even be tried."""
    from drone.flight.fly import FlightReport
    from drone.reasons import reason
    from kernel.drone_events import FlightOutcome

    is_input = isinstance(error, BadInputError)
    said = "配置或命令有误" if is_input else "无法执行"
    why = reason("bad_input" if is_input else "cannot_run", f"{said}：{error}", str(error))
    return FlightReport(FlightOutcome.REFUSED.value, patrol, drone or "", (why,)).to_json()


def patrol_abort(
    config: ConfigPath,
    drone: Annotated[
        str | None, typer.Option("--drone", help="A drone's id; every drone by default.", show_default=False)
    ] = None,
) -> None:
    """Have a drone, or all that are flown from here, break off and return home."""
    from drone.flight.lock import COMMAND_LINE, holder
    from kernel.config import load_config

    loaded = load_config(config)
    known = [one.id for one in loaded.fleet]
    if drone is not None and drone not in known:
        raise BadInputError(f"drone {drone}: not in the config, which has: {', '.join(known) or 'none'}")
    held = [(one, by) for one in known if drone in (None, one) and (by := holder(loaded.data_dir, one)) is not None]
    if not held:
        raise CannotRunError("nothing to abort: no drone is controlled from this data directory now")
    for drone_id, by in held:
        if by.who == COMMAND_LINE:
            os.kill(by.pid, signal.SIGTERM)
            say(f"{drone_id}: told the flight of process {by.pid} to return")
        else:
            _order_abort(loaded, drone_id)
            say(f"{drone_id}: asked the running service to have it return")


def _order_abort(config: LookoutConfig, drone_id: str) -> None:
    """Ask the drone service, by the bus."""
    from ulid import ULID

    from kernel.bus.address import bus_address, wait_until_answering
    from kernel.bus.names import COMMANDS
    from kernel.bus.publisher import DurablePublisher
    from kernel.clock import SystemClock
    from kernel.drone_events import DroneAction, DroneCommand
    from kernel.runtime import RuntimePaths

    clock, address = SystemClock(), bus_address(config, RuntimePaths.of(config))
    wait_until_answering(address, _FLUSH_S)
    now = clock.now()
    publisher = DurablePublisher(address, clock)
    publisher.append(
        COMMANDS,
        DroneCommand(
            id=str(ULID()),
            action=DroneAction.ABORT,
            drone_id=drone_id,
            actor=_who(),
            issued_at=now,
            expires_at=now + _ORDER_LASTS,
        ),
    )
    if not publisher.close(_FLUSH_S):
        raise CannotRunError(f"drone {drone_id}: the order did not reach the bus; use the wall or the radio control")


def _who() -> str:
    """The user's name; its number where the system, e.g. a container, knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _progress(line: str) -> None:
    typer.echo(line, err=True)


def _print(report: FlightReport) -> None:
    say(f"{report.outcome}: {report.items_reached} of {report.items_total} points")
    for one in report.reasons:
        say(f"  {one.code}: {one.message_en} / {one.message_zh}")
    if report.distance_from_home_m is not None:
        say(f"  {report.distance_from_home_m:.1f} m from home")
    if report.flight_log:
        say(f"  log: {report.flight_log}")
