"""Cars and trucks as convex pieces with windows, lamps, wheels and seams."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from scripts.district.figures import box_part
from scripts.district.shape import Colour, Face, Figure, Part, Vector

GLASS: Colour = (66, 56, 46)
TYRE: Colour = (34, 34, 36)
HEAD: Colour = (225, 238, 245)
TAIL: Colour = (36, 30, 190)
PAINTS: tuple[Colour, ...] = (
    (214, 216, 216), (214, 216, 216), (44, 44, 46), (44, 44, 46), (150, 152, 152), (176, 178, 180), (36, 34, 140),
    (120, 64, 28), (70, 90, 110), (60, 80, 50), (30, 60, 120), (190, 200, 208),
)  # fmt: skip
CARGO: tuple[Colour, ...] = ((208, 208, 204), (150, 90, 40), (60, 110, 60), (190, 196, 200), (44, 60, 150))
Profile = tuple[tuple[float, float], ...]


def _normal(points: tuple[Vector, ...], outward: Vector) -> Vector:
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = points[:3]
    (ux, uy, uz), (vx, vy, vz) = (bx - ax, by - ay, bz - az), (cx - ax, cy - ay, cz - az)
    normal = np.array([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx])  # np.cross takes ten times as long
    normal = normal / max(float(np.linalg.norm(normal)), 1e-9)
    if float(normal @ np.array(outward)) < 0:
        normal = -normal
    return (float(normal[0]), float(normal[1]), float(normal[2]))


def extruded(profile: Profile, low_half_m: float, top_half_m: float, colour: Colour, tier: int) -> Part:
    """A body from its side profile (forward, up), narrowing from its lowest to its highest point."""
    heights = [z for _, z in profile]
    z0, z1 = min(heights), max(heights)

    def half(z: float) -> float:
        return low_half_m + (top_half_m - low_half_m) * (z - z0) / max(z1 - z0, 1e-6)

    middle = np.mean(np.array(profile), axis=0)
    part = Part(tier=tier)
    for (ax, az), (bx, bz) in zip(profile, profile[1:] + profile[:1], strict=True):
        points = ((ax, -half(az), az), (ax, half(az), az), (bx, half(bz), bz), (bx, -half(bz), bz))
        out = ((ax + bx) / 2 - float(middle[0]), 0.0, (az + bz) / 2 - float(middle[1]))
        part.faces.append(Face(points, _normal(points, out), colour))
    for side in (-1.0, 1.0):
        edge = tuple((x, side * half(z), z) for x, z in profile)
        part.faces.append(Face(edge, _normal(edge, (0, side, 0)), colour))
    return part


def _side_decal(
    part: Part, outline: Profile, half_m: tuple[float, float], z: tuple[float, float], colour: Colour, glow: float = 0.0
) -> None:
    """The same patch on both flanks; `half_m` and `z` give the flank's half width at two heights."""
    for side in (-1.0, 1.0):
        points = tuple(
            (x, side * (half_m[0] + (half_m[1] - half_m[0]) * (u - z[0]) / max(z[1] - z[0], 1e-6) + 0.006), u)
            for x, u in outline
        )
        part.faces.append(Face(points, _normal(points, (0, side, 0)), colour, glow))


def _end_decal(
    part: Part,
    x: float,
    x_top: float,
    half_m: float,
    z: tuple[float, float],
    colour: Colour,
    at_m: float = 0.0,
    glow: float = 0.0,
) -> None:
    """A patch across the nose (x > 0) or the tail, `at_m` off the middle."""
    points = (
        (x, at_m - half_m, z[0]),
        (x, at_m + half_m, z[0]),
        (x_top, at_m + half_m, z[1]),
        (x_top, at_m - half_m, z[1]),
    )
    part.faces.append(Face(points, _normal(points, (math.copysign(1.0, x), 0.0, 0.12)), colour, glow))


