"""Weights to go on training from, out of an exported ONNX file.

An export has the normalisation that follows each convolution folded into it. Here it is put back: pictures are shown to
the network, and each normalisation gets the mean and variance that it sees, with a scale and shift that undo them. The
network answers as the file does, and trains as one that never was exported.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.models.card import ModelInput
from scripts.letterboxed import put_letterboxed

PICTURES = 96


def weights_from_onnx(file: Path, network: Any, pictures: Sequence[Path], size_px: tuple[int, int], out: Path) -> Path:
    """Write a checkpoint that ultralytics starts from.

    Args:
        file: an export of the same layout.
        network: a new torch network of that layout; it gets the weights.
        pictures: of the kind it was trained on; `PICTURES` of them are shown to it.
        size_px: width and height of the model's input.
        out: the checkpoint to write.

    Returns:
        `out`.

    Raises:
        SystemExit: the file is of another layout, or there are no pictures.
    """
    import torch

    if not pictures:
        raise SystemExit("train_model: --frames has no pictures in images/train; make them by scripts.district frames")

    target = ModelInput(width_px=size_px[0], height_px=size_px[1])
    folded = _read(file)
    normalised = [(name, one) for name, one in network.named_modules() if hasattr(one, "conv") and hasattr(one, "bn")]
    state = network.state_dict()
    for name, _ in normalised:
        for part, value in (("bn.weight", 1.0), ("bn.running_mean", 0.0), ("bn.running_var", 1.0)):
            folded[f"{name}.{part}"] = np.full(state[f"{name}.{part}"].shape, value, np.float32)
        folded[f"{name}.bn.bias"] = folded.pop(f"{name}.conv.bias", np.empty(0, np.float32))
    wrong = [key for key in folded if key not in state or tuple(state[key].shape) != folded[key].shape]
    missing = [name for name in dict(network.named_parameters()) if name not in folded and ".dfl." not in name]
    if wrong or missing:
        raise SystemExit(
            f"train_model: {file} is of another layout: {(wrong or missing)[0]}; give its --family and --width"
        )
    network.load_state_dict({key: torch.from_numpy(value.copy()) for key, value in folded.items()}, strict=False)
    eps = {name: module.bn.eps for name, module in normalised}
    for _, module in normalised:
        module.bn.eps = 0.0  # so that it changes nothing while its input is looked at
    network.eval()
    seen = {name: _Seen() for name, _ in normalised}
    hooks = [module.conv.register_forward_hook(seen[name].take) for name, module in normalised]
    with torch.inference_mode():
        for picture in pictures[:: max(1, len(pictures) // PICTURES)]:
            network(torch.from_numpy(_picture(picture, target))[None])
    for hook in hooks:
        hook.remove()
    for name, module in normalised:
        mean, variance = seen[name].mean_and_variance()
        module.bn.eps = eps[name]
        module.bn.running_mean.copy_(mean)
        module.bn.running_var.copy_(variance)
        module.bn.weight.data.copy_((variance + eps[name]).sqrt())
        module.bn.bias.data.add_(mean)
    torch.save({"model": network, "epoch": -1}, out)
    return out


class _Seen:
    """Sums over everything that came out of one convolution, by channel."""

    def __init__(self) -> None:
        self._count = 0
        self._sum: Any = 0.0
        self._squares: Any = 0.0

    def take(self, _module: Any, _arguments: Any, answer: Any) -> None:
        """What came out; a forward hook."""
        values = answer.double()
        self._count += values.shape[0] * values.shape[2] * values.shape[3]
        self._sum = self._sum + values.sum((0, 2, 3))
        self._squares = self._squares + values.square().sum((0, 2, 3))

    def mean_and_variance(self) -> tuple[Any, Any]:
        """By channel, float32."""
        mean = self._sum / self._count
        return mean.float(), (self._squares / self._count - mean.square()).clamp_min(0).float()


def _read(file: Path) -> dict[str, NDArray[np.float32]]:
    """The numbers of a file by the names that the network has for them."""
    import onnx
    from onnx import numpy_helper

    numbers = onnx.load(file).graph.initializer
    return {
        one.name: np.asarray(numpy_helper.to_array(one), np.float32) for one in numbers if one.name.startswith("model.")
    }


def _picture(file: Path, target: ModelInput) -> NDArray[np.float32]:
    """float32 [3, height, width] of 0-1, RGB, as the model takes it."""
    bgr = np.asarray(cv2.imread(str(file)), np.uint8)
    slot = np.empty((target.height_px, target.width_px, 3), np.uint8)
    put_letterboxed(bgr, target, slot)
    return np.ascontiguousarray(slot.transpose(2, 0, 1), np.float32) / np.float32(255)
