"""Dashboards without a screen that live until they are killed: each line of input is the file for one's facts.

What one shows it has written into its file before, a line each. They are forks, as imports would take most of a life.
"""

import itertools
import logging
import os
import signal
import sys
import time
from pathlib import Path

from hevo_api import HevoClient
from monitor import Account, Clock, Store, account
from monitor.health import Word
from monitor.store import leases

MANY = 100_000  # requests a minute: here it is not the limit that is tested


def live(folder: str, address: str, key: str, secret: str, facts: str) -> None:
    """Looks, is pressed for runs, and shows."""
    account.GLANCE, leases.LENGTH = 0.05, 0.4  # so that in a few seconds there are many turns
    client = HevoClient(key, secret, base_url=address, requests_per_minute=MANY)
    store = Store.in_folder(Path(folder), Clock())
    dashboard = Account(client, store, interval=0.05)
    shown = set[str]()
    with open(facts, "w", buffering=1) as file:
        for place in itertools.count(os.getpid() * 37):
            now = dashboard.now(wait=0.5)
            running = [row.pipeline.id for row in now.rows if row.word is not Word.PAUSED]
            asked = dashboard.run([running[place % len(running)]], by=f"{place}") if running else []
            told = [f"request {one.id} {one.standing}" for one in (*asked, *now.requests)]
            told += [f"since {row.pipeline.id} {row.since.first_seen * 1000:.0f}" for row in now.rows]
            told += [f"answered {now.answered_at * 1000:.0f}"] if now.answered_at else []
            for fact in told:
                if fact not in shown:
                    shown.add(fact)
                    file.write(f"{fact}\n")
            time.sleep(0.02)


if __name__ == "__main__":
    logging.disable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            live(*sys.argv[1:], line.strip())
        print(child, flush=True)  # noqa: T201 - that is how its parent knows whom to kill