def _wheels(
    figure: Figure, places: tuple[float, ...], radius_m: float, half_m: float, hub: Colour = (150, 150, 150)
) -> None:
    """Tyres and hubs on the flanks; drawn after the body they belong to."""
    part = Part(tier=1)
    ring = [(math.cos(i * math.pi / 8), math.sin(i * math.pi / 8)) for i in range(16)]
    for x in places:
        for side in (-1.0, 1.0):
            for share, colour, out in (
                (1.14, (22, 22, 24), 0.0),
                (1.0, TYRE, 0.008),
                (0.62, hub, 0.014),
                (0.22, TYRE, 0.018),
            ):
                points = tuple(
                    (x + c * radius_m * share, side * (half_m + out), radius_m + s * radius_m * share)
                    for c, s in ring
                    if share <= 1.0 or s > -0.35
                )
                part.faces.append(Face(points, (0.0, side, 0.0), colour))
    figure.parts.append(part)


def _dark(colour: Colour, share: float) -> Colour:
    return (colour[0] * share, colour[1] * share, colour[2] * share)


def _car(paint: Colour, size: str) -> Figure:
    long, wide, body, cabin, belt, wheel = {
        "sedan": (
            2.32,
            0.90,
            (
                (2.22, 0.32),
                (2.32, 0.55),
                (2.22, 0.72),
                (1.18, 0.92),
                (-1.62, 0.97),
                (-2.2, 0.95),
                (-2.32, 0.6),
                (-2.25, 0.32),
            ),
            ((1.22, 0.90), (0.42, 1.40), (-0.85, 1.44), (-1.78, 0.95)),
            (0.90, 1.44),
            0.33,
        ),
        "suv": (
            2.32,
            0.94,
            ((2.24, 0.38), (2.32, 0.62), (2.24, 0.90), (1.20, 1.06), (-2.2, 1.08), (-2.32, 0.7), (-2.26, 0.38)),
            ((1.24, 1.04), (0.55, 1.66), (-1.75, 1.70), (-2.22, 1.06)),
            (1.04, 1.70),
            0.37,
        ),
        "van": (
            2.4,
            0.90,
            ((2.36, 0.36), (2.40, 0.70), (2.20, 1.02), (1.9, 1.06), (-2.38, 1.06), (-2.40, 0.36)),
            ((2.12, 1.04), (1.35, 1.86), (-2.30, 1.92), (-2.38, 1.04)),
            (1.04, 1.92),
            0.33,
        ),
    }[size]
    figure = Figure(half_length_m=long, half_width_m=wide)
    lower = extruded(body, wide, wide * 0.97, paint, 0)
    top_half = wide * 0.76 if size != "van" else wide * 0.9
    upper = extruded(cabin, wide * 0.95, top_half, paint, 2)
    low_z, high_z = belt
    flank, span = (wide * 0.95, top_half), (low_z, high_z)
    (fx, _), (tx, tz), (rx, rz), (bx, _) = cabin
    inset = 0.07
    glass_top = high_z - 0.10
    _side_decal(
        lower,
        ((body[0][0] - 0.05, 0.30), (-long + 0.1, 0.30), (-long + 0.1, 0.46), (long - 0.12, 0.46)),
        (wide, wide),
        (0.3, 0.5),
        _dark(paint, 0.45),
    )
    _side_decal(
        lower,
        ((fx, low_z - 0.07), (bx, low_z - 0.07), (bx, low_z - 0.03), (fx, low_z - 0.03)),
        (wide, wide * 0.97),
        (0.3, 1.0),
        _dark(paint, 1.12),
    )
    for seam in (0.28, -0.78):
        _side_decal(
            lower,
            ((seam, 0.42), (seam + 0.025, 0.42), (seam + 0.025, low_z), (seam, low_z)),
            (wide, wide * 0.97),
            (0.3, 1.0),
            _dark(paint, 0.5),
        )
    share = (glass_top - low_z) / (tz - low_z)
    front = fx + (tx - fx) * share
    rear = bx + (rx - bx) * min((glass_top - low_z) / (rz - low_z), 1.0)
    pillar = -0.18
    _side_decal(
        upper,
        (
            (fx - 0.22, low_z + inset),
            (pillar + 0.05, low_z + inset),
            (pillar + 0.05, glass_top),
            (front - 0.08, glass_top),
        ),
        flank,
        span,
        GLASS,
    )
    _side_decal(
        upper,
        (
            (pillar - 0.05, low_z + inset),
            (bx + 0.28, low_z + inset),
            (rear + 0.10, glass_top),
            (pillar - 0.05, glass_top),
        ),
        flank,
        span,
        GLASS,
    )
    _end_decal(upper, fx - 0.06, front + 0.0, wide * 0.74, (low_z + 0.05, glass_top), GLASS)
    _end_decal(upper, bx + 0.04, rear - 0.0, wide * 0.70, (low_z + 0.08, glass_top), GLASS)
    _ends(lower, body, wide, paint)
    figure.parts += [lower, upper]
    _wheels(figure, (long * 0.61, -long * 0.60), wheel, wide)
    figure.lamps = [
        ((long, -wide * 0.7, 0.66), HEAD, True),
        ((long, wide * 0.7, 0.66), HEAD, True),
        ((-long, -wide * 0.7, 0.78), TAIL, False),
        ((-long, wide * 0.7, 0.78), TAIL, False),
    ]
    return figure


