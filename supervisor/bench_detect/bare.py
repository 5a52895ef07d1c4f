"""The limit: OpenVINO alone, in its own asynchronous queue, on random tensors that are there already."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino as ov

from detect.engines.openvino_blocks import read_block_graph
from detect.engines.openvino_graph import read_graph
from detect.models.model import Model
from supervisor.bench_detect.rounds import Contender, Spell, timed

_HINTS = {"bf16": "bf16", "fp32": "f32", "int8": "f32"}


@dataclass(frozen=True, slots=True)
class Setting:
    """How the detector's engine is set up, and so the bare one: `bf16`, `fp32` or `int8`, and streams side by side."""

    precision: str
    streams: int


@dataclass(frozen=True, slots=True)
class BareLoops:
    """OpenVINO alone with the file as it is (float32 in), and with the detector's own graph of it (uint8 in).

    Of int8 there is no file but the detector's: both are the same.
    """

    plain: Contender
    own_graph: Contender

    def each(self) -> tuple[Contender, ...]:
        """Every loop once."""
        return (self.own_graph,) if self.plain is self.own_graph else (self.plain, self.own_graph)


def bare_loops(model: Model, setting: Setting, batch: int) -> BareLoops:
    """The two loops at a batch of that size, or of 1 where the model takes no larger one."""
    size = batch if model.max_batch is None else 1
    own = _bare(f"bare, detector's graph, batch {batch}", model, setting, size, is_own_graph=True)
    if setting.precision == "int8":
        return BareLoops(own, own)
    return BareLoops(_bare(f"bare, file as it is, batch {batch}", model, setting, size, is_own_graph=False), own)


def _bare(name: str, model: Model, setting: Setting, size: int, is_own_graph: bool) -> Contender:
    core, target = ov.Core(), model.card.input
    if is_own_graph:
        is_int8 = setting.precision == "int8"
        path = model.int8_path if is_int8 and model.int8_path is not None else model.path
        in_blocks = None if is_int8 else read_block_graph(core, path, target, size, setting.precision == "bf16")
        graph = in_blocks or read_graph(core, path, target, size, takes_bytes=is_int8)
    else:
        graph = core.read_model(model.path)
        graph.reshape([size, 3, target.height_px, target.width_px])
    options = {"NUM_STREAMS": setting.streams, "INFERENCE_PRECISION_HINT": _HINTS[setting.precision]}
    queue = ov.AsyncInferQueue(core.compile_model(graph, "CPU", options), 2 * setting.streams)
    random = np.random.default_rng(0)
    for request in queue:
        request.set_input_tensor(ov.Tensor(_random(random, tuple(graph.input().shape), is_own_graph)))

    def run(for_s: float) -> Spell:
        with timed() as spell:
            until_s = time.perf_counter() + for_s
            while time.perf_counter() < until_s:
                queue.start_async()
                spell.pictures += size
            queue.wait_all()
        return spell

    return Contender(name, run)


def _random(random: np.random.Generator, shape: tuple[int, ...], is_bytes: bool) -> Any:
    return random.integers(0, 256, shape, np.uint8) if is_bytes else random.random(shape, np.float32)
