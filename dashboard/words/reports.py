"""Reports: how far each can be trusted now, and whom to ask."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.times import Times, duration
from dashboard.words.states import NAMES
from dashboard.words.text import counted, listed, one_line
from monitor.catalog import ReportRow, Team
from monitor.health import Word
from monitor.now import Now, Row

WHAT_A_REPORT_IS = (
    "A report is as good as the pipelines that feed it. Its word is the worst of theirs: one source that fails is "
    "enough to doubt the figures."
)
NONE_NAMED = "The dashboard's owner has not written down any reports yet."
UNKNOWN_REPORT = "This report is not in the dashboard's list any more."
FINE = (Word.HEALTHY, Word.UNSTABLE)


def sentence(report: ReportRow, rows: Sequence[Row], clock: Times) -> str:
    """'2 of 3 sources are fine. Ads failed at 05:40.' or 'All 3 sources are healthy; the oldest data is 40 min old.'

    `rows` are those of its pipelines that Hevo lists, worst first.
    """
    total = len(rows) + len(report.missing)
    fine = sum(row.word in FINE for row in rows)
    if total == 0:
        return "It names no source that Hevo has."
    if fine == total:
        word = "healthy" if all(row.word is Word.HEALTHY for row in rows) else "working now"
        which = "Its one source is" if total == 1 else f"All {total:,} sources are"
        ran = [row.fresh.last_ran for row in rows if row.fresh and row.fresh.last_ran is not None]
        oldest = f"; the oldest data is {duration(clock.now - min(ran))} old" if len(ran) == total else ""
        return f"{which} {word}{oldest}."
    told = [f"{fine:,} of {total:,} sources {'is' if fine == 1 else 'are'} fine."] if total > 1 else []
    told += [_trouble(row, clock) for row in rows if row.word not in FINE][:2]
    if report.missing:
        told.append(f"Hevo does not have {listed([*report.missing], 2)}.")
    return " ".join(told)


def rows_of(report: ReportRow, now: Now) -> list[Row]:
    """The rows of its pipelines, worst first."""
    return sorted(now.present(report.pipelines), key=lambda row: (row.word.severity, row.label.casefold()))


def _trouble(row: Row, clock: Times) -> str:
    """'Ads failed at 05:40.'"""
    name = one_line(row.label, 60)
    match row.word:
        case Word.FAILED:
            return f"{name} failed at {clock.at(row.since.first_seen)}."
        case Word.LATE:
            last = row.fresh.last_ran if row.fresh else None
            return f"{name} is late: it last ran {duration(clock.now - last)} ago." if last else f"{name} is late."
        case Word.PAUSED:
            return f"{name} is paused."
        case _:
            return f"{name}: {NAMES[row.word].lower()}."


def ask(team: Team) -> str:
    """'Sales, data-desk@example.com': whom to ask, as far as the owner said."""
    contact = (team.contact or "").removeprefix("mailto:")
    return ", ".join(filter(None, [one_line(team.name, 60), one_line(contact, 80)]))


def affected(reports: Sequence[ReportRow]) -> str:
    """'1 report is affected: Monday sales report': those that are not fine; nothing where all are."""
    names = [report.report.name for report in reports if report.word not in (*FINE, Word.PAUSED)]
    if not names:
        return ""
    verb = "is" if len(names) == 1 else "are"
    return f"{counted(len(names), 'report')} {verb} affected: {listed(names, 3)}"


def headline(reports: Sequence[ReportRow], confirmed: bool) -> str:
    """The page's one sentence."""
    bad = sum(report.word not in FINE for report in reports)
    if not confirmed:
        return f"We cannot confirm the {counted(len(reports), 'report')} right now"
    if bad:
        return f"{bad:,} of {counted(len(reports), 'report')} {'needs' if bad == 1 else 'need'} care"
    return "The one report is fine" if len(reports) == 1 else f"All {len(reports):,} reports are fine"


def not_confirmed(answered: str | None) -> str:
    """What a tile or badge says in place of a word that nobody could confirm."""
    return f"not confirmed since {answered}" if answered else "not checked yet"


def run_what_failed(number: int) -> str:
    """The button of a report some of whose sources fail."""
    return "Run what failed" if number == 1 else f"Run the {number:,} that failed"