def _ends(part: Part, body: Profile, wide: float, paint: Colour) -> None:
    """Headlamps, grille, tail lamps, plates and bumpers."""
    nose, tail = max(x for x, _ in body), min(x for x, _ in body)
    shoulder = max(z for x, z in body if x > nose - 0.15)
    for at in (-wide * 0.68, wide * 0.68):
        _end_decal(part, nose + 0.01, nose - 0.06, wide * 0.24, (shoulder - 0.20, shoulder - 0.05), HEAD, at, 0.9)
        _end_decal(part, tail - 0.01, tail + 0.02, wide * 0.22, (0.70, 0.86), TAIL, at, 0.55)
    _end_decal(part, nose + 0.01, nose - 0.02, wide * 0.40, (shoulder - 0.27, shoulder - 0.08), (40, 40, 40))
    _end_decal(part, nose + 0.012, nose + 0.012, 0.22, (0.42, 0.55), (150, 80, 20))
    _end_decal(part, tail - 0.012, tail - 0.012, 0.22, (0.58, 0.71), (150, 80, 20))
    _end_decal(part, tail - 0.01, tail - 0.01, wide * 0.9, (0.33, 0.46), _dark(paint, 0.4))
    _end_decal(part, nose - 0.04, nose - 0.0, wide * 0.9, (0.33, 0.40), _dark(paint, 0.4))


def _police(paint: Colour) -> Figure:
    figure = _car((222, 224, 224), "suv")
    wide = figure.half_width_m
    lower = figure.parts[0]
    _side_decal(
        lower, ((1.5, 0.62), (-2.1, 0.62), (-2.1, 0.88), (1.7, 0.82)), (wide, wide * 0.97), (0.3, 1.0), (150, 60, 16)
    )
    bar = box_part(-0.30, 0.02, 0.55, 1.70, 1.84, (200, 60, 20), 3)
    bar.faces = [
        Face(f.points, f.normal, (40, 30, 220) if i == 2 else (220, 70, 20), 0.8) for i, f in enumerate(bar.faces)
    ]
    figure.parts.append(bar)
    return figure


