"""The kernel of `fused_letterbox`: every target pixel reads its samples, converts and writes, all in one pass.

Bytes moved are those of the pictures and of the batch, once each. Imported only where there is a GPU, or in tests
under Triton's interpreter (TRITON_INTERPRET=1), which runs the kernel with numpy.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from detect.models.card import ColourOrder, ModelInput
from detect.pictures.fused_letterbox import (
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

_BLOCK = 64  # pairs of columns: eight pixels a thread
_WARPS = 1

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
def _between(place, length, inner):
    """The sample before a place of the target, the one behind, and how far on the way to that it lies."""
    at = (place.to(tl.float32) + 0.5) * (length.to(tl.float32) / inner.to(tl.float32)) - 0.5
    at = tl.minimum(tl.maximum(at, 0.0), (length - 1).to(tl.float32))
    before = at.to(tl.int32)
    return before, tl.minimum(before + 1, length - 1), at - before.to(tl.float32)


@triton.jit
def _if_within(place, length, value):
    """A value where a place lies within a length, else 0."""
    return tl.where((place >= 0) & (place < length), value, 0)


@triton.jit
def _sampled(upper, lower, left, right, part_x, part_y, on):
    """Between two rows, at columns: linear in both directions, as a whole number."""
    a = tl.load(upper + left, mask=on, other=0).to(tl.float32)
    b = tl.load(upper + right, mask=on, other=0).to(tl.float32)
    c = tl.load(lower + left, mask=on, other=0).to(tl.float32)
    d = tl.load(lower + right, mask=on, other=0).to(tl.float32)
    above, below = a + (b - a) * part_x, c + (d - c) * part_x
    return (above + (below - above) * part_y + 0.5).to(tl.int32)


@triton.jit
def _byte(value, on, pad, scale):
    """A channel out of fixed point, padding where there is no picture."""
    return tl.where(on, tl.minimum(tl.maximum(value >> _BITS, 0), 255), pad).to(tl.float32) * scale


@triton.jit
def _letterbox(buffer, table, batch, height, width, pad, scale, BGR: tl.constexpr, BLOCK: tl.constexpr):  # noqa: N803
    """Program (block, pair of rows, picture): 2 * BLOCK columns of two rows, of which each 2 x 2 pixels share chroma.

    Blocks begin where the picture's own pairs do: one column and one row early where it lies at an odd place.
    """
    picture = tl.program_id(2)
    row = table + picture * _COLUMNS
    left, top = tl.load(row + _LEFT), tl.load(row + _TOP)
    wide, high = tl.load(row + _INNER_WIDTH), tl.load(row + _INNER_HEIGHT)
    source_width, source_height = tl.load(row + _WIDTH), tl.load(row + _HEIGHT)
    stride, step = tl.load(row + _CHROMA_STRIDE), tl.load(row + _CHROMA_STEP)

    column = 2 * (tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)) - (left & 1)
    line = 2 * tl.program_id(1) - (top & 1)
    half_x, half_y = (column - left) >> 1, (line - top) >> 1
    half_on = (half_x >= 0) & (half_x < _if_within(half_y, high >> 1, wide >> 1))
    before, behind, part_x = _between(half_x, (source_width + 1) >> 1, wide >> 1)
    above, below, part_y = _between(half_y, (source_height + 1) >> 1, high >> 1)
    before, behind = before * step, behind * step
    u_plane, v_plane = buffer + tl.load(row + _U_OFFSET), buffer + tl.load(row + _V_OFFSET)
    u = _sampled(u_plane + above * stride, u_plane + below * stride, before, behind, part_x, part_y, half_on) - 128
    v = _sampled(v_plane + above * stride, v_plane + below * stride, before, behind, part_x, part_y, half_on) - 128
    red_chroma, blue_chroma = tl.expand_dims(v * _RED_V, 1), tl.expand_dims(u * _BLUE_U, 1)
    green_chroma = tl.expand_dims(u * _GREEN_U + v * _GREEN_V, 1)

    columns = tl.expand_dims(column, 1) + tl.expand_dims(tl.arange(0, 2), 0)
    x = columns - left
    before, behind, part_x = _between(x, source_width, wide)
    luma_plane, luma_stride = buffer + tl.load(row + _Y_OFFSET), tl.load(row + _Y_STRIDE)
    for pair in tl.static_range(2):
        y = line + pair - top
        on = (x >= 0) & (x < _if_within(y, high, wide))
        above, below, part_y = _between(y, source_height, high)
        upper, lower = luma_plane + above * luma_stride, luma_plane + below * luma_stride
        luma = _sampled(upper, lower, before, behind, part_x, part_y, on)
        luma = tl.maximum(luma - 16, 0) * _LUMA + _HALF
        red = _byte(luma + red_chroma, on, pad, scale)
        green = _byte(luma + green_chroma, on, pad, scale)
        blue = _byte(luma + blue_chroma, on, pad, scale)
        target = batch + ((picture.to(tl.int64) * height + line + pair) * width + columns) * 3
        inside = (columns >= 0) & (columns < _if_within(line + pair, height, width))
        tl.store(target, blue if BGR else red, mask=inside)
        tl.store(target + 1, green, mask=inside)
        tl.store(target + 2, red if BGR else blue, mask=inside)


def put_in_by_kernel(buffer: Tensor, table: Tensor, batch: Tensor, target: ModelInput) -> None:
    """See `detect.pictures.fused_letterbox.put_in`."""
    pairs_wide, pairs_high = target.width_px // 2 + 1, target.height_px // 2 + 1
    grid = (triton.cdiv(pairs_wide, _BLOCK), pairs_high, len(batch))
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
        num_warps=_WARPS,
    )
