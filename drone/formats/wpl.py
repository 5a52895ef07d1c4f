"""`QGC WPL 110`: one line an item, columns set apart by tabs; item 0 is home.

seq · current · frame · command · param1..4 · latitude · longitude · height · autocontinue
"""

from __future__ import annotations

from drone.formats.exchange import PlanFile, checked_item
from drone.mission.items import Command, Frame, Mission, MissionItem
from kernel.errors import BadInputError

HEADER = "QGC WPL 110"
_COLUMNS = 12


def to_wpl(file: PlanFile) -> str:
    """The text of a WPL file; fence and rally points have no place in it."""
    lines = [HEADER]
    for seq, item in enumerate(file.mission.items):
        height_m = file.home_amsl_m if seq == 0 else item.alt_m
        numbers = (item.param1, item.param2, item.param3, item.param4, item.lat_deg, item.lon_deg, height_m)
        head = (seq, int(seq == 0), int(item.frame), int(item.command))
        lines.append(
            "\t".join([*map(str, head), *(repr(float(number)) for number in numbers), str(int(item.autocontinue))])
        )
    return "\n".join(lines) + "\n"


def from_wpl(text: str, source: str) -> PlanFile:
    """What a WPL file holds.

    Raises:
        BadInputError: no such file, or a line that is no item.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0].split() != HEADER.split():
        raise BadInputError(f"{source}: does not begin with '{HEADER}'; save it as a waypoint file again")
    items = [_read(line, number, source) for number, line in enumerate(lines[1:])]
    if not items or items[0].command != Command.NAV_WAYPOINT:
        raise BadInputError(f"{source}: item 0 is not home; save it as a waypoint file again")
    home, *others = items
    first = MissionItem(Command.NAV_WAYPOINT, Frame.GLOBAL, lat_deg=home.lat_deg, lon_deg=home.lon_deg)
    return PlanFile(Mission((first, *others)), home_amsl_m=home.alt_m)


def _read(line: str, number: int, source: str) -> MissionItem:
    words = line.split()
    try:
        seq, _, frame, command = map(int, words[:4])
        p1, p2, p3, p4, x, y, z = map(float, words[4:11])
        autocontinue = bool(int(words[11]))
    except (ValueError, IndexError) as error:
        raise BadInputError(f"{source}: '{line[:60]}' is no item; it has {_COLUMNS} numbers") from error
    if seq != number:
        raise BadInputError(f"{source}: item {seq} stands where item {number} should; sort the lines")
    return checked_item(MissionItem(command, frame, p1, p2, p3, p4, x, y, z, autocontinue), number, source)
