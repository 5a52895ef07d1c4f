"""What no single field of fleet, airspace, patrols and weather can tell: doubled ids, unknown names, missing datums.

Reads plain data, like kernel.config.checks, and passes over what has the wrong form.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kernel.config.plain import Finding, doubled, entries, mapping, points_of, polygon_findings
from kernel.config.problems import KeyPath, did_you_mean, dotted

_AREA_ROUTES = ("survey", "perimeter")
_AREA_FILES = (".geojson", ".json", ".kml")
_FLAT = "flat"
_KEY_LENGTH = 64
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def drone_findings(data: dict[str, Any], directory: Path) -> Iterator[Finding]:
    """Everything wrong across the fields of drones.

    Args:
        data: the config as plain data.
        directory: relative paths count from here.
    """
    fleet, airspace = list(entries(data.get("fleet"))), list(entries(data.get("airspace")))
    patrols, cameras = list(entries(data.get("patrols"))), list(entries(data.get("cameras")))
    for section, found, noun in (
        ("fleet", fleet, "drone"),
        ("airspace", airspace, "zone"),
        ("patrols", patrols, "patrol"),
    ):
        yield from doubled((section,), found, noun)
    yield from _links(fleet)
    yield from _carried(fleet)
    for index, drone in fleet:
        yield from _drone(("fleet", index), drone, _ids(cameras))
    yield from _areas(cameras, {str(drone.get("camera")) for _, drone in fleet})
    for index, zone in airspace:
        yield from _zone(("airspace", index), zone, directory)
    placed = {camera["id"] for _, camera in cameras if isinstance(camera.get("id"), str) and camera.get("place")}
    for index, patrol in patrols:
        path: KeyPath = ("patrols", index)
        yield from _patrol(path, patrol, _ids(fleet), directory)
        yield from _route(
            (*path, "route"), mapping(patrol.get("route")), _ids(airspace), _ids(cameras), placed, directory
        )
        yield from _actions(path, patrol)
    yield from _weather(mapping(data.get("weather")), directory)
    yield from _stated_weather(data, patrols, bool(fleet))
    yield from _terrain(("dispatch", "terrain"), mapping(data.get("dispatch")).get("terrain"), directory)


def _ids(found: list[tuple[int, dict[str, Any]]]) -> set[str]:
    return {entry["id"] for _, entry in found if isinstance(entry.get("id"), str)}


def _links(fleet: list[tuple[int, dict[str, Any]]]) -> Iterator[Finding]:
    """Two drones that could not be told apart: a command for one would move the other."""
    first: dict[tuple[str, int], int] = {}
    for index, drone in fleet:
        link, sysid = drone.get("link"), drone.get("sysid", 1)
        if not isinstance(link, str) or not isinstance(sysid, int):
            continue
        taken = first.setdefault((link, sysid), index)
        if taken != index:
            key = "sysid" if "sysid" in drone else "link"
            where = dotted(("fleet", taken))
            yield ("fleet", index, key), f"sysid {sysid} on {link} is {where} already; give each drone its own"


def _carried(fleet: list[tuple[int, dict[str, Any]]]) -> Iterator[Finding]:
    """A camera on two drones: what it sees would have two places, and it would be in service with either."""
    first: dict[str, int] = {}
    for index, drone in fleet:
        camera = drone.get("camera")
        taken = first.setdefault(camera, index) if isinstance(camera, str) else index
        if taken != index:
            yield (
                ("fleet", index, "camera"),
                f"camera '{camera}' is carried by {dotted(('fleet', taken))} already; give each drone its own",
            )


def _areas(cameras: list[tuple[int, dict[str, Any]]], flying: set[str]) -> Iterator[Finding]:
    """Rules about areas on the earth: only a drone's camera knows where on it somebody stands."""
    for index, camera in cameras:
        for number, rule in entries(camera.get("rules")):
            if rule.get("kind") != "area_intrusion":
                continue
            path: KeyPath = ("cameras", index, "rules", number)
            yield from polygon_findings((*path, "points"), rule.get("points"))
            if str(camera.get("id")) not in flying:
                yield (*path, "kind"), "needs the camera of a drone; name it as a drone's camera, or use zone_intrusion"


