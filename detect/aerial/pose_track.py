"""The poses of a drone around now -> the camera at the instant of a frame, or why that is not known. Pure.

A frame is analysed a tenth of a second after it came, so the pose after it is often there: then it lies between two.
Where it is not, the position goes on with its velocity and the attitude with its rate, for a short while, less sure.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detect.aerial.eye import Eye, Sigmas
from detect.aerial.ground import Unplaced
from kernel.drone_events import AirPose
from kernel.geodesy import shifted
from kernel.terrain import GridTerrain

Array = npt.NDArray[np.float64]
OLDEST_S = 1.0
"""A pose this much older than the frame says nothing about it."""
WIDEST_GAP_S = 2.0
"""Two poses further apart are not joined."""
_KEPT_S = 6.0
_ACCELERATION_M_S2 = 2.0
_TURN_CHANGE_DEG_S2 = 20.0
_UNLEVEL_SHARE = 0.1  # of the aircraft's tilt that a stabilised gimbal lets through at worst


@dataclass(frozen=True, slots=True)
class Mount:
    """How the camera hangs on the aircraft.

    Attributes:
        has_gimbal: it hangs on a gimbal that tells where it looks; else it is fixed.
        pitch_deg: of a fixed camera against the aircraft; None: nobody said.
    """

    has_gimbal: bool
    pitch_deg: float | None = None


@dataclass(frozen=True, slots=True)
class _Angles:
    heading_deg: float
    pitch_deg: float
    roll_deg: float


class PoseTrack:
    """The last seconds of one drone.

    Args:
        mount: how its camera hangs.
        delay_s: how much later a picture comes in than it was taken, more than telemetry does.
        sigmas: what the parts are off by where the drone does not tell.
        terrain: that the drone's heights above ground are counted over; None: level.
    """

    def __init__(
        self,
        mount: Mount,
        delay_s: float = 0.0,
        sigmas: Sigmas | None = None,
        terrain: GridTerrain | None = None,
    ) -> None:
        self._mount, self._delay_s, self._sigmas = mount, delay_s, sigmas or Sigmas()
        self.terrain = terrain
        self._poses: deque[AirPose] = deque()

    def add(self, pose: AirPose) -> None:
        """Take in a pose; one that comes late, or again, is passed over. After a clock set back it begins anew."""
        if self._poses and (self._poses[-1].at - pose.at).total_seconds() > _KEPT_S:
            self._poses.clear()
        if self._poses and pose.at <= self._poses[-1].at:
            return
        self._poses.append(pose)
        while (pose.at - self._poses[0].at).total_seconds() > _KEPT_S:
            self._poses.popleft()

    def at(self, captured_s: float) -> Eye | Unplaced:
        """The camera when the frame was taken that came in at `captured_s` (seconds since the epoch)."""
        if not self._poses:
            return Unplaced.NO_POSE
        poses, when_s = list(self._poses), captured_s - self._delay_s
        here = _bracket(poses, lambda pose: pose.position_at.timestamp(), when_s)
        angles = _bracket(poses, self._angles_s, when_s)
        if isinstance(angles, Unplaced):
            return angles
        if isinstance(here, Unplaced):
            return here
        looks = [(self._angles(pose), self._angles_s(pose)) for pose in angles]
        if looks[0][0] is None or looks[-1][0] is None:
            return Unplaced.GIMBAL_UNKNOWN
        grounds_m = self._grounds_m(here)
        if not np.isfinite(grounds_m).all():
            return Unplaced.TERRAIN_UNKNOWN
        return self._eye(here, grounds_m, [(look, at_s) for look, at_s in looks if look is not None], when_s)

    def _grounds_m(self, poses: Sequence[AirPose]) -> Array:
        """Height of the ground below each pose, over the terrain's level."""
        if self.terrain is None:
            return np.zeros(len(poses))
        return self.terrain.heights_m(np.array([one.lat for one in poses]), np.array([one.lon for one in poses]))

    def _eye(
        self, here: Sequence[AirPose], grounds_m: Array, looks: Sequence[tuple[_Angles, float]], when_s: float
    ) -> Eye:
        newest, base_m = here[-1], float(grounds_m[-1])
        lat, lon, height_m, ahead_s = _moved(here, grounds_m - base_m, when_s)
        angles, rates, late_s = _turned(looks, when_s)
        known, tilt_deg = self._sigmas, math.hypot(newest.roll_deg, newest.pitch_deg)
        shaking_deg = _UNLEVEL_SHARE * tilt_deg if self._mount.has_gimbal else 0.0
        drift_m, swing_deg = _ACCELERATION_M_S2 * ahead_s**2 / 2, _TURN_CHANGE_DEG_S2 * late_s**2 / 2
        sigmas = Sigmas(
            horizontal_m=math.hypot(newest.horizontal_error_m or known.horizontal_m, drift_m),
            height_m=math.hypot(max(newest.vertical_error_m or 0.0, known.height_m), drift_m),
            heading_deg=math.hypot(known.heading_deg, swing_deg),
            pitch_deg=math.hypot(known.pitch_deg, shaking_deg, swing_deg),
            roll_deg=math.hypot(known.roll_deg, shaking_deg),
            delay_s=known.delay_s,
            pixel_px=known.pixel_px,
        )
        return Eye(
            lat,
            lon,
            height_m,
            angles.heading_deg,
            angles.pitch_deg,
            angles.roll_deg,
            0.0 if self._mount.has_gimbal else (self._mount.pitch_deg or 0.0),
            newest.north_m_s,
            newest.east_m_s,
            newest.down_m_s,
            rates.heading_deg,
            rates.pitch_deg,
            base_m,
            sigmas,
        )

    def _angles(self, pose: AirPose) -> _Angles | None:
        """What the camera is mounted on: the gimbal against the horizon, else the aircraft; None: not known."""
        if not self._mount.has_gimbal:
            if self._mount.pitch_deg is None:
                return None
            return _Angles(pose.heading_deg, pose.pitch_deg, pose.roll_deg)
        gimbal = pose.gimbal
        if gimbal is None:
            return None
        heading_deg = gimbal.yaw_deg if gimbal.yaw_from_north else gimbal.yaw_deg + pose.heading_deg
        return _Angles(heading_deg % 360, gimbal.pitch_deg, gimbal.roll_deg)

    def _angles_s(self, pose: AirPose) -> float:
        """The older of the instants the angles are of."""
        at = pose.attitude_at
        if self._mount.has_gimbal and pose.gimbal is not None:
            at = min(at, pose.gimbal.at)
        return at.timestamp()


