"""What it costs the server to draw each page, and to keep one viewer more: real sessions over the websocket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from benchmarks.houses import Server, dashboard, sandbox_of, script, wait_for_an_answer
from benchmarks.measure import Figure, compare, resident
from benchmarks.viewers import Viewer

PAGES = {"overview": "", "pipelines": "pipelines", "history": "history", "run": "run", "guide": "guide"}
ROUNDS = {24: 7, 1_000: 7, 10_000: 3}
OVERVIEW_MOST = 60.0
BATCHES, BATCH = 2, 4


def figures() -> Iterator[Figure]:
    """Each page at three sizes, on a young dashboard and after a day; then the memory of viewers at 1,000."""
    for size in ROUNDS:
        with sandbox_of(size) as settings, script("empty", settings) as empty, ExitStack() as stack:
            for past, aged in (("", False), (", after a day", True)):
                server = stack.enter_context(dashboard(settings, aged))
                yield from pages(server, empty, size, past)
                yield from memory(server, empty, size, past)


def pages(server: Server, empty: Server, size: int, past: str) -> Iterator[Figure]:
    """Processor time of the server for each page, against its time for the empty one."""
    with Viewer(server.url) as viewer, Viewer(empty.url) as nobody:
        viewer.draw()
        wait_for_an_answer(server)
        floor = "an empty page", cost(empty, nobody.draw)
        for name, path in PAGES.items():
            subject = cost(server, lambda path=path: viewer.draw(path))  # type: ignore[misc]
            goal = OVERVIEW_MOST if (name, size) == ("overview", 1_000) else None
            yield compare(f"Script of the {name} page{past}", f"{size:,}", subject, floor, ROUNDS[size], most=goal)


def cost(server: Server, draw: Callable[[], object]) -> Callable[[], float]:
    """Milliseconds of the server's processor time, which other programs on the machine do not lengthen."""

    def run() -> float:
        before = server.cpu()
        draw()
        return server.cpu() - before

    return run


def memory(server: Server, empty: Server, size: int, past: str) -> Iterator[Figure]:
    """What each further viewer adds who opens all the pages; the first few, who fill what all share, do not count."""
    if size != 1_000:
        return
    with ExitStack() as stack:
        mine = [_batch(stack, server) for _ in range(BATCHES + 1)][1:]
        floor = [_batch(stack, empty) for _ in range(BATCHES + 1)][1:]
        value, floor_value = sum(mine) / BATCHES, sum(floor) / BATCHES
        name = "viewers of an empty page"
        ratios = (value / max(floor_value, 0.001),)
        yield Figure(
            f"One viewer more{past}", f"{size:,}", value, "MB", name, floor_value, ratios, tuple(mine), most=1.0
        )


def _batch(stack: ExitStack, server: Server) -> float:
    """Megabytes for each of a few viewers more, who stay."""
    before = resident(server.process.pid)
    for _ in range(BATCH):
        viewer = stack.enter_context(Viewer(server.url))
        for path in PAGES.values():
            viewer.draw(path)
    time.sleep(0.5)  # the server sends and forgets on its own threads
    return (resident(server.process.pid) - before) / BATCH
