"""A month's figures against a plain sum, minute by minute; the row that it leaves is written once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import history as frames
from monitor import incidents, months
from monitor.health import Word
from monitor.known import Known
from monitor.months import LENGTHS
from monitor.store import looks
from monitor.store import months as kept
from tests.account_house import House, house_on
from tests.test_incidents import MINUTE, START, few, history_of, looks_of, shares, stories

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("month", "zone", "hours"),
    [
        ("2026-11", "UTC", 720),
        ("2026-03", "Europe/Berlin", 743),
        ("2026-10", "Europe/Berlin", 745),
        ("2028-02", "UTC", 696),
    ],
)
def test_a_month_is_as_long_as_the_owners_clocks_make_it(month, zone, hours):
    start, end = months.bounds(month, ZoneInfo(zone))
    assert end - start == hours * HOUR
    assert months.bounds(months.other(month, 1), ZoneInfo(zone))[0] == end
    assert months.month_of(start / 1000, ZoneInfo(zone)) == month
    assert months.month_of(start / 1000 - 1, ZoneInfo(zone)) == months.other(month, -1)


@pytest.mark.parametrize(
    "wrong", ["", "2026", "2026-13", "2026-00", "2026-1", "20261-1", "2026-11 ", "٢٠٢٦-١١", "1969-12"]
)
def test_what_is_no_month_is_an_error(wrong):
    with pytest.raises(ValueError, match="no month"):
        months.bounds(wrong, UTC)


NAMES = {
    Word.FAILED: "failing",
    Word.LATE: "late",
    Word.UNKNOWN: "unknown",
    Word.PAUSED: "paused",
    Word.HEALTHY: "well",
    Word.UNSTABLE: "well",
}
windows = st.tuples(st.integers(0, 120), st.integers(0, 120)).map(sorted)


@few
@given(stories, windows, st.none() | windows)
def test_the_figures_are_those_of_a_plain_sum_of_minutes(story, window, plan):
    looks = looks_of(story)
    history = history_of(looks)
    start, end = (START + minute * MINUTE for minute in window)
    spans = [("a", *(START + minute * MINUTE for minute in plan))] if plan and plan[0] < plan[1] else []
    planned = pd.DataFrame(spans, columns=["pipeline", "start", "end"]).astype({"start": "int64", "end": "int64"})
    found = months.figures(history, incidents.grown(incidents.EMPTY, history, shares), planned, start, end)
    for name in found.index:
        sums = dict.fromkeys(LENGTHS, 0)
        for minute in range(*window):
            past = [(at, words) for at, words in looks if at <= minute]
            word = past[-1][1].get(name) if past and minute < past[-1][0] + 10 else None
            in_plan = name == "a" and plan and plan[0] <= minute < plan[1]
            sums["planned" if in_plan else NAMES[word] if word else "unwatched"] += MINUTE
        assert found.loc[name, [*LENGTHS]].to_dict() == sums


def test_planned_time_cuts_a_failure_that_began_before_and_ends_after_exactly():
    looks = [(minute, {"a": Word.FAILED if 10 <= minute < 50 else Word.HEALTHY}) for minute in range(0, 100, 5)]
    history = history_of(looks)
    planned = pd.DataFrame({"pipeline": ["a"], "start": [START + 22 * MINUTE], "end": [START + 37 * MINUTE]})
    own = incidents.grown(incidents.EMPTY, history, shares)
    found = months.figures(history, own, planned, START, START + 100 * MINUTE).loc["a"]
    assert (found["failing"] / MINUTE, found["planned"] / MINUTE, found["well"] / MINUTE) == (25, 15, 60)
    assert (found["incidents"], found["longest"] / MINUTE) == (1, 40)


def test_an_incident_that_lies_in_planned_time_counts_nowhere():
    looks = [(minute, {"a": Word.FAILED if 10 <= minute < 50 else Word.HEALTHY}) for minute in range(0, 100, 5)]
    history = history_of(looks)
    planned = pd.DataFrame({"pipeline": ["a"], "start": [START], "end": [START + 60 * MINUTE]})
    own = incidents.grown(incidents.EMPTY, history, shares)
    found = months.figures(history, own, planned, START, START + 100 * MINUTE).loc["a"]
    assert (found["failing"], found["incidents"], found["longest"]) == (0, 0, 0)


def test_a_day_is_as_bad_as_its_worst_hour_and_planned_trouble_is_planned():
    """Hours from 2027-01-15 08:00; it fails over two midnights of Berlin, the first under planned work."""
    failing = (*range(14, 16), *range(38, 41))
    looks = [(60 * hour, {"a": Word.FAILED if hour in failing else Word.HEALTHY}) for hour in range(70)]
    history, end = history_of(looks, hold=60), START + 90 * HOUR
    planned = pd.DataFrame({"pipeline": ["a"], "start": [START], "end": [START + 20 * HOUR]})
    found = months.days(history, planned, START, end, ZoneInfo("Europe/Berlin"))
    words = [[*Word, None][code] for code in found.loc["a"]]
    assert words == [Word.PLANNED, Word.FAILED, Word.FAILED, Word.HEALTHY, None]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path, "calm") as house:
        house.clock.now = datetime(2026, 10, 30, tzinfo=UTC).timestamp()
        yield house


def pass_hours(house: House, account, hours: int) -> None:
    for _ in range(hours):
        house.clock.move(3600)
        account.now()
        account.step()


def rows(house: House, month: str) -> pd.DataFrame | None:
    return house.store().read(lambda tx: kept.read(tx, 1, month))


def test_a_months_row_is_written_once_when_it_is_over_and_outlives_its_history(house):
    account = house.watched(keep_days=1, interval=3600)
    name = house.on[0]
    pass_hours(house, account, 5)
    house.sandbox.fleet.pin(name, status="ACTIVE", health_status="FAILED")
    pass_hours(house, account, 10)
    house.sandbox.fleet.pin(name, status="ACTIVE", health_status="OK")
    pass_hours(house, account, 32)
    assert rows(house, "2026-10") is None
    pass_hours(house, account, 3)
    october = rows(house, "2026-10")
    assert october.loc[name, ["failing", "incidents", "longest"]].tolist() == [10 * HOUR, 1, 10 * HOUR]
    assert october.loc[name, [*LENGTHS]].sum() == 31 * 24 * HOUR
    pass_hours(house, account, 60)
    assert Word.FAILED not in account.history(0).changes["word"].tolist()
    pd.testing.assert_frame_equal(rows(house, "2026-10"), october)
    month = account.diary.month("2026-10")
    assert (month.end - month.start, month.figures.loc[name, "failing"]) == (31 * 24 * HOUR, 10 * HOUR)


def test_a_server_that_comes_back_late_writes_what_it_missed_before_it_forgets(house):
    account = house.watched(keep_days=1, interval=3600)
    pass_hours(house, account, 3)
    account.close()
    house.clock.move(100 * 86_400)
    late = house.account(keep_days=1, interval=3600)
    pass_hours(house, late, 4)
    october = rows(house, "2026-10")
    assert (october.loc[house.on, "well"] >= 3 * HOUR).all()
    assert rows(house, "2026-12") is None  # nobody watched: there is nothing to say


def test_a_kill_between_two_portions_is_healed_and_writes_no_row_twice(house, monkeypatch):
    monkeypatch.setattr(kept, "PORTION", 3)
    account = house.watched(interval=3600)
    pass_hours(house, account, 2)
    store = house.store()
    names = sorted(account.now().judged.names)

    def figures(wanted: list[str]) -> pd.DataFrame:
        return pd.DataFrame({column: len(written) for column in months.COLUMNS}, index=wanted)

    written = list[str]()
    whole = False
    while not whole:
        whole = store.write(lambda tx: kept.write(tx, 1, "2026-10", figures))
        written.append("portion")
        if not whole:
            assert rows(house, "2026-10") is None
    found = rows(house, "2026-10")
    assert len(written) == len(names) // 3 + 1
    store.write(lambda tx: kept.write(tx, 1, "2026-10", figures))
    pd.testing.assert_frame_equal(rows(house, "2026-10"), found)


def test_months_are_kept_for_three_years(house):
    account = house.watched()
    store = house.store()
    for month in ("2023-09", "2023-10", "2026-09"):
        store.write(
            lambda tx, month=month: kept.write(tx, 1, month, lambda names: pd.DataFrame(1, names, months.COLUMNS))
        )
    store.write(lambda tx: kept.forget(tx, 1, UTC))
    assert store.read(lambda tx: kept.kept(tx, 1)) == ["2026-09", "2023-10"]
    assert account.now().answered_at


def test_a_server_that_comes_back_counts_the_whole_months_incidents_also_where_less_is_kept(house):
    account = house.watched(keep_days=1, interval=3600)
    pass_hours(house, account, 60)
    house.sandbox.fleet.pin(house.on[0], status="ACTIVE", health_status="FAILED")
    pass_hours(house, account, 2)
    house.sandbox.fleet.pin(house.on[0], status="ACTIVE", health_status="OK")
    pass_hours(house, account, 72)
    again = house.account(keep_days=1, interval=3600)
    pass_hours(house, again, 2)
    figures = again.diary.month("2026-11").figures
    assert figures.loc[house.on[0], ["failing", "incidents"]].tolist() == [2 * HOUR, 1]


def test_older_incidents_are_recalled_after_a_restart_with_the_same_keys(house):
    account = house.watched(interval=3600)
    name = house.on[0]
    for _ in range(40):  # restless for three days: one incident, longer than what a server holds in memory
        for health, waits in (("FAILED", (1500, 10_000)), ("OK", (1500,))):
            house.sandbox.fleet.pin(name, status="ACTIVE", health_status=health)
            for wait in waits:
                house.clock.move(wait)
                account.now()
                account.refresh()
                account.step()
    before = account.now().judged.incidents
    again = house.account(interval=3600)
    again.step()
    after = again.now().judged.incidents
    columns = ["pipeline", "after", "at", "end_after", "end_at", "how", "count"]
    pd.testing.assert_frame_equal(after.own[columns], before.own[columns])
    assert before.own["count"].tolist() == [40]
    in_memory = house.store().read(lambda tx: looks.read_news(tx, 1, Known())).history
    assert frames.only(in_memory, [name]).changes["at"].iloc[0] > before.own["at"].iloc[0]
