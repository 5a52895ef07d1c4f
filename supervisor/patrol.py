"""`lookout patrol`: list, plan, check, export and import patrols, and enter the weather; fly is in patrol_fly."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from kernel.config.camera import Datum
from kernel.errors import BadInputError, ExitCode
from supervisor.patrol_fly import patrol_abort, patrol_fly
from supervisor.printing import AsJson, ConfigPath, print_json, say

if TYPE_CHECKING:
    from drone.checks.judge import Judgement
    from kernel.config.fleet import DroneConfig
    from kernel.config.lookout import LookoutConfig
    from kernel.config.patrols import PatrolConfig

patrol_app = typer.Typer(help="Drone patrols: plan them, check them, fly them.", no_args_is_help=True)
patrol_app.command("fly")(patrol_fly)
patrol_app.command("abort")(patrol_abort)
PatrolName = Annotated[str, typer.Argument(metavar="PATROL", help="A patrol's id.", show_default=False)]
DroneName = Annotated[str | None, typer.Option("--drone", help="A drone's id; the patrol's first.", show_default=False)]
At = Annotated[str | None, typer.Option("--at", help="Take-off, ISO 8601; now by default.", show_default=False)]


@patrol_app.command("list")
def patrol_list(config: ConfigPath, as_json: AsJson = False) -> None:
    """List the patrols of CONFIG."""
    from kernel.clock import SystemClock
    from kernel.config import load_config
    from supervisor.patrol_views import columns, patrol_rows

    rows = patrol_rows(load_config(config), SystemClock().now())
    if as_json:
        print_json(rows)
    else:
        say(columns(rows))


@patrol_app.command("plan")
def patrol_plan(
    config: ConfigPath,
    patrol: PatrolName,
    drone: DroneName = None,
    at: At = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(help="A patrol another drone begins at the same time; repeatable.", show_default=False),
    ] = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Draw it: a .svg or .png file.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan PATROL and print every point with its height and time; exit 1 when it may not be flown, with the reasons."""
    from kernel.config import load_config
    from supervisor import patrol_views as views
    from supervisor.patrol_together import distances, judged_together

    loaded = load_config(config)
    chosen = _chosen(loaded, patrol, drone)
    together = [_chosen(loaded, name, None)[0] for name in beside or ()]
    judged, others = judged_together(loaded, chosen, together, _instant(loaded, at))
    plan = judged.plan
    apart = distances(plan, others) if plan else []
    if plan is not None and map_file is not None:
        views.write_map(map_file, loaded, plan, others)
    if as_json:
        print_json(
            {
                "allowed": judged.is_allowed,
                "reasons": views.reason_json(judged.reasons),
                "plan": views.plan_json(plan) if plan else None,
                "beside": apart,
                "map": str(map_file) if map_file and plan else None,
            }
        )
    else:
        if plan is not None:
            say(views.columns(views.point_rows(plan)))
            say(f"{plan.patrol_id} with {plan.drone_id}: {views.summary(plan)}")
        if apart:
            say(views.columns(apart))
        _print_notes(judged)
        if map_file is not None and plan is not None:
            say(f"map: {map_file}")
    raise typer.Exit(int(ExitCode.OK if judged.is_allowed else ExitCode.ANSWER_IS_NO))


