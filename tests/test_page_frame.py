"""What stands around every page: whose data it is, our own trouble, the age of the picture, and what pausing does."""

from __future__ import annotations

import re
import time

import pytest

from sandbox import Sandbox
from tests.app_house import AT, PAGES, OpenTab, Screen

KEY = "Hevo did not accept our key. Nothing below is being updated."


def looks(hevo: Sandbox) -> int:
    """How often the whole list was asked for."""
    return sum(arrival.path.endswith("/pipelines") for arrival in hevo.arrivals)


def move(tab: Screen, seconds: float) -> None:
    """The account's clock goes on by so much."""
    clock = tab.account._clock
    before = clock.steady
    clock.steady = lambda: before() + seconds


def test_a_refused_key_is_told_and_nothing_is_green(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo, HEVO_API_SECRET="not-the-secret").open()
    for page in ("overview", "pipelines", "history", "run"):
        tab.open(page)
        assert f"{KEY} Ask the dashboard owner to renew it." in tab.text
        assert "fills by itself" not in tab.text
        assert ":green" not in tab.markdown
        assert "not-the-secret" not in tab.sent
    assert tab.open("guide").title == "Guide"


@pytest.mark.parametrize(
    ("contact", "shown", "link"),
    [
        ("mailto:data-desk@example.com", "data-desk@example.com", 'href="mailto:data-desk@example.com"'),
        ("https://wiki.example.com/a?b=1&c", "https://wiki.example.com/a?b=1&c", "a?b=1&amp;c"),
        ("<b>Ana</b>, desk 4", "<b>Ana</b>, desk 4", "&lt;b&gt;Ana"),
    ],
)
def test_whom_to_ask_about_the_key_is_the_owners_contact_as_text_or_link(
    open_tab: OpenTab, hevo: Sandbox, contact: str, shown: str, link: str
) -> None:
    tab = open_tab(hevo, HEVO_API_SECRET="not-the-secret", HEVO_CONTACT=contact).open("run")
    assert f"{KEY} Ask {shown} to renew it." in tab.text
    assert link in tab.drawn


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


def test_the_used_up_limit_is_told_with_the_time_of_the_next_check(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("run")
    hevo.faults.order("limit", retry_after=23)
    tab.look_again()
    said = rf"Hevo allows 100 requests a minute and they are used up\. Next check in 2[23] seconds\. Data from {AT}\."
    assert re.search(said, tab.text)


def test_trouble_is_said_aloud_once_and_not_each_second_anew(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("run")
    assert tab.app.session_state["said"] == ""
    hevo.faults.order("status", status=503)
    tab.look_again()
    assert tab.app.session_state["said"] == "Hevo is not answering."
    assert re.search(rf"Hevo is not answering\. Last answer {AT}\. Trying again in \d+ seconds\.", tab.text)
    hevo.faults.clear()


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("unwritable", r"What we see now is not being kept\.$"),
        ("newer", r"What we see now is not being kept\. .* newer version"),
        ("away", rf"We cannot reach our own records\. Data from {AT}\."),
    ],
)
def test_a_store_that_fails_is_told_on_every_page(open_tab: OpenTab, hevo: Sandbox, problem: str, said: str) -> None:
    tab = open_tab(hevo).open("run")
    tab.account._store.problem = problem
    for page in ("run", "guide"):
        tab.open(page)
        assert re.search(said, tab.text, re.MULTILINE)
    tab.account._store.problem = None
    assert not re.search(said, tab.draw().text, re.MULTILINE)


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
    assert setting in tab.text
    assert "half-a-secret" not in tab.sent
    assert "screen" not in tab.app.session_state


def test_sample_data_is_called_so_on_every_page(open_tab: OpenTab) -> None:
    tab = open_tab()
    for page in PAGES:
        assert "Sample data. Connect your Hevo account" in tab.open(page).text


def test_an_account_of_ones_own_is_not_called_sample_data(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo)
    for page in PAGES:
        assert "Sample data." not in tab.open(page).text


def test_viewers_share_what_was_worked_out(open_tab: OpenTab, hevo: Sandbox) -> None:
    one, other = (open_tab(hevo).open("run") for _ in range(2))
    one.look_again()
    assert one.draw().shown.now.judged is other.draw().shown.now.judged
    assert one.shown.history is other.shown.history


@pytest.mark.usefixtures("failing")
def test_what_is_paused_says_so_and_its_age_is_the_age_of_what_is_shown(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("run")
    tab.app.toggle(key="updates_paused").set_value(True).run()
    assert re.search(rf"Paused by you at {AT}\.$", tab.text, re.MULTILINE)
    shown = tab.shown.now.answered_at
    move(tab, 120)
    tab.account.refresh()
    tab.wait_for(lambda now: now.answered_at != shown)
    assert re.search(rf"Paused by you at {AT}\. Newer data is waiting\.", tab.text)
    assert "Checked 2 min ago" in tab.text
    assert tab.shown.now.answered_at == shown
    tab.app.toggle(key="updates_paused").set_value(False).run()
    assert "Paused by you" not in tab.text
    assert tab.shown.now.answered_at != shown


def test_what_grows_old_while_it_is_paused_is_doubted(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    tab.app.toggle(key="updates_paused").set_value(True).run()
    assert tab.shown.now.confirmed
    move(tab, 301)
    tab.draw()
    assert not tab.shown.now.confirmed
    assert tab.title == "We cannot confirm the 24 pipelines right now"


@pytest.mark.usefixtures("failing")
def test_clicks_cost_no_look(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open()
    for page in PAGES:
        tab.open(page)
    tab.open("run").press("Choose the one that failed").press("Run 1 pipeline…").press("Don't run")
    tab.app.toggle(key="updates_paused").set_value(True).run()
    open_tab(hevo).open("history")
    assert looks(hevo) == 1


def test_a_question_over_the_page_keeps_it_as_it_is_until_it_is_too_old(open_tab: OpenTab, hevo: Sandbox) -> None:
    """A redraw would build the dialog anew, and take the focus from whoever answers it."""
    import streamlit

    from dashboard import frame

    tab = open_tab(hevo).open("run")
    answered = tab.shown.now.answered_at
    assert answered is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamlit, "session_state", {"confirming": ["1"]})
        assert frame._is_asking(tab.shown, answered + 200)
        assert not frame._is_asking(tab.shown, answered + 301)
        patch.setattr(streamlit, "session_state", {"question_drawn": True})  # answered, but not yet taken away
        assert frame._is_to_redraw(tab.shown, has_news=False)
        patch.setattr(streamlit, "session_state", {})
        assert not frame._is_asking(tab.shown, answered + 200)
        assert not frame._is_to_redraw(tab.shown, has_news=False)
