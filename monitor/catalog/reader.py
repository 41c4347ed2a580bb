"""Reads the text of a catalogue strictly: each mistake is a sentence with its line, and one mistake refuses it all."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

MOST_TOLD = 50  # mistakes; whoever mends these sees the next ones
NEEDS_MOST = 500
YEAR = 366 * 86_400
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}  # by their first letter

Place = tuple[str | int, ...]  # where something stands: ("pipelines", 0, "id")

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_PART}(?:\s*\.\s*{_PART})*"
_KEY = re.compile(rf"\s*(\[?\[?)\s*({_PATH})\s*(?:\]\]?\s*$|=)")  # of a table, in brackets, or of a value
_LITERAL = re.compile(r"""\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*""", re.DOTALL)
_TOML_LINE = re.compile(r"\s*\(at line ([0-9]+), column [0-9]+\)$")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\s)|(?:java|vb)script\s*:", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s@<>\"\\]+@[^\s@<>\"\\]+", re.IGNORECASE)
_LENGTH = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*(s|min(?:utes?)?|h(?:ours?)?|d(?:ays?)?|weeks?)(?![a-z])")


class CatalogError(Exception):
    """A catalogue that cannot be used; its `args` are the sentences why, in the order of their lines."""


@dataclass(frozen=True, slots=True)
class Team:
    """Whom to ask; `contact` is a mail or web address, or plain text."""

    key: str
    name: str
    contact: str | None = None

    @property
    def address(self) -> str | None:
        """The contact where it can be followed as a link: mailto: or https:, nothing else."""
        return self.contact if self.contact and is_address(self.contact) else None


@dataclass(frozen=True, slots=True)
class Report:
    """A report and what it needs: ids or patterns of names."""

    line: int
    key: str
    name: str
    link: str | None = None
    team: Team | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """What the owner says of a pipeline; `expect` in seconds, `reports` are those that need it."""

    name: str | None = None
    team: Team | None = None
    note: str | None = None
    expect: float | None = None
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """Of which pipeline, by its id, or of which ones, by a pattern of names, the owner says so."""

    line: int
    id: str | None
    match: str | None
    says: Owned


@dataclass(frozen=True, eq=False)
class Catalog:
    """All that the owner wrote down, in the order of the file."""

    teams: tuple[Team, ...] = ()
    pipelines: tuple[Entry, ...] = ()
    reports: tuple[Report, ...] = ()

    def __str__(self) -> str:
        numbers = {"team": len(self.teams), "pipeline": len(self.pipelines), "report": len(self.reports)}
        return ", ".join(f"{number} {what}{'' if number == 1 else 's'}" for what, number in numbers.items())


EMPTY = Catalog()


def read_catalog(text: str) -> Catalog:
    """The catalogue of this text; CatalogError with a sentence for each mistake."""
    file = _File(text)
    teams, pipelines, reports = map(file.tables, FIELDS)
    file.check_teams([str(place[1]) for place, _ in teams], [*pipelines, *reports])
    file.once("id", pipelines)
    file.once("key", reports)
    if file.mistakes:
        raise CatalogError(*by_line(file.mistakes, " mistakes"))
    named = {place[1]: Team(str(place[1]), **values) for place, values in teams}
    for _, values in [*pipelines, *reports]:
        values["team"] = named.get(values.get("team", ""))
    entries = []
    for place, values in pipelines:
        number, pattern, expect = (values.pop(key, None) for key in ("id", "match", "expect"))
        entries.append(Entry(file.line(place), number, pattern, Owned(expect=seconds_in(expect or ""), **values)))
    return Catalog(
        teams=tuple(named.values()),
        pipelines=tuple(entries),
        reports=tuple(Report(file.line(place), **values) for place, values in reports),
    )


def is_address(text: str) -> bool:
    """True for a mail address after mailto: and for a web address after https:."""
    return bool(_MAIL.fullmatch(text)) or is_web(text, ("https",))


def is_web(text: str, schemes: Sequence[str] = ("https", "http")) -> bool:
    """True for a whole address with a host, of one of these schemes, that no page can mistake for more."""
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        return is_whole and not re.search(r"[\s<>\"\\`]", text)
    except ValueError:
        return False


def seconds_in(text: str, least: float = 60, most: float = YEAR) -> float | None:
    """ "1 h 30 min" as seconds; None for what is no length of time between these."""
    text = text.casefold()
    if _LENGTH.sub("", text).strip():
        return None
    seconds = sum(float(number) * UNITS[unit[0]] for number, unit in _LENGTH.findall(text))
    return seconds if least <= seconds <= most else None


def shown(value: object) -> str:
    """Somebody's text inside a sentence: one line, in quotation marks, not too long."""
    text = " ".join(str(value).split())
    return f'"{text[:59]}…"' if len(text) > 60 else f'"{text}"'


