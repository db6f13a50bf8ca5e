"""What is missing in the file or strange in its texts is said or shown in its place; the rest of the page stands."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.report_page import CHARTS, SECTIONS, Report

MARKUP = "<img src=x onerror=\"document.title='broken'\"></script><script>document.title='broken'</script>"
ReportOf = Callable[..., object]


def states(report: Report) -> dict[str, str]:
    charts = report.page.locator("figure[data-chart]")
    return dict(charts.evaluate_all("all => all.map(one => [one.dataset.chart, one.dataset.state])"))


@pytest.mark.parametrize(
    ("table", "section", "empty"),
    [
        ("analysis.attractiveness_index", "attractiveness", {"attractiveness"}),
        ("specialty.region_specialty_structure", "specialties", {"specialty_heatmap"}),
        ("analysis.claim_check", "claims", set()),
    ],
)
def test_a_mart_without_rows_says_so(open_page, report_of, table: str, section: str, empty: set[str]) -> None:
    opened = open_page(report_of(f"delete from {table}"))
    assert {chart for chart, state in states(opened).items() if state == "empty"} == empty
    notice = opened.page.locator(f"#{section} .notice:visible").first
    expect(notice).not_to_be_empty()
    assert opened.page.locator("main section[id]").count() == len(SECTIONS)
    assert opened.complaints == []


def test_a_region_without_a_shape_is_named_under_the_map(open_page, report_of) -> None:
    opened = open_page(
        report_of(
            "update core.dim_region set region_code = '99' where false",
            "insert into regional.region_profile by name (select * replace ('98' as region_code)"
            " from regional.region_profile where region_code = '71')",
            "insert into core.dim_region by name (select * replace ('98' as region_code, 'Atlantis' as name_en)"
            " from core.dim_region where region_code = '71')",
        )
    )
    expect(opened.page.locator("#map .notice:visible").first).to_contain_text("Atlantis")
    assert states(opened).keys() == set(CHARTS)


def test_markup_in_texts_of_the_file_is_shown_as_text(open_page, report_of) -> None:
    opened = open_page(
        report_of(
            f"update core.dim_region set name_en = '{MARKUP.replace(chr(39), chr(39) * 2)}' where region_code = '10'",
            f"update analysis.claim_check set statement = '{MARKUP.replace(chr(39), chr(39) * 2)}'",
        )
    )
    title = opened.page.title()
    assert title
    assert "broken" not in title
    assert opened.page.locator("img[src='x'], script:text('broken')").count() == 0
    assert MARKUP in opened.page.locator("#claims-table tbody tr").first.inner_text()
    assert MARKUP in opened.page.locator("figure[data-chart='balance_by_region'] table").text_content()
    assert opened.complaints == []
    assert opened.requests == []
