"""`lookout patrol export` and `import`: by the file's ending, to and from what other programs use."""

from __future__ import annotations

import io
from pathlib import Path

from ruamel.yaml import YAML

from drone.areas.drawing import parse_geojson, parse_kml
from drone.areas.zones import drawing_of
from drone.formats.exchange import FencePolygon, PlanFile
from drone.formats.maps import to_geojson, to_kml
from drone.formats.patrol_text import PatrolText, patrol_of_drawing, patrol_of_plan
from drone.formats.qgc_plan import from_plan, to_plan
from drone.formats.wpl import from_wpl, to_wpl
from drone.mission.from_plan import plan_to_mission
from drone.plan.model import FlightPlan
from kernel.config.airspace import AirspaceKind
from kernel.config.camera import Datum
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError

_WPL = (".waypoints", ".wpl", ".txt")
_GEOJSON = (".geojson", ".json")
ENDINGS = ".plan, .waypoints, .geojson or .kml"


def exported(plan: FlightPlan, config: LookoutConfig, file: Path) -> str:
    """The text of a file with the plan.

    Raises:
        BadInputError: the ending names no format.
    """
    ending = file.suffix.lower()
    zones = [(zone, drawing_of(zone)) for zone in config.airspace]
    if ending in _GEOJSON:
        return to_geojson(plan, zones)
    if ending == ".kml":
        return to_kml(plan, zones)
    mission = plan_to_mission(plan)
    # a fence cannot keep hours: zones that count only at some times are not in the file
    fence = tuple(
        FencePolygon(polygon.outer, zone.kind is AirspaceKind.KEEP_IN)
        for zone, drawing in zones
        if not zone.active
        for polygon in drawing.polygons
    )
    speed_m_s = plan.points[-1].speed_m_s
    whole = PlanFile(mission, fence, home_amsl_m=plan.home.ground_m, cruise_m_s=speed_m_s)
    if ending == ".plan":
        return to_plan(whole)
    if ending in _WPL:
        return to_wpl(whole)
    raise BadInputError(f"{file}: unknown ending; name it {ENDINGS}")


def imported(file: Path, patrol_id: str, drone_id: str, terrain: str, datum: Datum | None) -> PatrolText:
    """The patrol that flies what a file holds.

    Raises:
        BadInputError: it cannot be read, its datum is not given, or no patrol can fly it.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{file}: cannot be read ({error}); give a {ENDINGS} file") from error
    ending, source = file.suffix.lower(), str(file)
    if ending == ".plan":
        return patrol_of_plan(from_plan(text, source), patrol_id, drone_id, terrain, source)
    if ending in _WPL:
        return patrol_of_plan(from_wpl(text, source), patrol_id, drone_id, terrain, source)
    if ending not in (*_GEOJSON, ".kml"):
        raise BadInputError(f"{file}: unknown ending; give a {ENDINGS} file")
    if datum is None:
        raise BadInputError(f"{file}: say its datum with --datum wgs84, gcj02 or bd09; maps in China are not WGS-84")
    drawing = parse_kml(text, source) if ending == ".kml" else parse_geojson(text, source)
    return patrol_of_drawing(drawing, datum, patrol_id, drone_id, terrain, source)


def as_yaml(patrol: PatrolText) -> str:
    """An entry for `patrols`, with the notes as comments."""
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump({"patrols": [patrol.patrol]}, out)
    return "".join(f"# {note}\n" for note in patrol.notes) + out.getvalue()
