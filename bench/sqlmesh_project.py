"""The project as one of SQLMesh, written from dbt's manifest: models, seeds, Python models, data tests.

Native models, for SQLMesh's reader of dbt projects knows neither Python models nor `graph.nodes`. The SQL is
what dbt compiled for a build from nothing, with the names of relations as SQLMesh has them.

- A table or incremental model becomes one of kind FULL, a view one of kind VIEW; the types of a contract
  become `columns`, the descriptions comments.
- A seed becomes a model over `read_csv` with the options of `load_csv_rows`. SQLMesh's own seeds go through
  pandas, which reads the code 00 as 0 and a printed 5.10 as 5.1.
- A Python model runs the same file; `bench/sqlmesh_python.py` stands in for its `dbt`.
- A data test of one relation becomes an audit of its model, one of several a standalone audit; one that only
  warns does not block.

Left out: keys and not-null constraints of contracts, which SQLMesh does not enforce (their tests are there),
what prepares the next increment, and the table macro `observation_as_of`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Node = Mapping[str, Any]
Types = Mapping[str, Mapping[str, str]]

CONFIG = """\
gateways:
  duckdb:
    connection:
      type: duckdb
      database: {database}
      connector_config:
        TimeZone: UTC
default_gateway: duckdb
model_defaults:
  dialect: duckdb
  start: 2026-01-01
"""


def write(folder: Path, project: Path, manifest: Mapping[str, Any], types: Types, database: Path) -> None:
    """Writes a SQLMesh project.

    Args:
        folder: is made.
        project: the folder of dbt_project.yml; its seeds and Python models are used where they are.
        manifest: dbt's, of a build from nothing.
        types: of the columns of each Python model, by name; SQLMesh wants them declared.
        database: the DuckDB file that it is to build.
    """
    nodes: Mapping[str, Node] = manifest["nodes"]
    models = {name: each for name, each in nodes.items() if each["resource_type"] in ("model", "seed")}
    relations = {each["relation_name"]: _name(each) for each in models.values()}
    for part in ("models", "audits"):
        (folder / part).mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG.format(database=json.dumps(str(database))), encoding="utf-8")

    audits: dict[str, list[str]] = {name: [] for name in models}
    for test in (each for each in nodes.values() if each["resource_type"] == "test"):
        of, *others = test["depends_on"]["nodes"]
        if not others:
            audits[of].append(test["name"])
        relation = None if others else models[of]["relation_name"]
        (folder / "audits" / f"{test['name']}.sql").write_text(
            audit(test, relations, relation), encoding="utf-8"
        )
    for name, node in models.items():
        if node.get("language") == "python":
            refs = {models[each]["name"]: _name(models[each]) for each in node["depends_on"]["nodes"]}
            text = python_model(node, project, refs, types[node["name"]], audits[name])
        else:
            text = sql_model(node, project, relations, audits[name])
        suffix = "py" if node.get("language") == "python" else "sql"
        (folder / "models" / f"{node['name']}.{suffix}").write_text(text, encoding="utf-8")


def sql_model(node: Node, project: Path, relations: Mapping[str, str], audits: list[str]) -> str:
    """The file of a SQL model or a seed.

    Args:
        node: of the manifest.
        project: the folder of dbt_project.yml.
        relations: names of relations as dbt writes them, to those of SQLMesh.
        audits: names of the audits of this model.
    """
    seed = node["resource_type"] == "seed"
    query = _seed_query(node, project) if seed else _renamed(node["compiled_code"], relations)
    return _file("MODEL", _properties(node, audits), query)


def _properties(node: Node, audits: list[str]) -> Iterator[str]:
    config, columns = node["config"], node["columns"]
    kind = "VIEW" if config["materialized"] == "view" else "FULL"
    yield f"name {_name(node)}"
    yield f"kind {kind}"
    if config.get("persist_docs"):
        yield f"description {_text(node['description'])}"
        described = [f"{name} = {_text(column['description'])}" for name, column in columns.items()]
        yield f"column_descriptions ({', '.join(described)})"
    if kind == "FULL" and config.get("contract", {}).get("enforced"):
        typed = [f"{name} {column['data_type']}" for name, column in columns.items()]
        yield f"columns ({', '.join(typed)})"
    if audits:
        yield f"audits ({', '.join(audits)})"


def _seed_query(node: Node, project: Path) -> str:
    columns = [f"{_text(name)}: {_text(kind)}" for name, kind in node["config"]["column_types"].items()]
    return (
        f"select * from read_csv({_text(str(project / node['original_file_path']))}, "  # noqa: S608
        f"columns = {{{', '.join(columns)}}}, header = true, auto_detect = false, delim = ',', "
        """quote = '"', escape = '"', nullstr = '', null_padding = false, strict_mode = true)"""
    )


def python_model(
    node: Node, project: Path, refs: Mapping[str, str], types: Mapping[str, str], audits: list[str]
) -> str:
    """The file of a Python model.

    Args:
        node: of the manifest.
        project: the folder of dbt_project.yml.
        refs: what its file calls other models by, to their names in SQLMesh.
        types: of its columns.
        audits: names of its audits.
    """
    config = {key: value for key, value in node["config"].items() if key == "as_of"}
    return f"""\
from bench.sqlmesh_python import frames
from sqlmesh import model


@model(
    {_name(node)!r},
    kind="FULL",
    columns={dict(types)!r},
    depends_on={sorted(refs.values())!r},
    audits={audits!r},
)
def execute(context, start, end, execution_time, **kwargs):
    yield from frames({str(project / node["original_file_path"])!r}, context, {dict(refs)!r}, {config!r})
"""


def audit(test: Node, relations: Mapping[str, str], of: str | None) -> str:
    """The file of a data test.

    Args:
        test: its node of the manifest.
        relations: names of relations as dbt writes them, to those of SQLMesh.
        of: the relation of the one model that it reads; None if it reads several.
    """
    properties = [f"name {test['name']}", "dialect duckdb"]
    properties += [] if of else ["standalone true"]
    properties += ["blocking false"] if test["config"]["severity"].lower() == "warn" else []
    renamed = {**relations, of: "@this_model"} if of else relations
    return _file("AUDIT", properties, _renamed(test["compiled_code"], renamed))


def _name(node: Node) -> str:
    return f"{node['schema']}.{node['alias']}"


def _file(kind: str, properties: Iterable[str], query: str) -> str:
    return f"{kind} (\n  " + ",\n  ".join(properties) + f"\n);\n\n{query.strip()}\n"


def _renamed(query: str, relations: Mapping[str, str]) -> str:
    return re.sub(r'"\w+"\."\w+"\."\w+"', lambda found: relations.get(found[0], found[0]), query)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
