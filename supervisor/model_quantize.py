"""`lookout models quantize`: gathers the pictures, shows how far it is, and says what int8 costs and gains."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from detect.int8.footage import Footage, from_folder, from_videos
from detect.int8.live_footage import from_cameras
from detect.int8.quantizing import Quantized, Tell, check_can_quantize, quantize
from detect.models.choice import model_of
from detect.models.model import Model, load_model
from detect.pictures.frames import FrameSource, analysed_streams
from kernel.clock import SystemClock
from kernel.config.lookout import LookoutConfig
from kernel.config.problems import did_you_mean
from kernel.errors import BadInputError
from supervisor.printing import count_bars, print_json, say


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for; without `frames` and `videos` the cameras that run.

    Attributes:
        pictures: to take in all.
        max_drop: what int8 may lose.
    """

    frames: Path | None
    labels: Path | None
    videos: tuple[Path, ...]
    cameras: tuple[str, ...]
    every_s: float
    pictures: int
    max_drop: float


def run(config: LookoutConfig, name: str, wanted: Wanted, as_json: bool) -> None:
    """Quantize a model of a config, and tell.

    Raises:
        LookoutError: see `detect.int8.quantizing.quantize`.
    """
    model = load_model(name or config.models.default, config.models.dir)
    check_can_quantize(model)
    with count_bars() as tell:
        footage = _gather(config, model, name or config.models.default, wanted, tell)
        made = quantize(model, footage, wanted.max_drop, tell)
    if as_json:
        speeds = {
            precision.value: {
                "pictures_per_s": round(speed.pictures_per_s, 1),
                "cpu_ms_per_picture": round(speed.cpu_s_per_picture * 1000, 2),
            }
            for precision, speed in made.speeds.items()
        }
        print_json({"folder": str(model.path.parent), "card": made.card.model_dump(mode="json"), "speeds": speeds})
    else:
        _say(made, model.path.parent, footage)


def _gather(config: LookoutConfig, model: Model, name: str, wanted: Wanted, tell: Tell) -> Footage:
    """The pictures that were asked for."""
    target, most = model.card.input, wanted.pictures
    if wanted.frames is not None:
        return from_folder(wanted.frames, wanted.labels, len(model.card.classes), target, most)
    if wanted.videos:
        return from_videos(wanted.videos, target, most)
    analysed = analysed_streams(config)
    for camera_id in wanted.cameras:
        if camera_id not in analysed:
            raise BadInputError(f"no camera {camera_id!r} that is analysed; {did_you_mean(camera_id, list(analysed))}")
    chosen = [
        camera
        for camera in config.cameras
        if camera.id in analysed
        and (camera.id in wanted.cameras if wanted.cameras else model_of(camera, config) == name)
    ]
    if not chosen:
        raise BadInputError(f"no camera is analysed by {name}; name some by --camera")
    source = FrameSource.of(config, SystemClock())
    try:
        return from_cameras(
            source, chosen, target, most, lambda: time.sleep(wanted.every_s), lambda done: tell("gathering", done, most)
        )
    finally:
        source.close()


def _say(made: Quantized, folder: Path, footage: Footage) -> None:
    accuracy = made.accuracy
    bf16 = f", bf16 {accuracy.bf16:.3f}" if accuracy.bf16 is not None else ""
    say(f"model {made.card.name}: int8 lies in {folder}, calibrated by {len(footage.calibration)} pictures")
    say(
        f"{accuracy.measure.value} on {accuracy.pictures} other pictures ({accuracy.boxes} boxes): "
        f"fp32 {accuracy.fp32:.3f}{bf16}, int8 {accuracy.int8:.3f}"
    )
    costs = (f"{precision.value} {speed.cpu_s_per_picture * 1000:.1f}" for precision, speed in made.speeds.items())
    say(f"ms of processor time a picture here: {', '.join(costs)}")
    say("detect.precision: auto takes the fastest; lookout models bench measures anew and says which")
