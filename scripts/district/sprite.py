"""Draws one actor: its shaded picture with soft edges, its outline box, and its shadow on the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.district.background import Background
from scripts.district.geometry import Floats, PinholeCamera, on_ground
from scripts.district.shape import Face, Figure, placed

SHIFT = 3
ONE = 1 << SHIFT
Bytes = NDArray[np.uint8]
Outline = NDArray[np.int32]


@dataclass(frozen=True)
class Pose:
    """Where an actor stands (metres) and where it looks (radians from +X, counter-clockwise)."""

    x_m: float
    y_m: float
    heading_rad: float


@dataclass(frozen=True)
class Geometry:
    """An actor in the picture: its full box (may leave the frame), depth, and the pixel where it meets the ground."""

    box_xyxy: tuple[float, float, float, float]
    depth_m: float
    contact_px: tuple[float, float]


@dataclass(frozen=True)
class Sprite:
    """Premultiplied colour (h, w, 3) and coverage (h, w) of the part of an actor that lies in the frame, at x0, y0."""

    x0: int
    y0: int
    colour: Bytes
    cover: Bytes


class Projected:
    """A figure's points in the picture, computed once and used for its box, its sprite and its shadow."""

    def __init__(self, figure: Figure, pose: Pose, camera: PinholeCamera) -> None:
        self.figure, self.pose, self.camera = figure, pose, camera
        solid = figure.solid
        self.faces = solid.faces
        self.world = placed(solid.points, pose.x_m, pose.y_m, pose.heading_rad)
        self.pixels, self.depths = camera.project(self.world)
        self.n_ends, self.n_corners = solid.n_ends, solid.n_corners
        self.visible = bool(self.depths.min() > 0.8)

    def geometry(self) -> Geometry:
        low, high = [], []
        scale = self.camera.focal_px / np.maximum(self.depths, 0.1)
        if self.n_ends:
            reach = (self.figure.solid.capsule_radii * scale[: self.n_ends])[:, None]
            low.append((self.pixels[: self.n_ends] - reach).min(axis=0))
            high.append((self.pixels[: self.n_ends] + reach).max(axis=0))
        if self.n_corners:
            corners = self.pixels[self.n_ends : self.n_ends + self.n_corners]
            low.append(corners.min(axis=0))
            high.append(corners.max(axis=0))
        for i, ring in enumerate(self.figure.rings):
            at = self.n_ends + self.n_corners + i
            reach_up = ring.radius_m * scale[at]
            low.append(self.pixels[at] - [0, reach_up])
            high.append(self.pixels[at] + [0, reach_up])
        box_low, box_high = np.min(low, axis=0), np.max(high, axis=0)
        foot = self.footprint_px()
        contact = ((foot[:, 0].min() + foot[:, 0].max()) / 2, foot[:, 1].max())
        return Geometry(
            (float(box_low[0]), float(box_low[1]), float(box_high[0]), float(box_high[1])),
            float(self.camera.project(np.array([[self.pose.x_m, self.pose.y_m, 0.0]]))[1][0]),
            (float(contact[0]), float(contact[1])),
        )

    def footprint_px(self) -> Floats:
        a, b = self.figure.half_length_m, self.figure.half_width_m
        local = np.array([[a, b, 0], [a, -b, 0], [-a, -b, 0], [-a, b, 0]], dtype=np.float64)
        return self.camera.project(placed(local, self.pose.x_m, self.pose.y_m, self.pose.heading_rad))[0]


def shade_of(background: Background, pose: Pose, in_sun: float) -> tuple[Floats, Floats]:
    """(diffuse, sun) light on an actor, linear B, G, R."""
    diffuse = background.lit(pose.x_m, pose.y_m)
    return diffuse, np.array(background.light.sun_bgr) * in_sun


def displayed(colours: Floats, light: Floats, background: Background, depth_m: float) -> Floats:
    """Display colours (N, 3) of surfaces under a light (N, 3), through haze and the tone curve."""
    linear = np.power(np.clip(colours, 0, 255) / 255, 2.2) * light
    haze = 1 - math.exp(-depth_m / background.light.haze_m)
    linear = linear + haze * (np.array(background.light.horizon_bgr) - linear)
    curved = 1 - np.exp(-1.45 * background.light.exposure * np.maximum(linear, 0))
    return np.asarray(np.clip(np.power(curved, 1 / 2.2) * 262, 0, 255))


