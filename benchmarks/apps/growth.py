"""Draws how cost grows, from the last results; `make bench` takes its picture."""

from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

PLACE = Path(__file__).parent.parent
PANELS = ("Time in ms", "Size on disk in MB", "From the store, in ms")


def panel(points: pd.DataFrame, title: str) -> alt.Chart:
    """One measure on logarithmic axes: a straight line at 45 degrees is growth in proportion."""
    x = alt.X("size:Q", title="Pipelines", scale=alt.Scale(type="log"))
    y = alt.Y("value:Q", title=title, scale=alt.Scale(type="log"))
    color = alt.Color("series:N", title=None, legend=alt.Legend(orient="bottom", columns=1, labelLimit=280))
    chart: alt.Chart = alt.Chart(points).mark_line(point=True).encode(x=x, y=y, color=color)
    return chart.properties(width=300, height=260)


st.title("How cost grows", anchor=False)
points = pd.read_csv(PLACE / "growth.csv")
parts = [panel(points[points["panel"] == title], title) for title in PANELS]
st.altair_chart(alt.hconcat(*parts).resolve_scale(color="independent"), theme=None, width="content")
