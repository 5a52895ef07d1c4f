"""Whose class an alert tells: while the track that opened it is still new, its class may turn out to be another.

A lorry that comes in at the picture's edge shows its cab first and looks like a car. The tracker's vote knows better a
second later, and the alert is told so. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detect.tracking import Track

CORRECT_WITHIN_S = 3.0


@dataclass(frozen=True, slots=True)
class _Subject:
    track_id: int
    opened_s: float


class Subjects:
    """The tracks that opened one camera's incidents lately.

    Args:
        class_names: the model's names, indexed by class id.
    """

    def __init__(self, class_names: Sequence[str]) -> None:
        self._class_names = tuple(class_names)
        self._by_field: dict[str, _Subject] = {}

    def name_classes(self, class_names: Sequence[str]) -> None:
        """Go on with more classes; those there were keep their ids."""
        self._class_names = tuple(class_names)

    def opened(self, field: str, track_id: int, at_s: float) -> None:
        """Remember which track opened the incident of a field."""
        self._by_field[field] = _Subject(track_id, at_s)

    def classes(self, tracks: Iterable[Track], at_s: float) -> list[tuple[str, str]]:
        """(field, class name) of every incident whose subject is seen on this frame.

        Args:
            tracks: the tracks seen.
            at_s: when the frame was taken; incidents opened more than CORRECT_WITHIN_S before are left as they are.
        """
        self._by_field = {
            field: subject
            for field, subject in self._by_field.items()
            if 0.0 <= at_s - subject.opened_s <= CORRECT_WITHIN_S
        }
        if not self._by_field:
            return []
        names = {track.track_id: self._class_names[track.class_id] for track in tracks}
        return [
            (field, names[subject.track_id]) for field, subject in self._by_field.items() if subject.track_id in names
        ]
