"""The small pictures in the table's cells. An address says all that is drawn: there is nothing to hide."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard import pictures
from dashboard.marks import PALETTES, Theme

KEPT = {"Cache-Control": "private, max-age=604800, immutable"}


async def mark(request: Request) -> Response:
    """A word's shape."""
    return _answer(pictures.mark, request)


async def strip(request: Request) -> Response:
    """A pipeline's last hours."""
    return _answer(pictures.strip, request)


def _answer(draw: Callable[[str, Theme], str | None], request: Request) -> Response:
    theme = request.path_params["theme"]
    drawing = draw(request.path_params["name"], theme) if theme in PALETTES else None
    return Response(drawing, media_type="image/svg+xml", headers=KEPT) if drawing else Response(status_code=404)


DRAWINGS = [Route("/mark/{theme}/{name}.svg", mark), Route("/strip/{theme}/{name}.svg", strip)]
