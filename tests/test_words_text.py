"""Text from outside, made fit for a line on the screen, safe whatever it carries."""

from __future__ import annotations

import re
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.words import text as words
from tests.app_house import few, unescaped

MARKS = ["[a](b)", "![a](b)", "https://", "http:\\//", "www.", "WWW.", "@", "a@b.io", ":red[", ":material/x:", "$$"]
MARKS += ["<b>", "&lt;", "**", "__", "`", "~~", "\\", "\\\\", "\n# ", "\n- ", "1. ", ":streamlit:", "\u202e", "\u200b"]
hostile = st.lists(st.sampled_from(MARKS) | st.text(max_size=6), max_size=40).map("".join)


@few
@given(hostile, st.integers(2, 200))
def test_text_from_outside_is_one_bounded_line_without_hidden_signs(text: str, limit: int) -> None:
    shown = words.one_line(text, limit)
    assert len(shown) <= limit
    assert not {unicodedata.category(sign) for sign in shown} & {"Cc", "Cf", "Zl", "Zp", "Cs"}
    assert shown == shown.strip()


@few
@given(st.text(string.ascii_letters + string.digits + string.punctuation + "äßλשלم", max_size=100))
def test_ordinary_text_is_shown_as_it_came(text: str) -> None:
    assert words.one_line(text) == text
    assert unescaped(words.plain(text)) == text


def test_a_name_behind_a_wall_of_invisible_signs_is_still_seen() -> None:
    assert words.one_line("\u200b" * 5_000 + "Orders") == "Orders"


@few
@given(hostile)
def test_no_mark_of_markdown_html_latex_icons_or_colours_is_left_unescaped(text: str) -> None:
    unprotected = re.sub(r"\\[!-/:-@\[-`{-~]", "", words.plain(text))
    assert not set(unprotected) & set(string.punctuation)
    assert unescaped(words.plain(text)) == words.one_line(text)


@few
@given(hostile)
def test_no_bare_address_links_itself(text: str) -> None:
    read = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words.plain(text))
    assert not re.search(r"://(?!\u200b)|@(?!\u200b)", read)


@pytest.mark.parametrize("text", ["www.evil.example", "x WWW.evil.example/a", "www.www.evil.example", "www."])
def test_an_address_with_www_is_broken_before_its_dot(text: str) -> None:
    """Streamlit links `www.` by itself, with or without a zero-width sign after the dot."""
    read = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words.plain(text))
    assert not re.search(r"www\.", read, re.IGNORECASE)
    assert unescaped(read) == text


def test_streamlits_own_sign_is_not_drawn_for_a_name() -> None:
    """Streamlit puts its picture for `:streamlit:` even where the colons are escaped."""
    read = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words.plain("a :streamlit: b"))
    assert ":streamlit:" not in read
