"""A house for tests of the screen: rows made by hand, and the dashboard's real script drawn without a browser."""

from __future__ import annotations

import functools
import gc
import inspect
import itertools
import json
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from typing import Any

import hypothesis
import pandas as pd
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from dashboard import screen
from hevo_api import Pipeline
from monitor import history as frames
from monitor.account import Account
from monitor.freshness import GAPS_NEEDED, Reading
from monitor.health import Word
from monitor.history import History
from monitor.known import Known, Seen, keyed, shown_text
from monitor.now import Now, Row, judge_all
from sandbox import Sandbox
from tests.conftest import ROOT

NOW = 1_800_000_000.0
AT = r"(?:\d+ \w{3}, )?\d\d:\d\d"  # a moment as the pages write it, also over midnight
few = hypothesis.settings(max_examples=30, deadline=None)  # a busy machine is slow, not wrong
MAIN = ROOT / "dashboard" / "main.py"
PAGES = tuple(sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
PLAIN = frozenset({"code", "html", "dataframe", "multiselect", "selectbox", "text_input"})  # never read as Markdown

# Streamlit asks for each new tab what is installed, compiles all scripts anew for each run, where a server keeps them,
# and collects all garbage after it: what is here stays.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
app_test.ScriptCache = local_script_runner.ScriptCache = functools.cache(ScriptCache)
gc.freeze()


def broken_off(monkeypatch: pytest.MonkeyPatch, press: Callable[..., None], access: int) -> None:
    """From now on a redraw is asked for in the midst of this press, at so many accesses to the session: Streamlit looks
    for one at each."""
    looks, accesses = ScriptRunner._maybe_handle_execution_control_request, itertools.count(1)
    code = inspect.unwrap(press).__code__

    def finds_one(runner: ScriptRunner) -> None:
        pressed = any(frame.f_code is code for frame, _ in traceback.walk_stack(None))
        if pressed and next(accesses) == access:
            raise RerunException(RerunData())
        looks(runner)

    monkeypatch.setattr(ScriptRunner, "_maybe_handle_execution_control_request", finds_one)


def pipeline(number: str = "7", name: str | None = "Orders DB", **fields: Any) -> Pipeline:
    """A healthy pipeline, but for what is said of it."""
    told = {
        "status": "ACTIVE",
        "health_status": "OK",
        "source_name": name,
        "source_type": "MySQL",
        "destination_name": "Analytics",
        "destination_type": "Snowflake",
        "schedule_type": None,
        "schedule_value": None,
    }
    return Pipeline(id=number, name=name, **told | fields)


def since(history: History) -> dict[str, tuple[Word, int, int]]:
    """Of each pipeline that is there: its word, the last look that saw another, the first that saw this one."""
    found: dict[str, tuple[Word, int, int]] = {}
    for pipeline, after, at, word in history.changes.itertuples(index=False, name=None):
        if found.get(pipeline, (None,))[0] != word:
            found[pipeline] = word, after, at
    return {name: began for name, began in found.items() if isinstance(began[0], str)}


def known_of(pipelines: Iterable[Pipeline], history: History | None = None) -> Known:
    """What is known of an account that has just been read; since when, as far as a history is given, else since now."""
    told = {} if history is None else since(history)
    seen = dict[str, Seen]()
    for key, one in keyed(list(pipelines)):
        _, after, at = told.get(key, (None, -1, round(NOW * 1000)))
        seen[key] = Seen(one, shown_text(one), 0, None if after < 0 else after, at)
    return Known(version=1, answered_at=NOW, seen=seen, history=history or frames.EMPTY)


def now_of(pipelines: Iterable[Pipeline], confirmed: bool = True, history: History | None = None, **told: Any) -> Now:
    """What an account shows that has just been read."""
    known = known_of(pipelines, history)
    fields = {
        "at": NOW,
        "correction": 0.0,
        "answered_at": NOW,
        "confirmed": confirmed,
        "trouble": None,
        "next_look_in": 60.0,
        "looking": False,
        "progress": None,
        "interval": 60.0,
        "slowed": False,
        "problem": None,
        "note": None,
        "judged": judge_all(known, NOW),
        "history": known.history,
        "requests": (),
        "version": 1,
    }
    return Now(**{**fields, **told})


def rows_of(*pipelines: Pipeline, history: History | None = None) -> list[Row]:
    """Their rows, worst first."""
    return list(now_of(pipelines, history=history).rows)


def reading(last_ran: float | None, usually: float | None = None, tables: int = 3, failed: int = 0) -> Reading:
    """What was just read of a pipeline that is known to run so often."""
    gaps = () if usually is None else (usually,) * GAPS_NEEDED
    return Reading(NOW, last_ran, last_ran, gaps, usually, tables, failed, "wal.020780")


def watched(*words: Word | None, pipeline_id: str = "7", every: float = 60.0) -> History:
    """The history of one pipeline by looks that came so many seconds apart, the last one now; None: no look."""
    times = [round(1000 * (NOW - every * back)) for back in range(len(words) - 1, -1, -1)]
    looks = [(at, word) for at, word in zip(times, words, strict=True) if word]
    last = [-1, *(at for at, _ in looks)]
    changes = [(pipeline_id, after, at, word.value) for after, (at, word) in zip(last, looks, strict=False)]
    watch = [(at, at, at + round(1000 * every), 1) for at, _ in looks]
    return frames.history(
        pd.DataFrame(changes, columns=["pipeline", "after", "at", "word"]),
        pd.DataFrame(watch, columns=["first", "last", "until", "looks"]),
    )


def unescaped(markdown: str) -> str:
    """What a person reads where Markdown with every mark escaped is shown."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace("\u200b", "")


def linked_html(node: Any) -> str:
    """The HTML of an element that draws lines of our own; nothing for any other."""
    if node.type != "bidi_component" or node.proto.component_name != "hevo_linked":
        return ""
    html: str = json.loads(node.proto.json)["html"]
    return html


def linked_links(html: str) -> dict[str, str]:
    """The links in such lines, with where they lead."""
    found = re.findall(r'<a data-open[^>]* href="([^"]*)"[^>]*>(.*?)</a>', html)
    return {text_of(inside): unescape(href) for href, inside in found}


def text_of(html: str) -> str:
    """What a person reads: each part of a line apart, each line on one of its own."""
    lines = re.sub(r"<title>.*?</title>|<[^>]*>", " ", re.sub(r"</(li|p)>", "\n", html)).split("\n")
    return "\n".join(filter(None, (" ".join(unescape(line).split()) for line in lines)))


class Screen:
    """One visitor's tab."""

    def __init__(self, zone: str = "UTC") -> None:
        self.app = AppTest.from_file(str(MAIN), default_timeout=10)
        self.app.context = {"timezone": zone}

    def open(self, page: str = "overview", **query: str | list[str]) -> Screen:
        """Visits a page by its link."""
        if not self.app._tree:
            self.draw()
        self.app.switch_page(f"../pages/{page}.py")
        for name, value in query.items():
            self.app.query_params[name] = value
        return self.draw()

    def draw(self) -> Screen:
        """Draws the page again; nothing may raise."""
        self.app.run()
        assert not self.app.exception, [error.value for error in self.app.exception]
        return self

    def press(self, label: str) -> Screen:
        """Presses the first button with these words that can be pressed."""
        next(button for button in self.app.button if button.label == label and not button.disabled).click()
        return self.draw()

    def click(self, link: str) -> Screen:
        """Clicks the first link with these words, as the browser tells it."""
        drawn = next(node for node in self.app._tree if link in linked_links(linked_html(node)))
        states = self.app._tree.get_widget_states()
        told = [{"event": "open", "value": linked_links(linked_html(drawn))[link]}]
        states.widgets.add(id=_make_trigger_id(drawn.proto.id, "events"), json_trigger_value=json.dumps(told))
        self.app._run(states)
        return self

    def wait_for(self, happened: Callable[[Now], bool]) -> Screen:
        """Waits until the account has seen it, and draws the page that tells of it."""
        account = self.account
        with account._changed:
            assert account._changed.wait_for(lambda: happened(account.now(watching=False)), 15), "It never happened."
        return self.draw()

    def look_again(self) -> Screen:
        """Asks for a look at Hevo and waits for what comes of it."""
        before = self.account.now(watching=False).history
        assert self.account.refresh() == 0
        return self.wait_for(lambda now: now.history is not before and not now.looking)

    def wait_a_second(self) -> Screen:
        """Goes on drawing until the clock shows another second: what is remembered is remembered by the second."""
        begin = int(self.account.now(watching=False).at)
        while int(self.account.now(watching=False).at) == begin:
            self.draw()
        return self

    def move(self, seconds: float) -> Screen:
        """The account's clock goes on by so much."""
        clock = self.account._clock
        before = clock.steady
        clock.steady = lambda: before() + seconds
        return self

    @property
    def shown(self) -> screen.Screen:
        """What the last run of the script showed."""
        shown: screen.Screen = self.app.session_state["screen"]
        return shown

    @property
    def account(self) -> Account:
        return self.shown.account

    @property
    def title(self) -> str:
        return unescaped(self.app.title[0].value)

    @property
    def text(self) -> str:
        """All that can be read on the page, in its order."""
        return "\n".join(unescaped(said) for _, said in self._said())

    @property
    def markdown(self) -> str:
        """All that Streamlit reads as Markdown, as it is given."""
        return "\n".join(said for kind, said in self._said() if kind not in PLAIN)

    @property
    def html(self) -> str:
        """The lines with links and buttons of their own (dashboard/linked.py), as they are given."""
        return "\n".join(filter(None, map(linked_html, self.app._tree)))

    @property
    def links(self) -> dict[str, str]:
        """What stands in those lines as a link, with where it leads."""
        return linked_links(self.html)

    def _said(self) -> Iterator[tuple[str, str]]:
        for node in self.app._tree:
            if told_html := linked_html(node):
                yield "html", text_of(told_html)
            if node.type == "html":
                yield "html", unescape(re.sub(r"<[^>]*>", "", node.proto.body))
                continue
            told = [getattr(node, name, None) for name in ("label", "value", "text")]
            told += [node.proto.dialog.title] if node.type == "dialog" else []
            texts = [text for text in told if isinstance(text, str)]
            yield from ((node.type, text) for text in dict.fromkeys(texts))

    @property
    def sent(self) -> str:
        """Everything that goes to the browser, whether it is shown or not."""
        return "\n".join(str(node.proto) for node in self.app._tree if getattr(node, "proto", None) is not None)

    @property
    def drawn(self) -> str:
        """All HTML of our own, as it is given."""
        return "\n".join(node.proto.body for node in self.app._tree if node.type == "html")

    @property
    def address(self) -> dict[str, str | list[str]]:
        """What stands in the address bar behind the question mark."""
        return dict(self.app.query_params)

    @property
    def table(self) -> pd.DataFrame:
        """The first table on the page."""
        frame: pd.DataFrame = self.app.dataframe[0].value
        return frame

    @property
    def counts(self) -> list[str]:
        """The words with their numbers, as they stand at the top: '2 Failed'."""
        return [text for text in self.links if re.match(r"[\d,]+ [A-Z]", text)]

    def choose_cell(self, place: int, column: str = "name", seen: str | None = None) -> Screen:
        """Chooses a cell of the table, as a click on it does; `seen` is the name that the table had then."""
        states, cells = self.app._tree.get_widget_states(), {"rows": [], "columns": [], "cells": [(place, column)]}
        table = next(node for node in self.app._tree if node.type == "dataframe")
        states.widgets.add(id=table.proto.id, string_value=json.dumps({"selection": cells}))
        hands = next(node for node in self.app._tree if "hevo_table" in str(getattr(node, "proto", "")))
        states.widgets.add(id=hands.proto.id, json_value=json.dumps({"seen": seen}))
        self.app._run(states)
        return self.draw()

    @property
    def problems(self) -> list[str]:
        """The numbers of the pipelines that have a line of their own with *Run*, from the top."""
        return re.findall(r'data-run="([^"]*)"', self.html)


OpenTab = Callable[..., Screen]


def posts(hevo: Sandbox) -> list[str]:
    """The runs that reached Hevo."""
    return [arrival.path for arrival in hevo.arrivals if arrival.method == "POST"]


def all_over(now: Now) -> bool:
    """True when there was a run and nothing more will be sent."""
    return bool(now.requests) and all(request.is_over for request in now.requests)
