"""`python -m scripts.numbered --cameras N --fps F --sent FILE`: serve numbered cameras over RTSP until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import zlib
from contextlib import closing
from pathlib import Path

from scripts.district.rtsp_auth import Credentials, Scheme
from scripts.district.rtsp_media import Loop, MediaPath, Quirks
from scripts.district.rtsp_server import DistrictServer
from scripts.district.sent_log import SentLog
from scripts.district.video_file import read_video
from scripts.numbered.loops import make_loops
from scripts.numbered.sent_numbers import SentNumbers

_STRIDE_FRAMES = 83  # so that keyframes of cameras do not coincide


def numbered_paths(files: list[Path], count: int) -> list[MediaPath]:
    """`cam-01` and so on: the loops in turn, begun at different frames, frames spread over one frame's time."""
    videos = [read_video(file) for file in files]
    paths = []
    for index in range(count):
        name = f"cam-{index + 1:02d}"
        header, units = videos[index % len(videos)]
        loop = Loop(header, units, zlib.crc32(name.encode()))
        phase_s = index / count / header.fps
        quirks = Quirks(scheme=Scheme.NONE)
        paths.append(MediaPath(name, name, "main", loop, quirks, first_frame=index * _STRIDE_FRAMES, phase_s=phase_s))
    return paths


async def serve(paths: list[MediaPath], sent_file: Path) -> None:
    """Serve until SIGTERM or SIGINT; prints one line when ready."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    with closing(SentNumbers(sent_file)) as sent:
        log = SentLog(sent_file.with_suffix(".jsonl"))
        server = DistrictServer(paths, Credentials("", ""), log, on_sent=sent.note)
        await server.start("127.0.0.1", 0)
        print(f"ready rtsp://127.0.0.1:{server.port}", flush=True)
        await stopping.wait()
        await server.stop()


def main() -> int:
    """Render what is missing, then serve."""
    parser = argparse.ArgumentParser(prog="python -m scripts.numbered", description=__doc__)
    parser.add_argument("--var", type=Path, default=Path("var/bench"), help="folder the loops are kept in")
    parser.add_argument("--seed", type=int, default=7, help="who appears when")
    parser.add_argument("--cameras", type=int, default=4, help="how many")
    parser.add_argument("--fps", type=int, default=25, help="frames a second")
    parser.add_argument("--sent", type=Path, required=True, help="file to write: which picture left when")
    options = parser.parse_args()
    files = make_loops(
        options.var, options.seed, options.fps, os.cpu_count() or 1, lambda line: print(line, file=sys.stderr)
    )
    asyncio.run(serve(numbered_paths(files, options.cameras), options.sent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
