"""The sandbox: a Hevo account on this machine."""

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from . import control
from .api import API_KEY, API_SECRET, MEMBER_KEY, MEMBER_SECRET, PREFIX, Api, Arrival, Gate, credentials
from .faults import Faults, FaultyWire
from .fleet import Fleet
from .server import Server
from .variants import Variants

KEPT_ARRIVALS = 20_000


class Sandbox(Server):
    """A Hevo account on this machine: a context manager, or `start()` and `stop()`.

    The same seed and clock tell the same story. Each request reads `clock` anew, for the story and for the rate
    limit, so its owner may move it while the sandbox runs, forwards and back.
    """

    api_key, api_secret = API_KEY, API_SECRET
    member_key, member_secret = MEMBER_KEY, MEMBER_SECRET

    def __init__(
        self,
        scenario: str = "everyday",
        *,
        seed: int = 7,
        speed: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
        requests_per_minute: int = 100,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if requests_per_minute < 1:
            raise ValueError("The limit is at least one request a minute.")
        super().__init__(host, port)
        self.scenario, self.clock = scenario, clock
        self.fleet = Fleet(scenario, seed, speed, clock)
        self.variants = Variants()
        self.faults = Faults()
        self.arrivals: list[Arrival] = []
        gate = Gate(Api(self.fleet, self.variants).app(), self.variants, requests_per_minute, clock)
        self._api: ASGIApp = FaultyWire(gate, self.faults, self.variants)
        self._control = control.Control(self.fleet, self.variants, self.faults, self.arrivals).app()

    @property
    def base_url(self) -> str:
        """What a client is given; the port is known once the sandbox has started."""
        return f"{self.address}{PREFIX}"

    @property
    def control_url(self) -> str:
        """Where the control routes begin."""
        return f"{self.address}{control.PREFIX}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application: the control routes, and the API behind its faults."""
        app = self._api
        if scope["path"].startswith(control.PREFIX):
            app = self._control if control.may_steer(scope) else control.REFUSAL
        else:
            self._note(scope)
        await app(scope, receive, send)

    def _note(self, scope: Scope) -> None:
        """Remember an arrival, but not for ever."""
        key = (credentials(scope) or (None,))[0]
        query = scope["query_string"].decode("latin-1")
        self.arrivals.append(Arrival(self.clock(), scope["method"], scope["path"], key, query))
        if len(self.arrivals) > 2 * KEPT_ARRIVALS:
            del self.arrivals[:KEPT_ARRIVALS]
