"""The store: private, whole, each account's apart, and what happens when disk or file are not as they should be."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevo_api import Pipeline
from monitor import Account, Clock, Standing, Store, Word
from monitor.known import Known, differences
from monitor.store import NotOurs, StoreError, accounts, engines, looks
from monitor.store.engines import Sqlite
from monitor.store.leases import Turn
from monitor.store.looks import PORTION
from tests.account_house import Clock as MovedClock
from tests.account_house import House, house_on

DAY = 86_400_000


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path, "calm") as house:
        yield house


@contextmanager
def full_disk() -> Iterator[None]:
    """No file takes another byte: as when a disk is full, but for this process only."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def looks_and_shows(house: House, account: Account) -> bool:
    """It goes on looking at Hevo and showing what it sees."""
    pipeline = next(row.pipeline.id for row in account.now().rows if row.word is not Word.PAUSED)
    for health, word in [("FAILED", Word.FAILED), (None, Word.UNKNOWN)]:
        house.sandbox.fleet.pin(pipeline, health_status=health)
        house.pass_time(account, 65)
        row = account.now().get(pipeline)
        if row is None or row.word is not word or not account.now().confirmed:
            return False
    return True


def test_a_full_disk_stops_no_look_and_sends_no_run(house: House) -> None:
    account = house.watched()
    before = house.pass_time(account, 120)
    with full_disk():
        now = house.pass_time(account, 60)
        assert (now.problem, now.confirmed) == ("unwritable", True)
        assert {row.pipeline.id for row in now.rows} == {row.pipeline.id for row in before.rows}
        assert now.history.begins == before.history.begins
        assert looks_and_shows(house, account)
        [request] = account.run(house.on[1:2])
        house.send_all(account)
        assert (request.standing, request.why) == (Standing.REFUSED, "unrecorded")
        assert account.now().requests[0] == request
    assert house.posts == []


def test_when_the_disk_takes_something_again_it_gets_all_that_was_seen_meanwhile(house: House) -> None:
    account = house.watched()
    with full_disk():
        looks_and_shows(house, account)
    now = house.pass_time(account, 60)
    assert (now.problem, now.note) == (None, None)
    account.run(house.on[1:2])
    house.send_all(account)
    assert len(house.posts) == 1
    told = [(row.pipeline.id, row.word, row.since) for row in account.now().rows]
    again = house.again(account).now()
    assert [(row.pipeline.id, row.word, row.since) for row in again.rows] == told
    assert len(again.history.watch) == 1


def test_a_run_that_waits_when_the_disk_is_full_is_not_sent(house: House) -> None:
    account = house.watched()
    account.run(house.on[:2])
    with full_disk():
        house.send_all(account)
        house.pass_time(account, 10)
        assert {one.why for one in account.now().requests} == {"unrecorded"}
    assert house.posts == []


def test_an_answer_that_cannot_be_written_down_is_shown_and_written_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = house.watched()
    account.run(house.on[:1])
    run, disk = account.client.run_pipeline, ExitStack()

    def run_and_fill(pipeline_id: str | int) -> int:
        status = run(pipeline_id)
        disk.enter_context(full_disk())
        return status

    monkeypatch.setattr(account.client, "run_pipeline", run_and_fill)
    account.step()
    assert [one.standing for one in account.now().requests] == [Standing.ASKED]
    assert account.now().problem == "unwritable"
    disk.close()
    house.pass_time(account, 40)
    assert account.now().problem is None
    again = house.again(account)
    assert [one.standing for one in again.now().requests] == [Standing.ASKED]
    house.send_all(again)
    assert len(house.posts) == 1


def test_another_process_that_went_on_writing_is_not_overwritten(house: House) -> None:
    account, other = house.watched(), house.account()
    account._store._engine.close()  # type: ignore[attr-defined]
    house.pass_time(account, 5)
    assert account.now().problem == "unwritable"
    house.clock.move(4)
    other.now()
    other.step()
    pipeline = house.on[0]
    other.run([pipeline], by="Ann")
    house.send_all(other)
    house.pass_time(account, 40)
    assert account.now().problem is None
    assert [one.by for one in account.now().requests] == [one.by for one in account.log()] == ["Ann"]
    other._knowledge.catch_up()
    assert [row.since for row in account.now().rows] == [row.since for row in other.now().rows]
    assert account.run([pipeline])[0].standing is Standing.IGNORED
    assert looks_and_shows(house, account)


