"""Incidents: which troubles are one, and which began together. Read from history, never written by hand. Pure.

An incident of one pipeline is all its trouble (failed, late) with less than half an hour of health between. Nobody
watching does not end it; being turned off or leaving the account does. What began at nearly the same time and shares
its destination is one, else what shares the source's type. Times are int64 milliseconds, UTC epoch.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from monitor.health import Word
from monitor.history import Bools, History, Ints, ints

CALM = 30 * 60_000
TOGETHER = 15 * 60_000
OPEN = 2**62  # when what has not ended ends
BAD, WELL, PAUSED, GONE = range(4)  # what a word means here; each but the first is a way to end an incident
_AS_BEFORE = -1
_CLASSES = {Word.FAILED: BAD, Word.LATE: BAD, Word.UNKNOWN: _AS_BEFORE, Word.PAUSED: PAUSED}
_CLASS = np.array([_CLASSES.get(word, WELL) for word in Word] + [GONE])  # by a word's number; the last: no word
_CHANGING = ["end_after", "end_at", "how", "count"]

Shares = Callable[[str], tuple[str | None, str | None]]


@dataclass(slots=True)
class Own:
    """One pipeline's incident.

    within: how soon after another it must begin to be one with it (ms). after: the last look that saw it well, -1:
    none; at: the first that saw trouble; end_after, end_at: the same for its end. how: BAD while it goes on, else WELL,
    PAUSED or GONE. count: how often trouble began. beside: the row of the first of those that share the destination;
    group: of the first of all that are one.
    """

    pipeline: str
    destination: str
    source: str
    within: int
    after: int
    at: int
    end_after: int = OPEN
    end_at: int = OPEN
    how: int = BAD
    count: int = 1
    beside: int = 0
    group: int = 0

    def is_over(self, at: int) -> bool:
        """True when trouble at that time is another incident."""
        return self.how in (PAUSED, GONE) or (self.how == WELL and at - self.end_at >= CALM)

    def turn(self, what: int, after: int, at: int) -> None:
        """One more change, which does not begin another."""
        if what == BAD and self.how != BAD:
            self.end_after, self.end_at, self.how, self.count = OPEN, OPEN, BAD, self.count + 1
        elif what != BAD and self.how == BAD:
            self.end_after, self.end_at, self.how = after, at, what


_KINDS: dict[str, Any] = {each.name: "object" if each.type == "str" else "int64" for each in fields(Own)}


@dataclass(frozen=True, eq=False)
class Incidents:
    """All that were seen up to the look at `seen`. own: a row an `Own`, in the order in which they began."""

    own: pd.DataFrame
    last: Mapping[str, int]  # each pipeline's last row
    seen: int


def grown(before: Incidents, history: History, shares: Shares) -> Incidents:
    """With what was seen since; only pipelines that changed are worked on. `shares`: destination, source's type."""
    latest = history.latest
    if latest is None or latest == before.seen:
        return before
    before = before if latest > before.seen else EMPTY  # a clock was set back
    at = ints(history.changes, "at")
    new = np.flatnonzero((at > before.seen) & (_CLASS[history.words] != _AS_BEFORE))
    if not len(new):
        return replace(before, seen=latest)
    rows, last = _lived(before, history, new[np.argsort(at[new], kind="stable")], shares)
    told, size = _frame([*rows.values()]), len(before.own)
    again = [row for row in rows if row < size]  # these are there already
    own = pd.concat([before.own, told.iloc[len(again) :]], ignore_index=True)
    changed = {name: ints(own, name).copy() for name in _CHANGING}
    for name, values in changed.items():
        values[again] = ints(told, name)[: len(again)]
    own = own.assign(**changed)
    return Incidents(_together(own, size), last, latest)


def joined(parts: Sequence[Incidents], seen: int) -> Incidents:
    """Those of several sets of pipelines as one."""
    own = pd.concat([part.own for part in parts]).sort_values(["at", "pipeline"], ignore_index=True)
    return Incidents(_together(own, 0), dict(zip(own["pipeline"], range(len(own)), strict=True)), seen)


def _lived(before: Incidents, history: History, new: Ints, shares: Shares) -> tuple[dict[int, Own], dict[str, int]]:
    """The last incidents of the pipelines with new changes, and what began since, by row; each pipeline's last row."""
    changes, last, size = history.changes.iloc[new], dict(before.last), len(before.own)
    known = sorted({last[name] for name in changes["pipeline"].unique() if name in last})
    rows = dict(zip(known, _owns(before.own.iloc[known]), strict=True))
    within, what, shares = _within(history, changes), _CLASS[history.words[new]], cache(shares)
    columns = (each.tolist() for each in (changes["pipeline"], changes["after"], changes["at"], what, within))
    for name, after, at, what, within in zip(*columns, strict=True):
        row = last.get(name, -1)
        if row >= 0 and not (what == BAD and rows[row].is_over(at)):
            rows[row].turn(what, after, at)
        elif what == BAD:
            destination, source = shares(name)
            last[name] = size + len(rows) - len(known)
            rows[last[name]] = Own(sys.intern(name), destination or "", source or "", within, after, at)
    return rows, last


