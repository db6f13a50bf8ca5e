"""The views of schema bi as a chart meets them: names in three languages, and figures of the marts."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from corruption import Replay

LANGUAGES = ("en", "ru", "kk")
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@pytest.fixture(scope="module")
def published(built_project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_project / "warehouse/saldo.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def columns(published: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """View of schema bi -> its columns."""
    query = "select table_name, column_name from information_schema.columns where table_schema = 'bi'"
    found: dict[str, list[str]] = {}
    for view, column in published.execute(query).fetchall():
        found.setdefault(view, []).append(column)
    return found


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def labelled(columns: list[str]) -> dict[str, str]:
    """What has a name in English -> the column with its code."""
    names = [column.removesuffix("_en") for column in columns if column.endswith("_en")]
    coded: dict[str, str] = {}
    for name in names:
        codes: tuple[str, ...] = (name, f"{name}_code", f"{name}_id", name.removesuffix("_verdict"))
        if name == "name":
            codes = ("region_code", "specialty_code")
        found = [code for code in codes if code in columns]
        if found:
            coded[name] = found[0]
    return coded


def test_every_view_has_rows_and_names_in_each_language(
    published: duckdb.DuckDBPyConnection, columns: dict[str, list[str]]
) -> None:
    assert len(columns) > 10
    for view, names in columns.items():
        assert one(published, f"select count(*) > 0 from bi.{view}") == (True,), view
        in_english = [name for name in names if name.endswith("_en") and name != "statement_en"]
        for name in in_english:
            assert {name.removesuffix("_en") + f"_{one}" for one in LANGUAGES} <= {*names}, (view, name)


def test_no_code_stands_without_its_name(
    published: duckdb.DuckDBPyConnection, columns: dict[str, list[str]]
) -> None:
    looked_at = 0
    for view, names in columns.items():
        for name, code in labelled(names).items():
            for label in (f"{name}_{language}" for language in LANGUAGES if f"{name}_{language}" in names):
                query = f"select count(*) from bi.{view} where {code} is not null and {label} is null"
                assert one(published, query) == (0,), (view, label)
                looked_at += 1
    assert looked_at > 100


def test_names_are_of_their_language(published: duckdb.DuckDBPyConnection) -> None:
    names = published.execute(
        "select code_list, code, name_en, name_ru, name_kk from core.dim_code"
    ).fetchall()
    same_in_all = {"ARIMA"}
    for code_list, code, english, russian, kazakh in names:
        assert not CYRILLIC.search(english), (code_list, code)
        for name in {russian, kazakh} - same_in_all:
            assert CYRILLIC.search(name), (code_list, code, name)


def test_views_read_the_file_under_any_name(built_project: Path, tmp_path: Path) -> None:
    copy = shutil.copy(built_project / "warehouse/saldo.duckdb", tmp_path / "another name.duckdb")
    with duckdb.connect(str(copy), read_only=True) as connection:
        views = connection.execute("select view_name from duckdb_views() where schema_name = 'bi'").fetchall()
        assert views
        for (view,) in views:
            assert one(connection, f"select count(*) > 0 from bi.{view}") == (True,)


def test_line_goes_with_the_correlation(published: duckdb.DuckDBPyConnection) -> None:
    """The article's −0.57 with its income and what the nominal income comes to, as squares."""
    query = """
        select count(*), max(abs(line.r_squared - found.r * found.r)), max(abs(line.n - found.n))
        from analysis.fit_line as line
        inner join bi.correlation as found using (reference_year, territory_set, measure, indicator_code)
        where
            line.point_no = 1 and found.method = 'pearson' and found.missing_rule = 'pairwise'
            and found.held_fixed = 'none' and found.variant in ('none', 'nominal_income')
    """
    rows, difference, of_n = one(published, query)
    assert rows == 10
    assert difference == pytest.approx(0, abs=1e-12)
    assert of_n == 0
    by_indicator = """
        select indicator_code, round(any_value(r_squared), 4), sign(any_value(slope)), count(*)
        from bi.indicator_fit where measure = 'persons' group by all
    """
    found = {code: rest for code, *rest in published.execute(by_indicator).fetchall()}
    assert found["income_per_capita"] == [round(0.5691**2, 4), -1, 25]
    assert found["children_per_household"] == [round(0.7291**2, 4), 1, 25]


