"""The account lives: its health is a function of the seed, the clock and the runs that were asked for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.fleet import Fleet
from sandbox.scenarios import TOGETHER, TURNS, Pipeline
from sandbox.story import DAY, HOUR

NOW = 1_790_000_000.0
WORKING = (
    "Orders DB",
    "In-app messages",
    "Mailing lists",
    "People and leave",
    "General ledger",
    "Delivery van sensors",
)
TIMES = st.floats(1_600_000_000, 2_000_000_000)


class Story:
    """A fleet whose clock is moved by hand."""

    def __init__(self, scenario: str = "everyday", seed: int = 7, speed: float = 1.0) -> None:
        self.now = NOW
        self.fleet = Fleet(scenario, seed, speed, lambda: self.now)

    def failing(self, at: float) -> set[int | None]:
        self.now = at
        return {p.id for p in self.fleet.pipelines if self.fleet.body(p).get("health_status") == "FAILED"}

    def named(self, name: str) -> Pipeline:
        [found] = [p for p in self.fleet.pipelines if p.body["source"]["name"] == name]
        return found

    def failure(self) -> Pipeline:
        """One of those that fail in turn, which began to less than a minute ago."""
        taking_turns = {p.id: p for p in self.fleet.pipelines if p.body["source"]["name"] in TURNS}
        before = self.failing(self.now)
        for _ in range(6 * 60):
            after = self.failing(self.now + 60)
            if fresh := (after - before) & taking_turns.keys():
                return taking_turns[fresh.pop()]
            before = after
        raise AssertionError("no pipeline began to fail")

    def last_run(self, pipeline: Pipeline, at: float) -> float:
        """When the newest active table last ran, in the clock's seconds."""
        self.now = at
        runs = [int(o["last_run_ts"]) for o in self.fleet.objects(pipeline) if o["status"] == "ACTIVE"]
        return max(runs) / 1000

    def walk(self, pipeline: Pipeline, hours: float, step: int = 60) -> Iterator[tuple[float, float]]:
        """The age of the newest data at each step from now on, and the last run itself."""
        for at in range(int(self.now), int(self.now + hours * HOUR), step):
            last = self.last_run(pipeline, at)
            yield at - last, last

    def spells(self, pipeline: Pipeline, hours: int) -> list[tuple[float, float]]:
        """When the pipeline began and ceased to fail in these hours, to the minute."""
        found, began = [], 0.0
        for minute in range(hours * 60):
            self.now = NOW + minute * 60
            fails = self.fleet.body(pipeline)["health_status"] == "FAILED"
            if fails and not began:
                began = self.now
            elif began and not fails:
                found.append((began, self.now))
                began = 0.0
        return found


@settings(deadline=None, max_examples=300)
@given(TIMES, st.integers(0, 50))
def test_somebody_always_fails_and_never_most(at: float, seed: int) -> None:
    assert 1 <= len(Story(seed=seed).failing(at)) <= 10


def test_most_of_the_time_two_to_four_fail() -> None:
    story = Story()
    counts = [len(story.failing(NOW + hour * 3_601)) for hour in range(1_000)]
    assert sum(2 <= count <= 4 for count in counts) > 780


@settings(deadline=None, max_examples=200)
@given(TIMES, st.sampled_from([40, 60]), st.integers(0, 50))  # who looks more often sees these looks too
def test_two_minutes_show_one_that_fails_and_one_that_recovers(at: float, interval: int, seed: int) -> None:
    story = Story(seed=seed)
    looks = [story.failing(at + passed) for passed in range(0, 121, interval)]
    turns = list(pairwise(looks))
    assert any(after - before for before, after in turns), "nobody was seen to fail"
    assert any(before - after for before, after in turns), "nobody was seen to recover"


