"""pymavlink's message classes, used to pack and parse; nothing else of pymavlink is used.

Its connections are not: its TCP connection spins without end on EOF (FACTS-MAVLINK), and starts as MAVLink 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from pymavlink.dialects.v20 import ardupilotmega as mavlink

__all__ = ["GROUND_STATION_COMPONENT", "Message", "Target", "mavlink"]

Message: TypeAlias = Any
"""A pymavlink message: fields as attributes, `get_type()`, `get_srcSystem()`."""

GROUND_STATION_COMPONENT = 190  # MAV_COMP_ID_MISSIONPLANNER, as every ground station uses


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a message is for."""

    system: int
    component: int = 1  # MAV_COMP_ID_AUTOPILOT1
