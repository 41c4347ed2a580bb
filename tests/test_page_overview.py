"""The overview as a visitor reads it: one sentence, the counts, problems as lines, what happened, the quiet rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest

from monitor import history as frames
from monitor.health import Word
from monitor.history import History
from sandbox import Sandbox
from tests.app_house import PAGES, OpenTab, Screen, all_over, watched
from tests.conftest import settings_for

DAY_MS = 86_400_000


def fail(hevo: Sandbox, ids: list[int]) -> None:
    for one in ids:
        hevo.fleet.pin(one, health_status="FAILED")


def line_of(tab: Screen, pipeline_id: int) -> str:
    """The HTML of a problem's line."""
    lines: list[str] = re.findall(r'<li class="line">.*?</li>', tab.html, re.DOTALL)
    return next(line for line in lines if f'data-run="{pipeline_id}"' in line)


def later(tab: Screen, seconds: float) -> Screen:
    """The page as it is drawn so much later, without any look in between."""
    clock = tab.account._clock
    wall = clock._wall
    clock._epoch, clock._wall = clock._epoch + seconds, lambda: wall() + seconds
    return tab.draw()


def test_the_overview_says_first_how_many_need_attention_and_shows_them_worst_first(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    called = {one.id: one.body["source"]["name"] for one in hevo.fleet.pipelines}
    by_name = sorted(ids[:3], key=lambda one: called[one].casefold())
    fail(hevo, by_name[:2])
    hevo.fleet.pin(by_name[2], health_status="DEGRADED")
    tab = open_tab(hevo).open()
    assert tab.title == "3 of 24 pipelines need attention"
    assert tab.counts == ["2 Failed", "1 Unknown", "20 Healthy", "1 Paused"]
    assert tab.problems == [str(one) for one in by_name]
    assert 'Hevo says "DEGRADED"' in tab.text
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


def test_each_tile_and_see_all_open_exactly_the_rows_they_count(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    fail(hevo, ids[:13])
    hevo.fleet.pin(ids[13], health_status=None)
    tab = open_tab(hevo).open()
    assert tab.links["13 Failed"] == "pipelines?status=failed"
    assert len(tab.problems) == 12
    page, _, query = tab.links["See all 14"].partition("?")
    assert page == "pipelines"
    words = {Word(word) for word in parse_qs(query)["status"]}
    assert len(tab.shown.now.having(*words)) == 14
    assert words == {Word.FAILED, Word.UNKNOWN}


def test_a_line_links_the_name_tells_the_route_and_runs_by_name(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    fail(hevo, ids[:1])
    tab = open_tab(hevo).open()
    assert tab.links["Orders DB"] == f"pipelines?pipeline={ids[0]}"
    line = line_of(tab, ids[0])
    assert "MySQL → Analytics" in line
    assert 'aria-label="Run Orders DB"' in line


def test_an_address_of_a_destination_is_one_click_away(open_tab: OpenTab, hevo: Sandbox) -> None:
    into = [one.id for one in hevo.fleet.pipelines if one.body["destination"]["name"] == "Marketing lake" and one.id]
    fail(hevo, into[:4])
    tab = open_tab(hevo).open()
    assert tab.links["All 4 load into Marketing lake"] == "pipelines?status=failed&destination=Marketing+lake"


def test_what_began_since_the_last_visit_is_new_and_named(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    fail(hevo, ids[:1])
    tab = open_tab(hevo).open()
    tab.app.session_state[f"restored_{tab.account.name}"] = None, tab.shown.now.at
    fail(hevo, ids[1:2])
    hevo.fleet.pin(ids[0], health_status="OK")
    tab.wait_a_second().look_again()
    name = tab.shown.now.name(str(ids[1]))
    assert ">New<" in line_of(tab, ids[1])
    assert "Since you last looked, " in tab.text
    assert f"1 started failing: {name}" in tab.text
    assert "1 recovered: Orders DB" in tab.text
    tab.app.session_state[f"restored_{tab.account.name}"] = None, tab.shown.now.at + 1
    assert ">New<" not in tab.draw().html


def test_a_visit_longer_ago_than_this_session_remembers_is_read_from_the_store(
    open_tab: OpenTab, hevo: Sandbox
) -> None:
    tab = open_tab(hevo).open()
    tab.app.session_state[f"restored_{tab.account.name}"] = None, tab.shown.now.at - 3 * DAY_MS / 1000
    asked, read = list[float](), tab.account.history

    def history(start: float, pipeline_ids: Sequence[str] | None = None) -> History:
        asked.append(start)
        return read(start, pipeline_ids)

    tab.account.history = history  # type: ignore[method-assign]
    assert "What changed since " in tab.draw().text
    assert asked == [pytest.approx(tab.shown.now.at - 3 * DAY_MS / 1000, abs=30)]


def test_a_day_of_history_is_drawn_as_strips_and_as_an_area(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    fail(hevo, ids[:1])
    tab = open_tab(hevo).open()
    assert "In a few minutes there will be something to draw here." in tab.text
    assert not tab.app.get("vega_lite_chart")
    past = watched(*[Word.HEALTHY] * 20, *[Word.FAILED] * 4, pipeline_id=str(ids[0]), every=3_600.0)
    shift = round(tab.shown.now.at * 1000) - int(past.watch["last"].iloc[-1]) - 60_000
    changes = past.changes.assign(at=past.changes["at"] + shift, after=past.changes["after"] + shift)
    watch = past.watch[["first", "last", "until"]].add(shift).assign(looks=1)
    tab.app.session_state[f"restored_{tab.account.name}"] = frames.history(changes, watch), None
    tab.draw()
    assert re.search(r'aria-label="Last [^"]*: failed once \(3 h', line_of(tab, ids[0]))
    assert re.search(r"How many were failing since .*, when watching began", tab.text)
    assert "At most 1 of 24 at once (" in tab.text
    assert tab.app.get("vega_lite_chart")


def test_what_grows_old_is_doubted_keeps_its_words_and_is_not_green(
    open_tab: OpenTab, hevo: Sandbox, ids: list[int]
) -> None:
    fail(hevo, ids[:2])
    tab = open_tab(hevo).open()
    green = tab.shown.palette.healthy
    assert green in tab.html
    tab.app.session_state["updates_paused"] = True
    answered = later(tab.draw(), 301).shown.answered
    assert tab.title == "We cannot confirm the 24 pipelines right now"
    assert f"At {answered} 2 were failing and 21 healthy." in tab.text
    assert tab.counts == ["2 Failed", "21 Healthy", "1 Paused"]
    assert tab.problems == [str(one) for one in sorted(ids[:2], key=lambda one: tab.shown.now.name(str(one)))]
    assert f"last confirmed at {answered}" in tab.text
    assert green not in tab.html


def test_a_first_failed_look_changes_no_word(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    fail(hevo, ids[:1])
    tab = open_tab(hevo).open()
    hevo.faults.order("status", status=500)
    tab.account.refresh()
    tab.wait_for(lambda now: now.trouble is not None)
    assert tab.title == "1 of 24 pipelines needs attention"
    assert tab.counts[0] == "1 Failed"


def test_a_run_is_noted_beside_the_word_and_never_replaces_it(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    fail(hevo, ids[:1])
    tab = open_tab(hevo).open()
    tab.account.run([str(ids[0])])
    tab.wait_for(all_over)
    assert tab.counts[0] == "1 Failed"
    line = line_of(tab, ids[0])
    assert re.search(r"failed at least since \d\d:\d\d", line)
    assert re.search(r"run asked \d\d:\d\d", line)


def test_the_healthy_ones_are_listed_only_for_who_wants_to_see_them(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    assert "Support tickets" not in tab.text
    tab.app.session_state["healthy"] = True
    assert "Support tickets" in tab.draw().links


def test_an_empty_account_is_told_as_such(open_tab: OpenTab) -> None:
    with Sandbox("empty") as hevo:
        tab = open_tab(hevo).open()
        assert tab.title == "Hevo answered: this account has no pipelines."
        assert tab.counts == []
        for page in PAGES:
            tab.open(page)
        assert "Hevo answered: this account has no pipelines." in tab.open("pipelines").text


def test_times_stand_on_the_viewers_own_clock(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    fail(hevo, ids[:1])
    tab = open_tab(hevo, zone="Asia/Kolkata").open()
    at = datetime.fromtimestamp(tab.shown.now.answered_at or 0, ZoneInfo("Asia/Kolkata"))
    assert f"at {at:%H:%M} (Asia/Kolkata time)" in tab.text
    assert f"failed at least since {at:%H:%M}" in tab.text


def test_several_failing_ones_without_a_number_are_told_but_neither_linked_nor_run(
    open_tab: OpenTab, hevo: Sandbox
) -> None:
    bare = replace(hevo.fleet.pipelines[0], id=None, health_status="FAILED")
    hevo.fleet.pipelines += [bare, bare, replace(bare, health_status=None)]
    tab = open_tab(hevo)
    for page in PAGES:
        tab.open(page)
    assert tab.open().title == "3 of 27 pipelines need attention"
    assert tab.html.count('<span class="name cut"') == 3
    assert tab.problems == []


def test_hostile_names_stay_text_in_the_lines(open_tab: OpenTab) -> None:
    with Sandbox("hostile") as hevo:
        fail(hevo, [one for one in hevo.fleet.ids if one])
        tab = open_tab(hevo).open()
        tab.app.session_state["healthy"] = tab.app.session_state["unstable"] = True
        tab.draw()
    made = set(re.findall(r"<(\w+)", tab.html))
    assert made <= {"div", "ul", "li", "a", "b", "span", "button", "svg", "path", "rect", "circle", "title", "p"}
    assert "&lt;" in tab.html
    assert not re.search(r"[\u202e\u2066]", tab.html)


def test_the_summary_to_copy_names_the_failing_and_links_here(open_tab: OpenTab, hevo: Sandbox, ids: list[int]) -> None:
    fail(hevo, ids[:1])
    tab = open_tab(hevo).open()
    assert re.search(r'data-copy="\d\d:\d\d: 1 of 24 failing: Orders DB\. \(', tab.html)


def test_viewers_share_what_is_drawn(open_tab: OpenTab, hevo: Sandbox) -> None:
    one, other = open_tab(hevo, HEVO_FRESHNESS="false").open(), Screen().open()
    assert one.shown.now.judged is other.shown.now.judged
    assert settings_for(hevo)["HEVO_API_KEY"] not in one.sent
