"""What is said of a report: the worst of what it needs, in numbers that agree with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from dashboard.times import Times
from dashboard.words import reports as words
from monitor.catalog import Report, ReportRow, Team
from monitor.health import Word
from monitor.now import Row, Since
from tests.app_house import NOW, pipeline, reading

CLOCK = Times(UTC, NOW)


def row(name: str, word: Word = Word.HEALTHY, ran: float | None = None) -> Row:
    """One pipeline that has had its word for an hour, and last ran so many seconds ago."""
    fresh = None if ran is None else reading(NOW - ran)
    return Row(pipeline(name, name), word, Since(NOW - 3_660, NOW - 3_600), fresh=fresh)


def report(*missing: str, team: Team | None = None, word: Word = Word.HEALTHY) -> ReportRow:
    return ReportRow(Report(1, "monday", "Monday sales", None, team, ()), (), missing, word)


def said(*rows: Row, missing: tuple[str, ...] = ()) -> str:
    return words.sentence(report(*missing), rows, CLOCK)


def test_a_report_whose_sources_are_healthy_says_how_old_the_oldest_data_is() -> None:
    assert said(row("A", ran=60), row("B", ran=2_400)) == "All 2 sources are healthy; the oldest data is 40 min old."
    assert said(row("A", ran=60), row("B")) == "All 2 sources are healthy."
    assert said(row("A")) == "Its one source is healthy."
    assert said(row("A"), row("B", Word.UNSTABLE)) == "All 2 sources are working now."


def test_what_failed_is_named_with_its_time_and_the_others_are_counted() -> None:
    at = CLOCK.at(NOW - 3_600)
    assert said(row("Ads", Word.FAILED), row("A"), row("B")) == f"2 of 3 sources are fine. Ads failed at {at}."
    assert said(row("Ads", Word.PAUSED), row("A")) == "1 of 2 sources is fine. Ads is paused."
    assert said(row("Ads", Word.LATE, ran=9 * 3_600)) == "Ads is late: it last ran 9 h ago."
    assert said(row("Ads", Word.UNKNOWN), row("A")) == "1 of 2 sources is fine. Ads: unknown."


def test_what_hevo_does_not_have_is_never_counted_as_fine() -> None:
    assert said(row("A"), missing=("Old*",)) == "1 of 2 sources is fine. Hevo does not have Old*."
    assert said() == "It names no source that Hevo has."


def test_no_word_but_healthy_and_unstable_is_ever_fine() -> None:
    for word in set(Word) - {Word.HEALTHY, Word.UNSTABLE}:
        assert "All" not in said(row("A", word), row("B", word))
        assert words.headline([report(word=word)], confirmed=True) == "1 of 1 report needs care"


def test_the_overview_is_told_which_reports_are_affected() -> None:
    bad = [replace(report(word=Word.FAILED), report=Report(1, f"r{n}", f"R{n}", None, None, ())) for n in range(5)]
    assert words.affected([report(), report(word=Word.PAUSED)]) == ""
    assert words.affected(bad[:1]) == "1 report is affected: R0"
    assert words.affected(bad) == "5 reports are affected: R0, R1, R2 and 2 more"


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ("mailto:data@example.com", "Sales, data@example.com"),
        ("#data on Slack", "Sales, #data on Slack"),
        (None, "Sales"),
    ],
)
def test_whom_to_ask_is_said_as_people_write_it(contact: str | None, told: str) -> None:
    assert words.ask(Team("sales", "Sales", contact)) == told


def test_reports_that_nobody_can_confirm_are_not_called_fine() -> None:
    assert words.headline([report()] * 3, confirmed=False) == "We cannot confirm the 3 reports right now"
    assert words.headline([report()] * 3, confirmed=True) == "All 3 reports are fine"
