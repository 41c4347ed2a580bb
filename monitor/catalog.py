"""The owner's catalogue over an account: whose a pipeline is, what it is called, and which reports need it.

`python -m monitor.catalog check FILE` reads one as strictly as the dashboard does and says what is wrong with it.
"""

from __future__ import annotations

import fnmatch
import logging
import re
import stat
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from threading import Lock

from monitor.catalog_reader import EMPTY, Catalog, CatalogError, PipelineEntry, Report, Team, read_catalog, shown
from monitor.health import Word

__all__ = [
    "EMPTY",
    "SAMPLE",
    "UNOWNED",
    "Catalog",
    "CatalogError",
    "CatalogFile",
    "Matched",
    "Owned",
    "PipelineEntry",
    "Report",
    "ReportNeeds",
    "Team",
    "match",
    "read_catalog",
    "report_word",
    "report_words",
]

SAMPLE = Path(__file__).with_name("sample_catalog.toml")
LARGEST = 1_000_000  # bytes
WARNINGS_MOST = 50

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Owned:
    """What the owner says of one pipeline; `expect` in seconds, `reports` are those that need it."""

    name: str | None = None
    team: Team | None = None
    note: str | None = None
    expect: float | None = None
    reports: tuple[Report, ...] = ()


UNOWNED = Owned()


@dataclass(frozen=True, slots=True)
class ReportNeeds:
    """The pipelines that a report needs, and what it names that Hevo does not have."""

    report: Report
    pipelines: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Matched:
    """The catalogue over the pipelines of one look; a pipeline that it does not name is not in `owned`."""

    owned: Mapping[str, Owned]
    reports: tuple[ReportNeeds, ...]
    warnings: tuple[str, ...]

    def of(self, pipeline: str) -> Owned:
        return self.owned.get(pipeline, UNOWNED)


def match(catalog: Catalog, pipelines: Iterable[tuple[str, str | None]]) -> Matched:
    """Finds each pipeline (its id, its source's name) in the catalogue; asked the same again it costs nearly nothing.

    Of several entries that name one pipeline the one with its id counts, else the first in the file; a warning says so.
    """
    return _matched(catalog, tuple(pipelines))


def report_word(words: Iterable[Word], missing: Sequence[str]) -> Word:
    """The most urgent word of what a report needs; something that is not in Hevo is as Unknown."""
    found = [*words, *([Word.UNKNOWN] if missing else [])]
    return min(found, key=lambda word: word.severity, default=Word.UNKNOWN)


def report_words(matched: Matched, words: Mapping[str, Word]) -> dict[str, Word]:
    """Report's key -> its word, for all reports at once; `words` has one for each pipeline that was matched."""
    ranks = {pipeline: word.severity for pipeline, word in words.items()}
    ordered, worst = sorted(Word, key=lambda word: word.severity), {}
    for needs in matched.reports:
        place = id(needs.pipelines)  # reports with the same needs share them
        if place not in worst:
            rank = min(map(ranks.__getitem__, needs.pipelines), default=None)
            worst[place] = [] if rank is None else [ordered[rank]]
    return {each.report.key: report_word(worst[id(each.pipelines)], each.missing) for each in matched.reports}


@lru_cache(maxsize=4)  # names hardly ever change between two looks
def _matched(catalog: Catalog, pipelines: tuple[tuple[str, str | None], ...]) -> Matched:
    names = _Names(pipelines)
    warnings: list[tuple[int, str]] = []
    entries = _entries(catalog, names, warnings)
    reports = _reports(catalog, names, warnings)
    feeds = _feeds(reports)
    owned = {pipeline: _owned(entries.get(pipeline), feeds.get(pipeline, ())) for pipeline in {**entries, **feeds}}
    return Matched(owned, reports, _told(warnings))


def _owned(entry: PipelineEntry | None, reports: tuple[Report, ...]) -> Owned:
    return Owned(entry.name, entry.team, entry.note, entry.expect, reports) if entry else Owned(reports=reports)


def _entries(catalog: Catalog, names: _Names, warnings: list[tuple[int, str]]) -> dict[str, PipelineEntry]:
    """The entry that counts for each pipeline: those with an id before those with a pattern."""
    counts: dict[str, PipelineEntry] = {}
    doubled: dict[tuple[int, int], list[str]] = {}
    for entry in sorted(catalog.pipelines, key=lambda entry: entry.id is None):
        found = names.named(entry.match) if entry.match else names.numbered(entry.id or "")
        if not found:
            warnings.append((entry.line, _missing(entry.match or entry.id or "")))
        for pipeline in found:
            if counts.setdefault(pipeline, entry) is not entry:
                doubled.setdefault((counts[pipeline].line, entry.line), []).append(pipeline)
    for (line, other), pipelines in doubled.items():
        more = f" and {len(pipelines) - 1} more" if len(pipelines) > 1 else ""
        sentence = f"line {other} names the pipeline {shown(pipelines[0])}{more} too. What stands here counts."
        warnings.append((line, sentence))
    return counts


