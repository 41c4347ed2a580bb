"""The History page as a visitor reads it: on a real sandbox, or on a store with a past of its own."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboard import over_time
from dashboard.over_time import Past
from hevo_api import HevoClient
from monitor import history as frames
from monitor.clock import Clock
from monitor.health import Word
from monitor.known import shown_text
from monitor.store import Store, StoreError, accounts, looks, tallies
from sandbox import Sandbox
from tests.app_house import NOW, OpenTab, Screen, pipeline, rows_of, watched

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
END = round(1000 * NOW)


def charts_of(tab: Screen) -> list[dict[str, Any]]:
    """Both charts as they go to the browser."""
    return [json.loads(chart.proto.spec) for chart in tab.app.get("vega_lite_chart")]


def span(chart: dict[str, Any]) -> float:
    """The hours that a chart's axis shows."""
    begin, end = chart["layer"][1]["encoding"]["x"]["scale"]["domain"]
    return float(end - begin) / HOUR


def remember(hevo: Sandbox, folder: Path, *stretches: tuple[float, float], failing: float | None = None) -> None:
    """Gives the account a past: looked at from so many days ago until so many; the first pipeline failed from then."""
    client = HevoClient(hevo.api_key, hevo.api_secret, base_url=hevo.base_url)
    store, now, listed = Store.in_folder(folder, Clock()), round(1000 * time.time()), client.list_pipelines()
    begin = now - round(stretches[0][0] * DAY)

    def work(tx: Any) -> None:
        account = accounts.account_number(tx, client.fingerprint)
        for first, last in stretches:
            span = now - round(first * DAY), now - round(last * DAY)
            tx.do(
                "INSERT INTO watch (account, first, last, looks, until) VALUES (?, ?, ?, 500, ?)",
                account,
                *span,
                span[1],
            )
        put = "INSERT INTO change (account, pipeline, at, after, status, health, mark) VALUES (?, ?, ?, ?, ?, ?, 0)"
        tx.many(put, ((account, one.id, begin, None, "ACTIVE", "OK") for one in listed))
        rows = ((account, one.id, shown_text(one), "ACTIVE", "OK", begin) for one in listed)
        tx.many("INSERT INTO pipeline VALUES (?, ?, ?, ?, ?, 0, NULL, ?, 1)", rows)
        if failing is not None:
            at = now - round(failing * DAY)
            tx.do(put, account, listed[0].id, at, at - MINUTE, "ACTIVE", "FAILED")
            tx.do(put, account, listed[0].id, at + HOUR, at + HOUR - MINUTE, "ACTIVE", "OK")
        past = looks.read_history(tx, account, begin)
        tallies.write(tx, account, tallies.counted(past, None, now))

    store.write(work)
    store.close()


