"""An application as a server: one thread, one event loop, one port of its own."""

import asyncio
import socket
import threading
from abc import ABC, abstractmethod
from typing import Any, Self

from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


class Wire(H11Protocol):
    """Uvicorn's protocol, which also hands its transport on: no well-formed answer can hold a broken one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the transport within the application's reach."""
        super().connection_made(transport)
        # Else a client's delayed acknowledgement holds the body back for 40 ms behind the header.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {"transport": transport}


class Server(ABC):
    """A context manager, or `start()` and `stop()`; what it answers is a subclass's `__call__`."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._thread: threading.Thread | None = None

    @abstractmethod
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application."""

    @property
    def address(self) -> str:
        """Where it answers; the port is known once it has started."""
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

    async def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        """Answer until asked to leave. Uvicorn's own server would look for that ten times a second only."""
        self._loop, self._leave = asyncio.get_running_loop(), asyncio.Event()
        quiet: dict[str, Any] = {"log_config": None, "access_log": False}
        config = Config(self, http=Wire, ws="none", lifespan="off", proxy_headers=False, timeout_keep_alive=60, **quiet)
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
