"""The table of pipelines and one pipeline in full, as a visitor reads them: drawn without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.marks import PALETTES
from monitor import Word
from sandbox import Sandbox
from tests.app_house import AT, OpenTab, Screen, posts
from tests.conftest import settings_for

LIVE = re.compile(
    r"!\[pixel|\[click\]\(|(?<!\\)<script|(?<!\\)<img|:material/delete|:red\[danger|:rocket:|\$x\^2|\*\*bold|(://|@)evil"
)
CATALOG = """
[teams.sales]
name = "Sales"
contact = "mailto:data-desk@shop.example"

[[pipelines]]
match = "Orders DB"
name = "Orders of the web shop"
team = "sales"
note = "Starts after the stock count at night."

[[reports]]
key = "monday-sales"
name = "Monday sales report"
needs = ["Orders*"]
"""


def names(tab: Screen) -> list[str]:
    return list(tab.table["name"])


def table_name(tab: Screen) -> str:
    """What the table is called for who hears it."""
    name: str = next(node.proto.alt for node in tab.app._tree if node.type == "dataframe")
    return name


def read_tables(tab: Screen, pipeline_id: int) -> Screen:
    """Waits until the tables of what is open were read in the background."""
    account = tab.account
    with account._changed:
        assert account._changed.wait_for(lambda: account.reader.tables(str(pipeline_id)) is not None, 15)
    return tab.draw()


def tables(tab: Screen) -> list[str]:
    """The names in the table of tables."""
    return next(list(frame.value["table"]) for frame in tab.app.dataframe if "table" in frame.value)


def test_a_link_opens_the_rows_that_it_names(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    hevo.fleet.pin(failing, health_status="FAILED")
    tab = open_tab(hevo).open("pipelines", status="failed", search="orders")
    assert names(tab) == ["Orders DB"]
    assert "1 pipeline shown, 23 hidden by the filter." in tab.text
    assert tab.address == {"status": "failed", "search": "orders"}


def test_a_bad_value_in_a_link_is_left_out_with_a_note_that_stays_until_the_filter_changes(
    open_tab: OpenTab, hevo: Sandbox
) -> None:
    said = "it was left out: [broken](https://x.example)."
    tab = open_tab(hevo).open("pipelines", status="[broken](https://x.example)", search="orders")
    assert said in tab.text
    assert names(tab) == ["Orders DB"]
    assert tab.address == {"search": "orders"}
    assert said in tab.draw().draw().text
    tab.app.multiselect(key="listing_source").set_value(["MySQL"]).run()
    assert said not in tab.text


@pytest.mark.usefixtures("failing")
def test_searching_and_filtering_narrow_the_table_and_stand_in_the_address(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("pipelines")
    assert len(tab.table) == 24
    assert names(tab)[0] == "Orders DB"
    assert "24 pipelines, worst first." in tab.text
    tab.app.text_input(key="listing_search").set_value("ads").run()
    assert names(tab) == ["Facebook Ads spend", "Google Ads spend"]
    tab.app.multiselect(key="listing_source").set_value(["Google Ads"]).run()
    assert names(tab) == ["Google Ads spend"]
    assert tab.address == {"search": "ads", "source": "Google Ads"}


def test_an_empty_result_says_what_is_hidden_and_clears_the_filter(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("pipelines", search="nothing is called so")
    assert "No pipeline matches. 24 are hidden. Clear the filter." in tab.text
    tab.press("Clear the filter")
    assert len(tab.table) == 24
    assert tab.address == {}


@pytest.mark.usefixtures("failing")
def test_a_link_to_the_failed_ones_shows_them_when_nobody_can_confirm_it(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("pipelines", status="failed")
    hevo.faults.order("status", status=503)
    tab.look_again()
    assert names(tab.move(301).draw()) == ["Orders DB"]
    assert "We cannot confirm this right now: so it was at" in tab.text
    assert list(tab.table["mark"]) == ["/mark/light/failed-not-confirmed.svg"]
    tab.choose_cell(0)
    assert "We cannot confirm this right now. This is how it was at" in tab.text
    assert PALETTES["light"].failed not in tab.drawn.partition("<dl")[0]
    hevo.faults.clear()


def test_a_click_on_a_name_opens_it_and_the_way_back_leads_to_the_filtered_rows(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = open_tab(hevo).open("pipelines", search="orders")
    tab.choose_cell(0)
    assert tab.title == "Orders DB"
    assert tab.address == {"search": "orders", "pipeline": str(failing)}
    tab.press("Back to the table")
    assert names(tab) == ["Orders DB"]
    assert tab.address == {"search": "orders"}


def test_another_cell_opens_nothing_but_offers_a_link(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = open_tab(hevo).open("pipelines", search="orders")
    tab.choose_cell(0, "word")
    assert tab.title == "Pipelines"
    link = next(link for link in tab.app.page_link if link.label == "Open Orders DB")
    assert link.proto.query_string == f"search=orders&pipeline={failing}"


def test_a_press_on_rows_that_are_others_by_now_opens_nothing(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = open_tab(hevo).open("pipelines", search="ads")
    before = table_name(tab)
    tab.app.text_input[0].set_value("orders")
    assert table_name(tab.draw()) != before
    tab.choose_cell(0, seen=before)
    assert (tab.title, tab.address) == ("Pipelines", {"search": "orders"})
    tab.choose_cell(0, seen=table_name(tab))
    assert tab.address == {"search": "orders", "pipeline": str(failing)}


def test_a_place_that_no_row_has_opens_nothing(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("pipelines", search="orders")
    tab.choose_cell(1)
    assert (tab.title, tab.address) == ("Pipelines", {"search": "orders"})


def test_the_longest_time_that_nobody_watched_stands_beside_since_when(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = open_tab(hevo).open("pipelines", pipeline=str(failing))
    assert "not watched" not in tab.text
    tab.move(7_200).look_again()
    assert re.search(rf"failing at least since {AT}, not watched from {AT} to {AT}", tab.draw().text)


def test_a_link_to_one_pipeline_opens_it_with_its_facts_and_tables(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = open_tab(hevo).open("pipelines", pipeline=str(failing))
    assert tab.title == "Orders DB"
    assert f"MySQL → Analytics · Number {failing}" in tab.text
    assert "Hevo reports a problem. New data may not be arriving." in tab.text
    assert re.search(r"Since\s*At least \d+ seconds\s*failing at least since \d\d:\d\d", tab.text)
    read_tables(tab, failing)
    assert re.search(r"Last ran\s*(just now|\d+ (second|min|h))", tab.text)
    assert "order_items" in tables(tab)
    assert "1 of 8 tables failed." in tab.text or "tables." in tab.text


def test_what_only_hevo_understands_stands_behind_the_details(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = read_tables(open_tab(hevo).open("pipelines", pipeline=str(failing)), failing)
    details = tab.app.expander[0]
    assert details.label == "Details, as Hevo writes it"
    told: dict[str, str] = dict(details.dataframe[0].value.itertuples(index=False))
    assert (told["Schedule"], told["Health status"]) == ("FREQUENCY 30", "FAILED")
    assert told["Position"]
    assert "FREQUENCY" not in tab.text


def test_a_position_that_fails_hides_no_table_and_declares_nothing_gone(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    hevo.faults.order("status", status=404, path="/position")
    tab = read_tables(open_tab(hevo).open("pipelines", pipeline=str(failing)), failing)
    assert "order_items" in tables(tab)
    assert "no longer exists" not in tab.text


def test_tables_that_cannot_be_read_leave_the_page_as_it_is(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    hevo.faults.order("status", status=404, path="/objects")
    tab = open_tab(hevo).open("pipelines", pipeline=str(failing))
    account = tab.account
    with account._changed:
        assert account._changed.wait_for(lambda: bool(account.reader.refused), 15)
    assert "Hevo does not tell us about the tables of this pipeline." in tab.draw().text
    assert tab.title == "Orders DB"
    assert "no longer exists" not in tab.text


def test_a_pipeline_that_was_removed_is_told_to_be_gone_and_keeps_its_history(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = open_tab(hevo).open("pipelines", pipeline="123456")
    assert tab.title == "This pipeline is not here"
    assert "This pipeline no longer exists in Hevo." in tab.text
    tab.open("pipelines", pipeline=str(failing))
    hevo.fleet.pin(failing, health_status="OK")
    tab.wait_a_second().look_again()
    hevo.fleet.remove(failing)
    tab.move(30).look_again()
    assert tab.title == "Orders DB"
    assert "This pipeline no longer exists in Hevo." in tab.text
    assert "Failed → Healthy" in tab.text
    for _ in range(2):  # an old incident still leads here
        tab.move(3 * 86_400).draw().wait_for(lambda now: now.confirmed)
    assert tab.title == "Orders DB"
    assert "Failed → Healthy" not in tab.text


def test_what_the_owner_wrote_stands_on_the_page_and_is_found(
    open_tab: OpenTab, hevo: Sandbox, failing: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("catalog") / "catalog.toml"
    file.write_text(CATALOG)
    tab = open_tab(**settings_for(hevo, 60), HEVO_CATALOG=str(file)).open("pipelines", team="sales")
    assert names(tab) == ["Orders of the web shop"]
    assert names(tab.open("pipelines", search="monday")) == ["Orders of the web shop"]
    tab.open("pipelines", pipeline=str(failing))
    assert tab.title == "Orders of the web shop"
    assert "Starts after the stock count at night." in tab.text
    assert "Ask: Sales, data-desk@shop.example" in tab.text
    assert 'href="mailto:data-desk@shop.example"' in tab.html
    assert tab.links["Monday sales report"] == "reports?report=monday-sales"
    assert "Orders DB" in list(tab.app.expander[0].dataframe[0].value["value"])


def test_run_is_the_main_button_only_while_something_is_wrong(
    open_tab: OpenTab, hevo: Sandbox, failing: int, ids: list[int]
) -> None:
    def kind(number: int) -> str:
        tab.open("pipelines", pipeline=str(number))
        return str(next(button.proto.type for button in tab.app.button if button.label == "Run"))

    tab = open_tab(hevo)
    assert (kind(failing), kind(ids[1])) == ("primary", "secondary")


def test_choosing_the_row_of_a_pipeline_without_a_number_does_not_go_round_for_ever(
    open_tab: OpenTab, hevo: Sandbox
) -> None:
    hevo.fleet.pipelines.append(replace(hevo.fleet.pipelines[0], id=None, health_status="FAILED"))
    tab = open_tab(hevo).open("pipelines")
    tab.choose_cell(0)
    assert tab.title == "Pipelines"
    assert len(tab.table) == 25


@pytest.mark.parametrize("number", ["a b/c?", "9" * 5_000, "../../etc", "<b>"])
def test_a_number_that_is_no_number_breaks_nothing(open_tab: OpenTab, hevo: Sandbox, number: str) -> None:
    hevo.fleet.pipelines.append(replace(hevo.fleet.pipelines[0], id=number, health_status="FAILED"))  # type: ignore[arg-type]
    tab = open_tab(hevo).open("pipelines")
    assert tab.table["word"][0] == "Failed"
    tab.open("pipelines", pipeline=number)
    assert [arrival.path for arrival in hevo.arrivals if number in arrival.path] == []


@pytest.fixture(scope="module")
def hostile() -> Iterator[Sandbox]:
    """An account whose every text is an attack."""
    with Sandbox("hostile") as hevo:
        yield hevo


def test_every_hostile_pipeline_can_be_opened_without_harm(open_tab: OpenTab, hostile: Sandbox) -> None:
    tab = open_tab(hostile)
    for number in hostile.fleet.ids:
        tab.open("pipelines", pipeline=str(number))
        assert not LIVE.search(tab.markdown.replace("\\:\\/\\/", "://").replace("\\@", "@"))
        assert not re.search(r"<script|<img src=(?!\"data:)|onerror", tab.drawn)
        assert not re.search(r"must-stay-hidden|sandbox-secret|[\u202e\u2066]", tab.sent)
    assert posts(hostile) == []


def test_words_are_those_of_the_address_bar(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("pipelines", status=[word.value for word in Word])
    assert len(tab.table) == 24
    assert "left out" not in tab.text
