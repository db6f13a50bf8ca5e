"""Every part of the report is there in three languages, and nothing on it is of another one."""

import re
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from tests.browser.report_page import (
    LANGUAGES,
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
        assert bool(CYRILLIC.search(heading)) == (language != "en"), f"{section}: {heading}"
        text = shown.text(f"#{section}")
        if language == "en":
            assert not CYRILLIC.search(text), f"{section}: {CYRILLIC.search(text)}"
        elif language == "kk":
            assert KAZAKH.search(text), f"{section}: {text}"
        else:  # names of regions have Kazakh letters in Russian, too
            assert not KAZAKH.search(heading), f"{section}: {heading}"


def test_releases_and_places_are_named_in_its_language(
    shown: Report, language: str, published: DuckDBPyConnection
) -> None:
    mark = "" if language == "en" else f"_{language}"
    title, publisher = f"title{mark}", f"publisher{mark}"
    latest = "where published_on = (select max(published_on) from bi.release where withdrawn_on is null)"
    for cells, query in {
        "#releases tbody th": f"select {publisher} from bi.release",
        "#releases tbody td:nth-child(2)": f"select {title} from bi.release",
        "#releases tbody td:nth-child(4)": f"select terms_of_use{mark} from bi.release",
        "#latest-releases li": f"select {title} || ' \u00b7 ' || {publisher} from bi.release {latest}",
        "#claims-table .where": f"""
            select locator{mark} || ' (' || string_agg(language, ', ' order by claim_id) || ')'
            from bi.claim where verdict = 'contradicted' group by statement_id, locator{mark}
        """,
    }.items():
        there = sorted(shown.page.locator(cells).all_inner_texts())
        assert there == sorted(text for (text,) in published.execute(query).fetchall()), cells


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


@pytest.mark.parametrize(
    ("asked", "locale", "language"),
    [(None, "kk-KZ", "kk"), ("en", "ru-RU", "en"), (None, "fr-FR", "en")],
    ids=["of the browser", "of the address before it", "English before one that the page has not"],
)
def test_the_first_language(open_page, report: Path, asked: str | None, locale: str, language: str) -> None:
    opened = open_page(report, language=asked, locale=locale)
    assert opened.page.get_attribute("html", "lang") == language


def test_the_page_is_one_file_of_less_than_three_megabytes(report: Path) -> None:
    assert 100_000 < report.stat().st_size < 3_000_000
