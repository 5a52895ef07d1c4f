"""What a scene consists of: plain records in metres, read by the painter, the scheduler and the truth."""

from __future__ import annotations

from dataclasses import dataclass, field

from scripts.district.geometry import PinholeCamera

Point = tuple[float, float]
CLASSES = ("person", "car", "truck", "bicycle")


@dataclass(frozen=True)
class Ground:
    """A patch of ground: asphalt, concrete, paving, grass, dirt, haul, water, kerb, white, yellow, red."""

    material: str
    polygon: tuple[Point, ...]


@dataclass(frozen=True)
class Stripe:
    """Road paint along a polyline; `dash_m` is (on, off)."""

    points: tuple[Point, ...]
    width_m: float = 0.15
    material: str = "white"
    dash_m: tuple[float, float] | None = None


@dataclass(frozen=True)
class Block:
    """A box on the ground (centre, size, height) whose faces carry a facade style."""

    x_m: float
    y_m: float
    width_m: float
    depth_m: float
    height_m: float
    style: str = "plaster"
    tint: tuple[int, int, int] = (190, 200, 205)
    base_m: float = 0.0
    yaw_deg: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Fence:
    """A fence along a polyline: pales, mesh, rail, wall."""

    points: tuple[Point, ...]
    height_m: float = 2.2
    style: str = "pales"


@dataclass(frozen=True)
class Tree:
    x_m: float
    y_m: float
    height_m: float = 6.0
    crown_m: float = 4.0
    kind: str = "broad"


@dataclass(frozen=True)
class Pole:
    """A pole; with `lamp` it lights the ground at night, `arm_m` is the arm's reach along X."""

    x_m: float
    y_m: float
    height_m: float = 7.0
    arm_m: float = 0.0
    lamp: bool = False
    colour: tuple[float, float, float] = (0.45, 0.78, 1.0)
    top: str = ""


@dataclass(frozen=True)
class Parked:
    """A vehicle that never moves; part of the picture and of the truth."""

    kind: str
    x_m: float
    y_m: float
    heading_deg: float


@dataclass(frozen=True)
class Route:
    """Where actors go: a polyline, who goes there, how far they stray sideways, at what speed.

    `triggers` names the rule an actor on this route sets off ("": ordinary traffic); `rate` weighs ordinary traffic.
    """

    points: tuple[Point, ...]
    kinds: tuple[str, ...]
    speed_m_s: tuple[float, float]
    spread_m: float = 0.3
    triggers: str = ""
    rate: float = 1.0


@dataclass(frozen=True)
class Rule:
    """A rule as the product's configuration knows it, with its geometry in metres on the ground.

    kind zone_intrusion: `points` is the zone's polygon. kind line_crossing: two points; an actor counts that crosses
    from right to left of the line when walking from its first point to its second (direction "left"), or the reverse.
    """

    id: str
    name: str
    kind: str
    points: tuple[Point, ...]
    classes: tuple[str, ...]
    level: str = "orange"
    direction: str = "left"


@dataclass(frozen=True)
class Scene:
    """One camera of the district and all that stands and moves before it."""

    id: str
    name: str
    osd: str
    unit: str
    grid: str
    vendor: str
    place: tuple[float, float, float]
    camera: PinholeCamera
    light: str
    base: str
    grounds: tuple[Ground, ...] = ()
    stripes: tuple[Stripe, ...] = ()
    blocks: tuple[Block, ...] = ()
    fences: tuple[Fence, ...] = ()
    trees: tuple[Tree, ...] = ()
    poles: tuple[Pole, ...] = ()
    parked: tuple[Parked, ...] = ()
    routes: tuple[Route, ...] = ()
    rules: tuple[Rule, ...] = ()
    hills_m: float = 40.0
    codec: str = "h264"
    sub_stream: bool = False
    traffic: int = 14
    occluders: tuple[str, ...] = field(default=())
