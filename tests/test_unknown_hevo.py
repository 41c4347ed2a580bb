"""The dashboard on an account that it has never seen: another simulator, 205 pipelines in every state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Locator, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from hevo_api import HevoClient, NotFound, Pipeline
from tests.app_house import AT
from tests.conftest import Dashboard, StartDashboard, free_port, launch
from tests.tab_house import downloaded, heading
from tests.unknown_hevo import KEY, PREFIX, SECRET, WORST_FIRST, UnknownHevo

LOOK = 6  # pages of 37 for 205 pipelines
RARELY = 600  # seconds between two looks, so that whatever else arrives was caused by a person


@pytest.fixture(scope="module")
def hevo() -> Iterator[UnknownHevo]:
    """The account that most tests look at and none changes."""
    with UnknownHevo().serving() as hevo:
        yield hevo


@pytest.fixture(scope="module")
def dashboard(hevo: UnknownHevo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on it that looks once, by itself, while these tests last."""
    with launch(tmp_path_factory.mktemp("unknown"), free_port(), **hevo.settings(RARELY)) as dashboard:
        yield dashboard


def sentence(hevo: UnknownHevo) -> str:
    """What the overview must say of it."""
    problems = hevo.counts["Failed"] + hevo.counts["Unknown"]
    return f"{problems} of {len(hevo.known)} pipelines need attention"


def counts(page: Page) -> Locator:
    """The words with their numbers on the overview, each a link."""
    return page.get_by_role("link", name=re.compile(r"^\d+ (Failed|Late|Unknown|Healthy|Healthy, unstable|Paused)$"))


def visit(dashboard: Dashboard) -> str:
    """Opens the overview over a bare websocket, as a browser does, and returns its first line."""
    address = dashboard.url.replace("http", "ws") + "/_stcore/stream"
    with connect(address, subprotocols=[Subprotocol("streamlit")], origin=Origin(dashboard.url), max_size=None) as tab:
        tab.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        while frame := tab.recv(decode=False):
            said = ForwardMsg.FromString(frame).delta.new_element
            if said.HasField("heading") and said.heading.tag == "h1":
                return str(said.heading.body)
    return "nothing"


def test_thirty_viewers_cost_hevo_one_look(dashboard: Dashboard, hevo: UnknownHevo) -> None:
    """They are the first who come."""
    with ThreadPoolExecutor(30) as viewers:
        seen = list(viewers.map(visit, [dashboard] * 30))
    assert seen == [sentence(hevo)] * 30
    assert len(hevo.arrivals) == LOOK


@pytest.mark.parametrize("run_status", [200, 201, 202, 204])
@pytest.mark.parametrize(("wrapped", "off", "ids_are_text"), [(True, "PAUSED", False), (False, "INACTIVE", True)])
def test_the_client_reads_and_runs_it_in_each_of_its_forms(
    run_status: int, wrapped: bool, off: str, ids_are_text: bool
) -> None:
    forms = UnknownHevo(wrapped=wrapped, run_status=run_status, off=off, ids_are_text=ids_are_text)
    with forms.serving() as hevo:
        client = HevoClient(KEY, SECRET, base_url=hevo.url + PREFIX)
        pipelines = client.list_pipelines()
        assert [(one.id, one.label) for one in pipelines] == [(known.id, known.label) for known in hevo.known]
        failing = next(known for known in hevo.ordered if known.body.get("schedule"))
        assert client.run_pipeline(failing.id) == run_status
        assert client.get_pipeline(failing.id) == Pipeline.from_json(failing.body)
        assert client.get_schedule(failing.id).value == str(failing.body["schedule"]["schedule"])
        assert [item.name for item in client.list_objects(failing.id)] == ["crates", None]
        assert client.get_position(failing.id) is None
        with pytest.raises(NotFound, match="Pipeline not found"):
            client.get_pipeline("299")
        assert hevo.runs == [failing.id]


