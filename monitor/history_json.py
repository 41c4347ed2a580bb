"""The history as text for a browser to keep, and back: what comes back is whole and in order, or refused."""

import json
from bisect import bisect_left
from dataclasses import replace
from itertools import pairwise
from typing import Any

from monitor.spells import (
    ABSENT,
    END_OF_TIME,
    FIRST_STATE,
    LONGEST_HOLD,
    MAX_STATES,
    MAX_TEXT,
    MAX_TROUBLES,
    Record,
    Run,
    State,
    Trouble,
    Watch,
    pack_runs,
)

LIMIT = 1_000_000
_KEPT = 48 * 3600
_AHEAD = 60
_KEYS = {"version", "watches", "states", "runs", "troubles", "thinned_before"}


def write(record: Record, limit: int = LIMIT) -> str:
    """The record as JSON of at most so many characters; the oldest looks give way, and that is noted."""
    text = _dumped(record)
    while len(text) > limit and record.looks:
        kept = int(0.9 * len(record.looks) * limit / len(text))
        since = record.looks[-kept] if kept else record.looks[-1] + 1
        record = replace(record.forgetting(since if kept else END_OF_TIME), thinned_before=since)
        text = _dumped(record)
    return text


def read(text: object, now: float) -> Record:
    """What was written less than 48 hours ago; ValueError for whatever was not written here."""
    try:
        if not isinstance(text, str) or len(text) > LIMIT:
            raise ValueError("no text, or too much of it")
        return _record(json.loads(text), int(now) + _AHEAD).forgetting(now - _KEPT)
    except (ValueError, RecursionError) as error:
        raise ValueError("this is not a history that was written here") from error


def _dumped(record: Record) -> str:
    index = {look: number for number, look in enumerate(record.looks, 1)}
    numbers = {ABSENT: 0}
    runs = {name: _flat(record.runs_of(name), index, numbers) for name in record.runs}
    told = {
        "version": 1,
        "watches": _watches_as_steps(record),
        "states": [record.states[code - FIRST_STATE] for code in numbers if code != ABSENT],
        "runs": runs,
        "troubles": record.troubles,
        "thinned_before": record.thinned_before,
    }
    return json.dumps(told, separators=(",", ":"))


def _watches_as_steps(record: Record) -> list[list[int]]:
    """For each watch how long its last look holds, then the seconds from look to look across all watches."""
    looks = record.looks
    steps = [later - earlier for earlier, later in pairwise((0, *looks))]
    ends = [bisect_left(looks, watch.first) for watch in record.watches] + [len(looks)]
    return [
        [watch.until - watch.last, *steps[start:end]]
        for watch, (start, end) in zip(record.watches, pairwise(ends), strict=True)
    ]


def _flat(runs: list[Run], index: dict[int, int], numbers: dict[int, int]) -> list[int]:
    """Looks passed, number of the state; again and again."""
    flat, before = [], 0
    for at, code in runs:
        flat += [index[at] - before, numbers.setdefault(code, len(numbers))]
        before = index[at]
    return flat


def _record(told: Any, latest: int) -> Record:
    if type(told) is not dict or told.keys() != _KEYS:
        raise ValueError("not the parts of a history")
    _whole(told["version"], 1, 1)
    looks, watches = _looks(_list(told["watches"], LIMIT), latest)
    states = tuple(State(*map(_text_or_none, _list(state, 2, 2))) for state in _list(told["states"], 2 * MAX_STATES))
    if len(set(states)) < len(states) or type(told["runs"]) is not dict:
        raise ValueError("a state twice, or no runs")
    runs = {_text(name, 1): _runs(flat, looks, len(states)) for name, flat in told["runs"].items()}
    thinned = told["thinned_before"]
    return Record(
        looks=looks,
        watches=watches,
        states=states,
        runs={name: pack_runs(several) for name, several in runs.items()},
        present={name: states[last[-1][1] - FIRST_STATE] for name, last in runs.items() if last[-1][1] != ABSENT},
        troubles=_troubles(_list(told["troubles"], MAX_TROUBLES), latest),
        thinned_before=None if thinned is None else _whole(thinned, 0, looks[0] if looks else latest),
    )


def _looks(told: list[Any], latest: int) -> tuple[tuple[int, ...], tuple[Watch, ...]]:
    looks: list[int] = []
    watches: list[Watch] = []
    for steps in told:
        hold, gap, *rest = (_whole(step, 1, latest) for step in _list(steps, LIMIT, 2))
        until, at = (watches[-1].until, watches[-1].last) if watches else (0, 0)
        inside = [at + gap]
        for step in rest:
            inside.append(inside[-1] + _whole(step, 1, LONGEST_HOLD))
        _whole(inside[0], until + 1, latest)
        watches.append(Watch(inside[0], inside[-1], inside[-1] + _whole(hold, 1, LONGEST_HOLD)))
        looks += inside
    if looks:
        _whole(looks[-1], 1, min(latest, END_OF_TIME - 1))
    return tuple(looks), tuple(watches)


def _runs(told: Any, looks: tuple[int, ...], states: int) -> list[Run]:
    flat, position, before, runs = _list(told, LIMIT, 2), -1, 0, []
    for step, number in zip(flat[::2], flat[1::2], strict=True):
        position = _whole(position + _whole(step, 1, len(looks)), 0, len(looks) - 1)
        if _whole(number, 0, states) == before:
            raise ValueError("a run that changes nothing")
        runs.append((looks[position], number + FIRST_STATE - 1 if number else ABSENT))
        before = number
    return runs


def _troubles(told: list[Any], latest: int) -> tuple[Trouble, ...]:
    troubles: list[Trouble] = []
    for entry in told:
        first, last, tries, cause = _list(entry, 4, 4)
        first = _whole(first, troubles[-1].last if troubles else 0, latest)
        troubles.append(Trouble(first, _whole(last, first, latest), _whole(tries, 1, END_OF_TIME), _text(cause, 0)))
    return tuple(troubles)


def _whole(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError("not a whole number in its range")
    return value


def _list(value: Any, most: int, least: int = 0) -> list[Any]:
    if type(value) is not list or not least <= len(value) <= most:
        raise ValueError("not a list of its length")
    return value


def _text(value: Any, least: int) -> str:
    if type(value) is not str or not least <= len(value) <= MAX_TEXT:
        raise ValueError("not a short text")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value, 0)
