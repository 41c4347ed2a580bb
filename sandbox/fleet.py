"""A living account: what each pipeline does is a function of the seed, the clock and the runs asked for."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

from .scenarios import SCENARIOS, Json, Pipeline

CURED = 0.75  # the share of failures that a run puts right
WORDS = {"status", "health_status"}


class Run(NamedTuple):
    """One run that somebody asked for, in the story's seconds."""

    begin: float
    end: float


class Fleet:
    """The account's pipelines. Nothing is stored but the runs asked for and what was pinned."""

    def __init__(self, scenario: str, seed: int, speed: float, clock: Callable[[], float]) -> None:
        if scenario not in SCENARIOS or speed <= 0:
            raise ValueError(f"The scenario is one of {', '.join(SCENARIOS)}, and time passes forwards.")
        self.pipelines = SCENARIOS[scenario]()
        self.seed, self.speed, self.clock = seed, speed, clock
        self._by_id = {str(p.id): p for p in self.pipelines if p.id is not None}
        self._runs: dict[str, list[Run]] = {}
        self._pins: dict[str, dict[str, str | None]] = {}

    @property
    def ids(self) -> list[int]:
        """The numbers of the pipelines, in the order of the list."""
        return [p.id for p in self.pipelines if p.id is not None]

    @property
    def destinations(self) -> list[int]:
        """The numbers of the destinations that the pipelines load into."""
        return sorted({p.body["destination"]["id"] for p in self.pipelines if p.body.get("destination")})

    def find(self, pipeline_id: int | str) -> Pipeline | None:
        """The pipeline with this number, if there is one."""
        return self._by_id.get(str(pipeline_id))

    def pin(self, pipeline_id: int | str, **words: str | None) -> None:
        """Hold `status` or `health_status` at a word, whatever the story says; None leaves it out."""
        if str(pipeline_id) not in self._by_id:
            raise LookupError(f"There is no pipeline {pipeline_id}.")
        if not words.keys() <= WORDS:
            raise ValueError("Only status and health_status can be pinned.")
        self._pins[str(pipeline_id)] = self._pins.get(str(pipeline_id), {}) | words

    def unpin(self, pipeline_id: int | str) -> None:
        """Give a pipeline back to the story."""
        self._pins.pop(str(pipeline_id), None)

    def remove(self, pipeline_id: int | str) -> None:
        """Delete a pipeline, as somebody might in Hevo."""
        gone = self._by_id.pop(str(pipeline_id), None)
        self.pipelines = [p for p in self.pipelines if p is not gone]

    def body(self, pipeline: Pipeline) -> Json:
        """What Hevo sends of this pipeline now; properties that do not apply are left out."""
        health = pipeline.health_status if self._failing_since(pipeline) is None else "FAILED"
        told = {"id": pipeline.id, "status": pipeline.status, "health_status": health}
        told |= self._pins.get(str(pipeline.id), {})
        return {name: value for name, value in told.items() if value is not None} | pipeline.body

    def run(self, pipeline: Pipeline) -> bool:
        """Begin to ingest; False when it already does, and then nothing changes."""
        now, runs = self._now(), self._asked(pipeline)
        if runs and now < runs[-1].end:
            return False
        length = 20 + 20 * self._draw("run", pipeline.id, now)
        # The last two are enough: what counts is whether one ended since the failure began.
        self._runs[str(pipeline.id)] = [*runs[-1:], Run(now, now + length)]
        return True

    def objects(self, pipeline: Pipeline) -> Iterator[Json]:
        """What Hevo sends of the pipeline's objects; one that never ran has no `last_run_ts`."""
        failed = self.body(pipeline).get("health_status") == "FAILED"
        last_run = self._last_run(pipeline)
        for place, name in enumerate(pipeline.objects):
            status = "FAILED" if failed and place == 0 else self._object_status(pipeline, name)
            ran = {} if status == "SKIPPED" else {"last_run_ts": int((last_run - place) / self.speed * 1000)}
            yield {"name": name, "status": status} | ran

    def position(self, pipeline: Pipeline) -> str | None:
        """How far the source's log was read, in words for people; None where there is no log."""
        if pipeline.log is None:
            return None
        read = self._working_until(pipeline) - 30
        when = datetime.fromtimestamp(read / self.speed, UTC)
        return f"{when:%b %d, %Y %H:%M:%S} UTC, {pipeline.log}.{int(read) // 86_400:06d}"

    def _now(self) -> float:
        """The story's own time, which passes `speed` times as fast as the clock."""
        return self.clock() * self.speed

    def _draw(self, *parts: object) -> float:
        """A number from 0 to 1 that depends on the seed and these parts alone."""
        digest = blake2b(repr((self.seed, *parts)).encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64

    def _asked(self, pipeline: Pipeline) -> list[Run]:
        return self._runs.get(str(pipeline.id), [])

    def _failing_since(self, pipeline: Pipeline) -> float | None:
        """When the present failure began; None when there is none, or a run has cured it."""
        begin = self._spell(pipeline, self._now())
        if begin is None:
            return None
        tried = any(begin <= run.end <= self._now() for run in self._asked(pipeline))
        return None if tried and self._draw("cure", pipeline.id, begin) < CURED else begin

    def _spell(self, pipeline: Pipeline, at: float) -> float | None:
        """When the spell that covers this time began; one begins in each cycle and may last into the next."""
        rhythm = pipeline.rhythm
        if rhythm is None:
            return None
        latest = int(at // rhythm.cycle)
        for cycle in (latest, latest - 1):
            shift = self._draw("cycle", cycle) if rhythm.drifts else 0.0
            begin = (cycle + (rhythm.place + shift) % 1) * rhythm.cycle
            length = rhythm.shortest + (rhythm.longest - rhythm.shortest) * self._draw(pipeline.id, cycle)
            if begin <= at < begin + length:
                return begin
        return None

    def _working_until(self, pipeline: Pipeline) -> float:
        """Now, or when the present failure began."""
        begin = self._failing_since(pipeline)
        return self._now() if begin is None else begin

    def _last_run(self, pipeline: Pipeline) -> float:
        """When data last arrived: the planned times while it works, and every run that has ended."""
        every = pipeline.minutes * 60
        phase = self._draw("phase", pipeline.id) * every
        planned = (self._working_until(pipeline) - phase) // every * every + phase
        return max([planned, *(run.end for run in self._asked(pipeline) if run.end <= self._now())])

    def _object_status(self, pipeline: Pipeline, name: str) -> str:
        """Most objects are active; a few are finished, skipped, paused or not permitted."""
        draw = self._draw("object", pipeline.id, name)
        rare = ("FINISHED", "SKIPPED", "PAUSED", "PERMISSION_DENIED")
        return rare[int(draw * 20)] if draw < 0.2 else "ACTIVE"
