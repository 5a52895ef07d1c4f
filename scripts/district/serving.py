"""From rendered loops to a running server: loads, packetizes, listens, stops at SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import zlib
from collections.abc import Sequence
from pathlib import Path

from scripts.district.credentials import credentials, write_env
from scripts.district.faults import FAULTY_CAMERA, timetable
from scripts.district.rtsp_media import Loop, MediaPath
from scripts.district.rtsp_server import DistrictServer
from scripts.district.scene import Scene
from scripts.district.scenes import SCENES
from scripts.district.sent_log import SentLog, sent_file
from scripts.district.video_file import read_video

TIMETABLE_S = 7 * 24 * 3600.0


def load_paths(folder: Path, scenes: Sequence[Scene] = SCENES) -> list[MediaPath]:
    """The paths of rendered cameras, packetized."""
    return [path for scene in scenes for path in _camera_paths(folder / scene.id, scene)]


def _camera_paths(folder: Path, scene: Scene) -> list[MediaPath]:
    main = _loop(folder / "main.lkv", scene.id)
    frozen, covered = folder / "frozen.lkv", folder / "covered.lkv"
    paths = [
        MediaPath(
            scene.id,
            scene.id,
            "main",
            main,
            frozen=_loop(frozen, scene.id) if frozen.is_file() else None,
            covered=_loop(covered, scene.id) if covered.is_file() else None,
        )
    ]
    if scene.sub_stream:
        paths.append(MediaPath(f"{scene.id}/sub", scene.id, "sub", _loop(folder / "sub.lkv", f"{scene.id}/sub")))
    return paths


def _loop(file: Path, name: str) -> Loop:
    header, units = read_video(file)
    return Loop(header, units, zlib.crc32(name.encode()))


async def serve(
    folder: Path,
    var: Path,
    seed: int,
    host: str,
    port: int,
    scenes: Sequence[Scene] = SCENES,
    apart_s: float = 0.0,
) -> None:
    """Serves cameras until SIGTERM or SIGINT; prints one line when ready.

    Each camera's loop is `apart_s` ahead of the one before; the log of what was sent knows of no such lead.

    Raises:
        OSError: a port is in use.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    who = credentials(var)
    paths = load_paths(folder, scenes)
    for path in paths:
        place = next(place for place, scene in enumerate(scenes) if scene.id == path.camera_id)
        path.first_frame = round(place * apart_s * path.loop.header.fps)
    server = DistrictServer(
        paths,
        who,
        SentLog(sent_file(var)),
        faulty_camera=FAULTY_CAMERA,
        spans=timetable(seed, TIMETABLE_S),
        seed=seed,
    )
    await server.start(host, port)
    env = write_env(var, who, server.port)
    print(
        f"ready rtsp://{host}:{server.port}/cam-01 ({len(scenes)} cameras, seed {seed}; {env.name} has the password)",
        flush=True,
    )
    await stopping.wait()
    await server.stop()