def test_the_overview_says_how_many_need_attention_and_counts_each_word(
    dashboard: Dashboard, hevo: UnknownHevo, page: Page
) -> None:
    page.goto(dashboard.url)
    heading(page, sentence(hevo))
    expect(counts(page)).to_have_count(len(WORST_FIRST))
    told = [re.sub(r"\s+", " ", text) for text in counts(page).all_inner_texts()]
    assert told == [f"{hevo.counts[word]} {word}" for word in WORST_FIRST]
    worst = hevo.ordered[:9]
    links = page.locator("a[href^='pipelines?pipeline=']")
    expect(links.first).to_be_visible()
    assert [str(links.nth(place).get_attribute("href")).split("=")[1] for place in range(9)] == [
        one.id for one in worst
    ]
    expect(page).to_have_title(re.compile(rf"^\({hevo.counts['Failed'] + hevo.counts['Unknown']}\) Overview"))


def test_the_table_has_every_pipeline_once_and_nothing_is_healthy_that_the_api_did_not_say_is_active_and_ok(
    dashboard: Dashboard, hevo: UnknownHevo, page: Page
) -> None:
    good = [
        known
        for known in hevo.ordered
        if (known.body.get("status"), known.body.get("health_status")) == ("ACTIVE", "OK")
    ]
    page.goto(f"{dashboard.url}/pipelines")
    expect(page.get_by_text("205 pipelines, worst first.")).to_be_visible()
    rows = [(row["number"], row["name"], row["state"]) for row in downloaded(page)]
    assert rows == [(known.id, known.label, known.word) for known in hevo.ordered]
    assert [number for number, _, state in rows if "Healthy" in state] == [known.id for known in good]
    page.get_by_role("link", name="Overview", exact=True).click()
    page.get_by_text(f"{len(good)} pipelines healthy").click()
    listed = page.get_by_test_id("stExpanderDetails").get_by_role("listitem")
    expect(listed).to_contain_text([known.label for known in good])


def test_a_count_opens_exactly_its_rows_and_the_filters_narrow_them(
    dashboard: Dashboard, hevo: UnknownHevo, page: Page
) -> None:
    page.goto(dashboard.url)
    counts(page).filter(has_text="Unknown").click()
    shown, hidden = hevo.counts["Unknown"], 205 - hevo.counts["Unknown"]
    expect(page.get_by_text(f"{shown} pipelines shown, {hidden} hidden by the filter.")).to_be_visible()
    page.get_by_role("textbox", name="Search").fill("ÄMTER")
    of_that_team = [known for known in hevo.ordered if known.word == "Unknown" and "Ämter" in known.label]
    expect(page.get_by_text(re.compile(rf"^{len(of_that_team)} pipelines? shown"))).to_be_visible()
    assert [row["number"] for row in downloaded(page)] == [known.id for known in of_that_team]
    page.get_by_role("textbox", name="Search").fill("no such pipeline")
    expect(page.get_by_text("No pipeline matches. 205 are hidden. Clear the filter.")).to_be_visible()


def test_clicks_on_widgets_ask_hevo_nothing(dashboard: Dashboard, hevo: UnknownHevo, page: Page) -> None:
    page.goto(dashboard.url)
    for title in ("History", "Guide", "Pipelines"):
        page.get_by_role("link", name=title, exact=True).click()
        heading(page, title)
    page.get_by_role("textbox", name="Search").fill("harbour")
    expect(page.get_by_text("hidden by the filter")).to_be_visible()
    page.get_by_role("link", name="Run", exact=True).click()
    page.get_by_role("button", name=f"Choose the {hevo.counts['Failed']} pipelines that failed").click()
    expect(page.get_by_role("button", name=f"Run {hevo.counts['Failed']} pipelines…")).to_be_enabled()
    assert len(hevo.arrivals) == LOOK


def test_a_failing_pipeline_is_run_and_the_next_look_sees_it_work(start_dashboard: StartDashboard, page: Page) -> None:
    with UnknownHevo(wrapped=False, run_status=204, off="INACTIVE", ids_are_text=True).serving() as hevo:
        page.goto(start_dashboard(**hevo.settings(5)).url)
        heading(page, sentence(hevo))
        worst = hevo.ordered[0]
        page.get_by_role("button", name=f"Run {worst.label}").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f'Run "{worst.label}" now?')
        dialog.get_by_role("button", name="Run pipeline").click()
        expect(page.locator(".st-key-run-line")).to_contain_text(re.compile(rf"{worst.label}: asked {AT}\."))
        heading(page, sentence(hevo))
        expect(counts(page).filter(has_text="unstable")).to_have_text(re.compile("1"))
        assert hevo.runs == [worst.id]
        assert hevo.refused == 0
