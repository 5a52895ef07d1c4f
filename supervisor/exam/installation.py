"""An installation of its own for one exam: fresh data directory, free ports, started, watched, killed and stopped."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from kernel.config import load_config
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError, CannotRunError
from kernel.runtime import RuntimePaths
from supervisor.exam.processor_time import all_processes, family, service_name
from supervisor.exam.programs import Program, ProgramEndedError
from supervisor.exam.room import Room

READY_WITHIN_S = 120.0
STOP_WITHIN_S = 12.0
_START_TRIES = 4
_DRONES = 4  # as many drones of a config get ports of their own
MARK = ".lookout-exam"
_READY = re.compile(r"ready (?P<url>\S+)(?: user (?P<user>\S+) password (?P<password>\S+))?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an exam works: folders, ports, and the secrets of its cameras."""

    root: Path
    district_dir: Path
    data_dir: Path
    log_dir: Path
    web_port: int
    district_port: int
    camera_password: str
    drone_ports: tuple[int, ...]

    @classmethod
    def prepare(cls, root: Path, var: Path) -> Place:
        """An empty data directory and free ports; the district's rendered loops are kept between exams.

        Raises:
            BadInputError: the place cannot be written, or holds a data directory that no exam made.
        """
        data_dir, log_dir = var / "room", var / "logs"
        mark = var / MARK
        if data_dir.exists() and not mark.exists() and any(data_dir.iterdir()):
            raise BadInputError(f"exam: {data_dir} was not made by an exam and would be emptied; give another --var")
        try:
            if data_dir.exists():
                shutil.rmtree(data_dir)
            for folder in (data_dir, log_dir, var / "district"):
                folder.mkdir(parents=True, exist_ok=True)
            mark.touch()
        except OSError as error:
            raise BadInputError(f"exam: {var} cannot be written ({error.strerror}); give another --var") from error
        return cls(
            root=root,
            district_dir=(var / "district").resolve(),
            data_dir=data_dir.resolve(),
            log_dir=log_dir.resolve(),
            web_port=free_port(),
            district_port=free_port(),
            camera_password=secrets.token_urlsafe(18),
            drone_ports=free_udp_ports(_DRONES),
        )

    def environment(self) -> dict[str, str]:
        """What the examined config asks the environment for."""
        return {
            "LOOKOUT_DATA_DIR": str(self.data_dir),
            "LOOKOUT_PORT": str(self.web_port),
            "LOOKOUT_DISTRICT_PORT": str(self.district_port),
            "LOOKOUT_DISTRICT_PASSWORD": self.camera_password,
            **{f"LOOKOUT_UAV_{number}_PORT": str(port) for number, port in enumerate(self.drone_ports, start=1)},
        }

    def examined_config(self, config_path: Path) -> LookoutConfig:
        """The config as the installation will read it; this process's environment is set for it.

        Raises:
            BadInputError: it would not use the exam's own data directory, page and cameras.
        """
        os.environ.update(self.environment())
        config = load_config(config_path)
        wanted = [
            (RuntimePaths.of(config).data_dir == self.data_dir, "data_dir", "LOOKOUT_DATA_DIR"),
            (config.web.port == self.web_port, "web.port", "LOOKOUT_PORT"),
            (
                any(f":{self.district_port}/" in camera.streams.main.url for camera in config.cameras),
                "cameras[].streams.main.url",
                "LOOKOUT_DISTRICT_PORT",
            ),
        ]
        for is_right, key, variable in wanted:
            if not is_right:
                raise BadInputError(
                    f"{config_path}: {key}: an exam runs beside what runs already; write ${{{variable}}} there"
                )
        return config


class Installation:
    """`lookout up` on the examined config."""

    def __init__(self, place: Place, config_path: Path) -> None:
        """Start it and sign in.

        Raises:
            CannotRunError: it does not get ready.
        """
        self._place = place
        self._config_path = config_path
        self.program, ready = self._started()
        if not ready["password"]:
            self.program.stop(STOP_WITHIN_S)
            raise CannotRunError("lookout up printed no first password although its data directory was empty")
        self.url = ready["url"]
        self.room = Room(self.url)
        self.room.sign_in(ready["user"], ready["password"])

    def _started(self) -> tuple[Program, dict[str, str]]:
        """A running program; one that ends at once is tried again, as a service manager would."""
        arguments = ("supervisor", "up", str(self._config_path))
        for tries_left in reversed(range(_START_TRIES)):
            program = Program(
                arguments, self._place.environment(), self._place.log_dir / "lookout.log", self._place.root
            )
            try:
                line = program.line("ready", READY_WITHIN_S)
            except ProgramEndedError:
                program.stop(STOP_WITHIN_S)
                if not tries_left:
                    raise
                continue
            match = _READY.match(line)
            assert match is not None  # the line begins with "ready" and names an address
            return program, match.groupdict(default="")
        raise AssertionError("unreachable: the last try returns or raises")

    def kill_service(self, name: str) -> bool:
        """SIGKILL one service; False where none of that name runs."""
        for process in family(all_processes(), self.program.pid):
            if service_name(process.argv) == name:
                os.kill(process.pid, signal.SIGKILL)
                return True
        return False

    def kill_supervisor(self) -> None:
        """SIGKILL the supervisor and start it again."""
        self.program.kill()
        self.program, _ready = self._started()

    def stop(self) -> None:
        """End it and let the client go."""
        self.room.close()
        self.program.stop(STOP_WITHIN_S)


def free_udp_ports(count: int) -> tuple[int, ...]:
    """Different UDP ports of the loopback address that nobody has."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return tuple(int(probe.getsockname()[1]) for probe in probes)


def free_port() -> int:
    """A port of the loopback address nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
