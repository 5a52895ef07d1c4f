"""Where a drone may be sent for an alert."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from drone.fleet.alert_place import AlertPlace, FirstPlaces, place_to_look
from kernel.config.lookout import LookoutConfig
from kernel.config.rules import Level
from kernel.event_base import GeoPoint
from kernel.events import AlertKind, AlertRaised

THERE = GeoPoint(lat=41.7722, lon=109.9731)
AT = datetime(2026, 3, 1, tzinfo=UTC)


def site() -> LookoutConfig:
    """A gate's camera, one on a drone that the config gives the place of its dock, one nobody placed."""

    def camera(camera_id: str, **more: Any) -> dict[str, Any]:
        streams = {"main": {"url": "rtsp://127.0.0.1:9/"}}
        return {"id": camera_id, "name": camera_id, "unit": "bureau", "streams": streams, **more}

    stands = {"place": {"lat": 41.77, "lon": 109.97, "datum": "wgs84"}}
    home = {"lat": 41.77, "lon": 109.97, "datum": "wgs84"}
    return LookoutConfig.model_validate(
        {
            "site": {"name": "试验场"},
            "cameras": [camera("gate", **stands), camera("uav-1-cam", **stands), camera("yard")],
            "fleet": [{"id": "uav-1", "link": "udpin:127.0.0.1:14551", "home": home, "camera": "uav-1-cam"}],
            "weather": {"source": "none"},
        }
    )


def alert(camera_id: str, **fields: Any) -> AlertRaised:
    values: dict[str, Any] = {"kind": AlertKind.ZONE_INTRUSION, **fields}
    return AlertRaised(
        id="01A",
        camera_id=camera_id,
        rule_id="r",
        level=Level.RED,
        class_name="person",
        occurred_at=AT,
        created_at=AT,
        last_seen_at=AT,
        **values,
    )


def test_what_a_drones_camera_saw_without_a_place_sends_nobody_to_where_the_drone_is_parked() -> None:
    """It took the camera's place of the config: the dock."""
    assert place_to_look(alert("uav-1-cam", unplaced="grazing"), site()) is None


@pytest.mark.parametrize(
    ("raised", "found"),
    [
        (alert("uav-1-cam", place=THERE, place_error_m=8.2), AlertPlace(THERE, 8.2)),
        (alert("gate", place=THERE), AlertPlace(THERE)),
        (alert("gate"), AlertPlace(GeoPoint(lat=41.77, lon=109.97))),
        (alert("yard"), None),
        (alert("gone"), None),
        (alert("uav-1-cam", kind=AlertKind.DRONE_LINK_LOST, place=THERE), None),
    ],
)
def test_its_own_place_comes_first_then_that_of_a_camera_that_stands(
    raised: AlertRaised, found: AlertPlace | None
) -> None:
    assert place_to_look(raised, site()) == found


def test_an_alert_that_opened_without_a_place_is_looked_at_once_an_update_has_one() -> None:
    """Updates were passed over, so nobody was ever sent to it."""
    places = FirstPlaces(site())
    assert places.of(alert("uav-1-cam", unplaced="grazing")) is None
    assert places.of(alert("uav-1-cam", unplaced="grazing", triggers=2)) is None
    assert places.of(alert("uav-1-cam", triggers=3, place=THERE, place_error_m=5.0)) == AlertPlace(THERE, 5.0)
    assert places.of(alert("uav-1-cam", triggers=4, place=THERE, place_error_m=5.0)) is None


def test_updates_of_what_had_a_place_or_ended_or_opened_unseen_send_nobody() -> None:
    places = FirstPlaces(site())
    assert places.of(alert("gate", triggers=2)) is None
    assert places.of(alert("yard")) is None
    assert places.of(alert("yard", triggers=2, ended_at=AT)) is None
    assert places.of(alert("yard", triggers=3, place=THERE)) is None
