"""Shapes and colours: each word has a shape of its own; colour comes third, after word and shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashboard.addresses import BASE
from monitor.health import Word

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as #RRGGBB (any two fills stay apart in every common kind of colour vision)."""

    healthy: str
    failed: str
    warning: str  # unstable, late
    asked: str
    outline: str  # paused
    hatch: str  # unknown, not confirmed, no data
    text: str
    muted: str
    paper: str
    line: str
    focus: str  # the ring around what has the focus: the theme's link colour


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        healthy="#00917A",
        failed="#A12A06",
        warning="#C27A00",
        asked="#0B4A8F",
        outline="#59616E",
        hatch="#6B7280",
        text="#0B0B0C",
        muted="#4B5563",
        paper="#FFFFFF",
        line="#D9DCE1",
        focus="#1D4ED8",
    ),
    "dark": Palette(
        healthy="#7FF0DA",
        failed="#E8552B",
        warning="#FFC247",
        asked="#3AA4F9",
        outline="#8E959F",
        hatch="#8E959F",
        text="#F2F4F7",
        muted="#B4BAC4",
        paper="#101318",
        line="#3A414D",
        focus="#8AB4FF",
    ),
}

TICK = '<path d="M6 10.4l2.8 2.8L14 7.6" fill="none" stroke="{c}" stroke-width="1.8"/>'
RING = '<circle cx="10" cy="10" r="8.1" fill="none" stroke="{c}" stroke-width="1.8"/>'


@dataclass(frozen=True, slots=True)
class Style:
    """How a word looks everywhere. `colour`: the name of its fill in a palette; `shape`: what stands in an <svg> of 20
    by 20, {c} for the fill and {p} for the paper; `icon`: the like from Streamlit's icon font, for text; `tall`: how
    high its block stands in a strip of 20; `outline`: the dashes of a block that is hollow."""

    colour: str
    shape: str
    icon: str
    tall: int
    outline: tuple[int, int] | None = None


STYLES: dict[Word, Style] = {
    Word.FAILED: Style(
        "failed",
        '<rect x="1" y="1" width="18" height="18" rx="3" fill="{c}"/>'
        '<path d="M6.2 6.2l7.6 7.6M13.8 6.2l-7.6 7.6" stroke="{p}" stroke-width="2.2"/>',
        ":red[:material/disabled_by_default:]",
        tall=20,
    ),
    Word.LATE: Style(
        "warning",
        '<path d="M5 2h10M5 18h10M6 2v3.2l4 4.8-4 4.8V18M14 2v3.2L10 10l4 4.8V18" fill="none" stroke="{c}"'
        ' stroke-width="1.7"/>',
        ":orange[:material/hourglass_bottom:]",
        tall=13,
    ),
    Word.UNKNOWN: Style(
        "hatch",
        RING.replace("/>", ' stroke-dasharray="2.6 2.2"/>')
        + '<path d="M7.6 8.2a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.8" fill="none" stroke="{c}" stroke-width="1.7"/>'
        '<circle cx="10" cy="14.4" r="1.1" fill="{c}"/>',
        ":gray[:material/help:]",
        tall=13,
        outline=(3, 2),
    ),
    Word.PLANNED: Style(  # a calendar's leaf, crossed out
        "outline",
        '<rect x="2" y="4" width="16" height="14" rx="2" fill="none" stroke="{c}" stroke-width="1.7"/>'
        '<path d="M6 1.5v4M14 1.5v4M7 9l6 6M13 9l-6 6" stroke="{c}" stroke-width="1.7"/>',
        ":gray[:material/event_busy:]",
        tall=20,
        outline=(1, 0),
    ),
    Word.UNSTABLE: Style(
        "warning",
        RING + TICK + '<circle cx="16" cy="4" r="3.6" fill="{c}" stroke="{p}" stroke-width="1.2"/>',
        ":orange[:material/new_releases:]",
        tall=6,
    ),
    Word.HEALTHY: Style("healthy", RING + TICK, ":green[:material/check_circle:]", tall=6),
    Word.PAUSED: Style(
        "outline",
        '<rect x="4.5" y="3.5" width="3.6" height="13" rx="1" fill="none" stroke="{c}" stroke-width="1.5"/>'
        '<rect x="11.9" y="3.5" width="3.6" height="13" rx="1" fill="none" stroke="{c}" stroke-width="1.5"/>',
        ":gray[:material/pause:]",
        tall=6,
        outline=(1, 0),
    ),
}
NOT_CONFIRMED = ":gray[:material/schedule:]"  # stands in place of every mark while nobody could confirm it
CLOCK = RING + '<path d="M10 5.4V10l3.2 2" fill="none" stroke="{c}" stroke-width="1.8"/>'


def colour(word: Word, palette: Palette) -> str:
    """The fill that stands for a word in icons, edges and strips."""
    fill: str = getattr(palette, STYLES[word].colour)
    return fill


def shape(word: Word, palette: Palette, confirmed: bool = True) -> str:
    """The word's shape, or a grey clock, as what stands inside an <svg> of 20 by 20."""
    fill = colour(word, palette) if confirmed else palette.hatch
    return (STYLES[word].shape if confirmed else CLOCK).format(c=fill, p=palette.paper)


def picture(drawn: str, box: str = "0 0 20 20") -> str:
    """A drawing as a picture of its own."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="{box}">{drawn}</svg>'


def mark_address(word: Word, theme: Theme, confirmed: bool) -> str:
    """'/mark/light/failed.svg': a picture in a table's cell is called by its address where nobody can see it, so that
    tells the same. It says all that there is to draw: no account stands behind it, and who asks for it learns nothing.
    """
    return f"{BASE}/mark/{theme}/{word.value if confirmed else f'{word.value}-not-confirmed'}.svg"


def at_address(name: str, theme: Theme) -> str | None:
    """The picture at such an address; None when it is none of ours."""
    word = name.removesuffix("-not-confirmed")
    if word not in list(Word):
        return None
    return picture(shape(Word(word), PALETTES[theme], confirmed=word == name), box="-5 -5 30 30")  # small and quiet
