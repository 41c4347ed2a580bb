"""The overview's sentences: how long with its certainty, what problems share, what became of a run, the summary."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.times import Times, zone_named
from dashboard.words import overview as words
from monitor.catalog import Owned, Report, Team
from monitor.health import Word
from monitor.now import Row, Since
from monitor.requests import Outcome, Request, Standing
from tests.app_house import NOW, now_of, pipeline, reading, rows_of

CLOCK = Times(zone_named("UTC"), NOW)  # 08:00
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
NOW_SEEN = Since(None, NOW)


def failing(since: Since = NOW_SEEN, failures: int = 0) -> Row:
    return replace(rows_of(pipeline(health_status="FAILED"))[0], since=since, failures=failures)


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (Since(NOW - 26 * MINUTE, NOW - 25 * MINUTE), "failed 25 min"),
        (Since(None, NOW - 25 * MINUTE), "failed at least 25 min"),
        (Since(NOW - 9 * HOUR, NOW - 25 * MINUTE), "failed at least 25 min"),
        (Since(NOW - MINUTE, NOW - 5), "failed just now"),
        (Since(None, NOW - 5), "failed at least since 07:59"),
        (Since(NOW - 20 * MINUTE, NOW), "failed, began 07:40 to 08:00"),
    ],
)
def test_how_long_says_how_certain_it_is_and_never_a_few_seconds(since: Since, said: str) -> None:
    assert words.for_so_long(failing(since), NOW, CLOCK) == said


def test_what_fails_again_and_again_says_so_while_it_fails() -> None:
    assert words.about(failing(failures=12)) == "failed 12 times in 24 hours"
    assert words.about(failing(failures=1)) == ""


def test_unknown_says_what_hevo_says_and_late_how_often_it_usually_runs() -> None:
    odd, silent = rows_of(pipeline("1", health_status="DEGRADED"), pipeline("2", health_status=None))
    assert words.about(odd) == 'Hevo says "DEGRADED"'
    assert words.about(silent) == "Hevo says nothing about it"
    late = replace(odd, word=Word.LATE, fresh=reading(NOW - 9 * HOUR, HOUR))
    assert words.about(late) == "usually runs every 1 h"


def test_a_line_tells_which_reports_it_feeds_and_whom_to_ask() -> None:
    team = Team("sales", "Sales", "mailto:data-desk@example.com")
    reports = (Report(1, "a", "Monday sales report", None, team, ()), Report(2, "b", "Ads weekly", None, None, ()))
    row = replace(failing(), owned=Owned(team=team, reports=reports))
    said = "MySQL → Analytics · Feeds: Monday sales report, Ads weekly · Ask: Sales, data-desk@example.com"
    assert words.route_line(row, NOW) == said
    fresh = reading(NOW - 7_200, 3_600)
    assert words.route_line(replace(failing(), fresh=fresh), NOW) == "MySQL → Analytics · last ran 2 h ago"


def into(destination: str, number: int, first: int = 0, **told: str) -> list[Row]:
    each = [pipeline(str(first + place), destination_name=destination, **told) for place in range(number)]
    return rows_of(*each)


def test_what_most_problems_share_is_said_once_as_a_fact_with_its_filter() -> None:
    failed = into("Snowflake EU", 9, health_status="FAILED") + into("Lake", 3, 20, health_status="FAILED")
    everyone = failed + into("Lake", 150, 100) + into("Snowflake EU", 43, 300)
    assert words.in_common(failed, everyone) == ("9 of 12 load into Snowflake EU", "destination", "Snowflake EU")
    assert words.in_common(failed[:9], everyone) == ("All 9 load into Snowflake EU", "destination", "Snowflake EU")


def test_what_all_pipelines_share_says_nothing_about_the_problems() -> None:
    failed = into("Snowflake EU", 9, health_status="FAILED", source_type="Google Ads")
    assert words.in_common(failed, failed + into("Snowflake EU", 100, 100, source_type="Google Ads")) is None
    assert words.in_common(failed[:2], failed + into("Lake", 100, 100)) is None
    found = words.in_common(failed, failed + into("Snowflake EU", 100, 100))
    assert found == ("All 9 read from Google Ads", "source", "Google Ads")
    assert words.in_common([], failed) is None


def test_new_is_only_what_was_seen_to_begin_after_the_last_visit() -> None:
    began = failing(Since(NOW - 10 * HOUR, NOW - HOUR))
    assert words.is_new(began, NOW - 2 * HOUR)
    assert not words.is_new(began, NOW - HOUR / 2)
    assert not words.is_new(began, None)
    assert not words.is_new(failing(Since(None, NOW - HOUR)), NOW - 2 * HOUR)


def request(**told: object) -> Request:
    asked = Request("a", "7", "Orders DB", None, NOW - HOUR, Standing.ASKED, answered_at=NOW - HOUR)
    return replace(asked, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"standing": Standing.WAITING}, "run is being asked"),
        ({}, "run asked 07:00"),
        ({"outcome": Outcome.FAILING, "outcome_at": NOW}, "run asked 07:00, failing 08:00"),
        ({"outcome": Outcome.NO_CHANGE}, "run asked 07:00, no change seen after 30 minutes"),
        ({"standing": Standing.REFUSED}, "run was not sent"),
        ({"standing": Standing.REFUSED, "status": 403}, "run was not taken"),
        ({"standing": Standing.UNCLEAR}, "run unclear, please do not press again"),
    ],
)
def test_a_run_that_was_asked_is_told_in_a_few_words(told: dict[str, object], said: str) -> None:
    assert words.asked(request(**told), CLOCK) == said


def test_headings_claim_no_more_time_than_was_watched() -> None:
    assert words.failing_heading(NOW - DAY, NOW, CLOCK) == "How many were failing in the last 24 hours"
    began = words.failing_heading(NOW - 3 * HOUR, NOW, CLOCK)
    assert began == "How many were failing since 05:00, when watching began"
    assert words.since_heading(NOW - 15 * HOUR, NOW - 15 * HOUR, NOW, CLOCK) == "Since you last looked, yesterday 17:00"
    unseen = words.since_heading(NOW - 15 * HOUR, NOW - HOUR, NOW, CLOCK)
    assert unseen == "What changed since 07:00, when watching began"


def test_the_chart_is_told_in_a_sentence() -> None:
    said = "At most 14 of 205 at once (03:20), 12 at the last check. Not checked 31% of the time."
    at = NOW - 4 * HOUR - 40 * MINUTE
    assert words.failing_peak(14, at, 205, 12, 0.31, CLOCK) == said
    assert words.failing_peak(0, 0.0, 205, 0, 0.0, CLOCK) == "None was seen failing."


def test_the_summary_is_a_line_for_a_mail() -> None:
    bad = [pipeline("1", "Orders", health_status="FAILED"), pipeline("2", "Ads", health_status="FAILED")]
    now = now_of([*bad, pipeline("3", "Web", health_status=None), pipeline("4")])
    said = "08:00: 2 of 4 failing: Ads and Orders; 1 of 4 unknown: Web. (https://hevo.example/)"
    assert words.summary(now, CLOCK, "https://hevo.example/") == said
    assert words.summary(now_of([pipeline("4")]), CLOCK, "x") == "08:00: The one pipeline is healthy. (x)"


def test_a_summary_that_nobody_can_confirm_says_so_and_claims_nothing_good() -> None:
    both = [pipeline("1", health_status="FAILED"), pipeline("2")]
    failed, calm = (now_of(each, confirmed=False, answered_at=NOW - HOUR) for each in (both, both[1:]))
    assert words.summary(failed, CLOCK, "x").startswith("07:00 (not confirmed since): 1 of 2 failing: Orders DB")
    assert words.summary(calm, CLOCK, "x").endswith("no problem was known. (x)")
