"""The report can be read on a phone and on paper, in the dark, and with a screen reader."""

from pathlib import Path

import pytest

from tests.browser.report_page import LUMINANCES, not_printed, serious_violations, too_wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(open_page, report: Path, axe: Path, language: str, scheme: str) -> None:
    opened = open_page(report, language=language, scheme=scheme)
    assert serious_violations(opened.page, axe) == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_does_not_scroll_sideways(open_page, report: Path, language: str, width: int) -> None:
    opened = open_page(report, language=language, width=width)
    assert too_wide(opened.page) == []
    opened.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert too_wide(opened.page) == []


def test_landmarks_and_one_heading(open_page, report: Path) -> None:
    page = open_page(report).page
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert page.locator(f"{landmark}:visible").count() >= 1, landmark
    assert page.locator("h1").count() == page.locator("main").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_printed_black_on_white(open_page, report: Path, scheme: str) -> None:
    page = open_page(report, scheme=scheme).page
    page.emulate_media(media="print", color_scheme=scheme)
    assert not_printed(page) == []
    assert page.locator("figure[data-state='drawn']").count() > 5
    seen = page.evaluate(LUMINANCES)
    assert seen["background"] > 0.9, seen
    assert seen["text"] < 0.1, seen
    assert page.locator("button:visible").count() == 0
    assert len(page.pdf(format="A4")) > 50_000
