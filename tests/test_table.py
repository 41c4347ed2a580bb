"""The table: what stands in a row, and a CSV that is harmless in any spreadsheet."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import dropwhile
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.dataframe_util import convert_pandas_df_to_arrow_bytes

from dashboard.marks import Theme
from dashboard.table import csv_of, safe_csv, table_frame, tables_frame, told
from dashboard.times import Times
from hevo_api import Pipeline
from monitor.catalog import Owned, Team
from monitor.days import days
from monitor.freshness import Table
from monitor.health import Word
from monitor.history import History
from monitor.now import Judged, Row, Since
from tests.app_house import NOW, few, now_of, pipeline, reading, rows_of, watched

CLOCK = Times(ZoneInfo("Asia/Kolkata"), NOW)
HEALTHY, FAILED = Word.HEALTHY, Word.FAILED
STARTS = [*"=+-@\t\r\0＝＋－＠", " =", "\n=", "\u3000=", "\u200b+", "\x0b-", "a\r=", "a\n=", ";=", ",=", '"=', "'"]
cells = st.text(max_size=8) | st.builds(str.__add__, st.sampled_from(STARTS), st.text(max_size=5))


def read(data: bytes) -> list[list[str]]:
    """The cells as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def is_blank(sign: str) -> bool:
    """True for what a spreadsheet may trim away before it looks at a cell."""
    return sign not in "\t\r\0" and (sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf"))


def starts_a_formula(cell: str) -> bool:
    """True when a spreadsheet may run this cell."""
    return "".join(dropwhile(is_blank, cell)).startswith(tuple("=+-@\t\r\0＝＋－＠"))


def framed(
    rows: Sequence[Row], drawn: Mapping[str, str] | None = None, theme: Theme = "light", confirmed: bool = True
) -> pd.DataFrame:
    """The table of these rows."""
    return table_frame(now_of([], confirmed, judged=Judged().of(rows, ())), drawn or {}, CLOCK, theme)


def one_row(row: Row, history: History | None = None) -> dict[str, object]:
    """Its row of the table; the day is an hour here."""
    drawn = days(history, round(1000 * NOW) - 3_600_000, round(1000 * NOW), 48) if history else {}
    return {str(name): value for name, value in framed([row], drawn).iloc[0].items()}


def test_a_row_has_what_the_screen_shows_and_no_more() -> None:
    history = watched(FAILED, HEALTHY, HEALTHY, every=450)
    fresh = reading(NOW - 600, 3_600.0)
    row = rows_of(pipeline(schedule_type="FREQUENCY", schedule_value="60"), history=history)[0]
    team = Owned(name="Orders of the shop", team=Team("sales", "Sales", None))
    shown = one_row(replace(row, fresh=fresh, owned=team), history=history)
    assert shown.pop("last_ran") == pd.Timestamp(NOW - 600, unit="s", tz="Asia/Kolkata")
    assert shown.pop("first_seen") == pd.Timestamp(NOW - 450, unit="s", tz="Asia/Kolkata")
    assert shown == {
        "mark": "/mark/light/unstable.svg",
        "name": "Orders of the shop",
        "word": "Healthy, unstable",
        "since": "at least 7 min",
        "day": "/strip/light/not-checked-36_failed-6_healthy-6.svg",
        "told": "failed once, else healthy, 75% not checked",
        "source": "MySQL",
        "destination": "Analytics",
        "schedule": "every hour",
        "team": "Sales",
        "number": "7",
    }


@pytest.mark.parametrize(
    ("since", "told_as"),
    [
        (Since(NOW - 1_560, NOW - 1_500), "25 min"),
        (Since(NOW - 9_000, NOW - 1_500), "at least 25 min"),
        (Since(None, NOW - 1_500), "at least 25 min"),
        (Since(NOW - 30, NOW - 20), "under 1 min"),
        (Since(None, NOW - 20), "seen just now"),
    ],
)
def test_since_when_is_as_certain_as_on_every_page(since: Since, told_as: str) -> None:
    assert one_row(replace(rows_of(pipeline())[0], since=since))["since"] == told_as


def test_what_nobody_could_confirm_keeps_its_word_and_loses_its_colour() -> None:
    row = framed(rows_of(pipeline(health_status="FAILED")), theme="dark", confirmed=False).iloc[0]
    assert (row["word"], row["mark"]) == ("Failed", "/mark/dark/failed-not-confirmed.svg")


def test_what_hevo_leaves_out_is_named_and_never_good() -> None:
    row = one_row(rows_of(Pipeline("", None, None, None, None, None, None, None, None, None))[0])
    assert (row["word"], row["name"]) == ("Unknown", "Pipeline without a number")
    assert (row["source"], row["destination"]) == ("unknown source", "unknown destination")
    assert row["since"] == "seen just now"
    assert all(
        row[name] in (None, pd.NaT) or row[name] != row[name]
        for name in ("day", "told", "last_ran", "schedule", "team")
    )


@pytest.mark.parametrize(
    ("letters", "failures", "says"),
    [
        ("hhhh", 0, "healthy"),
        ("hffh", 2, "failed twice, else healthy"),
        ("ffff", 1, "failed"),
        ("ffff", 30, "failed 30 times, else healthy"),
        ("plhh", 0, "late at times, healthy at times, else paused"),
        ("hh--", 0, "healthy, 50% not checked"),
        ("----", 0, "not checked"),
    ],
)
def test_a_strip_has_a_twin_in_words(letters: str, failures: int, says: str) -> None:
    assert told(letters, failures) == says


def days_of(rows: list[Row]) -> dict[str, str]:
    return {row.pipeline.id: "hf" * 24 for row in rows}


def test_what_is_the_same_in_many_rows_travels_once() -> None:
    rows = rows_of(*(pipeline(str(number), f"Number {number}") for number in range(2_000)))
    half, whole = (len(convert_pandas_df_to_arrow_bytes(framed(some, days_of(some)))) for some in (rows[:1_000], rows))
    assert (whole - half) / 1_000 < 100  # bytes a row; a strip's address alone may have several hundred


def test_no_pipelines_are_a_table_with_the_same_columns() -> None:
    empty, full = framed([]), framed(rows_of(pipeline()))
    assert list(empty.columns) == list(full.columns)
    assert read(csv_of([], now_of([]))) == [read(csv_of(rows_of(pipeline()), now_of([])))[0]]


def test_a_tables_last_run_is_told_on_the_viewers_clock() -> None:
    frame = tables_frame([Table("orders", "ACTIVE", NOW), Table(None, None, None)], CLOCK)
    assert list(frame["table"]) == ["without a name", "orders"]
    assert list(frame["state"]) == ["Hevo does not say", "Active: loads at the planned times"]
    assert frame["last_ran"][1] == pd.Timestamp(NOW, unit="s", tz="Asia/Kolkata")
    assert pd.isna(frame["last_ran"][0])
    assert list(tables_frame([], CLOCK).columns) == list(frame.columns)


def test_the_longest_silent_table_comes_first_and_what_will_not_run_again_last() -> None:
    tables = [Table("done", "FINISHED", 1.0), Table("now", "ACTIVE", NOW), Table("old", "FAILED", NOW - 9_000)]
    assert list(tables_frame(tables, CLOCK)["table"]) == ["old", "now", "done"]


@few
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=4))
def test_no_cell_of_a_csv_can_start_a_formula(table: list[tuple[str, str]]) -> None:
    rows = read(safe_csv(pd.DataFrame(table, columns=["a", "b"], dtype="object")))
    assert [len(row) for row in rows] == [2] * (len(table) + 1)
    assert not [cell for row in rows for cell in row if starts_a_formula(cell)]


