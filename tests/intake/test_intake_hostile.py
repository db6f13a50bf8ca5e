"""No broken or hostile file crashes the program, none enters, and each reason names the true cause."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from intake import hostile
from intake.support import Take

from saldo.intake.reasons import REASONS
from saldo.landing import Landing

CASES = list(hostile.all_cases())


def test_there_are_enough_of_them_and_of_each_kind() -> None:
    assert len(CASES) >= 100
    # These depend on what is on disk, or on what landed before; tests of their own give them.
    elsewhere = {
        "bad_name", "not_found", "not_a_regular_file", "unreadable", "changed_while_read", "encrypted",
        "ambiguous_layout", "row_count_implausible", "refused_by_hand", "internal",
    }  # fmt: skip
    assert set(REASONS) - {case.reason for case in CASES} == elsewhere
    assert [
        name for name, count in Counter((case.name, case.file_name) for case in CASES).items() if count > 1
    ] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.reason}-{case.name}"[:70])
def test_is_refused_for_its_true_cause(
    case: hostile.Case, take: Take, landing: Landing, tmp_path: Path
) -> None:
    path = tmp_path / case.file_name
    path.write_bytes(case.content)
    outcome = take(path, **case.options)
    refusal = outcome.refusal
    assert refusal is not None, f"landed as {outcome.release_id}"
    assert refusal.code == case.reason, refusal.lines()
    place = refusal.as_dict()["place"]
    assert {key: place[key] for key in case.place} == case.place
    assert refusal.found.startswith(case.found)
    assert refusal.message
    assert refusal.remedy
    assert case.says in " ".join((refusal.message, refusal.remedy))
    # Nothing of it enters; the original and the reason are kept.
    assert list(landing.rows.iterdir()) == list(landing.releases.iterdir()) == []
    (folder,) = landing.quarantine.iterdir()
    reason = json.loads((folder / "reason.json").read_text(encoding="utf-8"))
    assert (reason["reason"], reason["sha256"]) == (case.reason, folder.name)
    (original,) = folder.glob("original*")
    assert original.read_bytes() == case.content
    assert sorted(os.listdir(landing.folder)) == ["originals", "quarantine", "releases", "rows", "saldo.lock"]
