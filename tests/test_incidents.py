"""Incidents against a naive model and as a person would tell them by hand; what grows keeps its key and beginning."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from monitor import history as frames
from monitor import incidents as inc
from monitor.health import Word
from monitor.history import History
from monitor.incidents import OPEN, Incident, Incidents

MINUTE = 60_000
START = 1_800_000_000_000
few = settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
BAD = (Word.FAILED, Word.LATE)
SHARES = {
    "a": ("Snowflake EU", "MySQL"),
    "b": ("Snowflake EU", "MySQL"),
    "c": ("BigQuery", "MySQL"),
    "d": ("BigQuery", "Ads"),
    "e": (None, "Ads"),
}
Fleet = dict[str, Word]


def shares(pipeline: str) -> tuple[str | None, str | None]:
    return SHARES[pipeline]


def history_of(looks: list[tuple[int, Fleet]], hold: int = 10) -> History:
    """The history of these looks; times in minutes, each holds so long or until the next."""
    changes, watch, state, before = list[tuple[str, int, int, str | None]](), list[list[int]](), Fleet(), -1
    for minute, fleet in looks:
        at = START + minute * MINUTE
        for name in sorted({*state, *fleet}):
            word = fleet.get(name)
            if word is not state.get(name):
                known = any(row[0] == name for row in changes)
                changes.append((name, before if known else -1, at, word))
        if watch and watch[-1][2] >= at:
            watch[-1][1:] = [at, at + hold * MINUTE, watch[-1][3] + 1]
        else:
            watch.append([at, at, at + hold * MINUTE, 1])
        state, before = fleet, at
    return frames.history(
        pd.DataFrame(changes, columns=["pipeline", "after", "at", "word"]),
        pd.DataFrame(watch, columns=["first", "last", "until", "looks"]),
    )


def all_of(looks: list[tuple[int, Fleet]]) -> Incidents:
    return inc.grown(inc.EMPTY, history_of(looks), shares)


def listed(incidents: Incidents) -> list[Incident]:
    return inc.told(incidents, inc.listed(incidents, 0, OPEN))


def minutes(seconds: float | None) -> float | None:
    return None if seconds is None else (seconds * 1000 - START) / MINUTE


def told(incidents: Incidents) -> list[tuple]:
    """Each incident: from, to (minutes), how often, pipelines, what they share."""
    return [
        (minutes(one.began), minutes(one.ended), one.count, len(one.pipelines), one.name)
        for one in sorted(listed(incidents), key=lambda one: one.members[0].group)
    ]


def one_pipeline(words: dict[int, Word | None], name: str = "a") -> list[tuple[int, Fleet]]:
    return [(minute, {name: word} if word else {}) for minute, word in words.items()]


OK, FAILED, LATE = Word.HEALTHY, Word.FAILED, Word.LATE


def test_trouble_with_less_than_half_an_hour_of_health_between_is_one_incident():
    assert told(all_of(one_pipeline({0: OK, 5: FAILED, 10: OK, 39: FAILED, 45: OK}))) == [(5, 45, 2, 1, "")]
    assert told(all_of(one_pipeline({0: OK, 5: FAILED, 10: OK, 40: FAILED, 45: OK}))) == [
        (5, 10, 1, 1, ""),
        (40, 45, 1, 1, ""),
    ]


def test_a_gap_alone_ends_nothing_and_widens_what_is_known_of_the_end():
    [found] = listed(all_of(one_pipeline({0: OK, 5: FAILED, 900: FAILED, 905: FAILED, 2000: OK})))
    assert [minutes(each) for each in (found.not_before, found.began, found.end_after, found.ended)] == [
        0,
        5,
        905,
        2000,
    ]


def test_late_and_failed_are_one_trouble_and_unknown_goes_on_as_before():
    words = {0: Word.UNKNOWN, 5: OK, 10: LATE, 15: FAILED, 20: Word.UNKNOWN, 25: Word.UNSTABLE, 90: Word.UNKNOWN}
    assert told(all_of(one_pipeline(words))) == [(10, 25, 1, 1, "")]


def test_one_that_is_turned_off_or_gone_while_failing_has_ended_so():
    paused = all_of(one_pipeline({0: OK, 5: FAILED, 20: Word.PAUSED, 25: FAILED, 30: OK}))
    assert [(minutes(one.ended), one.how) for one in listed(paused)] == [(30, inc.WELL), (20, inc.PAUSED)]
    [gone] = listed(all_of(one_pipeline({0: OK, 5: FAILED, 20: None})))
    assert (minutes(gone.ended), gone.how) == (20, inc.GONE)


def test_one_that_failed_at_our_first_look_began_no_later_than_that():
    [found] = listed(all_of(one_pipeline({0: FAILED})))
    assert (found.not_before, found.ended, found.how) == (None, None, inc.BAD)


def fleet(**words: Word) -> Fleet:
    return {name: words.get(name, OK) for name in SHARES}


def test_those_that_share_a_destination_are_one_and_the_rest_by_the_type_of_their_source():
    both = all_of(
        [(0, fleet()), (5, fleet(a=FAILED, c=FAILED)), (10, fleet(a=FAILED, b=FAILED, c=FAILED)), (20, fleet())]
    )
    assert told(both) == [(5, 20, 2, 2, "Snowflake EU"), (5, 20, 1, 1, "")]
    source = all_of([(0, fleet()), (5, fleet(a=FAILED, c=FAILED)), (20, fleet())])
    assert told(source) == [(5, 20, 2, 2, "MySQL")]
    assert [one.shared for one in listed(source)] == ["source"]


def test_what_begins_after_a_quarter_of_an_hour_is_another_unless_looks_are_rarer():
    rows = [(0, fleet()), (10, fleet(a=FAILED)), (20, fleet(a=FAILED)), (26, fleet(a=FAILED, b=FAILED))]
    assert [row[3] for row in told(all_of(rows))] == [1, 1]
    rare = [(0, fleet()), (60, fleet(a=FAILED)), (120, fleet(a=FAILED)), (180, fleet(a=FAILED, b=FAILED))]
    assert [row[3] for row in told(inc.grown(inc.EMPTY, history_of(rare, hold=120), shares))] == [2]
    gap = inc.grown(inc.EMPTY, history_of(rare), shares)
    assert [row[3] for row in told(gap)] == [1, 1]  # nobody watched between: that is not "looks are rare"


def test_what_shares_nothing_that_is_known_stands_alone():
    found = all_of([(0, {"e": OK, "x": OK}), (5, {"e": OK})])
    assert told(found) == []


def test_one_still_open_keeps_the_whole_open_and_stands_on_top():
    found = all_of(
        [
            (0, fleet()),
            (5, fleet(a=FAILED, b=FAILED)),
            (20, fleet(b=FAILED)),
            (90, fleet(b=FAILED, d=FAILED)),
            (99, fleet(b=FAILED)),
        ]
    )
    assert [minutes(one.ended) for one in listed(found)] == [None, 99]


def test_any_members_own_key_leads_to_the_whole():
    found = all_of([(0, fleet()), (5, fleet(a=FAILED)), (10, fleet(a=FAILED, b=FAILED)), (20, fleet())])
    key = inc.key_of("a", START + 5 * MINUTE)
    assert key == "a-20270115T0805"
    assert inc.find(found, key) == inc.find(found, inc.key_of("b", START + 10 * MINUTE)) == listed(found)[0]
    for wrong in ("a-20270115T0806", "z-20270115T0805", "a", "", "-", "a-20270115T0805 "):
        assert inc.find(found, wrong) is None


def test_one_that_leaves_its_sources_group_for_a_destinations_is_still_found_by_every_key():
    """a and c come from MySQL; ten minutes later b fails, which loads where a does: then a and b are one, c alone."""
    looks = [(0, fleet()), (5, fleet(a=FAILED, c=FAILED)), (15, fleet(a=FAILED, b=FAILED, c=FAILED))]
    first = all_of(looks[:2])
    [both] = listed(first)
    assert (both.pipelines, both.name) == (("a", "c"), "MySQL")
    later = inc.grown(first, history_of(looks), shares)
    alone, moved = listed(later)
    assert (moved.pipelines, moved.name, alone.pipelines) == (("a", "b"), "Snowflake EU", ("c",))
    assert inc.find(later, both.key) == moved
    assert inc.find(later, inc.key_of("c", START + 5 * MINUTE)) == alone
    assert inc.find(later, inc.key_of("b", START + 15 * MINUTE)) == moved


def test_a_clock_that_was_set_back_begins_anew():
    late, early = one_pipeline({90: OK, 95: FAILED}), one_pipeline({0: OK, 5: FAILED})
    grown = inc.grown(all_of(late), history_of(early), shares)
    assert told(grown) == [(5, None, 1, 1, "")]


# The naive model: every look in turn, every pair of incidents asked.


@dataclass
class Own:
    name: str
    after: int
    at: int
    every: int
    end: int | None = None
    end_after: int | None = None
    how: int = inc.BAD
    count: int = 1


def naive(looks: list[tuple[int, Fleet]], hold: int = 10) -> list[Own]:
    found, state, open_, seen = list[Own](), dict[str, int](), dict[str, Own](), set[str]()
    ended = dict[str, Own]()
    before, until = -1, -1
    for minute, words in looks:
        at = START + minute * MINUTE
        for name in sorted({*state, *words}):
            word = words.get(name)
            old = state.get(name)
            new = (
                inc.GONE
                if word is None
                else inc.BAD
                if word in BAD
                else inc.PAUSED
                if word is Word.PAUSED
                else inc.WELL
                if word is not Word.UNKNOWN
                else inc.WELL
                if old is None
                else old
            )
            if new == inc.BAD and old != inc.BAD:
                last = ended.get(name)
                if last and last.how == inc.WELL and at - last.end < inc.CALM:
                    last.count += 1
                    last.end, last.end_after, last.how = None, None, inc.BAD
                    open_[name] = last
                else:
                    every = at - before if name in seen and at <= until else 0
                    open_[name] = Own(name, before if name in seen else -1, at, every)
                    found.append(open_[name])
            elif new != inc.BAD and old == inc.BAD:
                one = open_.pop(name)
                one.end, one.end_after, one.how = at, before, new
                ended[name] = one
            state[name] = new
            seen.add(name)
        before, until = at, at + hold * MINUTE
    return sorted(found, key=lambda one: (one.at, one.name))


def together(found: list[Own]) -> list[list[Own]]:
    def near(some: list[Own], place: int) -> list[list[Own]]:
        groups = list[list[Own]]()
        for one in some:
            shared = SHARES[one.name][place]
            same = [group for group in groups if shared and SHARES[group[0].name][place] == shared]
            if same and one.at - same[-1][0].at <= max(inc.TOGETHER, 2 * one.every):
                same[-1].append(one)
            else:
                groups.append([one])
        return groups

    by_destination = near(found, 0)
    alone = [group[0] for group in by_destination if len(group) == 1]
    return [group for group in by_destination if len(group) > 1] + near(alone, 1)


waits = st.sampled_from([1, 4, 9, 10, 11, 16, 29, 31, 70])
words = st.sampled_from([FAILED, FAILED, LATE, OK, OK, OK, Word.UNKNOWN, Word.PAUSED])
fleets = st.dictionaries(st.sampled_from("abcde"), words, min_size=2)
stories = st.lists(st.tuples(waits, fleets), max_size=10)


def looks_of(story: list[tuple[int, Fleet]]) -> list[tuple[int, Fleet]]:
    return list(zip(accumulate(wait for wait, _ in story), (words for _, words in story), strict=True))


def in_all(incidents: Incidents) -> set[tuple]:
    """Every incident with all its members, as the frames tell it."""
    found = set()
    for one in listed(incidents):
        rows = [(it.pipeline, it.after, it.at, it.end_after, it.end_at, it.how, it.count) for it in one.members]
        found.add((one.pipelines[0], one.began, one.ended, *rows))
    return found


@few
@given(stories)
def test_incidents_are_those_that_every_look_in_turn_gives(story):
    looks = looks_of(story)
    expected = set()
    for group in together(naive(looks)):
        rows = [
            (one.name, one.after, one.at, one.end_after or OPEN, one.end or OPEN, one.how, one.count) for one in group
        ]
        end = max(one.end or OPEN for one in group)
        expected.add((group[0].name, group[0].at / 1000, None if end == OPEN else end / 1000, *rows))
    assert in_all(all_of(looks)) == expected


@settings(few, max_examples=12)
@given(stories)
def test_growing_look_by_look_gives_the_same_and_no_key_or_beginning_ever_changes(story):
    looks, grown, keys = looks_of(story), inc.EMPTY, dict[str, int]()
    for number in range(1, len(looks) + 1):
        history = history_of(looks[:number])
        grown = inc.grown(grown, history, shares)
        assert inc.grown(grown, history, shares) is grown
        assert in_all(grown) == in_all(inc.grown(inc.EMPTY, history, shares))
        for key, at in keys.items():
            one = inc.find(grown, key)
            assert one is not None
            assert at in [member.at for member in one.members]
            assert one.members[0].at <= at
        keys |= {one.key: one.members[0].at for one in listed(grown)}


@few
@given(stories, st.integers(0, 10))
def test_what_was_forgotten_on_the_way_changes_no_incident(story, cut):
    """A server holds two days of history and goes on from the incidents that it found."""
    looks = looks_of(story)
    first = inc.grown(inc.EMPTY, history_of(looks[:cut]), shares)
    whole = history_of(looks)
    late = frames.forgetting(whole, START + looks[cut - 1][0] * MINUTE) if 0 < cut <= len(looks) else whole
    assert in_all(inc.grown(first, late, shares)) == in_all(inc.grown(inc.EMPTY, whole, shares))


@few
@given(stories)
def test_asked_for_some_time_or_some_pipelines_only_what_touches_them_is_told(story):
    found = all_of(looks_of(story))
    start, end = START + 20 * MINUTE, START + 60 * MINUTE
    own = found.own
    wanted = {one.group for one in own.itertuples() if one.at < end and one.end_at > start and one.pipeline == "a"}
    assert set(inc.listed(found, start, end, ["a"])["group"]) == wanted
