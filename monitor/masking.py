"""Keeps secrets out of the log: they are masked where a line is made, so no handler, early or late, sees them."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import threading
from functools import cache
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

MASK = "[secret]"
SHORTEST = 4  # a shorter one would blank out words of the log; no real key is that short
_CREDENTIALS = re.compile(r"\b(Basic|Bearer)(\s+)[A-Za-z0-9+/=_.~-]{8,}", re.IGNORECASE)
_make_record = logging.LogRecord
_write_trace = logging.Formatter().formatException


# What must not be written, for as long as its owner lives: a person's own key is not kept any longer.
_hidden: WeakKeyDictionary[object, frozenset[str]] = WeakKeyDictionary()
_lock = threading.RLock()


def install() -> None:
    """From now on every log line of this process is masked; what nobody caught is logged, not printed bare."""
    logging.setLogRecordFactory(_masked_record)
    sys.excepthook = lambda *raised: _log_uncaught(raised[1])
    threading.excepthook = lambda ended: _log_uncaught(ended.exc_value)


@cache  # the settings are read at each click, and what they hold stays hidden for good
def hide(*secrets: str) -> None:
    """Never write these into the log, nor the forms in which they travel, alone or as 'key:secret'."""
    hide_while(install, *secrets)  # which lives as long as the process


def hide_while(owner: object, *secrets: str) -> None:
    """The same, but only for as long as the owner lives."""
    known = [secret for secret in secrets if secret]
    forms = frozenset().union(*map(_forms, known), _forms(":".join(known)))
    with _lock:
        _hidden[owner] = _hidden.get(owner, frozenset()) | {form for form in forms if len(form) >= SHORTEST}


def masked(text: str) -> str:
    """The text with each hidden secret replaced, and whatever stands in an Authorization header."""
    with _lock:
        hidden = frozenset().union(*_hidden.values())
    for secret in sorted(hidden, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _CREDENTIALS.sub(rf"\1\2{MASK}", text)


def _forms(text: str) -> frozenset[str]:
    """The text as logs may show it: bare, quoted, percent-encoded, or in Base64."""
    sent = text.encode(errors="surrogatepass")  # the environment may hold bytes that are no text
    coded = {encode(sent).decode() for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    written = {text, repr(text)[1:-1], repr(f'"{text}')[2:-1], json.dumps(text)[1:-1], quote(sent, safe="")}
    return frozenset(written | coded | {code.rstrip("=") for code in coded})


def _masked_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A line without secrets stays as it was made; another is written out, with its trace, and masked."""
    record = _make_record(*args, **kwargs)
    try:
        said = record.getMessage()
    except Exception:  # noqa: BLE001 - a line that cannot be put together must not hide what it tells of
        said = f"{record.msg} {record.args}"
    if said != masked(said):
        record.msg, record.args = masked(said), ()
    if record.exc_info and record.exc_info[0] is not None:
        trace = _write_trace(record.exc_info)
        if trace != masked(trace):
            record.exc_text, record.exc_info = masked(trace), None
    record.stack_info = record.stack_info and masked(record.stack_info)
    return record


def _log_uncaught(error: BaseException | None) -> None:
    if not isinstance(error, SystemExit):
        logging.getLogger("dashboard").critical("Nobody caught this", exc_info=error)