def by_line(told: Iterable[tuple[int, str]], what: str = "") -> list[str]:
    """The sentences in the order of their lines, not too many."""
    sentences = [f"Line {line}: {sentence}" for line, sentence in sorted(told, key=itemgetter(0))]
    more = [f"And {len(sentences) - MOST_TOLD} more{what}."] if len(sentences) > MOST_TOLD else []
    return sentences[:MOST_TOLD] + more


def is_contact(text: str) -> bool:
    """True for an address, and for plain text that is no script."""
    return is_address(text) or not _SCHEME.match(text)


@dataclass(frozen=True)
class _Field:
    """What a value may be: text of so many letters that `fits`, which the `rule` says in words."""

    most: int
    fits: Callable[[str], object] = bool
    rule: str = ""
    needed: bool = False

    def read(self, value: object) -> Any:
        """One line of text without blanks around it; ValueError says what is wrong with it."""
        if not isinstance(value, str):
            raise ValueError("must be text in quotation marks")
        text = " ".join(value.split())
        if not text or re.search(r"[\x00-\x1f\x7f-\x9f]", text):
            raise ValueError("is not plain text: it holds control characters" if text else "is empty")
        if len(text) > self.most:
            raise ValueError(f"is too long: {len(text)} letters, at most {self.most}")
        if not self.fits(text):
            raise ValueError(f"{shown(text)} {self.rule}")
        return text


class _Needs(_Field):
    """A list of such texts that is neither empty nor endless."""

    def read(self, value: object) -> Any:
        if not isinstance(value, list) or not 1 <= len(value) <= NEEDS_MOST:
            raise ValueError(f"must be a list of 1 to {NEEDS_MOST} ids or names")
        return tuple(dict.fromkeys(map(super().read, value)))


FIELDS: Mapping[str, Mapping[str, _Field]] = {
    "teams": {
        "name": _Field(200, needed=True),
        "contact": _Field(200, is_contact, "must be a whole address with mailto: or https:, or plain text"),
    },
    "pipelines": {
        "id": _Field(100),
        "match": _Field(200),
        "name": _Field(200),
        "team": _Field(64),
        "note": _Field(1000),
        "expect": _Field(64, seconds_in, 'must be a time such as "30 min", "1 h" or "2 days"'),
    },
    "reports": {
        "key": _Field(64, re.compile(r"[a-z0-9-]+").fullmatch, "must be up to 64 of a-z, 0-9 and -", needed=True),
        "name": _Field(200, needed=True),
        "link": _Field(2000, is_web, "must be a whole address with https:// or http://"),
        "team": _Field(64),
        "needs": _Needs(200, needed=True),
    },
}
_Table = tuple[Place, dict[str, Any]]  # where it stands, and its values that are right


