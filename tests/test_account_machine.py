"""Whatever happens to Hevo, the viewers and the dashboard, in whatever order: what must hold, holds."""

import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hevo_api import HevoClient, Pipeline
from monitor import Account, View
from monitor.run import REQUEST_TIME
from sandbox import Sandbox
from tests.account_house import Clock, House, most_in_a_minute

PLACES = st.integers(0, 30)


class Watched(HevoClient):
    """A client that notes how many looks were ever under way at once."""

    under_way = most_under_way = 0

    def list_pipelines(self, on_page: Callable[[int], None] | None = None) -> list[Pipeline]:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return super().list_pipelines(on_page)
        finally:
            self.under_way -= 1


class OneAccount(RuleBasedStateMachine):
    """Time passes, Hevo is up, down, slow or limiting, people read and run, the dashboard restarts."""

    @initialize(warm=st.booleans())
    def open_the_house(self, warm: bool) -> None:
        self.clock = Clock()
        self.sandbox = Sandbox("everyday", clock=self.clock).start()
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(self.sandbox, self.clock, Path(self.folder.name) / "data")
        self.ids = [str(number) for number in self.sandbox.fleet.ids]
        box, clock = self.sandbox, self.clock
        self.client = Watched(box.api_key, box.api_secret, base_url=box.base_url, clock=clock, sleep=clock.move)
        self.account: Account = self.house.account(self.client)
        self.view: View = self.house.look(self.account) if warm else self.account.view()
        self.newest = 0.0

    @rule(seconds=st.sampled_from([0.5, 3, 9, 15, 31, 62, 90, 400, 2_000]))
    def time_passes(self, seconds: float) -> None:
        self.clock.move(seconds)

    @rule(minutes=st.integers(1, 3), every=st.sampled_from([5, 20]))
    def somebody_watches(self, minutes: int, every: int) -> None:
        for _ in range(0, minutes * 60, every):
            self.clock.move(every)
            self.view = self.account.view()
            self.account.step()

    @rule()
    def what_is_due_is_done(self) -> None:
        self.account.step()

    @rule()
    def hevo_is_up(self) -> None:
        self.sandbox.faults.clear()

    @rule(status=st.sampled_from([401, 403, 404, 500, 503]), times=st.none() | st.integers(1, 4))
    def hevo_is_down(self, status: int, times: int | None) -> None:
        self.sandbox.faults.order("status", status=status, times=times, acts=status >= 500)

    @rule(kind=st.sampled_from(["reset", "truncate", "garbage"]), times=st.integers(1, 4))
    def answers_break(self, kind: str, times: int) -> None:
        self.sandbox.faults.order(kind, times=times, acts=True)

    @rule(after=st.sampled_from([None, 3, 70]), times=st.integers(1, 3))
    def hevo_is_limiting(self, after: int | None, times: int) -> None:
        self.sandbox.faults.order("limit", retry_after=after, times=times)

    @rule(seconds=st.sampled_from([1, 8, 40]), viewers=st.integers(1, 3))
    def hevo_is_slow(self, seconds: float, viewers: int) -> None:
        """Time passes, and people read, ask and press, while a request may be under way."""
        self.sandbox.faults.order("delay", seconds=0.05, times=1)
        self.account.view()
        worker = threading.Thread(target=self.account.step)
        worker.start()
        for _ in range(viewers):
            self.account.step()
            self.clock.move(seconds / viewers)
            self.view = self.account.view()
            self.account.refresh_now()
            self.account.run(self.ids[:1])
        worker.join()

    @rule(watching=st.booleans())
    def somebody_reads(self, watching: bool) -> None:
        self.view = self.account.view(watching=watching)

    @rule()
    def somebody_presses_refresh(self) -> None:
        assert self.account.refresh_now() >= 0

    @rule(places=st.lists(PLACES, max_size=30), who=st.sampled_from([None, "Ann", "Ben"]), sent=st.booleans())
    def somebody_runs(self, places: list[int], who: str | None, sent: bool) -> None:
        wanted = [self.ids[place % len(self.ids)] for place in places]
        runs = self.account.run(wanted, by=who)
        assert [run.pipeline_id for run in runs] == list(dict.fromkeys(wanted))
        if sent:
            self.house.send_all(self.account)

    @rule(place=PLACES, health=st.sampled_from(["OK", "FAILED", None]))
    def a_pipeline_changes(self, place: int, health: str | None) -> None:
        self.sandbox.fleet.pin(self.ids[place % len(self.ids)], health_status=health)

    @rule(crash=st.booleans())
    def the_dashboard_restarts(self, crash: bool) -> None:
        if not crash:
            self.account.close()
        self.account = self.house.account(self.client)
        self.view = self.account.view(watching=False)

    @rule()
    def everything_heals(self) -> None:
        """Once Hevo is well again, it takes five minutes at most, without a reload."""
        self.sandbox.faults.clear()
        view = self.house.pass_time(self.account, 420)
        assert view.confirmed
        assert view.trouble is None

    @invariant()
    def hevo_is_never_asked_too_often(self) -> None:
        assert most_in_a_minute(self.sandbox.arrivals) <= 100

    @invariant()
    def one_look_is_under_way_at_most(self) -> None:
        assert self.client.most_under_way <= 1

    @invariant()
    def no_pipeline_is_asked_twice_in_a_minute(self) -> None:
        asked = defaultdict(list)
        for post in self.house.posts:
            asked[post.path].append(post.at)
        for times in asked.values():
            assert all(after - before >= 60 for before, after in pairwise(times))

    @invariant()
    def a_snapshot_is_whole_and_never_older_than_the_last(self) -> None:
        snapshot = self.account.view(watching=False).snapshot
        if snapshot is not None:
            assert [one.id for one in snapshot.pipelines] == self.ids
            assert snapshot.answered_at >= self.newest
            self.newest = snapshot.answered_at

    @invariant()
    def an_age_is_never_negative_and_never_flatters(self) -> None:
        view = self.account.view(watching=False)
        assert (view.age is None) == (view.snapshot is None)
        if view.snapshot is not None:
            assert view.age is not None
            assert view.age >= 0
            assert abs(view.at - view.snapshot.answered_at - view.age) < 0.001
        if view.confirmed:
            assert view.trouble is None
            assert view.age is not None
            assert view.age <= 300

    @invariant()
    def every_run_has_one_outcome(self) -> None:
        for run in self.account.view(watching=False).runs:
            assert (run.earlier is not None) == (run.standing == "ignored")
            assert (run.why is None) <= (run.standing in ("waiting", "asking", "asked"))
            assert run.outcome is None or run.standing in ("asked", "unclear")
            assert run.answered_at is None or run.answered_at >= run.asked_at
            assert run.sent_at is None or run.sent_at <= self.clock.now + REQUEST_TIME

    @invariant()
    def no_secret_is_in_any_output(self) -> None:
        written = "".join(file.read_text() for file in self.house.folder.glob("*")) if self.house.folder else ""
        told = f"{self.account!r}{self.view!r}{self.account.view(watching=False)!r}{written}"
        assert self.sandbox.api_key not in told
        assert self.sandbox.api_secret not in told

    def teardown(self) -> None:
        if hasattr(self, "account"):
            self.account.close()
            self.sandbox.stop()
            self.folder.cleanup()


OneAccount.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
test_what_must_hold_holds = OneAccount.TestCase
