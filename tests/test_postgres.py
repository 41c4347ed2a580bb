"""Several servers as one: accounts, processes and kills on a real PostgreSQL and a real sandbox."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest

from hevo_api import HevoClient
from monitor import Account, Clock, Now, Standing, Store, StoreError
from monitor.store import NewerStore, Tx
from monitor.store.engines import MIGRATIONS, statements
from sandbox import Arrival, Sandbox
from tests.account_house import until
from tests.account_process import Server, Told
from tests.conftest import ROOT
from tests.postgres import Cluster

INTERVAL = 2.0
T = TypeVar("T")


class House:
    """Servers that share a database and an account of Hevo."""

    def __init__(self, database: str, sandbox: Sandbox) -> None:
        self.database, self.sandbox = database, sandbox
        self._accounts: list[Account] = []
        self._stores: list[Store] = []
        self._processes: list[Server] = []

    def store(self, url: str | None = None, clock: Clock | None = None) -> Store:
        self._stores.append(Store.in_database(url or self.database, clock or Clock()))
        return self._stores[-1]

    def account(self, store: Store | None = None, **options: Any) -> Account:
        box = self.sandbox
        client = HevoClient(box.api_key, box.api_secret, base_url=box.base_url)
        account = Account(client, store or self.store(), **{"interval": INTERVAL, **options})
        self._accounts.append(account)
        return account

    def accounts(self, number: int, **options: Any) -> list[Account]:
        """So many, all open on a screen, which all have seen the first answer."""
        accounts = [self.account(**options) for _ in range(number)]
        for account in accounts:
            until(lambda account=account: account.now().confirmed)
        return accounts

    def process(self, ahead: float = 0.0) -> Server:
        self._processes.append(Server(Told(self.database, self.sandbox.base_url, INTERVAL, ahead)))
        return self._processes[-1]

    def processes(self) -> list[Server]:
        """Two whose clocks are wrong by minutes, open on a screen, which both have seen the first answer."""
        processes = [self.process(ahead) for ahead in (-180.0, 240.0)]
        for process in processes:
            until(lambda process=process: process.ask("now")["answered_at"])
        return processes

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(sql.encode()).fetchall()

    def set_clock(self, seconds: int) -> str:
        """The database's clock is wrong by so much from now on, for whoever reaches it by the address given back."""
        known = f"SELECT pg_catalog.clock_timestamp() + interval ''{seconds} s''"
        function = f"CREATE OR REPLACE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS '{known}'"
        with psycopg.connect(self.database) as connection:
            connection.execute(function.encode())
        return f"{self.database},pg_catalog"

    @property
    def holder(self) -> str:
        """Whose turn it is: the machine's name, the process and a number."""
        [[holder]] = self.rows("SELECT holder FROM lease WHERE until > extract(epoch FROM now()) * 1000") or [[""]]
        return str(holder)

    def holding(self, servers: list[Server]) -> tuple[Server, Server]:
        """The one whose turn it is, and another."""
        until(lambda: self.holder)
        pid = int(self.holder.rsplit("-", 2)[1])
        return next(one for one in servers if one.pid == pid), next(one for one in servers if one.pid != pid)

    @property
    def lists(self) -> list[Arrival]:
        return [seen for seen in self.sandbox.arrivals if seen.method == "GET"]

    @property
    def posts(self) -> list[Arrival]:
        return [seen for seen in self.sandbox.arrivals if seen.method == "POST"]

    @property
    def active(self) -> str:
        return next(str(one.id) for one in self.sandbox.fleet.pipelines if one.status == "ACTIVE")

    def close(self) -> None:
        for account in self._accounts:
            account.close(wait=2)
        for store in self._stores:
            store.close()
        for process in self._processes:
            process.kill()


@pytest.fixture
def house(database: str) -> Iterator[House]:
    with Sandbox("calm") as sandbox:
        house = House(database, sandbox)
        yield house
        house.close()


