"""A house for tests of the account: a sandbox, a clock that moves when told to, and accounts in it."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hevo_api import HevoClient
from monitor import Account, Now, Store
from monitor import Clock as SteadyClock
from sandbox import Arrival, Sandbox


class Clock:
    """Stands still until it is moved; everything in the house reads it."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


class House:
    """A Hevo account over real HTTP, and what it takes to watch it in moved time."""

    def __init__(self, sandbox: Sandbox, clock: Clock, folder: Path) -> None:
        self.sandbox, self.clock, self.folder = sandbox, clock, folder

    def client(self, key: str | None = None, secret: str | None = None, **options: Any) -> HevoClient:
        box = self.sandbox
        return HevoClient(
            key or box.api_key,
            secret or box.api_secret,
            base_url=box.base_url,
            clock=self.clock,
            sleep=self.clock.move,
            **options,
        )

    def store(self, folder: Path | None = None, wall: Clock | None = None) -> Store:
        """The store of the house's folder, on connections of its own as another process has them."""
        return Store.in_folder(folder or self.folder, SteadyClock(self.clock, wall or self.clock))

    def in_memory(self) -> Store:
        """A store that nobody shares."""
        return Store.in_memory(SteadyClock(self.clock, self.clock))

    def account(self, client: HevoClient | None = None, store: Store | None = None, **options: Any) -> Account:
        """An account that does nothing by itself, unless `threads=True`."""
        return Account(client or self.client(), store or self.store(), **{"threads": False, **options})

    def watched(self, client: HevoClient | None = None, store: Store | None = None, **options: Any) -> Account:
        """An account that has been looked at once."""
        account = self.account(client, store, **options)
        self.look(account)
        return account

    def again(self, account: Account, **options: Any) -> Account:
        """The account after a restart of the dashboard in good order."""
        account.close()
        return self.account(**options)

    def look(self, account: Account) -> Now:
        """What a viewer sees after whatever was due."""
        account.now()
        account.step()
        return account.now()

    def pass_time(self, account: Account, seconds: float, step: float = 5, watching: bool = True) -> Now:
        """Somebody watches, the page ticking every few seconds; or nobody does."""
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.clock.move(step)
            account.now(watching=watching)
            account.step()
        return account.now(watching=watching)

    def send_all(self, account: Account) -> None:
        """Send every waiting run that may go out now."""
        before = None
        while (version := account.now().version) != before:
            before = version
            account.step()

    @property
    def lists(self) -> list[Arrival]:
        return [seen for seen in self.sandbox.arrivals if seen.method == "GET" and seen.path.endswith("/pipelines")]

    @property
    def posts(self) -> list[Arrival]:
        return [seen for seen in self.sandbox.arrivals if seen.method == "POST"]

    @property
    def on(self) -> list[str]:
        """The numbers of the pipelines that are not paused."""
        pipelines = self.client().list_pipelines()
        return [one.id for one in pipelines if one.status == "ACTIVE"]


@contextmanager
def house_on(folder: Path, scenario: str = "everyday") -> Iterator[House]:
    clock = Clock()
    with Sandbox(scenario, clock=clock) as sandbox:
        yield House(sandbox, clock, folder / "data")


def most_in_a_minute(arrivals: list[Arrival]) -> int:
    """The largest number of requests that arrived within any 60 seconds."""
    times = sorted(seen.at for seen in arrivals)
    return max((bisect_left(times, at + 60) - place for place, at in enumerate(times)), default=0)


def until(condition: Callable[[], object], seconds: float = 60.0) -> float:
    """Returns once it is so, with the seconds that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "It did not come to that in time."
        time.sleep(0.02)
    return time.monotonic() - began
