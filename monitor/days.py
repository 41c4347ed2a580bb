"""How each pipeline was in several times one after another: the worst word in each. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor import history as frames
from monitor.health import LETTERS, Word
from monitor.history import History, Ints

UNWATCHED, NOT_SEEN = "-", len(Word)


def worst(history: History, edges: Ints) -> Ints:
    """The number of the worst word, or NOT_SEEN: a row for each of its names, a column for the time after each edge
    (ms) but the last."""
    blocks = frames.blocks(frames.spells(history, int(edges[0]), int(edges[-1])), edges)
    found = np.full((len(history.names), len(edges) - 1), NOT_SEEN)
    found[history.names.get_indexer(pd.Index(blocks["pipeline"])), blocks["block"]] = blocks["word"].cat.codes
    return found


def days(history: History, start: int, end: int, number: int) -> dict[str, str]:
    """Of each pipeline a letter for each equal block from start to end (ms): 'hhhhffhh--hh'."""
    letters = np.array([*LETTERS.values(), UNWATCHED], dtype="S1")
    painted = letters[worst(history, frames.equal_edges(start, end, number))]
    return dict(zip(history.names, (row.tobytes().decode() for row in painted), strict=True))
