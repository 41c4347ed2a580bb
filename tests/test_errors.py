"""Whatever raises, wherever: a plain sentence and a reference on screen, the trace in the log alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.conftest import ROOT, Dashboard, free_port, launch

APP = """
import sys
sys.path.insert(0, {root!r})
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route
from server.errors import PlainErrors, say_sorry
from server.headers import SecurityHeaders

def route(request):
    raise LookupError("hidden words of the error")

app = st.App("failing.py", on_script_error=say_sorry, routes=[Route("/fails", route)],
             middleware=[Middleware(SecurityHeaders), Middleware(PlainErrors)])
"""
SCRIPT = """
import streamlit as st

def fail():
    raise LookupError("hidden words of the error")

where = st.query_params.get("where")
if where == "page":
    fail()
if where == "fragment":
    st.fragment(fail)()
if where == "callback":
    st.button("Press", on_click=fail)
if where == "dialog":
    if st.button("Press"):
        st.dialog("A question")(fail)()
if where == "streamlit":
    st.button("twice", key="same")
    st.button("twice", key="same")
"""
TRACES = re.compile(r"hidden words|LookupError|Traceback|failing|\.py\b|Streamlit\w+Error|/tmp|File \"")


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A real server whose pages fail in every way, behind our error net and with our settings."""
    folder = tmp_path_factory.mktemp("failing")
    (folder / "app.py").write_text(APP.format(root=str(ROOT)))
    (folder / "failing.py").write_text(SCRIPT)
    with launch(folder, free_port(), folder / "app.py") as server:
        yield server


@pytest.mark.parametrize("where", ["page", "fragment", "callback", "dialog", "streamlit"])
def test_an_error_is_a_sentence_with_a_reference_that_stands_in_the_log(
    page: Page, failing: Dashboard, where: str
) -> None:
    page.goto(f"{failing.url}/?where={where}")
    if where in ("callback", "dialog"):
        page.get_by_role("button", name="Press").click()
    said = page.get_by_text("Something in this dashboard did not work.")
    expect(said.first).to_be_visible()
    reference = re.search(r"this reference: ([0-9a-f]{8})", said.first.inner_text())
    assert reference
    assert TRACES.search(page.locator("body").inner_text()) is None
    assert f"Reference {reference[1]}" in failing.log.read_text()


def test_a_failing_route_has_the_sentence_and_the_headers(failing: Dashboard) -> None:
    answer = requests.get(f"{failing.url}/fails", timeout=20)
    assert answer.status_code == 500
    assert answer.text.startswith("Something in this dashboard did not work.")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert TRACES.search(answer.text) is None
    assert f"Reference {answer.text[-8:]}" in failing.log.read_text()
