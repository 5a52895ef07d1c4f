"""The ground truth: who entered which zone or crossed which line, when, and when that picture left the camera.

Pure: positions in, events out. Instants of a loop are seconds from its start; wall-clock instants are epoch seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from kernel.incidents_merge import merged
from scripts.district.geometry import Floats, PinholeCamera, on_ground
from scripts.district.motion import Track
from scripts.district.scene import Point, Rule, Scene

FPS = 15
LOOP_FRAMES = 870
LOOP_S = LOOP_FRAMES / FPS
MIN_HEIGHT_PX = 16.0
MIN_VISIBLE = 0.5
SHOWS_WITHIN_S = 1.0
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class RuleEvent:
    """An actor set off a rule at a loop time; `leave_s` is when it left the zone (the same instant for a line)."""

    camera_id: str
    rule_id: str
    class_name: str
    actor_id: int
    time_s: float
    leave_s: float


@dataclass(frozen=True)
class Incident:
    """Events of one rule close together, as one alert has to report them; wall-clock instants of sending."""

    camera_id: str
    rule_id: str
    class_names: tuple[str, ...]
    started_at_s: float
    last_at_s: float


def picture_points(points_m: Sequence[Point], camera: PinholeCamera) -> tuple[Point, ...]:
    """A ground polygon or line as fractions 0-1 of the picture; a polygon is clipped to the picture."""
    world = on_ground(points_m)
    if len(points_m) > 2:
        world = camera.clip_near(world)
    pixels = camera.project(world)[0] / [camera.width_px, camera.height_px]
    if len(points_m) > 2:
        pixels = _clipped_to_unit(pixels)
    return tuple((round(float(x), 4) + 0.0, round(float(y), 4) + 0.0) for x, y in pixels)


def _clipped_to_unit(polygon: Floats) -> Floats:
    for axis, bound, sign in ((0, 0.0, 1.0), (0, 1.0, -1.0), (1, 0.0, 1.0), (1, 1.0, -1.0)):
        kept: list[Floats] = []
        for i in range(len(polygon)):
            a, b = polygon[i], polygon[(i + 1) % len(polygon)]
            inside_a, inside_b = sign * (a[axis] - bound) >= 0, sign * (b[axis] - bound) >= 0
            if inside_a:
                kept.append(a)
            if inside_a != inside_b:
                kept.append(a + (bound - a[axis]) / (b[axis] - a[axis]) * (b - a))
        polygon = np.array(kept)
    return polygon


def inside_polygon(points: Floats, polygon: Floats) -> Flags:
    """Which of the points (N, 2) lie inside the polygon (M, 2), by the even-odd rule."""
    inside = np.zeros(len(points), bool)
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        spans = (a[1] > points[:, 1]) != (b[1] > points[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            at = a[0] + (points[:, 1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        inside ^= spans & (points[:, 0] < at)
    return inside


def rule_events(scene: Scene, camera: PinholeCamera, track: Track, visible: Floats | None = None) -> list[RuleEvent]:
    """The events that one actor causes, in order of time.

    An event needs an actor that can be seen: its feet in the picture, MIN_HEIGHT_PX tall, and by `visible` (N,), the
    share of it that shows, no more than half hidden. Who becomes visible only inside a zone enters it then.
    """
    name = track.actor.class_name
    if name is None:
        return []
    height = np.minimum(track.box_xyxy[:, 3], camera.height_px) - np.maximum(track.box_xyxy[:, 1], 0)
    shown = track.in_frame if visible is None else np.minimum(visible, track.in_frame)
    can_see = (shown >= MIN_VISIBLE) & (height >= MIN_HEIGHT_PX) & (track.box_xyxy[:, 3] < camera.height_px - 2)
    found: list[RuleEvent] = []
    for rule in scene.rules:
        if name not in rule.classes:
            continue
        shape = np.array(picture_points(rule.points, camera)) * [camera.width_px, camera.height_px]
        spans = (
            _stays(track, shape, can_see) if rule.kind == "zone_intrusion" else _crossings(track, shape, can_see, rule)
        )
        found += [RuleEvent(scene.id, rule.id, name, track.actor.id, round(t, 3), round(u, 3)) for t, u in spans]
    return sorted(found, key=lambda event: event.time_s)


def _stays(track: Track, polygon: Floats, can_see: Flags) -> list[tuple[float, float]]:
    """(enter, leave) of every stay inside the zone; it begins when it shows, and does not count where it never does."""
    there = inside_polygon(track.contact_px, polygon) & (track.in_frame > 0)
    steps = np.diff(there.astype(np.int8), prepend=0, append=0)
    enters, leaves = np.nonzero(steps == 1)[0], np.nonzero(steps == -1)[0] - 1
    half = float(track.times_s[1] - track.times_s[0]) / 2 if len(track.times_s) > 1 else 0.0
    found = []
    for enter, leave in zip(enters, leaves, strict=True):
        shows = np.nonzero(can_see[enter : leave + 1])[0]
        if len(shows):
            found.append((float(track.times_s[enter + shows[0]]) - half, float(track.times_s[leave]) + half))
    return found


def _crossings(track: Track, line: Floats, can_see: Flags, rule: Rule) -> list[tuple[float, float]]:
    """(instant, instant) of every crossing in the rule's direction by an actor that shows shortly before and after."""
    start, end = line
    along = end - start
    offset = along[0] * (track.contact_px[:, 1] - start[1]) - along[1] * (track.contact_px[:, 0] - start[0])
    near = max(round(SHOWS_WITHIN_S / float(track.times_s[1] - track.times_s[0])), 1) if len(offset) > 1 else 1
    found = []
    for i in range(1, len(offset)):
        if (offset[i] > 0) == (offset[i - 1] > 0) or track.in_frame[i] <= 0:
            continue
        if (offset[i] < offset[i - 1]) != (rule.direction == "left"):
            continue
        if not (can_see[max(i - near, 0) : i].any() and can_see[i : i + near].any()):
            continue
        share = float(offset[i - 1] / (offset[i - 1] - offset[i]))
        point = track.contact_px[i - 1] + share * (track.contact_px[i] - track.contact_px[i - 1])
        where = float((point - start) @ along) / float(along @ along)
        if 0 <= where <= 1:
            time_s = float(track.times_s[i - 1] + share * (track.times_s[i] - track.times_s[i - 1]))
            found.append((time_s, time_s))
    return found


