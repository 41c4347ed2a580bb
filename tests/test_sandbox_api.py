"""The sandbox answers as Hevo's public API is documented to answer."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox import SCENARIOS, Sandbox
from sandbox.variants import CHOICES

SESSION = requests.Session()  # one line to each sandbox is enough


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


def call(sandbox: Sandbox, path: str, method: str = "GET", **options: Any) -> requests.Response:
    options.setdefault("auth", (sandbox.api_key, sandbox.api_secret))
    return SESSION.request(method, sandbox.base_url + path, timeout=5, **options)


def pages(sandbox: Sandbox, path: str, limit: int) -> Iterator[list[dict[str, Any]]]:
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = call(sandbox, path, params=query).json()
        yield page["data"]
        if "pagination" not in page:
            return
        assert page["pagination"]["count"] == limit
        query["starting_after"] = page["pagination"]["starting_after"]


def kind_of(pipeline: dict[str, Any]) -> str:
    kind = pipeline["source"]["type"]
    return str(kind["name"] if isinstance(kind, dict) else kind)


def number_of(sandbox: Sandbox, kind: str) -> int:
    [number] = [p.id for p in sandbox.fleet.pipelines if kind_of(p.body) == kind]
    assert number is not None
    return number


@pytest.mark.parametrize("auth", [None, ("sandbox-key", "wrong"), ("wrong", "sandbox-secret"), ("", "")])
def test_only_a_known_key_with_its_secret_gets_in(sandbox: Sandbox, auth: tuple[str, str] | None) -> None:
    for path in ("/pipelines", "/pipelines/6590", "/destinations", "/nothing-here"):
        assert call(sandbox, path, auth=auth).status_code == 401


@pytest.mark.parametrize("header", ["Basic", "Basic ###", "Basic /////w==", "Bearer abc", "Basic eA=="])
def test_a_header_that_cannot_be_read_is_refused_like_a_wrong_key(sandbox: Sandbox, header: str) -> None:
    assert call(sandbox, "/pipelines", auth=None, headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("limit", [1, 7, 8, 23, 24, 100])
def test_pages_hold_every_pipeline_once_and_the_last_has_no_pagination(sandbox: Sandbox, limit: int) -> None:
    every = list(pages(sandbox, "/pipelines", limit))
    found = [p["id"] for page in every for p in page]
    assert found == sandbox.fleet.ids
    assert len(every) == math.ceil(24 / limit)
    assert len(set(found)) == 24


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=", "limit=ten", "limit=-1", "limit=²", "starting_after=unknown",
              "starting_after=", "starting_after=YWZ0ZXI6LTE="]
)  # fmt: skip
def test_a_wrong_parameter_is_a_bad_request(sandbox: Sandbox, query: str) -> None:
    answer = call(sandbox, f"/pipelines?{query}")
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_a_pipeline_that_does_not_exist_is_not_found_in_hevos_words(sandbox: Sandbox) -> None:
    for path, method in (("", "GET"), ("/run-now", "POST"), ("/objects", "GET"), ("/schedule", "GET")):
        answer = call(sandbox, f"/pipelines/1{path}", method)
        assert (answer.status_code, answer.json()) == (404, {"message": "Pipeline not found"})


def test_unknown_routes_are_not_found_and_wrong_methods_not_allowed(sandbox: Sandbox) -> None:
    assert call(sandbox, "/models").status_code == 404
    assert call(sandbox, "/pipelines/").status_code == 404
    assert requests.get(sandbox.base_url.removesuffix("/api/public/v2.0"), timeout=5).status_code == 404
    assert call(sandbox, "/pipelines", "POST").status_code == 405
    assert call(sandbox, f"/pipelines/{sandbox.fleet.ids[0]}/run-now").status_code == 405


def test_a_member_may_look_but_not_run(sandbox: Sandbox) -> None:
    member = (sandbox.member_key, sandbox.member_secret)
    path = f"/pipelines/{sandbox.fleet.ids[0]}"
    assert call(sandbox, path, auth=member).status_code == 200
    answer = call(sandbox, f"{path}/run-now", "POST", auth=member)
    assert answer.status_code == 403
    assert answer.json() == {"message": "account members are not permitted to perform this action"}
    began = call(sandbox, f"{path}/run-now", "POST").json()["message"]
    assert began == "Pipeline run has been triggered", "the refused request must not have begun a run"


def test_a_run_on_a_pipeline_that_ingests_changes_nothing_and_says_so(sandbox: Sandbox, clock: Clock) -> None:
    path = f"/pipelines/{sandbox.fleet.ids[0]}/run-now"
    said = [call(sandbox, path, "POST").json()["message"] for _ in range(2)]
    assert said == ["Pipeline run has been triggered", "Pipeline is already ingesting"]
    clock.now += 40
    assert call(sandbox, path, "POST").json()["message"] == "Pipeline run has been triggered"


def test_a_paused_pipeline_refuses_a_run(sandbox: Sandbox) -> None:
    number = number_of(sandbox, "MS_SQL")
    assert call(sandbox, f"/pipelines/{number}").json()["data"]["status"] == "INACTIVE"
    assert call(sandbox, f"/pipelines/{number}/run-now", "POST").status_code == 400


def test_the_limit_is_a_window_of_sixty_seconds_for_each_key(clock: Clock) -> None:
    with Sandbox(clock=clock, requests_per_minute=3) as sandbox:
        for _ in range(3):
            assert call(sandbox, "/pipelines").status_code == 200
            clock.now += 10
        refused = call(sandbox, "/pipelines")
        assert (refused.status_code, refused.json()) == (429, {"message": "Request rate limit exceeded"})
        assert "Retry-After" not in refused.headers
        member = (sandbox.member_key, sandbox.member_secret)
        assert call(sandbox, "/pipelines", auth=member).status_code == 200
        clock.now += 29.9
        assert call(sandbox, "/pipelines").status_code == 429
        clock.now += 0.2
        assert [call(sandbox, "/pipelines").status_code for _ in range(2)] == [200, 429]


def test_optional_properties_are_left_out_where_they_make_no_sense(sandbox: Sandbox) -> None:
    fleet = {kind_of(p): p for page in pages(sandbox, "/pipelines", 100) for p in page}
    assert [kind for kind, p in fleet.items() if "webhook_url" in p] == ["WEBHOOK"]
    assert [kind for kind, p in fleet.items() if "schedule" not in p] == ["WEBHOOK"]
    assert [kind for kind, p in fleet.items() if "health_status" not in p] == ["GOOGLE_SHEETS"]
    assert [kind for kind, p in fleet.items() if p["status"] == "INACTIVE"] == ["MS_SQL"]
    assert fleet["JIRA"]["source"]["type"] == "JIRA"
    assert not any(value is None for p in fleet.values() for value in p.values())


def test_a_destination_is_the_same_wherever_it_is_shown(sandbox: Sandbox) -> None:
    alone = {d["id"]: d for page in pages(sandbox, "/destinations", 2) for d in page}
    inside = [p["destination"] for page in pages(sandbox, "/pipelines", 100) for p in page]
    assert len(alone) == 5
    assert all(alone[d["id"]] == d for d in inside)
    assert call(sandbox, "/destinations/12").json() == {"data": alone[12]}
    assert call(sandbox, "/destinations/12/load-now", "POST").status_code == 200
    assert call(sandbox, "/destinations/13").status_code == 404


def test_schedule_and_position_answer_where_they_make_sense(sandbox: Sandbox) -> None:
    def ask(kind: str, what: str) -> tuple[int, Any]:
        answer = call(sandbox, f"/pipelines/{number_of(sandbox, kind)}/{what}")
        return answer.status_code, answer.json().get("data")

    assert ask("MYSQL", "schedule") == (200, {"type": "FREQUENCY", "frequency": 30})
    assert ask("BAMBOOHR", "schedule") == (200, {"type": "CRON", "schedule": "0 6 * * *"})
    assert ask("WEBHOOK", "schedule") == (400, None)
    assert ask("STRIPE", "position") == (400, None)
    assert ask("MYSQL", "position")[1]["display_position"].startswith("Sep 21, 2026 14:1")


def test_objects_come_in_pages_and_can_be_searched(sandbox: Sandbox) -> None:
    path = f"/pipelines/{number_of(sandbox, 'ORACLE')}/objects"
    sandbox.fleet.pin(number_of(sandbox, "ORACLE"), health_status="OK")
    every = [one for page in pages(sandbox, path, 100) for one in page]
    assert len({one["name"] for one in every}) == 150
    assert len(call(sandbox, f"{path}?search_text=SITE_01").json()["data"]) == 10
    skipped = call(sandbox, f"{path}?statuses=SKIPPED,PAUSED&limit=100").json()["data"]
    assert skipped == [one for one in every if one["status"] in ("SKIPPED", "PAUSED")] != []
    assert call(sandbox, f"{path}/stock_site_150").json()["data"] == every[-1]
    assert call(sandbox, f"{path}/stock_site_151").status_code == 404


def test_every_scenario_answers_every_route(clock: Clock) -> None:
    for scenario in SCENARIOS:
        with Sandbox(scenario, clock=clock, requests_per_minute=1000) as sandbox:
            for number in sandbox.fleet.ids[:40]:
                for what in ("", "/objects", "/schedule", "/position"):
                    assert call(sandbox, f"/pipelines/{number}{what}").status_code in (200, 400)
            shown = sum(len(page) for page in pages(sandbox, "/pipelines", 100))
            assert shown == len(sandbox.fleet.pipelines)


def test_a_table_that_does_not_move_stands_still_for_days(sandbox: Sandbox, clock: Clock) -> None:
    path = f"/pipelines/{number_of(sandbox, 'ORACLE')}/objects?limit=100"

    def last_runs() -> dict[str, dict[str, int]]:
        """The times of the last runs by the tables' states."""
        found: dict[str, dict[str, int]] = {}
        for one in call(sandbox, path).json()["data"]:
            found.setdefault(one["status"], {})[one["name"]] = one.get("last_run_ts", 0)
        return found

    before = last_runs()
    clock.now += 86_400
    after = last_runs()
    assert before.keys() == after.keys() == {"ACTIVE", "FINISHED", "SKIPPED", "PAUSED", "PERMISSION_DENIED"}
    assert {state for state in before if before[state] != after[state]} == {"ACTIVE"}
    assert all(after["ACTIVE"][name] - ran == 86_400_000 for name, ran in before["ACTIVE"].items())


