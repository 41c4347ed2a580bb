"""The guide's text: a document, short, and in words that a 12-year-old can read."""

from __future__ import annotations

from pathlib import Path

from dashboard.times import duration

CONNECT = "Connect your Hevo account"
NOT_READ = "Hevo does not let our key read when tables last ran, so nothing is said about lateness."
_DOCUMENT = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
SECTIONS = [part.partition("\n")[::2] for part in f"\n{_DOCUMENT}".split("\n## ")[1:]]


def history(watch_seconds: float, keep_days: int, sample: bool) -> str:
    """Why history begins when it begins, and what stands in it."""
    alone = f"every {duration(watch_seconds)}, also when nobody has it open" if watch_seconds else "while it is open"
    told = (
        "Hevo keeps no history that a dashboard could ask for. What you see in the charts was written down by this "
        f"dashboard: it looks {'while it is open' if sample else alone}, and more often while somebody watches. It "
        f"remembers {keep_days} days. Time in which nobody looked, and time in which Hevo did not answer, stays blank "
        'and is named: we never fill it with what came before. "At least 3 h" means that it was so when we first saw '
        "it, and may have begun earlier."
    )
    return f"{told} The sample data comes with a day of history." if sample else told
