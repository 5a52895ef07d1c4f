"""PyTorch: the engine of GPUs, and the same code on the CPU as the reference that tests run.

On CUDA: float16, channels last, one CUDA graph for each batch size (a power of two), pinned memory both ways. On the
CPU: float32, no graph. The model file is the ONNX file that the other engines run (see `detect.engines.onnx_torch`).
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from google.protobuf.message import DecodeError
from torch import Tensor

from detect.engines.cuda_replay import Replay
from detect.engines.engine import ANSWER_WITHIN_S, Bytes, Floats, Running, check_batch, pixels_shape
from detect.engines.onnx_torch import OnnxNetwork, TorchProgram
from detect.engines.onnx_torch_ops import UnknownOperation
from detect.engines.running_task import RunningTask, reason
from detect.errors import EngineError
from detect.models.card import ModelInput, PixelScale
from detect.models.model import Model
from kernel.config.sections import Precision

TORCH_ERRORS: tuple[type[Exception], ...] = (RuntimeError, IndexError)
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
_TYPES = {Precision.AUTO: torch.float16, Precision.BF16: torch.bfloat16, Precision.FP32: torch.float32}
_NAMES = {torch.float16: "fp16", torch.bfloat16: "bf16", torch.float32: "fp32"}


@dataclass(frozen=True, slots=True)
class _Bucket:
    """One batch size: tensors that stay where they are, and the work between them."""

    host_pictures: Tensor
    device_pictures: Tensor
    replay: Replay


class DeviceNetwork(Protocol):
    """A model on a device, ready to be specialised for batch sizes."""

    device: torch.device
    dtype: torch.dtype
    input: ModelInput
    name: str
    sizes: tuple[int, ...]
    pool: Any

    def specialised(self, batch_size: int) -> Callable[[Tensor], Tensor]:
        """The network for a batch of that size; takes (n, 3, height, width), normalised, gives the output.

        Raises:
            EngineError: it cannot be run that way.
        """
        ...

    def fitting(self, count: int) -> int:
        """The size a batch of `count` pictures is run as, at most the largest there is."""
        ...


class TorchNetwork:
    """A model on a device, ready to be specialised for batch sizes.

    Args:
        model: what to run.
        device: cpu, cuda or cuda:N.
        precision: auto is float16 on a GPU; the CPU computes in float32 whatever is wanted.

    Raises:
        EngineError: the file cannot be used, or PyTorch has no such device.
    """

    def __init__(self, model: Model, device: str, precision: Precision = Precision.AUTO) -> None:
        self.device = torch.device(device)
        if precision not in _TYPES:
            raise EngineError("torch", f"has no {precision.value}; set detect.precision to auto, bf16 or fp32")
        self.dtype = _TYPES[precision] if self.device.type == "cuda" else torch.float32
        self.input = model.card.input
        self.name = f"torch {_NAMES[self.dtype]} {self.input.height_px}x{self.input.width_px}"
        self.sizes: tuple[int, ...] = BATCH_SIZES if model.max_batch is None else (1,)
        self.pool: Any = None
        try:
            if self.device.type == "cuda":
                torch.backends.cudnn.benchmark = True
                self.pool = torch.cuda.graph_pool_handle()
            self._network = OnnxNetwork(model.path)
        except (OSError, DecodeError, RuntimeError, ValueError, StopIteration) as error:
            raise EngineError(self.name, f"cannot load {model.path} ({reason(error)})") from error

    def specialised(self, batch_size: int) -> TorchProgram:
        """See `DeviceNetwork.specialised`."""
        shape = (batch_size, 3, self.input.height_px, self.input.width_px)
        try:
            with torch.inference_mode():
                return self._network.specialised(shape, self.device, self.dtype)
        except (RuntimeError, IndexError, UnknownOperation) as error:
            raise EngineError(self.name, reason(error)) from error

    def fitting(self, count: int) -> int:
        """See `DeviceNetwork.fitting`."""
        return next((size for size in self.sizes if size >= count), self.sizes[-1])


class TorchEngine:
    """See `detect.engines.engine.Engine`.

    Args:
        model: what to run.
        device: cpu, cuda or cuda:N.
        precision: auto is float16 on a GPU.
        batch_max: largest batch that will come; sizes up to it are made ready now, larger ones when they come.
        answer_within_s: longest wait for an inference.
        network: instead of the one that PyTorch makes of the model.

    Raises:
        EngineError: the model cannot be run there.
    """

    def __init__(
        self,
        model: Model,
        device: str = "cpu",
        precision: Precision = Precision.AUTO,
        batch_max: int = 1,
        answer_within_s: float = ANSWER_WITHIN_S,
        network: DeviceNetwork | None = None,
    ) -> None:
        self._network = network = network or TorchNetwork(model, device, precision)
        self.name = network.name
        self.slot_shape = pixels_shape(network.input)
        self.full_batch = max((size for size in network.sizes if size <= batch_max), default=1)
        self.parallel = 1
        self._answer_within_s = answer_within_s
        self._buckets: dict[int, _Bucket] = {}
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="torch")
        for size in ready_sizes(network, self.full_batch):
            self._bucket(size)

    def start(self, batch: Bytes) -> Running[Floats]:
        """See `Engine.start`."""
        check_batch(batch, self.slot_shape)
        return RunningTask(self.name, self._thread.submit(self._run, batch), self._answer_within_s, TORCH_ERRORS)

    def infer(self, batch: Bytes) -> Floats:
        """See `Engine.infer`."""
        return np.stack(self.start(batch).answers())

    def close(self) -> None:
        """See `Engine.close`."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._buckets.clear()

    def _run(self, batch: Bytes) -> Floats:
        largest = self._network.sizes[-1]
        parts = [self._run_part(batch[start : start + largest]) for start in range(0, len(batch), largest)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _run_part(self, pictures: Bytes) -> Floats:
        """Upload, run, download; what lies in the bucket beyond the pictures is run along and left out."""
        bucket = self._bucket(self._network.fitting(len(pictures)))
        count = len(pictures)
        np.copyto(bucket.host_pictures.numpy()[:count], pictures)
        bucket.device_pictures[:count].copy_(bucket.host_pictures[:count], non_blocking=True)
        answer = bucket.replay()[:count]
        return np.array(answer.float().cpu().numpy())

    def _bucket(self, size: int) -> _Bucket:
        """The bucket of that size, made when first asked for."""
        if size not in self._buckets:
            try:
                self._buckets[size] = self._made(size)
            except TORCH_ERRORS as error:
                raise EngineError(self.name, reason(error)) from error
        return self._buckets[size]

    def _made(self, size: int) -> _Bucket:
        network, target = self._network, self._network.input
        program = network.specialised(size)
        shape = (size, target.height_px, target.width_px, 3)
        host = torch.zeros(shape, dtype=torch.uint8, pin_memory=network.device.type == "cuda")
        device = torch.zeros(shape, dtype=torch.uint8, device=network.device)
        scale = 1 / 255 if target.scale is PixelScale.UNIT else 1.0

        def work() -> Tensor:
            return program((device * scale).to(network.dtype).permute(0, 3, 1, 2))

        return _Bucket(host, device, Replay(work, network.device, network.pool))


def ready_sizes(network: DeviceNetwork, full_batch: int) -> Sequence[int]:
    """The sizes to make ready before the first picture: all on a GPU, where capturing one takes a while."""
    return [size for size in network.sizes if size <= full_batch and (network.device.type == "cuda" or size == 1)]
