"""A day that was watched: a look each minute, and one change an hour for each pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.history import History, State

LOOKS = 24 * 60
WORKS, FAILS = State("ACTIVE", "OK"), State("ACTIVE", "FAILED")


def a_day_of(pipeline_ids: Sequence[str], end: float) -> History:
    """The day before `end`; at each minute another sixtieth of the pipelines changes."""
    history = History()
    states = dict.fromkeys(pipeline_ids, WORKS)
    for look in range(LOOKS):
        for pipeline_id in pipeline_ids[look % 60 :: 60]:
            states[pipeline_id] = WORKS if states[pipeline_id] is FAILS else FAILS
        history.observe(end - 60 * (LOOKS - look), states)
    return history
