"""What it costs the server to draw each page, and to keep one viewer more: real sessions over the websocket."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.houses import Dashboard, Server, dashboard, sandbox_of, script
from benchmarks.measure import Figure, beside, resident
from benchmarks.viewers import Viewer

PAGES = {
    "overview": ("", ""),
    "pipelines": ("pipelines", ""),
    "reports": ("reports", ""),
    **{f"history of {span}": ("history", f"range={span}") for span in ("24h", "7d", "30d", "90d")},
    "run": ("run", ""),
}
LOOKS, THEN = 2, 2  # looks, and drawings after each one
FIRST, LATER = "first after a look", "and then"
MOST = {
    ("overview", 1_000, LATER): 60.0,
    ("reports", 10_000, LATER): 60.0,
    ("history of 90d", 10_000, FIRST): 1_000.0,
}
MOST_RESTLESS = 300.0  # the first viewer's overview
POSTGRES_RATIO = 1.2
BATCHES, BATCH = 2, 6
Costs = dict[tuple[str, str], list[float]]  # by page and moment: the milliseconds of each drawing


def figures() -> Iterator[Figure]:
    """After 90 days of two changes a day, on both engines; after a day of 24; and the memory of viewers."""
    for size in (1_000, 10_000):
        with sandbox_of(size) as settings, script("empty", settings) as empty, ExitStack() as stack:
            houses = [stack.enter_context(dashboard(settings, size, 90, 2, postgres)) for postgres in (False, True)]
            floor, (here, there) = costs(empty, houses)
            for (name, when), spent in here.items():
                about, goal = f"Script of the {name} page, {when}", MOST.get((name, size, when))
                yield beside(about, size, spent, "an empty page", floor[: len(spent)], most=goal)
                about, floor_name = f"{about}, PostgreSQL", "the same on SQLite"
                yield beside(about, size, there[name, when], floor_name, spent, most_ratio=POSTGRES_RATIO)
            yield from memory(houses[0].server, empty, size)
    with (
        sandbox_of(10_000) as settings,
        script("empty", settings) as empty,
        dashboard(settings, 10_000, 1, 24) as house,
    ):
        floor, [here] = costs(empty, [house])
        for when, goal in ((FIRST, MOST_RESTLESS), (LATER, None)):
            spent = here["overview", when]
            about = f"Script of the overview page, {when}, restless"
            yield beside(about, 10_000, spent, "an empty page", floor[: len(spent)], most=goal)


def costs(empty: Server, houses: list[Dashboard]) -> tuple[list[float], list[Costs]]:
    """Of an empty page, and in each house of each page after a look and then, all by turns."""
    with ExitStack() as stack:
        viewers = [stack.enter_context(Viewer(house.server.url)) for house in houses]
        nobody = stack.enter_context(Viewer(empty.url))
        floor = list[float]()
        spent: list[Costs] = [defaultdict(list) for _ in houses]
        for _ in range(LOOKS):
            for house in houses:
                house.look()
            for when in (FIRST, *[LATER] * THEN):
                for name, page in PAGES.items():
                    for house, viewer, cost in zip(houses, viewers, spent, strict=True):
                        cost[name, when].append(drawn(house.server, viewer, *page))
                floor.append(drawn(empty, nobody))
    return floor, spent


def drawn(server: Server, viewer: Viewer, path: str = "", query: str = "") -> float:
    """Milliseconds of the server's processor time, which other programs on the machine do not lengthen."""
    before = server.cpu()
    viewer.draw(path, query)
    return server.cpu() - before


def memory(server: Server, empty: Server, size: int) -> Iterator[Figure]:
    """The server with seven viewers; at 1,000 also what each further one adds who opens all the pages."""
    with ExitStack() as stack:
        mine = list(held(stack, server, BATCHES if size == 1_000 else 0))
        yield Figure("The server's memory, seven viewers", f"{size:,}", mine[0], "MB")
        if len(mine) > 1:
            theirs = list(held(stack, empty, BATCHES))
            value, floor = ((each[-1] - each[0]) / (BATCHES * BATCH) for each in (mine, theirs))
            yield Figure("One viewer more", f"{size:,}", value, "MB", "a viewer more of an empty page", floor, most=1.0)


def held(stack: ExitStack, server: Server, batches: int) -> Iterator[float]:
    """The server's memory as viewers are added; the first few fill what all share."""
    for _ in range(1 + batches):
        for _ in range(BATCH):
            viewer = stack.enter_context(Viewer(server.url))
            for path, query in PAGES.values():
                viewer.draw(path, query)
        time.sleep(0.2)  # the server sends and forgets on its own threads
        yield resident(server.process.pid)