def watch(accounts: list[Account], seconds: float) -> list[Now]:
    """Somebody has each of them open; the last that they saw."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        shown = [account.now() for account in accounts]
        time.sleep(0.1)
    return shown


# Several servers as one.


def test_three_servers_look_once_an_interval_in_all(house: House) -> None:
    accounts = house.accounts(3)
    before = len(house.lists)
    shown = watch(accounts, 3 * INTERVAL)
    assert 2 <= len(house.lists) - before <= 4
    assert all(now.confirmed and now.age < INTERVAL + 2 for now in shown)


def test_an_account_without_pipelines_is_watched_like_any_other(house: House, caplog: pytest.LogCaptureFixture) -> None:
    for one in [*house.sandbox.fleet.pipelines]:
        house.sandbox.fleet.remove(one.id)
    [account] = house.accounts(1)
    [now] = watch([account], 2 * INTERVAL)
    assert (now.rows, now.confirmed, now.problem) == ((), True, None)
    assert [record.message for record in caplog.records if record.name == "monitor.store"] == []


def test_a_run_pressed_on_three_servers_at_once_is_sent_once(house: House) -> None:
    accounts = house.accounts(3)
    together = threading.Barrier(3)

    def press(account: Account) -> Standing:
        together.wait()
        [request] = account.run([house.active], by="Ana")
        return request.standing

    with ThreadPoolExecutor(3) as people:
        pressed = sorted(people.map(press, accounts))
    assert pressed == [Standing.IGNORED, Standing.IGNORED, Standing.WAITING]
    until(lambda: all(Standing.ASKED in {one.standing for one in each.now().requests} for each in accounts))
    assert len(house.posts) == 1
    assert accounts[0].log() == accounts[1].log() == accounts[2].log()


def test_what_one_server_sees_all_show_within_two_seconds(house: House) -> None:
    accounts = house.accounts(3)
    house.sandbox.fleet.pin(house.active, health_status="FAILED")
    until(lambda: any(account.now().rows[0].word == "failed" for account in accounts))
    assert until(lambda: all(account.now().rows[0].word == "failed" for account in accounts)) < 2


def test_a_fresh_look_that_was_asked_for_on_one_server_comes_on_all(house: House) -> None:
    accounts = house.accounts(2, interval=60.0)
    before = [account.now().answered_at for account in accounts]
    for account in accounts:
        account.refresh()
    until(lambda: all(one.now().answered_at != at for one, at in zip(accounts, before, strict=True)))
    assert len(house.lists) <= 3


def test_a_new_server_shows_what_the_others_saw_without_asking_hevo(house: House) -> None:
    house.accounts(1, interval=60.0)
    before = len(house.lists)
    newcomer = house.account(interval=60.0)
    assert newcomer.now().rows
    assert len(house.lists) == before


def test_servers_whose_clocks_differ_by_minutes_share_one_window(house: House) -> None:
    """Sixty went out a minute ago: their room comes back while three servers ask as fast as they can."""
    servers = [house.process(ahead) for ahead in (-180.0, 0.0, 240.0)]
    for server in servers:
        assert server.ask("take", 0.0) == []
    house.store().write(lambda tx: tx.now())  # makes the tables
    house.rows(
        "INSERT INTO spent (account, at, kind) SELECT 1, extract(epoch FROM clock_timestamp()) * 1000 - 61500, 'look'"
        " FROM generate_series(1, 60) RETURNING 1"
    )
    now = time.monotonic()
    for server in servers:
        server.tell("take", 2.5)
    taken = sorted(at for server in servers for at in server.answer())
    sent = [now - 61.5] * 60 + taken
    assert max(sum(begin <= at < begin + 60 for at in sent) for begin in sent) <= 90
    assert len(taken) == 90
    assert sum(at < now + 1.2 for at in taken) == 30


def test_looks_and_runs_go_on_when_the_clock_of_the_database_is_set_back_by_an_hour(house: House) -> None:
    url = house.set_clock(0)
    accounts = [house.account(house.store(url)) for _ in range(2)]
    for account in accounts:
        until(lambda account=account: account.now().confirmed)
    accounts[0].refresh()
    house.set_clock(-3600)
    until(lambda: accounts[0].now().at < time.time() - 3000)
    before = len(house.lists)
    until(lambda: all(account.now().confirmed for account in accounts) and len(house.lists) >= before + 3)
    accounts[1].run([house.active])
    until(lambda: [one.standing for one in accounts[1].now().requests] == [Standing.ASKED])
    assert len(house.posts) == 1


# Servers that die, stop or sleep.


def test_another_server_looks_after_the_one_that_did_is_killed(house: House) -> None:
    servers = house.processes()
    looking, other = house.holding(servers)
    looking.kill()
    before = len(house.lists)
    took = until(lambda: other.ask("now") and len(house.lists) > before, 30)
    assert took < 12


def test_another_server_takes_over_at_once_when_the_one_that_looked_is_closed(house: House) -> None:
    servers = house.processes()
    looking, other = house.holding(servers)
    looking.ask("close")
    assert until(lambda: other.ask("now") and f"-{other.pid}-" in house.holder) < 2


def test_a_server_that_slept_over_its_turn_neither_writes_nor_sends(house: House) -> None:
    """It is stopped in the middle of a look, and has an old answer in hand when it wakes up."""
    servers = house.processes()
    sleeper, other = house.holding(servers)
    house.sandbox.faults.order("delay", seconds=1.0, times=1, method="GET")
    before = len(house.lists)
    until(lambda: sleeper.ask("now") and len(house.lists) > before)
    os.kill(sleeper.pid, signal.SIGSTOP)
    house.sandbox.fleet.pin(house.active, health_status="FAILED")
    assert other.ask("run", house.active) == ["waiting"]
    until(lambda: other.ask("now")["words"][house.active] == "failed" and house.posts, 30)
    changes = house.rows("SELECT pipeline, at, health FROM change ORDER BY pipeline, at")
    os.kill(sleeper.pid, signal.SIGCONT)
    until(lambda: sleeper.ask("now")["words"][house.active] == "failed")
    looks = len(house.lists)
    end = time.monotonic() + 2 * INTERVAL
    while time.monotonic() < end:
        assert f"-{sleeper.pid}-" not in house.holder
        assert other.ask("now")["words"] == sleeper.ask("now")["words"]
    assert house.rows("SELECT pipeline, at, health FROM change ORDER BY pipeline, at") == changes
    assert len(house.lists) - looks <= 3
    assert len(house.posts) == 1


def test_a_server_that_stops_while_it_writes_holds_up_the_others_for_seconds_only(house: House) -> None:
    stopped, going_on = house.store(), house.store()
    writes, wakes = threading.Event(), threading.Event()

    def stop_while_writing(tx: Tx) -> None:
        tx.do("INSERT INTO spent (account, at, kind) VALUES (1, 1, 'look')")
        writes.set()
        wakes.wait(20)

    with ThreadPoolExecutor(1) as sleeper:
        outcome = sleeper.submit(stopped.write, stop_while_writing)
        writes.wait()
        assert until(lambda: written(going_on)) < 7
        wakes.set()
        with pytest.raises(StoreError):
            outcome.result()
    assert house.rows("SELECT * FROM spent") == []


def written(store: Store) -> bool:
    try:
        return store.write(lambda tx: tx.now()) > 0
    except StoreError:
        return False


# The database is away, and comes back.


def test_while_the_database_is_away_nobody_looks_or_sends_and_all_see_what_there_was(
    house: House, cluster: Cluster
) -> None:
    accounts = house.accounts(2)
    rows, threads = [account.now().rows for account in accounts], threading.active_count()
    cluster.stop()
    try:
        until(lambda: [account.now().problem for account in accounts] == ["away", "away"], 5)
        before = list(house.sandbox.arrivals)
        end = time.monotonic() + 2 * INTERVAL
        while time.monotonic() < end:
            for account, shown in zip(accounts, rows, strict=True):
                assert quick(account.now).rows == shown
            assert {quick(account.run, [house.active])[0].why for account in accounts} == {"unrecorded"}
            assert [(quick(one.log), quick(one.reader.tables, house.active)) for one in accounts] == [([], None)] * 2
            time.sleep(0.2)
        assert house.sandbox.arrivals == before
    finally:
        cluster.start()
    until(lambda: all(account.now().problem is None for account in accounts), 5)
    until(lambda: len(house.lists) > len(before))
    assert threading.active_count() <= threads
    assert house.rows("SELECT 1 FROM pg_stat_activity WHERE application_name = 'hevo-dashboard'")[8:] == []
    assert house.posts == []


def quick(work: Callable[..., T], *rest: Any) -> T:
    """What it gives, at once."""
    began = time.monotonic()
    given = work(*rest)
    assert time.monotonic() - began < 1.5  # whoever waits for the database waits for two at least
    return given


def test_a_database_that_hangs_holds_up_no_page(house: House, cluster: Cluster) -> None:
    [account], store = house.accounts(1), house.store()
    store.read(lambda tx: tx.now())
    with ThreadPoolExecutor(1) as other:
        cluster.freeze()
        try:
            reading = other.submit(store.read, lambda tx: tx.now())
            until(lambda: quick(account.now).problem == "away" and reading.done(), 12)
            assert quick(account.run, [house.active])[0].why == "unrecorded"
        finally:
            cluster.freeze(signal.SIGCONT)
    assert isinstance(reading.exception(), StoreError)
    before = len(house.lists)
    until(lambda: account.now().problem is None and len(house.lists) > before)


def test_a_server_that_starts_before_its_database_waits_for_it(house: House, cluster: Cluster) -> None:
    cluster.stop()
    try:
        account = house.account()
        assert account.now().problem == "away"
        assert account.now().rows == ()
    finally:
        cluster.start()
    until(lambda: account.now().confirmed, 5)


def test_a_wish_by_a_clock_that_is_ahead_brings_one_look_and_not_one_after_another(
    house: House, cluster: Cluster
) -> None:
    cluster.stop()
    try:
        account = house.account(house.store(clock=Clock(wall=lambda: time.time() + 3600)), interval=60.0)
        assert account.refresh() == 0
    finally:
        cluster.start()
    until(lambda: account.now().confirmed)
    watch([account], 4)
    assert len(house.lists) <= 2


def test_a_connection_that_was_cut_meanwhile_is_noticed_by_nobody(house: House) -> None:
    store = house.store()
    store.read(lambda tx: tx.now())
    house.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hevo-dashboard'")
    assert store.read(lambda tx: tx.now())
    assert store.problem is None


# What is the same as with SQLite, and what is not.


def test_an_odd_account_looks_the_same_in_both(database: str, tmp_path: Path) -> None:
    """Names and numbers with nul, halves of letters and whatever else Hevo may send."""
    with Sandbox("hostile") as sandbox:
        client = HevoClient(sandbox.api_key, sandbox.api_secret, base_url=sandbox.base_url)
        shown = []
        for store in (Store.in_database(database, Clock()), Store.in_folder(tmp_path, Clock())):
            account = Account(client, store, threads=False)
            account.now()
            account.step()
            fresh = Account(client, store, threads=False)
            shown.append(
                [(row.pipeline, row.word) for row in sorted(fresh.now().rows, key=lambda row: row.pipeline.id)]
            )
            store.close()
    assert shown[0] == shown[1] != []


def test_a_database_that_was_made_without_an_encoding_takes_every_text(house: House, cluster: Cluster) -> None:
    cluster.sql("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0")
    house.sandbox.fleet.pin(house.active, status="DÉGRADÉ 🎉")
    account = house.account(house.store(cluster.url("plain")))
    until(lambda: account.now().confirmed)
    assert "DÉGRADÉ 🎉" in [row.unrecognised for row in account.now().rows]


@pytest.mark.parametrize("text", ["nul\0", "half \ud800", "\U0010ffff", "🎉 ' \" % ? $1 \\", ""])
def test_every_text_comes_back_as_it_was_but_for_what_no_database_takes(house: House, text: str) -> None:
    store = house.store()
    insert = "INSERT INTO change (account, pipeline, at, status) VALUES (?, ?, ?, ?)"
    store.write(lambda tx: tx.many(insert, [(1, text, 1, None), (1, text, 2, text)]))
    store.write(lambda tx: tx.do(insert, 1, text, 2**60, text))
    found = store.read(lambda tx: tx.all("SELECT pipeline, status FROM change WHERE pipeline = ? ORDER BY at", text))
    back = text.replace("\0", "?").replace("\ud800", "?")
    assert found == [(back, None), (back, back), (back, back)]


def test_texts_are_in_the_order_that_python_has_wherever_the_database_is(house: House) -> None:
    house.store().write(lambda tx: tx.now())
    collations = house.rows(
        "SELECT DISTINCT collation_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND data_type = 'text'"
    )
    assert collations == [("C",)]


def test_what_fails_in_the_middle_leaves_nothing_behind(house: House) -> None:
    store = house.store()

    def fail(tx: Tx) -> None:
        tx.do("INSERT INTO spent (account, at, kind) VALUES (1, 1, 'look')")
        raise KeyError

    with pytest.raises(KeyError):
        store.write(fail)
    assert store.read(lambda tx: tx.all("SELECT * FROM spent")) == []


def test_a_read_sees_one_moment(house: House) -> None:
    store = house.store()

    def read(tx: Tx) -> tuple[object, object]:
        before = tx.one("SELECT count(*) FROM spent")
        store.write(lambda other: other.do("INSERT INTO spent (account, at, kind) VALUES (1, 1, 'look')"))
        return before, tx.one("SELECT count(*) FROM spent")

    before, after = store.read(read)
    assert before == after


def test_servers_that_start_together_make_the_tables_once(house: House) -> None:
    stores = [house.store() for _ in range(6)]
    with ThreadPoolExecutor(6) as servers:
        assert all(servers.map(lambda store: store.write(lambda tx: tx.now()), stores))
    assert house.rows("SELECT version FROM store_version") == [(number + 1,) for number in range(len(MIGRATIONS))]


def test_a_database_of_a_newer_version_is_left_alone(house: House) -> None:
    store = house.store()
    store.write(lambda tx: tx.now())
    house.rows("INSERT INTO store_version SELECT max(version) + 1 FROM store_version RETURNING 1")
    for one in (store, house.store()):
        with pytest.raises(NewerStore):
            one.write(lambda tx: tx.do("DELETE FROM account"))
        with pytest.raises(NewerStore):
            one.read(lambda tx: tx.now())
        assert one.problem == "newer"


# Who may do what.


def test_the_password_is_in_no_error_and_no_log(house: House, cluster: Cluster, caplog: Any) -> None:
    cluster.sql("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    urls = [
        cluster.url("postgres", "guarded"),
        "postgresql://somebody:pass-word@127.0.0.1:1/nowhere",
        "postgresql://somebody:pass%2Dword@/nowhere?host=/nowhere",
        cluster.url("pass-word"),  # in the wrong place
    ]
    for url in urls:
        store = house.store(url)
        with pytest.raises(StoreError) as raised:
            store.read(lambda tx: tx.now())
        assert "pass-word" not in f"{raised.value!r} {raised.value.__cause__!r} {store.__dict__!r}"
    assert caplog.records
    assert "pass-word" not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:pass-word@/x?nonsense=pass-word", "postgresql://me:pass-word%zz@/x", "mysql://me:pass-word@/x"],
)
def test_an_address_that_cannot_be_right_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="address") as raised:
        Store.in_database(url, Clock())
    assert "pass-word" not in str(raised.value)


def test_without_its_library_the_sentence_names_the_file() -> None:
    script = (
        "import sys; sys.modules['psycopg'] = None; from monitor import *; Store.in_database('postgresql:', Clock())"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.stderr.splitlines()[-1].startswith("ValueError: ")
    assert "requirements-postgres.txt" in told.stderr.splitlines()[-1]


def test_the_user_of_the_guide_has_all_it_needs_and_nothing_else(house: House, cluster: Cluster) -> None:
    [recipe] = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "deploy.md").read_text(), re.DOTALL)
    compose = (ROOT / "docs" / "compose.yaml").read_text()
    assert all(line in compose for line in recipe.splitlines()[1:])
    creating, inside = recipe.split("\\c hevo\n")
    cluster.sql(*statements(creating))
    cluster.sql(*statements(inside), url=cluster.url("hevo"))
    account = house.account(house.store(cluster.url("hevo", "hevo_dashboard")))
    until(lambda: account.now().confirmed)
    for forbidden in ("CREATE TABLE public.mine (a int)", "CREATE DATABASE mine", "CREATE ROLE another"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            cluster.sql(forbidden, url=cluster.url("hevo", "hevo_dashboard"))
