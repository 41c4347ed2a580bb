"""What was seen of one account, as an immutable value: every look makes a new record, readers need no lock.

Times are UTC epoch seconds. A pipeline keeps one packed pair (time, code) for each change of its state; looks
and the gaps between them are the same for all pipelines and are kept once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from struct import Struct
from typing import NamedTuple

from monitor.health import Word, judge

ABSENT = 0  # a complete look did not contain the pipeline
UNWATCHED = 1  # nobody looked for longer than the last look holds
FIRST_STATE = 2
LONGEST_HOLD = 1_800
MAX_TEXT = 64
MAX_STATES = 1_000
MAX_TROUBLES = 2_000
END_OF_TIME = 2**32
_RUN = Struct("=II")

Run = tuple[int, int]  # a time, and the code of what holds from then on


class State(NamedTuple):
    """A pipeline's raw values, as Hevo sent them."""

    status: str | None
    health: str | None


class Watch(NamedTuple):
    """A time of looking without a gap: its first look, its last, and how long that one holds."""

    first: int
    last: int
    until: int


class Trouble(NamedTuple):
    """Failed attempts to look, one after another and for one cause."""

    first: int
    last: int
    tries: int
    cause: str


class Codes:
    """Numbers for states; odd states beyond the limit share the number of one of which nothing is known."""

    def __init__(self, states: Iterable[State] = ()) -> None:
        self._numbers = {state: number for number, state in enumerate(states, FIRST_STATE)}

    def number(self, state: State) -> int:
        """The state's number, a new one if it was never met."""
        met = State(*(value and value[:MAX_TEXT] for value in state))
        if met not in self._numbers and len(self._numbers) >= MAX_STATES and judge(*met) is Word.UNKNOWN:
            met = State(None, None)
        return self._numbers.setdefault(met, len(self._numbers) + FIRST_STATE)

    @property
    def states(self) -> tuple[State, ...]:
        return tuple(self._numbers)


