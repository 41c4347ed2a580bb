"""Strips of words over time, as the history shows them. Pure arithmetic on segments."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from monitor.health import Word

_PLACE: dict[Word | None, int] = {None if word is Word.NOT_CHECKED else word: word.severity for word in Word}
_NOTHING = len(_PLACE)
_BY_URGENCY = (*_PLACE, None)


class Segment(NamedTuple):
    """A stretch of time and the word that held; None where it was not checked."""

    start: float
    end: float
    word: Word | None


class Step(NamedTuple):
    """A stretch of time and the number of pipelines for which the word held."""

    start: float
    end: float
    word: Word | None
    pipelines: int


class Summary(NamedTuple):
    """A strip in numbers: seconds of each word that occurs, the share not checked, how often it failed."""

    seconds: Mapping[Word, float]
    not_checked: float
    failures: int


def strip(events: Iterable[tuple[float, Word | None]], start: float, end: float) -> list[Segment]:
    """From start to end without a hole: each word holds until the next event; before the first, None."""
    segments: list[Segment] = []
    within = [(min(max(at, start), end), word) for at, word in events]
    for (at, word), (until, _) in pairwise([(start, None), *within, (end, None)]):
        if at < until and segments and segments[-1].word is word:
            segments[-1] = segments[-1]._replace(end=until)
        elif at < until:
            segments.append(Segment(at, until, word))
    return segments


def summarise(segments: Iterable[Segment]) -> Summary:
    """A strip's numbers; two failures with nothing but unchecked time between them count as one."""
    seconds: dict[Word, float] = {}
    unchecked, failures, before = 0.0, 0, None
    for start, end, word in segments:
        if word is None:
            unchecked += end - start
            continue
        seconds[word] = seconds.get(word, 0.0) + end - start
        failures += word is Word.FAILED and before is not Word.FAILED
        before = word
    whole = unchecked + sum(seconds.values())
    return Summary(seconds, unchecked / whole if whole else 1.0, failures)


def cuts(start: float, end: float, count: int) -> list[float]:
    """The edges of that many equal blocks."""
    return [*(start + (end - start) * number / count for number in range(count)), end]


class Census:
    """Counts pipelines by word in blocks of time; each stands under the worst word it had in the block."""

    def __init__(self, edges: Sequence[float]) -> None:
        self._edges = edges
        self._blocks = list(pairwise(edges))
        self._places = bytearray()  # a byte for each pipeline and block

    def add(self, segments: Iterable[tuple[float, float, Word | None]], pipelines: int) -> None:
        """So many pipelines had these segments; where there is none they did not exist."""
        self._places += _worst(segments, self._edges) * pipelines

    def steps(self) -> list[Step]:
        """For each word that occurs, its number of pipelines over the whole time, in the fewest steps."""
        columns = self._columns()
        tallies = {word: [column.count(place) for column in columns] for word, place in _PLACE.items()}
        return [step for word, tally in tallies.items() if any(tally) for step in self._steps(word, tally)]

    def worst(self) -> list[Segment]:
        """The strip of the whole fleet: in each block the worst word of any pipeline."""
        words = [_BY_URGENCY[min(column, default=_NOTHING)] for column in self._columns()]
        blocks = zip(self._blocks, words, strict=True)
        return [Segment(*_span(run), word) for word, run in groupby(blocks, key=itemgetter(1))]

    def _steps(self, word: Word | None, tally: list[int]) -> list[Step]:
        blocks = zip(self._blocks, tally, strict=True)
        return [Step(*_span(run), word, pipelines) for pipelines, run in groupby(blocks, key=itemgetter(1))]

    def _columns(self) -> list[bytearray]:
        return [self._places[block :: len(self._blocks)] for block in range(len(self._blocks))]


def _span(run: Iterable[tuple[tuple[float, float], object]]) -> tuple[float, float]:
    (first, _), *_, (last, _) = [*run] * 2
    return first[0], last[1]


def _worst(segments: Iterable[tuple[float, float, Word | None]], edges: Sequence[float]) -> bytearray:
    """For each block between two edges the place, in order of urgency, of the worst word in it: painted last."""
    worst = bytearray([_NOTHING]) * (len(edges) - 1)
    for start, end, word in sorted(segments, key=_calmness):
        first, last = max(0, bisect_right(edges, start) - 1), min(len(worst), bisect_left(edges, end))
        worst[first:last] = bytes([_PLACE[word]]) * (last - first)
    return worst


def _calmness(segment: tuple[float, float, Word | None]) -> int:
    return -_PLACE[segment[2]]
