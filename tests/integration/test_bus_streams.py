"""The bus against a real Redis: nothing durable is lost or out of order, whoever restarts."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
import redis
from pydantic import TypeAdapter

from kernel.bus.address import BusUnavailable, bus_address, connect
from kernel.bus.consumer import consume, subscribe
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.keyvalue import HashTable
from kernel.bus.names import ALERTS, CAMERA_STATE, FLIGHTS, HANDLED_KEPT_S, INCIDENTS, dead_letters, tracks_channel
from kernel.bus.publisher import DurablePublisher
from kernel.clock import SystemClock
from kernel.config.lookout import LookoutConfig
from kernel.events import CAMERA_STATE_EVENTS, CameraStateChanged, Event, ObserverHeartbeat
from kernel.runtime import RuntimePaths
from tests.integration.bus_events import START, change, heartbeat

pytestmark = pytest.mark.integration

CHANGES: TypeAdapter[CameraStateChanged] = TypeAdapter(CameraStateChanged)
HEARTBEATS: TypeAdapter[ObserverHeartbeat] = TypeAdapter(ObserverHeartbeat)


class Inbox:
    """Collects what a consumer is handed, and stops it at a wanted count of different cameras."""

    def __init__(self, wanted: int) -> None:
        self.cameras: list[str] = []
        self.wanted = wanted
        self.arrived = asyncio.Event()
        self.stop = asyncio.Event()

    async def take(self, events: list[tuple[str, CameraStateChanged]]) -> None:
        self.arrived.set()
        self.cameras += [event.camera_id for _, event in events]
        if len(set(self.cameras)) >= self.wanted:
            self.stop.set()

    @property
    def first_arrivals(self) -> list[str]:
        """Cameras in order of their first arrival."""
        return list(dict.fromkeys(self.cameras))

    async def consume(self, address: str, consumer: str = "one", group: str = "store") -> None:
        async with asyncio.timeout(30):
            await consume(address, CAMERA_STATE, group, consumer, CHANGES, self.take, self.stop)


class Heartbeats:
    """Takes a wanted number of heartbeats, then stops."""

    def __init__(self, wanted: int) -> None:
        self.seconds: list[int] = []
        self._wanted = wanted
        self._stop = asyncio.Event()

    async def take(self, events: list[tuple[str, ObserverHeartbeat]]) -> None:
        self.seconds += [round((event.beat_at - START).total_seconds()) for _, event in events]
        if len(self.seconds) >= self._wanted:
            self._stop.set()

    async def consume(
        self, address: str, group: str = "store", consumer: str = "one", stream: str = CAMERA_STATE
    ) -> None:
        async with asyncio.timeout(30):
            await consume(address, stream, group, consumer, HEARTBEATS, self.take, self._stop)


def kill(server: EmbeddedServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    os.waitpid(server.pid, 0)


async def test_every_event_arrives_in_order_over_kills_and_restarts(bus: EmbeddedServer) -> None:
    """The server is killed and started twice while a thread publishes and a consumer reads."""
    count = 3_000
    half, most = threading.Event(), threading.Event()
    publisher = DurablePublisher(bus.address, SystemClock())

    def publish() -> None:
        for number in range(count):
            publisher.append(CAMERA_STATE, change(number))
            if number == count // 3:
                half.set()
                assert restarted.wait(20)
        most.set()

    restarted = threading.Event()
    inbox = Inbox(count)
    consuming = asyncio.create_task(inbox.consume(bus.address))
    publishing = asyncio.create_task(asyncio.to_thread(publish))
    assert await asyncio.to_thread(half.wait, 20)
    await asyncio.to_thread(kill, bus)
    restarted.set()
    assert await asyncio.to_thread(most.wait, 20)
    assert publisher.statistics().queued > 0
    await asyncio.to_thread(bus.start)
    await publishing
    await consuming
    assert inbox.first_arrivals == [f"cam-{number}" for number in range(count)]
    assert await asyncio.to_thread(publisher.close, 5.0)
    statistics = publisher.statistics()
    assert statistics.queued == 0
    assert statistics.appended >= count
    assert statistics.failures > 0


async def test_what_was_not_finished_comes_again_first(bus: EmbeddedServer) -> None:
    publisher = DurablePublisher(bus.address, SystemClock())
    for number in range(3):
        publisher.append(CAMERA_STATE, change(number))
    assert publisher.close(5.0)

    class StoreFull(Exception):
        pass

    async def fail(_events: list[tuple[str, CameraStateChanged]]) -> None:
        raise StoreFull

    with pytest.raises(StoreFull):
        await consume(bus.address, CAMERA_STATE, "store", "one", CHANGES, fail, asyncio.Event())
    connection = connect(bus.address)
    connection.xadd(CAMERA_STATE, {"event": change(3).to_wire()})
    inbox = Inbox(4)
    await inbox.consume(bus.address)
    assert inbox.cameras == ["cam-0", "cam-1", "cam-2", "cam-3"]
    pending = connection.xpending(CAMERA_STATE, "store")
    assert pending["pending"] == 0
    connection.close()


async def test_each_group_gets_every_event(bus: EmbeddedServer) -> None:
    publisher = DurablePublisher(bus.address, SystemClock())
    for number in range(5):
        publisher.append(CAMERA_STATE, change(number))
    assert publisher.close(5.0)
    for group in ("store", "report"):
        inbox = Inbox(5)
        await inbox.consume(bus.address, group=group)
        assert inbox.cameras == [f"cam-{number}" for number in range(5)]


def an_hour_of_heartbeats(connection: redis.Redis) -> None:
    """One a second, by the ids that a server would have given them."""
    with connection.pipeline() as pipeline:
        for second in range(3_600):
            pipeline.xadd(CAMERA_STATE, {"event": heartbeat(second).to_wire()}, id=f"{1000 * (second + 1)}-0")
        pipeline.execute()


async def test_what_every_group_has_handled_goes_after_a_while(bus: EmbeddedServer) -> None:
    """Regression: heartbeats that were stored long ago filled Redis up to 200,000 entries, 340 MB of them."""
    connection = connect(bus.address)
    an_hour_of_heartbeats(connection)
    inbox = Heartbeats(3_600)
    await inbox.consume(bus.address)
    assert inbox.seconds == list(range(3_600))
    assert HANDLED_KEPT_S[CAMERA_STATE] <= connection.xlen(CAMERA_STATE) <= HANDLED_KEPT_S[CAMERA_STATE] + 200
    connection.close()


@pytest.mark.parametrize("stream", [ALERTS, FLIGHTS])
async def test_alerts_and_flights_go_an_hour_after_everybody_has_handled_them(bus: EmbeddedServer, stream: str) -> None:
    """Regression: they grew to 100,000 entries. One group is a fleet's: it stops with 900 of three hours to go."""
    connection = connect(bus.address)
    connection.xgroup_create(stream, "fleet", id="0", mkstream=True)
    with connection.pipeline() as pipeline:
        for number in range(1_800):
            pipeline.xadd(stream, {"event": heartbeat(number).to_wire()}, id=f"{6_000 * (number + 1)}-0")
        pipeline.execute()
    await Heartbeats(1_800).consume(bus.address, stream=stream)
    assert connection.xlen(stream) == 1_800, "the other group was given nothing yet"
    connection.xreadgroup("fleet", "one", {stream: ">"}, count=900)
    connection.xack(stream, "fleet", *(f"{6_000 * (number + 1)}-0" for number in range(850)))
    last = Heartbeats(1)
    connection.xadd(stream, {"event": heartbeat(1_800).to_wire()}, id=f"{6_000 * 1_801 + 60_000}-0")
    await last.consume(bus.address, stream=stream)
    assert 1_801 - 850 <= connection.xlen(stream) <= 1_801 - 850 + 100, "50 it did not finish, 901 it was not given"
    late = Heartbeats(901)
    await late.consume(bus.address, group="fleet", consumer="two", stream=stream)
    assert late.seconds == list(range(900, 1_801))
    connection.close()


