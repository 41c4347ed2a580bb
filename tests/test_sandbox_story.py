"""The account lives: its health is a function of the seed, the clock and the runs that were asked for."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Fleet
from sandbox.scenarios import Pipeline

TIMES = st.floats(1_600_000_000, 2_000_000_000)


class Story:
    """A fleet whose clock is moved by hand."""

    def __init__(self, scenario: str = "everyday", seed: int = 7, speed: float = 1.0) -> None:
        self.now = 1_790_000_000.0
        self.fleet = Fleet(scenario, seed, speed, lambda: self.now)

    def failing(self, at: float) -> set[int | None]:
        self.now = at
        return {p.id for p in self.fleet.pipelines if self.fleet.body(p).get("health_status") == "FAILED"}

    def failure(self) -> Pipeline:
        """A steady pipeline that began to fail less than a minute ago."""
        steady = {p.id: p for p in self.fleet.pipelines if p.rhythm and p.rhythm.drifts}
        before = self.failing(self.now)
        for _ in range(6 * 60):
            after = self.failing(self.now + 60)
            if fresh := (after - before) & steady.keys():
                return steady[fresh.pop()]
            before = after
        raise AssertionError("no steady pipeline began to fail")


@settings(deadline=None, max_examples=300)
@given(TIMES, st.integers(0, 50))
def test_somebody_always_fails_and_never_most(at: float, seed: int) -> None:
    assert 1 <= len(Story(seed=seed).failing(at)) <= 6


def test_most_of_the_time_two_to_four_fail() -> None:
    story = Story()
    counts = [len(story.failing(1_790_000_000 + hour * 3_601)) for hour in range(1_000)]
    assert sum(2 <= count <= 4 for count in counts) > 900


@settings(deadline=None, max_examples=200)
@given(TIMES, st.sampled_from([1, 5, 10, 15, 20, 30, 40, 60]), st.integers(0, 50))
def test_two_minutes_show_one_that_fails_and_one_that_recovers(at: float, interval: int, seed: int) -> None:
    story = Story(seed=seed)
    looks = [story.failing(at + passed) for passed in range(0, 121, interval)]
    turns = list(pairwise(looks))
    assert any(after - before for before, after in turns), "nobody was seen to fail"
    assert any(before - after for before, after in turns), "nobody was seen to recover"


def test_all_but_three_are_steady_for_hours() -> None:
    story = Story()
    looks = [story.failing(1_790_000_000 + minute * 60) for minute in range(12 * 60)]
    changes = dict.fromkeys(story.fleet.ids, 0)
    for before, after in pairwise(looks):
        for number in before ^ after:
            changes[number or 0] += 1
    assert sorted(changes.values())[-4] <= 6
    assert sorted(changes.values())[-3] > 600


@settings(deadline=None, max_examples=50)
@given(TIMES, st.integers(0, 50))
def test_the_same_seed_tells_the_same_story_after_a_restart(at: float, seed: int) -> None:
    first, second = Story(seed=seed), Story(seed=seed)
    second.failing(at + 7_000)
    assert first.failing(at) == second.failing(at)


def test_another_seed_tells_another_story() -> None:
    tales = {frozenset(Story(seed=seed).failing(1_790_000_000)) for seed in range(10)}
    assert len(tales) > 5


@pytest.mark.parametrize(("scenario", "least", "most"), [("calm", 0, 0), ("storm", 9, 13), ("empty", 0, 0)])
def test_a_scenario_keeps_its_promise(scenario: str, least: int, most: int) -> None:
    story = Story(scenario)
    counts = {len(story.failing(1_790_000_000 + hour * 3_601)) for hour in range(200)}
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
def test_objects_were_last_read_when_the_schedule_says(at: float, speed: float) -> None:
    story = Story("calm", speed=speed)
    story.now = at
    for pipeline in story.fleet.pipelines:
        for one in story.fleet.objects(pipeline):
            if one["status"] == "SKIPPED":
                assert "last_run_ts" not in one
            else:
                age = (at - one["last_run_ts"] / 1000) * speed
                assert 0 <= age <= pipeline.minutes * 60 + len(pipeline.objects) + speed


def test_a_failure_shows_in_an_object_and_no_planned_run_succeeds_in_it() -> None:
    for seed in range(30):
        story = Story(seed=seed)
        sick = story.failure()
        began = story.now
        story.now += 1_100
        first = next(story.fleet.objects(sick))
        assert first["status"] == "FAILED"
        assert first["last_run_ts"] / 1000 <= began


def test_a_run_moves_the_time_of_the_last_run() -> None:
    story = Story("calm")
    pipeline = story.fleet.pipelines[0]
    story.fleet.run(pipeline)
    story.now += 41
    newest = max(one.get("last_run_ts", 0) for one in story.fleet.objects(pipeline))
    assert story.now - 21.001 <= newest / 1000 <= story.now


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
