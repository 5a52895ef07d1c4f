"""The simulated district's own record of a run: what its loops show, and what it sent when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel.config.camera import StreamName
from kernel.errors import CannotRunError
from kernel.ledger import Span
from kernel.ledger.spans import union
from supervisor.exam.online_truth import Sending, online_spans
from supervisor.exam.scoring import EARLIEST_S, TruthTrigger, Window
from supervisor.exam.visible_truth import TrueEvent, visible_triggers, without

BEFORE_WINDOW_S = 60.0
"""Truth from this long before the window is read too: an incident may have begun there. Truth from just behind it is as
well: an alert may come a little before the trigger that it tells of."""


@dataclass(frozen=True, slots=True)
class DistrictTruth:
    """What truly happened before the cameras of a district.

    Attributes:
        events: of every pass of every loop around the window, by camera.
        sendings: what was sent, by camera and stream.
        faults: when a camera's picture could not be relied on, by camera.
    """

    events: Mapping[str, Sequence[TrueEvent]]
    sendings: Mapping[tuple[str, StreamName], Sequence[Sending]]
    faults: Mapping[str, Sequence[Span]]

    @classmethod
    def read(cls, folder: Path, seed: int, window: Window) -> DistrictTruth:
        """The record that the district's server left in `folder`.

        Raises:
            CannotRunError: it left none, or one of another seed.
        """
        from scripts.district.library import load_truth, loops_dir
        from scripts.district.sent_log import read_sent, sent_file
        from scripts.district.truth import occurrences

        try:
            sent = read_sent(sent_file(folder))
        except FileNotFoundError as error:
            raise CannotRunError(f"exam: the simulated district left no {sent_file(folder)}") from error
        if sent.seed != seed:
            raise CannotRunError(f"exam: {sent_file(folder)} is of seed {sent.seed}, not of {seed}")
        events: dict[str, list[TrueEvent]] = {}
        for camera_id, epoch_s in sent.epochs.items():
            shown = load_truth(loops_dir(folder, seed) / camera_id).events
            passes = occurrences(shown, epoch_s, window.start_s - BEFORE_WINDOW_S, window.end_s - EARLIEST_S)
            events[camera_id] = [
                TrueEvent(camera_id, event.rule_id, event.class_name, sent_s, sent_s + event.leave_s - event.time_s)
                for sent_s, event in passes
            ]
        sendings: dict[tuple[str, StreamName], list[Sending]] = {}
        for run in sent.runs:
            sending = Sending(run.session, Span(run.first_s, run.last_s))
            sendings.setdefault((run.camera_id, StreamName(run.stream)), []).append(sending)
        faults: dict[str, list[Span]] = {}
        for camera_id, _fault, from_s, to_s in sent.faults:
            faults.setdefault(camera_id, []).append(Span(from_s, to_s))
        return cls(events, sendings, faults)

    def triggers(self, streams: Mapping[str, StreamName]) -> list[TruthTrigger]:
        """True triggers of each camera that could be seen on the stream that is analysed."""
        found = []
        for camera_id, stream in streams.items():
            sent = union(sending.span for sending in self.sendings.get((camera_id, stream), ()))
            visible = without(sent, self.faults.get(camera_id, ()))
            for event in self.events.get(camera_id, ()):
                found += visible_triggers(event, visible)
        return found

    def online(self, camera_id: str, stream: StreamName, read_timeout_s: float) -> list[Span]:
        """When a stream was truly online."""
        return online_spans(self.sendings.get((camera_id, stream), ()), read_timeout_s)
