"""The pages as a visitor reads them: the dashboard's real script, drawn on a real sandbox, without a browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from monitor import History, Outcome, State, View
from sandbox import Sandbox
from sandbox.scenarios import HOSTILE_NAMES
from tests.app_house import PAGES, Screen
from tests.conftest import settings_for

OpenTab = Callable[..., Screen]


@pytest.fixture
def open_tab(settings: Callable[..., None]) -> Iterator[OpenTab]:
    """Opens a tab on a sandbox, or with exactly the settings that are given by name."""
    tabs: list[Screen] = []

    def open_one(hevo: Sandbox | None = None, zone: str = "UTC", **values: str) -> Screen:
        settings(**(settings_for(hevo, 60) if hevo else {}) | values)
        tabs.append(Screen(zone))
        return tabs[-1]

    yield open_one
    for tab in tabs:
        if "picture" in tab.app.session_state:
            tab.account.close(wait=10)


@pytest.fixture
def ids(hevo: Sandbox) -> list[int]:
    """The pipelines of the calm account that are turned on."""
    return [one.id for one in hevo.fleet.pipelines if one.id is not None and one.status == "ACTIVE"]


@pytest.fixture
def failing(hevo: Sandbox, ids: list[int]) -> int:
    """A pipeline that fails until somebody says otherwise."""
    hevo.fleet.pin(ids[0], health_status="FAILED")
    return ids[0]


def posts(hevo: Sandbox) -> list[str]:
    """The runs that reached Hevo."""
    return [arrival.path for arrival in hevo.arrivals if arrival.method == "POST"]


def names(tab: Screen) -> list[str]:
    return list(tab.table["name"])


def all_over(view: View) -> bool:
    """True when there was a run and nothing more will be sent."""
    return bool(view.runs) and all(run.is_over for run in view.runs)


def test_the_overview_says_first_how_many_need_attention_and_shows_them_worst_first(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    called = {one.id: one.body["source"]["name"] for one in hevo.fleet.pipelines}
    by_name = sorted(ids[:3], key=lambda one: called[one].casefold())
    for one in by_name[:2]:
        hevo.fleet.pin(one, health_status="FAILED")
    hevo.fleet.pin(by_name[2], health_status="DEGRADED")
    tab = open_tab(hevo).open()
    assert tab.title == "3 of 24 pipelines need attention"
    assert tab.counts == ["2 Failed", "1 Unknown", "20 Healthy", "1 Paused"]
    assert tab.problems == [str(one) for one in by_name]
    assert "Hevo reports a problem. New data may not be arriving." in tab.text
    assert "Hevo reports something we do not recognise: DEGRADED." in tab.text
    assert re.search(r"Checked just now, at \d\d:\d\d \(UTC time\)", tab.text)


def test_a_calm_account_is_told_in_one_sentence(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    assert tab.title == "All 23 pipelines that are on are healthy"
    assert tab.problems == []
    assert "1 pipeline paused: Old billing system." in tab.text


@pytest.mark.parametrize(
    "words",
    [
        {"health_status": None},
        {"health_status": ""},
        {"health_status": "ok"},
        {"status": None},
        {"status": "DRAFT"},
        {"status": None, "health_status": None},
    ],
)
def test_what_hevo_does_not_clearly_call_good_is_unknown(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int], words: dict[str, str | None]
) -> None:
    hevo.fleet.pin(ids[0], **words)
    tab = open_tab(hevo).open()
    assert tab.title == "1 of 24 pipelines needs attention"
    assert tab.counts == ["1 Unknown", "22 Healthy", "1 Paused"]
    assert tab.problems == [str(ids[0])]


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


def test_viewers_share_what_was_worked_out_and_a_tab_that_remembers_more_has_its_own(
    open_tab: OpenTab, hevo: Sandbox
) -> None:
    one, other, older = open_tab(hevo).open(), open_tab(hevo).open(), open_tab(hevo).open()
    remembered = History()
    remembered.observe(time.time() - 3_600, {"1": State("ACTIVE", "OK")})
    older.app.session_state[f"older_{older.account.fingerprint}"] = remembered
    older.look_again()
    pictures = [tab.draw().app.session_state["picture"] for tab in (one, other, older, one, older)]
    assert pictures[0].board is pictures[1].board is pictures[3].board
    assert pictures[2].board is pictures[4].board is not pictures[0].board
    assert pictures[2].history.begins == remembered.begins


def test_what_grows_old_is_doubted_though_nothing_new_was_seen(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    tab.app.session_state["updates_paused"] = True
    before = tab.draw().app.session_state["picture"].until
    assert tab.draw().app.session_state["picture"].until == before
    clock = tab.account._clock
    tab.account._clock = lambda: clock() + 301
    assert tab.draw().title == "We cannot confirm the 24 pipelines right now"
    assert tab.app.session_state["picture"].until > before + 300
    tab.account._clock = lambda: clock() + 362
    assert tab.draw().app.session_state["picture"].until > before + 361


def test_the_healthy_ones_are_listed_only_for_who_wants_to_see_them(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    assert "Support tickets" not in tab.text
    tab.app.session_state["healthy"] = True
    assert "Support tickets" in tab.draw().text


def test_an_empty_account_is_told_as_such(open_tab: OpenTab) -> None:
    with Sandbox("empty") as hevo:
        tab = open_tab(hevo)
        for page in PAGES:
            tab.open(page)
        assert tab.open().title == "Hevo answered: this account has no pipelines."
        assert "Hevo answered: this account has no pipelines." in tab.open("pipelines").text


@pytest.mark.usefixtures("failing")
def test_times_stand_on_the_viewers_own_clock(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo, zone="Asia/Kolkata").open()
    snapshot = tab.account.view(watching=False).snapshot
    assert snapshot
    at = datetime.fromtimestamp(snapshot.answered_at, ZoneInfo("Asia/Kolkata"))
    assert f"at {at:%H:%M} (Asia/Kolkata time)" in tab.text
    assert f"failing since at least {at:%H:%M}" in tab.text


def test_a_refused_key_is_told_and_nothing_is_green(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo, HEVO_API_SECRET="not-the-secret").open()
    for page in ("overview", "pipelines", "history", "run"):
        tab.open(page)
        assert (
            "Hevo did not accept our key. Nothing below is being updated. Ask the dashboard owner to renew it."
        ) in tab.text
        assert ":green" not in tab.markdown
        assert "not-the-secret" not in tab.sent
    assert tab.open("guide").title == "Guide"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("down", "Hevo is not answering. Trying again in"), ("hang", "Reading the list of pipelines.")],
)
def test_a_cold_start_without_hevo_says_so_within_seconds(
    open_tab: OpenTab, hevo: Sandbox, fault: str, sentence: str
) -> None:
    hevo.faults.order(fault)
    tab, begin = open_tab(hevo), time.monotonic()
    tab.draw()
    assert time.monotonic() - begin < 6
    assert sentence in tab.text
    assert ":green" not in tab.markdown
    assert not tab.counts


def test_an_outage_leaves_the_last_words_but_nobody_confirms_them(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = open_tab(hevo).open()
    answered = tab.app.session_state["picture"].answered
    hevo.faults.order("status", status=500)
    tab.look_again()
    assert re.search(rf"Hevo is not answering\. Last answer {answered}\. Trying again in \d+ seconds", tab.text)
    assert tab.title == "We cannot confirm the 24 pipelines right now"
    assert tab.counts == ["24 Not checked recently"]
    assert tab.problems[0] == str(failing)
    assert f"Last known: failed at {answered}. We cannot confirm it now." in tab.text
    assert f"Last known: healthy at {answered}. We cannot confirm it now." in tab.text
    hevo.faults.clear()


def test_the_used_up_limit_is_told_with_the_time_of_the_next_check(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    hevo.faults.order("limit", retry_after=23)
    tab.look_again()
    said = (
        r"Hevo allows 100 requests a minute and they are used up\. Next check in 2[23] seconds\. Data from \d\d:\d\d\."
    )
    assert re.search(said, tab.text)


@pytest.mark.parametrize(
    ("values", "setting"),
    [
        ({"HEVO_API_SECRET": "half-a-secret"}, "HEVO_API_KEY"),
        ({"HEVO_API_KEY": "half-a-secret"}, "HEVO_API_SECRET"),
        ({"HEVO_API_KEY": "k", "HEVO_API_SECRET": "half-a-secret", "HEVO_REGION": "moon"}, "HEVO_REGION"),
        ({"HEVO_API_KEY": "k", "HEVO_API_SECRET": "half-a-secret", "HEVO_REFRESH_SECONDS": "0"}, "HEVO_REFRESH"),
        ({"HEVO_API_KEY": "half-a-secret:x", "HEVO_API_SECRET": "s"}, "HEVO_API_KEY"),
    ],
)
def test_wrong_settings_are_named_and_the_secret_is_not(
    open_tab: OpenTab, values: dict[str, str], setting: str
) -> None:
    tab = open_tab(**values).draw()
    assert tab.title == "This dashboard is not set up yet"
    assert setting in tab.app.error[0].value
    assert "half-a-secret" not in tab.sent
    assert "picture" not in tab.app.session_state


def test_sample_data_is_called_so_on_every_page(open_tab: OpenTab) -> None:
    tab = open_tab()
    for page in PAGES:
        assert "Sample data. Connect your Hevo account" in tab.open(page).text


def test_an_account_of_ones_own_is_not_called_sample_data(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo)
    for page in PAGES:
        assert "Sample data" not in tab.open(page).text.replace("the sample data that you see", "")


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


def test_choosing_and_confirming_sends_one_request_and_its_outcome_is_shown(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = open_tab(hevo).open("run")
    tab.press("Choose the one that failed").press("Run 1 pipeline…")
    assert 'Run "Orders DB" now?' in tab.text
    assert "It cannot be stopped from here." in tab.text
    assert posts(hevo) == []
    tab.press("Run pipeline").wait_for(all_over)
    assert posts(hevo) == [f"/api/public/v2.0/pipelines/{failing}/run-now"]
    assert re.search(r"Asked Hevo at \d\d:\d\d\. That does not mean it worked yet\.", tab.text)
    assert "confirming" not in tab.app.session_state
    hevo.fleet.pin(failing, health_status="OK")
    tab.look_again().wait_for(lambda view: view.runs[0].outcome is Outcome.HEALTHY)
    assert re.search(r"Asked Hevo at \d\d:\d\d\. Healthy at \d\d:\d\d\.", tab.text)
    assert "Healthy at" in tab.table["result"][0]


def test_pressing_again_and_a_second_tab_send_nothing_more(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    for tab in (open_tab(hevo).open(), open_tab(hevo).open()):
        for _ in range(2):
            tab.app.session_state["confirming"] = [str(failing)]
            tab.draw().press("Run pipeline").wait_for(all_over)
    assert len(posts(hevo)) == 1
    assert re.search(r"Not sent again: somebody asked for this run at \d\d:\d\d", tab.open("run").text)


@pytest.mark.usefixtures("failing")
def test_not_running_sends_nothing(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    tab.press("Run now").press("Don't run")
    assert "Run pipeline" not in tab.text
    assert posts(hevo) == []


def test_paused_ones_are_left_out_of_a_run_and_said(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    hevo.fleet.pin(ids[0], status="PAUSED")
    tab = open_tab(hevo).open("run")
    tab.app.session_state["confirming"] = [str(one) for one in ids[:3]]
    tab.draw()
    assert "Run 2 pipelines now?" in tab.text
    assert "1 of your 3 is skipped: paused." in tab.text
    tab.press("Run 2 pipelines").wait_for(all_over)
    assert len(posts(hevo)) == 2


def test_a_paused_pipeline_alone_cannot_be_run(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    hevo.fleet.pin(ids[0], status="PAUSED")
    tab = open_tab(hevo).open("run")
    tab.app.session_state["confirming"] = [str(ids[0])]
    tab.draw()
    assert "Turn it on in Hevo first." in tab.text
    assert not [button for button in tab.app.button if button.label == "Run pipeline" and not button.disabled]


def test_a_paused_pipeline_that_nobody_can_confirm_is_still_not_offered_to_run(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    hevo.fleet.pin(ids[0], status="PAUSED")
    tab = open_tab(hevo).open("run")
    hevo.faults.order("status", status=500, method="GET")
    tab.look_again()
    tab.app.session_state["confirming"] = [str(one) for one in ids[:2]]
    tab.draw()
    assert "1 of your 2 is skipped: paused." in tab.text


def test_more_than_twenty_are_run_only_after_the_number_is_typed(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    tab = open_tab(hevo).open("run")
    tab.app.session_state["confirming"] = [str(one) for one in ids]
    tab.draw()
    assert "Run 23 pipelines now?" in tab.text
    assert [button.disabled for button in tab.app.button if button.label == "Run 23 pipelines"] == [True]
    typed = next(box for box in tab.app.text_input if "Type 23" in box.label)
    typed.set_value("23").run()
    assert [button.disabled for button in tab.app.button if button.label == "Run 23 pipelines"] == [False]
    assert posts(hevo) == []


def test_the_progress_counts_all_that_were_asked_together(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    hevo.faults.order("delay", path="/run-now", seconds=1)
    tab = open_tab(hevo).open("run")
    tab.app.session_state["confirming"] = [str(one) for one in ids[:3]]
    tab.draw().press("Run 3 pipelines")
    assert [bar.text for bar in tab.app.progress] == ["0 of 3 sent. It goes on if you close this page."]
    hevo.faults.clear()
    tab.wait_for(all_over)
    assert not tab.app.progress


def test_a_members_key_is_told_that_it_may_look_but_not_run(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = open_tab(hevo, HEVO_API_KEY=hevo.member_key, HEVO_API_SECRET=hevo.member_secret).open("run")
    tab.app.session_state["confirming"] = [str(failing)]
    tab.draw().press("Run pipeline").wait_for(all_over)
    assert "Our key can look, but may not run pipelines. It must be made by a Hevo account owner." in tab.text
    assert "Try 1 refused run again" in tab.text


def test_a_lost_answer_is_told_as_unclear_and_is_not_sent_again(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = open_tab(hevo).open("run")
    hevo.faults.order("reset", path="/run-now", times=1)
    tab.app.session_state["confirming"] = [str(failing)]
    tab.draw().press("Run pipeline").wait_for(all_over)
    said = "We do not know whether Hevo received the request. We are checking; please do not press again."
    assert said in tab.text
    assert not [button for button in tab.app.button if "again" in button.label]
    assert len(posts(hevo)) == 1


@pytest.mark.usefixtures("failing")
def test_a_run_is_noted_beside_the_word_and_never_replaces_it(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    tab.press("Run now").press("Run pipeline").wait_for(all_over)
    assert tab.counts[0] == "1 Failed"
    assert "Failed · failing since" in tab.text.replace("*", "")
    assert "That does not mean it worked yet." in tab.text


@pytest.mark.usefixtures("failing")
def test_clicks_cost_no_request(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    asked = len(hevo.arrivals)
    for page in PAGES:
        tab.open(page)
    tab.open("pipelines").app.text_input(key="listing_search").set_value("ads").run()
    tab.app.multiselect(key="listing_words").set_value(["healthy"]).run()
    tab.open("history").app.selectbox(key="history_range").set_value("6 hours").run()
    tab.open("run").press("Choose the one that failed").press("Run 1 pipeline…").press("Don't run")
    tab.app.toggle(key="updates_paused").set_value(True).run()
    open_tab(hevo).open("history")
    assert len(hevo.arrivals) == asked == 1


def test_the_guide_explains_every_word_and_answers_the_ten_questions(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("guide")
    assert len(tab.app.expander) == 10
    for word in ("Failed", "Not checked recently", "Unknown", "Healthy, unstable", "Healthy", "Paused"):
        assert f"**{word}** · " in tab.text
    assert "account members are not permitted to perform this action" in tab.text
    assert "It cannot be stopped from here." in tab.text


def test_a_key_typed_by_a_person_is_checked_without_being_repeated(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("guide")
    tab.press("Use my key in this tab")
    assert "Type both the key and the secret." in tab.text
    key, secret = tab.app.text_input
    key.set_value("typed:secretly")
    secret.set_value("x")
    tab.press("Use my key in this tab")
    assert "must be printable" in tab.text
    assert "typed:secretly" not in "".join(str(one.value) for one in tab.app.warning)
    assert hevo.arrivals[1:] == []


@pytest.fixture(scope="module")
def hostile() -> Iterator[Sandbox]:
    """An account whose every text is an attack."""
    with Sandbox("hostile") as hevo:
        yield hevo


LIVE = re.compile(
    r"!\[pixel|\[click\]\(|(?<!\\)<script|(?<!\\)<img|:material/delete|:red\[danger|:rocket:|\$x\^2|\*\*bold|(://|@)evil"
)


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


def test_a_hostile_name_is_asked_about_in_the_dialog_as_text(open_tab: OpenTab, hostile: Sandbox) -> None:
    tab = open_tab(hostile).open("run")
    tab.app.session_state["confirming"] = [str(hostile.fleet.ids[HOSTILE_NAMES.index("$x^2$ and $$\\frac{1}{0}$$")])]
    tab.draw()
    assert 'Run "$x^2$ and $$\\frac{1}{0}$$" now?' in tab.text
    assert_harmless(tab)


def test_several_failing_pipelines_without_a_number_break_nothing(open_tab: OpenTab, hevo: Sandbox) -> None:
    bare = replace(hevo.fleet.pipelines[0], id=None, health_status="FAILED")
    hevo.fleet.pipelines += [bare, bare, replace(bare, health_status=None)]
    tab = open_tab(hevo)
    for page in PAGES:
        tab.open(page)
    assert tab.open().title == "3 of 27 pipelines need attention"
    assert tab.markdown.count("**Orders DB**") == 3
    assert not [button for button in tab.app.button if button.label == "Run now"]


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
