"""The budget: never more than Hevo allows, in any 60 seconds, whoever asks and whenever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevo_api.rate import Budget, budget_for
from tests.raw_server import Clock


@given(st.lists(st.tuples(st.floats(0, 30), st.booleans()), max_size=300), st.integers(1, 120))
def test_no_minute_ever_sees_more_than_nine_tenths(steps: list[tuple[float, bool]], limit: int) -> None:
    clock = Clock()
    budget, sent = Budget(limit, clock), list[float]()
    for pause, person in steps:
        clock.now += pause
        if not budget.take("person" if person else "look"):
            sent.append(clock.now)
    for begin in sent:
        assert sum(begin <= each < begin + 62.9 for each in sent) <= max(1, int(limit * 0.9))


@given(st.lists(st.floats(0, 20), max_size=120), st.booleans())
def test_the_wait_that_is_told_is_the_wait_that_is_needed(pauses: list[float], person: bool) -> None:
    clock = Clock()
    budget = Budget(10, clock)
    for pause in pauses:
        clock.now += pause
        if wait := budget.take("person" if person else "look"):
            clock.now += wait
            assert budget.take("person" if person else "look") == pytest.approx(0, abs=0.002)


def test_a_request_counts_for_63_seconds() -> None:
    clock = Clock()
    budget = Budget(100, clock)
    assert [budget.take("person") for _ in range(90)] == [0.0] * 90
    clock.now += 62.5
    assert budget.take("person") == 0.5
    clock.now += 0.5
    assert [budget.take("person") for _ in range(91)] == [0.0] * 90 + [63.0]


@pytest.mark.parametrize("now", [0.1, 1 / 3, 2.0**40, 2.0**43 + 0.1])
def test_waiting_ends_however_coarse_the_clock_is(now: float) -> None:
    clock = Clock()
    clock.now = now
    budget = Budget(1, clock)
    assert budget.take("person") == 0.0
    while wait := budget.take("person"):
        clock.sleep(wait)
        assert len(clock.slept) < 5


def test_a_small_limit_still_lets_somebody_ask() -> None:
    for limit in range(1, 12):
        budget = Budget(limit, Clock())
        assert budget.take("look") == 0.0


def test_a_pause_is_never_cut_short_by_another() -> None:
    clock = Clock()
    budget = Budget(100, clock)
    assert budget.pause(100) == 100
    assert budget.pause(None) == 60
    assert budget.take("person") == 100


def test_an_account_has_one_budget_and_the_newest_limit_holds() -> None:
    clock = Clock()
    budget = budget_for("account", 100, clock)
    assert budget_for("account", 2, clock) is budget
    assert budget_for("another", 2, clock) is not budget
    assert budget.take("person") == 0.0
    assert budget.take("person") == 63.0
