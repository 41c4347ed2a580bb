"""What our pages fetch: the pictures in the table's cells, the files that a tab offers, the scripts of our components.

A picture's address says all that is drawn, and the scripts hold nothing of an account: there is nothing to hide. A
file is for whoever has the tab's secret address and may come in at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from mimetypes import guess_type

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboard import addresses, components, marks, strips
from dashboard.addresses import BASE
from dashboard.marks import PALETTES, Theme

KEPT = {"Cache-Control": "private, max-age=604800, immutable"}
GONE = "This file is no longer there. Open its page again."


async def picture(draw: Callable[[str, Theme], str | None], request: Request) -> Response:
    """A word's shape, or a pipeline's last hours."""
    theme = request.path_params["theme"]
    drawing = draw(request.path_params["name"], theme) if theme in PALETTES else None
    return Response(drawing, media_type="image/svg+xml", headers=KEPT) if drawing else Response(status_code=404)


async def download(request: Request) -> Response:
    """The file as it is now, made in a thread: large ones take their time."""
    file = addresses.offered(request.path_params["token"])
    if file is None:
        return PlainTextResponse(GONE, 404)
    data = await asyncio.get_running_loop().run_in_executor(None, file.make)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"}
    return Response(data, media_type=guess_type(file.name)[0], headers=headers)


FILES = [
    Route(f"{BASE}/mark/{{theme}}/{{name}}.svg", partial(picture, marks.at_address)),
    Route(f"{BASE}/strip/{{theme}}/{{name}}.svg", partial(picture, strips.at_address)),
    Route(f"{BASE}/download/{{token}}", download),
    Mount(components.ADDRESS, StaticFiles(directory=components.FOLDER)),
]
