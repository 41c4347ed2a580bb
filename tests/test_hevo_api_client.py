"""The rules: what is asked again and what never, whole lists or none, one budget, no secret anywhere."""

from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from hevo_api import (
    REGIONS,
    HevoClient,
    HevoError,
    InvalidRequest,
    KeyNotAccepted,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    Pipeline,
    RateLimited,
    Unavailable,
    UnreadableAnswer,
    is_valid_id,
)
from tests.conftest import free_port
from tests.raw_server import (
    KEY,
    PIPELINE,
    SECRET,
    Clock,
    RawServer,
    Reply,
    Stopwatch,
    answer,
    client,
    page,
    said,
)

WHOLE = said({"data": PIPELINE})
EXPECTED = Pipeline.from_json(PIPELINE)
LIMIT = "Request rate limit exceeded"
DOWN = answer("", "503 Service Unavailable")
TOKEN = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()


def methods(server: RawServer) -> list[str]:
    return [asked.method for asked in server.asked]


# A GET may be asked again


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_get_is_tried_three_times_with_growing_delays(status: int) -> None:
    clock = Clock()
    with RawServer(answer("busy", f"{status} Busy")) as server, pytest.raises(Unavailable, match="busy") as caught:
        client(server, clock).get_pipeline(1)
    assert caught.value.status == status
    assert len(server.asked) == 3
    assert 0.125 <= clock.slept[0] <= 0.5
    assert 0.25 <= clock.slept[1] <= 1.0


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, KeyNotAccepted),
        (403, NotPermitted),
        (404, NotFound),
        (409, InvalidRequest),
        (418, InvalidRequest),
        (422, InvalidRequest),
        (501, Unavailable),
        (505, Unavailable),
        (600, UnreadableAnswer),
    ],
)
def test_what_another_try_would_not_help_is_asked_once(status: int, kind: type[HevoError]) -> None:
    with RawServer(said({"message": "because"}, f"{status} No")) as server, pytest.raises(kind) as caught:
        client(server).get_pipeline(1)
    assert (caught.value.status, caught.value.detail) == (status, "because")
    assert len(server.asked) == 1


def test_a_sentence_fits_what_was_asked() -> None:
    refused, gone = answer("", "403 Forbidden"), answer("", "404 Not Found")
    with RawServer(refused, refused, gone, gone) as server:
        asking = client(server)
        told = []
        for call in (lambda: asking.run_pipeline(1), asking.list_pipelines) * 2:
            with pytest.raises((NotPermitted, NotFound)) as caught:
                call()
            told.append(caught.value.sentence)
    assert told == [
        "Our key can look, but may not run pipelines. It must be made by a Hevo account owner.",
        "Our key may not see this. It must be made by a Hevo account owner.",
        "This pipeline no longer exists in Hevo.",
        "Hevo does not know this address.",
    ]


def test_a_delay_that_hevo_asks_for_is_kept() -> None:
    clock = Clock()
    with RawServer(answer("", "503 Busy", "Retry-After: 2"), WHOLE) as server:
        assert client(server, clock).get_pipeline(6590) == EXPECTED
    assert clock.slept == [2.0]


def test_a_delay_that_does_not_fit_the_deadline_is_told_instead() -> None:
    with RawServer(answer("", "503 Busy", "Retry-After: 90")) as server, pytest.raises(Unavailable) as caught:
        client(server).get_pipeline(1)
    assert caught.value.retry_after == 90
    assert len(server.asked) == 1


def test_an_outage_is_not_multiplied_by_its_viewers() -> None:
    with RawServer(DOWN) as server:
        asking = client(server)
        for _ in range(30):
            with pytest.raises(Unavailable):
                asking.get_pipeline(1)
    assert len(server.asked) == 30 + 20


# A POST never is


LOST: dict[str, Reply] = {
    "hangs": lambda visit: visit.hang(),
    "closes": lambda visit: visit.close(),
    "resets": lambda visit: visit.reset(),
    "cuts its answer": answer("{", "200 OK", "Content-Length: 99"),
    "drips": lambda visit: visit.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500),
    "says 500": answer("", "500 Oh"),
    "says 501": answer("", "501 Oh"),
    "says 503 and later": answer("", "503 Oh", "Retry-After: 1"),
    "says 408": answer("", "408 Late"),
    "shows a web page": answer("<html>Sign in</html>"),
    "talks nonsense": b"\x00\xff\r\n\r\n",
}


