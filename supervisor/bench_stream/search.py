"""The largest number that holds, where a single try may be disturbed: two of three tries decide; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

_MAJORITY = 2


def largest_that_holds(
    guess: int, most: int, holds: Callable[[int], bool], before: Mapping[int, bool] | None = None
) -> tuple[int | None, dict[int, list[bool]]]:
    """The largest number from 1 to `most` that holds while the next one does not, None where there is none; every try.

    Args:
        guess: where to begin; the nearer, the fewer tries.
        most: never tries a larger number.
        holds: one try.
        before: tries that were made already.
    """
    tried: dict[int, list[bool]] = defaultdict(list)
    for number, held in (before or {}).items():
        tried[number].append(held)

    def verdict(number: int) -> bool:
        while tried[number].count(True) < _MAJORITY and tried[number].count(False) < _MAJORITY:
            tried[number].append(holds(number))
        return tried[number].count(True) >= _MAJORITY

    number = min(max(guess, 1), most)
    if verdict(number):
        while number < most and verdict(number + 1):
            number += 1
        return (number if number < most else None), dict(tried)
    while number > 1:
        number -= 1
        if verdict(number):
            return number, dict(tried)
    return None, dict(tried)
