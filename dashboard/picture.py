"""The picture: all that one script run shows, taken once, so that no two parts of a page disagree."""

from __future__ import annotations

from collections.abc import Callable, Hashable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from dashboard import connection, tab_memory
from dashboard.marks import PALETTES, Palette, Theme
from dashboard.times import Times, zone_named
from monitor.account import Account, View
from monitor.board import Board, read_board
from monitor.history import History
from monitor.settings import Settings

T = TypeVar("T")
COLD_START = 4.0  # seconds that a first page waits for a first answer before it says so


@dataclass(frozen=True)
class Picture:
    """The account as this session sees it now, in the viewer's own time and theme."""

    settings: Settings
    account: Account
    view: View
    history: History
    board: Board
    times: Times
    theme: Theme
    answers: dict[Hashable, Any] = field(repr=False)

    @property
    def ready(self) -> bool:
        """True when there is a complete answer to show, however old."""
        return self.view.snapshot is not None

    @property
    def palette(self) -> Palette:
        return PALETTES[self.theme]

    @property
    def answered(self) -> str | None:
        """When Hevo gave what is shown, on the viewer's clock."""
        return self.times.at(self.view.snapshot.answered_at) if self.view.snapshot else None

    @property
    def until(self) -> float:
        """Where the charts end: one time for all who see this look in this minute, so that each is drawn once."""
        return self.once(("until", self.view.at // 60), lambda: self.view.at)

    def once(self, question: Hashable, answer: Callable[[], T]) -> T:
        """What costs much is worked out once a look, for all viewers who see the same, and not at each click."""
        if question not in self.answers:
            self.answers[question] = answer()
        found: T = self.answers[question]
        return found


def take(settings: Settings) -> Picture:
    """Takes the picture for this run and lets the pages find it in the session."""
    account = connection.account(settings)
    view = account.view(wait=COLD_START, watching=not st.session_state.get("updates_paused", False))
    history = tab_memory.remembered(account.fingerprint, view)
    sight = _sight(account.fingerprint, view, history)
    now = Picture(
        settings=settings,
        account=account,
        view=view,
        history=history,
        board=sight.board,
        answers=sight.answers,
        times=Times(zone_named(st.context.timezone), view.at),
        theme="dark" if st.context.theme.type == "dark" else "light",
    )
    st.session_state.picture = now
    return now


def current() -> Picture:
    """The picture of this run, for a page."""
    picture: Picture = st.session_state.picture
    return picture


@dataclass(frozen=True)
class _Sight:
    """What was worked out of one look at an account with one history."""

    version: Hashable
    history: History
    board: Board
    answers: dict[Hashable, Any]


_shared: dict[str, _Sight] = {}


def _sight(account: str, view: View, history: History) -> _Sight:
    """One for all viewers who see the same; a tab that remembers more, or has an account of its own, has its own."""
    is_own = history is not view.history or connection.has_own()
    kept: MutableMapping[Any, Any] = st.session_state if is_own else _shared
    sight: _Sight | None = kept.get(f"sight_{account}")
    if sight is None or sight.version != view.version or sight.history is not history:
        sight = _Sight(view.version, history, read_board(view, history), {})
        kept[f"sight_{account}"] = sight
    return sight
