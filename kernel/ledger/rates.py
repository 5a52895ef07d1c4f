"""Seconds and rates of a window: sums of seconds, never means of rates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kernel.events import CameraState, OfflineCause
from kernel.ledger.rows import StateInterval, without_overlaps
from kernel.ledger.spans import Span, difference, intersection, seconds, union


class Verdict(StrEnum):
    """Whether the target was reached, as far as one can tell."""

    MET = "met"
    MISSED = "missed"
    INSUFFICIENT_DATA = "insufficient_data"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Outage:
    """A camera was offline and not seen online in between; nobody need have watched all of it.

    Attributes:
        camera_id: which.
        start_s: arrival of the last packet before it.
        end_s: first packet after it, or the last instant known.
        cause: the last one reported.
        is_open: it was not over when last heard of.
    """

    camera_id: str
    start_s: float
    end_s: float
    cause: OfflineCause
    is_open: bool


@dataclass(frozen=True, slots=True)
class RateFigures:
    """Seconds of one camera, or of several added up.

    Attributes:
        window_s: length of the window, once for each camera.
        online_s: seen online.
        in_service_s: seen online or offline.
        out_of_service_s: disabled, or a planned outage.
        unobserved_s: nobody was watching, or nobody could tell.
        outages: those that touch the window and lie not in planned outages alone, at full length.
        planned_s: the part of out_of_service_s that is out for a planned outage only.
    """

    window_s: float
    online_s: float
    in_service_s: float
    out_of_service_s: float
    unobserved_s: float
    outages: tuple[Outage, ...] = ()
    planned_s: float = 0.0

    @property
    def offline_s(self) -> float:
        """Seen offline."""
        return self.in_service_s - self.online_s

    @property
    def online_rate(self) -> float | None:
        """Online rate 0-1; None where nothing in service was observed."""
        return self.online_s / self.in_service_s if self.in_service_s > 0 else None

    @property
    def observation_coverage(self) -> float:
        """Share 0-1 of the time in service in which somebody was watching; 0 where there was none to watch.

        Out of service needs no observer, so it tells nothing about one: counted in, cameras that are switched off would
        vouch for those nobody watched.
        """
        watchable_s = self.in_service_s + self.unobserved_s
        return self.in_service_s / watchable_s if watchable_s > 0 else 0.0

    def verdict(self, target: float, observation_min: float) -> Verdict:
        """Whether the online rate reaches `target`; withheld where less than `observation_min` was observed."""
        if self.online_rate is None:
            return Verdict.NO_DATA
        if self.observation_coverage < observation_min:
            return Verdict.INSUFFICIENT_DATA
        return Verdict.MET if self.online_rate >= target else Verdict.MISSED

    def __add__(self, other: RateFigures) -> RateFigures:
        return RateFigures(
            self.window_s + other.window_s,
            self.online_s + other.online_s,
            self.in_service_s + other.in_service_s,
            self.out_of_service_s + other.out_of_service_s,
            self.unobserved_s + other.unobserved_s,
            self.outages + other.outages,
            self.planned_s + other.planned_s,
        )


_FIRST_WORD_S = 2.0

NOTHING = RateFigures(0.0, 0.0, 0.0, 0.0, 0.0)


def rates(
    camera_ids: Iterable[str],
    intervals: Iterable[StateInterval],
    observed: Mapping[str, Sequence[Span]],
    window: Span,
    planned: Mapping[str, Sequence[Span]] | None = None,
) -> dict[str, RateFigures]:
    """Figures of each camera over a window.

    Args:
        camera_ids: every camera in scope, also those never seen.
        intervals: of one stream per camera (the live one); those outside the window do no harm.
        observed: spans in which each camera was watched.
        window: which seconds count.
        planned: planned outages of each camera, where these are to be left out.
    """
    announced = planned or {}
    of_camera: dict[str, list[StateInterval]] = {}
    for interval in intervals:
        of_camera.setdefault(interval.camera_id, []).append(interval)
    return {
        camera_id: camera_figures(
            of_camera.get(camera_id, []), observed.get(camera_id, ()), window, announced.get(camera_id, ())
        )
        for camera_id in camera_ids
    }


def camera_figures(
    intervals: Iterable[StateInterval], observed: Iterable[Span], window: Span, planned: Iterable[Span] = ()
) -> RateFigures:
    """Figures of one stream.

    Out of service needs no observer; online and offline count only where one was watching. What was watched but belongs
    to no state (or only to a first attempt that blames nobody) is unobserved. Whatever the camera did in a planned
    outage, it was out of service.
    """
    ordered = without_overlaps(intervals)
    seen = union(observed)
    announced = union(planned)
    watched = difference(intersection(seen, [window]), announced)
    disabled = union(row.span for row in ordered if row.state is CameraState.DISABLED)
    counted = [row for row in ordered if row.state is not CameraState.DISABLED and not row.is_probing]
    online = [row.span for row in counted if row.state.is_online]
    planned_s = seconds(intersection(difference(announced, disabled), [window]))
    out_of_service_s = seconds(intersection(disabled, [window])) + planned_s
    in_service_s = seconds(intersection(union(row.span for row in counted), watched))
    return RateFigures(
        window.length_s,
        seconds(intersection(union(online), watched)),
        in_service_s,
        out_of_service_s,
        max(0.0, window.length_s - in_service_s - out_of_service_s),
        tuple(
            outage
            for outage in _outages(ordered, seen)
            if _touches(outage, window) and difference([Span(outage.start_s, outage.end_s)], announced)
        ),
        planned_s,
    )


def _outages(ordered: Iterable[StateInterval], watched: Sequence[Span]) -> list[Outage]:
    """Offline intervals joined as long as the camera was not seen in another state in between.

    Time nobody watched breaks no outage: a restart of the observer within one does not make it two. Nor does a first
    attempt that blames nobody: it tells nothing either way. Watched time without any state breaks it.
    """
    found: list[Outage] = []
    known_until_s: float | None = None  # of the outage that goes on
    for row in ordered:
        is_offline = not (row.state.is_online or row.state is CameraState.DISABLED)
        goes_on = known_until_s is not None and _unwatched(Span(known_until_s, row.start_s), watched)
        if row.is_probing:
            known_until_s = row.end_s if goes_on else None
            continue
        if is_offline and goes_on:
            last = found.pop()
            cause = last.cause if row.cause is OfflineCause.NONE else row.cause
            found.append(Outage(row.camera_id, last.start_s, row.end_s, cause, row.is_open))
        elif is_offline:
            found.append(Outage(row.camera_id, row.start_s, row.end_s, row.cause, row.is_open))
        known_until_s = row.end_s if is_offline else None
    return found


def _unwatched(gap: Span, watched: Sequence[Span]) -> bool:
    """Nobody saw more of a gap than the beat or two between an observer's start and its first word."""
    return gap.length_s <= _FIRST_WORD_S or seconds(intersection(watched, [gap])) <= _FIRST_WORD_S


def _touches(outage: Outage, window: Span) -> bool:
    return outage.start_s < window.end_s and outage.end_s > window.start_s


def aggregate(figures: Mapping[str, RateFigures], key_of: Callable[[str], str]) -> dict[str, RateFigures]:
    """Figures added up by any key of a camera (station, grid, vendor), in the order of the keys."""
    sums: dict[str, RateFigures] = {}
    for camera_id, camera in figures.items():
        key = key_of(camera_id)
        sums[key] = sums.get(key, NOTHING) + camera
    return dict(sorted(sums.items()))


def total(figures: Iterable[RateFigures]) -> RateFigures:
    """Figures of all cameras together."""
    return sum(figures, NOTHING)
