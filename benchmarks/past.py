"""A day that was watched: a look each minute, and about one change an hour for each pipeline, no two alike."""

from __future__ import annotations

import random
from collections.abc import Sequence

from monitor.history import History, State

LOOKS = 24 * 60
WORKS, FAILS = State("ACTIVE", "OK"), State("ACTIVE", "FAILED")


def a_day_of(pipeline_ids: Sequence[str], end: float) -> History:
    """The day before `end`; at each minute a sixtieth of the pipelines changes, whichever it hits."""
    history, chance = History(), random.Random(7)
    states = dict.fromkeys(pipeline_ids, WORKS)
    for look in range(LOOKS):
        for pipeline_id in chance.sample(pipeline_ids, int(len(pipeline_ids) / 60 + chance.random())):
            states[pipeline_id] = WORKS if states[pipeline_id] is FAILS else FAILS
        history.observe(end - 60 * (LOOKS - look), states)
    return history
