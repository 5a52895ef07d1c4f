"""The config loader: what is right loads, everything wrong is said at once with its line and remedy, secrets never."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from kernel.config import load_config
from kernel.config.loader import load
from kernel.config.lookout import LookoutConfig
from kernel.config.problems import ConfigErrors
from tests.unit.kernel.config.certificates import self_signed

GOOD = """\
site:
  name: 白云矿区
cameras:
  - id: cam-01
    name: 北门
    unit: bureau
    username: viewer
    password: ${CAM_PASSWORD}
    place: {lat: 41.77, lon: 109.97, datum: gcj02}
    streams:
      main:
        url: rtsp://192.0.2.10:554/main
    zones:
      - id: gate
        points: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]
    rules:
      - id: night
        kind: zone_intrusion
        zone: gate
"""
KINDS = (
    "zone_intrusion",
    "loitering",
    "crowd",
    "vehicle_stopped",
    "wrong_direction",
    "zone_unmanned",
    "object_left",
    "object_removed",
    "line_crossing",
    "running",
    "picture_lost",
    "area_intrusion",
)
ENVIRONMENT = {"CAM_PASSWORD": "p@ss:w/ord#1", "HOME_URL": "rtsp://root:hunter2@192.0.2.1/x"}


def written(directory: Path, text: str) -> Path:
    path = directory / "district.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def loaded(directory: Path, text: str = GOOD) -> LookoutConfig:
    return load(written(directory, text), ENVIRONMENT)


def problems(directory: Path, text: str) -> list[str]:
    """Every problem's line, without the file name."""
    path = written(directory, text)
    with pytest.raises(ConfigErrors) as caught:
        load(path, ENVIRONMENT)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.problems), "a problem took more than one line"
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_good_config_loads(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    camera = config.camera("cam-01")
    assert config.site.name == "白云矿区"
    assert camera.password.get_secret_value() == ENVIRONMENT["CAM_PASSWORD"]
    assert camera.rules[0].id == "night"
    assert ENVIRONMENT["CAM_PASSWORD"] not in repr(config)


def test_load_config_reads_the_real_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, GOOD)
    monkeypatch.delenv("CAM_PASSWORD", raising=False)
    with pytest.raises(ConfigErrors, match="environment variable CAM_PASSWORD is not set"):
        load_config(path)
    monkeypatch.setenv("CAM_PASSWORD", "x")
    assert load_config(path).cameras[0].password.get_secret_value() == "x"


def test_relative_paths_count_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "configs").mkdir()
    self_signed(tmp_path / "cert.pem")
    monkeypatch.chdir(tmp_path)
    text = """\
    data_dir: ../data
    models: {dir: ../models, default: ../m/street.onnx}
    web: {tls_certificate: ../cert.pem, tls_key: ../cert.pem}
    """
    written(tmp_path / "configs", text)
    config = load(Path("configs/district.yaml"), {})
    assert config.data_dir == tmp_path / "data"
    assert config.models.dir == tmp_path / "models"
    assert config.models.default == str(tmp_path / "m/street.onnx")
    assert config.web.tls_key == tmp_path / "cert.pem"


