"""What it costs the server to draw each page, and to keep one viewer more: real sessions over the websocket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.houses import Dashboard, Server, dashboard, sandbox_of, script
from benchmarks.measure import Figure, figure_of, resident
from benchmarks.viewers import Viewer

PAGES = {
    "overview": ("", ""),
    "pipelines": ("pipelines", ""),
    "reports": ("reports", ""),
    "history of 24 hours": ("history", "range=24h"),
    "history of 90 days": ("history", "range=90d"),
    "run": ("run", ""),
}
LOOKS, THEN = 2, 2  # looks, and drawings after each one
FIRST, LATER = "first after a look", "and then"
MOST = {
    ("overview", 1_000, LATER): 60.0,
    ("reports", 10_000, LATER): 60.0,
    ("history of 90 days", 10_000, FIRST): 1_000.0,
}
RESTLESS = {("overview", 10_000, FIRST): 300.0}
POSTGRES_RATIO = 1.2
BATCHES, BATCH = 2, 6


def figures() -> Iterator[Figure]:
    """After 90 days of two changes a day, on both engines; after a day of 24; and the memory of viewers."""
    for size in (1_000, 10_000):
        with sandbox_of(size) as settings, script("empty", settings) as empty, ExitStack() as stack:
            start = stack.enter_context
            here, there = (start(dashboard(settings, size, 90, 2, postgres)) for postgres in (False, True))
            yield from pages(here, there, empty, size)
            yield from memory(here.server, empty, size)
    with sandbox_of(10_000) as settings, script("empty", settings) as empty, dashboard(settings, 10_000, 1, 24) as here:
        yield from pages(here, None, empty, 10_000)


def pages(here: Dashboard, there: Dashboard | None, empty: Server, size: int) -> Iterator[Figure]:
    """Each page after a look and then, against an empty page; where there is another dashboard, that one against it."""
    with ExitStack() as stack:
        houses = [one for one in (here, there) if one]
        for one in houses:
            one.server.rest()
        viewers = [stack.enter_context(Viewer(one.server.url)) for one in houses]
        nobody = stack.enter_context(Viewer(empty.url))
        costs: list[dict[tuple[str, str], list[float]]] = [{} for _ in houses]
        floor = list[float]()
        for _ in range(LOOKS):
            for one in houses:
                one.look()
            for when in (FIRST, *[LATER] * THEN):
                for name, (path, query) in PAGES.items():
                    for house, viewer, cost in zip(houses, viewers, costs, strict=True):
                        cost.setdefault((name, when), []).append(of(house.server, viewer, path, query))
                floor.append(of(empty, nobody))
    for (name, when), spent in costs[0].items():
        about, most = f"Script of the {name} page, {when}", (MOST if there else RESTLESS).get((name, size, when))
        past = "" if there else ", restless"
        yield figure_of(f"{about}{past}", f"{size:,}", spent, ("an empty page", floor[: len(spent)]), most=most)
        if there:
            sqlite = "the same on SQLite", spent
            yield figure_of(
                f"{about}, PostgreSQL", f"{size:,}", costs[1][name, when], sqlite, most_ratio=POSTGRES_RATIO
            )


def of(server: Server, viewer: Viewer, path: str = "", query: str = "") -> float:
    """Milliseconds of the server's processor time, which other programs on the machine do not lengthen."""
    before = server.cpu()
    viewer.draw(path, query)
    return server.cpu() - before


def memory(server: Server, empty: Server, size: int) -> Iterator[Figure]:
    """The server with seven viewers; at 1,000 also what each further one adds who opens all the pages."""
    batches = BATCHES if size == 1_000 else 0
    with ExitStack() as stack:
        mine = list(_growth(stack, server, batches))
        yield Figure("The server's memory, seven viewers", f"{size:,}", mine[0], "MB")
        if not batches:
            return
        theirs = list(_growth(stack, empty, batches))
        for viewers, held in enumerate(mine):
            yield Figure("Memory with viewers", f"{1 + BATCH * (1 + viewers)} viewers", held, "MB")
        value, floor = ((held[-1] - held[0]) / (batches * BATCH) for held in (mine, theirs))
        yield Figure("One viewer more", f"{size:,}", value, "MB", "a viewer more of an empty page", floor, most=1.0)


def _growth(stack: ExitStack, server: Server, batches: int) -> Iterator[float]:
    """The server's memory as viewers are added; the first few fill what all share."""
    for _ in range(1 + batches):
        for _ in range(BATCH):
            viewer = stack.enter_context(Viewer(server.url))
            for path, query in PAGES.values():
                viewer.draw(path, query)
        time.sleep(0.2)  # the server sends and forgets on its own threads
        yield resident(server.process.pid)
