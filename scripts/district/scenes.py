"""The district: its cameras in order."""

from __future__ import annotations

from scripts.district.scene import Scene
from scripts.district.scenes_mine import BRIDGE, MAGAZINE, PIT, SUBSTATION
from scripts.district.scenes_town import CAR_PARK, CROSSROADS, MAIN_GATE, MARKET, STATION

SCENES: tuple[Scene, ...] = (MAIN_GATE, CROSSROADS, PIT, MAGAZINE, CAR_PARK, STATION, MARKET, SUBSTATION, BRIDGE)
