"""Options of `python -m scripts.vehicle`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pymavlink.dialects.v20 import ardupilotmega as wire

from kernel.errors import BadInputError, LookoutError
from scripts.vehicle.body import Wind
from scripts.vehicle.edge import Address, VehicleServer, parse_address
from scripts.vehicle.faults import Fault, fault_from_option, faults_from_file
from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.profiles import PROFILES
from scripts.vehicle.radio import Quality
from scripts.vehicle.vehicle import Vehicle

if TYPE_CHECKING:
    from scripts.vehicle.eye.camera_server import DroneCamera


def main(argv: list[str] | None = None) -> int:
    """Run a simulated vehicle until interrupted; the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        options, address = options_from(arguments), parse_address(arguments.link)
        _host_port(arguments.camera)
        asyncio.run(_serve(options, arguments, address))
    except KeyboardInterrupt:
        return 0
    except LookoutError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    return 0


async def _serve(options: VehicleOptions, arguments: argparse.Namespace, address: Address) -> None:
    server = VehicleServer(make_vehicle(options), address, arguments.time_factor)
    camera = _camera(arguments, server.vehicle)
    if camera is not None:
        await camera.start(*_host_port(arguments.camera))
    await server.start()
    print(
        f"ready sysid={options.sysid} profile={options.profile.name} link={address.kind}:{address.host}:{server.port} "
        f"home={options.lat_deg:.7f},{options.lon_deg:.7f},{options.ground_amsl_m:g} speedup={options.speedup:g}"
        + (f" camera=rtsp://{arguments.camera.rpartition(':')[0]}:{camera.port}/{camera.name}" if camera else ""),
        flush=True,
    )
    try:
        await server.wait()
    finally:
        await server.stop()
        if camera is not None:
            await camera.stop()


def make_vehicle(options: VehicleOptions) -> Vehicle:
    """The vehicle these options describe.

    Raises:
        BadInputError: a parameter that this firmware does not have.
    """
    try:
        return Vehicle(options)
    except KeyError as error:
        raise BadInputError(f"--param {error.args[0]}: {options.profile.name} has no such parameter") from error


def options_from(arguments: argparse.Namespace) -> VehicleOptions:
    """The vehicle's options from the command line's.

    Raises:
        BadInputError: a value that cannot be used.
    """
    lat_deg, lon_deg, ground_m = _home(arguments.home)
    if not 0 < arguments.speedup <= 100:
        raise BadInputError(f"--speedup {arguments.speedup:g}: between 0 and 100")
    if not 1 < arguments.camera_fov < 179:
        raise BadInputError(f"--camera-fov {arguments.camera_fov:g}: between 1 and 179")
    if not 0 < arguments.time_factor <= 100:
        raise BadInputError(f"--time-factor {arguments.time_factor:g}: between 0 and 100")
    quality = Quality(arguments.loss, arguments.duplicate, arguments.reorder, arguments.delay_ms / 1000)
    return VehicleOptions(
        lat_deg, lon_deg, ground_m,
        sysid=arguments.sysid, profile=PROFILES[arguments.profile], speedup=arguments.speedup, seed=arguments.seed,
        settle_s=arguments.settle_s, wind=_wind(arguments.wind), endurance_s=arguments.endurance_s,
        battery_percent=arguments.battery, parameters=dict(_parameter(text) for text in arguments.param),
        faults=tuple(_faults(arguments)), uplink=quality, downlink=quality,
        withheld=_messages(arguments.withhold), ask_int=arguments.ask_int,
        signing_key=_signing_key(arguments.signing_key), signing_strict=arguments.signing_strict,
    )  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.vehicle", description=__doc__)
    add = parser.add_argument
    add("--link", default="udp:127.0.0.1:14550", help="udp:HOST:PORT | udpin: | tcpin: | tcp:")
    add("--home", required=True, metavar="LAT,LON[,ALT_M]", help="where it stands (WGS-84, ground above the sea)")
    add("--sysid", type=int, default=1)
    add("--profile", choices=sorted(PROFILES), default="arducopter-4")
    add("--speedup", type=float, default=1.0, help="flight seconds in a real second")
    add("--time-factor", type=float, default=1.0, help="run everything faster, the waits for the ground station too")
    add("--seed", type=int, default=0)
    add("--settle-s", type=float, default=12.0, help="flight seconds until GPS and estimator are good")
    add("--wind", default="0", metavar="M_S[,FROM_DEG[,GUST_M_S]]")
    add("--endurance-s", type=float, default=1500.0, help="flight seconds a full battery hovers")
    add("--battery", type=float, default=100.0, metavar="PERCENT")
    add("--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter set before the start")
    add("--loss", type=float, default=0.0, help="share of packets lost, each way")
    add("--duplicate", type=float, default=0.0, help="share of packets that come twice")
    add("--reorder", type=float, default=0.0, help="share of packets that come late")
    add("--delay-ms", type=float, default=0.0)
    add("--fault", action="append", default=[], metavar="kind=K,airborne_s=N,…", help="a fault on schedule")
    add("--faults", type=Path, help="YAML list of faults")
    add("--camera", default="", metavar="HOST:PORT", help="serve its camera's view over RTSP")
    add("--withhold", action="append", default=[], metavar="MESSAGE", help="never send it, e.g. EKF_STATUS_REPORT")
    add("--camera-fov", type=float, default=70.0, metavar="DEG", help="horizontal field of view of its camera")
    add("--ask-int", action="store_true", help="ask for mission items by MISSION_REQUEST_INT, as PX4 does")
    add("--signing-key", type=Path, help="file with 32 bytes as hex; unsigned traffic is accepted all the same")
    add("--signing-strict", action="store_true", help="refuse unsigned traffic")
    return parser


