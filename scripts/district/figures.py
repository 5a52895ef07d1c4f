"""People, cyclists, dogs and litter: their limbs at a given phase of their gait."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scripts.district.shape import Capsule, Colour, Face, Figure, Part, Ring, Vector

TOPS: tuple[Colour, ...] = (
    (52, 48, 44), (120, 70, 30), (60, 60, 160), (200, 205, 205), (70, 110, 60), (150, 150, 150), (40, 90, 170),
    (150, 60, 90),     (90, 40, 40), (180, 160, 90), (60, 150, 190), (36, 36, 120), (110, 120, 130), (220, 215, 200),
)  # fmt: skip
LEGS: tuple[Colour, ...] = (
    (48, 44, 40),
    (96, 66, 44),
    (60, 60, 60),
    (120, 126, 130),
    (84, 104, 124),
    (40, 34, 34),
    (130, 96, 70),
)
SKIN: Colour = (128, 160, 205)


@dataclass(frozen=True)
class Look:
    """What one person wears and carries."""

    height_m: float
    build: float
    top: Colour
    legs: Colour
    hair: Colour
    shoes: Colour
    coat: bool
    vest: bool
    helmet: bool
    backpack: bool
    umbrella: bool
    skirt: bool


def dressed(rng: np.random.Generator, worksite: bool, rain: bool) -> Look:
    """A random person, dressed for the place."""
    return Look(
        height_m=float(np.clip(rng.normal(1.69, 0.075), 1.5, 1.86)),
        build=float(rng.uniform(0.9, 1.2)),
        top=TOPS[int(rng.integers(len(TOPS)))],
        legs=LEGS[int(rng.integers(len(LEGS)))],
        hair=((30, 30, 34), (26, 26, 28), (60, 60, 66), (36, 40, 52))[int(rng.integers(4))],
        shoes=((40, 40, 44), (210, 210, 210), (60, 60, 90))[int(rng.integers(3))],
        coat=bool(rng.random() < 0.2),
        vest=bool(rng.random() < (0.7 if worksite else 0.06)),
        helmet=bool(rng.random() < (0.75 if worksite else 0.02)),
        backpack=bool(rng.random() < 0.22),
        umbrella=bool(rain and rng.random() < 0.4),
        skirt=bool(not worksite and rng.random() < 0.14),
    )


def person(look: Look, travelled_m: float, speed_m_s: float) -> Figure:
    """A walking or running person; the gait follows the distance travelled."""
    h, b = look.height_m, look.build
    figure = Figure(half_length_m=0.15, half_width_m=0.2)
    stride = (0.75 + 0.42 * max(speed_m_s, 0.6)) * h / 1.7
    phase = 2 * math.pi * travelled_m / stride
    swing = min(0.26 + 0.15 * speed_m_s, 0.85)
    lean = 0.03 + 0.045 * max(speed_m_s - 1.2, 0)
    legs = [_leg(h, phase + offset, swing) for offset in (0.0, math.pi)]
    drop = min(min(ankle[1], toe[1]) for _, ankle, toe in legs)
    hip_up = -drop + 0.035 * h
    out = figure.capsules
    for side, (knee, ankle, toe) in zip((-1, 1), legs, strict=True):
        s = side * 0.052 * h * b
        hip: Vector = (0.0, s, hip_up)
        k: Vector = (knee[0], s, hip_up + knee[1])
        a: Vector = (ankle[0], s, hip_up + ankle[1])
        bare = look.skirt
        out.append(Capsule(hip, 0.054 * h * b, k, 0.037 * h * b, look.legs))
        out.append(Capsule(k, 0.036 * h * b, a, 0.024 * h * b, SKIN if bare else look.legs))
        out.append(Capsule(a, 0.025 * h, (toe[0], s, hip_up + toe[1]), 0.02 * h, look.shoes))
    _torso(out, look, hip_up, lean, phase, swing, speed_m_s)
    if look.umbrella:
        figure.parts.append(_umbrella(look, hip_up))
    return figure


def _leg(h: float, phase: float, swing: float) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """(forward, up) of knee, ankle and toe relative to the hip."""
    hip = swing * math.sin(phase)
    flex = 0.10 + 1.45 * swing * max(0.0, math.cos(phase))
    knee = (0.245 * h * math.sin(hip), -0.245 * h * math.cos(hip))
    shin = hip - flex
    ankle = (knee[0] + 0.245 * h * math.sin(shin), knee[1] - 0.245 * h * math.cos(shin))
    pitch = shin * 0.55
    return knee, ankle, (ankle[0] + 0.11 * h * math.cos(pitch), ankle[1] + 0.11 * h * math.sin(pitch) - 0.012 * h)


def _torso(
    out: list[Capsule], look: Look, hip_up: float, lean: float, phase: float, swing: float, speed: float
) -> None:
    h, b = look.height_m, look.build
    chest_up, shoulder_up = hip_up + 0.235 * h, hip_up + 0.29 * h
    ahead = lean * h
    top = (24, 120, 240) if look.vest else look.top
    for side in (-1, 1):
        s = side * 0.042 * h * b
        out.append(
            Capsule((0, s, hip_up + 0.01 * h), 0.066 * h * b, (ahead * 0.8, s * 1.25, chest_up), 0.066 * h * b, top)
        )
    if look.coat or look.skirt:
        colour = look.legs if look.skirt else top
        for side in (-1, 1):
            s = side * 0.045 * h * b
            out.append(Capsule((0, s, hip_up), 0.068 * h * b, (0.0, s * 1.3, hip_up - 0.17 * h), 0.078 * h * b, colour))
    half = 0.105 * h * b
    out.append(Capsule((ahead, -half, shoulder_up), 0.045 * h, (ahead, half, shoulder_up), 0.045 * h, top))
    if look.vest:
        mid = hip_up + 0.12 * h
        out.append(
            Capsule((0.055 * h, -0.07 * h, mid), 0.022 * h, (0.055 * h, 0.07 * h, mid), 0.022 * h, (200, 235, 235))
        )
        out.append(
            Capsule((-0.055 * h, -0.07 * h, mid), 0.022 * h, (-0.055 * h, 0.07 * h, mid), 0.022 * h, (200, 235, 235))
        )
    bend = 0.25 + 0.45 * max(speed - 1.6, 0)
    for side, offset in ((-1, math.pi), (1, 0.0)):
        angle = 0.85 * swing * math.sin(phase + offset)
        if look.umbrella and side == 1:
            angle, bend_here = 0.5, 1.7
        else:
            bend_here = min(bend, 1.5)
        s = side * 0.125 * h * b
        shoulder: Vector = (ahead, s, shoulder_up - 0.01 * h)
        elbow: Vector = (ahead + 0.165 * h * math.sin(angle), s * 1.08, shoulder[2] - 0.165 * h * math.cos(angle))
        fore = angle + bend_here
        hand: Vector = (elbow[0] + 0.155 * h * math.sin(fore), s * 1.0, elbow[2] - 0.155 * h * math.cos(fore))
        out.append(Capsule(shoulder, 0.036 * h * b, elbow, 0.029 * h * b, look.top if look.vest else top))
        out.append(Capsule(elbow, 0.028 * h * b, hand, 0.021 * h * b, look.top if look.vest else top))
        out.append(Capsule(hand, 0.023 * h, (hand[0] + 0.02, hand[1], hand[2] - 0.03), 0.02 * h, SKIN))
    if look.backpack:
        out.append(
            Capsule((-0.09 * h, 0, hip_up + 0.1 * h), 0.07 * h, (-0.07 * h, 0, hip_up + 0.24 * h), 0.07 * h, look.hair)
        )
    head = (ahead + 0.02 * h, 0.0, hip_up + 0.415 * h)
    out.append(Capsule((ahead, 0, shoulder_up + 0.02 * h), 0.032 * h, head, 0.035 * h, SKIN))
    out.append(Capsule(head, 0.058 * h, (head[0] + 0.008 * h, 0, head[2] - 0.02 * h), 0.052 * h, SKIN))
    crown = (head[0] - 0.016 * h, 0.0, head[2] + 0.018 * h)
    cap: Colour = (40, 190, 230) if look.helmet else look.hair
    out.append(Capsule(crown, 0.06 * h, (crown[0] - 0.01 * h, 0, crown[2] - 0.012 * h), 0.055 * h, cap))


def _umbrella(look: Look, hip_up: float) -> Part:
    h = look.height_m
    up, rim, radius = hip_up + 0.62 * h, hip_up + 0.47 * h, 0.52
    colours: tuple[Colour, Colour] = (look.top, (look.top[0] * 0.8, look.top[1] * 0.8, look.top[2] * 0.8))
    centre = 0.08
    part = Part(tier=2)
    for i in range(8):
        a, b = i * math.pi / 4, (i + 1) * math.pi / 4
        part.faces.append(
            Face(
                (
                    (centre, 0.05, up),
                    (centre + radius * math.cos(a), 0.05 + radius * math.sin(a), rim),
                    (centre + radius * math.cos(b), 0.05 + radius * math.sin(b), rim),
                ),
                (0.35 * math.cos(a + 0.39), 0.35 * math.sin(a + 0.39), 0.94),
                colours[i % 2],
            )
        )
    return part


def cyclist(look: Look, travelled_m: float) -> Figure:
    """A bicycle with its rider; the cranks turn with the distance travelled."""
    figure = Figure(half_length_m=0.85, half_width_m=0.25)
    out = figure.capsules
    paint: Colour = look.legs if sum(look.legs) > 200 else (60, 60, 150)
    for x in (-0.52, 0.52):
        figure.rings.append(Ring((x, 0.0, 0.34), 0.33, 0.035, (34, 34, 34)))
        turn = travelled_m / 0.34
        for spoke in (0.0, math.pi / 2):
            dx, dz = 0.31 * math.cos(turn + spoke), 0.31 * math.sin(turn + spoke)
            out.append(Capsule((x - dx, 0, 0.34 - dz), 0.006, (x + dx, 0, 0.34 + dz), 0.006, (120, 120, 120)))
    saddle, crank, head = (-0.16, 0.0, 0.88), (-0.02, 0.0, 0.30), (0.40, 0.0, 0.88)
    for p, q in (
        (saddle, crank),
        (crank, head),
        (saddle, head),
        (crank, (-0.52, 0.0, 0.34)),
        (head, (0.52, 0.0, 0.34)),
    ):
        out.append(Capsule(p, 0.024, q, 0.024, paint))
    out.append(Capsule((0.40, -0.26, 1.02), 0.02, (0.40, 0.26, 1.02), 0.02, (60, 60, 60)))
    out.append(Capsule((-0.28, 0, 0.93), 0.06, (-0.06, 0, 0.93), 0.045, (40, 40, 40)))
    h, b = look.height_m, look.build
    hip = (-0.16, 0.0, 1.0)
    chest = (0.10, 0.0, 1.0 + 0.24 * h)
    phase = travelled_m / 0.95
    for side in (-1, 1):
        s = side * 0.055 * h
        angle = phase + (0 if side < 0 else math.pi)
        pedal = (crank[0] + 0.17 * math.cos(angle), crank[2] - 0.17 * math.sin(angle))
        knee = _knee((hip[0], hip[2] - 0.03), (pedal[0] - 0.04, pedal[1] + 0.07), 0.262 * h)
        out.append(
            Capsule((hip[0], s, hip[2] - 0.03), 0.056 * h * b, (knee[0], s * 1.3, knee[1]), 0.038 * h * b, look.legs)
        )
        out.append(
            Capsule(
                (knee[0], s * 1.3, knee[1]),
                0.037 * h * b,
                (pedal[0] - 0.04, s * 1.4, pedal[1] + 0.07),
                0.026 * h,
                look.legs,
            )
        )
        out.append(
            Capsule(
                (pedal[0] - 0.06, s * 1.4, pedal[1] + 0.04),
                0.026 * h,
                (pedal[0] + 0.1, s * 1.4, pedal[1] + 0.03),
                0.02 * h,
                look.shoes,
            )
        )
        shoulder = (chest[0] + 0.03, side * 0.115 * h, chest[2] + 0.05 * h)
        elbow = (chest[0] + 0.17, side * 0.15 * h, chest[2] - 0.08 * h)
        out.append(Capsule(shoulder, 0.036 * h, elbow, 0.029 * h, look.top))
        out.append(Capsule(elbow, 0.028 * h, (0.39, side * 0.23, 1.05), 0.023 * h, look.top))
        out.append(Capsule((hip[0], s, hip[2]), 0.066 * h * b, (chest[0], s * 1.3, chest[2]), 0.066 * h * b, look.top))
    out.append(
        Capsule(
            (chest[0] + 0.03, -0.1 * h, chest[2] + 0.05 * h),
            0.045 * h,
            (chest[0] + 0.03, 0.1 * h, chest[2] + 0.05 * h),
            0.045 * h,
            look.top,
        )
    )
    skull = (chest[0] + 0.10, 0.0, chest[2] + 0.175 * h)
    out.append(Capsule((chest[0] + 0.04, 0, chest[2] + 0.07 * h), 0.033 * h, skull, 0.035 * h, SKIN))
    out.append(Capsule(skull, 0.057 * h, (skull[0] + 0.01, 0, skull[2] - 0.03), 0.052 * h, SKIN))
    cap: Colour = (200, 120, 30) if look.backpack else look.hair
    out.append(
        Capsule((skull[0] - 0.02, 0, skull[2] + 0.03), 0.06 * h, (skull[0] - 0.03, 0, skull[2] + 0.01), 0.056 * h, cap)
    )
    if look.backpack:
        figure.parts.append(box_part(-0.78, -0.30, 0.24, 0.82, 1.30, (190, 130, 20)))
    return figure


def _knee(hip: tuple[float, float], foot: tuple[float, float], limb_m: float) -> tuple[float, float]:
    """Where the knee is, bent forward, of two limbs of one length."""
    dx, dz = foot[0] - hip[0], foot[1] - hip[1]
    reach = min(math.hypot(dx, dz), 2 * limb_m - 1e-3)
    rise = math.sqrt(limb_m**2 - (reach / 2) ** 2)
    length = max(math.hypot(dx, dz), 1e-6)
    return hip[0] + dx / 2 - dz / length * rise, hip[1] + dz / 2 + dx / length * rise


def box_part(x0: float, x1: float, half_width: float, z0: float, z1: float, colour: Colour, tier: int = 0) -> Part:
    """A plain box as five outward faces."""
    w = half_width
    return Part(
        [
            Face(((x1, -w, z0), (x1, w, z0), (x1, w, z1), (x1, -w, z1)), (1, 0, 0), colour),
            Face(((x0, -w, z0), (x0, w, z0), (x0, w, z1), (x0, -w, z1)), (-1, 0, 0), colour),
            Face(((x0, w, z0), (x1, w, z0), (x1, w, z1), (x0, w, z1)), (0, 1, 0), colour),
            Face(((x0, -w, z0), (x1, -w, z0), (x1, -w, z1), (x0, -w, z1)), (0, -1, 0), colour),
            Face(((x0, -w, z1), (x1, -w, z1), (x1, w, z1), (x0, w, z1)), (0, 0, 1), colour),
        ],
        tier,
    )


def dog(seed: int, travelled_m: float) -> Figure:
    """A dog at a trot."""
    coats: tuple[Colour, ...] = ((60, 90, 130), (40, 40, 44), (170, 190, 205), (70, 110, 160))
    coat = coats[seed % len(coats)]
    figure = Figure(half_length_m=0.35, half_width_m=0.12)
    out = figure.capsules
    out.append(Capsule((-0.26, 0, 0.46), 0.11, (0.22, 0, 0.48), 0.13, coat))
    out.append(Capsule((0.22, 0, 0.52), 0.08, (0.42, 0, 0.66), 0.08, coat))
    out.append(Capsule((0.42, 0, 0.66), 0.085, (0.56, 0, 0.61), 0.045, coat))
    out.append(Capsule((-0.30, 0, 0.50), 0.03, (-0.48, 0, 0.66), 0.02, coat))
    phase = 2 * math.pi * travelled_m / 0.9
    for x, s, offset in ((0.2, -0.07, 0.0), (0.2, 0.07, math.pi), (-0.24, -0.07, math.pi), (-0.24, 0.07, 0.0)):
        reach = 0.16 * math.sin(phase + offset)
        lift = 0.07 * max(0.0, math.cos(phase + offset))
        out.append(Capsule((x, s, 0.42), 0.05, (x + reach, s, 0.03 + lift), 0.026, coat))
    return figure


def litter(seed: int, travelled_m: float) -> Figure:
    """A plastic bag or a sheet of cardboard, blown along."""
    up = 0.18 + 0.14 * abs(math.sin(travelled_m * 1.7 + seed))
    turn = travelled_m * 2.1
    colour: Colour = ((226, 228, 228), (110, 150, 180), (200, 190, 170))[seed % 3]
    figure = Figure(half_length_m=0.15, half_width_m=0.15)
    dx, dz = 0.13 * math.cos(turn), 0.13 * math.sin(turn)
    figure.capsules.append(Capsule((-dx, -0.05, up - dz * 0.5), 0.10, (dx, 0.06, up + dz * 0.5), 0.06, colour))
    return figure
