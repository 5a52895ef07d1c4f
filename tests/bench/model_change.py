"""Largest time between two analysed frames of a camera before, across and after a change of model, in a real detector.

`python -m tests.bench.model_change`: two cameras at 5 analysed fps by district-n, then by a file the machine has not
measured yet; the last line of stdout is one object.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import onnx

from detect.models.model import sha256_of
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import tracks_channel
from kernel.config import load_config
from kernel.events import TracksUpdate
from kernel.runtime import RuntimePaths
from supervisor.model_use import use_model
from supervisor.preflight import prepare_directories
from tests.integration.detector_room import CAMERAS, REPOSITORY, Bus, detector, eventually, playing, write_config

SETTLE_S = 6.0


def bundle(folder: Path, name: str) -> Path:
    """A copy of district-n that is another file."""
    target = folder / name
    shutil.copytree(REPOSITORY / "models" / "district-n", target)
    model = onnx.load(target / "model.onnx")
    model.doc_string = name
    onnx.save(model, target / "model.onnx")
    card = json.loads((target / "card.json").read_text())
    card |= {"name": name, "sha256": sha256_of(target / "model.onnx")}
    (target / "card.json").write_text(json.dumps(card))
    return target


@contextmanager
def bus_of(paths: RuntimePaths) -> Iterator[Bus]:
    """A bus of our own."""
    prepare_directories(paths)
    server = EmbeddedServer(paths)
    server.start()
    try:
        yield Bus(f"unix://{paths.bus_socket}")
    finally:
        server.stop()


def longest_s(instants_s: list[float], from_s: float, to_s: float) -> float:
    """The largest time between neighbours that begins in that span."""
    return max(later - earlier for earlier, later in pairwise(instants_s) if from_s <= earlier < to_s)


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory(prefix="lookout-model-change-") as folder:
        root = Path(folder)
        first, second = bundle(root, "first"), bundle(root, "second")
        config = root / "lookout.yaml"
        config.write_text("data_dir: .\n")
        paths = RuntimePaths.of(load_config(config))
        write_config(paths, first)
        with bus_of(paths) as bus, playing(paths) as cameras, detector(config) as process:
            cameras.brightness.update(dict.fromkeys(CAMERAS, 0.5))
            listener = cast("Any", bus.connection).pubsub()
            listener.subscribe(*map(tracks_channel, CAMERAS))
            eventually(lambda: any(beat.cameras[0].analysed_fps > 3 for beat in bus.heartbeats()))
            time.sleep(SETTLE_S)
            used_s = time.time()
            use_model(config, str(second))
            eventually(lambda: bus.heartbeats()[-1].model == "second")
            taken_s = time.time()
            time.sleep(SETTLE_S)
            seen: dict[str, list[float]] = {}
            for message in iter(lambda: listener.get_message(timeout=0.1), None):
                if message["type"] == "message":
                    update = TracksUpdate.model_validate_json(message["data"])
                    seen.setdefault(update.camera_id, []).append(update.analysed_at.timestamp())
            process.terminate()
            process.wait(10)
    spans = {"before": (used_s - SETTLE_S, used_s), "across": (used_s, taken_s + 1.0), "after": (taken_s + 1.0, 1e12)}
    figures = {f"{name}_s": round(max(longest_s(at, *span) for at in seen.values()), 2) for name, span in spans.items()}
    print(json.dumps({"longest_between_frames": figures, "taken_over_after_s": round(taken_s - used_s, 1)}))


if __name__ == "__main__":
    main()
