"""The process in which dbt runs: what it tells the one that started it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = "name: small\nprofile: small\nflags: {send_anonymous_usage_stats: false}\n"
PROFILE = "small: {target: t, outputs: {t: {type: duckdb, path: ':memory:'}}}\n"


@pytest.mark.parametrize(
    ("model", "options", "exit_status", "error"),
    [
        ("select 1 as one", [], 0, ""),
        (
            "select * from {{ ref('nothing') }}",
            [],
            1,
            "depends on a node named 'nothing'",
        ),
        ("{{ config(materialized='table') }} select error('broken')", [], 1, "broken"),
        ("select 1 as one", ["--no-such-option"], 1, "No such option '--no-such-option'"),
    ],
)
def test_events_are_told_as_json_without_those_of_debugging(
    tmp_path: Path, model: str, options: list[str], exit_status: int, error: str
) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "profiles.yml").write_text(PROFILE)
    (tmp_path / "models").mkdir()
    (tmp_path / "models/one.sql").write_text(model)
    command = [sys.executable, "-m", "saldo.dbt_child", "--no-version-check", "--log-level", "none", "build"]
    with subprocess.Popen(
        [*command, "--profiles-dir", ".", *options],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin
        assert child.stdout
        child.stdin.write("\n")  # and stays open: else dbt ends, too
        child.stdin.flush()
        lines = child.stdout.readlines()
    assert child.returncode == exit_status
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert {event["info"]["level"] for event in events} <= {"info", "warn", "error"}
    said = [line for line in lines if not line.startswith("{")]
    said += [event["info"]["msg"] for event in events if event["info"]["level"] == "error"]
    assert error in "\n".join(said)
    if not options:
        assert {"MainReportVersion", "CommandCompleted"} & {event["info"]["name"] for event in events}
