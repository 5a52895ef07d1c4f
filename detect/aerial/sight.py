"""What one drone's camera sees, frame by frame: its tracks with their places on the ground. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from detect.aerial.eye import Eye, Lens
from detect.aerial.ground import GroundPlace, Unplaced, place_of, reach_of
from detect.aerial.pose_track import PoseTrack
from kernel.events import BoxXyxy, GeoPoint, GroundSighting, SightsUpdate
from kernel.terrain import GridTerrain

_EDGE_PX = 2.0
_PIXEL_OF_HEIGHT = 0.05
_HALF_FOOTPRINT_SHARE = 0.4
_HALF_FOOTPRINT_M = {"person": 0.25, "bicycle": 0.5, "motorcycle": 0.6, "car": 1.6, "truck": 3.0, "bus": 4.0}
_HALF_FOOTPRINT_ELSE_M = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """A track on a frame; its box in pixels."""

    track_id: int
    class_name: str
    confidence: float
    box_xyxy: BoxXyxy


class AerialSight:
    """Places what a camera on a drone sees.

    Args:
        camera_id, drone_id: whose.
        fov_deg: the lens's horizontal field of view.
        track: the drone's poses; its owner feeds it.
    """

    def __init__(self, camera_id: str, drone_id: str, fov_deg: float, track: PoseTrack) -> None:
        self._camera_id, self._drone_id, self._fov_deg = camera_id, drone_id, fov_deg
        self.poses = track

    def look(self, seen: Sequence[Seen], size_px: tuple[int, int], captured_s: float) -> SightsUpdate:
        """Everything on one frame with its place, or with why it has none.

        Args:
            seen: confirmed tracks.
            size_px: width and height of the picture.
            captured_s: when the frame came in, seconds since the epoch.
        """
        lens, eye, terrain = Lens(self._fov_deg, *size_px), self.poses.at(captured_s), self.poses.terrain
        return SightsUpdate(
            camera_id=self._camera_id,
            drone_id=self._drone_id,
            captured_at=datetime.fromtimestamp(captured_s, UTC),
            sightings=tuple(_sighting(one, lens, eye, terrain) for one in seen),
            footprint=() if isinstance(eye, Unplaced) else _footprint(lens, eye, terrain),
            unplaced=eye.value if isinstance(eye, Unplaced) else "",
        )


def standing_place(seen: Seen, lens: Lens, eye: Eye, terrain: GridTerrain | None = None) -> GroundPlace | Unplaced:
    """Where somebody stands: the middle of what touches the ground, which lies a little above the box's lower edge."""
    left, top, right, bottom = seen.box_xyxy
    if bottom >= lens.height_px - _EDGE_PX:
        return Unplaced.CUT_OFF
    middle_px = (left + right) / 2
    edge = reach_of(middle_px, bottom, lens, eye, terrain)
    if isinstance(edge, Unplaced):
        return edge
    range_m, drop_m = edge
    half_m = _HALF_FOOTPRINT_M.get(seen.class_name, _HALF_FOOTPRINT_ELSE_M)
    half_px = half_m * drop_m / range_m * lens.focal_px / range_m
    half_px = min(half_px, (bottom - top) / 2)
    unsure_px = math.hypot(_PIXEL_OF_HEIGHT * (bottom - top), _HALF_FOOTPRINT_SHARE * half_px, eye.sigmas.pixel_px)
    unsure = replace(eye, sigmas=replace(eye.sigmas, pixel_px=unsure_px))
    return place_of(middle_px, bottom - half_px, lens, unsure, terrain)


def _sighting(seen: Seen, lens: Lens, eye: Eye | Unplaced, terrain: GridTerrain | None) -> GroundSighting:
    found = eye if isinstance(eye, Unplaced) else standing_place(seen, lens, eye, terrain)
    if isinstance(found, Unplaced):
        return GroundSighting(
            track_id=seen.track_id,
            class_name=seen.class_name,
            confidence=round(seen.confidence, 3),
            place=None,
            unplaced=found.value,
        )
    return GroundSighting(
        track_id=seen.track_id,
        class_name=seen.class_name,
        confidence=round(seen.confidence, 3),
        place=_point(found),
        error_m=round(found.error_m, 2),
        major_m=round(found.major_m, 2),
        minor_m=round(found.minor_m, 2),
        major_bearing_deg=round(found.major_bearing_deg, 1),
    )


def _footprint(lens: Lens, eye: Eye, terrain: GridTerrain | None) -> tuple[GeoPoint, ...]:
    """Corners of the ground in the picture, clockwise from its upper left; none where a lower corner is not known.

    An upper corner that looks too far or over the horizon is moved down its edge until it lies on the ground.
    """
    width, height = lens.width_px, lens.height_px
    lower = [place_of(x, height, lens, eye, terrain) for x in (width, 0)]
    upper = [_highest(x, lens, eye, terrain) for x in (0, width)]
    corners = [*upper, *lower]
    return tuple(_point(one) for one in corners if isinstance(one, GroundPlace)) if all(map(_is_known, corners)) else ()


def _highest(x_px: float, lens: Lens, eye: Eye, terrain: GridTerrain | None) -> GroundPlace | Unplaced:
    for eighths in range(8):
        found = place_of(x_px, lens.height_px * eighths / 8, lens, eye, terrain)
        if isinstance(found, GroundPlace):
            return found
    return found


def _is_known(place: GroundPlace | Unplaced) -> bool:
    return isinstance(place, GroundPlace)


def _point(place: GroundPlace) -> GeoPoint:
    return GeoPoint(lat=round(place.lat, 7), lon=round(place.lon, 7))
