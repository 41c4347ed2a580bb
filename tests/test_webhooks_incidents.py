"""Incidents, notes and planned work, as they are told to those who do not look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.events import Kind
from monitor.notes import About, Note
from monitor.notes import Kind as NoteKind
from tests.hooks_house import HooksHouse, hooks_house_on

INCIDENTS = frozenset({Kind.INCIDENT_OPENED, Kind.INCIDENT_CLOSED})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[HooksHouse]:
    with hooks_house_on(tmp_path) as house:
        yield house


def two_of_one_destination(house: HooksHouse, account) -> list[str]:
    rows = account.now().rows
    first = next(
        row for row in rows if sum(one.pipeline.destination_name == row.pipeline.destination_name for one in rows) > 1
    )
    there = [row.pipeline.id for row in rows if row.pipeline.destination_name == first.pipeline.destination_name]
    return [one for one in there if one in house.ids][:2]


def test_what_began_together_is_told_once_and_its_end_when_it_was_well_for_half_an_hour(house):
    account = house.account(house.hook(events=INCIDENTS))
    house.look(account)
    one, other = two_of_one_destination(house, account)
    for name in (one, other):
        house.house.sandbox.fleet.pin(name, health_status="FAILED")
    house.look(account)
    assert house.told == ["incident.opened"]
    for name in (one, other):
        house.mend(account, name)
    house.look(account, 25 * 60)
    assert house.told == ["incident.opened"]
    house.look(account, 6 * 60)
    assert house.told == ["incident.opened", "incident.closed"]
    opened, closed = (body["data"] for body in house.bodies)
    assert (opened["pipelines"], opened["incident"]) == (2, closed["incident"])
    assert "2 pipelines failed together" in opened["sentence"]
    assert closed["seconds"] == 120
    house.look(account, 3600)
    assert len(house.told) == 2


def test_a_restart_tells_no_incident_twice(house):
    account = house.account(house.hook(events=INCIDENTS))
    house.look(account)
    house.fail(account, house.ids[0])
    account.close()
    again = house.account(house.hook(events=INCIDENTS))
    house.look(again)
    house.look(again)
    assert house.told == ["incident.opened"]


def test_an_address_that_is_new_hears_of_no_incident_that_began_before(house):
    account = house.account(house.hook(events=frozenset({Kind.FINISHED})))
    house.look(account)
    house.fail(account, house.ids[0])
    account.close()
    again = house.account(house.hook(events=INCIDENTS))
    house.look(again)
    house.look(again)
    assert house.told == []


def test_a_note_is_told_to_who_asked_for_notes(house):
    account = house.account(house.hook(events=frozenset({Kind.NOTE_ADDED})))
    house.look(account)
    note = Note(NoteKind.NOTE, About.PIPELINES, (house.ids[0],), "key expired", "Ana")
    assert isinstance(account.diary.write(note, "ana"), Note)
    account.step()
    assert house.told == ["note.added"]
    [body] = house.bodies
    assert body["data"]["sentence"].endswith(": key expired")
    assert body["data"]["sentence"].startswith("Ana (name typed, not checked) wrote about ")


def test_planned_work_tells_nothing_and_what_still_holds_when_it_ends_is_told_then(house):
    account = house.account()
    house.look(account)
    now = account.now().at
    plan = Note(NoteKind.PLANNED, About.ALL, (), "moved", "Ben", begins=now, ends=now + 600)
    assert isinstance(account.diary.write(plan, "ben"), Note)
    stays, passes = house.ids[:2]
    house.fail(account, stays)
    house.fail(account, passes)
    house.mend(account, passes)
    assert house.told == []
    house.look(account, 600)
    assert house.told == ["pipeline.failed"]
    assert house.bodies[0]["data"]["pipeline"]["id"] == stays
