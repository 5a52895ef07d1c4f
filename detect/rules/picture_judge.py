"""Whether a camera's picture is lost, judged against the same camera's own last pictures; pure.

    learning --LEARN_S of pictures--> well --something of these, suddenly--> black, covered, defocused or frozen
             <--more than a minute without pictures--

- black: nothing is to be seen any more, and it is dark; covered: nothing, or nothing of what was there and hardly a
  detail;
- defocused: what is there is what was there, but its details are gone though its contrast is not;
- frozen: pictures come and not a pixel changes by more than coding the same picture again explains.

What is normal follows the pictures: downwards within tens of seconds, so that nightfall is never sudden, upwards
slower, so that a car's headlights do not make the night after them look lost. It does not follow while something is
suspected.
A lamp that is switched scales brightness, contrast and details alike and leaves the picture like itself.

How long a live picture can stay the same depends on the camera: one with a clock in it a second, one that looks at a
yard without one, minutes. So a freeze counts from `frozen_s` on, or three times the longest standstill of the last
hours, and not before LEARN_STANDSTILLS_S of pictures.
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from detect.pictures.look import Look, largest_difference, likeness
from detect.rules.returning import GAP_S, LONGEST_GAP_S
from detect.tracking.pace import Pace

LEARN_S, LEARN_STANDSTILLS_S = 10.0, 60.0
FALL_S, RISE_S = 20.0, 120.0
DARK_MEAN = 40.0
FLAT_OF_CONTRAST, FLAT_CONTRAST, FLAT_OF_DETAIL = 0.3, 2.5, 0.4
LIKE = 0.5
UNLIKE_OF_DETAIL = 0.35
BLURRED_OF_DETAIL, BLURRED_OF_CONTRAST = 0.35, 0.6
CELL_DETAIL, CELLS_SHARE = 0.8, 0.1
BACK_FACTOR = 1.25
SAME_LEVELS = 16.0
STANDSTILLS, STANDSTILL_HALF_LIFE_S = 3.0, 3600.0


class PictureFault(StrEnum):
    """What is wrong with a picture; the class of the alert."""

    BLACK = "black"
    COVERED = "covered"
    DEFOCUSED = "defocused"
    FROZEN = "frozen"


class _Normal:
    """What one camera's pictures usually look like."""

    def __init__(self, look: Look, now_s: float) -> None:
        self.since_s = now_s
        self.contrast, self.detail = look.contrast, look.detail.copy()
        self.thumbnail = look.thumbnail.copy()

    def learn(self, look: Look, step_s: float, now_s: float) -> None:
        """Take in one of the first pictures: the mean of all so far."""
        share = step_s / (now_s - self.since_s) if step_s > 0 else 0.0
        self._move(look, share, share)

    def follow(self, look: Look, step_s: float) -> None:
        """Move towards a picture taken `step_s` after the one before."""
        self._move(look, 1 - math.exp(-step_s / FALL_S), 1 - math.exp(-step_s / RISE_S))

    def detail_left(self, look: Look) -> float | None:
        """Which share of its details a picture has, in the middle of the cells that have any; None where few have."""
        cells = self.detail > CELL_DETAIL
        left = np.sort(look.detail[cells] / self.detail[cells])
        return float(left[left.size // 2]) if left.size >= CELLS_SHARE * cells.size else None

    def _move(self, look: Look, fall: float, rise: float) -> None:
        self.contrast += (fall if look.contrast < self.contrast else rise) * (look.contrast - self.contrast)
        self.detail += np.where(look.detail < self.detail, np.float32(fall), np.float32(rise)) * (
            look.detail - self.detail
        )
        self.thumbnail += np.float32(fall) * (look.thumbnail - self.thumbnail)


class PictureJudge:
    """The judge of one camera's picture.

    Args:
        frozen_s: from when on a picture that stays the same counts as frozen.
    """

    def __init__(self, frozen_s: float) -> None:
        self._frozen_s = frozen_s
        self._pace = Pace()
        self._normal: _Normal | None = None
        self._noted_s: float | None = None
        self._still: Look | None = None
        self._still_since_s = 0.0
        self._longest_s = 0.0
        self._has_changed = False
        self.fault: PictureFault | None = None

    def note(self, look: Look, now_s: float) -> PictureFault | None:
        """What is wrong with the picture as it is now, None where nothing is or nothing can be told yet."""
        step_s = self._step(now_s)
        standstill_s = self._standstill(look, step_s, now_s)
        if self._normal is None:
            self._normal = _Normal(look, now_s)
        elif now_s - self._normal.since_s < LEARN_S:
            self._normal.learn(look, step_s, now_s)
        else:
            self.fault = self._lost(look, self._normal)
            if self.fault is None:
                self._normal.follow(look, step_s)
                limit_s = max(self._frozen_s, STANDSTILLS * self._longest_s)
                is_known = self._has_changed and now_s - self._normal.since_s >= LEARN_STANDSTILLS_S
                if is_known and standstill_s >= limit_s:
                    self.fault = PictureFault.FROZEN
        return self.fault

    def _step(self, now_s: float) -> float:
        """Seconds since the picture before, 0 over a gap; after a long gap all is learnt anew."""
        gap_s = self._pace.at_least(GAP_S)
        interval_s = self._pace.note(now_s)
        away_s = 0.0 if self._noted_s is None else abs(now_s - self._noted_s)
        self._noted_s = now_s
        if away_s > max(gap_s, LONGEST_GAP_S):
            self._normal, self.fault, self._has_changed = None, None, False
        if interval_s is None or interval_s > gap_s:
            self._still = None
            return 0.0
        return interval_s

    def _standstill(self, look: Look, step_s: float, now_s: float) -> float:
        """How long the picture has been the same; standstills that were no faults are remembered."""
        self._longest_s *= 0.5 ** (step_s / STANDSTILL_HALF_LIFE_S)
        if self._still is not None and largest_difference(look, self._still) <= SAME_LEVELS:
            return now_s - self._still_since_s
        if self._still is not None:
            self._has_changed = True
            if self.fault is None:
                self._longest_s = max(self._longest_s, now_s - self._still_since_s)
        self._still, self._still_since_s = look, now_s
        return 0.0

    def _lost(self, look: Look, normal: _Normal) -> PictureFault | None:
        """The fault of a single picture, a little harder to leave than to enter."""
        slack = BACK_FACTOR if self.fault not in (None, PictureFault.FROZEN) else 1.0
        contrast, detail = look.contrast / max(normal.contrast, 1.0), normal.detail_left(look)
        like = likeness(look, normal.thumbnail)
        is_empty = look.contrast < FLAT_CONTRAST * slack or like < LIKE
        if contrast < FLAT_OF_CONTRAST * slack and (detail or 0.0) < FLAT_OF_DETAIL * slack and is_empty:
            return PictureFault.BLACK if look.mean < DARK_MEAN else PictureFault.COVERED
        if detail is None:
            return None
        if like < LIKE and detail < UNLIKE_OF_DETAIL * slack:
            return PictureFault.COVERED
        if detail < BLURRED_OF_DETAIL * slack * contrast and contrast > BLURRED_OF_CONTRAST / slack:
            return PictureFault.DEFOCUSED
        return None