def test_a_store_that_another_process_keeps_for_long_is_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 0.05)
    account = house.watched()
    with closing(sqlite3.connect(house.folder / "hevo.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        now = house.pass_time(account, 65)
        assert (now.problem, now.age) == (None, 65)
        assert account.run(house.on[:1])[0].why == "unrecorded"
        other.execute("ROLLBACK")
    assert house.pass_time(account, 65).age == 0 or account.now().age < 65  # type: ignore[operator]
    assert house.posts == []


def test_an_account_that_a_store_does_not_know_yet_is_no_fault_of_the_disk(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 0.05)
    store = house.store()
    with closing(sqlite3.connect(house.folder / "hevo.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        account = house.account(store=store)
    assert account.run(["1"])[0].why == "unrecorded"
    assert store.keeps
    house.pass_time(account, 5)
    assert looks_and_shows(house, account)


@pytest.mark.parametrize("content", [b"garbage" * 1_000, b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_file_that_is_no_store_is_set_aside_and_a_new_one_begins(
    house: House, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    house.folder.mkdir()
    (house.folder / "hevo.db").write_bytes(content)
    account = house.watched()
    now = account.now()
    assert (now.problem, now.note, now.confirmed) == (None, "set-aside", True)
    [aside] = house.folder.glob("hevo.db.unreadable-*")
    assert aside.read_bytes() == content
    assert "set aside" in caplog.text
    assert house.again(account).now().note is None


def test_the_database_of_another_program_is_set_aside(house: House) -> None:
    house.folder.mkdir()
    with closing(sqlite3.connect(house.folder / "hevo.db")) as other:
        other.execute("CREATE TABLE account (a)")
        other.execute("PRAGMA user_version = 1")
    assert house.watched().now().note == "set-aside"
    assert list(house.folder.glob("hevo.db.unreadable-*"))


def test_a_file_that_is_damaged_while_it_is_used_is_set_aside_and_a_new_one_begins(house: House) -> None:
    account = house.watched()
    house.pass_time(account, 120)
    with closing(sqlite3.connect(house.folder / "hevo.db")) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = (house.folder / "hevo.db").stat().st_size
    with (house.folder / "hevo.db").open("r+b") as file:
        file.seek(4_096)
        file.write(os.urandom(size - 4_096))
    house.pass_time(account, 70)
    house.pass_time(account, 70)
    now = account.now()
    assert (now.problem, now.note, now.confirmed) == (None, "set-aside", True)
    assert len(now.rows) == len(house.sandbox.fleet.pipelines)
    account.run(house.on[:1])
    house.send_all(account)
    assert [one.standing for one in house.again(account).log()] == [Standing.ASKED]


@pytest.mark.parametrize("in_wal", [False, True])
def test_a_store_of_a_newer_version_is_left_alone_byte_for_byte(house: House, in_wal: bool) -> None:
    store = house.store()
    house.watched(store=store).close()
    store.close()
    newer = sqlite3.connect(house.folder / "hevo.db")
    newer.execute("PRAGMA user_version = 99")
    if not in_wal:
        newer.close()
    files = {file: file.read_bytes() for file in house.folder.glob("hevo.db*") if "shm" not in file.name}
    account = house.watched()
    assert (account.now().problem, account.now().confirmed) == ("newer", True)
    assert account.run(house.on[:1])[0].why == "unrecorded"
    house.pass_time(account, 120)
    account.close()
    assert {file: file.read_bytes() for file in files} == files
    assert house.posts == []
    newer.close()


def test_dashboards_that_begin_at_once_share_one_new_store(tmp_path: Path) -> None:
    at_once = Barrier(6)

    def begin(folder: Path) -> Store:
        at_once.wait()
        return Store.in_folder(folder, Clock())

    with ThreadPoolExecutor(6) as threads:
        for number in range(100):
            stores = list(threads.map(begin, [tmp_path / f"{number}"] * 6))
            assert [(store.problem, store.note) for store in stores] == [(None, None)] * 6
            for store in stores:
                store.close()


@pytest.mark.parametrize("obstacle", ["a file where the folder should be", "a folder where the file should be"])
def test_where_nothing_can_be_kept_everything_else_works_and_heals(house: House, obstacle: str) -> None:
    if obstacle == "a file where the folder should be":
        house.folder.write_text("in the way")
    else:
        (house.folder / "hevo.db").mkdir(parents=True)
    account = house.watched()
    assert (account.now().problem, account.now().confirmed) == ("unwritable", True)
    assert account.run(house.on[:1])[0].why == "unrecorded"
    assert looks_and_shows(house, account)
    assert house.posts == []
    shutil.rmtree(house.folder) if house.folder.is_dir() else house.folder.unlink()
    began = account.now().history.begins
    house.pass_time(account, 60)
    assert account.now().problem is None
    assert account.run(house.on[:1])[0].standing is Standing.WAITING
    assert house.again(account).now().history.begins == began


@pytest.mark.parametrize("has_file", [False, True])
def test_a_folder_that_may_only_be_read_keeps_nothing(has_file: bool) -> None:
    folder = Path(tempfile.mkdtemp())
    if has_file:
        store = Store.in_folder(folder, Clock())
        store.write(lambda tx: accounts.account_number(tx, "us"))
        store.close()
        (folder / "hevo.db").chmod(0o444)
    folder.chmod(0o555)
    child = os.fork()
    if not child:  # without root's rights, to which no folder is closed
        os.setuid(65_534)
        store = Store.in_folder(folder, Clock())
        kept = store.write(lambda tx: accounts.account_number(tx, "us"))
        os._exit(0 if (store.problem, store.keeps, kept) == ("unwritable", False, 1) else 1)
    _, status = os.waitpid(child, 0)
    folder.chmod(0o700)
    shutil.rmtree(folder)
    assert status == 0


def test_only_the_owner_may_read_the_files(house: House) -> None:
    house.watched()
    files = list(house.folder.iterdir())
    assert {file.name for file in files} == {"hevo.db", "hevo.db-wal", "hevo.db-shm"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(house.folder.stat().st_mode) == 0o700


def test_the_file_holds_only_what_the_pages_show(tmp_path: Path) -> None:
    with house_on(tmp_path, "hostile") as house:
        account = house.watched()
        account.close()
        written = b"".join(file.read_bytes() for file in house.folder.iterdir())
        assert b"postgres" in written or b"ordinary" in written or b"8000" in written
        assert b"must-stay-hidden" not in written
        assert house.sandbox.api_key.encode() not in written


@pytest.mark.parametrize("name", ["postgres://ann:pa:ss@host/db", "sftp://t0ken@host", "x jdbc:mysql://a:p@b@h"])
def test_a_user_in_an_address_is_masked(name: str) -> None:
    told = Pipeline.from_json({"id": 1, "source": {"name": name}, "webhook_url": "https://hooks.example/t0ken"})
    store = Store.in_memory(Clock())
    keep(store, [told])
    [seen] = store.read(lambda tx: looks.read_news(tx, 1, Known())).seen.values()
    assert seen.pipeline.name is not None
    assert seen.pipeline.name.split("://")[1].startswith("…@h")
    assert seen.pipeline.source_name == seen.pipeline.name
    assert seen.pipeline.raw == {}


def keep(store: Store, rows: list[Pipeline], at: int = 1_000) -> None:
    """A look that saw these."""

    def work(tx: engines.Tx) -> None:
        known = looks.read_news(tx, accounts.account_number(tx, "us"), Known())
        looks.write_look(tx, 1, at, at + 60_000, differences(known.seen, known.history.latest, rows, frozenset(), at))

    store.write(work)


texts = st.none() | st.text(st.characters(exclude_categories=[])).filter(lambda text: "://" not in text)
whole_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
pipelines = st.builds(
    Pipeline,
    id=whole_texts.filter(lambda text: not text.startswith("?")),
    status=st.none() | whole_texts,
    health_status=st.none() | whole_texts,
    name=texts,
    source_name=texts,
    source_type=texts,
    destination_name=texts,
    destination_type=texts,
    schedule_type=texts,
    schedule_value=texts,
    raw=st.just({"webhook_url": "https://hooks.example/secret"}),
)


@settings(deadline=None, max_examples=20)
@given(st.lists(pipelines, max_size=3, unique_by=lambda one: one.id))
def test_what_is_kept_comes_back_without_what_is_not_shown(rows: list[Pipeline]) -> None:
    store = Store.in_memory(Clock())
    keep(store, rows)
    back = [one.pipeline for one in store.read(lambda tx: looks.read_news(tx, 1, Known())).seen.values()]
    assert sorted(map(repr, back)) == sorted(map(repr, rows))
    assert "secret" not in repr([one.raw for one in back])
    keep(store, rows, at=2_000)
    assert store.read(lambda tx: tx.one("SELECT count(*) FROM change")) == (len(rows),)


def test_another_account_never_sees_what_was_kept(house: House) -> None:
    house.watched()
    other = house.client(house.sandbox.member_key, house.sandbox.member_secret)
    assert house.account(other).now().rows == ()


def test_what_is_old_is_forgotten_in_portions_but_not_what_still_holds(house: House) -> None:
    store = house.store()
    account = house.watched(store=store, keep_days=90)
    start = round(house.clock.now * 1000)
    restless, still, gone = house.on[:3]
    rows = [(1, restless, start + place, start, "ACTIVE", "FAILED", 0) for place in range(1, PORTION + 500)]
    rows += [(1, gone, start + 1, start, "ACTIVE", "OK", 2)]
    insert = "INSERT INTO change (account, pipeline, at, after, status, health, mark) VALUES (?, ?, ?, ?, ?, ?, ?)"
    store.write(lambda tx: tx.many(insert, rows))
    store.write(lambda tx: tx.do("UPDATE pipeline SET mark = 2 WHERE id = ?", gone))
    account.run([still])
    since = {row.pipeline.id: row.since for row in account.now().rows}
    house.clock.move(91 * 86_400)
    cutoff = round(house.clock.now * 1000) - 90 * DAY
    assert store.write(lambda tx: looks.forget(tx, 1, cutoff)) >= PORTION
    assert store.write(lambda tx: looks.forget(tx, 1, cutoff)) < PORTION
    assert store.write(lambda tx: looks.forget(tx, 1, cutoff)) == 0
    left = store.read(lambda tx: tx.all("SELECT pipeline, count(*) FROM change GROUP BY pipeline"))
    assert dict(left)[restless] == dict(left)[still] == 1
    assert gone not in dict(left)
    assert account.log() == []
    again = house.again(account)
    assert {row.pipeline.id: row.since for row in again.now().rows} == {
        number: told for number, told in since.items() if number != gone
    }


def test_an_account_forgets_by_itself(house: House) -> None:
    account = house.watched(keep_days=7, unwatched=43_200)
    account.run(["999999"])
    house.pass_time(account, 45 * 86_400, step=43_200, watching=False)  # the month that runs is kept whole
    assert account.log() == []
    assert account.now().rows


def test_the_version_of_the_store_is_kept_and_each_migration_is_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.in_folder(tmp_path, Clock())
    keep(store, [])
    store.close()
    steps = (
        *engines.MIGRATIONS,
        "CREATE TABLE second (a); -- a comment; with a mark",
        "CREATE TABLE third (a); broken;",
    )
    monkeypatch.setattr(engines, "MIGRATIONS", steps)
    with pytest.raises(StoreError):
        Sqlite(tmp_path / "hevo.db", Clock())
    with closing(sqlite3.connect(tmp_path / "hevo.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(steps) - 1,)
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    assert "second" in tables
    assert "third" not in tables
    monkeypatch.setattr(engines, "MIGRATIONS", steps[:-1])
    assert Store.in_folder(tmp_path, Clock()).problem is None


def test_work_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    for store in (Store.in_folder(tmp_path, Clock()), Store.in_memory(Clock())):
        with pytest.raises(ZeroDivisionError):
            store.write(lambda tx: (accounts.account_number(tx, "us"), 1 / 0))
        assert store.read(lambda tx: tx.all("SELECT * FROM account")) == []
        assert store.problem is None


def test_our_own_mistakes_do_not_look_like_a_broken_disk(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path, Clock())
    with pytest.raises(sqlite3.IntegrityError):
        store.write(lambda tx: tx.do("INSERT INTO account (number, name) VALUES (1, NULL)"))
    assert store.problem is None


def test_a_closed_store_stays_closed(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path, Clock())
    store.close()
    with pytest.raises(StoreError):
        store.write(lambda tx: accounts.account_number(tx, "us"))
    assert store.problem is None


def test_a_turn_is_one_servers_until_its_time_is_up(tmp_path: Path) -> None:
    clock = MovedClock()
    store = Store.in_folder(tmp_path, Clock(clock, clock))
    first, second = Turn(store, "us"), Turn(store, "us")
    for turn in (first, second):
        store.write(turn.join)
        store.write(turn.follow)
    assert [store.write(turn.take) for turn in (first, second)] == [True, False]
    clock.move(2)
    assert not store.write(first.take)  # it was ours: it is prolonged
    store.write(first.check)
    clock.move(2.5)
    assert not store.write(second.take)
    clock.move(0.5)
    assert store.write(second.take)
    assert second.fence == first.fence + 1
    with pytest.raises(NotOurs):
        store.write(first.check)
    store.write(second.leave)
    assert store.write(first.take)


# What an older version left.


def old_run(**fields: object) -> dict[str, object]:
    told = {"at": "2023-11-14T22:13:20.000+00:00", "what": "run now", "id": "aa", "pipeline_id": "6590", "name": "A"}
    told |= {"by": None, "asked_at": 1_699_999_000.0, "standing": "asked", "account": "us"}
    return {**told, **fields}


def taken_over(folder: Path, *lines: bytes) -> Account:
    folder.mkdir(exist_ok=True)
    (folder / "runs.jsonl").write_bytes(b"\n".join(lines))
    with house_on(folder.parent, "calm") as house:
        return house.account(store=house.store(folder), name="us")


def test_the_log_of_an_older_version_is_taken_over_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "data"
    lines = [
        old_run(standing="asking", sent_at=1_699_999_000.0, before="failed"),
        old_run(standing="asked", sent_at=1_699_999_000.0, answered_at=1_699_999_001.0, status=200, before="failed"),
        old_run(id="bb", asked_at=1_699_999_100.0, standing="asking", sent_at=1_699_999_100.0, by="Ann"),
        old_run(id="cc", asked_at=1_699_999_200.0, standing="refused", why="This pipeline no longer exists in Hevo."),
        old_run(id="dd", asked_at=1_699_999_300.0, standing="ignored", earlier=["Ann", 1_699_999_100.0]),
        old_run(id="ee", account="another"),
    ]
    account = taken_over(folder, *(json.dumps(line).encode() for line in lines))
    told = [(one.by, one.standing, one.why, one.status) for one in account.log()]
    assert told == [
        (None, "ignored", None, None),
        (None, "refused", "gone", None),
        ("Ann", "unclear", "stopped", None),
        (None, "asked", None, 200),
    ]
    assert account.log()[0].earlier == ("Ann", 1_699_999_100.0)
    assert (folder / "runs.jsonl.taken-over").exists()
    assert not (folder / "runs.jsonl").exists()
    assert "4 requests" in caplog.text or "5 requests" in caplog.text


def test_the_snapshot_of_an_older_version_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "snapshot-us.json").write_text("{}")
    Store.in_folder(tmp_path, Clock())
    assert sorted(file.name for file in tmp_path.glob("snap*")) == ["snapshot-us.json.old"]
    assert "set aside" in caplog.text


@settings(deadline=None, max_examples=40)
@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"[" * 100_000, b"null", b"[]", b'{"account": 1}'])))
def test_odd_lines_of_an_older_log_are_passed_over(tmp_path_factory: pytest.TempPathFactory, odd: list[bytes]) -> None:
    folder = tmp_path_factory.mktemp("old")
    good = json.dumps(old_run()).encode()
    (folder / "runs.jsonl").write_bytes(b"\n".join([*odd, b"", good]))
    store = Store.in_folder(folder, Clock())
    assert ("6590",) in store.read(lambda tx: tx.all("SELECT pipeline FROM request"))


@pytest.mark.parametrize(
    "change",
    [
        {"id": 1},
        {"standing": "gone"},
        {"before": "red"},
        {"asked_at": "now"},
        {"asked_at": float("nan")},
        {"by": 1},
        {"outcome": []},
        {"pipeline_id": None},
        {"answered_at": True},
        {"earlier": ["Ann"]},
        {"earlier": 5},
        {"status": "x"},
        {"why": ["x"]},
    ],
)
def test_a_line_that_is_no_run_is_passed_over(tmp_path: Path, change: dict[str, object]) -> None:
    (tmp_path / "runs.jsonl").write_text(json.dumps(old_run(**change)))
    store = Store.in_folder(tmp_path, Clock())
    assert store.read(lambda tx: tx.all("SELECT * FROM request")) == []
    assert store.problem is None
