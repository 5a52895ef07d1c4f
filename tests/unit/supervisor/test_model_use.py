"""`lookout models use` changes one value of a config and leaves the rest of its text alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kernel.config import load_config
from kernel.errors import BadInputError
from supervisor.listing import model_rows
from supervisor.model_use import use_model, with_model
from tests.unit.detect.tiny_models import mean_colour_model

MODELS = Path(__file__).resolve().parents[3] / "models"
CAMERAS = """\
cameras:
  - id: gate  # the first one
    name: Gate
    unit: bureau
    streams: {main: {url: "rtsp://127.0.0.1:1/gate"}}
  - {id: yard, name: Yard, unit: bureau, streams: {main: {url: "rtsp://127.0.0.1:1/yard"}}}
"""
METADATA = {"names": "{0: 'person'}", "imgsz": "[32, 64]", "end2end": "True"}


def config_with(tmp_path: Path, models: str) -> Path:
    file = tmp_path / "lookout.yaml"
    file.write_text(models + CAMERAS)
    mean_colour_model(tmp_path / "other.onnx", metadata=METADATA)
    return file


@pytest.mark.parametrize(
    ("models", "changed"),
    [
        ("models: {default: old}  # ours\n", 'models: {default: "new"}  # ours\n'),
        ("models:\n  # here\n  default: 'old'\n", 'models:\n  # here\n  default: "new"\n'),
        ("models:\n  dir: models\n", 'models:\n  default: "new"\n  dir: models\n'),
        ("models: {dir: models}\n", 'models: {default: "new", dir: models}\n'),
    ],
)
def test_only_the_default_changes(models: str, changed: str) -> None:
    assert with_model(models + CAMERAS, "new") == changed + CAMERAS


def test_a_config_without_models_gets_them_at_its_end() -> None:
    assert with_model(CAMERAS, "new") == CAMERAS + 'models: {default: "new"}\n'


def test_cameras_get_a_model_of_their_own(tmp_path: Path) -> None:
    file = config_with(tmp_path, "models: {default: old}\n")
    now = use_model(file, str(tmp_path / "other.onnx"), ["gate", "yard"])
    assert {camera.model for camera in now.cameras} == {str(tmp_path / "other.onnx")}
    assert load_config(file) == now
    assert now.models.default == "old"
    assert "# the first one" in file.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lookout.yaml", "other.onnx"]


def test_line_ends_and_permissions_stay(tmp_path: Path) -> None:
    """A config from a Windows editor lost the returns of all its lines."""
    file = config_with(tmp_path, "models: {default: old}\n")
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    file.chmod(0o640)
    use_model(file, str(tmp_path / "other.onnx"))
    assert file.read_bytes().count(b"\r\n") == file.read_bytes().count(b"\n") > 5
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_config_stays_its_owners(tmp_path: Path) -> None:
    """Changed by root, a config of mode 0600 could no longer be read by the user the services run as."""
    if os.geteuid() != 0:
        pytest.skip("only root may give files away")
    file = config_with(tmp_path, "models: {default: old}\n")
    os.chown(file, 4711, 4712)
    use_model(file, str(tmp_path / "other.onnx"))
    assert (file.stat().st_uid, file.stat().st_gid) == (4711, 4712)


def test_a_model_in_another_shape_keeps_its_name(tmp_path: Path) -> None:
    file = tmp_path / "lookout.yaml"
    file.write_text(f"models: {{dir: {json.dumps(str(MODELS))}, default: district-n}}\n{CAMERAS}")
    now = use_model(file, "district-n@576x416", ["gate"])
    assert [camera.model for camera in now.cameras] == ["district-n@576x416", ""]
    assert [row["used"] for row in model_rows(now) if row["name"] == "district-n"] == [True]


def test_what_cannot_be_used_is_told_and_the_config_stays(tmp_path: Path) -> None:
    file = config_with(tmp_path, "models: {default: old}\n")
    before = file.read_text()
    (tmp_path / "odd.onnx").write_bytes(b"<html>")
    for name, cameras, found in [
        (str(tmp_path / "odd.onnx"), [], "not an ONNX model"),
        ("absent", [], "'absent'"),
        (str(tmp_path / "other.onnx"), ["gaet"], "did you mean 'gate'"),
    ]:
        with pytest.raises(BadInputError, match=found):
            use_model(file, name, cameras)
        assert file.read_text() == before


def test_text_that_is_not_understood_is_left_to_a_person(tmp_path: Path) -> None:
    """Two cameras share what an anchor names: changing one in the text would change the other."""
    file = config_with(tmp_path, "models: {default: &m old}\n")
    text = file.read_text().replace("name: Gate\n", "name: Gate\n    model: *m\n")
    file.write_text(text)
    with pytest.raises(BadInputError, match=r"models\.default to .* by hand"):
        use_model(file, str(tmp_path / "other.onnx"))
    assert file.read_text() == text


def test_a_change_that_would_be_one_of_other_cameras_too_is_left_to_a_person(tmp_path: Path) -> None:
    """Cameras written as one another's copy: the text can be changed and says something else than was meant."""
    gate = '{id: gate, name: Gate, unit: bureau, model: old, streams: {main: {url: "rtsp://127.0.0.1:1/gate"}}}'
    file = tmp_path / "lookout.yaml"
    file.write_text(f"models: {{default: old}}\ncameras:\n  - &gate {gate}\n  - {{<<: *gate, id: yard, name: Yard}}\n")
    mean_colour_model(tmp_path / "other.onnx", metadata=METADATA)
    before = file.read_text()
    assert [camera.model for camera in load_config(file).cameras] == ["old", "old"]
    with pytest.raises(BadInputError, match=r"model of gate to .* by hand"):
        use_model(file, str(tmp_path / "other.onnx"), ["gate"])
    assert file.read_text() == before
