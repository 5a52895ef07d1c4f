"""`lookout up` as a person meets it: ready, restarts, stops, refuses."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from kernel.runtime import RuntimePaths
from tests.integration.supervised import ROOT, Supervised, config_text, free_port, lookout_up

SERVICES = ("command_api", "live", "ingest-0", "detect")
BACK_WITHIN_S = 20.0  # generous: the machine may be busy; the restart itself waits 0.25 s
STOPS_WITHIN_S = 30.0


@pytest.fixture
def room(paths: RuntimePaths, tmp_path: Path) -> tuple[Path, Path, int]:
    """Config file, data directory and port of a room."""
    data_dir, port = paths.data_dir, free_port()
    config = tmp_path / "room.yaml"
    config.write_text(config_text(data_dir, port), encoding="utf-8")
    return config, data_dir, port


def lookout(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One call of the command."""
    return subprocess.run(
        [sys.executable, "-m", "supervisor", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def ends(pid: int, within_s: float = STOPS_WITHIN_S) -> bool:
    """Wait until a process of that id is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], within_s)[0])
    finally:
        os.close(handle)


def pids_of(running: Supervised) -> dict[str, int]:
    """Every process of an installation, by service."""
    return {name: running.started(name, BACK_WITHIN_S) for name in ("bus", *SERVICES)}


@pytest.mark.timeout(240)
def test_up_answers_restarts_what_dies_and_leaves_nothing_behind(room: tuple[Path, Path, int]) -> None:
    config, data_dir, port = room
    with lookout_up(config, data_dir) as running:
        pids = pids_of(running)
        first = running.ready_line()
        assert first.startswith(f"ready http://127.0.0.1:{port}/ user admin password ")
        assert not list(running.paths.socket_dir.glob("first-admin*"))
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).json()["status"] == "ok"

        again = lookout("up", str(config))
        assert (again.returncode, again.stdout.strip()) == (0, f"ready http://127.0.0.1:{port}/")

        for service in ("detect", "live", "ingest-0", "command_api", "bus"):
            os.kill(pids[service], signal.SIGKILL)
            pids[service] = running.started(service, BACK_WITHIN_S)

        began_s = time.monotonic()
        assert running.stop(STOPS_WITHIN_S) == 0
        print(f"stopped in {time.monotonic() - began_s:.1f} s")
    assert not [name for name, pid in pids.items() if not ends(pid)]
    assert not list(running.paths.socket_dir.glob("*.sock"))
    assert not list(Path("/dev/shm").glob(f"lookout-{running.paths.installation}-*"))


@pytest.mark.timeout(180)
def test_services_go_with_a_killed_supervisor_and_the_next_one_starts(room: tuple[Path, Path, int]) -> None:
    config, data_dir, port = room
    with lookout_up(config, data_dir) as running:
        pids = pids_of(running)
        running.ready_line()
        running.process.kill()
        running.process.wait()
    with lookout_up(config, data_dir) as running:
        assert running.ready_line() == f"ready http://127.0.0.1:{port}/"
        assert not [name for name, pid in pids.items() if not ends(pid)]
        assert running.stop(STOPS_WITHIN_S) == 0


@pytest.mark.timeout(180)
def test_ctrl_c_in_the_terminal_stops_the_bus_last(room: tuple[Path, Path, int]) -> None:
    """Ctrl-C goes to every process of the terminal's group: the bus ended first, and with it what was still to tell."""
    config, data_dir, _ = room
    with lookout_up(config, data_dir) as running:
        running.ready_line()
        os.killpg(running.process.pid, signal.SIGINT)
        os.killpg(running.process.pid, signal.SIGINT)  # an impatient person's second one changes nothing
        assert running.process.wait(STOPS_WITHIN_S) == 0
    assert "SIGINT" not in (running.paths.log_dir / "bus.log").read_text(encoding="utf-8")
    assert "bus away" not in (running.paths.log_dir / "command_api.log").read_text(encoding="utf-8")


@pytest.mark.timeout(180)
def test_a_terminal_that_goes_away_stops_everything_in_order(room: tuple[Path, Path, int]) -> None:
    """SIGHUP ended the supervisor alone and left sockets and 170 MB of shared memory behind."""
    config, data_dir, _ = room
    with lookout_up(config, data_dir) as running:
        running.ready_line()
        running.process.send_signal(signal.SIGHUP)
        assert running.process.wait(STOPS_WITHIN_S) == 0
    assert not list(running.paths.socket_dir.glob("*.sock"))
    assert not list(Path("/dev/shm").glob(f"lookout-{running.paths.installation}-*"))


def test_a_port_in_use_is_one_line_with_the_remedy(room: tuple[Path, Path, int]) -> None:
    config, _, port = room
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        answer = lookout("up", str(config))
    assert answer.returncode == 3
    assert answer.stderr.strip() == (
        f"lookout: port {port} on 127.0.0.1 is in use by another program; stop it or set web.port in the config"
    )


def test_a_data_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    config = tmp_path / "room.yaml"
    config.write_text(config_text(tmp_path / "file" / "data", free_port()), encoding="utf-8")
    answer = lookout("up", str(config))
    assert answer.returncode == 2
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "data directory" in answer.stderr
    assert "data_dir in the config" in answer.stderr


def test_a_wrong_config_reports_every_error_with_its_line(tmp_path: Path) -> None:
    config = tmp_path / "room.yaml"
    config.write_text("sight: {}\nweb: {port: high}\n", encoding="utf-8")
    answer = lookout("check", str(config))
    assert answer.returncode == 2
    assert f"{config}:1" in answer.stderr
    assert "did you mean 'site'" in answer.stderr
    assert f"{config}:2" in answer.stderr


def test_health_cannot_tell_where_nobody_watched(room: tuple[Path, Path, int]) -> None:
    config, _, _ = room
    answer = lookout("health", str(config), "--window", "1h")
    assert answer.returncode == 4
    assert "无数据/no data" in answer.stdout
    as_csv = lookout("health", str(config), "--csv")
    assert as_csv.returncode == 4
    assert as_csv.stdout.splitlines()[0].startswith("scope,id,name,state")


@pytest.mark.timeout(180)
def test_a_damaged_store_is_one_line_with_the_remedy(room: tuple[Path, Path, int]) -> None:
    """It took two minutes to say that the page did not answer; why stood in a log."""
    config, data_dir, _ = room
    (data_dir / "lookout.db").write_bytes(b"no database at all " * 300)
    answer = lookout("up", str(config))
    assert answer.returncode == 3
    last = answer.stderr.splitlines()[-1]
    assert last.startswith("lookout: ")
    assert "file is not a database" in last
    assert "restore a backup" in last
    assert "Traceback" not in answer.stderr
    ends = [line for line in answer.stderr.splitlines() if "service ended service=command_api" in line]
    assert len(ends) == 1, "it was started four times, which took twelve seconds"
    assert "exit_code=5" in ends[0]
