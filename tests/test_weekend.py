"""A weekend that nobody watched, told by hand first: what the list, the month and the webhooks must say of it.

Friday 17:00 to Monday 09:00 in Berlin, over the turn of a month, on a simulator that our sandbox has no part in. The
dashboard looks every ten minutes. What a pipeline did is seen at the next look, so a length may be ten minutes more or
less; where that is a tenth of it or more, the list says so.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.incidents import csv_of
from dashboard.month import summed
from dashboard.screen import Screen
from dashboard.times import Times
from dashboard.words import incidents as words
from dashboard.words.events import sentence
from hevo_api import HevoClient
from monitor import Account, Clock, Now, Settings, Store
from monitor import incidents as inc
from monitor.events import Kind as EventKind
from monitor.months import LENGTHS
from monitor.notes import About, Kind, Note
from monitor.store import months as kept_months
from monitor.webhooks import Hook, Webhooks
from sandbox import Receiver
from server.routes import summary
from tests.account_house import Clock as MovedClock
from tests.hooks_house import KEY as SIGNING_KEY
from tests.hooks_house import SECRET as SIGNING_SECRET
from tests.unknown_hevo import KEY, PREFIX, SECRET, Known, UnknownHevo

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = {"Fri": (2026, 10, 30), "Sat": (2026, 10, 31), "Sun": (2026, 11, 1), "Mon": (2026, 11, 2)}
MINUTE = 60_000
LOOKS_EVERY = 600.0

FLEET = (  # number, name, source, destination
    ("101", "Harbour ledger", "MariaDB", "Lagoon"),
    ("102", "Harbour bookings", "SFTP", "Lagoon"),
    ("103", "Harbour payroll", "Pipedrive", "Lagoon"),
    ("104", "Quarry claims", "Pipedrive", "Granary"),
    ("105", "Quarry timetable", "SFTP", "Granary"),
    ("106", "Orchard meters", "Elasticsearch", "Granary"),
    ("107", "Viaduct sensors", "MariaDB", "Granary"),
    ("108", "Zebra ledger", "Elasticsearch", "Lagoon"),
    ("109", "Ämter payroll", "MariaDB", "Granary"),
    ("110", "Lighthouse timetable", "SFTP", "Lagoon"),
    ("111", "Lighthouse claims", "Elasticsearch", "Granary"),
    ("112", "Orchard payroll", "Pipedrive", "Granary"),
)
FLAPS = [19 * 60 + 3 + 20 * turn for turn in range(12)]  # minutes of Saturday: every 20 from 19:03 on, ten long each

HAPPENED = """
Fri 12:00 101 OK        one that is turned off all the time, and one that failed before anybody looked
Fri 12:00 110 OFF
Fri 12:00 111 FAILED
Fri 19:02 111 OK
Sat 02:08 101 FAILED    three into one destination, the third two looks after the first
Sat 02:12 109 FAILED    at the same time, of the type of the first one's source, into another
Sat 02:13 102 FAILED
Sat 02:24 103 FAILED
Sat 02:33 109 OK
Sat 05:31 101 OK
Sat 05:36 102 OK
Sat 05:38 103 OK
Sat 23:38 111 FAILED    over midnight, from one month into the next
Sun 00:18 111 OK
Sun 01:28 105 FAILED    over the gap
Sun 03:40 105 OK
Sun 10:18 106 FAILED    all in planned time, but for the half hour until it is told to be over
Sun 11:48 106 OK
Sun 11:38 112 FAILED    from planned time on
Sun 12:22 112 OK
Sun 13:58 107 FAILED    turned off midway
Sun 15:27 107 OFF
Sun 22:08 108 FAILED    still open
"""

TOLD = [  # the list on Monday at nine
    "Zebra ledger failed, since yesterday 22:10 (10 h 50 min).",
    "Viaduct sensors failed, yesterday 14:00 to 15:30 (between 1 h 20 min and 1 h 40 min), turned off while failing.",
    "Orchard payroll failed, yesterday 11:40 to 12:30 (between 40 min and 1 h).",
    "Orchard meters failed, yesterday 10:20 to 11:50 (between 1 h 20 min and 1 h 40 min).",
    "Quarry timetable failed, yesterday 01:30 to 05:00 (between 30 min and 3 h 40 min).",
    "Lighthouse claims failed, Saturday 23:40 to yesterday 00:20 (between 30 min and 50 min).",
    "Quarry claims failed 12 times, Saturday 19:10 to 23:00 (3 h 50 min).",
    "Ämter payroll failed, Saturday 02:20 to 02:40 (between 10 min and 30 min).",
    "3 pipelines failed together, Saturday 02:10 to 05:40 (3 h 30 min), all into Lagoon.",
    "Lighthouse claims failed, Friday 17:00 to 19:10 (at least 2 h).",
]

OPENED, CLOSED = "incident.opened", "incident.closed"
HEARD = [  # kind, when it came about, pipeline, pipelines, failures, minutes
    (CLOSED, "Fri 19:10", "111", 1, 1, 130),
    (OPENED, "Sat 02:10", "101", 1, 1, None),
    (OPENED, "Sat 02:20", "109", 1, 1, None),
    (CLOSED, "Sat 02:40", "109", 1, 1, 20),
    (CLOSED, "Sat 05:40", "101", 3, 3, 210),
    (OPENED, "Sat 19:10", "104", 1, 1, None),
    (CLOSED, "Sat 23:00", "104", 1, 12, 230),
    (OPENED, "Sat 23:40", "111", 1, 1, None),
    (CLOSED, "Sun 00:20", "111", 1, 1, 40),
    (OPENED, "Sun 01:30", "105", 1, 1, None),
    (CLOSED, "Sun 05:00", "105", 1, 1, 210),
    (OPENED, "Sun 11:40", "112", 1, 1, None),
    (CLOSED, "Sun 12:30", "112", 1, 1, 50),
    (OPENED, "Sun 14:00", "107", 1, 1, None),
    (CLOSED, "Sun 15:30", "107", 1, 1, 90),
    (OPENED, "Sun 22:10", "108", 1, 1, None),
]

NOVEMBER = {  # minutes failing, paused, planned; incidents, minutes of the longest
    **dict.fromkeys(("101", "102", "103"), (0, 0, 0, 0, 0)),
    "104": (0, 0, 120, 0, 0),
    "105": (50, 0, 120, 1, 210),
    "106": (0, 0, 120, 0, 0),
    "107": (90, 1050, 120, 1, 90),
    "108": (650, 0, 0, 1, 650),
    "109": (0, 0, 120, 0, 0),
    "110": (0, 1820, 0, 0, 0),
    "111": (20, 0, 120, 1, 20),
    "112": (30, 0, 120, 1, 50),
}
OCTOBER = {
    "101": (210, 0, 0, 1, 210),
    "102": (200, 0, 0, 1, 200),
    "103": (190, 0, 0, 1, 190),
    "104": (114, 0, 0, 1, 230),
    "109": (20, 0, 0, 1, 20),
    "110": (0, 1830, 0, 0, 0),
    "111": (150, 0, 0, 2, 130),
    **dict.fromkeys(("105", "106", "107", "108", "112"), (0, 0, 0, 0, 0)),
}
WATCHED = {"2026-10": 1860 - 30, "2026-11": 1980 - 160}  # Hevo was away from 12:00 to 12:40, we from 02:00 to 05:00


def moment(told: str) -> float:
    """Of "Sat 02:10", in UTC seconds."""
    day, clock = told.split()
    hour, minute = map(int, clock.split(":"))
    return datetime(*DAYS[day], hour, minute, tzinfo=BERLIN).timestamp()


def ms(told: str) -> int:
    return round(moment(told) * 1000)


def story() -> list[tuple[float, str, str]]:
    """When, which pipeline, and how it is from then on."""
    told = [line.split()[:4] for line in HAPPENED.strip().splitlines()]
    turns = [(moment(f"{day} {clock}"), number, state) for day, clock, number, state in told]
    for minute in FLAPS:
        began = moment("Sat 00:00") + 60 * minute
        turns += [(began, "104", "FAILED"), (began + 600, "104", "OK")]
    return sorted(turns)


@dataclass
class Weekend:
    """The simulator, the dashboard's account on it, who is told, and a clock that is moved for all of them."""

    hevo: UnknownHevo
    receiver: Receiver
    folder: Path
    clock: MovedClock
    left: list[tuple[float, str, str]] = field(default_factory=story)
    answered: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    account: Account = field(init=False)

    def begin(self) -> None:
        """A server starts, on what the one before left."""
        store = Store.in_folder(self.folder, Clock(self.clock, self.clock))
        hook = Hook(self.receiver.url, SIGNING_KEY, events=frozenset({EventKind(OPENED), EventKind(CLOSED)}))
        client = HevoClient(KEY, SECRET, base_url=self.hevo.url + PREFIX, clock=self.clock, sleep=self.clock.move)
        self.account = Account(
            client,
            store,
            interval=60.0,
            unwatched=LOOKS_EVERY,
            webhooks=Webhooks([hook], sentence),
            zone=BERLIN,
            threads=False,
        )

    def pass_until(self, told: str, watching: bool = False) -> None:
        """The server does what is due: every ten minutes, or each minute while somebody is there."""
        while self.clock.now < moment(told):
            every = 60.0 if watching else LOOKS_EVERY
            self.clock.now = (self.clock.now // every + 1) * every
            self.look(watching)

    def look(self, watching: bool = False) -> None:
        """What has happened up to now happens, and the server does what is due."""
        while self.left and self.left[0][0] <= self.clock.now:
            _, number, state = self.left.pop(0)
            self.turn(number, state)
        before = len(self.hevo.arrivals)
        self.account.now(watching=watching)
        self.account.step()
        if len(self.hevo.arrivals) > before and not self.hevo.is_away:
            self.answered.append((self.clock.now, {one.id: one.word for one in self.hevo.known}))

    def turn(self, number: str, state: str) -> None:
        one = next(one for one in self.hevo.known if one.id == number)
        one.body["status"] = "PAUSED" if state == "OFF" else "ACTIVE"
        if state != "OFF":
            one.body["health_status"] = state
        one.word = {"OFF": "paused", "OK": "well", "FAILED": "failing"}[state]

    def write(self, note: Note) -> Note:
        written = self.account.diary.write(note, note.by)
        assert isinstance(written, Note), written
        return self.notes.setdefault(written.text, written)

    def screen(self, now: Now | None = None) -> Screen:
        now = now or self.account.now(watching=False)
        return Screen(Settings(), self.account, now, now.history, Times(BERLIN, now.at), "light")


def known(number: str, name: str, source: str, destination: str) -> Known:
    body = {
        "id": int(number),
        "status": "ACTIVE",
        "health_status": "OK",
        "source": {"name": name, "type": {"name": source.upper(), "display_name": source}},
        "destination": {"name": destination, "type": {"name": "AURORA", "display_name": "Aurora"}},
    }
    return Known(number, body, "well")


def friday_to_saturday_evening(weekend: Weekend) -> None:
    weekend.begin()
    weekend.look()
    weekend.pass_until("Sat 11:50")
    weekend.hevo.is_away = True
    weekend.pass_until("Sat 12:30")
    weekend.hevo.is_away = False
    weekend.pass_until("Sat 21:00")


def a_visit(weekend: Weekend) -> None:
    """Ana looks in, runs what fails and takes care of it; Ben says what is planned."""
    weekend.pass_until("Sat 21:06", watching=True)
    weekend.account.run(["104"], by="Ana")
    weekend.look(watching=True)
    weekend.turn("104", "OK")  # the simulator has put it right by its own words
    weekend.pass_until("Sat 21:07", watching=True)
    weekend.write(Note(Kind.ON_IT, About.PIPELINES, ("104",), "asked the vendor", "Ana"))
    plan = {"begins": moment("Sun 10:00"), "ends": moment("Sun 12:00")}
    weekend.write(Note(Kind.PLANNED, About.DESTINATION, ("Granary",), "Granary is being moved", "Ben", **plan))
    weekend.pass_until("Sat 21:13", watching=True)
    for last in ("Sat 21:14", "Sat 21:15"):  # a tab that is closed is noticed two looks later
        weekend.clock.now = moment(last)
        weekend.look()
    weekend.clock.move(30)
    weekend.look()


def saturday_night_to_monday(weekend: Weekend) -> None:
    weekend.pass_until("Sat 23:20")
    assert weekend.account.now(watching=False).on_it == {"104": weekend.notes["asked the vendor"]}
    weekend.pass_until("Sun 02:00")
    weekend.clock.now = moment("Sun 05:00")  # the server was killed, and another begins three hours later
    weekend.begin()
    weekend.look()
    weekend.pass_until("Sun 11:40")
    assert not {"106", "112"} & {row.pipeline.id for row in weekend.account.now(watching=False).problems}
    weekend.pass_until("Mon 08:50")
    weekend.pass_until("Mon 09:00", watching=True)
    weekend.write(Note(Kind.ON_IT, About.PIPELINES, ("108",), "vendor outage, back by noon", "Ana"))


@pytest.fixture(scope="module")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weekend]:
    """All of it, played once."""
    clock = MovedClock()
    clock.now = moment("Fri 17:00")
    hevo = UnknownHevo(pipelines=0, clock=clock)
    hevo.known = [known(*each) for each in FLEET]
    with hevo.serving(), Receiver(SIGNING_SECRET) as receiver:
        weekend = Weekend(hevo, receiver, tmp_path_factory.mktemp("weekend"), clock)
        friday_to_saturday_evening(weekend)
        a_visit(weekend)
        saturday_night_to_monday(weekend)
        yield weekend
        weekend.account.close()


