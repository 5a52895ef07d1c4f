"""Picture lost: a camera shows nothing any more, or always the same, though its pictures come.

well --a fault (see `detect.rules.picture_judge`) for hold_s--> lost: told of, and again twice a cooldown_s, which
keeps its incident open --no fault for BACK_S--> well
"""

from __future__ import annotations

from dataclasses import replace

from detect.pictures.look import Look
from detect.rules.picture_judge import PictureFault, PictureJudge
from detect.rules.sighting import Picture, Trigger
from kernel.config.rules import PictureLostRule
from kernel.events import AlertKind

BACK_S = 2.0
_WHOLE = (0.0, 0.0, 1.0, 1.0)


class PictureLost:
    """One rule about a lost picture of one camera."""

    def __init__(self, camera_id: str, rule: PictureLostRule) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._judge = PictureJudge(rule.frozen_s)
        self._since_s: float | None = None
        self._fault_s = 0.0
        self._told_s: float | None = None

    @property
    def is_in_doubt(self) -> bool:
        """Whether the last picture tells nothing of who is not on it."""
        return self._since_s is not None

    def watch(self, look: Look, now_s: float) -> list[Trigger]:
        """At most one trigger; its class is the fault, its box the whole picture.

        Args:
            look: of the frame.
            now_s: when the frame was taken.
        """
        fault = self._judge.note(look, now_s)
        if fault is None:
            if self._since_s is not None and not 0.0 <= now_s - self._fault_s < BACK_S:
                self._since_s = self._told_s = None
            return []
        self._fault_s = now_s
        if self._since_s is None:
            self._since_s = now_s
        is_held = fault is PictureFault.FROZEN or now_s - self._since_s >= self._rule.hold_s
        if not is_held or (self._told_s is not None and now_s - self._told_s < self._rule.cooldown_s / 2):
            return []
        is_reminder, self._told_s = self._told_s is not None, now_s
        trigger = Trigger.of_place(
            self._camera_id, self._rule, AlertKind.PICTURE_LOST, fault.value, _WHOLE, Picture(1, 1), now_s
        )
        return [replace(trigger, is_reminder=is_reminder)]
