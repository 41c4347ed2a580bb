"""Whatever happens to Hevo, the viewers and the servers, in whatever order: what must hold, holds."""

from __future__ import annotations

import tempfile
import threading
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from monitor import Account, Request, Standing, Word
from monitor.requests import PATIENCE
from sandbox import Sandbox
from tests.account_house import Clock, House, most_in_a_minute

PHASES = [Phase.explicit, Phase.generate]  # to shrink takes minutes
PLACES = st.integers(0, 30)


class TwoServers(RuleBasedStateMachine):
    """Time passes, Hevo is up, down, slow or limiting, people read and run, servers stop, die and start again."""

    @initialize(warm=st.booleans())
    def open_the_house(self, warm: bool) -> None:
        self.clock = Clock()
        self.sandbox = Sandbox("everyday", clock=self.clock).start()
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(self.sandbox, self.clock, Path(self.folder.name) / "data")
        self.ids = [str(number) for number in self.sandbox.fleet.ids]
        self.servers = [self.house.account(unwatched=300), self.house.account(unwatched=300)]
        self.dead: list[Account] = []
        self.since: dict[str, tuple[Word, float]] = {}
        self.newest = 0.0
        if warm:
            self.house.look(self.account)

    @property
    def account(self) -> Account:
        return self.servers[0]

    @rule(seconds=st.sampled_from([0.5, 3, 9, 15, 31, 62, 90, 400, 2_000]))
    def time_passes(self, seconds: float) -> None:
        self.clock.move(seconds)

    @rule(minutes=st.integers(1, 2), every=st.sampled_from([5, 20]))
    def somebody_watches(self, minutes: int, every: int) -> None:
        for _ in range(0, minutes * 60, every):
            self.clock.move(every)
            self.account.now()
            self.what_is_due_is_done()

    @rule()
    def what_is_due_is_done(self) -> None:
        for server in self.servers:
            server.step()

    @rule()
    def others_open_the_other_server(self) -> None:
        self.servers.reverse()

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

    @rule(seconds=st.sampled_from([1, 4, 8]), viewers=st.integers(1, 3))
    def hevo_is_slow(self, seconds: float, viewers: int) -> None:
        """Time passes, and people read, ask and press, while a request may be under way."""
        self.sandbox.faults.order("delay", seconds=0.03, times=1)
        self.account.now()
        worker = threading.Thread(target=self.account.step)
        worker.start()
        for _ in range(viewers):
            self.what_is_due_is_done()
            self.clock.move(seconds / viewers)
            self.account.now()
            self.account.refresh()
            self.account.run(self.ids[:1])
        worker.join()

    @rule(watching=st.booleans())
    def somebody_reads(self, watching: bool) -> None:
        self.account.now(watching=watching)

    @rule()
    def somebody_presses_refresh(self) -> None:
        assert self.account.refresh() >= 0

    @rule(places=st.lists(PLACES, max_size=30), who=st.sampled_from([None, "Ann", "Ben"]), sent=st.booleans())
    def somebody_runs(self, places: list[int], who: str | None, sent: bool) -> None:
        wanted = [self.ids[place % len(self.ids)] for place in places]
        asked = self.account.run(wanted, by=who)
        assert [one.pipeline_id for one in asked] == list(dict.fromkeys(wanted))
        if sent:
            self.house.send_all(self.account)

    @rule(place=PLACES, health=st.sampled_from(["OK", "FAILED", None]))
    def a_pipeline_changes(self, place: int, health: str | None) -> None:
        self.sandbox.fleet.pin(self.ids[place % len(self.ids)], health_status=health)

    @rule(crash=st.booleans())
    def a_server_starts_again(self, crash: bool) -> None:
        if crash:
            self.dead.append(self.account)
        else:
            self.account.close()
        self.servers[0] = self.house.account(unwatched=300)

    @rule()
    def everything_heals(self) -> None:
        """Once Hevo is well again, it takes minutes, and no reload; and every request comes to an end."""
        self.sandbox.faults.clear()
        for _ in range(30):
            self.house.pass_time(self.account, 15, step=15)
            self.what_is_due_is_done()
        now = self.account.now()
        assert (now.confirmed, now.trouble, now.problem) == (True, None, None)
        assert all(one.is_over for one in now.requests if self.clock.now - one.asked_at < PATIENCE)

    @invariant()
    def hevo_is_never_asked_too_often(self) -> None:
        assert most_in_a_minute(self.sandbox.arrivals) <= 100

    @invariant()
    def no_pipeline_is_asked_twice_in_a_minute(self) -> None:
        asked = defaultdict(list)
        for post in self.house.posts:
            asked[post.path].append(post.at)
        for times in asked.values():
            assert all(after - before >= 60 for before, after in pairwise(times)), times

    @invariant()
    def no_server_shows_something_older_than_it_did(self) -> None:
        self.account._knowledge.catch_up()
        now = self.account.now(watching=False)
        if now.answered_at is not None:
            assert sorted(row.pipeline.id for row in now.rows) == sorted(self.ids)
            assert now.answered_at >= self.newest
            self.newest = now.answered_at

    @invariant()
    def what_began_does_not_begin_again_while_the_word_is_the_same(self) -> None:
        for row in self.account.now(watching=False).rows:
            word = Word.HEALTHY if row.word is Word.UNSTABLE else row.word
            before = self.since.get(row.pipeline.id)
            if before and before[0] is word:
                assert row.since.first_seen == before[1] or self._has_changed_between(row.pipeline.id, before[1])
            self.since[row.pipeline.id] = word, row.since.first_seen

    def _has_changed_between(self, pipeline: str, since: float) -> bool:
        """True when there was another word in between, which no reader happened to see."""
        changes = self.account.history(0, [pipeline]).changes
        return len(set(changes["word"][changes["at"] >= since * 1000])) > 1

    @invariant()
    def an_age_is_never_negative_and_never_flatters(self) -> None:
        now = self.account.now(watching=False)
        assert (now.age is None) == (now.answered_at is None)
        if now.answered_at is not None:
            assert now.age is not None
            assert now.age >= 0
            assert abs(now.at - now.answered_at - now.age) < 0.001
            assert now.confirmed == (now.age <= 300)

    @invariant()
    def every_request_is_in_order(self) -> None:
        for one in self.account.now(watching=False).requests:
            assert (one.earlier is not None) == (one.standing == "ignored")
            assert (one.why is None) <= (one.standing in ("waiting", "asking", "asked"))
            assert one.outcome is None or one.standing in ("asked", "unclear")
            assert one.answered_at is None or one.answered_at >= one.asked_at

    @invariant()
    def of_each_pipeline_one_request_is_open(self) -> None:
        log = self.account.log()
        is_open = [one.pipeline_id for one in log if one.standing in (Standing.WAITING, Standing.ASKING)]
        assert len(is_open) == len(set(is_open))
        assert len({one.id for one in log}) == len(log)
        self._stay_over(log)

    def _stay_over(self, log: list[Request]) -> None:
        """What was over stays over, and stays in the log."""
        over = {one.id for one in log if one.is_over}
        assert getattr(self, "over", set()) <= over
        self.over = over

    @invariant()
    def no_secret_is_in_any_output(self) -> None:
        written = b"".join(file.read_bytes() for file in self.house.folder.glob("*"))
        told = f"{self.account!r}{self.account.now(watching=False)!r}".encode() + written
        assert self.sandbox.api_key.encode() not in told
        assert self.sandbox.api_secret.encode() not in told

    def teardown(self) -> None:
        if hasattr(self, "servers"):
            for server in [*self.servers, *self.dead]:
                server.close()
                server._store.close()
            self.sandbox.stop()
            self.folder.cleanup()


TwoServers.TestCase.settings = settings(
    max_examples=5, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES
)
test_what_must_hold_holds = TwoServers.TestCase
