"""Pages as Hevo cuts them: up to 100 items, and an opaque cursor to the next ones."""

import base64
from collections.abc import Sequence
from typing import TypeVar

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

Item = TypeVar("Item")

DEFAULT_LIMIT = 20  # Hevo's own is not documented
LARGEST_LIMIT = 100


def cursor_after(count: int) -> str:
    """The cursor that follows the first `count` items."""
    return base64.urlsafe_b64encode(f"after:{count}".encode()).decode()


def items_before(cursor: str) -> int:
    """How many items a cursor passes over; 400 when it is none of ours."""
    try:
        count = int(base64.urlsafe_b64decode(cursor).removeprefix(b"after:"))
    except ValueError:
        count = -1
    if count < 0 or cursor_after(count) != cursor:
        raise HTTPException(400, "Invalid starting_after")
    return count


def asked_limit(text: str) -> int:
    """How many items the caller wants; 400 outside 1 to 100."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_LIMIT):
        raise HTTPException(400, f"limit must be a number from 1 to {LARGEST_LIMIT}")
    return int(text)


def cut(items: Sequence[Item], query: QueryParams) -> tuple[Sequence[Item], str | None]:
    """The items of one page, and the cursor to the next one if there is any."""
    begin = items_before(query["starting_after"]) if "starting_after" in query else 0
    end = begin + asked_limit(query.get("limit", str(DEFAULT_LIMIT)))
    return items[begin:end], cursor_after(end) if end < len(items) else None
