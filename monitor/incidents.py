"""Incidents: which troubles are one, and which began together. Read from history, never written by hand. Pure.

An incident of one pipeline is all its trouble (failed, late) with less than half an hour of health between. Nobody
watching does not end it; being turned off or leaving the account does. What began at nearly the same time and shares
its destination is one, else what shares the source's type. Times are int64 milliseconds, UTC epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from monitor.health import Word
from monitor.history import Bools, History, Ints

CALM = 30 * 60_000
TOGETHER = 15 * 60_000
OPEN = 2**62  # when what has not ended ends
BAD, WELL, PAUSED, GONE = range(4)  # what a word means here; each but the first is a way to end an incident
_CLASSES = {Word.FAILED: BAD, Word.LATE: BAD, Word.UNKNOWN: -1, Word.PAUSED: PAUSED}
_CLASS = np.array([_CLASSES.get(word, WELL) for word in Word] + [GONE])  # by a word's number; the last: no word
_INTS = ("after", "at", "end_after", "end_at", "how", "count", "every", "beside", "group")

Shares = Callable[[str], tuple[str | None, str | None]]


@dataclass(frozen=True, eq=False)
class Incidents:
    """All that were seen up to the look at `seen`.

    own: a row an incident of one pipeline, in the order in which they began: pipeline, after (the last look that saw
    it well, -1: none), at (the first that saw trouble), end_after, end_at (the same for its end; OPEN), how (BAD: it
    goes on; WELL, PAUSED, GONE), count (how often trouble began), every (ms between looks then), destination, source,
    beside (the row of the first of those that share the destination), group (of the first of all that are one).
    """

    own: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            {name: pd.Series(dtype="str") for name in ("pipeline", "destination", "source")}
            | {name: pd.Series(dtype="int64") for name in _INTS}
        )
    )
    last: Mapping[str, int] = field(default_factory=dict)  # each pipeline's last row
    seen: int = -1


EMPTY = Incidents()


def grown(before: Incidents, history: History, shares: Shares) -> Incidents:
    """With what was seen since; only pipelines that changed are worked on. `shares`: destination, source's type."""
    latest = history.latest
    if latest is None or latest == before.seen:
        return before
    before = before if latest > before.seen else EMPTY  # a clock was set back
    at = _ints(history.changes, "at")
    new = np.flatnonzero(at > before.seen)
    if not len(new):
        return replace(before, seen=latest)
    found, known = _folded(before, history, new)
    place, again = known[known >= 0], found[known >= 0]
    own = before.own
    if len(place):
        changed = ("end_after", "end_at", "how", "count")
        own = own.assign(**{name: _put(_ints(own, name), place, _ints(again, name)) for name in changed})
    fresh = found[known < 0]
    if len(fresh):
        own = _together(pd.concat([own, _told(fresh, history, shares)], ignore_index=True), len(own))
    first = len(before.own)
    last = {**before.last, **dict(zip(own["pipeline"].iloc[first:], range(first, len(own)), strict=True))}
    return Incidents(own, last, latest)


def joined(parts: Sequence[Incidents], seen: int) -> Incidents:
    """Those of several sets of pipelines as one."""
    own = pd.concat([part.own for part in parts]).sort_values(["at", "pipeline"], ignore_index=True)
    own = _together(own, 0) if len(own) else own
    return Incidents(own, dict(zip(own["pipeline"], range(len(own)), strict=True)), seen)


