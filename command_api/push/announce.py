"""Tells of a change once it is committed: first the open pages of this process, then the bus."""

from __future__ import annotations

from collections.abc import Iterable

from command_api.alerts.model import Alert
from command_api.bus_out import BusOut
from command_api.cameras.model import Camera
from command_api.push.hub import Hub, Message, Topic
from kernel.bus.names import ALERT_CHANGES, CAMERA_CHANGES


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