@pytest.mark.parametrize("reply", LOST.values(), ids=LOST.keys())
def test_a_lost_answer_is_never_sent_again_when_hevo(reply: Reply) -> None:
    closing: Reply = reply if callable(reply) else lambda visit: visit.send(reply).close()
    with RawServer(closing, WHOLE) as server, Stopwatch() as watch, pytest.raises(OutcomeUnknown) as caught:
        client(server, deadline=1.5).run_pipeline(6590)
    assert methods(server) == ["POST", "GET"]
    assert caught.value.pipeline == EXPECTED
    assert watch.seconds < 3


def test_the_look_after_a_lost_answer_is_one_and_within_the_same_deadline() -> None:
    with (
        RawServer(lambda visit: visit.hang()) as server,
        Stopwatch() as watch,
        pytest.raises(OutcomeUnknown) as caught,
    ):
        client(server, deadline=1.5).run_pipeline(6590)
    assert methods(server) == ["POST", "GET"]
    assert caught.value.pipeline is None
    assert 1.4 < watch.seconds < 3


def test_a_post_never_uses_a_connection_that_may_have_died() -> None:
    with RawServer(WHOLE, answer("", "202 Accepted")) as server:
        asking = client(server)
        asking.get_pipeline(6590)
        assert asking.run_pipeline(6590) == 202
    first, second = server.asked
    assert first.connection != second.connection


def test_a_run_that_certainly_never_left_is_not_unclear() -> None:
    asking = HevoClient(KEY, SECRET, base_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable, match="refused") as caught:
        asking.run_pipeline(1)
    assert caught.value.sent is False


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (answer("", "200 OK"), 200),
        (said({"data": {"name": LIMIT}}, "201 Created"), 201),
        (answer("done", "202 Accepted"), 202),
        (answer("", "204 No Content"), 204),
    ],
)
def test_a_run_is_accepted_by_any_2xx(reply: bytes, status: int) -> None:
    with RawServer(reply) as server:
        assert client(server).run_pipeline("6590") == status
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("POST", "/api/public/v2.0/pipelines/6590/run-now")
    ]


@pytest.mark.parametrize(("status", "kind"), [(400, InvalidRequest), (401, KeyNotAccepted), (404, NotFound)])
def test_a_run_that_was_refused_is_not_unclear(status: int, kind: type[HevoError]) -> None:
    with RawServer(answer("no", f"{status} No")) as server, pytest.raises(kind):
        client(server).run_pipeline(1)
    assert len(server.asked) == 1


def test_a_run_is_not_redirected() -> None:
    with RawServer(answer("", "303 See Other", "Location: /")) as server, pytest.raises(UnreadableAnswer):
        client(server).run_pipeline(1)
    assert methods(server) == ["POST"]


# The rate


REFUSALS: dict[str, tuple[bytes, float]] = {
    "429": (answer("", "429 Too Many Requests"), 60),
    "429 with seconds": (answer("", "429 Too Many Requests", "Retry-After: 7"), 7),
    "200 with the words": (answer(LIMIT), 60),
    "200 with the words and no data": (said({"data": [], "error": {"message": LIMIT}}), 60),
    "503 with the words": (said({"error": LIMIT}, "503 Busy"), 60),
}