def _folded(before: Incidents, history: History, new: Ints) -> tuple[pd.DataFrame, Ints]:
    """The incidents of the pipelines with new changes, from each one's last on; the row of those known, else -1."""
    numbers, code = np.unique(history.codes[new], return_inverse=True)
    names = history.names.take(numbers)
    place = np.array([before.last.get(name, -1) for name in names], np.int64)
    old = before.own.iloc[place[place >= 0]]
    again, over = np.flatnonzero(place >= 0), old["end_at"] < OPEN
    after, at, what = _changes(old, over, history, new)
    code = np.concatenate([again, again[over], code])
    weight = np.concatenate([old["count"], np.ones(len(code) - len(old), np.int64)])
    order = np.lexsort((at, code))
    code, after, at, what, weight = (each[order] for each in (code, after, at, what, weight))
    what[_new(code) & (what < 0)] = WELL
    what = what[np.maximum.accumulate(np.where(what >= 0, np.arange(len(what)), 0))]  # unknown: as before
    heads = np.flatnonzero(_new(code, what))
    ends = np.append(heads[1:], 0)
    goes_on = np.append(code[ends[:-1]] != code[heads[:-1]], True)
    bad = what[heads] == BAD
    heads, ends, goes_on = heads[bad], ends[bad], goes_on[bad]
    end, how = np.where(goes_on, OPEN, at[ends]), np.where(goes_on, BAD, what[ends])
    begins = _new(code[heads])
    begins[1:] |= (how[:-1] != WELL) | (at[heads][1:] - end[:-1] >= CALM)
    first = np.flatnonzero(begins)
    final = np.append(first[1:], len(heads))[: len(first)] - 1
    rows = heads[first]
    told = {
        "pipeline": names.to_numpy(dtype=object)[code[rows]],
        "after": after[rows],
        "at": at[rows],
        "end_after": np.where(goes_on, OPEN, after[ends])[final],
        "end_at": end[final],
        "how": how[final],
        "count": np.add.reduceat(weight[heads], first) if len(first) else weight[:0],
    }
    known = np.where(_new(code[rows]), place[code[rows]], -1)
    return pd.DataFrame(told), known


def _changes(old: pd.DataFrame, over: Any, history: History, new: Ints) -> tuple[Ints, Ints, Ints]:
    """after, at and what it means: of the incidents that go on from before, of their ends, of what is new."""
    ended, changes = old[over], history.changes.iloc[new]
    after = np.concatenate([old["after"], ended["end_after"], changes["after"]])
    at = np.concatenate([old["at"], ended["end_at"], changes["at"]])
    what = np.concatenate([np.full(len(old), BAD), ended["how"], _CLASS[history.words[new]]])
    return after, at, what


def _told(fresh: pd.DataFrame, history: History, shares: Shares) -> pd.DataFrame:
    """In the order in which they began, with how far looks were apart then, and what each may share."""
    fresh = fresh.sort_values(["at", "pipeline"], ignore_index=True)
    at, after, first = _ints(fresh, "at"), _ints(fresh, "after"), _ints(history.watch, "first")
    stretch = np.maximum(np.searchsorted(first, at, "right") - 1, 0)
    code, names = pd.factorize(fresh["pipeline"])
    shared = pd.DataFrame([[part or "" for part in shares(name)] for name in names], dtype="str").iloc[code]
    return fresh.assign(
        every=np.where((after >= 0) & (after >= first[stretch]), at - after, 0),
        destination=shared[0].array,
        source=shared[1].array,
        beside=0,
        group=0,
    )


def _together(own: pd.DataFrame, first: int) -> pd.DataFrame:
    """With the groups of the rows from `first` on; rows so old that nothing can join them any more stay as they are."""
    at, every = _ints(own, "at"), _ints(own, "every")
    within = np.maximum(TOGETHER, 2 * every)
    far = int(within.max())
    loose = int(np.searchsorted(at, at[first] - far))
    beside = _anchored(own["destination"], at, within, _ints(own, "beside"), first, loose, np.ones(len(at), bool))
    alone = np.bincount(beside, minlength=len(at))[beside] == 1
    group = np.where(alone, _ints(own, "group"), beside)
    held = int(np.searchsorted(at, at[loose] - far))
    return own.assign(beside=beside, group=_anchored(own["source"], at, within, group, loose, held, alone))


def _anchored(
    shared: pd.Series[Any], at: Ints, within: Ints, anchor: Ints, first: int, held: int, among: Bools
) -> Ints:
    """Each row from `first` on gets the earliest row near enough that shares this; the rows from `held` have theirs."""
    anchor, names = anchor.copy(), shared.iloc[held:].to_numpy(dtype=object)
    anchors = dict[Any, int]()
    for row, name in enumerate(names, held):
        if not among[row]:
            continue
        if row >= first:
            found = anchors.get(name, row) if name else row
            anchor[row] = found if at[row] - at[found] <= within[row] else row
        anchors[name] = int(anchor[row])
    return anchor


