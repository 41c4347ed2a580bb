"""What it costs the server to draw each page, and to keep one viewer more: real sessions over the websocket."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

from benchmarks.houses import Dashboard, Server, Viewer, dashboard, look, rest, sandbox_of, script
from benchmarks.measure import Figure, beside, resident

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
WHY_RESTLESS = "Half of 10,000 pipelines fail at once; verdicts, incidents and lines are made anew at each look."
POSTGRES_RATIO = 1.2
BATCHES, BATCH = 2, 5
Costs = dict[tuple[str, str], list[float]]  # by page and moment: the milliseconds of each drawing


def figures() -> Iterator[Figure]:
    """After 90 days of two changes a day, at 10,000 on both engines; after a day of 24; and the memory of viewers."""
    with sandbox_of(10_000) as settings, script("empty", settings) as empty, ExitStack() as stack:
        large = [stack.enter_context(dashboard(settings, 10_000, 90, 2, postgres)) for postgres in (False, True)]
        # These two read incidents of ninety days for about a minute, which is not waited for in vain.
        with sandbox_of(1_000) as fewer, dashboard(fewer, 1_000, 90, 2) as small:
            yield from of_pages(1_000, empty, small)
            yield from of_viewers(small.server, empty, "1,000")
        with dashboard(settings, 10_000, 1, 24) as restless:  # half of all pipelines fail
            floor, [spent] = costs(empty, restless, pages=("overview",))
        about, first = f"Script of the overview page, {FIRST}, restless", spent["overview", FIRST]
        yield beside(about, 10_000, first, "an empty page", floor[:LOOKS], WHY_RESTLESS, most=MOST_RESTLESS)
        yield from of_pages(10_000, empty, *large)
        yield Figure("The server's memory, a viewer", "10,000", resident(large[0].server.process.pid), "MB")


def of_pages(size: int, empty: Server, here: Dashboard, *there: Dashboard) -> Iterator[Figure]:
    """Each page against an empty one, and where there is a dashboard on PostgreSQL, that against this one."""
    floor, spent = costs(empty, here, *there)
    for (name, when), ours in spent[0].items():
        about, goal = f"Script of the {name} page, {when}", MOST.get((name, size, when))
        yield beside(about, size, ours, "an empty page", floor[: len(ours)], most=goal)
        for one in spent[1:]:
            about = f"{about}, PostgreSQL"
            yield beside(about, size, one[name, when], "the same on SQLite", ours, most_ratio=POSTGRES_RATIO)


def costs(empty: Server, *houses: Dashboard, pages: Iterable[str] = PAGES) -> tuple[list[float], list[Costs]]:
    """Of an empty page, and in each house of each of these pages after a look and then, all by turns."""
    rest(*(house.server for house in houses))
    with ExitStack() as stack:
        viewers = [stack.enter_context(Viewer(house.server.url)) for house in houses]
        nobody = stack.enter_context(Viewer(empty.url))
        floor = list[float]()
        spent: list[Costs] = [defaultdict(list) for _ in houses]
        for _ in range(LOOKS):
            look(*houses)
            for when in (FIRST, *[LATER] * THEN):
                for name in pages:
                    for house, viewer, cost in zip(houses, viewers, spent, strict=True):
                        cost[name, when].append(drawn(house.server, viewer, *PAGES[name]))
                floor.append(drawn(empty, nobody))
    return floor, spent


def drawn(server: Server, viewer: Viewer, path: str = "", query: str = "") -> float:
    """Milliseconds of the server's processor time, which other programs on the machine do not lengthen."""
    before = server.cpu()
    viewer.draw(path, query)
    return server.cpu() - before


def of_viewers(server: Server, empty: Server, size: str) -> Iterator[Figure]:
    """The server's memory with a few viewers, and what each further one adds who opens all the pages."""
    with ExitStack() as stack:
        mine, theirs = (list(held(stack, each)) for each in (server, empty))
    yield Figure(f"The server's memory, {BATCH} viewers", size, mine[0], "MB")
    value, floor = ((each[-1] - each[0]) / (BATCHES * BATCH) for each in (mine, theirs))
    yield Figure("One viewer more", size, value, "MB", "a viewer more of an empty page", floor, most=1.0)


def held(stack: ExitStack, server: Server) -> Iterator[float]:
    """The server's memory as viewers are added; the first few fill what all share."""
    for _ in range(1 + BATCHES):
        for _ in range(BATCH):
            viewer = stack.enter_context(Viewer(server.url))
            for path, query in PAGES.values():
                viewer.draw(path, query)
        time.sleep(0.2)  # the server sends and forgets on its own threads
        yield resident(server.process.pid)
