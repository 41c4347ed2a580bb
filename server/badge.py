"""A small picture for wikis: the word of a report, or of all pipelines, who is on it, and how old that is."""

from __future__ import annotations

from datetime import tzinfo
from html import escape

from dashboard.marks import PALETTES, STYLES, colour
from dashboard.times import Times, ago
from dashboard.words.states import in_short
from monitor.health import Word
from monitor.now import Now

GREY = "#6B7280"
LETTER = 6.6  # pixels of a letter at this size, on the safe side
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="22" role="img" aria-label="{says}">'
    '<rect width="{width}" height="22" rx="4" fill="#FFFFFF" stroke="{fill}"/>'
    '<g transform="translate(5 4) scale(.7)">{shape}</g>'
    '<text x="25" y="15" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#0B0B0C">{says}</text></svg>'
)


def picture(now: Now, key: str, zone: tzinfo) -> str | None:
    """The badge of a report as SVG, or for "all" of the worst there is; None for what is not there.

    It says the word, of trouble since when (in `zone`) and who is on it; it is grey, and with no word at all, while
    nobody could confirm it.
    """
    worst = next((word for word, number in now.counts.items() if number), Word.UNKNOWN)
    words = {row.report.key: (row.word, row.pipelines) for row in now.reports} | {"all": (worst, now.judged.by_id)}
    if key not in words:
        return None
    word, pipelines = words[key]
    palette, known = PALETTES["light"], now.confirmed and now.age is not None
    fill = colour(word, palette) if known else GREY
    age = ago(now.age) if now.age is not None else "never checked"
    clock = Times(zone, now.at, now.correction)
    said = in_short(word, pipelines, now, clock, f" {clock.moment(now.at):%Z}") if known else "Not confirmed"
    says = escape(f"{said} · {age}")
    shape = STYLES[word if known else Word.UNKNOWN].shape.format(c=fill, p="#FFFFFF")
    return SVG.format(width=round(34 + LETTER * len(says)), says=says, fill=fill, shape=shape)
