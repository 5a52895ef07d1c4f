"""The committed schema and example are the model's, and the example says everything and loads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kernel.config.document import parse
from kernel.config.explain import locate
from kernel.config.loader import load
from kernel.config.lookout import LookoutConfig
from kernel.config.schema import EXAMPLE_FILE, SCHEMA_FILE, example_text, main, schema_text

CONFIGS = Path(__file__).parents[4] / "configs"


def test_the_committed_files_are_up_to_date() -> None:
    assert main(["--check", "--dir", str(CONFIGS)]) == 0, "run python -m kernel.config.schema --write"


def test_check_tells_what_is_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--dir", str(tmp_path)]) == 1
    assert main(["--write", "--dir", str(tmp_path)]) == 0
    assert main(["--check", "--dir", str(tmp_path)]) == 0
    (tmp_path / SCHEMA_FILE).write_text("{}")
    assert main(["--check", "--dir", str(tmp_path)]) == 1
    assert f"{tmp_path / SCHEMA_FILE}: not up to date" in capsys.readouterr().err


def test_the_example_loads() -> None:
    config = load(CONFIGS / EXAMPLE_FILE, {})
    assert [camera.id for camera in config.cameras] == ["cam-north-gate", "cam-pit-road", "uav-1-cam"]
    assert config.health == LookoutConfig().health
    assert config.data_dir == CONFIGS.parent / "data"
    assert config.models.dir == CONFIGS.parent / "models"


def test_the_example_names_every_key_of_every_section() -> None:
    text = example_text()
    names = {name for section in json.loads(schema_text())["$defs"].values() for name in section.get("properties", ())}
    missing = [name for name in sorted(names) if f"{name}:" not in text]
    assert missing == []


def test_the_example_describes_each_key_once() -> None:
    text = " ".join(line.strip().removeprefix("# ") for line in example_text().splitlines())
    for path in parse(example_text()).lines:
        description = locate(LookoutConfig, path).description
        assert text.count(description) >= 1
    assert text.count("Stable id: small letters, digits, '-' and '_'.") == 1


def test_every_key_of_the_schema_is_described() -> None:
    schema = json.loads(schema_text())
    sections = {"top": schema, **schema["$defs"]}
    bare = [
        f"{section}.{name}"
        for section, definition in sections.items()
        for name, field in definition.get("properties", {}).items()
        if not (field.get("description") or "$ref" in field)
    ]
    assert bare == []
    assert not schema["additionalProperties"]
