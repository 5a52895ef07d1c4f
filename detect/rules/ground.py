"""Picture points -> metres on the ground, by four points whose place is known; pure.

Source: Hartley and Zisserman, Multiple View Geometry (2nd ed.), section 4.1: the direct linear solution.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detect.rules.geometry import PointPx
from detect.rules.sighting import Picture

PointM = tuple[float, float]
_HORIZON = 1e-9


class GroundMap:
    """The homography of a camera whose ground is flat.

    Args:
        points: four pairs: a picture point as fractions 0-1, and where it lies, east and north in metres.
    """

    def __init__(self, points: Sequence[tuple[tuple[float, float], PointM]]) -> None:
        rows, targets = [], []
        for (u, v), (east_m, north_m) in points:
            rows += [[u, v, 1, 0, 0, 0, -east_m * u, -east_m * v], [0, 0, 0, u, v, 1, -north_m * u, -north_m * v]]
            targets += [east_m, north_m]
        solved = np.linalg.solve(np.array(rows), np.array(targets))
        self._matrix: npt.NDArray[np.float64] = np.append(solved, 1.0).reshape(3, 3)
        u, v = np.mean([picture for picture, _ in points], axis=0)
        self._side = float(np.sign(self._matrix[2] @ np.array([u, v, 1.0])))

    def to_ground(self, point: PointPx, picture: Picture) -> PointM | None:
        """Where a picture point lies, in metres; None at or above the horizon.

        Args:
            point: pixels.
            picture: size of the frame.
        """
        east, north, scale = self._matrix @ (point[0] / picture.width_px, point[1] / picture.height_px, 1.0)
        if scale * self._side <= _HORIZON:
            return None
        return float(east / scale), float(north / scale)
