"""`make run`: render the simulated district (cached), serve it, and run the whole system on it.

The district's RTSP server and weather station, the vehicles at their docks and `lookout up` are processes of their own;
Ctrl-C or SIGTERM ends them all. The district's port and camera password are made once per data directory and kept in
it, readable by this user alone.
"""

from __future__ import annotations

import argparse
import os
import queue
import secrets
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, NoReturn

from kernel.process import die_with_parent, stop_on_signals
from kernel.runtime import RuntimePaths
from scripts.district.config_fleet import AIRCRAFT, GROUND_AMSL_M, WEATHER_VARIABLE, Aircraft, AircraftEye
from supervisor.preflight import AlreadyRunningError, take_lock

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "configs" / "district.yaml"
DEFAULT_SEED = 1
DISTRICT_STOP_S = 5.0
LOOKOUT_STOP_S = 12.0


def free_port(wanted: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """`wanted` when nobody has it, else any free port of the loopback address; TCP, or UDP by `kind`."""
    for port in (wanted, 0):
        with socket.socket(type=kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("run: no free port on 127.0.0.1")


def camera_password(var: Path) -> str:
    """The password of the district's cameras, made once per data directory.

    Raises:
        SystemExit: the directory cannot be made or written.
    """
    file = var / "district.password"
    try:
        if not file.exists() or not file.stat().st_size:  # empty: the disk was full when it was made
            var.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(18))
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        stop_with(f"{var} cannot be written ({error.strerror}); give another directory, e.g. make run VAR=/srv/lookout")


def check_page_port(port: int) -> None:
    """See that the page's port is free before minutes are spent on rendering.

    Raises:
        SystemExit: it is not.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            stop_with(f"port {port} cannot be had ({error}); give another, e.g. make run PORT=8081")


def stop_with(line: str) -> NoReturn:
    """End with one line and exit code 2."""
    print(f"run: {line}", file=sys.stderr)
    raise SystemExit(2)


def running_url(var: Path) -> str | None:
    """Where a `make run` of this data directory answers already, None when none runs."""
    paths = RuntimePaths(data_dir(var).resolve())
    if not paths.data_dir.is_dir():
        return None
    try:
        take_lock(paths).close()
    except AlreadyRunningError as running:
        return running.url
    return None


def data_dir(var: Path) -> Path:
    """Lookout's own data directory; the district keeps its loops and its truth beside it."""
    return var / "lookout"


def environment(options: argparse.Namespace, district_port: int) -> dict[str, str]:
    """What configs/district.yaml asks the environment for."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LOOKOUT_DATA_DIR": str(data_dir(options.var).resolve()),
        "LOOKOUT_PORT": str(options.port),
        "LOOKOUT_DISTRICT_PORT": str(district_port),
        "LOOKOUT_DISTRICT_PASSWORD": camera_password(options.var),
        WEATHER_VARIABLE: str(weather_file(options.var)),
        **{one.port_variable: str(drone_port(one)) for one in AIRCRAFT},
        **{one.eye.port_variable: str(eye_port(one.eye)) for one in AIRCRAFT if one.eye is not None},
    }


def drone_port(aircraft: Aircraft) -> int:
    """The port that Lookout listens on for a drone: the environment's or the default, or any where that is taken."""
    return free_port(_named_port(aircraft.port_variable, aircraft.port), socket.SOCK_DGRAM)


def eye_port(eye: AircraftEye) -> int:
    """The port that a drone's camera serves on: the environment's or the default, or any where that is taken."""
    return free_port(_named_port(eye.port_variable, eye.port))


def _named_port(variable: str, default: int) -> int:
    """The port that the environment names, else the default.

    Raises:
        SystemExit: what it names is none.
    """
    named = os.environ.get(variable) or str(default)
    if not (named.isascii() and named.isdecimal() and 1 <= int(named) <= 65535):
        raise SystemExit(f"run: {variable}={named} is no port; unset it, or name one from 1 to 65535")
    return int(named)


def weather_file(var: Path) -> Path:
    """What the district's weather station writes."""
    return (var / "district" / "weather.json").resolve()


def vehicle_command(aircraft: Aircraft, env: dict[str, str]) -> list[str]:
    """The simulated vehicle that stands at a drone's dock."""
    return [
        "scripts.vehicle",
        f"--link=udp:127.0.0.1:{env[aircraft.port_variable]}",
        f"--home={aircraft.lat},{aircraft.lon},{GROUND_AMSL_M}",
        f"--sysid={aircraft.sysid}",
        f"--seed={aircraft.sysid}",
        *(f"--param={name}={value:g}" for name, value in aircraft.parameters.items()),
        *(eye_options(aircraft.eye, env) if aircraft.eye is not None else ()),
    ]


def eye_options(eye: AircraftEye, env: dict[str, str]) -> list[str]:
    """What makes a simulated vehicle serve its camera."""
    return [f"--camera=127.0.0.1:{env[eye.port_variable]}", f"--camera-fov={eye.fov_deg:g}"]


def start_around(options: argparse.Namespace, env: dict[str, str]) -> list[subprocess.Popen[str]]:
    """The weather station and the vehicles at their docks."""
    weather = ["scripts.district", "weather", "--file", str(weather_file(options.var)), "--seed", str(options.seed)]
    commands = [weather, *(vehicle_command(one, env) for one in AIRCRAFT)]
    return [start(command, env, stdout=subprocess.DEVNULL) for command in commands]


def start(argv: list[str], env: dict[str, str], stdout: int | None = None) -> subprocess.Popen[str]:
    """A process that ends with this one."""
    parent = os.getpid()
    return subprocess.Popen(
        [sys.executable, "-m", *argv],
        env=env,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(parent),
    )


def wait_until_serving(district: subprocess.Popen[str]) -> None:
    """Read the district's ready line, then let the rest of its output go by.

    Raises:
        SystemExit: it ended without one.
    """
    assert district.stdout is not None
    line = district.stdout.readline()
    if not line:
        raise SystemExit(f"run: the simulated district did not start (exit code {district.wait()})")
    print(f"district: {line.strip()}", file=sys.stderr, flush=True)
    threading.Thread(target=drain, args=(district.stdout,), daemon=True).start()


def drain(stream: IO[str]) -> None:
    """Read to the end, so that the writer never blocks."""
    for _line in stream:
        pass


def stop(process: subprocess.Popen[str], within_s: float) -> None:
    """SIGTERM, and SIGKILL for what is left after `within_s`."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def first_to_end(processes: list[subprocess.Popen[str]], stopping: threading.Event) -> subprocess.Popen[str] | None:
    """Wait until a process ends, or None when `stopping` was set first."""
    ended: queue.Queue[subprocess.Popen[str] | None] = queue.Queue()

    def report(process: subprocess.Popen[str]) -> None:
        process.wait()
        ended.put(process)

    def report_stop() -> None:
        stopping.wait()
        ended.put(None)

    for process in processes:
        threading.Thread(target=report, args=(process,), daemon=True).start()
    threading.Thread(target=report_stop, daemon=True).start()
    return ended.get()


def run(options: argparse.Namespace) -> int:
    """Render, serve and run until a signal or until a part ends."""
    url = running_url(options.var)
    if url is not None:
        print(f"ready {url}")
        return 0
    check_page_port(options.port)
    stopping = stop_on_signals()
    env = environment(options, free_port(options.district_port))
    district_options = ["--var", str(options.var / "district"), "--seed", str(options.seed)]
    render = start(["scripts.district", "render", *district_options], env)
    if first_to_end([render], stopping) is None:
        stop(render, DISTRICT_STOP_S)
        return 130
    if render.returncode:
        print("run: the simulated district could not be rendered; see the lines above", file=sys.stderr)
        return render.returncode
    serve = ["scripts.district", "serve", *district_options, "--port", env["LOOKOUT_DISTRICT_PORT"]]
    simulated = [start(serve, env, stdout=subprocess.PIPE), *start_around(options, env)]
    try:
        wait_until_serving(simulated[0])
        lookout = start(["supervisor", "up", str(CONFIG)], env)
        ended = first_to_end([*simulated, lookout], stopping)
        stop(lookout, LOOKOUT_STOP_S)
        if ended is not None and ended is not lookout:
            part = " ".join(str(word) for word in ended.args[2:4]) if isinstance(ended.args, list) else ""
            print(f"run: a part of the simulated district ended: {part}, exit code {ended.returncode}", file=sys.stderr)
            return 3
        return lookout.returncode if ended is lookout else 0
    finally:
        for process in simulated:
            stop(process, DISTRICT_STOP_S)


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m scripts.run", description="Run Lookout on the simulated district.")
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="where everything is kept (default: var)")
    parser.add_argument("--port", type=int, default=8080, help="port of the page (default: 8080)")
    parser.add_argument("--district-port", type=int, default=8554, help="wanted port of the cameras (default: 8554)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="which day in the district (default: 1)")
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
