"""When a pipeline runs and when it is in trouble: pure functions of the time and of seeded draws."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0

Draw = Callable[..., float]  # a number from 0 to 1 that depends on the seed and on its arguments alone


class Spell(NamedTuple):
    """A time of trouble, or of a run, in the story's seconds."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Plan:
    """When data comes in while all is well: some runs, a gap apart, at the beginning of each cycle (seconds)."""

    cycle: float
    begin: float | None = None  # within the cycle; None: the seed decides
    runs: int = 1
    gap: float = 1.0
    workdays: bool = False  # no cycle begins on a Saturday or Sunday

    def latest(self, before: float, draw: Draw, who: object) -> float:
        """The last planned time before this one."""
        shift = draw("plan", who) * self.cycle if self.begin is None else self.begin
        begin = (before - shift) // self.cycle * self.cycle + shift
        while self.workdays and (begin // DAY + 3) % 7 >= 5:  # the epoch began on a Thursday
            begin -= self.cycle
        return begin + min((before - begin) // self.gap, self.runs - 1) * self.gap


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls a pipeline once in each cycle, for a spell between two lengths (seconds)."""

    cycle: float
    shortest: float
    longest: float
    turn: int = 0  # whose turn it is comes in an order that differs from cycle to cycle ...
    turns: int = 1  # ... among so many who have theirs evenly one after another
    drift: float = 0.0  # a spell begins up to so much later
    shared: str = ""  # those who have it together recover together ...
    lag: float = 0.0  # ... and begin within so much of one another
    silent: bool = False  # Hevo says OK meanwhile
    within: "Trouble | None" = None  # comes only while that one lasts

    def spells(self, at: float, draw: Draw, who: object) -> Iterator[Spell]:
        """The spell that covers this time: at most one from this cycle and one that lasts from the cycle before."""
        latest = int(at // self.cycle)
        for cycle in (latest - 1, latest):
            turn = (self.turn + int(draw("turn", self.cycle, cycle) * self.turns)) % self.turns
            earliest = (cycle + turn / self.turns) * self.cycle
            if not earliest <= at < earliest + self.drift + self.longest:
                continue
            key = self.shared or who
            start = earliest + self.drift * draw("start", key, earliest)
            length = self.shortest + (self.longest - self.shortest) * draw("length", key, earliest)
            spell = Spell(start + self.lag * draw("lag", who, earliest), start + length)
            if spell.begin <= at < spell.end and (not self.within or any(self.within.spells(spell.begin, draw, who))):
                yield spell
