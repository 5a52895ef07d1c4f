"""TensorRT behind PyTorch's tensors: a network for `TorchEngine` and `DevicePath`, read from an engine file.

Written to TensorRT 10's interface and never run: no machine with TensorRT was at hand (docs/performance.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorrt
import torch
from torch import Tensor

from detect.errors import EngineError
from detect.models.model import Model

_SIZES = (1, 4, 16, 64)  # each has activations of its own, so fewer than PyTorch's


class TensorRtNetwork:
    """See `detect.engines.torch_engine.DeviceNetwork`.

    Args:
        model: what it was made of.
        device: cuda:N.
        path: the engine file.

    Raises:
        EngineError: the file is not there or not for this GPU and TensorRT.
    """

    def __init__(self, model: Model, device: str, path: Path) -> None:
        self.device = torch.device(device)
        self.input = model.card.input
        self.name = f"tensorrt fp16 {self.input.height_px}x{self.input.width_px}"
        self.pool = torch.cuda.graph_pool_handle()
        try:
            serialized = path.read_bytes()
        except OSError as error:
            raise EngineError(self.name, f"{path}: {error.strerror}; import the model on this machine") from error
        with torch.cuda.device(self.device):
            self._runtime = tensorrt.Runtime(tensorrt.Logger(tensorrt.Logger.ERROR))
            self._engine = self._runtime.deserialize_cuda_engine(serialized)
        if self._engine is None:
            raise EngineError(self.name, f"{path} is not for this GPU and TensorRT; import the model anew")
        names = [self._engine.get_tensor_name(index) for index in range(self._engine.num_io_tensors)]
        modes = {name: self._engine.get_tensor_mode(name) for name in names}
        self._entry = next(name for name in names if modes[name] == tensorrt.TensorIOMode.INPUT)
        self._exit = next(name for name in names if modes[name] == tensorrt.TensorIOMode.OUTPUT)
        self.dtype = _torch_type(self._engine.get_tensor_dtype(self._entry))
        largest = int(self._engine.get_tensor_profile_shape(self._entry, 0)[2][0])
        self.sizes: tuple[int, ...] = (*(size for size in _SIZES if size < largest), largest)

    def specialised(self, batch_size: int) -> TensorRtProgram:
        """See `DeviceNetwork.specialised`."""
        with torch.cuda.device(self.device):
            context = self._engine.create_execution_context()
        shape = (batch_size, 3, self.input.height_px, self.input.width_px)
        if context is None or not context.set_input_shape(self._entry, shape):
            raise EngineError(self.name, f"refuses a batch of {batch_size}")
        return TensorRtProgram(self._engine, context, self._entry, self._exit)

    def fitting(self, count: int) -> int:
        """See `DeviceNetwork.fitting`."""
        return next((size for size in self.sizes if size >= count), self.sizes[-1])


class TensorRtProgram:
    """One input shape; call it with a tensor (n, 3, height, width) on the device."""

    def __init__(self, engine: Any, context: Any, entry: str, exit_: str) -> None:
        self._context = context
        self._entry = entry
        self._exit = exit_
        self._dtype = _torch_type(engine.get_tensor_dtype(exit_))

    def __call__(self, pictures: Tensor) -> Tensor:
        pictures = pictures.contiguous()  # TensorRT takes channels first
        answer = torch.empty(
            tuple(self._context.get_tensor_shape(self._exit)), dtype=self._dtype, device=pictures.device
        )
        self._context.set_tensor_address(self._entry, pictures.data_ptr())
        self._context.set_tensor_address(self._exit, answer.data_ptr())
        if not self._context.execute_async_v3(torch.cuda.current_stream(pictures.device).cuda_stream):
            raise RuntimeError("TensorRT refused to run")
        return answer


def _torch_type(dtype: Any) -> torch.dtype:
    return {tensorrt.DataType.HALF: torch.float16, tensorrt.DataType.FLOAT: torch.float32}[dtype]
