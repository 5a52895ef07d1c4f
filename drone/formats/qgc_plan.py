"""QGroundControl's .plan, version 1: mission 2, geoFence 2, rallyPoints 2.

Surveys and corridors of QGroundControl carry the simple items they were made into: those are taken. What carries none
(structure scans, landing patterns) is refused. `null` stands for "as it is" and is read as 0, which is what ArduPilot
makes of it.

Source: docs.qgroundcontrol.com, Plan file format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from drone.formats.exchange import FenceCircle, FencePolygon, PlanFile, checked_item
from drone.mission.items import Command, Frame, Mission, MissionItem
from kernel.errors import BadInputError

_ARDUPILOT, _QUADROTOR = 3, 2
_ABOVE_HOME, _ABOVE_SEA, _ABOVE_TERRAIN = 1, 2, 3
_MODES = {Frame.GLOBAL: _ABOVE_SEA, Frame.GLOBAL_RELATIVE_ALT: _ABOVE_HOME, Frame.GLOBAL_TERRAIN_ALT: _ABOVE_TERRAIN}
_HEIGHT_COMMANDS = frozenset({Command.NAV_WAYPOINT, Command.NAV_TAKEOFF, Command.NAV_LAND})


def to_plan(file: PlanFile) -> str:
    """The text of a .plan file."""
    home, *others = file.mission.items
    speed = file.cruise_m_s or 5.0
    data = {
        "fileType": "Plan",
        "groundStation": "Lookout",
        "version": 1,
        "mission": {
            "version": 2,
            "firmwareType": _ARDUPILOT,
            "vehicleType": _QUADROTOR,
            "globalPlanAltitudeMode": _ABOVE_HOME,
            "cruiseSpeed": speed,
            "hoverSpeed": speed,
            "plannedHomePosition": [home.lat_deg, home.lon_deg, file.home_amsl_m],
            "items": [_written(item, number) for number, item in enumerate(others, start=1)],
        },
        "geoFence": {
            "version": 2,
            "polygons": [
                {"inclusion": one.is_inclusion, "polygon": [list(corner) for corner in one.corners], "version": 1}
                for one in file.polygons
            ],
            "circles": [
                {
                    "inclusion": one.is_inclusion,
                    "circle": {"center": [one.lat, one.lon], "radius": one.radius_m},
                    "version": 1,
                }
                for one in file.circles
            ],
        },
        "rallyPoints": {"version": 2, "points": [list(point) for point in file.rally]},
    }
    return json.dumps(data, ensure_ascii=False, indent=4) + "\n"


def _written(item: MissionItem, number: int) -> dict[str, Any]:
    params = [item.param1, item.param2, item.param3, item.param4, item.lat_deg, item.lon_deg, item.alt_m]
    written: dict[str, Any] = {
        "type": "SimpleItem",
        "autoContinue": item.autocontinue,
        "command": int(item.command),
        "doJumpId": number,
        "frame": int(item.frame) if item.is_positioned else int(Frame.MISSION),
        "params": params,
    }
    if item.command in _HEIGHT_COMMANDS:
        mode = _MODES.get(Frame(item.frame), _ABOVE_HOME)
        written |= {"Altitude": item.alt_m, "AltitudeMode": mode, "AMSLAltAboveTerrain": None}
    return written


def from_plan(text: str, source: str) -> PlanFile:
    """What a .plan file holds.

    Raises:
        BadInputError: no such file, another version, or an item nobody can fly.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{source}: no JSON ({error}); save the plan in QGroundControl again") from error
    if not isinstance(data, dict) or data.get("fileType") != "Plan" or data.get("version") != 1:
        raise BadInputError(f"{source}: no QGroundControl plan of version 1; save the plan in QGroundControl again")
    mission = _section(data, "mission", source)
    if mission.get("version") != 2:
        raise BadInputError(f"{source}: mission version {mission.get('version')!r} is not known; it should be 2")
    home = _numbers(mission.get("plannedHomePosition"), 3, "plannedHomePosition", source)
    first = MissionItem(Command.NAV_WAYPOINT, Frame.GLOBAL, lat_deg=home[0], lon_deg=home[1])
    flat = list(_flattened(_list(mission.get("items"), "items", source), source))
    items = [first, *(_read(item, number, source) for number, item in enumerate(flat, start=1))]
    checked = tuple(checked_item(item, number, source) for number, item in enumerate(items))
    hover = mission.get("hoverSpeed")
    fence, rally = data.get("geoFence") or {}, data.get("rallyPoints") or {}
    return PlanFile(
        Mission(checked),
        tuple(_polygon(one, source) for one in _list(fence.get("polygons", []), "polygons", source)),
        tuple(_circle(one, source) for one in _list(fence.get("circles", []), "circles", source)),
        tuple(_rally(one, source) for one in _list(rally.get("points", []), "rally points", source)),
        home[2],
        float(hover) if isinstance(hover, int | float) and hover > 0 else None,
    )