@dataclass(frozen=True, slots=True)
class Record:
    """All complete looks and all failed attempts up to one moment."""

    looks: tuple[int, ...] = ()
    watches: tuple[Watch, ...] = ()
    states: tuple[State, ...] = ()
    runs: Mapping[str, bytes] = field(default_factory=dict)
    present: Mapping[str, State] = field(default_factory=dict)  # as the latest look saw them
    troubles: tuple[Trouble, ...] = ()
    thinned_before: int | None = None
    words: tuple[Word | None, ...] = field(init=False)  # by code

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", (None, None, *(judge(*state) for state in self.states)))

    @property
    def begins(self) -> int:
        return self.looks[0] if self.looks else END_OF_TIME

    def with_look(self, at: float, states: Mapping[str, State], hold: int) -> "Record":
        """One complete look more; one that is not later than the latest counts as made a second after it."""
        moment = max(int(at), self.looks[-1] + 1) if self.looks else int(at)
        known, named = self.present.get, range(1, MAX_TEXT + 1)
        changed = {name: state for name, state in states.items() if known(name) != state and len(name) in named}
        gone = self.present.keys() - states.keys()
        record = self._with_changes(moment, changed, gone) if changed or gone else self
        watch = Watch(moment, moment, moment + hold)
        return replace(record, looks=(*self.looks, moment), watches=seam(self.watches, (watch,)))

    def with_failure(self, at: float, cause: str) -> "Record":
        """One failed attempt more, part of the last trouble unless a look or another cause came between."""
        *others, past = self.troubles or (Trouble(0, 0, 0, ""),)
        moment = max(int(at), past.last)
        new = Trouble(moment, moment, 1, cause[:MAX_TEXT])
        if past.tries and past.cause == new.cause and self.looks[-1:] <= (past.last,):
            new = past._replace(last=moment, tries=past.tries + 1)
        elif past.tries:
            others.append(past)
        return replace(self, troubles=(*others, new)[-MAX_TROUBLES:])

    def forgetting(self, before: float) -> "Record":
        """What is left when everything before that time is forgotten."""
        looks = self.looks[bisect_left(self.looks, before) :]
        troubles = tuple(trouble for trouble in self.troubles if trouble.last >= before)
        thinned = self.thinned_before if (self.thinned_before or 0) > before else None
        if not looks:
            return Record(troubles=troubles, thinned_before=thinned)
        watches = (w._replace(first=max(w.first, looks[0])) for w in self.watches if w.last >= looks[0])
        left = replace(self, looks=looks, watches=tuple(watches), troubles=troubles, thinned_before=thinned)
        lost = {name for name in self.runs.keys() - self.present.keys() if not left.runs_of(name)}
        return replace(left, runs={n: runs for n, runs in self.runs.items() if n not in lost}) if lost else left

    def after(self, older: "Record") -> "Record":
        """The older record's time before this one's first look, and then this one."""
        begins = self.begins
        own_start = min([begins, *(trouble.first for trouble in self.troubles[:1])])
        troubles = tuple(trouble for trouble in older.troubles if trouble.last < own_start)
        if older.begins >= begins:
            return replace(self, troubles=troubles + self.troubles) if troubles else self
        looks = older.looks[: bisect_left(older.looks, begins)]
        watches = (watch for watch in older.watches if watch.first < begins)
        codes = Codes(self.states)
        return Record(
            looks=looks + self.looks,
            watches=seam((*watches,), self.watches),
            runs=self._runs_after(older, codes),
            states=codes.states,
            present=self.present if self.looks else older.present,
            troubles=(troubles + self.troubles)[-MAX_TROUBLES:],
            thinned_before=older.thinned_before,
        )

    def runs_of(self, name: str) -> list[Run]:
        """When the pipeline's state changed, from the first look that is still remembered."""
        runs: list[Run] = list(_RUN.iter_unpack(self.runs.get(name, b"")))
        if runs and runs[0][0] < self.begins:
            passed = bisect_right(runs, self.begins, key=itemgetter(0))
            runs[:passed] = [(self.begins, runs[passed - 1][1])]
        return runs[1:] if runs and runs[0][1] == ABSENT else runs

    def events(self, name: str) -> list[Run]:
        """The runs, cut where watching stopped: each code holds exactly until the next event."""
        runs, events = self.runs_of(name), list[Run]()
        for first, last, until in self.watches:
            begun, ended = (bisect_right(runs, (moment, END_OF_TIME)) for moment in (first, last))
            events.append((first, runs[begun - 1][1] if begun else ABSENT))
            events += runs[begun:ended]
            if events[-1][1] != ABSENT:
                events.append((until, UNWATCHED))
        return events

    def changed_at(self, name: str) -> int:
        """When the pipeline's state last changed; 0 when it was never seen."""
        packed = self.runs.get(name, b"")
        return _RUN.unpack_from(packed, len(packed) - _RUN.size)[0] if packed else 0

    def look_before(self, moment: float) -> int:
        """The last look made before that time."""
        return self.looks[bisect_left(self.looks, moment) - 1]

    def looks_between(self, start: float, end: float) -> int:
        """How many looks were made from start until just before end."""
        return max(0, bisect_left(self.looks, end) - bisect_left(self.looks, start))

    def moments(self, start: float, end: float) -> list[int]:
        """The times between start and end at which anything could have changed."""
        looks = self.looks[bisect_left(self.looks, start) : bisect_left(self.looks, end)]
        return [*looks, *(watch.until for watch in self.watches if start < watch.until < end)]

    def _with_changes(self, moment: int, changed: Mapping[str, State], gone: Iterable[str]) -> "Record":
        codes, runs, present = Codes(self.states), dict(self.runs), dict(self.present)
        for name, state in changed.items():
            runs[name] = pack_runs([*self.runs_of(name), (moment, codes.number(state))])
            present[name] = state
        for name in gone:
            runs[name] = pack_runs([*self.runs_of(name), (moment, ABSENT)])
            del present[name]
        return replace(self, runs=runs, present=present, states=codes.states)

    def _runs_after(self, older: "Record", codes: Codes) -> dict[str, bytes]:
        """Both records' runs, one after the other, in this one's codes."""
        begins, renumbered = self.begins, [ABSENT, UNWATCHED, *map(codes.number, older.states)]
        runs = {}
        for name in older.runs.keys() | self.runs.keys():
            before = [(at, renumbered[code]) for at, code in older.runs_of(name) if at < begins]
            later = self.runs_of(name)
            missed = self.looks and (not later or later[0][0] > begins)
            runs[name] = pack_runs([*before, *([(begins, ABSENT)] if missed else []), *later])
        return {name: packed for name, packed in runs.items() if packed}


def pack_runs(runs: Iterable[Run]) -> bytes:
    """The runs as they are kept; one that changes nothing is left out."""
    packed, before = [], ABSENT
    for at, code in runs:
        if code != before:
            packed.append(_RUN.pack(at, code))
        before = code
    return b"".join(packed)


def seam(earlier: tuple[Watch, ...], later: tuple[Watch, ...]) -> tuple[Watch, ...]:
    """Both, one after the other; joined where the earlier one still holds when the later begins."""
    if not earlier or not later or earlier[-1].until < later[0].first:
        return earlier + later
    return (*earlier[:-1], later[0]._replace(first=earlier[-1].first), *later[1:])