class TestMovedTime:
    """The owner of the clock moves it while the sandbox runs, as a dashboard does that watches the last day."""

    def test_a_day_is_looked_through_within_the_limit_and_ends_in_the_present(self, clock: Clock) -> None:
        present = clock.now
        with Sandbox(clock=clock) as sandbox:
            looks = []
            for look in range(288, -1, -1):
                clock.now = present - look * 300
                answer = call(sandbox, "/pipelines?limit=100")
                assert answer.status_code == 200
                looks.append([one.get("health_status") for one in answer.json()["data"]])
            at_once = Sandbox(clock=lambda: present).fleet
        assert len({tuple(look) for look in looks}) > 30
        assert looks[-1] == [at_once.body(one).get("health_status") for one in at_once.pipelines]

    def test_a_clock_that_is_set_back_frees_the_limit(self, clock: Clock) -> None:
        with Sandbox(clock=clock, requests_per_minute=2) as sandbox:
            assert [call(sandbox, "/pipelines").status_code for _ in range(3)] == [200, 200, 429]
            clock.now -= 86_400
            assert [call(sandbox, "/pipelines").status_code for _ in range(3)] == [200, 200, 429]

    def test_a_run_that_lies_ahead_does_not_ingest_yet(self, sandbox: Sandbox, clock: Clock) -> None:
        path = f"/pipelines/{sandbox.fleet.ids[0]}/run-now"
        call(sandbox, path, "POST")
        clock.now -= 1
        assert call(sandbox, path, "POST").json()["message"] == "Pipeline run has been triggered"
        assert call(sandbox, path, "POST").json()["message"] == "Pipeline is already ingesting"


