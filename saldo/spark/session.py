"""The Spark session of this process: one for all models.

    SALDO_SPARK_MASTER      spark://host:7077 of a standalone cluster; this machine with all cores if not set
    SALDO_SPARK_REMOTE      sc://host:15002 of a Spark Connect server; goes before SALDO_SPARK_MASTER
    SALDO_SPARK_WAREHOUSE   folder of the tables and of their catalogue; target/spark if not set

Anything else, such as the memory of executors, is Spark's own: spark-defaults.conf in the folder that
SPARK_CONF_DIR names.
"""

import logging
import os
import threading
import time
from functools import cache
from pathlib import Path

import pyspark
from pyspark.sql import SparkSession

from saldo.spark_preflight import UNUSABLE

# What makes Spark read the same SQL as DuckDB does.
DIALECT = {
    "spark.sql.ansi.enabled": "true",  # a cast that fails stops the build
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
SECONDS_TO_GET_WORKERS = 60
# With their pauses, which grow, a minute: a Connect server that is away for longer ends the build. With the
# 15 of pyspark it would be ten.
RETRIES = 6


def session() -> SparkSession:
    """The session; the first call starts it.

    Raises:
        RuntimeError: the cluster is of another version, keeps its tables elsewhere, or has no worker for us.
    """
    found = _started()
    if isinstance(found, RuntimeError):
        raise found
    return found


@cache
def _started() -> SparkSession | RuntimeError:
    """What each step of dbt asks for, and must not wait for again where it was waited for in vain."""
    try:
        return _start()
    except RuntimeError as error:
        return error


def _start() -> SparkSession:
    # Each error of Spark reaches dbt as an exception; here it would come with the whole trace of the JVM.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    remote = os.environ.get("SALDO_SPARK_REMOTE")
    if remote:
        os.environ["SPARK_REMOTE"] = remote  # dbt-spark asks for "the" session
    builder = SparkSession.builder.remote(remote) if remote else SparkSession.builder.enableHiveSupport()
    for name, value in (DIALECT if remote else _own_settings() | DIALECT).items():
        builder = builder.config(name, value)
    found: SparkSession = builder.getOrCreate()
    if _line(found.version) != _line(pyspark.__version__):
        raise _unusable(
            f"the cluster runs Spark {found.version}, this is pyspark {pyspark.__version__}",
            "use a cluster of the version in requirements-spark.lock",
        )
    if remote:
        from pyspark.sql.connect.client.retries import DefaultPolicy

        found.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES)])
        _check_folder(found)
        _ask_for_a_row(found)
    else:
        found.sparkContext.setLogLevel("ERROR")  # dbt-spark asks for the session again, which warns
        # Not as an option of the JVM, which a space in the path would end.
        found._jvm.java.lang.System.setProperty("derby.stream.error.file", str(_folder() / "derby.log"))
        _wait_for_workers(found)
    return found


def _folder() -> Path:
    return Path(os.environ.get("SALDO_SPARK_WAREHOUSE") or "target/spark").absolute()


def _own_settings() -> dict[str, str]:
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = f"jdbc:derby:;databaseName={folder / 'catalogue'};create=true"
    return {
        "spark.master": os.environ.get("SALDO_SPARK_MASTER") or "local[*]",
        "spark.app.name": "saldo",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": catalogue,
    }


def _line(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _check_folder(found: SparkSession) -> None:
    """The file is made from the tables in our folder: they have to be written there."""
    theirs, ours = found.conf.get("spark.sql.warehouse.dir") or "", _folder() / "tables"
    if theirs.removeprefix("file:").rstrip("/") != str(ours):
        raise _unusable(
            f"the Spark Connect server keeps its tables in {theirs}, SALDO_SPARK_WAREHOUSE says {ours}",
            f"start it with --conf spark.sql.warehouse.dir={ours}, or correct SALDO_SPARK_WAREHOUSE",
        )


def _ask_for_a_row(found: SparkSession) -> None:
    """A server without workers lets a query wait for ever."""
    timer = threading.Timer(SECONDS_TO_GET_WORKERS, found.interruptAll)
    timer.start()
    try:
        found.range(1).count()
    except Exception as error:
        raise _no_worker("the Spark Connect server") from error
    finally:
        timer.cancel()


def _no_worker(asked: str) -> RuntimeError:
    return _unusable(
        f"{asked} gave no worker within {SECONDS_TO_GET_WORKERS} s",
        f"start workers of Spark {pyspark.__version__}, or free those that other programs hold",
    )


def _unusable(what: str, remedy: str) -> RuntimeError:
    """Through dbt only its text reaches `saldo build`, which knows it by these words."""
    return RuntimeError(UNUSABLE.format(what=what, remedy=remedy))


def _wait_for_workers(found: SparkSession) -> None:
    """A master without workers lets a query wait for ever."""
    context = found.sparkContext
    if not context.master.startswith("spark://"):
        return
    deadline = time.monotonic() + SECONDS_TO_GET_WORKERS
    while context._jsc.sc().getExecutorMemoryStatus().size() < 2:  # the driver is one
        if time.monotonic() > deadline:
            raise _no_worker(context.master)
        time.sleep(0.2)
