"""What a dbt Python model asks of dbt, answered by SQLMesh. Runs in SQLMesh's environment."""

import runpy
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pandas

# analysis_py is written for the text type of pandas 3: with that of 2, None becomes the text "None".
if pandas.__version__ < "3":
    pandas.options.future.infer_string = True


def frames(
    file: str, context: Any, names: Mapping[str, str], config: Mapping[str, Any]
) -> Iterator[pandas.DataFrame]:
    """Runs a dbt Python model.

    Args:
        file: its file.
        context: SQLMesh's, of the run.
        names: what the file calls other models by, to their names in SQLMesh.
        config: what it asks `dbt.config` for.

    Returns:
        Its frame; SQLMesh takes none in place of an empty one.
    """
    connection = context.engine_adapter.cursor

    def ref(name: str) -> Any:
        return connection.query(f"select * from {context.resolve_table(names[name])}")  # noqa: S608

    frame = runpy.run_path(file)["model"](SimpleNamespace(ref=ref, config=config), None)
    if len(frame):
        yield frame
