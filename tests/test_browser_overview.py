"""What only a browser can tell of the overview: it fits, all works by mouse and by keyboard, focus stays, it copies."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Page, expect

from sandbox import Sandbox
from tests.conftest import Dashboard, free_port, launch, settings_for
from tests.tab_house import fits, focused, heading, tab_to

FAILING = 14
TITLE = f"{FAILING} of 24 pipelines need attention"


@pytest.fixture(scope="module")
def hevo() -> Iterator[Sandbox]:
    """An account in which fourteen fail."""
    with Sandbox("calm") as sandbox:
        on = [one.id for one in sandbox.fleet.pipelines if one.id and one.status == "ACTIVE"]
        for number in on[:FAILING]:
            sandbox.fleet.pin(number, health_status="FAILED")
        yield sandbox


@pytest.fixture(scope="module")
def dashboard(hevo: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on it."""
    with launch(tmp_path_factory.mktemp("overview"), free_port(), **settings_for(hevo, 5)) as dashboard:
        yield dashboard


@pytest.fixture
def tab(page: Page, dashboard: Dashboard) -> Page:
    """The overview as most people see it."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(dashboard.url)
    heading(page, TITLE)
    expect(lines(page)).to_have_count(12)
    return page


def lines(page: Page) -> Locator:
    """The problems."""
    return page.locator("ul > .line")


def whole_lines(page: Page) -> int:
    """How many problems are seen whole without scrolling."""
    boxes = [line.bounding_box() for line in lines(page).all()]
    height = (page.viewport_size or {"height": 0})["height"]
    assert len({round(box["height"]) for box in boxes if box}) == 1
    return sum(box is not None and box["y"] + box["height"] <= height for box in boxes)


def test_nine_problems_of_one_height_are_seen_at_once_and_four_on_a_phone(tab: Page) -> None:
    assert whole_lines(tab) >= 9
    tab.set_viewport_size({"width": 390, "height": 844})
    expect(lines(tab).first).to_have_css("height", "72px")
    assert whole_lines(tab) >= 4
    for width in (390, 1280):
        fits_and_breaks_no_rule(tab, width)


def test_in_the_dark_it_fits_too(page: Page, dashboard: Dashboard) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(dashboard.url)
    heading(page, TITLE)
    for width in (768, 320):
        fits_and_breaks_no_rule(page, width)


def fits_and_breaks_no_rule(page: Page, width: int) -> None:
    """In a window so narrow nothing must be scrolled sideways, and axe-core finds nothing."""
    fits(page, width)
    found = Axe().run(page, context="[data-testid=stMain]").response["violations"]
    assert [(rule["id"], node["html"][:200]) for rule in found for node in rule["nodes"]] == []


def test_tiles_see_all_and_names_lead_where_they_say(tab: Page) -> None:
    tab.get_by_role("link", name=re.compile(r"^14\s*Failed$")).click()
    heading(tab, "Pipelines")
    expect(tab).to_have_url(re.compile(r"/pipelines\?status=failed$"))
    tab.go_back()
    tab.get_by_role("link", name="See all 14").click()
    expect(tab).to_have_url(re.compile(r"/pipelines\?status=failed$"))
    tab.get_by_role("link", name="Overview").click()
    name = lines(tab).first.get_by_role("link")
    called = name.inner_text()
    name.click()
    heading(tab, called)
    expect(tab).to_have_url(re.compile(r"/pipelines\?pipeline=\d+$"))


def test_a_press_is_not_lost_where_news_come_before_it_is_let_go(tab: Page, hevo: Sandbox) -> None:
    another = [one.id for one in hevo.fleet.pipelines if one.id and one.status == "ACTIVE"][FAILING]
    place = tab.get_by_role("link", name=re.compile(r"^14\s*Failed$")).bounding_box()
    assert place
    tab.mouse.move(place["x"] + 20, place["y"] + 20)
    tab.mouse.down()
    hevo.fleet.pin(another, health_status="FAILED")
    heading(tab, "15 of 24 pipelines need attention")
    hevo.fleet.pin(another, health_status="OK")
    tab.mouse.up()
    heading(tab, "Pipelines")
    tab.get_by_role("link", name="Overview").click()
    heading(tab, TITLE)


def test_a_run_is_asked_by_keyboard_focus_outlasts_every_tick_and_the_note_stands_beside_the_word(
    tab: Page, hevo: Sandbox
) -> None:
    first = lines(tab).first
    name = first.get_by_role("link").inner_text()
    tab_to(tab, f"Run {name}")
    checked = tab.get_by_text(re.compile("^Checked "))
    before = len(hevo.arrivals)
    while len([one for one in hevo.arrivals[before:] if one.path.endswith("/pipelines")]) < 2:
        tab.wait_for_timeout(500)
    expect(checked).to_be_visible()
    assert f"Run {name}" in focused(tab)
    tab.keyboard.press("Enter")
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text(f'Run "{name}" now?')
    dialog.get_by_role("button", name="Run pipeline").click()
    expect(first).to_contain_text(re.compile(r"failed at least .*run asked \d\d:\d\d", re.DOTALL))


def test_one_click_copies_the_state_for_a_mail(tab: Page) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.get_by_role("button", name="Copy summary").click()
    expect(tab.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    said = tab.evaluate("navigator.clipboard.readText()")
    assert re.match(r"\d\d:\d\d: 14 of 24 failing: .*\(http://127\.0\.0\.1:\d+/?\)$", said)
    tab.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    tab.evaluate("document.execCommand = () => false")
    tab.get_by_role("button", name="Copy summary").click()
    expect(tab.get_by_label("Copy this text")).to_have_value(said)
