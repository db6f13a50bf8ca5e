"""Vintages of metrics, on a handful of figures."""

from typing import Any

import pandas as pd

from analysis_py.metric import Answer, Figure, Known, metric_vintages, places

YEAR_1, YEAR_2, YEAR_3, YEAR_4 = (pd.Timestamp(f"202{year}-01-01") for year in (1, 2, 3, 4))


def revision(value: float | None, known_from: Any, known_to: Any = pd.NaT, **others: Any) -> dict[str, Any]:
    row = {
        "indicator_code": "balance",
        "region_code": "00",
        "specialty_code": "_T",
        "period_start": pd.Timestamp("2001-01-01"),
        "period_end": pd.Timestamp("2002-01-01"),
        "value": value,
        "release_id": f"of {known_from.year}",
        "source_ref": f"cell of {known_from.year}",
        "obs_status": "A",
        "series_preference": 1,
        "known_from": known_from,
        "known_to": known_to,
    }
    return row | others


def published(known: Known) -> Answer:
    figure = known.one("balance", "00", 2001)
    return Answer(figure.value, [figure])


def vintages(*revisions: dict[str, Any], function: Any = published) -> list[tuple[Any, ...]]:
    frame = pd.DataFrame(list(revisions)).astype({"value": "float64", "known_to": "datetime64[us]"})
    result = metric_vintages(frame, [("balance", "2001", "published figure", function)])
    columns = ["known_from", "known_to", "value", "status", "source_ref"]
    return [
        tuple(None if pd.isna(cell) else cell for cell in row)
        for row in result[columns].itertuples(index=False, name=None)
    ]


def test_a_revision_opens_a_vintage() -> None:
    assert vintages(revision(1, YEAR_1, YEAR_2), revision(2, YEAR_2)) == [
        (YEAR_1, YEAR_2, 1, "ok", "cell of 2021"),
        (YEAR_2, None, 2, "ok", "cell of 2022"),
    ]


def test_what_concerns_another_figure_opens_none() -> None:
    other = revision(5, YEAR_2, indicator_code="population")
    another_region = revision(5, YEAR_3, region_code="63")
    assert vintages(revision(1, YEAR_1), other, another_region) == [
        (YEAR_1, None, 1, "ok", "cell of 2021"),
    ]


def test_before_a_figure_is_published_and_after_it_is_withdrawn_it_is_missing() -> None:
    other = revision(5, YEAR_1, region_code="63")
    assert vintages(other, revision(1, YEAR_2, YEAR_3)) == [
        (YEAR_1, YEAR_2, None, "missing", None),
        (YEAR_2, YEAR_3, 1, "ok", "cell of 2022"),
        (YEAR_3, None, None, "missing", None),
    ]


def test_the_preferred_series_is_shown_whenever_it_has_a_row() -> None:
    second = revision(2, YEAR_1, series_preference=2)
    later_second = revision(3, YEAR_3, series_preference=2)
    assert vintages(second, revision(1, YEAR_2), later_second) == [
        (YEAR_1, YEAR_2, 2, "ok", "cell of 2021"),
        (YEAR_2, None, 1, "ok", "cell of 2022"),
    ]


def test_a_figure_without_a_value_is_none() -> None:
    assert vintages(revision(1, YEAR_1, YEAR_2), revision(None, YEAR_2)) == [
        (YEAR_1, YEAR_2, 1, "ok", "cell of 2021"),
        (YEAR_2, None, None, "missing", None),
    ]


def test_only_what_looked_at_the_changed_figures_is_computed_again() -> None:
    computed = []

    def counted(known: Known) -> Answer:
        computed.append(known)
        return published(known)

    population = [revision(1, year, indicator_code="population") for year in (YEAR_2, YEAR_3, YEAR_4)]
    vintages(revision(1, YEAR_1), *population, function=counted)
    assert len(computed) == 1


def test_cells_are_named_one_by_one_or_by_column_or_by_table() -> None:
    def cells(columns: int, rows: int) -> list[Figure]:
        return [
            Figure(1, "r", f"table_1, row {row} (a (b)), column {column} (heading {column})")
            for column in range(columns)
            for row in range(rows)
        ]

    assert places(cells(1, 2)) == (
        "table_1, row 0 (a (b)), column 0 (heading 0); table_1, row 1 (a (b)), column 0 (heading 0)"
    )
    assert places(cells(1, 5)) == "table_1, column 0 (heading 0), 5 cells"
    assert places(cells(5, 2)) == "table_1, 10 cells"
    others = [Figure(1, "r", f"file.csv, line {line}") for line in range(5)]
    assert places(others) == "release r, 5 cells"
    assert places([*cells(1, 2), *cells(1, 2)]) == places(cells(1, 2))
    assert places([]) == ""