def _cab(
    figure: Figure, x0: float, x1: float, half: float, base: float, top: float, paint: Colour, tier: int = 0
) -> None:
    """A truck's cab at the front: windscreen, doors, grille, lamps."""
    profile = ((x1 - 0.02, base), (x1, base + 0.9), (x1 - 0.25, top), (x0, top), (x0, base))
    cab = extruded(profile, half, half * 0.94, paint, tier)
    middle = base + (top - base) * 0.50
    _end_decal(cab, x1 - 0.03, x1 - 0.20, half * 0.86, (middle, top - 0.22), GLASS)
    _end_decal(cab, x1 + 0.012, x1 + 0.012, half * 0.6, (base + 0.25, base + 0.62), (44, 44, 44))
    _end_decal(cab, x1 + 0.02, x1 + 0.02, half * 0.98, (base - 0.02, base + 0.2), (60, 60, 62))
    for at in (-half * 0.76, half * 0.76):
        _end_decal(cab, x1 + 0.025, x1 + 0.025, half * 0.16, (base + 0.24, base + 0.46), HEAD, at, 0.9)
        figure.lamps.append(((x1, at, base + 0.35), HEAD, True))
    span = (base, top)
    flank = (half, half * 0.94)
    window = ((x0 + 0.35, middle), (x1 - 0.18, middle), (x1 - 0.38, top - 0.25), (x0 + 0.35, top - 0.25))
    _side_decal(cab, window, flank, span, GLASS)
    for seam in (x0 + 0.22, x1 - 0.12):
        _side_decal(
            cab,
            ((seam, base + 0.1), (seam + 0.03, base + 0.1), (seam + 0.03, top - 0.2), (seam, top - 0.2)),
            flank,
            span,
            _dark(paint, 0.55),
        )
    figure.parts.append(cab)


def _box_truck(paint: Colour, cargo: Colour) -> Figure:
    figure = Figure(half_length_m=3.4, half_width_m=1.1)
    figure.parts.append(box_part(-3.3, 3.0, 0.9, 0.5, 0.9, (50, 50, 52)))
    _cab(figure, 1.6, 3.4, 1.05, 0.55, 2.45, paint)
    load = box_part(-3.4, 1.5, 1.12, 0.92, 3.05, cargo)
    _side_decal(
        load, ((-3.4, 0.94), (1.5, 0.94), (1.5, 1.04), (-3.4, 1.04)), (1.12, 1.12), (0.9, 3.0), _dark(cargo, 0.55)
    )
    _side_decal(
        load, ((-3.4, 2.95), (1.5, 2.95), (1.5, 3.05), (-3.4, 3.05)), (1.12, 1.12), (0.9, 3.0), _dark(cargo, 0.7)
    )
    _side_decal(
        load,
        ((-2.3, 1.7), (0.4, 1.7), (0.4, 2.3), (-2.3, 2.3)),
        (1.12, 1.12),
        (0.9, 3.0),
        (60, 90, 190) if sum(cargo) > 500 else (210, 214, 214),
    )
    _end_decal(load, -3.41, -3.41, 0.02, (0.95, 3.0), _dark(cargo, 0.5))
    for at in (-0.9, 0.9):
        _end_decal(load, -3.42, -3.42, 0.14, (0.95, 1.1), TAIL, at, 0.55)
        figure.lamps.append(((-3.4, at, 0.95), TAIL, False))
    figure.parts.append(load)
    _wheels(figure, (2.5, -1.5, -2.4), 0.45, 1.1)
    return figure


def _tipper(paint: Colour, cargo: Colour) -> Figure:
    figure = Figure(half_length_m=4.1, half_width_m=1.25)
    figure.parts.append(box_part(-4.0, 3.6, 1.0, 0.6, 1.1, (52, 52, 54)))
    _cab(figure, 2.2, 4.1, 1.2, 0.7, 2.95, paint)
    bed = extruded(((1.9, 1.15), (2.0, 2.75), (-4.05, 2.55), (-4.1, 1.15)), 1.15, 1.25, cargo, 0)
    for x in (-3.3, -2.2, -1.1, 0.0, 1.1):
        _side_decal(
            bed,
            ((x, 1.2), (x + 0.14, 1.2), (x + 0.14, 2.55), (x, 2.55)),
            (1.15, 1.25),
            (1.15, 2.75),
            _dark(cargo, 0.72),
        )
    heap = ((1.7, -1.05, 2.72), (1.7, 1.05, 2.72), (-3.8, 1.05, 2.60), (-3.8, -1.05, 2.60))
    bed.faces.append(Face(heap, (0, 0, 1), (80, 100, 118)))
    figure.parts.append(bed)
    figure.parts.append(extruded(((1.2, 2.7), (0.2, 3.15), (-2.0, 3.1), (-3.4, 2.6)), 1.0, 0.5, (86, 106, 124), 2))
    for at in (-1.0, 1.0):
        _end_decal(bed, -4.12, -4.12, 0.14, (1.2, 1.35), TAIL, at, 0.55)
        figure.lamps.append(((-4.1, at, 1.2), TAIL, False))
    _wheels(figure, (3.0, 1.5, -2.0, -3.2), 0.52, 1.22, (70, 70, 160))
    return figure


