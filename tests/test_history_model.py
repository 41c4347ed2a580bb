"""The history against a naive model: every raw look kept, every second asked one by one."""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.health import Word, judge
from monitor.history import Census, History, State, summarise
from monitor.strips import cuts

START = 1_760_000_000
SPAN = 120
NAMES = ("a", "b")
STATES = [
    State("ACTIVE", "OK"),
    State("ACTIVE", "FAILED"),
    State("PAUSED", "OK"),
    State("ACTIVE", "XYZ"),
    State(None, None),
]


@dataclass(frozen=True)
class Look:
    """A look so many seconds after the one before; states is None for an attempt that failed."""

    wait: int
    hold: int
    states: dict[str, State] | None


@dataclass
class Model:
    """All looks as they came."""

    looks: list[tuple[int, int, dict[str, State]]] = field(default_factory=list)

    def state(self, name: str, second: int) -> State | None:
        """The state that the last look until now saw, if it saw one and still holds."""
        past = [(at, hold, states) for at, hold, states in self.looks if at <= second]
        if not past or second >= past[-1][0] + past[-1][1]:
            return None
        return past[-1][2].get(name)

    def word(self, name: str, second: int) -> Word | None:
        state = self.state(name, second)
        return judge(*state) if state else None

    def words(self, name: str, start: int, end: int) -> list[Word | None]:
        return [self.word(name, second) for second in range(start, end)]

    def failures(self, name: str, start: int, end: int) -> int:
        """Failing seconds in the window (its last one included), each time another word came before."""
        failures, failing = 0, False
        for second in range(START, end + 1):
            word = self.word(name, second)
            if word is Word.FAILED and not failing and second >= start:
                failures, failing = failures + 1, True
            elif word not in (None, Word.FAILED):
                failing = False
        return failures


fleets = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(STATES))
looks = st.builds(Look, st.integers(1, 20), st.integers(1, 25), st.none() | fleets)
stories = st.lists(looks, max_size=12)
windows = st.tuples(st.integers(-5, SPAN), st.integers(-5, SPAN)).map(
    lambda ends: (START + min(ends), START + max(ends))
)


def lived(story: list[Look]) -> tuple[History, Model]:
    history, model, at = History(), Model(), START
    for look in story:
        at += look.wait
        history.hold = look.hold
        if look.states is None:
            history.fail(at, "down")
        else:
            history.observe(at, look.states)
            model.looks.append((at, look.hold, look.states))
    return history, model


def seconds(history: History, name: str, start: int, end: int) -> list[Word | None]:
    """The word of each second, as the segments tell it."""
    return [word for s, e, word in history.segments(name, start, end) for _ in range(int(s), int(e))]


@given(stories, windows)
def test_segments_cover_the_window_in_order_without_a_hole(story, window):
    history, _ = lived(story)
    for name in NAMES:
        segments = history.segments(name, *window)
        edges = [window[0], *(segment.end for segment in segments)]
        assert [segment.start for segment in segments] == edges[:-1]
        assert edges[-1] == window[1]
        assert all(segment.start < segment.end for segment in segments)
        assert all(before.word is not after.word for before, after in pairwise(segments))


@given(stories, windows)
def test_each_second_has_the_word_that_the_raw_looks_give_it(story, window):
    history, model = lived(story)
    for name in NAMES:
        assert seconds(history, name, *window) == model.words(name, *window)


@given(stories, windows)
def test_health_is_what_counting_seconds_gives(story, window):
    history, model = lived(story)
    for name in NAMES:
        health, words = history.health(name, *window), model.words(name, *window)
        healthy, failed = words.count(Word.HEALTHY), words.count(Word.FAILED)
        assert (health.healthy, health.failed) == (healthy, failed)
        assert health.watched == len(words) - words.count(None)
        assert health.looks == sum(window[0] <= at <= window[1] and name in seen for at, _, seen in model.looks)
        assert health.failures == history.failures(name, *window) == model.failures(name, *window)
        assert 0 <= health.coverage <= 1


