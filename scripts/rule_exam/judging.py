"""Compare when a rule fired with when it had to, or might; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
HZ = 10
"""Instants a second at which what truly happens is known."""
EARLY_S, LATE_S = 0.9, 1.6


@dataclass(frozen=True, slots=True)
class Told:
    """When a rule has to fire, or, where `is_certain` is False, may."""

    at_s: float
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Tally:
    """What a rule made of an exam.

    Attributes:
        incidents: what it had to tell of.
        found: how many of these it told of in time.
        wrong: triggers that tell of nothing, or of something a second time.
        quiet: cases in which there was nothing to tell of, where the exam has such.
    """

    incidents: int = 0
    found: int = 0
    wrong: int = 0
    quiet: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.incidents + other.incidents,
            self.found + other.found,
            self.wrong + other.wrong,
            self.quiet + other.quiet,
        )

    @property
    def recall(self) -> float | None:
        """Share of incidents told of in time; None without any."""
        return self.found / self.incidents if self.incidents else None

    @property
    def precision(self) -> float | None:
        """Share of triggers that tell of an incident; None when it never fired."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else None


def judge(truth: Iterable[Told], fired_s: Iterable[float]) -> Tally:
    """Match triggers with what happened, the certain first; each trigger tells of one."""
    left = sorted(truth, key=lambda told: (not told.is_certain, told.at_s))
    incidents = sum(told.is_certain for told in left)
    found = wrong = 0
    for at_s in fired_s:
        match = next((told for told in left if -EARLY_S <= at_s - told.at_s <= LATE_S), None)
        if match is None:
            wrong += 1
        else:
            left.remove(match)
            found += match.is_certain
    return Tally(incidents, found, wrong, int(not incidents))


def together(tallies: Iterable[Tally]) -> Tally:
    """The sum of some tallies."""
    return sum(tallies, Tally())


def spans(flags: Flags, bridge_s: float) -> list[tuple[float, float]]:
    """(from, to) seconds of every run of True at HZ, runs less than `bridge_s` apart joined."""
    steps = np.diff(flags.astype(np.int8), prepend=0, append=0)
    runs: list[tuple[float, float]] = []
    for start, end in zip(np.nonzero(steps == 1)[0] / HZ, np.nonzero(steps == -1)[0] / HZ, strict=True):
        if runs and start - runs[-1][1] < bridge_s:
            runs[-1] = (runs[-1][0], float(end))
        else:
            runs.append((float(start), float(end)))
    return runs


def lasting(runs: list[tuple[float, float]], bound_s: float) -> list[Told]:
    """What a rule says of runs that have to last `bound_s`; those about as long are open."""
    return [
        Told(start + bound_s, end - start > bound_s + 0.8) for start, end in runs if end - start > bound_s - EARLY_S
    ]
