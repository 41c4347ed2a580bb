"""The strip of a day as one small picture: SVG text on a true time axis, for a line or a table's cell. Pure.

What it tells without colour: how high a block stands (the worse, the higher), outlines for planned, paused and unknown,
a hatch where Hevo did not answer, and dots where nobody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

import pandas as pd

from dashboard.marks import STYLES, Palette, colour
from dashboard.words.history import strip_sentence
from monitor import history as frames
from monitor.health import NEEDS_ATTENTION, Word
from monitor.history import History

WIDTH, HEIGHT = 240, 20
THINNEST = 1.5  # a failure of a minute is still seen


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
    gaps = drawn_gaps(away, start, end, palette)
    rows = spells.groupby("pipeline", sort=False).indices
    blocks = list(zip(spells["word"].tolist(), spells["start"].tolist(), spells["end"].tolist(), strict=True))
    drawn = dict[str, Strip]()
    for name in pipelines:
        own = slice(rows[name][0], rows[name][-1] + 1) if name in rows else slice(0)
        says = sentence(spells[own], start, end)
        drawn[name] = Strip(_svg(drawn_blocks(blocks[own], start, end, palette) + gaps, escape(says)), says)
    return drawn


def sentence(spells_of_one: pd.DataFrame, start: int, end: int) -> str:
    """What a strip says, in words."""
    return strip_sentence(*frames.summary(spells_of_one, start, end), (end - start) / 1000)


def _svg(body: str, said: str) -> str:
    named = f'role="img" aria-label="{said}" xmlns="http://www.w3.org/2000/svg"'
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
    return f"<svg {named} {size}><title>{said}</title>{body}</svg>"


def drawn_blocks(blocks: Iterable[tuple[str, int, int]], start: int, end: int, palette: Palette) -> str:
    """The worst last, so that it lies on top of what has no room beside it."""
    spans = dict[str, list[tuple[int, int]]]()
    for word, begin, stop in blocks:
        spans.setdefault(word, []).append((begin, stop))
    return "".join(_word(word, spans[word], start, end, palette) for word in reversed(Word) if word in spans)


def _word(word: Word, spans: Iterable[tuple[int, int]], start: int, end: int, palette: Palette) -> str:
    thinnest = THINNEST if word in (*NEEDS_ATTENTION, Word.PLANNED) else 0.2
    return _path(_places(spans, start, end, thinnest), word, palette)


def _places(spans: Iterable[tuple[int, int]], start: int, end: int, thinnest: float = 0.2) -> list[tuple[float, float]]:
    """Left end and width of each span, to a tenth of a point; none twice."""
    scale = WIDTH / (end - start)
    found = dict[tuple[float, float], None]()
    for begin, stop in spans:
        width = max(thinnest, round((stop - begin) * scale, 1))
        found[(round(min((begin - start) * scale, WIDTH - width), 1), width)] = None
    return list(found)


def _path(places: Iterable[tuple[float, float]], word: Word, palette: Palette) -> str:
    fill, style = colour(word, palette), STYLES[word]
    if style.outline is None:
        return f'<path fill="{fill}" d="{_boxes(places, style.tall, 0)}"/>'
    dash, gap = style.outline
    line = f'fill="none" stroke="{fill}" stroke-dasharray="{dash} {gap}" vector-effect="non-scaling-stroke"'
    return f'<path {line} d="{_boxes(places, style.tall, 0.6)}"/>'


def _boxes(places: Iterable[tuple[float, float]], tall: float, inset: float) -> str:
    """Boxes on the ground; `inset` keeps an outline inside of them."""
    top, high = HEIGHT - tall + inset, tall - 2 * inset
    return "".join(
        f"M{x + inset:g} {top:g}h{max(w - 2 * inset, 0.4):g}v{high:g}h{-max(w - 2 * inset, 0.4):g}z" for x, w in places
    )


def drawn_gaps(unwatched: Iterable[tuple[Any, ...]], start: int, end: int, palette: Palette) -> str:
    """Dots on the ground where nobody looked, a hatch where Hevo did not answer."""
    dots, hatch = [], []
    for begin, stop, why in unwatched:
        for x, width in _places([(begin, stop)], start, end):
            if why == "nobody":
                dots.append(f"M{x:g} {HEIGHT - 1}h{width:g}")
            else:
                hatch += [f"M{x + step:g} {HEIGHT}l3 -13" for step in range(0, max(1, int(width) - 2), 5)]
    line = f'fill="none" stroke="{palette.hatch}" vector-effect="non-scaling-stroke"'
    dotted = f'<path {line} stroke-width="1.5" stroke-dasharray="1.5 3.5" d="{"".join(dots)}"/>' if dots else ""
    return dotted + (f'<path {line} d="{"".join(hatch)}"/>' if hatch else "")
