"""A house for tests of webhooks: an account in moved time, and a receiver that checks what it gets."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dashboard.words.events import sentence
from monitor import Account
from monitor.store import Store
from monitor.webhooks import Hook, Webhooks
from sandbox import Receiver
from tests.account_house import House, house_on

KEY = b"thirty-two bytes of a test's key"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


class HooksHouse:
    """An account whose pipelines a test pins, and who is told of them."""

    def __init__(self, house: House, receiver: Receiver) -> None:
        self.house, self.receiver = house, receiver
        self.ids = house.on

    def account(self, *hooks: Hook, store: Store | None = None, **options: Any) -> Account:
        """An account that tells these addresses, or the receiver; nothing happens by itself."""
        store = store or self.house.store()
        webhooks = Webhooks(hooks or [self.hook()], sentence, lambda number: f"https://dash/{number}")
        return self.house.account(store=store, webhooks=webhooks, **options)

    def hook(self, **what: Any) -> Hook:
        return Hook(self.receiver.url, KEY, **what)

    def look(self, account: Account, seconds: float = 60) -> None:
        """Time for the next look passes, and what is due is done."""
        self.house.clock.move(seconds)
        self.house.look(account)
        account.step()

    def turn(self, account: Account, number: str, seconds: float = 60, **words: str) -> None:
        """A pipeline turns, and a look sees it."""
        self.house.sandbox.fleet.pin(number, **words)
        self.look(account, seconds)

    def fail(self, account: Account, number: str, seconds: float = 60) -> None:
        self.turn(account, number, seconds, health_status="FAILED")

    def mend(self, account: Account, number: str, seconds: float = 60) -> None:
        self.turn(account, number, seconds, health_status="OK")

    @property
    def told(self) -> list[str]:
        """The kinds of what was received, in order."""
        return [event.type for event in self.receiver.received]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(event.body) for event in self.receiver.received]


@contextmanager
def hooks_house_on(folder: Path) -> Iterator[HooksHouse]:
    with house_on(folder, "calm") as house, Receiver(SECRET) as receiver:
        yield HooksHouse(house, receiver)
