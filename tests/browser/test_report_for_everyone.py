"""The report can be read on a phone and on paper, in the dark, and with a screen reader."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.report_page import (
    LUMINANCES,
    Report,
    broken_words,
    cut_navigation,
    like_markers,
    not_printed,
    serious_violations,
    too_wide,
)

ON_A4 = 688  # the px between the margins of page.css
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true; })"


def test_axe_finds_no_serious_violation(shown: Report, axe: Path) -> None:
    assert serious_violations(shown.look(), axe) == []
    dark = shown.look(scheme="dark")  # changes nothing but the colours
    assert serious_violations(dark, axe, "color-contrast", "link-in-text-block") == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_does_not_scroll_sideways(shown: Report, width: int) -> None:
    page = shown.look(width=width)
    assert too_wide(page) == []
    page.evaluate(OPEN_ALL)
    assert too_wide(page) == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_no_link_of_the_navigation_is_cut_off_and_no_word_of_the_claims(shown: Report, width: int) -> None:
    page = shown.look(width=width)
    assert cut_navigation(page) == []
    page.select_option("#claims-verdict", "")
    assert broken_words(page) == []


def test_claims_are_printed_in_whole_words_with_markers_and_with_what_is_left_out(shown: Report) -> None:
    page = shown.page
    for verdict in ("", "contradicted"):
        shown.look(width=ON_A4)  # the filter is not to be seen on paper
        page.select_option("#claims-verdict", verdict)
        chosen = page.locator("#claims-verdict option:checked").inner_text()
        shown.look(width=ON_A4, media="print")
        assert broken_words(page) == []
        expect(page.locator("#claims-count:visible")).to_contain_text(chosen)
    assert like_markers(page) == []
    # a head could stand alone at the foot of a page
    assert page.locator("#claims-table thead:visible").count() == 0
    assert page.locator("#claims select:visible, #claims input:visible").count() == 0
    shown.look()


def test_landmarks_and_one_heading(shown: Report) -> None:
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert shown.page.locator(f"{landmark}:visible").count() >= 1, landmark
    assert shown.page.locator("h1").count() == shown.page.locator("main").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_printed_black_on_white(english: Report, scheme: str) -> None:
    page = english.look(scheme=scheme, media="print")
    assert page.locator("figure[data-state='drawn']").count() > 5
    assert not_printed(page) == []
    seen = page.evaluate(LUMINANCES)
    assert seen["background"] > 0.9, seen
    assert seen["text"] < 0.1, seen
    assert page.locator("button:visible").count() == 0
    assert len(page.pdf(format="A4")) > 50_000
