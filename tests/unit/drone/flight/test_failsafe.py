"""Parameters that decide over a lost link: they say what the config says, or nothing flies."""

from __future__ import annotations

from typing import Any

import pytest

from drone.flight.failsafe import parameter_names, parameter_reasons
from kernel.drone_events import ReasonText
from tests.unit.drone.flight.paper_autopilot import brief

V35, V46, V47 = (3, 5, 7), (4, 6, 0), (4, 7, 0)


@pytest.mark.parametrize(
    ("policy", "values", "version", "is_right"),
    [
        ("return", {"FS_GCS_ENABLE": 1}, V35, True),
        ("return", {"FS_GCS_ENABLE": 0}, V35, False),
        ("return", {"FS_GCS_ENABLE": 2}, V35, False),
        ("return", {"FS_GCS_ENABLE": 1, "FS_OPTIONS": 0}, V46, True),
        ("return", {"FS_GCS_ENABLE": 3, "FS_OPTIONS": 16}, V46, True),
        ("return", {"FS_GCS_ENABLE": 5, "FS_OPTIONS": 0}, V46, False),
        ("return", {"FS_GCS_ENABLE": 1, "FS_OPTIONS": 2}, V46, False),
        ("return", {"FS_GCS_ENABLE": 1}, V46, False),
        ("return", {}, V46, False),
        ("continue", {"FS_GCS_ENABLE": 0, "FS_OPTIONS": 0}, V46, True),
        ("continue", {"FS_GCS_ENABLE": 1, "FS_OPTIONS": 2}, V46, True),
        ("continue", {"FS_GCS_ENABLE": 1, "FS_OPTIONS": 0}, V46, False),
        ("continue", {"FS_GCS_ENABLE": 2}, V35, True),
        ("continue", {"FS_GCS_ENABLE": 1}, V35, False),
        ("return", {"FS_GCS_ENABLE": 1}, None, False),
        ("return", {"FS_GCS_ENABLE": 1, "FS_OPTIONS": 16}, None, True),
        ("continue", {"FS_GCS_ENABLE": 2}, None, False),
        ("continue", {"FS_GCS_ENABLE": 2}, V46, False),
        ("continue", {"FS_GCS_ENABLE": 0}, None, True),
    ],
)
def test_the_failsafe_has_to_say_what_link_loss_says(
    policy: str, values: dict[str, float], version: tuple[int, int, int] | None, is_right: bool
) -> None:
    found = parameter_reasons(brief(returns_on_loss=policy == "return"), values | {"SYSID_MYGCS": 255}, version)

    assert (found == []) is is_right, found


def test_options_not_read_while_the_version_is_not_told_are_no_sign_of_an_old_firmware() -> None:
    """An ArduCopter 4 whose answers for FS_OPTIONS and AUTOPILOT_VERSION were lost passed as one before 4.0."""
    (found,) = parameter_reasons(brief(), {"FS_GCS_ENABLE": 1, "SYSID_MYGCS": 255}, None)

    assert found.code == "parameter_unread"
    assert "FS_OPTIONS" in found.message_en
    assert "version is not known" in found.message_en


@pytest.mark.parametrize(
    ("values", "version", "way"),
    [({"FS_GCS_ENABLE": 1}, V35, "0 or 2;"), ({"FS_GCS_ENABLE": 1, "FS_OPTIONS": 0}, V46, "FS_OPTIONS with bit 1;")],
)
def test_the_way_out_is_one_that_this_firmware_has(
    values: dict[str, float], version: tuple[int, int, int], way: str
) -> None:
    (found,) = parameter_reasons(brief(returns_on_loss=False), values, version)

    assert way in found.message_en


@pytest.mark.parametrize(
    ("changes", "values", "named"),
    [
        ({}, {"MIS_RESTART": 1.0}, "MIS_RESTART is 1"),
        ({"ceiling_m": 100.0}, {"RTL_ALT": 10_001.0}, "RTL_ALT is 10001"),
        ({"ceiling_m": 100.0}, {"RTL_ALT_M": 101.0}, "RTL_ALT_M is 101"),
        (
            {"return_altitude_m": 80.0},
            {"RTL_ALT": 7_900.0},
            "RTL_ALT is 7900, return_altitude_m asks for at least 8000",
        ),
        ({"return_altitude_m": 80.0}, {"RTL_ALT_M": 0.0}, "RTL_ALT_M is 0"),
        ({"return_altitude_m": 80.0}, {}, "RTL_ALT could not be read"),
        ({}, {"SYSID_MYGCS": 250.0}, "SYSID_MYGCS is 250, gcs_sysid asks for 255"),
        ({"parameters": (("FENCE_ENABLE", 1.0),)}, {"FENCE_ENABLE": 0.0}, "FENCE_ENABLE is 0, parameters asks for 1"),
        ({"parameters": (("FENCE_ENABLE", 1.0),)}, {}, "FENCE_ENABLE could not be read"),
    ],
)
def test_other_parameters_that_matter(changes: dict[str, Any], values: dict[str, float], named: str) -> None:
    right = {"FS_GCS_ENABLE": 1.0, "FS_OPTIONS": 0.0, "SYSID_MYGCS": 255.0}
    found = parameter_reasons(brief(**changes), {**right, **values}, V46)

    assert len(found) == 1
    assert named in found[0].message_en


