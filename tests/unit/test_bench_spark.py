"""What the benchmark of Spark reads from an event log; the run itself needs Java and is no test."""

import json
from pathlib import Path

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
