"""Things that stand: buildings, fences, poles and trees, drawn into the deferred buffers with their shadows."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.district.canvas import SHIFT, Canvas, fixed
from scripts.district.facade import STYLES, Wall
from scripts.district.geometry import Floats
from scripts.district.ground_paint import draw_shadow
from scripts.district.light import Light
from scripts.district.scene import Block, Fence, Pole, Tree

Colour = tuple[int, int, int]


def corners(block: Block) -> Floats:
    """The footprint, counter-clockwise, shape (4, 2)."""
    yaw = math.radians(block.yaw_deg)
    axes = np.array([[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]])
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [block.width_m / 2, block.depth_m / 2]
    return np.asarray(half @ axes + [block.x_m, block.y_m])


def draw_block(canvas: Canvas, block: Block) -> None:
    """The faces of a box that look at the camera."""
    foot = corners(block)
    top_m = block.base_m + block.height_m
    for i in range(4):
        a, b = foot[i], foot[(i + 1) % 4]
        along = (b - a) / np.linalg.norm(b - a)
        normal = np.array([along[1], -along[0], 0.0])
        quad = np.array([[*a, block.base_m], [*b, block.base_m], [*b, top_m], [*a, top_m]])
        draw_face(canvas, quad, normal, block.style, block.tint, block.seed + i)
    roof = np.concatenate([foot, np.full((4, 1), top_m)], axis=1)
    draw_face(canvas, roof, np.array([0.0, 0.0, 1.0]), "plain", block.tint, block.seed)
    if block.base_m > 0.5:
        below = np.concatenate([foot[::-1], np.full((4, 1), block.base_m)], axis=1)
        draw_face(canvas, below, np.array([0.0, 0.0, -1.0]), "plain", block.tint, block.seed)


def draw_face(canvas: Canvas, quad: Floats, normal: Floats, style: str, tint: Colour, seed: int) -> None:
    """One planar quad with a facade style, tested against the depth buffer."""
    eye = canvas.camera.position_m
    if float(np.dot(eye - quad[0], normal)) <= 0:
        return
    outline = canvas.outline(quad)
    window = canvas.window(outline) if outline is not None else None
    if outline is None or window is None:
        return
    rows, columns = window
    inside = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    shifted = outline - np.array([columns.start, rows.start], np.int32) * (1 << SHIFT)
    cv2.fillPoly(inside, [shifted], 255, shift=SHIFT)
    rays = canvas.rays[window]
    facing = rays @ normal.astype(np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.float32(np.dot(quad[0] - eye, normal)) / facing
    seen = (inside > 0) & (depth > 0.2) & (depth < canvas.depth[window])
    if not seen.any():
        return
    points = rays[seen] * depth[seen][:, None] + eye.astype(np.float32)
    along = (quad[1] - quad[0]) / np.linalg.norm(quad[1] - quad[0])
    up = (quad[3] - quad[0]) / np.linalg.norm(quad[3] - quad[0])
    relative = points - quad[0].astype(np.float32)
    size_m = (float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0])))
    wall = Wall(relative @ along.astype(np.float32), relative @ up.astype(np.float32), size_m, tint, seed)
    STYLES[style](wall)
    store(canvas, window, seen, wall.colour, depth, canvas.normal_index(normal), wall.glow)


def store(
    canvas: Canvas,
    window: tuple[slice, slice],
    seen: NDArray[np.bool_],
    colour: object,
    depth: object,
    normal: int,
    glow: NDArray[np.float32] | None = None,
) -> None:
    """Writes the pixels `seen` of a window into the buffers."""
    canvas.albedo[window][seen] = np.clip(np.asarray(colour), 0, 255).astype(np.uint8)
    canvas.glow[window][seen] = 0 if glow is None else np.clip(glow, 0, 255).astype(np.uint8)
    depths = np.asarray(depth, np.float32)
    canvas.depth[window][seen] = depths[seen] if depths.ndim else depths
    canvas.normal[window][seen] = normal % 256
    canvas.is_ground[window][seen] = False
    canvas.standing[window][seen] = True


def shadow_block(canvas: Canvas, block: Block, light: Light) -> None:
    foot = corners(block)
    if light.shadow > 0.3 and light.sun_elevation_deg > 3:
        slide = _slide(light)
        points = np.concatenate([foot + slide * block.base_m, foot + slide * (block.base_m + block.height_m)])
        draw_shadow(canvas, _hull(points))
    if block.base_m < 0.3:
        centre = foot.mean(axis=0)
        for reach, strength in ((1.1, 60), (0.45, 110)):
            grown = (
                centre + (foot - centre) * (1 + reach / np.maximum(np.linalg.norm(foot - centre, axis=1), 0.5))[:, None]
            )
            soft = np.zeros_like(canvas.shadow)
            canvas.fill_ground(soft, grown, strength)
            np.maximum(canvas.shadow, soft, out=canvas.shadow)


def _slide(light: Light) -> Floats:
    """How far a shadow moves on the ground for each metre of height, (2,)."""
    sun = light.to_sun
    return np.asarray(-sun[:2] / max(sun[2], 0.12))


def _hull(points: Floats) -> Floats:
    return np.asarray(cv2.convexHull(points.astype(np.float32)).reshape(-1, 2), dtype=np.float64)


def _stroke(
    canvas: Canvas, ends_m: Floats, width_m: float, colour: Colour, glow: Colour | None = None, floor_px: float = 1.0
) -> None:
    """A straight bar of a given thickness between two world points."""
    clipped, depth = canvas.camera.project(ends_m)
    if depth.min() < 0.5:
        return
    thickness = max(width_m * canvas.camera.focal_px / float(depth.mean()), floor_px)
    side = clipped[1] - clipped[0]
    length = float(np.hypot(*side))
    if length < 0.5:
        return
    across = np.array([-side[1], side[0]]) / length * thickness / 2
    outline = fixed(np.array([clipped[0] + across, clipped[1] + across, clipped[1] - across, clipped[0] - across]))
    window = canvas.window(outline)
    if window is None:
        return
    rows, columns = window
    inside = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    cv2.fillPoly(inside, [outline - np.array([columns.start, rows.start], np.int32) * (1 << SHIFT)], 255, shift=SHIFT)
    nearest = float(depth.min())
    seen = (inside > 0) & (nearest - 0.05 < canvas.depth[window])
    if not seen.any():
        return
    lit = None if glow is None else np.repeat(np.array([glow], np.float32), int(seen.sum()), axis=0)
    offset = (np.nonzero(seen)[1] + columns.start + 0.5 - clipped[:, 0].mean()) / max(thickness, 1.5)
    round_shade = 0.78 + 0.35 * np.clip(0.5 - offset, 0, 1) if thickness > 3 and abs(side[1]) > abs(side[0]) else 1.0
    tone = np.array([colour], np.float32) * (np.asarray(round_shade)[..., None] if thickness > 3 else 1.0)
    store(canvas, window, seen, np.broadcast_to(tone, (int(seen.sum()), 3)), nearest, _upright(canvas), lit)


def _upright(canvas: Canvas) -> int:
    """Index of the normal that faces the camera, slightly upwards."""
    if len(canvas.normals) < 2:
        canvas.normals.append(np.array([0.0, -0.8, 0.6]))
    return 1


def draw_fence(canvas: Canvas, fence: Fence) -> None:
    """Posts and pales, mesh wires, rails, or a wall with a coping."""
    for a, b in zip(fence.points, fence.points[1:], strict=False):
        start, end = np.array(a, float), np.array(b, float)
        length = float(np.linalg.norm(end - start))
        if fence.style == "wall":
            _wall(canvas, start, end, fence.height_m)
            continue
        pitch = {"pales": 0.14, "mesh": 0.22, "rail": 2.0}[fence.style]
        posts = 2.0 if fence.style == "rail" else 3.0
        bars = {"pales": (0.25, 0.9), "mesh": (0.02, 0.33, 0.66, 0.98), "rail": (0.45, 0.72, 0.98)}[fence.style]
        metal: Colour = {"pales": (92, 96, 92), "mesh": (150, 156, 154), "rail": (205, 208, 208)}[fence.style]
        for share in bars:
            height = share * fence.height_m
            _bar(canvas, start, end, height, 0.05 if fence.style != "rail" else 0.08, metal)
        if fence.style != "rail":
            for i in range(int(length / pitch)):
                foot = start + (end - start) * (i * pitch / length)
                lean = (end - start) / length * (fence.height_m * 0.5 if fence.style == "mesh" else 0)
                ends = np.array([[*foot, 0.08], [*(foot + lean), fence.height_m]])
                _stroke(canvas, ends, 0.012 if fence.style == "mesh" else 0.028, metal)
        for i in range(int(length / posts) + 1):
            foot = start + (end - start) * min(i * posts / length, 1.0)
            _stroke(canvas, np.array([[*foot, 0], [*foot, fence.height_m * 1.04]]), 0.09, metal)
        if fence.style == "mesh":
            _bar(canvas, start, end, fence.height_m + 0.2, 0.02, metal)
            _bar(canvas, start, end, fence.height_m + 0.38, 0.02, metal)


def _bar(canvas: Canvas, start: Floats, end: Floats, height_m: float, width_m: float, colour: Colour) -> None:
    """A horizontal bar, in pieces, so that depth and thickness follow the perspective."""
    pieces = max(int(np.linalg.norm(end - start) / 1.5), 1)
    steps = np.linspace(0, 1, pieces + 1)
    for low, high in itertools.pairwise(steps):
        p, q = start + (end - start) * low, start + (end - start) * high
        _stroke(canvas, np.array([[*p, height_m], [*q, height_m]]), width_m, colour)


def _wall(canvas: Canvas, start: Floats, end: Floats, height_m: float) -> None:
    middle, side = (start + end) / 2, end - start
    length = float(np.linalg.norm(side))
    yaw = math.degrees(math.atan2(side[1], side[0]))
    x, y = float(middle[0]), float(middle[1])
    draw_block(canvas, Block(x, y, length, 0.24, height_m, "plain", (178, 196, 206), 0.0, yaw, 3))
    draw_block(canvas, Block(x, y, length + 0.1, 0.36, 0.12, "plain", (120, 128, 150), height_m, yaw, 4))


def shadow_fence(canvas: Canvas, fence: Fence, light: Light) -> None:
    if light.shadow < 0.3:
        return
    slide = _slide(light)
    strength = {"wall": 255, "pales": 110, "mesh": 55, "rail": 40}[fence.style]
    for a, b in zip(fence.points, fence.points[1:], strict=False):
        start, end = np.array(a, float), np.array(b, float)
        quad = np.array([start, end, end + slide * fence.height_m, start + slide * fence.height_m])
        soft = np.zeros_like(canvas.shadow)
        canvas.fill_ground(soft, quad, strength)
        np.maximum(canvas.shadow, soft, out=canvas.shadow)


def draw_pole(canvas: Canvas, pole: Pole, burning: bool) -> None:
    """A mast; lamps get a head that glows when burning, tops a camera, a signal or a sign."""
    foot = np.array([pole.x_m, pole.y_m])
    _stroke(canvas, np.array([[*foot, 0], [*foot, pole.height_m]]), 0.13, (138, 142, 142))
    tip = foot + np.array([pole.arm_m, 0])
    if abs(pole.arm_m) > 0.1:
        _stroke(canvas, np.array([[*foot, pole.height_m], [*tip, pole.height_m + 0.25]]), 0.08, (138, 142, 142))
    head_m = pole.height_m + (0.25 if abs(pole.arm_m) > 0.1 else 0)
    if pole.lamp:
        reach = math.copysign(0.45, pole.arm_m or 1.0)
        ends = np.array([[*tip, head_m], [tip[0] + reach, tip[1], head_m + 0.03]])
        _stroke(canvas, ends, 0.2, (190, 194, 194), (215, 240, 255) if burning else None, 2.0)
    if pole.top == "signal":
        for i, colour in enumerate(((40, 40, 230), (30, 150, 190), (80, 200, 60))):
            height = head_m - 0.15 - i * 0.32
            _stroke(canvas, np.array([[*tip, height], [*tip, height - 0.3]]), 0.42, (32, 34, 36), None, 2.0)
            lit = i == 2
            ends = np.array([[tip[0], tip[1] - 0.1, height - 0.05], [tip[0], tip[1] - 0.1, height - 0.25]])
            dim = (colour[0] // 4, colour[1] // 4, colour[2] // 4)
            _stroke(canvas, ends, 0.2, colour if lit else dim, colour if lit else None, 1.5)
    if pole.top == "sign":
        _stroke(canvas, np.array([[*foot, pole.height_m - 0.9], [*foot, pole.height_m - 0.1]]), 0.9, (176, 92, 30))
    if pole.top == "warning":
        _stroke(canvas, np.array([[*foot, pole.height_m - 0.75], [*foot, pole.height_m - 0.1]]), 0.7, (38, 196, 240))
        ends = np.array(
            [[foot[0], foot[1] - 0.05, pole.height_m - 0.62], [foot[0], foot[1] - 0.05, pole.height_m - 0.3]]
        )
        _stroke(canvas, ends, 0.12, (30, 30, 30))


def draw_tree(canvas: Canvas, tree: Tree, light: Light, seed: int) -> None:
    """A trunk with branches and a crown of many small leaf clusters, lit from above and from the sun's side."""
    rng = np.random.default_rng(seed)
    foot = np.array([tree.x_m, tree.y_m])
    bare_m = tree.height_m * {"broad": 0.32, "poplar": 0.16, "pine": 0.14, "bush": 0.0}[tree.kind]
    if tree.kind != "bush":
        _stroke(
            canvas, np.array([[*foot, 0], [*foot, tree.height_m * 0.62]]), 0.05 + tree.height_m * 0.026, (66, 82, 98)
        )
        if tree.kind != "pine":
            _stroke(
                canvas, np.array([[*foot, 0], [*foot, min(1.1, bare_m)]]), 0.07 + tree.height_m * 0.026, (214, 218, 218)
            )
        for _ in range(5):
            reach = rng.normal(0, tree.crown_m * 0.2, 2)
            ends = np.array([[*foot, bare_m * rng.uniform(0.9, 1.4)], [*(foot + reach), bare_m + tree.height_m * 0.3]])
            _stroke(canvas, ends, 0.07, (66, 82, 98))
    centre_px, centre_depth = canvas.camera.project(np.array([[*foot, (bare_m + tree.height_m) / 2]]))
    depth = float(centre_depth[0])
    if depth < 1.5:
        return
    scale = canvas.camera.focal_px / depth
    offsets, radii = _leaves(tree, bare_m, rng, scale)
    toward = light.to_sun
    points = centre_px[0] + offsets[:, :2] * [scale, -scale]
    span = max(tree.height_m - bare_m, 0.5) / 2
    brightness = 0.62 + 0.24 * offsets[:, 1] / span + 0.20 * offsets[:, 0] * np.sign(toward[0]) / (tree.crown_m / 2)
    brightness += 0.16 * (offsets[:, 2] < 0) + rng.normal(0, 0.11, len(offsets))
    order = np.argsort(-offsets[:, 2] + 0.25 * offsets[:, 1])
    base = {"broad": (48, 104, 82), "poplar": (56, 116, 96), "pine": (52, 78, 56), "bush": (50, 96, 78)}[tree.kind]
    base_bgr = np.array(base) * rng.uniform(0.85, 1.12, 3)
    reach = np.array([radii.max(), radii.max()]) * scale + 3
    outline = fixed(np.array([points.min(axis=0) - reach, points.max(axis=0) + reach]))
    window = canvas.window(outline)
    if window is None:
        return
    rows, columns = window
    colour = np.zeros((rows.stop - rows.start, columns.stop - columns.start, 4), np.uint8)
    for i in order:
        tone = np.clip(base_bgr * np.clip(brightness[i], 0.22, 1.5), 0, 255)
        position = fixed((points[i] - [columns.start, rows.start])[None])[0]
        radius = max(int(radii[i] * scale * (1 << SHIFT)), 1 << SHIFT)
        axes = (radius, max(int(radius * 0.7), 1))
        cv2.ellipse(
            colour,
            (int(position[0]), int(position[1])),
            axes,
            float(rng.uniform(0, 180)),
            0,
            360,
            (float(tone[0]), float(tone[1]), float(tone[2]), 255.0),
            -1,
            cv2.LINE_8,
            SHIFT,
        )
    seen = (colour[..., 3] > 0) & (depth < canvas.depth[window])
    if seen.any():
        store(canvas, window, seen, colour[..., :3][seen], depth, _upright(canvas))


