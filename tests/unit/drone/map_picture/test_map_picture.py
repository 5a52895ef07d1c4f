"""The map of a plan: everything of it is on the sheet, north up and true to scale."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from drone.areas.zones import zones_of
from drone.map_picture import MapContents, draw, to_png, to_svg
from drone.map_picture.shapes import Area, Dot, Label, Line, Sheet
from drone.map_picture.sheet import dashes
from drone.plan import Weather, plan_patrol
from tests.unit.drone.patrol_configs import FRAME, NOON, config, route, square, zone


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    zones = [
        zone(square((0, 200), 50), name="民爆库", id="magazine"),
        zone(square((250, 150), 30), name="爆破区", id="blasting", active=["02:00-03:00"]),
    ]
    found = config(route("waypoints", [(200.0, 0.0), (200.0, 400.0)]), zones)
    plan = plan_patrol(found, found.patrols[0], found.fleet[0], NOON, Weather(0.0, 15.0, NOON))
    camera = ("cam-1", "北门", *FRAME.to_wgs84(50, 50))
    contents = MapContents(
        "北环巡逻", "north-loop", "1.2 km", plan, zones_of(found.airspace, FRAME, "Asia/Shanghai"), [camera]
    )
    return draw(contents)


def texts(sheet: Sheet) -> dict[str, Label]:
    return {shape.text: shape for shape in sheet.shapes if isinstance(shape, Label)}


def test_everything_is_on_the_sheet(sheet: Sheet) -> None:
    for shape in sheet.shapes:
        if isinstance(shape, Dot | Label):
            assert 0 <= shape.at[0] <= sheet.width_px
            assert 0 <= shape.at[1] <= sheet.height_px
        elif isinstance(shape, Area):
            assert all(0 <= x <= sheet.width_px and 0 <= y <= sheet.height_px for ring in shape.rings for x, y in ring)
    assert {"北环巡逻", "民爆库", "爆破区", "北门", "1", "2", "H", "N", "禁飞区", "限时禁飞区", "摄像机"} <= set(
        texts(sheet)
    )


def test_north_is_up_and_the_scale_is_true(sheet: Sheet) -> None:
    work = next(shape for shape in sheet.shapes if isinstance(shape, Line) and shape.width_px == 2.5)
    lower, upper = work.points
    assert upper[1] < lower[1]
    assert lower[0] == pytest.approx(upper[0], abs=0.1)
    px_a_metre = math.dist(lower, upper) / 400
    bar = next(shape for shape in sheet.shapes if isinstance(shape, Line) and len(shape.points) == 4)
    said_m = next(float(text.removesuffix(" m")) for text in texts(sheet) if text.endswith(" m"))
    assert bar.points[2][0] - bar.points[1][0] == pytest.approx(said_m * px_a_metre, rel=1e-3)


def test_svg_is_well_formed_and_says_what_is_where(sheet: Sheet) -> None:
    root = ElementTree.fromstring(to_svg(sheet))
    assert {element.text for element in root.iter() if element.tag.endswith("text")} >= {"民爆库", "北门"}
    assert "script" not in to_svg(sheet)


def test_png_shows_the_zone_in_red_and_the_route_in_blue(sheet: Sheet) -> None:
    picture = cv2.imdecode(np.frombuffer(to_png(sheet), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (sheet.height_px, sheet.width_px, 3)
    area = next(shape for shape in sheet.shapes if isinstance(shape, Area))
    x, y = np.mean(area.rings[0][:-1], axis=0).astype(int)
    blue, _, red = picture[y + 25, x + 12].astype(int)
    assert red > blue + 20
    work = next(shape for shape in sheet.shapes if isinstance(shape, Line) and shape.width_px == 2.5)
    middle = np.mean(np.array(work.points), axis=0).astype(int)
    blue, _, red = picture[middle[1] + 20, middle[0]].astype(int)
    assert blue > red + 50


def test_labels_without_latin_letters_fall_back() -> None:
    assert Label((0, 0), "民爆库", (0, 0, 0), plain="magazine").ascii_text == "magazine"
    assert Label((0, 0), "H", (0, 0, 0)).ascii_text == "H"


def test_dashes_cover_half_of_a_line_and_go_on_round_its_corners() -> None:
    pieces = dashes([(0, 0), (30, 0), (30, 30)], 5)
    assert sum(math.dist(*piece) for piece in pieces) == pytest.approx(30)
    assert pieces[0] == ((0, 0), (5, 0))
    assert pieces[3] == ((30, 0), (30, 5))
