"""Reading answers: any bytes are a value or an error, and nothing in between."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevo_api import HevoError, InvalidRequest, RateLimited, UnreadableAnswer
from hevo_api.answers import Answer, accepted_in, object_in, page_in, position_in, retry_after, said_in

KEYS = st.sampled_from(["data", "pagination", "starting_after", "message", "error", "id", "display_position"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
STATUSES = st.sampled_from([101, 200, 201, 204, 302, 400, 401, 403, 404, 408, 409, 429, 500, 503, 599, 999])
READERS = (page_in, accepted_in, position_in, said_in, lambda answer: object_in(answer, {"id"}))


def answered(body: bytes | str, status: int = 200, **headers: str) -> Answer:
    return Answer(status, "Reason", headers, body.encode() if isinstance(body, str) else body)


@given(body=st.binary() | JSON.map(json.dumps) | JSON.map(lambda value: json.dumps({"data": value})), status=STATUSES)
def test_any_answer_is_a_value_or_an_error(body: bytes | str, status: int) -> None:
    for read in READERS:
        with suppress(HevoError):
            read(answered(body, status))


@given(items=st.lists(st.dictionaries(st.text(), st.integers() | st.text())), cursor=st.none() | st.text(max_size=99))
def test_a_page_is_read_as_it_was_written(items: list[dict[str, object]], cursor: str | None) -> None:
    read, following = page_in(answered(json.dumps({"data": items, "pagination": {"starting_after": cursor}})))
    assert read == json.loads(json.dumps(items).encode("utf-16", "surrogatepass").decode("utf-16"))
    assert following == (cursor or None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"message": "a", "error": "b"}', "a"),
        ('{"error": "b"}', "b"),
        ('{"error": {"message": "c", "code": 7}}', "c"),
        ('{"message": "", "error": "b"}', "b"),
        ('{"message": {"no": "text"}}', "Reason"),
        ("plain text", "plain text"),
        ("", "Reason"),
        ("{}", "Reason"),
        ('{"broken', '{"broken'),
        ("[" * 100_000, "[" * 65_536),
    ],
)
def test_the_message_of_an_error(body: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        said_in(answered(body, 400))
    assert caught.value.detail == message


@pytest.mark.parametrize("body", ['{"data": [{}, {"a": 1e999}]}', '{"data": [{"a": "\\ud800"}], "pagination": null}'])
def test_odd_but_legal_json_is_read(body: str) -> None:
    assert page_in(answered(body))[0]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "7",
        "null",
        '"x"',
        "{}",
        '{"data": NaN}',
        '{"data": [1]}',
        "\ufeff{}",
        '{"data": []} {}',
        "{'data': []}",
    ],
)
def test_what_is_no_page_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableAnswer) as caught:
        page_in(answered(body))
    assert caught.value.status == 200


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5", "soon", "1, 2", "１２", "0x10", "9" * 10, "Fri", "(", "1 Jan", "x" * 999]
)
def test_a_malformed_delay_is_none(text: str) -> None:
    assert retry_after({"Retry-After": text}) is None


@given(st.text() | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [A-Z+-]\w+"))
def test_any_delay_is_a_bounded_number_or_none(text: str) -> None:
    assert 0 <= (retry_after({"Retry-After": text}) or 0) <= 300


def test_a_delay_is_in_seconds_or_until_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=100)
    assert retry_after({"Retry-After": "0"}) == 0
    assert retry_after({"Retry-After": " 17 "}) == 17
    assert retry_after({"Retry-After": "999999999"}) == 300
    assert 98 < (retry_after({"Retry-After": format_datetime(soon, usegmt=True)}) or 0) <= 100
    assert retry_after({"Retry-After": format_datetime(soon - timedelta(days=1), usegmt=True)}) is None
    assert retry_after({"Retry-After": format_datetime(soon + timedelta(days=1), usegmt=True)}) == 300
    assert retry_after({}) is None


@pytest.mark.parametrize("status", [200, 400, 403, 500, 302])
def test_the_words_of_the_limit_outweigh_any_status(status: int) -> None:
    for body in ("request RATE limit exceeded.", '{"error": {"message": "Request rate limit exceeded"}}'):
        with pytest.raises(RateLimited):
            object_in(answered(body, status), {"error"})
