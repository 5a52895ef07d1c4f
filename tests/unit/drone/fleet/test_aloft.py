"""What a controller tells of an aircraft in the air: where it flies from here, and whether it may be told to hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drone.fleet.aloft import aloft_of
from drone.fleet.heights import dock_heights
from drone.flight.orders import Order
from kernel.drone_events import DroneAction
from tests.integration.airfield import config
from tests.unit.drone.fleet.paper_fleet import PaperDrone, in_flight


def flier() -> PaperDrone:
    return in_flight("uav-1", [(0, 200), (200, 200)], flight_id="01F", home=(0, 0))


def test_one_whose_link_is_lost_is_not_told_to_hold() -> None:
    drone = flier()
    ours = aloft_of(drone)
    drone.bench.seen = replace(drone.seen, link_up=False)
    lost = aloft_of(drone)

    assert [one is not None and one.may_hold for one in (ours, lost)] == [True, False]


@pytest.mark.parametrize(("action", "stays"), [(DroneAction.RETURN, False), (DroneAction.LAND, True)])
def test_one_ordered_down_where_it_is_flies_nowhere(action: DroneAction, stays: bool) -> None:
    drone = flier()
    outputs, refusal = drone.bench.machine.order(Order(action, "test"), drone.now_s)
    assert refusal == ()
    drone.bench.take(outputs)
    drone.bench.answer()
    told = aloft_of(drone)

    assert told is not None
    assert told.way is not None
    assert (told.way == ()) is stays


def test_heights_of_docks_compare_only_over_one_terrain(tmp_path: Path) -> None:
    found = config(tmp_path, ["udp:127.0.0.1:9", "udp:127.0.0.1:9"])
    mixed = found.model_copy(
        update={"patrols": (found.patrols[0], found.patrols[1].model_copy(update={"terrain": "hill.asc"}))}
    )

    assert dock_heights(found) == {"uav-1": 0.0, "uav-2": 0.0}
    assert dock_heights(mixed) is None
