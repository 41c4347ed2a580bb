"""The dashboard is killed again and again while pipelines change and the receiver fails: nothing is lost or doubled."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sandbox import Receiver, Sandbox
from tests.conftest import ROOT
from tests.hooks_house import SECRET

KILLS = 20


@contextmanager
def nursery() -> Iterator[subprocess.Popen[str]]:
    """A process that starts children which watch."""
    command = [sys.executable, "-m", "tests.hooks_child"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


def start(process: subprocess.Popen[str], *arguments: str) -> int:
    assert process.stdin
    assert process.stdout
    process.stdin.write(" ".join(arguments) + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def toggling(hevo: Sandbox, stop: threading.Event) -> None:
    """Somebody turns one pipeline after another off and on again."""
    for status in itertools.cycle(["PAUSED", "ACTIVE"]):
        for number in hevo.fleet.ids[:6]:
            hevo.fleet.pin(number, status=status)
            if stop.wait(0.07):
                return


def changes_in(folder: Path) -> set[tuple[str, int]]:
    """What the store says has changed since the first look: which pipeline, and when (ms)."""
    with closing(sqlite3.connect(folder / "hevo.db")) as store:
        return set(store.execute("SELECT pipeline, at FROM change WHERE after IS NOT NULL"))


def is_all_told(folder: Path, since: float) -> bool:
    """True when there was a look since then, and nothing waits to be told."""
    with closing(sqlite3.connect(folder / "hevo.db")) as store:
        [[waiting, answered_at]] = store.execute("SELECT count(due_at), (SELECT answered_at FROM account) FROM outbox")
    return not waiting and answered_at > 1000 * (since + 1)


def test_every_change_arrives_under_one_id_whenever_the_dashboard_is_killed(tmp_path: Path) -> None:
    chance, stop = random.Random(16), threading.Event()
    with Sandbox("calm", requests_per_minute=100_000) as hevo, Receiver(SECRET) as receiver, nursery() as process:
        arguments = hevo.base_url, hevo.api_key, hevo.api_secret, receiver.url, str(tmp_path)
        child = start(process, *arguments)
        while not (tmp_path / "hevo.db").exists() or not hevo.arrivals:
            time.sleep(0.05)
        somebody = threading.Thread(target=toggling, args=(hevo, stop))
        somebody.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.3, 1.3))
            os.kill(child, signal.SIGKILL)
            fault = chance.choice(["status", "reset", "delay", None])
            if fault:
                receiver.faults.order(fault, times=2, acts=chance.random() < 0.5)
            child = start(process, *arguments)
        stop.set()
        somebody.join()
        os.kill(child, signal.SIGKILL)
        receiver.faults.clear()
        started = time.time()
        child = start(process, *arguments)  # whoever takes over tries at once what waits
        until = time.monotonic() + 60
        while not is_all_told(tmp_path, since=started) and time.monotonic() < until:
            time.sleep(0.1)
        os.kill(child, signal.SIGKILL)
        assert process.stdin
        process.stdin.close()
    changed = changes_in(tmp_path)
    told: dict[str, tuple[str, str]] = {}
    for event in receiver.received:
        body = json.loads(event.body)
        about = body["data"]["pipeline"]["id"], body["timestamp"]
        assert told.setdefault(event.id, about) == about
        assert event.verified
    assert len(changed) > 20
    assert len(told) == len(changed)
    assert set(told.values()) == {(pipeline, written(at)) for pipeline, at in changed}


def written(ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"