async def test_what_another_group_still_needs_stays(bus: EmbeddedServer) -> None:
    """One group was given entries that it did not finish; another comes after everything was handled by the first."""
    connection = connect(bus.address)
    connection.xgroup_create(CAMERA_STATE, "report", id="0", mkstream=True)
    an_hour_of_heartbeats(connection)
    given = connection.xreadgroup("report", "one", {CAMERA_STATE: ">"}, count=1_000)
    assert len(cast("list[tuple[bytes, list[object]]]", given)[0][1]) == 1_000
    connection.xack(CAMERA_STATE, "report", *(f"{1000 * (second + 1)}-0" for second in range(500)))
    await Heartbeats(3_600).consume(bus.address)
    assert 3_100 <= connection.xlen(CAMERA_STATE) <= 3_200
    late = Heartbeats(2_600)
    await late.consume(bus.address, group="report", consumer="two")
    assert late.seconds == list(range(1_000, 3_600))
    connection.close()


async def test_an_entry_that_is_no_event_is_put_aside(bus: EmbeddedServer, caplog: pytest.LogCaptureFixture) -> None:
    connection = connect(bus.address)
    connection.xadd(CAMERA_STATE, {"event": b'{"type": "camera_state_changed", "camera_id": 5}'})
    connection.xadd(CAMERA_STATE, {"nonsense": b"\xff"})
    connection.xadd(CAMERA_STATE, {"event": change(1).to_wire()})
    inbox = Inbox(1)
    await inbox.consume(bus.address)
    assert inbox.cameras == ["cam-1"]
    assert connection.xlen(dead_letters(CAMERA_STATE)) == 2
    assert connection.xpending(CAMERA_STATE, "store")["pending"] == 0
    assert caplog.text.count("entry is no event, put aside") == 2
    connection.close()


