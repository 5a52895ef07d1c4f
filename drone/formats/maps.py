"""A planned flight for maps: GeoJSON and KML, with the route, its points and the zones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from drone.areas.drawing import Drawing, Ring
from drone.plan.model import FlightPlan, PlannedPoint
from kernel.config.airspace import AirspaceZoneConfig
from kernel.geodesy import LatLon

_KML = "http://www.opengis.net/kml/2.2"


def to_geojson(plan: FlightPlan, zones: Sequence[tuple[AirspaceZoneConfig, Drawing]]) -> str:
    """The flight as a feature collection, WGS-84, heights above home; zones come after the route."""
    features = [_feature("LineString", [_position(point) for point in plan.points], {"kind": "route"} | _names(plan))]
    features += [_feature("Point", _position(point), _about(point, index)) for index, point in enumerate(plan.points)]
    for zone, drawing in zones:
        about = {"kind": zone.kind.value, "id": zone.id, "name": zone.label, "active": list(zone.active)}
        for polygon in drawing.polygons:
            rings = [_closed(ring) for ring in (polygon.outer, *polygon.holes)]
            features.append(_feature("Polygon", rings, about))
    data = {"type": "FeatureCollection", "features": features}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _names(plan: FlightPlan) -> dict[str, Any]:
    return {"patrol": plan.patrol_id, "drone": plan.drone_id, "distance_m": round(plan.distance_m, 1)}


def _about(point: PlannedPoint, index: int) -> dict[str, Any]:
    return {
        "kind": point.kind.value,
        "index": index,
        "number": point.number,
        "alt_ground_m": round(point.alt_ground_m, 2),
        "hold_s": point.hold_s,
        "arrive_s": round(point.arrive_s, 1),
    }


def _position(point: PlannedPoint) -> list[float]:
    return [point.lon, point.lat, round(point.alt_home_m, 2)]


def _closed(ring: Ring) -> list[list[float]]:
    return [[lon, lat] for lat, lon in (*ring, ring[0])]


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def to_kml(plan: FlightPlan, zones: Sequence[tuple[AirspaceZoneConfig, Drawing]]) -> str:
    """The flight as KML, WGS-84, heights above the ground at home."""
    ElementTree.register_namespace("", _KML)
    root = ElementTree.Element(f"{{{_KML}}}kml")
    document = _sub(root, "Document")
    _sub(document, "name", plan.patrol_id)
    line = _sub(_placemark(document, plan.patrol_id), "LineString")
    _sub(line, "altitudeMode", "relativeToGround")
    _sub(line, "coordinates", " ".join(_written(point) for point in plan.points))
    for index, point in enumerate(plan.points):
        name = str(point.number) if point.number is not None else f"{point.kind.value} {index}"
        spot = _sub(_placemark(document, name), "Point")
        _sub(spot, "altitudeMode", "relativeToGround")
        _sub(spot, "coordinates", _written(point))
    for zone, drawing in zones:
        for drawn in drawing.polygons:
            area = _sub(_placemark(document, zone.label), "Polygon")
            for name, ring in (("outerBoundaryIs", drawn.outer), *(("innerBoundaryIs", hole) for hole in drawn.holes)):
                _sub(_sub(_sub(area, name), "LinearRing"), "coordinates", _ring(ring))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _placemark(document: ElementTree.Element, name: str) -> ElementTree.Element:
    placemark = _sub(document, "Placemark")
    _sub(placemark, "name", name)
    return placemark


def _sub(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{_KML}}}{name}")
    element.text = text
    return element


def _written(point: PlannedPoint) -> str:
    return f"{point.lon!r},{point.lat!r},{point.alt_ground_m:.2f}"


def _ring(ring: Ring) -> str:
    corners: tuple[LatLon, ...] = (*ring, ring[0])
    return " ".join(f"{lon!r},{lat!r}" for lat, lon in corners)
