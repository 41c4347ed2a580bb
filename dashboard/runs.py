"""What became of the runs that were asked from here: the newest as they go, and the log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import choices, run_dialog, sign_in
from dashboard.screen import Screen
from dashboard.table import safe_csv, utc
from dashboard.words import runs as words
from dashboard.words.text import counted, one_line, plain
from monitor.requests import Outcome, Request, Standing, newest

LATEST, LATELY = 30, 3_600.0
MARKS = {
    Standing.WAITING: ":blue[:material/hourglass_empty:]",
    Standing.ASKING: ":blue[:material/sync:]",
    Standing.ASKED: ":blue[:material/play_circle:]",
    Standing.IGNORED: ":gray[:material/do_not_disturb_on:]",
    Standing.REFUSED: ":orange[:material/block:]",
    Standing.UNCLEAR: ":orange[:material/help:]",
    Outcome.HEALTHY: ":green[:material/check_circle:]",
    Outcome.FAILING: ":red[:material/disabled_by_default:]",
    Outcome.NO_CHANGE: ":gray[:material/remove:]",
}


def show(screen: Screen) -> None:
    """Progress while requests go out, a line for each of the last hour, and a way to try again what did not work."""
    asked = [request for request in screen.now.requests if screen.now.at - request.asked_at < LATELY]
    if not asked:
        return
    st.header("Asked in the last hour", anchor=False)
    batch = [request for request in asked if request.asked_at == asked[0].asked_at]
    done = sum(request.is_over for request in batch)
    if done < len(batch):
        st.progress(done / len(batch), text=words.progress(done, len(batch)))
    for request in asked[:LATEST]:
        mark = MARKS[request.outcome or request.standing]
        name, said = plain(request.name, 80), plain(words.standing(request, screen.times), 300)
        st.markdown(f"{mark} **{name}** · {said}")
    if len(asked) > LATEST:
        st.caption(f"{counted(len(asked) - LATEST, 'more request')} of this hour stand in the log below.")
    _again(asked, screen)


def _again(requests: Sequence[Request], screen: Screen) -> None:
    """What Hevo did not carry out, and what still failed afterwards, may be asked for again, a minute later."""
    bad = [one for one in newest(requests).values() if one.retry_at is not None or one.outcome is Outcome.FAILING]
    ids = [one.pipeline_id for one in bad if screen.now.at >= one.free_at and screen.now.get(one.pipeline_id)]
    if bad and sign_in.may_run():
        st.button(
            words.again(len(ids) or len(bad)),
            key="try_again",
            icon=":material/replay:",
            disabled=not ids,
            help=None if ids else "A minute after it was asked it can be asked again.",
            on_click=run_dialog.ask,
            args=(ids,),
        )


def log(screen: Screen) -> None:
    """Everything that was asked from here and is kept: who, when, Hevo's answer, and what the next checks saw."""
    st.header("Log", anchor=False)
    requests = screen.now.requests
    if not requests:
        st.markdown(words.NOTHING_YET)
        return
    st.dataframe(
        log_frame(requests, screen),
        hide_index=True,
        column_config={
            "asked": st.column_config.DatetimeColumn("Asked", format="D MMM, HH:mm"),
            "pipeline": "Pipeline",
            "by": "By",
            "answer": st.column_config.TextColumn("What Hevo answered", width="medium"),
            "seen": st.column_config.TextColumn("What the next checks saw", width="medium"),
        },
        alt="Runs asked from this dashboard, newest first",
        key="run_log",
    )
    choices.download("Download the log as CSV", "runs", partial(log_csv, screen), screen)


def log_frame(requests: Sequence[Request], screen: Screen) -> pd.DataFrame:
    """One row a request in the order given: asked, pipeline, by, answer, seen."""
    return pd.DataFrame(
        {
            "asked": [pd.Timestamp(screen.times.moment(request.asked_at)) for request in requests],
            "pipeline": [one_line(request.name, 120) for request in requests],
            "by": [one_line(request.by, 80) if request.by else "not known" for request in requests],
            "answer": [words.answer(request) for request in requests],
            "seen": [words.seen(request, screen.times) for request in requests],
        }
    )


def log_csv(screen: Screen) -> bytes:
    """Every request that is kept, the newest first, times in UTC; only those remembered where none can be read."""
    requests = screen.account.log() or screen.now.requests
    rows = [
        {
            "asked_utc": utc(request.asked_at),
            "pipeline": request.name,
            "number": request.pipeline_id,
            "by": request.by or "",
            "state_before": request.before or "",
            "standing": request.standing,
            "answer": words.answer(request),
            "answered_utc": utc(request.answered_at),
            "status": request.status,
            "reference": request.reference or "",
            "outcome": request.outcome or "",
            "outcome_utc": utc(request.outcome_at),
        }
        for request in requests
    ]
    return safe_csv(pd.DataFrame(rows, dtype="object"))
