"""The pages as a visitor reads them: the dashboard's real script, drawn on a real sandbox, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.app_house import PAGES, OpenTab, Screen

LIVE = re.compile(
    r"!\[pixel|\[click\]\(|(?<!\\)<script|(?<!\\)<img|:material/delete|:red\[danger|:rocket:|\$x\^2|\*\*bold|(://|@)evil"
)


@pytest.mark.parametrize("word", ["PAUSED", "INACTIVE"])
def test_a_pipeline_that_is_turned_off_is_paused_whatever_its_health(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int], word: str
) -> None:
    hevo.fleet.pin(ids[0], status=word)
    hevo.fleet.pin(ids[1], status=word, health_status="FAILED")
    tab = open_tab(hevo).open()
    assert tab.counts == ["21 Healthy", "3 Paused"]
    assert tab.title == "All 21 pipelines that are on are healthy"
    tab.open("pipelines", pipeline=str(ids[1]))
    assert "Paused, and was failing before." in tab.text
    assert not [button for button in tab.app.button if button.label == "Run"]


@pytest.fixture(scope="module")
def hostile() -> Iterator[Sandbox]:
    """An account whose every text is an attack."""
    with Sandbox("hostile") as hevo:
        yield hevo


def assert_harmless(tab: Screen) -> None:
    """Nothing hostile is left as Markdown, and nothing that is nobody's business is sent at all."""
    assert not LIVE.search(tab.markdown.replace("\\:\\/\\/", "://").replace("\\@", "@"))
    assert not re.search(r"must-stay-hidden|sandbox-secret|[\u202e\u2066]", tab.sent)


@pytest.mark.parametrize("page", PAGES)
def test_hostile_text_breaks_no_page_and_no_secret_is_sent(open_tab: OpenTab, hostile: Sandbox, page: str) -> None:
    tab = open_tab(hostile).open(page)
    assert_harmless(tab)
    if page == "overview":
        tab.app.session_state["healthy"] = True  # the fold, opened
        assert_harmless(tab.draw())
    if page in ("overview", "pipelines", "history"):
        assert "DROP TABLE" in tab.sent