async def test_a_lost_group_is_made_again(bus: EmbeddedServer) -> None:
    """Regression: a server that lost its data answers NOGROUP, and the consumer stayed deaf."""
    connection = connect(bus.address)
    connection.xadd(CAMERA_STATE, {"event": change(1).to_wire()})
    inbox = Inbox(2)
    consuming = asyncio.create_task(inbox.consume(bus.address))
    await inbox.arrived.wait()
    connection.delete(CAMERA_STATE)
    connection.xadd(CAMERA_STATE, {"event": change(2).to_wire()})
    await consuming
    assert inbox.cameras[-1] == "cam-2"
    connection.close()


async def test_a_waiting_consumer_stops_at_once(bus: EmbeddedServer) -> None:
    connection = connect(bus.address)
    connection.xadd(CAMERA_STATE, {"event": change(1).to_wire()})
    inbox = Inbox(2)
    consuming = asyncio.create_task(inbox.consume(bus.address))
    await inbox.arrived.wait()
    inbox.stop.set()
    async with asyncio.timeout(1.0):
        await consuming
    connection.close()


def test_only_heartbeats_are_dropped_while_the_bus_is_away(bus: EmbeddedServer) -> None:
    kill(bus)
    publisher = DurablePublisher(bus.address, SystemClock())
    for number in range(1_500):
        publisher.append(CAMERA_STATE, heartbeat(number))
        publisher.append(CAMERA_STATE, change(number))
        publisher.publish("detector_status", heartbeat(number))
    bus.start()
    assert publisher.close(20.0)
    statistics = publisher.statistics()
    assert 0 < statistics.heartbeats_dropped <= 500
    assert statistics.appended == 3_000 - statistics.heartbeats_dropped
    connection = connect(bus.address)
    entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", connection.xrange(CAMERA_STATE))
    events = [CAMERA_STATE_EVENTS.validate_json(fields[b"event"]) for _, fields in entries]
    cameras = [event.camera_id for event in events if isinstance(event, CameraStateChanged)]
    assert cameras == [f"cam-{number}" for number in range(1_500)]
    connection.close()


def test_closing_without_a_bus_gives_up_in_time_and_says_so(
    paths: RuntimePaths, caplog: pytest.LogCaptureFixture
) -> None:
    publisher = DurablePublisher(f"unix://{paths.bus_socket}", SystemClock())
    publisher.append(CAMERA_STATE, change(1))
    assert not publisher.close(0.3)
    assert "bus closed with entries unsent" in caplog.text
    assert caplog.text.count("bus away") == 1
    assert publisher.statistics().queued == 1


def test_incidents_go_along_with_the_alerts_in_order(bus: EmbeddedServer) -> None:
    publisher = DurablePublisher(bus.address, SystemClock())
    table = HashTable(bus.address, INCIDENTS)
    assert table.load() == {}
    publisher.put(INCIDENTS, "cam-1/gate", '{"id": "a"}')
    publisher.put(INCIDENTS, "cam-1/gate", '{"id": "b"}')
    publisher.put(INCIDENTS, "cam-2/gate", '{"id": "门"}')
    publisher.delete(INCIDENTS, "cam-2/gate")
    assert publisher.close(5.0)
    assert table.load() == {"cam-1/gate": '{"id": "b"}'}
    table.put("cam-3/门", '{"id": "c"}')
    table.delete("cam-1/gate")
    table.delete("cam-1/gate")
    assert table.load() == {"cam-3/门": '{"id": "c"}'}
    table.close()


