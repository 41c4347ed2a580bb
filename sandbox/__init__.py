"""A local Hevo account over real HTTP: the sandbox that Hevo does not offer."""

from .account import Arrival, Sandbox
from .faults import Fault
from .receiver import Received, Receiver
from .scenarios import SCENARIOS

__all__ = ["SCENARIOS", "Arrival", "Fault", "Received", "Receiver", "Sandbox"]
