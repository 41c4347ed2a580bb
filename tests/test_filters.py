"""Filters: a link shows a colleague the same rows, and nothing in it can break the page."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import CHOICES, Filters, chosen, listed, options, places, read_filters
from monitor.catalog import Owned, Report, Team
from monitor.now import Row
from tests.app_house import few, pipeline, rows_of

SALES = Team("sales", "Sales desk", None)
WEEKLY = Report(1, "weekly", "Weekly revenue", None, None, ())
OWNED = {
    "6590": Owned(name="Orders of the web shop", team=SALES),
    "6592": Owned(team=Team("ops", "Operations", None), reports=(WEEKLY,)),
}


def owned(row: Row) -> Row:
    """With what the owner wrote about it."""
    return replace(row, owned=OWNED.get(row.pipeline.id, row.owned))


ROWS = [
    owned(row)
    for row in rows_of(
        pipeline("6590", "Orders DB"),
        pipeline("6591", "orders archive", health_status="FAILED", source_type="PostgreSQL"),
        pipeline("6592", "Salesforce", source_type="Salesforce", destination_name="Marketing lake"),
        pipeline("6593", "Odd one", health_status=None, source_type=None, destination_name=None),
        pipeline("6594", "STRASSE", status="PAUSED", source_type=None, destination_name=None, destination_type=None),
        pipeline("", None),
    )
]
LISTED = listed(ROWS)
OFFERED = options(LISTED)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=100)
filters = st.builds(
    chosen,
    text,
    st.fixed_dictionaries({name: st.lists(st.sampled_from(OFFERED[name]), unique=True) for name in CHOICES}),
)


def found(**params: list[str]) -> list[str]:
    """The numbers of the rows that a link shows."""
    wanted, _ = read_filters(params, OFFERED)
    return [ROWS[place].pipeline.id for place in places(wanted, LISTED)]


@few
@given(filters)
def test_a_copied_link_shows_the_same_rows(wanted: Filters) -> None:
    link = urlencode(wanted, doseq=True)
    assert read_filters(parse_qs(link), OFFERED) == (wanted, [])


def test_a_link_is_readable() -> None:
    wanted = chosen(" orders", {"status": ["failed"], "source": []})
    assert urlencode(wanted, doseq=True) == "search=orders&status=failed"
    assert chosen(" ", {"status": []}) == {}


@few
@given(st.dictionaries(st.sampled_from(["search", *CHOICES, "x"]), st.lists(st.text())))
def test_what_a_link_cannot_mean_is_left_out_and_noted(params: dict[str, list[str]]) -> None:
    wanted, odd = read_filters(params, OFFERED)
    assert len("".join(wanted.get("search", ()))) <= 100
    assert all(set(wanted.get(name, ())) <= set(OFFERED[name]) for name in CHOICES)
    asked = [value for name in CHOICES for value in dict.fromkeys(params.get(name, []))]
    assert len(odd) == len(asked) - sum(len(wanted.get(name, ())) for name in CHOICES)


def test_a_bad_value_is_named_in_one_short_line() -> None:
    wanted, odd = read_filters({"status": ["failed", "broken\n" * 99], "source": ["Nowhere"]}, OFFERED)
    assert wanted == {"status": ["failed"]}
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
        ("web shop", ["6590"]),
        ("weekly REVENUE", ["6592"]),
        ("nothing like it", []),
        ("   ", ["6591", "6593", "6590", "6592", "", "6594"]),
    ],
)
def test_the_search_looks_at_both_names_number_source_destination_and_reports(search: str, numbers: list[str]) -> None:
    assert sorted(found(search=[search])) == sorted(numbers)


def test_what_hevo_does_not_say_can_be_filtered_too() -> None:
    assert found(source=["unknown source"]) == ["6593", "6594"]
    assert found(destination=["unknown destination"]) == ["6594"]
    assert found(destination=["Snowflake"]) == ["6593"]


def test_a_team_that_the_owner_wrote_down_narrows_by_its_key() -> None:
    assert OFFERED["team"] == ["ops", "sales"]
    assert found(team=["sales"]) == ["6590"]
    assert options(listed(rows_of(pipeline())))["team"] == []


def test_filters_of_one_kind_widen_and_of_two_kinds_narrow() -> None:
    assert found(status=["failed", "unknown"]) == ["6591", "6593"]
    assert found(status=["failed", "unknown"], source=["PostgreSQL"]) == ["6591"]


@few
@given(filters)
def test_filtering_hides_rows_and_never_moves_one(wanted: Filters) -> None:
    kept = places(wanted, LISTED)
    assert kept == sorted(set(kept))
    assert "status" not in wanted or {ROWS[place].word for place in kept} <= set(wanted["status"])
    assert places({}, LISTED) == list(range(len(ROWS)))
    assert places(wanted, listed([])) == []
