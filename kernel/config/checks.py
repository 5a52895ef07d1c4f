"""What no single field can tell: doubled ids, zones that cross themselves, rules without a zone, passwords in URLs.

The checks read plain data and pass over what has the wrong form (the schema reports that), so that one run finds
everything.
"""

from __future__ import annotations

import ssl
import unicodedata
import zoneinfo
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shapely import Polygon
from shapely.validation import explain_validity

from kernel.config.problems import KeyPath, did_you_mean, dotted

Finding = tuple[KeyPath, str]
_BUS_SCHEMES = ("redis", "rediss", "unix")
_SMALLEST_AREA = 1e-9
_LARGEST_COORDINATE = 1e6  # beyond it (and for what is no number) the schema speaks, not the geometry
_NO_TEXT = ("Cc", "Cs")  # Unicode categories: control characters, half a surrogate pair


def findings(data: Any, directory: Path) -> Iterator[Finding]:
    """Everything wrong across fields.

    Args:
        data: the config as plain data, references replaced.
        directory: relative paths count from here.
    """
    if not isinstance(data, dict):
        return
    yield from _control_characters(data, ())
    yield from _site(_mapping(data.get("site")))
    yield from _bus(_mapping(data.get("bus")))
    yield from _web(_mapping(data.get("web")), directory)
    cameras = list(_entries(data.get("cameras")))
    yield from _doubled(("cameras",), cameras, "camera")
    for index, camera in cameras:
        yield from _camera(("cameras", index), camera)


