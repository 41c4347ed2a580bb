"""One server's part of an account in a process of its own: `python -m tests.account_process`, told what to do by lines.

A line is a JSON list: a word, and what it needs. Each is answered with one line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from hevo_api import HevoClient
from monitor import Account, Clock, Store
from monitor.notes import About, Kind, Note
from monitor.store.spending import StoredBudget


@dataclass(frozen=True)
class Told:
    """What such a process is told at its start. `ahead`: how far (s) its wall clock is set wrong."""

    database: str
    hevo: str
    interval: float
    ahead: float = 0.0


class Server:
    """The process, as the test sees it."""

    def __init__(self, told: Told) -> None:
        command = [sys.executable, "-m", "tests.account_process", json.dumps(told.__dict__)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @property
    def pid(self) -> int:
        return self.process.pid

    def ask(self, *words: object) -> Any:
        """Its answer."""
        self.tell(*words)
        return self.answer()

    def tell(self, *words: object) -> None:
        """Ask, and come back for the answer later."""
        assert self.process.stdin
        print(json.dumps(words), file=self.process.stdin, flush=True)

    def answer(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def kill(self) -> list[Any]:
        """kill -9, whatever it does; what it had answered by then and nobody has read."""
        self.process.kill()
        stdout = self.process.stdout
        left = [] if stdout is None or stdout.closed else [json.loads(line) for line in stdout]
        self.process.communicate()
        return left


def main(told: Told) -> None:
    """Does what the lines say until they end."""
    store = Store.in_database(told.database, Clock(wall=lambda: time.time() + told.ahead))
    account = None
    for line in sys.stdin:
        word, *rest = json.loads(line)
        if word == "take":
            answer: Any = taken(StoredBudget(store, 1, 100), *rest)
        else:
            account = account or account_on(store, told)
            answer = done(account, word, *rest)
        print(json.dumps(answer), flush=True)  # noqa: T201


def account_on(store: Store, told: Told) -> Account:
    client = HevoClient("sandbox-key", "sandbox-secret", base_url=told.hevo)
    return Account(client, store, interval=told.interval)


def done(account: Account, word: str, *rest: str) -> Any:
    if word == "run":
        return [request.standing for request in account.run(rest, by="Ana")]
    if word == "note":
        kind, pipeline, text, by = rest
        written = account.diary.write(Note(Kind(kind), About.PIPELINES, (pipeline,), text, by), by)
        return written if isinstance(written, str) else [written.by, written.text]
    if word == "close":
        return account.close(wait=2)
    now = account.now()
    words = {row.pipeline.id: row.word for row in now.rows}
    notes = [[note.by, note.text] for note in now.notes]
    on_it = {pipeline: note.by for pipeline, note in now.on_it.items()}
    told = {"at": now.at, "answered_at": now.answered_at, "problem": now.problem}
    return {**told, "words": words, "notes": notes, "on_it": on_it}


def taken(budget: StoredBudget, seconds: float) -> list[float]:
    """When (by the machine's steady clock) each request might go out, asking as often as one can for so long."""
    times, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        if budget.take("person") == 0.0:
            times.append(time.monotonic())
    return times


if __name__ == "__main__":
    main(Told(**json.loads(sys.argv[1])))
