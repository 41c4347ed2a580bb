"""The picture of now: worst first, every pipeline once, and nothing good that Hevo did not say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hevo_api import Pipeline
from monitor import Word
from monitor import history as frames
from monitor.catalog.reader import read_catalog
from monitor.freshness import Reading
from monitor.known import GONE, Difference, Known, Seen, differences
from monitor.notes import About, Kind, Note
from monitor.now import DAY_MS, Judged, judge_all, under_plans

NOW = 1_800_000_000.0
AT = round(NOW * 1000)
few = settings(max_examples=30, deadline=None)
RAW = st.sampled_from(["ACTIVE", "INACTIVE", "PAUSED", "OK", "FAILED", "ok", "", "half \ud800", None])


def pipeline(number: str = "7", name: str | None = "Orders DB", **fields: Any) -> Pipeline:
    """A healthy pipeline, but for what is said of it."""
    told = {"status": "ACTIVE", "health_status": "OK", "source_name": name, "source_type": "MySQL"}
    told |= dict.fromkeys(("destination_name", "destination_type", "schedule_type", "schedule_value"))
    return Pipeline(id=number, name=name, **told | fields)


some = st.builds(
    pipeline,
    st.sampled_from(["", "1", "2", "10", "x-9", "٣", "²"]),
    st.sampled_from([None, "", "b", "B", "a"]),
    status=RAW,
    health_status=RAW,
)


def seen(*pipelines: Pipeline, at: int = AT, known: Known | None = None) -> Known:
    """What is known after a look that saw these."""
    before = known or Known()
    found = differences(before.seen, before.history.latest, pipelines, frozenset(), at)
    return replace(before, seen={**before.seen, **{one.key: one.seen for one in found}})


def judged(*pipelines: Pipeline) -> Judged:
    return judge_all(seen(*pipelines), NOW)


def test_the_worst_comes_first_then_the_name_then_the_number() -> None:
    rows = judged(
        pipeline("1", "z", status="PAUSED"),
        pipeline("2", "y"),
        pipeline("3", "x", health_status=None),
        pipeline("10", "b", health_status="FAILED"),
        pipeline("9", "B", health_status="FAILED"),
        pipeline("5", "a", health_status="FAILED"),
    ).rows
    assert [row.pipeline.id for row in rows] == ["5", "9", "10", "3", "2", "1"]


def test_within_a_word_the_newest_comes_first() -> None:
    old = seen(pipeline("1", "a", health_status="FAILED"), at=AT - 60_000)
    known = seen(
        pipeline("1", "a", health_status="FAILED"), pipeline("2", "b", health_status="FAILED"), at=AT, known=old
    )
    assert [row.pipeline.id for row in judge_all(known, NOW).rows] == ["2", "1"]


@few
@given(st.lists(some, max_size=8))
def test_every_pipeline_is_counted_once_under_its_word(pipelines: list[Pipeline]) -> None:
    picture = judged(*pipelines)
    assert len(picture.rows) == len(pipelines) == sum(picture.counts.values())
    assert list(picture.counts) == list(Word)
    assert [row.word.severity for row in picture.rows] == sorted(row.word.severity for row in picture.rows)


@few
@given(st.lists(some, max_size=8))
def test_nothing_is_healthy_unless_hevo_says_both_words(pipelines: list[Pipeline]) -> None:
    for row in judged(*pipelines).rows:
        if row.word in (Word.HEALTHY, Word.UNSTABLE):
            assert (row.pipeline.status, row.pipeline.health_status) == ("ACTIVE", "OK")


@few
@given(st.lists(some, max_size=8), st.lists(some, max_size=8))
def test_a_second_look_at_the_same_changes_nothing_and_at_others_leaves_only_those(
    first: list[Pipeline], second: list[Pipeline]
) -> None:
    known = seen(*first)
    assert differences(known.seen, AT, first, frozenset(), AT + 1) == []
    later = seen(*second, at=AT + 1, known=known)
    assert len([one for one in later.seen.values() if one.mark != GONE]) == len(second)


def test_a_number_of_any_length_breaks_nothing() -> None:
    rows = judged(pipeline("9" * 5_000), pipeline("12"), pipeline("7")).rows
    assert [row.pipeline.id for row in rows if len(row.pipeline.id) < 3] == ["7", "12"]


def test_pipelines_without_a_number_are_shown_but_cannot_be_asked_for() -> None:
    picture = judged(pipeline("", "one"), pipeline("", "two"))
    assert [row.pipeline.label for row in picture.rows] == ["one", "two"]
    assert picture.by_id == {}


def test_planned_work_on_a_report_of_pipelines_without_a_number_breaks_nothing() -> None:
    catalog = read_catalog('[[reports]]\nkey = "sales"\nname = "Sales"\nneeds = ["Orders*"]')
    told = (pipeline("", health_status="FAILED"), pipeline("7", health_status="FAILED"))
    plan = Note(Kind.PLANNED, About.ALL, (), "It moves.", "Ben", begins=NOW, ends=NOW + 60)
    picture = under_plans(judge_all(seen(*told), NOW, catalog), [plan], NOW)
    assert [report.word for report in picture.reports] == [Word.FAILED]  # nobody can tell which one is planned


def test_of_two_with_one_number_the_worse_one_is_opened() -> None:
    picture = judged(pipeline("7", "good"), pipeline("7", "bad", health_status="FAILED"))
    assert picture.by_id["7"].word is Word.FAILED
    assert len(picture.rows) == 2


def test_who_stands_in_an_address_is_not_kept() -> None:
    [found] = differences({}, None, [pipeline(name="postgres://ann:pa:ss@host/db")], frozenset(), AT)
    assert json.loads(found.seen.shown)[:3] == ["postgres://…@host/db", "postgres://…@host/db", "MySQL"]


def test_times_that_are_far_off_break_nothing() -> None:
    for after, at in [(None, 0), (2**62 - 1, 2**62), (-(2**62), 1 - 2**62), (AT, AT + 10**12)]:
        odd = Difference("7", Seen(pipeline(), "[]", 0, after, at), True)
        changes = pd.DataFrame({"pipeline": ["7"], "after": [-1 if after is None else after], "at": [at]})
        watch = pd.DataFrame({"first": [at], "last": [at], "until": [at + 1], "looks": [1]})
        history = frames.history(changes.assign(word="failed"), watch)
        [row] = judge_all(Known(seen={odd.key: odd.seen}, history=history), NOW).rows
        assert row.since.first_seen == at / 1000


CHANGES = ("pipeline", "after", "at", "word")
READINGS = [Reading.after(None, NOW + place, [], None) for place in range(4)]
words = st.fixed_dictionaries({name: st.sampled_from(["OK", "OK", "FAILED"]) for name in ("1", "2")})
looks = st.lists(st.tuples(words, st.integers(0, DAY_MS), st.integers(0, 2)), min_size=3, max_size=5)


@few
@given(looks)
def test_a_row_is_made_anew_whenever_something_of_it_is_new(story: list[tuple[dict[str, str], int, int]]) -> None:
    """Look after look: failures that grow old between them, readings that come."""
    known, at, picture = Known(), AT, Judged()
    for healths, wait, readings in story:
        at += wait + 1
        told = [pipeline(name, health_status=health) for name, health in healths.items()]
        known = seen(*told, at=at, known=known)
        changes = pd.DataFrame([(key, -1, at, one.word) for key, one in known.seen.items()], columns=[*CHANGES])
        watch = pd.DataFrame([[at, at, at + 60_000, 1]], columns=["first", "last", "until", "looks"])
        history = frames.extended(known.history, changes, watch, frames.EMPTY.trouble)
        known = replace(known, history=history, readings={"1": READINGS[readings], "2": READINGS[0]})
        picture = judge_all(known, at / 1000, before=picture.made)
        assert picture == judge_all(known, at / 1000)


def test_what_was_worked_out_is_kept_for_who_asked_and_for_no_other_place() -> None:
    picture, asked = judged(pipeline()), list[int]()

    def here() -> int:
        asked.append(1)
        return len(asked)

    assert [picture.once("rows", here) for _ in range(2)] == [1, 1]
    assert picture.once("rows", lambda: "of another page") == "of another page"
    assert (picture.once("other rows", here), picture.once("rows", here)) == (2, 1)
