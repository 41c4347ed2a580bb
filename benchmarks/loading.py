"""Reading all pipelines over HTTP, against the shortest loop that reads the same pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import requests

from benchmarks.houses import pages_server
from benchmarks.measure import Figure, compare, timed
from hevo_api import HevoClient, pipelines_frame
from sandbox import Sandbox

ROUNDS = {(100, 0): 25, (1_000, 0): 15, (10_000, 0): 15, (100, 50): 9, (1_000, 50): 3}
GOALS = {(100, 0): 1.3, (1_000, 0): 1.15, (10_000, 0): 1.15}
PATIENT = 1.02  # where each page takes 50 ms
WHY = "What is more is the table of typed columns, and the checks of each page; the loop makes neither."
LIMIT = 1_000_000


def figures() -> Iterator[Figure]:
    """From a server whose pages are made before anybody asks, at once and after 50 ms a page."""
    with pages_server() as address:
        for (size, delay), rounds in ROUNDS.items():
            yield from against_a_loop(f"{address}/{size}/{delay}", size, delay, rounds)


def against_a_loop(url: str, size: int, delay: int, rounds: int) -> Iterator[Figure]:
    """The list as a frame, against its pages as dicts; without a delay also against these as a frame."""
    client = HevoClient(Sandbox.api_key, Sandbox.api_secret, base_url=url, requests_per_minute=LIMIT)
    session = requests.Session()
    session.auth = Sandbox.api_key, Sandbox.api_secret
    ours = timed(lambda: pipelines_frame(client.list_pipelines()))
    floors = {"requests.Session and json, no frame": timed(lambda: bare_loop(session, client.base_url))}
    if not delay:
        floors["the same, and a frame"] = timed(lambda: frame(bare_loop(session, client.base_url)))
    about = f"Load, {delay} ms a page" if delay else "Load, no delay at all"
    yield from compare(about, size, ours, floors, rounds, WHY, most_ratio=GOALS.get((size, delay), PATIENT))


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


def frame(found: list[dict[str, Any]]) -> pd.DataFrame:
    """The same ten columns of text, from properties that are taken to be there."""
    parts = {name: [one.get(name) for one in found] for name in ("id", "status", "health_status")}
    for name in ("source", "destination"):
        places = [one[name] for one in found]
        kinds = [place["type"] for place in places]
        parts[f"{name}_name"] = [place["name"] for place in places]
        parts[f"{name}_type"] = [kind["display_name"] if isinstance(kind, dict) else kind for kind in kinds]
    schedules = [one.get("schedule", {}) for one in found]
    parts["name"] = parts["source_name"]
    parts["schedule_type"] = [one.get("type") for one in schedules]
    parts["schedule"] = [one.get("schedule") for one in schedules]
    return pd.DataFrame(parts, dtype="string")
