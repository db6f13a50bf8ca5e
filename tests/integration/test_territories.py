"""Territories: units of unchanged boundaries, and a split that is added as rows, without any code."""

from pathlib import Path

import duckdb
import pytest


@pytest.mark.parametrize(
    ("unit", "balance"),
    [
        pytest.param("51", 22_587, id="South Kazakhstan, Turkistan, Shymkent"),
        pytest.param("19", 1_804, id="Almaty region, Jetisu"),
        pytest.param("63", -58_156, id="East Kazakhstan, Abai"),
        pytest.param("35", -51_079, id="Karaganda, Ulytau"),
    ],
)
def test_balance_of_a_harmonised_unit(built_project: Path, unit: str, balance: int) -> None:
    with duckdb.connect(str(built_project / "warehouse/saldo.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select migration_balance_persons from regional.region_profile_harmonised"
            f" where harmonised_unit = '{unit}' and reference_year = 2024"
        ).fetchall()
        units = connection.execute(
            "select count(*), sum(migration_balance_persons) from regional.region_profile_harmonised"
        ).fetchall()
    assert found == [(balance,)]
    assert units == [(16, -267_599)]