def test_line_is_drawn_anew_when_a_figure_is_revised(replay: Replay, built_project: Path) -> None:
    query = (
        "select slope, n from {} where indicator_code = 'nominal_income_per_capita' and measure = 'persons'"
    )
    with replay.connect() as connection:
        replay.build(connection, replay.needed_for("fit_line"), built_project)
        line = query.format(replay.relation("fit_line"))
        before = one(connection, line)
        connection.execute(
            f"update {replay.relation('headline_observation')} set value = value * 2"
            " where indicator_code = 'nominal_income_per_capita' and region_code = '23'"
        )
        _, *made_from_it = replay.needed_for("fit_line", after="headline_observation")
        replay.build(connection, made_from_it, built_project)
        after = one(connection, line)
    assert (before[1], after[1]) == (20, 20)
    assert before[0] != after[0]


def test_clusters_and_their_tree_are_whole(published: duckdb.DuckDBPyConnection) -> None:
    leaves = """
        select territory_set, measure, count(left_en) + count(right_en), max(step), max(size)
        from bi.cluster_merge group by all order by all
    """
    assert published.execute(leaves).fetchall() == [
        ("harmonised_16", "per_1000", 16, 15, 16),
        ("harmonised_16", "persons", 16, 15, 16),
        ("regions_20", "per_1000", 20, 19, 20),
        ("regions_20", "persons", 20, 19, 20),
    ]
    means = """
        select round(mean_migration_balance_persons) from bi.cluster_profile
        where method = 'ward' and territory_set = 'regions_20' and measure = 'persons' order by 1
    """
    assert published.execute(means).fetchall() == [(-35586,), (-281,)]


def test_revisions_say_their_share(published: duckdb.DuckDBPyConnection) -> None:
    """Of the population, as core.revision_summary has it; of none that crosses zero or is per cent."""
    query = """
        select
            100 * sum(revision) / sum(later_value), sum(revision_percent * later_value) / sum(later_value),
            any_value(summary.mean_revision_percent), count(revision_percent) = count(*)
        from bi.revision
        inner join core.revision_summary as summary using (indicator_code)
        where indicator_code = 'population' and summary.age = 'latest'
    """
    from_sums, weighted, in_summary, all_known = one(published, query)
    assert all_known
    assert from_sums == pytest.approx(in_summary)
    assert weighted == pytest.approx(in_summary)
    none = """
        select count(*) from bi.revision inner join core.dim_indicator as indicator using (indicator_code)
        where (indicator.may_be_negative or indicator.unit_code = 'PT') and revision_percent is not null
    """
    assert one(published, none) == (0,)


def test_one_release_is_the_latest(published: duckdb.DuckDBPyConnection) -> None:
    query = "select release_id, rows_new + rows_revised > 0 from bi.release where is_latest"
    latest = "select release_id, true from core.dim_release order by known_from desc limit 1"
    assert published.execute(query).fetchall() == published.execute(latest).fetchall()


def test_about_says_whose_the_figures_are(published: duckdb.DuckDBPyConnection, built_project: Path) -> None:
    row = published.execute("from core.about").fetchdf().iloc[0]
    publishers = published.execute("select distinct publisher from core.dim_release order by 1").fetchall()
    assert row["publishers"].split("; ") == [name for (name,) in publishers]
    licence = (built_project / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith(f"{row['code_licence']} License")
    for text in ("data_terms", "how_to_cite"):
        assert "core.dim_release" in row[text]
        for language in ("ru", "kk"):
            assert "core.dim_release" in row[f"{text}_{language}"]
            assert CYRILLIC.search(row[f"{text}_{language}"])
