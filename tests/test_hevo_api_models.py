"""Values and tables: what Hevo left out is missing, and what is odd never breaks anything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevo_api import Destination, Pipeline, PipelineObject, Schedule, objects_frame, pipelines_frame

WHOLE: dict[str, Any] = {
    "id": 6590,
    "status": "ACTIVE",
    "health_status": "OK",
    "source": {"name": "Orders DB", "type": {"name": "MYSQL", "display_name": "MySQL", "categories": ["Databases"]}},
    "destination": {"id": 12, "name": "Analytics", "status": "ACTIVE", "type": {"name": "SNOWFLAKE"}},
    "schedule": {"type": "FREQUENCY", "schedule": 30},
}
FIELDS = st.sampled_from(
    [
        *("id", "name", "status", "health_status", "source", "destination"),
        *("schedule", "type", "display_name", "frequency", "last_run_ts"),
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=20,
)


def test_a_pipeline_as_hevo_tells_it() -> None:
    assert Pipeline.from_json(WHOLE) == Pipeline(
        id="6590",
        name="Orders DB",
        status="ACTIVE",
        health_status="OK",
        source_name="Orders DB",
        source_type="MySQL",
        destination_name="Analytics",
        destination_type="SNOWFLAKE",
        schedule_type="FREQUENCY",
        schedule_value="30",
    )


def test_a_pipeline_of_which_hevo_tells_nothing() -> None:
    nothing = Pipeline.from_json({})
    assert nothing.id == ""
    assert {getattr(nothing, name) for name in ("name", "status", "health_status", "source_type", "schedule_type")} == {
        None
    }


@pytest.mark.parametrize(
    ("sent", "read"), [(7, "7"), ("7", "7"), ("a/b", "a/b"), (None, ""), (True, ""), (7.0, ""), ([7], "")]
)
def test_an_id_is_text(sent: object, read: str) -> None:
    assert Pipeline.from_json({"id": sent}).id == read


@pytest.mark.parametrize(
    ("sent", "read"), [("MYSQL", "MYSQL"), ({"name": "A"}, "A"), ({}, None), (7, None), (None, None)]
)
def test_a_type_is_text_or_an_object(sent: object, read: str | None) -> None:
    assert Pipeline.from_json({"source": {"type": sent}}).source_type == read
    assert Destination.from_json({"type": sent}).type == read


@pytest.mark.parametrize("name", [None, "", "  ", "\u200b\u202e", "\n"])
def test_a_pipeline_without_a_visible_name_is_called_by_its_number(name: str | None) -> None:
    assert Pipeline.from_json({"id": 7, "source": {"name": name}}).label == "Pipeline 7"
    assert Pipeline.from_json({"source": {"name": name}}).label == "Pipeline without a number"
    assert Pipeline.from_json({"source": {"name": " Orders "}}).label == "Orders"


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        *(({"frequency": 30}, "30"), ({"schedule": "0 5 * * *"}, "0 5 * * *")),
        *(({"frequency": None, "schedule": 30}, "30"), ({"schedule": True}, None), ({}, None)),
    ],
)
def test_a_schedule_is_text(sent: dict[str, Any], value: str | None) -> None:
    assert Schedule.from_json(sent).value == value


@pytest.mark.parametrize("sent", [None, 0, -5, "1700000000000", True, 1e300, float("inf"), 10**30, [1]])
def test_what_is_no_moment_is_none(sent: object) -> None:
    assert PipelineObject.from_json({"last_run_ts": sent}).last_run is None


@given(st.dictionaries(FIELDS, ANYTHING))
def test_nothing_that_hevo_may_send_breaks_a_value_or_a_table(raw: dict[str, Any]) -> None:
    pipelines_frame([Pipeline.from_json(raw)])
    objects_frame([PipelineObject.from_json(raw)])
    Destination.from_json(raw)
    Schedule.from_json(raw)


def test_values_do_not_show_all_that_came() -> None:
    assert "secret" not in repr(Pipeline.from_json({**WHOLE, "webhook_url": "https://secret"}))


def test_a_table_of_pipelines() -> None:
    frame = pipelines_frame([Pipeline.from_json(WHOLE), Pipeline.from_json({})])
    assert list(frame.loc[0, ["id", "source_type", "schedule_type", "schedule"]]) == [
        "6590",
        "MySQL",
        "FREQUENCY",
        "30",
    ]
    assert frame.loc[1, "id"] == ""
    assert frame.loc[1, "health_status"] is pd.NA


def test_a_table_of_objects() -> None:
    frame = objects_frame(
        [
            PipelineObject("orders", "ACTIVE", datetime(2023, 11, 14, 22, 13, 20, 123000, UTC)),
            PipelineObject(None, None, None),
        ]
    )
    assert frame.loc[0, "last_run"] == pd.Timestamp("2023-11-14T22:13:20.123Z")
    assert frame.loc[1, "last_run"] is pd.NaT


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_table_has_the_same_columns_for_any_number_of_rows(rows: int) -> None:
    pipelines = pipelines_frame([Pipeline.from_json({})] * rows)
    objects = objects_frame(iter([PipelineObject(None, None, None)] * rows))
    assert list(pipelines.columns) == [
        *("id", "name", "status", "health_status", "source_name", "source_type"),
        *("destination_name", "destination_type", "schedule_type", "schedule"),
    ]
    assert set(pipelines.dtypes.astype(str)) == {"string"}
    assert objects.dtypes.astype(str).to_dict() == {
        "name": "string",
        "status": "string",
        "last_run": "datetime64[ms, UTC]",
    }
    assert (len(pipelines), len(objects)) == (rows, rows)
