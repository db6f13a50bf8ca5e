"""What the benchmark of Spark reads from an event log; the run itself needs Java and is no test."""

import json
from pathlib import Path

import duckdb

from bench import spark
from bench.models import Models
from bench.spark import OnSpark

METRICS = {
    "Input Metrics": {"Bytes Read": 5},
    "Shuffle Write Metrics": {"Shuffle Bytes Written": 7},
    "Disk Bytes Spilled": 11,
    "Output Metrics": {"Bytes Written": 13},
}


def test_amounts_are_those_of_all_tasks(tmp_path: Path) -> None:
    run = object.__new__(OnSpark)
    run._log = tmp_path
    events = [
        {"Event": "SparkListenerTaskEnd", "Task Metrics": METRICS},
        {"Event": "SparkListenerTaskEnd"},  # one that failed reports nothing
        {"Event": "SparkListenerJobEnd"},
        {"Event": "SparkListenerTaskEnd", "Task Metrics": METRICS},
    ]
    (tmp_path / "local-1").write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    assert run.amounts() == {"read": 10, "shuffled": 14, "spilled to disk": 22, "written": 26}


def test_each_table_is_compared_and_a_difference_named(tmp_path: Path) -> None:
    ours, peer = object.__new__(OnSpark), object.__new__(Models)
    ours.folder, peer.database = tmp_path, tmp_path / "peer.duckdb"
    with duckdb.connect(str(peer.database)) as connection:
        connection.execute("create schema core")
        for table, columns in spark.TABLES.items():
            (tmp_path / "spark/tables/core.db" / table).mkdir(parents=True)
            row = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items())
            connection.execute(f"create table core.{table} as select {row}")
            connection.execute(f"copy core.{table} to '{tmp_path}/spark/tables/core.db/{table}/1.parquet'")
    assert spark.differences(peer, ours) == ""
    for table, columns in spark.TABLES.items():
        name = next(name for name, kind in columns.items() if kind == "varchar")
        with duckdb.connect(str(peer.database)) as connection:
            connection.execute(f"update core.{table} set {name} = 'another'")
        assert spark.differences(peer, ours).startswith(f"core.{table} is ")
        with duckdb.connect(str(peer.database)) as connection:
            connection.execute(f"update core.{table} set {name} = null")
