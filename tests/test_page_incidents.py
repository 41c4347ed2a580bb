"""Incidents, notes and the month as a reader sees them, on a Hevo that a test pins."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from dashboard import month
from dashboard.incidents import csv_of, write
from dashboard.over_time import Past, health_table
from dashboard.times import Times, zone_named
from dashboard.words import incidents as words
from monitor import incidents as inc
from monitor.health import Word
from monitor.incidents import Incident
from monitor.notes import About, Kind, Note
from monitor.store import StoreError
from monitor.store.accounts import bump
from sandbox import Sandbox
from server.routes import summary
from tests.app_house import NOW, Screen, broken_off, watched
from tests.conftest import settings_for

CLOCK = Times(zone_named("UTC"), NOW)
HOSTILE_NAME = "[Ana](http://evil.example) <b> $x$"
HOSTILE = "<script>alert(1)</script> [x](http://evil.example) $x$ **bold** =1+1"


@pytest.fixture
def visitor(hevo: Sandbox, settings: Callable[..., None]) -> tuple[Screen, list[str]]:
    """A tab that has seen two pipelines begin to fail."""
    settings(**settings_for(hevo))
    tab = Screen().draw()
    names = [row.pipeline.id for row in tab.shown.now.rows if not row.is_paused][:2]
    for name in names:
        hevo.fleet.pin(name, status="ACTIVE", health_status="FAILED")
    return tab.look_again(), names


def opened(tab: Screen) -> Screen:
    [one] = inc.still_open(tab.account.now().judged.incidents)[:1]
    return tab.open("history", incident=one.key)


def lines(tab: Screen) -> str:
    """What stands in lines of our own."""
    return tab.sent


def test_while_our_own_records_are_away_pages_show_what_is_known_without_them(visitor, monkeypatch):
    def away(_: object) -> None:
        raise StoreError("the database does not answer")

    tab, names = visitor
    monkeypatch.setattr(tab.account._store, "read", away)
    assert "What happened" in opened(tab).text
    monkeypatch.setattr(tab.account._store, "problem", "away")
    tab.open("pipelines", pipeline=names[0])
    assert "We cannot reach our own records now, so no tables are shown." in tab.text


def test_the_list_tells_what_failed_and_since_when_and_leads_to_it(visitor):
    tab, _ = visitor
    one = inc.still_open(tab.account.now().judged.incidents)[0]
    tab.open("history")
    assert words.what(one, tab.account.now().name) in lines(tab)
    assert f"incident={one.key}" in lines(tab)


def test_an_opened_incident_tells_its_course_and_offers_what_can_be_done(visitor):
    tab, names = visitor
    opened(tab)
    assert any(button.label.startswith("Run") for button in tab.app.button)
    assert "What happened" in tab.text
    assert f"{tab.account.now().name(names[0])} failed" in tab.text or "was seen failing" in tab.text


def test_a_link_to_no_incident_is_told_so_and_the_list_stands_below(visitor):
    tab, _ = visitor
    for key in ("6590-20200101T0000", "", "x", "-", HOSTILE):
        tab.open("history", incident=key)
        assert tab.title == "History"
    assert words.UNKNOWN_KEY in tab.text


def test_who_is_on_it_is_told_on_the_overview_and_the_problem_still_counts(visitor):
    tab, names = visitor
    note = Note(Kind.ON_IT, About.PIPELINES, tuple(names), HOSTILE, HOSTILE_NAME)
    assert isinstance(tab.account.diary.write(note, "ana"), Note)
    tab.open("overview")
    assert f"need attention; {HOSTILE_NAME} is on 2 of them" in tab.title
    tab.open("pipelines", pipeline=names[0])
    assert f"{HOSTILE_NAME} is on it" in tab.text
    opened(tab)
    assert f"{HOSTILE_NAME} (name typed, not checked) is on it: {HOSTILE}" in tab.text


def test_what_people_write_is_text_on_every_page(visitor):
    tab, names = visitor
    now = tab.account.now().at
    for kind, ends in ((Kind.ON_IT, None), (Kind.NOTE, None), (Kind.PLANNED, now + 3600)):
        note = Note(kind, About.PIPELINES, (names[0],), HOSTILE, HOSTILE_NAME, begins=now, ends=ends)
        assert isinstance(tab.account.diary.write(note, "ana"), Note)
    for page, query in (("overview", {}), ("pipelines", {}), ("pipelines", {"pipeline": names[0]}), ("history", {})):
        tab.open(page, **query)
        assert "<script>alert" not in tab.html + tab.drawn
        assert "](http" not in tab.markdown
    assert "](http" not in opened(tab).markdown


def test_a_form_writes_what_it_says_and_a_wrong_one_says_why_and_writes_nothing(visitor):
    tab, _ = visitor
    opened(tab)
    tab.app.text_area(key="text-note").set_value("key expired")
    tab.press("Write it")
    assert words.REFUSALS["nobody"] in tab.text or words.REFUSALS["nobody"] in lines(tab)
    assert tab.account.now().notes == ()
    tab.app.text_input(key="name-note").set_value("Ana")
    tab.press("Write it")
    [note] = tab.account.now().notes
    assert (note.text, note.by, note.typed) == ("key expired", "Ana", True)
    assert "Ana (name typed, not checked) wrote: key expired" in tab.text


@pytest.mark.parametrize("access", [1, 2, 3, 4, 5])
def test_a_redraw_in_the_midst_of_writing_neither_loses_the_note_nor_writes_it_twice(visitor, access, monkeypatch):
    tab, _ = visitor
    opened(tab)
    tab.app.text_area(key="text-note").set_value("key expired")
    tab.app.text_input(key="name-note").set_value("Ana")
    broken_off(monkeypatch, write, access)
    tab.press("Write it").draw()
    assert [note.text for note in tab.account.now().notes] == ["key expired"]
    assert "Ana (name typed, not checked) wrote: key expired" in tab.text


def test_who_may_not_run_may_not_write_even_by_replaying_the_form(visitor, monkeypatch):
    tab, _ = visitor
    opened(tab)
    tab.app.text_area(key="text-note").set_value("key expired")
    tab.app.text_input(key="name-note").set_value("Ana")
    monkeypatch.setenv("HEVO_READ_ONLY", "true")
    tab.press("Write it")
    assert tab.account.now().notes == ()
    assert "look only" in lines(tab)


def test_who_may_not_run_may_not_take_back_or_end_what_others_wrote(visitor, monkeypatch):
    tab, names = visitor
    now = tab.account.now().at
    plan = Note(Kind.PLANNED, About.ALL, (), "moved", "Ben", begins=now, ends=now + 3600)
    for note in (plan, Note(Kind.NOTE, About.PIPELINES, tuple(names), "key expired", "Ana")):
        assert isinstance(tab.account.diary.write(note, note.by), Note)
    for page in (tab.open("history"), opened(tab)):
        press = next(one for one in page.app.button if one.key and one.key.startswith(("end-", "take-")))
        monkeypatch.setenv("HEVO_READ_ONLY", "true")
        press.click()
        page.draw()
        assert "look only" in lines(page)
        monkeypatch.delenv("HEVO_READ_ONLY")
        page.draw()
    assert [note.taken_at for note in tab.account.now().notes] == [None, None]


def test_ten_thousand_notes_are_kept_and_hold_up_no_page(visitor):
    tab, names = visitor
    first = Note(Kind.NOTE, About.PIPELINES, (names[0],), "again", "Ana")
    assert isinstance(tab.account.diary.write(first, "ana"), Note)
    many = (
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 10100)"
        " INSERT INTO note (account, version, person, id, kind, about, of_what, text, by_whom, typed, begins, ends,"
        " written_at) SELECT account, ?, person,"
        " printf('%013d-%d', written_at - n, n), kind, about, of_what, text, by_whom, typed, begins, ends,"
        " written_at - n FROM note, number"
    )
    tab.account._store.write(lambda tx: tx.do(many, bump(tx, 1)))
    assert isinstance(tab.account.diary.write(replace(first, text="the last"), "ben"), Note)
    assert len(tab.account.now().notes) == 10_000
    assert tab.account.now().notes[0].text == "the last"
    for page in ("overview", "history", "pipelines"):
        began = time.process_time()
        tab.open(page)
        assert time.process_time() - began < 2
    assert "the last" in opened(tab).text


def test_under_planned_work_the_headline_counts_nothing(visitor):
    tab, _ = visitor
    now = tab.account.now().at
    note = Note(Kind.PLANNED, About.ALL, (), "moved", "Ben", begins=now, ends=now + 3600)
    assert isinstance(tab.account.diary.write(note, "ben"), Note)
    tab.open("overview")
    assert "need attention" not in tab.title
    tab.open("history")
    assert "all pipelines: moved" in tab.text
    tab.press("End it")
    assert "need attention" in tab.open("overview").title


def test_what_failed_and_worked_again_under_planned_work_is_told_so(visitor, hevo):
    tab, names = visitor
    other = next(row.pipeline.id for row in tab.shown.now.having(Word.HEALTHY) if row.pipeline.id not in names)
    now = tab.account.now().at
    note = Note(Kind.PLANNED, About.ALL, (), "moved", "Ben", begins=now, ends=now + 3600)
    assert isinstance(tab.account.diary.write(note, "ben"), Note)
    for health in ("FAILED", "OK"):
        hevo.fleet.pin(other, status="ACTIVE", health_status=health)
        tab.move(20).look_again()
    tab.open("history")
    assert tab.text.count("In planned work: moved") == 2  # what still fails, and what does not


@pytest.mark.parametrize("asked", ["2026-11", "2000-01", "1970-01", "", "nonsense", "9999-12", HOSTILE])
def test_any_month_in_a_link_opens_a_page(visitor, asked):
    tab, _ = visitor
    tab.open("history", month=asked)
    assert "Days of UTC time" in tab.text


def test_the_present_months_figures_are_on_its_page_and_in_its_csv(visitor):
    tab, names = visitor
    now = tab.account.now()
    tab.open("history", month=f"{CLOCK.moment(now.at):%Y-%m}")
    assert "Incidents" in lines(tab)
    told = month.csv_of(tab.account.diary.month(f"{CLOCK.moment(now.at):%Y-%m}").figures, tab.shown).decode("utf-8-sig")
    assert told.splitlines()[0].startswith('"number","name","well_seconds","failing_seconds"')
    assert names[0] in told


def incident(**told: object) -> Incident:
    fields = {
        "key": "7-20270115T0210",
        "pipelines": ("7", "8", "9"),
        "not_before": NOW - 12_660,
        "began": NOW - 12_600,
        "end_after": NOW - 60,
        "ended": NOW,
        "how": inc.WELL,
        "count": 3,
        "shared": "destination",
        "name": "Snowflake EU",
    }
    return Incident(**{**fields, **told})


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "3 pipelines failed together, 04:30 to 08:00 (3 h 30 min), all into Snowflake EU."),
        ({"ended": None}, "3 pipelines failed together, since 04:30 (3 h 30 min), all into Snowflake EU."),
        ({"pipelines": ("7",), "shared": "", "count": 12}, "Seven failed 12 times, 04:30 to 08:00 (3 h 30 min)."),
        (
            {"not_before": None, "ended": None, "shared": ""},
            "3 pipelines were found failing, at least since 04:30 (at least 3 h 30 min).",
        ),
        (
            {"end_after": NOW - 2_400, "shared": ""},
            "3 pipelines failed together, 04:30 to 08:00 (between 2 h 50 min and 3 h 31 min).",
        ),
        (
            {"how": inc.PAUSED, "shared": "source", "name": "MySQL"},
            "3 pipelines failed together, 04:30 to 08:00 (3 h 30 min), all from MySQL, turned off while failing.",
        ),
    ],
)
def test_an_incident_is_one_sentence(told, sentence):
    assert words.whole(incident(**told), lambda _: "Seven", CLOCK) == sentence


def test_every_reason_not_to_write_has_a_sentence_that_says_so():
    assert all(sentence.endswith(".") for sentence in words.REFUSALS.values())
    assert all("Nothing was written" in words.REFUSALS[why] for why in words.REFUSALS if why != "gone")


def test_the_status_tells_open_incidents_and_who_is_on_them(visitor):
    tab, names = visitor
    note = Note(Kind.ON_IT, About.PIPELINES, tuple(names), "", "Ana")
    assert isinstance(tab.account.diary.write(note, "ana"), Note)
    told = summary(tab.account.now(), CLOCK.zone)["incidents"]
    assert sum(one["pipelines"] for one in told) == 2
    assert all(one["on_it"] == ["Ana"] and one["since"].endswith("Z") and one["key"] for one in told)


def test_the_lists_csv_has_every_incident_and_no_formula(visitor):
    tab, names = visitor
    now = tab.account.now()
    rows = inc.listed(now.judged.incidents, 0, inc.OPEN)
    told = csv_of(rows, tab.shown).decode("utf-8-sig").splitlines()
    assert len(told) == 1 + len(rows)
    assert told[0].startswith('"incident","what","pipelines"')
    assert all(now.name(name) in "\n".join(told) for name in names)


def test_planned_time_is_no_failure_in_the_percentage_of_the_history_page(visitor):
    """Six minutes it was healthy, then five failing, and all of these five under planned work."""
    tab, names = visitor
    shown = tab.shown
    own = watched(*[Word.HEALTHY] * 6, *[Word.FAILED] * 6, pipeline_id=names[0])
    end = round(1000 * NOW)
    known = Past(end - 660_000, end, end - 660_000, own, labels={names[0]: "Orders"})
    plan = Note(Kind.PLANNED, About.ALL, (), "moved", "Ben", begins=end / 1000 - 300, ends=end / 1000 + 60)
    for notes, healthy in (((), "54%"), ((plan,), "100%")):
        screen = replace(shown, now=replace(shown.now, notes=notes))
        assert health_table(known, screen)["healthy"].tolist() == [healthy]
