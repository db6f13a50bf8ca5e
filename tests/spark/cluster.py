"""A standalone cluster on this machine: a master, workers and a Spark Connect server, each a process."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

HOME = Path(pyspark.__file__).parent
HOST = "127.0.0.1"
SECONDS_TO_START = 120


@dataclass
class Cluster:
    """The addresses of a cluster, and its workers."""

    master: str  # spark://…
    remote: str  # sc://…
    tables: Path  # below it the server keeps its tables
    workers: list[subprocess.Popen[bytes]]
    server: subprocess.Popen[bytes]

    def kill_server(self) -> None:
        """Takes away the Spark Connect server."""
        os.killpg(self.server.pid, signal.SIGKILL)

    def kill_worker(self) -> None:
        """Takes away a worker with its executors, as a machine that is switched off."""
        os.killpg(self.workers.pop().pid, signal.SIGKILL)


@contextmanager
def started(folder: Path, conf: Path, workers: int = 2) -> Iterator[Cluster]:
    """A cluster that works in `folder` with the settings in `conf`; stopped at the end."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(name: str, *command: str) -> subprocess.Popen[bytes]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}
        with (folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment | {"SPARK_HOME": str(HOME), "SPARK_CONF_DIR": str(conf)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a worker is killed with its executors
            )
        processes.append(process)
        return process

    folder.mkdir(parents=True)
    master, remote = f"spark://{HOST}:{_free_port()}", f"sc://{HOST}:{_free_port()}"
    java = [str(HOME / "bin" / "spark-class")]
    host = ["--host", HOST]
    try:
        main = "org.apache.spark.deploy.master.Master"
        start("master", *java, main, *host, "--port", master.rpartition(":")[2], "--webui-port", "0")
        _wait_for(master)
        started_workers = [
            start(
                f"worker-{number}", *java, "org.apache.spark.deploy.worker.Worker", *host, "--webui-port",
                "0", "--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work-{number}"), master,
            )
            for number in range(workers)
        ]  # fmt: skip
        settings = {
            "spark.connect.grpc.binding.address": HOST,
            "spark.connect.grpc.binding.port": remote.rpartition(":")[2],
            "spark.executor.cores": "1",
            "spark.sql.warehouse.dir": str(folder / "spark" / "tables"),
        }
        server = start(
            "connect", str(HOME / "bin" / "spark-submit"), "--master", master,
            *[word for name, value in settings.items() for word in ("--conf", f"{name}={value}")],
            "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal",
        )  # fmt: skip
        _wait_for(remote)
        yield Cluster(master, remote, folder / "spark", started_workers, server)
    finally:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            socket.create_connection((HOST, int(address.rpartition(":")[2])), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
