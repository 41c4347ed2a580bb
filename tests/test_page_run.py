"""Running: asked, confirmed, sent once, followed on every page to its end, and written in the log."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from dashboard import run_dialog
from dashboard.runs import log_csv
from monitor import Outcome
from monitor.health import Word
from monitor.requests import SETTLING
from sandbox import Sandbox
from sandbox.scenarios import HOSTILE_NAMES
from tests.app_house import AT, OpenTab, Screen, all_over, broken_off, posts

REFUSED = "What is asked cannot be written down right now, so nothing is sent."


def confirm(tab: Screen, *chosen: int) -> Screen:
    """Opens the question about these pipelines."""
    tab.app.session_state["confirming"] = [str(one) for one in chosen]
    return tab.draw()


def enabled(tab: Screen, label: str) -> list[bool]:
    return [not button.disabled for button in tab.app.button if button.label == label]


def line(tab: Screen) -> str:
    """What follows this viewer's runs at the top of the page."""
    return str(tab.app.session_state["said"])


def test_choosing_and_confirming_sends_one_request_and_its_outcome_is_shown(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = open_tab(hevo).open("run")
    tab.press("Choose the one that failed").press("Run 1 pipeline…")
    assert 'Run "Orders DB" now?' in tab.text
    assert "It cannot be stopped from here." in tab.text
    assert "Now: Failed. Checked just now." in tab.text
    assert posts(hevo) == []
    tab.press("Run pipeline").wait_for(all_over)
    assert posts(hevo) == [f"/api/public/v2.0/pipelines/{failing}/run-now"]
    assert re.search(rf"Asked Hevo at {AT}\. That does not mean it worked yet\.", tab.text)
    assert "confirming" not in tab.app.session_state
    assert enabled(tab, "Run…") == [False]
    assert list(tab.table["answer"]) == ["Took the request"]
    assert list(tab.table["seen"]) == ["Nothing yet"]


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("access", [1, 2])
def test_a_redraw_in_the_midst_of_a_press_opens_the_question_all_the_same(
    open_tab: OpenTab, hevo: Sandbox, access: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = open_tab(hevo).open("run").press("Choose the one that failed")
    broken_off(monkeypatch, run_dialog.ask, access)
    assert 'Run "Orders DB" now?' in tab.press("Run 1 pipeline…").draw().text


@pytest.mark.parametrize("access", [1, 2, 3, 4, 5, 6])
def test_a_redraw_in_the_midst_of_asking_leaves_no_question_open_and_the_run_followed(
    open_tab: OpenTab, hevo: Sandbox, failing: int, access: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = confirm(open_tab(hevo).open("run"), failing)
    broken_off(monkeypatch, run_dialog.request, access)
    tab.press("Run pipeline").wait_for(all_over)
    assert len(posts(hevo)) == 1
    assert "confirming" not in tab.app.session_state
    assert line(tab).startswith("Orders DB: asked")


def test_what_was_asked_is_followed_on_every_page_until_it_is_dismissed(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = confirm(open_tab(hevo).open("run"), failing).press("Run pipeline").wait_for(all_over)
    assert re.fullmatch(rf"Orders DB: asked {AT}\. That does not mean it worked yet\.", line(tab))
    for page in ("guide", "overview", "run"):
        assert line(tab) in tab.open(page).text
    other = open_tab(hevo).open("guide")
    assert line(other) == ""
    tab.press("Dismiss")
    assert line(tab) == ""


def test_the_line_tells_the_outcome_also_while_updates_are_paused(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = confirm(open_tab(hevo).open("run"), failing).press("Run pipeline").wait_for(all_over)
    tab.app.toggle(key="updates_paused").set_value(True).run()
    hevo.fleet.pin(failing, health_status="OK")
    tab.move(SETTLING).account.refresh()
    tab.wait_for(lambda now: now.requests[0].outcome is Outcome.HEALTHY)
    assert re.fullmatch(rf"Orders DB: asked {AT}, healthy {AT}\.", line(tab))
    assert tab.shown.now.counts[Word.FAILED] == 1  # what is shown below is still the paused picture
    tab.app.toggle(key="updates_paused").set_value(False).run()
    assert "Healthy at" in tab.table["seen"][0]


def test_several_at_once_are_summed_up_in_one_line(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    tab = confirm(open_tab(hevo).open("run"), *ids[:3]).press("Run 3 pipelines").wait_for(all_over)
    assert re.fullmatch(rf"3 pipelines, asked at {AT}: 3 asked, nothing seen yet\.", line(tab))


def test_a_second_press_is_told_who_asked_before_it_is_asked_about(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    confirm(open_tab(hevo).open(), failing).press("Run pipeline").wait_for(all_over)
    second = confirm(open_tab(hevo).open("run"), failing)
    assert re.search(rf"Somebody asked for this run at {AT}\. One a minute is enough", second.text)
    assert enabled(second, "Run pipeline") == []
    second.press("Close")
    assert len(posts(hevo)) == 1


def test_of_several_those_that_were_asked_lately_are_left_out_by_name(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    tab = confirm(open_tab(hevo).open("run"), ids[0]).press("Run pipeline").wait_for(all_over)
    confirm(tab, *ids[:3])
    assert "1 of your 3 is skipped, asked a moment ago: Orders DB." in tab.text
    tab.press("Run 2 pipelines").wait_for(lambda now: all_over(now) and len(now.requests) == 3)
    assert len(posts(hevo)) == 3


def test_a_press_that_comes_too_late_sends_nothing_and_stands_in_the_log(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    one, other = (confirm(open_tab(hevo).open("run"), failing) for _ in range(2))  # both are asked before either runs
    one.press("Run pipeline").wait_for(all_over)
    other.press("Run pipeline").wait_for(lambda now: len(now.requests) == 2)
    assert len(posts(hevo)) == 1
    assert re.search(rf"Not sent again: somebody asked for this run at {AT}", other.text)
    assert list(other.table["answer"]) == ["Not sent: asked a moment before", "Took the request"]


@pytest.mark.usefixtures("failing")
def test_not_running_sends_nothing(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("run").press("Choose the one that failed").press("Run 1 pipeline…").press("Don't run")
    assert "Run pipeline" not in tab.text
    assert posts(hevo) == []


def test_paused_ones_are_left_out_of_a_run_and_said(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    hevo.fleet.pin(ids[0], status="PAUSED")
    tab = confirm(open_tab(hevo).open("run"), *ids[:3])
    assert "Run 2 pipelines now?" in tab.text
    assert "1 of your 3 is skipped: paused." in tab.text
    tab.press("Run 2 pipelines").wait_for(all_over)
    assert len(posts(hevo)) == 2


def test_a_paused_pipeline_alone_cannot_be_run(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    hevo.fleet.pin(ids[0], status="PAUSED")
    tab = confirm(open_tab(hevo).open("run"), ids[0])
    assert "Turn it on in Hevo first." in tab.text
    assert enabled(tab, "Run pipeline") == []


def test_a_pipeline_that_is_gone_cannot_be_run(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = confirm(open_tab(hevo).open("run"), 123_456)
    assert "This pipeline no longer exists in Hevo." in tab.text
    assert enabled(tab, "Run pipeline") == []


def test_where_nothing_can_be_written_down_nothing_can_be_run_and_the_page_says_so(
    open_tab: OpenTab, hevo: Sandbox, failing: int
) -> None:
    tab = open_tab(hevo).open("run")
    tab.account._store.problem = "unwritable"
    confirm(tab, failing)
    assert REFUSED in tab.text
    assert "What we see now is not being kept." in tab.text
    assert enabled(tab, "Run pipeline") == []


def test_more_than_twenty_are_run_only_after_the_number_is_typed(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    tab = confirm(open_tab(hevo).open("run"), *ids)
    assert "Run 23 pipelines now?" in tab.text
    assert enabled(tab, "Run 23 pipelines") == [False]
    typed = next(box for box in tab.app.text_input if "Type 23" in box.label)
    typed.set_value("23").run()
    assert enabled(tab, "Run 23 pipelines") == [True]
    assert posts(hevo) == []


def test_the_question_keeps_its_title_while_it_is_open(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    tab = confirm(open_tab(hevo).open("run"), *ids[:2])
    hevo.fleet.pin(ids[0], status="PAUSED")
    tab.look_again()
    assert "Run 2 pipelines now?" in tab.text
    assert "1 of your 2 is skipped: paused." in tab.text


def test_the_progress_counts_all_that_were_asked_together(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    hevo.faults.order("delay", path="/run-now", seconds=1)
    tab = confirm(open_tab(hevo).open("run"), *ids[:3]).press("Run 3 pipelines")
    assert [bar.text for bar in tab.app.progress] == ["0 of 3 sent. It goes on if you close this page."]
    hevo.faults.clear()
    tab.wait_for(all_over)
    assert not tab.app.progress


def test_a_members_key_is_told_that_it_may_look_but_not_run(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = open_tab(hevo, HEVO_API_KEY=hevo.member_key, HEVO_API_SECRET=hevo.member_secret).open("run")
    confirm(tab, failing).press("Run pipeline").wait_for(all_over)
    said = "Our key can look, but may not run pipelines. It must be made by a Hevo account owner."
    assert said in line(tab)
    assert enabled(tab, "Try the one that did not work again…") == [False]  # a minute has not passed


def test_what_did_not_work_is_asked_about_again(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = confirm(open_tab(hevo).open("run"), failing).press("Run pipeline").wait_for(all_over)
    clock = tab.account._clock
    was, clock.steady = clock.steady, lambda: was() + 61
    tab.look_again().wait_for(lambda now: now.requests[0].outcome is Outcome.FAILING)
    tab.press("Try the one that did not work again…")
    assert 'Run "Orders DB" now?' in tab.text
    tab.press("Run pipeline").wait_for(lambda now: all_over(now) and len(now.requests) == 2)
    assert len(posts(hevo)) == 2


def test_a_lost_answer_is_told_as_unclear_and_is_not_sent_again(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = open_tab(hevo).open("run")
    hevo.faults.order("reset", path="/run-now", times=1)
    confirm(tab, failing).press("Run pipeline").wait_for(all_over)
    said = "We do not know whether Hevo received the request. We are checking; please do not press again."
    assert said in tab.text
    assert not [button for button in tab.app.button if "again" in button.label]
    assert len(posts(hevo)) == 1


def test_the_log_as_csv_has_everything_and_starts_no_formula(open_tab: OpenTab, hevo: Sandbox, failing: int) -> None:
    tab = confirm(open_tab(hevo).open("run"), failing).press("Run pipeline").wait_for(all_over)
    asked = replace(tab.shown.now.requests[0], name="=HYPERLINK(1)", by="@someone")
    tab.account.log = lambda: [asked]  # type: ignore[method-assign]
    [row] = csv.DictReader(io.StringIO(log_csv(tab.shown).decode("utf-8-sig")))
    assert (row["pipeline"], row["by"]) == ("'=HYPERLINK(1)", "'@someone")
    assert (row["number"], row["standing"], row["status"]) == (str(failing), "asked", "200")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["asked_utc"])


def test_a_hostile_name_is_asked_about_and_followed_as_text(open_tab: OpenTab) -> None:
    with Sandbox("hostile") as hevo:
        tab = open_tab(hevo).open("run")
        chosen = hevo.fleet.ids[HOSTILE_NAMES.index("$x^2$ and $$\\frac{1}{0}$$")]
        confirm(tab, chosen)
        assert 'Run "$x^2$ and $$\\frac{1}{0}$$" now?' in tab.text
        tab.press("Run pipeline").wait_for(all_over)
        assert "$x^2$ and" in line(tab)
        assert not re.search(r"(?<!\\)\$x", tab.markdown)
