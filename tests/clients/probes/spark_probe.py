"""The Parquet exports as Apache Spark reads them: `python spark_probe.py FOLDER ANSWERS`.

FOLDER is `warehouse/latest/parquet`. Spark runs in this process, on two threads.
"""

import sys
from pathlib import Path

from answers import Probe, digest
from pyspark.sql import SparkSession


def main() -> None:
    folder, answers = sys.argv[1:3]
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    probe = Probe({"pyspark": spark.version})
    files = {f"{file.parent.name}.{file.stem}": file for file in sorted(Path(folder).rglob("*.parquet"))}
    # Real paths: Spark takes `latest`, a symbolic link, for a file of its own.
    frames = {name: spark.read.parquet(str(file.resolve())) for name, file in files.items()}
    probe.ask("tables", lambda: list(frames))
    probe.ask("rows", lambda: {name: digest(frame.collect()) for name, frame in frames.items()})
    probe.ask("column names", lambda: {name: frame.columns for name, frame in frames.items()})
    probe.write(answers)
    spark.stop()


if __name__ == "__main__":
    main()
