"""What was seen of an account's pipelines over time, and what may be said about it. Pure: no clock, no store.

All times are int64 milliseconds, UTC epoch. Time that no stretch of `watch` covers, from its `first` until just before
its `until`, was not checked and has no spell. A word on both sides of such a gap is one word: a gap starts and ends
nothing. A pipeline that a look lacked is gone (a change without a word); when it comes back, its word before counts as
the one before, but it is there only since then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from monitor.health import NEEDS_ATTENTION, Word

WORDS = pd.CategoricalDtype([word.value for word in Word], ordered=True)  # worst first
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CHANGES = {"pipeline": "str", "after": "int64", "at": "int64", "word": WORDS}
WATCH = {"first": "int64", "last": "int64", "until": "int64", "looks": "int64"}
TROUBLE = {"first": "int64", "last": "int64", "tries": "int64", "cause": "str"}
_FAR = 2**62
_FAILED, _PLANNED, _UNSTABLE, _HEALTHY = (
    list(Word).index(word) for word in (Word.FAILED, Word.PLANNED, Word.UNSTABLE, Word.HEALTHY)
)
_ENOUGH_COVERAGE, _ENOUGH_LOOKS = 0.5, 5
_RESTLESS = 3


@dataclass(frozen=True, eq=False)
class History:
    """Three frames, never changed; `history` makes one.

    changes: pipeline, after (last look that saw something else, -1: none), at (first look that saw this), word (WORDS;
    NaN: gone), by pipeline and at. watch: first, last, until, looks: looking without a gap, the last look holds until
    `until`. trouble: first, last, tries, cause: failed looks one after another.
    """

    changes: pd.DataFrame
    watch: pd.DataFrame
    trouble: pd.DataFrame

    @property
    def begins(self) -> int | None:
        """The first look."""
        return int(self.watch["first"].iloc[0]) if len(self.watch) else None

    @property
    def latest(self) -> int | None:
        """The last look."""
        return int(self.watch["last"].iloc[-1]) if len(self.watch) else None

    @cached_property
    def starts(self) -> Ints:
        """For each pipeline the row of its first change, and at the end the number of rows."""
        return np.append(np.flatnonzero(_new(self.changes["pipeline"].array)), len(self.changes))

    @cached_property
    def names(self) -> pd.Index[str]:
        """Every pipeline that was seen, in order, whether it is still there or not."""
        names: pd.Index[str] = pd.Index(self.changes["pipeline"].iloc[self.starts[:-1]])
        return names

    @cached_property
    def codes(self) -> Ints:
        """For each change the number of its pipeline in `names`."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @cached_property
    def words(self) -> Ints:
        """For each change the number of its word in WORDS; -1 where the pipeline is gone."""
        return _codes(self.changes["word"])

    @cached_property
    def ends(self) -> Ints:
        """For each change when the next one of its pipeline comes."""
        ends = np.append(ints(self.changes, "at")[1:], _FAR)[: len(self.changes)]
        ends[self.starts[1:] - 1] = _FAR
        return ends

    @cached_property
    def turns(self) -> tuple[Ints, Ints]:
        """The changes that began another word, and the number of the word before; -1 at the pipeline's first."""
        there = np.flatnonzero(self.words >= 0)
        code, word = self.codes[there], self.words[there]
        begun = _new(code, word)
        before = np.where(_new(code), -1, np.roll(word, 1))
        return there[begun], before[begun]

    def began(self, rows: Ints) -> Ints:
        """The changes since which the pipelines of these have been there with their words."""
        heads = np.flatnonzero(_new(self.codes, self.words))
        return heads[np.searchsorted(heads, rows, "right") - 1]


def history(
    changes: pd.DataFrame | None = None, watch: pd.DataFrame | None = None, trouble: pd.DataFrame | None = None
) -> History:
    """A history of rows in any order, with or without rows."""
    return History(
        _typed(changes, CHANGES, "pipeline", "at"), _typed(watch, WATCH, "first"), _typed(trouble, TROUBLE, "first")
    )


def extended(history: History, changes: pd.DataFrame, watch: pd.DataFrame, trouble: pd.DataFrame) -> History:
    """With newer rows; one of the same pipeline and time, or of the same `first`, takes the other's place.

    Time that was forgotten stays so, also when a stretch of looking that began in it goes on.
    """
    watch = _typed(watch, WATCH, "first")
    return History(
        _with_changes(history, _typed(changes, CHANGES)),
        _renewed(history.watch, watch if history.begins is None else _within(watch, history.begins, _FAR)),
        _renewed(history.trouble, _typed(trouble, TROUBLE)),
    )


