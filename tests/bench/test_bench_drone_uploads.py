"""Uploads of 30 items over a UDP relay that loses packets each way, in real time: `-s` prints the figures.

The vehicle is the simulated one (ArduCopter 3.5.7's manners: it asks once a second, stores item by item). Four run side
by side, each over a relay of its own, so that waiting overlaps.
"""

from __future__ import annotations

import asyncio
import json
import statistics

import pytest

from drone.mavlink.results import UploadResult, UploadStatus
from drone.mission.items import Command
from scripts.vehicle.edge import parse_address
from scripts.vehicle.profiles import ARDUCOPTER_3_5, ARDUCOPTER_4, Profile
from scripts.vehicle.radio import Quality
from scripts.vehicle.relay import Relay
from tests.integration.mavlink_end import heard, linked, served
from tests.unit.drone.mission.missions import patrol

pytestmark = pytest.mark.integration
_UPLOADS, _SIDE_BY_SIDE, _POINTS = 20, 4, 26


async def _one(profile: Profile, loss: float, seed: int, room: asyncio.Semaphore) -> UploadResult:
    async with room, served("udpin:127.0.0.1:0", profile) as server:
        vehicle_side, quality = parse_address(f"udp:127.0.0.1:{server.port}"), Quality(loss)
        relay = Relay(parse_address("udpin:127.0.0.1:0"), vehicle_side, quality, quality, seed)
        await relay.start()
        try:
            async with linked(f"udp:127.0.0.1:{relay.ports[0]}") as link:
                assert await heard(link)
                result = await link.upload(patrol(_POINTS))
                if result.is_verified:
                    stored = [item.command for item in server.vehicle.plans.mission]
                    assert stored[-1] == Command.NAV_RETURN_TO_LAUNCH
                return result
        finally:
            relay.stop()


async def _many(profile: Profile, loss: float) -> list[UploadResult]:
    room = asyncio.Semaphore(_SIDE_BY_SIDE)
    return await asyncio.gather(*(_one(profile, loss, seed, room) for seed in range(_UPLOADS)))


def _figures(profile: Profile, loss: float, results: list[UploadResult]) -> str:
    times_s = sorted(result.elapsed_s for result in results if result.is_verified)
    return json.dumps(
        {
            "profile": profile.name,
            "loss_each_way": loss,
            "uploads": len(results),
            "verified": len(times_s),
            "median_s": round(statistics.median(times_s), 1) if times_s else None,
            "max_s": round(times_s[-1], 1) if times_s else None,
            "refused": [result.status for result in results if not result.is_verified],
        }
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("profile", [ARDUCOPTER_3_5, ARDUCOPTER_4], ids=lambda profile: profile.name)
async def test_twenty_of_twenty_within_a_minute_at_twenty_percent(profile: Profile) -> None:
    results = await _many(profile, 0.2)
    print(_figures(profile, 0.2, results))
    assert all(result.is_verified for result in results)
    assert max(result.elapsed_s for result in results) < 60


@pytest.mark.timeout(1800)
async def test_at_forty_percent_verified_or_refused_never_in_between() -> None:
    results = await _many(ARDUCOPTER_3_5, 0.4)
    print(_figures(ARDUCOPTER_3_5, 0.4, results))
    for result in results:
        assert result.is_verified or (result.status is not UploadStatus.REFUSED_UNSENT and result.detail)