def test_whose_heartbeats_the_failsafe_counts_has_to_be_known_where_it_is_to_return() -> None:
    values = {"FS_GCS_ENABLE": 1.0, "FS_OPTIONS": 0.0}
    (found,) = parameter_reasons(brief(), values, V46)

    assert "SYSID_MYGCS / MAV_GCS_SYSID could not be read" in found.message_en
    assert parameter_reasons(brief(returns_on_loss=False), values | {"FS_GCS_ENABLE": 0.0}, V46) == []


@pytest.mark.parametrize(
    ("version", "asked", "not_asked"),
    [
        (V35, {"RTL_ALT", "SYSID_MYGCS"}, {"FS_OPTIONS", "RTL_ALT_M"}),
        (V46, {"RTL_ALT", "SYSID_MYGCS", "FS_OPTIONS"}, {"RTL_ALT_M", "MAV_GCS_SYSID"}),
        (V47, {"RTL_ALT_M", "MAV_GCS_SYSID", "FS_OPTIONS", "RTL_ALT", "SYSID_MYGCS"}, set()),
        (None, {"RTL_ALT", "RTL_ALT_M", "FS_OPTIONS", "SYSID_MYGCS", "MAV_GCS_SYSID"}, set()),
    ],
)
def test_an_autopilot_is_asked_for_what_its_version_has(
    version: tuple[int, int, int] | None, asked: set[str], not_asked: set[str]
) -> None:
    names = set(parameter_names(brief(parameters=(("FENCE_ENABLE", 1.0),)), version))

    assert asked | {"FS_GCS_ENABLE", "FENCE_ENABLE"} <= names
    assert not names & not_asked


PX4_RIGHT = {
    "NAV_DLL_ACT": 2.0,
    "COM_DLL_EXCEPT": 0.0,
    "RTL_RETURN_ALT": 60.0,
    "RTL_TYPE": 0.0,
    "RTL_LAND_DELAY": 0.0,
    "GF_ACTION": 0.0,
    "GF_MAX_VER_DIST": 0.0,
    "GF_MAX_HOR_DIST": 0.0,
}


def test_px4_has_parameters_of_its_own() -> None:
    px4 = brief(autopilot="px4", returns_on_loss=True)

    assert parameter_names(px4) == tuple(PX4_RIGHT)
    assert parameter_reasons(px4, PX4_RIGHT, (1, 16, 0)) == []
    before_exceptions = {name: value for name, value in PX4_RIGHT.items() if name != "COM_DLL_EXCEPT"}
    assert parameter_reasons(px4, before_exceptions, (1, 14, 0)) == []
    assert _told(parameter_reasons(px4, before_exceptions, (1, 16, 0))) == ["COM_DLL_EXCEPT could not"]


@pytest.mark.parametrize(
    ("policy", "name", "value", "said"),
    [
        ("return", "NAV_DLL_ACT", 0, ["NAV_DLL_ACT is 0"]),
        ("return", "NAV_DLL_ACT", 1, ["NAV_DLL_ACT is 1"]),
        ("return", "COM_DLL_EXCEPT", 1, ["COM_DLL_EXCEPT is 1"]),
        ("return", "COM_DLL_EXCEPT", 2, ["COM_DLL_EXCEPT is 2"]),
        ("return", "COM_DLL_EXCEPT", 4, []),
        ("continue", "NAV_DLL_ACT", 0, []),
        ("continue", "NAV_DLL_ACT", 2, ["NAV_DLL_ACT is 2"]),
        ("continue", "COM_DLL_EXCEPT", 1, []),
        ("return", "RTL_RETURN_ALT", 121, ["RTL_RETURN_ALT is 121"]),
        ("return", "RTL_TYPE", 1, []),
        ("return", "RTL_TYPE", 2, ["RTL_TYPE is 2"]),
        ("return", "RTL_TYPE", 4, ["RTL_TYPE is 4"]),
        ("return", "RTL_LAND_DELAY", -1, ["RTL_LAND_DELAY is -1"]),
        ("return", "RTL_LAND_DELAY", 5, []),
    ],
)
def test_what_px4_does_over_a_lost_link_and_on_its_way_home(
    policy: str, name: str, value: float, said: list[str]
) -> None:
    px4 = brief(autopilot="px4", returns_on_loss=policy == "return", ceiling_m=120.0)
    assert _told(parameter_reasons(px4, {**PX4_RIGHT, name: value}, (1, 16, 0))) == said


def test_px4_returns_high_enough_and_tells_how_high() -> None:
    high = brief(autopilot="px4", returns_on_loss=True, return_altitude_m=80.0)
    assert parameter_reasons(high, {**PX4_RIGHT, "RTL_RETURN_ALT": 80.0}) == []
    assert _told(parameter_reasons(high, {**PX4_RIGHT, "RTL_RETURN_ALT": 30.0})) == ["RTL_RETURN_ALT is 30"]
    silent = [f"{name} could not" for name in PX4_RIGHT if name != "COM_DLL_EXCEPT"]
    assert _told(parameter_reasons(high, {})) == silent


def _told(reasons: list[ReasonText]) -> list[str]:
    """What each says of which parameter."""
    words = [one.message_en.partition("parameter ")[2].replace(",", "").split() for one in reasons]
    return [" ".join(three[:3]) for three in words]
