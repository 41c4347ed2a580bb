"""Filters: a link shows a colleague the same rows, and nothing in it can break the page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import Filters, destination_of, read_filters, source_of
from monitor.health import Word
from tests.app_house import few, pipeline, rows_of

ROWS = rows_of(
    pipeline("6590", "Orders DB"),
    pipeline("6591", "orders archive", health_status="FAILED", source_type="PostgreSQL"),
    pipeline("6592", "Salesforce", source_type="Salesforce", destination_name="Marketing lake"),
    pipeline("6593", "Odd one", health_status=None, source_type=None, destination_name=None),
    pipeline("6594", "STRASSE", status="PAUSED", source_type=None, destination_name=None, destination_type=None),
    pipeline("", None),
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=100)
filters = st.builds(
    Filters,
    text.map(str.strip),
    *(
        st.lists(st.sampled_from(values), unique=True).map(tuple)
        for values in (list(Word), sorted(set(map(source_of, ROWS))), sorted(set(map(destination_of, ROWS))))
    ),
)


def found(**params: list[str]) -> list[str]:
    """The numbers of the rows that a link shows."""
    chosen, _ = read_filters(params, ROWS)
    return [row.pipeline.id for row in chosen.apply(ROWS)]


@few
@given(filters)
def test_a_copied_link_shows_the_same_rows(chosen: Filters) -> None:
    link = urlencode(chosen.params(), doseq=True)
    assert read_filters(parse_qs(link), ROWS) == (chosen, [])


def test_a_link_is_readable() -> None:
    chosen = Filters(search="orders", words=(Word.FAILED,))
    assert set(urlencode(chosen.params(), doseq=True).split("&")) == {"status=failed", "search=orders"}
    assert Filters().params() == {}
    assert not Filters()


@few
@given(st.dictionaries(st.sampled_from(["search", "status", "source", "destination", "x"]), st.lists(st.text())))
def test_what_a_link_cannot_mean_is_left_out_and_noted(params: dict[str, list[str]]) -> None:
    chosen, odd = read_filters(params, ROWS)
    assert len(chosen.search) <= 100
    assert set(chosen.words) <= set(Word)
    assert set(chosen.sources) <= set(map(source_of, ROWS))
    asked = [value for name in ("status", "source", "destination") for value in dict.fromkeys(params.get(name, []))]
    assert len(odd) == len(asked) - len(chosen.words) - len(chosen.sources) - len(chosen.destinations)


def test_a_bad_value_is_named_in_one_short_line() -> None:
    chosen, odd = read_filters({"status": ["failed", "broken\n" * 99], "source": ["Nowhere"]}, ROWS)
    assert chosen == Filters(words=(Word.FAILED,))
    assert odd[1] == "Nowhere"
    assert "\n" not in odd[0]
    assert len(odd[0]) <= 40


@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        ("orders", ["6591", "6590"]),
        ("ORDERS db", ["6590"]),
        ("db orders", ["6590"]),
        ("6592", ["6592"]),
        ("salesforce marketing", ["6592"]),
        ("postgres", ["6591"]),
        ("straße", ["6594"]),
        ("snowflake archive", ["6591"]),
        ("nothing like it", []),
        ("   ", ["6591", "6593", "6590", "6592", "", "6594"]),
    ],
)
def test_the_search_looks_at_name_number_source_and_destination(search: str, numbers: list[str]) -> None:
    assert sorted(found(search=[search])) == sorted(numbers)


def test_what_hevo_does_not_say_can_be_filtered_too() -> None:
    assert found(source=["unknown source"]) == ["6593", "6594"]
    assert found(destination=["unknown destination"]) == ["6594"]
    assert found(destination=["Snowflake"]) == ["6593"]


def test_filters_of_one_kind_widen_and_of_two_kinds_narrow() -> None:
    assert found(status=["failed", "unknown"]) == ["6591", "6593"]
    assert found(status=["failed", "unknown"], source=["PostgreSQL"]) == ["6591"]


@few
@given(filters)
def test_filtering_hides_rows_and_never_moves_one(chosen: Filters) -> None:
    kept = chosen.apply(ROWS)
    assert kept == [row for row in ROWS if row in kept]
    assert not chosen.words or {row.word for row in kept} <= set(chosen.words)
    assert Filters().apply(ROWS) == ROWS
