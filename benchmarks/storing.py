"""The store: its size, a look written down, what a new server needs for its first picture, and what pages read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import past
from benchmarks.measure import Figure, Timed, compare, compare_all, timed
from hevo_api import HevoClient
from monitor import Account, Clock, Store
from monitor.store import looks

SIZES, DAYS = (100, 1_000, 10_000), (7, 90)
MOST_MB = {(25, 90): 2.0, (10_000, 90): 120.0}
FIFTY = 50
SIZE_THERE = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace ="
BARE = "SELECT pipeline, after, at, status, health, mark FROM change WHERE account = 1 AND"


def figures() -> Iterator[Figure]:
    """How a file grows with pipelines and days; at 10,000 for 90 days all of it, on both engines."""
    yield of_size("Size on disk, 90 days", 25, 90, bytes_of(past.folder(25, 90, 2)))
    for days in DAYS:
        for size in SIZES:
            place = past.folder(size, days, 2)
            yield of_size(f"Size on disk, {days} days", size, days, bytes_of(place))
            store = Store.in_folder(place, Clock())
            yield from reading(store, size, days, 2_000 if (size, days) == (10_000, 90) else None)
            store.close()
    yield from on_both()


def of_size(about: str, size: int, days: int, bytes_there: int) -> Figure:
    return Figure(about, f"{size:,}", bytes_there / 1e6, "MB", most=MOST_MB.get((size, days)))


def bytes_of(place: Path) -> int:
    return sum(part.stat().st_size for part in place.iterdir())


def reading(store: Store, size: int, days: int, most: float | None, where: str = "") -> Iterator[Figure]:
    """The first picture of a server that has just started, and the whole history of fifty pipelines."""
    ids = [pipeline.id for pipeline in past.listed(size)[:FIFTY]]
    lately = "at > (SELECT max(last) FROM watch) - ?"
    floor = "the same rows from the database", bare(store, lately, looks.KEPT_IN_MEMORY)
    about = f"A new server's first picture{where}, {days} days"
    yield compare(about, f"{size:,}", timed(lambda: first_picture(store)), floor, 3, most=most)
    history = timed(lambda: store.read(lambda tx: looks.read_history(tx, 1, 0, ids)))
    floor = floor[0], bare(store, f"pipeline IN ({', '.join('?' * len(ids))})", *ids)
    yield compare(f"History of {FIFTY} pipelines{where}, {days} days", f"{size:,}", history, floor, 3)


def bare(store: Store, where: str, *values: object) -> Timed:
    """Only these changes, and nothing made of them."""
    return timed(lambda: store.read(lambda tx: tx.all(f"{BARE} {where}", *values)))


def first_picture(store: Store) -> None:
    """From the store to the judged rows, as the first page of a new server needs them."""
    client = HevoClient("key", "secret", base_url="http://127.0.0.1:9")
    account = Account(client, store, name=past.NAME, threads=False)
    assert account.now(watching=False).rows


def on_both() -> Iterator[Figure]:
    """What both engines do with ten thousand pipelines, the file's figures as PostgreSQL's floor."""
    url = past.database(10_000, 90, 2)
    there, here = Store.in_database(url, Clock()), Store.in_folder(past.folder(10_000, 90, 2), Clock())
    schema = "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    [size] = there.read(lambda tx: tx.one(f"{SIZE_THERE} {schema}")) or (0,)
    yield Figure("Size in PostgreSQL, 90 days", "10,000", int(size) / 1e6, "MB")
    yield from reading(there, 10_000, 90, 2_000, " on PostgreSQL")
    memory = Store.in_memory(Clock())
    past.fill(memory, 10_000, 1, 2)
    on_disk, in_memory, on_postgres = (looking(store) for store in (here, memory, there))
    floors = {"in memory": in_memory}
    yield from compare_all("A look written down", "10,000", on_disk, floors, 5, most=150.0)
    floors = {"on disk": on_disk}
    yield from compare_all("A look written down on PostgreSQL", "10,000", on_postgres, floors, 5, most=300.0)
    every = [timed(past.Watcher(store, changing=1).look) for store in (here, memory)]
    yield compare("A look in which all have changed", "10,000", every[0], ("in memory", every[1]), 3)
    for store in (there, here):
        store.close()


def looking(store: Store) -> Callable[[], float]:
    """A look in which every sixtieth has changed: compared, written, and read again as every server does."""
    return partial(timed(past.Watcher(store).look))
