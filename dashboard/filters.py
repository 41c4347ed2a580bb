"""Which rows a link shows: read from the address bar in the form that it has there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from dashboard.words.states import destination, source
from dashboard.words.text import one_line
from monitor.health import Word
from monitor.now import Row

MAX_SEARCH = 100
CHOICES = ("status", "source", "destination", "team")
Filters = Mapping[str, list[str]]  # what stands in the address bar, ?status=failed&search=orders; nothing means all


def listed(rows: Iterable[Row]) -> pd.DataFrame:
    """What each row is found by: its choices, `team` as the owner's key ("" for none), and all that a search looks at:
    the owner's name and Hevo's, the number, source, destination and reports."""
    found = []
    for row in rows:
        one, team = row.pipeline, row.owned.team.key if row.owned.team else ""
        told = [row.label, one.label, one.id, one.source_type, one.destination_name, one.destination_type]
        text = "\n".join(filter(None, [*told, *(report.name for report in row.owned.reports)])).casefold()
        found.append((row.word.value, source(row), destination(row), team, text))
    return pd.DataFrame(found, columns=[*CHOICES, "text"], dtype="object")


def options(every: pd.DataFrame) -> dict[str, list[str]]:
    """What can be chosen here, for each filter that is a choice."""
    told = {name: sorted(set(every[name]) - {""}) for name in CHOICES}
    return told | {"status": [word.value for word in Word]}


def read_filters(params: Filters, offered: Mapping[str, Sequence[str]]) -> tuple[Filters, list[str]]:
    """The filters of a link, and the values in it that mean nothing here; those are left out."""
    given = {name: list(dict.fromkeys(params.get(name, ()))) for name in CHOICES}
    odd = [value for name, values in given.items() for value in values if value not in offered[name]]
    kept = {name: [value for value in values if value in offered[name]] for name, values in given.items()}
    search = " ".join(params.get("search", ()))[:MAX_SEARCH]
    return chosen(search, kept), [one_line(value, 40) for value in odd]


def chosen(search: str, choices: Filters) -> Filters:
    """The address bar's form, without what is not used."""
    said = {"search": [search.strip()]} if search.strip() else {}
    return said | {name: values for name, values in choices.items() if values}


def places(filters: Filters, every: pd.DataFrame) -> list[int]:
    """Where the rows that match everything stand, in the order given."""
    for name in CHOICES:
        if name in filters:
            every = every[every[name].isin(filters[name])]
    for word in " ".join(filters.get("search", ())).casefold().split():
        every = every[every["text"].str.contains(word, regex=False)]
    return every.index.tolist()