def test_one_is_restless_and_more_than_a_third_never_fail() -> None:
    story = Story()
    looks = [story.failing(NOW + minute * 60) for minute in range(24 * 60)]
    changes = dict.fromkeys(story.fleet.ids, 0)
    for before, after in pairwise(looks):
        for number in before ^ after:
            changes[number or 0] += 1
    calm = [number for number, count in changes.items() if count == 0 and number not in looks[0]]
    assert len(calm) > 24 / 3
    assert [number for number, count in changes.items() if count > 1000] == [story.named("Click stream").id]


def test_a_flapping_source_fails_again_and_again_and_then_rests() -> None:
    story = Story()
    spells = story.spells(story.named("Support tickets"), 40)
    rests = [after[0] - before[1] for before, after in pairwise(spells)]
    assert len(spells) > 30
    assert all(end - begin < 6 * 60 for begin, end in spells)
    assert all(rest < 10 * 60 or rest > HOUR for rest in rests)
    assert 2 <= sum(rest > HOUR for rest in rests) <= 5


def test_planned_work_troubles_one_at_each_midnight_and_at_no_other_time() -> None:
    story = Story()
    story.now = NOW
    spells = story.spells(story.named("Engineering issues"), 72)
    assert [(begin % DAY, end - begin) for begin, end in spells] == [(pytest.approx(0, abs=60), 40 * 60)] * 3


@pytest.mark.parametrize("seed", [3, 7])
def test_about_every_eight_hours_a_destination_takes_several_down_together(seed: int) -> None:
    story = Story(seed=seed)
    struck = []
    for number, names in TOGETHER.items():
        members = [story.named(name) for name in names]
        assert {p.body["destination"]["id"] for p in members} == {number}
        alone = [replace(p, troubles=p.troubles[-1:]) for p in members]  # without the turns that they also take
        for spells in zip(*(story.spells(p, 72) for p in alone), strict=True):
            begins, ends = zip(*spells, strict=True)
            assert max(begins) - min(begins) <= 10 * 60
            assert max(ends) == min(ends), "they recover together"
            assert all(30 * 60 <= end - begin <= 91 * 60 for begin, end in spells)
            struck.append(min(begins))
    gaps = [after - before for before, after in pairwise(sorted(struck))]
    assert 8 <= len(struck) <= 10
    assert all(2 * HOUR < gap < 14 * HOUR for gap in gaps)


@settings(deadline=None, max_examples=50)
@given(TIMES, st.integers(0, 50))
def test_the_same_seed_tells_the_same_story_after_a_restart(at: float, seed: int) -> None:
    first, second = Story(seed=seed), Story(seed=seed)
    second.failing(at + 7_000)
    assert first.failing(at) == second.failing(at)


def test_another_seed_tells_another_story() -> None:
    tales = {frozenset(Story(seed=seed).failing(NOW)) for seed in range(10)}
    assert len(tales) > 5


@pytest.mark.parametrize(("scenario", "least", "most"), [("calm", 0, 0), ("storm", 8, 16), ("empty", 0, 0)])
def test_a_scenario_keeps_its_promise(scenario: str, least: int, most: int) -> None:
    story = Story(scenario)
    counts = {len(story.failing(NOW + hour * 3_601)) for hour in range(200)}
    assert least <= min(counts) <= max(counts) <= most


@pytest.mark.parametrize(("scenario", "size"), [("large", 1_000), ("huge", 10_000)])
def test_the_large_accounts_have_that_many_pipelines(scenario: str, size: int) -> None:
    assert len(set(Story(scenario).fleet.ids)) == size


def test_a_run_cures_most_failures_until_the_next_one_and_leaves_some() -> None:
    cured = 0
    for seed in range(40):
        story = Story(seed=seed)
        sick = story.failure()
        began = story.now
        assert story.fleet.run(sick)
        assert sick.id in story.failing(began + 19), "a run takes its time"
        if sick.id not in story.failing(began + 41):
            cured += 1
            assert sick.id not in story.failing(began + 900), "the cure lasts"
            hours = range(1_800, 15 * 3_600, 300)
            assert any(sick.id in story.failing(began + later) for later in hours), "but not for ever"
        else:
            story.fleet.run(sick)
            assert sick.id in story.failing(began + 100), "a stubborn one stays so"
    assert 20 <= cured <= 38


