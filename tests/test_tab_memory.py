"""What the browser brings back is read strictly: a history that was written here and a believable visit, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard import tab_memory
from dashboard.tab_memory import read
from monitor import history as frames
from monitor import history_text
from monitor.health import Word
from monitor.history import History
from tests.app_house import NOW, few, watched

ACCOUNT = "0123456789abcdef"
VISIT = int(NOW - 3_600)
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)


def history() -> History:
    """A short one, as a tab keeps it."""
    return watched(Word.HEALTHY, Word.FAILED)


def kept(**changes: Any) -> str:
    """What the tab keeps, with something changed in it."""
    told = {"account": ACCOUNT, "last_visit": VISIT, "history": history_text.to_json(history())}
    return json.dumps({**told, **changes})


def left(tab: object, visit: object = str(int(NOW - 60))) -> list[object]:
    """What the component sends of the two stores."""
    return [tab, visit]


def refused(told: object) -> bool:
    """True when it is dropped; whatever else happens than that or a history is a mistake."""
    try:
        older, visit = read(told, ACCOUNT, NOW)
    except ValueError:
        return True
    assert older is None or isinstance(older, History)
    assert visit is None or isinstance(visit, float)
    return False


def test_a_reloaded_tab_has_its_history_and_goes_on_with_its_own_visit() -> None:
    older, visit = read(left(kept()), ACCOUNT, NOW)
    assert older is not None
    assert older.changes.equals(history().changes)
    assert older.watch.equals(history().watch)
    assert visit == VISIT


def test_a_reload_of_the_first_visit_ever_is_no_second_visit() -> None:
    assert read(left(kept(last_visit=None)), ACCOUNT, NOW)[1] is None


def test_another_tab_of_the_browser_has_the_last_visit_but_no_history() -> None:
    assert read(left(None), ACCOUNT, NOW) == (None, NOW - 60)


@few
@given(odd | st.text() | odd.map(json.dumps) | odd.map(left) | st.tuples(odd, odd).map(lambda pair: left(*pair)))
@example("[" * 100_000)
@example(left("[" * 100_000))
@example("9" * 5_000)
@example("NaN")
@example('"\\ud800"')
@example(left(None, "Infinity"))
@example(left(None, "1" * 400))
def test_nothing_that_a_browser_may_bring_does_more_than_be_dropped(told: object) -> None:
    assert refused(told) or read(told, ACCOUNT, NOW)[0] is None


@few
@given(st.dictionaries(st.sampled_from(["account", "last_visit", "history"]), odd | odd.map(json.dumps), min_size=1))
def test_whatever_is_changed_in_it_is_a_history_or_is_dropped(changes: dict[str, Any]) -> None:
    assert refused(left(kept(**changes))) or not changes.keys() & {"account", "history"}


@few
@given(st.integers(0, len(kept())), st.text(max_size=3))
def test_a_spoilt_text_is_a_history_or_is_dropped(place: int, text: str) -> None:
    refused(left(kept()[:place] + text + kept()[place + 1 :]))


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "another account"},
        {"account": None},
        {"last_visit": int(NOW + 3_600)},
        {"last_visit": int(NOW - 91 * 86_400)},
        {"last_visit": float(NOW)},
        {"last_visit": True},
        {"last_visit": 10**400},
        {"history": None},
        {"history": {}},
        {"history": " " * 4_000_000},
    ],
)
def test_what_is_not_believable_is_dropped(changes: dict[str, Any]) -> None:
    assert refused(left(kept(**changes)))
    assert not refused(left(kept()))


@pytest.mark.parametrize("visit", [str(int(NOW + 3_600)), "true", "1.5", "null", '"x"', "0", "-1"])
def test_a_visit_that_cannot_have_been_is_dropped(visit: str) -> None:
    assert refused(left(None, visit))


def test_what_a_tab_carries_is_small_however_large_the_account() -> None:
    """The newest of it stays; where not even that fits, nothing is carried."""
    number, begin = 3_000, round(1000 * (NOW - 86_400))
    changes = pd.DataFrame(
        {
            "pipeline": [str(name) for name in range(number) for _ in range(24)],
            "after": -1,
            "at": [begin + hour * 3_600_000 for _ in range(number) for hour in range(24)],
            "word": [word for _ in range(number) for word in ("healthy", "failed") * 12],
        }
    )
    watch = pd.DataFrame([(begin, begin + 86_400_000, begin + 86_400_001, 24)], columns=frames.EMPTY.watch.columns)
    text = history_text.to_json(frames.history(changes, watch), tab_memory.MOST_TEXT)
    assert len(text) <= tab_memory.MOST_TEXT
    kept_there = history_text.from_json(text, round(1000 * NOW))
    assert kept_there.latest == begin + 86_400_000
    assert len(kept_there.changes) >= number
