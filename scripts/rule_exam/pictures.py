"""Lost pictures, on stills of every camera of the district: covered, black, out of focus, frozen; and what is no loss.

Each camera's still is shown with sensor noise and a clock that counts, at 5 frames a second. Between the losses it sees
lightning, a lamp going off and a lorry that passes close by.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.pictures.look import look_at
from detect.rules.picture_lost import PictureLost
from kernel.config.rules import PictureLostRule
from scripts.district.background import make_background
from scripts.district.light import LIGHTS
from scripts.district.render import FrameRenderer
from scripts.district.scene import Scene
from scripts.district.scenes import SCENES
from scripts.district.schedule import parked_actors
from scripts.rule_exam.judging import Tally, Told, judge, together

Luma = NDArray[np.uint8]
Floats = NDArray[np.float32]
SMALL_WH = (320, 180)
INTERVAL_S = 0.2
HOLD_S, FROZEN_S, COOLDOWN_S = 4.0, 10.0, 20.0
KNOWN_S, LOST_S, WELL_S = 75.0, 18.0, 40.0
NOISES = 7


def picture_lost(rounds: int) -> Tally:
    """Each way to lose a picture before every camera, so many times; in between what must not be told of."""
    return together(_before(scene, number) for scene in SCENES for number in range(rounds))


def _before(scene: Scene, number: int) -> Tally:
    """One film: well for KNOWN_S, then lost for LOST_S and well for WELL_S by turns."""
    rng = np.random.default_rng([number, int(scene.id[-2:])])
    still, noise = _still(scene.id), rng.normal(0, 2, (NOISES, SMALL_WH[1], SMALL_WH[0])).astype(np.float32)
    losses = [LOSSES[index] for index in rng.permutation(len(LOSSES))]
    rule = PictureLost(
        scene.id,
        PictureLostRule.model_validate(
            {"id": "r", "kind": "picture_lost", "hold_s": HOLD_S, "frozen_s": FROZEN_S, "cooldown_s": COOLDOWN_S}
        ),
    )
    fired, end_s = [], KNOWN_S + len(losses) * (LOST_S + WELL_S)
    for step in range(round(end_s / INTERVAL_S)):
        at_s = step * INTERVAL_S
        turn, into_s = divmod(at_s - KNOWN_S, LOST_S + WELL_S)
        loss = losses[int(turn)] if turn >= 0 and into_s < LOST_S else None
        shown_s = KNOWN_S + turn * (LOST_S + WELL_S) if loss is _frozen else at_s
        scenery = still if loss is _frozen or loss is None else loss(still)
        if loss is None:
            scenery = _harmless(scenery, at_s)
        luma = _shot(scenery, noise[round(shown_s / INTERVAL_S) % NOISES], shown_s, has_clock=loss is not _black)
        fired += [trigger.at_s for trigger in rule.watch(look_at(luma), at_s) if not trigger.is_reminder]
    starts = [KNOWN_S + turn * (LOST_S + WELL_S) for turn in range(len(losses))]
    bounds = [FROZEN_S if loss is _frozen else HOLD_S for loss in losses]
    return judge([Told(start + bound) for start, bound in zip(starts, bounds, strict=True)], fired)


@lru_cache
def _still(camera_id: str) -> Floats:
    """What a camera sees when nobody is there: luma (height, width), small."""
    scene = next(scene for scene in SCENES if scene.id == camera_id)
    background = make_background(scene, scene.camera, LIGHTS[scene.light], 7)
    picture, _ = FrameRenderer(background, parked_actors(scene, 7), scene.osd, 7).frame((), 0.0, 0)
    small = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), SMALL_WH, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _shot(scenery: Floats, noise: Floats, time_s: float, *, has_clock: bool) -> Luma:
    """What the camera sends of it."""
    picture = np.asarray(np.clip(scenery + noise, 16, 235), np.uint8)
    if has_clock:
        cv2.putText(picture, f"{int(time_s) % 1000:03d}", (4, 16), cv2.FONT_HERSHEY_PLAIN, 1.0, (235,), 1)
    return picture


def _harmless(scenery: Floats, at_s: float) -> Floats:
    """Lightning for 0.4 s, a lamp off for 10 s, a lorry before the lens for 2 s."""
    if at_s % 29 < 0.4:
        return np.full_like(scenery, 234)
    if 45 < at_s % 95 < 55:
        return np.asarray(16 + (scenery - 16) * np.linspace(1.0, 0.45, SMALL_WH[0], dtype=np.float32), np.float32)
    if 20 < at_s % 41 < 22:
        covered = scenery.copy()
        covered[30:], covered[70:80, ::9] = 90, 140
        return covered
    return scenery


def _covered(still: Floats) -> Floats:
    """A cloth."""
    return np.full_like(still, 75)


def _hand(still: Floats) -> Floats:
    """Something close to the lens, not even."""
    rows = np.linspace(40, 120, still.shape[0], dtype=np.float32)[:, None]
    return np.asarray(rows + np.sin(np.arange(still.shape[1], dtype=np.float32) / 40) * 20, np.float32)


def _black(still: Floats) -> Floats:
    return np.full_like(still, 17)


def _defocused(still: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(still, (0, 0), 5), np.float32)


def _frozen(still: Floats) -> Floats:
    return still


LOSSES: tuple[Callable[[Floats], Floats], ...] = (_covered, _hand, _black, _defocused, _frozen)
