"""plan + zones + cameras -> shapes on a sheet -> SVG or PNG. Pure."""

from __future__ import annotations

from drone.map_picture.png import to_png
from drone.map_picture.sheet import MapContents, draw
from drone.map_picture.svg import to_svg

__all__ = ["MapContents", "draw", "to_png", "to_svg"]
