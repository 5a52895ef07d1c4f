"""The state of one camera stream. Pure: instants come in, transitions come out.

                 opening                first packet                problem / no problem
    (new) ----> CONNECTING ----------------------------> STREAMING <--------------------> DEGRADED
                  ^     |                                    |                               |
      opening     |     | failed                             +------------+------------------+
      (retry due) |     v                                    |            | no packet for read_timeout_s
                  +-- BACKOFF <------------------------------+            v
                  |              failed (the session broke)             STALLED
                  +--------------------------------------------------------+  opening (retry due)
                                        packets again, from STALLED: STREAMING
    DISABLED: the camera is out of service, by its config (enabled: false) or because the drone that carries it is on
    the ground. Only an opening ends that: what an ending session still delivers, or fails with, is no news of the
    camera.

STREAMING and DEGRADED are online. Going offline is dated by the arrival of the last packet (kernel.events).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.events import CameraState, OfflineCause


@dataclass(frozen=True)
class Transition:
    """The stream went from one state (or cause) to another."""

    state: CameraState
    cause: OfflineCause
    detail: str
    changed_at: datetime


class SessionState:
    """State, cause and last packet of one stream. Every method returns the transition it made, or None."""

    def __init__(self) -> None:
        self.state: CameraState | None = None
        self.cause = OfflineCause.NONE
        self.detail = ""
        self.last_packet_at: datetime | None = None

    def disabled(self, now: datetime, cause: OfflineCause = OfflineCause.NONE) -> Transition | None:
        """The camera is out of service."""
        return self._go(CameraState.DISABLED, cause, "", now)

    def opening(self, now: datetime) -> Transition | None:
        """A session is about to be opened. The cause of the last failure stays: it is still why it is offline."""
        if self.state is CameraState.DISABLED:
            return self._go(CameraState.CONNECTING, OfflineCause.NONE, "", now)
        return self._go(CameraState.CONNECTING, self.cause, self.detail, now)

    def packet(self, now: datetime) -> Transition | None:
        """A packet arrived."""
        if self.state is CameraState.DISABLED:
            return None
        self.last_packet_at = now
        if self.state is not None and self.state.is_online:
            return None
        return self._go(CameraState.STREAMING, OfflineCause.NONE, "", now)

    def assessed(self, now: datetime, problem: str, cause: OfflineCause = OfflineCause.NONE) -> Transition | None:
        """How well the packets that arrive are: an empty problem means well. Offline states stay as they are."""
        if self.state is None or not self.state.is_online:
            return None
        if problem:
            if self.state is CameraState.DEGRADED and self.cause is cause:
                return None  # the words may change every second, the state does not
            return self._go(CameraState.DEGRADED, cause, problem, now)
        return self._go(CameraState.STREAMING, OfflineCause.NONE, "", now)

    def quiet(self, now: datetime) -> Transition | None:
        """No packet came for longer than allowed (measured on a clock that nobody sets): it is stalled, if online."""
        if self.state is None or not self.state.is_online or self.last_packet_at is None:
            return None
        return self._go_offline(CameraState.STALLED, OfflineCause.NO_PACKETS, "packets stopped coming", now)

    def failed(self, now: datetime, cause: OfflineCause, detail: str) -> Transition | None:
        """The session could not be opened, or broke; a wait follows. A session that ran dry leaves it stalled."""
        if self.state is CameraState.DISABLED:
            return None
        if cause is OfflineCause.NO_PACKETS and self.state is CameraState.STALLED:
            return None
        if cause is OfflineCause.NO_PACKETS and self.state is not None and self.state.is_online:
            return self.quiet(now)
        return self._go_offline(CameraState.BACKOFF, cause, detail, now)

    def _go_offline(self, state: CameraState, cause: OfflineCause, detail: str, now: datetime) -> Transition | None:
        was_online = self.state is not None and self.state.is_online
        # not later than now, which the last packet is where the clock was set back since
        changed_at = min(self.last_packet_at, now) if was_online and self.last_packet_at is not None else now
        return self._go(state, cause, detail, changed_at)

    def _go(self, state: CameraState, cause: OfflineCause, detail: str, changed_at: datetime) -> Transition | None:
        if self.state is state and self.cause is cause and self.detail == detail:
            return None
        self.state, self.cause, self.detail = state, cause, detail
        return Transition(state, cause, detail, changed_at)
