"""The quickest server of pages that can be: whole answers, made before anybody asks. So the client is what is measured.

`python -m benchmarks.pages_server PORT` answers `/SIZE/DELAY/pipelines?starting_after=N` after so many milliseconds.
At each second list every sixtieth pipeline fails: at a look a minute that is one change an hour for each.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from contextlib import suppress
from functools import cache
from typing import Any

from sandbox.scenarios import everyday

PAGE = 100
ASKED = re.compile(rb"GET /(\d+)/(\d+)/pipelines\?\S*?(?:starting_after=(\d+))? ")


@cache
def pipelines(size: int) -> list[dict[str, Any]]:
    """What Hevo would send of the sandbox's pipelines."""
    return [{"id": each.id, "status": "ACTIVE", "health_status": "OK"} | each.body for each in everyday(size)]


@cache
def answer(size: int, start: int, turn: int) -> bytes:
    """One page with its head, ready for the wire."""
    page: dict[str, Any] = {"data": pipelines(size)[start : start + PAGE]}
    if turn:
        page["data"] = [
            one | ({} if place % 60 else {"health_status": "FAILED"}) for place, one in enumerate(page["data"])
        ]
    if start + PAGE < size:
        page["pagination"] = {"starting_after": str(start + PAGE), "count": PAGE}
    body = json.dumps(page).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, kept open: a request, the pause, the page."""
    lists = 0
    with suppress(asyncio.IncompleteReadError, ConnectionError):  # whoever asked has gone
        while True:
            asked = ASKED.match(await reader.readuntil(b"\r\n\r\n"))
            size, delay, start = (int(part or 0) for part in asked.groups()) if asked else (1, 0, 0)
            lists += not start
            if delay:
                await asyncio.sleep(delay / 1000)
            writer.write(answer(size, start, lists % 2))
            await writer.drain()
    writer.close()


async def main(port: int) -> None:
    """Answers until it is ended."""
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