def test_time_passes_as_fast_as_asked() -> None:
    slow, fast = Story(), Story(speed=60.0)
    assert fast.failing(30_000_000) == slow.failing(30_000_000 * 60)
    fast.now = 30_000_000
    pipeline = fast.fleet.pipelines[0]
    assert fast.fleet.run(pipeline)
    assert not fast.fleet.run(pipeline)
    fast.now += 1
    assert fast.fleet.run(pipeline)


@settings(deadline=None, max_examples=50)
@given(TIMES, st.sampled_from([1.0, 60.0]))
def test_active_tables_were_last_read_when_the_plan_says(at: float, speed: float) -> None:
    story = Story("calm", speed=speed)
    for pipeline in story.fleet.pipelines:
        if pipeline.status == "ACTIVE":
            longest = 3 * DAY if pipeline.plan.workdays else pipeline.plan.cycle
            age = (at - story.last_run(pipeline, at)) * speed
            assert 0 <= age <= longest + speed + 1
        assert all(("last_run_ts" in o) == (o["status"] != "SKIPPED") for o in story.fleet.objects(pipeline))


def test_a_failing_pipeline_stands_still_and_catches_up_when_it_recovers() -> None:
    caught_up = 0
    for seed in range(20):
        story = Story(seed=seed)
        sick = story.failure()
        before = story.last_run(sick, story.now)
        assert [o["status"] for o in story.fleet.objects(sick)][-1] == "FAILED"
        while sick.id in story.failing(story.now + 60):
            assert story.last_run(sick, story.now) == before
        after = story.last_run(sick, story.now)
        assert after == before or story.now - 61 <= after <= story.now, "what was missed comes in at once"
        caught_up += after > before
    assert caught_up > 10, "only the slowest had nothing planned meanwhile"


def test_a_run_moves_the_time_of_the_last_run() -> None:
    story = Story("calm")
    pipeline = story.fleet.pipelines[0]
    story.fleet.run(pipeline)
    story.now += 41
    newest = max(one.get("last_run_ts", 0) for one in story.fleet.objects(pipeline))
    assert story.now - 21.001 <= newest / 1000 <= story.now


def test_a_run_that_cures_brings_data_and_one_that_does_not_brings_none() -> None:
    outcomes = set()
    for seed in range(20):
        story = Story(seed=seed)
        sick = story.failure()
        before = story.last_run(sick, story.now)
        story.fleet.run(sick)
        cured = sick.id not in story.failing(story.now + 41)
        moved = story.last_run(sick, story.now) > before
        assert cured == moved
        outcomes.add(cured)
    assert outcomes == {True, False}


def test_the_stuck_pipeline_is_silent_for_hours_although_hevo_says_ok_and_nobody_could_expect_it() -> None:
    story = Story()
    stuck = story.named("Refunds at the till")
    runs = sorted({last for _, last in story.walk(stuck, 15 * 24, step=300)})
    silences = [(before, after) for before, after in pairwise(runs) if after - before > 2 * HOUR]
    assert 9 <= len(silences) <= 10
    for before, after in silences[1:]:
        assert 8 * HOUR <= after - before <= 10 * HOUR + 15 * 60
        learned = [later - run for run, later in pairwise(runs) if before - DAY < run < before]
        assert len(learned) > 50
        assert max(learned) <= 15 * 60
        story.now = (before + after) / 2
        assert story.fleet.body(stuck)["health_status"] == "OK"


@pytest.mark.parametrize("name", WORKING)
def test_who_learns_a_rhythm_from_its_gaps_never_misses_one_that_works(name: str) -> None:
    story = Story()
    gaps, seen = list[float](), 0.0
    for age, last in story.walk(story.named(name), 15 * 24, step=900):
        if last != seen:
            gaps, seen = [*gaps, last - seen] if seen else gaps, last
        assert len(gaps) < 5 or age <= max(3 * median(gaps[-20:]), *gaps, 15 * 60)


