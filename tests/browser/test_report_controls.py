"""Filters, searches and switches do what they say, with a mouse and with a keyboard."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection
from playwright.sync_api import Page, expect

from tests.browser.report_page import LUMINANCES, READY, Report

# All that a keyboard must reach. A group of radio buttons is one stop.
STOPS = """() => [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.tabIndex >= 0)
    .filter(one => one.type !== 'radio' || one.checked)
    .map((one, number) => { one.dataset.stop = number; return number; })"""
STOP = "document.activeElement.dataset.stop"


@pytest.fixture
def page(open_page, report: Path) -> Page:
    return open_page(report).page


def shown_claims(page: Page) -> int:
    return page.locator("#claims-table tbody tr:visible").count()


def test_claims_are_filtered_by_verdict(page: Page, published: DuckDBPyConnection) -> None:
    counts = dict(published.execute("select verdict, count(*) from analysis.claim_check group by 1").fetchall())
    assert len(counts) > 1
    offered = page.locator("#claims-verdict option").evaluate_all("all => all.map(one => one.value)")
    assert {verdict for verdict in offered if verdict} == counts.keys()
    for verdict, count in [("", sum(counts.values())), *counts.items()]:
        page.select_option("#claims-verdict", verdict)
        expect(page.locator("#claims-count")).to_contain_text(re.compile(rf"\b{count}\b"))
        assert shown_claims(page) == count, verdict


def test_claims_are_searched_and_the_search_adds_to_the_filter(
    page: Page, published: DuckDBPyConnection
) -> None:
    (claim,) = published.execute(
        "select claim_id, statement from analysis.claim_check order by length(statement) desc limit 1"
    ).fetchall()
    everything = shown_claims(page)
    page.fill("#claims-search", claim[1].upper())
    expect(page.locator("#claims-table tbody tr:visible")).to_have_count(1)
    page.fill("#claims-search", "no statement says this")
    expect(page.locator("#claims-table tbody tr:visible")).to_have_count(0)
    expect(page.locator("#claims-count")).to_contain_text(re.compile(r"\b0\b"))
    page.fill("#claims-search", "")
    assert shown_claims(page) == everything


@pytest.mark.parametrize(
    ("chart", "switch"),
    [
        ("region_map", "#map-measure"),
        ("indicator_scatter", "#scatter-indicator"),
        ("specialty_heatmap", "#specialty-measure"),
    ],
)
def test_a_switch_draws_the_chart_anew(page: Page, chart: str, switch: str) -> None:
    drawing = page.locator(f"figure[data-chart='{chart}'] svg").first
    seen = {drawing.inner_html()}
    choices = page.locator(f"{switch} option").evaluate_all("all => all.map(one => one.value)")
    assert len(choices) > 1
    for value in [*choices[1:], choices[0]]:
        before = drawing.inner_html()
        page.select_option(switch, value)
        expect(drawing).not_to_have_js_property("innerHTML", before)
        page.wait_for_selector(READY, state="attached")
        seen.add(drawing.inner_html())
    assert len(seen) >= len(choices)


def test_the_skip_link_is_first_and_leads_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.checkVisibility()")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_language_is_changed_by_keyboard(page: Page) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.lang") == "ru":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("html[lang='ru'][data-ready='true']", state="attached")
    assert page.evaluate("document.activeElement.dataset.lang") == "ru"


def test_every_control_is_reached_by_keyboard_and_seen_when_it_is(page: Page) -> None:
    expected = {str(stop) for stop in page.evaluate(STOPS)}
    assert len(expected) > 30
    reached, unseen = set(), []
    for _ in range(len(expected) + 5):
        page.keyboard.press("Tab")
        if (stop := page.evaluate(STOP)) is None:
            continue
        reached.add(stop)
        if not page.evaluate(IS_MARKED):
            unseen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert expected - reached == set()
    assert unseen == []


IS_MARKED = """() => {
    const style = getComputedStyle(document.activeElement);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
}"""


def test_the_system_s_choice_of_dark_or_light_is_followed(open_page: Callable, report: Path) -> None:
    for scheme in ("light", "dark"):
        seen = open_page(report, scheme=scheme).page.evaluate(LUMINANCES)
        assert (seen["background"] < 0.2 < 0.5 < seen["text"]) == (scheme == "dark"), seen
        assert (seen["text"] < 0.2 < 0.5 < seen["background"]) == (scheme == "light"), seen
