"""Each hour leaves how many pipelines stood under each word, once, and only when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from monitor import history as frames
from monitor.history import History
from monitor.store import tallies
from tests.account_house import House, house_on

HOUR = 3_600_000
BEGIN = 480_000 * HOUR


def seen(*changes: tuple[str, float, str], hours: float = 6) -> History:
    """What was seen in this many hours of looking; the times are hours."""
    rows = [(name, -1, BEGIN + round(at * HOUR), word) for name, at, word in changes]
    end = BEGIN + round(hours * HOUR)
    return frames.history(
        pd.DataFrame(rows, columns=["pipeline", "after", "at", "word"]),
        pd.DataFrame([(BEGIN, end, end + 600_000, 100)], columns=["first", "last", "until", "looks"]),
    )


def told(hours: pd.DataFrame) -> list[tuple[float, str, int]]:
    """Hour, word and number, in order."""
    rows = zip(hours["start"], hours["word"], hours["pipelines"], strict=True)
    return sorted(((start - BEGIN) / HOUR, word, number) for start, word, number in rows)


def test_each_pipeline_stands_under_its_worst_word_of_the_hour() -> None:
    history = seen(("a", 0, "healthy"), ("a", 1.2, "failed"), ("a", 1.3, "healthy"), ("b", 0, "healthy"))
    found = told(tallies.counted(history, None, BEGIN + 4 * HOUR))
    assert found == [(0, "healthy", 2), (1, "failed", 1), (1, "healthy", 1), (2, "healthy", 2)]


def test_an_hour_waits_until_no_look_can_change_it_any_more() -> None:
    history = seen(("a", 0, "healthy"))
    assert told(tallies.counted(history, None, BEGIN + HOUR + HOUR // 4)) == []
    assert told(tallies.counted(history, None, BEGIN + HOUR + HOUR // 2)) == [(0, "healthy", 1)]


def test_only_what_came_behind_the_last_hour_is_counted() -> None:
    history = seen(("a", 0, "healthy"))
    assert told(tallies.counted(history, BEGIN + HOUR, BEGIN + 4 * HOUR)) == [(2, "healthy", 1)]


def test_an_hour_that_nobody_watched_has_no_row() -> None:
    assert told(tallies.counted(seen(("a", 0, "healthy"), hours=1.5), None, BEGIN + 6 * HOUR))[-1][0] == 1
    assert told(tallies.counted(frames.EMPTY, None, BEGIN + 6 * HOUR)) == []


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path) as house:
        yield house


def test_the_account_tallies_what_is_over_and_a_restart_adds_nothing_twice(house: House) -> None:
    account = house.watched()
    begin = house.clock.now
    house.pass_time(account, 3 * 3_600, step=120)
    hours = account.diary.tallies(0)
    assert len(hours["start"].unique()) >= 2
    assert set(hours.groupby("start")["pipelines"].sum()) == {len(account.now().rows)}
    again = house.again(account)
    house.pass_time(again, 120)
    assert again.diary.tallies(0).equals(hours)
    assert again.diary.tallies(begin + 7_200)["start"].nunique() < hours["start"].nunique()


def test_of_very_many_changes_only_the_newest_are_read_and_from_when_on_is_told(house: House) -> None:
    account = house.watched()
    house.pass_time(account, 6 * 3_600, step=120)
    begin = account.now().history.begins or 0
    every = account.history(begin / 1000)
    since, recent = account.recent_history(begin / 1000, 10)
    assert since > begin / 1000
    assert recent.watch.equals(every.watch)
    newer = frames.transitions(recent, round(since * 1000), round(house.clock.now * 1000))
    assert newer.equals(frames.transitions(every, round(since * 1000), round(house.clock.now * 1000)))
    assert account.recent_history(begin / 1000, 1_000_000)[0] == begin / 1000
