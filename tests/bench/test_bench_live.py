"""The live bench runs, and passing packets on carries many times the viewers that encoding for each one does."""

from __future__ import annotations

import json

import pytest

from command_api.live.bench import run


@pytest.mark.timeout(180)
def test_passthrough_carries_many_times_the_viewers(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(as_json=True) == 0
    figures = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert {one["name"] for one in figures["contenders"]} == {"passthrough", "aiortc-vp8", "aiortc-h264"}
    assert figures["ratio"] >= 5
