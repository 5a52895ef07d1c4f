"""Work of unchanging shape: one CUDA graph on a GPU, a plain call on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

_WARM_UP_CALLS = 3  # cuDNN tries its algorithms, Triton compiles: neither may happen while a graph is captured


class Replay:
    """Runs `work` again and again on the same tensors.

    Args:
        work: reads and writes tensors that stay where they are; neither waits for the device nor branches on values.
        device: where it runs.
        pool: memory shared by graphs of which never two run at once; None on the CPU.
    """

    def __init__(self, work: Callable[[], Tensor], device: torch.device, pool: Any = None) -> None:
        self._work = work
        self._graph: Any = None
        if device.type != "cuda":
            return
        with torch.cuda.device(device):
            self._capture(device, pool)

    def _capture(self, device: torch.device, pool: Any) -> None:
        work = self._work
        beside = torch.cuda.Stream(device)
        beside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(beside), torch.inference_mode():
            for _ in range(_WARM_UP_CALLS):
                work()
        torch.cuda.current_stream(device).wait_stream(beside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, pool=pool, capture_error_mode="thread_local"), torch.inference_mode():
            self._answer = work()

    def __call__(self) -> Tensor:
        """Run once; on a GPU the answer is there once the current stream is, and until the next run."""
        if self._graph is None:
            with torch.inference_mode():
                return self._work()
        self._graph.replay()
        return self._answer
