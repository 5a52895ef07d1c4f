"""Areas, lines and points that were drawn on a map: read from GeoJSON and KML.

Source: RFC 7946 (GeoJSON: longitude before latitude), OGC 12-007r2 (KML: longitude,latitude[,height]).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from kernel.config.camera import Datum
from kernel.errors import BadInputError
from kernel.geodesy import LatLon, to_wgs84

Ring = tuple[LatLon, ...]
LARGEST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class DrawnPolygon:
    """An area with holes; rings are not closed (the first corner is not repeated)."""

    outer: Ring
    holes: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a file holds, in the file's own datum or, after `converted`, in WGS-84."""

    polygons: tuple[DrawnPolygon, ...] = ()
    lines: tuple[Ring, ...] = ()
    points: Ring = field(default=())

    def converted(self, datum: Datum) -> Drawing:
        """The same in WGS-84."""

        def ring(points: Ring) -> Ring:
            return tuple(to_wgs84(lat, lon, datum) for lat, lon in points)

        polygons = tuple(DrawnPolygon(ring(one.outer), tuple(map(ring, one.holes))) for one in self.polygons)
        return Drawing(polygons, tuple(map(ring, self.lines)), ring(self.points))


def read_drawing(file: Path) -> Drawing:
    """The areas, lines and points of a GeoJSON or KML file.

    Raises:
        BadInputError: it cannot be read, or holds coordinates that are none.
    """
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise BadInputError(f"{file}: larger than {LARGEST_BYTES // 1_000_000} MB; export only what is needed")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{file}: cannot be read ({error}); give a GeoJSON or KML file as UTF-8") from error
    return parse_kml(text, str(file)) if file.suffix.lower() == ".kml" else parse_geojson(text, str(file))


def parse_geojson(text: str, source: str) -> Drawing:
    """What a GeoJSON text holds.

    Raises:
        BadInputError: no GeoJSON.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{source}: no JSON ({error}); export it as GeoJSON") from error
    polygons: list[DrawnPolygon] = []
    lines: list[Ring] = []
    points: list[LatLon] = []
    for geometry in _geometries(data, source):
        kind, coordinates = geometry.get("type"), geometry.get("coordinates")
        if kind == "Polygon":
            polygons.append(_polygon(coordinates, source))
        elif kind == "MultiPolygon":
            polygons += [_polygon(one, source) for one in _list(coordinates, source)]
        elif kind == "LineString":
            lines.append(_ring(coordinates, source))
        elif kind == "MultiLineString":
            lines += [_ring(one, source) for one in _list(coordinates, source)]
        elif kind == "Point":
            points.append(_position(coordinates, source))
        elif kind == "MultiPoint":
            points += _ring(coordinates, source)
        else:
            raise BadInputError(f"{source}: unknown geometry {kind!r}; GeoJSON has points, lines and polygons")
    return Drawing(tuple(polygons), tuple(lines), tuple(points))


def _geometries(data: Any, source: str) -> Iterator[dict[str, Any]]:
    """Geometries of a feature collection, a feature, a collection of geometries, or a bare one."""
    if not isinstance(data, dict):
        raise BadInputError(f"{source}: no GeoJSON object")
    kind = data.get("type")
    if kind == "FeatureCollection":
        for feature in _list(data.get("features"), source):
            yield from _geometries(feature, source)
    elif kind == "Feature":
        if data.get("geometry") is not None:
            yield from _geometries(data["geometry"], source)
    elif kind == "GeometryCollection":
        for geometry in _list(data.get("geometries"), source):
            yield from _geometries(geometry, source)
    else:
        yield data


def _list(value: Any, source: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadInputError(f"{source}: coordinates must be lists")
    return value


def _polygon(coordinates: Any, source: str) -> DrawnPolygon:
    rings = [_opened(_ring(ring, source), source) for ring in _list(coordinates, source)]
    if not rings:
        raise BadInputError(f"{source}: a polygon without corners")
    return DrawnPolygon(rings[0], tuple(rings[1:]))


def _ring(coordinates: Any, source: str) -> Ring:
    return tuple(_position(one, source) for one in _list(coordinates, source))


def _opened(ring: Ring, source: str) -> Ring:
    corners = ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
    if len(corners) < 3:
        raise BadInputError(f"{source}: a polygon with {len(corners)} corners; it needs three")
    return corners


def _position(value: Any, source: str) -> LatLon:
    """(lat, lon) of GeoJSON's [lon, lat, height?]."""
    numbers = [one for one in _list(value, source)[:2] if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) != 2:
        raise BadInputError(f"{source}: {value!r} is no position; write [lon, lat]")
    return checked_position(float(numbers[1]), float(numbers[0]), source)


def checked_position(lat: float, lon: float, source: str) -> LatLon:
    """The position, if it is one.

    Raises:
        BadInputError: not a number, out of range, or 0, 0.
    """
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise BadInputError(f"{source}: a coordinate is no number")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadInputError(f"{source}: latitude {lat}, longitude {lon} are out of range; is their order right?")
    if lat == 0 and lon == 0:
        raise BadInputError(f"{source}: 0, 0 lies in the Gulf of Guinea; a position is missing")
    return lat, lon


def parse_kml(text: str, source: str) -> Drawing:
    """What a KML text holds.

    Raises:
        BadInputError: no KML.
    """
    if "<!DOCTYPE" in text:
        raise BadInputError(f"{source}: KML has no DOCTYPE; export it again")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise BadInputError(f"{source}: no XML ({error}); export it as KML (a KMZ has to be unpacked)") from error
    polygons: list[DrawnPolygon] = []
    lines: list[Ring] = []
    points: list[LatLon] = []
    for element in root.iter():
        kind = element.tag.rpartition("}")[2]
        if kind == "Polygon":
            rings = [_opened(_kml_ring(found, source), source) for found in _all(element, "coordinates")]
            if not rings:
                raise BadInputError(f"{source}: a polygon without corners")
            polygons.append(DrawnPolygon(rings[0], tuple(rings[1:])))
        elif kind == "LineString":
            lines += [_kml_ring(found, source) for found in _all(element, "coordinates")]
        elif kind == "Point":
            points += [position for found in _all(element, "coordinates") for position in _kml_ring(found, source)]
    return Drawing(tuple(polygons), tuple(lines), tuple(points))


def _all(element: ElementTree.Element, name: str) -> list[str]:
    return [found.text or "" for found in element.iter() if found.tag.rpartition("}")[2] == name]


def _kml_ring(text: str, source: str) -> Ring:
    positions: list[LatLon] = []
    for word in text.split():
        numbers = word.split(",")
        try:
            positions.append(checked_position(float(numbers[1]), float(numbers[0]), source))
        except (IndexError, ValueError) as error:
            raise BadInputError(f"{source}: {word!r} is no position; write lon,lat") from error
    return tuple(positions)
