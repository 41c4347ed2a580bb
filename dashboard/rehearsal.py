"""The sample's last day, watched in fast motion through the same API: a newcomer's first minute has a history."""

from __future__ import annotations

import time

from hevo_api import HevoClient
from monitor.rehearsal import watch_again
from monitor.store import Store
from sandbox import Sandbox

DAY, HOUR = 86_400, 3_600
RARELY, OFTEN = 480, 60  # seconds between two looks: over the day, and in its last hour


class Story:
    """The sandbox's clock: now, but for while its past is told."""

    def __init__(self) -> None:
        self.behind = 0.0

    def __call__(self) -> float:
        return time.time() - self.behind

    def go_to(self, moment: float) -> None:
        """From then on the story goes on."""
        self.behind = time.time() - moment


def watch_the_last_day(sandbox: Sandbox, story: Story, store: Store, name: str) -> None:
    """Looks at the sandbox as it was, from a day ago until now, unless something is known of it already."""
    now = time.time()
    ages = [*range(DAY, HOUR, -RARELY), *range(HOUR, 0, -OFTEN)]
    client = HevoClient(sandbox.api_key, sandbox.api_secret, base_url=sandbox.base_url, clock=story, sleep=time.sleep)
    watch_again(client, store, name, [now - age for age in ages], story.go_to)
    story.behind = 0.0