@pytest.mark.parametrize(("reply", "seconds"), REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("call", ["get_pipeline", "run_pipeline", "get_position", "list_objects"])
def test_a_refusal_for_the_rate_pauses_all_callers(reply: bytes, seconds: float, call: str) -> None:
    clock = Clock()
    with RawServer(reply, page([])) as server:
        with pytest.raises(RateLimited) as caught:
            getattr(client(server, clock), call)(6590)
        assert caught.value.retry_after == seconds
        with pytest.raises(RateLimited):
            client(server, clock).get_schedule(1)
        assert len(server.asked) == 1
        clock.now += seconds
        assert client(server, clock).list_pipelines() == []


def test_a_pipeline_called_like_the_refusal_is_no_refusal() -> None:
    with RawServer(page([{"id": 1, "source": {"name": LIMIT}}])) as server:
        assert client(server).list_pipelines()[0].label == LIMIT


def test_a_person_is_told_how_long_and_a_list_waits() -> None:
    clock = Clock()
    with RawServer(page([])) as server:
        asking = client(server, clock)
        for _ in range(70):
            asking.list_pipelines()
        assert clock.slept == []
        asking.list_pipelines()
        assert clock.slept == [63.0]


def test_the_last_requests_are_kept_for_people() -> None:
    clock = Clock()
    with RawServer(*[page([])] * 70, WHOLE) as server:
        asking = client(server, clock)
        for _ in range(70):
            asking.list_pipelines()
        for _ in range(20):
            asking.get_pipeline(6590)
        with pytest.raises(RateLimited) as caught:
            asking.run_pipeline(6590)
    assert caught.value.retry_after == 63.0
    assert caught.value.sentence == "Hevo allows 100 requests a minute and they are used up."
    assert clock.slept == []


def test_a_list_does_not_wait_beyond_its_deadline() -> None:
    clock = Clock()
    with RawServer(answer("", "429 Too Many", "Retry-After: 200"), page([])) as server:
        asking = client(server, clock)
        for _ in range(2):
            with pytest.raises(RateLimited):
                asking.list_pipelines()
    assert (clock.slept, len(server.asked)) == ([], 1)


def test_each_attempt_counts() -> None:
    with RawServer(*[DOWN] * 6, WHOLE) as server:
        asking = client(server, requests_per_minute=10)  # 9 requests, of which 2 are retries
        for _ in range(7):
            with suppress(Unavailable):
                asking.get_pipeline(6590)
        with pytest.raises(RateLimited):
            asking.get_pipeline(6590)
    assert len(server.asked) == 9


def test_who_is_last_in_line_comes_again_and_only_a_person_left_waiting_is_worth_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with RawServer(page([])) as server:
        asking = client(server, requests_per_minute=10)  # 9 requests, of which 5 are for whoever is last in line
        for _ in range(5):
            asking.list_objects(1, priority="rest")
        with pytest.raises(RateLimited):
            asking.list_objects(1, priority="rest")
        assert caplog.messages == []
        for _ in range(4):
            asking.list_objects(1)
        with pytest.raises(RateLimited) as caught:
            asking.list_objects(1)
    [line] = caplog.messages
    assert caught.value.reference in line


def test_thirty_threads_share_one_budget() -> None:
    with RawServer(WHOLE) as server:
        asking = client(server)

        def ask() -> int:
            try:
                return asking.get_pipeline(6590) == EXPECTED
            except RateLimited:
                return 0

        with ThreadPoolExecutor(30) as threads:
            answered = [threads.submit(ask) for _ in range(150)]
        assert sum(each.result() for each in answered) == 90
    assert len(server.asked) == 90


def test_another_account_has_a_budget_of_its_own() -> None:
    clock = Clock()
    with RawServer(answer("", "429 Too Many"), WHOLE) as server:
        with pytest.raises(RateLimited):
            client(server, clock).get_pipeline(1)
        other = HevoClient("another-key", SECRET, base_url=server.url, clock=clock, sleep=clock.sleep)
        assert other.get_pipeline(6590) == EXPECTED


# Whole lists


def test_a_list_is_all_its_pages_in_order() -> None:
    counts: list[int] = []
    with RawServer(page([{"id": 1}, {"id": "2"}], "a&b/ü"), page([{"id": 3}])) as server:
        pipelines = client(server).list_pipelines(counts.append)
    assert [each.id for each in pipelines] == ["1", "2", "3"]
    assert counts == [2, 3]
    assert [asked.path.split("?")[1] for asked in server.asked] == [
        "limit=100",
        "limit=100&starting_after=a%26b%2F%C3%BC",
    ]


LAST_PAGES = {
    "no pagination": {"data": [{"id": 2}]},
    "null pagination": {"data": [{"id": 2}], "pagination": None},
    "a null cursor": {"data": [{"id": 2}], "pagination": {"starting_after": None, "count": 1}},
    "an empty cursor": {"data": [{"id": 2}], "pagination": {"starting_after": ""}},
    "no cursor": {"data": [{"id": 2}], "pagination": {}},
}


@pytest.mark.parametrize("last", LAST_PAGES.values(), ids=LAST_PAGES.keys())
def test_the_last_page_is_known_by(last: dict[str, Any]) -> None:
    with RawServer(page([{"id": 1}], 77), said(last)) as server:
        assert len(client(server).list_pipelines()) == 2
    assert server.asked[1].path.endswith("starting_after=77")


def test_nothing_to_return_is_an_empty_list() -> None:
    with RawServer(answer("", "204 No Content")) as server:
        assert client(server).list_pipelines() == []


BAD_PAGES = {
    "no data": {"items": []},
    "null data": {"data": None},
    "an object as data": {"data": {}},
    "an item that is none": {"data": [{"id": 1}, 7]},
    "an error": {"error": "oh"},
    "a pagination that is none": {"data": [], "pagination": "next"},
    "a cursor that is none": {"data": [], "pagination": {"starting_after": {"a": 1}}},
    "a cursor that is true": {"data": [], "pagination": {"starting_after": True}},
    "an enormous cursor": {"data": [], "pagination": {"starting_after": "x" * 5000}},
    "zero as pagination": {"data": [], "pagination": 0},
}


@pytest.mark.parametrize("bad", BAD_PAGES.values(), ids=BAD_PAGES.keys())
def test_a_list_is_never_shorter_because_of(bad: dict[str, Any]) -> None:
    with RawServer(page([{"id": 1}], "next"), said(bad)) as server, pytest.raises(UnreadableAnswer):
        client(server).list_pipelines()
    assert len(server.asked) == 4


@pytest.mark.parametrize("call", ["list_pipelines", "list_destinations"])
def test_a_page_that_stays_away_takes_the_list_with_it(call: str) -> None:
    with RawServer(page([{"id": 1}], "next"), DOWN) as server, pytest.raises(Unavailable):
        getattr(client(server), call)()


def test_what_comes_twice_is_listed_once_and_what_has_no_id_is_kept() -> None:
    items = [{"id": 1}, {"id": "1"}, {"source": {"name": "A"}}, {"source": {"name": "A"}}]
    with RawServer(page(items, "next"), page([{"id": 1}, {"id": 2}])) as server:
        assert [each.id for each in client(server).list_pipelines()] == ["1", "", "", "2"]


def test_a_cursor_that_repeats_is_an_error() -> None:
    pages = page([{"id": 1}], "a"), page([{"id": 2}], "b"), page([{"id": 3}], "a")
    with RawServer(*pages) as server, pytest.raises(UnreadableAnswer, match="without an end"):
        client(server).list_pipelines()
    assert len(server.asked) == 3


@pytest.mark.parametrize("items", [[], [{"id": 1}]])
def test_pages_that_bring_nothing_new_for_ever_are_an_error(items: list[Any]) -> None:
    with RawServer(*[page(items, f"cursor-{n}") for n in range(20)]) as server, pytest.raises(UnreadableAnswer):
        client(server).list_pipelines()
    assert len(server.asked) <= 6


def test_a_single_empty_page_does_not_end_a_list() -> None:
    with RawServer(page([{"id": 1}], "a"), page([], "b"), page([{"id": 2}])) as server:
        assert len(client(server).list_pipelines()) == 2


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "410 Gone"])
def test_a_cursor_that_dies_midway_starts_the_list_once_more(status: str) -> None:
    died = answer("", status)
    with RawServer(page([{"id": 1}], "a"), died, page([{"id": 1}], "b"), page([{"id": 2}])) as server:
        assert [each.id for each in client(server).list_pipelines()] == ["1", "2"]
    with RawServer(page([{"id": 1}], "a"), died, page([{"id": 1}], "b"), died) as server:
        with pytest.raises((InvalidRequest, NotFound)):
            client(server).list_pipelines()
        assert len(server.asked) == 4


