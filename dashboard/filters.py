"""Which rows a link shows: read from the address bar, written back to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from dashboard.words.states import destination, source
from dashboard.words.text import one_line
from monitor.health import Word
from monitor.now import Row

MAX_SEARCH = 100


class Listed(NamedTuple):
    """A row with what it is found by, made once a look; `team` is the key of the owner's team, "" for none."""

    row: Row
    status: str
    source: str
    destination: str
    team: str
    text: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the rows are narrowed to; empty means all. The names are those in the address bar."""

    search: str = ""
    status: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    destination: tuple[str, ...] = ()
    team: tuple[str, ...] = ()

    def params(self) -> dict[str, list[str]]:
        """The address bar's form, without what is not used: ?status=failed&search=orders."""
        values = {"search": [self.search] if self.search else []}
        values |= {name: list(getattr(self, name)) for name in CHOICES}
        return {name: given for name, given in values.items() if given}

    def places(self, listed: Iterable[Listed]) -> list[int]:
        """Where the rows that match everything stand, in the order given."""
        searched = self.search.casefold().split()
        chosen = [(name, values) for name in CHOICES if (values := getattr(self, name))]
        return [
            place
            for place, one in enumerate(listed)
            if all(getattr(one, name) in values for name, values in chosen) and all(it in one.text for it in searched)
        ]


CHOICES = tuple(field.name for field in fields(Filters) if field.name != "search")


def listed(rows: Iterable[Row]) -> list[Listed]:
    """Each row with what the filters look at."""
    return [Listed(row, row.word.value, source(row), destination(row), _team(row), _text(row)) for row in rows]


def options(every: Sequence[Listed]) -> dict[str, list[str]]:
    """What can be chosen here, for each filter that is a choice."""
    return {
        "status": [word.value for word in Word],
        "source": sorted({one.source for one in every}),
        "destination": sorted({one.destination for one in every}),
        "team": sorted({one.team for one in every} - {""}),
    }


def read_filters(
    params: Mapping[str, Sequence[str]], offered: Mapping[str, Sequence[str]]
) -> tuple[Filters, list[str]]:
    """The filters of a link, and the values in it that mean nothing here; those are left out."""
    given = {name: tuple(dict.fromkeys(params.get(name, ()))) for name in CHOICES}
    odd = [value for name, values in given.items() for value in values if value not in offered[name]]
    kept = {name: tuple(value for value in values if value in offered[name]) for name, values in given.items()}
    search = " ".join(params.get("search", ()))[:MAX_SEARCH].strip()
    return Filters(search, **kept), [one_line(value, 40) for value in odd]


def _team(row: Row) -> str:
    return row.owned.team.key if row.owned.team else ""


def _text(row: Row) -> str:
    """All that a search looks at: the owner's name and Hevo's, the number, source, destination and reports."""
    pipeline = row.pipeline
    parts = [row.label, pipeline.label, pipeline.id, pipeline.source_type, pipeline.destination_name]
    parts += [pipeline.destination_type, *(report.name for report in row.owned.reports)]
    return "\n".join(part for part in parts if part).casefold()
