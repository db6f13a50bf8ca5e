"""Made-up releases are what intake reads of their files, add up, and revise each other as they say."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import generate, ingest
from bench.measure import PROJECT, BenchmarkError
from saldo.intake.ingest import Options
from saldo.intake.ingest import ingest as take
from saldo.landing import Landing, open_landing

ROWS = 200_000  # more than a batch, and more than a month, of slices
KEY = [
    "indicator_code",
    "region_label",
    "sex_code",
    "residence_code",
    "age_code",
    "partner_code",
    "period_start",
    "period_end",
]


@pytest.fixture(scope="module")
def two_releases() -> tuple[generate.Release, generate.Release]:
    return generate.base_and_later(ROWS, share=0.01)


def rows_of(release: generate.Release) -> pa.Table:
    return pa.Table.from_batches(generate.batches(release))


def different(one: pa.Table, other: pa.Table) -> list[str]:
    """The columns that differ."""
    return [name for name in one.column_names if not one[name].equals(other[name])]


def landed_by(folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], pa.Table]:
    """The manifest and the rows of what intake makes of a file."""
    monkeypatch.setenv("SALDO_LANDING", str(folder))
    landing = open_landing(PROJECT)
    options = Options(release_id="read", published_on=date(2026, 1, 31))
    (outcome,) = take(PROJECT, landing, [str(file)], options)
    assert outcome.refusal is None, outcome.refusal
    return landing.manifests()[0], pq.read_table(landing.rows / "read.parquet")


def test_rows_are_those_that_intake_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Landed directly, as a file of csv and as one of Parquet, the same release is the same."""
    release, _ = generate.base_and_later(5000)
    landing = generate.new_landing(tmp_path / "directly")
    made_up = generate.land(landing, release)
    parquet, csv = landing.rows / f"{release.release_id}.parquet", tmp_path / release.file_name
    generate.write_sdmx_csv(release, csv)
    rows = pq.read_table(parquet)
    manifest, read = landed_by(tmp_path / "from_csv", csv, monkeypatch)
    # A message of SDMX does not tell totals from figures.
    assert different(rows, read) == ["cell_kind"]
    assert made_up.keys() == manifest.keys()
    for key in ("published_on", "layout", "label_set", "indicators", "row_count", "file_name"):
        assert made_up[key] == manifest[key], key
    manifest, read = landed_by(tmp_path / "from_parquet", parquet, monkeypatch)
    assert different(rows, read) == []
    assert made_up["control_total_count"] == manifest["control_total_count"] > 0


def test_the_later_release_revises_and_adds(two_releases: tuple[generate.Release, generate.Release]) -> None:
    base, later = (rows_of(release) for release in two_releases)
    assert [len(base), len(later)] == [release.row_count for release in two_releases]
    with duckdb.connect() as connection:
        connection.register("base", base)
        connection.register("later", later)
        keys = ", ".join(KEY)
        both, changed, distinct = connection.execute(f"""
            select
                count(base.obs_status), count(*) filter (base.value is distinct from later.value),
                count(distinct ({keys}))
            from later left join base using ({keys})
        """).fetchall()[0]
        (of_base,) = connection.execute(f"select count(distinct ({keys})) from base").fetchall()[0]
    assert changed == distinct == len(later)
    assert of_base == len(base)
    assert 0.01 <= both / len(base) < 0.012
    assert both == pytest.approx(len(later) / 2, rel=0.1)
    assert max(base["period_end"].to_pylist()) <= two_releases[0].published_on < two_releases[1].published_on


def test_editions_revise_again_and_repeat() -> None:
    first, second, third = generate.editions(20_000, later=2, share=0.05, repeated=0.1)
    repeated = np.setdiff1d(np.intersect1d(first.slices, second.slices), second.revised)
    assert len(repeated) > len(second.revised) > 0
    assert not np.intersect1d(second.slices, third.slices[-len(third.revised) :]).size
    with duckdb.connect() as connection:
        for name, release in (("first", first), ("second", second), ("third", third)):
            connection.register(name, rows_of(release))
        keys = ", ".join(KEY)
        found = connection.execute(f"""
            select
                count(*) filter (first.value is distinct from second.value),
                count(*) filter (second.value is distinct from third.value),
                count(*)
            from second inner join third using ({keys}) inner join first using ({keys})
        """).fetchall()
    revised, again, in_both = found[0]
    assert revised == again == generate._rows_of(second.revised, first.partners)
    assert in_both - revised == generate._rows_of(repeated, first.partners)


