"""Writes docs/data-dictionary.md from the descriptions of the public models: `make docs`."""

import json
import sys
from pathlib import Path

SCHEMAS = ("core", "regional", "specialty", "national", "analysis", "audit", "bi")
HEAD = """# Data dictionary

Tables and views of the published file `warehouse/saldo.duckdb`. Written by `make docs` from the descriptions
beside the models; the same texts stand in the file as comments (`duckdb_columns()`) and as rows of
`core.data_dictionary`.
"""


def dictionary(manifest: dict) -> str:
    """The page, from dbt's manifest."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    public = [node for node in models if node["schema"] in SCHEMAS]
    public.sort(key=lambda node: (SCHEMAS.index(node["schema"]), node["alias"]))
    return HEAD + "".join(_table(node) for node in public)


def _table(node: dict) -> str:
    columns = "".join(
        f"| `{name}` | {column['data_type']} | {_cell(column['description'])} |\n"
        for name, column in node["columns"].items()
    )
    title = f"\n## {node['schema']}.{node['alias']}\n\n{_cell(node['description'])}\n\n"
    return f"{title}| column | type | description |\n|---|---|---|\n{columns}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    manifest_path, page = sys.argv[1:]
    Path(page).write_text(dictionary(json.loads(Path(manifest_path).read_text("utf-8"))), encoding="utf-8")