def _leaves(tree: Tree, bare_m: float, rng: np.random.Generator, scale: float) -> tuple[Floats, Floats]:
    """Offsets from the crown's middle (N, 3: right, up, away) and radii (N,) of leaf clusters, metres."""
    count = int(np.clip(tree.crown_m * tree.height_m * 26, 160, 1500))
    half = max(tree.height_m - bare_m, 0.6) / 2
    lumps = rng.normal(0, 1, (max(6, int(tree.crown_m * 3)), 3))
    lumps /= np.linalg.norm(lumps, axis=1, keepdims=True)
    lumps *= rng.uniform(0.25, 0.72, (len(lumps), 1))
    picks = lumps[rng.integers(0, len(lumps), count)]
    body = picks + rng.normal(0, 0.19, (count, 3))
    if tree.kind == "pine":
        height = rng.uniform(-1, 1, count)
        angle = rng.uniform(0, 2 * math.pi, count)
        tier = 0.75 + 0.25 * np.abs(np.mod(height * 5, 1))
        reach = (1 - (height + 1) / 2) * tier * np.sqrt(rng.uniform(0.2, 1, count))
        body = np.stack([reach * np.cos(angle), height, reach * np.sin(angle)], axis=1)
    offsets = body * [tree.crown_m / 2, half, tree.crown_m / 2]
    radii = rng.uniform(0.07, 0.19, count) * (0.5 + tree.crown_m / 9) + 1.1 / scale
    return offsets, radii


