"""The benchmark beside SQLMesh: the project that it writes, and a comparison that can fail."""

import json
import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from bench import compare, environment, sqlmesh_build, sqlmesh_project
from bench.measure import PROJECT, BenchmarkError, Run
from bench.sqlmesh_python import frames
from saldo.warehouse import Warehouse


def node(name: str, kind: str, schema: str, *reads: str, **more: object) -> tuple[str, dict[str, object]]:
    unique_id = f"{kind}.saldo.{name}"
    return unique_id, {
        "unique_id": unique_id,
        "resource_type": kind,
        "name": name,
        "alias": name,
        "schema": schema,
        "relation_name": f'"db"."{schema}"."{name}"',
        "depends_on": {"nodes": list(reads)},
        "config": {},
        "columns": {},
        "description": "",
        "original_file_path": f"{kind}s/{name}",
        **more,
    }


MANIFEST = {
    "nodes": dict(
        [
            node(
                "code", "seed", "reference", config={"materialized": "seed", "column_types": {"c": "string"}}
            ),
            node(
                "mart",
                "model",
                "core",
                "seed.saldo.code",
                language="sql",
                description="It's one row a code.",
                columns={"c": {"description": "The code.", "data_type": "string"}},
                config={
                    "materialized": "incremental",
                    "contract": {"enforced": True},
                    "persist_docs": {"columns": True},
                },
                compiled_code='select c from "db"."reference"."code"',
            ),
            node(
                "shown",
                "model",
                "bi",
                "model.saldo.mart",
                language="sql",
                config={"materialized": "view"},
                compiled_code='select c from "db"."core"."mart"',
            ),
            node(
                "py_mart",
                "model",
                "python",
                "model.saldo.mart",
                language="python",
                config={"materialized": "table", "as_of": "day "},
            ),
            node(
                "unique_c",
                "test",
                "tests",
                "model.saldo.mart",
                config={"severity": "warn"},
                compiled_code='select c from "db"."core"."mart" group by c having count(*) > 1',
            ),
            node(
                "known_c",
                "test",
                "tests",
                "model.saldo.mart",
                "seed.saldo.code",
                config={"severity": "ERROR"},
                compiled_code='select c from "db"."core"."mart" anti join "db"."reference"."code" using (c)',
            ),
        ]
    )
}


def test_each_node_becomes_what_sqlmesh_calls_it(tmp_path: Path) -> None:
    written = tmp_path / "written"
    sqlmesh_project.write(
        written, Path("/dbt"), MANIFEST, {"py_mart": {"n": "BIGINT"}}, tmp_path / "peer.duckdb"
    )
    files = {
        str(file.relative_to(written)): file.read_text() for file in written.rglob("*") if file.is_file()
    }
    assert files.keys() == {
        "config.yaml",
        "audits/known_c.sql",
        "audits/unique_c.sql",
        "models/code.sql",
        "models/mart.sql",
        "models/py_mart.py",
        "models/shown.sql",
    }
    assert files["models/mart.sql"] == (
        "MODEL (\n  name core.mart,\n  kind FULL,\n  description 'It''s one row a code.',\n"
        "  column_descriptions (c = 'The code.'),\n  columns (c string),\n  audits (unique_c)\n);\n\n"
        "select c from reference.code\n"
    )
    assert (
        files["models/shown.sql"] == "MODEL (\n  name bi.shown,\n  kind VIEW\n);\n\nselect c from core.mart\n"
    )
    assert "read_csv('/dbt/seeds/code', columns = {'c': 'string'}, " in files["models/code.sql"]
    assert files["audits/unique_c.sql"] == (
        "AUDIT (\n  name unique_c,\n  dialect duckdb,\n  blocking false\n);\n\n"
        "select c from @this_model group by c having count(*) > 1\n"
    )
    assert files["audits/known_c.sql"] == (
        "AUDIT (\n  name known_c,\n  dialect duckdb,\n  standalone true\n);\n\n"
        "select c from core.mart anti join reference.code using (c)\n"
    )
    model = files["models/py_mart.py"]
    compile(model, "py_mart.py", "exec")
    assert "columns={'n': 'BIGINT'}" in model
    assert "frames('/dbt/models/py_mart', context, {'mart': 'core.mart'}, {'as_of': 'day '})" in model


