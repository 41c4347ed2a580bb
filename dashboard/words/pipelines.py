"""The table of pipelines, and one pipeline in full."""

from __future__ import annotations

from dashboard.words.text import counted, one_line

OPENS = "Choose one by its name"
OBJECT_STATES = {
    "ACTIVE": "Active: loads at the planned times",
    "SCHEDULED": "Scheduled: loads in the next cycle",
    "QUEUED": "Queued: waits for free resources",
    "STREAMING": "Streaming: is loading now",
    "BOOTSTRAPPING": "Bootstrapping: loads its history for the first time",
    "AWAITING_MAPPING": "Awaiting mapping: not yet tied to a table in the destination",
    "DEFERRED": "Deferred: the source's limits are used up for now",
    "FINISHED": "Finished: will not run again",
    "SKIPPED": "Skipped: left out on purpose",
    "PAUSED": "Paused: turned off in Hevo",
    "PERMISSION_DENIED": "Permission denied: Hevo may not read it",
    "FAILED": "Failed: Hevo reports a problem",
}


def object_state(status: str | None) -> str:
    """What the state of a table means (after Hevo's documentation); an unknown one is shown as it came."""
    if not status:
        return "Hevo does not say"
    return OBJECT_STATES.get(status, f"Unknown: {one_line(status, 60)}")


def none_match(hidden: int) -> str:
    """Why a filtered table is empty."""
    return f"No pipeline matches. {hidden:,} {'is' if hidden == 1 else 'are'} hidden. Clear the filter."


def shown(number: int, hidden: int) -> str:
    """How many rows stand in the table, and how many the filter hides."""
    return (
        f"{counted(number)} shown, {hidden:,} hidden by the filter." if hidden else f"{counted(number)}, worst first."
    )


def opens_first(offered: int) -> str:
    """What a long table's choice holds."""
    return f"One of the first {offered:,}, or search"
