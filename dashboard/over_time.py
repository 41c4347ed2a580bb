"""What is known of a stretch of time, and how it is drawn: the History page's pieces, and the overview's chart."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import groupby
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, choices, linked, overview
from dashboard.screen import Screen
from dashboard.strips import begins, sentence
from dashboard.table import safe_csv
from dashboard.times import DAY, Times
from dashboard.words import history as words
from dashboard.words.overview import failing_heading, failing_peak, too_young
from dashboard.words.text import one_line, plain
from monitor import history as frames
from monitor.health import NEEDS_ATTENTION, Word
from monitor.history import History
from monitor.now import Row
from monitor.store import StoreError

WORST, MOST = 12, 50  # strips that are drawn at first, and at most
LINES = 20  # of what changed
LONG = 2 * DAY * 1000  # ms above which strips are drawn in blocks: what lies further back is read from the store
BLOCKS, MOST_MARKS = 96, 3_000  # a strip's blocks; marks of all strips above which a shorter time has blocks too
MOST_CHANGES = 20_000  # that are read of all pipelines: more would keep the viewer waiting
IN_CSV = 100_000  # pipelines times days that a download takes
HOUR = 3_600_000
YOUNG = 60_000  # ms of history that tell nothing yet
ROW_HEIGHT, AREA, THIN = 28, 160, 96  # pixels: a strip, all pipelines by word, and only those that were failing
DAY_HEAD = "margin:.75rem 0 .125rem"
LINE = "display:grid;grid-template-columns:16px auto 1fr;gap:.5rem;align-items:baseline;padding:2px 0;line-height:1.4"
_FOLLOWED, _CHOSEN = "history_range_followed", "history_range_chosen"  # a link's, and what anybody chose


@dataclass(frozen=True, eq=False)
class Past:
    """What was seen from begin to end (ms), of all pipelines or of those with `labels`; what changed, from `since` on.

    `hours`: how many stood under each word, where that was counted already. `partly`: our own records were away.
    """

    begin: int
    end: int
    since: int
    history: History
    hours: pd.DataFrame | None = None
    partly: bool = False
    labels: dict[str, str] = field(default_factory=dict)

    @cached_property
    def spells(self) -> pd.DataFrame:
        """Every watched stretch of one word."""
        return frames.spells(self.history, self.since, self.end)

    @cached_property
    def by_word(self) -> pd.DataFrame:
        """How many stood under each word: start, end, word, pipelines."""
        if self.hours is not None:
            return self.hours
        edges = frames.step_edges(self.history, self.begin, self.end)
        return frames.counts(self.spells, edges if len(edges) > 1 else [self.begin, self.begin + 1])

    @cached_property
    def peak(self) -> tuple[int, int, int, int]:
        """The most that were failing at once, of how many, when first (ms), and how many at the end."""
        if self.by_word.empty:
            return 0, 0, self.begin, 0
        total = self.by_word.groupby("start")["pipelines"].sum()
        failed = self.by_word[self.by_word["word"] == Word.FAILED].set_index("start")["pipelines"]
        failed = failed.reindex(total.index, fill_value=0)
        place = int(failed.to_numpy().argmax())
        at = max(int(total.index[place]), self.begin)
        return int(failed.iloc[place]), int(total.iloc[place]), at, int(failed.iloc[-1])

    @cached_property
    def unwatched(self) -> pd.DataFrame:
        """When nobody looked or Hevo did not answer: start, end, why."""
        return frames.unwatched(self.history, self.begin, self.end)

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """What can be seen of it at this scale."""
        return self.unwatched[self.unwatched["end"] - self.unwatched["start"] > (self.end - self.begin) / 500]

    @cached_property
    def failing(self) -> dict[str, int]:
        """For how many milliseconds each pipeline failed."""
        failed = self.spells[self.spells["word"] == Word.FAILED]
        lengths = (failed["end"] - failed["start"]).groupby(failed["pipeline"]).sum()
        return dict(zip(lengths.index, lengths.tolist(), strict=True))

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Every change of word; the newest first."""
        return frames.transitions(self.history, self.since, self.end)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The newest of what changed, a restless pipeline in one line: of those that changed last all is folded."""
        lately = self.changes["pipeline"].drop_duplicates()[:LINES]
        return frames.folded(self.changes[self.changes["pipeline"].isin(lately)])[:LINES]


def choose_range(screen: Screen) -> str:
    """How far back, from the link or by choice; a link's value that is not offered is left out, with a note."""
    asked = st.query_params.get("range")
    if asked in choices.RANGES and asked != st.session_state.get(_FOLLOWED):
        st.session_state.history_range = st.session_state[_CHOSEN] = asked
    if not st.session_state.get(_CHOSEN):
        st.session_state.history_range = fitting(screen)
    st.session_state[_FOLLOWED] = asked
    chosen: str = st.radio(
        "Time",
        list(choices.RANGES),
        format_func=choices.RANGES.__getitem__,
        key="history_range",
        horizontal=True,
        label_visibility="collapsed",
        persist_state="session",
        on_change=_write,
    )
    if asked is not None and asked not in choices.RANGES:
        st.caption(plain(words.bad_range(asked), 200))
    return chosen


