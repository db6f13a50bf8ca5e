"""A standalone cluster with two workers, asked through Spark Connect, one of them lost during the build."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster, started
from project import run_in
from same_marts import differences
from spark_builds import SMALL

CONF = Path(SMALL["SPARK_CONF_DIR"])
TABLES_BEFORE_THE_LOSS = 60
ASK = "from saldo.spark import session; session.SECONDS_TO_GET_WORKERS = 2; {more}; session.session()"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with started(tmp_path / "cluster", CONF) as cluster:
        yield cluster


def kill_a_worker(cluster: Cluster) -> None:
    """As soon as so many tables are there that the build is in its middle."""
    while len(list(cluster.tables.glob("tables/*/*"))) < TABLES_BEFORE_THE_LOSS:
        time.sleep(0.1)
    cluster.kill_worker()


def test_a_build_outlives_the_loss_of_a_worker(project: Path, by_duckdb: Path, cluster: Cluster) -> None:
    warehouse = project / "by a cluster"
    settings = {
        "SALDO_WAREHOUSE": str(warehouse),
        "SALDO_SPARK_REMOTE": cluster.remote,
        "SALDO_SPARK_WAREHOUSE": str(cluster.tables),
    }
    watcher = threading.Thread(target=kill_a_worker, args=[cluster], daemon=True)
    watcher.start()
    outcome = run_in(project, "build", "--full", "--target", "spark", env=settings)
    assert not watcher.is_alive(), "no worker was lost"
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert len(cluster.workers) == 1
    assert differences(by_duckdb, warehouse / "saldo.duckdb") == []


def test_a_cluster_that_is_gone_leaves_what_is_published(
    project: Path, by_duckdb: Path, cluster: Cluster
) -> None:
    before = by_duckdb.read_bytes()
    settings = {
        "SALDO_WAREHOUSE": str(by_duckdb.parent),
        "SALDO_SPARK_REMOTE": cluster.remote,
        "SALDO_SPARK_WAREHOUSE": str(cluster.tables),
    }

    def take_away() -> None:
        while not list(cluster.tables.glob("tables/*/*")):
            time.sleep(0.1)
        cluster.kill_server()

    watcher = threading.Thread(target=take_away, daemon=True)
    watcher.start()
    outcome = run_in(project, "build", "--full", "--target", "spark", env=settings)
    assert not watcher.is_alive(), "the server was not lost"
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert "error: " in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert by_duckdb.read_bytes() == before


def test_a_cluster_without_workers_is_not_waited_for(tmp_path: Path) -> None:
    with started(tmp_path / "cluster", CONF, workers=0) as cluster:
        asked = ask({"SALDO_SPARK_MASTER": cluster.master, "SALDO_SPARK_WAREHOUSE": str(tmp_path / "own")})
        assert f"{cluster.master} gave no worker within 2 s; what to do: start workers" in asked.stderr
        remote = {"SALDO_SPARK_REMOTE": cluster.remote, "SALDO_SPARK_WAREHOUSE": str(cluster.tables)}
        assert "the Spark Connect server gave no worker within 2 s" in ask(remote).stderr
        elsewhere = remote | {"SALDO_SPARK_WAREHOUSE": str(tmp_path / "own")}
        assert f"SALDO_SPARK_WAREHOUSE says {tmp_path / 'own' / 'tables'}" in ask(elsewhere).stderr


def test_a_build_without_workers_ends_with_one_line_and_the_remedy(
    project: Path, by_duckdb: Path, tmp_path: Path
) -> None:
    before = by_duckdb.read_bytes()
    with started(tmp_path / "cluster", CONF, workers=0) as cluster:
        settings = {"SALDO_WAREHOUSE": str(by_duckdb.parent), "SALDO_SPARK_MASTER": cluster.master}
        outcome = run_in(project, "build", "--full", "--target", "spark", env=SMALL | settings)
    assert outcome.returncode == 5, outcome.stdout + outcome.stderr
    what, remedy = outcome.stderr.splitlines()[-2:]
    assert what == f"error: cluster of Spark: {cluster.master} gave no worker within 60 s"
    assert remedy.startswith("  what to do: start workers of Spark 4.0.")
    assert by_duckdb.read_bytes() == before


def test_a_cluster_of_another_version_is_named(tmp_path: Path) -> None:
    asked = ask({"SALDO_SPARK_WAREHOUSE": str(tmp_path)}, "session.pyspark.__version__ = '4.7.0'")
    assert "this is pyspark 4.7.0; what to do: use a cluster of the version" in asked.stderr


def ask(environment: dict[str, str], more: str = "pass") -> subprocess.CompletedProcess[str]:
    """Asks for a session in a process of its own; it has to fail."""
    asked = subprocess.run(
        [sys.executable, "-c", ASK.format(more=more)],
        env=os.environ | SMALL | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert asked.returncode != 0
    return asked
