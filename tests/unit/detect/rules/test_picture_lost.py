"""Lost pictures, on made-up ones of a yard: textures and edges, sensor noise, a clock that counts the seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from detect.alerts.incidents import IncidentBook, IncidentChange, field_of
from detect.pictures.look import look_at
from detect.rules import CameraRules, Picture
from detect.rules.picture_lost import PictureLost
from kernel.config.camera import CameraConfig
from kernel.config.rules import PictureLostRule
from kernel.events import AlertKind, AlertRaised
from tests.unit.detect.rules.walkers import standing

Luma = npt.NDArray[np.float32]
WIDTH_PX, HEIGHT_PX = 320, 180
INTERVAL_S = 0.2
START_S = 1_700_000_000.0
HOLD_S, FROZEN_S, COOLDOWN_S = 4.0, 10.0, 20.0
KNOWN_S = 70.0
"""From here on the camera's pictures are known well enough to tell a freeze."""


@lru_cache
def yard() -> Luma:
    rng = np.random.default_rng(2)
    picture = np.full((HEIGHT_PX, WIDTH_PX), 110, np.float32)
    picture[:60] += 50
    for _ in range(40):
        x, y, w, h = rng.integers((0, 0, 6, 6), (WIDTH_PX, HEIGHT_PX, 60, 50))
        picture[y : y + h, x : x + w] += float(rng.uniform(-45, 45))
    grain = rng.normal(0, 1, picture.shape).astype(np.float32)
    picture += 6 * grain + 60 * cv2.GaussianBlur(grain, (0, 0), 3)
    return np.asarray(np.clip(cv2.GaussianBlur(picture, (0, 0), 0.7), 20, 230), np.float32)


@lru_cache
def noise(number: int) -> Luma:
    return np.random.default_rng(number).normal(0, 2, (HEIGHT_PX, WIDTH_PX)).astype(np.float32)


def shot(scene: Luma, time_s: float, *, clock: bool = True) -> npt.NDArray[np.uint8]:
    """What the camera sends of a scene: with noise and, written over it, its clock."""
    picture = np.asarray(np.clip(scene + noise(round(time_s / INTERVAL_S) % 7), 16, 235), np.uint8)
    if clock:
        cv2.putText(picture, f"{int(time_s) % 1000:03d}", (4, 16), cv2.FONT_HERSHEY_PLAIN, 1.0, (235,), 1)
    return picture


def clear(time_s: float) -> npt.NDArray[np.uint8]:
    return shot(yard(), time_s)


def covered(time_s: float) -> npt.NDArray[np.uint8]:
    return shot(np.full_like(yard(), 75), time_s, clock=False)


def covered_under_the_clock(time_s: float) -> npt.NDArray[np.uint8]:
    return shot(np.full_like(yard(), 75), time_s)


def black(time_s: float) -> npt.NDArray[np.uint8]:
    return shot(np.full_like(yard(), 17), time_s, clock=False)


def hand(time_s: float) -> npt.NDArray[np.uint8]:
    """Something close to the lens, out of focus, not even."""
    rows = np.linspace(40, 120, HEIGHT_PX, dtype=np.float32)[:, None]
    return shot(rows + np.sin(np.arange(WIDTH_PX, dtype=np.float32) / 40) * 20, time_s)


def defocused(time_s: float) -> npt.NDArray[np.uint8]:
    return shot(np.asarray(cv2.GaussianBlur(yard(), (0, 0), 4), np.float32), time_s)


def frozen(time_s: float) -> npt.NDArray[np.uint8]:
    return clear(KNOWN_S)


def rule_of(**changes: object) -> PictureLost:
    settings = {"id": "r", "kind": "picture_lost", "hold_s": HOLD_S, "frozen_s": FROZEN_S, "cooldown_s": COOLDOWN_S}
    return PictureLost("cam-01", PictureLostRule.model_validate(settings | changes))


