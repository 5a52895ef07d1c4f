"""Contenders take turns, so that whatever else the machine does meets all of them; medians of the rounds count."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Spell:
    """What one contender did in one round.

    Attributes:
        elapsed_s: until its last answer was there.
        cpu_s: processor time of all its threads.
    """

    pictures: int = 0
    elapsed_s: float = 0.0
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Contender:
    """One way from pictures to answers; `run` works for about so many seconds."""

    name: str
    run: Callable[[float], Spell]


@dataclass(frozen=True, slots=True)
class Ratio:
    """One contender's speed over another's, round by round: median, and the lowest and highest round."""

    median: float
    low: float
    high: float


Record = Mapping[str, Sequence[Spell]]


@contextmanager
def timed() -> Iterator[Spell]:
    """A spell of this process; the caller fills in the pictures."""
    spell = Spell()
    started_s, cpu_s = time.perf_counter(), time.process_time()
    yield spell
    spell.elapsed_s = time.perf_counter() - started_s
    spell.cpu_s = time.process_time() - cpu_s


def take_turns(contenders: Sequence[Contender], rounds: int, spell_s: float, tell: Callable[[str], None]) -> Record:
    """Let everybody run once a round, after one short run to warm up; every other round in reverse."""
    record: dict[str, list[Spell]] = {contender.name: [] for contender in contenders}
    for contender in contenders:
        tell(f"warming up: {contender.name}")
        contender.run(spell_s / 4)
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        for contender in contenders if number % 2 == 0 else reversed(contenders):
            record[contender.name].append(contender.run(spell_s))
    return record


def pictures_per_s(spells: Sequence[Spell]) -> float:
    """Median over the rounds."""
    return statistics.median(spell.pictures / spell.elapsed_s for spell in spells)


def cpu_ms_per_picture(spells: Sequence[Spell]) -> float:
    """Median over the rounds: what other programs on the machine disturb least."""
    return statistics.median(1000 * spell.cpu_s / spell.pictures for spell in spells)


def speed_ratio(one: Sequence[Spell], other: Sequence[Spell]) -> Ratio:
    """How many pictures a second one does for each of the other's in the same round."""
    ratios = [
        (mine.pictures / mine.elapsed_s) / (theirs.pictures / theirs.elapsed_s)
        for mine, theirs in zip(one, other, strict=True)
    ]
    return Ratio(round(statistics.median(ratios), 3), round(min(ratios), 3), round(max(ratios), 3))
