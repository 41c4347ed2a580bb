"""What it costs the server to draw each page, and to keep one viewer more: real sessions over the websocket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from benchmarks.houses import Server, dashboard, sandbox_of, script, wait_for_an_answer
from benchmarks.measure import Figure, compare, resident
from benchmarks.viewers import Viewer

PAGES = {"overview": "", "pipelines": "pipelines", "history": "history", "run": "run", "guide": "guide"}
ROUNDS = {24: 5, 1_000: 5, 10_000: 3}
YOUNG_TOO = 1_000
OVERVIEW_MOST = 60.0
BATCHES, BATCH = 2, 6


def figures() -> Iterator[Figure]:
    """Each page at three sizes after a day, at 1,000 on a young dashboard too; there also the memory of viewers."""
    for size in ROUNDS:
        with sandbox_of(size) as settings, script("empty", settings) as empty, ExitStack() as stack:
            for past in ("", ", after a day") if size == YOUNG_TOO else (", after a day",):
                server = stack.enter_context(dashboard(settings, aged=bool(past)))
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
            goal = OVERVIEW_MOST if (name, size) == ("overview", YOUNG_TOO) else None
            yield compare(f"Script of the {name} page{past}", f"{size:,}", subject, floor, ROUNDS[size], most=goal)


def cost(server: Server, draw: Callable[[], object]) -> Callable[[], float]:
    """Milliseconds of the server's processor time, which other programs on the machine do not lengthen."""

    def run() -> float:
        before = server.cpu()
        draw()
        return server.cpu() - before

    return run


def memory(server: Server, empty: Server, size: int, past: str) -> Iterator[Figure]:
    """The server with five viewers; at 1,000 also what each further one adds who opens all the pages."""
    with ExitStack() as stack:
        mine = list(_growth(stack, server, BATCHES if size == YOUNG_TOO else 0))
        yield Figure(f"The server's memory, seven viewers{past}", f"{size:,}", mine[0], "MB")
        if size != YOUNG_TOO:
            return
        theirs = list(_growth(stack, empty, BATCHES))
        for viewers, held in enumerate(mine):
            yield Figure(f"Memory with viewers{past}", f"{1 + BATCH * (1 + viewers)} viewers", held, "MB")
        value, floor = ((held[-1] - held[0]) / (BATCHES * BATCH) for held in (mine, theirs))
        name = "a viewer more of an empty page"
        yield Figure(f"One viewer more{past}", f"{size:,}", value, "MB", name, floor, most=1.0)


def _growth(stack: ExitStack, server: Server, batches: int) -> Iterator[float]:
    """The server's memory as viewers are added; the first few fill what all share."""
    for _ in range(1 + batches):
        _batch(stack, server)
        yield resident(server.process.pid)


def _batch(stack: ExitStack, server: Server) -> None:
    """A few viewers more, who open all pages and stay."""
    for _ in range(BATCH):
        viewer = stack.enter_context(Viewer(server.url))
        for path in PAGES.values():
            viewer.draw(path)
    time.sleep(0.2)  # the server sends and forgets on its own threads
