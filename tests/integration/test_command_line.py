"""`lookout check` and the listings on what a person may get wrong: one line with the remedy, and its exit code."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.supervised import ROOT, free_port
from tests.integration.test_supervisor import lookout


def config(directory: Path, **sections: object) -> Path:
    """A config of these sections (JSON is YAML) with one camera."""
    camera = {"id": "cam-01", "name": "北门", "unit": "bureau", "streams": {"main": {"url": "rtsp://127.0.0.1:1/none"}}}
    file = directory / "指挥 中心.yaml"
    defaults = {"models": {"dir": str(ROOT / "models")}, "web": {"port": free_port()}, "cameras": [camera]}
    file.write_text(json.dumps({**defaults, **sections}, ensure_ascii=False), encoding="utf-8")
    return file


def test_check_tells_programs_what_is_wrong(tmp_path: Path) -> None:
    """With --json stdout was empty when there was something to tell."""
    file = config(tmp_path, sight={})
    answer = lookout("check", str(file), "--json")
    assert answer.returncode == 2
    assert json.loads(answer.stdout) == {
        "file": str(file),
        "errors": [{"line": 1, "key": "sight", "message": "unknown key; did you mean 'site'?"}],
    }


@pytest.mark.parametrize(
    ("name", "expected"), [("empty.onnx", "is empty (0 bytes)"), ("absent.onnx", "neither a folder in")]
)
def test_check_looks_at_the_models_too(tmp_path: Path, name: str, expected: str) -> None:
    """A config whose model no detector can load was called in order."""
    (tmp_path / "empty.onnx").touch()
    file = config(tmp_path, models={"default": str(tmp_path / name)})
    answer = lookout("check", str(file))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert expected in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_model_without_a_readable_card_is_listed_with_its_problem(tmp_path: Path) -> None:
    """One broken card ended the listing of all models in a traceback."""
    (tmp_path / "models" / "broken").mkdir(parents=True)
    (tmp_path / "models" / "broken" / "card.json").write_text("{", encoding="utf-8")
    answer = lookout("models", "list", str(config(tmp_path, models={"dir": "models"})), "--json")
    assert answer.returncode == 0
    (row,) = json.loads(answer.stdout)
    assert row["name"] == "broken"
    assert "correct the model card" in row["problem"]


@pytest.mark.parametrize(
    ("web", "expected"),
    [
        ({"port": 0}, "web.port 0 is any free port"),
        ({"host": "nowhere.invalid"}, "cannot listen on nowhere.invalid"),
    ],
)
def test_an_address_nobody_can_listen_on(tmp_path: Path, web: dict[str, object], expected: str) -> None:
    answer = lookout("up", str(config(tmp_path, web={"port": free_port()} | web, data_dir=str(tmp_path / "data"))))
    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 1
    assert expected in answer.stderr
    assert "Unknown error" not in answer.stderr


def test_health_reads_the_store_that_the_config_names_and_its_figures_stay_whole(tmp_path: Path) -> None:
    """It read the data directory's own file whatever store.url said; and 80 columns cut every figure short."""
    store = tmp_path / "elsewhere.db"
    store.write_bytes(b"no database")
    broken = lookout("health", str(config(tmp_path, store={"url": f"sqlite:///{store}"})))
    assert broken.returncode == 3
    assert str(store) in broken.stderr
    assert len(broken.stderr.splitlines()) == 1

    answer = lookout("health", str(config(tmp_path)), "--window", "30d")
    assert answer.returncode == 4
    assert "2592000" in answer.stdout
    assert "…" not in answer.stdout


def test_a_bus_of_ones_own_that_does_not_answer_is_said_and_its_password_is_not(tmp_path: Path) -> None:
    """After two minutes everything was stopped because the page did not answer; why stood in a log."""
    bus = {"url": f"redis://:bus-secret@127.0.0.1:{free_port()}/0"}
    answer = lookout("up", str(config(tmp_path, bus=bus, data_dir=str(tmp_path / "data"))))
    assert answer.returncode == 3
    assert len(answer.stderr.splitlines()) == 1
    assert "bus.url" in answer.stderr
    assert "bus-secret" not in answer.stderr


def test_a_place_where_make_run_cannot_write_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    command = [sys.executable, "-m", "scripts.run", "--var", str(tmp_path / "file"), "--port", str(free_port())]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 1
    assert "make run VAR=" in answer.stderr


def test_make_run_says_that_the_port_is_taken_before_it_renders(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "scripts.run", "--var", str(tmp_path / "var"), "--port", port]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 2
    assert "make run PORT=" in answer.stderr
    assert not (tmp_path / "var").exists()
