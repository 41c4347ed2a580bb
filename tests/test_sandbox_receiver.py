"""The receiver takes webhooks, checks who signed them, and fails to order."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests

from sandbox import Receiver

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests").decode()
EVENT = json.dumps({"type": "pipeline.failed", "timestamp": "2026-11-21T02:10:00Z", "data": {"word": "failed – é"}})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(SECRET) as running:
        yield running


def signature(secret: str, event_id: str, timestamp: str, body: str) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def post(receiver: Receiver, body: str = EVENT, event_id: str = "msg_1", **headers: str) -> requests.Response:
    """Post an event, signed unless the headers say otherwise."""
    told = {"webhook-id": event_id, "webhook-timestamp": "1790000000"}
    told["webhook-signature"] = signature(SECRET, event_id, "1790000000", body)
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(receiver.url, body.encode(), headers=told, timeout=5)


def test_it_keeps_what_is_posted_wherever_it_is_posted(receiver: Receiver) -> None:
    assert post(receiver).status_code == 204
    assert requests.post(f"{receiver.address}/any/where?at=all", b"{}", timeout=5).status_code == 204
    first, second = receiver.received
    assert (first.type, first.id, first.body, first.verified) == ("pipeline.failed", "msg_1", EVENT, True)
    assert (second.type, second.id, second.path, second.verified) == ("", "", "/any/where", False)


def test_the_list_tells_headers_and_bodies(receiver: Receiver) -> None:
    post(receiver)
    [event] = requests.get(f"{receiver.address}/received", timeout=5).json()
    assert event["body"] == EVENT
    assert event["headers"]["webhook-id"] == "msg_1"
    assert event["verified"] is True


def test_the_signature_is_the_one_of_the_standards_own_example() -> None:
    example = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,bm9ldHU5 v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    with Receiver("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") as receiver:
        requests.post(receiver.url, b'{"test": 2432232314}', headers=example, timeout=5)
        requests.post(receiver.url, b'{"test": 2432232315}', headers=example, timeout=5)
    assert [event.verified for event in receiver.received] == [True, False]


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook_id": "msg_2"},
        {"webhook_timestamp": "1790000001"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,"},
        {"webhook_signature": signature(SECRET, "msg_1", "1790000000", EVENT).replace("v1", "v2")},
        {"webhook_signature": signature("whsec_b3RoZXI=", "msg_1", "1790000000", EVENT)},
    ],
)
def test_what_was_not_signed_with_the_secret_is_kept_and_marked(receiver: Receiver, headers: dict[str, str]) -> None:
    assert post(receiver, **headers).status_code == 204
    assert [event.verified for event in receiver.received] == [False]


def test_without_a_secret_nothing_is_said_about_signatures() -> None:
    with Receiver() as receiver:
        post(receiver)
    assert receiver.received[0].verified is None
    assert str(receiver.received[0]).endswith("pipeline.failed  msg_1  not checked")


@pytest.mark.parametrize("secret", ["", "secret", "whsec_", "whsec_not base64", "whsec_é", "sk_c2VjcmV0"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and then base64"):
        Receiver(secret)


@pytest.mark.parametrize("body", ["", "[]", "7", "{", '{"type": "\\u001b[31mred\\n"}', json.dumps({"type": "x" * 999})])
def test_a_line_never_steers_the_terminal(receiver: Receiver, body: str) -> None:
    post(receiver, body)
    line = str(receiver.received[0])
    assert line.isprintable()
    assert len(line) < 200
    assert line.endswith("msg_1  verified")


def test_it_refuses_hangs_and_breaks_to_order_and_comes_back(receiver: Receiver) -> None:
    orders: list[dict[str, Any]] = [{"kind": "status", "status": 500}, {"kind": "hang"}, {"kind": "reset"}]
    for order in orders:
        receiver.faults.order(times=1, **order)
        with suppress(requests.RequestException):
            requests.post(receiver.url, EVENT.encode(), timeout=0.2).raise_for_status()
        assert receiver.received == []
    assert requests.get(f"{receiver.address}/received", timeout=5).json() == []
    receiver.faults.order("delay", seconds=0.01, times=1)
    assert post(receiver).status_code == 204
    assert len(receiver.received) == 1


def test_an_event_can_be_kept_though_its_answer_is_an_error(receiver: Receiver) -> None:
    receiver.faults.order("status", status=500, times=1, acts=True)
    assert [post(receiver).status_code for _ in range(2)] == [500, 204]
    assert [event.id for event in receiver.received] == ["msg_1", "msg_1"]
