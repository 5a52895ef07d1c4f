"""Whose drones, patrols and drone alerts a user sees; what pages are sent of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from command_api.access.sign_in import Principal
from command_api.drones.owners import units_by_subject
from command_api.push.hub import Hub, Mailbox, Message, Topic
from command_api.register import Register
from command_api.roles import ROUTES, Role, access_of
from kernel.config.rules import Level
from kernel.events import AlertKind, AlertRaised
from tests.unit.command_api.drones.fleet_config import NOW, fleet_config

ORDERS = [
    ("POST", "/api/drones/{drone_id}/{order}"),
    ("POST", "/api/patrols/{patrol_id}/start"),
    ("POST", "/api/patrols/runs/{run_id}/confirm"),
    ("POST", "/api/alerts/{alert_id}/dispatch"),
]


def _user(unit: str) -> Principal:
    return Principal("li", "Li", Role.PILOT, unit, False, "0" * 64, NOW + timedelta(days=1), "127.0.0.1")


def _alert(camera_id: str, kind: AlertKind) -> AlertRaised:
    return AlertRaised(
        id="01JDA0T6J4Q2V0S3M8R7K5C9XN",
        camera_id=camera_id,
        rule_id="drone",
        kind=kind,
        level=Level.RED,
        class_name="drone",
        occurred_at=NOW,
        created_at=NOW,
        last_seen_at=NOW,
    )


@pytest.mark.parametrize("route", ORDERS)
def test_pilots_duty_officers_and_admins_move_drones_and_nobody_else(route: tuple[str, str]) -> None:
    access = access_of(*route)
    assert access is not None
    assert access.roles == {Role.PILOT, Role.DUTY_OFFICER, Role.ADMIN}


def test_an_operator_may_have_drones_ranked_and_an_auditor_reads_the_records() -> None:
    assert Role.OPERATOR in ROUTES["POST", "/api/alerts/{alert_id}/dispatch/offer"].roles
    for path in ("/api/flights", "/api/flights/{flight_id}", "/api/patrols", "/api/patrols/runs"):
        assert Role.AUDITOR in ROUTES["GET", path].roles
    assert Role.AUDITOR not in ROUTES["GET", "/api/drones"].roles


def test_a_drone_is_seen_by_its_unit_and_those_above() -> None:
    register = Register(fleet_config())
    assert [drone.id for drone in register.visible_drones(_user("bureau"))] == ["uav-1", "uav-2"]
    assert register.visible_drone_ids(_user("bureau")) is None
    assert register.visible_drone_ids(_user("bureau/kuangshanlu")) == frozenset({"uav-1"})
    assert register.visible_drone_ids(_user("bureau/baiyun")) == frozenset()
    assert [patrol.id for patrol in register.visible_patrols(_user("bureau/kuangshanlu"))] == ["loop"]
    assert register.visible_patrols(_user("bureau/baiyun")) == ()


def test_an_alert_under_a_drones_own_id_is_for_the_drones_unit() -> None:
    register = Register(fleet_config())
    assert register.may_see(_user("bureau/kuangshanlu"), "uav-1")
    assert not register.may_see(_user("bureau/baiyun"), "uav-1")
    assert register.visible_units(_user("bureau/kuangshanlu")) == ["bureau/kuangshanlu"]


def test_where_a_camera_and_a_drone_share_an_id_the_cameras_unit_decides() -> None:
    """A drone of one station must not open the alerts of another station's camera."""
    config = fleet_config()
    camera = config.cameras[0].model_dump(mode="json") | {"id": "uav-1"}
    shared = fleet_config(cameras=[camera])
    assert units_by_subject(shared)["uav-1"] == "bureau/baiyun"
    assert not Register(shared).may_see(_user("bureau/kuangshanlu"), "uav-1")


def test_drone_alerts_are_named_after_drone_or_camera_and_what_happened() -> None:
    register = Register(fleet_config())
    lost = register.names(_alert("uav-1", AlertKind.DRONE_LINK_LOST))
    assert (lost.camera, lost.rule) == ("巡逻一号", "无人机失联")
    taken = register.names(_alert("cam-01", AlertKind.DRONE_TAKEN_OVER))
    assert (taken.camera, taken.rule) == ("矿坑", "无人机被接管")
    gone = register.names(_alert("uav-9", AlertKind.DRONE_FAILED))
    assert (gone.camera, gone.rule) == ("uav-9", "无人机故障")


async def test_pages_get_what_concerns_a_drone_they_may_see() -> None:
    hub = Hub()
    mine, everything = Mailbox(_user("a"), frozenset(), drone_ids=frozenset({"uav-1"})), Mailbox(_user(""), None)
    everything.drone_ids = None
    blind = Mailbox(_user("b"), frozenset({"cam-01"}))
    for mailbox in (mine, everything, blind):
        hub.open(mailbox)
    hub.publish(Message(Topic.DRONE, "1", drone_ids=frozenset({"uav-2"})))
    hub.publish(Message(Topic.RUN, "2", drone_ids=frozenset({"uav-1", "uav-2"})))
    hub.publish(Message(Topic.RUN, "3", drone_ids=frozenset()))
    assert [message.body for message in await mine.take(0)] == ["2"]
    assert [message.body for message in await everything.take(0)] == ["1", "2", "3"]
    assert await blind.take(0) == []