def _within(history: History, changes: pd.DataFrame) -> Ints:
    """Two looks as far apart as just before each change, where these are more than a quarter of an hour."""
    at, after, first = ints(changes, "at"), ints(changes, "after"), ints(history.watch, "first")
    stretch = first[np.maximum(np.searchsorted(first, at, "right") - 1, 0)]
    return np.maximum(TOGETHER, np.where((after >= 0) & (after >= stretch), 2 * (at - after), 0))


def _together(own: pd.DataFrame, first: int) -> pd.DataFrame:
    """With the groups of the rows from `first` on, and of those that these may draw to them; older ones have theirs."""
    if first == len(own):
        return own
    at, within = ints(own, "at"), ints(own, "within")
    loose = int(np.searchsorted(at, at[first] - within[first:].max()))
    held = int(np.searchsorted(at, at[loose] - within[loose:].max()))
    every = np.ones(len(own), dtype=bool)
    beside = _anchored(own, "destination", ints(own, "beside"), held, loose, every)
    alone = np.bincount(beside)[beside] == 1
    group = _anchored(own, "source", np.where(alone, ints(own, "group"), beside), held, loose, alone)
    return own.assign(beside=beside, group=group)


def _anchored(own: pd.DataFrame, shared: str, anchor: Ints, held: int, loose: int, among: Bools) -> Ints:
    """For each of those `among` these, from `loose` on: the earliest near enough that shares it; others have theirs."""
    anchor, at, anchors = anchor.copy(), ints(own, "at"), dict[str, int]()
    rows = held + np.flatnonzero(among[held:])
    for row, name, within in zip(rows.tolist(), own[shared].iloc[rows], own["within"].iloc[rows].tolist(), strict=True):
        if row >= loose:
            near = anchors.get(name, row) if name else row
            anchor[row] = near if at[row] - at[near] <= within else row
        anchors[name] = int(anchor[row])
    return anchor


def listed(incidents: Incidents, start: int, end: int, pipelines: Iterable[str] | None = None) -> pd.DataFrame:
    """Those that touch the time from start to end, open ones first, then the newest: group, at, end_at.

    Those of `pipelines` are meant where they are given.
    """
    own = incidents.own
    touching = (own["at"] < end) & (own["end_at"] > start)
    if pipelines is not None:
        touching &= own["pipeline"].isin(set(pipelines))
    group, ends = ints(own, "group"), np.zeros(len(own), dtype=np.int64)
    np.maximum.at(ends, group, ints(own, "end_at"))
    newest = np.unique(group[touching])[::-1]
    found = pd.DataFrame({"group": newest, "at": ints(own, "at")[newest], "end_at": ends[newest]})
    return found.iloc[np.argsort(found["end_at"] < OPEN, kind="stable")].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class Incident:
    """One of them, for a sentence: times in UTC seconds, `ended` None while it is open, `pipelines` as they began.

    shared: what they have in common ("destination", "source" or ""), name: what that is called.
    """

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
    members: tuple[Own, ...] = ()


def told(incidents: Incidents, found: pd.DataFrame) -> list[Incident]:
    """The rows that `listed` found, each in full."""
    groups = defaultdict[int, list[Own]](list)
    for one in _owns(incidents.own[incidents.own["group"].isin(found["group"])]):
        groups[one.group].append(one)
    return [_whole(groups[group]) for group in found["group"]]


def _whole(members: Sequence[Own]) -> Incident:
    first, last = members[0], max(members, key=lambda one: one.end_at)
    pipelines = tuple(dict.fromkeys(one.pipeline for one in members))
    shared = "" if len(pipelines) == 1 else "destination" if members[-1].beside == first.group else "source"
    return Incident(
        key=key_of(first.pipeline, first.at),
        pipelines=pipelines,
        not_before=None if first.after < 0 else first.after / 1000,
        began=first.at / 1000,
        end_after=last.end_after / 1000,
        ended=None if last.end_at == OPEN else last.end_at / 1000,
        how=last.how,
        count=sum(one.count for one in members),
        shared=shared,
        name=getattr(first, shared, ""),
        members=tuple(members),
    )


def still_open(incidents: Incidents) -> list[Incident]:
    """Those that go on, the newest first, at most fifty."""
    rows = listed(incidents, incidents.seen, OPEN)
    return told(incidents, rows[rows["end_at"] == OPEN][:50])


def key_of(pipeline: str, at: int) -> str:
    """Its name for ever: its first pipeline and its first minute."""
    return f"{pipeline}-{datetime.fromtimestamp(at / 1000, UTC):%Y%m%dT%H%M}"


def find(incidents: Incidents, key: str) -> Incident | None:
    """The incident that any of its pipelines' own keys leads to, if there is one."""
    own = incidents.own[incidents.own["pipeline"] == key.rpartition("-")[0]]
    found = own[[key_of(one.pipeline, one.at) == key for one in _owns(own)]]
    return told(incidents, found[:1])[0] if len(found) else None


def _owns(rows: pd.DataFrame) -> Iterable[Own]:
    return map(Own, *(rows[name].tolist() for name in _KINDS))


def _frame(rows: Sequence[Own]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.array([getattr(one, name) for one in rows], dtype=kind) for name, kind in _KINDS.items()}
    )


EMPTY = Incidents(_frame([]), {}, -1)