class TestVariants:
    """Each point on which public sources disagree, switched while the sandbox runs."""

    def test_each_choice_can_be_made_and_others_cannot(self, sandbox: Sandbox) -> None:
        for name, choices in CHOICES.items():
            for choice in choices:
                sandbox.variants.switch(**{name: choice})
                assert getattr(sandbox.variants, name) == choice
        with pytest.raises(ValueError, match=r"envelope=data\|bare"):
            sandbox.variants.switch(envelope="paper")

    def test_the_envelope_of_single_objects(self, sandbox: Sandbox) -> None:
        number = sandbox.fleet.ids[0]
        sandbox.variants.switch(envelope="bare")
        assert call(sandbox, f"/pipelines/{number}").json()["id"] == number
        assert len(call(sandbox, "/pipelines").json()["data"]) == 20

    @pytest.mark.parametrize("status", [200, 201, 202, 204])
    def test_the_status_of_an_accepted_run(self, sandbox: Sandbox, status: int) -> None:
        sandbox.variants.switch(run_status=status)
        answer = call(sandbox, f"/pipelines/{sandbox.fleet.ids[0]}/run-now", "POST")
        assert answer.status_code == status
        assert bool(answer.content) == (status != 204)

    def test_the_word_for_paused(self, sandbox: Sandbox) -> None:
        sandbox.variants.switch(paused="PAUSED")
        assert call(sandbox, f"/pipelines/{number_of(sandbox, 'MS_SQL')}").json()["data"]["status"] == "PAUSED"

    @pytest.mark.parametrize(
        ("shape", "body"),
        [
            ("message", '{"message":"Pipeline not found"}'),
            ("error", '{"error":"Pipeline not found"}'),
            ("error_object", '{"error":{"message":"Pipeline not found"}}'),
            ("text", "Pipeline not found"),
            ("empty", ""),
        ],
    )
    def test_the_shape_of_an_error(self, sandbox: Sandbox, shape: str, body: str) -> None:
        sandbox.variants.switch(error_body=shape)
        answer = call(sandbox, "/pipelines/1")
        assert (answer.status_code, answer.text) == (404, body)

    def test_ids_as_text(self, sandbox: Sandbox) -> None:
        sandbox.variants.switch(ids="text")
        first = call(sandbox, "/pipelines").json()["data"][0]
        assert (first["id"], first["destination"]["id"]) == (str(sandbox.fleet.ids[0]), "12")

    def test_objects_without_the_time_of_their_last_run(self, sandbox: Sandbox) -> None:
        path = f"/pipelines/{sandbox.fleet.ids[0]}/objects"
        assert "last_run_ts" in call(sandbox, path).json()["data"][0]
        sandbox.variants.switch(last_run="absent")
        every = call(sandbox, path).json()["data"]
        assert every
        assert not [one for one in every if "last_run_ts" in one]
        assert "last_run_ts" not in call(sandbox, f"{path}/{every[0]['name']}").json()["data"]

    def test_a_last_page_with_a_null_cursor(self, sandbox: Sandbox) -> None:
        sandbox.variants.switch(last_page="null")
        page = call(sandbox, "/pipelines?limit=100").json()
        assert page["pagination"] == {"starting_after": None, "count": 24}

    def test_the_limit_with_a_good_status_and_with_the_time_to_wait(self, clock: Clock) -> None:
        with Sandbox(clock=clock, requests_per_minute=1) as sandbox:
            sandbox.variants.switch(limit_status=200, retry_after="present", error_body="text")
            call(sandbox, "/pipelines")
            clock.now += 20.5
            refused = call(sandbox, "/pipelines")
        assert (refused.status_code, refused.text) == (200, "Request rate limit exceeded")
        assert refused.headers["Retry-After"] == "40"
