"""The same models on Spark make the same file."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from same_marts import differences, public
from spark_builds import said


def test_every_public_mart_is_equal_row_by_row(by_duckdb: Path, by_spark: Path) -> None:
    assert differences(by_duckdb, by_spark) == []


def test_the_marts_that_are_compared_hold_rows(by_duckdb: Path) -> None:
    with duckdb.connect(str(by_duckdb), read_only=True) as connection:
        empty = [
            name
            for name in public(connection)
            if connection.execute(f"select 1 from {name}").fetchone() is None
        ]
        made_up = connection.execute(
            "select count(*), count(*) filter (known_to is not null) from core.fct_revision"
            " where release_id like 'made_up_%' and age_code <> '_T' and partner_code <> '_T'"
        ).fetchone()
    assert empty in ([], ["audit.run_log"])
    assert made_up is not None
    assert min(made_up) > 100, "revised figures by age and partner country"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            "update core.fct_revision set value = value + 0.000001 where rowid = 7",
            "core.fct_revision: 1 of",
        ),
        (
            "update analysis.correlation set r = r + 1e-16 where r between 0.1 and 0.5",
            "analysis.correlation: ",
        ),
        ("delete from core.dim_code where rowid = 3", "core.dim_code: 1 of"),
        ("comment on column core.about.publishers is 'another'", "columns: "),
        ("comment on table core.about is 'another'", "comments: "),
        ("drop macro table core.observation_as_of", "macros: "),
    ],
)
def test_a_difference_is_named(by_duckdb: Path, tmp_path: Path, change: str, named: str) -> None:
    changed = tmp_path / "saldo.duckdb"
    shutil.copyfile(by_duckdb, changed)
    with duckdb.connect(str(changed)) as connection:
        connection.execute(change)
    assert any(line.startswith(named) for line in differences(by_duckdb, changed))


def test_nothing_is_new_for_the_other_engine(project: Path, by_spark: Path) -> None:
    outcome = json.loads(said(project, "build", "--json", env={"SALDO_WAREHOUSE": str(by_spark.parent)}))
    assert outcome["status"] == "up_to_date"
