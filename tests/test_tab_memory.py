"""What the browser's tab brings back is read strictly: a history that was written here, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.tab_memory import _read
from monitor import History, State
from tests.app_house import NOW, few

ACCOUNT = "0123456789abcdef"
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)


def history() -> History:
    """A short one, as a tab keeps it."""
    seen = History()
    seen.observe(NOW - 120, {"7": State("ACTIVE", "OK")})
    seen.observe(NOW - 60, {"7": State("ACTIVE", "FAILED")})
    return seen


def kept(**changes: Any) -> str:
    """What the tab keeps, with something changed in it."""
    return json.dumps({"account": ACCOUNT, "seen_at": int(NOW - 60), "history": history().to_json(), **changes})


def refused(left: object) -> bool:
    """True when it is dropped; whatever else happens than that or a history is a mistake."""
    try:
        older, seen_at = _read(left, ACCOUNT, NOW)
    except ValueError:
        return True
    assert isinstance(older, History)
    assert isinstance(seen_at, float)
    return False


def test_what_was_written_here_comes_back_whole() -> None:
    older, seen_at = _read(kept(), ACCOUNT, NOW)
    assert older == history()
    assert seen_at == NOW - 60


@few
@given(odd | st.text() | odd.map(json.dumps))
@example("[" * 100_000)
@example("9" * 5_000)
@example("NaN")
@example('"\\ud800"')
def test_no_text_that_a_browser_may_bring_does_more_than_be_dropped(left: object) -> None:
    assert refused(left)


@few
@given(st.dictionaries(st.sampled_from(["account", "seen_at", "history"]), odd | odd.map(json.dumps), min_size=1))
def test_whatever_is_changed_in_it_is_a_history_or_is_dropped(changes: dict[str, Any]) -> None:
    assert refused(kept(**changes)) or not changes.keys() & {"account", "history"}


@few
@given(st.integers(0, len(kept())), st.text(max_size=3))
def test_a_spoilt_text_is_a_history_or_is_dropped(place: int, text: str) -> None:
    refused(kept()[:place] + text + kept()[place + 1 :])


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "another account"},
        {"account": None},
        {"seen_at": int(NOW + 3_600)},
        {"seen_at": int(NOW - 31 * 86_400)},
        {"seen_at": float(NOW)},
        {"seen_at": True},
        {"seen_at": None},
        {"seen_at": 10**400},
        {"history": None},
        {"history": {}},
        {"history": " " * 4_000_000},
    ],
)
def test_what_is_not_believable_is_dropped(changes: dict[str, Any]) -> None:
    assert refused(kept(**changes))
    assert not refused(kept())