def test_the_history_has_its_charts_its_changes_and_its_figures(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("history")
    first = tab.shown.now.rows[0]
    hevo.fleet.pin(int(first.pipeline.id), health_status="FAILED")
    tab.wait_a_second().look_again()
    assert len(tab.app.get("vega_lite_chart")) == 2
    assert re.search(rf"\d\d:\d\d {first.label} ?: Healthy → Failed", tab.text)
    assert "watched too little to say" in set(tab.table["healthy"])
    assert re.search(rf"{first.label}: Last .*failed once", tab.text)


def test_a_change_leads_to_its_pipeline(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("history")
    number = tab.shown.now.rows[0].pipeline.id
    hevo.fleet.pin(int(number), health_status="FAILED")
    tab.wait_a_second().look_again()
    assert tab.links[tab.shown.now.rows[0].label] == f"pipelines?pipeline={number}"


def test_the_axis_begins_where_watching_began_and_never_shows_the_future(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("history", range="24h")
    assert all(span(chart) < 1 for chart in charts_of(tab))
    ends = [chart["layer"][1]["encoding"]["x"]["scale"]["domain"][1] for chart in charts_of(tab)]
    assert all(end <= 1000 * time.time() for end in ends)


def test_the_time_stands_in_the_link_and_a_link_sets_it(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("history")
    assert "range" not in tab.address
    assert tab.app.radio(key="history_range").value == "1h"
    tab.app.radio(key="history_range").set_value("7d")
    tab.draw()
    assert tab.address["range"] == "7d"
    assert open_tab(hevo).open("history", range="30d").app.radio(key="history_range").value == "30d"


def test_a_time_that_is_not_offered_is_left_out_with_a_note_that_stays(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("history", range="<b>2w")
    for _ in range(2):
        assert tab.app.radio(key="history_range").value == "1h"
        assert "it was left out: <b>2w." in tab.text
        tab.draw()
    tab.app.radio(key="history_range").set_value("6h")
    assert "left out" not in tab.draw().text


def test_other_pipelines_can_be_chosen(open_tab: OpenTab, hevo: Sandbox) -> None:
    tab = open_tab(hevo).open("history")
    assert len(tab.table) == 12
    last = tab.shown.now.rows[-1]
    tab.app.multiselect(key="history_rows").set_value([last.pipeline.id])
    tab.draw()
    assert tab.table["pipeline"].tolist() == [last.label]
    assert tab.text.count(": Last ") == 1
    assert charts_of(tab)[1]["layer"][1]["encoding"]["y"]["scale"]["domain"] == [last.label]


def test_a_long_time_is_read_from_the_store_and_drawn_in_blocks(
    open_tab: OpenTab, hevo: Sandbox, tmp_path: Path
) -> None:
    remember(hevo, tmp_path / "data", (20, 10), (9, 0), failing=15)
    tab = open_tab(hevo).open("history", range="30d")
    assert [round(span(chart) / 24) for chart in charts_of(tab)] == [20, 20]
    assert "failed once (1 h)" in tab.text
    assert "not checked 5% of the time" in tab.text
    assert "Not checked: nobody looked" in tab.sent
    assert re.search(r"At most 1 of \d+ was failing at once", tab.text)
    assert set(tab.table["watched"]) <= {"94%", "95%"}
    assert " at worst from " in tab.sent


def test_what_was_forgotten_or_never_seen_is_no_reason_to_draw_nothing(
    open_tab: OpenTab, hevo: Sandbox, tmp_path: Path
) -> None:
    remember(hevo, tmp_path / "data", (1, 0))
    tab = open_tab(hevo).open("history", range="90d")
    assert [round(span(chart)) for chart in charts_of(tab)] == [24, 24]


def test_history_is_said_to_begin_only_where_it_does(open_tab: OpenTab, hevo: Sandbox, tmp_path: Path) -> None:
    remember(hevo, tmp_path / "data", (1.5, 0))
    tab = open_tab(hevo).open("history", range="24h")
    assert "It begins at" not in tab.text
    tab.app.radio(key="history_range").set_value("7d")
    assert "It begins at" in tab.draw().text


def test_when_our_own_records_are_away_the_last_two_days_are_shown(
    open_tab: OpenTab, hevo: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> None:
        raise StoreError("the database does not answer")

    tab = open_tab(hevo).open("history")
    monkeypatch.setattr(tab.account._store, "read", away)
    tab.app.query_params["range"] = "7d"
    tab.draw()
    assert "only the last two days are shown" in tab.text
    assert len(charts_of(tab)) == 2


def test_an_account_without_pipelines_is_told_as_such(open_tab: OpenTab) -> None:
    with Sandbox("empty") as hevo:
        assert "this account has no pipelines" in open_tab(hevo).open("history").text


def test_hostile_names_are_text_in_charts_changes_and_figures(open_tab: OpenTab) -> None:
    with Sandbox("hostile") as hevo:
        tab = open_tab(hevo).open("history")
        for one in list(hevo.fleet.pipelines)[:40]:
            if one.id is not None:
                hevo.fleet.pin(one.id, health_status="FAILED")
        tab.wait_a_second().look_again()
        assert "](https://evil" not in tab.markdown
        assert "<script" not in tab.html
        assert not re.search(r"(?<!\\):(material/delete|red\[danger)", tab.markdown)


def downloaded(tab: Screen, known: Past) -> list[dict[str, str]]:
    text = over_time.csv_of(tab.shown, known, [row.pipeline.id for row in tab.shown.now.rows]).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_download_has_every_stretch_and_the_time_that_was_not_checked(
    open_tab: OpenTab, hevo: Sandbox, tmp_path: Path
) -> None:
    remember(hevo, tmp_path / "data", (0.9, 0.5), (0.4, 0), failing=0.7)
    tab = open_tab(hevo).open("history", range="24h")
    rows = downloaded(tab, over_time.past(tab.shown, "24h"))
    assert list(rows[0]) == ["pipeline", "name", "word", "start_utc", "end_utc"]
    assert {row["word"] for row in rows} == {"healthy", "failed", "paused", "Not checked: nobody looked"}
    [failed] = [row for row in rows if row["word"] == "failed"]
    length = pd.Timestamp(failed["end_utc"]) - pd.Timestamp(failed["start_utc"])
    assert round(length.total_seconds() / 60) == 60
    assert failed["name"] == tab.shown.now.get(failed["pipeline"]).label


def test_the_worst_is_what_needs_attention_and_then_what_failed_for_longest() -> None:
    rows = rows_of(pipeline("1"), pipeline("2"), pipeline("3", health_status="FAILED"))
    found = over_time.worst(rows, {"2": 5 * MINUTE})
    assert [row.pipeline.id for row in found] == ["3", "2", "1"]


def test_hours_are_thinned_to_blocks_that_show_their_worst_hour() -> None:
    told = [(0, "failed", 1), (0, "healthy", 9), (HOUR, "failed", 3), (HOUR, "healthy", 7), (5 * HOUR, "healthy", 4)]
    hours = pd.DataFrame(told, columns=["start", "word", "pipelines"]).astype({"word": frames.WORDS})
    found = over_time.thinned(hours.assign(end=hours["start"] + HOUR), 4 * HOUR)
    some = found[found["pipelines"] > 0].sort_values(["start", "word"])
    assert some[["start", "end", "word", "pipelines"]].to_numpy().tolist() == [
        [0, 4 * HOUR, "failed", 3],
        [0, 4 * HOUR, "healthy", 7],
        [4 * HOUR, 8 * HOUR, "healthy", 4],
    ]


def test_what_changed_last_is_found_without_folding_everything() -> None:
    restless = [Word.HEALTHY, Word.FAILED] * 10
    history = watched(*restless)
    known = Past(END - HOUR, END, END - HOUR, history)
    [line] = known.lines.to_dict("records")
    assert (line["changes"], line["failures"]) == (19, 10)
    assert len(known.lines) == len(frames.folded(known.changes))


def test_the_most_that_failed_at_once_is_told_with_its_time_and_none_where_nobody_watched() -> None:
    history = watched(*[Word.HEALTHY] * 31, *[Word.FAILED] * 10, *[Word.HEALTHY] * 20)
    assert Past(END - HOUR, END, END - HOUR, history).peak == (1, 1, END - 29 * MINUTE, 0)
    assert Past(END - 2 * DAY, END - DAY, END - 2 * DAY, history).peak == (0, 0, END - 2 * DAY, 0)
