"""The drones as they are now: config, last telemetry, the flight that is not over. No I/O, no clock of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from command_api.drones.model import Drone, Flight
from command_api.drones.owners import unit_of
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.events import DroneTelemetry, FlightChanged, FlightState, GeoPoint
from kernel.geodesy import to_wgs84

STALE_AFTER_S = 5.0
_TOLD_EVERY_S = 0.45  # telemetry comes at 2 Hz; what comes faster is not told to pages
_FORGOTTEN_AFTER = timedelta(seconds=10)
_UNDER_WAY = frozenset(FlightState) - {FlightState.IDLE, FlightState.LANDED, FlightState.FAILED}


@dataclass(frozen=True, slots=True)
class _Heard:
    """Telemetry, and when it came on the monotonic clock."""

    telemetry: DroneTelemetry
    at_s: float


class DroneBoard:
    """The present state of the drones.

    Args:
        config: fleet and patrols.
        flights: newest change of each flight that is not over, from the store.
    """

    def __init__(self, config: LookoutConfig, flights: Iterable[FlightChanged] = ()) -> None:
        self._config = config
        self._fleet = {drone.id: drone for drone in config.fleet}
        self._patrol_names = {patrol.id: patrol.label for patrol in config.patrols}
        self._heard: dict[str, _Heard] = {}
        self._told_s: dict[str, float] = {}
        self._told_stale: set[str] = set()
        self._open: dict[str, FlightChanged] = {}
        for flight in flights:
            self.changed(flight)

    def heard(self, telemetry: DroneTelemetry, now_s: float) -> Drone | None:
        """Take in telemetry.

        Returns:
            The drone, where pages are to be told: at most twice a second, and only of drones in the config.
        """
        drone = self._fleet.get(telemetry.drone_id)
        if drone is None:
            return None
        self._heard[drone.id] = _Heard(telemetry, now_s)
        self._told_stale.discard(drone.id)
        told_s = self._told_s.get(drone.id)
        if told_s is not None and now_s - told_s < _TOLD_EVERY_S:
            return None
        self._told_s[drone.id] = now_s
        return self.drone(drone, now_s)

    def changed(self, flight: FlightChanged) -> None:
        """Take in a change of a flight, in any order."""
        known = self._open.get(flight.drone_id)
        if known is not None and _order(known) >= _order(flight):
            return
        self._open[flight.drone_id] = flight

    def drone(self, drone: DroneConfig, now_s: float) -> Drone:
        """A drone and how it is doing at `now_s` on the monotonic clock."""
        heard = self._heard.get(drone.id)
        age_s = None if heard is None else max(0.0, now_s - heard.at_s)
        is_stale = age_s is None or age_s > STALE_AFTER_S
        lat, lon = to_wgs84(drone.home.lat, drone.home.lon, drone.home.datum)
        current = self._current_flight(drone.id, is_stale)
        return Drone(
            id=drone.id,
            name=drone.label,
            unit=unit_of(drone, self._config),
            camera_id=drone.camera,
            autopilot=drone.autopilot,
            home=GeoPoint(lat=lat, lon=lon),
            link_loss=drone.link_loss,
            separation_m=drone.separation_m,
            telemetry=None if heard is None else heard.telemetry,
            telemetry_age_s=None if age_s is None else round(age_s, 3),
            is_stale=is_stale,
            flight=None if current is None else self.flight(current),
        )

    def flight(self, change: FlightChanged) -> Flight:
        """A flight with the names of its drone and patrol."""
        drone = self._fleet.get(change.drone_id)
        patrol_id = change.patrol_id
        fields = change.model_dump(exclude={"type"})
        return Flight(
            **fields,
            drone_name=change.drone_id if drone is None else drone.label,
            patrol_name=None if patrol_id is None else self._patrol_names.get(patrol_id, patrol_id),
        )

    def take_silent(self, now_s: float) -> list[Drone]:
        """Drones that fell silent since this was last asked."""
        silent = [
            drone_id
            for drone_id, heard in self._heard.items()
            if now_s - heard.at_s > STALE_AFTER_S and drone_id not in self._told_stale
        ]
        self._told_stale.update(silent)
        return [self.drone(self._fleet[drone_id], now_s) for drone_id in silent]

    def may_be_airborne(self, drone_id: str) -> bool:
        """Whether the last that is known of a drone has it off the ground; silence does not land it."""
        heard = self._heard.get(drone_id)
        flight = self._current_flight(drone_id, is_stale=False)
        in_flight = flight is not None and flight.state.may_be_airborne
        return in_flight or (heard is not None and heard.telemetry.flight_state.may_be_airborne)

    def _current_flight(self, drone_id: str, is_stale: bool) -> FlightChanged | None:
        """The newest flight, unless it is over or the drone service no longer knows of it."""
        flight = self._open.get(drone_id)
        if flight is None or flight.state.is_over:
            return None
        heard = self._heard.get(drone_id)
        if heard is None or is_stale:
            return flight
        telemetry = heard.telemetry
        knows_no_flight = telemetry.flight_id is None and telemetry.flight_state not in _UNDER_WAY
        if knows_no_flight and telemetry.at - flight.at > _FORGOTTEN_AFTER:
            return None
        return flight


def _order(flight: FlightChanged) -> tuple[datetime, str, int]:
    return flight.started_at, flight.flight_id, flight.change
