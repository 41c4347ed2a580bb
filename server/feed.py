"""The last changes as an Atom feed, for a reader of news."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from xml.etree import ElementTree

from dashboard.words.states import NAMES
from dashboard.words.text import one_line
from monitor import history as frames
from monitor.health import Word
from monitor.history import History
from monitor.now import Now

MOST = 100
A_WEEK = 7 * 86_400
ATOM = "http://www.w3.org/2005/Atom"


class Change(NamedTuple):
    """A pipeline's word before, and from `at` (ms) on."""

    pipeline: str
    at: int
    before: Word
    word: Word


def last_changes(now: Now, longer: Callable[[float], History]) -> list[Change]:
    """The newest changes of word of the last week; `longer` gives a history from then on, if it is needed."""
    end, start = round(now.at * 1000), round((now.at - A_WEEK) * 1000)
    found = frames.transitions(now.history, start, end)
    if len(found) < MOST:
        found = frames.transitions(longer(now.at - A_WEEK), start, end)
    rows = found.head(MOST)[["pipeline", "at", "before", "word"]].itertuples(index=False)
    return [Change(pipeline, at, Word(before), Word(word)) for pipeline, at, before, word in rows]


def feed(now: Now, changes: Sequence[Change], link: Callable[[str | None], str | None]) -> bytes:
    """These changes, newest first, with names and links; an entry keeps its id for ever."""
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed")
    _add(root, "id", "urn:hevo-dashboard:changes")
    _add(root, "title", "Hevo pipelines: what changed")
    _add(root, "updated", _written(changes[0].at if changes else round((now.answered_at or 0) * 1000)))
    _add(ElementTree.SubElement(root, f"{{{ATOM}}}author"), "name", "Hevo dashboard")
    _link(root, link(None))
    for pipeline, at, before, word in changes:
        entry = ElementTree.SubElement(root, f"{{{ATOM}}}entry")
        _add(entry, "id", f"urn:sha256:{hashlib.sha256(f'{pipeline}/{at}'.encode(errors='replace')).hexdigest()}")
        _add(entry, "title", f"{_readable(now.name(pipeline))}: {NAMES[before]} → {NAMES[word]}")
        _add(entry, "updated", _written(at))
        _link(entry, link(None if pipeline.startswith("?") else pipeline))
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text


def _readable(name: str) -> str:
    """Without the letters that XML cannot hold."""
    return "".join(filter(str.isprintable, one_line(name)))


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _link(parent: ElementTree.Element, href: str | None) -> None:
    if href:
        ElementTree.SubElement(parent, f"{{{ATOM}}}link", href=href)


def _written(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
