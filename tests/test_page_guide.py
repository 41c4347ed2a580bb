"""The guide: every word, every question, what the owner must mend, and a key of one's own."""

from __future__ import annotations

from pathlib import Path

from dashboard import connection
from dashboard.words import guide
from dashboard.words.states import NAMES
from monitor.settings import REGIONS, Settings
from sandbox import Sandbox
from tests.app_house import OpenTab


def test_the_guide_explains_every_word_and_answers_every_question(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("guide")
    assert len(tab.app.expander) == 9
    assert all(fold.label.endswith("?") and fold.markdown for fold in tab.app.expander)
    for word in (*NAMES.values(), "Not confirmed"):
        assert f"**{word}** · " in tab.text
    assert "account members are not permitted to perform this action" in tab.text
    assert "It cannot be stopped from here." in tab.text
    assert "it looks every 5 min, also when nobody has it open" in tab.text
    assert "For the owner of this dashboard" not in tab.text


def test_the_guide_knows_every_region() -> None:
    assert all(region in dict(guide.SECTIONS)[guide.CONNECT] for region in REGIONS)


def test_why_history_begins_depends_on_who_watches() -> None:
    assert "it looks while it is open" in guide.history(0, 30, sample=False)
    assert "remembers 30 days" in guide.history(0, 30, sample=False)
    assert "comes with a day of history" in guide.history(300, 90, sample=True)


def test_the_owner_is_told_what_is_wrong_in_the_catalogue(open_tab: OpenTab, hevo: Sandbox, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.toml"
    catalog.write_text('[[pipelines]]\nid = "123456"\nname = "Gone"\n')
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open("guide")
    assert "In the catalogue: Line 1: Hevo has no pipeline with the id or name" in tab.text
    looker = open_tab(hevo, HEVO_CATALOG=str(catalog), HEVO_READ_ONLY="true").open("guide")
    assert "In the catalogue" not in looker.text


def test_a_store_that_was_set_aside_is_told_to_the_owner(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("guide")
    tab.account._store.note = "set-aside"
    assert "It was set aside under another name, and a new one began." in tab.draw().text


def test_a_key_typed_by_a_person_is_checked_without_being_repeated(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("guide")
    tab.press("Use my key in this tab")
    assert "Type both the key and the secret." in tab.text
    key, secret = tab.app.text_input
    key.set_value("typed:secretly")
    secret.set_value("x")
    tab.press("Use my key in this tab")
    assert "must be printable" in tab.text
    assert "typed:secretly" not in tab.drawn
    assert not [arrival for arrival in hevo.arrivals if "typed" in str(arrival)]


def test_the_months_of_an_account_of_ones_own_are_those_of_the_owners_zone() -> None:
    own = connection.connect_own(Settings(time_zone="Asia/Kolkata"), "us", "key", "secret")
    assert str(own.diary.zone) == "Asia/Kolkata"
    connection.disconnect_own()
