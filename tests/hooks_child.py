"""Watches an account and tells a receiver of it, in a process that a test kills: one for each line it is sent."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from dashboard.words.events import sentence
from hevo_api import HevoClient
from monitor import Account, Clock, Store, account
from monitor.store import leases
from monitor.webhooks import Hook, Webhooks
from tests.hooks_house import KEY


def watch(base_url: str, api_key: str, api_secret: str, address: str, folder: str) -> None:
    """Looks ten times a second, until it is killed."""
    leases.LENGTH, account.GLANCE = 0.4, 0.05
    client = HevoClient(api_key, api_secret, base_url=base_url, requests_per_minute=100_000)
    store = Store.in_folder(Path(folder), Clock())
    webhooks = Webhooks([Hook(address, KEY)], sentence)
    options = {"interval": 0.1, "unwatched": 0.1}
    Account(client, store, name="killed", webhooks=webhooks, **options).start()  # type: ignore[arg-type]
    threading.Event().wait()


if __name__ == "__main__":
    for line in sys.stdin:  # what is imported once starts at once
        if (child := os.fork()) == 0:
            watch(*line.split())
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
