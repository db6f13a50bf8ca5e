"""What is missing in the file or strange in its texts is said or shown in its place; the rest stands."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import duckdb
import pytest
from playwright.sync_api import Browser, expect

from report.page import make_page
from report.published import read_published
from tests.browser.report_page import CHARTS, SECTIONS, Report, open_report

MARKUP = "<img src=x onerror=\"document.title='broken'\"></script><script>document.title='broken'</script>"
QUOTED = MARKUP.replace("'", "''")
EMPTIED = {
    "analysis.attractiveness_index": ("attractiveness", "attractiveness"),
    "specialty.region_specialty_structure": ("specialties", "specialty_heatmap"),
    "analysis.claim_check": ("claims", None),
}
FORECAST = "analysis.forecast_external_balance"
NEW_REGION = """
    insert into {table} by name
    (select * replace ('98' as region_code{more}) from {table} where region_code = '71')
"""
ReportOf = Callable[..., Path]


@pytest.fixture(scope="module")
def emptied(browser: Browser, report_of: ReportOf) -> Iterator[Report]:
    """The report of a file with marts that have no rows."""
    report = open_report(browser, report_of(*[f"delete from {table}" for table in (*EMPTIED, FORECAST)]))
    yield report
    report.page.context.close()


@pytest.fixture(scope="module")
def strange(browser: Browser, report_of: ReportOf) -> Iterator[Report]:
    """The report of a file with a region that no map knows, markup in texts, and titles in English."""
    path = report_of(
        NEW_REGION.format(table="core.dim_region", more=", 'Atlantis' as name_en"),
        NEW_REGION.format(table="regional.region_profile", more=""),
        f"update core.dim_region set name_en = '{QUOTED}' where region_code = '10'",
        f"update analysis.claim_check set statement = '{QUOTED}'",
        "update core.dim_release set title_ru = null, title_kk = null where release_id like 'bns_income%'",
    )
    report = open_report(browser, path)
    yield report
    report.page.context.close()


def states(report: Report) -> dict[str, str]:
    charts = report.page.locator("figure[data-chart]")
    return dict(charts.evaluate_all("all => all.map(one => [one.dataset.chart, one.dataset.state])"))


def test_a_mart_without_rows_says_so_in_its_place(emptied: Report) -> None:
    for table, (section, _) in EMPTIED.items():
        assert emptied.page.locator(f"#{section} .notice:visible").count() >= 1, table
        assert emptied.page.locator(f"#{section} .notice:visible").first.inner_text().strip(), table


def test_the_rest_of_the_page_stands(emptied: Report) -> None:
    empty = {chart for _, chart in EMPTIED.values() if chart}
    assert states(emptied) == {chart: "empty" if chart in empty else "drawn" for chart in CHARTS}
    assert emptied.page.locator("main section[id]").count() == len(SECTIONS)
    assert emptied.complaints == []


def test_a_forecast_without_rows_is_not_described_and_is_listed(emptied: Report) -> None:
    text = emptied.page.locator("#dynamics").inner_text()
    assert FORECAST in text
    assert "80%" not in text
    assert states(emptied)["external_balance"] == "drawn"
    file = Path(url2pathname(urlsplit(emptied.address).path)).with_name("saldo.duckdb")
    with duckdb.connect(str(file), read_only=True) as connection:
        empty = make_page(read_published(connection)).empty
    assert sorted(empty) == ["attractiveness", "forecast", "specialty_heatmap"]


def test_a_region_without_a_shape_is_named_under_the_map(strange: Report) -> None:
    expect(strange.page.locator("#map .notice:visible").first).to_contain_text("Atlantis")
    assert states(strange)["region_map"] == "drawn"


def test_markup_in_texts_of_the_file_is_shown_as_text(strange: Report) -> None:
    assert strange.page.title()
    assert strange.page.title() != "broken"
    assert strange.page.locator("img[src='x']").count() == 0
    strange.page.select_option("#claims-verdict", "")
    assert MARKUP in strange.page.locator("#claims-table tbody tr").first.inner_text()
    assert MARKUP in strange.page.locator("figure[data-chart='balance_by_region'] table").text_content()
    assert strange.complaints == []
    assert strange.requests == []


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_a_title_that_nobody_has_translated_is_english_and_says_so(strange: Report, language: str) -> None:
    strange.choose_language(language)
    titles = strange.page.locator("#releases td[lang='en']").all_inner_texts()
    latest = strange.page.locator("#latest-releases span[lang='en']").all_inner_texts()
    strange.choose_language("en")
    assert len(titles) == 2
    assert all(title.startswith("Average nominal money income") for title in titles)
    assert latest == titles[:1]
    assert strange.page.locator("#releases [lang]").count() == 0
