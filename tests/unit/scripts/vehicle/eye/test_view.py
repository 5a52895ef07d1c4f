"""The drone's picture: ground, people and camera agree on where everything is."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from scripts.district.light import LIGHTS
from scripts.district.sprite import Pose
from scripts.vehicle.eye.ground_map import PIXEL_M, GroundMap, paint_map
from scripts.vehicle.eye.live_loop import LiveLoop
from scripts.vehicle.eye.traffic import Standing, Traffic
from scripts.vehicle.eye.view import HEIGHT_PX, WIDTH_PX, AirView, EyePose

DAY = LIGHTS["day"]


@pytest.fixture(scope="module")
def ground() -> GroundMap:
    return paint_map(DAY, 7)


@pytest.fixture
def marked(ground: GroundMap) -> GroundMap:
    """The ground in black with a white square of 2 m around 10 m east, 20 m north."""
    picture = np.zeros_like(ground.picture)
    column, row = (256 + 10) / PIXEL_M, (256 - 20) / PIXEL_M
    picture[round(row - 4) : round(row + 4), round(column - 4) : round(column + 4)] = 255
    return GroundMap(picture, np.zeros_like(ground.pad), np.full_like(ground.detail, 128))


@pytest.mark.parametrize(
    "pose",
    [
        EyePose(0, 0, 60, 0, -90),
        EyePose(12, 5, 40, 0, -60),
        EyePose(40, 40, 50, 240, -45),
        EyePose(-20, 20, 30, 90, -40),
    ],
    ids=["nadir", "north", "south-west", "east"],
)
def test_the_ground_lies_where_the_camera_projects_it(marked: GroundMap, pose: EyePose) -> None:
    view = AirView(marked, DAY)
    picture, _ = view.picture(pose, [], "")
    rows, columns = np.nonzero(picture[: HEIGHT_PX - 40].min(axis=2) > 200)
    camera = view.camera(pose)
    wanted = camera.project(np.array([[10 - pose.east_m, 20 - pose.north_m, 0.0]]))[0][0]
    assert math.dist((columns.mean(), rows.mean()), wanted) < 2.0


def test_a_person_is_drawn_where_the_box_says(ground: GroundMap) -> None:
    view = AirView(ground, DAY)
    walker = next(one for one in Traffic(7).at(0.0) if one.actor.kind == "person")
    here = Standing(walker.actor, Pose(3.0, 12.0, 0.0), walker.figure)
    pose = EyePose(0, 0, 12, 0, -45)
    empty, _ = view.picture(pose, [], "")
    picture, sightings = view.picture(pose, [here], "")
    changed = np.abs(picture.astype(int) - empty).max(axis=2) > 30
    rows, columns = np.nonzero(changed)
    (seen,) = sightings
    x0, y0, x1, y1 = seen.box_xyxy
    assert (seen.class_name, seen.east_m, seen.north_m) == ("person", 3.0, 12.0)
    inside = (columns >= x0 - 2) & (columns <= x1 + 2) & (rows >= y0 - 2) & (rows <= y1 + 2)
    assert inside.sum() > 0.4 * len(rows), "the rest is its shadow"
    assert 8 < y1 - y0 < 80


def test_above_the_horizon_is_sky_and_straight_down_is_none(ground: GroundMap) -> None:
    view = AirView(ground, DAY)
    level, _ = view.picture(EyePose(0, 0, 30, 0, -5), [], "")
    above = level[:40].reshape(-1, 3)
    assert above.std(axis=0).max() < 12
    down, _ = view.picture(EyePose(0, 0, 30, 0, -90), [], "")
    assert down[:40].reshape(-1, 3).std(axis=0).max() > 5


def test_the_pad_at_home_has_its_yellow_mark(ground: GroundMap) -> None:
    view = AirView(ground, DAY)
    over_home, _ = view.picture(EyePose(0, 0, 20, 0, -90), [], "")
    a_square_further, _ = view.picture(EyePose(512, 0, 20, 0, -90), [], "")
    assert yellow(over_home) > 300
    assert yellow(a_square_further) < 30


def yellow(picture: NDArray[np.uint8]) -> int:
    return int(((picture[..., 2].astype(int) - picture[..., 0]) > 70).sum())


def test_the_ground_and_its_people_repeat(ground: GroundMap) -> None:
    view, people = AirView(ground, DAY), Traffic(7).at(5.0)
    here, seen_here = view.picture(EyePose(40, -30, 25, 30, -50), people, "")
    there, seen_there = view.picture(EyePose(40 + 1024, -30 - 512, 25, 30, -50), people, "")
    assert np.abs(here.astype(int) - there).mean() < 2.0
    assert [one.class_name for one in seen_here] == [one.class_name for one in seen_there]
    assert [round(b.east_m - a.east_m) for a, b in zip(seen_here, seen_there, strict=True)] == [1024] * len(seen_here)
    assert seen_here


def test_everybody_goes_round_for_ever() -> None:
    traffic = Traffic(7)
    early, late = traffic.at(0.0), traffic.at(86_400.0)
    assert [one.actor.id for one in early] == [one.actor.id for one in late]
    assert all(abs(one.pose.x_m) < 256 and abs(one.pose.y_m) < 256 for one in late)
    moved = [a.pose != b.pose for a, b in zip(early, late, strict=True)]
    assert sum(moved) >= 10


def test_nothing_is_drawn_while_nobody_watches() -> None:
    pictures = [np.full((HEIGHT_PX, WIDTH_PX, 3), shade, np.uint8) for shade in (20, 200, 90, 60)]
    loop = LiveLoop(lambda: pictures.pop(0), 1)
    for frame in range(5):
        assert loop.unit(frame).keyframe
    assert loop.drawn == 1
    loop.is_watched = lambda: True
    assert loop.unit(5) is not loop.unit(6)
    assert loop.drawn == 3
    assert loop.unit(6) is loop.unit(6)
    assert loop.drawn == 3


def test_whoever_watches_anew_begins_with_a_keyframe() -> None:
    loop = LiveLoop(lambda: np.full((HEIGHT_PX, WIDTH_PX, 3), 90, np.uint8), 1)
    loop.is_watched = lambda: True
    assert [loop.unit(frame).keyframe for frame in (1, 2, 3)] == [True, False, False]
    loop.is_watched = lambda: False
    loop.unit(4)
    loop.is_watched = lambda: True
    assert [loop.unit(frame).keyframe for frame in (5, 6)] == [True, False]


def test_those_who_are_not_near_are_not_drawn_and_nobody_else_is_left_out(ground: GroundMap) -> None:
    view, traffic = AirView(ground, DAY, 16.0), Traffic(7)
    everybody = traffic.at(5.0)
    there = everybody[3].pose
    pose = EyePose(there.x_m + 512.0, there.y_m - 512.0 - 60.0, 60.0, 0.0, -45.0)
    near = traffic.at(5.0, view.near(pose))
    assert len(near) < len(everybody) / 4
    all_drawn, few_drawn = view.picture(pose, everybody, ""), view.picture(pose, near, "")
    assert np.array_equal(all_drawn[0], few_drawn[0])
    assert all_drawn[1] == few_drawn[1]
    assert few_drawn[1]


def test_who_reaches_into_the_picture_from_beside_it_is_near(ground: GroundMap) -> None:
    view, traffic, rng = AirView(ground, DAY), Traffic(7), np.random.default_rng(3)
    seen = 0
    for heading_deg in range(0, 360, 15):
        east_m, north_m = rng.uniform(-200.0, 200.0, 2).tolist()
        pose = EyePose(east_m, north_m, 30.0, heading_deg, -50.0)
        everybody = view.sightings(pose, traffic.at(heading_deg))
        assert view.sightings(pose, traffic.at(heading_deg, view.near(pose))) == everybody
        seen += len(everybody)
    assert seen > 20
