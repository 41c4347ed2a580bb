"""Reading all pipelines over HTTP, against the shortest loop that reads the same pages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd
import requests

from benchmarks.houses import pages_server, sandbox_of
from benchmarks.measure import Figure, compare_all, timed
from hevo_api import HevoClient, pipelines_frame
from sandbox import Sandbox

ROUNDS = {(100, 0): 25, (1_000, 0): 15, (10_000, 0): 7, (100, 50): 9, (1_000, 50): 5, (10_000, 50): 2}
SANDBOX_ROUNDS = {24: 15, 1_000: 7, 10_000: 3}
GOALS = {0: 1.15, 50: 1.02}
LIMIT = 1_000_000


def figures() -> Iterator[Figure]:
    """From the sandbox; from a server whose pages are made before anybody asks; and from one with 50 ms a page."""
    for size, rounds in SANDBOX_ROUNDS.items():
        with sandbox_of(size) as settings:
            yield from against_a_loop("Load from the sandbox", size, settings["HEVO_BASE_URL"], rounds, GOALS[0])
    with pages_server() as address:
        for (size, delay), rounds in ROUNDS.items():
            about = f"Load, {delay} ms a page" if delay else "Load, no delay at all"
            yield from against_a_loop(about, size, f"{address}/{size}/{delay}", rounds, GOALS[delay])


def against_a_loop(about: str, size: int, url: str, rounds: int, goal: float) -> Iterator[Figure]:
    """The list as a frame, against its pages as dicts."""
    client = HevoClient(Sandbox.api_key, Sandbox.api_secret, base_url=url, requests_per_minute=LIMIT)
    session = requests.Session()
    session.auth = Sandbox.api_key, Sandbox.api_secret
    loop = partial(bare_loop, session, client.base_url)
    floors = {"requests.Session and json, no frame": timed(loop), "the same, and a frame": timed(lambda: frame(loop()))}
    yield from compare_all(about, f"{size:,}", timed(partial(load, client)), floors, rounds, most_ratio=goal)


def load(client: HevoClient) -> None:
    """What a user of the library does."""
    pipelines_frame(client.list_pipelines())


def frame(found: list[dict[str, Any]]) -> pd.DataFrame:
    """The same ten columns of text, from properties that are taken to be there."""
    source, destination, schedule = (
        [one.get(name, {}) for one in found] for name in ("source", "destination", "schedule")
    )
    parts = {name: [one.get(name) for one in found] for name in ("id", "status", "health_status")}
    for name, places in (("source", source), ("destination", destination)):
        parts[f"{name}_name"] = [place.get("name") for place in places]
        kinds = [place.get("type") for place in places]
        parts[f"{name}_type"] = [kind["display_name"] if isinstance(kind, dict) else kind for kind in kinds]
    parts["name"] = parts["source_name"]
    parts |= {
        "schedule_type": [one.get("type") for one in schedule],
        "schedule": [one.get("schedule") for one in schedule],
    }
    return pd.DataFrame(parts, dtype="object").astype("string")


def bare_loop(session: requests.Session, url: str) -> list[dict[str, Any]]:
    """What it could not do with less."""
    found: list[dict[str, Any]] = []
    query = {"limit": "100"}
    while True:
        page = session.get(f"{url}/pipelines", params=query, timeout=20).json()
        found += page["data"]
        if "pagination" not in page:
            return found
        query["starting_after"] = page["pagination"]["starting_after"]
