"""A build on Spark that cannot start says so in one line with the remedy, before anything is begun."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path

import pytest

from saldo import spark_preflight
from saldo.errors import MachineError


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The versions of packages as the check finds them; a test changes them."""
    versions = {"dbt-spark": "1.11.0", "pyspark": "4.0.5"}

    def version(name: str) -> str:
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "version", version)
    return versions


def java(folder: Path, version: str) -> None:
    """A program of that name that answers as OpenJDK of that version does."""
    program = folder / "java"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nprint('openjdk version \"{version}\"', file=sys.stderr)\n"
    )
    program.chmod(0o755)


@pytest.fixture
def no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of PATH."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def message(error: pytest.ExceptionInfo[MachineError]) -> str:
    assert error.value.exit_status == 5
    return str(error.value)


@pytest.mark.usefixtures("no_java")
def test_no_java(installed: dict[str, str]) -> None:
    with pytest.raises(MachineError) as error:
        spark_preflight.check()
    assert "there is no Java" in message(error)
    assert "openjdk-17-jre-headless" in message(error)


@pytest.mark.parametrize(("version", "named"), [("11.0.2", "Java 11"), ("1.8.0_402", "Java 8")])
def test_java_of_another_version(installed: dict[str, str], no_java: Path, version: str, named: str) -> None:
    java(no_java, version)
    with pytest.raises(MachineError) as error:
        spark_preflight.check()
    assert f"this is {named}; Spark 4.0 needs 17 or 21" in message(error)


@pytest.mark.parametrize("version", ["17.0.15", "21"])
def test_java_that_fits(installed: dict[str, str], no_java: Path, version: str) -> None:
    java(no_java, version)
    spark_preflight.check()


def test_java_home_goes_first(
    installed: dict[str, str], no_java: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java(no_java, "17")
    monkeypatch.setenv("JAVA_HOME", str(no_java / "gone"))
    with pytest.raises(MachineError) as error:
        spark_preflight.check()
    assert str(no_java / "gone" / "bin" / "java") in message(error)


def test_no_packages(installed: dict[str, str]) -> None:
    installed.clear()
    with pytest.raises(MachineError) as error:
        spark_preflight.check()
    assert "not installed: dbt-spark, pyspark" in message(error)
    assert "make spark" in message(error)


def test_pyspark_of_another_version(installed: dict[str, str]) -> None:
    installed["pyspark"] = "3.5.9"
    with pytest.raises(MachineError) as error:
        spark_preflight.check()
    assert "this is pyspark 3.5.9; the target `spark` is for 4.0" in message(error)


@pytest.mark.parametrize(("name", "scheme"), [("SALDO_SPARK_MASTER", "spark"), ("SALDO_SPARK_REMOTE", "sc")])
def test_a_cluster_that_does_not_answer(
    installed: dict[str, str], no_java: Path, monkeypatch: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    java(no_java, "17")
    with socket.socket() as held:  # bound, so nobody else takes the port, and not listening
        held.bind(("127.0.0.1", 0))
        address = f"{scheme}://127.0.0.1:{held.getsockname()[1]}"
        monkeypatch.setenv(name, address)
        with pytest.raises(MachineError) as error:
            spark_preflight.check()
    assert f"error: {name}: no Spark answers at {address}" in message(error)
    assert f"correct {name}" in message(error)


def test_an_address_that_is_none(
    installed: dict[str, str], no_java: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java(no_java, "17")
    for name, address, remedy in (
        ("SALDO_SPARK_REMOTE", "spark.example.org:15002", "set sc://host:15002"),
        ("SALDO_SPARK_MASTER", "spark://127.0.0.1:abc", "set spark://host:7077"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(name, address)
            with pytest.raises(MachineError) as error:
                spark_preflight.check()
        assert remedy in message(error)


def test_of_several_masters_one_answers(
    installed: dict[str, str], no_java: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java(no_java, "17")
    with socket.socket() as held, socket.socket() as server:
        held.bind(("127.0.0.1", 0))
        server.bind(("127.0.0.1", 0))
        server.listen()
        ports = held.getsockname()[1], server.getsockname()[1]
        monkeypatch.setenv("SALDO_SPARK_MASTER", f"spark://127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}")
        spark_preflight.check()


@pytest.fixture
def connect_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes | None], str]]:
    """Names as the Connect server a program that answers a client so, or, without an answer, is silent."""
    with ExitStack() as running:

        def start(answer: bytes | None) -> str:
            server = running.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                client, _ = server.accept()
                with client:
                    client.recv(1024)
                    if answer is None:
                        client.recv(1024)  # until the client goes
                    else:
                        client.sendall(answer)

            threading.Thread(target=serve, daemon=True).start()
            address = f"sc://127.0.0.1:{server.getsockname()[1]}"
            monkeypatch.setenv("SALDO_SPARK_REMOTE", address)
            return address

        yield start


@pytest.mark.usefixtures("no_java")  # a Connect server has its own
def test_a_connect_server_that_answers(
    installed: dict[str, str], connect_to: Callable[[bytes | None], str]
) -> None:
    connect_to(bytes([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]))  # at most a hundred streams
    spark_preflight.check()


@pytest.mark.usefixtures("no_java")
@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"no", None])
def test_a_connect_server_that_is_another_program(
    installed: dict[str, str],
    connect_to: Callable[[bytes | None], str],
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes | None,
) -> None:
    monkeypatch.setattr(spark_preflight, "SECONDS_TO_ANSWER", 0.2)
    address = connect_to(answer)
    with pytest.raises(MachineError) as error:
        spark_preflight.check()
    assert f"no Spark answers at {address}: another program, or a server that is stuck" in message(error)


@pytest.mark.usefixtures("no_java")
def test_an_encrypted_connect_server_is_not_asked(
    installed: dict[str, str], connect_to: Callable[[bytes | None], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALDO_SPARK_REMOTE", connect_to(None) + "/;use_ssl=true")
    spark_preflight.check()


def test_what_spark_itself_knows_is_left_to_it(
    installed: dict[str, str], no_java: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java(no_java, "17")
    monkeypatch.setenv("SALDO_SPARK_MASTER", "local[4]")
    spark_preflight.check()