def test_the_list_says_what_a_person_would_say(weekend: Weekend) -> None:
    screen = weekend.screen()
    every = screen.now.judged.incidents
    rows = inc.listed(every, ms("Fri 17:00"), ms("Mon 09:00"))
    assert [words.whole(one, screen.now.name, screen.times) for one in inc.told(every, rows)] == TOLD


def test_what_lay_in_planned_work_and_what_was_our_own_trouble_is_told_as_that(weekend: Weekend) -> None:
    screen = weekend.screen()
    every, now = screen.now.judged.incidents, screen.now
    for one in inc.told(every, inc.listed(every, ms("Fri 17:00"), ms("Mon 09:00"))):
        assert now.plan_of(one) == (weekend.notes["Granary is being moved"] if one.pipelines == ("106",) else None)
    trouble = weekend.account.history(moment("Fri 17:00")).trouble
    assert [words.span(row.first / 1000, row.last / 1000, screen.times) for row in trouble.itertuples()] == [
        "Saturday 12:00 to 12:30"
    ]


def test_every_pipelines_own_link_leads_to_what_it_was_part_of(weekend: Weekend) -> None:
    every = weekend.account.now().judged.incidents
    keys = ("101-20261031T0110", "102-20261031T0120", "103-20261031T0130")
    led_to = [one for key in keys if (one := inc.find(every, key))]
    assert [one.key for one in led_to] == 3 * [keys[0]]
    assert led_to[0].pipelines == ("101", "102", "103")


