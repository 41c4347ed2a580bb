"""The store: its size, what a new server needs for its first picture, what pages read, and a look written down."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks import past
from benchmarks.measure import Figure, Timed, compare, timed
from hevo_api import HevoClient
from monitor import Account, Clock, Store
from monitor.store import looks

SIZES = ((25, 90), (100, 7), (1_000, 7), (10_000, 7), (100, 90), (1_000, 90), (10_000, 90))  # pipelines, days
MOST_MB = {(25, 90): 2.0, (10_000, 90): 120.0}
WHY_MB = "Rows come in the order of time, so pages of the table, which is kept by pipeline, are partly empty."
FIFTY = 50
SIZE_THERE = (
    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
)
BARE = "SELECT pipeline, after, at, status, health, mark FROM change WHERE account = 1 AND"


def figures() -> Iterator[Figure]:
    """How a file grows with pipelines and days; at 10,000 for 90 days all of it, on both engines."""
    for size, days in SIZES:
        place = past.folder(size, days, 2)
        megabytes = sum(part.stat().st_size for part in place.iterdir()) / 1e6
        most = MOST_MB.get((size, days))
        yield Figure(f"Size on disk, {days} days", f"{size:,}", megabytes, "MB", most=most, why=WHY_MB)
        here = Store.in_folder(place, Clock())
        yield from reading(here, size, f"{days} days")
    there = Store.in_database(past.database(size, days, 2), Clock())
    [there_bytes] = there.read(lambda tx: tx.one(SIZE_THERE)) or (0,)
    yield Figure(f"Size in PostgreSQL, {days} days", f"{size:,}", int(there_bytes) / 1e6, "MB")
    yield from reading(there, size, f"{days} days on PostgreSQL")
    yield from looking(here, there, size)
    there.close()


def reading(store: Store, size: int, past_days: str) -> Iterator[Figure]:
    """The first picture of a server that has just started, and the whole history of fifty pipelines."""
    most = 2_000.0 if size == 10_000 else None
    lately = "at > (SELECT max(last) FROM watch) - ?"
    floors = {"the same rows from the database": bare(store, lately, looks.KEPT_IN_MEMORY)}
    first = timed(partial(first_picture, store))
    yield from compare(f"A new server's first picture, {past_days}", size, first, floors, 3, most=most)
    ids = [pipeline.id for pipeline in past.listed(size)[:FIFTY]]
    floors = {"the same rows from the database": bare(store, f"pipeline IN ({', '.join('?' * len(ids))})", *ids)}
    history = timed(lambda: store.read(lambda tx: looks.read_history(tx, 1, 0, ids)))
    yield from compare(f"History of {FIFTY} pipelines, {past_days}", size, history, floors, 3)


def bare(store: Store, where: str, *values: object) -> Timed:
    """Only these changes, and nothing made of them."""
    return timed(lambda: store.read(lambda tx: tx.all(f"{BARE} {where}", *values)))


def first_picture(store: Store) -> None:
    """From the store to the judged rows, as the first page of a new server needs them."""
    client = HevoClient("key", "secret", base_url="http://127.0.0.1:9")
    account = Account(client, store, name=past.NAME, threads=False)
    assert account.now(watching=False).rows


def looking(here: Store, there: Store, size: int) -> Iterator[Figure]:
    """A look that sees a hundred changes: compared, written, and read again as every server does."""
    memory = Store.in_memory(Clock())
    past.fill(memory, size, 1, 2)
    on_disk, in_memory, on_postgres = (timed(past.Watcher(store, size // 100).look) for store in (here, memory, there))
    about = "A look with 100 changes written down"
    yield from compare(f"{about}, on disk", size, on_disk, {"in memory": in_memory}, most=150.0)
    yield from compare(f"{about}, on PostgreSQL", size, on_postgres, {"on disk": on_disk}, most=300.0)