def forgetting(history: History, before: int) -> History:
    """Without the time before that; of each pipeline there just then, the change stays that began its word."""
    at = ints(history.changes, "at")
    kept = at >= before
    kept[history.began(_known_at(history, before - 1))] = True
    return History(
        history.changes[kept].reset_index(drop=True),
        _within(history.watch, before, _FAR),
        history.trouble[history.trouble["last"] >= before].reset_index(drop=True),
    )


def only(history: History, pipelines: Sequence[str]) -> History:
    """The history of these pipelines."""
    chosen = history.names.isin(list(pipelines))[history.codes]
    return History(history.changes[chosen].reset_index(drop=True), history.watch, history.trouble)


def under_plans(history: History, planned: pd.DataFrame) -> History:
    """With what was trouble in planned time as planned, cut to the millisecond. `planned`: pipeline, start, end."""
    planned = planned[planned["pipeline"].isin(history.names)]
    if planned.empty:
        return history
    own = only(history, planned["pipeline"].tolist()).changes
    edges = pd.concat([planned[["pipeline"]].assign(at=planned[side]) for side in ("start", "end")])
    held = pd.merge_asof(edges.sort_values("at"), own.sort_values("at").drop(columns="after"), on="at", by="pipeline")
    held = held.dropna(subset="word")
    every = pd.concat([own, held.assign(after=held["at"] - 1)]).drop_duplicates(["pipeline", "at"])
    trouble = every["word"].isin(NEEDS_ATTENTION) & _is_within(every, planned)
    new = every.assign(word=every["word"].astype(object).mask(trouble, Word.PLANNED.value))
    return History(_with_changes(history, _typed(new, CHANGES, "pipeline", "at")), history.watch, history.trouble)


def _is_within(changes: pd.DataFrame, spans: pd.DataFrame) -> Bools:
    """Whether each change comes in any span of its pipeline; spans may overlap."""
    names, band = pd.Index(spans["pipeline"].unique()), int(max(changes["at"].max(), spans["end"].max())) + 1
    opens, closes = (np.sort(names.get_indexer(spans["pipeline"]) * band + spans[side]) for side in ("start", "end"))
    at = names.get_indexer(changes["pipeline"]) * band + ints(changes, "at")
    return np.asarray(np.searchsorted(opens, at, "right") > np.searchsorted(closes, at, "right"))


def older_joined(newer: History, older: History) -> History:
    """With what the older one knows of the time before the newer one's first look; itself when that is nothing."""
    begins = newer.begins
    if older.begins is None or (begins is not None and older.begins >= begins):
        return newer
    trouble = _renewed(older.trouble, newer.trouble)
    if begins is None:
        return History(older.changes, older.watch, trouble)
    past, changes = older.changes[older.changes["at"] < begins], newer.changes
    watch = pd.concat([_within(older.watch, 0, begins), newer.watch])
    looks = np.concatenate([past["at"], older.watch["first"], older.watch["last"]])
    seen = int(looks[looks < begins].max())  # the last one that is known for certain
    unlinked = (changes["after"] < 0) & (changes["at"] >= begins) & changes["pipeline"].isin(past["pipeline"])
    present = past.drop_duplicates("pipeline", keep="last").dropna(subset="word")
    gone = present[~present["pipeline"].isin(changes["pipeline"][changes["at"] <= begins])]
    parts = [
        past,
        gone.assign(after=seen, at=begins, word=None),
        changes.assign(after=changes["after"].mask(unlinked, seen)),
    ]
    joined = pd.concat([_typed(part, CHANGES) for part in parts])
    return history(joined.drop_duplicates(["pipeline", "at"], keep="last"), watch, trouble)


def spells(history: History, start: int, end: int) -> pd.DataFrame:
    """Every watched stretch of one word from start to end: pipeline, word, start, end; by pipeline and start."""
    code, word, begin, stop = _stretches(history, start, end)
    return pd.DataFrame(
        {"pipeline": history.names.take(code).array, "word": _as_words(word), "start": begin, "end": stop}
    )


def failures(history: History, start: int, end: int) -> pd.Series[int]:
    """How often each pipeline was seen to be failing or to begin to, after start and by end."""
    code, word, _, _ = _stretches(history, start + 1, end + 1)
    begun = code[_new(code, word) & (word == _FAILED)]
    return pd.Series(_count(history, begun), index=history.names, name="failures")


