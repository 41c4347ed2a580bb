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

from hevo_api.errors import (
    HevoError,
    InvalidRequest,
    KeyNotAccepted,
    NotFound,
    NotPermitted,
    RateLimited,
    Unavailable,
    UnreadableAnswer,
)

LIMIT_WORDS = "request rate limit exceeded"  # [doc]
WORTH_ANOTHER_TRY = {408, 500, 502, 503, 504}
MAX_VALUES = 1_000_000  # a small text of many empty objects would fill the memory
MAX_CURSOR = 4096
MAX_PLAIN_TEXT = 1000
LONGEST_RETRY_AFTER = 300.0
ERRORS: Mapping[int, type[HevoError]] = {
    401: KeyNotAccepted,
    403: NotPermitted,
    404: NotFound,
}


class Answer(NamedTuple):
    """An HTTP answer that arrived whole; of an error's body perhaps only a part."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes | bytearray


class Page(NamedTuple):
    """A part of a list, and the cursor of the next part, if there is one."""

    items: list[dict[str, Any]]
    cursor: str | None


def page_in(answer: Answer) -> Page:
    """`{"data": [...], "pagination": {"starting_after": "..."}}`; the last page has no cursor [doc]."""
    check(answer)
    if answer.status == 204:
        return Page([], None)
    payload = _payload(answer)
    items = payload.get("data")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableAnswer("`data` is not a list of objects", status=answer.status)
    return Page(items, _cursor(answer, payload.get("pagination")))


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
    text = _text(answer)
    if text.lstrip().startswith("<"):
        raise UnreadableAnswer("a web page", status=answer.status)
    _check_limit(answer, _json(text), text)
    return answer.status


def position_in(answer: Answer) -> str | None:
    """`{"data": {"display_position": "..."}}`; 400 where the source has no log [doc]."""
    if answer.status == 204 or (answer.status == 400 and LIMIT_WORDS not in message_in(answer).lower()):
        return None
    position = object_in(answer, {"display_position"}).get("display_position")
    return position if isinstance(position, str) else None


def check(answer: Answer) -> None:
    """Raises what a status other than 2xx means; the words of the rate limit outweigh any status."""
    status = answer.status
    if 200 <= status < 300:
        return
    message = message_in(answer)
    if status == 429 or LIMIT_WORDS in message.lower():
        kind: type[HevoError] = RateLimited
    elif status == 408 or 500 <= status < 600:
        kind = Unavailable
    else:
        kind = ERRORS.get(status, InvalidRequest if 400 <= status < 500 else UnreadableAnswer)
    raise kind(message, status=status, retry_after=retry_after(answer.headers))


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
    """The JSON object of a 2xx, unless it only says that the rate limit is exceeded."""
    text = _text(answer)
    payload = _json(text)
    _check_limit(answer, payload, text)
    if not isinstance(payload, dict):
        raise UnreadableAnswer("not a JSON object", status=answer.status)
    return payload


def _text(answer: Answer) -> str:
    with suppress(UnicodeDecodeError):
        return answer.body.decode("utf-8")
    raise UnreadableAnswer("not UTF-8", status=answer.status)


def _json(text: str) -> Any:
    """What strict JSON says, or None."""
    if len(text) > MAX_VALUES and sum(map(text.count, "{[,")) > MAX_VALUES:
        return None
    with suppress(ValueError, RecursionError):
        value = json.loads(text, parse_constant=_no_constant)
        return _whole_letters(value) if "\\" in text and re.search(r"\\u[dD]", text) else value
    return None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _whole_letters(value: Any) -> Any:
    r"""Half letters (a lone \ud800) become question marks: they could be written to no file and no screen."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_whole_letters(each) for each in value]
    if isinstance(value, dict):
        return {_whole_letters(key): _whole_letters(each) for key, each in value.items()}
    return value


def _message(payload: Any, text: str) -> str:
    """The shape is not documented: `message`, else `error` (text, or an object with `message`), else plain text."""
    if not isinstance(payload, dict):
        return text
    error = payload.get("error")
    candidates = (payload.get("message"), error, error.get("message") if isinstance(error, dict) else None)
    return next((each for each in candidates if isinstance(each, str) and each.strip()), "")


def _check_limit(answer: Answer, payload: Any, text: str) -> None:
    """A 2xx may be a refusal too, by its message; the same words as a pipeline's name are none."""
    message = _message(payload, text[:MAX_PLAIN_TEXT])
    if LIMIT_WORDS in message.lower():
        raise RateLimited(message, status=answer.status, retry_after=retry_after(answer.headers))


def _cursor(answer: Answer, pagination: object) -> str | None:
    """The next page's cursor; absent, null and empty all mean that there is no next page."""
    cursor = pagination.get("starting_after") if isinstance(pagination, dict) else pagination
    if isinstance(cursor, int) and not isinstance(cursor, bool):
        cursor = str(cursor)
    if cursor is None or (isinstance(cursor, str) and isinstance(pagination, dict) and len(cursor) <= MAX_CURSOR):
        return cursor or None
    raise UnreadableAnswer("`pagination` is not what it should be", status=answer.status)
