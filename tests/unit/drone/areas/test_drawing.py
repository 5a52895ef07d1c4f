"""What was drawn on a map is read with its latitude and longitude the right way round, or refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drone.areas.drawing import Drawing, parse_geojson, parse_kml, read_drawing
from kernel.config.camera import Datum
from kernel.errors import BadInputError
from kernel.geodesy import distance_m, to_wgs84

RING = [[109.96, 41.78], [109.97, 41.78], [109.97, 41.79], [109.96, 41.78]]
CORNERS = ((41.78, 109.96), (41.78, 109.97), (41.79, 109.97))


def geojson(kind: str, coordinates: object) -> str:
    geometry = {"type": kind, "coordinates": coordinates}
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


@pytest.mark.parametrize(
    ("kind", "coordinates", "expected"),
    [
        ("Polygon", [RING], "polygons"),
        ("MultiPolygon", [[RING]], "polygons"),
        ("LineString", RING[:3], "lines"),
        ("MultiLineString", [RING[:3]], "lines"),
        ("MultiPoint", RING[:3], "points"),
    ],
)
def test_geojson_has_longitude_first(kind: str, coordinates: object, expected: str) -> None:
    found = parse_geojson(geojson(kind, coordinates), "x")
    if expected == "polygons":
        assert [polygon.outer for polygon in found.polygons] == [CORNERS]
    else:
        assert found == (Drawing(lines=(CORNERS,)) if expected == "lines" else Drawing(points=CORNERS))


KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><Polygon>
<outerBoundaryIs><LinearRing><coordinates>
 109.96,41.78,0 109.97,41.78,0 109.97,41.79,0 109.96,41.78,0
</coordinates></LinearRing></outerBoundaryIs>
<innerBoundaryIs><LinearRing><coordinates>109.965,41.781 109.967,41.781 109.967,41.783</coordinates></LinearRing>
</innerBoundaryIs></Polygon></Placemark></Document></kml>"""


def test_kml_with_a_hole() -> None:
    [polygon] = parse_kml(KML, "x").polygons
    assert polygon.outer == CORNERS
    assert polygon.holes == (((41.781, 109.965), (41.781, 109.967), (41.783, 109.967)),)


def test_a_drawing_of_a_chinese_map_moves_by_hundreds_of_metres() -> None:
    drawing = parse_geojson(geojson("LineString", RING[:3]), "x").converted(Datum.GCJ02)
    assert drawing.lines[0][0] == to_wgs84(*CORNERS[0], Datum.GCJ02)
    assert 100 < distance_m(*drawing.lines[0][0], *CORNERS[0]) < 1000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON"),
        ("[]", "no GeoJSON object"),
        (geojson("Circle", []), "unknown geometry 'Circle'"),
        (geojson("Polygon", [RING[:2]]), "a polygon with 2 corners"),
        (geojson("LineString", [[41.78, 109.96]]), "out of range; is their order right?"),
        (geojson("LineString", [[0, 0]]), "0, 0 lies in the Gulf of Guinea"),
        (geojson("LineString", [["a", 1]]), "is no position"),
        (geojson("Point", [float("nan"), 41.0]), "is no number"),
    ],
)
def test_geojson_that_is_none(text: str, message: str) -> None:
    with pytest.raises(BadInputError, match="x: ") as raised:
        parse_geojson(text, "x")
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<kml>", "no XML"),
        ("<!DOCTYPE x><kml/>", "no DOCTYPE"),
        ("<kml><Polygon/></kml>", "without corners"),
        ("<kml><Point><coordinates>109.96</coordinates></Point></kml>", "is no position"),
        ("<kml><Point><coordinates>nan,41</coordinates></Point></kml>", "is no number"),
    ],
)
def test_kml_that_is_none(text: str, message: str) -> None:
    with pytest.raises(BadInputError) as raised:
        parse_kml(text, "x")
    assert message in str(raised.value)


def test_files_are_told_apart_by_their_ending(tmp_path: Path) -> None:
    (tmp_path / "a.kml").write_text(KML)
    (tmp_path / "a.geojson").write_text(geojson("Polygon", [RING]))
    for name in ("a.kml", "a.geojson"):
        assert read_drawing(tmp_path / name).polygons[0].outer == CORNERS
    with pytest.raises(BadInputError, match="cannot be read"):
        read_drawing(tmp_path / "b.kml")
