"""dbt's adapter `saldospark`: dbt-spark, and Python models that run in the process of dbt.

dbt finds it as dbt.adapters.saldospark (pyproject.toml). dbt-spark sends Python models to Databricks alone;
the marts that ours read are small, so they are collected, handed to the same function and written back.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from dbt.adapters.base import AdapterPlugin, PythonJobHelper, available
from dbt.adapters.contracts.connection import Connection
from dbt.adapters.spark.connections import SparkConnectionManager, SparkCredentials
from dbt.adapters.spark.impl import SparkAdapter
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame

from saldo import disk
from saldo.spark.session import session

QUOTE = "'"
STRICT_CSV = """
    format csv, header true, auto_detect false, delimiter ',', quote '"', escape '"',
    nullstr '', null_padding false, strict_mode true, encoding 'utf-8'
"""

INCLUDE = Path(__file__).parent / "include"


class Mart:
    """A Spark table with the methods of DuckDB's relations that the Python models call."""

    def __init__(self, frame: DataFrame) -> None:
        self._frame = frame

    def filter(self, condition: str) -> "Mart":
        """Its rows for which a condition in SQL holds."""
        return Mart(self._frame.filter(condition))

    def select(self, *columns: str) -> "Mart":
        """Some of its columns."""
        return Mart(self._frame.select(*columns))

    def query(self, name: str, statement: str) -> "Mart":
        """What a statement finds in its rows, which it calls by the name."""
        self._frame.createOrReplaceTempView(name)
        return Mart(self._frame.sparkSession.sql(statement))

    def df(self) -> pd.DataFrame:
        """All rows, with the types that DuckDB gives a frame, so that the statistics meet the same ones."""
        frame: pd.DataFrame = duckdb.from_arrow(self._frame.toArrow()).df()
        return frame


class DriverJob(PythonJobHelper):
    """Runs a Python model in this process."""

    def __init__(self, parsed_model: dict[str, Any], credentials: SparkCredentials) -> None:
        self._table = f"{parsed_model['schema']}.{parsed_model['alias']}"
        self._path = parsed_model["original_file_path"]

    def submit(self, compiled_code: str) -> None:
        """Calls `model` with the marts it refers to, and keeps what it returns as a table."""
        spark = session()
        names: dict[str, Any] = {}
        if (project := str(Path.cwd())) not in sys.path:
            sys.path.append(project)  # analysis_py, expectations
        # The code is that of a model of this project, put together by dbt.
        exec(compile(compiled_code.lstrip(), self._path, "exec"), names)  # noqa: S102
        result = names["model"](names["dbtObj"](lambda table: Mart(spark.table(table))), spark)
        rows = duckdb.from_df(result).to_arrow_table()
        frame = spark.createDataFrame(rows).coalesce(1)  # the order of the rows stays
        frame.write.mode("overwrite").format("parquet").saveAsTable(self._table)


@dataclass
class SaldoSparkCredentials(SparkCredentials):
    """As dbt-spark has them, for a session."""

    host: str | None = "session"

    @property
    def type(self) -> str:
        return "saldospark"


class SaldoSparkConnectionManager(SparkConnectionManager):
    """Starts the session before dbt-spark asks for one."""

    TYPE = "saldospark"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        session()
        return super().open(connection)

    @contextmanager
    def exception_handler(self, sql: str) -> Iterator[None]:
        """As dbt-spark's; a server that was waited for once in vain is not waited for by each step after."""
        try:
            with super().exception_handler(sql):
                yield
        except Exception as error:
            if "RETRIES_EXCEEDED" in str(error):
                session().client.set_retry_policies([])
            raise


class SaldoSparkAdapter(SparkAdapter):
    """dbt-spark with a way for Python models."""

    ConnectionManager = SaldoSparkConnectionManager

    @available
    def landing_path(self, pattern: str) -> str:
        """The place of files in landing, as every process of the cluster finds it."""
        landing = os.environ.get("SALDO_LANDING") or "landing"
        return f"{landing}/{pattern}" if "://" in landing else str(Path(landing).absolute() / pattern)

    @available
    def has_files(self, path: str) -> bool:
        """Whether there is a file of that path, which may be a pattern."""
        try:
            return bool(session().read.format("binaryFile").load(path).schema)
        except AnalysisException as error:
            if error.getCondition() == "PATH_NOT_FOUND":
                return False
            raise

    @available
    def file_sha256(self, path: str) -> str | None:
        """The hash of a file of the project, hexadecimal; None if it is not there."""
        file = Path(path)
        return disk.file_sha256(file) if file.is_file() else None

    @available
    def seed_path(self, model: dict[str, Any]) -> str:
        """The file of a seed."""
        return str(Path(model["root_path"]) / model["original_file_path"])

    @available
    def load_seed(self, table: object, path: str, types: dict[str, str]) -> None:
        """Puts the rows of a csv file into its table, which is there and empty.

        Raises:
            duckdb.Error: a row has another width, or a value another type, with its line.
        """
        with duckdb.connect() as connection:
            columns = ", ".join(f'"{name}" {data_type}' for name, data_type in types.items())
            connection.execute(f"create table seed ({columns})")
            connection.execute(f"copy seed from '{path.replace(QUOTE, QUOTE * 2)}' ({STRICT_CSV})")
            rows = connection.sql("from seed").to_arrow_table()
        session().createDataFrame(rows).coalesce(1).write.insertInto(str(table))

    @property
    def default_python_submission_method(self) -> str:
        return "driver"

    @property
    def python_submission_helpers(self) -> dict[str, type[PythonJobHelper]]:
        return {"driver": DriverJob}


Plugin = AdapterPlugin(
    adapter=SaldoSparkAdapter,
    credentials=SaldoSparkCredentials,
    include_path=str(INCLUDE),
    project_name="saldospark",
    dependencies=["spark"],
)
