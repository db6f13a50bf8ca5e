"""docs/data-dictionary.md says what the descriptions beside the models say."""

import json
import runpy
from pathlib import Path

from project import PROJECT


def test_page_is_up_to_date(built_project: Path) -> None:
    dictionary = runpy.run_path(str(PROJECT / "docs" / "data_dictionary.py"))["dictionary"]
    manifest = json.loads((built_project / "warehouse" / ".dbt" / "manifest.json").read_text("utf-8"))
    page = (PROJECT / "docs" / "data-dictionary.md").read_text("utf-8")
    assert page == dictionary(manifest), "run make docs"
