"""The last changes as an Atom feed, for a reader of news."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

from dashboard.words.states import NAMES
from dashboard.words.text import one_line
from monitor import history as frames
from monitor.events import written
from monitor.health import Word
from monitor.history import History
from monitor.now import Now

MOST = 100
A_WEEK = 7 * 86_400
Change = tuple[str, int, str, str]  # a pipeline; from when on (ms); its word before, and since
FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>urn:hevo-dashboard:changes</id><title>Hevo pipelines: what changed</title><updated>{updated}</updated>
<author><name>Hevo dashboard</name></author>{link}
{entries}
</feed>
"""
ENTRY = "<entry><id>urn:sha256:{number}</id><title>{title}</title><updated>{updated}</updated>{link}</entry>"


def last_changes(now: Now, longer: Callable[[float], History]) -> list[Change]:
    """The newest changes of word of the last week; `longer` gives a history from then on, if it is needed."""
    end, start = round(now.at * 1000), round((now.at - A_WEEK) * 1000)
    found = frames.transitions(now.history, start, end)
    if len(found) < MOST:
        found = frames.transitions(longer(now.at - A_WEEK), start, end)
    rows = found.head(MOST)[["pipeline", "at", "before", "word"]]
    return list(rows.itertuples(index=False, name=None))


def feed(now: Now, changes: Sequence[Change], link: Callable[[str | None], str | None]) -> bytes:
    """These changes, newest first, with names and links; an entry keeps its id for ever."""
    entries = []
    for pipeline, at, before, word in changes:
        name = "".join(filter(str.isprintable, one_line(now.name(pipeline))))  # XML cannot hold all letters
        entry = ENTRY.format(
            number=hashlib.sha256(f"{pipeline}/{at}".encode(errors="replace")).hexdigest(),
            title=escape(f"{name}: {NAMES[Word(before)]} → {NAMES[Word(word)]}"),
            updated=written(at),
            link=_link(link(None if pipeline.startswith("?") else pipeline)),
        )
        entries.append(entry)
    updated = written(changes[0][1] if changes else round((now.answered_at or 0) * 1000))
    return FEED.format(updated=updated, link=_link(link(None)), entries="\n".join(entries)).encode()


def _link(href: str | None) -> str:
    return f"<link href={quoteattr(href)}/>" if href else ""
