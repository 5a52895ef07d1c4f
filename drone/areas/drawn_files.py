"""What a config's drawn files hold, looked at before anybody flies: zones, routes, terrain."""

from __future__ import annotations

from collections.abc import Iterator

from drone.areas.drawing import read_drawing
from drone.areas.frame import LocalFrame
from drone.areas.zones import area_of, drawing_of
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import FLAT, PlacedRoute
from kernel.errors import BadInputError
from kernel.terrain import load_terrain


def file_problems(config: LookoutConfig) -> list[str]:
    """What is wrong with files of areas, routes and terrain, one line each, with the key that names the file."""
    return [f"{key}: {problem}" for key, problem in _problems(config)]


def _problems(config: LookoutConfig) -> Iterator[tuple[str, str]]:
    for index, zone in enumerate(config.airspace):
        try:
            drawing = drawing_of(zone)
            area_of(drawing, LocalFrame(*drawing.polygons[0].outer[0]), f"zone '{zone.id}'")
        except BadInputError as error:
            yield f"airspace[{index}].file", str(error)
    for index, patrol in enumerate(config.patrols):
        try:
            if isinstance(patrol.route, PlacedRoute) and patrol.route.file is not None:
                read_drawing(patrol.route.file)
        except BadInputError as error:
            yield f"patrols[{index}].route.file", str(error)
    stated = [(f"patrols[{index}].terrain", patrol.terrain) for index, patrol in enumerate(config.patrols)]
    seen = {FLAT}
    for key, terrain in [*stated, ("dispatch.terrain", config.dispatch.terrain)]:
        if terrain not in seen:
            seen.add(terrain)
            try:
                load_terrain(terrain)
            except BadInputError as error:
                yield key, str(error)