def transitions(history: History, start: int, end: int) -> pd.DataFrame:
    """Changes of word seen after start and by end, newest and worst first: pipeline, after, at, before, word."""
    rows, before = history.turns
    at = ints(history.changes, "at")[rows]
    chosen = (at > start) & (at <= end) & (before >= 0)
    rows, before, at = rows[chosen], before[chosen], at[chosen]
    order = np.lexsort((history.codes[rows], history.words[rows], -at))
    found = history.changes.iloc[rows[order]].reset_index(drop=True)
    return found.assign(before=_as_words(before[order]))[["pipeline", "after", "at", "before", "word"]]


def folded(transitions: pd.DataFrame) -> pd.DataFrame:
    """One line for all changes of a pipeline that changed more than three times, and each change of the others.

    Columns: pipeline, first, last (when the line's first and last change were seen), after (of the first), changes,
    failures (how many began a failure), before, word (before the first, after the last); newest and worst first.
    """
    rows = transitions.iloc[::-1]
    restless = rows["pipeline"].map(rows["pipeline"].value_counts()) > _RESTLESS
    line = np.where(restless, -1, np.arange(len(rows)))
    lines = rows.assign(failed=rows["word"] == Word.FAILED).groupby(["pipeline", line], sort=False)
    found = lines.agg(
        first=("at", "first"),
        last=("at", "last"),
        after=("after", "first"),
        changes=("at", "size"),
        failures=("failed", "sum"),
        before=("before", "first"),
        word=("word", "last"),
    ).reset_index("pipeline")
    return found.sort_values(["last", "word", "pipeline"], ascending=[False, True, True], ignore_index=True)


def health(history: History, start: int, end: int, without: pd.DataFrame | None = None) -> pd.DataFrame:
    """Healthy time as a share of healthy and failed time, rounded down; 100 only if no failure was seen.

    Index: pipeline. Columns: healthy, failed, watched (ms), looks (as many as evenly spaced ones would be), failures,
    coverage (0 to 1), percent (NaN when watched too little). `without` (pipeline, start, end) is left out of it all.
    """
    sums, (code, word, turn, begin, stop) = lengths(history, start, end, without)
    failing = np.flatnonzero((word == _FAILED) & (stop > start + 1))
    looks = _looks_before(history.watch, np.minimum(stop, end)) - _looks_before(history.watch, begin)
    healthy, failed, watched = sums["healthy"] + sums["unstable"], sums["failed"], sums[[*WORDS.categories]].sum(axis=1)
    found = pd.DataFrame({"healthy": healthy, "failed": failed, "watched": watched})
    found["looks"] = _count(history, code, looks)
    found["failures"] = _count(history, code[failing[_new(turn[failing])]])
    found["coverage"] = watched / sums["window"].clip(lower=1)
    percent = healthy * 100 // (healthy + failed).clip(lower=1)
    percent = percent.clip(upper=100 - (found["failures"] > 0)).astype(float)
    enough = (found["coverage"] >= _ENOUGH_COVERAGE) & (found["looks"] >= _ENOUGH_LOOKS) & (healthy + failed > 0)
    return found.assign(percent=percent.where(enough))


def lengths(
    history: History, start: int, end: int, without: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, tuple[Ints, ...]]:
    """How long (ms) each pipeline was seen under each word, and `window`, how much time is left without that left out.

    Index: pipeline. `without`: pipeline, start, end. With the spells that they are of, one ms longer: number of the
    pipeline, word and turn, from, to.
    """
    code, word, begin, stop = _stretches(history, start, end + 1)
    turn = np.asarray(np.cumsum(_new(code, _lasting(word))), dtype=np.int64)
    band = end - start + 2  # a pipeline's times stand in a band of their own: one search serves all
    left = _time_left(history.names, without, start, end, band)
    row, begin, stop = _overlaps(code * band + begin - start, code * band + stop - start, *left)
    code, word, turn = code[row], word[row], turn[row]
    begin, stop = begin - code * band + start, stop - code * band + start
    length = np.maximum(np.minimum(stop, end) - begin, 0)
    sums = np.bincount(word * len(history.names) + code, length, len(Word) * len(history.names))
    frame = pd.DataFrame(
        sums.astype(np.int64).reshape(len(Word), -1).T, index=history.names, columns=[*WORDS.categories]
    )
    every = np.arange(len(history.names)) * band
    row, first, until = _overlaps(every, every + end - start, *left)
    return frame.assign(window=_count(history, row, until - first)), (code, word, turn, begin, stop)