def _write() -> None:
    """The choice stands in the address bar, so that its link shows a colleague the same."""
    st.session_state[_CHOSEN] = st.query_params["range"] = st.session_state.history_range


def fitting(screen: Screen) -> str:
    """The shortest range that holds what was watched in the last 24 hours, or since this browser looked last."""
    begins, visit = screen.history.begins, screen.last_visit
    watched = 0.0 if begins is None else screen.until - begins / 1000
    away = 0.0 if visit is None else screen.until - visit
    return choices.shortest(min(watched, max(away, choices.SECONDS["24h"])))


def past(screen: Screen, key: str) -> Past:
    """What is known of so long a time, worked out once a look and minute."""
    return screen.once(("past", key, screen.until), lambda: _past(screen, round(1000 * screen.until), key))


def _past(screen: Screen, end: int, key: str) -> Past:
    """From our own records where it reaches far back, and then counted by the hour."""
    length, history, partly = 1000 * choices.SECONDS[key], screen.history, False
    since, hours = 0.0, None
    if length > LONG:
        try:
            since, stored = screen.account.recent_history((end - length) / 1000, MOST_CHANGES)
            hours = screen.account.diary.tallies((end - length) / 1000)
            history = frames.older_joined(screen.now.under_plans(stored), history)
        except StoreError:
            partly = True
    begin = begins(history, end, length)
    if hours is None or end - begin <= LONG:
        return Past(begin, end, begin, history, partly=partly)
    return Past(begin, end, max(begin, round(1000 * since)), history, _by_hour(hours, screen.history, begin, end))


def first_look(known: Past, key: str) -> float | None:
    """When watching began (UTC seconds), if that is within so long a time."""
    began = known.begin > known.end - 1000 * choices.SECONDS[key]
    return known.begin / 1000 if began else None


def _by_hour(hours: pd.DataFrame, recent: History, begin: int, end: int) -> pd.DataFrame:
    """The tallies of the hours, with those that are too young to have one, in blocks that show their worst hour."""
    first = int(hours["start"].max()) + HOUR if len(hours) else begin // HOUR * HOUR
    edges = [*range(first, end, HOUR), end]
    young = frames.counts(frames.spells(recent, first, end), edges) if first < end else hours
    every = pd.concat([hours.assign(end=hours["start"] + HOUR), young])
    size = next(size for size in (1, 2, 4, 6, 12, 24) if end - begin <= size * HOUR * 2 * BLOCKS) * HOUR
    return thinned(every, size)