def shadow_tree(canvas: Canvas, tree: Tree, light: Light, seed: int) -> None:
    rng = np.random.default_rng(seed)
    bare_m = tree.height_m * 0.3
    foot = np.array([tree.x_m, tree.y_m])
    if light.shadow < 0.3:
        angles = np.linspace(0, 2 * math.pi, 20, endpoint=False)
        soft = np.zeros_like(canvas.shadow)
        canvas.fill_ground(soft, foot + np.stack([np.cos(angles), np.sin(angles)], axis=1) * tree.crown_m * 0.5, 60)
        np.maximum(canvas.shadow, soft, out=canvas.shadow)
        return
    slide = _slide(light)
    angles = np.linspace(0, 2 * math.pi, 10, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for _ in range(70):
        offset = rng.normal(0, 0.24, 3) * [tree.crown_m, tree.crown_m, tree.height_m * 0.5]
        height = bare_m + (tree.height_m - bare_m) / 2 + offset[2]
        centre = foot + offset[:2] + slide * max(height, 0.1)
        draw_shadow(canvas, centre + ring * rng.uniform(0.12, 0.34) * (0.6 + tree.crown_m / 5), 235)
    across = np.array([slide[1], -slide[0]]) / max(float(np.linalg.norm(slide)), 1e-6) * 0.08
    end = foot + slide * tree.height_m * 0.5
    draw_shadow(canvas, np.array([foot + across, end + across, end - across, foot - across]))


def shadow_pole(canvas: Canvas, pole: Pole, light: Light) -> None:
    if light.shadow < 0.3:
        return
    slide = _slide(light)
    foot = np.array([pole.x_m, pole.y_m])
    across = np.array([slide[1], -slide[0]]) / max(float(np.linalg.norm(slide)), 1e-6) * 0.07
    end = foot + slide * pole.height_m
    draw_shadow(canvas, np.array([foot + across, end + across, end - across, foot - across]))
