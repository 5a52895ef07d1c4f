"""What the detectors last said: there is one, or one for each GPU with cameras of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from kernel.events import AnalysisHeartbeat

SILENT_AFTER = timedelta(seconds=5)


class Detectors:
    """The newest heartbeat of each detector."""

    def __init__(self) -> None:
        self._newest: dict[str, AnalysisHeartbeat] = {}

    def heard(self, event: AnalysisHeartbeat) -> None:
        """Take in a heartbeat; one that comes late changes nothing."""
        known = self._newest.get(event.detector)
        if known is None or event.beat_at >= known.beat_at:
            self._newest[event.detector] = event

    def of(self, camera_id: str) -> AnalysisHeartbeat | None:
        """The newest heartbeat that tells of a camera; where none does, the newest of all."""
        by_age = sorted(self._newest.values(), key=lambda beat: beat.beat_at, reverse=True)
        telling = (beat for beat in by_age if any(pulse.camera_id == camera_id for pulse in beat.cameras))
        return next(telling, by_age[0] if by_age else None)

    def together(self) -> AnalysisHeartbeat | None:
        """One heartbeat of all detectors that are not silent; None before the first."""
        if not self._newest:
            return None
        newest_at = max(beat.beat_at for beat in self._newest.values())
        beats = [
            beat for _, beat in sorted(self._newest.items()) if newest_at - beat.beat_at <= SILENT_AFTER
        ]  # silence counts from the newest: when all are silent, what they said last stands
        if len(beats) == 1:
            return beats[0]
        return beats[0].model_copy(
            update={
                "beat_at": newest_at,
                "detector": ", ".join(beat.detector for beat in beats),
                "engine": _each_once(beat.engine for beat in beats),
                "model": _each_once(beat.model for beat in beats),
                "model_warning": next((beat.model_warning for beat in beats if beat.model_warning), ""),
                "capacity_fps": sum(beat.capacity_fps for beat in beats),
                "wanted_fps": sum(beat.wanted_fps for beat in beats),
                "granted_fps": min(beat.granted_fps for beat in beats),
                "cameras": tuple(pulse for beat in beats for pulse in beat.cameras),
            }
        )


def _each_once(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
