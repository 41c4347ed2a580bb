"""Another simulator of Hevo's API, written from what is known of Hevo alone, so that ours does not judge itself.

It shares nothing with the sandbox: plain http.server, ids, names and states of its own, a page size that ignores
`limit`. Each of its pipelines knows which word it must get, because it was made to deserve that word.
"""

from __future__ import annotations

import base64
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]

PREFIX = "/api/public/v2.0"
KEY, SECRET = "another-key", "another-secret"
WORST_FIRST = ("Failed", "Unknown", "Healthy", "Paused")
OFF = "(off)"  # INACTIVE or PAUSED, as this simulator was told
DESERVES: tuple[tuple[str, Json], ...] = (
    *5 * (("Healthy", {"status": "ACTIVE", "health_status": "OK"}),),
    *3 * (("Failed", {"status": "ACTIVE", "health_status": "FAILED"}),),
    ("Paused", {"status": OFF, "health_status": "OK"}),
    ("Paused", {"status": OFF, "health_status": "FAILED"}),
    ("Unknown", {"status": "ACTIVE"}),
    ("Unknown", {"health_status": "OK"}),
    ("Unknown", {}),
    ("Unknown", {"status": OFF}),
    ("Unknown", {"status": "ACTIVE", "health_status": "DEGRADED"}),
    ("Unknown", {"status": "ACTIVE", "health_status": "ok"}),
    ("Unknown", {"status": "STREAMING", "health_status": "OK"}),
    ("Unknown", {"status": "ACTIVE", "health_status": None}),
)
TEAMS = ("Harbour", "Lighthouse", "Orchard", "Quarry", "Viaduct", "Ämter", "zebra", "Northern depot")
THINGS = ("ledger", "bookings", "sensors", "payroll", "claims", "timetable", "meters")
KINDS = (("MARIADB", "MariaDB"), ("FTP", "SFTP"), ("PIPEDRIVE", "Pipedrive"), ("ELASTIC", "Elasticsearch"))
WAREHOUSES = (("Lagoon", "AZURE_SYNAPSE", "Azure Synapse"), ("Granary", "AURORA", "Aurora"))


@dataclass
class Known:
    """A pipeline as Hevo would send it, with the word that it must get on every screen."""

    id: str
    body: Json
    word: str

    @property
    def label(self) -> str:
        """What people read as its name."""
        return str(self.body.get("source", {}).get("name") or f"Pipeline {self.id}")

    @property
    def rank(self) -> tuple[int, str, int]:
        """Its place in a list: worst first, then by name, then by number."""
        return WORST_FIRST.index(self.word), self.label.casefold(), int(self.id)


