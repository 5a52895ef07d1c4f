"""The timetable of the camera that fails: deterministic by seed, in seconds since the server's start. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

FAULTY_CAMERA = "cam-05"
PASSWORD_FROM_S = 21 * 60.0
PASSWORD_FOR_S = 40.0
_CYCLE_S = 170.0


class Fault(StrEnum):
    """What goes wrong.

    drop: the connection is cut and a new one is cut as soon as it names the camera. refuse: likewise, for longer (all
    cameras share one address, so the connection itself cannot be refused). missing: DESCRIBE is answered 404, as by a
    camera that boots. stall: connected, no packets. password: the right one is refused. freeze and cover leave the
    stream running with one picture and with a dark one.
    """

    DROP = "drop"
    REFUSE = "refuse"
    MISSING = "missing"
    STALL = "stall"
    FREEZE = "freeze"
    COVER = "cover"
    PASSWORD = "password"


OFFLINE = (Fault.DROP, Fault.REFUSE, Fault.MISSING, Fault.STALL, Fault.PASSWORD)


@dataclass(frozen=True)
class FaultSpan:
    """One fault, from and to in seconds since the server's start."""

    fault: Fault
    from_s: float
    to_s: float


def timetable(seed: int, until_s: float) -> tuple[FaultSpan, ...]:
    """The faults that begin before `until_s`.

    The first round shows drop, stall, freeze and refuse in this order within three minutes; later rounds shuffle them
    with the covered lens and the missing stream. Wrong passwords come once, after minute 20, because a client then
    stays away for ten minutes.
    """
    rng = np.random.default_rng([seed, 5])
    spans: list[FaultSpan] = []
    number = 0
    while number * _CYCLE_S < until_s:
        kinds = [Fault.DROP, Fault.STALL, Fault.FREEZE, Fault.REFUSE]
        if number > 0:
            kinds = [kinds[i] for i in rng.permutation(4)]
            if number % 2:
                kinds[kinds.index(Fault.FREEZE)] = Fault.COVER
                kinds[kinds.index(Fault.REFUSE)] = Fault.MISSING
        at_s = number * _CYCLE_S + 34.0 + float(rng.uniform(0, 5))
        for fault in kinds:
            length_s = {Fault.DROP: 9.0, Fault.STALL: 14.0, Fault.REFUSE: 16.0, Fault.MISSING: 14.0}.get(fault, 15.0)
            length_s += float(rng.uniform(0, 3))
            spans.append(FaultSpan(fault, round(at_s, 2), round(at_s + length_s, 2)))
            at_s += length_s + 15.0 + float(rng.uniform(0, 3))
        number += 1
    password = FaultSpan(Fault.PASSWORD, PASSWORD_FROM_S, PASSWORD_FROM_S + PASSWORD_FOR_S)
    clear = [s for s in spans if s.to_s < password.from_s - 5 or s.from_s > password.to_s + 5]
    return tuple(sorted((s for s in [*clear, password] if s.from_s < until_s), key=lambda s: s.from_s))


def fault_at(spans: tuple[FaultSpan, ...], time_s: float) -> Fault | None:
    """The fault in force at this time since the server's start."""
    return next((span.fault for span in spans if span.from_s <= time_s < span.to_s), None)
