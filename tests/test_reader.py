"""When data last came in: read in the background with what is left over, and nothing else suffers from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.account import Account
from monitor.health import Word
from tests.account_house import House, house_on, most_in_a_minute


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path, "calm") as house:
        yield house


def reading(house: House) -> Account:
    """An account that reads when data came in, and has been looked at once."""
    return house.watched(freshness=True)


def pass_minutes(house: House, account: Account, minutes: float, step: float = 3.25) -> None:
    """Somebody watches all the while."""
    for _ in range(round(minutes * 60 / step)):
        house.clock.move(step)
        house.look(account)


def asked(house: House, what: str = "objects") -> list[str]:
    """The pipelines whose objects (or position) were asked for, in this order."""
    return [seen.path.split("/")[-2] for seen in house.sandbox.arrivals if seen.path.endswith(f"/{what}")]


def test_every_pipeline_is_read_in_turn_and_no_minute_holds_more_than_twenty_of_it(tmp_path: Path) -> None:
    with house_on(tmp_path, "large") as house:
        account = reading(house)
        pass_minutes(house, account, 12)
        read = asked(house)
        arrivals = [seen for seen in house.sandbox.arrivals if seen.path.endswith("/objects")]
        assert len(set(read)) == len(read) >= 205
        assert most_in_a_minute(arrivals) <= 20
        assert most_in_a_minute(house.sandbox.arrivals) <= 90


def test_what_was_read_stands_in_the_picture_after_the_next_look(house: House) -> None:
    account = reading(house)
    pass_minutes(house, account, 3)
    rows = [row for row in account.now().rows if not row.is_paused]
    assert all(row.fresh and row.fresh.last_ran for row in rows)
    assert all(row.fresh.tables > 0 and row.fresh.failed == 0 for row in rows if row.fresh)


def test_a_paused_pipeline_is_read_only_where_somebody_opened_it(house: House) -> None:
    account = reading(house)
    [paused] = [row.pipeline.id for row in account.now().rows if row.is_paused]
    pass_minutes(house, account, 3)
    assert paused not in asked(house)
    account.reader.open(paused)
    pass_minutes(house, account, 0.2)
    assert paused in asked(house)


def test_what_somebody_opens_comes_first_with_all_its_tables_and_its_position(house: House) -> None:
    account = reading(house)
    stock = next(row.pipeline.id for row in account.now().rows if row.label == "Warehouse stock")
    assert account.reader.tables(stock) is None
    account.reader.open(stock)
    version = account.now().version
    account.step()
    tables = account.reader.tables(stock)
    fresh = account.reader.fresh(stock)
    assert asked(house)[-2:] == [stock, stock]  # 150 tables are two pages
    assert tables is not None
    assert len(tables) == 150
    assert fresh is not None
    assert fresh.position is not None
    assert account.now().version != version


def test_a_restart_loses_nothing_of_what_was_learned(house: House) -> None:
    account = reading(house)
    pass_minutes(house, account, 3)
    one = house.on[0]
    before, tables = account.reader.fresh(one), account.reader.tables(one)
    account.close()
    again = house.account(freshness=True)
    assert before is not None
    assert again.reader.fresh(one) == before
    assert again.reader.tables(one) == tables


@pytest.mark.parametrize("status", [403, 404, 400])
def test_where_hevo_tells_of_no_tables_it_is_asked_less_and_less_and_nothing_else_suffers(
    house: House, status: int
) -> None:
    house.sandbox.faults.order("status", status=status, path="/objects")
    account = reading(house)
    pass_minutes(house, account, 30)
    now = account.now()
    assert len(asked(house)) <= 10
    assert "" in account.reader.refused
    assert now.confirmed
    assert now.trouble is None
    assert not now.having(Word.LATE)


def test_one_pipeline_that_cannot_be_read_is_backed_off_from_and_the_others_go_on(house: House) -> None:
    account = reading(house)
    odd = house.on[0]
    house.sandbox.faults.order("garbage", path=f"/{odd}/objects")
    pass_minutes(house, account, 20)
    turns = Counter(asked(house))
    assert account.reader.refused[odd] == "unreadable"
    assert turns[odd] <= 4
    assert min(turns[one] for one in house.on[1:]) >= 5
    assert account.now().confirmed


def test_a_position_that_fails_hides_no_tables(house: House) -> None:
    account = reading(house)
    one = house.on[0]
    house.sandbox.faults.order("status", status=404, path="/position")
    account.reader.open(one)
    account.step()
    assert account.reader.tables(one)
    assert account.reader.fresh(one) is not None
    assert one not in account.reader.refused


def test_nothing_is_read_while_nobody_watches_and_nothing_watches_by_itself(house: House) -> None:
    account = reading(house)
    before = asked(house)
    house.clock.move(300)
    for _ in range(100):
        house.clock.move(3)
        account.step()
    assert asked(house) == before


def test_it_is_off_where_the_owner_says_so(house: House) -> None:
    account = house.watched()
    pass_minutes(house, account, 3)
    account.reader.open(house.on[0])
    account.step()
    assert asked(house) == asked(house, "position") == []


def test_a_pipeline_that_gets_stuck_while_hevo_says_ok_becomes_late_and_well_again(tmp_path: Path) -> None:
    with house_on(tmp_path, "everyday") as house:
        names = {str(one.id): one.body["source"]["name"] for one in house.sandbox.fleet.pipelines}
        kept = {"Refunds at the till", "Orders DB"}
        for number in [number for number, name in names.items() if name not in kept]:
            house.sandbox.fleet.remove(number)
        account, turns = house.watched(freshness=True, interval=900.0), dict[str, list[Word]]()
        for _ in range(40 * 4):
            house.clock.move(900)
            for row in house.look(account).rows:
                if turns.setdefault(row.label, [])[-1:] != [row.word]:
                    turns[row.label].append(row.word)
    stuck = turns.pop("Refunds at the till")
    assert Word.LATE in stuck
    assert stuck[stuck.index(Word.LATE) + 1 :]  # and then it ran again
    assert set(stuck) == {Word.HEALTHY, Word.LATE}
    assert not any(Word.LATE in words for words in turns.values())


def test_runs_and_looks_come_before_it(house: House) -> None:
    account = reading(house)
    pass_minutes(house, account, 5)
    account.run(house.on[:15])
    house.send_all(account)
    assert len(house.posts) == 15
    assert account.now().confirmed
