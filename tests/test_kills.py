"""Killed at any moment: nothing that was shown is lost, nothing is sent twice, and every request comes to an end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hevo_api import HevoClient
from monitor import Account, Clock, Standing, Store
from sandbox import SCENARIOS, Sandbox, scenarios
from tests.account_child import MANY
from tests.conftest import ROOT

KILLS = 50
OVER = {Standing.ASKED, Standing.IGNORED, Standing.REFUSED, Standing.UNCLEAR}


class Lives:
    """Dashboards on one folder, each a process that ends when it is killed."""

    def __init__(self, parent: subprocess.Popen[str], folder: Path) -> None:
        self.parent, self.folder, self.number = parent, folder, 0

    def begin(self) -> int:
        """A new one's process; it writes the facts that it shows into a file of its own."""
        self.number += 1
        assert self.parent.stdin
        assert self.parent.stdout
        self.parent.stdin.write(f"{self.folder / 'facts'}-{self.number}\n")
        self.parent.stdin.flush()
        return int(self.parent.stdout.readline())


@contextmanager
def lives_on(sandbox: Sandbox, folder: Path) -> Iterator[Lives]:
    told = [str(folder / "data"), sandbox.base_url, sandbox.api_key, sandbox.api_secret]
    command = [sys.executable, "-m", "tests.account_child", *told]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        yield Lives(parent, folder)
        assert parent.stdin
        parent.stdin.close()


def ended(account: Account) -> list[tuple[str, Standing]]:
    """Every request, after the last restart has had some seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until and not all(one.is_over for one in account.log()):
        account.now()
        account.step()
    return [(one.id, one.standing) for one in account.log()]


def test_fifty_kills_lose_nothing_and_send_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCENARIOS, "some", lambda: scenarios.troubled(scenarios.everyday(150)))  # type: ignore[arg-type]
    draw, facts = random.Random(11), set[str]()
    with Sandbox("some", requests_per_minute=MANY, speed=100) as sandbox:
        sandbox.faults.order("delay", seconds=0.03, method="POST", acts=True)  # so that some are under way
        with lives_on(sandbox, tmp_path) as lives:
            alive = [lives.begin(), lives.begin()]
            for _ in range(KILLS):
                time.sleep(draw.uniform(0.05, 0.4))
                os.kill(alive.pop(draw.randrange(2)), signal.SIGKILL)
                alive.append(lives.begin())
            for process in alive:
                os.kill(process, signal.SIGKILL)
        for file in tmp_path.glob("facts-*"):
            facts |= {line.strip() for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")}
        time.sleep(0.5)
        client = HevoClient(sandbox.api_key, sandbox.api_secret, base_url=sandbox.base_url, requests_per_minute=MANY)
        store = Store.in_folder(tmp_path / "data", Clock())
        account = Account(client, store, threads=False)
        standings = dict(ended(account))
        posts = Counter(seen.path for seen in sandbox.arrivals if seen.method == "POST")
    assert set(standings.values()) <= OVER
    assert max(posts.values()) == 1
    assert len(posts) > 10  # a busy machine gets less far
    kept = {f"request {number} {standing}" for number, standing in standings.items()}
    # A server that is only slow may find that another called its request unclear: its answer is better.
    kept |= {f"request {number} {standing}" for number in standings for standing in (Standing.WAITING, Standing.ASKING)}
    kept |= {f"request {number} unclear" for number, standing in standings.items() if standing is Standing.ASKED}
    kept |= {
        f"since {pipeline} {at}" for pipeline, at in store.read(lambda tx: tx.all("SELECT pipeline, at FROM change"))
    }
    watched = store.read(lambda tx: tx.all("SELECT first, last FROM watch"))
    lost = {fact for fact in facts - kept if not fact.startswith("answered")}
    answered = [int(fact.split()[1]) for fact in facts if fact.startswith("answered")]
    assert lost == set()
    assert all(any(first <= at <= last for first, last in watched) for at in answered)
    assert len(facts) > 100
