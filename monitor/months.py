"""What a month was like, for each pipeline: how long it was well, failing, late, planned, paused, unwatched. Pure.

A month is one of the owner's time zone: with a change of the clocks it has 743 or 745 hours. Planned time is cut out
of everything else first, whether it was watched or not; a pipeline that was not there yet was unwatched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import numpy as np
import pandas as pd

from monitor import history as frames
from monitor.days import worst
from monitor.health import Word
from monitor.history import History
from monitor.incidents import Incidents

_SEEN = {
    "well": [Word.HEALTHY, Word.UNSTABLE],
    "failing": [Word.FAILED],
    "late": [Word.LATE],
    "unknown": [Word.UNKNOWN],
    "paused": [Word.PAUSED],
}
LENGTHS = (*_SEEN, "planned", "unwatched")  # ms; together the whole month
COLUMNS = (*LENGTHS, "incidents", "longest")
KEPT = 36  # months


@dataclass(frozen=True, eq=False)
class Month:
    """What is known of one: `figures` and `days` as below (no days where its history is forgotten), in ms from start to
    end, which is now in the present month."""

    figures: pd.DataFrame
    days: pd.DataFrame
    start: int
    end: int


def bounds(month: str, zone: tzinfo) -> tuple[int, int]:
    """The first moment of a month ("2026-11") and of the next one (ms); ValueError for what is no month."""
    if not re.fullmatch(r"(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])", month, re.ASCII):
        raise ValueError("no month")
    first = pd.Period(month, "M")
    begins = (datetime(each.year, each.month, 1, tzinfo=zone).timestamp() for each in (first, first + 1))
    start, end = (round(moment * 1000) for moment in begins)
    return start, end


def other(month: str, later: int) -> str:
    """The month so many months later, or before."""
    return str(pd.Period(month, "M") + later)


def month_of(at: float, zone: tzinfo) -> str:
    """The month of a moment (UTC seconds)."""
    return f"{datetime.fromtimestamp(at, zone):%Y-%m}"


def figures(history: History, incidents: Incidents, planned: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """A row a pipeline (index): LENGTHS (ms), incidents (that touch this time and are not all planned), longest (ms).

    `planned`: pipeline, start, end. An incident counts with what of it lies from start to end, planned time and all.
    """
    words, _ = frames.lengths(history, start, end, planned)
    sums = pd.DataFrame({name: words[those].sum(axis=1) for name, those in _SEEN.items()})
    sums["planned"], sums["unwatched"] = end - start - words["window"], words["window"] - sums.sum(axis=1)
    own = incidents.own[(incidents.own["at"] < end) & (incidents.own["end_at"] > start)]
    own = own.assign(at=own["at"].clip(lower=start), end_at=own["end_at"].clip(upper=end))
    plans = own.reset_index(names="row").merge(planned, on="pipeline")
    whole = plans[(plans["start"] <= plans["at"]) & (plans["end_at"] <= plans["end"])]
    own = own[~own.index.isin(whole["row"])]
    lasted = (own["end_at"] - own["at"]).groupby(own["pipeline"])
    counted = {"incidents": lasted.size(), "longest": lasted.max()}
    return sums.assign(**{name: found.reindex(sums.index, fill_value=0) for name, found in counted.items()})


def days(history: History, planned: pd.DataFrame, start: int, end: int, zone: tzinfo) -> pd.DataFrame:
    """The number of the worst word (NOT_SEEN: none) of each pipeline (index) and day (columns: its first ms).

    What was trouble in planned time only counts as planned.
    """
    first = [datetime.fromtimestamp(start / 1000, zone)]
    while first[-1].timestamp() * 1000 < end:
        first.append((first[-1] + timedelta(days=1)).replace(hour=0))
    edges = np.array([round(day.timestamp() * 1000) for day in first])
    return pd.DataFrame(worst(frames.under_plans(history, planned), edges), history.names, edges[:-1].tolist())


def percent(well: float, failing: float) -> float | None:
    """Healthy time as a share of healthy and failed time, rounded down; None where there is neither."""
    return None if well + failing <= 0 else min(well * 100 // (well + failing), 99 if failing else 100)
