"""`python -m benchmarks`: takes all figures, prints them as they come, and keeps them in RESULTS.md.

With names behind it (`loading`, `watching`, `storing`, `judging`, `drawing`, `browser`) it takes only those and keeps
nothing.
"""

from __future__ import annotations

import gc
import sys
import time

from benchmarks import browser, drawing, growth, judging, loading, results, storing, watching
from benchmarks.measure import Figure

PARTS = {
    "loading": loading,
    "watching": watching,
    "storing": storing,
    "judging": judging,
    "drawing": drawing,
    "browser": browser,
}


def main(names: list[str]) -> None:
    """Runs the parts one after the other: nothing else of ours may be at work."""
    began = time.monotonic()
    gc.freeze()  # what was imported need not be looked through before each round
    print(results.HEAD, results.RULE, sep="\n", flush=True)
    figures: list[Figure] = []
    for name in names or PARTS:
        for figure in PARTS[name].figures():
            figures.append(figure)
            print(results.line(figure), flush=True)
        print(f"{name}: {time.monotonic() - began:.0f} s since the beginning", file=sys.stderr)
        if not names:  # after each part, so that a run that is broken off leaves what it found
            results.save(figures, time.monotonic() - began)
    if not names:
        growth.save(figures)


if __name__ == "__main__":
    main(sys.argv[1:])
