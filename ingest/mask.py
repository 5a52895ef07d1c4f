"""Privacy masks: polygons of a camera blackened on the planes of a picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]
Polygon = Sequence[tuple[float, float]]

BLACK_LUMA = 16
FULL_RANGE_BLACK_LUMA = 0
NEUTRAL_CHROMA = 128


class PrivacyMask:
    """Polygons (fractions 0-1 of the picture) as pixel masks, made once per picture size."""

    def __init__(self, polygons: Sequence[Polygon]) -> None:
        self._polygons = [np.asarray(polygon, dtype=np.float64) for polygon in polygons]
        self._size_wh: tuple[int, int] = (0, 0)
        self._luma: npt.NDArray[np.bool_] = np.zeros((0, 0), dtype=np.bool_)
        self._chroma: npt.NDArray[np.bool_] = np.zeros((0, 0), dtype=np.bool_)

    def __bool__(self) -> bool:
        return bool(self._polygons)

    def blacken(self, y: Plane, u: Plane, v: Plane, *, full_range: bool = False) -> None:
        """Paint the polygons black, in place.

        Args:
            y: luma, height x width. u, v: chroma, half of it each way, rounded up (I420).
            full_range: black is 0 instead of 16 (BT.601/709 ranges).
        """
        if not self._polygons:
            return
        height_px, width_px = y.shape
        if self._size_wh != (width_px, height_px):
            self._rasterise(width_px, height_px, u.shape)
        y[self._luma] = FULL_RANGE_BLACK_LUMA if full_range else BLACK_LUMA
        u[self._chroma] = NEUTRAL_CHROMA
        v[self._chroma] = NEUTRAL_CHROMA

    def _rasterise(self, width_px: int, height_px: int, chroma_shape: tuple[int, ...]) -> None:
        luma = np.zeros((height_px, width_px), dtype=np.uint8)
        for polygon in self._polygons:
            corners = np.rint(polygon * (width_px, height_px)).astype(np.int32)
            cv2.fillPoly(luma, [corners], (255,))
        luma = cv2.dilate(luma, np.ones((3, 3), dtype=np.uint8)).astype(np.uint8, copy=False)
        chroma = cv2.resize(luma, (chroma_shape[1], chroma_shape[0]), interpolation=cv2.INTER_AREA) > 0
        self._chroma = chroma
        # The luma above a masked chroma sample goes too, so that no coloured or grey rim of the hidden thing is left.
        self._luma = np.repeat(np.repeat(chroma, 2, axis=0), 2, axis=1)[:height_px, :width_px] | (luma > 0)
        self._size_wh = (width_px, height_px)
