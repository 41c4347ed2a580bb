"""A person's own key, for their own tab only: typed, never stored, never in the address, gone with the session."""

from __future__ import annotations

import streamlit as st

from dashboard import connection, lines
from dashboard.screen import Screen
from dashboard.words.text import one_line
from monitor.settings import REGIONS


def show(screen: Screen) -> None:
    """The form, or the way back when this tab has an account of its own."""
    if connection.has_own():
        st.markdown("This tab shows your own account. Nobody else sees it.")
        st.button("Forget my key", on_click=connection.disconnect_own)
        return
    with st.form("own_key", width=480):
        region = st.selectbox("Region", list(REGIONS))
        key = st.text_input("API key", type="password", autocomplete="off")
        secret = st.text_input("API secret", type="password", autocomplete="off")
        if st.form_submit_button("Use my key in this tab", type="primary"):
            _connect(screen, region, key.strip(), secret.strip())


def _connect(screen: Screen, region: str, key: str, secret: str) -> None:
    if not key or not secret:
        lines.line("Type both the key and the secret.", "trouble")
        return
    try:
        connection.connect_own(screen.settings, region, key, secret)
    except ValueError as wrong:
        lines.line(one_line(str(wrong), 200), "trouble")
    else:
        st.rerun()
