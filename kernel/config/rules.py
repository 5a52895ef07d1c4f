"""Zones and rules of a camera: what on the picture becomes an alert."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from kernel.config.base import Fraction, Identifier, PicturePoint, PositiveSeconds, Section, described
from kernel.config.earth import DATUM, Datum, EarthPoint
from kernel.config.hours import HoursText

LUGGAGE = ("backpack", "handbag", "suitcase")
"""What people leave behind, as models trained on COCO name it."""


class Level(StrEnum):
    """Alert levels, most urgent first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


class Direction(StrEnum):
    """Which crossings of a line count, seen when walking from its first point to its second."""

    ANY = "any"
    LEFT_TO_RIGHT = "left_to_right"
    RIGHT_TO_LEFT = "right_to_left"


class ZoneConfig(Section):
    """A polygon on the picture that rules refer to."""

    id: Identifier = described("Name that rules use for this zone.")
    name: str = described("Name shown to operators.", "")
    points: tuple[PicturePoint, ...] = described(
        "Corners in order, each [x, y] as a fraction 0-1 of the picture's width and height; at least three, "
        "edges must not cross.",
        min_length=3,
    )


class RuleBase(Section):
    """What every rule has, whatever it looks for."""

    id: Identifier = described("Name of the rule, unique within its camera.")
    name: str = described("Words shown to operators when it fires.", "")
    level: Level = described("Level of its alerts: red, orange, yellow or blue.", Level.ORANGE)
    classes: tuple[str, ...] = described("Classes that count, as the model names them.", ("person",), min_length=1)
    min_confidence: Fraction = described("Detections below this confidence do not count.", 0.4)
    min_height_px: Annotated[float, Field(ge=0)] = described(
        "Boxes lower than this, in pixels of the source picture, do not count.", 16.0
    )
    cooldown_s: PositiveSeconds = described(
        "Triggers of the rule within this time of the last one belong to the same incident.", 10.0
    )
    hours: tuple[HoursText, ...] = described(
        "When it counts, in site.timezone: '22:00-06:00', 'mon-fri 08:00-18:00', 'sat-sun'; empty for always. Who is "
        "there already when a window begins is told of then.",
        (),
    )


class ZoneIntrusionRule(RuleBase):
    """Somebody's ground-contact point enters a zone."""

    kind: Literal["zone_intrusion"] = described("Somebody or something enters a zone.")
    zone: Identifier = described("The zone, by its id.")
    inertia_frames: Annotated[int, Field(ge=1, le=50)] = described(
        "Analysed frames in a row inside the zone before it counts.", 2
    )


class LineCrossingRule(RuleBase):
    """Somebody's ground-contact point crosses a line."""

    kind: Literal["line_crossing"] = described("Somebody or something crosses a line.")
    line: tuple[PicturePoint, PicturePoint] = described("The line's two ends, each [x, y] as a fraction 0-1.")
    direction: Direction = described(
        "Which crossings count, seen when walking from the line's first end to its second: any, left_to_right or "
        "right_to_left.",
        Direction.ANY,
    )


class LoiteringRule(RuleBase):
    """Somebody stays in a zone for long."""

    kind: Literal["loitering"] = described("Somebody or something stays in a zone longer than dwell_s.")
    zone: Identifier = described("The zone, by its id.")
    dwell_s: PositiveSeconds = described("How long somebody stays before it counts.", 30.0)


class CrowdRule(RuleBase):
    """Many are in a zone at once, for a while."""

    kind: Literal["crowd"] = described("At least min_count are in a zone together for hold_s.")
    zone: Identifier = described("The zone, by its id.")
    min_count: Annotated[int, Field(ge=2, le=500)] = described("How many make a crowd.", 5)
    hold_s: PositiveSeconds = described("How long that many have to be there; gaps shorter than 1 s do not count.", 5.0)


class VehicleStoppedRule(RuleBase):
    """A vehicle stands still in a zone."""

    kind: Literal["vehicle_stopped"] = described("A vehicle stands still in a zone.")
    classes: tuple[str, ...] = described("Classes that count, as the model names them.", ("car", "truck"), min_length=1)
    zone: Identifier = described("The zone, by its id.")
    stopped_s: PositiveSeconds = described("How long it stands before it counts.", 10.0)


