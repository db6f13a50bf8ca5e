"""Filters, searches and switches do what they say, with a mouse and with a keyboard."""

import re
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection
from playwright.sync_api import Page, expect

from tests.browser.report_page import LUMINANCES, READY, Report

# All that a keyboard must reach.
STOPS = """() => [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.tabIndex >= 0)
    .map((one, number) => one.dataset.stop = String(number))"""
STOP = """() => {
    const focused = document.activeElement, style = getComputedStyle(focused);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return {
        number: focused.dataset.stop, what: focused.outerHTML.slice(0, 120),
        marked: outlined || style.boxShadow !== 'none',
    };
}"""


@pytest.fixture
def page(english: Report) -> Page:
    return english.page


@pytest.fixture
def fresh(open_page, report: Path) -> Page:
    """A page in which nothing has the focus yet."""
    return open_page(report).page


def shown_claims(page: Page) -> int:
    return page.locator("#claims-table tbody tr:visible").count()


def test_claims_are_filtered_by_verdict(page: Page, published: DuckDBPyConnection) -> None:
    counts = dict(
        published.execute("select verdict, count(distinct statement_id) from bi.claim group by 1").fetchall()
    )
    assert len(counts) > 1
    offered = page.locator("#claims-verdict option").evaluate_all("all => all.map(one => one.value)")
    assert {verdict for verdict in offered if verdict} == counts.keys()
    assert shown_claims(page) == counts["contradicted"], "at first those that do not hold"
    for verdict, count in [*counts.items(), ("", sum(counts.values()))]:
        page.select_option("#claims-verdict", verdict)
        expect(page.locator("#claims-count")).to_contain_text(re.compile(rf"\b{count}\b"))
        assert shown_claims(page) == count, verdict


def test_claims_are_searched_and_the_search_adds_to_the_filter(
    page: Page, published: DuckDBPyConnection
) -> None:
    (claim,) = published.execute(
        "select claim_id, statement from analysis.claim_check order by length(statement) desc limit 1"
    ).fetchall()
    page.select_option("#claims-verdict", "")
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


def test_the_skip_link_is_first_and_leads_to_the_content(fresh: Page) -> None:
    fresh.keyboard.press("Tab")
    assert fresh.evaluate("document.activeElement.checkVisibility()")
    assert fresh.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    fresh.keyboard.press("Enter")
    fresh.keyboard.press("Tab")
    assert fresh.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_language_is_changed_by_keyboard(fresh: Page) -> None:
    for _ in range(60):
        fresh.keyboard.press("Tab")
        if fresh.evaluate("document.activeElement.dataset.lang") == "ru":
            break
    fresh.keyboard.press("Enter")
    fresh.wait_for_selector("html[lang='ru'][data-ready='true']", state="attached")
    assert fresh.evaluate("document.activeElement.dataset.lang") == "ru"


def test_every_control_is_reached_by_keyboard_and_seen_when_it_is(fresh: Page) -> None:
    fresh.fill("#claims-search", "no statement says this")  # each of 200 claims has a control
    expected = set(fresh.evaluate(STOPS))
    assert len(expected) > 60
    fresh.focus(".skip")
    seen = []
    for _ in expected:
        seen.append(fresh.evaluate(STOP))
        fresh.keyboard.press("Tab")
    assert expected - {stop["number"] for stop in seen} == set()
    assert [stop["what"] for stop in seen if not stop["marked"]] == []


def test_the_system_s_choice_of_dark_or_light_is_followed_and_can_be_changed(english: Report) -> None:
    for scheme in ("dark", "light"):
        page = english.look(scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        seen = page.evaluate(LUMINANCES)
        assert (seen["background"] < 0.2 < 0.5 < seen["text"]) == (scheme == "dark"), seen
        assert (seen["text"] < 0.2 < 0.5 < seen["background"]) == (scheme == "light"), seen
    english.page.click("#theme")
    assert english.page.get_attribute("html", "data-theme") == "dark"
    assert english.page.evaluate(LUMINANCES)["background"] < 0.2
    english.page.click("#theme")
    assert english.page.evaluate(LUMINANCES)["background"] > 0.5