def _bracket(poses: Sequence[AirPose], instant: Callable[[AirPose], float], when_s: float) -> list[AirPose] | Unplaced:
    """The poses before and after an instant; the last two where it lies after all of them."""
    distinct: list[AirPose] = []
    for pose in poses:
        if not distinct or instant(pose) > instant(distinct[-1]):
            distinct.append(pose)
    instants = [instant(pose) for pose in distinct]
    after = bisect_right(instants, when_s)
    if after == 0:
        return Unplaced.NO_POSE
    if after == len(distinct):
        if when_s - instants[-1] > OLDEST_S:
            return Unplaced.POSE_OLD
        pair = distinct[-2:]
    else:
        pair = distinct[after - 1 : after + 1]
    if instant(pair[-1]) - instant(pair[0]) <= WIDEST_GAP_S:
        return pair
    return pair[-1:] if after == len(distinct) else Unplaced.POSE_OLD


def _moved(pair: Sequence[AirPose], grounds_m: Array, when_s: float) -> tuple[float, float, float, float]:
    """(lat, lon, height, seconds beyond what is known) at an instant.

    Args:
        grounds_m: height of the ground below each over that below the last: heights are of the aircraft, not of what it
            happens to fly over.
    """
    last = pair[-1]
    ahead_s = when_s - last.position_at.timestamp()
    if ahead_s >= 0 or len(pair) == 1:
        lat, lon = shifted(last.lat, last.lon, last.north_m_s * ahead_s, last.east_m_s * ahead_s)
        return lat, lon, last.height_m - last.down_m_s * ahead_s, max(0.0, ahead_s)
    first = pair[0]
    share = (when_s - first.position_at.timestamp()) / (last.position_at - first.position_at).total_seconds()
    lat = first.lat + share * (last.lat - first.lat)
    lon = first.lon + share * (last.lon - first.lon)
    first_m = first.height_m + float(grounds_m[0])
    return lat, lon, first_m + share * (last.height_m - first_m), 0.0


def _turned(looks: Sequence[tuple[_Angles, float]], when_s: float) -> tuple[_Angles, _Angles, float]:
    """(angles, degrees a second, seconds beyond what is known) at an instant."""
    last, last_s = looks[-1]
    late_s = max(0.0, when_s - last_s)
    if len(looks) == 1:
        return last, _Angles(0.0, 0.0, 0.0), late_s
    first, first_s = looks[0]
    rates = _Angles(*(_around(new - old) / (last_s - first_s) for old, new in zip(_of(first), _of(last), strict=True)))
    ahead_s = when_s - last_s
    heading_deg, pitch_deg, roll_deg = (
        angle + rate * ahead_s for angle, rate in zip(_of(last), _of(rates), strict=True)
    )
    return _Angles(heading_deg % 360, pitch_deg, roll_deg), rates, late_s


def _of(angles: _Angles) -> tuple[float, float, float]:
    return angles.heading_deg, angles.pitch_deg, angles.roll_deg


def _around(angle_deg: float) -> float:
    """-180 to 180."""
    return (angle_deg + 180) % 360 - 180
