"""Which true events could be seen: those whose picture was sent while nothing was wrong with it; pure.

entered while visible                                  a trigger, at the instant its frame was sent
entered while visible, but for too short to be judged  a trigger that may be told of but need not
inside a zone when the picture comes back              likewise: for who looks at the picture, somebody appears there
entered while not visible                              none
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kernel.ledger import Span
from supervisor.exam.scoring import TruthTrigger

JUDGED_WITHIN_S = 0.8
"""Visible time before a crossing, or after an entry, that a system needs: a track is confirmed by its second frame."""


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """Somebody entered a zone and left it, or crossed a line (then both instants are the same); epoch seconds."""

    camera_id: str
    rule_id: str
    class_name: str
    entered_s: float
    left_s: float

    @property
    def is_crossing(self) -> bool:
        """Whether it was over in an instant."""
        return self.left_s <= self.entered_s


def without(spans: Sequence[Span], holes: Iterable[Span]) -> list[Span]:
    """Sorted spans that are apart, less the holes."""
    left = list(spans)
    for hole in holes:
        pieces = [
            piece
            for span in left
            for piece in (
                Span(span.start_s, min(span.end_s, hole.start_s)),
                Span(max(span.start_s, hole.end_s), span.end_s),
            )
        ]
        left = [piece for piece in pieces if piece.length_s > 0]
    return left


def visible_triggers(event: TrueEvent, visible: Sequence[Span]) -> list[TruthTrigger]:
    """The triggers that one event gives rise to.

    Args:
        event: what truly happened.
        visible: when the camera's picture was sent and showed what was there; sorted and apart.
    """
    triggers = []
    for span in visible:
        if span.start_s <= event.entered_s <= span.end_s:
            triggers.append(_trigger(event, event.entered_s, _can_be_judged(event, span)))
        elif event.entered_s < span.start_s < event.left_s:
            triggers.append(_trigger(event, span.start_s, False))
    return triggers


def _can_be_judged(event: TrueEvent, span: Span) -> bool:
    seen_before_s = event.entered_s - span.start_s
    seen_after_s = span.end_s - event.entered_s
    return seen_after_s >= JUDGED_WITHIN_S and (not event.is_crossing or seen_before_s >= JUDGED_WITHIN_S)


def _trigger(event: TrueEvent, sent_s: float, is_certain: bool) -> TruthTrigger:
    return TruthTrigger(event.camera_id, event.rule_id, event.class_name, sent_s, is_certain)