def test_a_list_that_cannot_begin_does_not_begin_twice() -> None:
    with RawServer(answer("", "404 Not Found")) as server, pytest.raises(NotFound):
        client(server).list_pipelines()
    assert len(server.asked) == 1


def test_a_list_gives_up_after_its_two_minutes() -> None:
    clock = Clock()

    def slowly(visit: Any) -> None:
        clock.now += 15
        visit.send(page([{"id": len(server.asked)}], f"after-{len(server.asked)}"))

    with RawServer(slowly) as server, pytest.raises((Unavailable, RateLimited)):
        client(server, clock).list_pipelines()
    assert len(server.asked) == 8


def test_a_page_has_less_time_than_its_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hevo_api.client.PAGE_DEADLINE", 0.3)
    pages: tuple[Reply, Reply] = page([{"id": 1}], "a"), lambda visit: visit.hang()
    with RawServer(*pages) as server, Stopwatch() as watch, pytest.raises(Unavailable):
        client(server).list_pipelines()
    assert 0.25 < watch.seconds < 2


def test_pages_are_asked_for_only_when_they_are_needed() -> None:
    with RawServer(page([{"id": 1}, {"id": 2}], "a"), page([{"id": 3}])) as server:
        pipelines = client(server).iter_pipelines()
        assert [next(pipelines).id, next(pipelines).id] == ["1", "2"]
        assert len(server.asked) == 1
        assert [each.id for each in pipelines] == ["3"]


