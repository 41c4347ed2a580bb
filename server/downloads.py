"""Files that a tab offers (dashboard/downloads.py), to whoever has the tab's secret address and may come in at all."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard import downloads

GONE = "This file is no longer there. Open its page again."


async def download(request: Request) -> Response:
    """The file as it is now, made in a thread: large ones take their time."""
    file = downloads.offered(request.path_params["token"])
    if file is None:
        return PlainTextResponse(GONE, 404)
    data = await asyncio.get_running_loop().run_in_executor(None, file.make)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"}
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)


DOWNLOADS = [Route("/download/{token}", download)]