def film(
    *parts: tuple[float, Callable[[float], npt.NDArray[np.uint8]]],
) -> Iterator[tuple[float, npt.NDArray[np.uint8]]]:
    """(seconds, luma) of parts that last so long, one after the other."""
    end_s, number = 0.0, 0
    for length_s, picture in parts:
        end_s += length_s
        while number * INTERVAL_S < end_s - 1e-6:
            yield number * INTERVAL_S, picture(number * INTERVAL_S)
            number += 1


def incidents(rule: PictureLost, pictures: Iterable[tuple[float, npt.NDArray[np.uint8]]]) -> list[AlertRaised]:
    """The incidents of a film, those that are over with their end."""
    numbers = iter(range(100))
    book = IncidentBook({field_of("cam-01", "r"): COOLDOWN_S}, lambda: f"id-{next(numbers)}")
    alerts: dict[str, AlertRaised] = {}
    for at_s, luma in pictures:
        now = datetime.fromtimestamp(START_S + at_s, UTC)
        updates = [u for trigger in rule.watch(look_at(luma), START_S + at_s) for u in book.accept(trigger, now)]
        for update in [*updates, *book.sweep(now)]:
            alerts[update.alert.id] = update.alert
            assert update.change is not IncidentChange.OPENED or update.alert.triggers == 1
    return list(alerts.values())


@pytest.mark.parametrize(
    ("picture", "fault", "after_s"),
    [
        (covered, "covered", HOLD_S),
        (covered_under_the_clock, "covered", HOLD_S),
        (hand, "covered", HOLD_S),
        (black, "black", HOLD_S),
        (defocused, "defocused", HOLD_S),
        (frozen, "frozen", FROZEN_S),
    ],
)
def test_one_incident_from_when_the_picture_is_lost_until_it_is_back(
    picture: Callable[[float], npt.NDArray[np.uint8]], fault: str, after_s: float
) -> None:
    lost_s = 75.0
    alerts = incidents(rule_of(), film((KNOWN_S, clear), (lost_s, picture), (60.0, clear)))
    assert [(alert.kind, alert.class_name, alert.triggers) for alert in alerts] == [(AlertKind.PICTURE_LOST, fault, 1)]
    assert alerts[0].occurred_at.timestamp() - START_S == pytest.approx(KNOWN_S + after_s, abs=1.5)
    assert alerts[0].ended_at is not None
    assert alerts[0].ended_at.timestamp() - START_S == pytest.approx(KNOWN_S + lost_s, abs=COOLDOWN_S / 2 + 1.5)


def test_lost_again_is_another_incident() -> None:
    parts = ((20.0, clear), (12.0, covered), (40.0, clear), (12.0, covered), (5.0, clear))
    assert [alert.class_name for alert in incidents(rule_of(), film(*parts))] == ["covered", "covered"]


def nightfall(time_s: float) -> npt.NDArray[np.uint8]:
    """From day to night within four minutes, down to a tenth of the light."""
    light = 10.0 ** -min(1.0, max(0.0, (time_s - 20) / 240))
    return shot(16 + (yard() - 16) * np.float32(light), time_s)


def lamp(time_s: float) -> npt.NDArray[np.uint8]:
    """A lamp that lit three quarters of the yard goes off and on, half a minute each."""
    lit = 0.35 + 0.65 * np.float32(int(time_s / 30) % 2 == 0) * np.clip(np.linspace(1.6, 0.2, WIDTH_PX), 0, 1)
    return shot(np.asarray(16 + (yard() - 16) * lit, np.float32), time_s)


def flashes(time_s: float) -> npt.NDArray[np.uint8]:
    """Lightning, and a light into the lens for two seconds."""
    is_white = time_s % 20 < 0.4 or time_s % 47 < 2.0
    return shot(np.full_like(yard(), 234) if is_white else yard(), time_s)


def rain(time_s: float) -> npt.NDArray[np.uint8]:
    """Begins after 30 s, within two of them: less contrast, streaks everywhere."""
    share = np.float32(min(1.0, max(0.0, (time_s - 30) / 2)))
    streaks = cv2.GaussianBlur(noise(round(time_s / INTERVAL_S) % 11 + 50), (1, 15), 0) * 12
    return shot(np.asarray(yard() * (1 - 0.35 * share) + share * (35 + streaks), np.float32), time_s)


