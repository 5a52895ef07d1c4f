"""`lookout bench detect`: from a 720p frame to boxes, against the bare engine and the usual ways, in the same run.

Contenders take turns, so that whatever else the machine does meets all of them; processor time per picture counts
more than pictures a second where the machine is shared.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from detect.camera_analysis import CameraAnalysis
from detect.decode import Decoder, Thresholds
from detect.engine import Engine
from detect.engine_choice import choose_engine
from detect.frames import FrameSource
from detect.incidents import IncidentBook
from detect.letterbox import Letterbox
from detect.model import Model, load_model
from detect.model_card import ColourOrder, PixelScale
from detect.onnx_file import describe_onnx
from kernel.clock import SystemClock
from kernel.config.camera import CameraConfig, StreamConfig, StreamName, StreamsConfig
from kernel.config.sections import DetectConfig
from kernel.errors import ExitCode
from kernel.ring import FrameView, RingReader, RingWriter

Bytes = npt.NDArray[np.uint8]

MODELS_DIR = Path(__file__).resolve().parents[1] / "models"
_RING_DIRECTORY = Path("/dev/shm")
_SIZE_PX = (1280, 720)
_ROUNDS = 5
_ROUND_S = 0.8
_THRESHOLDS = Thresholds(min_confidence=0.25, nms_iou=0.6)


@dataclass(frozen=True, slots=True)
class Contender:
    """One way from frames to answers.

    Attributes:
        name: shown.
        pictures: analysed by one call of `work`.
    """

    name: str
    pictures: int
    work: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """Medians over the rounds."""

    name: str
    pictures_per_s: float
    cpu_ms_per_picture: float


def run(json_output: bool, model_name: str = "district-n") -> int:
    """Measure, print, and say how it went.

    Args:
        json_output: one JSON object instead of lines.
        model_name: a folder of models/, or the path of a file.

    Raises:
        BadInputError: the model cannot be used.
    """
    model = load_model(model_name, MODELS_DIR)
    with tempfile.TemporaryDirectory() as cache, _frames() as views:
        engine, capacity_fps = choose_engine(model, DetectConfig(), Path(cache))
        contenders = [
            *_bare(engine, model),
            *_full(engine, model, views),
            _plain(model, views[0]),
            *_ultralytics(model, views[0]),
        ]
        figures = measure(contenders)
        engine.close()
    by_name = {figure.name: figure for figure in figures}
    ratios = {
        "full_over_bare_batch_1": _ratio(by_name["full path, batch 1"], by_name["bare engine, batch 1"]),
        "full_over_bare_batch_8": _ratio(by_name["full path, batch 8"], by_name["bare engine, batch 8"]),
        **{
            f"full_over_{figure.name.split(',')[0].replace(' ', '_')}": _ratio(by_name["full path, batch 1"], figure)
            for figure in figures[4:]
        },
    }
    if json_output:
        results = {"engine": engine.name, "model": model.card.name, "capacity_fps": round(capacity_fps, 1)}
        print(json.dumps({**results, "figures": [asdict(figure) for figure in figures], "ratios": ratios}))
        return ExitCode.OK
    print(f"{model.card.name} on {engine.name}, {_SIZE_PX[0]}x{_SIZE_PX[1]} frames")
    for figure in figures:
        print(f"{figure.name:38} {figure.pictures_per_s:7.1f} pictures/s {figure.cpu_ms_per_picture:7.1f} ms CPU each")
    for name, ratio in ratios.items():
        print(f"{name:38} {ratio:7.2f}")
    return ExitCode.OK


def measure(contenders: list[Contender], rounds: int = _ROUNDS, round_s: float = _ROUND_S) -> list[Figure]:
    """Let the contenders take turns; medians over the rounds."""
    rates: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    costs_ms: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for contender in contenders:
        contender.work()
    for _ in range(rounds):
        for contender in contenders:
            started_s, cpu_s, calls = time.perf_counter(), time.process_time(), 0
            while (elapsed_s := time.perf_counter() - started_s) < round_s or calls < 2:
                contender.work()
                calls += 1
            pictures = calls * contender.pictures
            rates[contender.name].append(pictures / elapsed_s)
            costs_ms[contender.name].append((time.process_time() - cpu_s) * 1000 / pictures)
    return [
        Figure(name, round(statistics.median(rates[name]), 1), round(statistics.median(costs_ms[name]), 2))
        for name in rates
    ]


def _ratio(one: Figure, other: Figure) -> float:
    return round(one.pictures_per_s / other.pictures_per_s, 2)


@contextmanager
def _frames() -> Iterator[list[FrameView]]:
    """Eight cameras' 720p frames in a real ring."""
    names = [f"cam-{index}" for index in range(8)]
    with tempfile.TemporaryDirectory(dir=_RING_DIRECTORY, prefix="lookout-bench-") as folder:
        path = Path(folder) / "bench.ring"
        with closing(RingWriter(path, [(name, StreamName.MAIN) for name in names])) as writer:
            for index, name in enumerate(names):
                y, u, v = _street(index)
                writer.slot_for(name, StreamName.MAIN).write(y, u, v, pts=0, captured_at_us=time.time_ns() // 1000)
            source = FrameSource(
                dict.fromkeys(names, StreamName.MAIN), dict.fromkeys(names, RingReader(path)), SystemClock()
            )
            views = [view for name in names if (view := source.newest(name)) is not None]
            yield views
            source.close()


def _street(seed: int) -> tuple[Bytes, Bytes, Bytes]:
    """A busy picture: shapes over sensor noise."""
    random = np.random.default_rng(seed)
    coarse = random.integers(40, 200, (45, 80, 3), dtype=np.uint8)
    picture = np.asarray(cv2.resize(coarse, _SIZE_PX, interpolation=cv2.INTER_CUBIC), np.uint8)
    for _ in range(20):
        x, y = random.integers(0, _SIZE_PX[0]), random.integers(0, _SIZE_PX[1])
        colour = tuple(int(value) for value in random.integers(0, 255, 3))
        cv2.rectangle(picture, (int(x), int(y)), (int(x) + 40, int(y) + 110), colour, -1)
    packed = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
    flat, luma = packed.reshape(-1), _SIZE_PX[0] * _SIZE_PX[1]
    chroma = (_SIZE_PX[1] // 2, _SIZE_PX[0] // 2)
    return (
        packed[: _SIZE_PX[1]],
        flat[luma : luma * 5 // 4].reshape(chroma),
        flat[luma * 5 // 4 :].reshape(chroma),
    )


def _bare(engine: Engine, model: Model) -> list[Contender]:
    """The engine alone, pictures ready in memory."""
    target = model.card.input
    batch = np.random.default_rng(0).integers(0, 256, (8, target.height_px, target.width_px, 3), np.uint8)
    return [Contender(f"bare engine, batch {size}", size, partial(engine.infer, batch[:size])) for size in (1, 8)]


def _full(engine: Engine, model: Model, views: list[FrameView]) -> list[Contender]:
    """Our way: out of the ring, through the engine, to tracks."""
    clock = SystemClock()
    card = model.card
    book = IncidentBook({}, str)
    analyses = [CameraAnalysis(_camera(view.camera_id), card.classes, card.input, book) for view in views]
    decoder = Decoder(card.layout, card.input, _THRESHOLDS)
    slots = np.empty((len(views), card.input.height_px, card.input.width_px, 3), np.uint8)

    def work(size: int) -> None:
        boxes: list[Letterbox] = []
        for index in range(size):
            box = analyses[index].put_in(views[index], slots[index])
            if box is not None:
                boxes.append(box)
        outputs = engine.infer(slots[:size])
        now = clock.now()
        captured_at_us = int(now.timestamp() * 1e6)
        for analysis, output, box in zip(analyses, outputs, boxes, strict=False):
            tracks, _ = analysis.found(decoder.decode(output, box), captured_at_us, now)
            analysis.tracks_update(tracks, captured_at_us, now).to_wire()

    return [Contender(f"full path, batch {size}", size, partial(work, size)) for size in (1, 8)]


def _camera(camera_id: str) -> CameraConfig:
    streams = StreamsConfig(main=StreamConfig(url="rtsp://127.0.0.1/bench"))
    return CameraConfig(id=camera_id, name=camera_id, unit="bench", streams=streams)


def _plain(model: Model, view: FrameView) -> Contender:
    """As most write it: full-size BGR, numpy letterbox to float32, ONNX Runtime, same decoding."""
    card, target = model.card, model.card.input
    session = onnxruntime.InferenceSession(str(model.path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    decoder = Decoder(card.layout, target, _THRESHOLDS)
    letterbox = Letterbox.fit(view.width_px, view.height_px, target)
    packed = np.concatenate([view.y.reshape(-1), view.u.reshape(-1), view.v.reshape(-1)])
    packed = packed.reshape(view.height_px * 3 // 2, view.width_px)

    def work() -> object:
        picture = cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_I420)
        padded = np.full((target.height_px, target.width_px, 3), target.pad_value, np.uint8)
        rows = slice(letterbox.top_px, letterbox.top_px + letterbox.height_px)
        columns = slice(letterbox.left_px, letterbox.left_px + letterbox.width_px)
        padded[rows, columns] = cv2.resize(picture, (letterbox.width_px, letterbox.height_px))
        ordered = padded[:, :, ::-1] if target.color is ColourOrder.RGB else padded
        blob = ordered.transpose(2, 0, 1)[None].astype(np.float32)
        if target.scale is PixelScale.UNIT:
            blob /= 255.0
        return decoder.decode(session.run(None, {name: blob})[0][0], letterbox)

    return Contender("onnxruntime and numpy, one by one", 1, work)


def _ultralytics(model: Model, view: FrameView) -> list[Contender]:
    """`ultralytics` predict on the same file, where it is installed and the file is its own."""
    try:
        from ultralytics import YOLO
    except ImportError:
        return []
    if "names" not in describe_onnx(model.path).metadata:
        return []
    network = YOLO(str(model.path), task="detect")
    packed = np.concatenate([view.y.reshape(-1), view.u.reshape(-1), view.v.reshape(-1)])
    picture = cv2.cvtColor(packed.reshape(view.height_px * 3 // 2, view.width_px), cv2.COLOR_YUV2BGR_I420)
    size = [model.card.input.height_px, model.card.input.width_px]
    work = partial(network.predict, picture, imgsz=size, verbose=False, device="cpu")
    return [Contender("ultralytics predict, one by one", 1, work)]
