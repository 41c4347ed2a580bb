"""Pipelines: the table with search and filters, all of it in the address bar; a name opens its pipeline."""

import streamlit as st

from dashboard import detail, frame, hands, listing

if opened := st.query_params.get("pipeline"):
    detail.show(opened)
else:
    screen = frame.title("Pipelines")
    frame.slowed(screen)
    shown = listing.choose(screen)
    listing.table(shown, screen)
    listing.download(shown, screen)
    hands.listen()
