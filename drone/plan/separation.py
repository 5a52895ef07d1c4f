"""Several drones in the air: how near their plans bring them, and heights and times that keep them apart.

Two measures. `nearest_of` reserves time windows: a drone may be anywhere on a piece of its path from TIME_SLACK_S
before to TIME_SLACK_S after the plan says so, because flights start late and wind holds them up; what counts is the
distance of such pieces. `distance_over_time` is the distance when both keep exactly to their plans.
Where two plans are in each other's way, the later one is planned anew, a layer higher, or begins later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from drone.areas.frame import LocalFrame
from drone.plan.model import FlightPlan

TIME_SLACK_S = 30.0
_PIECE_S = 10.0  # longest piece of a path that is reserved as a whole
LAYERS_MAX = 5
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The least distance, and when the first drone is there."""

    distance_m: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Track:
    """A plan as positions over time: seconds (UTC epoch), and east, north, height in metres; n and n x 3."""

    seconds: Array
    positions: Array

    def at(self, seconds: Array) -> Array:
        """Positions at instants within the flight, n x 3."""
        return np.stack([np.interp(seconds, self.seconds, axis) for axis in self.positions.T], axis=1)


def track_of(plan: FlightPlan, frame: LocalFrame) -> Track:
    """A plan's path through space and time, from the ground to the ground."""
    begin = plan.start_at.timestamp()
    base_m = plan.home.ground_m
    seconds, positions = [begin], [(*frame.to_local(plan.home.lat, plan.home.lon), base_m)]
    for point in plan.points[:-1]:
        position = (*frame.to_local(point.lat, point.lon), base_m + point.alt_home_m)
        for offset_s in (point.arrive_s, point.leave_s):
            seconds.append(begin + offset_s)
            positions.append(position)
    home, last = plan.points[-1], positions[-1]
    above_home = (*frame.to_local(home.lat, home.lon), last[2])
    seconds += [begin + home.arrive_s, begin + plan.duration_s]
    positions += [above_home, (above_home[0], above_home[1], base_m)]
    return Track(np.array(seconds), np.array(positions))


def nearest_of(plan: FlightPlan, other: FlightPlan, slack_s: float = TIME_SLACK_S) -> Nearest | None:
    """The least distance between two plans, both late or early by up to `slack_s`; None: never in the air together."""
    frame = LocalFrame(plan.home.lat, plan.home.lon)
    own, theirs = (_pieces(track) for track in _comparable(plan, other, frame))
    starts, ends = own.seconds[:-1], own.seconds[1:]
    together = (starts[:, None] - slack_s <= theirs.seconds[None, 1:] + slack_s) & (
        theirs.seconds[None, :-1] - slack_s <= ends[:, None] + slack_s
    )
    first, second = np.nonzero(together)
    if not len(first):
        return None
    distances = segment_distances(
        own.positions[first], own.positions[first + 1], theirs.positions[second], theirs.positions[second + 1]
    )
    index = int(np.argmin(distances))
    return Nearest(float(distances[index]), _instant(float(starts[first[index]])))


def distance_over_time(plan: FlightPlan, other: FlightPlan, step_s: float = 1.0) -> tuple[Array, Array]:
    """Seconds (UTC epoch) and the distance at each of them, while both are in the air."""
    frame = LocalFrame(plan.home.lat, plan.home.lon)
    own, theirs = _comparable(plan, other, frame)
    begin, end = max(own.seconds[0], theirs.seconds[0]), min(own.seconds[-1], theirs.seconds[-1])
    seconds = np.arange(begin, end, step_s)
    if not len(seconds):
        return seconds, seconds
    return seconds, np.linalg.norm(own.at(seconds) - theirs.at(seconds), axis=1)


def _comparable(plan: FlightPlan, other: FlightPlan, frame: LocalFrame) -> tuple[Track, Track]:
    """Both tracks; without heights where they are counted from different terrains, so that no height is relied on."""
    tracks = track_of(plan, frame), track_of(other, frame)
    if plan.home.terrain == other.home.terrain:
        return tracks
    level = np.array([1.0, 1.0, 0.0])
    own, theirs = (Track(track.seconds, track.positions * level) for track in tracks)
    return own, theirs


def _pieces(track: Track) -> Track:
    """The same path with no piece longer than _PIECE_S."""
    cuts = [track.seconds[:1]]
    for start, end in pairwise(track.seconds):
        count = max(1, math.ceil((end - start) / _PIECE_S))
        cuts.append(np.linspace(start, end, count + 1)[1:])
    seconds = np.concatenate(cuts)
    return Track(seconds, track.at(seconds))


def segment_distances(a: Array, b: Array, c: Array, d: Array) -> Array:
    """Least distance between segments a-b and c-d, each n x 3.

    Source: C. Ericson, Real-Time Collision Detection (2005), 5.1.9, vectorised.
    """
    along, other, apart = b - a, d - c, a - c
    aa, ee = _dot(along, along), _dot(other, other)
    f, cc, bb = _dot(other, apart), _dot(along, apart), _dot(along, other)
    with np.errstate(divide="ignore", invalid="ignore"):
        denominator = aa * ee - bb * bb
        s = np.where(denominator > 1e-12, np.clip((bb * f - cc * ee) / denominator, 0, 1), 0.0)
        t = np.where(ee > 1e-12, (bb * s + f) / ee, 0.0)
        s_low = np.where(aa > 1e-12, np.clip(-cc / aa, 0, 1), 0.0)
        s_high = np.where(aa > 1e-12, np.clip((bb - cc) / aa, 0, 1), 0.0)
    s = np.where(ee > 1e-12, np.where(t < 0, s_low, np.where(t > 1, s_high, s)), s_low)
    t = np.clip(t, 0, 1)
    return np.asarray(np.linalg.norm(a + along * s[:, None] - c - other * t[:, None], axis=1))


def _dot(first: Array, second: Array) -> Array:
    return np.asarray(np.einsum("ij,ij->i", first, second))


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
