"""Back to an earlier published file: `saldo rollback`. Imports the standard library only."""

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from saldo import lock, versions
from saldo.errors import InputError
from saldo.report import default_file, version_of
from saldo.versions import Version
from saldo.warehouse import Warehouse, display, open_warehouse

LIST = "`saldo rollback --list` shows what is kept"


@dataclass(frozen=True)
class Outcome:
    """What is published now, and what was before."""

    published: Path
    version: Version
    before: str | None  # the version that was published; None if nothing had to be done
    page: Path  # where `saldo report` writes: it may be there, and of any version

    @property
    def page_shows_another(self) -> bool:
        """Whether there is a page, and of another version."""
        return version_of(self.page) not in (None, self.version.id)

    def as_json(self) -> str:
        manifest = self.version.manifest
        return json.dumps(
            {
                "status": "rolled_back" if self.before is not None else "up_to_date",
                "file": str(self.published),
                "version_id": self.version.id,
                "before": self.before,
                "schema_version": manifest["schema_version"],
                "code_version": manifest["code_version"],
                "built_at": manifest["built_at"],
                "sha256": self.version.sha256,
                "page_shows_another": self.page_shows_another,
            }
        )

    def as_text(self) -> str:
        path, version = display(self.published), _title(self.version)
        page = f"\n{display(self.page)} shows another version: `saldo report` writes it anew"
        after = page if self.page_shows_another else ""
        if self.before is None:
            return f"nothing to do: {path} is {version}{after}"
        before = f", in the place of {self.before}" if self.before else ""
        hold = "the next build keeps it until inputs change, or with --full"
        return f"{path} is again {version}{before}; {hold}{after}"


@dataclass(frozen=True)
class Listed:
    """A kept version, and whether it is the published one."""

    version: Version
    published: bool


def rollback(project: Path, wanted: str | None, say: Callable[[str], None]) -> Outcome:
    """Publishes an earlier version.

    Args:
        project: the folder of dbt_project.yml.
        wanted: a version or the start of its name; None for the one that was published before the current.
        say: is told what was put back.

    Raises:
        InputError: there is no such version, or its file is not what its manifest says.
        LockedError: a build is running.
        OSError: the published file is as it was.
    """
    warehouse = open_warehouse(project)
    with lock.held(warehouse.lock, " ".join(["saldo", *sys.argv[1:]])):
        state, whole = versions.settle(warehouse, say)
        kept = versions.kept(warehouse)
        target = _named(kept, wanted, warehouse) if wanted else _before(kept, state)
        if whole and target.id == state["version_id"]:
            return Outcome(warehouse.published, target, None, default_file(project))
        if not target.is_whole():
            others = [
                version.id for version in kept if version.id not in (target.id, state.get("version_id"))
            ]
            other = f"choose another one: {', '.join(reversed(others))}" if others else "`saldo build --full`"
            raise InputError(
                "the kept file is missing or not what its manifest says; nothing was changed",
                where=display(target.file),
                remedy=other,
            )
        warehouse.private.mkdir()
        try:
            versions.publish(warehouse, target, state)
        finally:
            shutil.rmtree(warehouse.private, ignore_errors=True)
        return Outcome(warehouse.published, target, str(state.get("version_id", "")), default_file(project))


def listing(project: Path) -> list[Listed]:
    """The versions that are kept, the newest first. Reads only: a build may be running."""
    warehouse = open_warehouse(project)
    name = warehouse.read_state().get("version_id")
    return [Listed(version, version.id == name) for version in reversed(versions.kept(warehouse))]


def list_as_json(listed: Sequence[Listed]) -> str:
    return json.dumps(
        {"versions": [{"published": each.published, **_facts(each.version)} for each in listed]}
    )


def list_as_text(listed: Sequence[Listed]) -> str:
    if not listed:
        return "no version is kept yet: `saldo build` makes the first"
    lines = []
    for each in listed:
        facts = _facts(each.version)
        lines.append(
            f"{'*' if each.published else ' '} {each.version.id}   built {_minute(facts['built_at'])}   "
            f"{facts['size'] / 1e6:.1f} MB   {facts['releases']} releases   "
            f"saldo {facts['code_version']}, schema {facts['schema_version']}"
        )
    return "\n".join([*lines, "* is published"])


def _facts(version: Version) -> dict[str, Any]:
    manifest = version.manifest
    names = ("version_id", "built_at", "code_version", "schema_version")
    file = {"size": manifest["file"]["size"], "sha256": version.sha256}
    return {name: manifest[name] for name in names} | file | {"releases": len(manifest["releases"])}


def _title(version: Version) -> str:
    return f"version {version.id} (built {_minute(version.manifest['built_at'])})"


def _minute(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M}"


def _named(kept: Sequence[Version], wanted: str, warehouse: Warehouse) -> Version:
    found = [version for version in kept if version.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        what = f"{len(found)} versions begin so: {', '.join(version.id for version in found)}"
        raise InputError(what, where=wanted, remedy="write more of it")
    folder = warehouse.versions / wanted
    if versions.ID.fullmatch(wanted) and folder.is_dir():
        what = "its manifest cannot be read; nothing was changed"
        raise InputError(what, where=display(folder / "manifest.json"), remedy=LIST)
    raise InputError("no such version is kept", where=wanted, remedy=LIST)


def _before(kept: Sequence[Version], state: dict[str, Any]) -> Version:
    """What was published when the current version was built; if it is gone, the newest one before it."""
    current = versions.published(kept, state)
    if current is None:
        what = "it is not known which version is published"
        raise InputError(what, where="saldo.state.json", remedy=f"name the version; {LIST}")
    older = kept[: kept.index(current)]
    replaced = [version for version in older if version.id == current.manifest["replaces"]]
    if not older:
        what = f"no version before {current.id} is kept"
        raise InputError(what, where="saldo rollback", remedy=f"{LIST}; SALDO_KEEP_VERSIONS sets how many")
    return (replaced or older)[-1]
