"""This end of ultralytics' process: starts it, lets it run for a spell, ends it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from detect.models.model import Model
from kernel.errors import BadInputError, CannotRunError
from supervisor.bench_detect.rounds import Contender, Spell
from supervisor.bench_stream.peer_model import write_peer_model

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Peer:
    """ultralytics, or why it takes no part."""

    contender: Contender | None
    version: str
    why_not: str = ""


@contextmanager
def peer(model: Model, frames: Path, batch: int, folder: Path) -> Iterator[Peer]:
    """ultralytics in a process of its own, with an OpenVINO model of its own format.

    Args:
        model: exported by ultralytics, else it takes no part.
        frames: see `cameras.frames_file`.
        batch: length of the lists it is given.
        folder: for its model and its messages.
    """
    if importlib.util.find_spec("ultralytics") is None:
        yield Peer(None, "", "ultralytics is not installed (make setup-dev EXTRAS=yolo)")
        return
    try:
        network = write_peer_model(model, batch if model.max_batch is None else model.max_batch, folder)
    except BadInputError as error:
        yield Peer(None, "", str(error))
        return
    target = model.card.input
    arguments = (str(network), str(frames), str(batch), str(target.height_px), str(target.width_px))
    settings = {
        "YOLO_OFFLINE": "1",
        "YOLO_AUTOINSTALL": "0",
        "YOLO_CONFIG_DIR": str(folder),
        "MPLCONFIGDIR": str(folder),
    }
    messages = folder / "ultralytics.log"
    with messages.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.bench_detect.peer", *arguments],
            cwd=_ROOT,
            env={**os.environ, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        version = _version(process)
        if version:
            yield Peer(
                Contender(f"ultralytics predict, lists of {batch}", lambda for_s: _spell(process, for_s)), version
            )
        else:
            last = messages.read_text().strip().splitlines()[-1:] or ["it ended without a word"]
            yield Peer(None, "", f"ultralytics does not start: {last[0][:200]}")
    finally:
        process.communicate()


def _version(process: subprocess.Popen[str]) -> str:
    """What it says once it is ready, after whatever else it says; empty where it ends before."""
    for line in _stream(process.stdout):
        if line.startswith("ready "):
            return line.split()[1]
    return ""


def _spell(process: subprocess.Popen[str], for_s: float) -> Spell:
    """Let it work for so long.

    Raises:
        CannotRunError: it ended.
    """
    ask = _stream(process.stdin)
    try:
        ask.write(f"{for_s}\n")
        ask.flush()
    except BrokenPipeError as error:
        raise _ended() from error
    words = _stream(process.stdout).readline().split()
    if len(words) != 3:
        raise _ended()
    return Spell(int(words[0]), float(words[1]), float(words[2]))


def _ended() -> CannotRunError:
    return CannotRunError("bench detect: ultralytics ended in the middle of the measurement; is there memory enough?")


def _stream(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise ChildProcessError("ultralytics was started without pipes")
    return stream
