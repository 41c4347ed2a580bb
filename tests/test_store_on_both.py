"""The store's every function, on SQLite and on PostgreSQL: both take the same SQL and tell the same."""

from __future__ import annotations

import importlib
import pkgutil
import re
from datetime import UTC
from functools import partial
from inspect import signature
from pathlib import Path
from types import FunctionType
from typing import Any

import pandas as pd

from hevo_api import Pipeline
from monitor import Clock, Request, Standing, Store, Word, months, store
from monitor.events import Told
from monitor.freshness import Reading, Table
from monitor.known import Known, differences
from monitor.notes import About, Kind, Note
from monitor.store import Tx
from monitor.store.outbox import Letter


def functions() -> list[FunctionType]:
    """Every function of the store that works in a transaction; the account's number is made first."""
    modules = [importlib.import_module(f"monitor.store.{found.name}") for found in pkgutil.iter_modules(store.__path__)]
    own = [each for module in modules for each in vars(module).values() if isinstance(each, FunctionType)]
    ours = [each for each in own if each.__module__.startswith("monitor.store") and "tx" in signature(each).parameters]
    return [each for each in dict.fromkeys(ours) if not each.__name__.startswith("_")]


def values(at: int) -> dict[str, Any]:
    """Something for every parameter that a function of the store may have."""
    seconds, pipeline = at / 1000, Pipeline("7", "Orders", "ACTIVE", "FAILED", *[None] * 6)
    request = Request(f"{at}-a", "7", "Orders", "Ana", seconds, Standing.ASKED)
    wish = Request("", "7", "Orders", None, 0.0, Standing.WAITING)
    letter = Letter(str(at), at, "{}")
    return (
        {"account": 1, "name": "sample", "seen": True, "kind": "run", "hook": "hook", "most": 5}
        | {
            "at": at,
            "until": at + 60_000,
            "due_at": at,
            "next_look_at": at,
            "answered_at": at,
            "start": 0,
            "watched_from": 0,
            "before": 5,
            "end": at,
        }
        | {"watched_at": seconds, "wanted_at": seconds, "length": 60_000, "window": 60_000, "fence": 1, "version": 0}
        | {"cause": "down", "reference": "r", "said": "no", "by": "Ana", "person": "Ana"}
        | {"pipeline": "7", "pipelines": ["7"], "tables": [Table("t", None, seconds)], "month": "2023-11", "zone": UTC}
        | {"standing": Standing.WAITING, "wishes": [wish], "request": request, "note_id": "none"}
        | {"letters": [letter], "outcomes": [(letter, None, None), (letter, "no", at)]}
        | {"differences": differences({}, None, [pipeline], frozenset(), at)}
        | {"reading": Reading.after(None, seconds, [Table("t", "ACTIVE", seconds)], None)}
        | {"hours": pd.DataFrame({"start": [at], "word": ["failed"], "pipelines": [1]})}
        | {"figures": lambda names: pd.DataFrame(5, index=names, columns=[*months.COLUMNS])}
        | {"note": Note(Kind.NOTE, About.PIPELINES, ("7",), "It is known.", "Ana")}
        | {"changed": {"7": Told(Word.FAILED, at), "8": None}}
    )


def called(function: FunctionType, values: dict[str, Any], tx: Tx) -> object:
    """With what its parameters are called; of what is `known` before, there is nothing."""
    names = list(signature(function).parameters)[1:]
    known = Known() if "Known" in str(function.__annotations__.get("known")) else {}
    new = [name for name in names if name not in values and name != "known"]
    assert not new, f"{function.__name__} has a parameter that values() above has nothing for."
    return function(tx, **{name: known if name == "known" else values[name] for name in names})


def without_moments(answer: object) -> str:
    """As text; the two were asked at different times, and a request or a note gets a number at random."""
    text = answer.to_csv() if isinstance(answer, pd.DataFrame) else str(answer)
    return re.sub(r"\d{9,}(\.\d+)?(-[0-9a-f]{8}\b)?|0x[0-9a-f]+", "", text)


def test_all_that_the_store_does_it_does_on_both_and_tells_the_same(database: str, tmp_path: Path) -> None:
    told: list[dict[str, str]] = []
    for there in (Store.in_database(database, Clock()), Store.in_folder(tmp_path, Clock())):
        told.append({})
        for at in (1_700_000_000_000, 1_700_000_060_000):
            for function in functions():
                answer = there.write(partial(called, function, values(at)))
                told[-1][f"{function.__module__}.{function.__name__} {at}"] = without_moments(answer)
        there.close()
    assert told[0] == told[1]
    assert len(told[0]) > 80
