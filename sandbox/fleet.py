"""A living account: what each pipeline does is a function of the seed, the clock and the runs asked for."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

from .scenarios import SCENARIOS, Json, Pipeline, destination_body
from .story import DAY, Spell

CURED = 0.75  # the share of failures that a run puts right
WORDS = {"status", "health_status"}
RARE = ("FINISHED", "SKIPPED", "PAUSED", "PERMISSION_DENIED")  # of objects; most are active, the first always


class Pin(NamedTuple):
    """Words that somebody holds, and since when."""

    since: float | None
    words: dict[str, str | None]


class Fleet:
    """The account's pipelines. Nothing is stored but the runs asked for and what was pinned."""

    def __init__(self, scenario: str, seed: int, speed: float, clock: Callable[[], float]) -> None:
        if scenario not in SCENARIOS or speed <= 0:
            raise ValueError(f"The scenario is one of {', '.join(SCENARIOS)}, and time passes forwards.")
        self.scenario, self.pipelines = scenario, SCENARIOS[scenario]()
        self.seed, self.speed, self.clock = seed, speed, clock
        self._by_id = {str(p.id): p for p in self.pipelines if p.id is not None}
        self._runs: defaultdict[int | None, list[Spell]] = defaultdict(list)  # those that somebody asked for
        self._pins: dict[str, Pin] = {}

    @property
    def ids(self) -> list[int]:
        """The numbers of the pipelines, in the order of the list."""
        return [p.id for p in self.pipelines if p.id is not None]

    @property
    def destinations(self) -> list[Json]:
        """What Hevo sends of the destinations that the pipelines load into, by number."""
        numbers = {p.body["destination"]["id"] for p in self.pipelines if p.body.get("destination")}
        return [destination_body(number) for number in sorted(numbers)]

    def find(self, pipeline_id: int | str) -> Pipeline | None:
        """The pipeline with this number, if there is one."""
        return self._by_id.get(str(pipeline_id))

    def pin(self, pipeline_id: int | str, **words: str | None) -> None:
        """Hold `status` or `health_status` at a word, whatever the story says; None leaves it out."""
        if str(pipeline_id) not in self._by_id:
            raise LookupError(f"There is no pipeline {pipeline_id}.")
        if not words.keys() <= WORDS:
            raise ValueError("Only status and health_status can be pinned.")
        self._pins[str(pipeline_id)] = Pin(self._now(), self._pin(pipeline_id).words | words)

    def unpin(self, pipeline_id: int | str) -> None:
        """Give a pipeline back to the story."""
        self._pins.pop(str(pipeline_id), None)

    def remove(self, pipeline_id: int | str) -> None:
        """Delete a pipeline, as somebody might in Hevo."""
        gone = self._by_id.pop(str(pipeline_id), None)
        self.pipelines = [p for p in self.pipelines if p is not gone]

    def body(self, pipeline: Pipeline) -> Json:
        """What Hevo sends of this pipeline now; properties that do not apply are left out."""
        failing = any(not silent for _, silent in self._spells(pipeline, self._now()))
        told = {"id": pipeline.id, "status": pipeline.status}
        told |= {"health_status": "FAILED" if failing else pipeline.health_status} | self._pin(pipeline.id).words
        return {name: value for name, value in told.items() if value is not None} | pipeline.body

    def run(self, pipeline: Pipeline) -> bool:
        """Begin to ingest; False when it already does, and then nothing changes."""
        now, runs = self._now(), self._runs[pipeline.id]
        if runs and runs[-1].begin <= now < runs[-1].end:
            return False
        length = 20 + 20 * self._draw("run", pipeline.id, now)
        # The last two are enough: what counts is whether one ended since the failure began.
        self._runs[pipeline.id] = [*runs[-1:], Spell(now, now + length)]
        return True

    def objects(self, pipeline: Pipeline) -> Iterator[Json]:
        """What Hevo sends of the pipeline's objects; only the active move, and a skipped one has no `last_run_ts`."""
        failed = self.body(pipeline).get("health_status") == "FAILED"
        last_run, still = self._last_run(pipeline), self._long_ago()
        for place, name in enumerate(pipeline.objects, 1):
            draw = 1.0 if place == 1 else self._draw("object", place, name)
            status = RARE[int(draw * 20)] if draw < 0.2 else "ACTIVE"
            if failed and place == len(pipeline.objects):
                status = "FAILED"
            ran = (last_run if status in ("ACTIVE", "FAILED") else still) - place
            times = {} if status == "SKIPPED" else {"last_run_ts": int(ran / self.speed * 1000)}
            yield {"name": name, "status": status} | times

    def position(self, pipeline: Pipeline) -> str | None:
        """How far the source's log was read, in words for people; None where there is no log."""
        if pipeline.log is None:
            return None
        read = self._worked_until(pipeline) - 30
        when = datetime.fromtimestamp(read / self.speed, UTC)
        return f"{when:%b %d, %Y %H:%M:%S} UTC, {pipeline.log}.{int(read) // 86_400:06d}"

    def _now(self) -> float:
        """The story's own time, which passes `speed` times as fast as the clock."""
        return self.clock() * self.speed

    def _draw(self, *parts: object) -> float:
        """A number from 0 to 1 that depends on the seed and these parts alone."""
        digest = blake2b(repr((self.seed, *parts)).encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64

    def _pin(self, pipeline_id: int | str | None) -> Pin:
        return self._pins.get(str(pipeline_id), Pin(None, {}))

    def _spells(self, pipeline: Pipeline, at: float) -> Iterator[tuple[Spell, bool]]:
        """The troubles that hold the pipeline at this time, and whether Hevo is silent about them; a run ends most."""
        for trouble in pipeline.troubles:
            for begin, end in trouble.spells(at, self._draw, pipeline.id):
                if self._draw("cure", pipeline.id, begin) < CURED:
                    end = min([end, *(run.end for run in self._runs[pipeline.id] if run.end >= begin)])
                if at < end:
                    yield Spell(begin, end), trouble.silent

    def _held(self, pipeline: Pipeline, at: float) -> Spell | None:
        """The spell in which nothing comes in at this time; a pinned OK knows no failures."""
        well = self._pin(pipeline.id).words.get("health_status") == "OK"
        return next((spell for spell, silent in self._spells(pipeline, at) if silent or not well), None)

    def _known_until(self, pipeline: Pipeline) -> float:
        """Now, or since when somebody holds the pipeline still."""
        since, pinned = self._pin(pipeline.id)
        words = {"status": pipeline.status} | pinned
        if words["status"] == "ACTIVE" and words.get("health_status") != "FAILED":
            return self._now()
        return self._long_ago() if since is None else since

    def _long_ago(self) -> float:
        """When that ran which runs no more."""
        return self._now() // (90 * DAY) * (90 * DAY)

    def _worked_until(self, pipeline: Pipeline) -> float:
        """Now, or the last second before the present trouble, however many of them have followed one another."""
        until = self._known_until(pipeline)
        while spell := self._held(pipeline, until):
            until = spell.begin - 1
        return until

    def _last_run(self, pipeline: Pipeline) -> float:
        """When data last came in: as planned while it works, when a trouble ended, and by runs that succeeded."""
        until = self._worked_until(pipeline)
        last = pipeline.plan.latest(until, self._draw, pipeline.id)
        while missed := self._held(pipeline, last):
            last = missed.end
        done = (run.end for run in self._runs[pipeline.id] if run.end <= self._known_until(pipeline))
        return max([min(last, until), *(end for end in done if not self._held(pipeline, end))])
