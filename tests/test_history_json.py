"""What a tab keeps for us comes back whole, or is refused; it is a stranger's text."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.history import History, State
from tests.test_history import FAILED, HOUR, NOON, OK, PAUSED, XYZ, watched
from tests.test_history_model import START, lived, stories

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def rich() -> History:
    history = watched((0, OK), (60, FAILED), (120, None), (1000, XYZ))
    history.observe(NOON + 1060, {"b": PAUSED, "a": State(None, "\ud800é")})
    history.observe(NOON + 1120, {"b": PAUSED})
    return history


def reread(history: History, now: float = NOON + 2000) -> History:
    return History.from_json(history.to_json(), now)


def parts(**changed: object) -> str:
    return json.dumps({**json.loads(rich().to_json()), **changed})


def busy(pipelines: int, looks: int = 1440) -> History:
    """One change an hour each, seen at 1-minute looks."""
    rng, history = Random(7), History()
    states = {str(6000 + number): OK for number in range(pipelines)}
    for look in range(looks):
        for name in rng.sample(list(states), pipelines // 60):
            states[name] = FAILED if states[name] is OK else OK
        history.observe(NOON + look * 60, states)
    return history


def test_a_history_comes_back_as_it_was():
    assert reread(rich()) == rich()
    assert reread(History()) == History()


@given(stories)
def test_any_history_comes_back_as_it_was(story):
    history, _ = lived(story)
    assert History.from_json(history.to_json(), START + 1000) == history
    history.forget(START + 40)
    assert History.from_json(history.to_json(), START + 1000) == history


def test_a_history_that_came_back_goes_on():
    history, kept = rich(), reread(rich())
    for each in (history, kept):
        each.observe(NOON + 1180, {"b": FAILED, "c": OK})
    assert kept == history
    assert kept.since("b") == history.since("b")


def test_a_day_of_a_thousand_pipelines_fits_into_a_tab_with_room_to_spare():
    history = busy(1_000)
    text = history.to_json()
    assert len(text) < 200_000
    assert History.from_json(text, NOON + 24 * HOUR) == history


def test_what_does_not_fit_is_left_out_oldest_first_and_said():
    history = busy(100)
    text = history.to_json(limit=10_000)
    thin = History.from_json(text, NOON + 24 * HOUR)
    assert 6_000 < len(text) <= 10_000
    assert history.thinned_before is None
    assert thin.thinned_before == thin.begins
    assert thin.begins is not None
    assert thin.begins > NOON
    assert thin.latest == history.latest
    history.forget(thin.begins)
    assert [thin.spells(name) for name in thin.pipeline_ids] == [history.spells(name) for name in history.pipeline_ids]


def test_joining_older_time_keeps_word_of_what_was_left_out():
    thin = History.from_json(busy(100).to_json(limit=10_000), NOON + 24 * HOUR)
    fresh = watched((24 * HOUR, OK))
    assert fresh.extended(thin).thinned_before == thin.thinned_before
    thin.forget((thin.begins or 0) + 60)
    assert thin.thinned_before is None


@pytest.mark.parametrize("limit", [0, 100, 300, 1000])
def test_even_a_very_small_tab_gets_a_text_that_comes_back(limit):
    history = busy(60, looks=60)
    for attempt in range(30):
        history.fail(NOON + 4000 + attempt, f"cause {attempt}")
    thin = History.from_json(history.to_json(limit), NOON + 5000)
    assert thin.thinned_before
    assert len(thin.to_json()) <= max(limit, 120)


def test_what_is_older_than_two_days_is_dropped():
    later = NOON + 48 * HOUR
    assert reread(rich(), later + 500).begins == NOON + 1000
    assert reread(rich(), later + 5000) == History()


def test_a_look_in_the_future_is_refused_beyond_a_minute():
    assert reread(watched((60, OK)), NOON).latest == NOON + 60
    with pytest.raises(ValueError, match="not a history"):
        reread(watched((61, OK)), NOON)
    with pytest.raises(ValueError, match="not a history"):
        reread(watched((0, OK), (61, None)), NOON)


def test_parts_that_fit_together_are_accepted():
    history = History.from_json(parts(watches=[[300, NOON, 60], [1800, 301]], runs={}), NOON + 2000)
    assert (history.begins, history.latest) == (NOON, NOON + 361)


@pytest.mark.parametrize(
    "odd",
    [
        {"version": 2},
        {"version": True},
        {"extra": 1},
        {"watches": {}, "runs": {}},
        {"watches": [[]], "runs": {}},
        {"watches": [[300]], "runs": {}},
        {"watches": [[0, NOON]], "runs": {}},
        {"watches": [[1801, NOON]], "runs": {}},
        {"watches": [[300, NOON, 1801]], "runs": {}},
        {"watches": [[300, NOON, 0]], "runs": {}},
        {"watches": [[300, NOON, -60]], "runs": {}},
        {"watches": [[300, NOON, 60.0]], "runs": {}},
        {"watches": [[300, NOON, True]], "runs": {}},
        {"watches": [[300, NOON, 60], [300, 300]], "runs": {}},
        {"watches": [[300, 10**400]], "runs": {}},
        {"watches": []},
        {"states": [["ACTIVE"]]},
        {"states": [["ACTIVE", "OK", "OK"]]},
        {"states": [["ACTIVE", 1]]},
        {"states": [["ACTIVE", "x" * 65]]},
        {"states": [["ACTIVE", "OK"]] * 5},
        {"states": [[None, str(number)] for number in range(2001)]},
        {"states": []},
        {"runs": []},
        {"runs": {"": [1, 1]}},
        {"runs": {"x" * 65: [1, 1]}},
        {"runs": {"a": []}},
        {"runs": {"a": [1]}},
        {"runs": {"a": [0, 1]}},
        {"runs": {"a": [-1, 1]}},
        {"runs": {"a": [6, 1]}},
        {"runs": {"a": [1, 0]}},
        {"runs": {"a": [1, 9]}},
        {"runs": {"a": [1, -1]}},
        {"runs": {"a": [1, 1, 1, 1]}},
        {"runs": {"a": [1, 1, 0, 2]}},
        {"runs": {"a": [1, 1, 5, 2]}},
        {"runs": {"a": [1, 1.0]}},
        {"runs": {"a": [1, "1"]}},
        {"runs": {"a": None}},
        {"troubles": {}},
        {"troubles": [[NOON, NOON, 1]]},
        {"troubles": [[NOON, NOON - 1, 1, "down"]]},
        {"troubles": [[NOON, NOON, 0, "down"]]},
        {"troubles": [[NOON, NOON, 1, None]]},
        {"troubles": [[NOON, NOON, 1, "x" * 65]]},
        {"troubles": [[NOON, NOON + 9, 1, "down"], [NOON, NOON + 9, 1, "down"]]},
        {"troubles": [[NOON, NOON, 1, "down"]] * 2001},
        {"thinned_before": NOON + 1},
        {"thinned_before": "x"},
        {"thinned_before": -1},
    ],
)
def test_anything_odd_is_refused(odd):
    with pytest.raises(ValueError, match="not a history"):
        History.from_json(parts(**odd), NOON + 2000)


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        b"{}",
        {},
        "",
        "null",
        "[]",
        "{",
        "NaN",
        "[" * 100_000,
        "1" * 5_000,
        '{"a":' * 50_000,
    ],
)
def test_no_text_at_all_is_refused(text):
    with pytest.raises(ValueError, match="not a history"):
        History.from_json(text, NOON)


def test_too_much_text_is_refused_even_if_it_is_ours():
    with pytest.raises(ValueError, match="not a history"):
        History.from_json(rich().to_json() + " " * 1_000_000, NOON + 2000)


@given(st.text() | ANY_JSON.map(json.dumps))
def test_arbitrary_text_is_refused_with_one_kind_of_error(text):
    with pytest.raises(ValueError, match="not a history"):
        History.from_json(text, NOON)


@settings(max_examples=300)
@given(st.data())
def test_a_forged_part_is_refused_or_gives_a_history_that_answers(data):
    """Whatever a part is replaced with, only a ValueError comes out, and what is accepted can be asked."""
    told = json.loads(rich().to_json())
    place, key = told, data.draw(st.sampled_from(sorted(told)))
    while isinstance(place[key], list | dict) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(ANY_JSON | st.integers(0, 2000) | st.sampled_from([NOON, NOON + 60]))
    try:
        history = History.from_json(json.dumps(told), NOON + 2000)
    except ValueError:
        return
    for name in history.pipeline_ids:
        assert sum(segment.end - segment.start for segment in history.segments(name, NOON, NOON + 2000)) == 2000
        assert history.health(name, NOON, NOON + 2000).coverage <= 1
        assert history.failures(name, NOON, NOON + 2000) <= len(history.spells(name))
        assert history.since(name) is None or history.spells(name)
    history.changes(NOON, NOON + 2000)
    assert History.from_json(history.to_json(), NOON + 2000) == history
