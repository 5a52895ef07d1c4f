"""Whether a vehicle stored what it was sent.

An autopilot keeps only what its command uses, and rounds: ArduPilot keeps altitudes in centimetres and hold times in
whole seconds, drops the rest, and gives back home (item 0) as it sees it. So each command is compared in what it uses.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from drone.mission.items import Command, Mission, MissionItem, MissionType

INT_TOLERANCE_DEG = 1.01e-7
"""One step of the 1e-7 degrees that the INT messages carry."""
FLOAT_TOLERANCE_DEG = 2.0e-5
"""Where a position went through float32 (a vehicle without the INT messages): spacing 1.5e-5 degrees beyond 128."""
_ALTITUDE_TOLERANCE_M = 0.02
_ROUNDED = 1.0  # times, turns and angles are kept as whole numbers
_EXACT = 0.01

_USED: dict[int, tuple[tuple[int, float], ...]] = {
    Command.NAV_WAYPOINT: ((1, _ROUNDED),),
    Command.NAV_SPLINE_WAYPOINT: ((1, _ROUNDED),),
    Command.NAV_LOITER_UNLIM: (),
    Command.NAV_LOITER_TURNS: ((1, _ROUNDED), (3, _ROUNDED)),
    Command.NAV_LOITER_TIME: ((1, _ROUNDED),),
    Command.NAV_RETURN_TO_LAUNCH: (),
    Command.NAV_LAND: (),
    Command.NAV_TAKEOFF: (),
    Command.NAV_DELAY: ((1, _ROUNDED),),
    Command.CONDITION_DELAY: ((1, _ROUNDED),),
    Command.CONDITION_DISTANCE: ((1, _ROUNDED),),
    Command.CONDITION_YAW: ((1, _ROUNDED), (3, _EXACT), (4, _EXACT)),
    Command.DO_JUMP: ((1, _EXACT), (2, _EXACT)),
    Command.DO_CHANGE_SPEED: ((2, _EXACT),),
    Command.DO_SET_ROI: (),
    Command.DO_SET_ROI_LOCATION: (),
    Command.DO_SET_ROI_NONE: (),
    Command.DO_DIGICAM_CONTROL: (),
    Command.DO_MOUNT_CONTROL: ((1, _ROUNDED), (3, _ROUNDED)),
    Command.DO_SET_CAM_TRIGG_DIST: ((1, _ROUNDED),),
    Command.RALLY_POINT: (),
    Command.FENCE_RETURN_POINT: (),
}
"""Of each command, the parameters that are kept, with the greatest difference rounding may make."""
_ALL = tuple((number, _ROUNDED) for number in (1, 2, 3, 4))
_INT_TWINS = {5: 0, 6: 3, 11: 10}
_FLAT = frozenset(
    {
        Command.FENCE_POLYGON_VERTEX_INCLUSION,
        Command.FENCE_POLYGON_VERTEX_EXCLUSION,
        Command.FENCE_CIRCLE_INCLUSION,
        Command.FENCE_CIRCLE_EXCLUSION,
        Command.FENCE_RETURN_POINT,
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing the vehicle has otherwise than it was sent. `seq` is None for the number of items."""

    seq: int | None
    what: str
    sent: float
    stored: float

    def __str__(self) -> str:
        where = "the plan" if self.seq is None else f"item {self.seq}"
        return f"{where}: {self.what} is {self.stored:.9g}, sent {self.sent:.9g}"


def differences(
    sent: Mission,
    stored: Mission,
    kind: MissionType = MissionType.MISSION,
    tolerance_deg: float = INT_TOLERANCE_DEG,
) -> list[Difference]:
    """Every difference that matters between the plan sent and the plan read back; empty when it is stored.

    Args:
        tolerance_deg: `FLOAT_TOLERANCE_DEG` when either way went through the float messages.
    """
    if len(sent.items) != len(stored.items):
        return [Difference(None, "item count", len(sent.items), len(stored.items))]
    first = 1 if kind is MissionType.MISSION else 0
    pairs = zip(sent.items[first:], stored.items[first:], strict=True)
    return [
        difference
        for seq, (wanted, got) in enumerate(pairs, start=first)
        for difference in _item_differences(seq, wanted, got, tolerance_deg)
    ]


def _item_differences(seq: int, sent: MissionItem, stored: MissionItem, tolerance_deg: float) -> Iterator[Difference]:
    if sent.command != stored.command:
        yield Difference(seq, "command", sent.command, stored.command)
        return
    for number, tolerance in _USED.get(sent.command, _ALL):
        wanted, got = _parameter(sent, number), _parameter(stored, number)
        if not math.isnan(wanted) and not abs(wanted - got) < tolerance:
            yield Difference(seq, f"param{number}", wanted, got)
    if sent.is_positioned:
        yield from _place_differences(seq, sent, stored, tolerance_deg)
    elif sent.command == Command.DO_DIGICAM_CONTROL and abs(sent.lat_deg - stored.lat_deg) >= _EXACT:
        yield Difference(seq, "param5", sent.lat_deg, stored.lat_deg)


def _place_differences(seq: int, sent: MissionItem, stored: MissionItem, tolerance_deg: float) -> Iterator[Difference]:
    if not abs(sent.lat_deg - stored.lat_deg) <= tolerance_deg:
        yield Difference(seq, "lat_deg", sent.lat_deg, stored.lat_deg)
    if not abs(sent.lon_deg - stored.lon_deg) <= tolerance_deg:
        yield Difference(seq, "lon_deg", sent.lon_deg, stored.lon_deg)
    if sent.command in _FLAT:
        return  # a fence on the ground has no altitude: what comes back in it means nothing
    if not abs(sent.alt_m - stored.alt_m) <= _ALTITUDE_TOLERANCE_M:
        yield Difference(seq, "alt_m", sent.alt_m, stored.alt_m)
    sent_frame, stored_frame = (_INT_TWINS.get(frame, frame) for frame in (sent.frame, stored.frame))
    if sent_frame != stored_frame:
        yield Difference(seq, "frame", sent.frame, stored.frame)


def _parameter(item: MissionItem, number: int) -> float:
    return (item.param1, item.param2, item.param3, item.param4)[number - 1]
