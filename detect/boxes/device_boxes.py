"""A network's raw output -> boxes, on the device: what `detect.boxes.decode` and `nms` do, for a whole batch at once.

`candidates` branches on no value and belongs into the CUDA graph. `strongest` and `survivors` follow it: how many
candidates are strong enough decides how large the matrix of overlaps is, so what is found does not depend on a limit.
"""

from __future__ import annotations

import torch
from torch import Tensor

from detect.boxes.decode import yolox_grid
from detect.boxes.nms import MOST_BOXES
from detect.models.card import Layout, ModelInput

COLUMNS = 6  # left, top, right, bottom, confidence, class
_ROUNDS = 8


def candidates(output: Tensor, layout: Layout, target: ModelInput) -> Tensor:
    """One row a box.

    Args:
        output: the network's, (n, …) as its layout says.
        layout: what it means.
        target: the network's input.

    Returns:
        float32 (n, N, COLUMNS), in pixels of the input.
    """
    output = output.float()
    if layout is Layout.ULTRALYTICS_END2END:
        return output
    if layout is Layout.ULTRALYTICS_NMS:
        rows = output.transpose(1, 2)
        centre, half, scores = rows[..., :2], rows[..., 2:4] / 2, rows[..., 4:]
    else:
        cells, strides = yolox_grid_of(target, output.device)
        centre = (output[..., :2] + cells) * strides
        half = output[..., 2:4].exp() * strides / 2
        scores = output[..., 5:] * output[..., 4:5]
    confidence, class_id = scores.max(dim=2, keepdim=True)
    return torch.cat([centre - half, centre + half, confidence, class_id.float()], dim=2)


_GRIDS: dict[tuple[int, int, torch.device], tuple[Tensor, Tensor]] = {}


def yolox_grid_of(target: ModelInput, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cells (N, 2) and strides (N, 1) of YOLOX on a device; sent there once, which no graph can do while captured."""
    key = (target.width_px, target.height_px, device)
    if key not in _GRIDS:
        cells, strides_px = yolox_grid(target.width_px, target.height_px)
        _GRIDS[key] = torch.from_numpy(cells).to(device), torch.from_numpy(strides_px).to(device)[:, None]
    return _GRIDS[key]


def strong_count(rows: Tensor, min_confidence: float) -> Tensor:
    """The most rows of one picture that are confident enough, as a tensor on the device."""
    return (rows[..., 4] >= min_confidence).sum(dim=1).max()


def strongest(rows: Tensor, count: int) -> Tensor:
    """The `count` most confident rows of each picture, in that order; of equal ones the first comes first."""
    order = rows[..., 4].sort(dim=1, descending=True, stable=True).indices[:, :count]
    return rows.gather(1, order[..., None].expand(-1, -1, COLUMNS))


def survivors(rows: Tensor, min_confidence: float, iou_limit: float) -> Tensor:
    """Which rows are left of boxes of a class that overlap: greedily, the most confident first.

    A row stays if no row before it that stays overlaps it. Asked of all rows at once, again and again from the same
    start, the answer settles after as many rounds as the longest chain of boxes that push each other out.

    Args:
        rows: (n, m, COLUMNS), most confident first.
        min_confidence: what is weaker goes.
        iou_limit: intersection over union above which two boxes are one object.

    Returns:
        bool (n, m).
    """
    strong = rows[..., 4] >= min_confidence
    if rows.shape[1] < 2:
        return strong
    pushes_out = _overlaps(rows, iou_limit) & strong[:, :, None]
    weights = pushes_out.to(torch.float16 if rows.is_cuda else torch.float32)  # counts are whole numbers: exact enough
    stays = strong
    while True:
        before = stays
        for _ in range(_ROUNDS):
            before = stays
            pushed = torch.bmm(stays[:, None, :].to(weights.dtype), weights)[:, 0] > 0
            stays = strong & ~pushed
        if torch.equal(before, stays):
            return stays & (stays.cumsum(dim=1) <= MOST_BOXES)


def _overlaps(rows: Tensor, iou_limit: float) -> Tensor:
    """bool (n, m, m): the row before overlaps the one behind, both of a class."""
    boxes = rows[..., :4]
    left_top = torch.maximum(boxes[:, :, None, :2], boxes[:, None, :, :2])
    right_bottom = torch.minimum(boxes[:, :, None, 2:], boxes[:, None, :, 2:])
    sides = (right_bottom - left_top).clamp(min=0)
    shared = sides[..., 0] * sides[..., 1]
    areas = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=2)
    union = areas[:, :, None] + areas[:, None, :] - shared
    same_class = rows[:, :, None, 5] == rows[:, None, :, 5]
    return ((shared > iou_limit * union) & same_class).triu(diagonal=1)