def test_the_file_has_the_same_to_the_second_and_knows_what_is_not_known(weekend: Weekend) -> None:
    screen = weekend.screen()
    rows = inc.listed(screen.now.judged.incidents, ms("Fri 17:00"), ms("Mon 09:00"))
    told = list(csv.DictReader(io.StringIO(csv_of(rows, screen).decode("utf-8-sig"))))
    assert [row["pipelines"].count(",") + 1 for row in told] == [1, 1, 1, 1, 1, 1, 1, 1, 3, 1]
    assert [int(row["failures"]) for row in told] == [1, 1, 1, 1, 1, 1, 12, 1, 3, 1]
    gap, first = told[4], told[9]
    assert (gap["not_before_utc"], gap["first_seen_utc"]) == ("2026-11-01T00:20:00Z", "2026-11-01T00:30:00Z")
    assert (gap["ended_after_utc"], gap["ended_utc"]) == ("2026-11-01T01:00:00Z", "2026-11-01T04:00:00Z")
    assert (first["not_before_utc"], told[0]["ended_utc"], told[0]["ended_after_utc"]) == ("", "", "")


def test_those_who_do_not_look_heard_each_once_and_nothing_of_what_was_planned(weekend: Weekend) -> None:
    heard = []
    for event in weekend.receiver.received:
        body = json.loads(event.body)
        data, at = body["data"], datetime.fromisoformat(body["timestamp"]).timestamp()
        minutes = data["seconds"] / 60 if "seconds" in data else None
        heard.append((body["type"], at, data["pipeline"]["id"], data["pipelines"], data["failures"], minutes))
    assert heard == [(kind, moment(at), *rest) for kind, at, *rest in HEARD]


