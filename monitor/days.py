"""How each pipeline was in several times one after another: the worst word in each. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from monitor import history as frames
from monitor.health import LETTERS, Word
from monitor.history import History, Ints

UNWATCHED, NOT_SEEN = "-", len(Word)


def worst(history: History, edges: Sequence[float]) -> Ints:
    """The number of the worst word, or NOT_SEEN: a row for each of its names, a column for the time after each edge
    (ms) but the last."""
    spells = frames.spells(history, round(edges[0]), round(edges[-1]))
    first = np.searchsorted(edges, spells["start"], "right") - 1
    several = np.searchsorted(edges, spells["end"], "left") - first
    spell = np.repeat(np.arange(len(spells)), several)
    column = first[spell] + np.arange(len(spell)) - np.repeat(np.cumsum(several) - several, several)
    row = history.names.get_indexer(pd.Index(spells["pipeline"]))[spell]
    found = np.full(len(history.names) * (len(edges) - 1), NOT_SEEN)
    np.minimum.at(found, row * (len(edges) - 1) + column, spells["word"].cat.codes.to_numpy(dtype=np.int64)[spell])
    return found.reshape(len(history.names), len(edges) - 1)


def days(history: History, start: int, end: int, number: int) -> dict[str, str]:
    """Of each pipeline a letter for each equal block from start to end (ms): 'hhhhffhh--hh'."""
    letters = np.array([*LETTERS.values(), UNWATCHED], dtype="S1")
    painted = letters[worst(history, np.linspace(start, end, number + 1).tolist())]
    return dict(zip(history.names, (row.tobytes().decode() for row in painted), strict=True))
