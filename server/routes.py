"""Answers for machines: whether the dashboard can serve, and its one sentence for other dashboards."""

from __future__ import annotations

import asyncio
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import tzinfo
from functools import partial
from secrets import compare_digest
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard import addresses, connection
from dashboard.addresses import BASE
from dashboard.table import utc
from dashboard.times import Times
from dashboard.words import reports, states
from monitor import incidents
from monitor.access import Access, SettingsError
from monitor.account import COLD_START, Account
from monitor.incidents import Incident
from monitor.now import Now, Row
from monitor.settings import Settings
from server.badge import picture
from server.doors import may_look
from server.feed import feed, last_changes

T = TypeVar("T")
NOT_STORED = {"Cache-Control": "no-store"}
GLANCE = 0.25  # seconds between two glances at whether the first answer has come
THREADS = ThreadPoolExecutor(4, "answers machines")  # of our own: those that serve the pages are never held up


async def _apart(call: Callable[[], T]) -> T:
    """The call's answer, from one of our own threads."""
    return await asyncio.get_running_loop().run_in_executor(THREADS, call)


async def ready(_: Request) -> Response:
    """200 when pages can be served, and whether Hevo answered when it was last asked. Asks and starts nothing."""
    try:
        chosen = connection.settings()
    except SettingsError:
        return JSONResponse({"ready": False, "hevo": "not asked"}, 503, NOT_STORED)
    hevo, account = "not asked", connection.started_account(chosen)
    if account is not None:
        now = await _apart(partial(account.now, watching=False))
        if now.trouble and now.trouble.cause == "down":
            hevo = "not reached"
        elif now.trouble or now.confirmed:
            hevo = "reached"
    return JSONResponse({"ready": True, "hevo": hevo}, headers=NOT_STORED)


Answer = Callable[[Request, Settings, Account, Now], Awaitable[Response]]


def _shown_to(may: Callable[[Request, Access], bool], answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """What only some may have: for anybody else, and while the settings are wrong, it does not exist."""

    async def ask(request: Request) -> Response:
        with suppress(SettingsError):
            chosen = connection.settings()
            if may(request, chosen.access):
                account = await _apart(partial(connection.shared_account, chosen))
                return await answer(request, chosen, account, await _known(account))
        return Response(status_code=404)

    return ask


async def _known(account: Account) -> Now:
    """What is known. Before the first answer no thread waits for it, so that any number may ask while Hevo hangs."""
    until = time.monotonic() + COLD_START
    while True:
        now = await _apart(account.now)
        if now.answered_at or now.trouble or time.monotonic() > until:
            return now
        await asyncio.sleep(GLANCE)


def _may_have_status(request: Request, access: Access) -> bool:
    """With a token set, who sends it; else everybody if the owner says so and there is no sign-in."""
    is_open = access.status_json and access.status_token is None and not access.providers
    return is_open or _has_token(request, access)


def _has_token(request: Request, access: Access) -> bool:
    """The token as a bearer's or, for those who can send no other, as the password of whatever name."""
    if access.status_token is None:
        return False
    sent, token = request.headers.get("authorization", ""), access.status_token
    if sent.startswith("Basic "):
        with suppress(ValueError):
            return compare_digest(b64decode(sent[6:]).partition(b":")[2], token.encode())
    return compare_digest(sent.encode(), f"Bearer {token}".encode())


def _may_see_badge(request: Request, access: Access) -> bool:
    """Whoever may look at the pages, or has the token."""
    return may_look(request.scope, access) or _has_token(request, access)


async def status(request: Request, chosen: Settings, _: Account, now: Now) -> Response:
    """The overview's sentence, counts and age; with the token each pipeline too."""
    told = summary(now, ZoneInfo(chosen.time_zone))
    if _has_token(request, chosen.access):
        told["pipelines"] = now.once("freshness told", lambda: [_freshness(row) for row in now.rows])
    return JSONResponse(told, headers=NOT_STORED)


async def badge(request: Request, chosen: Settings, _: Account, now: Now) -> Response:
    """The word of a report (or of all pipelines) as a picture."""
    drawn = picture(now, request.path_params["key"], ZoneInfo(chosen.time_zone))
    return Response(drawn, media_type="image/svg+xml", headers=NOT_STORED) if drawn else Response(status_code=404)


async def changes(_: Request, chosen: Settings, account: Account, now: Now) -> Response:
    """The last changes as a feed; it tells names."""
    link = partial(addresses.public, chosen.access)
    text = await _apart(lambda: now.once("feed", lambda: feed(now, last_changes(now, account.history), link)))
    return Response(text, media_type="application/atom+xml", headers=NOT_STORED)


def _open_incident(one: Incident, now: Now) -> dict[str, Any]:
    return {
        "key": one.key,
        "since": utc(one.began),
        "pipelines": len(one.pipelines),
        "reports": sorted({report.name for row in now.present(one.pipelines) for report in row.owned.reports}),
        "on_it": list(dict.fromkeys(note.by for each in one.pipelines if (note := now.on_it.get(each)))),
    }


def summary(now: Now, zone: tzinfo) -> dict[str, Any]:
    """What `/status.json` tells: of pipelines only how many have each word; of reports their names and words too."""
    clock = Times(zone, now.at, now.correction)
    age = None if now.age is None else round(now.age)
    return {
        "sentence": states.headline(now) if now.answered_at else "Not checked yet.",
        "counts": {word.value: number for word, number in now.counts.items()},
        "age_seconds": age,
        "confirmed": now.confirmed,
        "incidents": [_open_incident(one, now) for one in incidents.still_open(now.judged.incidents)],
        "reports": [
            {
                "key": row.report.key,
                "name": row.report.name,
                "word": row.word.value,
                "sentence": reports.sentence(row, reports.rows_of(row, now), clock),
                "age": age,
            }
            for row in now.reports
        ],
    }


def _freshness(row: Row) -> dict[str, Any]:
    """One pipeline for whoever has the token: word, last run (UTC epoch seconds), rhythm."""
    fresh = row.fresh
    return {
        "id": row.pipeline.id,
        "name": row.label,
        "word": row.word.value,
        "last_ran": fresh.last_ran if fresh else None,
        "usually_seconds": fresh.usually if fresh else None,
    }


ROUTES = [
    Route("/ready", ready),  # without the path before it too, for whoever asks this machine itself
    Route(f"{BASE}/ready", ready),
    Route(f"{BASE}/status.json", _shown_to(_may_have_status, status)),
    Route(f"{BASE}/badge/{{key}}.svg", _shown_to(_may_see_badge, badge)),
    Route(f"{BASE}/changes.atom", _shown_to(_has_token, changes)),
]
