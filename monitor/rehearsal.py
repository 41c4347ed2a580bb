"""Watching a past that can be told again, as the sandbox can, through the same client and into the same store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hevo_api import HevoClient
from monitor.known import Known, Seen, differences
from monitor.schedule import hold_for
from monitor.store import Store, Tx, accounts, looks


def watch_again(
    client: HevoClient, store: Store, name: str, moments: Sequence[float], go_to: Callable[[float], None]
) -> None:
    """Looks at each of these moments (UTC seconds), after going there; nothing where the account is known already."""

    def work(tx: Tx) -> None:
        number, seen, after = accounts.account_number(tx, name), dict[str, Seen](), None
        if looks.read_news(tx, number, Known()).answered_at is not None:
            return
        for moment, following in zip(moments, [*moments[1:], moments[-1]], strict=True):
            go_to(moment)
            at = round(moment * 1000)
            found = differences(seen, after, client.list_pipelines(), frozenset(), at)
            hold = hold_for(following - moment)
            looks.write_look(tx, number, at, at + round(hold * 1000), found)
            seen, after = {**seen, **{one.key: one.seen for one in found}}, at

    store.write(work)
