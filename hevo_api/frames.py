"""The same values as pandas tables, with the same columns and dtypes for no rows as for many."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from hevo_api.models import Pipeline, PipelineObject

FIELDS = ("id", "name", "status", "health_status")
PLACES = ("source_name", "source_type", "destination_name", "destination_type")


def pipelines_frame(pipelines: Iterable[Pipeline]) -> pd.DataFrame:
    """One row a pipeline, in the order given; all columns of dtype "string", a missing value is `pd.NA`.

    Columns: id, name, status, health_status, source_name, source_type, destination_name, destination_type,
    schedule_type, schedule.
    """
    rows = [(*(getattr(each, name) for name in FIELDS + PLACES), *_schedule_of(each)) for each in pipelines]
    columns = [*FIELDS, *PLACES, "schedule_type", "schedule"]
    return pd.DataFrame(rows, columns=columns, dtype="object").astype("string")


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


def _schedule_of(pipeline: Pipeline) -> tuple[str | None, str | None]:
    schedule = pipeline.schedule
    return (schedule.type, schedule.value) if schedule else (None, None)
