"""The results as a table for people: on the screen as they come, and kept in RESULTS.md."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Figure

RESULTS = Path(__file__).parent / "RESULTS.md"
KEPT = "## How to read it"  # written by hand: what stands below is kept from run to run
HEAD = "| Measure | Size | Median | Rounds | Floor | Floor's median | Ratio | Spread of the ratio | Goal | |"
NO_REASON = "Why is not known yet."
RULE = "|---|---|---|---|---|---|---|---|---|---|"
PACKAGES = ("streamlit", "pandas", "requests", "altair", "pyarrow", "psycopg")


def line(figure: Figure) -> str:
    """One row of the table."""
    cells = [
        figure.about,
        figure.size,
        _amount(figure.value, figure.unit),
        str(max(len(figure.ratios), 1)),
        figure.floor,
        _amount(figure.floor_value, figure.unit),
        f"{figure.ratio:.2f}" if figure.ratio is not None else "",
        f"{min(figure.ratios):.2f} to {max(figure.ratios):.2f}" if len(figure.ratios) > 1 else "",
        _goal(figure),
        {True: "reached", False: "**missed**", None: ""}[figure.holds],
    ]
    return f"| {' | '.join(cells)} |"


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}".strip()


def _goal(figure: Figure) -> str:
    if figure.most_ratio is not None:
        return f"at most {figure.most_ratio:g} times the floor"
    return "" if figure.most is None else f"at most {_amount(figure.most, figure.unit)}"


def save(figures: Sequence[Figure], seconds: float) -> None:
    """RESULTS.md: this run, the machine, the table, what misses its goal; then what was written by hand."""
    kept = RESULTS.read_text().partition(KEPT)[2]
    table = "\n".join([HEAD, RULE, *map(line, figures)])
    missed = "\n".join(_miss(one) for one in figures if one.holds is False) or "Nothing."
    RESULTS.write_text(f"{_head(seconds)}\n{table}\n\n## What misses its goal\n\n{missed}\n\n{KEPT}{kept}")


def _miss(figure: Figure) -> str:
    """How far it is from its goal, and why, in a line."""
    told = _amount(figure.value, figure.unit)
    if figure.ratio is not None:
        told += f", {figure.ratio:.2f} times {figure.floor}"
    return f"- {figure.about}, {figure.size}: {told}; the goal is {_goal(figure)}. {figure.why or NO_REASON}"


def _head(seconds: float) -> str:
    load = " / ".join(f"{each:.1f}" for each in os.getloadavg())
    cores = os.cpu_count()
    brought = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"""# Results

Written by `make bench` on {time.strftime("%Y-%m-%d", time.gmtime())} in {seconds:.0f} seconds.
Machine: {cores} cores ({platform.machine()}), {platform.system()}, Python {platform.python_version()}, {brought}.
Load average at the end (1, 5, 15 minutes): {load}. A load above {cores} lengthens what is measured by the clock; that
is why each figure stands beside a floor that was measured by turns with it.

Loading, first sentence and search are times by the clock. A page's script is the server's processor time from the
request until all is drawn, over a real websocket session, with Python's garbage collection whenever it comes.
Stores are filled in the order of time, two changes a day for each pipeline; "restless" means one an hour for a day.
"First after a look" is the first page of anybody after another server saw every sixtieth pipeline change. The browser
is a Chromium that has been here before, on a restless day. Memory is what the system counts.

![Time, size on disk and reading against pipelines and days](growth.png)
"""
