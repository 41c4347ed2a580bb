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
MAX_PLAIN_TEXT = 64 * 1024
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
    """A part of a list, and the cursor of the next part, if there is one: absent, null and empty are none.

    `{"data": [...], "pagination": {"starting_after": "..."}}`; the last page has no cursor [doc].
    """
    payload = said_in(answer)
    if answer.status == 204:
        return [], None
    items = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableAnswer("`data` is not a list of objects", status=answer.status)
    pagination = payload.get("pagination")
    cursor = pagination.get("starting_after") if isinstance(pagination, dict) else pagination
    if cursor is None:
        return items, None
    if not isinstance(pagination, dict) or type(cursor) not in (int, str) or len(str(cursor)) > MAX_CURSOR:
        raise UnreadableAnswer("`pagination` is not what it should be", status=answer.status)
    return items, str(cursor) or None


def object_in(answer: Answer, known: Collection[str]) -> dict[str, Any]:
    """One object, as `{"data": {...}}` or bare [code]; a bare one must have a field that we know."""
    payload = said_in(answer)
    inner = payload.get("data", payload) if isinstance(payload, dict) else None
    if not isinstance(inner, dict) or (inner is payload and not any(key in payload for key in known)):
        raise UnreadableAnswer("not the object that we asked for", status=answer.status)
    return inner


def accepted_in(answer: Answer) -> int:
    """The 2xx status that accepted a run; the body is not documented, but a web page is not Hevo's [guess]."""
    if said_in(answer) is None and answer.body.lstrip().startswith(b"<"):
        raise UnreadableAnswer("a web page", status=answer.status)
    return answer.status


def position_in(answer: Answer) -> str | None:
    """`{"data": {"display_position": "..."}}`; 400 where the source has no log [doc]."""
    try:
        said = {} if answer.status == 204 else object_in(answer, {"display_position"})
    except errors.InvalidRequest:
        if answer.status != 400:
            raise
        return None
    position = said.get("display_position")
    return position if isinstance(position, str) else None


def said_in(answer: Answer) -> Any:
    """What the JSON of a 2xx says, None where it is none; raises what any other status means.

    The words of the rate limit outweigh every status, if they are the message: as a pipeline's name they are none.
    """
    is_good = 200 <= answer.status < 300
    try:
        text = answer.body.decode("utf-8", "strict" if is_good else "replace")
    except UnicodeDecodeError:
        raise UnreadableAnswer("not UTF-8", status=answer.status) from None
    value = _json(text)
    message = _message(value, text) or ("" if is_good else answer.reason)
    if LIMIT_WORDS in message.lower():
        kind: type[HevoError] = RateLimited
    elif is_good:
        return value
    else:
        kind = ERRORS.get(answer.status, UnreadableAnswer)
    raise kind(message, status=answer.status, retry_after=retry_after(answer.headers))


def is_worth_another_try(error: HevoError) -> bool:
    """True for what may be better in a moment: no answer, a broken or unreadable one, 408 and most 5xx."""
    if isinstance(error, Unavailable):
        return error.status is None or error.status in WORTH_ANOTHER_TRY
    return isinstance(error, UnreadableAnswer) and (error.status is None or error.status < 300)


def is_unclear(error: HevoError) -> bool:
    """True when what was asked may have been done in spite of this error."""
    return error.sent if isinstance(error, Unavailable) else is_worth_another_try(error)


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
    """What went wrong, in Hevo's words: `message`, else `error` (text, or an object with `message`), else plain text.

    The shape is not documented.
    """
    if not isinstance(payload, dict):
        return text[:MAX_PLAIN_TEXT].strip()
    error = payload.get("error")
    candidates = (payload.get("message"), error, error.get("message") if isinstance(error, dict) else None)
    return next((each for each in candidates if isinstance(each, str) and each.strip()), "")
