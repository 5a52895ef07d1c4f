"""configs/district.yaml is what the scenes say, and Lookout reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.config import load_config
from scripts.district.config_file import district_config
from scripts.district.scenes import SCENES

FILE = Path(__file__).parents[4] / "configs" / "district.yaml"


def test_the_committed_file_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == district_config(), "run: python -m scripts.district config"


def test_lookout_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKOUT_DISTRICT_PASSWORD", "made-up")
    monkeypatch.setenv("LOOKOUT_DISTRICT_PORT", "18554")
    config = load_config(FILE)
    assert [camera.id for camera in config.cameras] == [scene.id for scene in SCENES]
    assert config.cameras[0].streams.main.url == "rtsp://127.0.0.1:18554/cam-01"
    assert config.cameras[0].password.get_secret_value() == "made-up"
    for camera, scene in zip(config.cameras, SCENES, strict=True):
        assert [rule.id for rule in camera.rules] == [rule.id for rule in scene.rules]
