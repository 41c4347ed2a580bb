"""From start to stop: watches without anybody there, and lets what is under way end before the server does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from dashboard import connection
from monitor.access import SettingsError

LAST_SECONDS = 4.0  # in which a request that is under way may still end


@asynccontextmanager
async def life(_: object) -> AsyncIterator[None]:
    """Around the server's life. Whatever takes time happens in a thread, so that pages are served meanwhile."""
    beginning = asyncio.get_running_loop().run_in_executor(None, _begin)
    try:
        yield
    finally:
        await beginning
        await asyncio.get_running_loop().run_in_executor(None, partial(connection.close_all, LAST_SECONDS))


def _begin() -> None:
    """Opens the account, and watches it from now on if it is the owner's; wrong settings are the pages' to tell."""
    with suppress(SettingsError):
        chosen = connection.settings()
        account = connection.shared_account(chosen)
        if not chosen.sample:
            account.start()