def _camera(arguments: argparse.Namespace, vehicle: Vehicle) -> DroneCamera | None:
    """The camera, painted only when asked for: it brings OpenCV and an encoder."""
    if not arguments.camera:
        return None
    from scripts.vehicle.eye.camera_server import DroneCamera

    return DroneCamera(vehicle, f"uav-{arguments.sysid}", fov_deg=arguments.camera_fov)


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if text and (not host or not port.isdigit() or int(port) > 65535):
        raise BadInputError(f"--camera {text}: not HOST:PORT")
    return host.strip("[]"), int(port or 0)


def _home(text: str) -> tuple[float, float, float]:
    try:
        lat_deg, lon_deg, *rest = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadInputError(f"--home {text}: not LAT,LON or LAT,LON,ALT_M") from error
    if abs(lat_deg) > 85 or abs(lon_deg) > 180 or len(rest) > 1:
        raise BadInputError(f"--home {text}: latitude within 85, longitude within 180 degrees, one altitude")
    return lat_deg, lon_deg, rest[0] if rest else 0.0


def _wind(text: str) -> Wind:
    try:
        return Wind(*(float(part) for part in text.split(",")))
    except (TypeError, ValueError) as error:
        raise BadInputError(f"--wind {text}: not M_S[,FROM_DEG[,GUST_M_S]]") from error


def _parameter(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError as error:
        raise BadInputError(f"--param {text}: not NAME=VALUE") from error


def _messages(names: list[str]) -> frozenset[str]:
    unknown = [name for name in names if not hasattr(wire, f"MAVLINK_MSG_ID_{name}")]
    if unknown:
        raise BadInputError(f"--withhold {unknown[0]}: MAVLink has no such message")
    return frozenset(names)


def _faults(arguments: argparse.Namespace) -> list[Fault]:
    from_file = faults_from_file(arguments.faults) if arguments.faults is not None else []
    return from_file + [fault_from_option(text) for text in arguments.fault]


def _signing_key(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise BadInputError(f"--signing-key {path}: not a file with 64 hex digits") from error
    if len(key) != 32:
        raise BadInputError(f"--signing-key {path}: {len(key)} bytes, 32 are needed")
    return key
