"""Solid shapes that actors are made of: tapered capsules, faces and rings, in the actor's own axes.

Axes of an actor: forward, right, up; metres; the origin is on the ground under its middle. Colours are sRGB B, G, R.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from scripts.district.geometry import Floats

Vector = tuple[float, float, float]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Capsule:
    start: Vector
    start_radius_m: float
    end: Vector
    end_radius_m: float
    colour: Colour


@dataclass(frozen=True)
class Ring:
    """A thin hoop (a bicycle's wheel) in the forward-up plane."""

    centre: Vector
    radius_m: float
    width_m: float
    colour: Colour


@dataclass(frozen=True)
class Face:
    """A flat polygon seen from one side; `glow` 1 means that it shines by itself, `lamp` names the light it carries."""

    points: tuple[Vector, ...]
    normal: Vector
    colour: Colour
    glow: float = 0.0


@dataclass
class Part:
    """A convex piece of a vehicle: faces drawn in order; `tier` piles pieces (wheels and body 0, cabin 1)."""

    faces: list[Face] = field(default_factory=list)
    tier: int = 0


class Solid:
    """A figure's numbers as arrays: points (capsule ends, face corners, ring centres), radii, colours, normals."""

    def __init__(self, figure: Figure) -> None:
        self.faces = [face for part in figure.parts for face in part.faces]
        ends = [end for capsule in figure.capsules for end in (capsule.start, capsule.end)]
        corners = [point for face in self.faces for point in face.points]
        hubs = [ring.centre for ring in figure.rings]
        self.n_ends, self.n_corners = len(ends), len(corners)
        self.points = np.array(ends + corners + hubs, dtype=np.float64).reshape(-1, 3)
        self.capsule_radii = np.array([r for c in figure.capsules for r in (c.start_radius_m, c.end_radius_m)])
        self.capsule_colours = np.array([c.colour for c in figure.capsules], dtype=np.float64).reshape(-1, 3)
        self.face_colours = np.array([face.colour for face in self.faces], dtype=np.float64).reshape(-1, 3)
        self.normals = np.array([face.normal for face in self.faces], dtype=np.float64).reshape(-1, 3)
        counts = np.array([len(face.points) for face in self.faces], dtype=np.int64)
        self.first_corners = self.n_ends + np.cumsum(counts) - counts


@dataclass
class Figure:
    """An actor's shape at one instant, its footprint, and its lamps as (position, colour, shines forward)."""

    capsules: list[Capsule] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    half_length_m: float = 0.2
    half_width_m: float = 0.2
    lamps: list[tuple[Vector, Colour, bool]] = field(default_factory=list)

    @cached_property
    def solid(self) -> Solid:
        """The figure as arrays; call it only when the figure is complete."""
        return Solid(self)


def placed(points: Floats, x_m: float, y_m: float, heading_rad: float) -> Floats:
    """World coordinates (N, 3) of points in an actor's axes."""
    c, s = math.cos(heading_rad), math.sin(heading_rad)
    out = np.empty_like(points)
    out[:, 0] = x_m + points[:, 0] * c + points[:, 1] * s
    out[:, 1] = y_m + points[:, 0] * s - points[:, 1] * c
    out[:, 2] = points[:, 2]
    return out
