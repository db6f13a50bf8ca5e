"""The figures on the page and in its downloads are the file's."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from duckdb import DuckDBPyConnection
from playwright.sync_api import Page

from tests.browser.report_page import CHARTS, Report, number, parsed, plain

BALANCES = """
    select name_{0}, balance_persons from regional.region_balance
    inner join core.dim_region on region_balance.region_code = dim_region.region_code
"""
ANNUAL = "select year, balance_persons, cumulative_persons from bi.external_balance where kind = 'published'"
SPECIALTIES = "select name_{0}, specialty_{0}, balance_persons, location_quotient from bi.region_specialty"
RANKS = "select name_{0}, rank, rank_low, rank_high from bi.attractiveness"
TABLE_ROWS = """table => [...table.querySelectorAll('tbody tr')].map(row =>
    [...row.querySelectorAll('th, td')].map(cell => cell.textContent))"""


def table_of(page: Page, chart: str) -> list[list[str]]:
    """The cells of a chart's table, row by row."""
    return page.locator(f"figure[data-chart='{chart}'] details.table-alternative table").evaluate(TABLE_ROWS)


def missing(rows: list[list[str]], expected: list[tuple[Any, ...]], language: str) -> list[str]:
    """The rows of the file that no row of the table holds, value for value."""
    cells = [
        (
            {plain(cell) for cell in row},
            [value for cell in row if (value := parsed(cell, language)) is not None],
        )
        for row in rows
    ]
    return [
        f"{wanted} is in no row"
        for wanted in expected
        if not any(all(_holds(texts, values, part) for part in wanted) for texts, values in cells)
    ]


def _holds(texts: set[str], values: list[float], part: Any) -> bool:
    if part is None:
        return True
    if isinstance(part, str):
        return plain(part) in texts
    return any(abs(value - float(part)) <= 0.005 + 1e-9 for value in values)


@pytest.mark.parametrize(
    ("chart", "query"),
    [
        ("balance_by_region", BALANCES),
        ("external_balance", ANNUAL),
        ("specialty_heatmap", SPECIALTIES),
        ("attractiveness", RANKS),
    ],
    ids=lambda value: value if "select" not in value else "",
)
def test_tables_beside_charts_hold_the_file_s_figures(
    shown: Report, language: str, published: DuckDBPyConnection, chart: str, query: str
) -> None:
    expected = published.execute(query.format(language)).fetchall()
    assert expected
    assert missing(table_of(shown.page, chart), expected, language) == []


def test_a_figure_that_is_not_the_file_s_is_missed() -> None:
    rows = [["Abai", "-1,234"], ["Almaty city", "5,678.25"]]
    assert missing(rows, [("Abai", -1234), ("Almaty city", 5678.25)], "en") == []
    assert missing(rows, [("Abai", 5678.25)], "en") == ["('Abai', 5678.25) is in no row"]
    assert missing([["Абай", "-1 234,5"]], [("Абай", -1234.5)], "ru") == []


def test_headline_is_the_file_s(shown: Report, language: str, published: DuckDBPyConnection) -> None:
    ((by_specialty, of_all_ages),) = published.execute(
        "select (select sum(balance_persons) from bi.region_specialty),"
        " (select sum(balance_persons) from national.external_balance_annual)"
    ).fetchall()
    text = plain(shown.page.locator("#balance").inner_text())
    assert number(abs(by_specialty), language) in text
    assert number(abs(of_all_ages), language) in text


@pytest.mark.parametrize("chart", CHARTS)
def test_downloads_are_a_picture_a_drawing_and_the_figures(english: Report, chart: str) -> None:
    page = english.page
    png, svg, table = (downloaded(page, chart, kind) for kind in ("png", "svg", "csv"))
    assert png.startswith(b"\x89PNG\r\n")
    assert len(png) > 2_000
    drawing = ElementTree.fromstring(svg.decode())
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(drawing.iter())) > 10
    head, *rows = csv.reader(io.StringIO(table.decode("utf-8-sig")))
    assert len(set(head)) == len(head) > 1
    assert len(rows) == len(table_of(page, chart)) > 0
    assert {len(row) for row in rows} == {len(head)}


def test_csv_holds_the_rows_of_the_file(english: Report, published: DuckDBPyConnection) -> None:
    for chart, query in [("balance_by_region", BALANCES), ("specialty_heatmap", SPECIALTIES)]:
        text = downloaded(english.page, chart, "csv").decode("utf-8-sig")
        _, *rows = csv.reader(io.StringIO(text))
        expected = published.execute(query.format("en")).fetchall()
        assert len(rows) == len(expected)
        assert missing(rows, expected, "en") == []


def downloaded(page: Page, chart: str, kind: str) -> bytes:
    """What a download button gives; its name tells chart and kind."""
    with page.expect_download() as download:
        page.click(f"figure[data-chart='{chart}'] button[data-download='{kind}']")
    assert download.value.suggested_filename.endswith(f".{kind}")
    return Path(download.value.path()).read_bytes()
