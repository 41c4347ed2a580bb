"""How a letter reaches an address: signed over HTTP after Standard Webhooks, or as a line for people by Apprise."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.client import HTTPException
from itertools import islice
from typing import Any, NamedTuple

from requests import Request
from urllib3 import Timeout

from hevo_api.sockets import TimedAdapter
from monitor.store.outbox import Letter
from monitor.webhooks.hooks import Hook

CONNECT, SECONDS = 3.05, 10.0  # for connecting, and for all of an exchange
PIECES, PIECE = 8, 8 * 1024  # of so many bytes, that are read of an answer: nobody needs them, the connection does
LINES = 20  # in one message to people
AGENT = "hevo-dashboard"
_HARMLESS = str.maketrans({"<": "‹", ">": "›", "@": "@\u200b"})


class Result(NamedTuple):
    """How one attempt ended: `said` is None where the letter was taken, else why not. `is_dead`: nobody answered."""

    letter: Letter
    said: str | None
    is_dead: bool = False


def deliver(hook: Hook, letters: Sequence[Letter]) -> Iterator[Result]:
    """Tries each letter once, in order; the caller may stop."""
    if hook.key is None:
        yield from _by_apprise(hook, letters)
        return
    with closing(TimedAdapter()) as adapter:  # one connection for all; one that was kept until now may be stale
        for letter in letters:
            yield _post(adapter, hook, letter)


def _post(adapter: TimedAdapter, hook: Hook, letter: Letter) -> Result:
    now = int(time.time())
    signed = hmac.digest(hook.key or b"", f"{letter.id}.{now}.{letter.body}".encode(), "sha256")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": letter.id,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
    request = Request("POST", hook.address, headers, data=letter.body.encode()).prepare()
    timeout: Any = Timeout(total=SECONDS, connect=CONNECT)
    try:
        with adapter.send(request, stream=True, timeout=timeout) as response:  # an adapter follows no redirect
            for _ in islice(response.iter_content(PIECE), PIECES):
                pass
            is_taken = 200 <= response.status_code < 300
            return Result(letter, None if is_taken else f"answered {response.status_code}")
    except (OSError, ValueError, HTTPException) as error:  # those of requests are OSErrors; what they say is not told
        is_late = any("imeout" in type(each).__name__ for each in (error, *error.args))
        return Result(letter, "did not answer in time" if is_late else "could not be reached", is_dead=True)


def _by_apprise(hook: Hook, letters: Sequence[Letter]) -> Iterator[Result]:
    """All at once, a line each: whoever reads it wants one message and not twenty."""
    import apprise  # large, and only for those who use it

    news = [json.loads(letter.body)["data"] for letter in letters]
    lines = []
    for each in news[:LINES]:  # names come from outside: nothing in them calls anybody or leads anywhere
        sentence = each["sentence"].translate(_HARMLESS).replace("://", ":\u200b//")
        lines.append(f"{sentence} {each['link']}" if each["link"] else sentence)
    more = [f"And {len(news) - LINES} more."] if len(news) > LINES else []
    messenger = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    messenger.add(hook.address)
    try:
        is_sent = bool(messenger.notify(body="\n".join([*lines, *more]), body_format=apprise.NotifyFormat.TEXT))
    except Exception:  # noqa: BLE001 - a hundred services, written by as many people; what one says is not told
        is_sent = False
    for letter in letters:
        yield Result(letter, None if is_sent else "could not be told", is_dead=not is_sent)
