"""A file that nobody could fly by is told before anybody flies: `lookout check` asks here."""

from __future__ import annotations

import json
from pathlib import Path

from drone.areas.drawn_files import file_problems
from kernel.config import load_config

CONFIG = """\
fleet: [{id: uav-1, link: "tcp:127.0.0.1:5760", home: {lat: 41.77, lon: 109.97, datum: wgs84}}]
weather: {source: none}
airspace: [{id: store, kind: no_fly, datum: gcj02, file: store.geojson}]
patrols:
  - {id: a, drones: [uav-1], terrain: pit.asc, route: {kind: survey, datum: wgs84, file: area.kml}}
  - {id: b, drones: [uav-1], terrain: pit.asc, route: {kind: survey, datum: wgs84, file: area.kml}}
"""
GRID = "ncols 2\nnrows 2\nxllcorner 109\nyllcorner 41\ncellsize 0.9\n1 2\n3 4\n"
AREA = "<kml><Polygon><coordinates>109.97,41.77 109.98,41.77 109.98,41.78</coordinates></Polygon></kml>"
STORE = {"type": "Polygon", "coordinates": [[[109.97, 41.77], [109.98, 41.77], [109.98, 41.78], [109.97, 41.77]]]}
CROSSED = {"type": "Polygon", "coordinates": [[[109.97, 41.77], [109.98, 41.78], [109.98, 41.77], [109.97, 41.78]]]}


def problems(tmp_path: Path, store: object, area: str, grid: str) -> list[str]:
    (tmp_path / "store.geojson").write_text(json.dumps(store))
    (tmp_path / "area.kml").write_text(area)
    (tmp_path / "pit.asc").write_text(grid)
    (tmp_path / "c.yaml").write_text(CONFIG)
    return file_problems(load_config(tmp_path / "c.yaml"))


def test_files_that_are_well(tmp_path: Path) -> None:
    assert problems(tmp_path, STORE, AREA, GRID) == []


def test_each_file_that_is_not_with_the_key_that_names_it(tmp_path: Path) -> None:
    found = problems(tmp_path, CROSSED, "<kml>", GRID + "5")
    assert [line.partition(":")[0] for line in found] == [
        "airspace[0].file",
        "patrols[0].route.file",
        "patrols[1].route.file",
        "patrols[0].terrain",
    ]
    assert "edges cross" in found[0]
    assert "no XML" in found[1]
    assert "has 5 heights, its head says 2 x 2" in found[3]
    [nothing] = problems(tmp_path, {"type": "Point", "coordinates": [109.97, 41.77]}, AREA, GRID)
    assert "holds no polygon" in nothing
