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
from monitor.health import Word
from monitor.history import History
from monitor.incidents import Incidents

LENGTHS = ("well", "failing", "late", "unknown", "paused", "planned", "unwatched")  # ms; together the whole month
COLUMNS = (*LENGTHS, "incidents", "longest")
NOT_SEEN = 99
KEPT = 36  # months
_OF = {Word.FAILED: "failing", Word.LATE: "late", Word.UNKNOWN: "unknown", Word.PAUSED: "paused"}


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
    return _begins(month, zone), _begins(other(month, 1), zone)


def _begins(month: str, zone: tzinfo) -> int:
    year, number = map(int, month.split("-"))
    return round(datetime(year, number, 1, tzinfo=zone).timestamp() * 1000)


def other(month: str, later: int) -> str:
    """The month so many months later, or before."""
    year, number = map(int, month.split("-"))
    years, rest = divmod(number - 1 + later, 12)
    return f"{year + years:04d}-{rest + 1:02d}"


def month_of(at: float, zone: tzinfo) -> str:
    """The month of a moment (UTC seconds)."""
    return f"{datetime.fromtimestamp(at, zone):%Y-%m}"


def figures(history: History, incidents: Incidents, planned: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """A row a pipeline (index): LENGTHS (ms), incidents (that touch this time and are not all planned), longest (ms).

    `planned`: pipeline, start, end. An incident counts with what of it lies from start to end, planned time and all.
    """
    words = frames.lengths(history, start, end, planned)
    names = words.index
    sums = pd.DataFrame(0, index=names, columns=[*LENGTHS], dtype="int64")
    for word in Word:
        sums[_OF.get(word, "well")] += words[word.value]
    sums["planned"] = end - start - words["window"]
    sums["unwatched"] = words["window"] - words[[word.value for word in Word]].sum(axis=1)
    own = incidents.own[(incidents.own["at"] < end) & (incidents.own["end_at"] > start)]
    own = own.assign(at=own["at"].clip(lower=start), end_at=own["end_at"].clip(upper=end))
    own = own[~_all_planned(own, planned)]
    lasted = (own["end_at"] - own["at"]).groupby(own["pipeline"])
    sums["incidents"] = lasted.size().reindex(names, fill_value=0)
    sums["longest"] = lasted.max().reindex(names, fill_value=0)
    return sums


def days(history: History, planned: pd.DataFrame, start: int, end: int, zone: tzinfo) -> pd.DataFrame:
    """The number of the worst word (in frames.WORDS) a pipeline (index) and day (columns: its first ms), or NOT_SEEN.

    What was seen in planned time only does not count.
    """
    first = [datetime.fromtimestamp(start / 1000, zone)]
    while first[-1].timestamp() * 1000 < end:
        first.append((first[-1] + timedelta(days=1)).replace(hour=0))
    edges = np.array([round(day.timestamp() * 1000) for day in first], np.int64)
    spells = frames.spells(history, start, end)
    low = np.searchsorted(edges, spells["start"], "right") - 1
    several = np.searchsorted(edges, spells["end"], "left") - low
    row = np.repeat(np.arange(len(spells)), several)
    day = np.arange(len(row)) - np.repeat(np.cumsum(several) - several, several) + low[row]
    worst = np.full((len(history.names), len(edges)), NOT_SEEN)
    code = history.names.get_indexer(pd.Index(spells["pipeline"]))
    np.minimum.at(worst, (code[row], day), spells["word"].cat.codes.to_numpy()[row])
    touched = history.names.get_indexer(pd.Index(planned["pipeline"].unique()))
    touched = touched[touched >= 0]
    spans = planned[["start", "end"]].drop_duplicates().to_numpy()
    for place in {day for span in spans for day in range(*(np.searchsorted(edges, span, "right") - [1, 0]))}:
        left = (
            frames.lengths(history, int(edges[place]), int(edges[place + 1]), planned)[[*frames.WORDS.categories]] > 0
        )
        worst[touched, place] = np.where(left, np.arange(len(Word)), NOT_SEEN).min(axis=1)[touched]
    return pd.DataFrame(worst[:, :-1], index=history.names, columns=edges[:-1])


def _all_planned(own: pd.DataFrame, planned: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether all of an incident lies in one planned time of its pipeline."""
    found = own.reset_index(names="row").merge(planned, on="pipeline")
    inside = found[(found["start"] <= found["at"]) & (found["end_at"] <= found["end"])]
    return np.asarray(own.index.isin(inside["row"]))


def percent(well: float, failing: float) -> float | None:
    """Healthy time as a share of healthy and failed time, rounded down; None where there is neither."""
    return None if well + failing <= 0 else min(well * 100 // (well + failing), 99 if failing else 100)