@given(st.lists(st.integers(1, 5), min_size=20, max_size=40), st.data())
def test_the_percentage_is_the_share_of_healthy_seconds_rounded_down(waits, data):
    states = data.draw(st.lists(st.sampled_from(STATES[:2]), min_size=len(waits), max_size=len(waits)))
    history, _ = lived([Look(wait, 10, {"a": state}) for wait, state in zip(waits, states, strict=True)])
    assert history.begins is not None
    end = START + sum(waits) + 3
    words = seconds(history, "a", history.begins, end)
    expected = min(words.count(Word.HEALTHY) * 100 // len(words), 99 if STATES[1] in states else 100)
    assert history.health("a", history.begins, end).percent == expected


@given(stories, looks)
def test_one_look_more_never_changes_the_past(story, look):
    history, _ = lived(story)
    longer, _ = lived([*story, look])
    now = START + sum(each.wait for each in story) + look.wait
    for name in NAMES:
        assert longer.segments(name, START, now) == history.segments(name, START, now)


@given(stories)
def test_spells_tell_every_look_once(story):
    history, model = lived(story)
    for name in NAMES:
        seen = [(at, states[name]) for at, _, states in model.looks if name in states]
        told = history.spells(name)
        assert [state for spell in told for state in [spell.state] * spell.looks] == [state for _, state in seen]
        assert {spell.first for spell in told} | {spell.last for spell in told} <= {at for at, _ in seen}
        assert all(before.last < after.first for before, after in pairwise(told))
        for before, after in pairwise(told):
            unseen = model.words(name, before.last, after.first)
            assert before.state != after.state or None in unseen


@given(stories)
def test_changes_are_the_neighbours_whose_words_differ(story):
    history, model = lived(story)
    expected = []
    for name in NAMES:
        seen = [(at, judge(*states[name])) for at, _, states in model.looks if name in states]
        expected += [(name, *one, *two) for one, two in pairwise(seen) if one[1] is not two[1]]
    told = history.changes(START, START + 10_000)
    assert sorted((c.pipeline_id, c.earliest, c.before, c.at, c.after) for c in told) == sorted(expected)
    assert [c.at for c in told] == sorted((c.at for c in told), reverse=True)


@given(stories, windows)
def test_turns_are_the_words_before_and_after_each_change(story, window):
    history, _ = lived(story)
    oldest_first = history.changes(*window)[::-1]
    expected = []
    for name in {change.pipeline_id for change in oldest_first}:
        own = [change for change in oldest_first if change.pipeline_id == name]
        expected.append([own[0].before, *(change.after for change in own)])
    assert sorted(history.turns(*window)) == sorted(expected)


@given(stories, windows, st.integers(0, 4))
def test_the_newest_changes_are_the_first_of_all(story, window, most):
    history, _ = lived(story)
    changes = history.changes(*window)
    assert history.newest_changes(*window, most) == (changes[:most], len(changes))


@given(stories)
def test_since_is_the_tightest_that_the_raw_looks_allow(story):
    history, model = lived(story)
    for name in NAMES:
        since = history.since(name)
        if since is None:
            assert not model.looks or name not in model.looks[-1][2]
            continue
        seen = [(at, judge(*states[name])) for at, _, states in model.looks if name in states]
        present, latest = seen[-1][1], seen[-1][0]
        others = [at for at, word in seen if word is not present]
        assert since.earliest == (others[-1] if others else None)
        assert set(model.words(name, since.at, latest + 1)) == {present}
        assert since.at in [at for at, word in seen if word is present]
        assert model.word(name, since.at - 1) is not present


@given(stories, windows)
def test_pipelines_by_word_count_each_existing_pipeline_once(story, window):
    history, model = lived(story)
    steps = history.census(*window).steps()
    for second in range(*window):
        told = {step.word: step.pipelines for step in steps if step.start <= second < step.end}
        words = [model.word(name, second) for name in NAMES]
        for word in (Word.FAILED, Word.HEALTHY, Word.PAUSED, Word.UNKNOWN):
            assert told.get(word, 0) == words.count(word)
        assert sum(told.values()) <= len(history.pipeline_ids)


@given(stories, windows, st.integers(1, 6))
def test_blocks_show_the_worst_second_in_them(story, window, count):
    history, _ = lived(story)
    strip = history.segments("a", *window)
    order = [Word.FAILED, None, Word.UNKNOWN, Word.HEALTHY, Word.PAUSED]
    edges = cuts(*window, count) if window[0] < window[1] else []
    census = Census(edges)
    census.add(strip, 1)
    for begin, until in pairwise(edges):
        [shown] = [block.word for block in census.worst() if block.start <= begin < block.end]
        covered = [word for start, end, word in strip if start < until and end > begin]
        assert shown == min(covered, key=order.index)


@given(stories, windows)
def test_the_fleets_blocks_are_as_bad_as_their_worst_pipeline(story, window):
    history, model = lived(story)
    told = [word for start, end, word in history.census(*window).worst() for _ in range(int(start), int(end))]
    for second, word in zip(range(*window), told, strict=True):
        failing = Word.FAILED in [model.word(name, second) for name in NAMES]
        assert (word is Word.FAILED) == failing


@given(stories, windows)
def test_a_summary_adds_up_to_the_window(story, window):
    history, _ = lived(story)
    summary = summarise(history.segments("a", *window))
    length = window[1] - window[0]
    assert sum(summary.seconds.values()) + summary.not_checked * length == length or abs(summary.not_checked) <= 1
    assert summary.failures in (0, history.failures("a", *window), history.failures("a", *window) - 1)


@given(stories, st.integers(0, 12), st.integers(0, 12))
def test_joining_the_parts_of_a_story_gives_the_whole(story, cut, overlap):
    whole, _ = lived(story)
    older, _ = lived(story[: cut + overlap])
    newer = History()
    at = START
    for position, look in enumerate(story):
        at += look.wait
        newer.hold = look.hold
        if position >= cut and look.states is None:
            newer.fail(at, "down")
        elif position >= cut and look.states is not None:
            newer.observe(at, look.states)
    joined = newer.extended(older)
    for name in NAMES:
        assert joined.spells(name) == whole.spells(name)
        assert joined.segments(name, START, START + 300) == whole.segments(name, START, START + 300)
    assert joined.extended(older) is joined


@given(stories, st.integers(0, SPAN))
def test_forgetting_changes_nothing_after_it(story, since):
    history, model = lived(story)
    kept = history.snapshot()
    kept.forget(START + since)
    left = [at for at, _, _ in model.looks if at >= START + since]
    assert kept.begins == (left[0] if left else None)
    for name in NAMES if left else ():
        assert kept.segments(name, left[0], START + 300) == history.segments(name, left[0], START + 300)
    assert set(kept.pipeline_ids) == {name for at, _, states in model.looks if at >= START + since for name in states}


@settings(max_examples=50)
@given(stories, st.integers(0, SPAN), stories)
def test_life_goes_on_after_forgetting(story, since, further):
    history, _ = lived(story)
    kept = history.snapshot()
    kept.forget(START + since)
    at = START + sum(look.wait for look in story)
    for look in further:
        at += look.wait
        for each in (history, kept):
            each.hold = look.hold
            each.observe(at, look.states or {})
    for name in NAMES if kept.begins else ():
        assert kept.segments(name, kept.begins, at + 50) == history.segments(name, kept.begins, at + 50)
