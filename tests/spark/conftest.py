"""One landing, built once by DuckDB and once by Spark in a session of its own."""

import os
from pathlib import Path

import pytest
from project import PROJECT, copy_project, run_in
from spark_builds import SMALL, build, said

from bench import generate
from saldo import spark_preflight
from saldo.landing import Landing

EXAMPLES = PROJECT / "examples" / "releases"
EDITIONS = (
    "bns_socioeconomic_indicators_1991_2016.xls",
    "bns_6567_national_2026-09-25.csv",
    "external_migration_2025_2026-03-13.csv",
)
MADE_UP_ROWS = 2000


@pytest.fixture(scope="session", autouse=True)
def _spark() -> None:
    """Without Java or pyspark no test here can run: the message says what to install."""
    spark_preflight.check_packages()
    if not os.environ.get("SALDO_SPARK_REMOTE"):
        spark_preflight.check_java()


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose landing holds later and earlier editions, one of them withdrawn, a refused file, and two
    made-up releases by age and partner country, of which the later one revises, repeats and adds."""
    project = copy_project(tmp_path_factory.mktemp("spark") / "a project")
    (project / "not a release.csv").write_text("no;release\n1;2\n", encoding="utf-8")
    said(project, "ingest", *[str(EXAMPLES / name) for name in EDITIONS])
    for made_up in generate.editions(MADE_UP_ROWS, later=1, share=0.1, repeated=0.1):
        generate.land(Landing(project / "landing"), made_up)
    assert run_in(project, "ingest", "not a release.csv").returncode != 0
    [release] = [
        path.stem for path in (project / "landing" / "releases").glob("*.json") if "2026_03_13" in path.stem
    ]
    said(project, "withdraw", release, "--on", "2026-10-01", "--reason", "for the test")
    return project


@pytest.fixture(scope="session")
def by_duckdb(project: Path) -> Path:
    """The file that DuckDB makes of it."""
    return build(project, "by duckdb")


@pytest.fixture(scope="session")
def by_spark(project: Path) -> Path:
    """The file that Spark makes of it, all in one process."""
    return build(project, "by spark", "--target", "spark", env=SMALL)
