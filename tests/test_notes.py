"""Notes: what may be written, what it covers, how it ends, and that nothing shown is ever lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.account import Account
from monitor.health import Word
from monitor.notes import About, Kind, Note
from monitor.store import Store, StoreError
from tests.account_house import House, house_on
from tests.conftest import ROOT
from tests.test_history_model import states_at

DAY = 86_400.0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path, "calm") as house:
        yield house


def failing(house: House, number: int = 2) -> tuple[Account, list[str]]:
    """An account in which so many pipelines have just begun to fail."""
    account = house.watched()
    names = house.on[:number]
    for name in names:
        house.sandbox.fleet.pin(name, status="ACTIVE", health_status="FAILED")
    look(house, account)
    return account, names


def look(house: House, account: Account, after: float = 60.0) -> None:
    house.clock.move(after)
    account.now()
    account.step()


def on_it(*names: str, by: str = "Ana", text: str = "vendor outage") -> Note:
    return Note(Kind.ON_IT, About.PIPELINES, names, text, by)


def said(*names: str, text: str = "key expired") -> Note:
    return Note(Kind.NOTE, About.PIPELINES, names, text, "Ana")


def planned(house: House, begins: float, ends: float, about: About = About.ALL, of: tuple[str, ...] = ()) -> Note:
    now = house.clock.now
    return Note(Kind.PLANNED, about, of, "Snowflake is being moved.", "Ben", begins=now + begins, ends=now + ends)


def written(account: Account, note: Note, person: str = "ana") -> Note:
    found = account.diary.write(note, person)
    assert isinstance(found, Note), found
    return found


def test_whoever_is_on_it_stands_beside_what_fails_and_the_problem_still_counts(house):
    account, names = failing(house)
    note = written(account, on_it(*names))
    now = account.now()
    assert now.on_it == dict.fromkeys(names, note)
    assert now.notes == (note,)
    assert [row.pipeline.id for row in now.problems] == [row.pipeline.id for row in now.rows[:2]]
    assert account.now().problems is now.problems  # worked out once a look
    assert now.under_plans(now.history) is now.history


def test_on_it_ends_by_itself_when_all_were_well_for_half_an_hour_and_never_comes_back(house):
    account, names = failing(house)
    written(account, on_it(*names))
    for name in names:
        house.sandbox.fleet.pin(name, status="ACTIVE", health_status="OK")
    look(house, account)
    assert account.now().on_it  # it may come back at once
    look(house, account, 29 * 60)
    assert account.now().on_it
    look(house, account, 60)
    assert not account.now().on_it
    house.sandbox.fleet.pin(names[0], status="ACTIVE", health_status="FAILED")
    look(house, account, 60)
    assert not account.now().on_it


def test_on_it_taken_back_leaves_a_line(house):
    account, names = failing(house)
    note = written(account, on_it(*names))
    assert account.diary.take_back(note.id, "Ben") is None
    [left] = account.now().notes
    assert (left.taken_by, left.text) == ("Ben", note.text)
    assert left.taken_at is not None
    assert not account.now().on_it
    assert account.diary.take_back(note.id, "Ben") == "gone"
    assert account.diary.take_back("no such note", "Ben") == "gone"
    assert account.diary.take_back(note.id, " \n") == "nobody"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"by": " \t\n"}, "nobody"),
        ({"by": "x" * 81}, "long"),
        ({"text": "x" * 281}, "long"),
        ({"text": "\u200b \u202e\n", "kind": Kind.NOTE}, "empty"),
        ({"of": ()}, "nothing there"),
        ({"of": ("no such pipeline",)}, "nothing there"),
        ({"about": About.REPORT, "of": ("no such report",)}, "nothing there"),
        ({"about": About.TEAM, "of": ("nobody's",)}, "nothing there"),
        ({"about": About.DESTINATION, "of": ("Nowhere",)}, "nothing there"),
    ],
)
def test_what_may_not_be_written_is_told_by_its_reason_and_is_not_there(house, change, why):
    account, names = failing(house)
    assert account.diary.write(replace(on_it(*names), **change), "ana") == why
    assert account.now().notes == ()


@pytest.mark.parametrize(
    ("begins", "ends", "why"),
    [
        (3600, 3600, "backwards"),
        (3600, 60, "backwards"),
        (-3600, 3600, "past"),
        (-500, -1, "past"),
        (60, 60 + 7 * DAY + 1, "too long"),
        (60, 366 * DAY, "too long"),
        (91 * DAY, 92 * DAY, "far"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(house, begins, ends, why):
    account = house.watched()
    assert account.diary.write(planned(house, begins, ends), "ben") == why
    assert account.diary.write(replace(planned(house, 0, 60), ends=None), "ben") == "backwards"
    assert account.now().notes == ()


def test_nobody_can_be_on_what_is_well(house):
    account = house.watched()
    assert account.diary.write(on_it(house.on[0]), "ana") == "all well"


def test_a_text_is_kept_on_one_line_without_what_cannot_be_seen_and_otherwise_as_it_was(house):
    account = house.watched()
    text = "a\x00b\n\u202e<script>alert(1)</script> [x](http://evil) $x$ ; DROP TABLE note;--"
    note = written(account, said(house.on[0], text=text))
    assert note.text == "a b <script>alert(1)</script> [x](http://evil) $x$ ; DROP TABLE note;--"
    assert account.now().notes == (note,)


def test_a_person_writes_at_most_ten_a_minute(house):
    account = house.watched()
    name = house.on[0]
    for _ in range(10):
        written(account, said(name))
    assert account.diary.write(said(name), "ana") == "often"
    written(account, said(name), "ben")
    house.clock.move(61)
    written(account, said(name))
    assert len(account.now().notes) == 12


def test_only_the_latest_ten_thousand_are_kept(house, monkeypatch):
    monkeypatch.setattr("monitor.store.notes.MOST_KEPT", 5)
    account = house.watched()
    ids = []
    for number in range(8):
        house.clock.move(30)
        ids.append(written(account, said(house.on[0], text=str(number))).id)
    assert [note.text for note in account.now().notes] == ["7", "6", "5", "4", "3"]
    assert [note.text for note in house.account().now().notes] == ["7", "6", "5", "4", "3"]


def test_planned_work_alarms_nobody_while_it_lasts(house):
    account, names = failing(house)
    written(account, planned(house, 60, 3600))
    assert len(account.now().problems) == 2
    assert account.now().notes[0].is_announced_at(house.clock.now)
    house.clock.move(61)
    now = account.now()
    assert not now.problems
    assert set(names) < now.judged.planned_at(now.notes, now.at)
    assert {row.pipeline.id for row in now.having(Word.PLANNED)} == set(names)
    assert (now.counts[Word.PLANNED], now.counts[Word.FAILED], sum(now.counts.values())) == (2, 0, len(now.rows))
    seen, shown = (states_at(each, round(now.at * 1000)) for each in (now.history, now.under_plans(now.history)))
    assert ({seen[name] for name in names}, {shown[name] for name in names}) == ({Word.FAILED}, {Word.PLANNED})
    house.clock.move(3600)
    assert len(account.now().problems) == 2


def test_an_hour_of_planned_trouble_is_kept_apart_from_failing(house):
    account, _ = failing(house, 1)
    written(account, planned(house, 0, 3 * 3600))
    for _ in range(3):
        look(house, account, 3600)
    hours = account.diary.tallies(0)
    assert hours[hours["start"] == hours["start"].max()].set_index("word")["pipelines"].get(Word.PLANNED) == 1


def test_planned_work_can_be_ended_early(house):
    account, _ = failing(house)
    note = written(account, planned(house, 0, 3600))
    house.clock.move(60)
    assert account.diary.take_back(note.id, "Ben") is None
    house.clock.move(1)
    assert len(account.now().problems) == 2
    assert account.now().notes[0].until == pytest.approx(house.clock.now - 1)


def test_a_destinations_plan_covers_whoever_loads_there_now(house):
    account = house.watched()
    row = account.now().rows[0]
    written(account, planned(house, 0, 3600, About.DESTINATION, (row.pipeline.destination_name,)))
    there = {
        one.pipeline.id for one in account.now().rows if one.pipeline.destination_name == row.pipeline.destination_name
    }
    now = account.now()
    assert now.judged.planned_at(now.notes, now.at) == there


def test_another_server_shows_it_and_nothing_is_lost_by_a_restart(house):
    account, names = failing(house)
    other = house.account()
    note = written(account, on_it(*names))
    house.clock.move(1)
    other.step()
    assert other.now().notes == (note,)
    assert other.now().on_it == account.now().on_it
    assert house.account().now().notes == (note,)


def test_what_cannot_be_kept_is_not_shown(house, monkeypatch):
    account, names = failing(house)

    def full(*_: object, **__: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(Store, "write", full)
    assert account.diary.write(on_it(*names), "ana") == "not kept"
    assert account.diary.take_back("any", "Ana") == "not kept"
    assert account.now().notes == ()


def test_a_note_that_was_shown_survives_a_kill(house):
    """Another process writes and tells of each note after it is shown; it is killed in the middle of this."""
    house.watched()
    script = f"""
import sys
from pathlib import Path
from monitor import Clock
from monitor.notes import About, Kind, Note
from monitor.store import Store, accounts, notes
store = Store.in_folder(Path({str(house.folder)!r}), Clock())
number = 0
while True:
    number += 1
    note = Note(Kind.NOTE, About.ALL, (), str(number), "Ana")
    kept = store.write(lambda tx: notes.write(tx, 1, note, str(number)), safely=True)
    print(kept.id, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    shown = [child.stdout.readline().strip() for _ in range(30)]
    child.kill()
    shown += child.stdout.read().split()
    kept = {note.id for note in house.account().now().notes}
    assert set(shown) <= kept
    assert len(kept) - len(set(shown)) <= 1
