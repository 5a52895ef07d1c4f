"""When two triggers of one rule are one incident: the definition that alerts and ground truth share."""

from __future__ import annotations

from collections.abc import Iterable


def continues(last_trigger_s: float, trigger_s: float, cooldown_s: float) -> bool:
    """Whether a trigger belongs to the incident whose last trigger was at `last_trigger_s`.

    The cooldown runs from the last trigger, not from the first: a steady flow of visitors is one long incident. A
    trigger that lies further back than that was timed by a clock set back since, and begins an incident of its own.
    """
    return abs(trigger_s - last_trigger_s) <= cooldown_s


def merged(triggers_s: Iterable[float], cooldown_s: float) -> list[list[float]]:
    """Trigger instants of one rule of one camera, any order, grouped into incidents by rising time."""
    incidents: list[list[float]] = []
    for trigger_s in sorted(triggers_s):
        if incidents and continues(incidents[-1][-1], trigger_s, cooldown_s):
            incidents[-1].append(trigger_s)
        else:
            incidents.append([trigger_s])
    return incidents
