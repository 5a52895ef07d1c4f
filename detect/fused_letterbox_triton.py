"""The kernel of `detect.fused_letterbox`: every target pixel reads its samples, converts and writes, all in one pass.

Bytes moved are those of the pictures and of the batch, once each. Imported only where there is a GPU, or in tests
under Triton's interpreter (TRITON_INTERPRET=1), which runs the kernel with numpy.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from detect.fused_letterbox import (
    BLUE_U,
    FIXED_BITS,
    GREEN_U,
    GREEN_V,
    LUMA,
    RED_V,
    TABLE_COLUMNS,
    Column,
    value_scale,
)
from detect.model_card import ColourOrder, ModelInput

_BLOCK = 512

_COLUMNS = tl.constexpr(TABLE_COLUMNS)
_Y_OFFSET = tl.constexpr(int(Column.Y_OFFSET))
_U_OFFSET = tl.constexpr(int(Column.U_OFFSET))
_V_OFFSET = tl.constexpr(int(Column.V_OFFSET))
_Y_STRIDE = tl.constexpr(int(Column.Y_STRIDE))
_CHROMA_STRIDE = tl.constexpr(int(Column.CHROMA_STRIDE))
_CHROMA_STEP = tl.constexpr(int(Column.CHROMA_STEP))
_WIDTH = tl.constexpr(int(Column.WIDTH))
_HEIGHT = tl.constexpr(int(Column.HEIGHT))
_LEFT = tl.constexpr(int(Column.LEFT))
_TOP = tl.constexpr(int(Column.TOP))
_INNER_WIDTH = tl.constexpr(int(Column.INNER_WIDTH))
_INNER_HEIGHT = tl.constexpr(int(Column.INNER_HEIGHT))
_LUMA, _RED_V, _GREEN_U = tl.constexpr(LUMA), tl.constexpr(RED_V), tl.constexpr(GREEN_U)
_GREEN_V, _BLUE_U = tl.constexpr(GREEN_V), tl.constexpr(BLUE_U)
_BITS, _HALF = tl.constexpr(FIXED_BITS), tl.constexpr(1 << (FIXED_BITS - 1))


@triton.jit
def _resized(plane, stride, step, width, height, x, y, wide, high, on):
    """A plane of width x height at pixel (x, y) of its wide x high image, as a whole number."""
    across = (x.to(tl.float32) + 0.5) * (width.to(tl.float32) / wide.to(tl.float32)) - 0.5
    down = (y.to(tl.float32) + 0.5) * (height.to(tl.float32) / high.to(tl.float32)) - 0.5
    across = tl.minimum(tl.maximum(across, 0.0), (width - 1).to(tl.float32))
    down = tl.minimum(tl.maximum(down, 0.0), (height - 1).to(tl.float32))
    left, top = tl.floor(across), tl.floor(down)
    part_x, part_y = across - left, down - top
    column, row = left.to(tl.int32), top.to(tl.int32)
    right = tl.minimum(column + 1, width - 1)
    upper_row, lower_row = plane + row * stride, plane + tl.minimum(row + 1, height - 1) * stride
    a = tl.load(upper_row + column * step, mask=on, other=0).to(tl.float32)
    b = tl.load(upper_row + right * step, mask=on, other=0).to(tl.float32)
    c = tl.load(lower_row + column * step, mask=on, other=0).to(tl.float32)
    d = tl.load(lower_row + right * step, mask=on, other=0).to(tl.float32)
    upper, lower = a + (b - a) * part_x, c + (d - c) * part_x
    return tl.floor(upper + (lower - upper) * part_y + 0.5).to(tl.int32)


@triton.jit
def _byte(value, on, pad):
    """A channel out of fixed point, padding where there is no picture."""
    return tl.where(on, tl.minimum(tl.maximum(value >> _BITS, 0), 255), pad).to(tl.float32)


@triton.jit
def _letterbox(buffer, table, batch, height, width, pad, scale, BGR: tl.constexpr, BLOCK: tl.constexpr):  # noqa: N803
    """Program (block, picture) writes BLOCK target pixels of one picture."""
    picture = tl.program_id(1)
    place = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    row = table + picture * _COLUMNS
    wide, high = tl.load(row + _INNER_WIDTH), tl.load(row + _INNER_HEIGHT)
    x, y = place % width - tl.load(row + _LEFT), place // width - tl.load(row + _TOP)
    on = (x >= 0) & (x < wide) & (y >= 0) & (y < high)
    source_width, source_height = tl.load(row + _WIDTH), tl.load(row + _HEIGHT)
    chroma_width, chroma_height = (source_width + 1) // 2, (source_height + 1) // 2
    stride, step = tl.load(row + _CHROMA_STRIDE), tl.load(row + _CHROMA_STEP)
    luma_plane = buffer + tl.load(row + _Y_OFFSET)
    u_plane, v_plane = buffer + tl.load(row + _U_OFFSET), buffer + tl.load(row + _V_OFFSET)
    luma = _resized(luma_plane, tl.load(row + _Y_STRIDE), 1, source_width, source_height, x, y, wide, high, on)
    half_x, half_y, half_wide, half_high = x // 2, y // 2, wide // 2, high // 2
    u = _resized(u_plane, stride, step, chroma_width, chroma_height, half_x, half_y, half_wide, half_high, on) - 128
    v = _resized(v_plane, stride, step, chroma_width, chroma_height, half_x, half_y, half_wide, half_high, on) - 128
    luma = tl.maximum(luma - 16, 0) * _LUMA + _HALF
    red = _byte(luma + _RED_V * v, on, pad) * scale
    green = _byte(luma + _GREEN_U * u + _GREEN_V * v, on, pad) * scale
    blue = _byte(luma + _BLUE_U * u, on, pad) * scale
    target = batch + (picture.to(tl.int64) * height * width + place) * 3
    inside = place < height * width
    tl.store(target, blue if BGR else red, mask=inside)
    tl.store(target + 1, green, mask=inside)
    tl.store(target + 2, red if BGR else blue, mask=inside)


def put_in_by_kernel(buffer: Tensor, table: Tensor, batch: Tensor, target: ModelInput) -> None:
    """See `detect.fused_letterbox.put_in`."""
    grid = (triton.cdiv(target.height_px * target.width_px, _BLOCK), len(batch))
    _letterbox[grid](
        buffer,
        table,
        batch,
        target.height_px,
        target.width_px,
        target.pad_value,
        value_scale(target),
        BGR=target.color is ColourOrder.BGR,
        BLOCK=_BLOCK,
    )
