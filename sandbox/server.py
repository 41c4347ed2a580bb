"""The sandbox as a server: one thread, one event loop, one port of its own."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from .api import PREFIX, Api, Gate, credentials
from .control import PREFIX as CONTROL
from .control import Control
from .faults import Faults, FaultyWire
from .fleet import Fleet
from .variants import Variants

# These open nothing but a sandbox.
API_KEY, API_SECRET = "sandbox-key", "sandbox-secret"
MEMBER_KEY, MEMBER_SECRET = "member-key", "member-secret"
KEPT_ARRIVALS = 20_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that reached the API, whatever became of it."""

    at: float
    method: str
    path: str
    key: str | None
    query: str = ""


class Wire(H11Protocol):
    """Uvicorn's protocol, which also hands its transport on: no well-formed answer can hold a broken one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the transport within the application's reach."""
        super().connection_made(transport)
        # Else a client's delayed acknowledgement holds the body back for 40 ms behind the header.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {"transport": transport}
        self.access_log = False


class Sandbox:
    """A Hevo account on this machine: a context manager, or `start()` and `stop()`.

    The same seed and clock tell the same story. Tests move `clock`; the rate limit reads it too.
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
        self.scenario, self.host, self.port, self.clock = scenario, host, port, clock
        self.fleet = Fleet(scenario, seed, speed, clock)
        self.variants = Variants()
        self.faults = Faults()
        self.arrivals: list[Arrival] = []
        secrets = {API_KEY: API_SECRET, MEMBER_KEY: MEMBER_SECRET}
        api = Api(self.fleet, self.variants).app()
        gate = Gate(api, self.variants, secrets, frozenset({MEMBER_KEY}), requests_per_minute, clock)
        self._api: ASGIApp = FaultyWire(gate, self.faults, self.variants)
        self._control = Control(self).app()
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """What a client is given; the port is known once the sandbox has started."""
        return f"{self._address}{PREFIX}"

    @property
    def control_url(self) -> str:
        """Where the control routes begin."""
        return f"{self._address}{CONTROL}"

    @property
    def _address(self) -> str:
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"  # noqa: S104

    def start(self) -> Self:
        """Listen and answer; OSError when the port is taken."""
        listener = socket.create_server((self.host, self.port))
        self.port = listener.getsockname()[1]
        ready = threading.Event()
        serve = self._serve(listener, ready)
        self._thread = threading.Thread(target=asyncio.run, args=(serve,), name="sandbox", daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def stop(self) -> None:
        """Close every connection, answered or not, and the port."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._leave.set)
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application: the control routes, and the API behind its faults."""
        if scope["path"].startswith(CONTROL):
            await self._control(scope, receive, send)
        else:
            self._note(scope)
            await self._api(scope, receive, send)

    def _note(self, scope: Scope) -> None:
        """Remember an arrival, but not for ever."""
        key = (credentials(scope) or (None,))[0]
        query = scope["query_string"].decode("latin-1")
        self.arrivals.append(Arrival(self.clock(), scope["method"], scope["path"], key, query))
        if len(self.arrivals) > 2 * KEPT_ARRIVALS:
            del self.arrivals[:KEPT_ARRIVALS]

    async def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        """Answer until asked to leave. Uvicorn's own server would look for that ten times a second only."""
        self._loop, self._leave = asyncio.get_running_loop(), asyncio.Event()
        config = Config(
            self,
            http=Wire,
            ws="none",
            lifespan="off",
            proxy_headers=False,
            log_config=None,
            timeout_keep_alive=60,
        )
        config.load()
        state = ServerState()
        server = await self._loop.create_server(lambda: Wire(config, state, {}), sock=listener, backlog=1024)
        ready.set()
        await self._leave.wait()
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=1)
