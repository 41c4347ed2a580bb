"""The error net: whatever raises, the person reads a plain sentence and the log gets the details."""

from __future__ import annotations

import logging
import secrets

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import lines

_log = logging.getLogger("dashboard")


def say_sorry(error: BaseException) -> bool:
    """One sentence with a reference on screen; the trace under the same reference in the log. True: handled."""
    lines.line(_told(error), "grave")
    return True


def _told(error: BaseException) -> str:
    reference = secrets.token_hex(4)
    _log.error("Reference %s", reference, exc_info=error)
    return (
        "Something in this dashboard did not work. Your pipelines are not affected. "
        f"Reload the page; if it happens again, give the dashboard's owner this reference: {reference}"
    )


class PlainErrors:
    """ASGI middleware: the same for what fails outside the pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            await PlainTextResponse(_told(error), status_code=500)(scope, receive, send)