def test_of_what_is_kept_only_the_newest_waits_for_the_bus(bus: EmbeddedServer) -> None:
    """Who stays where is said every second: a bus that was away for a day had a day's worth of it in memory."""
    publisher = DurablePublisher(bus.address, SystemClock())
    bus.stop()
    for number in range(500):
        publisher.keep("stays", "cam-01", str(number))
    publisher.put(INCIDENTS, "cam-01/yard", "{}")
    publisher.keep("stays", "cam-02", "x")
    assert publisher.statistics().queued <= 1
    bus.start()
    assert publisher.close(5.0)
    table = HashTable(bus.address, "stays")
    assert table.load() == {"cam-01": "499", "cam-02": "x"}
    table.close()


def test_a_hash_waits_out_a_restart_and_then_says_what_is_wrong(bus: EmbeddedServer) -> None:
    table = HashTable(bus.address, INCIDENTS)
    table.put("a", "1")
    kill(bus)
    with ThreadPoolExecutor() as pool:
        loading = pool.submit(table.load)
        bus.start()
        assert loading.result() == {"a": "1"}
    bus.stop()
    with pytest.raises(BusUnavailable, match="is `lookout up` running"):
        table.load()
    table.close()


async def test_passing_messages_arrive_through_a_restart(bus: EmbeddedServer) -> None:
    stands: asyncio.Queue[None] = asyncio.Queue()
    received: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
    publisher = DurablePublisher(bus.address, SystemClock())

    async def listen() -> None:
        channels = ("tracks:*", "detector_status")
        async for message in subscribe(bus.address, *channels, on_subscribed=lambda: stands.put_nowait(None)):
            received.put_nowait(message)

    listening = asyncio.create_task(listen())
    event: Event = heartbeat(1)
    async with asyncio.timeout(20):
        await stands.get()
        publisher.publish(tracks_channel("cam-1"), event)
        publisher.publish("another", event)
        publisher.publish("detector_status", event)
        assert await received.get() == ("tracks:cam-1", event.to_wire())
        assert await received.get() == ("detector_status", event.to_wire())
        await asyncio.to_thread(kill, bus)
        await asyncio.to_thread(bus.start)
        await stands.get()
        # the publisher finds its connection broken at the first message, and drops that one
        publisher.publish("detector_status", heartbeat(2))
        publisher.append(CAMERA_STATE, change(1))
        publisher.publish("detector_status", heartbeat(3))
        assert await received.get() in [("detector_status", heartbeat(n).to_wire()) for n in (2, 3)]
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    assert await asyncio.to_thread(publisher.close, 5.0)


def test_the_address_is_the_configured_one_or_the_embedded_server(paths: RuntimePaths) -> None:
    assert bus_address(LookoutConfig(), paths) == f"unix://{paths.bus_socket}"
    elsewhere = LookoutConfig.model_validate({"bus": {"url": "redis://127.0.0.1:6380/0"}})
    assert bus_address(elsewhere, paths) == "redis://127.0.0.1:6380/0"


def test_what_redis_refuses_for_ever_holds_nothing_else_back_and_doubles_nothing(
    bus: EmbeddedServer, caplog: pytest.LogCaptureFixture
) -> None:
    redis = connect(bus.address)
    redis.set(INCIDENTS, "a text of somebody else's")
    publisher = DurablePublisher(bus.address, SystemClock())
    publisher.append(CAMERA_STATE, change(1))
    publisher.put(INCIDENTS, "cam-01/yard", "{}")
    publisher.append(CAMERA_STATE, change(2))
    assert publisher.close(5.0)
    assert redis.xlen(CAMERA_STATE) == 2
    statistics = publisher.statistics()
    assert (statistics.refused, statistics.queued, statistics.failures) == (1, 0, 0)
    assert "bus refuses an entry" in caplog.text
    assert "WRONGTYPE" in caplog.text
    redis.close()
