"""The figures on the page and in its downloads are the file's."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from duckdb import DuckDBPyConnection
from playwright.sync_api import Page, TimeoutError

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


def cells_of(page: Page, claim_id: str) -> list[str]:
    """What the article prints, and what its tables give, without the unit."""
    page.select_option("#claims-verdict", "")
    row = page.locator(f"#claims-table tr[data-claim='{claim_id}']")
    return [row.locator("td").nth(1).inner_text(), row.locator(".value").inner_text()]


@pytest.mark.parametrize(
    ("claim_id", "cells"),
    [
        ("data_table_1_year", ["2024", "2000"]),
        ("balance_2001", ["−83,062", "−88,162"]),
        ("nonlinear_r_squared", ["39%", "31%"]),
        ("r_income_earlier", ["−0.62", "−0.64"]),
        ("cumulative_balance", ["−268", "−267.6"]),
        ("turn_ends", ["2007", "2011"]),
        ("mangystau_is_southern", ["–", "no"]),
        ("east_kazakhstan_is_poor", ["–", "4"]),
    ],
)
def test_a_claim_s_figures_are_in_one_unit(english: Report, claim_id: str, cells: list[str]) -> None:
    assert cells_of(english.page, claim_id) == cells


def test_what_is_confirmed_reads_the_same_in_both_columns(
    shown: Report, published: DuckDBPyConnection
) -> None:
    claims = published.execute("""
        select min(claim_id) from bi.claim
        where verdict = 'confirmed' and printed_value is not null group by statement_id
    """).fetchall()
    assert len(claims) > 30
    for (claim_id,) in claims:
        printed, found = cells_of(shown.page, claim_id)
        assert printed == found, claim_id
        assert "-" not in printed, "a hyphen for a minus"


def test_a_statement_is_listed_once_with_its_places(shown: Report, published: DuckDBPyConnection) -> None:
    shown.page.select_option("#claims-verdict", "")
    for claim_id, places in published.execute(
        "select statement_id, count(distinct locator) from bi.claim group by statement_id"
    ).fetchall():
        row = shown.page.locator(f"#claims-table tr[data-claim='{claim_id}']")
        assert row.locator("td.said .where").count() == places, claim_id


def test_the_first_section_tells_which_statements_hold(
    shown: Report, language: str, published: DuckDBPyConnection
) -> None:
    counts = dict(
        published.execute(
            "select verdict, count(distinct statement_id) from bi.claim group by verdict"
        ).fetchall()
    )
    confirmed = counts["confirmed"] + counts["confirmed_rounded"]
    others = [counts[verdict] for verdict in ("contradicted", "ambiguous", "not_checkable")]
    text = plain(shown.page.locator("#balance p:has(a[href='#claims'])").inner_text())
    told = [int(one) for one in re.findall(r"\d+", text)]
    assert told == [sum(counts.values()), confirmed, *others], text
    main = published.execute(
        f"select statement_{language}, verdict_{language} from bi.claim"
        " where headline_order is not null order by headline_order"
    ).fetchall()
    assert len(main) >= 3
    shown_lines = shown.page.locator("#main-claims li").all_inner_texts()
    assert [plain(line) for line in shown_lines] == [plain(": ".join(row)) for row in main]


def test_an_abolished_region_has_its_last_year(
    shown: Report, language: str, published: DuckDBPyConnection
) -> None:
    [(name, year)] = published.execute(f"""
        select name_{language}, year(valid_to) from regional.region_balance
        inner join core.dim_region using (region_code) order by balance_persons desc limit 1
    """).fetchall()
    line = shown.page.locator("#balance .plain li", has_text=name).last.inner_text()
    assert str(year) in line


def test_a_small_p_is_not_written_as_zero(shown: Report, published: DuckDBPyConnection) -> None:
    [(small,)] = published.execute("""
        select count(*) from bi.correlation
        where kind = 'correlation' and indicator_code = 'children_per_household' and p_value < 0.001
            and territory_set = 'regions_20' and measure = 'persons' and method = 'pearson'
    """).fetchall()
    assert small
    cells = {plain(cell) for row in table_of(shown.page, "income_correlation") for cell in row}
    assert {"< 0.001", "< 0,001"} & cells
    assert not {"0.000", "0,000"} & cells


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
    """What a download button gives; its name tells chart and kind.

    Chromium drops one of many downloads from one page now and then, when the machine is busy: a person would
    press the button again, and so does this, once.
    """
    button = f"figure[data-chart='{chart}'] button[data-download='{kind}']"
    try:
        with page.expect_download(timeout=20_000) as download:
            page.click(button)
    except TimeoutError:
        with page.expect_download() as download:
            page.click(button)
    assert download.value.suggested_filename.endswith(f".{kind}")
    return Path(download.value.path()).read_bytes()
