"""Where inference runs: `detect.device`, or what PyTorch finds. PyTorch is loaded only where there is a driver.

`python -m detect.engines.devices` prints the GPUs, one a line: the supervisor starts a detector for each.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from kernel.config.sections import Backend, DetectConfig
from kernel.errors import BadInputError

CPU = "cpu"
_DRIVER_FILES = (Path("/dev/nvidiactl"), Path("/dev/dxg"))  # Linux; Windows' Linux subsystem
ON_CPU = (Backend.OPENVINO, Backend.ONNXRUNTIME)


def has_driver() -> bool:
    """Whether a GPU could be here: its driver is, and so is PyTorch."""
    return any(file.exists() for file in _DRIVER_FILES) and importlib.util.find_spec("torch") is not None


def gpus() -> list[str]:
    """The GPUs that PyTorch can use here, as `cuda:N`."""
    if not has_driver():
        return []
    import torch

    return [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []


def device_for(config: DetectConfig) -> str:
    """The device of a config: `cpu` or `cuda:N`.

    Raises:
        BadInputError: it names a GPU that is not there, or asks a CPU engine to run on one.
    """
    if config.device == "auto":
        found = gpus() if config.backend not in ON_CPU else []
        return found[0] if found else CPU
    if config.device == CPU:
        return CPU
    if config.backend in ON_CPU:
        raise BadInputError(
            f"detect.device: {config.backend.value} runs on the CPU, not on {config.device}; set detect.backend: torch"
        )
    found = gpus()
    if config.device not in found:
        here = f"here are {', '.join(found)}" if found else _why_none()
        raise BadInputError(f"detect.device: no {config.device} ({here}); use auto, cpu or one that is there")
    return config.device


def _why_none() -> str:
    if importlib.util.find_spec("torch") is None:
        return "PyTorch is not installed: the extra yolo brings it"
    return "PyTorch finds no GPU here"


if __name__ == "__main__":
    print("\n".join(gpus()))
