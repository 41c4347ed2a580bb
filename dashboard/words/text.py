"""Text from outside and from us, made fit for a line on the screen."""

from __future__ import annotations

import re
import unicodedata

LONGEST_READ = 20_000
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit reads these even where each mark is escaped: addresses, and its own sign.
_LINKS = re.compile(r"\\:\\/\\/|www(?=\\\.)|\\@|\\:(?=streamlit\\:)", re.IGNORECASE)


def one_line(text: str, limit: int = 120) -> str:
    """Text from outside on one line of bounded length: no control or direction characters, no endless names."""
    shown = text[:LONGEST_READ]
    if not shown.isprintable():
        shown = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs") else " " for c in shown)
    words = " ".join(shown.split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def plain(text: str, limit: int = 120) -> str:
    """The same text where Streamlit would read Markdown: every mark escaped, bare addresses not linked."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text, limit))
    return _LINKS.sub(lambda found: found.group() + "\u200b", escaped)


def counted(number: int, noun: str = "pipeline") -> str:
    """'1 pipeline', '3 pipelines', '1,000 pipelines'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def times(number: int) -> str:
    """'once', 'twice', '3 times'."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def often(failures: int) -> str:
    """' It failed 3 times in the last 24 hours.', behind another sentence; nothing where it failed once or never."""
    return f" It failed {times(failures)} in the last 24 hours." if failures > 1 else ""


def large(text: str) -> str:
    """With a capital: the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """Without: a sentence that goes on behind a name."""
    return text[:1].lower() + text[1:]


def listed(names: list[str], most: int = 5) -> str:
    """'A, B and C', or 'A, B and 7 more': the first few, and how many there are besides."""
    shown = [one_line(name, 60) for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
