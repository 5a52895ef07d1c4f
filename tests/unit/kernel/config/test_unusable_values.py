"""Values that no field can use: the answer is a line with the key, never a traceback now or in a service later."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.config.loader import load
from kernel.config.problems import ConfigErrors
from tests.unit.kernel.config.certificates import self_signed

CAMERA = """\
cameras:
  - id: cam-01
    name: 北门
    unit: bureau
    streams: {main: {url: "rtsp://192.0.2.10/main"}}
    zones: [{id: gate, points: [[X, 0.1], [0.9, 0.1], [0.9, 0.9]]}]
    masks: [[[X, 0.1], [0.9, 0.1], [0.9, 0.9]]]
    rules: [{id: road, kind: line_crossing, line: [[X, 0.1], [0.9, 0.1]]}]
"""


def problems(directory: Path, text: str) -> list[str]:
    """Every problem's line, without the file name."""
    file = directory / "room.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigErrors) as caught:
        load(file, {})
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.problems), "a problem took more than one line"
    return [line.removeprefix(f"{file}:") for line in lines]


@pytest.mark.parametrize("coordinate", [".nan", ".inf", "-.inf", "1" + "0" * 400])
def test_a_coordinate_that_is_no_number_is_said_where_it_stands(tmp_path: Path, coordinate: str) -> None:
    """It once ended in the geometry library's own traceback."""
    found = problems(tmp_path, CAMERA.replace("X", coordinate))
    assert [line.partition(": must be ")[0] for line in found] == [
        "6: cameras[0].zones[0].points[0][0]",
        "7: cameras[0].masks[0][0][0]",
        "8: cameras[0].rules[0].line[0][0]",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web: {session_timeout_s: .inf}", "1: web.session_timeout_s: must be a finite number, not '.inf'"),
        ("health: {auth_retry_s: 1e300}", "1: health.auth_retry_s: must be less than or equal to 31536000"),
        ('data_dir: "a\\0b"', "1: data_dir: holds the control character U+0000; take it out"),
        ('site: {name: "a\\nb"}', "1: site.name: holds the control character U+000A; take it out"),
        ('web: {host: ""}', "1: web.host: "),
        ('site: {unit: ""}', "1: site.unit: "),
    ],
)
def test_values_that_would_fail_later_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    """An empty web.host listened on every interface; an endless time-out ended the API with an OverflowError."""
    assert [line[: len(expected)] for line in problems(tmp_path, text)] == [expected]


def test_a_line_break_in_a_name_breaks_no_line(tmp_path: Path) -> None:
    found = problems(tmp_path, CAMERA.replace("X", "0.1").replace("id: gate", 'id: "a\\nb"'))
    assert any("cameras[0].zones[0].id" in line for line in found)


def test_a_password_may_hold_anything(tmp_path: Path) -> None:
    text = CAMERA.replace("X", "0.1").replace(
        "    unit: bureau\n", '    unit: bureau\n    username: u\n    password: "a\\tb"\n'
    )
    file = tmp_path / "room.yaml"
    file.write_text(text, encoding="utf-8")
    assert load(file, {}).cameras[0].password.get_secret_value() == "a\tb"


@pytest.mark.parametrize("passphrase", [None, b"secret"])
def test_a_certificate_that_no_server_can_use_is_refused(tmp_path: Path, passphrase: bytes | None) -> None:
    """The page never came up, and the reason stood in a traceback of the API's log."""
    self_signed(tmp_path / "cert.pem", passphrase)
    if passphrase is None:
        self_signed(tmp_path / "other.pem")
    else:
        (tmp_path / "other.pem").write_bytes((tmp_path / "cert.pem").read_bytes())
    (line,) = problems(tmp_path, "web:\n  tls_certificate: cert.pem\n  tls_key: other.pem\n")
    assert line.startswith("2: web.tls_certificate: cannot be used with tls_key (")
