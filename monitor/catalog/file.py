"""The file that the catalogue stands in: read again when it changes."""

from __future__ import annotations

import logging
import stat
import time
from collections.abc import Callable
from math import inf
from pathlib import Path
from threading import Lock

from monitor.catalog.reader import EMPTY, Catalog, CatalogError, read_catalog, shown

SAMPLE = Path(__file__).with_name("sample.toml")
LARGEST = 1_000_000  # bytes
LOOK_EVERY = 1.0  # seconds

logger = logging.getLogger(__name__)


class CatalogFile:
    """The catalogue in a file, read again when the file changes; a mistake in it keeps the last good one.

    `mistakes` are the sentences for the owner, empty while the file is fine. A file that `needed` says must be there
    is a mistake while it is not; another one may come later.
    """

    def __init__(self, path: Path, needed: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self.mistakes: tuple[str, ...] = ()
        self._needed, self._clock, self._lock = needed, clock, Lock()
        self._looked = -inf
        self._mark: tuple[int, ...] | None = None
        self._catalog = EMPTY

    def current(self) -> Catalog:
        """The last good catalogue: the same object until the file holds another one."""
        with self._lock:
            now = self._clock()
            if now - self._looked >= LOOK_EVERY:
                self._looked, before = now, self.mistakes
                self.mistakes = self._look()
                for sentence in self.mistakes if self.mistakes != before else ():
                    logger.warning("Catalogue: %s", sentence)
            return self._catalog

    def _look(self) -> tuple[str, ...]:
        """What is wrong with the file. It is read where it changed; what cannot be opened is tried again."""
        try:
            found = self.path.stat()
            mark = found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
            if mark == self._mark:
                return self.mistakes
            self._mark = mark
            self._catalog, self._needed = read_file(self.path), True
        except CatalogError as error:
            return error.args
        except OSError as error:
            self._mark = None
            is_absent = isinstance(error, FileNotFoundError | NotADirectoryError)
            why = "is not there" if is_absent else "cannot be opened"
            return () if is_absent and not self._needed else (f"The catalogue {shown(self.path.name)} {why}.",)
        logger.info("Read the catalogue: %s", self._catalog)
        return ()


def read_file(path: Path) -> Catalog:
    """The catalogue of this file; CatalogError where its content is at fault, OSError where it cannot be opened."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise CatalogError(f"{shown(path.name)} is not a file.")
    if found.st_size > LARGEST:
        raise CatalogError(f"{shown(path.name)} is larger than {LARGEST // 1000:,} KB.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CatalogError(f"Line {line}: this is not UTF-8 text.") from None
    return read_catalog(text)
