"""`lookout patrol` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from kernel.config import load_config
from kernel.errors import BadInputError
from supervisor.cli import app

RUNNER = CliRunner()
CONFIG = """\
fleet:
  - {id: uav-1, name: 一号, link: "tcp:127.0.0.1:5760", home: {lat: 41.7664, lon: 109.9718, datum: wgs84}}
  - {id: uav-2, link: "tcp:127.0.0.1:5761", endurance_s: 60, home: {lat: 41.7664, lon: 109.9718, datum: wgs84}}
weather: {source: operator}
airspace:
  - {id: store, name: 民爆库, kind: no_fly, datum: wgs84,
     points: [[41.7680, 109.9730], [41.7680, 109.9740], [41.7690, 109.9740], [41.7690, 109.9730]]}
patrols:
  - id: round
    name: 巡逻
    drones: [uav-1, uav-2]
    terrain: flat
    route: {kind: waypoints, datum: wgs84, points: [[41.7670, 109.9720], [41.7672, 109.9725]]}
    schedule: {cron: "0 */2 * * *"}
  - id: through
    drones: [uav-1]
    terrain: flat
    route: {kind: waypoints, datum: wgs84, points: [[41.7685, 109.9720], [41.7685, 109.9750]]}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "c.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    return file


def run(*words: object, code: int = 0) -> str:
    result = RUNNER.invoke(app, ["patrol", *map(str, words)])
    assert result.exit_code == code, result.output
    return result.output


def enter_weather(config: Path) -> None:
    run("weather", config, "--wind", 2, "--temperature", 15)


def test_list(config: Path) -> None:
    assert "round" in run("list", config)
    rows = json.loads(run("list", config, "--json"))
    assert [row["id"] for row in rows] == ["round", "through"]
    assert rows[0]["next"].endswith("+08:00")


def test_nobody_knows_the_weather_until_it_is_entered(config: Path) -> None:
    assert "nobody entered it" in run("weather", config, code=4)
    assert "weather_missing" in run("check", config, "round", "--drone", "uav-1", code=1)
    enter_weather(config)
    assert json.loads(run("weather", config))["wind_m_s"] == 2.0
    assert "round with uav-1: may be flown" in run("check", config, "round", "--drone", "uav-1")


def test_check_tells_every_reason_of_every_patrol_and_drone(config: Path) -> None:
    enter_weather(config)
    found = json.loads(run("check", config, "--json", code=1))
    told = [(one["patrol_id"], one["drone_id"], [reason["code"] for reason in one["reasons"]]) for one in found]
    assert told == [("round", "uav-1", []), ("round", "uav-2", ["energy"]), ("through", "uav-1", ["no_fly_zone"])]
    run("check", config, "round")  # one of its drones may fly it


def test_plan_prints_points_and_draws_maps(config: Path, tmp_path: Path) -> None:
    enter_weather(config)
    text = run("plan", config, "round", "--map", tmp_path / "m.svg")
    assert "takeoff" in text
    assert "41.7670000" in text
    assert "ArduCopter before 4.1 stops 2 times, about 0:18 min more" in text
    assert "民爆库" in (tmp_path / "m.svg").read_text(encoding="utf-8")
    found = json.loads(run("plan", config, "through", "--map", tmp_path / "m.png", "--json", code=1))
    assert found["reasons"][0]["message_zh"] == "第 1 点到第 2 点的航段穿过禁飞区“民爆库”"
    assert found["plan"]["points"][0]["kind"] == "takeoff"
    assert found["plan"]["arducopter_before_4_1"] == {"stops": 2, "more_s": 18.0}
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")


