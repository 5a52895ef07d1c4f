"""Full-size YUV pictures in one buffer -> the network's normalised batch, in one pass: resize, pad, convert, scale.

What `detect.pictures.preprocess` does on the CPU, for pictures of any sizes in one call. On a GPU one Triton kernel
(`detect.pictures.fused_letterbox_triton`); elsewhere the reference here, which computes the same numbers the same way.

Each picture is a row of the table, so one launch of unchanging shape serves pictures of any sizes; a row of zeros is
padding all over. Planes are resized with linear weights and rounded to bytes before the colours are converted (BT.601,
limited range, in whole numbers), as OpenCV does: results differ from `detect.pictures.preprocess` by rounding alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

from detect.models.card import ColourOrder, ModelInput, PixelScale
from detect.pictures.letterbox import Letterbox

TABLE_COLUMNS = 16
FIXED_BITS = 20
# OpenCV, imgproc/src/color_yuv.simd.hpp: BT.601 for limited range, times 2^20
LUMA, RED_V, GREEN_U, GREEN_V, BLUE_U = 1220542, 1673527, -409993, -852492, 2116026


class Column(IntEnum):
    """What stands where in a row of the table; offsets and strides in bytes, sizes in pixels."""

    Y_OFFSET = 0
    U_OFFSET = 1
    V_OFFSET = 2
    Y_STRIDE = 3
    CHROMA_STRIDE = 4
    CHROMA_STEP = 5  # 1 in I420, 2 in NV12
    WIDTH = 6
    HEIGHT = 7
    LEFT = 8
    TOP = 9
    INNER_WIDTH = 10
    INNER_HEIGHT = 11


@dataclass(frozen=True, slots=True)
class Planes:
    """Where a picture lies in the buffer; offsets and strides in bytes.

    I420: u and v one after the other, `chroma_step` 1. NV12: v one byte after u, `chroma_step` 2.
    """

    y_offset: int
    u_offset: int
    v_offset: int
    y_stride: int
    chroma_stride: int
    chroma_step: int = 1

    @classmethod
    def i420(cls, offset: int, width_px: int, height_px: int) -> Planes:
        """Planes without gaps, from `offset` on."""
        chroma_width_px, chroma_height_px = (width_px + 1) // 2, (height_px + 1) // 2
        u_offset = offset + width_px * height_px
        return cls(offset, u_offset, u_offset + chroma_width_px * chroma_height_px, width_px, chroma_width_px)

    @classmethod
    def nv12(cls, offset: int, width_px: int, height_px: int) -> Planes:
        """Planes without gaps, from `offset` on."""
        u_offset = offset + width_px * height_px
        return cls(offset, u_offset, u_offset + 1, width_px, 2 * ((width_px + 1) // 2), 2)


def table_row(planes: Planes, box: Letterbox) -> list[int]:
    """A picture's row: where it lies, and where it goes."""
    row = [0] * TABLE_COLUMNS
    row[Column.Y_OFFSET], row[Column.U_OFFSET], row[Column.V_OFFSET] = planes.y_offset, planes.u_offset, planes.v_offset
    row[Column.Y_STRIDE], row[Column.CHROMA_STRIDE] = planes.y_stride, planes.chroma_stride
    row[Column.CHROMA_STEP] = planes.chroma_step
    row[Column.WIDTH], row[Column.HEIGHT] = box.source_width_px, box.source_height_px
    row[Column.LEFT], row[Column.TOP] = box.left_px, box.top_px
    row[Column.INNER_WIDTH], row[Column.INNER_HEIGHT] = box.width_px, box.height_px
    return row


def empty_batch(count: int, target: ModelInput, dtype: torch.dtype, device: torch.device) -> Tensor:
    """(n, 3, height, width), channels last."""
    return torch.zeros((count, target.height_px, target.width_px, 3), dtype=dtype, device=device).permute(0, 3, 1, 2)


