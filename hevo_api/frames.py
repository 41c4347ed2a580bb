"""The same values as pandas tables, with the same columns and dtypes for no rows as for many."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from operator import attrgetter

import pandas as pd

from hevo_api.models import Pipeline, PipelineObject

FIELDS = (
    *("id", "name", "status", "health_status"),
    *("source_name", "source_type", "destination_name", "destination_type"),
    *("schedule_type", "schedule_value"),
)
COLUMNS = pd.Index([*FIELDS[:-1], "schedule"])


def pipelines_frame(pipelines: Iterable[Pipeline]) -> pd.DataFrame:
    """One row a pipeline, in the order given; all columns of dtype "string", a missing value is `pd.NA`.

    Columns: id, name, status, health_status, source_name, source_type, destination_name, destination_type,
    schedule_type, schedule.
    """
    rows = list(pipelines)
    # One array, cut into columns, and names that are ready: of ten small ones, pandas takes most of the time to begin.
    fields = chain.from_iterable(map(attrgetter(field), rows) for field in FIELDS)
    cells = pd.array(list(fields), dtype=pd.StringDtype())
    count = len(rows)
    columns = {place: cells[place * count : (place + 1) * count] for place in range(len(FIELDS))}
    frame = pd.DataFrame(columns, index=range(count), copy=False)
    frame.columns = COLUMNS.view()
    return frame


def objects_frame(objects: Iterable[PipelineObject]) -> pd.DataFrame:
    """One row an object: name and status ("string"), last_run ("datetime64[ms, UTC]", or `NaT`)."""
    rows = list(objects)
    return pd.DataFrame(
        {
            "name": pd.array([each.name for each in rows], dtype="string"),
            "status": pd.array([each.status for each in rows], dtype="string"),
            "last_run": pd.array([each.last_run for each in rows], dtype="datetime64[ms, UTC]"),
        }
    )
