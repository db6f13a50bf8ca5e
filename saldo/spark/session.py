"""The Spark session of this process: one for all models.

    SALDO_SPARK_MASTER      spark://host:7077 of a standalone cluster; this machine with all cores if not set
    SALDO_SPARK_REMOTE      sc://host:15002 of a Spark Connect server; goes before SALDO_SPARK_MASTER
    SALDO_SPARK_WAREHOUSE   folder of the tables and of their catalogue; target/spark if not set

Anything else, such as memory of executors, is Spark's own: conf/spark-defaults.conf in the folder that
SPARK_CONF_DIR names.
"""

import os
from pathlib import Path

from pyspark.sql import SparkSession

# What makes Spark read the same SQL as DuckDB does.
DIALECT = {
    "spark.sql.ansi.enabled": "true",  # a cast that fails stops the build
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}


def session() -> SparkSession:
    """The session, started by the first call."""
    remote = os.environ.get("SALDO_SPARK_REMOTE")
    builder = SparkSession.builder
    if remote:
        builder = builder.remote(remote)
    else:
        for name, value in _local().items():
            builder = builder.config(name, value)
        builder = builder.enableHiveSupport()
    for name, value in DIALECT.items():
        builder = builder.config(name, value)
    found: SparkSession = builder.getOrCreate()
    if not remote:
        found.sparkContext.setLogLevel("ERROR")  # dbt-spark asks for the session at each statement, which warns
    return found


def _local() -> dict[str, str]:
    folder = Path(os.environ.get("SALDO_SPARK_WAREHOUSE") or "target/spark").absolute()
    return {
        "spark.master": os.environ.get("SALDO_SPARK_MASTER") or "local[*]",
        "spark.app.name": "saldo",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder / 'catalogue'};create=true",
        "spark.driver.extraJavaOptions": f"-Dderby.stream.error.file={folder / 'derby.log'}",
        "spark.sql.shuffle.partitions": "2",
    }
