"""The battery: drains with the current the flight takes, sags, and is empty one day."""

from __future__ import annotations

from dataclasses import dataclass

_FULL_V, _KNEE_V, _EMPTY_V = 12.6, 10.6, 9.3  # three cells
_KNEE_SHARE = 0.15
_IDLE_A = 0.5
_SAG_OHM = 0.01


@dataclass
class Battery:
    """State of charge; `hover_a` empties `capacity_mah` in the endurance the vehicle is built for."""

    capacity_mah: float
    hover_a: float
    used_mah: float = 0.0
    current_a: float = _IDLE_A

    @property
    def remaining(self) -> float:
        """Share left, 0 to 1."""
        return max(0.0, 1 - self.used_mah / self.capacity_mah)

    @property
    def voltage_v(self) -> float:
        share = self.remaining
        if share > _KNEE_SHARE:
            rest = _KNEE_V + (_FULL_V - _KNEE_V) * (share - _KNEE_SHARE) / (1 - _KNEE_SHARE)
        else:
            rest = _EMPTY_V + (_KNEE_V - _EMPTY_V) * share / _KNEE_SHARE
        return rest - self.current_a * _SAG_OHM

    def drain(self, dt_s: float, flying: bool, up_m_s: float) -> None:
        """Use what `dt_s` of flight (a climb costs more) or of standing by takes."""
        self.current_a = self.hover_a * (1 + max(0.0, up_m_s) * 0.08) if flying else _IDLE_A
        self.used_mah += self.current_a * dt_s / 3.6