def test_a_stuck_pipeline_moves_again_after_most_runs() -> None:
    moved = 0
    for seed in range(20):
        story = Story(seed=seed)
        stuck = story.named("Refunds at the till")
        next(age for age, _ in story.walk(stuck, 48) if age > 2 * HOUR)
        began = story.now
        story.fleet.run(stuck)
        ages = [began + later - story.last_run(stuck, began + later) for later in (41, 1_800)]
        assert all(age < 16 * 60 for age in ages) or all(age > 2 * HOUR for age in ages)
        moved += ages[0] < 16 * 60
    assert 10 <= moved < 20


@pytest.mark.parametrize(("name", "hour", "days"), [("People and leave", 6, 7), ("General ledger", 7, 5)])
def test_the_daily_and_the_workdays_pipeline_run_at_their_hour(name: str, hour: int, days: int) -> None:
    story = Story()
    runs = {last + 1 for _, last in story.walk(story.named(name), 4 * 7 * 24, step=3_600)}
    times = [datetime.fromtimestamp(run, UTC) for run in sorted(runs)[1:]]
    assert {(time.hour, time.minute) for time in times} == {(hour, 0)}
    assert {time.weekday() for time in times} == set(range(days))


def test_bursts_come_and_rest() -> None:
    story = Story()
    runs = sorted({last for _, last in story.walk(story.named("Delivery van sensors"), 48)})
    gaps = [round(after - before) for before, after in pairwise(runs)]
    assert set(gaps) == {600, 140 * 60}
    assert 14 <= gaps.count(140 * 60) <= 17


def test_what_is_held_still_by_a_pin_reads_nothing() -> None:
    story = Story("calm")
    pipeline = story.fleet.pipelines[0]
    for words in ({"health_status": "FAILED"}, {"status": "INACTIVE"}):
        story.fleet.pin(str(pipeline.id), **words)
        held = story.now
        assert story.last_run(pipeline, held + 5 * HOUR) <= held
        story.fleet.unpin(str(pipeline.id))
        assert story.last_run(pipeline, held + 5 * HOUR) > held + 4 * HOUR


def test_what_is_pinned_well_goes_on_reading_and_what_is_paused_does_not() -> None:
    story = Story()
    sick, paused = story.failure(), story.named("Old billing system")
    story.fleet.pin(str(sick.id), health_status="OK")
    later = story.now + 80 * 60
    assert later - story.last_run(sick, later) < sick.plan.cycle
    assert story.last_run(paused, later) == story.last_run(paused, later + DAY)


def test_a_pin_holds_whatever_the_story_says() -> None:
    story = Story()
    number = story.fleet.ids[0]
    pipeline = story.fleet.pipelines[0]
    story.fleet.pin(number, health_status="FAILED", status="DRAFT")
    story.fleet.pin(str(number), health_status=None)
    assert story.fleet.body(pipeline)["status"] == "DRAFT"
    assert "health_status" not in story.fleet.body(pipeline)
    story.fleet.unpin(number)
    assert story.fleet.body(pipeline)["status"] == "ACTIVE"


def test_what_cannot_be_pinned_is_refused() -> None:
    fleet = Story().fleet
    with pytest.raises(LookupError):
        fleet.pin(1, status="ACTIVE")
    with pytest.raises(ValueError, match="Only status and health_status"):
        fleet.pin(fleet.ids[0], name="x")
    with pytest.raises(ValueError, match="everyday"):
        Story("sunny")
    with pytest.raises(ValueError, match="forwards"):
        Story(speed=0)


def test_a_removed_pipeline_is_gone() -> None:
    fleet = Story().fleet
    number = fleet.ids[3]
    fleet.remove(number)
    assert fleet.find(number) is None
    assert len(fleet.pipelines) == 23
