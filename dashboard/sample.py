"""The sample data: a sandbox of our own, whose last day is watched in fast motion, so that it has a history."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from monitor import clients
from monitor.catalog import Catalog
from monitor.health import Word
from monitor.known import Seen
from monitor.notes import About, Kind, Note
from monitor.rehearsal import watch_again
from monitor.store import Store, accounts, notes
from sandbox import Sandbox

NAME = "sample"  # the sandbox's address is another one at each start
DAY, HOUR = 86_400, 3_600
RARELY, OFTEN = 450, 60  # seconds between two looks: over the day, and in its last hour
PERSON = "Sam Sample"
PLAN = "Reporting copy"  # the destination that the sandbox's story works on at midnight (UTC)
READ = range(6 * HOUR, 0, -HOUR // 2)  # how long ago its tables were read


class Story:
    """The sandbox's clock: now, but for while its past is told."""

    def __init__(self) -> None:
        self.behind = 0.0

    def __call__(self) -> float:
        return time.time() - self.behind

    def go_to(self, moment: float) -> None:
        """From then on the story goes on."""
        self.behind = time.time() - moment


def _write_notes(seen: Mapping[str, Seen], store: Store, midnight: float, story: Story) -> None:
    """Planned work at that time (UTC seconds), announced an hour before, and that somebody is on what failed first."""
    plan = Note(Kind.PLANNED, About.DESTINATION, (PLAN,), f"the {PLAN.lower()} moves to a larger server", PERSON, False)
    story.go_to(midnight - HOUR)
    _write(replace(plan, begins=midnight, ends=midnight + HOUR), store, story)
    story.go_to(time.time())
    began = {one: it.since_at or 0 for one, it in seen.items() if it.word is Word.FAILED}
    if began:
        first = min(began, key=began.__getitem__)
        _write(Note(Kind.ON_IT, About.PIPELINES, (first,), "the source is slow today", PERSON, False), store, story)


def _write(note: Note, store: Store, story: Story) -> None:
    at = round(story() * 1000)
    store.write(lambda tx: notes.write(tx, accounts.account_number(tx, NAME), note, PERSON, at))


def start(store: Store, catalog: Catalog) -> tuple[str, str, str]:
    """Starts a sandbox, and watches its last day unless something is known of it already: that takes two seconds.

    Returns its address, key and secret.
    """
    story, now = Story(), time.time()
    box = Sandbox(clock=story, requests_per_minute=10_000).start()
    ages = [*range(DAY, HOUR, -RARELY), *range(HOUR, 0, -OFTEN)]
    door = box.base_url, box.api_key, box.api_secret
    past = clients.on_this_machine(*door, clock=story, limit=10_000)
    looked, read = [now - age for age in ages], [now - age for age in READ]
    seen = watch_again(past, store, NAME, catalog, looked, read, story.go_to)
    if seen:
        _write_notes(seen, store, now // DAY * DAY, story)
    story.behind = 0.0
    return door
