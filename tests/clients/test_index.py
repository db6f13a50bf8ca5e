"""The clients that come from the package index, each in an environment of its own below build/clients.

One that is known to fail in a check, with the message that is known, passes; `make clients` tells which.
"""

from pathlib import Path

import pytest

from tests.clients import clients
from tests.clients.clients import Client, Scene
from tests.clients.environments import NoPackageIndexError, NotInstalledError
from tests.clients.expected import Answers, expected
from tests.clients.findings import findings, limit

NOT_IN_INDEX = ("DuckDB shell 1.1", "DuckDB shell 1.3", "DuckDB shell 2.0")


@pytest.fixture(scope="module")
def right(built_project: Path) -> Answers:
    return expected(built_project / "warehouse" / "latest")


@pytest.fixture(scope="module")
def scene(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return clients.scene(built_project / "warehouse" / "latest", tmp_path_factory.mktemp("files"))


@pytest.mark.parametrize("client", clients.from_index(), ids=lambda client: client.title)
def test_a_client_sees_what_it_must(client: Client, scene: Scene, right: Answers) -> None:
    try:
        told = client.ask(scene)
    except NoPackageIndexError:
        pytest.skip(f"no package index within reach: {client.title} was not asked")
    except NotInstalledError as error:
        if client.title in NOT_IN_INDEX or "is not there: install" in str(error):
            pytest.skip(f"{client.title} was not asked: {error}")
        raise
    assert told.checks
    wrong = findings(told, right)
    assert {check: said for check, said in wrong.items() if not limit(client.title, check, said)} == {}
