"""The same values as pandas tables, with the same columns and dtypes for no rows as for many."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

import pandas as pd

from hevo_api.models import Pipeline, PipelineObject

FIELDS = (
    *("id", "name", "status", "health_status"),
    *("source_name", "source_type", "destination_name", "destination_type"),
    *("schedule_type", "schedule_value"),
)
COLUMNS = (*FIELDS[:-1], "schedule")


def pipelines_frame(pipelines: Iterable[Pipeline]) -> pd.DataFrame:
    """One row a pipeline, in the order given; all columns of dtype "string", a missing value is `pd.NA`.

    Columns: id, name, status, health_status, source_name, source_type, destination_name, destination_type,
    schedule_type, schedule.
    """
    rows = list(pipelines)
    values = [list(map(attrgetter(field), rows)) for field in FIELDS]
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)), dtype="string")


def objects_frame(objects: Iterable[PipelineObject]) -> pd.DataFrame:
    """One row an object: name and status ("string"), last_run ("datetime64[ms, UTC]", or `NaT`)."""
    rows = list(objects)
    last_runs = pd.to_datetime(pd.Series([each.last_run for each in rows], dtype="object"), utc=True)
    return pd.DataFrame(
        {
            "name": pd.Series([each.name for each in rows], dtype="string"),
            "status": pd.Series([each.status for each in rows], dtype="string"),
            "last_run": last_runs.astype("datetime64[ms, UTC]"),
        }
    )
