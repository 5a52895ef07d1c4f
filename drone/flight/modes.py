"""Flight modes by what they mean to a flight, for each autopilot.

Source: ArduCopter `Mode::Number` names as pymavlink gives them; PX4 custom main and sub modes, COM_FAIL_ACT_T
(framework.cpp), SYS_STATUS.hpp, mission_base.cpp.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Modes:
    """The modes of one autopilot.

    Attributes:
        auto: flies the mission.
        guided: flies where it is told.
        holds: stand still in the air without a person at the sticks, best first. Not LOITER: it obeys the throttle
            stick, and without a radio ArduCopter sinks in it at 2.5 m/s.
        come_back: fly home and land.
        land: come down here.
        returning: every mode in which the aircraft is on its way to the ground by itself.
        arm_in: modes it may be armed in by us.
        waits_in: where its failsafes hold for some seconds before they act; empty where they act at once.
        tells_of_its_mode: its check before arming counts for the mode that it is in now, and for no other.
        starts_where_it_was: the mission mode flies on from the item it left, also in another flight.
        leaves_mission_to_return: at the mission's last item, the return, it goes into the mode of that name.
    """

    auto: str
    guided: str
    holds: tuple[str, ...]
    come_back: str
    land: str
    returning: frozenset[str]
    arm_in: frozenset[str]
    waits_in: str = ""
    tells_of_its_mode: bool = False
    starts_where_it_was: bool = False
    leaves_mission_to_return: bool = False


ARDUPILOT = Modes(
    auto="AUTO",
    guided="GUIDED",
    holds=("BRAKE", "GUIDED"),
    come_back="RTL",
    land="LAND",
    returning=frozenset({"RTL", "SMART_RTL", "LAND", "AUTO_RTL", "AUTOLAND"}),
    arm_in=frozenset({"GUIDED"}),
)
PX4 = Modes(
    auto="AUTO.MISSION",
    guided="AUTO.LOITER",
    holds=("AUTO.LOITER",),
    come_back="AUTO.RTL",
    land="AUTO.LAND",
    returning=frozenset({"AUTO.RTL", "AUTO.LAND", "AUTO.PRECLAND", "MISSION.RTL"}),
    arm_in=frozenset({"AUTO.LOITER"}),
    waits_in="AUTO.LOITER",
    tells_of_its_mode=True,
    starts_where_it_was=True,
    leaves_mission_to_return=True,
)


def modes_of(autopilot: str) -> Modes:
    """The modes of an autopilot by its family's name."""
    return PX4 if autopilot == "px4" else ARDUPILOT
