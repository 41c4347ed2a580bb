"""Pipelines: the table with search and filters, all of it in the address bar; a row opens the pipeline."""

import streamlit as st

from dashboard import detail, frame, listing
from dashboard.picture import current

if opened := st.query_params.get("pipeline"):
    detail.show(opened)
else:
    now = frame.title("Pipelines")
    frame.slowed(now)
    filters = listing.choose(current().board.rows)
    rows = filters.apply(now.board.rows)
    listing.table(rows, now)
    listing.download(rows, now)
