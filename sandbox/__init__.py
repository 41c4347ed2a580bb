"""A local Hevo account over real HTTP: the sandbox that Hevo does not offer."""

from .account import API_KEY, API_SECRET, MEMBER_KEY, MEMBER_SECRET, Sandbox
from .api import Arrival
from .faults import Fault, Faults
from .fleet import Fleet
from .receiver import Received, Receiver
from .scenarios import SCENARIOS
from .variants import Variants

__all__ = [
    "API_KEY",
    "API_SECRET",
    "MEMBER_KEY",
    "MEMBER_SECRET",
    "SCENARIOS",
    "Arrival",
    "Fault",
    "Faults",
    "Fleet",
    "Received",
    "Receiver",
    "Sandbox",
    "Variants",
]
