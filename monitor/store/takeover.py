"""What an older version of this project left in the folder: its log of runs is taken over, its snapshot set aside."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hevo_api import HevoError
from monitor.health import Word
from monitor.requests import Outcome, Request, Standing
from monitor.store import accounts, requests
from monitor.store.engines import StoreError, Tx

log = logging.getLogger("monitor.store")
LOG, SNAPSHOTS = "runs.jsonl", "snapshot-*.json"
WRITTEN = {
    "It was asked a moment ago, so nothing more was sent.": "lately",
    "Too many runs are waiting already. Try again when they are done.": "full",
    "The log of runs cannot be written, so nothing is sent.": "unrecorded",
    "Hevo's limit left no room for an hour, so this was not sent.": "no room",
    "Hevo did not answer the runs before this one, so it was not sent.": "no answer",
    "Something went wrong here. We do not know whether Hevo received the request.": "ours",
    "The dashboard stopped before this was sent.": "stopped",
    "The dashboard stopped before Hevo's answer came. We do not know whether Hevo received the request.": "stopped",
    **{kind.sentence: kind.cause for kind in HevoError.__subclasses__()},
}


def take_over(folder: Path, write: Callable[..., Any]) -> None:
    """Both once: what was done has another name afterwards. What cannot be done now is tried at the next start."""
    try:
        for old in folder.glob(SNAPSHOTS):
            old.rename(f"{old}.old")
            log.warning("%s is of an older version. It is set aside.", old)
        path = folder / LOG
        if path.exists():
            found = {(account, request.id): request for account, request in _read(path)}
            write(lambda tx: _keep(tx, found), safely=True)
            path.rename(f"{path}.taken-over")
            log.warning("%s is of an older version. Its %d requests are taken over.", path, len(found))
    except (OSError, StoreError) as error:
        log.error("What an older version left in %s could not be taken over: %s", folder, error)


def _keep(tx: Tx, found: dict[tuple[str, str], Request]) -> None:
    for (name, _), request in found.items():
        account = accounts.account_number(tx, name)
        requests.keep(tx, account, accounts.bump(tx, account), request)


def _read(path: Path) -> Iterator[tuple[str, Request]]:
    """Each line's account and request, in the order of the lines; a line that is none is passed over."""
    with path.open("rb") as file:
        for line in file:
            try:
                told = json.loads(line)
                yield _text(told["account"]), _request(told)
            except (ValueError, TypeError, LookupError, RecursionError):
                continue


def _request(told: dict[str, Any]) -> Request:
    found = {name: read(told[name]) for name, read in READ.items() if told.get(name) is not None}
    request = Request(**{"by": None, **found})
    request = replace(request, id=f"{round(request.asked_at * 1000):013d}-{_text(told['id'])}")  # they are sorted by it
    if told.get("earlier"):
        by, at = told["earlier"]
        request = replace(request, earlier_by=by and _text(by), earlier_at=_number(at))
    ended = request.sent_at or request.asked_at
    if request.standing is Standing.ASKING:
        return request.unclear("stopped", ended)
    return request.refused("left behind", ended) if request.standing is Standing.WAITING else request


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _number(value: Any) -> float:
    """A moment that an integer of milliseconds can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError("no number")
    return max(0.0, min(float(value), 1e11))


READ: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("id", "pipeline_id", "name", "by", "reference"), _text),
    **dict.fromkeys(("asked_at", "sent_at", "answered_at", "retry_at", "outcome_at"), _number),
    "standing": Standing,
    "before": Word,
    "why": WRITTEN.get,
    "status": int,
    "outcome": Outcome,
}
