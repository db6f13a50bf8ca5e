"""The Parquet exports as pandas or polars reads them: `python frames_probe.py FOLDER pandas|polars ANSWERS`.

FOLDER is `warehouse/latest/parquet`.
"""

import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from answers import Probe, digest


def main() -> None:
    folder, library, answers = sys.argv[1:4]
    frames = importlib.import_module(library)
    probe = Probe({library: frames.__version__})
    files = sorted(Path(folder).rglob("*.parquet"))

    def rows(file: Path) -> Iterable[Any]:
        frame = frames.read_parquet(file)
        return frame.itertuples(index=False) if library == "pandas" else frame.iter_rows()

    probe.ask("tables", lambda: [f"{file.parent.name}.{file.stem}" for file in files])
    probe.ask("rows", lambda: {f"{file.parent.name}.{file.stem}": digest(rows(file)) for file in files})
    probe.ask(
        "column names",
        lambda: {
            f"{file.parent.name}.{file.stem}": list(frames.read_parquet(file).columns) for file in files
        },
    )
    probe.write(answers)


if __name__ == "__main__":
    main()
