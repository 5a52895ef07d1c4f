"""`lookout patrol fly` beside the drone service of another config over the same data directory."""

from __future__ import annotations

from pathlib import Path

from drone.fleet.air import Air
from kernel.bus.embedded import EmbeddedServer
from kernel.clock import SystemClock
from kernel.config.lookout import LookoutConfig
from kernel.drone_events import DroneAction, FlightChanged, FlightState
from kernel.runtime import RuntimePaths
from tests.integration.airfield import config, eventually, flying_vehicle, spot
from tests.integration.test_fleet import apart_m, room
from tests.integration.test_patrol_fly import lookout

CONFIG = """
data_dir: {data_dir}
fleet:
  - {{id: uav-1, link: {link}, home: {{lat: {home[0]}, lon: {home[1]}, datum: wgs84}}}}
patrols:
  - id: across
    drones: [uav-1]
    terrain: flat
    altitude_m: 30
    route: {{kind: waypoints, datum: wgs84, points: [[{there[0]}, {there[1]}], [{on[0]}, {on[1]}]]}}
weather: {{source: none}}
"""


async def test_each_sees_the_other_and_a_crash_of_one_is_told(
    bus: EmbeddedServer, paths: RuntimePaths, tmp_path: Path
) -> None:
    """The service plans its drone a layer above the one the command flies, whose process then dies in the air."""
    async with flying_vehicle(1, speedup=25.0) as (one, link_1), flying_vehicle(2, speedup=25.0) as (two, link_2):
        file = tmp_path / "alone.yaml"
        file.write_text(
            CONFIG.format(
                data_dir=paths.data_dir, link=link_1, home=spot(0, 0), there=spot(120, -40), on=spot(120, 1500)
            ),
            encoding="utf-8",
        )
        base = config(paths.data_dir, ["udp:127.0.0.1:9", link_2], drone={"separation_m": 20.0}).model_dump(mode="json")
        base["fleet"], base["patrols"] = base["fleet"][1:], base["patrols"][1:]
        route = {"kind": "waypoints", "datum": "wgs84", "points": [spot(120, 10), spot(120, -900)]}
        base["patrols"][0] |= {"altitude_m": 30.0, "route": route}
        loaded = LookoutConfig.model_validate(base)
        async with lookout("fly", str(file), "across", "--json") as flying, room(loaded, bus) as watched:
            await flying.says("patrolling 0/2")
            answer = await watched.order(DroneAction.START, patrol_id="loop-2")
            assert answer.accepted, answer.reasons
            plan = watched.service.keepers["uav-2"].plan
            await watched.until(lambda: FlightState.PATROLLING in watched.states("uav-2"), "in the air")
            await eventually(lambda: apart_m(one, two) < 1e5, 20.0, "both in the air")
            flying.process.kill()
            await flying.process.wait()
            await watched.until(lambda: "other_unseen" in codes(watched.of(FlightChanged)), "told of the crash", 20.0)
            around = Air(paths.data_dir, SystemClock(), {}).others_of("uav-3")

    nearest = [one.nearest_drone_id for one in watched.of(FlightChanged) if one.nearest_drone_id is not None]
    assert plan is not None
    assert plan.layer >= 1
    assert set(nearest) == {"uav-1"}
    assert {one.code for one in around.reasons} == {"left_in_the_air"}
    assert [one.drone_id for one in around.plans] == ["uav-2"]


def codes(changes: list[FlightChanged]) -> set[str]:
    return {why.code for one in changes for why in one.reasons}
