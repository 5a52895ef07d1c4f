"""The pinhole camera over a metric ground plane: metres to pixels and back.

World axes of a scene: X to the right, Y away from the camera, Z up, origin on the ground under the camera; metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEAR_M = 0.4


@dataclass(frozen=True)
class PinholeCamera:
    """A fixed camera: height over the ground, tilt below the horizon, pan to the right, focal length in pixels."""

    height_m: float
    tilt_deg: float
    focal_px: float
    width_px: int = 1280
    height_px: int = 720
    pan_deg: float = 0.0

    @cached_property
    def rotation(self) -> Floats:
        """Rows: the camera's right, down and forward axes in world coordinates, shape (3, 3)."""
        tilt, pan = math.radians(self.tilt_deg), math.radians(self.pan_deg)
        level = np.array([math.sin(pan), math.cos(pan), 0.0])
        forward = math.cos(tilt) * level - math.sin(tilt) * np.array([0.0, 0.0, 1.0])
        right = np.array([math.cos(pan), -math.sin(pan), 0.0])
        return np.stack([right, np.cross(forward, right), forward])

    @cached_property
    def position_m(self) -> Floats:
        return np.array([0.0, 0.0, self.height_m])

    @cached_property
    def _matrix(self) -> Floats:
        """World to homogeneous pixels, transposed (3, 3)."""
        right, down, forward = self.rotation
        across = self.focal_px * right + self.width_px / 2 * forward
        return np.stack([across, self.focal_px * down + self.height_px / 2 * forward, forward], axis=1)

    @cached_property
    def _shift(self) -> Floats:
        return np.asarray(-self.position_m @ self._matrix)

    def may_show(self, x_m: float, y_m: float, reach_m: float) -> bool:
        """Whether anything within `reach_m` of a ground point can lie in the picture; quick, never wrongly False."""
        u, v, depth = map(float, np.array([x_m, y_m, 0.0]) @ self._matrix + self._shift)
        if depth < reach_m + NEAR_M:
            return depth > -reach_m
        margin = reach_m * self.focal_px / (depth - reach_m) * 1.2 + 4
        x, y = u / depth, v / depth
        return -margin < x < self.width_px + margin and -margin < y < self.height_px + margin

    @property
    def horizon_px(self) -> float:
        """Row of the horizon; may lie outside the picture."""
        return self.height_px / 2 - self.focal_px * math.tan(math.radians(self.tilt_deg))

    def scaled(self, factor: float) -> PinholeCamera:
        """The same view on a canvas `factor` times as large."""
        return PinholeCamera(
            self.height_m,
            self.tilt_deg,
            self.focal_px * factor,
            round(self.width_px * factor),
            round(self.height_px * factor),
            self.pan_deg,
        )

    def project(self, points_m: Floats) -> tuple[Floats, Floats]:
        """Pixels (N, 2) and depths along the optical axis (N,) of world points (N, 3).

        The pixels of points nearer than NEAR_M mean nothing: clip first (`clip_near`) what may lie behind the camera.
        """
        homogeneous = points_m @ self._matrix
        homogeneous += self._shift
        depth = homogeneous[:, 2]
        return homogeneous[:, :2] / np.maximum(depth, NEAR_M)[:, None], depth

    def rays(self, pixels: Floats) -> Floats:
        """World directions (N, 3) through pixels (N, 2), with length 1 along the optical axis."""
        local = np.empty((len(pixels), 3))
        local[:, 0] = (pixels[:, 0] - self.width_px / 2) / self.focal_px
        local[:, 1] = (pixels[:, 1] - self.height_px / 2) / self.focal_px
        local[:, 2] = 1.0
        return local @ self.rotation

    def ground_at(self, pixels: Floats) -> Floats:
        """Ground points (N, 2) in metres under pixels (N, 2); NaN at and above the horizon."""
        rays = self.rays(np.asarray(pixels, dtype=np.float64))
        down = -rays[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.where(down > 1e-9, self.height_m / down, np.nan)
        return np.asarray(rays[:, :2] * distance[:, None], dtype=np.float64)

    def clip_near(self, polygon_m: Floats) -> Floats:
        """The part of a polygon (N, 3) in front of the camera; (0, 3) when there is none."""
        depth = (polygon_m - self.position_m) @ self.rotation[2]
        if bool((depth > NEAR_M).all()):
            return polygon_m
        kept: list[Floats] = []
        for i in range(len(polygon_m)):
            j = (i + 1) % len(polygon_m)
            if depth[i] > NEAR_M:
                kept.append(polygon_m[i])
            if (depth[i] > NEAR_M) != (depth[j] > NEAR_M):
                share = (NEAR_M + 1e-6 - depth[i]) / (depth[j] - depth[i])
                kept.append(polygon_m[i] + share * (polygon_m[j] - polygon_m[i]))
        return np.array(kept) if len(kept) >= 3 else np.empty((0, 3))


def on_ground(points_m: object) -> Floats:
    """Ground points (N, 2) as world points (N, 3) at Z = 0."""
    flat = np.asarray(points_m, dtype=np.float64)
    return np.concatenate([flat, np.zeros((len(flat), 1))], axis=1)
