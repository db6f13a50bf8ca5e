"""What a build leaves for the next one, so that only what releases have changed is read anew.

    warehouse/.work/work.duckdb   seeds, coded cells, observations and the other tables that are not published
    warehouse/.work/work.json     the version that they belong to, and what it was made from

Both this and the published file are copied into the private folder of the next build. Where they do not
belong together, or code, seeds or settings have changed, that build starts from nothing: landing is what
everything can be made from.
"""

import json
import os
import shutil
from collections.abc import Mapping
from typing import Any

from saldo.disk import stamp
from saldo.warehouse import Warehouse


def take_up(warehouse: Warehouse, state: Mapping[str, Any], project_inputs: str) -> bool:
    """Puts copies of both databases into the private folder, if they go together and fit the project.

    Args:
        warehouse: its private folder is there and empty.
        state: the record of the published file, which is whole.
        project_inputs: fingerprint of everything but landing.

    Returns:
        Whether the next build may go on from there.
    """
    try:
        record = json.loads(warehouse.kept_work_record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    expected = {"version_id": state.get("version_id"), "project": project_inputs}
    if not isinstance(record, dict) or any(record.get(key) != value for key, value in expected.items()):
        return False
    if not warehouse.kept_work.is_file() or stamp(warehouse.kept_work) != record.get("stamp"):
        return False
    shutil.copyfile(warehouse.published, warehouse.private_database)
    shutil.copyfile(warehouse.kept_work, warehouse.private_work)
    return True


def keep(warehouse: Warehouse, version_id: str, project_inputs: str) -> None:
    """Keeps the private working database of the version that has just been published.

    The old record goes first and the new one comes last: after a kill in between there is none, and the next
    build starts from nothing.

    Raises:
        OSError: nothing is kept.
    """
    warehouse.kept_work.parent.mkdir(exist_ok=True)
    warehouse.kept_work_record.unlink(missing_ok=True)
    record = {
        "version_id": version_id,
        "project": project_inputs,
        "stamp": stamp(warehouse.private_work),
    }
    os.replace(warehouse.private_work, warehouse.kept_work)
    written = warehouse.private / "work.json"
    written.write_text(json.dumps(record) + "\n", encoding="utf-8")
    os.replace(written, warehouse.kept_work_record)
