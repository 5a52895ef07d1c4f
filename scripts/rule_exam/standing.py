"""Rules about left and removed objects, on scripted stories: the district's actors carry nothing.

As with the other rules, what the truth itself leaves open may be told of or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from scripts.district.geometry import Floats
from scripts.rule_exam.judging import HZ, Tally, Told, judge, spans, together
from scripts.rule_exam.scripted import (
    LENGTH_S,
    TIMES_S,
    Body,
    Story,
    a_place,
    away,
    feet_px,
    fired_by,
    passer_by,
    share_covered,
)

LEFT_S, AWAY_HEIGHTS = 8.0, 2.0
STOOD_S, GONE_S = 12.0, 4.0
LET_GO_S = 0.5
"""While it is taken up it is still about its place."""


def object_left(rounds: int) -> Tally:
    """Suitcases brought, left, fetched and taken along, so many of them."""
    return _stories({"kind": "object_left", "left_s": LEFT_S, "away_heights": AWAY_HEIGHTS}, _a_case_left, rounds)


def object_removed(rounds: int) -> Tally:
    """Suitcases carried off, swapped, hidden or staying, so many of them."""
    return _stories({"kind": "object_removed", "stood_s": STOOD_S, "gone_s": GONE_S}, _a_case_removed, rounds)


def _stories(rule: dict[str, object], case: Callable[[np.random.Generator], Story], rounds: int) -> Tally:
    rng = np.random.default_rng(12)
    tallies = []
    for _ in range(rounds):
        story = case(rng)
        tallies.append(judge(story.told, fired_by(rule, story, rng)))
    return together(tallies)


def _a_case_left(rng: np.random.Generator) -> Story:
    """Somebody brings a suitcase, stays with it for a while and leaves it, comes back to it, or takes it along."""
    spot, put_s = a_place(rng), float(rng.uniform(4, 8))
    beside = (spot[0] + 0.7, spot[1] - 0.2)
    leave_s = put_s + float(rng.choice([0.0, 2.0, 6.0]))
    way = [(put_s - 4, (beside[0] - 5.6, beside[1])), (put_s, beside), *away(rng, beside, leave_s)]
    case_way, until_s = [(put_s - 4, (spot[0] - 5.6, spot[1])), (put_s, spot)], LENGTH_S
    what = rng.choice(["left", "fetched", "taken"], p=(0.6, 0.25, 0.15))
    if what == "fetched":  # back with it before it counts
        back_s = leave_s + LEFT_S - 2.5
        turn = (beside[0] + 1.4 * (back_s - leave_s) / 2, beside[1])
        way = [*way[:2], (leave_s, beside), ((leave_s + back_s) / 2, turn), (back_s, beside), (LENGTH_S, beside)]
    elif what == "taken":
        way = [*way[:2], (leave_s, beside), (leave_s + 20, (beside[0] + 28, beside[1]))]
        case_way = [*case_way, (leave_s, spot), (leave_s + 20, (spot[0] + 28, spot[1]))]
        until_s = leave_s + 20
    owner, case = Body("person", way, put_s - 4, LENGTH_S), Body("suitcase", case_way, put_s - 4, until_s)
    people = [owner, *(passer_by(rng) for _ in range(int(rng.integers(0, 3))))]
    return Story([case, *people], _left_alone(case, people, put_s))


def _left_alone(case: Body, people: Sequence[Body], put_s: float) -> list[Told]:
    """When a case has stood alone for LEFT_S: nobody near, but for those who pass within three seconds."""
    height = case.box_xyxy[:, 3] - case.box_xyxy[:, 1]
    stands = np.append(np.hypot(*np.diff(case.xy_m, axis=0).T) < 1e-6, False) & (put_s <= TIMES_S) & case.is_there
    near = np.zeros(len(TIMES_S), np.bool_)
    for person in people:
        apart = np.hypot(*(feet_px(person) - feet_px(case)).T)
        near |= (apart <= AWAY_HEIGHTS * height) & person.is_there
    told = []
    for start_s, end_s in spans(stands & ~near, 3.0):
        if end_s - start_s <= LEFT_S - 1:
            continue
        visits = [to_s - from_s for from_s, to_s in spans(near & stands, 0.5) if from_s > put_s + 0.2]
        is_open = any(2.2 < visit < 4.0 for visit in visits)
        at_s = next((t for t in TIMES_S if t >= start_s + LEFT_S and not near[round(t * HZ)]), end_s)
        told.append(Told(float(at_s), end_s - start_s > LEFT_S + 1 and not is_open))
        if is_open:
            told += [Told(float(to_s) + LEFT_S, False) for _, to_s in spans(near & stands, 0.5)]
    return told


def _a_case_removed(rng: np.random.Generator) -> Story:
    """A suitcase stands, and is carried off, or hidden by a truck, or out of sight while no pictures come, or stays."""
    spot = a_place(rng)
    what = rng.choice(["carried", "stays", "too_short", "swapped"], p=(0.62, 0.2, 0.1, 0.08))
    take_s = float(rng.uniform(6, 9)) if what == "too_short" else float(rng.uniform(14, 20))
    to_s = LENGTH_S if what == "stays" else take_s
    case = Body("suitcase", [(0.0, spot)], 0.0, to_s)
    bodies = [case, *(passer_by(rng) for _ in range(int(rng.integers(0, 3))))]
    if what == "swapped":  # away for less than it takes
        bodies.append(Body("suitcase", [(0.0, spot)], take_s + GONE_S / 2))
    if what in ("carried", "too_short"):
        beside = (spot[0] + 0.4, spot[1] - 0.2)
        bodies.append(
            Body("person", [(take_s - 8, (beside[0] - 11, beside[1])), (take_s, beside), *away(rng, beside, take_s)])
        )
        bodies.append(Body("suitcase", away(rng, spot, take_s), take_s, take_s + 25))
        bodies[-1].box_xyxy[:, :] = _carried(bodies[-2], bodies[-1])
    if rng.random() < 0.35:  # a truck stops before it, while it is there or where it was
        from_s = float(rng.uniform(13, 24))
        bodies.append(Body("truck", [(0.0, (spot[0], spot[1] - 4.0))], from_s, from_s + float(rng.uniform(3, 9))))
    blind_from_s = float(rng.uniform(13, 26))
    blind_s = (blind_from_s, blind_from_s + 8.0) if rng.random() < 0.3 else (0.0, 0.0)
    story = Story(bodies, [], blind_s)
    if what == "carried":
        early, late = _missed(story, case, take_s, 0.45, GONE_S), _missed(story, case, take_s, 0.12, GONE_S + 0.8)
        is_open = not late - early <= 1.6  # it is covered about as much as hides it, or pictures end just before
        story.told = [Told(early + LET_GO_S, not is_open), *([Told(late, False)] if is_open else [])]
    return story


def _carried(carrier: Body, case: Body) -> Floats:
    """Boxes of a case in somebody's hand."""
    offset = feet_px(carrier) - feet_px(case)
    return np.asarray(case.box_xyxy + np.concatenate([offset, offset], 1), np.float64)


def _missed(story: Story, case: Body, take_s: float, hides: float, for_s: float) -> float:
    """When its place has been open to view for so long since a case was taken; `hides` is the share that hides it."""
    open_s = 0.0
    for index in range(round(take_s * HZ), len(TIMES_S)):
        place = case.box_xyxy[index].tolist()
        covered = any(
            body.is_there[index] and share_covered(place, body.box_xyxy[index].tolist()) > hides
            for body in story.bodies
            if body is not case
        )
        is_blind = story.blind_s[0] <= TIMES_S[index] < story.blind_s[1]
        open_s += 0.0 if covered or is_blind else 1 / HZ
        if open_s >= for_s:
            return float(TIMES_S[index])
    return math.inf