@pytest.mark.parametrize(("month", "by_hand"), [("2026-10", OCTOBER), ("2026-11", NOVEMBER)])
def test_a_month_is_what_a_person_would_count(weekend: Weekend, month: str, by_hand: dict[str, Any]) -> None:
    found = weekend.account.diary.month(month).figures
    for number, (failing, paused, planned, incidents, longest) in by_hand.items():
        row = found.loc[number]
        assert (row[["failing", "paused", "planned", "longest"]] / MINUTE).tolist() == [
            *(failing, paused, planned, longest)
        ], number
        assert row["incidents"] == incidents, number
        assert row["well"] / MINUTE == WATCHED[month] - failing - paused - planned, number
        assert row["late"] == row["unknown"] == 0


@pytest.mark.parametrize(("month", "begins", "ends"), [("2026-10", None, "Sun 00:00"), ("2026-11", "Sun 00:00", None)])
def test_a_month_is_the_plain_sum_of_its_minutes(
    weekend: Weekend, month: str, begins: str | None, ends: str | None
) -> None:
    found = weekend.account.diary.month(month).figures
    start = ms(begins) if begins else ms("Fri 17:00")
    end = ms(ends) if ends else ms("Mon 09:00")
    before = start - weekend.account.diary.month(month).start
    for number, *_, destination in FLEET:
        sums = plain_sum(weekend, number, destination, start, end)
        sums["unwatched"] += before
        assert found.loc[number, [*LENGTHS]].to_dict() == {**dict.fromkeys(LENGTHS, 0), **sums}


