"""Watches one Hevo account without any screen: what was seen, how it is judged, what was run."""

from monitor.access import Access, SettingsError
from monitor.account import Account
from monitor.clock import Clock
from monitor.health import Word, judge
from monitor.history import History
from monitor.now import Now, Row, Since
from monitor.requests import Outcome, Request, Standing
from monitor.settings import Settings, read_settings
from monitor.store import Store, StoreError

__all__ = [
    "Access",
    "Account",
    "Clock",
    "History",
    "Now",
    "Outcome",
    "Request",
    "Row",
    "Settings",
    "SettingsError",
    "Since",
    "Standing",
    "Store",
    "StoreError",
    "Word",
    "judge",
    "read_settings",
]
