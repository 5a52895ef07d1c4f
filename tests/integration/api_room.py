"""A real command_api over a real Redis, in this process, for the tests of the API."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from ulid import ULID

from command_api.access.passwords import hash_password
from command_api.roles import Role
from command_api.service import first_admin_file, serve
from command_api.store import people
from command_api.store.database import Store, database_url
from kernel.bus.address import bus_address, connect_async
from kernel.clock import Clock, SystemClock
from kernel.config.lookout import LookoutConfig
from kernel.config.rules import Level
from kernel.events import AlertKind, AlertRaised, Event
from kernel.runtime import RuntimePaths

PASSWORD = "a-long-password-7"
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def config_of(data_dir: Path, **health: Any) -> LookoutConfig:
    """Three cameras of two stations; nothing of theirs is connected to."""

    def camera(camera_id: str, name: str, unit: str, **more: Any) -> dict[str, Any]:
        url = f"rtsp://127.0.0.1:9/{camera_id}"
        station = unit.rpartition("/")[2]
        return {
            "id": camera_id,
            "name": name,
            "unit": unit,
            "station": station,
            "grid": f"{station}-1",
            "username": "operator",
            "password": "camera-secret",
            "streams": {"main": {"url": url}},
            **more,
        }

    yard = {"id": "yard", "name": "料场", "points": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]}
    enters = {"id": "enters", "name": "闯入料场", "kind": "zone_intrusion", "zone": "yard", "level": "red"}
    return LookoutConfig.model_validate(
        {
            "site": {"name": "情指中心", "unit": "bureau"},
            "data_dir": str(data_dir),
            "web": {"port": 0},
            "health": health,
            "cameras": [
                camera("cam-01", "北门", "bureau/kuangshanlu", zones=[yard], rules=[enters]),
                camera("cam-02", "南门", "bureau/kuangshanlu"),
                camera("cam-03", "矿坑", "bureau/baiyun"),
            ],
        }
    )


def alert_of(camera_id: str = "cam-01", **fields: Any) -> AlertRaised:
    """A new alert of a camera."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "id": str(ULID()),
        "camera_id": camera_id,
        "rule_id": "enters",
        "kind": AlertKind.ZONE_INTRUSION,
        "level": Level.RED,
        "class_name": "person",
        "occurred_at": now - timedelta(milliseconds=200),
        "created_at": now,
        "last_seen_at": now - timedelta(milliseconds=200),
        "confidence": 0.8,
        "box_xyxy": (0.1, 0.2, 0.3, 0.4),
        "track_id": 7,
    }
    return AlertRaised(**{**values, **fields})


@dataclass(frozen=True)
class ServerSentEvent:
    """One event of a stream."""

    name: str
    data: Any
    id: str | None


@dataclass
class Room:
    """A running service and what a test needs to talk to it."""

    config: LookoutConfig
    url: str
    bus: str

    @property
    def paths(self) -> RuntimePaths:
        return RuntimePaths.of(self.config)

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        """A client, signed in by bearer token where there is one."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30.0, trust_env=False)

    async def token(self, name: str, password: str = PASSWORD) -> str:
        """Sign in."""
        async with self.client() as client:
            answer = await client.post("/api/session", json={"username": name, "password": password})
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        return token

    async def signed_in(self, name: str) -> httpx.AsyncClient:
        """A client of a user; close it."""
        return self.client(await self.token(name))

    async def append(self, stream: str, *events: Event) -> None:
        """Put events on a durable stream, as a service does."""
        connection = connect_async(self.bus)
        try:
            async with connection.pipeline(transaction=False) as pipeline:
                for event in events:
                    pipeline.xadd(stream, {"event": event.to_wire()})
                await pipeline.execute()
        finally:
            await connection.aclose()


@contextlib.asynccontextmanager
async def running(config: LookoutConfig, clock: Clock | None = None) -> AsyncIterator[Room]:
    """A service over the Redis of the installation, until the block ends."""
    stop = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    service = asyncio.create_task(serve(config, clock or SystemClock(), stop, address.set_result))
    futures: set[asyncio.Future[Any]] = {service, address}
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
    if service.done():
        service.result()
    try:
        yield Room(config, await address, bus_address(config, RuntimePaths.of(config)))
    finally:
        stop.set()
        await service


async def add_users(config: LookoutConfig, users: Mapping[str, tuple[Role, str]]) -> None:
    """Put users with PASSWORD into the store of an installation that does not run."""
    paths = RuntimePaths.of(config)
    paths.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store(database_url(paths.database, ""))
    store.migrate()
    password_hash = hash_password(PASSWORD)
    try:
        for name, (role, unit) in users.items():
            user = people.User(name, name.title(), role, unit, password_hash, False, START, START)
            await store.write(lambda connection, user=user: people.add_user(connection, user))  # type: ignore[misc]
    finally:
        store.close()


def read_first_admin(config: LookoutConfig) -> str:
    """The one-time password, as the supervisor reads it."""
    return first_admin_file(RuntimePaths.of(config)).read_text(encoding="utf-8").strip()


async def server_sent_events(lines: AsyncIterator[str]) -> AsyncIterator[ServerSentEvent]:
    """Parse an event stream (WHATWG HTML, section 9.2.6)."""
    name, data, number = "message", "", None
    async for line in lines:
        if not line:
            yield ServerSentEvent(name, json.loads(data), number)
            name, data, number = "message", "", None
            continue
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            data += value
        elif field == "id":
            number = value


async def next_event(events: AsyncIterator[ServerSentEvent], name: str, timeout_s: float = 20.0) -> ServerSentEvent:
    """The next event of that name."""
    async with asyncio.timeout(timeout_s):
        async for event in events:
            if event.name == name:
                return event
    raise AssertionError(f"the stream ended before an event {name}")
