"""Every part of the report is there in three languages, and nothing on it is of another one."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.report_page import (
    LANGUAGES,
    LOCALES,
    SECTIONS,
    Report,
    broken_sections,
    foreign_numbers,
    unfilled_text,
)

CYRILLIC = re.compile("[а-яё]{3}", re.IGNORECASE)
KAZAKH = re.compile("[әғқңөұүһі]", re.IGNORECASE)


def test_every_section_and_chart_is_drawn(shown: Report) -> None:
    assert broken_sections(shown.page) == []


def test_nothing_is_complained_of_and_no_request_leaves_the_page(shown: Report) -> None:
    assert shown.complaints == []
    assert shown.requests == []


def test_the_page_says_which_language_it_is_in(shown: Report, language: str) -> None:
    assert shown.page.get_attribute("html", "lang") == language
    pressed = shown.page.locator("button[data-lang][aria-pressed='true']")
    assert pressed.evaluate_all("buttons => buttons.map(button => button.dataset.lang)") == [language]


def test_every_section_is_in_its_language(shown: Report, language: str) -> None:
    for section in SECTIONS:
        heading = shown.page.locator(f"#{section} h2").inner_text()
        text = shown.text(f"#{section}")
        assert bool(CYRILLIC.search(heading)) == (language != "en"), f"{section}: {heading}"
        if language == "en":
            assert not CYRILLIC.search(text), f"{section}: {CYRILLIC.search(text)}"
        assert bool(KAZAKH.search(text)) == (language == "kk"), f"{section}: {KAZAKH.search(text)}"


def test_no_text_is_left_unfilled(shown: Report) -> None:
    assert unfilled_text(shown.text()) == []


def test_numbers_are_written_as_the_language_writes_them(shown: Report, language: str) -> None:
    assert foreign_numbers(shown.text(), language) == []


def test_one_switch_changes_every_heading_the_title_and_the_drawings(open_page, report: Path) -> None:
    opened, seen = open_page(report), {}
    for language in LANGUAGES:
        opened.choose_language(language)
        headings = opened.page.locator("main section h2").all_inner_texts()
        drawn = opened.page.locator("figure[data-chart='balance_by_region'] svg").inner_html()
        seen[language] = [opened.page.title(), opened.page.locator("h1").inner_text(), *headings, drawn]
        assert broken_sections(opened.page) == []
    for texts in zip(*seen.values(), strict=True):
        assert len(set(texts)) == len(LANGUAGES), texts
    assert opened.complaints == []


def test_the_browser_s_language_is_taken_first_and_the_address_before_it(open_page, report: Path) -> None:
    for language, locale in LOCALES.items():
        opened = open_page(report, language=None, locale=locale)
        expect(opened.page.locator("html")).to_have_attribute("lang", language)
    expect(open_page(report, language="kk", locale="ru-RU").page.locator("html")).to_have_attribute("lang", "kk")
    expect(open_page(report, language=None, locale="fr-FR").page.locator("html")).to_have_attribute("lang", "en")


def test_the_page_is_one_file_of_less_than_three_megabytes(report: Path) -> None:
    assert 100_000 < report.stat().st_size < 3_000_000