def headlights(time_s: float) -> npt.NDArray[np.uint8]:
    """A dark yard, and cars that turn in it for eight seconds each."""
    scene = 16 + (yard() - 16) * np.float32(0.12)
    if time_s % 40 > 32:
        spot = np.zeros_like(scene)
        cv2.circle(spot, (int(20 + (time_s % 8) * 35), 90), 30, (220.0,), -1)
        scene = np.asarray(np.clip(scene + cv2.GaussianBlur(spot, (0, 0), 15), 16, 235), np.float32)
    return shot(scene, time_s)


def truck(time_s: float) -> npt.NDArray[np.uint8]:
    """Passes close by: for three seconds most of the picture is its side."""
    scene = yard().copy()
    at = time_s % 30 - 20
    if 0 < at < 3:
        scene[20:, :] = 90
        scene[60:70, ::9] = 140
    return shot(scene, time_s)


def still_yard(time_s: float) -> npt.NDArray[np.uint8]:
    """No clock; somebody goes through it every 25 seconds."""
    scene = yard().copy()
    if time_s % 25 < 4:
        x = int(time_s % 25 * 70)
        scene[90:130, x : x + 15] = 30
    return shot(scene, time_s, clock=False)


@pytest.mark.parametrize("picture", [nightfall, lamp, flashes, rain, headlights, truck, still_yard])
def test_what_happens_before_any_camera_raises_nothing(picture: Callable[[float], npt.NDArray[np.uint8]]) -> None:
    assert incidents(rule_of(), film((300.0, picture))) == []


def test_a_camera_covered_at_night_is_told_of_too() -> None:
    night = 240.0 + 60
    alerts = incidents(rule_of(), film((night, nightfall), (15.0, black)))
    assert [alert.class_name for alert in alerts] == ["black"]


def test_a_freeze_is_known_by_how_long_the_camera_usually_stands_still() -> None:
    alerts = incidents(rule_of(), film((300.0, still_yard), (100.0, frozen)))
    assert [alert.class_name for alert in alerts] == ["frozen"]
    assert timedelta(seconds=50) < alerts[0].occurred_at - datetime.fromtimestamp(START_S + 300, UTC)


def test_pictures_that_stop_coming_are_not_frozen_ones() -> None:
    rule = rule_of()
    assert incidents(rule, film((KNOWN_S, clear))) == []
    later = START_S + KNOWN_S + 30
    assert not any(rule.watch(look_at(frozen(0)), later + INTERVAL_S * step) for step in range(40))


def test_a_covered_lens_is_no_absence_but_people_still_count() -> None:
    camera = CameraConfig.model_validate(
        {
            "id": "cam-01",
            "name": "Gate",
            "unit": "u",
            "streams": {"main": {"url": "rtsp://127.0.0.1/1"}},
            "zones": [{"id": "gate", "points": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]}],
            "rules": [
                {"id": "manned", "kind": "zone_unmanned", "zone": "gate", "empty_s": 6},
                {"id": "nobody", "kind": "zone_intrusion", "zone": "gate"},
                {"id": "picture", "kind": "picture_lost"},
            ],
        }
    )
    rules = CameraRules(camera, ("person",))
    guard = standing(500, 500).track
    fired = []
    for at_s, luma in film((15.0, clear), (30.0, covered), (15.0, clear)):
        tracks = [guard] if at_s < 15 or 40 < at_s < 42 else []
        triggers = rules.evaluate(tracks, Picture(1000, 1000), START_S + at_s, look_at(luma))
        fired += [(trigger.rule_id, round(at_s)) for trigger in triggers if not trigger.is_reminder]
    assert [rule_id for rule_id, _ in fired] == ["nobody", "picture", "nobody", "manned"]
    assert fired[-1][1] >= 45 + 6
