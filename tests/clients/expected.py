"""What every client must see, found without DuckDB: in the manifest, the Parquet exports and the models."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import yaml

from tests.clients.probes.answers import LATER_DAY, PAST_DAY, digest
from tests.project import PROJECT

KEY = [
    "indicator_code", "region_code", "specialty_code", "sex_code", "residence_code", "age_code",
    "partner_code", "period_start", "period_end",
]  # fmt: skip
OLD, NEW = "the version before", "the version after"

Answers = dict[str, Any]


def expected(version: Path) -> Answers:
    """The right answer to each check, by its name.

    Args:
        version: the folder of a published version, as `warehouse/latest`.
    """
    manifest = json.loads((version / "manifest.json").read_text(encoding="utf-8"))
    tables = manifest["tables"]
    exports = {name: pq.read_table(version / table["export"]["path"]) for name, table in tables.items()}
    rows = {name: digest(_rows(export)) for name, export in exports.items()}
    columns = {
        name: [[column["name"], column["type"]] for column in table["columns"]]
        for name, table in tables.items()
    }
    table_comments = {name: table["description"] for name, table in tables.items()}
    column_comments = {
        f"{name}.{column['name']}": column["description"]
        for name, table in tables.items()
        for column in table["columns"]
    }
    observation = list(exports["core.fct_observation"].column_names)
    answers: Answers = {
        "read only": "refused",
        "tables": sorted(tables),
        "rows": rows,
        "columns": columns,
        "column names": {name: [column for column, _ in each] for name, each in columns.items()},
        "comments": table_comments | column_comments,
        "table comments": table_comments,
        "keys": _keys(tables),
        "as of": {
            day: digest(_as_of(exports["core.fct_revision"], observation, day))
            for day in (PAST_DAY, LATER_DAY)
        },
        "renamed": {name: table["rows"] for name, table in tables.items()},
        "refresh": {"before": OLD, "held": OLD, "reopened": NEW},
    }
    answers["reflection"] = {
        name: each for name, each in answers["column names"].items() if name.startswith("bi.")
    }
    region = exports["bi.region"].select(["region_code", "name_kk", "migration_balance_persons"])
    answers["chart"] = digest(_rows(region))
    if missing := [name for name, each in answers.items() if not each]:
        raise ValueError(f"nothing to compare with: {', '.join(missing)}")
    if not all(count for count, _ in answers["as of"].values()):
        raise ValueError("no figures on the days that core.observation_as_of is asked for")
    return answers | {"from elsewhere": []}


def _rows(table: Any) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _keys(tables: dict[str, Any]) -> dict[str, list[str]]:
    """The primary keys that the models of published tables declare."""
    published = {name.split(".")[1]: name for name, table in tables.items() if table["kind"] == "table"}
    found = {}
    for file in sorted((PROJECT / "models").rglob("*.yml")):
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", []):
            key = [
                column
                for constraint in model.get("constraints", [])
                if constraint["type"] == "primary_key"
                for column in constraint["columns"]
            ] or [
                column["name"]
                for column in model.get("columns", [])
                if any(each["type"] == "primary_key" for each in column.get("constraints", []))
            ]
            if key and model["name"] in published:
                found[published[model["name"]]] = key
    return found


def _as_of(revisions: Any, columns: list[str], day: str) -> list[tuple[Any, ...]]:
    """The figures known at the end of a day: of each series the last, of the series the preferred one."""
    frame = pd.DataFrame({name: revisions[name].to_pylist() for name in revisions.column_names}, dtype=object)
    end = datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time())
    known = frame[
        [
            start < end and (until is None or until >= end)
            for start, until in zip(frame["known_from"], frame["known_to"], strict=True)
        ]
    ]
    ranked = sorted(
        known.to_dict("records"), key=lambda row: row["known_from"], reverse=True
    )  # the preferred series decides first: sorts are stable
    ranked.sort(key=lambda row: row["series_preference"])
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in ranked:
        first.setdefault(tuple(row[column] for column in KEY), row)
    return [tuple(row[column] for column in columns) for row in first.values()]
