"""A history as text, for a browser that keeps it meanwhile; what comes back is read strictly. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from monitor.history import CHANGES, EMPTY, TROUBLE, WATCH, WORDS, History, forgetting, history, ints

_PARTS: Mapping[str, Mapping[str, Any]] = {"changes": CHANGES, "watch": WATCH, "trouble": TROUBLE}
_LEAST_TEXT = 26  # letters that a change takes, at least
_MOST_TEXT, _MOST_NAME, _AHEAD, _LONGEST_HOLD = 3_000_000, 200, 60_000, 86_400_000


def to_json(history: History, limit: int = 1_000_000) -> str:
    """As text of at most so many characters; the oldest is left out where that is too much."""
    present = np.count_nonzero(history.words[history.starts[1:] - 1] >= 0)
    if present * _LEAST_TEXT > limit:  # not even that fits
        return _written(EMPTY)
    moments = np.sort(np.concatenate([ints(history.changes, "at"), ints(history.watch, "first")]))
    part, kept = history, len(moments)
    if kept * _LEAST_TEXT > limit:  # known without writing it all, which takes long
        kept = limit // _LEAST_TEXT
        part = forgetting(history, int(moments[-kept]))
    while len(text := _written(part)) > limit and part is not EMPTY:
        kept = int(kept * 0.9 * limit / len(text))
        part = forgetting(history, int(moments[-kept])) if kept else EMPTY
    return text


def _written(history: History) -> str:
    words = history.changes["word"].astype(object).where(history.words >= 0, None)
    frames = {"changes": history.changes.assign(word=words), "watch": history.watch, "trouble": history.trouble}
    return json.dumps({part: frame.to_dict("list") for part, frame in frames.items()}, separators=(",", ":"))


def from_json(text: object, now: int) -> History:
    """What `to_json` wrote; ValueError for anything else, and for what lies in the future."""
    try:
        if not isinstance(text, str) or len(text) > _MOST_TEXT:
            raise ValueError("no text, or too much of it")
        return _read(json.loads(text), now + _AHEAD)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("this is not a history that was written here") from error


def _read(told: Any, latest: int) -> History:
    """The parts of a history, if each value is of its kind and all times are in order and not in the future."""
    if told.keys() != _PARTS.keys():
        raise ValueError("not the parts of a history")
    changes, watch, trouble = (_as_written(told[part], kinds) for part, kinds in _PARTS.items())
    tests = [
        changes["at"].between(0, latest) & changes["after"].between(-1, changes["at"] - 1),
        changes["pipeline"].ne(changes["pipeline"].shift()) | changes["at"].gt(changes["at"].shift()),
        ~changes.duplicated(["pipeline", "at"]),
        changes["word"].isin([*WORDS.categories]) | changes["word"].isna(),
        watch["first"].ge(watch["until"].shift(fill_value=0)) & watch["last"].between(watch["first"], latest),
        watch["until"].between(watch["last"] + 1, latest + _LONGEST_HOLD) & watch["looks"].between(0, latest),
        trouble["first"].gt(trouble["first"].shift(fill_value=-1)) & trouble["last"].between(trouble["first"], latest),
        trouble["tries"].between(0, latest),
    ]
    if not all(test.all() for test in tests):
        raise ValueError("times in the future or not in order, or no word of ours")
    return history(changes, watch, trouble)


def _as_written(columns: Any, kinds: Mapping[str, Any]) -> pd.DataFrame:
    """A frame of columns that are lists of whole numbers and short texts."""
    if columns.keys() != kinds.keys() or not all(isinstance(column, list) for column in columns.values()):
        raise ValueError("not these columns")
    frame = pd.DataFrame(columns)
    for name, kind in kinds.items():
        if kind == "int64" and len(frame) and frame[name].dtype != kind:
            raise ValueError("no whole numbers")
        if kind == "str" and not all(isinstance(text, str) and 0 < len(text) <= _MOST_NAME for text in frame[name]):
            raise ValueError("no text, or too much of it")
    return frame
