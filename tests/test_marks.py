"""Shapes and colours: each word can be told apart without colour, and nothing of it comes from elsewhere."""

from __future__ import annotations

import tomllib
from itertools import combinations
from xml.etree import ElementTree

import pytest

from dashboard.marks import PALETTES, STYLES, Palette, Theme, at_address, colour
from dashboard.words.states import EXPLAINED, NAMES
from monitor.health import Word
from tests.conftest import ROOT

THEMES: tuple[Theme, Theme] = ("light", "dark")


def contrast(one: str, other: str) -> float:
    """How far two colours are apart in brightness, as WCAG measures it."""
    lights = sorted((luminance(one), luminance(other)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def luminance(hexadecimal: str) -> float:
    parts = [int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def svg(word: Word, theme: Theme) -> str:
    return at_address(word.value, theme) or ""


@pytest.mark.parametrize("theme", THEMES)
def test_each_word_has_a_whole_picture_that_asks_no_other_host(theme: Theme) -> None:
    for word in Word:
        picture = ElementTree.fromstring(svg(word, theme))  # noqa: S314
        assert picture.tag == "{http://www.w3.org/2000/svg}svg"
        assert "{" not in svg(word, theme)
        assert not [part for part in picture.iter() if "href" in str(part.attrib) or part.tag.endswith("script")]


def test_each_word_has_a_style_and_a_name() -> None:
    assert list(STYLES) == list(Word) == list(NAMES) == list(EXPLAINED)


def test_the_shapes_differ_even_where_the_colours_do_not() -> None:
    assert all(STYLES[one].shape != STYLES[other].shape for one, other in combinations(Word, 2))
    assert len({style.icon.split("/")[1] for style in STYLES.values()}) == len(Word)


def test_unknown_is_dashed_paused_is_an_outline_and_failed_is_filled() -> None:
    assert "stroke-dasharray" in STYLES[Word.UNKNOWN].shape
    assert 'fill="{c}"' not in STYLES[Word.PAUSED].shape
    assert STYLES[Word.FAILED].shape.startswith("<rect")
    assert 'fill="{c}"' in STYLES[Word.FAILED].shape


@pytest.mark.parametrize("theme", THEMES)
def test_only_what_is_known_to_be_good_has_the_good_colour(theme: Theme) -> None:
    palette = PALETTES[theme]
    assert [word for word in Word if colour(word, palette) == palette.healthy] == [Word.HEALTHY]
    assert [word for word in Word if ":green" in STYLES[word].icon] == [Word.HEALTHY]


def test_the_fills_are_those_of_the_table() -> None:
    light, dark = PALETTES["light"], PALETTES["dark"]
    assert (light.healthy, light.failed, light.warning) == ("#00917A", "#A12A06", "#C27A00")
    assert (light.asked, light.outline, light.hatch) == ("#0B4A8F", "#59616E", "#6B7280")
    assert (dark.healthy, dark.failed, dark.warning) == ("#7FF0DA", "#E8552B", "#FFC247")
    assert (dark.asked, dark.outline, dark.hatch) == ("#3AA4F9", "#8E959F", "#8E959F")


@pytest.mark.parametrize("theme", THEMES)
def test_graphics_and_text_stand_out_from_the_paper(theme: Theme) -> None:
    palette = PALETTES[theme]
    fills = [colour(word, palette) for word in Word] + [palette.asked]
    assert min(contrast(fill, palette.paper) for fill in fills) >= 3
    assert min(contrast(text, palette.paper) for text in (palette.text, palette.muted)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_colours_of_text_are_those_of_the_pictures(theme: Theme) -> None:
    told = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"][theme]
    palette: Palette = PALETTES[theme]
    assert told["redTextColor"] == palette.failed
    assert told["greenTextColor"] == palette.healthy
    assert told["orangeTextColor"] == palette.warning
    assert told["blueTextColor"] == palette.asked
    assert told["grayTextColor"] == palette.outline
    assert (told["backgroundColor"], told["textColor"]) == (palette.paper, palette.text)