def listed(incidents: Incidents, start: int, end: int, pipelines: Iterable[str] | None = None) -> pd.DataFrame:
    """Those that touch the time from start to end, open ones first, then the newest: one row a group.

    Columns: pipeline (its first), after, at, end_after, end_at, how, pipelines (their number), count, shared (by
    "destination", "source" or ""), name (of that), group. Those of `pipelines` are meant where they are given.
    """
    own = incidents.own
    chosen = (own["at"] < end) & (own["end_at"] > start)
    if pipelines is not None:
        chosen &= own["pipeline"].isin(set(pipelines))
    group = _ints(own, "group")
    wanted = np.zeros(len(own), bool)
    wanted[group[chosen]] = True
    rows = np.flatnonzero(wanted[group])
    order = np.lexsort((_ints(own, "end_at")[rows], group[rows]))
    rows = rows[order]
    heads = np.flatnonzero(_new(group[rows]))
    tails = np.append(heads[1:], len(rows))[: len(heads)] - 1  # the member that ended last
    first, last = own.iloc[group[rows[heads]]], own.iloc[rows[tails]]
    several = tails > heads
    beside = _ints(own, "beside")[rows[tails]] == group[rows[heads]]
    by_source = several & ~(beside & (_ints(own, "beside")[rows[heads]] == group[rows[heads]]))
    found = pd.DataFrame(
        {name: first[name].to_numpy() for name in ("pipeline", "after", "at")}
        | {name: last[name].to_numpy() for name in ("end_after", "end_at", "how")}
    ).assign(
        pipelines=tails - heads + 1,
        count=np.add.reduceat(_ints(own, "count")[rows], heads) if len(heads) else heads,
        shared=np.where(by_source, "source", np.where(several, "destination", "")),
        name=np.where(by_source, first["source"], np.where(several, first["destination"], "")),
        group=group[rows[heads]],
    )
    return (
        found.assign(ended=found["end_at"] < OPEN)
        .sort_values(["ended", "at", "group"], ascending=[True, False, False], ignore_index=True)
        .drop(columns="ended")
    )


@dataclass(frozen=True, slots=True)
class Incident:
    """One of them, for a sentence: times in UTC seconds, `ended` None while it is open, `pipelines` as they began."""

    key: str
    pipelines: tuple[str, ...]
    not_before: float | None
    began: float
    end_after: float
    ended: float | None
    how: int
    count: int
    shared: str
    name: str


def told(incidents: Incidents, found: pd.DataFrame) -> list[Incident]:
    """The rows that `listed` found, each in full."""
    if not len(found):
        return []
    own = incidents.own[incidents.own["group"].isin(found["group"])]
    names: dict[int, dict[str, None]] = {}
    for group, pipeline in zip(own["group"], own["pipeline"], strict=True):
        names.setdefault(group, {})[pipeline] = None
    return [
        Incident(
            key=key_of(row["pipeline"], row["at"]),
            pipelines=tuple(names[row["group"]]),
            not_before=None if row["after"] < 0 else row["after"] / 1000,
            began=row["at"] / 1000,
            end_after=row["end_after"] / 1000,
            ended=None if row["end_at"] == OPEN else row["end_at"] / 1000,
            **{name: row[name] for name in ("how", "count", "shared", "name")},
        )
        for row in found.to_dict("records")
    ]


def still_open(incidents: Incidents, most: int = 50) -> list[Incident]:
    """Those that go on, the newest first."""
    rows = listed(incidents, incidents.seen, OPEN)
    return told(incidents, rows[rows["end_at"] == OPEN][:most])


def members(incidents: Incidents, group: int) -> pd.DataFrame:
    """The rows of `own` that are this incident, in the order in which they began."""
    return incidents.own[incidents.own["group"] == group]


def key_of(pipeline: str, at: int) -> str:
    """Its name for ever: its first pipeline and its first minute."""
    return f"{pipeline}-{datetime.fromtimestamp(at / 1000, UTC):%Y%m%dT%H%M}"


def find(incidents: Incidents, key: str) -> int | None:
    """The incident that any of its pipelines' own keys leads to, as its `group`; None where there is none."""
    pipeline, _, _ = key.rpartition("-")
    own = incidents.own[incidents.own["pipeline"] == pipeline]
    found = [group for at, group in zip(own["at"], own["group"], strict=True) if key_of(pipeline, at) == key]
    return int(found[0]) if found else None


def _put(values: Ints, place: Ints, new: Ints) -> Ints:
    values = values.copy()
    values[place] = new
    return values


def _new(*columns: Any) -> Bools:
    new = np.ones(len(columns[0]), dtype=bool)
    new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return new


def _ints(frame: pd.DataFrame, name: str) -> Ints:
    return frame[name].to_numpy(dtype=np.int64)
