"""The painter's deferred buffers: colour, depth, normal and glow per pixel, shaded once at the end."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.district.geometry import Floats, PinholeCamera, on_ground

SHIFT = 4
FAR_M = 1e6


def fixed(pixels: Floats) -> NDArray[np.int32]:
    """Pixel coordinates in OpenCV's fixed point (4 fractional bits), bounded so that they cannot overflow."""
    return np.asarray(np.clip(pixels, -30000, 30000) * (1 << SHIFT), dtype=np.int32)


class Canvas:
    """Buffers of one view at `scale` times its size. Sky has depth FAR_M, ground is_ground True."""

    def __init__(self, camera: PinholeCamera, scale: int) -> None:
        self.view = camera
        self.camera = camera.scaled(scale)
        self.scale = scale
        height, width = self.camera.height_px, self.camera.width_px
        self.albedo = np.zeros((height, width, 3), np.uint8)
        self.glow = np.zeros((height, width, 3), np.uint8)
        self.shadow = np.zeros((height, width), np.uint8)
        self.normal = np.zeros((height, width), np.uint8)
        self.normals: list[Floats] = [np.array([0.0, 0.0, 1.0])]
        self.rays = self._rays()
        down = -self.rays[..., 2]
        with np.errstate(divide="ignore"):
            self.depth = np.where(down > 1e-5, camera.height_m / down, FAR_M).astype(np.float32)
        self.depth[self.depth > 4000.0] = FAR_M
        self.is_ground = self.depth < FAR_M
        self.standing = np.zeros((height, width), bool)

    def _rays(self) -> NDArray[np.float32]:
        height, width = self.camera.height_px, self.camera.width_px
        x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / np.float32(self.camera.focal_px)
        y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2) / np.float32(self.camera.focal_px)
        right, down, forward = (axis.astype(np.float32) for axis in self.camera.rotation)
        rays = x[None, :, None] * right + y[:, None, None] * down + forward
        return np.asarray(rays, dtype=np.float32)

    def normal_index(self, normal: Floats) -> int:
        self.normals.append(normal)
        return len(self.normals) - 1

    def ground_outline(self, points_m: object) -> NDArray[np.int32] | None:
        """Fixed-point outline of a ground polygon on this canvas, or None when it is behind the camera."""
        return self.outline(on_ground(points_m))

    def outline(self, polygon_m: Floats) -> NDArray[np.int32] | None:
        clipped = self.camera.clip_near(polygon_m)
        if len(clipped) < 3:
            return None
        return fixed(self.camera.project(clipped)[0])

    def fill_ground(self, target: NDArray[np.uint8], points_m: object, value: int) -> None:
        """Fills the ground polygon in a single-channel image of the canvas's size."""
        outline = self.ground_outline(points_m)
        if outline is not None:
            cv2.fillPoly(target, [outline], value, shift=SHIFT)

    def window(self, outline: NDArray[np.int32]) -> tuple[slice, slice] | None:
        """The rows and columns of the canvas that a fixed-point outline can touch."""
        low = np.floor(outline.min(axis=0) / (1 << SHIFT)).astype(int) - 2
        high = np.ceil(outline.max(axis=0) / (1 << SHIFT)).astype(int) + 3
        x0, x1 = max(int(low[0]), 0), min(int(high[0]), self.camera.width_px)
        y0, y1 = max(int(low[1]), 0), min(int(high[1]), self.camera.height_px)
        return (slice(y0, y1), slice(x0, x1)) if x1 > x0 and y1 > y0 else None
