"""Flight modes by what they mean to a flight, for each autopilot.

Source: ArduCopter `Mode::Number` names as pymavlink gives them; PX4 custom main and sub modes.
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
    """

    auto: str
    guided: str
    holds: tuple[str, ...]
    come_back: str
    land: str
    returning: frozenset[str]
    arm_in: frozenset[str]


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
    arm_in=frozenset({"AUTO.LOITER", "AUTO.MISSION"}),
)


def modes_of(autopilot: str) -> Modes:
    """The modes of an autopilot by its family's name."""
    return PX4 if autopilot == "px4" else ARDUPILOT
