"""The log of runs: lines of JSON, one before and one after each request, that outlive the dashboard."""

import io
import json
import os
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]
_TAIL_BYTES = 4_000_000
_IN_MEMORY = 2_000


class RunLog:
    """Remembers each record for good; with no path, in this process's memory only."""

    def __init__(self, path: Path | None, account: str = "") -> None:
        self._path = path
        self._account = account
        self._memory: deque[dict[str, Any]] = deque(maxlen=_IN_MEMORY)
        self._lock = threading.Lock()

    def write(self, record: Record) -> None:
        """Add one line and wait until the disk has it; OSError when it cannot be written."""
        entry = {**record, "account": self._account}
        with self._lock:
            if self._path is None:
                self._memory.append(entry)
            else:
                _append(self._path, json.dumps(entry).encode("ascii"))

    def read(self, limit: int = 2_000) -> list[dict[str, Any]]:
        """This account's last records, oldest first; lines that are not ours or not whole are passed over."""
        with self._lock:
            if self._path is None:
                return list(self._memory)[-limit:]
            lines = _last_lines(self._path)
        entries = [entry for line in lines if (entry := _parsed(line)).get("account") == self._account]
        return entries[-limit:]


def _append(path: Path, line: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "a+b", buffering=0, opener=_private) as file:
        whole = (b"" if _ends_whole(file) else b"\n") + line + b"\n"
        if file.write(whole) != len(whole):
            raise OSError("The log of runs took only part of a line.")
        os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _ends_whole(file: io.FileIO) -> bool:
    """False when a crash left half a line at the end, which must not swallow the next one."""
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _last_lines(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            return file.read().splitlines()
    except OSError:
        return []


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}
