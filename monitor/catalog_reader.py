"""Reads the text of a catalogue strictly: each mistake is a sentence with its line, and one mistake refuses it all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

MOST_TOLD = 50  # mistakes; whoever mends these sees the next ones
NEEDS_MOST = 500
LIMITS = {"name": 200, "contact": 200, "note": 1000, "id": 100, "match": 200, "link": 2000, "team": 64}
KNOWN = {
    "team": ("name", "contact"),
    "pipeline": ("id", "match", "name", "team", "note", "expect"),
    "report": ("key", "name", "link", "team", "needs"),
}
UNITS = {
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("week", "weeks"), 604_800.0),
}

Place = tuple[str | int, ...]  # where something stands: ("pipelines", 0, "id")

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_PATH})\s*\]\]?\s*$")
_ENTRY = re.compile(rf"\s*({_PATH})\s*=")
_LITERAL = re.compile(r"""\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*""", re.DOTALL)
_TOML_LINE = re.compile(r"\s*\(at line ([0-9]+), column [0-9]+\)$")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\s)|(?:java|vb)script\s*:", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s@<>\"\\]+@[^\s@<>\"\\]+", re.IGNORECASE)
_LENGTH = re.compile(
    rf"([0-9]{{1,6}}(?:\.[0-9]{{1,3}})?)\s*({'|'.join(sorted(UNITS, key=len, reverse=True))})(?![a-z])"
)


class CatalogError(Exception):
    """A catalogue that cannot be used; `sentences` say why, in the order of their lines."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = list(sentences)


@dataclass(frozen=True, slots=True)
class Team:
    """Whom to ask; `contact` is a mail or web address, or plain text."""

    key: str
    name: str
    contact: str | None

    @property
    def address(self) -> str | None:
        """The contact where it can be followed as a link: mailto: or https:, nothing else."""
        return self.contact if self.contact and is_address(self.contact) else None


@dataclass(frozen=True, slots=True)
class PipelineEntry:
    """What the owner writes of one pipeline by its id, or of several by a pattern of names; `expect` in seconds."""

    line: int
    id: str | None
    match: str | None
    name: str | None
    team: Team | None
    note: str | None
    expect: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A report and what it needs: ids or patterns of names."""

    line: int
    key: str
    name: str
    link: str | None
    team: Team | None
    needs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Catalog:
    """All that the owner wrote down, in the order of the file."""

    teams: tuple[Team, ...] = ()
    pipelines: tuple[PipelineEntry, ...] = ()
    reports: tuple[Report, ...] = ()


EMPTY = Catalog()


def read_catalog(text: str) -> Catalog:
    """The catalogue of this text; CatalogError with a sentence for each mistake."""
    file = _File(text)
    teams = {key: _team(table, key) for key, table in file.named("teams", "team")}
    pipelines = [_pipeline(table, teams) for table in file.listed("pipelines", "pipeline")]
    reports = [_report(table, teams) for table in file.listed("reports", "report")]
    file.once("pipeline", "id", [(each.id, each.line) for each in pipelines])
    file.once("report", "key", [(each.key, each.line) for each in reports])
    file.refuse_mistakes()
    return Catalog(tuple(teams.values()), tuple(pipelines), tuple(reports))


def is_address(text: str) -> bool:
    """True for a mail address after mailto: and for a web address after https:."""
    return bool(_MAIL.fullmatch(text)) or is_web(text, "https")


def is_web(text: str, *schemes: str) -> bool:
    """True for a whole address with a host, of one of these schemes, that no page can mistake for more."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and not re.search(r"[\s<>\"\\`]", text)
    except ValueError:
        return False


def seconds_in(text: str) -> float | None:
    """ "1 h 30 min" as seconds; None for what is no length of time between a minute and a year."""
    text = text.casefold()
    if _LENGTH.sub("", text).strip():
        return None
    seconds = sum(float(number) * UNITS[unit] for number, unit in _LENGTH.findall(text))
    return seconds if 60 <= seconds <= 366 * 86_400 else None


def shown(value: object) -> str:
    """Somebody's text inside a sentence: one line, in quotation marks, not too long."""
    text = " ".join(str(value).split())
    return f'"{text[:59]}…"' if len(text) > 60 else f'"{text}"'


