"""Where an alert is about, and how sure that is; pure.

camera that stands:  where the camera stands; how far off its subject is nobody knows, so no error is stated
camera on a drone:   where its track stands on the ground, with its error; else why that is not known
"""

from __future__ import annotations

from dataclasses import dataclass

from detect.aerial.ground import RMS_TO_95
from kernel.events import GeoPoint, SightsUpdate

NO_TRACK = "no_track"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where an alert is about.

    Attributes:
        place: WGS-84; None: not known.
        error_m: 95% of true places lie within it of `place`; None: not known.
        unplaced: why there is no place, as docs/drone-sight.md names it.
    """

    place: GeoPoint | None = None
    error_m: float | None = None
    unplaced: str = ""


NOWHERE = Whereabouts()


def in_sight(sights: SightsUpdate, track_id: int | None) -> Whereabouts:
    """Where a track of a drone's camera stands on the frame that `sights` tells of."""
    seen = next((one for one in sights.sightings if one.track_id == track_id), None)
    if seen is None:
        return Whereabouts(unplaced=sights.unplaced or NO_TRACK)
    if seen.place is None:
        return Whereabouts(unplaced=seen.unplaced)
    error_m = None if seen.error_m is None else round(RMS_TO_95 * seen.error_m, 1)
    return Whereabouts(seen.place, error_m)
