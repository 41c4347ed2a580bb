"""The strip of a day as one small picture: SVG text on a true time axis, for a line or a table's cell. Pure.

What it tells without colour: how high a block stands (the worse, the higher), outlines for planned, paused and unknown,
a hatch where Hevo did not answer, and dots where nobody looked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from itertools import accumulate, groupby
from typing import Any, NamedTuple

import pandas as pd

from dashboard.addresses import BASE
from dashboard.marks import PALETTES, STYLES, Palette, Theme, colour
from dashboard.words.history import strip_sentence
from monitor import history as frames
from monitor.days import UNWATCHED
from monitor.health import LETTERS, NEEDS_ATTENTION, Word
from monitor.history import History

WIDTH, HEIGHT = 240, 20
THINNEST = 1.5  # a failure of a minute is still seen
_STRETCHED = 'xmlns="http://www.w3.org/2000/svg" preserveAspectRatio="none"'
_SIZE = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
BLOCKS = 48  # of a strip in a table's cell
UNSEEN = "not-checked"
_NAMED = {letter: word.value for word, letter in LETTERS.items()} | {UNWATCHED: UNSEEN}
_RUN = re.compile(r"([a-z-]+)-(\d{1,2})")


class Strip(NamedTuple):
    """The picture, which tells its sentence to those who cannot see it, and that sentence."""

    svg: str
    says: str


def begins(history: History, end: int, length: int) -> int:
    """Where the axis begins: with watching, or so long before the end (ms)."""
    return end if history.begins is None else min(end, max(end - length, history.begins))


def strips(history: History, pipelines: Sequence[str], start: int, end: int, palette: Palette) -> dict[str, Strip]:
    """A strip for each of these pipelines from start to end (UTC ms), newest right."""
    if start >= end:
        return {}
    spells = frames.spells(frames.only(history, pipelines), start, end)
    away = frames.unwatched(history, start, end).itertuples(index=False)
    gaps = _gaps(away, start, end, palette)
    rows = spells.groupby("pipeline", sort=False).indices
    blocks = list(zip(spells["word"].tolist(), spells["start"].tolist(), spells["end"].tolist(), strict=True))
    drawn = dict[str, Strip]()
    for name in pipelines:
        own = slice(rows[name][0], rows[name][-1] + 1) if name in rows else slice(0)
        says = sentence(spells[own], start, end)
        told = escape(says)
        body = f"<title>{told}</title>{_blocks(blocks[own], start, end, palette)}{gaps}"
        drawn[name] = Strip(f'<svg role="img" aria-label="{told}" {_STRETCHED} {_SIZE}>{body}</svg>', says)
    return drawn


def sentence(spells_of_one: pd.DataFrame, start: int, end: int) -> str:
    """What a strip says, in words."""
    return strip_sentence(*frames.summary(spells_of_one, start, end), (end - start) / 1000)


def _blocks(blocks: Iterable[tuple[str, int, int]], start: int, end: int, palette: Palette) -> str:
    """A path for each word, the worst last, so that it lies on top of what has no room beside it."""
    spans = dict[str, list[tuple[int, int]]]()
    for word, begin, stop in blocks:
        spans.setdefault(word, []).append((begin, stop))
    drawn = ""
    for word in reversed(Word):
        thinnest = THINNEST if word in (*NEEDS_ATTENTION, Word.PLANNED) else 0.2
        if places := {_place(*span, start, end, thinnest) for span in spans.get(word, ())}:
            drawn += _path(sorted(places), word, palette)
    return drawn


def _place(begin: int, stop: int, start: int, end: int, thinnest: float = 0.2) -> tuple[float, float]:
    """Left end and width of a span, to a tenth of a point."""
    scale = WIDTH / (end - start)
    width = max(thinnest, round((stop - begin) * scale, 1))
    return round(min((begin - start) * scale, WIDTH - width), 1), width


def _path(places: Iterable[tuple[float, float]], word: Word, palette: Palette) -> str:
    """Boxes on the ground, as high as the word is bad; an outline keeps inside of them."""
    fill, style = colour(word, palette), STYLES[word]
    inset = 0.6 if style.outline else 0
    top, high = HEIGHT - style.tall + inset, style.tall - 2 * inset
    sized = ((x + inset, max(width - 2 * inset, 0.4)) for x, width in places)
    boxes = "".join(f"M{x:g} {top:g}h{width:g}v{high:g}h{-width:g}z" for x, width in sized)
    if style.outline is None:
        return f'<path fill="{fill}" d="{boxes}"/>'
    dash, gap = style.outline
    line = f'fill="none" stroke="{fill}" stroke-dasharray="{dash} {gap}" vector-effect="non-scaling-stroke"'
    return f'<path {line} d="{boxes}"/>'


def _gaps(unwatched: Iterable[tuple[Any, ...]], start: int, end: int, palette: Palette) -> str:
    """Dots on the ground where nobody looked, a hatch where Hevo did not answer."""
    dots, hatch = [], []
    for begin, stop, why in unwatched:
        x, width = _place(begin, stop, start, end)
        if why == "nobody":
            dots.append(f"M{x:g} {HEIGHT - 1}h{width:g}")
        else:
            hatch += [f"M{x + step:g} {HEIGHT}l3 -13" for step in range(0, max(1, int(width) - 2), 5)]
    line = f'fill="none" stroke="{palette.hatch}" vector-effect="non-scaling-stroke"'
    dotted = f'<path {line} stroke-width="1.5" stroke-dasharray="1.5 3.5" d="{"".join(dots)}"/>' if dots else ""
    return dotted + (f'<path {line} d="{"".join(hatch)}"/>' if hatch else "")


@lru_cache(maxsize=50_000)  # most pipelines' days are like others'
def strip_address(letters: str, theme: Theme) -> str | None:
    """'/strip/light/healthy-46_failed-2.svg', for a table's cell: like a mark's address it tells all that is drawn.

    Stretches of equal blocks, oldest first; None for no blocks.
    """
    runs = [f"{_NAMED[letter]}-{len(list(same))}" for letter, same in groupby(letters)]
    return f"{BASE}/strip/{theme}/{'_'.join(runs)}.svg" if runs else None


def at_address(name: str, theme: Theme) -> str | None:
    """The strip at such an address; None when it is none of ours."""
    runs = [_RUN.fullmatch(part) for part in name.split("_", BLOCKS)]
    spans = [(run[1], int(run[2])) for run in runs if run and run[1] in (*Word, UNSEEN)]
    if len(spans) < len(runs) or sum(number for _, number in spans) != BLOCKS:
        return None
    ends = list(accumulate(number for _, number in spans))
    placed = [(word, end - number, end) for (word, number), end in zip(spans, ends, strict=True)]
    seen = [one for one in placed if one[0] != UNSEEN]
    unseen = [(begin, end, "nobody") for word, begin, end in placed if word == UNSEEN]
    palette = PALETTES[theme]
    drawn = _blocks(seen, 0, BLOCKS, palette) + _gaps(unseen, 0, BLOCKS, palette)
    return f'<svg {_STRETCHED} width="192" height="32" viewBox="0 -6 {WIDTH} 32">{drawn}</svg>'
