"""Made-up releases are what intake reads of their files, add up, and revise each other as they say."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import generate, ingest
from bench.measure import PROJECT, BenchmarkError
from saldo.intake.ingest import Options
from saldo.intake.ingest import ingest as take
from saldo.landing import open_landing

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


@pytest.fixture
def two_releases() -> tuple[generate.Release, generate.Release]:
    # More than a batch, and more than a month, of groups.
    return generate.base_and_later(generate.GROUP * (generate.GROUPS_A_BATCH + 100))


def rows_of(release: generate.Release) -> pa.Table:
    return pa.Table.from_batches(generate.batches(release))


def test_rows_are_those_that_intake_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Landed directly and as a file, the same release is the same to the last column."""
    release, _ = generate.base_and_later(5000)
    landed = []
    for name in ("directly", "as_a_file"):
        monkeypatch.setenv("SALDO_LANDING", str(tmp_path / name))
        landing = open_landing(PROJECT)
        if name == "directly":
            generate.land(landing, release)
        else:
            file = tmp_path / release.file_name
            generate.write_sdmx_csv(release, file)
            (outcome,) = take(PROJECT, landing, [str(file)], Options(release_id=release.release_id))
            assert outcome.refusal is None
        landed.append((landing.manifests()[0], pq.read_table(landing.rows / f"{release.release_id}.parquet")))
    (made_up, rows), (manifest, read) = landed
    assert rows.equals(read)
    assert made_up.keys() == manifest.keys()
    for key in ("release_id", "published_on", "layout", "label_set", "indicators", "row_count", "file_name"):
        assert made_up[key] == manifest[key], key


def test_the_later_release_revises_and_adds(two_releases: tuple[generate.Release, generate.Release]) -> None:
    base, later = (rows_of(release) for release in two_releases)
    assert [len(base), len(later)] == [release.row_count for release in two_releases]
    with duckdb.connect() as connection:
        connection.register("base", base)
        connection.register("later", later)
        keys = ", ".join(KEY)
        both, changed, distinct = connection.execute(f"""
            select count(base.value), count(*) filter (base.value <> later.value), count(distinct ({keys}))
            from later left join base using ({keys})
        """).fetchall()[0]
        (of_base,) = connection.execute(f"select count(distinct ({keys})) from base").fetchall()[0]
    assert both == changed == len(later) / 2
    assert distinct == len(later)
    assert of_base == len(base)
    assert 0.001 <= both / len(base) < 0.0011
    assert max(base["period_end"].to_pylist()) <= two_releases[0].published_on < two_releases[1].published_on


def test_flows_and_sexes_add_up(two_releases: tuple[generate.Release, generate.Release]) -> None:
    for release in two_releases:
        value = np.array(rows_of(release)["value"].cast(pa.int64())).reshape(-1, 3, 3)
        assert (value[:, 2] == value[:, 0] + value[:, 1]).all()
        assert (value[:, :, 2] == value[:, :, 0] - value[:, :, 1]).all()
        assert len(np.unique(value)) > 500


def test_another_seed_gives_other_figures_of_the_same_keys() -> None:
    one, other = (rows_of(generate.base_and_later(900, seed=seed)[0]) for seed in (1, 2))
    assert one.select(KEY).equals(other.select(KEY))
    assert not one["value"].equals(other["value"])
    assert one.equals(rows_of(generate.base_and_later(900, seed=1)[0]))


def test_regions_stand_in_the_months_of_their_lives_only() -> None:
    days, regions, _ = generate._months()
    of_day = dict(zip(days, regions, strict=False))
    assert ("KZ-61" in of_day[date(2018, 7, 1)], "KZ-61" in of_day[date(2018, 6, 1)]) == (True, False)
    assert [len(of_day[date(year, 1, 1)]) for year in (2018, 2019, 2023)] == [15, 17, 20]


def test_more_rows_than_there_are_months_for() -> None:
    with pytest.raises(ValueError, match="there are months for"):
        generate.base_and_later(100_000_000)


def test_the_benchmark_compares_what_both_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release, _ = generate.base_and_later(5000)
    file = tmp_path / release.file_name
    generate.write_sdmx_csv(release, file)
    pairs = ingest.measured(file, tmp_path, runs=1)
    assert len(pairs.work) == len(pairs.peer) == 1
    monkeypatch.setattr(ingest, "READ_CSV", ingest.READ_CSV.replace("read_csv(?)", "read_csv(?) limit 5000"))
    with pytest.raises(BenchmarkError, match="the two differ"):
        ingest.measured(file, tmp_path, runs=1)
