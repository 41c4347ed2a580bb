"""Small pictures for a table's cells: addresses that say in words what is drawn, and the drawing of an address. Pure.

A cell with a picture is called by its address where nobody can see it, so the address tells the same. It says all that
there is to draw: no account stands behind it, and who asks for it learns nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, groupby

from dashboard import strips
from dashboard.addresses import BASE
from dashboard.marks import PALETTES, Theme, picture, shape
from monitor.days import UNWATCHED
from monitor.health import LETTERS, Word

BLOCKS = 48
UNSEEN = "not-checked"
_NAMED = {letter: word.value for word, letter in LETTERS.items()} | {UNWATCHED: UNSEEN}
_SPACE, _STRETCHED = 'xmlns="http://www.w3.org/2000/svg"', 'preserveAspectRatio="none"'
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
    word = name.removesuffix("-not-confirmed")
    if word not in list(Word):
        return None
    return picture(shape(Word(word), PALETTES[theme], confirmed=word == name), box="-5 -5 30 30")  # small and quiet


def strip(name: str, theme: Theme) -> str | None:
    """The drawing of a strip; None when its address is none of ours."""
    runs = [_RUN.fullmatch(part) for part in name.split("_", BLOCKS)]
    spans = [(run[1], int(run[2])) for run in runs if run and run[1] in (*Word, UNSEEN)]
    if len(spans) < len(runs) or sum(number for _, number in spans) != BLOCKS:
        return None
    ends = list(accumulate(number for _, number in spans))
    placed = [(word, end - number, end) for (word, number), end in zip(spans, ends, strict=True)]
    seen = [one for one in placed if one[0] != UNSEEN]
    unseen = [(begin, end, "nobody") for word, begin, end in placed if word == UNSEEN]
    palette = PALETTES[theme]
    drawn = strips.drawn_blocks(seen, 0, BLOCKS, palette) + strips.drawn_gaps(unseen, 0, BLOCKS, palette)
    return f'<svg {_SPACE} width="192" height="32" viewBox="0 -6 {strips.WIDTH} 32" {_STRETCHED}>{drawn}</svg>'
