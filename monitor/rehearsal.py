"""Watching a past that can be told again, as the sandbox can, through the same client and into the same store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hevo_api import HevoClient, Pipeline
from monitor.catalog import Catalog
from monitor.catalog.matching import match
from monitor.freshness import Reading, Table, is_late
from monitor.known import Known, Seen, differences
from monitor.reader import table
from monitor.schedule import hold_for
from monitor.store import Store, Tx, accounts, looks, readings


def watch_again(
    client: HevoClient,
    store: Store,
    name: str,
    catalog: Catalog,
    looked: Sequence[float],
    read: Sequence[float],
    go_to: Callable[[float], None],
) -> Mapping[str, Seen]:
    """Looks at each of these moments (UTC seconds) after going there, and reads the tables where a moment to read has
    come. Returns what was seen last; nothing is done and returned where the account is known already."""

    def work(tx: Tx) -> Mapping[str, Seen]:
        number = accounts.account_number(tx, name)
        if looks.read_news(tx, number, Known()).answered_at is not None:
            return {}
        seen, after, came_in, still_to_read = dict[str, Seen](), None, dict[str, Reading](), list(read)
        for moment, following in zip(looked, [*looked[1:], looked[-1]], strict=True):
            go_to(moment)
            at, listed = round(moment * 1000), client.list_pipelines()
            if still_to_read and moment >= still_to_read[0]:
                del still_to_read[0]
                _read_all(tx, number, client, listed, came_in, moment)
            found = differences(seen, after, listed, _late(catalog, listed, came_in, moment), at)
            looks.write_look(tx, number, at, at + round(hold_for(following - moment) * 1000), found)
            seen, after = {**seen, **{one.key: one.seen for one in found}}, at
        return seen

    return store.write(work)


def _read_all(
    tx: Tx, number: int, client: HevoClient, listed: Sequence[Pipeline], came_in: dict[str, Reading], at: float
) -> None:
    for pipeline in listed:
        tables: list[Table] = [table(each) for each in client.list_objects(pipeline.id, most_pages=1)]
        came_in[pipeline.id] = Reading.after(came_in.get(pipeline.id), at, tables, None)
        readings.write(tx, number, pipeline.id, came_in[pipeline.id], tables)


def _late(catalog: Catalog, listed: Sequence[Pipeline], came_in: dict[str, Reading], at: float) -> frozenset[str]:
    owned = match(catalog, tuple((pipeline.id, pipeline.name) for pipeline in listed))
    return frozenset(one for one, reading in came_in.items() if is_late(reading, owned.of(one).expect, at))
