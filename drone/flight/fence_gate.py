"""The areas of the autopilot's own fence, read and judged before a flight."""

from __future__ import annotations

from drone.flight import reasons
from drone.flight.core import Core
from drone.flight.own_fence import area_reasons, has_areas
from drone.flight.steps import ReadFence
from kernel.drone_events import ReasonText

_TRIES = 3


def areas_are_read(core: Core, now_s: float) -> bool:
    """Read them where there are any; true once they came, will not come, or are none. Called with parameters read."""
    if core.parameters is None or not has_areas(core.parameters):
        return True
    result = core.last_result
    if isinstance(core.last_step, ReadFence) and result is not None:
        core.fence, core.fence_problem = result.fence, result.detail
        if result.is_done or core.tries >= _TRIES:
            return True
    if core.is_free:
        if not isinstance(core.last_step, ReadFence):
            core.tries = 0
        core.do(ReadFence(), now_s)
    return False


def areas_crossed(core: Core, is_refused: bool) -> tuple[ReasonText, ...]:
    """What they say against the flight; that they were not read, only where nothing else refuses it."""
    if core.parameters is None or not has_areas(core.parameters) or (is_refused and core.fence is None):
        return ()
    if core.fence is None:
        return (reasons.own_fence_unread(core.fence_problem or "no answer"),)
    crossed = area_reasons(core.brief, core.parameters, core.fence)
    return (reasons.own_fence_areas(crossed),) if crossed else ()