class WrongDirectionRule(RuleBase):
    """Something goes through a zone against the way that is right there."""

    kind: Literal["wrong_direction"] = described("Something goes through a zone the wrong way.")
    classes: tuple[str, ...] = described("Classes that count, as the model names them.", ("car", "truck"), min_length=1)
    zone: Identifier = described("The zone, by its id.")
    right_way: tuple[PicturePoint, PicturePoint] = described(
        "The way that is right, from the first point to the second, each [x, y] as a fraction 0-1."
    )
    min_travel_heights: Annotated[float, Field(gt=0, le=20)] = described(
        "How far it has to go the wrong way, as a multiple of its own height in the picture.", 1.0
    )


class ZoneUnmannedRule(RuleBase):
    """Nobody is in a zone that has to be manned."""

    kind: Literal["zone_unmanned"] = described("Nobody is in a zone that has to be manned.")
    zone: Identifier = described("The zone, by its id.")
    empty_s: PositiveSeconds = described("How long it is empty before it counts.", 60.0)


class ObjectLeftRule(RuleBase):
    """A thing stands in a zone and nobody is with it."""

    kind: Literal["object_left"] = described("Something stands in a zone and nobody is with it.")
    classes: tuple[str, ...] = described("Classes that count, as the model names them.", LUGGAGE, min_length=1)
    zone: Identifier = described("The zone, by its id.")
    left_s: PositiveSeconds = described("How long it stands alone before it counts.", 60.0)
    away_heights: Annotated[float, Field(gt=0, le=50)] = described(
        "Who is further from it than this multiple of its own height in the picture is not with it.", 5.0
    )
    owner_classes: tuple[str, ...] = described(
        "Classes that can be with it, as the model names them.", ("person",), min_length=1
    )


class ObjectRemovedRule(RuleBase):
    """A thing that stood in a zone is gone."""

    kind: Literal["object_removed"] = described("Something that stood in a zone is gone.")
    classes: tuple[str, ...] = described("Classes that count, as the model names them.", LUGGAGE, min_length=1)
    zone: Identifier = described("The zone, by its id.")
    stood_s: PositiveSeconds = described("How long it has to have stood there.", 60.0)
    gone_s: PositiveSeconds = described(
        "How long it is not seen before it counts; time with something before it, or without pictures, is not counted.",
        10.0,
    )


class PictureLostRule(RuleBase):
    """A camera's picture is suddenly black, covered, out of focus or frozen though its packets come."""

    kind: Literal["picture_lost"] = described("The picture is suddenly black, covered, out of focus or frozen.")
    classes: tuple[str, ...] = described("None: it is about the whole picture, whoever is on it.", (), max_length=0)
    cooldown_s: PositiveSeconds = described(
        "How long after the last bad picture its incident ends; while it lasts it is kept open.", 20.0
    )
    hold_s: PositiveSeconds = described(
        "How long a picture is black, covered or out of focus before it counts: longer than a flash.", 4.0
    )
    frozen_s: PositiveSeconds = described(
        "How long no pixel changes before it counts; longer by itself where the camera's picture often stands still.",
        10.0,
    )


class AreaIntrusionRule(RuleBase):
    """Somebody whom a drone's camera sees is in an area on the earth."""

    kind: Literal["area_intrusion"] = described(
        "Somebody or something is in an area on the ground; for the camera of a drone, which tells where they stand."
    )
    datum: Datum = described(DATUM)
    points: tuple[EarthPoint, ...] = described(
        "Corners of the area in order, each [lat, lon]; at least three, edges must not cross.", min_length=3
    )
    hold_s: PositiveSeconds = described(
        "How long most of the circle that somebody stands in with 95% has to be in the area before it counts.", 1.0
    )


class RunningRule(RuleBase):
    """Somebody goes faster than people walk."""

    kind: Literal["running"] = described("Somebody goes faster over the ground; needs the camera's homography.")
    min_speed_m_s: Annotated[float, Field(gt=0, le=100)] = described("From which speed on it counts.", 4.0)
    hold_s: PositiveSeconds = described("How long somebody is that fast before it counts.", 0.5)


ZoneRule = (
    ZoneIntrusionRule
    | LoiteringRule
    | CrowdRule
    | VehicleStoppedRule
    | WrongDirectionRule
    | ZoneUnmannedRule
    | ObjectLeftRule
    | ObjectRemovedRule
)
RuleConfig = Annotated[
    ZoneRule | LineCrossingRule | RunningRule | PictureLostRule | AreaIntrusionRule, Field(discriminator="kind")
]
