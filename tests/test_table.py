"""The table: what stands in a row, and a CSV that is harmless in any spreadsheet."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import UTC, datetime
from itertools import dropwhile
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.dataframe_util import convert_pandas_df_to_arrow_bytes

from dashboard.table import (
    csv_of,
    health_frame,
    history_csv,
    objects_frame_for_people,
    safe_csv,
    schedule,
    table_frame,
)
from dashboard.times import Times
from hevo_api import Pipeline, PipelineObject
from monitor import History, State
from tests.app_house import NOW, few, pipeline, rows_of

CLOCK = Times(ZoneInfo("Asia/Kolkata"), NOW)
STARTS = [*"=+-@\t\r\0＝＋－＠", " =", "\n=", "\u3000=", "\u200b+", "\x0b-", "a\r=", "a\n=", ";=", ",=", '"=', "'"]
cells = st.text(max_size=8) | st.builds(str.__add__, st.sampled_from(STARTS), st.text(max_size=5))
HEALTHY, FAILED = State("ACTIVE", "OK"), State("ACTIVE", "FAILED")


def read(data: bytes) -> list[list[str]]:
    """The cells as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def is_blank(sign: str) -> bool:
    """True for what a spreadsheet may trim away before it looks at a cell."""
    return sign not in "\t\r\0" and (sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf"))


def starts_a_formula(cell: str) -> bool:
    """True when a spreadsheet may run this cell."""
    return "".join(dropwhile(is_blank, cell)).startswith(tuple("=+-@\t\r\0＝＋－＠"))


def watched(*states: State) -> History:
    """A history of looks a minute apart, the last one now."""
    history = History()
    for minutes, state in zip(range(len(states) - 1, -1, -1), states, strict=True):
        history.observe(NOW - 60 * minutes, {"7": state})
    return history


def test_a_row_has_what_the_screen_shows_and_no_more() -> None:
    frame = table_frame(rows_of(pipeline(), history=watched(FAILED, HEALTHY)), CLOCK, "light")
    row = frame.iloc[0].to_dict()
    assert row.pop("mark").startswith("data:image/svg+xml;base64,")
    assert row.pop("since").to_pydatetime() == datetime.fromtimestamp(NOW, UTC)
    assert row == {
        "word": "Healthy, unstable",
        "name": "Orders DB",
        "source": "MySQL",
        "destination": "Analytics",
        "schedule": "",
        "number": "7",
    }


def test_what_hevo_leaves_out_is_named_and_never_good() -> None:
    bare = Pipeline("", *[None] * 9)
    row = table_frame(rows_of(bare), CLOCK, "dark").iloc[0]
    assert (row["word"], row["name"]) == ("Unknown", "Pipeline without a number")
    assert (row["source"], row["destination"]) == ("unknown source", "unknown destination")
    assert pd.isna(row["since"])


def test_what_is_the_same_in_many_rows_travels_once() -> None:
    rows = rows_of(*(pipeline(str(number), f"Number {number}") for number in range(2_000)))
    half, whole = (
        len(convert_pandas_df_to_arrow_bytes(table_frame(some, CLOCK, "light"))) for some in (rows[:1_000], rows)
    )
    assert (whole - half) / 1_000 < 100  # bytes a row; an icon alone has several hundred


def test_no_pipelines_are_a_table_with_the_same_columns() -> None:
    empty, full = table_frame([], CLOCK, "light"), table_frame(rows_of(pipeline()), CLOCK, "light")
    assert list(empty.columns) == list(full.columns)
    assert read(csv_of([], NOW)) == [read(csv_of(rows_of(pipeline()), NOW))[0]]


def test_a_schedule_is_shown_as_hevo_writes_it() -> None:
    row = rows_of(pipeline(schedule_type="FREQUENCY", schedule_value="30"))[0]
    assert schedule(row) == "FREQUENCY 30"
    assert schedule(rows_of(pipeline())[0]) == ""


def test_a_tables_last_run_is_told_on_the_viewers_clock() -> None:
    ran = datetime.fromtimestamp(NOW, UTC)
    objects = [PipelineObject("orders", "ACTIVE", ran), PipelineObject(None, None, None)]
    frame = objects_frame_for_people(objects, CLOCK)
    assert list(frame["table"]) == ["orders", "without a name"]
    assert list(frame["state"]) == ["Active: loads at the planned times", "Hevo does not say"]
    assert frame["last_run"][0] == ran
    assert pd.isna(frame["last_run"][1])
    assert list(objects_frame_for_people([], CLOCK).columns) == list(frame.columns)


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
    for told, written in zip(table, rows, strict=True):
        for text, cell in zip(told, written, strict=True):
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


def test_the_csv_has_the_words_the_raw_values_and_times_in_utc() -> None:
    rows = rows_of(pipeline(health_status="FAILED"), history=watched(HEALTHY, FAILED))
    header, row = read(csv_of(rows, NOW))
    assert dict(zip(header, row, strict=True)) == {
        "number": "7",
        "name": "Orders DB",
        "state": "Failed",
        "status": "ACTIVE",
        "health_status": "FAILED",
        "source": "MySQL",
        "destination": "Analytics",
        "destination_type": "Snowflake",
        "state_since_utc": "2027-01-15T08:00:00Z",
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
    rows, history = rows_of(Pipeline.from_json(raw)), watched(HEALTHY)
    frames = [table_frame(rows, CLOCK, "light"), health_frame(rows, history, NOW - 60, NOW)]
    files = [csv_of(rows, NOW), history_csv(rows, history, NOW - 60, NOW)]
    assert "hidden" not in "".join(frame.to_csv() for frame in frames) + str(files)


def test_the_history_csv_has_a_row_for_each_stretch_and_for_unwatched_time() -> None:
    rows = rows_of(pipeline(name="=Orders"))
    header, *stretches = read(history_csv(rows, watched(HEALTHY, FAILED), NOW - 120, NOW + 30))
    assert header == ["number", "name", "state", "from_utc", "to_utc", "seconds"]
    assert [(row[2], row[5]) for row in stretches] == [("not checked", "60"), ("Healthy", "60"), ("Failed", "30")]
    assert {row[1] for row in stretches} == {"'=Orders"}
    assert stretches[0][3:5] == ["2027-01-15T07:58:00Z", "2027-01-15T07:59:00Z"]
    assert stretches[0][4] == stretches[1][3]


def test_the_history_csv_of_nothing_has_its_header() -> None:
    assert read(history_csv([], History(), NOW - 60, NOW)) == [
        ["number", "name", "state", "from_utc", "to_utc", "seconds"]
    ]


def test_health_is_a_share_of_the_time_with_its_coverage() -> None:
    rows = rows_of(pipeline())
    little = health_frame(rows, watched(HEALTHY), NOW - 3_600, NOW).iloc[0]
    assert list(little) == ["Orders DB", "watched too little to say", "0%", "never seen"]
    much = health_frame(rows, watched(*[HEALTHY] * 45, *[FAILED] * 15, HEALTHY), NOW - 3_600, NOW).iloc[0]
    assert list(much) == ["Orders DB", "75%", "100%", "once"]
