"""Where an actor's box and its ground contact are in the picture, over a whole series of instants at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.district.actors import Actor
from scripts.district.geometry import Floats, PinholeCamera
from scripts.district.sprite import Projected

UPRIGHT = ("person", "dog", "litter")


@dataclass(frozen=True)
class Track:
    """An actor sampled at instants.

    `times_s` (N,), on the ground `xy_m` (N, 2) and `heading_rad` (N,), in the picture `box_xyxy` (N, 4) and
    `contact_px` (N, 2), and `in_frame` (N,), the share of the box inside the picture (0 where it is absent).
    """

    actor: Actor
    times_s: Floats
    xy_m: Floats
    heading_rad: Floats
    box_xyxy: Floats
    contact_px: Floats
    in_frame: Floats

    def visible_span_s(self) -> tuple[float, float] | None:
        """First and last instant at which anything of it lies in the picture."""
        there = np.nonzero(self.in_frame > 0)[0]
        return None if len(there) == 0 else (float(self.times_s[there[0]]), float(self.times_s[there[-1]]))


def track_of(actor: Actor, camera: PinholeCamera, times_s: Floats) -> Track:
    """Samples an actor; its limbs are taken at one phase, so boxes of people are good to a few pixels.

    The contact is where the picture shows an actor to meet the ground: the bottom middle of a vehicle's box, the middle
    of a person's feet.
    """
    xy, heading = way_of(actor, times_s)
    solid = Projected(actor.figure(actor.start_s + 0.37), actor.pose(actor.start_s), camera)
    local, reach = _local_extent(solid)
    pixels, depth = _projected(local, xy, heading, camera)
    spread = reach[None, :] * camera.focal_px / np.maximum(depth, 0.5)
    low = np.stack([(pixels[..., 0] - spread).min(axis=1), (pixels[..., 1] - spread).min(axis=1)], axis=1)
    high = np.stack([(pixels[..., 0] + spread).max(axis=1), (pixels[..., 1] + spread).max(axis=1)], axis=1)
    if actor.kind in UPRIGHT:
        feet = np.array([[0.0, 0.0, 0.0]])
        contact = _projected(feet, xy, heading, camera)[0][:, 0]
    else:
        contact = np.stack([(low[:, 0] + high[:, 0]) / 2, high[:, 1]], axis=1)
    width, height = float(camera.width_px), float(camera.height_px)
    seen = np.clip(np.minimum(high[:, 0], width) - np.maximum(low[:, 0], 0), 0, None)
    seen = seen * np.clip(np.minimum(high[:, 1], height) - np.maximum(low[:, 1], 0), 0, None)
    share = seen / np.maximum((high[:, 0] - low[:, 0]) * (high[:, 1] - low[:, 1]), 1e-6)
    present = (times_s >= actor.start_s) & (times_s <= actor.end_s) & (depth.min(axis=1) > 0.8)
    return Track(
        actor, times_s, xy, heading, np.concatenate([low, high], axis=1), contact, np.where(present, share, 0.0)
    )


def way_of(actor: Actor, times_s: Floats) -> tuple[Floats, Floats]:
    """Where an actor is on the ground (N, 2), metres, and where it looks (N,), radians."""
    distance = np.clip((times_s - actor.start_s) * actor.speed_m_s, 0.0, actor.path.length_m)
    points, lengths = actor.path.points, actor.path.lengths_m
    xy = np.stack([np.interp(distance, lengths, points[:, 0]), np.interp(distance, lengths, points[:, 1])], axis=1)
    index = np.clip(np.searchsorted(lengths, distance), 1, len(points) - 1)
    ahead = points[np.minimum(index + 1, len(points) - 1)] - points[np.maximum(index - 2, 0)]
    return xy, np.arctan2(ahead[:, 1], ahead[:, 0])


def _local_extent(solid: Projected) -> tuple[Floats, Floats]:
    """Points of a figure in its own axes (M, 3) and the radius around each (M,), metres."""
    figure = solid.figure
    points: list[tuple[float, float, float]] = []
    radii: list[float] = []
    for capsule in figure.capsules:
        points += [capsule.start, capsule.end]
        radii += [capsule.start_radius_m, capsule.end_radius_m]
    for ring in figure.rings:
        points.append(ring.centre)
        radii.append(ring.radius_m)
    corners = {point for face in solid.faces for point in face.points}
    points += sorted(corners)
    radii += [0.0] * len(corners)
    return np.array(points), np.array(radii)


def _projected(local: Floats, xy_m: Floats, heading_rad: Floats, camera: PinholeCamera) -> tuple[Floats, Floats]:
    """Pixels (N, M, 2) and depths (N, M) of points in an actor's axes at N poses."""
    c, s = np.cos(heading_rad)[:, None], np.sin(heading_rad)[:, None]
    world = np.empty((len(xy_m), len(local), 3))
    world[..., 0] = xy_m[:, :1] + local[None, :, 0] * c + local[None, :, 1] * s
    world[..., 1] = xy_m[:, 1:] + local[None, :, 0] * s - local[None, :, 1] * c
    world[..., 2] = local[None, :, 2]
    pixels, depth = camera.project(world.reshape(-1, 3))
    return pixels.reshape(len(xy_m), len(local), 2), depth.reshape(len(xy_m), len(local))
