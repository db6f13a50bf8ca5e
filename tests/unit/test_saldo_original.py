"""The printed cell of a release that landed: from its kept file and the rows that intake read."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from saldo.disk import file_sha256
from saldo.intake.ingest import Options, ingest
from saldo.landing import Landing, open_landing
from saldo.original import original

PROJECT = Path(__file__).parents[2]
RELEASE = PROJECT / "examples" / "releases" / "external_migration_2025_2026-03-13.csv"


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    monkeypatch.setenv("SALDO_LANDING", str(tmp_path / "landing"))
    landing = open_landing(PROJECT)
    (outcome,) = ingest(PROJECT, landing, [str(RELEASE)], Options())
    assert outcome.status == "landed"
    return landing


def test_the_text_of_a_landed_cell(landing: Landing) -> None:
    (manifest,) = landing.manifests()
    assert manifest["published_on"] == date(2026, 3, 13).isoformat()
    rows = pq.read_table(landing.rows / f"{manifest['release_id']}.parquet").to_pylist()
    log = [manifest | {"kept_in": "landing/originals"}]
    for row in (rows[0], rows[-1]):
        found = original(PROJECT, log, row["source_ref"])
        assert found
        assert (found.found, found.sha256) == ("same", file_sha256(RELEASE))
        assert found.printed == row["printed_text"]
        assert found.printed in RELEASE.read_text(encoding="utf-8-sig")


def test_an_original_that_is_gone_or_another_is_told(landing: Landing) -> None:
    (manifest,) = landing.manifests()
    log = [manifest | {"kept_in": "landing/originals"}]
    kept = next(landing.originals.iterdir())
    kept.chmod(0o644)
    kept.write_text("another file", encoding="utf-8")
    found = original(PROJECT, log, "a cell")
    assert found
    assert (found.found, found.printed) == ("changed", None)
    kept.unlink()
    found = original(PROJECT, log, "a cell")
    assert found
    assert found.found == "missing"


def test_a_release_without_a_file_has_no_original() -> None:
    assert original(PROJECT, [], "article_table_3, row 1 (x), column 2 (y)") is None