def test_defaults_are_made_absolute_and_names_left_alone(tmp_path: Path) -> None:
    config = loaded(tmp_path, "site: {}\ndata_dir: /srv/lookout\n")
    assert config.data_dir == Path("/srv/lookout")
    assert config.models.dir == tmp_path / "models"
    assert config.models.default == "district-n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "        url: rtsp",
            "        urll: rtsp",
            [
                "11: cameras[0].streams.main.url: is missing: rtsp:// or rtsps:// address, "
                "without user name and password.",
                "12: cameras[0].streams.main.urll: unknown key; did you mean 'url'?",
            ],
        ),
        ("site:", "sight:", ["1: sight: unknown key; did you mean 'site'?"]),
        (
            "  name: 白云矿区",
            "  zzz: 1",
            ["2: site.zzz: unknown key; known here: language, name, timezone, unit"],
        ),
        (
            ", datum: gcj02",
            "",
            [
                "9: cameras[0].place.datum: is missing: Datum of lat and lon: wgs84, gcj02 (Amap, Tencent) or bd09 "
                "(Baidu). Required: they lie far apart."
            ],
        ),
        (
            "lat: 41.77",
            "lat: 95",
            ["9: cameras[0].place.lat: must be less than or equal to 90, not '95': Latitude in degrees."],
        ),
        (
            "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]",
            "[[0.1, 0.1], [0.9, 0.1]]",
            [
                "15: cameras[0].zones[0].points: needs at least 3 entries, has 2: Corners in order, each [x, y] as a "
                "fraction 0-1 of the picture's width and height; at least three, edges must not cross."
            ],
        ),
        (
            "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]",
            "[[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]",
            [
                "15: cameras[0].zones[0].points: its edges cross near [0.5, 0.5]; list the corners in the order of "
                "walking round"
            ],
        ),
        (
            "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]",
            "[[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]]",
            ["15: cameras[0].zones[0].points: has no area: its corners lie on one line; move one"],
        ),
        (
            "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]",
            "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.1]]",
            ["15: cameras[0].zones[0].points: has no area: its corners lie on one line; move one"],
        ),
        (
            "zone: gate",
            "zone: gat",
            ["19: cameras[0].rules[0].zone: no zone 'gat' in this camera; did you mean 'gate'?"],
        ),
        (
            "kind: zone_intrusion",
            "kind: zone_intrusions",
            [f"18: cameras[0].rules[0].kind: must be one of {', '.join(map(repr, KINDS))}"],
        ),
        (
            "        kind: zone_intrusion\n",
            "",
            [f"17: cameras[0].rules[0].kind: must be one of {', '.join(KINDS)}"],
        ),
        (
            "rtsp://192.0.2.10:554/main",
            "http://192.0.2.10/main",
            [
                "12: cameras[0].streams.main.url: has the wrong form, not 'http://192.0.2.10/main': rtsp:// or "
                "rtsps:// address, without user name and password."
            ],
        ),
        (
            "rtsp://192.0.2.10:554/main",
            "rtsp://:554/main",
            ["12: cameras[0].streams.main.url: names no host; write rtsp://host:port/path"],
        ),
        ("    username: viewer\n", "", ["7: cameras[0].password: given without username; add the username key"]),
        (
            "name: 北门",
            "name: 12",
            ["5: cameras[0].name: must be a text; put it in quotes, not '12': Name shown to operators."],
        ),
        (
            "    rules:\n",
            "    homography:\n"
            "      - {picture: [0, 0.5], ground_m: [0, 9]}\n      - {picture: [0.5, 0.5], ground_m: [5, 9]}\n"
            "      - {picture: [1, 0.5], ground_m: [9, 9]}\n      - {picture: [0.5, 1], ground_m: [5, 1]}\n"
            "    rules:\n",
            [
                "16: cameras[0].homography: three of the points lie on one line (picture); "
                "choose four that span a part of the ground",
                "16: cameras[0].homography: three of the points lie on one line (ground_m); "
                "choose four that span a part of the ground",
            ],
        ),
        (
            "kind: zone_intrusion\n        zone: gate",
            "kind: running",
            ["18: cameras[0].rules[0].kind: speed needs the camera's homography; add its four points"],
        ),
        (
            "  name: 白云矿区",
            "  timezone: Asia/Shangai",
            ["2: site.timezone: unknown time zone; did you mean 'Asia/Shanghai'?"],
        ),
        (
            "  name: 白云矿区",
            "  timezone: here",
            ["2: site.timezone: unknown time zone; use a name like Asia/Shanghai"],
        ),
        (
            "streams:\n",
            "streams:\n      sub: {url: rtsp://192.0.2.10/sub, roles: [analyse, live]}\n",
            [
                "10: cameras[0].streams: role analyse is given to both streams; give it to one of them: "
                "How it is reached."
            ],
        ),
        (
            "        url: rtsp://192.0.2.10:554/main",
            "        url: rtsp://192.0.2.10:554/main\n        roles: [live]",
            [
                "17: cameras[0].rules: no stream of this camera has the role analyse; give it to one of streams",
            ],
        ),
    ],
)
def test_each_mistake_is_said_with_line_key_and_remedy(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert problems(tmp_path, changed(old, new)) == expected


def test_everything_wrong_is_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
    web: {port: 99999, tls_certificate: cert.pem}
    bus: {url: "http://127.0.0.1"}
    health: {online_target: much}
    cameras:
      - {id: cam-01, name: a, unit: b, streams: {main: {url: "rtsp://h/1"}}}
      - {id: cam-01, name: a, unit: b, streams: {main: {url: "rtsp://h/2"}}, masks: [[[0, 0], [1, 1]]]}
      - id: Cam 3
        name: a
        unit: b
        streams: {main: {url: "rtsp://h/3"}}
        zones:
          - {id: z, points: [[0, 0], [1, 0], [1, 1]]}
          - {id: z, points: [[0, 0], [1, 0], [1, 2]]}
        rules:
          - {id: r, kind: line_crossing, line: [[0.5, 0.5], [0.5, 0.5]]}
          - {id: r, kind: zone_intrusion, zone: z, cooldown_s: 0}
    """
    found = problems(tmp_path, text)
    assert [line.partition(": ")[0] + line.partition(": ")[2].partition(": ")[0] for line in found] == [
        "1web.port",
        "1web.tls_certificate",
        "1web.tls_certificate",
        "2bus.url",
        "3health.online_target",
        "6cameras[1].id",
        "6cameras[1].masks[0]",
        "7cameras[2].id",
        "13cameras[2].zones[1].points[2][1]",
        "13cameras[2].zones[1].id",
        "15cameras[2].rules[0].line",
        "16cameras[2].rules[1].cooldown_s",
        "16cameras[2].rules[1].id",
    ]
    assert "camera id 'cam-01' is taken by cameras[0]; give it another" in found[5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: empty file; start from configs/lookout.example.yaml"),
        ("# only a comment\n", "1: empty file; start from configs/lookout.example.yaml"),
        ("- a\n- b\n", "1: holds no keys; a config starts with keys like site: and cameras:"),
        ("hello", "1: holds no keys; a config starts with keys like site: and cameras:"),
        (
            "site: {name: a\nweb: {}\n",
            "2: no valid YAML: expected ',' or '}', but got ':' while parsing a flow mapping; check",
        ),
        ("site:\n\tname: a\n", "2: no valid YAML: found character '\\t' that cannot start any token"),
        ("site:\n  name: a\nsite:\n  name: b\n", "3: site: given twice (first in line 1); keep one"),
        ("site: *nowhere\n", "1: no valid YAML: found undefined alias"),
        ("site: &a\n  name: *a\n", "1: an alias holds itself; write the section out"),
        (
            "site: !!python/object:os.system {}\n",
            "1: the tag tag:yaml.org,2002:python/object:os.system is no plain data",
        ),
        ("site: {}\n---\nweb: {}\n", "2: no valid YAML: but found another document"),
        ("site: '\x07'\n", "1: no valid YAML: special characters are not allowed"),
        ("[" * 1_000, "1: nested too deeply"),
        ("site: {name: !secret x}\n", "1: no valid YAML: could not determine a constructor for the tag '!secret'"),
    ],
)
def test_what_is_no_config_is_said_in_one_line(tmp_path: Path, text: str, expected: str) -> None:
    found = problems(tmp_path, text)
    assert found[0].startswith(expected), found
    assert len(found) == 1


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("site: {name: Zürich}".encode("latin-1"))
    for path, expected in [
        (tmp_path / "none.yaml", "no such file; give the path of a config"),
        (tmp_path, "is a directory; give the path of a YAML file"),
        (latin, r"not UTF-8 text \(byte 14\); save it as UTF-8"),
    ]:
        with pytest.raises(ConfigErrors, match=expected):
            load(path, {})


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbfsite: {name: x}\r\n")
    assert load(path, {}).site.name == "x"


def test_secrets_come_from_the_environment_or_a_file_and_only_there(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from file\n")
    text = changed("${CAM_PASSWORD}", "file:secret").replace("name: 北门", "name: file:secret")
    camera = loaded(tmp_path, text).cameras[0]
    assert camera.password.get_secret_value() == "from file"
    assert camera.name == "file:secret"
    absolute = changed("${CAM_PASSWORD}", "file:${DIR}/secret")
    config = load(written(tmp_path, absolute), {"DIR": str(tmp_path)})
    assert config.cameras[0].password.get_secret_value() == "from file"


def test_an_environment_value_is_taken_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    for value in ("file:/etc/hostname", "${HOME}", "$${x}", " spaced ", "门"):
        config = load(path, {"CAM_PASSWORD": value})
        assert config.cameras[0].password.get_secret_value() == value
    port = loaded(
        tmp_path, "web: {port: '${PORT}'}".replace("${PORT}", "80${CAM_PASSWORD}").replace("${CAM_PASSWORD}", "80")
    )
    assert port.web.port == 8080
    assert loaded(tmp_path, "site: {name: 'a $${b} $c'}").site.name == "a ${b} $c"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${NOT_THERE}", "environment variable NOT_THERE is not set; export it before the start"),
        ("${}", "'${' opens no variable name; write ${NAME}, or $${ for the characters"),
        ("${CAM", "'${' opens no variable name; write ${NAME}, or $${ for the characters"),
        ("file:none", "secret file {dir}/none cannot be read (No such file or directory); put the secret there"),
        ("file:empty", "secret file {dir}/empty is empty; put the secret there"),
        ("file:binary", "secret file {dir}/binary is not UTF-8 text; put the secret there"),
    ],
)
def test_a_secret_that_cannot_be_had_is_said(tmp_path: Path, value: str, expected: str) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (line,) = problems(tmp_path, changed("${CAM_PASSWORD}", value))
    assert line.startswith("8: cameras[0].password: " + expected.replace("{dir}", str(tmp_path)))


@pytest.mark.parametrize(
    "text",
    [
        changed("rtsp://192.0.2.10:554/main", "rtsp://root:hunter2@192.0.2.10/main"),
        changed("rtsp://192.0.2.10:554/main", "rtsp://root:hunter2/with@192.0.2.10/main"),
        changed("rtsp://192.0.2.10:554/main", "${HOME_URL}"),
        changed("rtsp://192.0.2.10:554/main", "http://root:hunter2@192.0.2.10/main"),
        changed("password: ${CAM_PASSWORD}", "password: [hunter2]"),
        changed("password: ${CAM_PASSWORD}", "password: {hunter2: x}"),
        changed("password: ${CAM_PASSWORD}", "passwort: hunter2"),
        changed("password: ${CAM_PASSWORD}", "password: 'hunter2"),
        changed("password: ${CAM_PASSWORD}", "password: hunter2: x"),
        changed("name: 北门", "name: ['${HOME_URL}']"),
    ],
)
def test_no_error_tells_a_secret(tmp_path: Path, text: str) -> None:
    for line in problems(tmp_path, text):
        assert "hunter2" not in line


def test_credentials_in_a_url_are_refused(tmp_path: Path) -> None:
    text = changed("rtsp://192.0.2.10:554/main", "rtsp://root:hunter2@192.0.2.10/main")
    assert problems(tmp_path, text) == [
        "12: cameras[0].streams.main.url: user name and password do not belong into the URL; "
        "use the camera's username and password keys"
    ]


def test_anchors_and_merges_work(tmp_path: Path) -> None:
    text = """\
    cameras:
      - &first
        id: cam-01
        name: a
        unit: b
        vendor: c
        streams: &streams {main: {url: "rtsp://h/1"}}
      - <<: *first
        id: cam-02
      - {id: cam-03, name: d, unit: b, streams: *streams}
      - <<: [*first, *first]
        id: cam-04
        vendr: x
    """
    assert problems(tmp_path, text) == ["13: cameras[3].vendr: unknown key; did you mean 'vendor'?"]
    config = loaded(tmp_path, textwrap.dedent(text).replace("        vendr: x\n", "").replace("    vendr: x\n", ""))
    assert [camera.id for camera in config.cameras] == ["cam-01", "cam-02", "cam-03", "cam-04"]
    assert {camera.vendor for camera in config.cameras} == {"c", ""}


def test_certificates_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    found = problems(tmp_path, "web:\n  tls_certificate: cert.pem\n  tls_key: key.pem\n")
    assert found == [f"3: web.tls_key: no such file: {tmp_path}/key.pem; give the PEM file's path"]


def test_a_variable_may_have_a_default(tmp_path: Path) -> None:
    path = written(tmp_path, "site: {name: '${ROOM:-瞭望}', unit: '${UNIT:-}b'}\ndata_dir: '${DATA:-data}/x'\n")
    assert load(path, {}).site.name == "瞭望"
    assert load(path, {}).site.unit == "b"
    assert load(path, {"ROOM": "厅", "DATA": "/srv"}).site.name == "厅"
    assert load(path, {"DATA": "/srv"}).data_dir == Path("/srv/x")