def clearance_m(scene: Scene, camera: PinholeCamera, track: Track) -> float:
    """How near, in metres on the ground, an actor comes to the edge of a rule that counts its class (inf: to none)."""
    nearest = math.inf
    there = track.in_frame > 0
    if not there.any():
        return nearest
    ground = camera.ground_at(track.contact_px[there])
    ground = ground[~np.isnan(ground[:, 0])]
    for rule in scene.rules:
        if track.actor.class_name in rule.classes and len(ground):
            corners = [np.array(p) for p in rule.points]
            edges = list(zip(corners, corners[1:] + corners[:1], strict=True))
            for a, b in edges[: 1 if len(corners) == 2 else None]:
                side = b - a
                share = np.clip((ground - a) @ side / float(side @ side), 0, 1)
                gaps = np.linalg.norm(ground - (a + share[:, None] * side), axis=1)
                nearest = min(nearest, float(gaps.min()))
    return nearest


def sent_at(epoch_s: float, loop_index: int, loop_time_s: float) -> float:
    """Wall-clock instant at which a camera sends the first frame at or after a loop time.

    Args:
        epoch_s: when the camera's loop 0 began; the server writes it to sent.jsonl.
        loop_index: 0 for the first pass.
        loop_time_s: 0 to LOOP_S.
    """
    frame = math.ceil(round(loop_time_s * FPS, 6))
    return epoch_s + loop_index * LOOP_S + frame / FPS


def occurrences(
    events: Iterable[RuleEvent], epoch_s: float, from_s: float, to_s: float
) -> list[tuple[float, RuleEvent]]:
    """Every (wall-clock sending instant, event) in [from_s, to_s), over all passes of the loop, by time."""
    found = []
    first = max(0, math.floor((from_s - epoch_s) / LOOP_S) - 1)
    last = math.floor((to_s - epoch_s) / LOOP_S)
    for event in events:
        for loop_index in range(first, last + 1):
            instant = sent_at(epoch_s, loop_index, event.time_s)
            if from_s <= instant < to_s:
                found.append((instant, event))
    return sorted(found, key=lambda pair: pair[0])


def incidents(timed: Iterable[tuple[float, RuleEvent]], cooldown_s: float) -> list[Incident]:
    """Timed events merged per (camera, rule) by the definition alerts use, by starting time."""
    by_rule: dict[tuple[str, str], list[tuple[float, RuleEvent]]] = {}
    for instant, event in timed:
        by_rule.setdefault((event.camera_id, event.rule_id), []).append((instant, event))
    found: list[Incident] = []
    for (camera_id, rule_id), pairs in by_rule.items():
        for group in merged([instant for instant, _ in pairs], cooldown_s):
            names = {event.class_name for instant, event in pairs if group[0] <= instant <= group[-1]}
            found.append(Incident(camera_id, rule_id, tuple(sorted(names)), group[0], group[-1]))
    return sorted(found, key=lambda incident: incident.started_at_s)


def event_record(event: RuleEvent) -> dict[str, object]:
    """The event as it stands in a truth file."""
    return asdict(event)


def event_from_record(record: dict[str, object]) -> RuleEvent:
    """Reads what `event_record` wrote."""
    return RuleEvent(
        str(record["camera_id"]),
        str(record["rule_id"]),
        str(record["class_name"]),
        int(str(record["actor_id"])),
        float(str(record["time_s"])),
        float(str(record["leave_s"])),
    )
