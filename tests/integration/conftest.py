"""What several of these files use."""

from pathlib import Path

import pytest
from corruption import Replay


@pytest.fixture(scope="session")
def replay(built_project: Path) -> Replay:
    """The build of `built_project`, to be replayed."""
    return Replay(built_project)