def _drone(path: KeyPath, drone: dict[str, Any], cameras: set[str]) -> Iterator[Finding]:
    camera = drone.get("camera")
    if isinstance(camera, str) and camera not in cameras:
        yield (*path, "camera"), f"no camera '{camera}'; {did_you_mean(camera, cameras)}"
    if drone.get("sysid") is not None and drone.get("sysid") == drone.get("gcs_sysid", 255):
        yield (*path, "sysid"), "is the ground station's own (gcs_sysid); give the drone another"
    yield from _spot((*path, "home"), mapping(drone.get("home")))
    yield from _link_port((*path, "link"), drone.get("link"))
    key = drone.get("signing_key")
    if isinstance(key, str) and (len(key) != _KEY_LENGTH or not set(key.lower()) <= set("0123456789abcdef")):
        yield (*path, "signing_key"), f"must be {_KEY_LENGTH} hexadecimal digits; make one with openssl rand -hex 32"
    days = [_day(mapping(drone.get("approval")).get(name)) for name in ("valid_from", "valid_until")]
    if all(days) and days[0] > days[1]:
        yield (*path, "approval", "valid_until"), "is before valid_from; swap them"


def _day(moment: Any) -> str:
    """The day of a moment, comparable; empty where it is none."""
    text = str(moment)[:10]
    return text if _DAY.fullmatch(text) else ""


def _link_port(path: KeyPath, link: Any) -> Iterator[Finding]:
    if not isinstance(link, str) or link.startswith("serial:"):
        return
    port = link.rpartition(":")[2]
    if port.isdigit() and len(port) <= 5 and not 1 <= int(port) <= 65535:
        yield path, f"port {port} does not exist; ports are 1 to 65535"


def _spot(path: KeyPath, spot: dict[str, Any]) -> Iterator[Finding]:
    if spot.get("lat") == 0 and spot.get("lon") == 0:
        yield path, "0, 0 lies in the Gulf of Guinea; give the real position"


def _zone(path: KeyPath, zone: dict[str, Any], directory: Path) -> Iterator[Finding]:
    yield from _points_or_file(path, zone, directory)
    yield from polygon_findings((*path, "points"), zone.get("points"))


def _points_or_file(path: KeyPath, drawn: dict[str, Any], directory: Path) -> Iterator[Finding]:
    points, file = drawn.get("points"), drawn.get("file")
    if points is None and file is None:
        yield path, "has no coordinates; give points or file"
    elif points is not None and file is not None:
        yield (*path, "file"), "given beside points; keep one of them"
    if points_of(points) and (0.0, 0.0) in points_of(points):
        yield (*path, "points"), "0, 0 lies in the Gulf of Guinea; give the real position"
    if isinstance(file, str):
        yield from _file((*path, "file"), file, _AREA_FILES, directory)


def _file(path: KeyPath, name: str, endings: tuple[str, ...], directory: Path) -> Iterator[Finding]:
    if not name.lower().endswith(endings):
        yield path, f"must end in {' or '.join(endings)}; its name says what it is"
    elif not (directory / name).is_file():
        yield path, f"no such file: {directory / name}; give its path"


def _patrol(path: KeyPath, patrol: dict[str, Any], fleet: set[str], directory: Path) -> Iterator[Finding]:
    named = patrol.get("drones")
    for place, drone in enumerate(named if isinstance(named, list) else ()):
        if isinstance(drone, str) and drone not in fleet:
            yield (*path, "drones", place), f"no drone '{drone}' in fleet; {did_you_mean(drone, fleet)}"
    yield from _terrain((*path, "terrain"), patrol.get("terrain"), directory)
    schedule = patrol.get("schedule")
    if isinstance(schedule, dict):
        yield from _schedule((*path, "schedule"), schedule)
    if patrol.get("launch") == "auto" and not schedule:
        yield (*path, "launch"), "auto without a schedule: nothing would start it; add schedule or write confirm"


def _terrain(path: KeyPath, terrain: Any, directory: Path) -> Iterator[Finding]:
    if isinstance(terrain, str) and terrain.strip() and terrain != _FLAT:
        yield from _file(path, terrain, (".asc",), directory)


