"""A file that intake takes and the audit does not is named, put into quarantine, and all else published."""

import json
import re
from pathlib import Path

import duckdb
from project import RunSaldo

INCOME = "tests/intake/data/bns_csv_19298_income_extract.csv"
EXAMPLE = "examples/releases/external_migration_2017_2018-12-31.csv"
RIGHT, WRONG = "\u00a0".join(("85", "142")), "\u00a0".join(("851", "420"))


def test_the_others_are_published_once_the_wrong_release_is_in_quarantine(
    built_copy: Path, run_saldo: RunSaldo
) -> None:
    published = built_copy / "warehouse/saldo.duckdb"
    before = published.read_bytes()
    text = (built_copy / INCOME).read_text(encoding="utf-8")
    assert RIGHT in text
    wrong = built_copy / "element_19298_2026-10-30.csv"
    wrong.write_text(text.replace(RIGHT, WRONG), encoding="utf-8")
    ingested = run_saldo(built_copy, "ingest", "--json", wrong.name, EXAMPLE)
    assert ingested.returncode == 0, ingested.stdout
    bad, good = (file["release_id"] for file in json.loads(ingested.stdout)["files"])

    failed = run_saldo(built_copy, "build")
    assert failed.returncode == 1
    assert "level_near_neighbouring_years" in failed.stderr
    # Of the two that are new, the failed check names the file of one.
    assert re.findall(r"`saldo quarantine (\w+)`", failed.stderr) == [bad]
    assert published.read_bytes() == before

    reason = "Kyzylorda 2020 is ten times 2019"
    assert run_saldo(built_copy, "quarantine", bad, "--reason", reason).returncode == 0
    built = run_saldo(built_copy, "build")
    assert built.returncode == 0, built.stderr
    with duckdb.connect(str(published), read_only=True) as connection:
        for table in ("core.dim_release", "core.fct_revision"):
            query = f"select distinct release_id from {table} where release_id in (?, ?)"
            assert connection.execute(query, [bad, good]).fetchall() == [(good,)], table
        query = "select status, reason from audit.release_log where file_name = ?"
        said = connection.execute(query, [wrong.name]).fetchall()
        assert said == [("quarantined", f"refused_by_hand: {reason}")]

    # The other one has been published by now: what it said is part of the history.
    refused = run_saldo(built_copy, "quarantine", good)
    assert refused.returncode == 3
    assert f"`saldo withdraw {good} --on DATE --reason TEXT`" in refused.stderr

    status = run_saldo(built_copy, "status")
    assert status.returncode == 8
    (start,) = re.findall(r"`saldo settle (\w+)`", status.stdout)
    assert run_saldo(built_copy, "settle", start).returncode == 0
    status = run_saldo(built_copy, "status")
    assert status.returncode != 8
    assert re.search(rf"Settled +{wrong.name}, on \d{{4}}-\d\d-\d\d: {reason}", status.stdout)
    assert run_saldo(built_copy, "build").stdout.startswith("nothing new")
