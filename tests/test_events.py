"""What an address hears of a pipeline: each thing once, nothing that is not so any more, and no flapping."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.words.events import SENTENCES, sentence
from hevo_api import Pipeline
from monitor import notes
from monitor.events import HOUR, RESTLESS, Event, Kind, Told, hear, of_request, turned
from monitor.health import Word
from monitor.known import SHOWN, Known, differences, pipeline_from
from monitor.requests import Outcome, Request, Standing
from tests.conftest import ROOT

AT = 1_790_000_000_000
MINUTE = 60_000
SCHEMA = json.loads(Path(ROOT / "docs" / "webhook.schema.json").read_text())
WORDS = [None, *(word for word in Word if word not in (Word.UNSTABLE, Word.PLANNED))]  # those are for the screen alone


def told(word: Word | None, ago: int = 0, restless: bool = False) -> Told:
    return Told(word, AT - ago, restless)


@pytest.mark.parametrize(
    ("before", "word", "kind"),
    [
        (Word.HEALTHY, Word.FAILED, Kind.FAILED),
        (Word.FAILED, Word.HEALTHY, Kind.RECOVERED),
        (Word.HEALTHY, Word.LATE, Kind.LATE),
        (Word.LATE, Word.HEALTHY, Kind.RECOVERED),
        (Word.LATE, Word.FAILED, Kind.FAILED),
        (Word.FAILED, Word.PAUSED, Kind.PAUSED),
        (Word.PAUSED, Word.HEALTHY, Kind.RECOVERED),
        (Word.FAILED, None, Kind.GONE),
        (None, Word.HEALTHY, Kind.RECOVERED),
        (Word.UNKNOWN, Word.HEALTHY, None),
        (Word.HEALTHY, Word.HEALTHY, None),
    ],
)
def test_each_change_has_its_kind_and_then_all_is_known(
    before: Word | None, word: Word | None, kind: Kind | None
) -> None:
    assert hear(told(before), word, AT, 0, 1) == (None, kind)


def test_what_nobody_recognises_is_not_told_and_ends_nothing() -> None:
    waiting, kind = hear(told(Word.FAILED), Word.UNKNOWN, AT, 0, 1)
    assert waiting is not None
    assert kind is None
    assert hear(waiting, Word.HEALTHY, AT + 1, 0, 1) == (None, Kind.RECOVERED)


def test_with_patience_only_what_lasts_is_told() -> None:
    patience = 10 * MINUTE
    waiting, kind = hear(told(Word.HEALTHY), Word.FAILED, AT, patience, 1)
    assert (waiting, kind) == (told(Word.HEALTHY), None)
    assert hear(told(Word.HEALTHY, ago=patience), Word.FAILED, AT, patience, 1) == (None, Kind.FAILED)
    assert hear(told(Word.HEALTHY, ago=patience), Word.HEALTHY, AT, patience, 0) == (None, None)


def test_a_flapping_pipeline_is_told_once_and_again_when_it_rests() -> None:
    restless, kind = hear(told(Word.HEALTHY), Word.FAILED, AT, 0, RESTLESS + 1)
    assert restless == told(Word.FAILED, restless=True)
    assert kind is Kind.FAILED
    for word in (Word.HEALTHY, Word.FAILED, Word.LATE, Word.UNKNOWN):
        assert hear(restless, word, AT + HOUR - 1, 0, 9) == (restless, None)
    assert hear(restless, Word.HEALTHY, AT + HOUR, 0, 0) == (None, Kind.RECOVERED)
    assert hear(restless, Word.FAILED, AT + HOUR, 0, 1) == (None, None)  # it was told to fail


def test_a_flapping_pipeline_that_somebody_turns_off_is_told_at_once() -> None:
    assert hear(told(Word.FAILED, restless=True), Word.PAUSED, AT, 0, 9) == (None, Kind.PAUSED)
    assert hear(told(Word.FAILED, restless=True), None, AT, 0, 9) == (None, Kind.GONE)


@given(
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=40),
    gap=st.sampled_from([1, 2, 9, 25, 61]),
    patience=st.sampled_from([0, 5, 30]),
)
def test_an_address_that_trusts_what_it_hears_is_right_in_the_end(
    words: list[Word | None], gap: int, patience: int
) -> None:
    """However a pipeline turns: when it has rested for an hour, what was told last is how it is."""
    means = {Kind.FAILED: Word.FAILED, Kind.RECOVERED: Word.HEALTHY, Kind.LATE: Word.LATE, Kind.PAUSED: Word.PAUSED}
    believed: Word | None = Word.HEALTHY
    before: Word | None = Word.HEALTHY
    waiting: Told | None = None
    at, failed_at = AT, list[int]()
    for word in [*words, *[words[-1]] * (2 * 61 // gap + 2)]:
        at += gap * MINUTE
        if word is not before:
            waiting = replace(waiting, changed_at=at) if waiting else Told(before, at)
            failed_at += [at] if word is Word.FAILED else []
        if waiting:
            failures = sum(moment > at - HOUR for moment in failed_at)
            waiting, kind = hear(waiting, word, at, patience * MINUTE, failures)
            if kind:
                believed = means.get(kind)
        before = word
    if words[-1] is not Word.UNKNOWN:
        assert believed is words[-1]


def pipelines(*states: tuple[str, str, str]) -> list[Pipeline]:
    return [pipeline_from(number, json.dumps([None] * len(SHOWN)), status, health) for number, status, health in states]


def test_only_a_word_that_turned_is_news_and_a_new_pipeline_was_well() -> None:
    first = differences({}, None, pipelines(("1", "ACTIVE", "OK"), ("2", "PAUSED", "OK")), frozenset(), AT)
    known = Known(seen={one.key: one.seen for one in first})
    listed = pipelines(("2", "INACTIVE", "OK"), ("3", "ACTIVE", "FAILED"), ("4", "PAUSED", "OK"))
    found = differences(known.seen, AT, listed, frozenset(), AT + 1)
    assert turned(known, found, AT + 1) == {"1": Told(Word.HEALTHY, AT + 1), "3": Told(Word.HEALTHY, AT + 1)}


def request(**what: Any) -> Request:
    return Request("1", "6590", "Orders DB", "ana@example.com", AT / 1000, **{"standing": Standing.WAITING, **what})


@pytest.mark.parametrize(
    ("what", "kinds"),
    [
        ({}, ["run.requested"]),
        ({"standing": Standing.ASKED, "answered_at": AT / 1000}, ["run.requested"]),
        ({"standing": Standing.REFUSED, "why": "paused"}, []),
        ({"standing": Standing.IGNORED, "why": "lately"}, []),
        ({"standing": Standing.REFUSED, "why": "no room"}, ["run.requested", "run.finished"]),
    ],
)
def test_a_run_is_told_when_asked_and_when_it_is_over(what: dict[str, Any], kinds: list[str]) -> None:
    assert [event.kind for event in of_request(request(**what))] == kinds


def test_a_run_is_over_when_a_look_saw_what_came_of_it() -> None:
    asked = {"standing": Standing.ASKED, "answered_at": AT / 1000}
    failing = request(**asked, outcome=Outcome.FAILING, outcome_at=AT / 1000 + 60)
    assert [event.kind for event in of_request(failing)] == ["run.requested"]  # it may still be well
    healthy = of_request(request(**asked, outcome=Outcome.HEALTHY, outcome_at=AT / 1000 + 90))[1]
    assert (healthy.facts, healthy.at) == ({"outcome": "healthy"}, AT + 90_000)


def facts(kind: Kind) -> dict[str, Any]:
    if kind.startswith("pipeline."):
        return {"before": "healthy", "failures": 2, "restless": False}
    return {Kind.FINISHED: {"outcome": "healthy"}, Kind.UNCONFIRMED: {"cause": "down"}}.get(kind, {})


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_a_sentence_and_stands_in_the_schema(kind: Kind) -> None:
    about = kind.startswith(("pipeline.", "run."))
    event = Event(kind, AT, pipeline=("6590", "Orders DB") if about else None, since=AT, facts=facts(kind))
    said = sentence(event)
    assert ("Orders DB" in said) == about
    assert "{" not in said
    jsonschema.validate(event.body(said, "https://dash.example.com/"), SCHEMA)
    assert kind in SENTENCES


def test_every_kind_of_the_schema_is_one_of_ours() -> None:
    assert sorted(SCHEMA["properties"]["type"]["enum"]) == sorted(Kind)
    assert SCHEMA["properties"]["data"]["properties"]["kind"]["enum"] == list(notes.Kind)


def test_the_body_is_what_the_documentation_shows() -> None:
    event = Event(Kind.FAILED, AT, "6590", ("6590", "Orders DB"), Word.FAILED, AT - MINUTE, facts(Kind.FAILED))
    assert event.body("It failed.", None) == {
        "type": "pipeline.failed",
        "timestamp": "2026-09-21T14:13:20.000Z",
        "data": {
            "pipeline": {"id": "6590", "name": "Orders DB"},
            "word": "failed",
            "since": "2026-09-21T14:12:20.000Z",
            "sentence": "It failed.",
            "link": None,
            "before": "healthy",
            "failures": 2,
            "restless": False,
        },
    }


def test_a_pipeline_without_a_number_has_none_and_hostile_names_stay_text() -> None:
    event = Event(Kind.GONE, AT, "?1", ("?1", "{name}\n\u202e<b>"), facts=facts(Kind.GONE))
    assert event.body("", None)["data"]["pipeline"] == {"id": None, "name": "{name}\n\u202e<b>"}
    assert sentence(event) == "{name} <b> no longer exists in Hevo."