def _reports(catalog: Catalog, names: _Names, warnings: list[tuple[int, str]]) -> tuple[ReportNeeds, ...]:
    """What each report needs; reports with the same needs share one tuple."""
    met: dict[tuple[str, ...], ReportNeeds] = {}
    reports = []
    for report in catalog.reports:
        first = met.get(report.needs) or met.setdefault(report.needs, _needs(report, names))
        reports.append(ReportNeeds(report, first.pipelines, first.missing))
        told = f"{shown(report.name)} needs what is not there."
        warnings += [(report.line, f"{told} {_missing(need)}") for need in first.missing]
    return tuple(reports)


def _needs(report: Report, names: _Names) -> ReportNeeds:
    """Each need is an id if there is such a pipeline, else a name or a pattern of names."""
    found = {need: names.numbered(need) or names.named(need) for need in report.needs}
    pipelines = dict.fromkeys(pipeline for some in found.values() for pipeline in some)
    return ReportNeeds(report, tuple(pipelines), tuple(need for need, some in found.items() if not some))


def _feeds(reports: Iterable[ReportNeeds]) -> dict[str, tuple[Report, ...]]:
    """The reports that need each pipeline, in the order of the file; five million links are a few thousand groups."""
    groups: dict[int, list[ReportNeeds]] = {}
    for needs in reports:
        groups.setdefault(id(needs.pipelines), []).append(needs)
    member: dict[str, tuple[int, ...]] = {}
    for group, (needs, *_) in groups.items():
        for pipeline in needs.pipelines:
            member[pipeline] = (*member.get(pipeline, ()), group)
    joined: dict[tuple[int, ...], tuple[Report, ...]] = {}
    for several in set(member.values()):
        found = [needs.report for group in several for needs in groups[group]]
        joined[several] = tuple(sorted(found, key=lambda report: report.line))
    return {pipeline: joined[several] for pipeline, several in member.items()}


def _missing(text: str) -> str:
    wanted = "whose name is like" if re.search(r"[*?]", text) else "with the id or name"
    return f"Hevo has no pipeline {wanted} {shown(text)}."


def _told(warnings: list[tuple[int, str]]) -> tuple[str, ...]:
    """The warnings in the order of their lines, not too many."""
    told = [f"Line {line}: {sentence}" for line, sentence in sorted(warnings, key=itemgetter(0))]
    more = [f"And {len(told) - WARNINGS_MOST} more."] if len(told) > WARNINGS_MOST else []
    return (*told[:WARNINGS_MOST], *more)


class _Names:
    """The names of an account, so that a pattern looks only at those which its fixed letters leave."""

    def __init__(self, pipelines: Sequence[tuple[str, str | None]]) -> None:
        self._ids = [pipeline for pipeline, _ in pipelines]
        self._known = frozenset(self._ids)
        self._names = [" ".join((name or "").split()).casefold() for _, name in pipelines]
        self._order = sorted((place for place, name in enumerate(self._names) if name), key=self._names.__getitem__)
        self._sorted = [self._names[place] for place in self._order]
        self._joined = "\n".join(self._names)
        self._starts = list(accumulate((len(name) + 1 for name in self._names), initial=0))
        self._found: dict[str, tuple[str, ...]] = {}

    def numbered(self, pipeline: str) -> tuple[str, ...]:
        """The pipeline with this id, if there is one."""
        return (pipeline,) if pipeline in self._known else ()

    def named(self, pattern: str) -> tuple[str, ...]:
        """Those whose source has such a name, in the account's order: * is any text, ? one letter, case is nothing."""
        pattern = pattern.casefold()
        if pattern not in self._found:
            self._found[pattern] = tuple(self._ids[place] for place in sorted(self._places(pattern)))
        return self._found[pattern]

    def _places(self, pattern: str) -> Iterable[int]:
        first, *others = re.split(r"[*?]+", pattern)
        if not others:
            return self._between(first, first)
        places = self._between(first, first + "\U0010ffff") if first else self._holding(max(others, key=len))
        if pattern == first + "*":
            return places
        fits = _fitting(pattern)
        return [place for place in places if self._names[place].endswith(others[-1]) and fits(self._names[place])]

    def _between(self, low: str, high: str) -> list[int]:
        """The places of the names from the one to the other."""
        return self._order[bisect_left(self._sorted, low) : bisect_right(self._sorted, high)]

    def _holding(self, text: str) -> list[int]:
        """The places of the names with this text in them; all that have a name where it is empty."""
        if not text:
            return self._order
        places, at = [], self._joined.find(text)
        while at >= 0:
            places.append(bisect_right(self._starts, at) - 1)
            at = self._joined.find(text, self._starts[places[-1] + 1])
        return places


