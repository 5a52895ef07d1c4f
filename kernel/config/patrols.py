"""Patrols: where a drone flies, how high, when, and what it does there; and dispatch to the place of an alert."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from kernel.config.base import Identifier, PositiveSeconds, Section, described
from kernel.config.camera import Datum
from kernel.config.cron import CronText
from kernel.config.hours import HoursText
from kernel.config.place import DATUM, EarthPoint, PositiveMetres, Speed
from kernel.config.rules import Level

FLAT = "flat"
HoldSeconds = Annotated[float, Field(ge=0, le=3600)]
_FILE = "GeoJSON (.geojson, .json) or KML (.kml) with the same, instead of points."


class Launch(StrEnum):
    """Who starts the drone."""

    CONFIRM = "confirm"
    AUTO = "auto"


class Overlap(StrEnum):
    """What becomes of a run that is due while another is flying."""

    SKIP = "skip"
    WAIT = "wait"


class Missed(StrEnum):
    """What becomes of runs that were due while Lookout was down."""

    SKIP = "skip"
    RUN_ONCE = "run_once"


class Light(StrEnum):
    """The part of the day a patrol may fly in."""

    ANY = "any"
    DAY = "day"
    NIGHT = "night"


class SunEvent(StrEnum):
    """Instants of the sun."""

    SUNRISE = "sunrise"
    SUNSET = "sunset"


class PlacedRoute(Section):
    """A route that is drawn on the map."""

    datum: Datum | None = described(DATUM, None)
    file: Path | None = described(_FILE, None)


class WaypointsRoute(PlacedRoute):
    """From point to point."""

    kind: Literal["waypoints"] = described("From point to point, once.")
    points: tuple[EarthPoint, ...] | None = described("Points in order, each [lat, lon].", None, min_length=1)


class LoopRoute(PlacedRoute):
    """Round and round."""

    kind: Literal["loop"] = described("From point to point and back to the first.")
    points: tuple[EarthPoint, ...] | None = described("Corners in order, each [lat, lon].", None, min_length=3)
    laps: Annotated[int, Field(ge=1, le=100)] = described("How many times round.", 1)


class CorridorRoute(PlacedRoute):
    """Up and down along a line until a strip on both sides of it was seen."""

    kind: Literal["corridor"] = described("A strip along a line, seen in as many passes as it needs.")
    points: tuple[EarthPoint, ...] | None = described("The line, each [lat, lon].", None, min_length=2)
    width_m: PositiveMetres = described("Width of the strip.", 40.0)
    side_overlap: Annotated[float, Field(ge=0, le=0.95)] = described("Overlap of neighbouring passes.", 0.6)


class SurveyRoute(PlacedRoute):
    """An area, flown in parallel lines."""

    kind: Literal["survey"] = described("An area, seen in parallel lines.")
    points: tuple[EarthPoint, ...] | None = described("Corners in order, each [lat, lon].", None, min_length=3)
    side_overlap: Annotated[float, Field(ge=0, le=0.95)] = described("Overlap of neighbouring passes.", 0.6)
    front_overlap: Annotated[float, Field(ge=0, le=0.95)] = described("Overlap of pictures along a line.", 0.7)
    heading_deg: Annotated[float, Field(ge=0, lt=360)] | None = described(
        "Direction of the lines from true north; empty: the one with the fewest turns.", None
    )
    photos: bool = described("Take pictures along the lines, front_overlap apart.", False)


class PerimeterRoute(PlacedRoute):
    """Once round an area."""

    kind: Literal["perimeter"] = described("Round an area, at a distance from its edge.")
    points: tuple[EarthPoint, ...] | None = described("Corners in order, each [lat, lon].", None, min_length=3)
    zone: Identifier | None = described("A zone of airspace instead of points.", None)
    distance_m: Annotated[float, Field(ge=-5000, le=5000)] = described(
        "How far outside the edge; negative: inside.", 15.0
    )
    laps: Annotated[int, Field(ge=1, le=100)] = described("How many times round.", 1)


class InspectRoute(Section):
    """To each camera of a list, and look at it."""

    kind: Literal["inspect"] = described("To each camera of a list, to look at it.")
    cameras: tuple[Identifier, ...] = described("Ids of cameras that have a place.", min_length=1)
    distance_m: PositiveMetres = described("How far in front of the camera it stops.", 15.0)
    hold_s: HoldSeconds = described("How long it looks.", 10.0)
    photo: bool = described("Take a picture of each.", True)


RouteConfig = Annotated[
    WaypointsRoute | LoopRoute | CorridorRoute | SurveyRoute | PerimeterRoute | InspectRoute,
    Field(discriminator="kind"),
]


class ActionConfig(Section):
    """What the drone does at one point of the route."""

    point: Annotated[int, Field(ge=1)] = described("Number of the point in the route, counted from 1.")
    hold_s: HoldSeconds = described("How long it stays there.", 0.0)
    look_at: EarthPoint | None = described("[lat, lon] the camera looks at, in the route's datum.", None)
    look_at_height_m: Annotated[float, Field(ge=-1000, le=1000)] = described(
        "Height above ground of what the camera looks at.", 0.0
    )
    photo: bool = described("Take a picture there.", False)
    altitude_m: PositiveMetres | None = described("Height above ground there instead of the patrol's.", None)


class ScheduleConfig(Section):
    """When a patrol is due."""

    cron: CronText | None = described(
        "Minute, hour, day of month, month, day of week: '0 */2 * * *' is every two hours. Or give sun.", None
    )
    sun: SunEvent | None = described("sunrise or sunset at the drone's home, every day, instead of cron.", None)
    sun_offset_s: Annotated[float, Field(ge=-43_200, le=43_200)] = described("Later than the sun by this.", 0.0)
    timezone: str | None = described("IANA time zone of cron and windows; empty: site.timezone.", None)
    windows: tuple[HoursText, ...] = described("Only runs due in these hours are flown; empty for always.", ())
    light: Light = described("any, day (between sunrise and sunset) or night.", Light.ANY)
    late_s: PositiveSeconds = described("A run that could not start within this time is missed.", 600.0)
    overlap: Overlap = described("skip or wait (until late_s) when the drone is still flying.", Overlap.SKIP)
    missed: Missed = described("skip, or run_once after runs were due while Lookout was down.", Missed.SKIP)


def _terrain(text: str) -> str:
    if not text.strip():
        raise ValueError("must be flat or the path of a terrain file")
    return text


class PatrolConfig(Section):
    """A flight that is flown again and again."""

    id: Identifier = described("Stable id of the patrol, as in `lookout patrol plan CONFIG ID`.")
    name: str = described("Name shown to operators; empty: its id.", "")
    drones: tuple[Identifier, ...] = described("Drones that may fly it, the preferred one first.", min_length=1)
    route: RouteConfig = described("Where it goes.")
    terrain: Annotated[str, AfterValidator(_terrain)] = described(
        "flat, where the ground is as high as the dock everywhere (say it only when it is true: pits and heaps are "
        "not), or a terrain file: an ESRI ASCII grid (.asc) of heights in metres, in WGS-84 degrees."
    )
    altitude_m: PositiveMetres = described("Height above ground.", 60.0)
    speed_m_s: Speed | None = described("Speed over ground; empty: the drone's cruise_m_s.", None)
    actions: tuple[ActionConfig, ...] = described("What it does at points of a waypoints or loop route.", ())
    launch: Launch = described("confirm: a person starts it; auto: it starts by itself when due.", Launch.CONFIRM)
    schedule: ScheduleConfig | None = described("When it is due; none: only when a person starts it.", None)

    @property
    def label(self) -> str:
        """What operators read."""
        return self.name or self.id


class AfterDispatch(StrEnum):
    """What a drone does after it looked at the place of an alert."""

    RESUME = "resume"
    RETURN = "return"


class DispatchConfig(Section):
    """A drone to the place of an alert."""

    launch: Launch = described("confirm: a person sends the drone; auto: it goes by itself.", Launch.CONFIRM)
    levels: tuple[Level, ...] = described("Levels of alerts for which a drone is proposed.", (Level.RED, Level.ORANGE))
    terrain: Annotated[str, AfterValidator(_terrain)] = described("flat or a terrain file, as for patrols.", FLAT)
    altitude_m: PositiveMetres = described("Height above ground.", 50.0)
    speed_m_s: Speed | None = described("Speed over ground; empty: the drone's cruise_m_s.", None)
    distance_max_m: PositiveMetres = described("Places farther from a drone than this are not flown to.", 5000.0)
    hold_s: HoldSeconds = described("How long it stays over the place.", 120.0)
    orbit_radius_m: PositiveMetres = described("Radius when it is asked to circle.", 30.0)
    confirm_s: PositiveSeconds = described("A proposal nobody confirmed in this time lapses.", 120.0)
    after: AfterDispatch = described("resume the patrol it was taken from, or return.", AfterDispatch.RESUME)
