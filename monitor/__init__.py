"""Watches one Hevo account without any screen: what was seen, how it is judged, what was run."""

from monitor.access import Access, SettingsError
from monitor.account import Account, View
from monitor.health import Verdict, Word, judge, verdict
from monitor.history import Change, Health, History, Segment, Since, Spell, State, Trouble
from monitor.run import Outcome, Run, Standing
from monitor.run_log import RunLog
from monitor.settings import Settings, read_settings
from monitor.snapshot import Snapshot

__all__ = [
    "Access",
    "Account",
    "Change",
    "Health",
    "History",
    "Outcome",
    "Run",
    "RunLog",
    "Segment",
    "Settings",
    "SettingsError",
    "Since",
    "Snapshot",
    "Spell",
    "Standing",
    "State",
    "Trouble",
    "Verdict",
    "View",
    "Word",
    "judge",
    "read_settings",
    "verdict",
]
