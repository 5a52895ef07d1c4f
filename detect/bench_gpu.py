"""`lookout bench gpu`: every figure of the device's way in one run, each against a peer of the same run.

bare      the network alone, CUDA graphs replayed on a batch that lies on the device
path      frames in pinned memory -> upload -> kernel -> network -> suppression -> detections, two batches in flight
host      the same from frames in ordinary memory, copied into pinned memory first
kernel    bytes of the pictures and of the batch over its time, against a copy on the device counted the same way
eager     what the kernel does, in PyTorch's own calls picture by picture
streams   p95 of a frame's age when its detections are there, of many streams against few
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from detect.batching.device_path import DevicePath, RunningPictures, Staging
from detect.boxes.decode import Thresholds
from detect.engines.cuda_replay import Replay
from detect.engines.torch_engine import DeviceNetwork, TorchNetwork
from detect.models.card import ColourOrder, ModelInput
from detect.models.model import Model
from detect.pictures.frames import FrameCopy
from detect.pictures.fused_letterbox import Planes, empty_batch, put_in, table_row, value_scale
from detect.pictures.letterbox import Letterbox

_THRESHOLDS = Thresholds(min_confidence=0.25, nms_iou=0.6)
_MOST = 0.95


@dataclass(frozen=True, slots=True)
class GpuBench:
    """How much is measured.

    Attributes:
        size_px: of the frames.
        batch, small_batch: sizes at which the path is held against the bare network, and against ultralytics.
        kernel_batches: sizes at which the kernel is measured.
        many_streams, few_streams: how many streams ages are compared between.
        stream_fps: analysed frames a second of each.
        measure_s: how long each contender runs.
    """

    size_px: tuple[int, int] = (1280, 720)
    batch: int = 32
    small_batch: int = 8
    kernel_batches: tuple[int, ...] = (32, 64)
    many_streams: int = 64
    few_streams: int = 8
    stream_fps: float = 5.0
    measure_s: float = 2.0


@dataclass(frozen=True, slots=True)
class KernelFigures:
    """One batch size of the fused kernel."""

    batch: int
    kernel_gb_s: float
    copy_gb_s: float
    ratio_copy: float
    ratio_eager: float


@dataclass(frozen=True, slots=True)
class GpuFigures:
    """What was measured; pictures a second, milliseconds, and ratios of two figures beside them."""

    device: str
    network: str
    bare_fps: float
    path_fps: float
    host_fps: float
    ratio_bare: float
    ratio_bare_from_host: float
    small_path_fps: float
    ultralytics_fps: float | None
    ratio_ultralytics: float | None
    kernel: tuple[KernelFigures, ...]
    age_p95_few_ms: float
    age_p95_many_ms: float
    ratio_age: float


def measure_gpu(model: Model, device: str, bench: GpuBench, theirs: Callable[[int], object] | None) -> GpuFigures:
    """Run every contender.

    Args:
        model: what to run, with an open batch.
        device: cuda:N; on the CPU the reference runs, whose figures mean nothing.
        bench: how much.
        theirs: ultralytics' predict on that many frames, None where it is not there.

    Raises:
        EngineError: the model does not run there.
    """
    network = TorchNetwork(model, device)
    path = DevicePath(network, model.card.layout, _THRESHOLDS, max(bench.batch, bench.many_streams))
    frames = [_frame(bench.size_px, seed) for seed in range(8)]
    bare_fps = _rate(_bare(network, bench.batch), bench.batch, network, bench.measure_s)
    path_fps = _rate(_piped(path, frames, bench.batch, copied=False), bench.batch, network, bench.measure_s)
    host_fps = _rate(_piped(path, frames, bench.batch, copied=True), bench.batch, network, bench.measure_s)
    small = _piped(path, frames, bench.small_batch, copied=True)
    small_fps = _rate(small, bench.small_batch, network, bench.measure_s)
    theirs_fps = None
    if theirs is not None:
        theirs_fps = _rate(lambda: theirs(bench.small_batch), bench.small_batch, network, bench.measure_s)
    kernel = tuple(_kernel(network, frames, batch, bench.measure_s) for batch in bench.kernel_batches)
    few_ms, many_ms = (_age_p95_ms(path, frames, streams, bench) for streams in (bench.few_streams, bench.many_streams))
    return GpuFigures(
        _device_name(network.device),
        network.name,
        bare_fps,
        path_fps,
        host_fps,
        round(path_fps / bare_fps, 3),
        round(host_fps / bare_fps, 3),
        small_fps,
        theirs_fps,
        None if theirs_fps is None else round(small_fps / theirs_fps, 2),
        kernel,
        few_ms,
        many_ms,
        round(many_ms / few_ms, 2),
    )


def lines_of(figures: GpuFigures) -> Iterator[str]:
    """The figures as people read them."""
    yield f"{figures.device}, {figures.network}"
    for name, value in asdict(figures).items():
        if isinstance(value, float):
            yield f"{name:24} {value:10.2f}"
    for kernel in figures.kernel:
        yield (
            f"kernel, batch {kernel.batch:<11} {kernel.kernel_gb_s:10.1f} GB/s, {kernel.ratio_copy:.2f} of a copy's "
            f"{kernel.copy_gb_s:.1f}; {kernel.ratio_eager:.1f} times the eager chain"
        )


def _device_name(device: torch.device) -> str:
    return str(torch.cuda.get_device_name(device)) if device.type == "cuda" else device.type


def _frame(size_px: tuple[int, int], seed: int) -> FrameCopy:
    """Noise: the worst that a picture can be."""
    width_px, height_px = size_px
    half = ((height_px + 1) // 2, (width_px + 1) // 2)
    random = np.random.default_rng(seed)
    return FrameCopy(*(random.integers(16, 235, size, np.uint8) for size in ((height_px, width_px), half, half)))


def _settled(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _rate(work: Callable[[], object], pictures: int, network: DeviceNetwork, for_s: float) -> float:
    """Pictures a second."""
    return round(pictures / _seconds(work, network.device, for_s), 1)


def _seconds(work: Callable[[], object], device: torch.device, for_s: float) -> float:
    """Of one call, when calls follow each other."""
    for _ in range(3):
        work()
    _settled(device)
    started_s, calls = time.perf_counter(), 0
    while time.perf_counter() - started_s < for_s or not calls:
        for _ in range(4):
            work()
        calls += 4
        _settled(device)
    return (time.perf_counter() - started_s) / calls


def _bare(network: DeviceNetwork, batch: int) -> Callable[[], object]:
    """The network on a batch that lies there."""
    program = network.specialised(batch)
    pictures = empty_batch(batch, network.input, network.dtype, network.device).uniform_(0, 1)
    return Replay(lambda: program(pictures), network.device, network.pool)


def _piped(path: DevicePath, frames: list[FrameCopy], batch: int, *, copied: bool) -> Callable[[], object]:
    """One batch more on its way, and the one before collected.

    Args:
        copied: frames are copied into pinned memory each time; else they lie there already.
    """
    running: list[RunningPictures] = []
    filled: set[int] = set()

    def work() -> object:
        staging = path.next_staging(keep=0 if copied else batch)
        if copied or id(staging) not in filled:
            filled.add(id(staging))
            staging.keep(0)
            for index in range(batch):
                _put(staging, path.input, frames[index % len(frames)])
        running.append(path.start(staging))
        return running.pop(0).answers() if len(running) > 1 else None

    return work


def _put(staging: Staging, target: ModelInput, frame: FrameCopy) -> None:
    staging.put(frame, Letterbox.fit(frame.y.shape[1], frame.y.shape[0], target))


def _kernel(network: DeviceNetwork, frames: list[FrameCopy], batch: int, for_s: float) -> KernelFigures:
    """The kernel alone, a copy of as many bytes, and the eager chain."""
    target, device = network.input, network.device
    height_px, width_px = frames[0].y.shape
    one = np.concatenate([plane.reshape(-1) for plane in (frames[0].y, frames[0].u, frames[0].v)])
    buffer = torch.from_numpy(np.tile(one, batch)).to(device)
    box = Letterbox.fit(width_px, height_px, target)
    rows = [table_row(Planes.i420(index * len(one), width_px, height_px), box) for index in range(batch)]
    table = torch.tensor(rows, dtype=torch.int32, device=device)
    pictures = empty_batch(batch, target, network.dtype, device)

    def fused() -> Tensor:
        put_in(buffer, table, pictures, target)
        return pictures

    moved_bytes = buffer.nbytes + pictures.nbytes
    source = torch.zeros(moved_bytes // 2, dtype=torch.uint8, device=device)
    sink = torch.empty_like(source)
    kernel_s = _seconds(Replay(fused, device, network.pool), device, for_s)
    copy_s = _seconds(Replay(lambda: sink.copy_(source), device, network.pool), device, for_s)
    eager_s = _seconds(lambda: _eager(buffer.view(batch, -1), box, target, network.dtype), device, for_s)
    return KernelFigures(
        batch,
        round(moved_bytes / kernel_s / 1e9, 2),
        round(moved_bytes / copy_s / 1e9, 2),
        round(copy_s / kernel_s, 3),
        round(eager_s / kernel_s, 1),
    )


def _eager(packed: Tensor, box: Letterbox, target: ModelInput, dtype: torch.dtype) -> Tensor:
    """As most write it: planes resized as floats, chroma doubled, a matrix, padding, all pictures in one go."""
    width_px, height_px, count = box.source_width_px, box.source_height_px, len(packed)
    luma, quarter = width_px * height_px, ((width_px + 1) // 2) * ((height_px + 1) // 2)
    inner = (box.height_px, box.width_px)
    y = packed[:, :luma].view(count, 1, height_px, width_px).float()
    chroma = packed[:, luma : luma + 2 * quarter].view(count, 2, (height_px + 1) // 2, (width_px + 1) // 2).float()
    y = functional.interpolate(y, inner, mode="bilinear", align_corners=False)
    chroma = functional.interpolate(chroma, inner, mode="bilinear", align_corners=False)
    u, v, y = chroma[:, :1] - 128, chroma[:, 1:] - 128, (y - 16).clamp(min=0) * 1.164
    channels = [y + 1.596 * v, y - 0.391 * u - 0.813 * v, y + 2.018 * u]
    if target.color is ColourOrder.BGR:
        channels.reverse()
    picture = torch.cat(channels, dim=1).clamp(0, 255)
    right, below = target.width_px - box.left_px - box.width_px, target.height_px - box.top_px - box.height_px
    padded = functional.pad(picture, (box.left_px, right, box.top_px, below), value=target.pad_value)
    return (padded * value_scale(target)).to(dtype).contiguous(memory_format=torch.channels_last)


def _age_p95_ms(path: DevicePath, frames: list[FrameCopy], streams: int, bench: GpuBench) -> float:
    """How old 95 of 100 frames are at most when their detections are there; a batch takes whatever has come."""
    period_s = 1 / bench.stream_fps
    random = np.random.default_rng(streams)
    began_s = time.perf_counter()
    due: list[tuple[float, int]] = [(began_s + float(random.uniform(0, period_s)), one) for one in range(streams)]
    heapq.heapify(due)
    ages_s: list[float] = []
    while (now_s := time.perf_counter()) < began_s + max(bench.measure_s, 3 * period_s):
        if due[0][0] > now_s:
            time.sleep(due[0][0] - now_s)
            continue
        staging = path.next_staging()
        arrived_s: list[float] = []
        while due[0][0] <= now_s and len(arrived_s) < path.full_batch:
            at_s, stream = heapq.heappop(due)
            _put(staging, path.input, frames[stream % len(frames)])
            arrived_s.append(at_s)
            heapq.heappush(due, (at_s + period_s, stream))
        path.start(staging).answers()
        done_s = time.perf_counter()
        ages_s += [done_s - at_s for at_s in arrived_s]
    return round(1000 * sorted(ages_s)[int(_MOST * (len(ages_s) - 1))], 2)