CROSSING = """\
fleet:
  - {id: uav-1, link: "tcp:127.0.0.1:5760", home: {lat: 41.7664, lon: 109.9670, datum: wgs84}}
  - {id: uav-2, link: "tcp:127.0.0.1:5761", ceiling_m: CEILING, home: {lat: 41.7634, lon: 109.9710, datum: wgs84}}
weather: {source: none}
patrols:
  - id: eastwards
    drones: [uav-1]
    terrain: flat
    route: {kind: waypoints, datum: wgs84, points: [[41.7664, 109.9750]]}
  - id: northwards
    drones: [uav-1, uav-2]
    terrain: flat
    route: {kind: waypoints, datum: wgs84, points: [[41.7694, 109.9710]]}
"""


def test_two_patrols_that_cross_are_planned_apart(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(CROSSING.replace("CEILING", "120"))
    words = ("plan", file, "northwards", "--drone", "uav-2", "--beside", "eastwards")
    found = json.loads(run(*words, "--json"))
    assert found["plan"]["layer"] == 1
    [beside] = found["beside"]
    assert beside["nearest_m"] >= beside["reserved_m"] >= 20.0
    assert "1 layers higher" in run(*words, "--map", tmp_path / "m.svg")
    assert "其他无人机" in (tmp_path / "m.svg").read_text(encoding="utf-8")
    file.write_text(CROSSING.replace("CEILING", "60"))
    refused = json.loads(run(*words, "--json", code=1))
    assert [reason["code"] for reason in refused["reasons"]] == ["separation"]
    assert refused["beside"][0]["reserved_m"] < 20.0


@pytest.mark.parametrize("ending", [".plan", ".waypoints", ".geojson", ".kml"])
def test_what_is_exported_is_imported_and_loads(config: Path, tmp_path: Path, ending: str) -> None:
    enter_weather(config)
    file = tmp_path / f"Route 1{ending}"
    run("export", config, "round", file)
    pasted = run("import", config, file, "--terrain", "flat", "--datum", "wgs84")
    [patrol] = YAML(typ="safe").load(pasted)["patrols"]
    assert patrol["id"] == "route-1"
    whole = tmp_path / "again.yaml"
    whole.write_text(CONFIG.partition("patrols:")[0] + pasted, encoding="utf-8")
    points = getattr(load_config(whole).patrols[0].route, "points", ())
    for point in ((41.7670, 109.9720), (41.7672, 109.9725)):
        assert any(point == pytest.approx(found, abs=1e-9) for found in points)


def test_what_may_not_be_flown_is_not_exported(config: Path, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["patrol", "export", str(config), "through", str(tmp_path / "a.plan")])
    assert "goes through the no-fly zone" in str(result.exception)
    assert not (tmp_path / "a.plan").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["plan", "CONFIG", "rund"], "no patrol 'rund' in the config; did you mean 'round'?"),
        (["plan", "CONFIG", "through", "--drone", "uav-2"], "is not among the drones of 'through'"),
        (["plan", "CONFIG", "round", "--at", "noon"], "--at noon: no instant"),
        (["plan", "CONFIG", "round", "--map", "m.gif"], "a map is .svg or .png"),
        (["plan", "CONFIG", "through", "--beside", "through"], "all its drones fly already"),
        (["export", "CONFIG", "round", "a.doc"], "unknown ending"),
        (["import", "CONFIG", "a.plan", "--terrain", "flat"], "cannot be read"),
        (["weather", "CONFIG", "--wind", "3"], "give --wind and --temperature together"),
        (["weather", "CONFIG", "--wind", "-3", "--temperature", "3"], "no weather on earth has that"),
    ],
)
def test_slips_are_told(config: Path, words: list[str], message: str) -> None:
    result = RUNNER.invoke(app, ["patrol", *(str(config) if word == "CONFIG" else word for word in words)])
    assert isinstance(result.exception, BadInputError)
    assert message in str(result.exception)


def test_a_drawn_file_needs_its_datum(config: Path, tmp_path: Path) -> None:
    (tmp_path / "a.kml").write_text("<kml/>")
    result = RUNNER.invoke(app, ["patrol", "import", str(config), str(tmp_path / "a.kml"), "--terrain", "flat"])
    assert "say its datum" in str(result.exception)
