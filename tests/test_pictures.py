"""The small pictures of the table: an address says in words what is drawn, and nothing else is drawn."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.marks import PALETTES, Theme, mark_address
from dashboard.strips import BLOCKS, strip_address
from monitor.days import UNWATCHED
from monitor.health import LETTERS, Word
from server.files import FILES
from tests.app_house import few

served = TestClient(Starlette(routes=FILES))
day = st.text([*LETTERS.values(), UNWATCHED], min_size=BLOCKS, max_size=BLOCKS)


def test_an_address_can_be_read_aloud() -> None:
    assert mark_address(Word.FAILED, "light", True) == "/mark/light/failed.svg"
    assert strip_address("h" * 46 + "f" * 2, "dark") == "/strip/dark/healthy-46_failed-2.svg"
    assert strip_address("", "light") is None


@few
@given(day, st.sampled_from(["light", "dark"]))
def test_every_day_can_be_drawn_from_its_address(letters: str, theme: Theme) -> None:
    address = strip_address(letters, theme)
    answer = served.get(address or "")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert (PALETTES[theme].failed in answer.text) == ("f" in letters)
    assert len(re.findall("<path", answer.text)) == len(set(letters))


@pytest.mark.parametrize("word", Word)
def test_every_word_has_its_shape_and_a_grey_clock_where_nobody_confirmed_it(word: Word) -> None:
    sure, doubted = (served.get(mark_address(word, "light", confirmed)).text for confirmed in (True, False))
    assert sure != doubted
    assert PALETTES["light"].hatch in doubted
    assert PALETTES["light"].healthy not in doubted


@pytest.mark.parametrize(
    "address",
    [
        "/mark/light/good.svg",
        "/mark/pink/failed.svg",
        "/strip/light/healthy-47.svg",
        "/strip/light/healthy-49.svg",
        "/strip/light/healthy-00048.svg",
        "/strip/light/<script>-48.svg",
        "/strip/light/.svg",
        "/strip/light/" + "healthy-1_" * 5_000 + ".svg",
    ],
)
def test_what_is_no_address_of_ours_is_not_drawn(address: str) -> None:
    assert served.get(address).status_code == 404
    assert unquote(address) not in served.get(address).text
