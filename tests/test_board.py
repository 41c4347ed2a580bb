"""The board: worst first, every pipeline once, and what changed counted by pipeline."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevo_api import Pipeline
from monitor import History, State
from monitor.board import Tally, read_board, tally
from monitor.health import Word
from tests.app_house import NOW, few, pipeline, rows_of, view_of

RAW = st.sampled_from(["ACTIVE", "INACTIVE", "PAUSED", "OK", "FAILED", "ok", "", None])
some = st.builds(
    pipeline,
    st.sampled_from(["", "1", "2", "10", "x-9", "٣", "²"]),
    st.sampled_from([None, "", "b", "B", "a"]),
    status=RAW,
    health_status=RAW,
)


def test_the_worst_comes_first_then_the_name_then_the_number() -> None:
    rows = rows_of(
        pipeline("1", "z", status="PAUSED"),
        pipeline("2", "y"),
        pipeline("3", "x", health_status=None),
        pipeline("10", "b", health_status="FAILED"),
        pipeline("9", "B", health_status="FAILED"),
        pipeline("5", "a", health_status="FAILED"),
        confirmed=True,
    )
    assert [row.pipeline.id for row in rows] == ["5", "9", "10", "3", "2", "1"]


def test_among_those_not_checked_what_was_failing_comes_first() -> None:
    rows = rows_of(pipeline("1", "a"), pipeline("2", "b", health_status="FAILED"), confirmed=False)
    assert [row.pipeline.id for row in rows] == ["2", "1"]


def test_doubt_covers_what_was_known_and_stands_above_unknown() -> None:
    rows = rows_of(pipeline("1", health_status=None), pipeline("2"), pipeline("3", status="PAUSED"), confirmed=False)
    assert [row.word for row in rows] == [Word.NOT_CHECKED, Word.NOT_CHECKED, Word.UNKNOWN]
    assert [row.is_paused for row in rows if row.pipeline.id == "3"] == [True]


@few
@given(st.lists(some, max_size=8), st.booleans())
def test_every_pipeline_is_counted_once_under_its_word(pipelines: list[Pipeline], confirmed: bool) -> None:
    view = view_of(pipelines, confirmed)
    board = read_board(view, view.history)
    assert len(board.rows) == len(pipelines) == sum(board.counts.values())
    assert list(board.counts) == list(Word)
    for word in Word:
        assert board.counts[word] == len(board.having(word))
    assert [row.word.severity for row in board.rows] == sorted(row.word.severity for row in board.rows)


@few
@given(st.lists(some, max_size=8))
def test_nothing_is_healthy_unless_hevo_says_both_words(pipelines: list[Pipeline]) -> None:
    for row in rows_of(*pipelines):
        if row.word in (Word.HEALTHY, Word.UNSTABLE):
            assert (row.pipeline.status, row.pipeline.health_status) == ("ACTIVE", "OK")


def test_a_number_of_any_length_breaks_nothing() -> None:
    rows = rows_of(pipeline("9" * 5_000), pipeline("12"), pipeline("7"))
    assert [row.pipeline.id for row in rows if len(row.pipeline.id) < 3] == ["7", "12"]


def test_pipelines_without_a_number_are_shown_but_cannot_be_asked_for() -> None:
    view = view_of([pipeline("", "one"), pipeline("", "two")])
    board = read_board(view, view.history)
    assert [row.pipeline.label for row in board.rows] == ["one", "two"]
    assert board.get("") is None
    assert "" not in board


def test_of_two_with_one_number_the_worse_one_is_opened() -> None:
    view = view_of([pipeline("7", "good"), pipeline("7", "bad", health_status="FAILED")])
    board = read_board(view, view.history)
    row = board.get("7")
    assert row is not None
    assert row.word is Word.FAILED
    assert len(board.rows) == 2


def test_an_account_without_an_answer_has_no_rows() -> None:
    assert rows_of() == []


def test_a_failure_within_a_day_makes_healthy_unstable_and_an_older_one_does_not() -> None:
    def healthy_after_a_failure(hours: float) -> Word:
        history = History()
        history.observe(NOW - hours * 3_600, {"7": State("ACTIVE", "FAILED")})
        history.observe(NOW - hours * 3_600 + 60, {"7": State("ACTIVE", "OK")})
        history.observe(NOW, {"7": State("ACTIVE", "OK")})
        return rows_of(pipeline(), history=history)[0].word

    assert healthy_after_a_failure(23) is Word.UNSTABLE
    assert healthy_after_a_failure(25) is Word.HEALTHY


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ([Word.HEALTHY, Word.FAILED], Tally(1, 0, 0)),
        ([Word.FAILED, Word.HEALTHY], Tally(0, 1, 0)),
        ([Word.HEALTHY, Word.FAILED, Word.HEALTHY], Tally(0, 0, 1)),
        ([Word.HEALTHY, Word.FAILED, Word.HEALTHY, Word.FAILED], Tally(1, 0, 0)),
        ([Word.FAILED, Word.HEALTHY, Word.FAILED], Tally(0, 0, 0)),
        ([Word.UNKNOWN, Word.FAILED], Tally(1, 0, 0)),
        ([Word.HEALTHY, Word.PAUSED], Tally(0, 0, 0)),
        ([Word.FAILED, Word.UNKNOWN, Word.HEALTHY], Tally(0, 1, 0)),
        ([Word.HEALTHY, Word.FAILED, Word.UNKNOWN], Tally(1, 0, 0)),
        ([Word.HEALTHY, Word.FAILED, Word.PAUSED], Tally(1, 0, 0)),
    ],
)
def test_what_changed_is_counted_by_pipeline_not_by_change(path: list[Word], told: Tally) -> None:
    assert tally([path]) == told
    assert tally([path, path]) == Tally(*(2 * number for number in told))


@pytest.mark.parametrize("after", [Word.UNKNOWN, Word.PAUSED])
def test_what_stopped_failing_without_being_healthy_did_not_recover(after: Word) -> None:
    assert tally([[Word.FAILED, after]]).recovered == 0
