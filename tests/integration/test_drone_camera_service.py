"""A drone's camera through a flight: a worker in this process, a real bus, RTSP, and what the ledger makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ingest.worker import IngestWorker
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import CAMERA_STATE, telemetry_channel
from kernel.clock import SystemClock
from kernel.config.lookout import LookoutConfig
from kernel.drone_events import DroneTelemetry, FlightState, LinkState
from kernel.events import CAMERA_STATE_EVENTS, CameraState, CameraStateChanged, OfflineCause
from kernel.ledger import Span, fold, rates
from kernel.runtime import RuntimePaths
from kernel.shard import WHOLE
from scripts.district.rtsp_auth import Scheme
from scripts.district.rtsp_media import Quirks
from scripts.district.testing import Running, media_path, running
from tests.integration.airfield import eventually

STREAMING, DISABLED, CONNECTING = CameraState.STREAMING, CameraState.DISABLED, CameraState.CONNECTING


class Field:
    """The bus, what ingest told on it, and what the drone service would tell."""

    def __init__(self, paths: RuntimePaths) -> None:
        self._redis = redis.Redis(unix_socket_path=str(paths.bus_socket), retry=Retry(NoBackoff(), 0))

    @property
    def events(self) -> list[Any]:
        """Everything ingest told so far."""
        entries: Any = self._redis.xrange(CAMERA_STATE)
        return [CAMERA_STATE_EVENTS.validate_json(fields[b"event"]) for _, fields in entries]

    @property
    def states(self) -> list[CameraState]:
        """The states of the camera so far."""
        return [event.state for event in self.events if isinstance(event, CameraStateChanged)]

    def tell(self, state: FlightState, armed: bool) -> None:
        """Telemetry of the drone, as twice a second."""
        at = datetime.now(UTC)
        told = DroneTelemetry(
            drone_id="uav-1", at=at, link=LinkState.UP, heartbeat_age_s=0.2, armed=armed, flight_state=state
        )
        self._redis.publish(telemetry_channel("uav-1"), told.to_wire())

    async def until(self, states: list[CameraState], tell: Callable[[], None] = lambda: None) -> None:
        """Tell it again and again until the camera went through these states."""
        async with asyncio.timeout(10):
            while self.states != states:
                tell()
                await asyncio.sleep(0.05)


@asynccontextmanager
async def worker_of(config: LookoutConfig) -> AsyncIterator[None]:
    stop = asyncio.Event()
    run = asyncio.create_task(IngestWorker(config, WHOLE, SystemClock()).run(stop))
    try:
        yield
    finally:
        stop.set()
        await run


def config_of(paths: RuntimePaths, camera: Running) -> LookoutConfig:
    eye = {"id": "uav-1-cam", "name": "eye", "unit": "bureau", "streams": {"main": {"url": camera.url("uav-1")}}}
    home = {"lat": 41.7664, "lon": 109.9718, "datum": "wgs84"}
    return LookoutConfig.model_validate(
        {
            "data_dir": str(paths.data_dir),
            "ingest": {"decode": "cpu"},
            "cameras": [eye],
            "fleet": [{"id": "uav-1", "link": "udpin:127.0.0.1:14550", "home": home, "camera": "uav-1-cam"}],
        }
    )


async def test_a_drones_camera_is_open_in_flight_alone(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    """Parked, flown, landed; then the worker starts anew in the middle of another flight."""
    field, path = Field(paths), media_path("uav-1", quirks=Quirks(scheme=Scheme.NONE))
    async with running([path], paths.data_dir) as camera:
        config = config_of(paths, camera)
        async with worker_of(config):
            await field.until([DISABLED])
            field.tell(FlightState.IDLE, armed=False)
            assert not camera.server.is_watched(path)

            await field.until(
                [DISABLED, CONNECTING, STREAMING], lambda: field.tell(FlightState.PRE_FLIGHT, armed=False)
            )
            field.tell(FlightState.PATROLLING, armed=True)
            assert camera.server.is_watched(path)

            landed = [DISABLED, CONNECTING, STREAMING, DISABLED]
            await field.until(landed, lambda: field.tell(FlightState.LANDED, armed=False))
            await eventually(lambda: not camera.server.is_watched(path), 5.0, "the session is closed")
        async with worker_of(config):
            again = [DISABLED, CONNECTING, STREAMING]
            await field.until([*landed, *again], lambda: field.tell(FlightState.PATROLLING, armed=True))

    changes = [event for event in field.events if isinstance(event, CameraStateChanged)]
    assert {one.cause for one in changes if one.state is DISABLED} == {OfflineCause.DRONE_ON_GROUND}
    intervals, spans = fold(field.events)
    window = Span(changes[0].changed_at.timestamp(), max(row.end_s for row in intervals))
    figures = rates(["uav-1-cam"], intervals, {"uav-1-cam": [span.span for span in spans]}, window)["uav-1-cam"]
    assert figures.offline_s == 0.0
    assert figures.outages == ()
    assert figures.out_of_service_s > 0.0
