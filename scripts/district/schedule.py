"""Who appears when in a camera's loop: aimed incidents first, then ordinary traffic that sets nothing off.

Incidents of one rule are at least MIN_GAP_S apart, nobody is in the picture at the seam, nobody walks through anybody.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from scripts.district.actors import Actor, parked_actor, smooth_path
from scripts.district.geometry import Floats, PinholeCamera
from scripts.district.motion import UPRIGHT, track_of, way_of
from scripts.district.scene import Route, Rule, Scene
from scripts.district.truth import FPS, LOOP_S, clearance_m, rule_events

SLOTS_S = (10.0, 26.5, 43.0)
SLOT_JITTER_S = 0.8
SEAM_S = 0.35
CLEARANCE_M = 0.55
SAMPLE_HZ = 5.0
TRIES = 24


def schedule(scene: Scene, seed: int, camera: PinholeCamera | None = None) -> tuple[Actor, ...]:
    """The moving actors of one loop, the same for the same seed."""
    view = camera or scene.camera
    rng = np.random.default_rng([seed, int(scene.id.rsplit("-", 1)[1])])
    plan = _Plan(scene, view, rng)
    for rule in scene.rules:
        for slot_s in SLOTS_S:
            plan.aim(rule, slot_s + float(rng.uniform(-SLOT_JITTER_S, SLOT_JITTER_S)))
    for _ in range(scene.traffic):
        plan.add_traffic()
    return tuple(plan.actors)


def parked_actors(scene: Scene, seed: int) -> tuple[Actor, ...]:
    return tuple(parked_actor(1000 + i, spot, seed) for i, spot in enumerate(scene.parked))


class _Plan:
    """The loop being filled."""

    def __init__(self, scene: Scene, camera: PinholeCamera, rng: np.random.Generator) -> None:
        self.scene, self.camera, self.rng = scene, camera, rng
        self.actors: list[Actor] = []
        self._bodies: list[tuple[Floats, float]] = []
        self._grid_s = np.arange(0.0, LOOP_S, 1 / SAMPLE_HZ)
        for actor in parked_actors(scene, 0):
            here = np.array([[actor.path.points[0]]] * len(self._grid_s))
            self._bodies.append((here, _reach_m(actor.kind)))

    def _candidate(self, route: Route, backwards: bool) -> Actor:
        rng = self.rng
        kind = route.kinds[int(rng.integers(len(route.kinds)))]
        offset = route.spread_m * float(rng.uniform(-1, 1))
        points = route.points[::-1] if backwards and kind in UPRIGHT else route.points
        path = smooth_path(points, offset, 1.6 if kind in (*UPRIGHT, "bicycle") else 5.0)
        speed = float(rng.uniform(*route.speed_m_s))
        seed = int(rng.integers(1 << 30))
        rain = self.scene.light == "rain"
        number = len(self.actors) + 1
        return Actor(number, kind, seed, path, 0.0, speed, self.scene.id == "cam-03", rain, route.triggers)

    def aim(self, rule: Rule, at_s: float) -> bool:
        """Adds an actor that sets off `rule`, and nothing else, once, at this loop time."""
        routes = [route for route in self.scene.routes if route.triggers == rule.id]
        for _ in range(TRIES):
            actor = self._candidate(routes[int(self.rng.integers(len(routes)))], False)
            times = np.arange(0.0, actor.end_s, 1 / FPS)
            track = track_of(actor, self.camera, times)
            events = rule_events(self.scene, self.camera, track)
            if len(events) != 1 or events[0].rule_id != rule.id:
                continue
            if rule.kind == "zone_intrusion" and events[0].leave_s - events[0].time_s < 1.0:
                continue
            if self._accept(
                replace(actor, start_s=at_s - events[0].time_s), track.visible_span_s(), at_s - events[0].time_s
            ):
                return True
        return False

    def add_traffic(self) -> bool:
        """Adds somebody who sets nothing off and keeps clear of every edge that counts them."""
        ordinary = [route for route in self.scene.routes if not route.triggers]
        weights = np.array([route.rate for route in ordinary])
        for _ in range(TRIES):
            route = ordinary[int(self.rng.choice(len(ordinary), p=weights / weights.sum()))]
            actor = self._candidate(route, bool(self.rng.random() < 0.5))
            track = track_of(actor, self.camera, np.arange(0.0, actor.end_s, 1 / SAMPLE_HZ))
            if clearance_m(self.scene, self.camera, track) < CLEARANCE_M or rule_events(self.scene, self.camera, track):
                continue
            span = track.visible_span_s()
            if span is None or span[1] - span[0] > LOOP_S - 3 * SEAM_S:
                continue
            start_s = float(self.rng.uniform(SEAM_S - span[0], LOOP_S - SEAM_S - span[1]))
            if self._accept(replace(actor, start_s=start_s), span, start_s):
                return True
        return False

    def _accept(self, actor: Actor, span: tuple[float, float] | None, shift_s: float) -> bool:
        if span is None or span[0] + shift_s < SEAM_S or span[1] + shift_s > LOOP_S - SEAM_S:
            return False
        body = _body(actor, self._grid_s)
        reach = _reach_m(actor.kind)
        for other, other_reach in self._bodies:
            gaps = np.linalg.norm(body[:, :, None, :] - other[:, None, :, :], axis=-1)
            if float(np.nanmin(gaps, initial=math.inf)) < reach + other_reach:
                return False
        self.actors.append(actor)
        self._bodies.append((body, reach))
        return True


def _reach_m(kind: str) -> float:
    """Radius of the discs that stand for an actor's body, with the room it keeps."""
    return 0.4 if kind in UPRIGHT else 0.75 if kind == "bicycle" else 2.2 if kind == "dump_truck" else 1.45


def _body(actor: Actor, times_s: Floats) -> Floats:
    """Centres of an actor's discs over time (N, K, 2); NaN while it is out of the picture."""
    kind = actor.kind
    along = (0.0,) if kind in UPRIGHT else (-0.5, 0.5) if kind == "bicycle" else (-3.0, -1.0, 1.0, 3.0)
    xy_m, heading_rad = way_of(actor, times_s)
    ahead = np.stack([np.cos(heading_rad), np.sin(heading_rad)], axis=1)
    discs = xy_m[:, None, :] + np.array(along)[None, :, None] * ahead[:, None, :]
    absent = (times_s < actor.start_s) | (times_s > actor.end_s)
    return np.asarray(np.where(absent[:, None, None], np.nan, discs))