def _lasting(word: Ints) -> Ints:
    """The words, each planned one as the one before it: planned time in a failure makes no two of it."""
    return word[np.maximum.accumulate(np.where(word == _PLANNED, 0, np.arange(len(word))))]


def equal_edges(start: int, end: int, number: int) -> Ints:
    """The edges of that many equal blocks."""
    return np.unique(start + max(0, end - start) * np.arange(number + 1) // number)


def blocks(spells: pd.DataFrame, edges: Ints) -> pd.DataFrame:
    """A row for each time between two edges of which any was watched: pipeline, word (the worst in it), start, end,
    watched (0 to 1), block (its number)."""
    row, begin, stop = _overlaps(ints(spells, "start"), ints(spells, "end"), edges[:-1], edges[1:])
    block = np.searchsorted(edges, begin, "right") - 1
    heads = np.flatnonzero(_new(_numbered(spells)[row], block))
    first, last = edges[block[heads]], edges[block[heads] + 1]
    return pd.DataFrame(
        {
            "pipeline": spells["pipeline"].array.take(row[heads]),
            "word": _as_words(np.minimum.reduceat(_codes(spells["word"])[row], heads) if len(heads) else heads),
            "start": first,
            "end": last,
            "watched": (np.add.reduceat(stop - begin, heads) if len(heads) else heads) / (last - first),
            "block": block[heads],
        }
    )


def counts(spells: pd.DataFrame, edges: Sequence[int]) -> pd.DataFrame:
    """How many pipelines stand under each word between two edges, each under its worst: start, end, word, pipelines.

    Every word that occurs has a row for each block in which any pipeline was watched.
    """
    limits = np.asarray(edges, dtype=np.int64)
    pipeline, word = _numbered(spells), _codes(spells["word"])
    first = np.maximum(np.searchsorted(limits, ints(spells, "start"), "right") - 1, 0)
    last = np.minimum(np.searchsorted(limits, ints(spells, "end"), "left"), len(limits) - 1)
    words = np.union1d(word, len(Word) - 1)  # the last one: under any word
    worse = (word <= each for each in words)
    reached = [_covered(pipeline[bad], first[bad], last[bad], len(limits)) for bad in worse]
    tally = np.diff(reached, axis=0, prepend=0)
    occurs, watched = np.flatnonzero(tally.any(axis=1)), np.flatnonzero(reached[-1])
    return pd.DataFrame(
        {
            "start": np.tile(limits[watched], len(occurs)),
            "end": np.tile(limits[watched + 1], len(occurs)),
            "word": _as_words(np.repeat(words[occurs], len(watched))),
            "pipelines": tally[np.ix_(occurs, watched)].ravel(),
        }
    )


def step_edges(history: History, start: int, end: int, most: int = 200) -> list[int]:
    """The moments between which nothing changes, or if these are too many, the edges of equal blocks."""
    if start >= end:
        return []
    changed = ints(history.changes, "at")[_new(history.codes, history.words)]
    moments = np.concatenate([changed, ints(history.watch, "first"), ints(history.watch, "until"), [start, end]])
    edges = np.unique(moments[(moments >= start) & (moments <= end)])
    return [int(edge) for edge in (edges if len(edges) <= most + 1 else equal_edges(start, end, most))]


def unwatched(history: History, start: int, end: int) -> pd.DataFrame:
    """The time since watching began that was not checked: start, end, why ("nobody" looked, or "no answer").

    A failed look, like one that succeeded, holds as long as the last look before it did.
    """
    first, until, last = (ints(history.watch, name) for name in ("first", "until", "last"))
    begins = end if history.begins is None else max(start, history.begins)
    gaps = _between(first, until, begins, end)
    failed = ints(history.trouble, "first")
    hold = (until - last)[np.maximum(np.searchsorted(first, failed, "right") - 1, 0)] if len(first) else failed
    nobody = _between(failed, ints(history.trouble, "last") + hold, begins, end)
    parts = {"nobody": _overlaps(*gaps, *nobody), "no answer": _overlaps(*gaps, *_between(*nobody, begins, end))}
    frames = [pd.DataFrame({"start": begin, "end": stop, "why": why}) for why, (_, begin, stop) in parts.items()]
    return pd.concat(frames).sort_values("start", ignore_index=True)


def tally(history: History, start: int, end: int) -> tuple[list[str], list[str], list[str]]:
    """The pipelines that are still there and began to fail and still do; recovered; failed and recovered meanwhile.

    Recovered is only what is healthy at the end; one first seen after start begins with its first word.
    """
    rows, _ = history.turns
    at = ints(history.changes, "at")[rows]
    over = np.append(np.where(_new(history.codes[rows])[1:], _FAR, at[1:]), _FAR)[: len(at)]
    rows = rows[(at <= end) & (over > start)]
    code, word = history.codes[rows], history.words[rows]
    heads = np.flatnonzero(_new(code))
    failing = _count(history, code[word == _FAILED])[code[heads]] > 0
    first, last = word[heads], word[np.append(heads[1:], len(rows))[: len(heads)] - 1]
    names = history.names.take(code[heads])
    healthy = np.isin(last, (_HEALTHY, _UNSTABLE))
    there = _count(history, history.codes[_known_at(history, end)])[code[heads]] > 0
    started = (first != _FAILED) & (last == _FAILED)
    recovered = (first == _FAILED) & healthy
    passed = (first != _FAILED) & failing & healthy
    return names[started & there].tolist(), names[recovered & there].tolist(), names[passed & there].tolist()


def summary(spells_of_one: pd.DataFrame, start: int, end: int) -> tuple[dict[Word, float], float, int]:
    """Its spells from start to end in numbers: seconds by word, the share not checked (0 to 1), how often it failed.

    Two failures with nothing but a gap between them are one.
    """
    word, length = _codes(spells_of_one["word"]), ints(spells_of_one, "end") - ints(spells_of_one, "start")
    seconds = np.bincount(word, length, len(Word)) / 1000
    not_checked = 1 - float(length.sum()) / (end - start) if end > start else 1.0
    failures = int(np.count_nonzero(_new(_lasting(word)) & (word == _FAILED)))
    return {name: float(total) for name, total in zip(Word, seconds, strict=True) if total}, not_checked, failures


def _typed(frame: pd.DataFrame | None, kinds: Mapping[str, Any], *by: str) -> pd.DataFrame:
    """These columns with their types, sorted."""
    typed = pd.DataFrame(columns=[*kinds]) if frame is None else frame
    if dict(typed.dtypes) != kinds:  # these take longer than all else that a look does
        typed = typed[[*kinds]].astype(dict(kinds))
    order = np.lexsort([pd.factorize(typed[name], sort=True)[0] for name in reversed(by)]) if by else slice(None)
    return typed.iloc[order].reset_index(drop=True)


def _with_changes(history: History, new: pd.DataFrame) -> pd.DataFrame:
    """The rows put where they belong; a stable sort of numbers that are almost in order takes no time."""
    rows = pd.concat([history.changes, new], ignore_index=True)
    names = history.names.union(pd.Index(new["pipeline"].unique()), sort=True)
    code = np.append(names.get_indexer(history.names)[history.codes], names.get_indexer(pd.Index(new["pipeline"])))
    at = ints(rows, "at")
    key = code * (int(at.max(initial=0)) + 1) + at
    order = np.argsort(key, kind="stable")
    last = np.append(_new(key[order])[1:], True)[: len(order)]
    kept: pd.DataFrame = rows.iloc[order[last]]
    return kept.reset_index(drop=True)


def _renewed(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    if new.empty:
        return old
    rows = pd.concat([old, new]).drop_duplicates("first", keep="last")
    return rows.sort_values("first", ignore_index=True)


def _within(watch: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """The stretches from start to end; what is left of one keeps its part of the looks."""
    rows = watch[(watch["first"] < end) & (watch["until"] > start)]
    first, until = ints(rows, "first").clip(start), ints(rows, "until").clip(max=end)
    looks = _looks_before(rows, until) - _looks_before(rows, first)
    last = np.clip(ints(rows, "last"), first, until - 1)
    return pd.DataFrame({"first": first, "last": last, "until": until, "looks": looks})


def _looks_before(watch: pd.DataFrame, moments: Ints) -> Ints:
    """How many looks were made before each moment, if those of a stretch were evenly spaced."""
    if not len(watch):
        return np.zeros_like(moments)
    first, looks = ints(watch, "first"), ints(watch, "looks")
    length = np.maximum(ints(watch, "last") - first, 1)
    stretch = np.searchsorted(first, moments, "left") - 1
    own, passed = looks[stretch], moments - first[stretch]
    inside = np.minimum(own, np.maximum(1, -(-passed * (own - 1) // length[stretch])))
    return np.where(stretch < 0, 0, np.cumsum(looks)[stretch] - own + inside)


def _known_at(history: History, at: int) -> Ints:
    """The changes whose words hold at that moment."""
    return np.flatnonzero((ints(history.changes, "at") <= at) & (history.ends > at) & (history.words >= 0))


def _stretches(history: History, start: int, end: int) -> tuple[Ints, Ints, Ints, Ints]:
    """The spells from start to end as numbers: of the pipeline, of the word, from, to."""
    at = ints(history.changes, "at")
    chosen = np.flatnonzero((history.words >= 0) & (at < end) & (history.ends > start))
    first, until = ints(history.watch, "first").clip(start), ints(history.watch, "until").clip(max=end)
    looked = first < until
    row, begin, stop = _overlaps(at[chosen], history.ends[chosen], first[looked], until[looked])
    code, word = history.codes[chosen][row], history.words[chosen][row]
    new = _new(code, word)
    new[1:] |= begin[1:] != stop[:-1]
    heads = np.flatnonzero(new)
    tails = np.append(heads[1:], len(row))[: len(heads)] - 1
    return code[heads], word[heads], begin[heads], stop[tails]


def _overlaps(start: Ints, end: Ints, first: Ints, until: Ints) -> tuple[Ints, Ints, Ints]:
    """Where any [start, end) meets any [first, until), which are in order and apart: number of the start, from, to."""
    low = np.searchsorted(until, start, "right")
    several = np.maximum(np.searchsorted(first, end, "left") - low, 0)
    row = np.repeat(np.arange(len(start)), several)
    other = np.arange(len(row)) + np.repeat(low - np.cumsum(several) + several, several)
    return row, np.maximum(start[row], first[other]), np.minimum(end[row], until[other])


def _between(first: Ints, until: Ints, start: int, end: int) -> tuple[Ints, Ints]:
    """The time from start to end that no [first, until) covers; these are in order of first."""
    opens = np.append(start, np.maximum.accumulate(np.maximum(first, until))).clip(start, end)
    closes = np.append(first, end).clip(start, end)
    return opens[opens < closes], closes[opens < closes]


def _time_left(
    names: pd.Index[str], without: pd.DataFrame | None, start: int, end: int, band: int
) -> tuple[Ints, Ints]:
    """The time that is not left out, each pipeline's in its band."""
    if without is None:
        without = pd.DataFrame(columns=["pipeline", "start", "end"])
    code = names.get_indexer(pd.Index(without["pipeline"]))
    first, until = (ints(without, name).clip(start, end + 1) - start + code * band for name in ("start", "end"))
    order = np.flatnonzero(code >= 0)
    order = order[np.argsort(first[order])]
    return _between(first[order], until[order], 0, len(names) * band)


def _covered(pipeline: Ints, first: Ints, last: Ints, edges: int) -> Ints:
    """How many pipelines have a spell in each block between two edges; a spell reaches from block first to last - 1."""
    before = np.where(_new(pipeline), 0, np.roll(last, 1))
    first = np.maximum(first, before)
    some = first < last
    return np.cumsum(np.bincount(first[some], minlength=edges) - np.bincount(last[some], minlength=edges))[:-1]


def _new(*columns: Any) -> Bools:
    """True where any column differs from the row before; the first row always does."""
    new = np.ones(len(columns[0]), dtype=bool)
    new[1:] = np.logical_or.reduce([np.asarray(column[1:] != column[:-1]) for column in columns])
    return new


def _numbered(spells: pd.DataFrame) -> Ints:
    """The number of each spell's pipeline."""
    return np.asarray(np.cumsum(_new(spells["pipeline"].array)) - 1, dtype=np.int64)


def ints(frame: pd.DataFrame, name: str) -> Ints:
    """A column as whole numbers."""
    return frame[name].to_numpy(dtype=np.int64)


def _codes(words: pd.Series[Any]) -> Ints:
    return np.asarray(words.cat.codes, dtype=np.int64)


def _as_words(codes: Ints) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, dtype=WORDS, validate=False)


def _count(history: History, code: Ints, weights: Ints | None = None) -> Ints:
    """For each pipeline how often it occurs, or the sum of its weights."""
    return np.bincount(code, weights, len(history.names)).astype(np.int64)


EMPTY = history()