class _File:
    """The parsed text, where everything stands in it, and the mistakes found so far."""

    def __init__(self, text: str) -> None:
        self._raw, self._places = _parsed(text), _places(text)
        self.mistakes: list[tuple[int, str]] = []
        for key in self._raw:
            if key not in FIELDS:
                self.wrong((key,), f"{shown(key)} is nothing that a catalogue has: {_and(FIELDS)}.")

    def line(self, place: Place) -> int:
        """The line of this place, or of the nearest one around it that has a line of its own."""
        while place and place not in self._places:
            place = place[:-1]
        return self._places.get(place, 1)

    def wrong(self, place: Place, sentence: str) -> None:
        self.mistakes.append((self.line(place), sentence))

    def tables(self, section: str) -> list[_Table]:
        """The tables [teams.KEY], [[pipelines]] or [[reports]]."""
        shape = dict if section == "teams" else list
        raw = self._raw.get(section, shape())
        if not isinstance(raw, shape):
            own_name = "has a name of its own in brackets: [teams.sales]"
            told = own_name if shape is dict else f"stands under two brackets: [[{section}]]"
            self.wrong((section,), f"each {section[:-1]} {told}.")
            return []
        entries = raw.items() if isinstance(raw, dict) else enumerate(raw)
        return [((section, key), self._values((section, key), entry)) for key, entry in entries]

    def _values(self, place: Place, raw: object) -> dict[str, Any]:
        """What is right in one table; all else is noted."""
        what, fields = str(place[0])[:-1], FIELDS[str(place[0])]
        if not isinstance(raw, dict):
            self.wrong(place, f"a {what} must be a table with {_and(fields)}.")
            return {}
        for key in [key for key in raw if key not in fields]:
            self.wrong((*place, key), f"a {what} has no {shown(key)}. It may have {_and(fields)}.")
        values = {}
        for key, field in fields.items():
            if key in raw:
                try:
                    values[key] = field.read(raw[key])
                except ValueError as error:
                    self.wrong((*place, key), f"{key} {error}.")
            elif field.needed:
                self.wrong(place, f"a {what} has no {key}.")
        if what == "pipeline" and ("id" in raw) is ("match" in raw):
            told = "has both id and match; it may have one of them" if "id" in raw else "has neither id nor match"
            self.wrong(place, f"a pipeline {told}.")
        return values

    def check_teams(self, teams: Sequence[str], users: Iterable[_Table]) -> None:
        """A team's key can stand in a link; whoever names one names one of the file."""
        for key in teams:
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", key):
                told = f"the key of a team, {shown(key)}, must be up to 64 of a-z, A-Z, 0-9, - and _."
                self.wrong(("teams", key), told)
        known = f"There {'is' if len(teams) == 1 else 'are'} {_and(teams[:20])}." if teams else "There is none."
        for place, values in users:
            if "team" in values and values["team"] not in teams:
                self.wrong((*place, "team"), f"no team has the key {shown(values['team'])}. {known}")

    def once(self, key: str, tables: Iterable[_Table]) -> None:
        """A mistake for each value that stood in an earlier table already."""
        first: dict[str, int] = {}
        for place, values in tables:
            value = values.get(key)
            if value in first:
                told = f"the {str(place[0])[:-1]} with the {key} {shown(value)} is at line {first[value]} too."
                self.wrong(place, told)
            elif value:
                first[value] = self.line(place)


def _parsed(text: str) -> dict[str, Any]:
    """The text as TOML; what the parser says of a mistake, with its line in front."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise CatalogError("Line 1: this cannot be read: too many brackets inside one another.") from None
    except ValueError as error:
        found = _TOML_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        reason = " ".join(_TOML_LINE.sub("", str(error)).split())[:200]
        raise CatalogError(f"Line {line}: this cannot be read as TOML: {reason}.") from None


def _places(text: str) -> dict[Place, int]:
    """The line of each table and key, for a text that is TOML; the parser itself does not tell."""
    places: dict[Place, int] = {}
    tables: Counter[str] = Counter()  # [[x]] so far
    here: Place = ()
    # Comments, and texts of several lines, could look like keys: only their ends of line stay.
    bare = _LITERAL.sub(lambda it: "\n" * it[0].count("\n") if it[0].startswith(("#", '"""', "'''")) else it[0], text)
    for number, line in enumerate(bare.split("\n"), 1):
        if not (key := _KEY.match(line)):
            continue
        first, *inner = (part.strip("\"'") for part in re.findall(_PART, key[2]))
        if key[1] == "[[" and not inner:
            tables[first] += 1
        if key[1]:
            path = here = (first, tables[first] - 1, *inner) if first in tables else (first, *inner)
        else:
            path = (*here, first, *inner)
        for length in range(1, len(path) + 1):
            places.setdefault(path[:length], number)
    return places


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
