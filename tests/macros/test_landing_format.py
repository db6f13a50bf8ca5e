"""Today's code reads a landing folder of format 1, which the first version wrote."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from saldo import preflight
from saldo.disk import file_sha256
from saldo.errors import InputError
from saldo.landing import FORMAT_VERSION, Landing

LANDING = Landing(Path(__file__).parent / "landing_format_1")
OLD, NEW = "sdmx_csv_2018_12_31_", "sdmx_csv_2026_03_13_"


def printed() -> set[tuple[str, str, Decimal]]:
    """Indicator, start and figure of each row of the two originals, as csv reads them."""
    found = set()
    for path in LANDING.originals.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.add((row["INDICATOR"], row["TIME_PERIOD"], Decimal(row["OBS_VALUE"])))
    return found


def test_the_manifests_are_read() -> None:
    manifests = LANDING.manifests()
    assert [(each["release_id"][:20], each["status"]) for each in manifests] == [
        (OLD, "withdrawn"),
        (NEW, "landed"),
    ]
    assert {each["format_version"] for each in manifests} == {1}
    assert {path.stem for path in LANDING.originals.iterdir()} == {each["sha256"] for each in manifests}
    assert all(file_sha256(path) == path.stem for path in LANDING.originals.iterdir())


def test_staging_reads_every_release(sql: Mapping[str, str], connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.sql(sql["landed_releases"]).project("release_id, published_on, withdrawn_on").fetchall()
    assert sorted((name[:20], *days) for name, *days in rows) == [
        (OLD, date(2018, 12, 31), date(2026, 1, 2)),
        (NEW, date(2026, 3, 13), None),
    ]


def test_what_an_old_manifest_does_not_say_is_empty(
    sql: Mapping[str, str], connection: duckdb.DuckDBPyConnection
) -> None:
    rows = connection.sql(sql["landed_releases"]).project("territory_set").fetchall()
    assert rows == [(None,), (None,)]


def test_staging_reads_every_cell(sql: Mapping[str, str], connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.sql(sql["landed_cells"]).project("indicator_code, period_start, value").fetchall()
    assert len(rows) == 6
    assert {(indicator, str(start.year), value) for indicator, start, value in rows} == printed()


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (FORMAT_VERSION + 1, f"landing is of format {FORMAT_VERSION + 1}; this version of saldo reads up to"),
        ("one", "its format_version is 'one', not a number"),
        (0, "its format_version is 0, not a number"),
        (True, "its format_version is True, not a number"),
    ],
)
def test_another_format_is_refused_by_the_name_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: object, message: str
) -> None:
    shutil.copytree(LANDING.folder, tmp_path / "landing")
    monkeypatch.delenv("SALDO_LANDING", raising=False)
    preflight.check_landing(tmp_path)
    manifest = next((tmp_path / "landing/releases").glob(f"{NEW}*.json"))
    text = manifest.read_text(encoding="utf-8")
    changed = text.replace('"format_version": 1', f'"format_version": {json.dumps(version)}')
    manifest.write_text(changed, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        preflight.check_landing(tmp_path)
    assert caught.value.where == str(manifest)


def test_no_landing_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SALDO_LANDING", raising=False)
    preflight.check_landing(tmp_path)
    assert not list(tmp_path.iterdir())
