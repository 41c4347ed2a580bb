"""Reading what Hevo answered, without a network: status, headers and bytes in, a value or an error out."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, NoReturn

from hevo_api import errors
from hevo_api.errors import HevoError, RateLimited, Unavailable, UnreadableAnswer

LIMIT_WORDS = "request rate limit exceeded"  # [doc]
WORTH_ANOTHER_TRY = {408, 500, 502, 503, 504}
MAX_VALUES = 1_000_000  # a small text of many empty objects would fill the memory
MAX_CURSOR = 4096
MAX_PLAIN_TEXT = 1000
LONGEST_RETRY_AFTER = 300.0
ERRORS: Mapping[int, type[HevoError]] = {
    **dict.fromkeys(range(400, 500), errors.InvalidRequest),
    **dict.fromkeys(range(500, 600), Unavailable),
    401: errors.KeyNotAccepted,
    403: errors.NotPermitted,
    404: errors.NotFound,
    408: Unavailable,
    429: RateLimited,
}


class Answer(NamedTuple):
    """An HTTP answer that arrived whole; of an error's body perhaps only a part."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes | bytearray


def page_in(answer: Answer) -> tuple[list[dict[str, Any]], str | None]:
    """A part of a list, and the cursor of the next part, if there is one.

    `{"data": [...], "pagination": {"starting_after": "..."}}`; the last page has no cursor [doc].
    """
    check(answer)
    if answer.status == 204:
        return [], None
    payload = _payload(answer)
    items = payload.get("data")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableAnswer("`data` is not a list of objects", status=answer.status)
    return items, _cursor(answer, payload.get("pagination"))


def object_in(answer: Answer, known: Collection[str]) -> dict[str, Any]:
    """One object, as `{"data": {...}}` or bare [code]; a bare one must have a field that we know."""
    check(answer)
    payload = _payload(answer)
    inner = payload.get("data", payload)
    if not isinstance(inner, dict) or (inner is payload and not any(key in payload for key in known)):
        raise UnreadableAnswer("not the object that we asked for", status=answer.status)
    return inner


def accepted_in(answer: Answer) -> int:
    """The 2xx status that accepted a run; the body is not documented, but a web page is not Hevo's [guess]."""
    check(answer)
    if _value(answer) is None and answer.body.lstrip().startswith(b"<"):
        raise UnreadableAnswer("a web page", status=answer.status)
    return answer.status


def position_in(answer: Answer) -> str | None:
    """`{"data": {"display_position": "..."}}`; 400 where the source has no log [doc]."""
    if answer.status == 204 or (answer.status == 400 and LIMIT_WORDS not in message_in(answer).lower()):
        return None
    position = object_in(answer, {"display_position"}).get("display_position")
    return position if isinstance(position, str) else None


def check(answer: Answer) -> None:
    """Raises what a status other than 2xx means; the words of the rate limit outweigh any status."""
    if 200 <= answer.status < 300:
        return
    message = message_in(answer)
    kind = RateLimited if LIMIT_WORDS in message.lower() else ERRORS.get(answer.status, UnreadableAnswer)
    raise kind(message, status=answer.status, retry_after=retry_after(answer.headers))


def is_worth_another_try(error: HevoError) -> bool:
    """True for what may be better in a moment: no answer, a broken or unreadable one, 408 and most 5xx."""
    if isinstance(error, Unavailable):
        return error.status is None or error.status in WORTH_ANOTHER_TRY
    return isinstance(error, UnreadableAnswer) and (error.status is None or error.status < 300)


def is_unclear(error: HevoError) -> bool:
    """True when what was asked may have been done in spite of this error."""
    return error.sent if isinstance(error, Unavailable) else is_worth_another_try(error)


def message_in(answer: Answer) -> str:
    """What went wrong, in Hevo's words: from the body, else the reason phrase."""
    text = bytes(answer.body).decode("utf-8", "replace").strip()
    return _message(_json(text), text) or answer.reason


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that `Retry-After` asks for, as seconds or as a date, at most 300; None for anything else."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), LONGEST_RETRY_AFTER)
    with suppress(ValueError, TypeError, OverflowError, IndexError):
        moment = parsedate_to_datetime(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - time.time()
        return min(seconds, LONGEST_RETRY_AFTER) if seconds > 0 else None
    return None


def _payload(answer: Answer) -> dict[str, Any]:
    """The JSON object of a 2xx."""
    payload = _value(answer)
    if not isinstance(payload, dict):
        raise UnreadableAnswer("not a JSON object", status=answer.status)
    return payload


def _value(answer: Answer) -> Any:
    """What the JSON of a 2xx says, None where it is none.

    A 2xx may be a refusal too, by its message; the same words as a pipeline's name are none.
    """
    try:
        text = answer.body.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableAnswer("not UTF-8", status=answer.status) from None
    value = _json(text)
    message = _message(value, text[:MAX_PLAIN_TEXT])
    if LIMIT_WORDS in message.lower():
        raise RateLimited(message, status=answer.status, retry_after=retry_after(answer.headers))
    return value


def _json(text: str) -> Any:
    r"""What strict JSON says, or None.

    Half letters (a lone \ud800) become question marks: they could be written to no file and no screen.
    """
    if len(text) > MAX_VALUES and sum(map(text.count, "{[,")) > MAX_VALUES:
        return None
    with suppress(ValueError, RecursionError):
        value = json.loads(text, parse_constant=_no_constant)
        if "\\" in text and re.search(r"\\u[dD]", text):
            return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        return value
    return None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _message(payload: Any, text: str) -> str:
    """The shape is not documented: `message`, else `error` (text, or an object with `message`), else plain text."""
    if not isinstance(payload, dict):
        return text
    error = payload.get("error")
    candidates = (payload.get("message"), error, error.get("message") if isinstance(error, dict) else None)
    return next((each for each in candidates if isinstance(each, str) and each.strip()), "")


def _cursor(answer: Answer, pagination: object) -> str | None:
    """The next page's cursor; absent, null and empty all mean that there is no next page."""
    cursor = pagination.get("starting_after") if isinstance(pagination, dict) else pagination
    if isinstance(cursor, int) and not isinstance(cursor, bool):
        cursor = str(cursor)
    if cursor is None or (isinstance(cursor, str) and isinstance(pagination, dict) and len(cursor) <= MAX_CURSOR):
        return cursor or None
    raise UnreadableAnswer("`pagination` is not what it should be", status=answer.status)
