from pathlib import Path

import pytest

from kernel.errors import BadInputError
from supervisor.exam.installation import Place

CONFIG = """\
data_dir: "{data_dir}"
web:
  port: {port}
cameras:
  - id: cam-01
    name: Gate
    unit: bureau
    username: lookout
    password: "${{LOOKOUT_DISTRICT_PASSWORD}}"
    streams:
      main:
        url: "rtsp://127.0.0.1:{district}/cam-01"
"""
RIGHT = {"data_dir": "${LOOKOUT_DATA_DIR}", "port": "${LOOKOUT_PORT}", "district": "${LOOKOUT_DISTRICT_PORT}"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    prepared = Place.prepare(tmp_path, tmp_path / "var")
    for name in prepared.environment():
        monkeypatch.setenv(name, "unset")  # examined_config sets them; monkeypatch puts them back
    return prepared


def written(folder: Path, **changes: str) -> Path:
    file = folder / "examined.yaml"
    file.write_text(CONFIG.format(**{**RIGHT, **changes}), encoding="utf-8")
    return file


def test_config_that_asks_the_environment_is_examined_in_a_place_of_its_own(place: Place, tmp_path: Path) -> None:
    config = place.examined_config(written(tmp_path))
    assert config.data_dir == place.data_dir
    assert config.web.port == place.web_port
    assert config.cameras[0].streams.main.url == f"rtsp://127.0.0.1:{place.district_port}/cam-01"
    assert config.cameras[0].password.get_secret_value() == place.camera_password


def test_the_drones_of_an_exam_have_ports_of_their_own(place: Place, tmp_path: Path) -> None:
    """The district's own drones listen on 14551 and 14552: beside a `make run` an exam shared them."""
    home = "{lat: 41.77, lon: 109.97, datum: wgs84}"
    links = {number: f"udpin:127.0.0.1:${{LOOKOUT_UAV_{number}_PORT:-1455{number}}}" for number in (1, 2)}
    fleet = [
        f'  - {{id: uav-{number}, sysid: {number}, link: "{link}", home: {home}}}' for number, link in links.items()
    ]
    file = written(tmp_path)
    lines = [file.read_text(encoding="utf-8"), "weather: {source: none}", "fleet:", *fleet, ""]
    file.write_text("\n".join(lines), encoding="utf-8")
    ports = [int(one.link.rpartition(":")[2]) for one in place.examined_config(file).fleet]

    assert ports == list(place.drone_ports[:2])
    assert len({14551, 14552, *place.drone_ports}) == 2 + len(place.drone_ports)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("data_dir", "elsewhere", "data_dir: .*LOOKOUT_DATA_DIR"),
        ("port", "8080", "web.port: .*LOOKOUT_PORT"),
        ("district", "8554", "url: .*LOOKOUT_DISTRICT_PORT"),
    ],
)
def test_config_that_would_touch_what_runs_already_is_refused(
    place: Place, tmp_path: Path, key: str, value: str, named: str
) -> None:
    with pytest.raises(BadInputError, match=named):
        place.examined_config(written(tmp_path, **{key: value}))


def test_a_new_exam_begins_with_an_empty_data_directory_and_keeps_the_rendered_loops(tmp_path: Path) -> None:
    first = Place.prepare(tmp_path, tmp_path / "var")
    (first.data_dir / "lookout.db").write_text("old")
    (first.district_dir / "loop").write_text("rendered")
    second = Place.prepare(tmp_path, tmp_path / "var")
    assert list(second.data_dir.iterdir()) == []
    assert [entry.name for entry in second.district_dir.iterdir()] == ["loop"]
    assert first.camera_password != second.camera_password


def test_a_data_directory_that_no_exam_made_is_not_emptied(tmp_path: Path) -> None:
    """`--var /srv` emptied /srv/room, whatever it was."""
    database = tmp_path / "room" / "lookout.db"
    database.parent.mkdir()
    database.write_text("a year of alerts", encoding="utf-8")
    with pytest.raises(BadInputError, match="would be emptied; give another --var"):
        Place.prepare(tmp_path, tmp_path)
    assert database.read_text(encoding="utf-8") == "a year of alerts"


def test_a_place_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="cannot be written"):
        Place.prepare(tmp_path, tmp_path / "file")
