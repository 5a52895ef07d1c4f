"""Lets ultralytics run where torchvision does not load beside torch, as a registry's torchvision beside a CPU torch.

ultralytics imports torchvision and uses one function of it: non-maximum suppression. torchvision built for another
torch fails at import, because its own operators are missing; that function is OpenCV's then.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


def mend_torchvision() -> bool:
    """Make `torchvision.ops.nms` work; to be called before ultralytics is imported.

    Returns:
        True when OpenCV stands in, False when torchvision loads by itself.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        for name in [one for one in sys.modules if one.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        sys.modules["torchvision._meta_registrations"] = ModuleType("torchvision._meta_registrations")
        importlib.import_module("torchvision").ops.nms = nms
        return True
    return False


def nms(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    """Indices of the boxes kept, strongest first.

    Args:
        boxes: tensor (n, 4), left, top, right, bottom.
        scores: tensor (n,).
        iou_threshold: a box that overlaps a stronger one by more is dropped.
    """
    import cv2
    import torch

    corner_and_size = boxes.detach().float().cpu().clone()
    corner_and_size[:, 2:] -= corner_and_size[:, :2]
    kept = cv2.dnn.NMSBoxes(corner_and_size.numpy(), scores.detach().float().cpu().numpy(), 0.0, float(iou_threshold))
    return torch.as_tensor(kept, dtype=torch.long, device=boxes.device).flatten()