def _dump_truck(paint: Colour) -> Figure:
    yellow: Colour = (30, 168, 226)
    figure = Figure(half_length_m=4.6, half_width_m=2.1)
    figure.parts.append(box_part(-3.8, 4.2, 1.4, 1.2, 2.0, _dark(yellow, 0.75)))
    nose = box_part(3.0, 4.5, 1.9, 1.1, 2.7, yellow)
    _end_decal(nose, 4.51, 4.51, 0.9, (1.3, 2.5), (50, 50, 50))
    for at in (-1.5, 1.5):
        _end_decal(nose, 4.52, 4.52, 0.2, (1.5, 1.8), HEAD, at, 0.9)
        figure.lamps.append(((4.5, at, 1.65), HEAD, True))
    figure.parts.append(nose)
    cab = box_part(2.6, 4.0, 0.9, 2.72, 4.0, yellow, 2)
    _end_decal(cab, 4.01, 4.01, 0.8, (3.15, 3.85), GLASS)
    _side_decal(cab, ((2.8, 3.15), (3.9, 3.15), (3.9, 3.85), (2.8, 3.85)), (0.9, 0.9), (2.7, 4.0), GLASS)
    figure.parts.append(cab)
    bed = extruded(
        ((2.3, 2.2), (2.7, 4.35), (4.3, 4.45), (4.3, 4.6), (-4.3, 3.9), (-4.6, 2.6), (-2.2, 2.05)), 1.7, 2.1, yellow, 3
    )
    for x in (-3.0, -1.7, -0.4, 0.9):
        _side_decal(
            bed, ((x, 2.3), (x + 0.2, 2.3), (x + 0.2, 3.95), (x, 3.9)), (1.7, 2.1), (2.05, 4.6), _dark(yellow, 0.72)
        )
    bed.faces.append(
        Face(((2.4, -1.7, 4.36), (2.4, 1.7, 4.36), (-3.9, 1.7, 3.95), (-3.9, -1.7, 3.95)), (0, 0, 1), (96, 116, 134))
    )
    figure.parts.append(bed)
    figure.lamps += [((-3.8, -1.4, 1.8), TAIL, False), ((-3.8, 1.4, 1.8), TAIL, False)]
    _wheels(figure, (3.1, -2.3), 1.05, 1.95, (40, 150, 200))
    return figure


@lru_cache(maxsize=256)
def vehicle(kind: str, seed: int) -> Figure:
    """The shape of a vehicle of this kind, painted by its seed."""
    rng = np.random.default_rng(seed)
    paint = PAINTS[int(rng.integers(len(PAINTS)))]
    cargo = CARGO[int(rng.integers(len(CARGO)))]
    if kind in ("sedan", "suv", "van"):
        return _car(paint, kind)
    if kind == "police":
        return _police(paint)
    if kind == "box_truck":
        return _box_truck(((200, 204, 204), (150, 90, 30), (60, 60, 170))[int(rng.integers(3))], cargo)
    if kind == "tipper":
        return _tipper(
            ((40, 60, 190), (40, 150, 210), (190, 196, 198), (60, 120, 50))[int(rng.integers(4))],
            ((44, 60, 150), (60, 110, 60), (40, 120, 190))[int(rng.integers(3))],
        )
    if kind == "dump_truck":
        return _dump_truck(paint)
    raise ValueError(f"unknown vehicle kind {kind!r}")
