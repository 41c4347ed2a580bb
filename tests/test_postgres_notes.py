"""Notes and months on a PostgreSQL that several servers share."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd

from monitor import months
from monitor.notes import About, Kind, Note
from monitor.store import months as kept
from tests.test_postgres import House, house, until  # noqa: F401 - fixtures

HOSTILE = "'; DROP TABLE note; -- \\ % ? \U0001f4a9"


def test_two_servers_that_write_at_once_both_keep_theirs_and_show_all_within_two_seconds(house: House) -> None:  # noqa: F811
    servers = house.accounts(2)
    name = servers[0].now().rows[0].pipeline.id

    def write(number: int) -> Note | str:
        note = Note(Kind.NOTE, About.PIPELINES, (name,), f"{number} {HOSTILE}", "Ana")
        return servers[number % 2].diary.write(note, f"person {number % 2}")

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(write, range(16)))
    assert all(isinstance(note, Note) for note in written)
    began = time.monotonic()
    for server in servers:
        until(lambda server=server: set(server.now().notes) == set(written))
    assert time.monotonic() - began < 2
    assert servers[0].diary.take_back(written[0].id, "Ben") is None
    assert servers[1].diary.take_back(written[0].id, "Ana") == "gone"
    until(lambda: any(note.taken_by == "Ben" for note in servers[1].now().notes))


def test_the_limit_of_ten_a_minute_holds_on_all_servers_together(house: House) -> None:  # noqa: F811
    servers = house.accounts(2)
    note = Note(Kind.NOTE, About.ALL, (), "again", "Ana")
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda number: servers[number % 2].diary.write(note, "ana"), range(16)))
    assert sum(isinstance(one, Note) for one in written) == 10
    assert written.count("often") == 6


def test_a_months_rows_are_written_once_whoever_writes(house: House) -> None:  # noqa: F811
    account = house.account()
    until(lambda: account.now().confirmed)
    store = house.store()

    def write(number: int) -> bool:
        def figures(names: list[str]) -> pd.DataFrame:
            return pd.DataFrame(number, index=names, columns=[*months.COLUMNS])

        return store.write(lambda tx: kept.write(tx, 1, "2026-10", figures))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(write, range(1, 5)))
    found = store.read(lambda tx: kept.read(tx, 1, "2026-10"))
    assert found is not None
    assert len(found) == len(account.now().judged.names)
    assert found.to_numpy().min() == found.to_numpy().max()


def test_what_two_people_write_on_two_servers_outlives_a_kill_of_one_of_them(house: House) -> None:  # noqa: F811
    name = house.active
    house.sandbox.fleet.pin(name, health_status="FAILED")
    first, second = house.processes()
    until(lambda: {one.ask("now")["words"].get(name) for one in (first, second)} == {"failed"})
    shown = [first.ask("note", "on it", name, "vendor outage", "Ana")]
    assert until(lambda: second.ask("now")["on_it"] == {name: "Ana"}) < 2
    shown.append(second.ask("note", "note", name, f"the key has expired {HOSTILE}", "Ben"))
    assert until(lambda: shown[1] in first.ask("now")["notes"]) < 2
    for number in range(8):
        first.tell("note", "note", name, str(number), "Ana")
    shown += [first.answer() for _ in range(3)]
    shown += first.kill()
    newcomer = house.process(60.0)
    for server in (second, newcomer):
        assert until(lambda server=server: all(note in server.ask("now")["notes"] for note in shown)) < 10
        assert server.ask("now")["on_it"] == {name: "Ana"}
    answers = [server.ask("note", "note", name, "more", "Ana") for _ in range(5) for server in (second, newcomer)]
    assert "often" in answers
    assert [by for by, _ in second.ask("now")["notes"]].count("Ana") == 10
    assert second.ask("note", "note", name, "from another", "Cem") == ["Cem", "from another"]
