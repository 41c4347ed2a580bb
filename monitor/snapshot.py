"""The last complete answer of Hevo, in memory and on disk."""

import json
import logging
import math
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from hevo_api import Pipeline

logger = logging.getLogger(__name__)
_VERSION = 2
_LARGEST = 64_000_000
_USER_IN_ADDRESS = re.compile(r"://\S*@")
_SHOWN = (
    "name",
    "status",
    "health_status",
    "source_name",
    "source_type",
    "destination_name",
    "destination_type",
    "schedule_type",
    "schedule_value",
)


def without_secrets(pipeline: Pipeline) -> Pipeline:
    """Only what the pages show: the rest may hold a webhook's address, and a name a user and password."""
    texts = {name: getattr(pipeline, name) for name in _SHOWN}
    masked = {name: _USER_IN_ADDRESS.sub("://…@", text) for name, text in texts.items() if text and "://" in text}
    return replace(pipeline, **masked, raw={})


@dataclass(frozen=True)
class Snapshot:
    """All pipelines as Hevo gave them at one time; never a part of the list."""

    pipelines: tuple[Pipeline, ...]
    answered_at: float
    generation: int = 0

    @cached_property
    def _by_id(self) -> dict[str, Pipeline]:
        return {pipeline.id: pipeline for pipeline in self.pipelines}

    def get(self, pipeline_id: str) -> Pipeline | None:
        """The pipeline with this number, if Hevo listed it."""
        return self._by_id.get(pipeline_id)


class SnapshotFile:
    """One account's last snapshot on disk: private, whole or not there, and without secrets."""

    def __init__(self, folder: Path, account: str) -> None:
        self._path = folder / f"snapshot-{account}.json"
        self._account = account

    def save(self, snapshot: Snapshot) -> None:
        """Replace the file in one move; a disk that takes nothing is noted in the log, no more."""
        content = {
            "version": _VERSION,
            "account": self._account,
            "answered_at": snapshot.answered_at,
            "pipelines": [_to_json(pipeline) for pipeline in snapshot.pipelines],
        }
        try:
            _replace(self._path, json.dumps(content).encode("ascii"))
        except OSError as error:
            logger.warning("The last answer could not be saved: %s", error.strerror)

    def load(self) -> Snapshot | None:
        """The saved snapshot; None when there is none, or when anything about the file is odd."""
        try:
            if self._path.stat().st_size > _LARGEST:
                raise ValueError("too large")
            return _snapshot(json.loads(self._path.read_bytes()), self._account)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            logger.warning("The saved answer is not used: it cannot be read (%s).", type(error).__name__)
            return None


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _to_json(pipeline: Pipeline) -> dict[str, str | None]:
    return {"id": pipeline.id, **{name: getattr(pipeline, name) for name in _SHOWN}}


def _snapshot(content: Mapping[str, Any], account: str) -> Snapshot:
    """The snapshot, if each part is exactly what we write; else an error."""
    answered_at = content["answered_at"]
    if content["version"] != _VERSION or content["account"] != account:
        raise ValueError("another version or account")
    if type(answered_at) is not float or not math.isfinite(answered_at):
        raise ValueError("no time")
    return Snapshot(tuple(_pipeline(row) for row in content["pipelines"]), answered_at)


def _pipeline(row: Mapping[str, Any]) -> Pipeline:
    if not isinstance(row["id"], str):
        raise TypeError("a number that is no text")
    shown: dict[str, Any] = {name: _text(row[name]) for name in _SHOWN}
    return Pipeline(id=row["id"], **shown)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError("neither text nor nothing")
