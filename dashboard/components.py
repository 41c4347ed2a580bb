"""Components of our own. Their scripts are files that a browser fetches once, and no part of each redraw."""

from __future__ import annotations

import hashlib
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from dashboard.addresses import BASE

FOLDER = Path(__file__).parent / "browser"
_VERSION = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(FOLDER.iterdir()))).hexdigest()[:12]
ADDRESS = f"{BASE}/browser/{_VERSION}"  # another one when a script is another one
_SCRIPT = """export default async (component) =>
  (await import(`${location.origin}%s/%s.js`)).default(component)
"""  # of two lines: Streamlit takes one for the name of a file


def component(name: str, html: str, isolate_styles: bool = True) -> ComponentRenderer:
    """The component whose script is browser/`name`.js: how it is drawn on a page."""
    script = _SCRIPT % (ADDRESS, name)
    return st.components.v2.component(f"hevo_{name}", html=html, js=script, isolate_styles=isolate_styles)


def nothing() -> None:
    """For what a component tells and nobody hears: without a listener it would not be told at all."""
