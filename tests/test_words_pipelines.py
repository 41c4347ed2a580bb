"""The sentences of the table and of one pipeline: as certain as what is known, and never a number of unknown unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from dashboard.times import Times
from dashboard.words import pipelines as words
from monitor.catalog import Owned
from monitor.freshness import Table
from monitor.now import Row
from tests.app_house import NOW, pipeline, reading, rows_of

CLOCK = Times(UTC, NOW)


def row(kind: str | None = None, value: str | None = None, usually: float | None = None) -> Row:
    """A pipeline that is planned so, with the rhythm that was learned."""
    one = rows_of(pipeline(schedule_type=kind, schedule_value=value))[0]
    return replace(one, fresh=reading(NOW - 1_500, usually, 40, 3))


@pytest.mark.parametrize(
    ("kind", "value", "usually", "planned", "rhythm"),
    [
        ("FREQUENCY", "60", 3_600.0, "every hour", "Every hour"),
        ("FREQUENCY", "60", 4_200.0, "every hour", "Every hour"),
        ("FREQUENCY", "60", 4_400.0, "", "About every 1 h 15 min"),
        ("FREQUENCY", "30", 1_700.0, "every 30 min", "Every 30 min"),
        ("FREQUENCY", "1440", 86_000.0, "every day", "Every day"),
        ("FREQUENCY", "60", 60.0, "", "About every minute"),
        ("FREQUENCY", "60", None, "", "Not known yet"),
        ("FREQUENCY", "0", 10.0, "", "About every minute"),
        ("FREQUENCY", "9" * 400, 3_600.0, "", "About every hour"),
        ("FREQUENCY", "an hour", 3_600.0, "", "About every hour"),
        ("CRON", "60", 3_600.0, "", "About every hour"),
        (None, None, None, "", "Not known yet"),
    ],
)
def test_a_plan_is_told_only_where_what_was_learned_agrees_with_it(
    kind: str | None, value: str | None, usually: float | None, planned: str, rhythm: str
) -> None:
    assert words.planned(row(kind, value, usually)) == planned
    assert words.rhythm(row(kind, value, usually)) == rhythm


def test_nothing_is_known_of_what_was_never_read() -> None:
    assert [fact[1:] for fact in words.facts(rows_of(pipeline())[0], CLOCK)] == [
        ("At least 0 seconds", "so at least since 08:00"),
        ("Not known", ""),
        ("Not known yet", ""),
        ("None seen", ""),
    ]


def test_the_facts_are_told_in_a_few_words() -> None:
    one = replace(row(), owned=Owned(expect=7_200.0))
    told = {name: (value, more) for name, value, more in words.facts(one, CLOCK)}
    assert told["Last ran"] == ("25 min ago", "at 07:35")
    assert told["Usually runs"][1] == "expected every 2 h"
    assert told["Failures in 24 hours"] == ("None seen", "3 of 40 tables failed")
    often = [words.facts(replace(one, failures=number), CLOCK)[-1][1] for number in (1, 12)]
    assert often == ["Once", "12 times"]


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([], "Hevo lists no tables for this pipeline."),
        ([Table("a", "ACTIVE", None)], "1 table."),
        ([Table("a", "ACTIVE", None), Table("b", "FAILED", None)], "1 of 2 tables failed."),
    ],
)
def test_the_tables_are_counted_and_so_are_those_that_failed(found: list[Table], says: str) -> None:
    assert words.tables(found) == says


@pytest.mark.parametrize("cause", [None, "gone", "permission", "down", "limit", "away"])
def test_tables_that_are_not_there_say_nothing_of_the_pipeline(cause: str | None) -> None:
    assert "exist" not in words.no_tables(cause)
    assert "tables" in words.no_tables(cause)


def test_the_count_says_what_is_hidden_and_what_nobody_could_confirm() -> None:
    assert words.shown(24, 0) == "24 pipelines, worst first."
    assert words.shown(1, 23) == "1 pipeline shown, 23 hidden by the filter."
    assert words.shown(2, 0, "21:17") == (
        "2 pipelines, worst first. We cannot confirm this right now: so it was at 21:17."
    )


@pytest.mark.parametrize(
    ("length", "says"),
    [(86_400, "Last 24 hours"), (3_700, "Last 1 hour"), (600, "Last 10 min"), (10, "Last 1 min")],
)
def test_a_heading_claims_no_more_time_than_was_watched(length: float, says: str) -> None:
    assert words.last_hours(length) == says


def test_details_are_as_hevo_writes_them_and_of_bounded_length() -> None:
    told = dict(words.details(replace(row("CRON", "0 6 * * *"), owned=Owned(name="Shop"))))
    assert (told["Schedule"], told["Position"], told["Name"]) == ("CRON 0 6 * * *", "wal.020780", "Orders DB")
    assert len(dict(words.details(rows_of(pipeline(name="x" * 9_000))[0]))["Name"] or "") <= 200
