"""Each pipeline's last hours as a few equal blocks, small enough for a table of thousands. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor import history as frames
from monitor.health import Word
from monitor.history import History

LETTERS = dict(zip(Word, "fluwshp", strict=True))
UNWATCHED = "-"


def days(history: History, start: int, end: int, number: int) -> dict[str, str]:
    """Of each pipeline a letter for each block from start to end (ms), the worst word in it: 'hhhhffhh--hh'."""
    spells = frames.spells(history, start, end)
    row = history.names.get_indexer(pd.Index(spells["pipeline"]))
    code = spells["word"].cat.codes.to_numpy()
    width = (end - start) / number
    first = ((spells["start"].to_numpy() - start) / width).astype(int).clip(0, number - 1)
    last = np.ceil((spells["end"].to_numpy() - start) / width).astype(int).clip(first + 1, number)
    painted = np.full((len(history.names), number), ord(UNWATCHED), np.uint8)
    for place, letter in reversed(list(enumerate(LETTERS.values()))):  # the calm ones first: the worst stays
        own = code == place
        edges = np.zeros((len(painted), number + 1), np.int32)
        np.add.at(edges, (row[own], first[own]), 1)
        np.add.at(edges, (row[own], last[own]), -1)
        painted[edges.cumsum(axis=1)[:, :-1] > 0] = ord(letter)
    texts = painted.view(f"S{number}").ravel().astype(str).tolist() if len(painted) else []
    return dict(zip(history.names, texts, strict=True))