class _File:
    """The parsed text, where everything stands in it, and the mistakes found so far."""

    def __init__(self, text: str) -> None:
        self._raw = _parsed(text)
        self._places = _places(text)
        self._mistakes: list[tuple[int, str]] = []
        for key in self._raw:
            if key not in ("teams", "pipelines", "reports"):
                self.wrong((key,), f"{shown(key)} is nothing that a catalogue has: teams, pipelines and reports.")

    def line(self, path: Place) -> int:
        """The line of this place, or of the nearest one around it that has a line of its own."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, 1)

    def wrong(self, path: Place, sentence: str) -> None:
        self._mistakes.append((self.line(path), sentence))

    def named(self, section: str, what: str) -> list[tuple[str, _Table]]:
        """The tables [section.KEY]."""
        tables = self._raw.get(section, {})
        if not isinstance(tables, dict):
            self.wrong((section,), f"each {what} has a name of its own in brackets: [{section}.sales].")
            return []
        return [(key, table) for key, raw in tables.items() for table in self._table((section, key), what, raw)]

    def listed(self, section: str, what: str) -> list[_Table]:
        """The tables [[section]]."""
        tables = self._raw.get(section, [])
        if not isinstance(tables, list):
            self.wrong((section,), f"each {what} stands under two brackets: [[{section}]].")
            return []
        return [table for place, raw in enumerate(tables) for table in self._table((section, place), what, raw)]

    def _table(self, place: Place, what: str, raw: object) -> list[_Table]:
        """This table, if it is one."""
        if isinstance(raw, dict):
            return [_Table(self, place, what, raw)]
        self.wrong(place, f"a {what} must be a table with {_and(KNOWN[what])}.")
        return []

    def once(self, what: str, key: str, values: Sequence[tuple[str | None, int]]) -> None:
        """A mistake for each value that stood at an earlier line already."""
        first: dict[str, int] = {}
        for value, line in values:
            if value and first.setdefault(value, line) != line:
                self._mistakes.append(
                    (line, f"the {what} with the {key} {shown(value)} is at line {first[value]} too.")
                )

    def refuse_mistakes(self) -> None:
        if self._mistakes:
            told = [f"Line {line}: {sentence}" for line, sentence in sorted(self._mistakes, key=itemgetter(0))]
            more = [f"And {len(told) - MOST_TOLD} more mistakes."] if len(told) > MOST_TOLD else []
            raise CatalogError(told[:MOST_TOLD] + more)


class _Table:
    """One team, pipeline or report, read key by key; a wrong value is noted and read as missing."""

    def __init__(self, file: _File, place: Place, what: str, raw: Mapping[str, Any]) -> None:
        self._file, self._place, self._what = file, place, what
        self.line, self.raw = file.line(place), raw
        for key in self.raw:
            if key not in KNOWN[what]:
                self.wrong(key, f"a {what} has no {shown(key)}. It may have {_and(KNOWN[what])}.")

    def wrong(self, key: str | None, sentence: str) -> None:
        self._file.wrong((*self._place, key) if key else self._place, sentence)

    def text(self, key: str, needed: bool = False) -> str | None:
        """One line of text without blanks around it."""
        if key not in self.raw:
            if needed:
                self.wrong(None, f"a {self._what} has no {key}.")
            return None
        return self.line_of_text(key, self.raw[key], LIMITS.get(key, 64))

    def line_of_text(self, key: str, value: object, most: int) -> str | None:
        if not isinstance(value, str):
            self.wrong(key, f"{key} must be text in quotation marks.")
            return None
        text = " ".join(value.split())
        if not text or re.search(r"[\x00-\x1f\x7f-\x9f]", text):
            self.wrong(key, f"{key} is {'empty' if not text else 'not plain text: it holds control characters'}.")
            return None
        if len(text) > most:
            self.wrong(key, f"{key} is too long: {len(text)} letters, at most {most}.")
            return None
        return text

    def team(self, teams: Mapping[str, Team]) -> Team | None:
        """The team of this key, which must be one of the file."""
        key = self.text("team")
        if key is not None and key not in teams:
            known = f"There {'is' if len(teams) == 1 else 'are'} {_and([*teams][:20])}." if teams else "There is none."
            self.wrong("team", f"no team has the key {shown(key)}. {known}")
        return teams.get(key or "")

    def must(self, key: str, text: str | None, right: bool, rule: str) -> None:
        """A mistake where there is a text and it is not right."""
        if text is not None and not right:
            self.wrong(key, f"{key} {shown(text)} {rule}.")


def _team(table: _Table, key: str) -> Team:
    """A key of letters that can stand in a link, a name, and perhaps a contact that is no script."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", key):
        table.wrong(None, f"the key of a team, {shown(key)}, must be up to 64 of a-z, A-Z, 0-9, - and _.")
    contact = table.text("contact")
    fine = contact is None or is_address(contact) or not _SCHEME.match(contact)
    table.must("contact", contact, fine, "must be a whole address with mailto: or https:, or plain text")
    return Team(key, table.text("name", needed=True) or key, contact)


