"""Small pictures for a table's cells: addresses that say in words what is drawn, and the drawing of an address. Pure.

A cell with a picture is called by its address where nobody can see it, so the address tells the same. It says all that
there is to draw: no account stands behind it, and who asks for it learns nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby

from dashboard.addresses import BASE
from dashboard.marks import CLOCK, PALETTES, SHAPES, Palette, Theme, colour
from monitor.days import LETTERS, UNWATCHED
from monitor.health import Word

BLOCKS = 48
WIDTH, HEIGHT, PITCH = 192, 32, 4
GROUND = 26  # where the strip's blocks stand
TALL = {Word.FAILED: 20, Word.LATE: 14, Word.UNKNOWN: 14, Word.PLANNED: 20}
TALL |= {Word.HEALTHY: 8, Word.UNSTABLE: 8, Word.PAUSED: 8}
UNSEEN = "not-checked"
_NAMED = {letter: word.value for word, letter in LETTERS.items()} | {UNWATCHED: UNSEEN}
_RUN = re.compile(r"([a-z-]+)-(\d{1,2})")


def mark_address(word: Word, theme: Theme, confirmed: bool) -> str:
    """'/mark/light/failed.svg'"""
    return f"{BASE}/mark/{theme}/{word.value if confirmed else f'{word.value}-not-confirmed'}.svg"


@lru_cache(maxsize=50_000)  # most pipelines' days are like others'
def strip_address(letters: str, theme: Theme) -> str | None:
    """'/strip/light/healthy-46_failed-2.svg': stretches of equal blocks, oldest first; None for no blocks."""
    runs = [f"{_NAMED[letter]}-{len(list(same))}" for letter, same in groupby(letters)]
    return f"{BASE}/strip/{theme}/{'_'.join(runs)}.svg" if runs else None


def mark(name: str, theme: Theme) -> str | None:
    """The drawing of such an address; None when it is none of ours."""
    word, palette = name.removesuffix("-not-confirmed"), PALETTES[theme]
    if word not in list(Word):
        return None
    confirmed = name == word
    shape, fill = (SHAPES[Word(word)], colour(Word(word), palette)) if confirmed else (CLOCK, palette.hatch)
    return f'<svg {_SPACE} width="64" height="64" viewBox="-5 -5 30 30">{shape.format(c=fill, p=palette.paper)}</svg>'


def strip(name: str, theme: Theme) -> str | None:
    """The drawing of a strip; None when its address is none of ours."""
    words = {word.value: word for word in Word} | {UNSEEN: None}
    runs = [_RUN.fullmatch(part) for part in name.split("_", BLOCKS)]
    if not all(run and run[1] in words for run in runs):
        return None
    spans = [(words[run[1]], int(run[2])) for run in runs if run]
    if sum(number for _, number in spans) != BLOCKS:
        return None
    return f'<svg {_SPACE} width="{WIDTH}" height="{HEIGHT}">{_blocks(spans, PALETTES[theme])}</svg>'


def _blocks(spans: list[tuple[Word | None, int]], palette: Palette) -> str:
    drawn, place = [], 0
    for word, number in spans:
        drawn.append(_block(word, place * PITCH, number * PITCH, palette))
        place += number
    return "".join(drawn)


def _block(word: Word | None, x: int, width: int, palette: Palette) -> str:
    """The worse, the taller; planned, paused and unknown are outlined; dots on the ground: nobody checked."""
    if word is None:
        line = f'stroke="{palette.hatch}" stroke-width="1.5" stroke-dasharray="2 4"'
        return f'<path d="M{x} {GROUND - 1}h{width}" {line}/>'
    tall, fill = TALL[word], colour(word, palette)
    if word in (Word.PLANNED, Word.PAUSED, Word.UNKNOWN):
        dashes = ' stroke-dasharray="3 2"' if word is Word.UNKNOWN else ""
        box = f'x="{x + 0.75}" y="{GROUND - tall + 0.75}" width="{width - 1.5}" height="{tall - 1.5}"'
        return f'<rect {box} fill="none" stroke="{fill}" stroke-width="1.5"{dashes}/>'
    return f'<rect x="{x}" y="{GROUND - tall}" width="{width}" height="{tall}" fill="{fill}"/>'


_SPACE = 'xmlns="http://www.w3.org/2000/svg"'