def _flattened(items: list[Any], source: str) -> Iterator[dict[str, Any]]:
    for item in items:
        if not isinstance(item, dict):
            raise BadInputError(f"{source}: an item is no object")
        if item.get("type") != "ComplexItem":
            yield item
            continue
        kind = item.get("complexItemType", "unknown")
        made = (item.get("TransectStyleComplexItem") or {}).get("Items")
        if not isinstance(made, list) or not made:
            raise BadInputError(
                f"{source}: the {kind} item says not where it goes; convert it to waypoints in QGroundControl"
            )
        yield from _flattened(made, source)


def _read(item: dict[str, Any], number: int, source: str) -> MissionItem:
    if item.get("type") != "SimpleItem":
        raise BadInputError(f"{source}: item {number} is of type {item.get('type')!r}; only SimpleItem can be read")
    params = [0.0 if one is None else one for one in _list(item.get("params"), "params", source)]
    p1, p2, p3, p4, x, y, z = _numbers(params, 7, f"params of item {number}", source)
    command, frame = item.get("command"), item.get("frame")
    if not isinstance(command, int) or not isinstance(frame, int):
        raise BadInputError(f"{source}: item {number} has no command or frame")
    frame = Frame.GLOBAL_RELATIVE_ALT if frame == Frame.MISSION else frame
    return MissionItem(command, frame, p1, p2, p3, p4, x, y, z, bool(item.get("autoContinue", True)))


def _polygon(value: Any, source: str) -> FencePolygon:
    corners = [_numbers(corner, 2, "a fence corner", source) for corner in _list(value.get("polygon"), "fence", source)]
    if len(corners) < 3:
        raise BadInputError(f"{source}: a fence polygon with {len(corners)} corners; it needs three")
    return FencePolygon(tuple((lat, lon) for lat, lon in corners), bool(value.get("inclusion")))


def _circle(value: Any, source: str) -> FenceCircle:
    circle = value.get("circle") or {}
    lat, lon = _numbers(circle.get("center"), 2, "a fence circle", source)
    [radius_m] = _numbers([circle.get("radius")], 1, "a fence circle's radius", source)
    return FenceCircle(lat, lon, radius_m, bool(value.get("inclusion")))


def _rally(value: Any, source: str) -> tuple[float, float, float]:
    lat, lon, height_m = _numbers(value, 3, "a rally point", source)
    return lat, lon, height_m


def _section(data: dict[str, Any], name: str, source: str) -> dict[str, Any]:
    value = data.get(name)
    if not isinstance(value, dict):
        raise BadInputError(f"{source}: {name} is missing; save the plan in QGroundControl again")
    return value


def _list(value: Any, name: str, source: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadInputError(f"{source}: {name} must be a list")
    return value


def _numbers(value: Any, count: int, name: str, source: str) -> list[float]:
    """The first numbers of a list; QGroundControl leaves a height out where it does not know it."""
    found = _list(value, name, source)
    if count == 3 and len(found) == 2:
        found = [*found, 0.0]
    numbers = [float(one) for one in found[:count] if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) != count:
        raise BadInputError(f"{source}: {name} must be {count} numbers, is {value!r}")
    return numbers