def put_in(buffer: Tensor, table: Tensor, batch: Tensor, target: ModelInput) -> None:
    """Fill a batch.

    Args:
        buffer: uint8 (bytes,), the pictures.
        table: int32 (n, TABLE_COLUMNS), a row a picture.
        batch: (n, 3, height, width), channels last, overwritten whole.
        target: the network's input.
    """
    if buffer.is_cuda:
        from detect.pictures.fused_letterbox_triton import put_in_by_kernel

        put_in_by_kernel(buffer, table, batch, target)
    else:
        put_in_by_reference(buffer, table, batch, target)


def put_in_by_reference(buffer: Tensor, table: Tensor, batch: Tensor, target: ModelInput) -> None:
    """See `put_in`; in PyTorch's own operations, picture by picture."""
    scale = value_scale(target)
    batch.fill_(target.pad_value * scale)
    for index, row in enumerate(table.tolist()):
        width_px, height_px = row[Column.INNER_WIDTH], row[Column.INNER_HEIGHT]
        if not width_px:
            continue
        columns = torch.arange(width_px, device=buffer.device)
        rows = torch.arange(height_px, device=buffer.device)
        size_px = (row[Column.WIDTH], row[Column.HEIGHT])
        inner_px = (width_px, height_px)
        y = _resized(buffer, row[Column.Y_OFFSET], row[Column.Y_STRIDE], 1, size_px, inner_px, columns, rows)
        chroma_px = ((size_px[0] + 1) // 2, (size_px[1] + 1) // 2)
        half_px = (width_px // 2, height_px // 2)
        u, v = (
            _resized(
                buffer,
                row[offset],
                row[Column.CHROMA_STRIDE],
                row[Column.CHROMA_STEP],
                chroma_px,
                half_px,
                columns // 2,
                rows // 2,
            )
            for offset in (Column.U_OFFSET, Column.V_OFFSET)
        )
        inner = batch[index, :, row[Column.TOP] :, row[Column.LEFT] :][:, :height_px, :width_px]
        inner.copy_(_colours(y, u, v, target.color) * scale)


def value_scale(target: ModelInput) -> float:
    """What a byte is multiplied by."""
    return 1 / 255 if target.scale is PixelScale.UNIT else 1.0


def _resized(
    buffer: Tensor,
    offset: int,
    stride: int,
    step: int,
    size_px: tuple[int, int],
    inner_px: tuple[int, int],
    columns: Tensor,
    rows: Tensor,
) -> Tensor:
    """A plane at the target's rows and columns: linear weights between pixel centres, edges repeated, whole numbers."""
    left, x = _nearest(columns, size_px[0], inner_px[0])
    top, y = _nearest(rows, size_px[1], inner_px[1])
    right, bottom = (left + 1).clamp(max=size_px[0] - 1), (top + 1).clamp(max=size_px[1] - 1)

    def at(row: Tensor, column: Tensor) -> Tensor:
        return buffer[offset + row[:, None] * stride + column[None, :] * step].float()

    upper = at(top, left) + (at(top, right) - at(top, left)) * x[None, :]
    lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * x[None, :]
    return torch.floor(upper + (lower - upper) * y[:, None] + 0.5).int()


def _nearest(places: Tensor, length_px: int, inner_px: int) -> tuple[Tensor, Tensor]:
    """The pixel before each place, and how far on the way to the next one it lies, 0-1."""
    at = ((places.float() + 0.5) * (length_px / inner_px) - 0.5).clamp(0, length_px - 1)
    before = at.floor()
    return before.long(), at - before


def _colours(y: Tensor, u: Tensor, v: Tensor, order: ColourOrder) -> Tensor:
    """(3, height, width), 0-255."""
    luma = (y - 16).clamp(min=0) * LUMA + (1 << (FIXED_BITS - 1))
    u, v = u - 128, v - 128
    red, green, blue = luma + RED_V * v, luma + GREEN_U * u + GREEN_V * v, luma + BLUE_U * u
    channels = (red, green, blue) if order is ColourOrder.RGB else (blue, green, red)
    return (torch.stack(channels) >> FIXED_BITS).clamp(0, 255)
