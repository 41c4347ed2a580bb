"""Watching a past that can be told again, as the sandbox can, through the same client and into the same store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hevo_api import HevoClient
from monitor.catalog import Catalog
from monitor.catalog.matching import match
from monitor.freshness import Reading, late
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
                for one in listed:
                    tables = [table(each) for each in client.list_objects(one.id, most_pages=1)]
                    came_in[one.id] = Reading.after(came_in.get(one.id), moment, tables, None)
                    readings.write(tx, number, one.id, came_in[one.id], tables)
            owned = match(catalog, tuple((pipeline.id, pipeline.name) for pipeline in listed)).owned
            expected = {one: its.expect for one, its in owned.items()}
            found = differences(seen, after, listed, late(came_in, expected, moment), at)
            looks.write_look(tx, number, at, at + round(hold_for(following - moment) * 1000), found)
            seen, after = {**seen, **{one.key: one.seen for one in found}}, at
        return seen

    return store.write(work)
