"""The catalogue over the pipelines of an account. Pure."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from monitor.catalog.reader import Catalog, Entry, Owned, Report, by_line, shown
from monitor.health import Word

UNOWNED = Owned()


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report: the pipelines that it needs, by number, and what it names that Hevo does not have.

    `word` is the most urgent one of what it needs, once that is judged.
    """

    report: Report
    pipelines: tuple[str, ...]
    missing: tuple[str, ...]
    word: Word = Word.UNKNOWN


@dataclass(frozen=True, eq=False)
class Matched:
    """The catalogue over the pipelines of one look; a pipeline that it does not name is not in `owned`."""

    owned: Mapping[str, Owned]
    reports: tuple[ReportRow, ...]
    warnings: tuple[str, ...]

    def of(self, pipeline: str) -> Owned:
        return self.owned.get(pipeline, UNOWNED)


@lru_cache(maxsize=4)  # names hardly ever change between two looks
def match(catalog: Catalog, listed: tuple[tuple[str, str | None], ...]) -> Matched:
    """Finds each pipeline (its id, its source's name) in the catalogue; asked the same again it costs nearly nothing.

    Of several entries that name one pipeline the one with its id counts, else the first in the file; a warning says so.
    """
    names = _Names(listed)
    says, warnings = _entries(catalog, names)
    reports, feeds = list[ReportRow](), defaultdict[str, list[Report]](list)
    for report in catalog.reports:  # each need is an id if there is such a pipeline, else a name or a pattern of names
        found = {need: names.numbered(need) or names.named(need) for need in report.needs}
        pipelines = tuple(dict.fromkeys(one for some in found.values() for one in some))
        missing = tuple(need for need, some in found.items() if not some)
        reports.append(ReportRow(report, pipelines, missing))
        told = f"{shown(report.name)} needs what is not there."
        warnings += [(report.line, f"{told} {_missing(need)}") for need in missing]
        for one in pipelines:
            feeds[one].append(report)
    owned = {one: replace(says.get(one, UNOWNED), reports=tuple(feeds.get(one, ()))) for one in {**says, **feeds}}
    return Matched(owned, tuple(reports), tuple(by_line(warnings)))


def judge_reports(reports: Iterable[ReportRow], words: Mapping[str, Word]) -> tuple[ReportRow, ...]:
    """The reports with their words, worst first; something that is not in Hevo is as Unknown."""
    rows = []
    for row in reports:
        found = {*map(words.__getitem__, row.pipelines), *([Word.UNKNOWN] if row.missing else [])}
        rows.append(replace(row, word=min(found, key=lambda word: word.severity)))
    return tuple(sorted(rows, key=lambda row: (row.word.severity, row.report.name.casefold())))


def _entries(catalog: Catalog, names: _Names) -> tuple[dict[str, Owned], list[tuple[int, str]]]:
    """What counts for each pipeline, entries with an id before those with a pattern; and what to warn of."""
    counts: dict[str, Entry] = {}
    warnings = []
    for entry in sorted(catalog.pipelines, key=lambda entry: entry.id is None):
        found = names.numbered(entry.id) if entry.id else names.named(entry.match or "")
        if not found:
            warnings.append((entry.line, _missing(entry.id or entry.match or "")))
        doubled = defaultdict[int, list[str]](list)
        for pipeline in found:
            if counts.setdefault(pipeline, entry) is not entry:
                doubled[counts[pipeline].line].append(pipeline)
        for line, others in doubled.items():
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            told = f"line {entry.line} names the pipeline {shown(others[0])}{more} too. What stands here counts."
            warnings.append((line, told))
    return {pipeline: entry.says for pipeline, entry in counts.items()}, warnings


def _missing(text: str) -> str:
    wanted = "whose name is like" if re.search(r"[*?]", text) else "with the id or name"
    return f"Hevo has no pipeline {wanted} {shown(text)}."


class _Names:
    """The ids and names of an account, in its order."""

    def __init__(self, pipelines: Iterable[tuple[str, str | None]]) -> None:
        self._names = {pipeline: " ".join((name or "").split()).casefold() for pipeline, name in pipelines}
        self._called = defaultdict[str, list[str]](list)
        for pipeline, name in self._names.items():
            self._called[name].append(pipeline)
        self.named = cache(self._named)

    def numbered(self, pipeline: str) -> list[str]:
        """The pipeline with this id, if there is one."""
        return [pipeline] if pipeline in self._names else []

    def _named(self, pattern: str) -> list[str]:
        """Those whose source has such a name: * is any text, ? one letter, case is nothing."""
        wanted = pattern.casefold()
        fixed = max(re.split(r"[*?]", wanted), key=len)  # rules out nearly all of them, and fast
        if fixed == wanted:
            return self._called.get(wanted, [])
        fits = re.compile(fnmatch.translate(wanted.replace("[", "[[]"))).match
        return [pipeline for pipeline, name in self._names.items() if fixed in name and name and fits(name)]
