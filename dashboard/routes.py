"""Answers for machines: whether the dashboard can serve, and its one sentence for other dashboards."""

from __future__ import annotations

from secrets import compare_digest
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard import connection, sign_in, words
from dashboard.picture import COLD_START
from monitor.access import Access, SettingsError
from monitor.account import View
from monitor.board import read_board
from monitor.settings import Settings

NOT_STORED = {"Cache-Control": "no-store"}


def ready(_: Request) -> Response:
    """200 when pages can be served, and whether Hevo answered when it was last asked. Asks and starts nothing."""
    try:
        chosen = _settings()
    except SettingsError:
        return JSONResponse({"ready": False, "hevo": "not asked"}, 503, NOT_STORED)
    account = connection.shared_account(chosen, start=False)
    hevo = "not asked" if account is None else _reached(account.view(watching=False))
    return JSONResponse({"ready": True, "hevo": hevo}, headers=NOT_STORED)


def _settings() -> Settings:
    chosen = connection.settings()
    sign_in.check_library(chosen.access)
    return chosen


def _reached(view: View) -> str:
    if view.trouble is not None:
        return "not reached" if view.trouble.cause == "down" else "reached"
    return "reached" if view.confirmed else "not asked"


def status(request: Request) -> Response:
    """The overview's sentence, counts and age, for whoever may have them; for anybody else this does not exist."""
    try:
        chosen = _settings()
    except SettingsError:
        return Response(status_code=404)
    if not _may_have_status(request, chosen.access):
        return Response(status_code=404)
    account = connection.shared_account(chosen)
    assert account is not None
    return JSONResponse(summary(account.view(wait=COLD_START)), headers=NOT_STORED)


def _may_have_status(request: Request, access: Access) -> bool:
    """With a token set, who sends it; else everybody if the owner says so and there is no sign-in."""
    if access.status_token is None:
        return access.status_json and not access.providers
    sent = request.headers.get("authorization", "").encode()
    return compare_digest(sent, f"Bearer {access.status_token}".encode())


def summary(view: View) -> dict[str, Any]:
    """What `/status.json` tells: no name, no number of a pipeline."""
    counts = read_board(view, view.history).counts
    return {
        "sentence": words.headline(counts) if view.snapshot else "Not checked yet.",
        "counts": {word.value: number for word, number in counts.items()},
        "age_seconds": None if view.age is None else round(view.age),
        "confirmed": view.confirmed,
    }


ROUTES = [Route("/ready", ready), Route("/status.json", status)]
