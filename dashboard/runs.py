"""What became of the runs that were asked from here: the newest as they go, and the log."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import run_dialog, sign_in
from dashboard.screen import Screen
from dashboard.words import runs as words
from dashboard.words.text import counted, one_line, plain
from monitor.requests import Request, Standing

LATEST = 30
MARKS = {
    Standing.WAITING: ":blue[:material/hourglass_empty:]",
    Standing.ASKING: ":blue[:material/sync:]",
    Standing.ASKED: ":blue[:material/play_circle:]",
    Standing.IGNORED: ":gray[:material/do_not_disturb_on:]",
    Standing.REFUSED: ":orange[:material/block:]",
    Standing.UNCLEAR: ":orange[:material/help:]",
}


def show(screen: Screen) -> None:
    """Progress while requests are going out, then a line for each of the newest, and a way to try the refused again."""
    runs = screen.now.requests
    if not runs:
        return
    st.subheader("What was asked", anchor=False)
    _progress(runs)
    for run in runs[:LATEST]:
        name = plain(run.name, 80)
        st.markdown(f"{MARKS[run.standing]} **{name}** · {plain(words.standing(run, screen.times), 300)}")
    _again(runs, screen)


def _progress(runs: Sequence[Request]) -> None:
    batch = [run for run in runs if run.asked_at == runs[0].asked_at]
    done = sum(run.is_over for run in batch)
    if done < len(batch):
        st.progress(done / len(batch), text=f"{done} of {len(batch)} sent. It goes on if you close this page.")


def _again(runs: Sequence[Request], screen: Screen) -> None:
    """Only what Hevo surely did not carry out may be tried again, a minute after it was refused."""
    newest = {run.pipeline_id: run for run in reversed(runs)}
    refused = [run for run in newest.values() if run.may_retry and screen.now.get(run.pipeline_id)]
    if refused and sign_in.may_run():
        ids = [run.pipeline_id for run in refused if screen.now.at >= (run.retry_at or 0)]
        label = f"Try {counted(len(ids) or len(refused), 'refused run')} again"
        icon = ":material/replay:"
        st.button(label, icon=icon, disabled=not ids, on_click=run_dialog.request, args=(ids,))


def log(screen: Screen) -> None:
    """Everything that was asked from here in the last day, with Hevo's answer and what later checks saw."""
    st.subheader("Log", anchor=False)
    if not screen.now.requests:
        st.markdown("Nothing was run from here in the last 24 hours.")
        return
    frame = pd.DataFrame(
        [
            {
                "asked": pd.Timestamp(screen.times.moment(run.asked_at)),
                "pipeline": one_line(run.name, 120),
                "by": one_line(run.by, 80) if run.by else "not known",
                "result": words.standing(run, screen.times),
            }
            for run in screen.now.requests
        ]
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "asked": st.column_config.DatetimeColumn("Asked", format="D MMM, HH:mm"),
            "pipeline": "Pipeline",
            "by": "By",
            "result": st.column_config.TextColumn("What happened", width="large"),
        },
        alt="Runs asked from this dashboard, newest first",
    )
