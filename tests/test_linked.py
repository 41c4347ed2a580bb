"""Links in lines of our own: what they say is escaped, and what a browser sends back is only followed to our pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.linked import _open, _place, address, follow, link
from sandbox import Sandbox
from tests.app_house import OpenTab, broken_off


def test_an_address_is_readable_and_holds_several_values() -> None:
    assert address("pipelines", status=["failed", "unknown"]) == "pipelines?status=failed&status=unknown"
    assert address("pipelines", destination="Snow & Co") == "pipelines?destination=Snow+%26+Co"
    assert address("reports") == "reports"


def test_text_address_and_title_of_a_link_are_escaped() -> None:
    said = link('<b>"', 'x?"><script>', of="name", title='"onclick=1')
    assert said.count("<") == said.count(">") == 2
    assert said.count('"') == 6


def test_a_click_leads_to_a_page_of_ours_with_its_query() -> None:
    query = [("status", "failed"), ("status", "late")]
    assert _place("pipelines?status=failed&status=late") == ("../pages/pipelines.py", query)
    assert _place("reports") == ("../pages/reports.py", [])


@pytest.mark.parametrize(
    "sent", [None, 7, "", "https://evil.example", "//evil", "../app", "javascript:alert(1)", "x?a=1"]
)
def test_what_none_of_our_links_says_leads_nowhere(sent: object) -> None:
    assert _place(sent) is None


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize(("press", "access"), [(_open, 1), (_open, 2), (follow, 1), (follow, 2)])
def test_a_redraw_that_comes_after_a_click_leads_there_all_the_same(
    open_tab: OpenTab, hevo: Sandbox, press: Callable[..., None], access: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = open_tab(hevo).open()
    broken_off(monkeypatch, press, access)
    tab.click("1 Failed")
    assert tab.title == "Pipelines"
    assert list(tab.table["name"]) == ["Orders DB"]
