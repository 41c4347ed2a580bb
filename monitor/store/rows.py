"""How our values lie in tables: as their fields' types say, with moments and lengths as whole milliseconds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from monitor.known import whole
from monitor.store.engines import Tx

T = TypeVar("T")
Way = Callable[[Any], Any]


class Rows(Generic[T]):
    """Values of a dataclass as rows, a column a field, in the order of its fields. `renamed`: field to column.

    `table` is where they lie, each under its account and a `key`.
    """

    def __init__(self, kind: type[T], table: str = "", key: str = "id", **renamed: str) -> None:
        types = get_type_hints(kind)
        self._kind, self._fields = kind, attrgetter(*types)
        self._writers, self._readers = zip(*map(_ways, types.values()), strict=True)
        self.columns = tuple(renamed.get(name, name) for name in types)
        self.names = ", ".join(self.columns)
        self._found = f"SELECT {key}, {self.names} FROM {table} WHERE account = ? AND "

    def values(self, one: T) -> list[Any]:
        """What is kept of it."""
        return _each(self._writers, self._fields(one))

    def read(self, row: Iterable[Any]) -> T:
        """The value that was kept so."""
        return self._kind(*_each(self._readers, row))

    def found(self, tx: Tx, account: int, which: str, *values: object) -> dict[str, T]:
        """Those of the account, by their keys, that `which` names in SQL, in its order."""
        return {key: self.read(row) for key, *row in tx.all(self._found + which, account, *values)}


def _each(ways: Sequence[Way], values: Iterable[Any]) -> list[Any]:
    return [None if value is None else way(value) for way, value in zip(ways, values, strict=True)]


def _ways(kind: Any) -> tuple[Way, Way]:
    """How a value of this type is written, and read again."""
    inner = next(iter(get_args(kind)), kind)  # of `X | None` and of `tuple[X, ...]` it is the first
    if get_origin(kind) is tuple:
        write, read = _ways(inner)
        return (
            lambda values: json.dumps([write(value) for value in values], separators=(",", ":")),
            lambda text: tuple(read(value) for value in json.loads(text)),
        )
    if inner is float:
        return (lambda seconds: round(seconds * 1000)), (lambda milliseconds: milliseconds / 1000)
    return (whole if issubclass(inner, str) else int), inner


def insert(table: str, columns: str) -> str:
    """A statement that takes a new row with these columns."""
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' for _ in columns.split(','))})"


def upsert(table: str, keys: str, columns: str) -> str:
    """One that changes the row with the same keys if there is one."""
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns.split(", "))
    return f"{insert(table, f'{keys}, {columns}')} ON CONFLICT ({keys}) DO UPDATE SET {changed}"