@dataclass
class UnknownHevo:
    """An account of 205 pipelines in mixed states, and the choices that Hevo's documentation leaves open."""

    pipelines: int = 205
    page_size: int = 37
    wrapped: bool = True
    run_status: int = 200
    off: str = "PAUSED"
    ids_are_text: bool = False
    seed: int = 41
    arrivals: list[str] = field(default_factory=list)
    refused: int = 0
    url: str = ""
    is_away: bool = False
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        dice = random.Random(self.seed)
        numbers = sorted(dice.sample(range(300, 99_000), self.pipelines))
        self.known = [_pipeline(place, number, self, dice) for place, number in enumerate(numbers)]
        dice.shuffle(self.known)
        self._lock, self._window = Lock(), deque[float]()

    @property
    def counts(self) -> Counter[str]:
        """How many pipelines deserve each word."""
        return Counter(known.word for known in self.known)

    @property
    def ordered(self) -> list[Known]:
        """The pipelines in the order of every list."""
        return sorted(self.known, key=lambda known: known.rank)

    @property
    def runs(self) -> list[str]:
        """The numbers of the pipelines that were asked to run, as they were asked."""
        return [arrival.split("/")[-2] for arrival in self.arrivals if arrival.endswith("/run-now")]

    def settings(self, refresh_seconds: int) -> dict[str, str]:
        """What points a dashboard at it; without a path, as somebody may type it."""
        return {
            "HEVO_API_KEY": KEY,
            "HEVO_API_SECRET": SECRET,
            "HEVO_BASE_URL": self.url,
            "HEVO_REFRESH_SECONDS": str(refresh_seconds),
            "HEVO_WATCH_SECONDS": "0",
            "HEVO_FRESHNESS": "false",  # whatever else arrives was caused by a person
        }

    @contextmanager
    def serving(self) -> Iterator[UnknownHevo]:
        """Answers on a port of its own until the block ends."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def answer(self, method: str, target: str, authorization: str | None) -> tuple[int, Any]:
        """The status and the body for a request; a text is sent as it is, all else as JSON."""
        address = urlsplit(target)
        with self._lock:
            self.arrivals.append(f"{method} {address.path}")
            if authorization != "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode():
                return 401, {"error": {"message": "The key or the secret is not valid"}}
            if self._is_too_much():
                return 429, "Request rate limit exceeded"
            if self.is_away:
                return 503, {"message": "Service Unavailable"}
        match method, address.path.removeprefix(PREFIX).strip("/").split("/"):
            case "GET", ["pipelines"]:
                return self._page(parse_qs(address.query).get("starting_after", [""])[0])
            case "GET", ["pipelines", number] if known := self._find(number):
                return 200, self._single(known.body)
            case "GET", ["pipelines", number, "schedule"] if known := self._find(number):
                return 200, self._single(known.body.get("schedule", {}))
            case "GET", ["pipelines", number, "objects"] if self._find(number):
                return 200, {"data": [{"name": "crates", "status": "STREAMING", "last_run_ts": 1_790_000_000_000}, {}]}
            case "GET", ["pipelines", number, "position"] if self._find(number):
                return 400, {"message": "Position is only available for log based pipelines"}
            case "POST", ["pipelines", number, "run-now"] if known := self._find(number):
                return self._run(known)
        return 404, {"error": {"message": "Pipeline not found"}}

    def _is_too_much(self) -> bool:
        """The documented limit: 100 requests in any 60 seconds."""
        now = self.clock()
        while self._window and self._window[0] <= now - 60:
            self._window.popleft()
        if len(self._window) >= 100:
            self.refused += 1
            return True
        self._window.append(now)
        return False

    def _find(self, number: str) -> Known | None:
        return next((known for known in self.known if known.id == number), None)

    def _single(self, body: Json) -> Json:
        return {"data": body} if self.wrapped else body

    def _page(self, cursor: str) -> tuple[int, Json]:
        """A page of our own size, whatever `limit` says; the last one has no `pagination` at all."""
        start = _place(cursor) if cursor else 0
        if start is None:
            return 400, {"message": "starting_after is not one of ours"}
        page = self.known[start : start + self.page_size]
        answer: Json = {"data": [known.body for known in page]}
        if start + self.page_size < len(self.known):
            answer["pagination"] = {"starting_after": _cursor(start + self.page_size), "count": len(page)}
        return 200, answer

    def _run(self, known: Known) -> tuple[int, Any]:
        """A run puts it right at once; what is sent back depends on the status."""
        if known.word == "Failed":
            known.word, known.body["health_status"] = "Healthy", "OK"
        return self.run_status, {200: {"data": {}}, 201: known.body, 202: "accepted", 204: ""}[self.run_status]


def _pipeline(place: int, number: int, hevo: UnknownHevo, dice: random.Random) -> Known:
    """One pipeline; a property that may be missing is missing now and then."""
    word, state = DESERVES[place % len(DESERVES)]
    kind, shown = dice.choice(KINDS)
    name, warehouse, warehouse_shown = dice.choice(WAREHOUSES)
    source = {"name": f"{dice.choice(TEAMS)} {dice.choice(THINGS)}", "type": {"name": kind, "display_name": shown}}
    if dice.random() < 0.2:
        source["type"] = kind
    if dice.random() < 0.1:
        del source["name"]
    optional = {
        "source": source,
        "destination": {"name": name, "type": {"name": warehouse, "display_name": warehouse_shown}},
        "schedule": {"type": "FREQUENCY", "schedule": dice.choice((5, "15", 60))},
        "priority": "NORMAL",
    }
    body = {name: value for name, value in optional.items() if dice.random() > 0.1}
    told = {name: hevo.off if value == OFF else value for name, value in state.items()}
    return Known(str(number), {"id": str(number) if hevo.ids_are_text else number} | body | told, word)


def _cursor(place: int) -> str:
    """Opaque, and full of what must be quoted in an address."""
    return f"{place}+/=&%20?"


def _place(cursor: str) -> int | None:
    number, mark, _ = cursor.partition("+")
    return int(number) if number.isdecimal() and mark and cursor == _cursor(int(number)) else None


def _handler(hevo: UnknownHevo) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one piece: the second of two would wait for a receipt of the first

        def _reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = hevo.answer(self.command, self.path, self.headers.get("Authorization"))
            payload = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(payload.encode())))
            self.end_headers()
            self.wfile.write(payload.encode())

        do_GET = do_POST = _reply

        def log_message(self, *_: object) -> None:
            """Quiet: what arrived stands in `arrivals`."""

    return Handler
