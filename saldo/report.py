"""`saldo report`: the page for people, from the published file alone.

warehouse/report.html   the page; it holds all that it needs and asks no network
"""

import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from saldo.disk import flush
from saldo.errors import MachineError, NotPublishedError
from saldo.warehouse import MAKE_IT, display, find_published, find_warehouse

READABLE = 0o644
VERSION = re.compile(rb'<meta name="saldo-version" content="([^"]*)">')
HEAD = 4096  # of a page, in bytes: its version stands there


@dataclass(frozen=True)
class Reported:
    """The page that was written.

    Attributes:
        file: where it is.
        size: in bytes.
        version_id: of the published file that it shows.
        empty: names of the charts, and of their parts, whose mart has no rows, and whose place says so.
        unmapped: codes of the regions that have no outline for the map.
    """

    file: Path
    size: int
    version_id: str
    empty: list[str]
    unmapped: list[str]

    def as_text(self) -> str:
        """For a person."""
        lines = [f"written    {display(self.file)} · {self.size / 1e6:.1f} MB · version {self.version_id}"]
        if self.empty:
            lines.append(
                f"empty      {', '.join(self.empty)}: no rows in the published file; the page says so"
            )
        if self.unmapped:
            lines.append(
                f"unmapped   {', '.join(self.unmapped)}: no outline of these regions; the page names them"
            )
        return "\n".join(lines)

    def as_json(self) -> str:
        """For a machine."""
        return json.dumps(
            {
                "status": "written",
                "file": str(self.file),
                "size": self.size,
                "version_id": self.version_id,
                "empty": self.empty,
                "unmapped": self.unmapped,
            }
        )


def default_file(project: Path) -> Path:
    """Where the page is, unless another place is named: beside the published file."""
    return find_warehouse(project).folder / "report.html"


def version_of(page: Path) -> str | None:
    """The version that a page shows, as its head says; None for no page, or none of ours."""
    try:
        with page.open("rb") as file:
            found = VERSION.search(file.read(HEAD))
    except OSError:
        return None
    return found[1].decode() if found else None


def report(project: Path, output: Path | None = None) -> Reported:
    """Writes the page, whole or not at all; the same published file gives the same bytes.

    Args:
        project: the folder of dbt_project.yml.
        output: where to write; by default report.html beside the published file.

    Raises:
        NotPublishedError: there is no published file, or it is an older one, or not a DuckDB file.
        MachineError: a package that the page needs is missing.
        OSError: the page cannot be written; the last one is as it was.
    """
    published = find_published(project)
    import duckdb

    try:
        from report.page import make_page
        from report.published import NotReadableError, read_published
    except ModuleNotFoundError as error:
        remedy = "install the locked packages: make build"
        raise MachineError(f"the report needs the package {error.name}", remedy=remedy) from None
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            rows = read_published(connection)
    except NotReadableError as error:
        remedy = "`saldo build` makes it anew; `saldo rollback --list` shows the versions that are kept"
        raise NotPublishedError(str(error), where=display(published), remedy=remedy) from None
    except duckdb.IOException as error:
        raise NotPublishedError(
            str(error).splitlines()[0], where=display(published), remedy=MAKE_IT
        ) from None
    page = make_page(rows)
    file = output.absolute() if output else default_file(project)
    _write(file, page.html.encode())
    return Reported(file, file.stat().st_size, rows.about["version_id"], page.empty, page.unmapped)


def _write(file: Path, content: bytes) -> None:
    """Puts the content in the place of the file by one rename."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as private:
            private.write(content)
        Path(name).chmod(READABLE)
        flush(Path(name))
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    flush(file.parent)
