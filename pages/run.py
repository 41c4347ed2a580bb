"""Run: choose pipelines, confirm, and watch what becomes of each request."""

import streamlit as st

from dashboard import cards, frame, outcomes, run_dialog, words
from dashboard.picture import current
from monitor.health import Word

now = frame.title("Run")
st.markdown(words.RUN_MEANS)

failing = [row.pipeline.id for row in current().board.having(Word.FAILED)]
if failing:
    st.button(
        f"Choose the {words.counted(len(failing))} that failed" if len(failing) > 1 else "Choose the one that failed",
        icon=":material/playlist_add:",
        on_click=cards.choose_ids,
        args=("run_rows", failing),
    )
chosen = cards.choose_rows("Pipelines to run", now, key="run_rows")
st.button(
    "Run…" if not chosen else f"Run {words.counted(len(chosen))}…",
    type="primary",
    disabled=not chosen,
    on_click=run_dialog.ask,
    args=([row.pipeline.id for row in chosen],),
)
outcomes.show(now)
outcomes.log(now)
