"""What `saldo ingest` prints: a line a file and, of a refused one, the reason; or one JSON object."""

import json
from collections.abc import Sequence

from saldo.errors import ExitStatus
from saldo.intake.files import display_name
from saldo.intake.ingest import Outcome

REFUSED, FAULT = ExitStatus.INPUT, ExitStatus.FAILED
INDENT = " " * 10


def exit_status(outcomes: Sequence[Outcome]) -> int:
    """0 if every file is landed, 1 after a fault of the program, else 3."""
    codes = {outcome.refusal.code for outcome in outcomes if outcome.refusal}
    if not codes:
        return 0
    return FAULT if "internal" in codes else REFUSED


def as_text(outcomes: Sequence[Outcome]) -> str:
    """For a person."""
    return "\n".join(line for outcome in outcomes for line in _lines(outcome))


def as_json(outcomes: Sequence[Outcome]) -> str:
    """For a machine: `status` is `landed`, `partly` or `refused`; `files` has one object a file."""
    refused = sum(outcome.status == "refused" for outcome in outcomes)
    status = "landed" if not refused else "refused" if refused == len(outcomes) else "partly"
    return json.dumps({"status": status, "files": [outcome.as_dict() for outcome in outcomes]})


def _lines(outcome: Outcome) -> list[str]:
    name = display_name(outcome.path)
    if outcome.refusal:
        first, *others = outcome.refusal.lines()
        return [
            f"refused   {name}: {outcome.refusal.code}",
            *(f"{INDENT}{line}" for line in (first, *others)),
        ]
    if outcome.status == "already":
        said = [f"already   {name}: already landed as {outcome.release_id}; nothing changed"]
    else:
        said = [f"landed    {name} as {outcome.release_id}: {outcome.row_count} rows"]
    return [*said, *(f"{INDENT}note: {note}" for note in outcome.notes)]
