"""The gimbal: where it is told to look and where it looks, turning at its own rate.

Told nothing it looks where its parameters say: MNT1_DEFLT_MODE 1 (neutral) is MNT1_NEUTRAL_Y and _Z; the other modes
leave it as it is. A region of interest that ends, as with the mission, puts it back there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scripts.vehicle.helm import Helm

_RATE_DEG_S = 60.0
_PITCH_DEG = (-90.0, 30.0)
_NEUTRAL = 1


@dataclass
class Gimbal:
    """Pitch (0 level, -90 straight down) and yaw relative to the nose, degrees."""

    helm: Helm
    pitch_deg: float = 0.0
    yaw_deg: float = 0.0
    wanted_pitch_deg: float = 0.0
    wanted_yaw_deg: float = 0.0
    _is_left_alone: bool = True

    def point(self, pitch_deg: float, yaw_deg: float) -> None:
        """Look somewhere relative to the vehicle; out of reach is clamped."""
        self._is_left_alone = False
        if math.isfinite(pitch_deg):
            self.wanted_pitch_deg = max(_PITCH_DEG[0], min(_PITCH_DEG[1], pitch_deg))
        if math.isfinite(yaw_deg):
            self.wanted_yaw_deg = (yaw_deg + 180) % 360 - 180

    def tick(self, dt_s: float) -> None:
        """Turn for `dt_s`; a region of interest sets where to."""
        if self.helm.look_at is not None:
            way = self.helm.look_at.minus(self.helm.position)
            self.point(math.degrees(math.atan2(way.up, max(way.horizontal, 1e-6))), 0.0)
            self._is_left_alone = True
        elif self._is_left_alone:
            self._is_left_alone = False
            self._rest()
        most = _RATE_DEG_S * dt_s
        self.pitch_deg += max(-most, min(most, self.wanted_pitch_deg - self.pitch_deg))
        error = (self.wanted_yaw_deg - self.yaw_deg + 180) % 360 - 180
        self.yaw_deg = (self.yaw_deg + max(-most, min(most, error)) + 180) % 360 - 180

    def _rest(self) -> None:
        parameters = self.helm.parameters
        if parameters.get("MNT1_DEFLT_MODE") == _NEUTRAL:
            self.point(parameters.get("MNT1_NEUTRAL_Y"), parameters.get("MNT1_NEUTRAL_Z"))
