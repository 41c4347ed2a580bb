"""Which rows a link shows: read from the address bar, written back to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dashboard.words import one_line
from monitor.board import Row
from monitor.health import Word

MAX_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """What the rows are narrowed to; empty means all."""

    search: str = ""
    words: tuple[Word, ...] = ()
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()

    def params(self) -> dict[str, list[str]]:
        """The address bar's form, without what is not used: ?status=failed&search=orders."""
        values = {
            "search": [self.search] if self.search else [],
            "status": [word.value for word in self.words],
            "source": list(self.sources),
            "destination": list(self.destinations),
        }
        return {name: given for name, given in values.items() if given}

    def apply(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that match everything, in the order given."""
        searched = self.search.casefold().split()
        return [row for row in rows if self._chosen(row) and _found(searched, row)]

    def _chosen(self, row: Row) -> bool:
        return (
            (not self.words or row.word in self.words)
            and (not self.sources or source_of(row) in self.sources)
            and (not self.destinations or destination_of(row) in self.destinations)
        )


def read_filters(params: Mapping[str, Sequence[str]], rows: Sequence[Row]) -> tuple[Filters, list[str]]:
    """The filters of a link, and the values in it that mean nothing here; those are left out."""
    known = {
        "status": {word.value for word in Word},
        "source": {source_of(row) for row in rows},
        "destination": {destination_of(row) for row in rows},
    }
    given = {name: tuple(dict.fromkeys(params.get(name, ()))) for name in known}
    odd = [value for name, values in given.items() for value in values if value not in known[name]]
    kept = {name: tuple(value for value in values if value in known[name]) for name, values in given.items()}
    search = " ".join(params.get("search", ()))[:MAX_SEARCH].strip()
    filters = Filters(search, tuple(map(Word, kept["status"])), kept["source"], kept["destination"])
    return filters, [one_line(value, 40) for value in odd]


def source_of(row: Row) -> str:
    """The source's type as people choose it; a word of its own when Hevo does not say."""
    return row.pipeline.source_type or "unknown source"


def destination_of(row: Row) -> str:
    """The destination's name as people choose it, else its type."""
    return row.pipeline.destination_name or row.pipeline.destination_type or "unknown destination"


def _found(searched: Sequence[str], row: Row) -> bool:
    """True when each of these words is in the name, the number, the source or the destination."""
    if not searched:
        return True
    pipeline = row.pipeline
    parts = (pipeline.label, pipeline.id, pipeline.source_type, pipeline.destination_name, pipeline.destination_type)
    text = "\n".join(part for part in parts if part).casefold()
    return all(word in text for word in searched)