def _pipeline(table: _Table, teams: Mapping[str, Team]) -> PipelineEntry:
    """An id or a pattern, one of the two, and what the owner says of it."""
    number, match, expect = table.text("id"), table.text("match"), table.text("expect")
    if "id" in table.raw and "match" in table.raw:
        table.wrong(None, "a pipeline has both id and match; it may have one of them.")
    if "id" not in table.raw and "match" not in table.raw:
        table.wrong(None, "a pipeline has neither id nor match.")
    seconds = seconds_in(expect) if expect else None
    table.must("expect", expect, seconds is not None, 'must be a time such as "30 min", "1 h" or "2 days"')
    return PipelineEntry(table.line, number, match, table.text("name"), table.team(teams), table.text("note"), seconds)


def _report(table: _Table, teams: Mapping[str, Team]) -> Report:
    """A key for links, a name, what it needs, and perhaps a team and where it can be opened."""
    key, link = table.text("key", needed=True), table.text("link")
    fits = key is not None and re.fullmatch(r"[a-z0-9-]{1,64}", key) is not None
    table.must("key", key, fits, "must be up to 64 of a-z, 0-9 and -")
    table.must(
        "link",
        link,
        link is not None and is_web(link, "https", "http"),
        "must be a whole address with https:// or http://",
    )
    name = table.text("name", needed=True) or ""
    return Report(table.line, key or "", name, link, table.team(teams), _needs(table))


def _needs(table: _Table) -> tuple[str, ...]:
    """A list of ids and patterns that is neither empty nor endless."""
    needs = table.raw.get("needs")
    if not isinstance(needs, list) or not 1 <= len(needs) <= NEEDS_MOST:
        rule = (
            f"needs must be a list of 1 to {NEEDS_MOST} ids or names."
            if "needs" in table.raw
            else "a report has no needs."
        )
        table.wrong("needs", rule)
        return ()
    texts = [table.line_of_text("needs", need, LIMITS["match"]) for need in needs]
    return tuple(dict.fromkeys(text for text in texts if text))


def _parsed(text: str) -> dict[str, Any]:
    """The text as TOML; what the parser says of a mistake, with its line in front."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise CatalogError(["Line 1: this cannot be read: too many brackets inside one another."]) from None
    except ValueError as error:
        found = _TOML_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        reason = " ".join(_TOML_LINE.sub("", str(error)).split())[:200]
        raise CatalogError([f"Line {line}: this cannot be read as TOML: {reason}."]) from None


def _places(text: str) -> dict[Place, int]:
    """The line of each table and key, for a text that is TOML; the parser itself does not tell."""
    places: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    here: Place = ()
    for number, line in enumerate(_LITERAL.sub(_without_lines, text).split("\n"), 1):
        if header := _HEADER.match(line):
            here = _table_path(_parts(header[2]), header[1] == "[[", counts)
            path = here
        elif entry := _ENTRY.match(line):
            path = here + _parts(entry[1])
        else:
            continue
        for length in range(1, len(path) + 1):
            places.setdefault(path[:length], number)
    return places


def _without_lines(literal: re.Match[str]) -> str:
    """Comments, and texts of several lines, could look like keys: only their ends of line stay."""
    return "\n" * literal[0].count("\n") if literal[0].startswith(("#", '"""', "'''")) else literal[0]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, path))


def _table_path(names: tuple[str, ...], another: bool, counts: dict[Place, int]) -> Place:
    """Where a header leads: [[x]] to the next x, and [x.y] into the x that was opened last."""
    path: Place = ()
    for place, name in enumerate(names, 1):
        path = (*path, name)
        if another and place == len(names):
            counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path]) if path in counts else path
    return path


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