def _schedule(path: KeyPath, schedule: dict[str, Any]) -> Iterator[Finding]:
    given = [key for key in ("cron", "sun") if schedule.get(key) is not None]
    if len(given) != 1:
        yield path, "gives both cron and sun; keep one" if given else "says not when; give cron or sun"
    zone = schedule.get("timezone")
    if isinstance(zone, str) and zone not in zoneinfo.available_timezones():
        yield (*path, "timezone"), "unknown time zone; use a name like Asia/Shanghai"


def _route(
    path: KeyPath, route: dict[str, Any], zones: set[str], cameras: set[str], placed: set[str], directory: Path
) -> Iterator[Finding]:
    kind = route.get("kind")
    if kind == "inspect":
        yield from _inspected(path, route.get("cameras"), cameras, placed)
        return
    zone = route.get("zone")
    if kind == "perimeter" and isinstance(zone, str):
        if zone not in zones:
            yield (*path, "zone"), f"no zone '{zone}' in airspace; {did_you_mean(zone, zones)}"
        for key in ("points", "file"):
            if route.get(key) is not None:
                yield (*path, key), "given beside zone; keep one of them"
        return
    if not isinstance(kind, str):
        return
    if route.get("datum") is None:
        yield (
            (*path, "datum"),
            "is missing: coordinates stand here; write wgs84, gcj02 or bd09, as the map they come from",
        )
    yield from _points_or_file(path, route, directory)
    if kind in _AREA_ROUTES:
        yield from polygon_findings((*path, "points"), route.get("points"))


def _inspected(path: KeyPath, named: Any, cameras: set[str], placed: set[str]) -> Iterator[Finding]:
    for index, camera in enumerate(named if isinstance(named, list) else ()):
        if not isinstance(camera, str):
            continue
        if camera not in cameras:
            yield (*path, "cameras", index), f"no camera '{camera}'; {did_you_mean(camera, cameras)}"
        elif camera not in placed:
            yield (*path, "cameras", index), f"camera '{camera}' has no place; give it one"


def _actions(path: KeyPath, patrol: dict[str, Any]) -> Iterator[Finding]:
    route, actions = mapping(patrol.get("route")), list(entries(patrol.get("actions")))
    kind = route.get("kind")
    if actions and isinstance(kind, str) and kind not in ("waypoints", "loop"):
        yield (*path, "actions"), f"a {kind} route makes its own points; actions belong to waypoints and loop"
        return
    count = len(points_of(route.get("points")))
    first: dict[int, int] = {}
    for index, action in actions:
        number = action.get("point")
        if isinstance(number, int) and first.setdefault(number, index) != index:
            taken = dotted((*path, "actions", first[number]))
            yield (*path, "actions", index, "point"), f"point {number} has {taken} already; put both into one"
        if count and isinstance(number, int) and number > count:
            yield (*path, "actions", index, "point"), f"the route has {count} points; there is no point {number}"


def _weather(weather: dict[str, Any], directory: Path) -> Iterator[Finding]:
    source, file, url = weather.get("source"), weather.get("file"), weather.get("url")
    for key, value in (("file", file), ("url", url)):
        if source == key and value is None:
            yield ("weather", key), f"is missing: source {key} needs it"
        if isinstance(source, str) and source != key and value is not None:
            yield ("weather", key), f"given, but source is {source}; change source or take it out"
    if isinstance(url, str) and not url.startswith(("http://", "https://")):
        yield ("weather", "url"), "must start with http:// or https://"


def _stated_weather(
    data: dict[str, Any], patrols: list[tuple[int, dict[str, Any]]], has_fleet: bool
) -> Iterator[Finding]:
    if has_fleet and data.get("weather") is None:
        yield (
            ("weather",),
            "is missing: say where wind and temperature come from, e.g. weather: {source: operator}; "
            "{source: none} where a person judges them before each flight",
        )
    if mapping(data.get("weather")).get("source") != "none":
        return
    for index, patrol in patrols:
        if patrol.get("launch") == "auto":
            yield ("patrols", index, "launch"), "auto, but weather.source is none: nobody would look at the weather"
