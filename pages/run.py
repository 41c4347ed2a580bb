"""Run: choose pipelines, confirm, and watch what becomes of each request."""

import streamlit as st

from dashboard import choices, frame, run_dialog, runs
from dashboard.words import runs as words
from monitor.health import Word

screen = frame.title("Run")
st.markdown(words.RUN_MEANS)

failing = [row.pipeline.id for row in screen.now.having(Word.FAILED) if screen.now.get(row.pipeline.id)]
if failing:
    st.button(
        words.choose_failing(len(failing)),
        key="choose_failing",
        icon=":material/playlist_add:",
        on_click=st.session_state.update,
        args=({run_dialog.CHOSEN: failing},),
    )
chosen = choices.pipelines("Pipelines to run", screen, key=run_dialog.CHOSEN)
st.button(
    words.run_chosen(len(chosen)),
    key="run_chosen",
    type="primary",
    disabled=not chosen,
    on_click=run_dialog.ask,
    args=([row.pipeline.id for row in chosen],),
)
runs.show(screen)
runs.log(screen)
