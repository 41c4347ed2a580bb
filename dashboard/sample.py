"""The sample data: a sandbox of our own, whose last day is watched in fast motion, so that it has a history."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from monitor.catalog import Catalog
from monitor.catalog.matching import match
from monitor.freshness import Reading, late
from monitor.health import Word
from monitor.known import Known, Seen, differences
from monitor.notes import About, Kind, Note
from monitor.reader import table
from monitor.schedule import hold_for
from monitor.settings import Settings
from monitor.store import Store, Tx, accounts, looks, notes, readings
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


def _watch_again(tx: Tx, door: Settings, catalog: Catalog, story: Story, now: float) -> Mapping[str, Seen]:
    """Looks at its last day in fast motion, and reads its tables, as at any account: through the same client and into
    the same store. Returns what was seen last; nothing is done and returned where something is known already."""
    number = accounts.account_number(tx, NAME)
    if looks.read_news(tx, number, Known()).answered_at is not None:
        return {}
    client = replace(door, requests_per_minute=10_000).client(clock=story)
    looked = [now - age for age in (*range(DAY, HOUR, -RARELY), *range(HOUR, 0, -OFTEN))]
    seen, after, came_in, still_to_read = dict[str, Seen](), None, dict[str, Reading](), [now - age for age in READ]
    for moment, following in zip(looked, [*looked[1:], looked[-1]], strict=True):
        story.go_to(moment)
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


def _write_notes(seen: Mapping[str, Seen], store: Store, midnight: float, story: Story) -> None:
    """Planned work at that time (UTC seconds), announced an hour before, and that somebody is on what failed first."""
    plan = Note(Kind.PLANNED, About.DESTINATION, (PLAN,), f"the {PLAN.lower()} moves to a larger server", PERSON, False)
    story.go_to(midnight - HOUR)
    _write(replace(plan, begins=midnight, ends=midnight + HOUR), store, story)
    story.go_to(time.time())
    began = {one: it.since_at for one, it in seen.items() if it.word is Word.FAILED}
    if began:
        first = min(began, key=began.__getitem__)
        _write(Note(Kind.ON_IT, About.PIPELINES, (first,), "the source is slow today", PERSON, False), store, story)


def _write(note: Note, store: Store, story: Story) -> None:
    at = round(story() * 1000)
    store.write(lambda tx: notes.write(tx, accounts.account_number(tx, NAME), note, PERSON, at))


def start(store: Store, catalog: Catalog) -> Settings:
    """Starts a sandbox, and watches its last day unless something is known of it already: that takes two seconds.

    Returns what to set for its account.
    """
    story, now = Story(), time.time()
    box = Sandbox(clock=story, requests_per_minute=10_000).start()
    door = Settings(box.api_key, box.api_secret, base_url=box.base_url)
    if seen := store.write(lambda tx: _watch_again(tx, door, catalog, story, now)):
        _write_notes(seen, store, now // DAY * DAY, story)
    story.behind = 0.0
    return door
