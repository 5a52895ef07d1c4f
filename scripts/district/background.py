"""A camera's empty picture: painted once, shaded by the light, with what can hide an actor and what lights it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.district.canvas import FAR_M, Canvas
from scripts.district.geometry import Floats, PinholeCamera
from scripts.district.ground_paint import paint_ground
from scripts.district.light import Light
from scripts.district.noise import fractal_tile, sample
from scripts.district.scene import Scene
from scripts.district.structures import (
    draw_block,
    draw_fence,
    draw_pole,
    draw_tree,
    shadow_block,
    shadow_fence,
    shadow_pole,
    shadow_tree,
)

SCALE = 2
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Lamp:
    """A street lamp as actors see it: position (3,) and linear B, G, R strength."""

    position_m: Floats
    colour: Floats


@dataclass
class Background:
    """The empty picture `bgr` (H, W, 3) uint8, and per pixel the nearest standing thing.

    `hide_depth` (H, W) float32 is its depth in metres, `hide_cover` (H, W) uint8 how much of the pixel it fills.
    """

    bgr: NDArray[np.uint8]
    hide_depth: Array
    hide_cover: NDArray[np.uint8]
    camera: PinholeCamera
    light: Light
    lamps: tuple[Lamp, ...]

    def lit(self, x_m: float, y_m: float, height_m: float = 1.0) -> Floats:
        """Diffuse light (B, G, R) that an upright thing at this place receives, without direct sun."""
        total = np.array(self.light.sky_bgr, dtype=np.float64)
        for lamp in self.lamps:
            gap = lamp.position_m - np.array([x_m, y_m, height_m])
            total = total + lamp.colour * 0.75 / (6.0 + float(gap @ gap))
        return total


def tone_map(linear: Array, exposure: float) -> NDArray[np.uint8]:
    """Linear light to display values."""
    curved = 1 - np.exp(-1.45 * exposure * np.maximum(linear, 0))
    return np.asarray(np.clip(np.power(curved, 1 / 2.2) * 262, 0, 255), dtype=np.uint8)


def linear_of(bgr: NDArray[np.uint8]) -> Array:
    table = np.power(np.arange(256) / 255, 2.2).astype(np.float32)
    return np.asarray(table[bgr], dtype=np.float32)


def lamps_of(scene: Scene, light: Light) -> tuple[Lamp, ...]:
    if light.lamps <= 0:
        return ()
    return tuple(
        Lamp(np.array([p.x_m + p.arm_m * 1.1, p.y_m, p.height_m]), np.array(p.colour) * 26 * light.lamps)
        for p in scene.poles
        if p.lamp
    )


def make_background(scene: Scene, camera: PinholeCamera, light: Light, seed: int) -> Background:
    """Paints and shades the empty scene; takes a second or so."""
    canvas = Canvas(camera, SCALE)
    index = paint_ground(canvas, scene, seed)
    water = index == 7
    for block in scene.blocks:
        shadow_block(canvas, block, light)
    for fence in scene.fences:
        shadow_fence(canvas, fence, light)
    for number, tree in enumerate(scene.trees):
        shadow_tree(canvas, tree, light, seed + number)
    for pole in scene.poles:
        shadow_pole(canvas, pole, light)
    for block in scene.blocks:
        draw_block(canvas, block)
    for fence in scene.fences:
        draw_fence(canvas, fence)
    for number, tree in enumerate(scene.trees):
        draw_tree(canvas, tree, light, seed + number)
    for pole in scene.poles:
        draw_pole(canvas, pole, light.lamps > 0)
    lamps = lamps_of(scene, light)
    linear = _shade(canvas, light, lamps)
    linear = _wet(canvas, linear, light, water)
    linear = _sky(canvas, linear, light, scene.hills_m, seed)
    linear = _bloom(canvas, linear, light)
    picture = tone_map(linear, light.exposure)
    small = cv2.resize(picture, (camera.width_px, camera.height_px), interpolation=cv2.INTER_AREA)
    cover = cv2.resize(
        canvas.standing.astype(np.uint8) * 255, (camera.width_px, camera.height_px), interpolation=cv2.INTER_AREA
    )
    standing_depth = np.where(canvas.standing, canvas.depth, FAR_M).astype(np.float32)
    nearest = standing_depth.reshape(camera.height_px, SCALE, camera.width_px, SCALE).min(axis=(1, 3))
    return Background(np.asarray(small), nearest, np.asarray(cover), camera, light, lamps)


def _shade(canvas: Canvas, light: Light, lamps: tuple[Lamp, ...]) -> Array:
    normals = np.stack(canvas.normals).astype(np.float32)
    if len(normals) > 256:
        normals = normals[:256]
    sun = light.to_sun.astype(np.float32)
    facing = np.maximum(normals @ sun, 0)[canvas.normal]
    upward = (0.62 + 0.38 * normals[:, 2])[canvas.normal]
    soft = cv2.GaussianBlur(canvas.shadow, (0, 0), 2.2).astype(np.float32) / 255
    soft[~canvas.is_ground] = 0
    linear = linear_of(canvas.albedo)
    sunlight = facing * (1 - soft * light.shadow)
    skylight = upward * (1 - 0.35 * soft)
    shade = sunlight[..., None] * np.array(light.sun_bgr, np.float32) + skylight[..., None] * np.array(
        light.sky_bgr, np.float32
    )
    if lamps:
        shade += _lamp_light(canvas, lamps, normals)
    linear *= shade
    linear += linear_of(canvas.glow) * np.float32(1.3 * light.lamps)
    haze = 1 - np.exp(-canvas.depth / light.haze_m)
    haze[canvas.depth >= FAR_M] = 0
    linear += haze[..., None] * (np.array(light.horizon_bgr, np.float32) - linear)
    return linear


def _lamp_light(canvas: Canvas, lamps: tuple[Lamp, ...], normals: Array) -> Array:
    """Light of all lamps per pixel, at half resolution of the canvas."""
    rays, depth = canvas.rays[::2, ::2], np.minimum(canvas.depth[::2, ::2], 500)
    points = rays * depth[..., None] + canvas.camera.position_m.astype(np.float32)
    facing = normals[canvas.normal[::2, ::2]]
    total = np.zeros_like(points)
    for lamp in lamps:
        gap = lamp.position_m.astype(np.float32) - points
        square = (gap * gap).sum(axis=-1)
        cosine = np.maximum((gap * facing).sum(axis=-1) / np.sqrt(square), 0.0)
        downward = np.clip(gap[..., 2] / np.sqrt(square), 0, 1)
        total += (cosine * downward / (6.0 + square))[..., None] * lamp.colour.astype(np.float32)
    return np.asarray(cv2.resize(total, (canvas.camera.width_px, canvas.camera.height_px)), np.float32)


def _wet(canvas: Canvas, linear: Array, light: Light, water: NDArray[np.bool_]) -> Array:
    """Rain darkens the ground and turns it into a rough mirror; water mirrors always."""
    if light.wet <= 0 and not water.any():
        return linear
    height = linear.shape[0]
    horizon = canvas.camera.horizon_px
    rows = np.arange(height, dtype=np.float32)
    mirrored = np.clip(horizon - (rows - horizon) * 0.42, 0, height - 1)
    mirror = cv2.GaussianBlur(linear, (0, 0), sigmaX=5, sigmaY=16)[mirrored.astype(int)]
    if float(horizon) < 4:
        mirror = np.broadcast_to(np.array(light.horizon_bgr, np.float32), linear.shape)
    mirror = np.maximum(mirror, np.array(light.horizon_bgr, np.float32) * 0.5)
    slope = np.clip((rows - horizon) / max(height - horizon, 1), 0, 1)
    fresnel = (0.10 + 0.55 * (1 - slope) ** 2)[:, None]
    amount = np.zeros(linear.shape[:2], np.float32)
    if light.wet > 0:
        rays, depth = canvas.rays, canvas.depth
        puddles = sample(
            fractal_tile(14, 1.3), rays[..., 0] * np.minimum(depth, 300), rays[..., 1] * np.minimum(depth, 300), 9
        )
        amount[canvas.is_ground] = (fresnel * (0.55 + 0.6 * np.clip(puddles, 0, 1)))[canvas.is_ground]
        linear[canvas.is_ground] *= 0.58
    amount[water & canvas.is_ground] = np.broadcast_to(fresnel + 0.25, amount.shape)[water & canvas.is_ground]
    return np.asarray(linear + amount[..., None] * (mirror - linear * 0.6), np.float32)


def _sky(canvas: Canvas, linear: Array, light: Light, hills_m: float, seed: int) -> Array:
    """Sky gradient, clouds and a ridge of hazy hills where nothing else is."""
    sky = canvas.depth >= FAR_M
    if not sky.any():
        return linear
    rays = canvas.rays[sky]
    elevation = np.clip(rays[:, 2] / np.linalg.norm(rays[:, :2], axis=1), 0, None)
    blend = np.clip(elevation / 0.32, 0, 1)[:, None] ** 0.7
    horizon, zenith = np.array(light.horizon_bgr, np.float32), np.array(light.zenith_bgr, np.float32)
    colour = horizon * (1 - blend) + zenith * blend
    plane_x, plane_y = rays[:, 0] / (elevation + 0.08), rays[:, 1] / (elevation + 0.08)
    cloud = sample(fractal_tile(20 + seed % 5, 1.45), plane_x, plane_y, 42)
    cover = np.clip((cloud + 2.2 * light.clouds - 1.1) * 0.6, 0, 1)[:, None] * light.clouds
    white = horizon * 1.02 if light.night or light.rain else np.maximum(horizon, 0.9)
    colour = colour * (1 - cover) + white * cover * (0.92 + 0.08 * np.clip(cloud, -1, 1))[:, None]
    bearing = np.arctan2(rays[:, 0], rays[:, 1])
    for layer, (height, fade) in enumerate(((1.0, 0.72), (0.55, 0.5))):
        ridge = sample(fractal_tile(30 + layer, 1.5), bearing, bearing * 0 + seed % 97 + layer * 11, 300)
        top = height * hills_m / 900 * (1 + 0.33 * ridge)
        hill = elevation < top
        tone = np.array((0.16, 0.17, 0.17), np.float32) * (np.array(light.sky_bgr) + np.array(light.sun_bgr) * 0.5)
        colour[hill] = (tone * (1 - fade) + horizon * fade).astype(np.float32)
    linear[sky] = colour
    return linear


def _bloom(canvas: Canvas, linear: Array, light: Light) -> Array:
    """Glare around lamps and lit signs, and the lens's fall-off to the corners."""
    if light.lamps > 0:
        bright = linear_of(canvas.glow)
        quarter = cv2.resize(bright, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        glare = cv2.GaussianBlur(quarter, (0, 0), 4) + 0.9 * cv2.GaussianBlur(quarter, (0, 0), 16)
        linear = linear + cv2.resize(glare, (linear.shape[1], linear.shape[0])) * np.float32(1.1 * light.lamps)
    height, width = linear.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * 0.62
    return np.asarray(linear * (1 - 0.20 * (x * x + y * y))[..., None], np.float32)
