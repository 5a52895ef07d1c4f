"""From numbered pictures whose boxes are known to rates and ages; pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Sent = Mapping[str, Sequence[tuple[float, int]]]


@dataclass(frozen=True, slots=True)
class Known:
    """The boxes of one picture are known.

    Attributes:
        camera_id: whose picture.
        number: drawn in it.
        known_s: since when, epoch seconds.
    """

    camera_id: str
    number: int
    known_s: float


@dataclass(frozen=True, slots=True)
class SideFigures:
    """What one side did with the cameras.

    Attributes:
        analysed_fps: different pictures a second, all cameras together.
        camera_fps_least, camera_fps_most: of single cameras.
        age_p50_ms, age_p95_ms: from sending the picture's packets to knowing its boxes.
        unmatched: pictures that were never sent: black ones of a lost stream, or numbers that cannot be read.
    """

    analysed_fps: float
    camera_fps_least: float
    camera_fps_most: float
    age_p50_ms: float
    age_p95_ms: float
    pictures: int
    unmatched: int


def side_figures(
    sent: Sent, known: Iterable[Known], camera_ids: Sequence[str], from_s: float, to_s: float
) -> SideFigures:
    """The figures of the pictures whose boxes became known within a time.

    Args:
        sent: per camera instants (epoch seconds) and numbers of what was sent, in order.
        known: what was analysed; a picture analysed twice counts once, at the first time.
        camera_ids: all cameras, those without any picture too.
        from_s, to_s: the time that counts, epoch seconds.
    """
    instants = _instants(sent)
    ages_s: list[float] = []
    unmatched = 0
    counts: Counter[str] = Counter()
    seen: set[tuple[str, float]] = set()
    for one in sorted(known, key=lambda entry: entry.known_s):
        sent_s = last_before(instants.get((one.camera_id, one.number), ()), one.known_s)
        if not from_s <= one.known_s < to_s:
            if sent_s is not None:
                seen.add((one.camera_id, sent_s))
        elif sent_s is None:
            unmatched += 1
        elif (one.camera_id, sent_s) not in seen:
            seen.add((one.camera_id, sent_s))
            counts[one.camera_id] += 1
            ages_s.append(one.known_s - sent_s)
    rates = [counts[camera_id] / (to_s - from_s) for camera_id in camera_ids]
    p50_s, p95_s = np.percentile(ages_s, (50, 95)) if ages_s else (float("nan"), float("nan"))
    return SideFigures(
        analysed_fps=round(sum(rates), 2),
        camera_fps_least=round(min(rates), 2),
        camera_fps_most=round(max(rates), 2),
        age_p50_ms=round(1000 * float(p50_s), 1),
        age_p95_ms=round(1000 * float(p95_s), 1),
        pictures=len(ages_s),
        unmatched=unmatched,
    )


def _instants(sent: Sent) -> dict[tuple[str, int], list[float]]:
    instants: dict[tuple[str, int], list[float]] = defaultdict(list)
    for camera_id, entries in sent.items():
        for sent_s, number in entries:
            instants[camera_id, number].append(sent_s)
    return instants


def last_before(instants_s: Sequence[float], now_s: float) -> float | None:
    """The last of rising instants that is not after `now_s`, None where there is none."""
    place = bisect_right(instants_s, now_s)
    return instants_s[place - 1] if place else None


def spread(figures: SideFigures) -> float:
    """How far the cameras' rates lie apart: (most - least) / most."""
    if not figures.camera_fps_most:
        return float("nan")
    return round((figures.camera_fps_most - figures.camera_fps_least) / figures.camera_fps_most, 3)


def growth_per_minute(samples: Sequence[tuple[float, float]]) -> float:
    """Slope of a line through (seconds, value), per minute; 0 for fewer than two samples."""
    if len(samples) < 2:
        return 0.0
    at_s, values = np.array(samples, float).T
    return round(float(60.0 * np.polyfit(at_s - at_s[0], values, 1)[0]), 2)


def with_total(by_service: Mapping[str, float]) -> dict[str, float]:
    """What each service holds, and as "all" what they hold together."""
    return {**by_service, "all": sum(by_service.values())}


def growth_by_service(samples: Sequence[tuple[float, Mapping[str, float]]], from_s: float) -> dict[str, float] | None:
    """`growth_per_minute` of each service and of "all" from an instant on; None where fewer than two samples are left.

    Args:
        samples: (epoch seconds, value by service); the last one names the services.
        from_s: epoch seconds.
    """
    left = [(at_s, with_total(by_service)) for at_s, by_service in samples if at_s >= from_s]
    if len(left) < 2:
        return None
    names = left[-1][1]
    return {name: growth_per_minute([(at_s, held[name]) for at_s, held in left if name in held]) for name in names}