# The other calls


def test_a_single_object_comes_in_an_envelope_or_bare() -> None:
    with RawServer(said({"data": PIPELINE}), said(PIPELINE), said({"data": {}})) as server:
        asking = client(server)
        assert asking.get_pipeline(6590) == asking.get_pipeline(6590) == EXPECTED
        assert asking.get_pipeline(6590).health_status is None


def test_a_position_is_text_or_none() -> None:
    without_log = said({"error": {"message": "Position is for log-based sources"}}, "400 Bad Request")
    bare = said({"display_position": "later"})
    with RawServer(said({"data": {"display_position": "Feb 28"}}), bare, without_log) as server:
        asking = client(server)
        assert [asking.get_position(1) for _ in range(3)] == ["Feb 28", "later", None]


def test_a_schedule_has_its_value_under_either_name() -> None:
    with RawServer(said({"type": "FREQUENCY", "frequency": 30}), said({"data": {"schedule": "0 5 * * *"}})) as server:
        asking = client(server)
        assert (asking.get_schedule(1).type, asking.get_schedule(1).value) == ("FREQUENCY", "0 5 * * *")


def test_objects_and_destinations_are_lists() -> None:
    orders = {"name": "orders", "status": "ACTIVE", "last_run_ts": 1_700_000_000_123}
    with RawServer(page([orders], "a"), page([{"name": "items"}]), page([{"id": 12, "type": "S3"}])) as server:
        asking = client(server)
        first, second = asking.list_objects("6590")
        assert (first.name, first.last_run) == ("orders", datetime(2023, 11, 14, 22, 13, 20, 123000, UTC))
        assert second.last_run is None
        assert asking.list_destinations()[0].type == "S3"
    assert server.asked[0].path == "/api/public/v2.0/pipelines/6590/objects?limit=100"


def test_hevos_own_page_of_a_pipeline() -> None:
    assert HevoClient(KEY, SECRET, region="eu").pipeline_page(6590) == "https://eu.hevodata.com/pipeline/6590/overview"
    assert HevoClient(KEY, SECRET, region="eu").pipeline_page("../x") is None
    assert HevoClient(KEY, SECRET, base_url="http://127.0.0.1:1").pipeline_page(6590) is None


# What is given to it


@pytest.mark.parametrize("key", ["", "a:b", "a\nb", "ключ", "a\x7f", None, b"bytes", 7])
def test_a_key_that_cannot_be_sent_is_refused_untold(key: Any) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        HevoClient(key, SECRET)
    assert not key or str(key) not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "tab\there", "geheim\u00fc", "end\n", None])