def test_nothing_of_the_project_is_lost(built_project: Path, tmp_path: Path) -> None:
    warehouse, written = Warehouse(built_project / "warehouse"), tmp_path / "written"
    sqlmesh_build.write_project(warehouse, written, tmp_path / "peer.duckdb")
    nodes = json.loads((warehouse.dbt / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    for folder, kinds in {"models": ("model", "seed"), "audits": ("test",)}.items():
        expected = {each["name"] for each in nodes if each["resource_type"] in kinds}
        assert {file.stem for file in (written / folder).iterdir()} == expected
    text = "\n".join(file.read_text(encoding="utf-8") for file in written.rglob("*.*"))
    # but in comments, which name sources
    assert not re.search(r'^(?!--).*"(saldo|work|scratch)"\."', text, re.MULTILINE)
    assert text.count("standalone true") + text.count("@this_model") >= 300


class Context:
    """Stands in for SQLMesh's."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self.engine_adapter = self
        self.cursor = cursor

    def resolve_table(self, name: str) -> str:
        return f"physical_{name}"


@pytest.mark.parametrize(("rows", "found"), [(2, [[1, 2]]), (0, [])])
def test_a_python_model_reads_what_sqlmesh_made(tmp_path: Path, rows: int, found: list[list[int]]) -> None:
    file = tmp_path / "py_mart.py"
    file.write_text(
        'def model(dbt, session):\n    return dbt.ref("mart").filter(dbt.config.get("kept")).df()\n'
    )
    with duckdb.connect() as connection:
        connection.execute(f"create table physical_mart as select i + 1 as i from range({rows}) as t(i)")
        frame = list(frames(str(file), Context(connection), {"mart": "mart"}, {"kept": "i > 0"}))
    assert [each["i"].to_list() for each in frame] == found
    assert all(isinstance(each, pd.DataFrame) for each in frame)


@pytest.fixture
def ours_and_peer(tmp_path: Path) -> tuple[Path, Path]:
    """Ours with tables and a view, the peer with views over a table that it keeps for itself."""
    mart = "select 'a' as k, 1 as n union all select 'b', 2"
    about = "select 'saldo' as product, timestamp '2026-01-01 13:00:00' as built_at"
    with duckdb.connect(str(tmp_path / "ours.duckdb")) as ours:
        ours.execute(f"create schema core; create table core.mart as {mart}")
        ours.execute("create view core.shown as select k from core.mart")
        ours.execute(f"create table core.about as {about}")
    with duckdb.connect(str(tmp_path / "peer.duckdb")) as peer:
        peer.execute(f"create schema core; create schema physical; create table physical.mart as {mart}")
        peer.execute(
            "create view core.mart as from physical.mart; create view core.shown as select k from core.mart"
        )
        peer.execute(f"create view core.about as {about}")
    return tmp_path / "ours.duckdb", tmp_path / "peer.duckdb"


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("select 1", []),
        ("update physical.mart set n = 3 where k = 'b'", ["core.mart: n is 2 and 3 in the row ('b', 2)"]),
        ("create or replace view core.shown as select 'a' as k", ["core.shown: 2 rows and 1 rows"]),
        ("drop view core.shown", ["core.shown: columns differ: [('k', 'VARCHAR')]"]),
        ("create view core.more as select 1 as one", ["core.more: columns differ: [('one', 'INTEGER')]"]),
    ],
)
def test_a_difference_behind_a_view_is_found(
    ours_and_peer: tuple[Path, Path], change: str, difference: list[str]
) -> None:
    ours, peer = ours_and_peer
    with duckdb.connect(str(peer)) as connection:
        connection.execute(change)
    assert compare.differences(ours, peer, left_out={"core.about.built_at"}, views=True) == difference
    if difference:
        with pytest.raises(BenchmarkError, match="the two differ"):
            sqlmesh_build.check(ours, peer, Run(0, 1, 1))


def test_tables_of_a_run_before_are_found_out(ours_and_peer: tuple[Path, Path]) -> None:
    ours, peer = ours_and_peer
    built_at = 1767272400  # 2026-01-01 13:00:00 UTC
    sqlmesh_build.check(ours, peer, Run(built_at - 1, 2, 1))
    with pytest.raises(BenchmarkError, match="made nothing"):
        sqlmesh_build.check(ours, peer, Run(built_at + 1, 2, 1))


def test_libraries_are_those_of_the_project() -> None:
    """But for what SQLMesh does not run with."""
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    ours = dict(re.findall(r"^([\w-]+)==(\S+)", lock, re.MULTILINE))
    theirs = environment.versions("sqlmesh")
    wanted = ("great-expectations", "numpy", "pyarrow", "scikit-learn", "scipy", "statsmodels")
    assert {name: theirs[name] for name in wanted} == {name: ours[name] for name in wanted}
    assert theirs["duckdb"].startswith("1.4.")
