"""Tells of a change once it is committed: first the open pages of this process, then the bus."""

from __future__ import annotations

from collections.abc import Iterable

from command_api.alerts.model import Alert
from command_api.bus_out import BusOut
from command_api.cameras.model import Camera
from command_api.drones.model import Drone, Flight
from command_api.push.hub import Hub, Message, Topic
from kernel.bus.names import ALERT_CHANGES, CAMERA_CHANGES
from kernel.events import DispatchChanged, DispatchOffered, PatrolRunDecided

_NO_CAMERA = "?"  # the id of no camera: only those who see everything get what is sent under it


class Announcer:
    """Sends changes to pages and to the bus.

    Args:
        hub: open pages.
        bus: for the live gateway.
    """

    def __init__(self, hub: Hub, bus: BusOut) -> None:
        self._hub = hub
        self._bus = bus

    def alerts(self, alerts: Iterable[Alert]) -> None:
        """Stored alerts that changed, in the order of their seq."""
        for alert in alerts:
            body = alert.model_dump_json()
            self._hub.publish(Message(Topic.ALERT, body, alert.camera_id, alert.seq))
            self._bus.publish_soon(ALERT_CHANGES, body)

    def camera(self, camera: Camera) -> None:
        """A camera whose state changed."""
        body = camera.model_dump_json()
        self._hub.publish(Message(Topic.CAMERA, body, camera.id))
        self._bus.publish_soon(CAMERA_CHANGES, body)

    def drone(self, drone: Drone) -> None:
        """A drone that was heard of, or fell silent."""
        self._about_drones(Topic.DRONE, drone.model_dump_json(), frozenset({drone.id}))

    def flight(self, flight: Flight) -> None:
        """A flight that changed."""
        self._about_drones(Topic.FLIGHT, flight.model_dump_json(), frozenset({flight.drone_id}))

    def run(self, run: PatrolRunDecided, drone_ids: frozenset[str]) -> None:
        """What became of a scheduled run, for those who may see one of the drones."""
        self._about_drones(Topic.RUN, run.model_dump_json(), drone_ids)

    def dispatch(self, step: DispatchOffered | DispatchChanged, camera_id: str | None) -> None:
        """A step of a dispatch, for those who may see the alert; an alert that is not known is for nobody's unit."""
        self._hub.publish(Message(Topic.DISPATCH, step.model_dump_json(), camera_id or _NO_CAMERA))

    def _about_drones(self, topic: Topic, body: str, drone_ids: frozenset[str]) -> None:
        self._hub.publish(Message(topic, body, drone_ids=drone_ids))