def draw_sprite(
    projected: Projected, geometry: Geometry, background: Background, in_sun: float, burning: bool
) -> Sprite | None:
    """Rasterises the figure inside the frame, at 1 to 4 times its size, and shrinks it."""
    camera = background.camera
    x0, y0 = max(math.floor(geometry.box_xyxy[0]) - 2, 0), max(math.floor(geometry.box_xyxy[1]) - 2, 0)
    x1 = min(math.ceil(geometry.box_xyxy[2]) + 2, camera.width_px)
    y1 = min(math.ceil(geometry.box_xyxy[3]) + 2, camera.height_px)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return None
    area = (x1 - x0) * (y1 - y0)
    zoom = 4 if area < 5000 else 2 if area < 80000 else 1
    big = np.zeros(((y1 - y0) * zoom, (x1 - x0) * zoom, 4), np.uint8)
    pixels = (projected.pixels - [x0, y0]) * zoom
    scale = camera.focal_px * zoom / np.maximum(projected.depths, 0.1)
    light = shade_of(background, projected.pose, in_sun)
    items = _capsule_items(projected, pixels, scale, light, background, geometry.depth_m)
    items += _ring_items(projected, pixels, scale, light, background, geometry.depth_m)
    items += _part_items(projected, pixels, light, background, geometry.depth_m, burning)
    items.sort(key=lambda item: (item[0], -item[1]))
    edge = cv2.LINE_AA if zoom == 1 else cv2.LINE_8
    for _, _, strokes in items:
        for stroke in strokes:
            stroke.onto(big, edge)
    small = big if zoom == 1 else cv2.resize(big, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return Sprite(x0, y0, np.ascontiguousarray(small[..., :3]), np.ascontiguousarray(small[..., 3]))


@dataclass(frozen=True)
class _Polygon:
    outline: Outline
    colour: tuple[float, float, float, float]

    def onto(self, target: Bytes, edge: int) -> None:
        cv2.fillPoly(target, [self.outline], self.colour, edge, SHIFT)


@dataclass(frozen=True)
class _Bar:
    start: list[int]
    end: list[int]
    width: int
    colour: tuple[float, float, float, float]

    def onto(self, target: Bytes, edge: int) -> None:
        cv2.line(target, self.start, self.end, self.colour, self.width, edge, SHIFT)


@dataclass(frozen=True)
class _Hoop:
    centre: tuple[int, int]
    axes: tuple[int, int]
    angle_deg: float
    width: int
    colour: tuple[float, float, float, float]

    def onto(self, target: Bytes, edge: int) -> None:
        cv2.ellipse(target, self.centre, self.axes, self.angle_deg, 0, 360, self.colour, self.width, edge, SHIFT)


_Stroke = _Polygon | _Bar | _Hoop
_Item = tuple[int, float, list[_Stroke]]


def _rgba(bgr: Floats) -> tuple[float, float, float, float]:
    return (float(bgr[0]), float(bgr[1]), float(bgr[2]), 255.0)


def _capsule_items(
    projected: Projected,
    pixels: Floats,
    scale: Floats,
    light: tuple[Floats, Floats],
    background: Background,
    depth_m: float,
) -> list[_Item]:
    """Limbs as round-ended strokes: a shaded one, and on it a narrower lit one towards the sun."""
    solid = projected.figure.solid
    count = len(solid.capsule_colours)
    if not count:
        return []
    diffuse, sun = light
    shade = displayed(solid.capsule_colours, diffuse * 0.74 + sun * 0.20, background, depth_m).tolist()
    lit = displayed(solid.capsule_colours, diffuse * 0.98 + sun * 0.72, background, depth_m).tolist()
    side = (background.camera.rotation @ background.light.to_sun)[:2]
    sunny = float(sun.sum()) > 0.3
    offset = side / max(math.hypot(*side), 1e-6) * 0.30 if sunny else np.array([0.0, -0.25])
    ends = pixels[: 2 * count]
    radii = solid.capsule_radii * scale[: 2 * count]
    mean = radii.reshape(-1, 2).mean(axis=1)
    broad = np.maximum(np.rint(mean * 2), 1).astype(int).tolist()
    narrow = np.maximum(np.rint(mean * 1.36), 1).astype(int).tolist()
    points = (ends * ONE).astype(int).tolist()
    raised = ((ends + offset * radii[:, None]) * ONE).astype(int).tolist()
    depths = projected.depths[: 2 * count].reshape(-1, 2).mean(axis=1).tolist()
    items: list[_Item] = []
    for i in range(count):
        strokes: list[_Stroke] = [_Bar(points[2 * i], points[2 * i + 1], broad[i], (*shade[i], 255.0))]
        if broad[i] > 3:
            strokes.append(_Bar(raised[2 * i], raised[2 * i + 1], narrow[i], (*lit[i], 255.0)))
        items.append((0, depths[i], strokes))
    return items


def _ring_items(
    projected: Projected,
    pixels: Floats,
    scale: Floats,
    light: tuple[Floats, Floats],
    background: Background,
    depth_m: float,
) -> list[_Item]:
    items: list[_Item] = []
    start = projected.n_ends + projected.n_corners
    heading = projected.pose.heading_rad
    for i, ring in enumerate(projected.figure.rings):
        at = start + i
        ahead = projected.world[at] + np.array([math.cos(heading), math.sin(heading), 0.0]) * ring.radius_m
        tip = (projected.camera.project(ahead[None])[0][0] - projected.pixels[at]) * (
            scale[at] / _unit_scale(projected, at)
        )
        colour = displayed(np.array([ring.colour]), light[0] * 0.8 + light[1] * 0.4, background, depth_m)[0]
        radius = ring.radius_m * scale[at]
        axes = (max(int(abs(tip[0]) * ONE), ONE // 2), max(int(radius * ONE), ONE))
        width = max(round(float(ring.width_m * scale[at] * 1.3)), 1)
        centre = (int(pixels[at][0] * ONE), int(pixels[at][1] * ONE))
        items.append((0, float(projected.depths[at]), [_Hoop(centre, axes, 0.0, width, _rgba(colour))]))
    return items


def _unit_scale(projected: Projected, at: int) -> float:
    return float(projected.camera.focal_px / max(float(projected.depths[at]), 0.1))


def _part_items(
    projected: Projected,
    pixels: Floats,
    light: tuple[Floats, Floats],
    background: Background,
    depth_m: float,
    burning: bool,
) -> list[_Item]:
    faces = projected.faces
    if not faces:
        return []
    c, s = math.cos(projected.pose.heading_rad), math.sin(projected.pose.heading_rad)
    solid = projected.figure.solid
    local = solid.normals
    normals = np.stack([local[:, 0] * c + local[:, 1] * s, local[:, 0] * s - local[:, 1] * c, local[:, 2]], axis=1)
    diffuse, sun = light
    facing = np.maximum(normals @ background.light.to_sun, 0)
    glint = 0.16 * np.maximum(normals[:, 2], 0)
    level = (0.62 + 0.38 * normals[:, 2] + glint)[:, None] * diffuse + facing[:, None] * sun
    colours = displayed(solid.face_colours, level, background, depth_m)
    corners = (pixels[projected.n_ends : projected.n_ends + projected.n_corners] * ONE).astype(np.int32)
    toward = background.camera.position_m - projected.world[solid.first_corners]
    turned = ((toward * normals).sum(axis=1) > 0).tolist()
    items: list[_Item] = []
    at, number = 0, 0
    for part in projected.figure.parts:
        strokes: list[_Stroke] = []
        first = at
        for face in part.faces:
            if turned[number]:
                colour = _face_colour(face, colours[number], burning)
                strokes.append(_Polygon(corners[at : at + len(face.points)], _rgba(colour)))
            at += len(face.points)
            number += 1
        span = slice(projected.n_ends + first, projected.n_ends + at)
        items.append((part.tier, float(projected.depths[span].mean()), strokes))
    return items


def _face_colour(face: Face, shaded: Floats, burning: bool) -> Floats:
    if face.glow <= 0 or not burning:
        return shaded
    return np.asarray(shaded * (1 - face.glow) + np.clip(np.array(face.colour) * 1.5, 0, 255) * face.glow)


def shadow_mask(projected: Projected, background: Background, in_sun: float) -> tuple[int, int, Bytes] | None:
    """(x0, y0, darkness 0..255) of the actor's shadow: cast by the sun, and where it touches the ground."""
    light, camera = background.light, background.camera
    cast = light.shadow * in_sun if light.shadow > 0.3 else 0.0
    foot = projected.footprint_px()
    spread = [foot]
    ends = hull = None
    if cast > 0.25:
        sun = light.to_sun
        ground = projected.world[:, :2] - np.outer(projected.world[:, 2], sun[:2] / max(sun[2], 0.15))
        flat = camera.project(on_ground(ground))[0]
        corners = flat[projected.n_ends : projected.n_ends + projected.n_corners]
        if projected.n_ends:
            ends = flat[: projected.n_ends]
            spread.append(ends)
        elif len(corners):
            hull = np.asarray(cv2.convexHull(corners.astype(np.float32)).reshape(-1, 2), dtype=np.float64)
            spread.append(hull)
    everything = np.concatenate(spread)
    low, high = np.floor(everything.min(axis=0)).astype(int) - 5, np.ceil(everything.max(axis=0)).astype(int) + 6
    x0, y0 = max(int(low[0]), 0), max(int(low[1]), 0)
    x1, y1 = min(int(high[0]), camera.width_px), min(int(high[1]), camera.height_px)
    if x1 - x0 < 3 or y1 - y0 < 3 or (x1 - x0) * (y1 - y0) > 900_000:
        return None
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(mask, [((foot - [x0, y0]) * ONE).astype(np.int32)], 120.0, cv2.LINE_AA, SHIFT)
    if hull is not None:
        cv2.fillPoly(mask, [((hull - [x0, y0]) * ONE).astype(np.int32)], 205.0 * cast, cv2.LINE_AA, SHIFT)
    if ends is not None:
        points = ((ends - [x0, y0]) * ONE).astype(int).tolist()
        scale = camera.focal_px / np.maximum(projected.depths[: projected.n_ends], 0.5)
        widths = (projected.figure.solid.capsule_radii * scale).reshape(-1, 2).mean(axis=1) * 1.6
        for i, width in enumerate(np.maximum(np.rint(widths), 1).astype(int).tolist()):
            cv2.line(mask, points[2 * i], points[2 * i + 1], 205.0 * cast, width, cv2.LINE_AA, SHIFT)
    wide = 5 if (x1 - x0) > 90 else 3
    return x0, y0, np.asarray(cv2.blur(mask, (wide, wide)), dtype=np.uint8)