def _control_characters(value: Any, path: KeyPath) -> Iterator[Finding]:
    """Texts that no file name, log line or header can hold; a password may be anything."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _control_characters(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _control_characters(item, (*path, index))
    elif isinstance(value, str) and path[-1] != "password":
        found = next((c for c in value if unicodedata.category(c) in _NO_TEXT), None)
        if found is not None:
            yield path, f"holds the control character U+{ord(found):04X}; take it out"


def _site(site: dict[str, Any]) -> Iterator[Finding]:
    zone = site.get("timezone")
    if not isinstance(zone, str):
        return
    known = zoneinfo.available_timezones()
    if zone not in known:
        near = did_you_mean(zone, known)
        remedy = near if near.startswith("did") else "use a name like Asia/Shanghai"
        yield ("site", "timezone"), f"unknown time zone; {remedy}"


def _bus(bus: dict[str, Any]) -> Iterator[Finding]:
    url = bus.get("url")
    if isinstance(url, str) and url and url.partition("://")[0] not in _BUS_SCHEMES:
        yield ("bus", "url"), "must start with redis://, rediss:// or unix://; leave it empty for a server of our own"


def _web(web: dict[str, Any], directory: Path) -> Iterator[Finding]:
    pair = ("tls_certificate", "tls_key")
    given = [name for name in pair if web.get(name) is not None]
    if len(given) == 1:
        other = pair[1 - pair.index(given[0])]
        yield ("web", given[0]), f"needs {other} too; give both, or neither to serve HTTP"
    files = [directory / web[name] for name in given if isinstance(web[name], str)]
    absent = [file for file in files if not file.is_file()]
    for name, file in zip(given, files, strict=False):
        if file in absent:
            yield ("web", name), f"no such file: {file}; give the PEM file's path"
    if len(files) == 2 and not absent:
        yield from _certificate(*files)


def _certificate(certificate: Path, key: Path) -> Iterator[Finding]:
    """A pair that no server could use: the API would end over it each time it is started."""
    try:
        # no passphrase: a service has nobody to ask
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, lambda: "")
    except OSError as error:  # SSLError is one
        reason = error.reason if isinstance(error, ssl.SSLError) and error.reason else error.strerror
        yield (
            ("web", "tls_certificate"),
            f"cannot be used with tls_key ({reason}); give a PEM certificate and its key, without a passphrase",
        )


def _camera(path: KeyPath, camera: dict[str, Any]) -> Iterator[Finding]:
    zones, rules = list(_entries(camera.get("zones"))), list(_entries(camera.get("rules")))
    yield from _doubled((*path, "zones"), zones, "zone")
    yield from _doubled((*path, "rules"), rules, "rule")
    for index, zone in zones:
        yield from _polygon((*path, "zones", index, "points"), zone.get("points"))
    masks = camera.get("masks")
    for index, mask in enumerate(masks if isinstance(masks, list) else ()):
        yield from _polygon((*path, "masks", index), mask)
    zone_ids = {zone["id"] for _, zone in zones if isinstance(zone.get("id"), str)}
    for index, rule in rules:
        yield from _rule((*path, "rules", index), rule, zone_ids)
        if rule.get("kind") == "running" and not camera.get("homography"):
            yield (*path, "rules", index, "kind"), "speed needs the camera's homography; add its four points"
    yield from _homography((*path, "homography"), camera.get("homography"))
    for name, stream in _mapping(camera.get("streams")).items():
        yield from _url((*path, "streams", name, "url"), _mapping(stream).get("url"))
    if camera.get("password") and not camera.get("username"):
        yield (*path, "password"), "given without username; add the username key"


def _rule(path: KeyPath, rule: dict[str, Any], zone_ids: set[str]) -> Iterator[Finding]:
    zone = rule.get("zone")
    if isinstance(zone, str) and zone not in zone_ids:
        yield (*path, "zone"), f"no zone '{zone}' in this camera; {did_you_mean(zone, zone_ids)}"
    for key in ("line", "right_way"):
        ends = _points(rule.get(key))
        if len(ends) == 2 and ends[0] == ends[1]:
            yield (*path, key), "both ends are the same point; move one of them"


def _homography(path: KeyPath, points: Any) -> Iterator[Finding]:
    """Four points tell how the ground lies unless three of them are on one line, in the picture or on the ground."""
    entries = [_mapping(entry) for entry in points] if isinstance(points, list) else []
    for key in ("picture", "ground_m"):
        corners = _points([entry.get(key) for entry in entries])
        flat = [three for three in combinations(corners, 3) if Polygon(three).area < _SMALLEST_AREA]
        if len(corners) == 4 and flat:
            yield path, f"three of the points lie on one line ({key}); choose four that span a part of the ground"


def _polygon(path: KeyPath, points: Any) -> Iterator[Finding]:
    corners = _points(points)
    if len(corners) < 3:
        if path[-2] == "masks" and isinstance(points, list) and len(points) < 3:
            yield path, f"a mask needs at least 3 points, has {len(points)}; add corners"
        return
    polygon = Polygon(corners)
    if polygon.convex_hull.area < _SMALLEST_AREA:
        yield path, "has no area: its corners lie on one line; move one"
    elif not polygon.is_valid:
        where = explain_validity(polygon).partition("[")[2].rstrip("]").split()
        near = f" near [{', '.join(f'{float(number):.3g}' for number in where)}]" if where else ""
        yield path, f"its edges cross{near}; list the corners in the order of walking round"


def _url(path: KeyPath, url: Any) -> Iterator[Finding]:
    if not isinstance(url, str) or "://" not in url:
        return
    credentials = "user name and password do not belong into the URL; use the camera's username and password keys"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        yield (
            path,
            f"its host or port cannot be read; write rtsp://host:port/path. If a password stands there: {credentials}",
        )
        return
    if "@" in parts.netloc:
        yield path, credentials
    elif not parts.hostname:
        yield path, "names no host; write rtsp://host:port/path"


def _doubled(path: KeyPath, entries: list[tuple[int, dict[str, Any]]], noun: str) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, entry in entries:
        entry_id = entry.get("id")
        if not isinstance(entry_id, str):
            continue
        if entry_id in first:
            taken = dotted((*path, first[entry_id]))
            yield (*path, index, "id"), f"{noun} id '{entry_id}' is taken by {taken}; give it another"
        first.setdefault(entry_id, index)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _entries(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The sections of a list, with their places."""
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            yield index, entry


def _points(value: Any) -> list[tuple[float, float]]:
    """Points of a list, or none where one of them is no pair of finite numbers."""
    points: list[tuple[float, float]] = []
    for point in value if isinstance(value, list) else ():
        if not (isinstance(point, list) and len(point) == 2 and all(map(_is_coordinate, point))):
            return []
        points.append((float(point[0]), float(point[1])))
    return points


def _is_coordinate(value: Any) -> bool:
    return isinstance(value, int | float) and -_LARGEST_COORDINATE <= value <= _LARGEST_COORDINATE
