"""A number as black and white squares in the top left corner of a picture; survives the encoder; pure.

Two rows of squares: the bits, lowest first, and below each its opposite, so that a picture without a number, or a
half-covered one, reads as none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

BITS = 12
_SQUARE_PX = 16
_WHITE, _BLACK = 225, 30
_LEAST_CONTRAST = 60


def draw_number(picture: npt.NDArray[np.uint8], number: int) -> None:
    """Draw a number of BITS bits.

    Args:
        picture: uint8 [height, width, …], changed in place.
        number: below 2 ** BITS.

    Raises:
        ValueError: the number is too large.
    """
    if not 0 <= number < 1 << BITS:
        raise ValueError(f"number {number} does not fit into {BITS} bits")
    for bit in range(BITS):
        columns = slice(bit * _SQUARE_PX, (bit + 1) * _SQUARE_PX)
        is_set = bool(number >> bit & 1)
        picture[:_SQUARE_PX, columns] = _WHITE if is_set else _BLACK
        picture[_SQUARE_PX : 2 * _SQUARE_PX, columns] = _BLACK if is_set else _WHITE


def read_number(grey: npt.NDArray[Any]) -> int | None:
    """The number drawn in a picture, None where there is none.

    Args:
        grey: uint8 [height, width]: luma, or one channel of a colour picture.
    """
    half = _SQUARE_PX // 2
    if grey.shape[0] < 2 * _SQUARE_PX or grey.shape[1] < BITS * _SQUARE_PX:
        return None
    upper, lower = (grey[row, half : BITS * _SQUARE_PX : _SQUARE_PX].astype(int) for row in (half, half + _SQUARE_PX))
    if np.abs(upper - lower).min() < _LEAST_CONTRAST:
        return None
    return int(sum(1 << bit for bit, is_set in enumerate(upper > lower) if is_set))