def plain_sum(weekend: Weekend, number: str, destination: str, start: int, end: int) -> Counter[str]:
    """Minute by minute: planned, else what the last look saw if that is less than twenty minutes ago."""
    sums, looks = Counter[str](), {round(at * 1000): (at, seen) for at, seen in weekend.answered}
    at, seen = [look for look in weekend.answered if look[0] * 1000 <= start][-1]
    work_begins, work_ends = ms("Sun 10:00"), ms("Sun 12:00")
    for minute in range(start, end, MINUTE):
        at, seen = looks.get(minute, (at, seen))
        is_planned = destination == "Granary" and work_begins <= minute < work_ends
        is_watched = minute - at * 1000 < 20 * MINUTE
        sums["planned" if is_planned else seen[number] if is_watched else "unwatched"] += MINUTE
    return sums


def test_the_month_that_is_over_is_written_down_as_it_was(weekend: Weekend) -> None:
    kept = Store.in_folder(weekend.folder, Clock(weekend.clock, weekend.clock)).read(
        lambda tx: kept_months.read(tx, 1, "2026-10")
    )
    assert kept is not None
    pd.testing.assert_frame_equal(kept, weekend.account.diary.month("2026-10").figures, check_like=True)


def test_the_months_percentage_is_of_what_was_watched_and_not_planned(weekend: Weekend) -> None:
    told = summed(weekend.account.diary.month("2026-11").figures)
    well, failing = told["well"] / MINUTE, told["failing"] / MINUTE
    assert (well, failing, told["incidents"]) == (17_290, 840, 5)
    assert (told["percent"], round(told["coverage"], 3)) == (95, 0.916)


def test_who_is_on_it_stands_everywhere_and_ends_by_itself(weekend: Weekend) -> None:
    now = weekend.account.now(watching=False)
    assert now.on_it == {"108": weekend.notes["vendor outage, back by noon"]}
    [told] = summary(now, BERLIN)["incidents"]
    assert (told["key"], told["since"], told["on_it"]) == ("108-20261101T2110", "2026-11-01T21:10:00Z", ["Ana"])
