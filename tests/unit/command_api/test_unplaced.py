"""Every reason why the detector gives no place has words, where a drone is refused and on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_api.alerts.unplaced import no_place
from detect.aerial.ground import Unplaced
from detect.alerts.whereabouts import NO_TRACK

WALL = Path(__file__).parents[3] / "wall" / "src" / "i18n"


@pytest.mark.parametrize("code", [*(one.value for one in Unplaced), NO_TRACK])
def test_each_reason_is_told_in_both_languages(code: str) -> None:
    reason = no_place(code, flies=True)
    assert reason.code == "no_place"
    assert code not in reason.message_zh + reason.message_en
    for language in ("zh", "en"):
        assert f'"unplaced.{code}"' in (WALL / language / "map.ts").read_text(encoding="utf-8")


def test_a_camera_that_stands_is_to_be_given_a_place_and_one_that_flies_is_not() -> None:
    assert "config" in no_place("", flies=False).message_en
    assert "config" not in no_place("", flies=True).message_en
