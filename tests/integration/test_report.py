"""The report of a built file: its figures are the file's; what is wrong with a file is said in its place."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import RunSaldo

from report.page import PARTS, make_page
from report.published import read_published
from report.shapes import read_shapes
from saldo.errors import MachineError, NotPublishedError
from saldo.report import report, version_of

CHARTS = {
    "balance_by_region",
    "income_correlation",
    "external_balance",
    "region_map",
    "indicator_scatter",
    "dendrogram",
    "cluster_profile",
    "cluster_projection",
    "specialty_heatmap",
    "attractiveness",
    "revision",
}
Change = Callable[..., Path]


@pytest.fixture(scope="module")
def published(built_project: Path) -> Path:
    return built_project / "warehouse/saldo.duckdb"


@pytest.fixture(scope="module")
def html(published: Path) -> str:
    with duckdb.connect(str(published), read_only=True) as connection:
        return make_page(read_published(connection)).html


@pytest.fixture
def changed(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Change:
    """Changes a copy of the published file by these statements; the report reads the copy."""
    copy = tmp_path / "warehouse/saldo.duckdb"
    copy.parent.mkdir()
    shutil.copy(published, copy)
    copy.chmod(0o644)
    monkeypatch.setenv("SALDO_WAREHOUSE", str(copy.parent))

    def change(*statements: str) -> Path:
        with duckdb.connect(str(copy)) as connection:
            for statement in statements:
                connection.execute(statement)
        return copy.parent / "report.html"

    return change


def data_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_command_writes_the_page(built_project: Path, tmp_path: Path, run_saldo: RunSaldo) -> None:
    page = tmp_path / "page.html"
    outcome = run_saldo(built_project, "report", "--output", str(page), "--json")
    assert outcome.returncode == 0, outcome.stderr
    said = json.loads(outcome.stdout)
    assert (said["status"], said["file"], said["size"]) == ("written", str(page), page.stat().st_size)
    assert said["empty"] == said["unmapped"] == []
    assert 500_000 < said["size"] < 3_000_000
    assert version_of(page) == said["version_id"]


def test_the_page_has_every_part_and_chart_in_order(html: str) -> None:
    assert re.findall(r'<section id="(\w+)" aria-labelledby', html) == list(PARTS)
    assert set(re.findall(r'<figure data-chart="(\w+)">', html)) == CHARTS
    assert html.count("<h1") == 1


def test_the_page_asks_no_network(html: str) -> None:
    assert "default-src 'none'" in html
    body = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!#|data:)', body)
    assert "@import" not in body
    assert "url(" not in body


def test_figures_are_those_of_the_file(html: str, published: Path) -> None:
    data = data_of(html)
    with duckdb.connect(str(published), read_only=True) as connection:

        def one(query: str) -> Any:
            row = connection.execute(query).fetchone()
            assert row is not None
            return row[0] if len(row) == 1 else row

        figures = data["figures"]
        assert figures["total"] == one("select sum(balance_persons) from specialty.region_specialty_balance")
        assert figures["total"] == -267599
        assert figures["all_ages"] == one("select sum(balance_persons) from national.external_balance_annual")
        plain = """
            territory_set = 'regions_20' and measure = 'persons' and method = 'pearson'
            and missing_rule = 'pairwise'
        """
        article = one(f"""
            select r, ci_low, ci_high, n from analysis.correlation
            where indicator_code = 'income_per_capita' and {plain}
        """)
        assert [figures[f"article_{key}"] for key in ("r", "ci_low", "ci_high", "n")] == list(article)
        assert round(figures["article_r"], 2) == -0.57
        assert figures["nominal_r"] == one(f"""
            select r from analysis.correlation_sensitivity
            where variant = 'nominal_income' and indicator_code = 'nominal_income_per_capita'
                and held_fixed = 'none' and {plain}
        """)
        assert figures["partial_r"] == one(f"""
            select r from analysis.partial_correlation
            where indicator_code = 'income_per_capita' and held_fixed = 'children_per_household' and {plain}
        """)
        assert len(data["claims"]) == one("select count(*) from analysis.claim_check")
        verdicts = connection.execute(
            "select verdict, count(distinct (statement, metric, alternative_metric))"
            " from analysis.claim_check group by all"
        )
        assert {one["verdict"]: one["count"] for one in data["verdicts"]} == dict(verdicts.fetchall())
        cells = data["charts"]["specialty_heatmap"]["datasets"]["specialty_heatmap"]
        assert len(cells) == one("select count(*) from specialty.region_specialty_balance")
        assert sum(cell["balance_persons"] for cell in cells) == -267599
        forecast = [
            row
            for row in data["charts"]["external_balance"]["datasets"]["external_balance"]
            if row["kind"] == "forecast"
        ]
        assert len(forecast) == one("""
            select count(*) from analysis.forecast_external_balance
            where is_chosen and origin_year = (select max(year) from national.external_balance_annual)
        """)


def test_the_line_of_the_scatter_plot_is_the_file_s(html: str, published: Path) -> None:
    drawn = data_of(html)["charts"]["indicator_scatter"]["datasets"]["fit"]
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute("""
            select indicator_code, indicator_value, fitted, ci_low, ci_high from bi.indicator_fit
            where territory_set = 'regions_20' and measure = 'persons' and fitted is not null
        """).fetchall()
    assert len(found) > 100
    keys = ("indicator_code", "indicator_value", "fitted", "ci_low", "ci_high")
    assert sorted(tuple(row[key] for key in keys) for row in drawn) == sorted(found)


def test_each_language_has_its_own_labels(html: str) -> None:
    data = data_of(html)
    for name, chart in data["charts"].items():
        for variant in chart["variants"].values():
            specs = {language: json.dumps(spec) for language, spec in variant["specs"].items()}
            assert len(set(specs.values())) == 3, name
    rows = data["charts"]["balance_by_region"]["datasets"]["balance_by_region"]
    assert {"Astana", "г. Астана", "Астана қаласы"} <= {
        row[f"name_{lang}"] for row in rows for lang in data["texts"]
    }


def test_the_same_file_gives_the_same_bytes(changed: Change, tmp_path: Path) -> None:
    page = changed()
    report(tmp_path)
    first = page.read_bytes()
    report(tmp_path)
    assert page.read_bytes() == first


def test_without_a_published_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALDO_WAREHOUSE", str(tmp_path / "nothing"))
    with pytest.raises(NotPublishedError, match="there is no published file") as error:
        report(tmp_path)
    assert error.value.exit_status == 9
    assert "saldo build" in error.value.remedy


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("drop schema bi cascade", "bi.region is not what this report reads"),
        (
            "create or replace view bi.region as select region_code, name_en from core.dim_region",
            "bi.region is not what this report reads",
        ),
        ("alter table regional.region_profile drop column role", "bi.region is not what this report reads"),
        ("update core.about set schema_version = 7", "its schema version is 7"),
        ("delete from core.about", "its schema version is none"),
        ("drop view bi.claim", "bi.claim is not what this report reads"),
    ],
)
def test_an_older_file_is_refused_and_the_last_page_stays(
    changed: Change, tmp_path: Path, statement: str, said: str
) -> None:
    page = changed(statement)
    page.write_text("the last page")
    with pytest.raises(NotPublishedError, match=re.escape(said)) as error:
        report(tmp_path)
    assert "\n" not in error.value.what
    assert error.value.remedy
    assert page.read_text() == "the last page"
    assert sorted(path.name for path in page.parent.iterdir()) == ["report.html", "saldo.duckdb"]


def test_a_file_that_is_no_database_is_refused(changed: Change, tmp_path: Path) -> None:
    page = changed()
    (page.parent / "saldo.duckdb").write_text("no database")
    with pytest.raises(NotPublishedError):
        report(tmp_path)


def test_a_mart_without_rows_says_so_in_its_place(changed: Change, tmp_path: Path) -> None:
    page = changed("delete from analysis.attractiveness_index", "delete from analysis.claim_check")
    written = report(tmp_path)
    assert written.empty == ["attractiveness"]
    html = page.read_text(encoding="utf-8")
    assert '<figure data-chart="attractiveness" data-state="empty">' in html
    assert html.count('data-state="empty"') == 1
    notices = re.findall(r'data-text="ui.no_rows" data-fields="([^"]*)"', html)
    assert [re.sub(r"&\w+;|&#\d+;", "", notice) for notice in notices] == [
        "{mart: bi.attractiveness}",
        "{mart: bi.claim}",
    ]


def test_a_file_of_empty_marts_still_gives_a_page(changed: Change, tmp_path: Path) -> None:
    page = changed()
    with duckdb.connect(str(page.parent / "saldo.duckdb")) as connection:
        tables = connection.execute("""
            select concat(table_schema, '.', table_name) from information_schema.tables
            where table_type = 'BASE TABLE'
                and table_schema in ('analysis', 'audit', 'national', 'regional', 'specialty')
        """).fetchall()
        for (table,) in [*tables, ("core.figure_revision",)]:
            connection.execute(f"delete from {table}")
    assert set(report(tmp_path).empty) == CHARTS
    assert re.findall(r'<section id="(\w+)"', page.read_text(encoding="utf-8")) == list(PARTS)


def test_a_region_without_an_outline_is_named(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = read_published(connection)
    shapes = {code: shape for code, shape in read_shapes().items() if code != "10"}
    page = make_page(rows, shapes)
    assert page.unmapped == ["10"]
    assert 'data-text="map.unmapped"' in page.html
    assert "Abai" in page.html.split('data-text="map.unmapped"')[1][:200]
    assert len(data_of(page.html)["charts"]["region_map"]["datasets"]["shapes"]) == len(shapes)


def test_markup_in_labels_and_claims_stays_text(changed: Change, tmp_path: Path, html: str) -> None:
    label = "</script><script>alert(1)</script>\u2028 & \"'"
    quoted = label.replace("'", "''")
    page = changed(
        f"update core.dim_indicator set name_en = '{quoted}' where indicator_code = 'income_per_capita'",
        "update analysis.claim_check set reason = '<img src=x onerror=alert(1)>'",
        f"update core.dim_release set title = '{quoted}'",
    )
    report(tmp_path)
    changed_html = page.read_text(encoding="utf-8")
    assert "<script>alert" not in changed_html
    assert "<img src=x" not in changed_html
    assert changed_html.lower().count("<script") == html.lower().count("<script")
    data = data_of(changed_html)
    assert label in {
        row["indicator_en"] for row in data["charts"]["indicator_scatter"]["datasets"]["indicator_scatter"]
    }
    assert data["claims"][0]["reason"] == "<img src=x onerror=alert(1)>"


def test_a_page_that_cannot_be_written_leaves_nothing_behind(changed: Change, tmp_path: Path) -> None:
    page = changed()
    page.mkdir()
    with pytest.raises(OSError, match="directory"):
        report(tmp_path)
    assert sorted(path.name for path in page.parent.iterdir()) == ["report.html", "saldo.duckdb"]


def test_a_missing_package_is_named(changed: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed()
    monkeypatch.setitem(__import__("sys").modules, "report.page", None)
    with pytest.raises(MachineError, match="the report needs"):
        report(tmp_path)
