"""The security headers of a real server; test_addresses sees them where it was started as a user starts it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import requests

from sandbox import Sandbox
from tests.conftest import Dashboard, free_port, launch, settings_for

SCRIPT = re.compile(r'src="\./(static/[^"]+\.js)"')


class InlineScripts(HTMLParser):
    """Collects the scripts that stand in a page itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and "src" not in dict(attributes)

    def handle_data(self, data: str) -> None:
        self.found += [data] if self._inside else []

    def handle_endtag(self, _: str) -> None:
        self._inside = False


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """One dashboard for all of these tests; none of them changes it."""
    with (
        Sandbox("empty") as hevo,
        launch(tmp_path_factory.mktemp("headers"), free_port(), **settings_for(hevo)) as started,
    ):
        yield started


def policy(answer: requests.Response) -> dict[str, list[str]]:
    """The content security policy, by directive."""
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


def test_each_answer_carries_the_headers(dashboard: Dashboard) -> None:
    index = requests.get(dashboard.url, timeout=10)
    script = SCRIPT.search(index.text)
    assert script
    paths = ("/", "/history", "/_stcore/health", "/nothing/here", "/_stcore/metrics", f"/{script[1]}")
    for path in paths:
        answer = requests.get(dashboard.url + path, timeout=10)
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["X-Frame-Options"] == "DENY", path
        assert answer.headers["Referrer-Policy"] == "same-origin", path
        assert policy(answer)["default-src"] == ["'self'"], path


def test_nothing_of_other_hosts_runs_loads_or_frames_the_page(dashboard: Dashboard) -> None:
    rules = policy(requests.get(dashboard.url, timeout=10))
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == ["'none'"]
    assert rules["connect-src"] == rules["form-action"] == ["'self'"]
    assert rules["img-src"] == ["'self'", "data:", "blob:"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & set(rules["script-src"])


def test_the_pages_own_inline_scripts_are_allowed_by_their_hashes(dashboard: Dashboard) -> None:
    index = requests.get(dashboard.url, timeout=10)
    scripts = InlineScripts(index.text).found
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert scripts
    assert policy(index)["script-src"] == ["'self'", "blob:", *(f"'sha256-{digest}'" for digest in hashes)]


def test_no_host_may_steer_our_pages_by_messages(dashboard: Dashboard) -> None:
    told = requests.get(f"{dashboard.url}/_stcore/host-config", timeout=10).json()
    assert told["allowedOrigins"] == []
    assert told["enableCustomParentMessages"] is False
