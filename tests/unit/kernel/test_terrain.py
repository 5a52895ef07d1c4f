"""Heights of the ground from an ESRI ASCII grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kernel.errors import BadInputError
from kernel.terrain import FlatTerrain, load_terrain, parse_grid

GRID = """ncols 3
nrows 2
xllcenter 109.0
yllcenter 41.0
cellsize 0.5
NODATA_value -9999
10 20 -9999
0 0 40
"""


def height(text: str, lat: float, lon: float) -> float:
    return float(parse_grid(text, "g").heights_m(np.array([lat]), np.array([lon]))[0])


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (41.0, 109.0, 0.0),
        (41.5, 109.0, 10.0),
        (41.5, 109.5, 20.0),
        (41.25, 109.25, 7.5),
        (41.0, 109.25, 0.0),
    ],
)
def test_between_the_middles_it_is_interpolated(lat: float, lon: float, expected: float) -> None:
    assert height(GRID, lat, lon) == pytest.approx(expected)


@pytest.mark.parametrize(("lat", "lon"), [(41.25, 109.75), (40.99, 109.0), (41.51, 109.0), (41.0, 110.01)])
def test_outside_and_without_data_it_is_not_known(lat: float, lon: float) -> None:
    assert np.isnan(height(GRID, lat, lon))


def test_a_corner_is_half_a_cell_from_the_middle() -> None:
    shifted = GRID.replace("xllcenter 109.0", "xllcorner 108.75").replace("yllcenter 41.0", "yllcorner 40.75")
    assert height(shifted, 41.25, 109.25) == pytest.approx(7.5)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ncols 3", "ncols 4", "has 6 heights, its head says 4 x 2"),
        ("nrows 2\n", "", "nrows is missing"),
        ("cellsize 0.5", "cellsize 30", "not in degrees"),
        ("xllcenter 109.0", "xllcenter 500000", "not in degrees"),
        ("xllcenter 109.0", "xllcenter nan", "is no number"),
        ("10 20", "10 hill", "a height is no number"),
        ("yllcenter 41.0\n", "", "yllcorner is missing"),
    ],
)
def test_a_grid_that_is_none(old: str, new: str, message: str) -> None:
    with pytest.raises(BadInputError) as raised:
        parse_grid(GRID.replace(old, new), "g")
    assert message in str(raised.value)


def test_flat_is_said_and_a_changed_file_is_read_again(tmp_path: Path) -> None:
    assert isinstance(load_terrain("flat"), FlatTerrain)
    file = tmp_path / "g.asc"
    file.write_text(GRID)
    there = (np.array([41.5]), np.array([109.0]))
    assert load_terrain(str(file)).heights_m(*there) == pytest.approx([10.0])
    file.write_text(GRID.replace("10 20", "99 20"))
    assert load_terrain(str(file)).heights_m(*there) == pytest.approx([99.0])
    with pytest.raises(BadInputError, match="cannot be read"):
        load_terrain(str(tmp_path / "absent.asc"))


def test_beside_a_cliff_the_ground_may_be_off_by_a_share_of_a_cell_and_no_more() -> None:
    rows = "\n".join(["0 0 0 500 500 500"] * 4)
    text = f"ncols 6\nnrows 4\nxllcenter 109.0\nyllcenter 41.0\ncellsize 0.0001\n{rows}\n"
    terrain = parse_grid(text, "g")
    up_m, sideways_m = terrain.errors_m(41.00015, 109.0002)
    assert up_m == pytest.approx(0.4 * 500)
    assert sideways_m == pytest.approx(0.3 * 11.132, rel=0.001)
    assert terrain.errors_m(41.00015, 109.0) == (0.0, 0.0), "even ground beyond the cell beside it"