def test_flows_sexes_and_regions_add_up(two_releases: tuple[generate.Release, generate.Release]) -> None:
    for release in two_releases:
        rows = rows_of(release)
        value = np.array(rows["value"].cast(pa.int64()).fill_null(0)).reshape(-1, 3, 3)
        assert (value[:, 2] == value[:, 0] + value[:, 1]).all()
        assert (value[:, :, 2] == value[:, :, 0] - value[:, :, 1]).all()
        # after the regions of each slice, the country
        kinds = np.array(rows["cell_kind"].cast(pa.string())).reshape(-1, 9)[:, 0]
        (totals,) = np.nonzero(kinds == "column_total")
        assert len(totals) == len(release.slices) == release.control_total_count / 9
        parts = np.add.reduceat(value, [0, *(totals[:-1] + 1)]) - value[totals]
        assert (parts == value[totals]).all()
        assert len(np.unique(value)) > 500


def test_missing_marks_stand_where_there_is_no_figure(
    two_releases: tuple[generate.Release, generate.Release],
) -> None:
    rows = rows_of(two_releases[0])
    status = np.array(rows["obs_status"].cast(pa.string()))
    missing = np.isin(status, generate.MISSING)
    assert (missing == np.array(rows["value"].is_null())).all()
    assert (missing == np.array(rows["decimals"].is_null())).all()
    assert 0.003 < missing.mean() < 0.007
    assert set(status) == {"A", "P", *generate.MISSING}


def test_another_seed_gives_other_figures_of_the_same_keys() -> None:
    one, other = (rows_of(generate.base_and_later(900, seed=seed)[0]) for seed in (1, 2))
    assert one.select(KEY).equals(other.select(KEY))
    assert not one["value"].equals(other["value"])
    assert one.equals(rows_of(generate.base_and_later(900, seed=1)[0]))


def test_regions_stand_in_the_months_of_their_lives_only() -> None:
    days, regions, _ = generate._months()
    of_day = dict(zip(days, regions, strict=False))
    assert ("KZ-61" in of_day[date(2018, 7, 1)], "KZ-61" in of_day[date(2018, 6, 1)]) == (True, False)
    assert ("KZ-51" in of_day[date(2018, 7, 1)], "KZ-51" in of_day[date(2018, 6, 1)]) == (False, True)
    # and the country
    assert [len(of_day[date(year, 1, 1)]) for year in (2018, 2019, 2023)] == [17, 18, 21]


def test_any_size_has_as_many_rows_as_wanted() -> None:
    for rows in (1, 900, 12_000_000, 13_700_000, 100_000_000):
        base, later = generate.base_and_later(rows)
        assert rows <= base.row_count < rows + 189
        assert base.partners == later.partners >= 15
        assert len(np.unique(later.slices)) == len(later.slices)
    assert base.partners < len(generate.PARTNERS)
    assert len(set(generate.PARTNERS)) == len(generate.PARTNERS)


def test_later_releases_fit_where_one_partner_more_is_needed_for_them() -> None:
    # a size at which the rows of all three would fit the months, but not the slices of the two later ones
    first, *later = generate.editions(94_339_623, later=2, share=0.01, repeated=0.01)
    assert [release.row_count > 900_000 for release in later] == [True, True]
    assert first.row_count >= 94_339_623


def test_more_rows_than_there_are_months_for() -> None:
    with pytest.raises(ValueError, match="there are months and partners for"):
        generate.base_and_later(1_000_000_000)


def test_it_is_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind, file in (("csv", "made_up_2026-02-28.csv"), ("parquet", "rows/made_up_2026_02_28.parquet")):
        wanted = ["--rows", "2000", "--format", kind, str(tmp_path / kind)]
        assert generate.main(wanted) == 0
        assert (tmp_path / kind / file).is_file()
        assert generate.main(wanted) == 1
    assert "File exists" in capsys.readouterr().err
    assert len(Landing(tmp_path / "parquet").manifests()) == 2


def test_the_benchmark_compares_what_both_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release, _ = generate.base_and_later(5000)
    file = tmp_path / release.file_name
    generate.write_sdmx_csv(release, file)
    pairs = ingest.measured(file, tmp_path, runs=1)
    assert len(pairs.work) == len(pairs.peer) == 1
    monkeypatch.setattr(ingest, "READ_CSV", ingest.READ_CSV.replace("read_csv(?)", "read_csv(?) limit 5000"))
    with pytest.raises(BenchmarkError, match="the two differ"):
        ingest.measured(file, tmp_path, runs=1)