def test_a_secret_that_cannot_be_sent_is_refused_untold(secret: Any) -> None:
    with pytest.raises(ValueError, match="API secret") as caught:
        HevoClient(KEY, secret)
    assert not secret or secret.strip() not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://us.hevodata.com",
        "https://hevodata.com",
        "https://a.b.hevodata.com",
        "https://us.hevodata.com.evil.example",
        "https://evilhevodata.com",
        "https://user:pass@us.hevodata.com",
        "https://us.hevodata.com\\@evil.example",
        "https://us.hevodata.com:8443",
        "https://us.hevodata.com/?a=b",
        "https://us.hevodata.com/#a",
        "https://us.hevodata.com\n",
        "https://127.0.0.1",
        "http://127.0.0.1.evil.example",
        "http://127.999.0.1",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://[::2]",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "ftp://localhost",
        "",
        "us.hevodata.com",
    ],
)
def test_the_key_is_sent_to_no_other_address(url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        HevoClient(KEY, SECRET, base_url=url)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("https://us2.hevodata.com", "https://us2.hevodata.com/api/public/v2.0"),
        ("https://us-gcp.hevodata.com/", "https://us-gcp.hevodata.com/api/public/v2.0"),
        ("https://us.hevodata.com/api/public/v2.0/", "https://us.hevodata.com/api/public/v2.0"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765/api/public/v2.0"),
        ("http://127.8.9.10/x/", "http://127.8.9.10/x"),
        ("http://localhost:1/x", "http://localhost:1/x"),
        ("http://[::1]:1", "http://[::1]:1/api/public/v2.0"),
    ],
)
def test_an_address_without_a_path_gets_the_usual_one(url: str, whole: str) -> None:
    assert HevoClient(KEY, SECRET, base_url=url).base_url == whole


def test_a_region_is_one_of_those_known() -> None:
    assert {HevoClient(KEY, SECRET, region=region).base_url for region in REGIONS} == set(REGIONS.values())
    with pytest.raises(ValueError, match="region"):
        HevoClient(KEY, SECRET, region="mars")


@pytest.mark.parametrize(
    "options",
    [
        {"deadline": 0},
        {"deadline": float("nan")},
        {"deadline": float("inf")},
        {"requests_per_minute": 0},
        {"requests_per_minute": 1.5},
        {"proxy": "socks5://a"},
        {"proxy": ""},
        {"ca_bundle": "/nowhere"},
    ],
)
def test_settings_that_cannot_be_right_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must|no CA bundle"):
        HevoClient(KEY, SECRET, **options)


@pytest.mark.parametrize("pipeline_id", ["", "a/b", "../1", "1?x", "1 ", "1\n", "%31", "é", "x" * 65, True, None, "١"])
def test_an_id_that_is_none_never_reaches_the_network(pipeline_id: Any) -> None:
    asking = HevoClient(KEY, SECRET, base_url=f"http://127.0.0.1:{free_port()}")
    calls = [asking.get_pipeline, asking.run_pipeline, asking.list_objects, asking.get_schedule, asking.get_position]
    for call in calls:
        with pytest.raises(ValueError, match="id of a pipeline"):
            call(pipeline_id)


def test_what_can_be_an_id() -> None:
    assert all(map(is_valid_id, ["6590", "a-B_9", "x" * 64]))


# No secret anywhere


ECHO = f"Basic {TOKEN} {KEY} {SECRET}"


