"""What no single field can tell: doubled ids, zones that cross themselves, rules without a zone, passwords in URLs.

The checks read plain data and pass over what has the wrong form (the schema reports that), so that one run finds
everything.
"""

from __future__ import annotations

import ssl
import unicodedata
import zoneinfo
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError
from shapely import Polygon

from kernel.config.drone_checks import drone_findings
from kernel.config.maintenance import LONGEST_OUTAGE
from kernel.config.moment import Moment, begin, until
from kernel.config.plain import SMALLEST_AREA, Finding, doubled, entries, mapping, points_of, polygon_findings
from kernel.config.problems import KeyPath, did_you_mean
from kernel.config.sections import SiteConfig

_BUS_SCHEMES = ("redis", "rediss", "unix")
_MOMENT: TypeAdapter[date | datetime] = TypeAdapter(Moment)
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
    yield from _site(mapping(data.get("site")))
    yield from _bus(mapping(data.get("bus")))
    yield from _web(mapping(data.get("web")), directory)
    cameras = list(entries(data.get("cameras")))
    yield from doubled(("cameras",), cameras, "camera")
    for index, camera in cameras:
        yield from _camera(("cameras", index), camera)
    zone = _zone_of(mapping(data.get("site")))
    for index, entry in entries(data.get("maintenance")):
        yield from _maintenance(("maintenance", index), entry, [camera for _, camera in cameras], zone)
    yield from drone_findings(data, directory)


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


def _zone_of(site: dict[str, Any]) -> zoneinfo.ZoneInfo:
    """The site's time zone, UTC where it is wrong."""
    name = site.get("timezone", SiteConfig().timezone)
    return zoneinfo.ZoneInfo(name if isinstance(name, str) and name in zoneinfo.available_timezones() else "UTC")


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
    zones, rules = list(entries(camera.get("zones"))), list(entries(camera.get("rules")))
    yield from doubled((*path, "zones"), zones, "zone")
    yield from doubled((*path, "rules"), rules, "rule")
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
    for name, stream in mapping(camera.get("streams")).items():
        yield from _url((*path, "streams", name, "url"), mapping(stream).get("url"))
    if camera.get("password") and not camera.get("username"):
        yield (*path, "password"), "given without username; add the username key"


def _maintenance(
    path: KeyPath, entry: dict[str, Any], cameras: list[dict[str, Any]], zone: zoneinfo.ZoneInfo
) -> Iterator[Finding]:
    for key, known_by in (("cameras", "id"), ("stations", "station")):
        known = {str(camera[known_by]) for camera in cameras if camera.get(known_by)}
        named = entry.get(key)
        for place, name in enumerate(named if isinstance(named, list) else ()):
            if isinstance(name, str) and name not in known:
                yield (*path, key, place), f"no {key.removesuffix('s')} '{name}'; {did_you_mean(name, known)}"
    if not entry.get("cameras") and not entry.get("stations"):
        yield path, "names nothing; give cameras or stations"
    try:
        begins, ends = (_MOMENT.validate_python(entry.get(key)) for key in ("begins", "ends"))
    except ValidationError:
        return  # the schema speaks
    length = until(ends, zone) - begin(begins, zone)
    if length <= timedelta():
        yield (*path, "ends"), "is not after begins; swap them"
    elif length > LONGEST_OUTAGE:
        days = LONGEST_OUTAGE.days
        yield (*path, "ends"), f"more than {days} days after begins; a camera that stays away gets enabled: false"


def _rule(path: KeyPath, rule: dict[str, Any], zone_ids: set[str]) -> Iterator[Finding]:
    zone = rule.get("zone")
    if isinstance(zone, str) and zone not in zone_ids:
        yield (*path, "zone"), f"no zone '{zone}' in this camera; {did_you_mean(zone, zone_ids)}"
    for key in ("line", "right_way"):
        ends = points_of(rule.get(key))
        if len(ends) == 2 and ends[0] == ends[1]:
            yield (*path, key), "both ends are the same point; move one of them"


def _homography(path: KeyPath, points: Any) -> Iterator[Finding]:
    """Four points tell how the ground lies unless three of them are on one line, in the picture or on the ground."""
    entries = [mapping(entry) for entry in points] if isinstance(points, list) else []
    for key in ("picture", "ground_m"):
        corners = points_of([entry.get(key) for entry in entries])
        flat = [three for three in combinations(corners, 3) if Polygon(three).area < SMALLEST_AREA]
        if len(corners) == 4 and flat:
            yield path, f"three of the points lie on one line ({key}); choose four that span a part of the ground"


def _polygon(path: KeyPath, points: Any) -> Iterator[Finding]:
    if len(points_of(points)) < 3 and path[-2] == "masks" and isinstance(points, list) and len(points) < 3:
        yield path, f"a mask needs at least 3 points, has {len(points)}; add corners"
    yield from polygon_findings(path, points)


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
