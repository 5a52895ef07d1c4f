"""What `make run` is told by the environment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scripts.district.config_fleet import AIRCRAFT
from scripts.run import drone_port, eye_port

PLANE = AIRCRAFT[0]
EYE = PLANE.eye
assert EYE is not None


@pytest.mark.parametrize(
    ("variable", "port"),
    [(PLANE.port_variable, lambda: drone_port(PLANE)), (EYE.port_variable, lambda: eye_port(EYE))],
)
@pytest.mark.parametrize("named", ["rtsp", "0", "65536", "-1", "８５６１"])
def test_a_port_that_is_none_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, port: Callable[[], int], named: str
) -> None:
    monkeypatch.setenv(variable, named)
    with pytest.raises(SystemExit, match=f"run: {variable}={named} is no port; unset it"):
        port()
