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

from detect.boxes.decode import Thresholds
from detect.boxes.detections import Detections
from detect.boxes.device_boxes import candidates, strong_count, strongest, survivors
from detect.engines.cuda_replay import Replay
from detect.engines.engine import ANSWER_WITHIN_S
from detect.engines.running_task import reason
from detect.engines.torch_engine import TORCH_ERRORS, DeviceNetwork, ready_sizes
from detect.errors import EngineError, EngineStalled
from detect.models.card import Layout, ModelInput
from detect.pictures.frames import FrameCopy
from detect.pictures.fused_letterbox import TABLE_COLUMNS, Planes, empty_batch, put_in, table_row
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import I420

STAGINGS = 2
PICTURE_BYTES = 1920 * 1080 * 3 // 2
_POLL_S = 0.0001
_ALIGNMENT = 64


class Staging:
    """One of the two batches: memory that stays where it is on both sides, and the graphs that read it."""

    def __init__(self, batch_max: int, network: DeviceNetwork) -> None:
        on_gpu = network.device.type == "cuda"
        capacity = batch_max * PICTURE_BYTES
        self.host = torch.zeros(capacity, dtype=torch.uint8, pin_memory=on_gpu)
        rows = batch_max + 1  # a torn picture may lie before the first that counts
        self.host_table = torch.zeros((rows, TABLE_COLUMNS), dtype=torch.int32, pin_memory=on_gpu)
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

    def keep(self, count: int) -> None:
        """Only the first pictures count."""
        del self._used[count:], self.letterboxes[count:]

    def leave_out(self, count: int) -> None:
        """The first pictures do not count."""
        if count > 0:
            left = len(self._used) - count
            self.host_table[:left] = self.host_table[count : count + left].clone()
            del self._used[:count], self.letterboxes[:count]

    def put(self, planes: I420, box: Letterbox) -> FrameCopy:
        """Copy a picture in, after those that are there.

        Returns:
            The copy, which may be painted on until the batch starts.
        """
        offset = -(-self.used_bytes // _ALIGNMENT) * _ALIGNMENT
        sources = (planes.y, planes.u, planes.v)
        self._make_room(offset + sum(plane.size for plane in sources))
        at, copies = offset, []
        for plane in sources:
            copies.append(self._bytes[at : at + plane.size].reshape(plane.shape))
            np.copyto(copies[-1], plane)
            at += plane.size
        height_px, width_px = planes.y.shape
        row = table_row(Planes.i420(offset, width_px, height_px), box)
        self.host_table[len(self._used)] = torch.tensor(row, dtype=torch.int32)
        self._used.append(at)
        self.letterboxes.append(box)
        return FrameCopy(*copies)

    def _make_room(self, size_bytes: int) -> None:
        """More memory on this side, where the pictures are larger than they were so far."""
        if size_bytes > len(self._bytes):
            grown = torch.zeros(2 * size_bytes, dtype=torch.uint8, pin_memory=self.host.is_pinned())
            grown[: self.used_bytes] = self.host[: self.used_bytes]
            self.host, self._bytes = grown, grown.numpy()

    def fit_device(self) -> None:
        """As much memory on the device; graphs that read the smaller one go with it."""
        if len(self.buffer) < len(self.host):
            self.buffer = torch.zeros(len(self.host), dtype=torch.uint8, device=self.buffer.device)
            self.replays.clear()


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
        network: DeviceNetwork,
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
        self._uploads = torch.cuda.Stream(network.device) if self._on_gpu else None
        self._afterwards = torch.cuda.Stream(network.device) if self._on_gpu else None
        self.full_batch = batch_max
        largest = network.fitting(batch_max)
        if largest < batch_max:
            raise EngineError(self.name, f"takes batches of {largest} at most; set detect.batch_max to that")
        try:
            self._stagings = [Staging(largest, network) for _ in range(STAGINGS)]
        except TORCH_ERRORS as error:
            raise EngineError(self.name, reason(error)) from error
        self._turn = 0
        for staging in self._stagings:
            for size in ready_sizes(network, largest):
                self._replay(staging, size)

    @property
    def input(self) -> ModelInput:
        """The network's."""
        return self._network.input

    def next_staging(self, keep: int = 0) -> Staging:
        """Where the next batch goes; the one before the last must have been collected.

        Args:
            keep: pictures of the batch before the last that are in this one again.
        """
        self._turn = (self._turn + 1) % STAGINGS
        staging = self._stagings[self._turn]
        staging.keep(keep)
        return staging

    def start(self, staging: Staging) -> RunningPictures:
        """Upload a batch and run it, without waiting.

        Raises:
            EngineError: the runtime refused.
        """
        count = len(staging.letterboxes)
        staging.host_table[count:] = 0
        staging.fit_device()
        replay = self._replay(staging, self._network.fitting(count))
        try:
            with torch.cuda.stream(self._uploads) if self._on_gpu else nullcontext():
                staging.buffer[: staging.used_bytes].copy_(staging.host[: staging.used_bytes], non_blocking=True)
                staging.table.copy_(staging.host_table[: len(staging.table)], non_blocking=True)
            done = None
            if self._on_gpu:
                current = torch.cuda.current_stream(self._network.device)
                current.wait_stream(self._uploads)
                rows = replay()
                done = torch.cuda.Event()
                done.record(current)
            else:
                rows = replay()
        except TORCH_ERRORS as error:
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

    def _replay(self, staging: Staging, size: int) -> Replay:
        """The work of a batch of that size, made when first asked for."""
        if size not in staging.replays:
            staging.replays[size] = self._made(staging, size)
        return staging.replays[size]

    def _made(self, staging: Staging, size: int) -> Replay:
        network = self._network
        program = network.specialised(size)
        batch = empty_batch(size, network.input, network.dtype, network.device)
        buffer, table = staging.buffer, staging.table[:size]

        def work() -> Tensor:
            put_in(buffer, table, batch, network.input)
            return candidates(program(batch), self._layout, network.input)

        try:
            return Replay(work, network.device, network.pool)
        except TORCH_ERRORS as error:
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

    def answers(self) -> list[Detections]:
        """What was found, one `Detections` a picture.

        Raises:
            EngineStalled: not in time.
            EngineError: the runtime refused.
        """
        self.wait(self._path.answer_within_s)
        try:
            return self._path.collected(self._rows, self._letterboxes)
        except TORCH_ERRORS as error:
            raise EngineError(self._path.name, reason(error)) from error
