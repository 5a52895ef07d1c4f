"""Where a drone is sent for an alert, if anywhere; pure."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.config.lookout import LookoutConfig
from kernel.event_base import GeoPoint
from kernel.events import AlertRaised
from kernel.geodesy import to_wgs84

_KEPT = 500


@dataclass(frozen=True, slots=True)
class AlertPlace:
    """A place to look at; `error_m`: 95% of true places lie within it, None: not known."""

    point: GeoPoint
    error_m: float | None = None


def place_to_look(alert: AlertRaised, config: LookoutConfig) -> AlertPlace | None:
    """The alert's own place, else where its camera stands; None: nobody is sent.

    None for alerts about drones themselves, and for what a drone's camera saw without a place: the place that the
    config may give that camera is where the drone is parked, not where something happened.
    """
    if alert.kind.value.startswith("drone_"):
        return None
    if alert.place is not None:
        return AlertPlace(alert.place, alert.place_error_m)
    if any(drone.camera == alert.camera_id for drone in config.fleet):
        return None
    camera = next((one for one in config.cameras if one.id == alert.camera_id), None)
    if camera is None or camera.place is None:
        return None
    lat, lon = to_wgs84(camera.place.lat, camera.place.lon, camera.place.datum)
    return AlertPlace(GeoPoint(lat=lat, lon=lon))


class FirstPlaces:
    """The first place of each alert: that of its opening, or else of the first update that has one.

    An update of an alert that was not seen to open without a place is none of ours: it was dealt with, by us or by an
    earlier service.
    """

    def __init__(self, config: LookoutConfig) -> None:
        self._config = config
        self._waiting: dict[str, None] = {}

    def of(self, alert: AlertRaised) -> AlertPlace | None:
        """Where a drone may be sent, once for each alert; None: nowhere, not yet, or not again."""
        if alert.ended_at is not None:
            self._waiting.pop(alert.id, None)
            return None
        if alert.triggers > 1 and alert.id not in self._waiting:
            return None
        self._waiting.pop(alert.id, None)
        place = place_to_look(alert, self._config)
        if place is None:
            self._waiting[alert.id] = None
            while len(self._waiting) > _KEPT:
                del self._waiting[next(iter(self._waiting))]
        return place
