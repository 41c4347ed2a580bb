"""The pages as a visitor reads them: the dashboard's real script, drawn on a real sandbox, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox import Sandbox
from tests.app_house import PAGES, OpenTab, Screen, posts

LIVE = re.compile(
    r"!\[pixel|\[click\]\(|(?<!\\)<script|(?<!\\)<img|:material/delete|:red\[danger|:rocket:|\$x\^2|\*\*bold|(://|@)evil"
)


def names(tab: Screen) -> list[str]:
    return list(tab.table["name"])


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
    assert not [button for button in tab.app.button if button.label == "Run now"]


def test_a_link_opens_the_rows_that_it_names(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    hevo.fleet.pin(failing, health_status="FAILED")
    tab = open_tab(hevo).open("pipelines", status="failed", search="orders")
    assert names(tab) == ["Orders DB"]
    assert "1 pipeline shown, 23 hidden by the filter." in tab.text
    assert tab.address == {"status": "failed", "search": "orders"}


def test_a_bad_value_in_a_link_is_left_out_with_a_note(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("pipelines", status="[broken](https://x.example)", search="orders")
    assert "it was left out: [broken](https://x.example)." in tab.text
    assert names(tab) == ["Orders DB"]
    assert tab.address == {"search": "orders"}


@pytest.mark.usefixtures("failing")
def test_searching_and_filtering_narrow_the_table_and_stand_in_the_address(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("pipelines")
    assert len(tab.table) == 24
    assert names(tab)[0] == "Orders DB"
    assert "24 pipelines, worst first." in tab.text
    tab.app.text_input(key="listing_search").set_value("ads").run()
    assert names(tab) == ["Facebook Ads spend", "Google Ads spend"]
    tab.app.multiselect(key="listing_sources").set_value(["Google Ads"]).run()
    assert names(tab) == ["Google Ads spend"]
    assert tab.address == {"search": "ads", "source": "Google Ads"}


def test_an_empty_result_says_what_is_hidden_and_clears_the_filter(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("pipelines", search="nothing is called so")
    assert "No pipeline matches. 24 are hidden. Clear the filter." in tab.text
    tab.press("Clear the filter")
    assert len(tab.table) == 24
    assert tab.address == {}


def test_a_row_opens_the_pipeline_and_the_way_back_leads_to_the_table(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = open_tab(hevo).open("pipelines")
    tab.choose_row(0)
    assert tab.title == "Orders DB"
    assert tab.address == {"pipeline": str(failing)}
    tab.press("All pipelines")
    assert len(tab.table) == 24


def test_a_link_to_one_pipeline_opens_it(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = open_tab(hevo).open("pipelines", pipeline=str(failing))
    assert tab.title == "Orders DB"
    assert "Failed · failing since at least" in tab.text.replace("*", "")
    assert "MySQL → Analytics" in tab.text
    assert "Schedule as Hevo writes it: FREQUENCY 30" in tab.text
    assert tab.app.get("vega_lite_chart")
    asked = len(hevo.arrivals)
    tab.press("Ask Hevo for its tables")
    assert len(hevo.arrivals) > asked
    assert "order_items" in list(tab.table["table"])
    assert "Read from the source up to:" in tab.text


def test_a_pipeline_that_was_removed_is_told_to_be_gone(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = open_tab(hevo).open("pipelines", pipeline="123456")
    assert "This pipeline no longer exists in Hevo." in tab.text
    tab.open("pipelines", pipeline=str(failing))
    hevo.fleet.remove(failing)
    tab.press("Ask Hevo for its tables")
    assert "This pipeline no longer exists in Hevo." in tab.text
    tab.look_again()
    assert tab.title == "This pipeline is not here"


def test_the_history_has_its_charts_its_changes_and_its_figures(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    tab = open_tab(hevo).open("history")
    hevo.fleet.pin(ids[0], health_status="FAILED")
    tab.wait_a_second().look_again()
    assert len(tab.app.get("vega_lite_chart")) == 2
    assert re.search(r"\d\d:\d\d \| Orders DB: Healthy → Failed", tab.text)
    assert "watched too little to say" in set(tab.table["healthy"])
    assert re.search(r"Orders DB: Last 15 min.*failed once", tab.text)
    assert re.search(r"From \d\d:\d\d to \d\d:\d\d, UTC time", tab.text)


def test_the_history_shows_the_pipelines_and_the_time_that_are_chosen(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    tab = open_tab(hevo).open("history")
    assert len(tab.table) == 12
    tab.app.multiselect(key="history_rows").set_value([str(ids[0])]).run()
    tab.app.selectbox(key="history_range").set_value("24 hours").run()
    assert len(tab.table) == 1
    assert tab.text.count(": Last ") == 1
    assert set(tab.table["pipeline"]) == {"Orders DB"}


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


def test_every_hostile_pipeline_can_be_opened_asked_and_chosen(open_tab: OpenTab, hostile: Sandbox) -> None:
    tab = open_tab(hostile)
    for number in hostile.fleet.ids:
        tab.open("pipelines", pipeline=str(number))
        assert_harmless(tab)
    tab.press("Ask Hevo for its tables")
    assert_harmless(tab)
    tab.app.query_params.clear()
    tab.open("run").app.multiselect(key="run_rows").set_value([str(one) for one in hostile.fleet.ids[:20]]).run()
    tab.press("Run 20 pipelines…")
    assert_harmless(tab)
    assert posts(hostile) == []


def test_choosing_the_row_of_a_pipeline_without_a_number_does_not_go_round_for_ever(
    open_tab: OpenTab, hevo: Sandbox
) -> None:
    hevo.fleet.pipelines.append(replace(hevo.fleet.pipelines[0], id=None, health_status="FAILED"))
    tab = open_tab(hevo).open("pipelines")
    tab.choose_row(0)
    assert len(tab.table) == 25


@pytest.mark.parametrize("number", ["a b/c?", "9" * 5_000, "../../etc", "<b>"])
def test_a_number_that_is_no_number_breaks_nothing(open_tab: OpenTab, hevo: Sandbox, number: str) -> None:
    odd = replace(hevo.fleet.pipelines[0], id=number, health_status="FAILED")  # type: ignore[arg-type]
    hevo.fleet.pipelines.append(odd)
    tab = open_tab(hevo)
    for page in PAGES:
        tab.open(page)
    tab.open("pipelines", pipeline=number)
    if any(button.label == "Ask Hevo for its tables" for button in tab.app.button):
        tab.press("Ask Hevo for its tables")
    assert [arrival for arrival in hevo.arrivals if "/objects" in arrival.path] == []
