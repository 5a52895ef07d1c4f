"""fleet, airspace, patrols and weather: the fewest keys load, and everything wrong is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.config import load_config
from kernel.config.problems import ConfigErrors

LEAST = """\
fleet:
  - {id: uav-1, link: "udpin:127.0.0.1:14550", home: {lat: 41.7664, lon: 109.9718, datum: wgs84}}
weather: {source: none}
patrols:
  - id: round
    drones: [uav-1]
    terrain: flat
    route: {kind: loop, datum: wgs84, points: [[41.77, 109.97], [41.771, 109.97], [41.771, 109.972]]}
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    """Lines 'LINE: KEY: message' of what is wrong with a config."""
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigErrors) as raised:
        load_config(file)
    return [f"{found.line}: {found.key}: {found.message}" for found in raised.value.problems]


def test_the_fewest_keys_load(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(LEAST, encoding="utf-8")
    config = load_config(file)
    drone, patrol = config.drone("uav-1"), config.patrol("round")
    assert (drone.sysid, drone.gcs_sysid, drone.ceiling_m, drone.label) == (1, 255, 120.0, "uav-1")
    assert (patrol.terrain, patrol.altitude_m, patrol.launch) == ("flat", 60.0, "confirm")
    assert config.dispatch.launch == "confirm"


def test_files_count_from_the_config(tmp_path: Path) -> None:
    (tmp_path / "ground.asc").write_text("ncols 1\n")
    (tmp_path / "route.kml").write_text("<kml/>")
    text = LEAST.replace("terrain: flat", "terrain: ground.asc")
    text = text.replace("points: [[41.77, 109.97], [41.771, 109.97], [41.771, 109.972]]", "file: route.kml")
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    patrol = load_config(tmp_path / "c.yaml").patrols[0]
    assert patrol.terrain == str(tmp_path / "ground.asc")
    assert getattr(patrol.route, "file", None) == tmp_path / "route.kml"


ZONE = "airspace: [{id: store, kind: no_fly, datum: wgs84, points: [[41.8, 109.9], [41.9, 109.9], [41.9, 110]]}]\n"
ROUTE = "{kind: loop, datum: wgs84, points: [[41.77, 109.97], [41.771, 109.97], [41.771, 109.972]]}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "weather: {source: none}",
            "weather: {source: file}",
            "3: weather.file: is missing: source file needs it",
        ),
        ("weather: {source: none}\n", "", "1: weather: is missing: say where wind and temperature come from"),
        ("terrain: flat", "terrain: pit.asc", "7: patrols[0].terrain: no such file:"),
        ("terrain: flat", "terrain: pit.tif", "7: patrols[0].terrain: must end in .asc"),
        ("    terrain: flat\n", "", "5: patrols[0].terrain: is missing: flat, where"),
        (
            "drones: [uav-1]",
            "drones: [uav-2]",
            "6: patrols[0].drones[0]: no drone 'uav-2' in fleet; did you mean 'uav-1'?",
        ),
        ("datum: wgs84, points", "points", "8: patrols[0].route.datum: is missing: coordinates stand here"),
        (", datum: wgs84}}", "}}", "2: fleet[0].home.datum: is missing"),
        ("lat: 41.7664, lon: 109.9718", "lat: .nan, lon: 109.9718", "2: fleet[0].home.lat: "),
        ("lat: 41.7664, lon: 109.9718", "lat: 95, lon: 109.9718", "2: fleet[0].home.lat: must be less than"),
        ("lat: 41.7664, lon: 109.9718", "lat: 0, lon: 0", "2: fleet[0].home: 0, 0 lies in the Gulf of Guinea"),
        ("[41.77, 109.97]", "[0, 0]", "8: patrols[0].route.points: 0, 0 lies in the Gulf of Guinea"),
        ("[41.77, 109.97]", "[.nan, 109.97]", "8: patrols[0].route.points[0][0]: "),
        (ROUTE, "{kind: inspect, cameras: [cam-9]}", "8: patrols[0].route.cameras[0]: no camera 'cam-9'"),
        (
            ROUTE,
            "{kind: perimeter, zone: stoer}",
            "8: patrols[0].route.zone: no zone 'stoer' in airspace; there are none",
        ),
        (ROUTE, "{kind: survey, datum: wgs84}", "8: patrols[0].route: has no coordinates; give points or file"),
        (
            ROUTE,
            "{kind: survey, datum: wgs84, points: [[41, 109], [42, 110], [42, 109], [41, 110]]}",
            "8: patrols[0].route.points: its edges cross near [41.5, 110]",
        ),
        ("kind: loop", "kind: lap", "8: patrols[0].route.kind: must be one of"),
        ("127.0.0.1:14550", "127.0.0.1", "2: fleet[0].link: has the wrong form"),
        ("127.0.0.1:14550", "127.0.0.1:70000", "2: fleet[0].link: port 70000 does not exist"),
        (
            "terrain: flat",
            "terrain: flat\n    actions: [{point: 4}]",
            "8: patrols[0].actions[0].point: the route has 3 points",
        ),
        (
            "terrain: flat",
            "terrain: flat\n    actions: [{point: 1}, {point: 1, photo: true}]",
            "8: patrols[0].actions[1].point: point 1 has patrols[0].actions[0] already; put both into one",
        ),
        ("terrain: flat", "terrain: flat\n    launch: auto", "8: patrols[0].launch: auto without a schedule"),
        ("terrain: flat", "terrain: flat\n    schedule: {late_s: 5}", "8: patrols[0].schedule: says not when"),
        (
            "terrain: flat",
            "terrain: flat\n    schedule: {cron: '0 25 * * *'}",
            "8: patrols[0].schedule.cron: '0 25 * * *': the hour",
        ),
        ("id: uav-1,", "id: uav-1, sysid: 7, gcs_sysid: 7,", "2: fleet[0].sysid: is the ground station's own"),
        ("id: uav-1,", "id: uav-1, signing_key: abc,", "2: fleet[0].signing_key: must be 64 hexadecimal digits"),
        ("id: uav-1,", "id: uav-1, camera: nose,", "2: fleet[0].camera: no camera 'nose'"),
        (
            "id: uav-1,",
            "id: uav-1, approval: {number: a, valid_from: 2027-01-01, valid_until: 2026-01-01},",
            "2: fleet[0].approval.valid_until: is before valid_from",
        ),
        (
            "id: uav-1,",
            "id: uav-1, registration: {number: a, valid_until: soon},",
            "2: fleet[0].registration.valid_until: must be a day or an instant, not 'soon'",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in LEAST
    found = problems(tmp_path, LEAST.replace(old, new, 1))
    assert [line for line in found if line.startswith(expected)], found
    assert "abc" not in "".join(found)


def test_doubled_ids_and_sysids(tmp_path: Path) -> None:
    other = '  - {id: uav-2, link: "udpin:127.0.0.1:14550", home: {lat: 41.7, lon: 109.9, datum: gcj02}}\nweather:'
    found = problems(tmp_path, LEAST.replace("weather:", other, 1))
    expected = "3: fleet[1].link: sysid 1 on udpin:127.0.0.1:14550 is fleet[0] already; give each drone its own"
    assert found == [expected]
    found = problems(tmp_path, LEAST.replace("weather:", other.replace("uav-2", "uav-1, sysid: 2"), 1))
    assert found == ["3: fleet[1].id: drone id 'uav-1' is taken by fleet[0]; give it another"]
    found = problems(tmp_path, LEAST + ZONE + ZONE.partition("[")[0].replace("airspace", "x"))
    assert any("unknown key" in line for line in found)


def test_a_zone_needs_a_datum_and_corners(tmp_path: Path) -> None:
    assert problems(tmp_path, LEAST + ZONE.replace("datum: wgs84, ", ""))[0].startswith(
        "9: airspace[0].datum: is missing"
    )
    found = problems(tmp_path, LEAST + "airspace: [{id: store, kind: no_fly, datum: wgs84}]")
    assert found == ["9: airspace[0]: has no coordinates; give points or file"]
    found = problems(tmp_path, LEAST + ZONE.replace("kind: no_fly", "kind: no_fly, file: a.kml"))
    assert [line.partition(" no such file")[0] for line in found] == [
        "9: airspace[0].file: given beside points; keep one of them",
        "9: airspace[0].file:",
    ]


def test_nothing_starts_by_itself_without_weather(tmp_path: Path) -> None:
    text = LEAST.replace("terrain: flat", "terrain: flat\n    launch: auto\n    schedule: {cron: '0 8 * * *'}")
    assert problems(tmp_path, text) == [
        "8: patrols[0].launch: auto, but weather.source is none: nobody would look at the weather"
    ]


def test_a_camera_on_two_drones_is_told(tmp_path: Path) -> None:
    text = LEAST.replace(
        "fleet:", "cameras:\n  - {id: eye, name: eye, unit: u, streams: {main: {url: 'rtsp://h/s'}}}\nfleet:"
    )
    one = (
        '  - {id: uav-1, link: "udpin:127.0.0.1:14550", camera: eye, home: {lat: 41.7664, lon: 109.9718, datum: wgs84}}'
    )
    two = one.replace("uav-1", "uav-2").replace("14550", "14551")
    lines = [line for line in text.splitlines() if "id: uav-1, link" not in line]
    lines.insert(lines.index("fleet:") + 1, f"{one}\n{two}")
    assert problems(tmp_path, "\n".join(lines)) == [
        "5: fleet[1].camera: camera 'eye' is carried by fleet[0] already; give each drone its own"
    ]


AREA = "kind: area_intrusion, id: pit, {datum}points: [[41.779, 109.956], [41.779, 109.9625], {third}]"
EYE = """\
cameras:
  - {{id: eye, name: eye, unit: u, streams: {{main: {{url: 'rtsp://h/s'}}}}, rules: [{{{rule}}}]}}
fleet:"""


@pytest.mark.parametrize(
    ("carries", "datum", "third", "expected"),
    [
        (True, "datum: gcj02, ", "[41.7812, 109.9625]", None),
        (True, "", "[41.7812, 109.9625]", "datum"),
        (True, "datum: gcj02, ", "[41.779, 109.97]", "points"),
        (
            False,
            "datum: gcj02, ",
            "[41.7812, 109.9625]",
            "kind: needs the camera of a drone; name it as a drone's camera, or use zone_intrusion",
        ),
    ],
)
def test_an_area_on_the_earth_needs_its_datum_and_a_drones_camera(
    tmp_path: Path, carries: bool, datum: str, third: str, expected: str | None
) -> None:
    text = LEAST.replace("fleet:", EYE.format(rule=AREA.format(datum=datum, third=third)))
    text = text.replace("id: uav-1, link", "id: uav-1, camera: eye, link") if carries else text
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")
    if expected is None:
        (rule,) = load_config(file).cameras[0].rules
        assert rule.kind == "area_intrusion"
    else:
        (found,) = problems(tmp_path, text)
        assert found.startswith(f"2: cameras[0].rules[0].{expected}")
