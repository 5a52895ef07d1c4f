"""What drones' cameras see, from the bus to pages: to whoever may see that camera, and not with every frame."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from command_api.roles import Role
from kernel.bus.address import connect_async
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import sights_channel
from kernel.clock import ManualClock
from kernel.events import GeoPoint, GroundSighting, SightsUpdate
from kernel.runtime import RuntimePaths
from tests.integration.api_room import Room, add_users, next_event, running, server_sent_events
from tests.integration.drone_room import drone_config

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
USERS = {"all": (Role.VIEWER, "bureau"), "baiyun": (Role.VIEWER, "bureau/baiyun")}


def seen(camera_id: str, track_id: int) -> SightsUpdate:
    placed = GroundSighting(
        track_id=track_id,
        class_name="person",
        confidence=0.9,
        place=GeoPoint(lat=41.7701, lon=109.9702),
        error_m=4.2,
    )
    nowhere = GroundSighting(track_id=99, class_name="car", confidence=0.8, place=None, unplaced="grazing")
    return SightsUpdate(camera_id=camera_id, drone_id="uav-1", captured_at=NOW, sightings=(placed, nowhere))


async def say(room: Room, *updates: SightsUpdate) -> None:
    connection = connect_async(room.bus)
    try:
        for update in updates:
            await connection.publish(sights_channel(update.camera_id), update.to_wire())
    finally:
        await connection.aclose()


async def test_sights_go_to_who_may_see_the_camera_and_twice_a_second_at_most(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config, clock = drone_config(paths.data_dir), ManualClock(NOW)
    await add_users(config, USERS)
    async with (
        running(config, clock) as room,
        await room.signed_in("all") as every,
        await room.signed_in("baiyun") as one,
        every.stream("GET", "/api/events") as stream,
        one.stream("GET", "/api/events") as foreign_stream,
    ):
        told, foreign = (server_sent_events(lines.aiter_lines()) for lines in (stream, foreign_stream))
        for events in (told, foreign):
            await next_event(events, "ping")
        await say(room, seen("cam-02", 1), seen("cam-02", 2), seen("cam-03", 3))
        first, second = await next_event(told, "sights"), await next_event(told, "sights")
        clock.advance(0.5)
        await say(room, seen("cam-02", 4))
        third = await next_event(told, "sights")
        of_unit = await next_event(foreign, "sights")
    tracks = [event.data["sightings"][0]["track_id"] for event in (first, second, third)]
    assert tracks == [1, 3, 4], "the second of cam-02 came within half a second"
    assert of_unit.data["camera_id"] == "cam-03", "another unit's camera came first and was not pushed"
    assert first.data["sightings"][0]["place"] == {"lat": 41.7701, "lon": 109.9702}
    unplaced = first.data["sightings"][1]
    assert (unplaced["place"], unplaced["error_m"], unplaced["unplaced"]) == (None, None, "grazing")
    assert first.id is None