def thinned(hours: pd.DataFrame, size: int) -> pd.DataFrame:
    """Of the hours in each block of `size` ms the one with the most failing, then the most late, and so on."""
    wide = hours.pivot_table("pipelines", "start", "word", aggfunc="sum", observed=False, fill_value=0)
    worst = wide.sort_values(list(wide.columns), ascending=False)
    worst = worst[~(worst.index // size).duplicated()].sort_index()
    worst.index = worst.index // size * size
    blocks = worst.reset_index().melt("start", var_name="word", value_name="pipelines")
    typed = blocks.astype({"word": frames.WORDS, "pipelines": "int64"})
    return typed.assign(end=typed["start"] + size)[["start", "end", "word", "pipelines"]]


def choose(screen: Screen, known: Past) -> Past:
    """The pipelines that have a strip, with their labels: the worst, or those that are chosen."""
    empty = f"The {WORST} worst. Type names to choose others"
    chosen = choices.pipelines("Pipelines shown", screen, "history_rows", empty=empty, most=MOST)
    rows = chosen or screen.once(("worst", known.begin, known.end), lambda: worst(screen.now.rows, known.failing))
    ids = tuple(row.pipeline.id for row in rows)

    def look_up() -> Past:
        labels = dict(zip(ids, charts.unique_labels(rows), strict=True))
        return Past(known.begin, known.end, known.begin, of_these(screen, known, ids), labels=labels)

    return screen.once(("strips", known.begin, known.end, ids), look_up)


def worst(rows: Sequence[Row], failing: dict[str, int]) -> list[Row]:
    """What needs attention now, then what failed for longest."""

    def place(row: Row) -> tuple[int, int]:
        return row.word.severity if row.word in NEEDS_ATTENTION else len(Word), -failing.get(row.pipeline.id, 0)

    return sorted(rows, key=place)[:WORST]


def of_these(screen: Screen, known: Past, ids: Sequence[str]) -> History:
    """Their history, from the store where it reaches further back than what is at hand."""
    return frames.only(known.history, ids) if known.since <= known.begin else screen.past(known.begin / 1000, ids)


def draw_strips(shown: Past, screen: Screen) -> None:
    """A strip for each row, what its marks mean, and the same in words."""
    key = "drawn", shown.begin, shown.end, tuple(shown.labels), screen.times.zone_name
    frame, seen, told = screen.once(key, lambda: _drawn(shown, screen.times))
    layer = charts.strips_layer(tuple(shown.labels.values()), screen.palette)
    says = "The state of each pipeline over time; the same in words stands below"
    _chart("strips", frame, layer, ROW_HEIGHT * len(shown.labels), says, shown, screen)
    st.html(charts.legend(seen, shown.gaps["why"], screen.palette))
    with st.expander("The same in words"):
        st.markdown("\n".join(f"- {plain(line, 400)}" for line in told))


def _drawn(shown: Past, clock: Times) -> tuple[pd.DataFrame, list[Word], list[str]]:
    """The marks of the strips, the words that occur, and each strip's twin in words."""
    spells = shown.spells
    own, none = dict(list(spells.groupby("pipeline"))), spells.iloc[:0]
    told = [f"{label}: {sentence(own.get(one, none), shown.begin, shown.end)}" for one, label in shown.labels.items()]
    if shown.end - shown.begin > LONG or len(spells) > MOST_MARKS:
        spells = frames.blocks(spells, frames.equal_edges(shown.begin, shown.end, BLOCKS))
    return charts.strips_frame(spells, shown.labels, clock), [*map(Word, spells["word"].unique())], told


def draw_by_word(known: Past, screen: Screen) -> None:
    """How many pipelines had each word over time."""
    if known.by_word.empty:
        st.markdown(words.NEVER_CHECKED)
        return
    st.markdown(plain(words.peak(*known.peak, screen.times), 200))
    most = int(known.by_word.groupby("start")["pipelines"].sum().max())
    frame, layer = _bands(known, screen), charts.words_layer(most, screen.palette)
    says = "How many pipelines were failed, late, unknown, healthy or paused over time"
    _chart("words", frame, layer, AREA, says, known, screen)
    seen = known.by_word[known.by_word["pipelines"] > 0]["word"].unique()
    st.html(charts.legend(map(Word, seen), known.gaps["why"], screen.palette, is_area=True))


def draw_failing(screen: Screen) -> None:
    """How many were failing over the last day, of all, so that 12 of 205 do not look like 205 of 205.

    The heading claims no more time than was watched; a sentence while that is hardly any.
    """
    begin, end = screen.last_day
    if screen.is_young:
        st.caption(too_young(screen.history.begins and begin / 1000, screen.times))
        return
    st.header(plain(failing_heading(begin / 1000, end / 1000, screen.times)), anchor=False)
    known = screen.once(("failing", begin, end), lambda: Past(begin, end, begin, screen.history))
    most, _, at, _ = known.peak
    total, away = len(screen.now.rows), float((known.unwatched["end"] - known.unwatched["start"]).sum())
    failing = screen.now.counts[Word.FAILED]
    says = failing_peak(most, at / 1000, total, failing, away / (end - begin), screen.times)
    st.markdown(says)
    if most or "no answer" in known.gaps["why"].array:
        layer = charts.words_layer(total, screen.palette, is_thin=True)
        _chart("failing", _bands(known, screen, Word.FAILED), layer, THIN, says, known, screen)
        if len(known.gaps):
            st.html(charts.legend([], known.gaps["why"], screen.palette))


def _bands(known: Past, screen: Screen, only: Word | None = None) -> pd.DataFrame:
    """What is drawn of it, worked out once a look for all in this zone."""
    key = "bands", known.begin, known.end, only, screen.times.zone_name
    return screen.once(key, lambda: charts.words_frame(known.by_word, screen.times, only))


def _chart(
    name: str, frame: pd.DataFrame, layer: dict[str, Any], height: int, says: str, known: Past, screen: Screen
) -> None:
    """Without the toolbar, which has nothing for a reader and hides the end of the axis."""
    spec = charts.chart(layer, known.gaps, (known.begin, known.end), height, screen.palette, screen.times)
    with st.container(key=f"over_time_{name}"):
        st.html(f"<style>.st-key-over_time_{name} [data-testid=stElementToolbar] {{display: none}}</style>")
        st.vega_lite_chart(frame, spec, alt=says)


def draw_changes(shown: Past, known: Past, screen: Screen) -> None:
    """The newest changes by days, with linked names."""
    if known.since > known.begin:
        st.caption(words.changes_since(known.since / 1000, screen.times))
    if known.lines.empty:
        st.markdown(words.NOTHING_CHANGED)
        return
    days = groupby(known.lines.to_dict("records"), lambda line: words.day(line["last"], screen.times))
    told = (
        f'<p class="quiet" style="{DAY_HEAD}">{day}</p><ul>{"".join(_line(one, screen) for one in of_day)}</ul>'
        for day, of_day in days
    )
    linked.show("".join(told), key="changes")
    if older := len(known.changes) - int(known.lines["changes"].sum()):
        st.caption(words.older(older, len(in_csv(shown, known, screen)), len(screen.now.rows)))


def _line(line: dict[Hashable, Any], screen: Screen) -> str:
    """'09:22 Orders DB: Healthy → Failed', or one sentence for a restless pipeline; as HTML."""
    word, clock, one = Word(line["word"]), screen.times, str(line["pipeline"])
    if line["changes"] == 1:
        when, what = words.seen_at(line["after"], line["last"], clock), words.change(Word(line["before"]), word)
    else:
        when = f"{clock.moment(line['last'] / 1000):%H:%M}"
        what = words.restless(line["failures"], line["changes"], line["first"], word, clock)
    name = linked.link(one_line(screen.now.name(one), 80), linked.address("pipelines", pipeline=one))
    told = f'{overview.mark(word, screen)}<span class="quiet">{when}</span><span>{name}{what}</span>'
    return f'<li style="{LINE}">{told}</li>'


def health_table(shown: Past, screen: Screen) -> pd.DataFrame:
    """One row a pipeline: its percentage in words, how much was watched, how often it failed; planned time apart."""
    end = shown.end + 1  # what is seen at the end counts too
    planned = screen.now.judged.planned_spans(screen.now.notes, shown.begin, end)
    figures = frames.health(shown.history, shown.begin, shown.end, planned).reindex(list(shown.labels), fill_value=0)
    rows = []
    for label, one in zip(shown.labels.values(), figures.to_dict("records"), strict=True):
        percent = None if pd.isna(one["percent"]) else one["percent"]
        healthy = words.percentage(percent, one["watched"] == 0 or one["healthy"] + one["failed"] > 0)
        failed = words.failed(int(one["failures"]), one["failed"] / 1000)
        rows.append((label, healthy, f"{int(100 * one['coverage'])}%", failed))
    return pd.DataFrame(rows, columns=["pipeline", "healthy", "watched", "failed"])


def draw_health(shown: Past, screen: Screen) -> None:
    """How much of the time each was healthy, and how much was watched."""
    key = "health", shown.begin, shown.end, tuple(shown.labels), screen.now.notes
    st.dataframe(
        screen.once(key, lambda: health_table(shown, screen)),
        hide_index=True,
        height=min(len(shown.labels), 16) * 35 + 40,
        column_config={"pipeline": "Pipeline", "healthy": "Healthy", "watched": "Time watched", "failed": "Failed"},
        alt="For each pipeline the share of the time that it was healthy, and how much of the time was watched",
    )


def download(shown: Past, known: Past, screen: Screen) -> None:
    """The history as a file."""
    ids = in_csv(shown, known, screen)
    label = words.download(len(ids), len(screen.now.rows))
    choices.download(label, "history", partial(csv_of, screen, known, ids), screen)


def in_csv(shown: Past, known: Past, screen: Screen) -> list[str]:
    """Whose history the file has: that of all pipelines, or of those shown where all would be too much."""
    rows = screen.now.rows
    is_little = len(rows) * (known.end - known.begin) / 1000 / DAY <= IN_CSV
    return [row.pipeline.id for row in rows] if is_little else [*shown.labels]


def csv_of(screen: Screen, known: Past, ids: Sequence[str]) -> bytes:
    """One row a watched stretch of one word: pipeline, name, word, start_utc, end_utc; then the time not checked."""
    spells = frames.spells(of_these(screen, known, ids), known.begin, known.end)
    labels = {one: screen.now.name(one) for one in ids}
    seen = spells.assign(name=spells["pipeline"].map(labels), word=spells["word"].astype(object))
    unseen = known.unwatched.assign(pipeline="", name="", word=known.unwatched["why"].map(words.NOT_CHECKED))
    every = pd.concat([seen, unseen])
    for name in ("start", "end"):
        moments = pd.to_datetime(every[name].astype("int64"), unit="ms", utc=True)
        every[f"{name}_utc"] = moments.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return safe_csv(every[["pipeline", "name", "word", "start_utc", "end_utc"]].astype(object))
