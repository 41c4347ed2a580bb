"""The client of an account: the owner's, a person's own, or one of an account on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable

from hevo_api import HevoClient
from monitor.settings import Settings


def owners(chosen: Settings) -> HevoClient:
    """The client that the settings describe."""
    return HevoClient(
        chosen.api_key or "",
        chosen.api_secret or "",
        chosen.region,
        chosen.base_url,
        requests_per_minute=chosen.requests_per_minute,
    )


def persons(chosen: Settings, region: str, api_key: str, api_secret: str) -> HevoClient:
    """The client of a key that somebody typed; ValueError, which never repeats it, when it cannot be right."""
    return HevoClient(api_key, api_secret, region, requests_per_minute=chosen.requests_per_minute)


def on_this_machine(
    base_url: str, api_key: str, api_secret: str, clock: Callable[[], float] = time.monotonic, limit: int = 100
) -> HevoClient:
    """The client of a sandbox, whose story may have a clock and whose limit may be of its own."""
    return HevoClient(api_key, api_secret, base_url=base_url, clock=clock, requests_per_minute=limit)