@few
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=4))
def test_a_csv_keeps_every_text_but_for_the_sign_that_disarms_it(table: list[tuple[str, str]]) -> None:
    rows = read(safe_csv(pd.DataFrame(table, columns=["a", "b"], dtype="object")))[1:]
    for given_row, written in zip(table, rows, strict=True):
        for text, cell in zip(given_row, written, strict=True):
            assert cell.removeprefix("'") == text.removeprefix("'").encode(errors="replace").decode()


@pytest.mark.parametrize("cell", ["a\r=1+1", "a\n=1+1", "a;=1+1", 'a"=1+1'])
def test_no_sign_inside_a_cell_opens_another_cell(cell: str) -> None:
    data = safe_csv(pd.DataFrame({"a": [cell], "b": ["x"]}, dtype="object"))
    assert read(data)[1] == [cell, "x"]
    assert b'"a' in data


@few
@given(st.integers(-(10**6), 10**6), st.text("=+-@abc", max_size=3))
def test_numbers_stay_numbers(number: int, text: str) -> None:
    data = safe_csv(pd.DataFrame({"seconds": [number], "name": [text]}, dtype="object"))
    assert read(data)[1][0] == str(number)


def test_the_csv_has_the_words_the_raw_values_and_times_in_utc_with_their_certainty() -> None:
    row = rows_of(pipeline(health_status="FAILED"), history=watched(HEALTHY, FAILED, every=1_500))[0]
    fresh = reading(NOW - 60, 3_599.6)
    row = replace(row, fresh=fresh, owned=Owned(name="Shop", team=Team("sales", "Sales", None)))
    now = now_of([], confirmed=False, at=NOW + 600)
    header, cells_of_row = read(csv_of([row], now))
    assert dict(zip(header, cells_of_row, strict=True)) == {
        "number": "7",
        "name": "Shop",
        "name_in_hevo": "Orders DB",
        "team": "Sales",
        "state": "Failed",
        "confirmed": "no",
        "for": "at least 10 min",
        "first_seen_utc": "2027-01-15T08:00:00Z",
        "not_before_utc": "2027-01-15T07:35:00Z",
        "failures_24h": "1",
        "last_ran_utc": "2027-01-15T07:59:00Z",
        "usually_seconds": "3600",
        "status": "ACTIVE",
        "health_status": "FAILED",
        "source": "MySQL",
        "destination": "Analytics",
        "destination_type": "Snowflake",
        "checked_utc": "2027-01-15T08:00:00Z",
    }


def test_no_secret_of_the_raw_data_is_in_any_table() -> None:
    raw = {
        "id": 7,
        "webhook_url": "https://us.hevodata.com/webhooks/hidden",
        "source": {"name": "Orders DB", "config": {"db_password": "hidden", "api_token": "hidden"}},
        "destination": {"name": "Analytics", "config": {"db_user": "hidden"}},
        "schedule": {"type": "FREQUENCY", "schedule": 30, "token": "hidden"},
    }
    rows = rows_of(Pipeline.from_json(raw))
    assert "hidden" not in framed(rows).to_csv() + str(csv_of(rows, now_of([])))