@pytest.mark.parametrize(
    "reply",
    [
        said({"message": ECHO}, "401 Unauthorized"),
        said({"error": {"message": ECHO}}, "403 Forbidden"),
        answer(json.dumps({"message": ECHO}).replace("s", "\\u0073"), "400 Bad"),
        answer(ECHO, "500 Oh"),
        answer("", f"404 {ECHO}"),
        answer("[" + ECHO, "200 OK", "Content-Encoding: gzip"),
        f"HTTP/1.1 400 Bad\r\n{ECHO}\r\nContent-Length: 0\r\n\r\n".encode(),
        f"HTTP/1.1 400 Bad\r\n {ECHO}\r\nContent-Length: {ECHO}\r\nRetry-After: {ECHO}\r\n\r\n".encode(),
        answer("", "302 Found", f"Location: http://{KEY}:{SECRET}@127.0.0.1/"),
        f"{ECHO}\r\n\r\n".encode(),
        answer(ECHO, "200 OK", "Content-Length: 9999"),
        said({"message": f"{LIMIT} {ECHO}"}, "429 Too Many"),
    ],
)
@pytest.mark.parametrize("call", ["get_pipeline", "run_pipeline"])
def test_what_hevo_echoes_of_our_key_goes_nowhere(reply: bytes, call: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RawServer(lambda visit: visit.send(reply).close()) as server, pytest.raises(HevoError) as caught:
        getattr(client(server), call)(1)
    told = _all_that_is_told(caught.value) + caplog.text
    for secret in (KEY, SECRET, TOKEN):
        assert secret not in told
    assert caught.value.reference in caplog.text


def _all_that_is_told(error: BaseException | None) -> str:
    """An error's text, attributes and traceback, and those of every error behind it."""
    if error is None:
        return ""
    mine = f"{error!s} {error!r} {vars(error)!r} {error.args!r}" + "".join(traceback.format_exception(error))
    return mine + _all_that_is_told(error.__cause__) + _all_that_is_told(error.__context__)


@pytest.mark.parametrize(
    "secret", ['quo"te\\back', "per%cent/and:colon", "x y  z"], ids=["JSON escapes it", "a URL escapes it", "spaces"]
)
def test_a_secret_is_hidden_however_it_is_written(secret: str) -> None:
    for written in (secret, json.dumps(secret), quote(secret, safe="")):
        with RawServer(answer(f"not JSON {written}", "400 Bad")) as server, pytest.raises(InvalidRequest) as caught:
            HevoClient("k", secret, base_url=server.url, clock=Clock()).get_pipeline(1)
        assert caught.value.detail.replace('"', "") == "not JSON •••"


def test_no_error_has_another_one_of_requests_behind_it() -> None:
    asking = HevoClient(KEY, SECRET, base_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable) as caught:
        asking.run_pipeline(1)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_client_neither_shows_nor_gives_away_its_key() -> None:
    asking = HevoClient(KEY, SECRET)
    assert KEY not in repr(asking) + asking.fingerprint
    for give_away in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a secret"):
            give_away(asking)


def test_an_error_survives_pickling() -> None:
    error = RateLimited("why", status=429, retry_after=7.0)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (str(again), again.status, again.retry_after) == (str(error), 429, 7.0)


def test_the_fingerprint_tells_accounts_apart() -> None:
    prints = [HevoClient(key, SECRET, region).fingerprint for key in ("a", "b") for region in ("us", "eu")]
    assert len(set(prints)) == 4
    assert all(len(each) == 16 for each in prints)


def test_the_log_tells_method_path_status_time_and_attempt(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "hevo_api")
    with RawServer(DOWN, page([], "cursor-77"), page([])) as server:
        client(server).list_pipelines()
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.DEBUG]
    assert lines[0].startswith("GET /pipelines: 503 in 0.")
    assert lines[1].endswith("attempt 2")
    assert "cursor-77" not in caplog.text


def test_an_errors_text_is_short_and_of_one_line() -> None:
    reply = answer("line\r\n\x1b[31mline\u2028" + "x" * 9999, "400 Bad")
    with RawServer(reply) as server, pytest.raises(InvalidRequest) as caught:
        client(server).get_pipeline(1)
    assert len(caught.value.detail) == 300
    assert caught.value.detail.isprintable()


def test_half_letters_are_made_whole() -> None:
    body = '{"data": {"id": "1\\uD800", "source": {"name": "a\\ud83d\\ude00b\\udc00"}}}'
    with RawServer(answer(body), answer(body.replace("data", "message"), "400 Bad")) as server:
        pipeline = client(server).get_pipeline(1)
        assert (pipeline.id, pipeline.label) == ("1?", "a😀b?")
        assert str(pipeline.raw).encode()


def test_many_threads_get_their_own_answers() -> None:
    def echo(visit: Any) -> None:
        visit.send(said({"data": {"id": visit.asked.path.rsplit("/")[-1]}}))

    usual = sys.getswitchinterval()
    with RawServer(echo) as server, ThreadPoolExecutor(30) as threads:
        asking = client(server, requests_per_minute=10_000)
        sys.setswitchinterval(1e-6)  # from thread to thread far more often: what they should not share shows
        try:
            assert [each.id for each in threads.map(asking.get_pipeline, range(300))] == [str(n) for n in range(300)]
        finally:
            sys.setswitchinterval(usual)
    assert threading.active_count() < 40


def test_no_attribute_of_a_client_holds_a_readable_secret() -> None:
    client = HevoClient("key-of-nobody", "secret-of-nobody", base_url="http://127.0.0.1:9")
    seen, left = set[int](), [client]
    told: list[str] = []
    while left:
        thing = left.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        told.append(repr(thing))
        left += list(getattr(thing, "__dict__", {}).values())
    assert len(told) > 5
    assert not any("nobody" in text or "a2V5LW9mLW5vYm9keT" in text for text in told)