def _fitting(pattern: str) -> Callable[[str], object]:
    """Whether a name fits the pattern; to compile an expression for each pattern would cost more than the rest."""
    if "?" in pattern:
        return re.compile(fnmatch.translate(pattern.replace("[", "[[]"))).match
    first, *middle, last = pattern.split("*")

    def fits(name: str) -> bool:
        at, end = len(first), len(name) - len(last)
        for piece in middle:
            found = name.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return at <= end and name.startswith(first) and name.endswith(last)

    return fits


class CatalogFile:
    """The catalogue in a file, read again when the file changes; a mistake in it keeps the last good one.

    `mistakes` are the sentences for the owner, empty while the file is fine. A file that `needed` says must be there
    is a mistake while it is not; another one may come later.
    """

    LOOK_EVERY = 1.0  # seconds

    def __init__(self, path: Path, needed: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self.mistakes: tuple[str, ...] = ()
        self._expected = needed
        self._clock = clock
        self._lock = Lock()
        self._looked: float | None = None
        self._mark: tuple[int, ...] | None = None
        self._catalog = EMPTY

    def current(self) -> Catalog:
        """The last good catalogue: the same object until the file holds another one."""
        with self._lock:
            now = self._clock()
            if self._looked is None or now - self._looked >= self.LOOK_EVERY:
                self._looked = now
                self._look()
            return self._catalog

    def _look(self) -> None:
        """Reads the file where it is not the one that was read last; what cannot be opened is tried again."""
        try:
            mark = _mark(self.path)
            if mark == self._mark:
                return
            catalog = _read(self.path)
        except CatalogError as error:
            self._mark = mark
            self._tell(tuple(error.sentences))
        except OSError as error:
            self._mark = None
            absent = isinstance(error, FileNotFoundError | NotADirectoryError)
            why = "is not there" if absent else "cannot be opened"
            quiet = absent and not self._expected
            self._tell(() if quiet else (f"The catalogue {shown(self.path.name)} {why}.",))
        else:
            self._mark, self._catalog, self._expected = mark, catalog, True
            self._tell(())
            logger.info("Read the catalogue: %s", _size(catalog))

    def _tell(self, mistakes: tuple[str, ...]) -> None:
        """Keeps the sentences, and writes them into the log where they are others than before."""
        if mistakes != self.mistakes:
            for sentence in mistakes:
                logger.warning("Catalogue: %s", sentence)
        self.mistakes = mistakes


def _mark(path: Path) -> tuple[int, ...]:
    """What changes when a file is written, replaced, or allowed to be read."""
    found = path.stat()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _read(path: Path) -> Catalog:
    """The catalogue of this file; CatalogError where its content is at fault, OSError where it cannot be opened."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise CatalogError([f"{shown(path.name)} is not a file."])
    if found.st_size > LARGEST:
        raise CatalogError([f"{shown(path.name)} is larger than {LARGEST // 1000:,} KB."])
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CatalogError([f"Line {line}: this is not UTF-8 text."]) from None
    return read_catalog(text)


def _size(catalog: Catalog) -> str:
    numbers = {"team": len(catalog.teams), "pipeline": len(catalog.pipelines), "report": len(catalog.reports)}
    return ", ".join(f"{number} {what}{'' if number == 1 else 's'}" for what, number in numbers.items())


def main(arguments: Sequence[str]) -> int:
    """Checks one file: 0 when it is fine, 1 with a sentence a line when it is not, 2 when asked wrongly."""
    if len(arguments) != 2 or arguments[0] != "check":
        sys.stderr.write("usage: python -m monitor.catalog check FILE\n")
        return 2
    try:
        told, code = [f"This catalogue is fine: {_size(_read(Path(arguments[1])))}."], 0
    except CatalogError as error:
        told, code = error.sentences, 1
    except OSError as error:
        told, code = [f"{shown(Path(arguments[1]).name)} cannot be read: {error.strerror}."], 1
    sys.stdout.write("\n".join(told) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
