"""Whether a vehicle is there, and whether it is one vehicle.

Only heartbeats of the autopilot count: telemetry falls silent during a lossy transfer, and gimbals, radios and ground
stations send heartbeats of their own (with autopilot INVALID).
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from drone.mavlink.dialect import Message
from drone.mavlink.modes import Autopilot
from drone.mavlink.state import VehicleState

LOST_AFTER_S = 5.0
"""Five heartbeats of 1 Hz missed."""

_GROUND_STATION = 6  # MAV_TYPE_GCS
_JUMP_S = 2.0
_JUMPS_SHOWN_IN_S = 30.0
_JUMPS_OF_TWO = 3
_BEATS = 12
_BEATS_OF_TWO_WITHIN_S = 8.0  # one vehicle needs 11 s for twelve
_READINGS_A_BEAT = 3
_FEW_CHANGES, _CHANGES_OF_TWO = 2, 8
_RECENT_SEQUENCES = 8


def is_autopilot_heartbeat(message: Message) -> bool:
    """Whether this is the heartbeat of an autopilot."""
    if message.get_type() != "HEARTBEAT":
        return False
    return bool(message.autopilot != Autopilot.INVALID and message.type != _GROUND_STATION)


def is_alive(state: VehicleState, now_s: float) -> bool:
    """Whether the last heartbeat is younger than `LOST_AFTER_S`."""
    age_s = state.heartbeat_age_s(now_s)
    return age_s is not None and age_s < LOST_AFTER_S


class DuplicateWatch:
    """Tells two vehicles of one sysid on one link, and a vehicle that started anew.

    Two boot clocks interleaved jump back again and again; a restart jumps back once. Each kind of message is held
    against its own kind: ArduCopter 3.5 stamps positions with the time of the last fix, which stands still where the
    receiver falls silent. Two vehicles started together are told by their heartbeats: twelve of different numbers
    within 8 s of the boot clock (not of ours: a simulator may run faster), while the boot clock is told three times as
    often, so that it can be trusted to a third of a second. ArduPilot sends one more with each change of mode or
    arming: a window with some changes is no evidence, one in which nearly every heartbeat differs from the last is.
    """

    def __init__(self) -> None:
        self.boots = 0
        self.verdict: str | None = None
        self._told_s: dict[str, float] = {}
        self._jumps_s: deque[float] = deque(maxlen=_JUMPS_OF_TWO)
        self._beats: deque[tuple[float, int, tuple[int, int]]] = deque(maxlen=_BEATS)
        self._boot_readings = 0
        self._sequences: deque[int] = deque(maxlen=_RECENT_SEQUENCES)

    def observe(self, message: Message, now_s: float) -> None:
        """Take in a message of the vehicle's autopilot."""
        boot_ms = getattr(message, "time_boot_ms", None)
        if boot_ms is not None:
            self._boot_told(message.get_type(), boot_ms / 1000, now_s)
        elif is_autopilot_heartbeat(message):
            self._beat(message)

    def _boot_told(self, kind: str, boot_s: float, now_s: float) -> None:
        last_s = self._told_s.get(kind, boot_s)
        self._boot_readings += 1
        if boot_s >= last_s - _JUMP_S:
            self._told_s[kind] = max(boot_s, last_s)
            return
        self.boots += 1
        self._told_s = {kind: boot_s}
        self._beats.clear()
        self._jumps_s.append(now_s)
        if len(self._jumps_s) == _JUMPS_OF_TWO and now_s - self._jumps_s[0] <= _JUMPS_SHOWN_IN_S:
            self.verdict = f"two vehicles share this sysid: their boot clocks read {last_s:.0f} s and {boot_s:.0f} s"

    def _beat(self, message: Message) -> None:
        sequence = message.get_seq()
        if sequence in self._sequences:
            return  # the network doubled it
        self._sequences.append(sequence)
        if not self._told_s:
            return
        boot_s = max(self._told_s.values())
        self._beats.append((boot_s, self._boot_readings, (message.base_mode, message.custom_mode)))
        if len(self._beats) < _BEATS:
            return
        (first_s, first_readings, _), (last_s, last_readings, _) = self._beats[0], self._beats[-1]
        changes = sum(one[2] != other[2] for one, other in pairwise(self._beats))
        if _FEW_CHANGES < changes < _CHANGES_OF_TWO:
            return
        is_told_often = last_readings - first_readings >= _READINGS_A_BEAT * (_BEATS - 1)
        is_told_lately = last_readings > self._beats[-3][1]  # a transfer silences the clock, not the heartbeats
        if is_told_often and is_told_lately and last_s - first_s < _BEATS_OF_TWO_WITHIN_S:
            self.verdict = f"two vehicles share this sysid: {_BEATS} heartbeats within {last_s - first_s:.1f} s"
