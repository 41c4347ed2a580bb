"""Taking a figure: the subject and its floors by turns, the median of several rounds, and how far the rounds spread."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Timed = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """One line of the results: the subject's and the floor's medians, their ratio round by round, the goals, and why it
    misses them where it does."""

    about: str
    size: str
    value: float
    unit: str = ""
    floor: str = ""
    floor_value: float | None = None
    ratios: tuple[float, ...] = ()
    most_ratio: float | None = None
    most: float | None = None
    why: str = ""

    @property
    def ratio(self) -> float | None:
        return median(self.ratios) if self.ratios else None

    @property
    def holds(self) -> bool | None:
        """Whether every goal is reached; None when there is none."""
        told = [(self.ratio, self.most_ratio), (self.value, self.most)]
        checks = [value <= most for value, most in told if value is not None and most is not None]
        return all(checks) if checks else None


def timed(work: Callable[[], object]) -> Timed:
    """Milliseconds that the work takes, each time it is asked; the rubbish of others is collected first."""

    def run() -> float:
        gc.collect()
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1000

    return run


def compare(
    about: str,
    size: int,
    subject: Timed,
    floors: Mapping[str, Timed],
    rounds: int = 5,
    why: str = "",
    **goals: float | None,
) -> Iterator[Figure]:
    """A B C A B C: subject and floors by turns; where there are many rounds, one of each before to warm up."""
    runs = [subject, *floors.values()]
    if rounds > 3:
        for run in runs:
            run()
    mine, *others = zip(*([run() for run in runs] for _ in range(rounds)), strict=True)
    for floor, theirs in zip(floors, others, strict=True):
        yield beside(about, size, mine, floor, theirs, why, **goals)


def beside(
    about: str,
    size: int,
    mine: Sequence[float],
    floor: str,
    theirs: Sequence[float],
    why: str = "",
    **goals: float | None,
) -> Figure:
    """Of milliseconds that were taken by turns with the floor's."""
    ratios = tuple(one / other for one, other in zip(mine, theirs, strict=True))
    return Figure(about, f"{size:,}", median(mine), "ms", floor, median(theirs), ratios, why=why, **goals)


def resident(process: int | str = "self") -> float:
    """The memory of a process in MB, as the system counts it (Linux)."""
    fields = Path(f"/proc/{process}/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) / 1024
