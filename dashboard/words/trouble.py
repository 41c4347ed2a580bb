"""What is wrong on our side, said once, at the top of the page; never a number or a class name."""

from __future__ import annotations

import math

from dashboard.times import duration
from monitor.known import Trouble

KEPT_NOT = "What we see now is not being kept."
AWAY = "We cannot reach our own records."
SET_ASIDE = (
    "The file with what was seen before could not be read. It was set aside under another name, and a new one began."
)
NEWER = "The file with what was seen was written by a newer version of this dashboard, so it is left alone."


WHY = {
    "key": "Hevo did not accept our key. Nothing below is being updated. Ask {contact} to renew it.",
    "permission": "Our key may not look at the pipelines. It must be made by a Hevo account owner.",
    "limit": "Hevo allows {limit} requests a minute and they are used up.",
    "unreadable": "Hevo sent an answer we could not read.",
    "request": "Hevo did not understand our request.",
    "gone": "Hevo did not understand our request.",
    "down": "Hevo is not answering.",
}


def of_hevo(
    trouble: Trouble, answered: str | None, next_try: float | None, limit: int = 100, contact: str | None = None
) -> str:
    """Why nothing new comes from Hevo, and when we try again. `contact`: whom to ask, if the owner said so."""
    next_try = math.ceil(next_try or 0)
    data = f"Data from {answered}." if answered else "Nothing has been read yet."
    last = f"Last answer {answered}." if answered else ""
    again = f"Trying again in {duration(next_try)}." if next_try else "Trying again now."
    check = f"Next check in {duration(next_try)}." if next_try else "Next check soon."
    odd = [data, again, f"Reference {trouble.reference}."]
    after = {"key": [], "permission": [data], "limit": [check, data], "down": [last, again]}.get(trouble.cause, odd)
    return " ".join(filter(None, [briefly(trouble.cause, limit, contact), *after]))


def briefly(cause: str, limit: int = 100, contact: str | None = None) -> str:
    """The same without what changes each second, to be said aloud once."""
    return WHY.get(cause, WHY["down"]).format(limit=limit, contact=contact or "the dashboard owner")


def of_store(problem: str, answered: str | None) -> str:
    """Why what is seen now may be forgotten, or is old."""
    if problem == "away":
        return f"{AWAY} Data from {answered}." if answered else AWAY
    return f"{KEPT_NOT} {NEWER}" if problem == "newer" else KEPT_NOT