@patrol_app.command("check")
def patrol_check(
    config: ConfigPath,
    patrol: Annotated[
        str | None, typer.Argument(metavar="[PATROL]", help="A patrol's id; all by default.", show_default=False)
    ] = None,
    drone: DroneName = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Say whether patrols may be flown now, by each of their drones, and every reason why not.

    Exit 0 when each patrol may be flown by one of its drones, 1 when one may not.
    """
    from kernel.config import load_config
    from supervisor.patrol_views import judgement_json

    loaded = load_config(config)
    instant = _instant(loaded, at)
    patrols = [_chosen(loaded, patrol, drone)[0]] if patrol is not None else list(loaded.patrols)
    judged = [
        (one, flier, _judged(loaded, one, loaded.drone(flier), instant))
        for one in patrols
        for flier in ([drone] if drone is not None else one.drones)
    ]
    if as_json:
        print_json([judgement_json(*entry) for entry in judged])
    else:
        for one, flier, judgement in judged:
            say(f"{one.id} with {flier}: {'may be flown' if judgement.is_allowed else 'may not be flown'}")
            _print_notes(judgement)
    allowed = {one.id for one, _, judgement in judged if judgement.is_allowed}
    is_well = all(one.id in allowed for one in patrols)
    raise typer.Exit(int(ExitCode.OK if is_well else ExitCode.ANSWER_IS_NO))


@patrol_app.command("export")
def patrol_export(
    config: ConfigPath,
    patrol: PatrolName,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=".plan, .waypoints, .geojson or .kml.", show_default=False)
    ],
    drone: DroneName = None,
    at: At = None,
) -> None:
    """Write the planned PATROL to FILE for QGroundControl, Mission Planner or a map; refused plans are not written."""
    from drone.plan import plan_patrol
    from drone.weather_source import observe
    from kernel.config import load_config
    from supervisor.patrol_files import exported

    loaded = load_config(config)
    chosen, flier = _chosen(loaded, patrol, drone)
    plan = plan_patrol(loaded, chosen, flier, _instant(loaded, at), observe(loaded).weather)
    text = exported(plan, loaded, file)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"{file}: cannot be written ({error.strerror}); choose another place") from error
    say(f"{file}: {len(plan.points)} points of {patrol}")


@patrol_app.command("import")
def patrol_import(
    config: ConfigPath,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=".plan, .waypoints, .geojson or .kml.", show_default=False)
    ],
    terrain: Annotated[str, typer.Option(help="flat, or the path of a terrain file.", show_default=False)],
    name: Annotated[str, typer.Option("--id", help="Id of the new patrol; the file's name by default.")] = "",
    drone: Annotated[str, typer.Option(help="Drone that flies it; the fleet's first by default.")] = "",
    datum: Annotated[Datum | None, typer.Option(help="Datum of a GeoJSON or KML file.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Print the patrol that flies what FILE holds, to be pasted into CONFIG, which is not changed."""
    from kernel.config import load_config
    from supervisor.patrol_files import as_yaml, imported

    loaded = load_config(config)
    if not drone and not loaded.fleet:
        raise BadInputError(f"{config}: has no fleet; add a drone first")
    flier = _drone(loaded, drone or loaded.fleet[0].id).id
    patrol = imported(file, name or _identifier(file), flier, terrain, datum)
    if as_json:
        print_json({"patrol": patrol.patrol, "notes": patrol.notes})
    else:
        typer.echo(as_yaml(patrol), nl=False)


@patrol_app.command("weather")
def patrol_weather(
    config: ConfigPath,
    wind: Annotated[float | None, typer.Option(help="Mean wind, m/s.", show_default=False)] = None,
    temperature: Annotated[float | None, typer.Option(help="Of the air, °C.", show_default=False)] = None,
    gust: Annotated[float | None, typer.Option(help="Strongest gust, m/s.", show_default=False)] = None,
    from_deg: Annotated[float | None, typer.Option(help="Where the wind comes from.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Enter the weather that flights are checked against (weather.source: operator), or show what is known."""
    from drone.plan.weather import Weather, parse_weather, weather_json
    from drone.weather_source import enter, observe
    from kernel.clock import SystemClock
    from kernel.config import load_config
    from kernel.config.weather import WeatherSource

    loaded = load_config(config)
    given = [value is not None for value in (wind, temperature, gust, from_deg)]
    if wind is not None and temperature is not None:
        if loaded.weather is None or loaded.weather.source is not WeatherSource.OPERATOR:
            raise BadInputError(f"{config}: weather.source is not operator: an entry would not be looked at")
        entry = Weather(wind, temperature, SystemClock().now(), gust, from_deg)
        enter(loaded, parse_weather(weather_json(entry), "the entry"))
    elif any(given):
        raise BadInputError("give --wind and --temperature together")
    seen = observe(loaded)
    if as_json:
        print_json({"weather": weather_json(seen.weather) if seen.weather else None, "problem": seen.problem})
    else:
        say(weather_json(seen.weather) if seen.weather else f"no weather: {seen.problem or 'weather.source is none'}")
    raise typer.Exit(int(ExitCode.OK if seen.weather else ExitCode.CANNOT_TELL))


def _judged(config: LookoutConfig, patrol: PatrolConfig, drone: DroneConfig, at: datetime) -> Judgement:
    from drone.checks.judge import judge
    from drone.weather_source import observe

    seen = observe(config)
    return judge(config, patrol, drone, at, seen.weather, weather_problem=seen.problem)


def _chosen(config: LookoutConfig, patrol_id: str, drone_id: str | None) -> tuple[PatrolConfig, DroneConfig]:
    """A patrol, and the drone asked for or its first.

    Raises:
        BadInputError: no such patrol, or a drone that may not fly it.
    """
    from kernel.config.problems import did_you_mean

    try:
        patrol = config.patrol(patrol_id)
    except KeyError as error:
        near = did_you_mean(patrol_id, [one.id for one in config.patrols])
        raise BadInputError(f"no patrol '{patrol_id}' in the config; {near}") from error
    if drone_id is not None and drone_id not in patrol.drones:
        raise BadInputError(f"drone '{drone_id}' is not among the drones of '{patrol_id}': {', '.join(patrol.drones)}")
    return patrol, _drone(config, drone_id or patrol.drones[0])


def _drone(config: LookoutConfig, drone_id: str) -> DroneConfig:
    from kernel.config.problems import did_you_mean

    try:
        return config.drone(drone_id)
    except KeyError as error:
        near = did_you_mean(drone_id, [one.id for one in config.fleet])
        raise BadInputError(f"no drone '{drone_id}' in the fleet; {near}") from error


def _instant(config: LookoutConfig, text: str | None) -> datetime:
    """An instant; without an offset it is on the site's clocks.

    Raises:
        BadInputError: it is none.
    """
    from kernel.clock import SystemClock

    if text is None:
        return SystemClock().now()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"--at {text}: no instant; write e.g. 2026-11-23T14:00") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(config.site.timezone))


def _identifier(file: Path) -> str:
    """An id made from a file's name."""
    letters = [c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in file.stem.lower()]
    return "".join(letters).strip("-_")[:63] or "imported"


def _print_notes(judged: Judgement) -> None:
    for _, english in judged.plan.notes if judged.plan else ():
        say(f"  note: {english}")
    for reason in judged.reasons:
        say(f"  {reason.code}: {reason.message_en}")
