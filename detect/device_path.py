"""From planes to detections on the device: what a GPU gets instead of small pictures prepared by the processor.

    planes -> pinned memory -> device -> [letterbox kernel -> network -> candidates] -> suppression -> detections
                                          one CUDA graph for each batch size

Two batches are in flight: while one is computed, the next is copied into the other pinned buffer and uploaded on a
stream of its own. On the CPU the same code runs in float32, without graphs and streams: the reference of the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from time import monotonic, sleep
from typing import Any

import numpy as np
import torch
from torch import Tensor

from detect.cuda_replay import Replay
from detect.decode import Thresholds
from detect.detections import Detections
from detect.device_boxes import candidates, strong_count, strongest, survivors
from detect.engine import ANSWER_WITHIN_S
from detect.engine_torch import TorchNetwork
from detect.errors import EngineError, EngineStalled
from detect.fused_letterbox import TABLE_COLUMNS, Planes, empty_batch, put_in, table_row
from detect.letterbox import Letterbox
from detect.model_card import Layout
from detect.preprocess import I420
from detect.running_task import reason
from kernel.ring.layout import SLOT_BYTES

PICTURE_BYTES = 1920 * 1080 * 3 // 2
_POLL_S = 0.0001
_ALIGNMENT = 64


class Staging:
    """One of the two batches: memory that stays where it is on both sides, and the graphs that read it."""

    def __init__(self, batch_max: int, network: TorchNetwork) -> None:
        on_gpu = network.device.type == "cuda"
        capacity = max(batch_max * PICTURE_BYTES, SLOT_BYTES)
        self.host = torch.zeros(capacity, dtype=torch.uint8, pin_memory=on_gpu)
        self.host_table = torch.zeros((batch_max, TABLE_COLUMNS), dtype=torch.int32, pin_memory=on_gpu)
        self.buffer = torch.zeros(capacity, dtype=torch.uint8, device=network.device)
        self.table = torch.zeros((batch_max, TABLE_COLUMNS), dtype=torch.int32, device=network.device)
        self.replays: dict[int, Replay] = {}
        self.letterboxes: list[Letterbox] = []
        self._bytes = self.host.numpy()
        self._used: list[int] = []

    @property
    def used_bytes(self) -> int:
        """What has to be uploaded."""
        return self._used[-1] if self._used else 0

    def clear(self) -> None:
        """No picture is in it."""
        self._used.clear()
        self.letterboxes.clear()

    def put(self, planes: I420, box: Letterbox) -> bool:
        """Copy a picture in, after those that are there; False where there is no room for it."""
        offset = -(-self.used_bytes // _ALIGNMENT) * _ALIGNMENT
        size = planes.y.size + planes.u.size + planes.v.size
        if len(self._used) == len(self.host_table) or offset + size > len(self._bytes):
            return False
        at = offset
        for plane in (planes.y, planes.u, planes.v):
            np.copyto(self._bytes[at : at + plane.size].reshape(plane.shape), plane)
            at += plane.size
        height_px, width_px = planes.y.shape
        row = table_row(Planes.i420(offset, width_px, height_px), box)
        self.host_table[len(self._used)] = torch.tensor(row, dtype=torch.int32)
        self._used.append(at)
        self.letterboxes.append(box)
        return True

    def take_back(self) -> None:
        """The last picture does not count: it was overwritten while it was copied."""
        self._used.pop()
        self.letterboxes.pop()


class DevicePath:
    """Analyses batches of frames on one device.

    Args:
        network: the model there.
        layout: what its output means.
        thresholds: what is dropped at once.
        batch_max: largest batch.
        answer_within_s: longest wait for a batch.

    Raises:
        EngineError: the network cannot be run.
    """

    def __init__(
        self,
        network: TorchNetwork,
        layout: Layout,
        thresholds: Thresholds,
        batch_max: int,
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self.name = network.name
        self._network = network
        self._layout = layout
        self._thresholds = thresholds
        self._answer_within_s = answer_within_s
        self._on_gpu = network.device.type == "cuda"
        self._sizes = [size for size in network.sizes if size <= network.fitting(batch_max)]
        self._uploads = torch.cuda.Stream(network.device) if self._on_gpu else None
        self._afterwards = torch.cuda.Stream(network.device) if self._on_gpu else None
        largest = self._sizes[-1]
        self.batch_max = min(batch_max, largest)
        self._stagings = [Staging(largest, network) for _ in range(2)]
        self._turn = 0
        for staging in self._stagings:
            for size in self._sizes:
                staging.replays[size] = self._captured(staging, size)

    def next_staging(self) -> Staging:
        """Where the next batch goes; the one before the last must have been collected."""
        self._turn ^= 1
        staging = self._stagings[self._turn]
        staging.clear()
        return staging

    def start(self, staging: Staging) -> RunningPictures:
        """Upload a batch and run it, without waiting.

        Raises:
            EngineError: the runtime refused.
        """
        count = len(staging.letterboxes)
        size = self._network.fitting(count)
        staging.host_table[count:] = 0
        try:
            with torch.cuda.stream(self._uploads) if self._on_gpu else nullcontext():
                staging.buffer[: staging.used_bytes].copy_(staging.host[: staging.used_bytes], non_blocking=True)
                staging.table.copy_(staging.host_table, non_blocking=True)
            done = None
            if self._on_gpu:
                current = torch.cuda.current_stream(self._network.device)
                current.wait_stream(self._uploads)
                rows = staging.replays[size]()
                done = torch.cuda.Event()
                done.record(current)
            else:
                rows = staging.replays[size]()
        except RuntimeError as error:
            raise EngineError(self.name, reason(error)) from error
        return RunningPictures(self, rows[:count], list(staging.letterboxes), done)

    def collected(self, rows: Tensor, letterboxes: Sequence[Letterbox]) -> list[Detections]:
        """What is found on the pictures whose rows are there, beside whatever the device computes next."""
        with torch.inference_mode(), torch.cuda.stream(self._afterwards) if self._on_gpu else nullcontext():
            if self._layout is not Layout.ULTRALYTICS_END2END:
                count = int(strong_count(rows, self._thresholds.min_confidence))
                rows = strongest(rows, count)
                stays = survivors(rows, self._thresholds.min_confidence, self._thresholds.nms_iou)
            else:
                stays = rows[..., 4] >= self._thresholds.min_confidence
            answers, kept = rows.cpu().numpy(), stays.cpu().numpy()
        return [
            Detections.of(box.to_source(answer[keep, :4]), answer[keep, 4], answer[keep, 5])
            for answer, keep, box in zip(answers, kept, letterboxes, strict=True)
        ]

    def _captured(self, staging: Staging, size: int) -> Replay:
        network = self._network
        program = network.specialised(size)
        batch = empty_batch(size, network.input, network.dtype, network.device)
        buffer, table = staging.buffer, staging.table[:size]

        def work() -> Tensor:
            put_in(buffer, table, batch, network.input)
            return candidates(program(batch), self._layout, network.input)

        try:
            return Replay(work, network.device, network.pool)
        except RuntimeError as error:
            raise EngineError(self.name, reason(error)) from error

    @property
    def answer_within_s(self) -> float:
        """Longest wait for a batch."""
        return self._answer_within_s


class RunningPictures:
    """A batch on its way; asked for its detections once."""

    def __init__(self, path: DevicePath, rows: Tensor, letterboxes: list[Letterbox], done: Any) -> None:
        self._path = path
        self._rows = rows
        self._letterboxes = letterboxes
        self._done = done
        self._answer_by_s = monotonic() + path.answer_within_s

    def wait(self, at_most_s: float) -> bool:
        """Whether the network is done, waited for that long at most.

        Raises:
            EngineStalled: not in time; the device must not be used again by this process.
        """
        until_s = monotonic() + at_most_s
        while self._done is not None and not self._done.query():
            now_s = monotonic()
            if now_s > self._answer_by_s:
                raise EngineStalled(self._path.name, self._path.answer_within_s)
            if now_s >= until_s:
                return False
            sleep(_POLL_S)
        return True

    def detections(self) -> list[Detections]:
        """What was found, one `Detections` a picture.

        Raises:
            EngineStalled: not in time.
            EngineError: the runtime refused.
        """
        self.wait(self._path.answer_within_s)
        try:
            return self._path.collected(self._rows, self._letterboxes)
        except RuntimeError as error:
            raise EngineError(self._path.name, reason(error)) from error
