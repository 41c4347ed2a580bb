"""Draws how cost grows, from the last results; `make bench` takes its picture."""

from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

PLACE = Path(__file__).parent.parent
PANELS = {"Time in ms": "Pipelines", "Memory in MB": "Pipelines", "Memory with viewers in MB": "Viewers"}


def panel(points: pd.DataFrame, title: str, along: str) -> alt.Chart:
    """One measure on logarithmic axes: a straight line at 45 degrees is growth in proportion."""
    x = alt.X("size:Q", title=along, scale=alt.Scale(type="symlog" if along == "Viewers" else "log"))
    y = alt.Y("value:Q", title=title, scale=alt.Scale(type="log" if "Time" in title else "linear"))
    color = alt.Color("series:N", title=None, legend=alt.Legend(orient="bottom", columns=1, labelLimit=280))
    return alt.Chart(points).mark_line(point=True).encode(x=x, y=y, color=color).properties(width=300, height=260)


st.title("How cost grows", anchor=False)
points = pd.read_csv(PLACE / "growth.csv")
parts = [panel(points[points["panel"] == title], title, along) for title, along in PANELS.items()]
st.altair_chart(alt.hconcat(*parts).resolve_scale(color="independent"), theme=None, width="content")
