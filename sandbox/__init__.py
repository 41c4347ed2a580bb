"""A local Hevo account over real HTTP: the sandbox that Hevo does not offer."""

from .faults import Fault, Faults
from .fleet import Fleet
from .scenarios import SCENARIOS
from .server import API_KEY, API_SECRET, MEMBER_KEY, MEMBER_SECRET, Arrival, Sandbox
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
    "Sandbox",
    "Variants",
]
