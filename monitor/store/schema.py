"""The tables, and how an older store becomes one of today: every file of `migrations`, in the order of their names."""

from pathlib import Path

_FILES = sorted(Path(__file__).with_name("migrations").glob("*.sql"))
MIGRATIONS = tuple(file.read_text(encoding="utf-8") for file in _FILES)
