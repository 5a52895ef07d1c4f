"""The search for a limit, on tries that are disturbed now and then."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from supervisor.bench_stream.search import largest_that_holds


def machine(limit: int, *disturbed: int) -> Callable[[int], bool]:
    """Holds up to a limit; the tries of these numbers (counted from 1) say the opposite."""
    tries = iter(range(1, 1000))
    return lambda number: (number <= limit) != (next(tries) in disturbed)


@pytest.mark.parametrize("guess", [1, 6, 9, 10, 13, 20, 99])
def test_the_limit_is_found_from_wherever_it_begins(guess: int) -> None:
    number, tried = largest_that_holds(guess, 20, machine(9))
    assert number == 9
    assert tried[9] == [True, True]
    assert tried[10] == [False, False]


def test_one_disturbed_try_of_a_number_changes_nothing() -> None:
    """The search used to believe the first failure: the same machine held 8 or 11 cameras."""
    number, tried = largest_that_holds(9, 20, machine(9, 2, 4))
    assert number == 9
    assert sorted(tried[9]) == [False, True, True]
    assert sorted(tried[10]) == [False, False, True]


def test_however_the_tries_of_each_number_are_mixed_a_third_disturbed_is_too_few() -> None:
    for seed in range(20):
        chance, wrong = Random(seed), dict.fromkeys(range(1, 21), 0)

        def holds(number: int, chance: Random = chance, wrong: dict[int, int] = wrong) -> bool:
            is_wrong = not wrong[number] and chance.random() < 0.5
            wrong[number] += is_wrong
            return (number <= 7) != is_wrong

        assert largest_that_holds(chance.randint(1, 20), 20, holds)[0] == 7


def test_tries_made_before_count() -> None:
    _, tried = largest_that_holds(4, 20, machine(4), {4: True})
    assert tried == {4: [True, True], 5: [False, False]}


@pytest.mark.parametrize("limit", [0, 20])
def test_no_limit_is_none(limit: int) -> None:
    found, tried = largest_that_holds(10, 20, machine(limit))
    assert found is None
    assert tried[max(1, limit)] == [limit > 0] * 2
