"""What one run of the script shows: the account's picture, taken once, so that no two parts of a page disagree."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from dashboard import connection, strips, tab_memory
from dashboard.marks import PALETTES, Palette, Theme
from dashboard.times import DAY, Times, zone_named
from monitor import history as frames
from monitor.account import COLD_START, Account
from monitor.history import History
from monitor.now import Now
from monitor.schedule import CONFIRMED_FOR
from monitor.settings import Settings

T = TypeVar("T")
P = ParamSpec("P")
YOUNG = 120_000  # ms


@dataclass(frozen=True)
class Screen:
    """The account as this session sees it, in the viewer's own time and theme. `history`: of the last two days, with
    trouble under planned work as that. `last_visit`: when this browser looked before (UTC epoch seconds)."""

    settings: Settings
    account: Account
    now: Now
    history: History
    times: Times
    theme: Theme
    paused_at: float | None = None
    last_visit: float | None = None

    @property
    def ready(self) -> bool:
        """True when there is a complete answer to show, however old."""
        return self.now.answered_at is not None

    @property
    def palette(self) -> Palette:
        return PALETTES[self.theme]

    @property
    def answered(self) -> str | None:
        """When Hevo gave what is shown, on the viewer's clock."""
        return None if self.now.answered_at is None else self.times.at(self.now.answered_at)

    @property
    def until(self) -> float:
        """Where the charts end: one time for all who see this look in this minute, so that each is drawn once."""
        return self.now.once(("until", self.now.at // 60), lambda: self.now.at)

    @property
    def last_day(self) -> tuple[int, int]:
        """The last day, or as much of it as was watched (UTC ms)."""
        end = round(self.until * 1000)
        return strips.begins(self.history, end, DAY * 1000), end

    @property
    def is_young(self) -> bool:
        """True while there is hardly a history: a strip or a chart of it would be a sliver."""
        begin, end = self.last_day
        return end - begin < YOUNG

    def past(self, begin: float, pipelines: Sequence[str] | None = None) -> History:
        """From `begin` (UTC seconds) on, of these pipelines or all: what this session has, and the store if it can be
        read."""
        lately = self.history if pipelines is None else frames.only(self.history, pipelines)
        return frames.older_joined(lately, self.now.under_plans(self.account.history(begin, pipelines)))

    def once(self, question: Hashable, answer: Callable[[], T]) -> T:
        """What costs much is worked out once a look for all who see the same history, and not at each click."""
        return self.now.once((question, id(self.history)), answer)

    def each_minute(self, question: Hashable, answer: Callable[[], T]) -> T:
        """What tells how long ago something was is made anew each minute and with each look, for all who see it in this
        theme and zone; what was made before is forgotten."""
        made: dict[Hashable, T] = self.once((question, self.theme, str(self.times.zone)), dict)
        minute = self.now.at // 60, self.now.version, self.now.confirmed
        if (told := made.get(minute)) is None:
            told = answer()
            made.clear()
            made[minute] = told
        return told


def theme_now() -> Theme:
    """What the viewer's browser shows at this moment: whoever turns it dark has said so by the next tick."""
    return "dark" if st.context.theme.type == "dark" else "light"


def take(settings: Settings) -> Screen:
    """Takes the picture for this run and lets the pages find it in the session."""
    account = connection.account(settings)
    now, paused_at = _paused(account) if st.session_state.get("updates_paused") else (account.now(COLD_START), None)
    if paused_at is None:
        st.session_state.pop("paused_picture", None)
    seen, last_visit = tab_memory.remembered(account.name, now)
    _, history = now.once(("under plans", id(seen), now.version), lambda: (seen, now.under_plans(seen)))
    screen = Screen(
        settings=settings,
        account=account,
        now=now,
        history=history,
        times=Times(zone_named(st.context.timezone), now.at, now.correction),
        theme=theme_now(),
        paused_at=paused_at,
        last_visit=last_visit,
    )
    st.session_state.screen = screen
    return screen


def _paused(account: Account) -> tuple[Now, float]:
    """The picture of the moment at which this viewer paused the updates: it grows old, and is doubted when it is."""
    latest = account.now(watching=False)
    name, kept, paused_at = st.session_state.get("paused_picture", (None, latest, latest.at))
    if name != account.name:
        kept, paused_at = latest, latest.at
    st.session_state.paused_picture = account.name, kept, paused_at
    age = latest.at - (kept.answered_at or latest.at)
    confirmed = kept.confirmed and age <= max(2 * kept.interval, CONFIRMED_FOR)
    return replace(kept, at=latest.at, confirmed=confirmed), paused_at


def unbroken(press: Callable[P, None]) -> Callable[P, None]:
    """What a press does, done again where a redraw that was asked for meanwhile breaks it off.

    Streamlit 1.67 looks for one at each access to the session, and the press would be lost or half done.
    """

    @wraps(press)
    def pressed(*args: P.args, **named: P.kwargs) -> None:
        try:
            press(*args, **named)
        except Exception:
            raise
        except BaseException:  # what Streamlit breaks off with
            press(*args, **named)
            raise

    return pressed


def current() -> Screen:
    """The screen of this run, for a page."""
    screen: Screen = st.session_state.screen
    return screen
