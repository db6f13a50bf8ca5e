"""What is checked before a build on Spark: packages, Java and whether the cluster answers.

Standard library only: without Spark the message is here at once, and builds on DuckDB never come here.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from saldo.errors import MachineError

PACKAGES = ("dbt-spark", "pyspark")
INSTALL = "`make spark` installs what requirements-spark.lock lists"
PYSPARK = "4.0"
JAVA = (17, 21)  # what Spark 4.0 runs on, https://spark.apache.org/docs/4.0.0/
SECONDS_TO_ANSWER = 5
UNUSABLE = "cluster of Spark: {what}; what to do: {remedy}"  # what only the session finds out
PORTS = {"spark": 7077, "sc": 15002}
# How a client of HTTP/2, which gRPC is, begins: the preface and an empty frame of settings. A server begins
# with its own frame of settings (RFC 9113, sections 3.4 and 6.5).
HTTP_2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
HTTP_2_SETTINGS = 4  # type of the frame, the fourth byte


def check() -> None:
    """Raises MachineError with the remedy if a build on Spark cannot start here."""
    check_packages()
    remote, master = os.environ.get("SALDO_SPARK_REMOTE", ""), os.environ.get("SALDO_SPARK_MASTER", "")
    if not remote:
        check_java()
    for name, address in (("SALDO_SPARK_REMOTE", remote), ("SALDO_SPARK_MASTER", "" if remote else master)):
        if address:
            check_address(name, address)


def check_packages() -> None:
    """Raises MachineError if dbt-spark or pyspark is not installed, or pyspark is another version."""
    absent = [name for name in PACKAGES if not _version(name)]
    if absent:
        raise MachineError(f"not installed: {', '.join(absent)}", where=sys.executable, remedy=INSTALL)
    found = _version("pyspark")
    if not found.startswith(f"{PYSPARK}."):
        what = f"this is pyspark {found}; the target `spark` is for {PYSPARK}"
        raise MachineError(what, where=sys.executable, remedy=INSTALL)


def check_java() -> None:
    """Raises MachineError if there is no Java that Spark runs on."""
    wanted = " or ".join(map(str, JAVA))
    remedy = f"install Java {wanted} (Debian: openjdk-{JAVA[0]}-jre-headless), or name it by JAVA_HOME"
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java") or "java"
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, encoding="utf-8", errors="replace")
    except OSError:
        raise MachineError("there is no Java, which Spark needs", where=java, remedy=remedy) from None
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)  # Java 8 is 1.8
    if answer.returncode or not found:
        raise MachineError("this does not answer as Java does", where=java, remedy=remedy)
    if int(found[1]) not in JAVA:
        what = f"this is Java {found[1]}; Spark {PYSPARK} needs {wanted}"
        raise MachineError(what, where=java, remedy=remedy)


def check_address(name: str, address: str) -> None:
    """Raises MachineError if no Spark answers at an address such as spark://host:7077 or sc://host:15002."""
    if name == "SALDO_SPARK_MASTER" and not address.startswith("spark://"):
        return  # local[4], yarn, k8s://…: Spark itself knows what to do
    scheme, _, places = address.partition("://")
    # Of several masters one is active: it is enough that one answers.
    hosts = [re.fullmatch(r"([^:/;]+)(?::(\d+))?(?:/.*)?", place) for place in places.split(",")]
    if scheme not in PORTS or not all(hosts):
        example = "sc://host:15002" if name == "SALDO_SPARK_REMOTE" else "spark://host:7077"
        raise MachineError(f"«{address}» is no address of Spark", where=name, remedy=f"set {example}")
    is_encrypted = re.search(r"[/;](token=|use_ssl=true)", address, flags=re.IGNORECASE)
    found = ""
    for host, port in (host.groups() for host in hosts if host):
        try:
            place = host, int(port or PORTS[scheme])
            with socket.create_connection(place, SECONDS_TO_ANSWER) as connection:
                # pyspark would ask another program, or one that is stuck, again for ten minutes
                if scheme != "sc" or is_encrypted or _speaks_http_2(connection):
                    return
                found = "another program, or a server that is stuck"
        except (OSError, OverflowError) as error:
            found = getattr(error, "strerror", None) or str(error)
    remedy = f"start it, or correct {name}; without it Spark runs on this machine"
    raise MachineError(f"no Spark answers at {address}: {found}", where=name, remedy=remedy)


def _speaks_http_2(connection: socket.socket) -> bool:
    connection.sendall(HTTP_2_PREFACE)
    answer = b""
    try:
        while len(answer) < 4 and (more := connection.recv(4)):
            answer += more
    except TimeoutError:
        return False
    return len(answer) >= 4 and answer[3] == HTTP_2_SETTINGS


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
