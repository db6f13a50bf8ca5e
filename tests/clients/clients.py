"""The clients, how each is asked, and what came out of it.

To add one: write a probe that answers some of the checks of expected.py, and name it here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

from tests.clients import environments
from tests.clients.environments import FOLDER, NotInstalledError
from tests.clients.expected import NEW, OLD, Answers
from tests.clients.probes.answers import digest, numbers
from tests.project import PROJECT

PROBES = Path(__file__).parent / "probes"
DASHBOARD = PROJECT / "examples" / "dashboard"
# What a page fetches by itself; a link that a reader may follow is none.
ELSEWHERE = re.compile(
    r"""(?:<(?:script|img|iframe|link)[^>]*?(?:src|href)=|@import\s+|url\()["']?(https?:[^"')>\s]+)"""
)
DUCKDB_LINES = ("1.1", "1.3", "1.4", "1.5", "2.0")
# Superset pins 1.4; 2.0.44 is the last that asks for no pg_collation, which older versions of duckdb lack.
SQLALCHEMY_LINES = {
    "1.4": "SQLAlchemy~=1.4.54",
    "2.0.44": "SQLAlchemy==2.0.44",
    "2.0": "SQLAlchemy~=2.0.46",
    "2.1": "SQLAlchemy~=2.1.0",
}


@dataclass
class Told:
    """What a client said: its versions, its answer to each check, the message where it failed."""

    versions: dict[str, str]
    answers: Answers = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def checks(self) -> tuple[str, ...]:
        return (*self.answers, *self.errors)


@dataclass(frozen=True)
class Scene:
    """The published version that clients look at, and two files made from it to replace one by the other."""

    version: Path
    before: Path
    after: Path

    @property
    def file(self) -> Path:
        return self.version / "saldo.duckdb"

    def room(self, name: str) -> Path:
        """A folder of one client, with `held.duckdb` that it opens and `next.duckdb` that replaces it."""
        room = FOLDER / "rooms" / re.sub(r"\W+", "-", name)
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        shutil.copy(self.before, room / "held.duckdb")
        shutil.copy(self.after, room / "next.duckdb")
        return room


@dataclass(frozen=True)
class Client:
    """A client of one version; `ask` may raise what environments.py raises."""

    name: str
    line: str
    ask: Callable[[Scene], Told]

    @property
    def title(self) -> str:
        return f"{self.name} {self.line}".strip()


def scene(version: Path, folder: Path) -> Scene:
    """Makes the two files in `folder`: copies of the published one that bear other version ids.

    They are changed in place with dbt's own settings, as an increment changes the file of the build before.
    """
    written = jinja2.Template((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    profiles = yaml.safe_load(written.render(env_var=lambda name, default="": default))
    dbt = profiles["saldo"]["outputs"]["duckdb"]
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, version_id in (("before", OLD), ("after", NEW)):
        file = folder / f"{name}.duckdb"
        file.unlink(missing_ok=True)
        shutil.copyfile(version / "saldo.duckdb", file)
        with duckdb.connect(str(file), config=dbt["config_options"]) as connection:
            for setting, value in dbt["settings"].items():
                connection.execute(f"set {setting} = '{value}'")
            connection.execute("update core.about set version_id = ?", [version_id])
            connection.execute("checkpoint")
        file.chmod(0o444)
        made.append(file)
    return Scene(version, *made)


def installed() -> list[Client]:
    """The clients of the development environment: nothing has to be fetched for them."""
    here = Path(sys.executable)
    return [
        Client("DuckDB for Python", "installed", _duckdb(lambda: here)),
        Client("DuckDB shell", "installed", _shell(lambda: here.parent / "duckdb")),
        Client("pandas", "installed", _frames(lambda: here, "pandas")),
    ]


def from_index() -> list[Client]:
    """The clients that come from the package index, each in an environment of its own."""
    found = [
        Client("DuckDB for Python", line, _duckdb(lambda line=line: _with_duckdb(line)))
        for line in DUCKDB_LINES
    ]
    for line in DUCKDB_LINES:

        def shell(line: str = line) -> Path:
            python = environments.python_with(f"duckdb-cli-{line}", [f"duckdb-cli~={line}.0"])
            return python.parent / "duckdb"

        found.append(Client("DuckDB shell", line, _shell(shell)))
    for line in DUCKDB_LINES:
        for sqlalchemy in SQLALCHEMY_LINES:
            found.append(
                Client("SQLAlchemy", f"{sqlalchemy} on DuckDB {line}", _sqlalchemy(line, sqlalchemy))
            )
    found.append(
        Client("polars", "1", _frames(lambda: environments.python_with("polars", ["polars~=1.0"]), "polars"))
    )
    found.append(Client("Apache Spark", "4.0", _ask_spark))
    found.append(Client("Node.js", "@duckdb/node-api", _ask_node))
    found.append(Client("Observable Framework", "examples/dashboard", _ask_dashboard))
    found.append(Client("Harlequin", "2", _ask_harlequin))
    return found


def _with_duckdb(line: str) -> Path:
    packages = [f"duckdb~={line}.0", "duckdb-engine~=0.17.0", SQLALCHEMY_LINES["2.1"]]
    return environments.python_with(f"duckdb-{line}", packages)


def _duckdb(python: Callable[[], Path]) -> Callable[[Scene], Told]:
    def ask(scene: Scene) -> Told:
        interpreter = python()
        room = scene.room(f"duckdb {interpreter.parents[1].name}")
        return _told(room, interpreter, "duckdb_probe.py", scene.file, room)

    return ask


def _shell(shell: Callable[[], Path]) -> Callable[[Scene], Told]:
    def ask(scene: Scene) -> Told:
        program = shell()
        room = scene.room(f"shell {program.parents[1].name}")
        return _told(room, Path(sys.executable), "shell_probe.py", scene.file, room, last=(program,))

    return ask


def _sqlalchemy(line: str, sqlalchemy: str) -> Callable[[Scene], Told]:
    def ask(scene: Scene) -> Told:
        python, path = _with_duckdb(line), ""
        if sqlalchemy != "2.1":
            name = f"sqlalchemy-{sqlalchemy}"
            path = str(environments.packages_in(name, [SQLALCHEMY_LINES[sqlalchemy]]))
        room = scene.room(f"sqlalchemy {sqlalchemy} {line}")
        return _told(room, python, "sqlalchemy_probe.py", scene.file, room, env={"PYTHONPATH": path})

    return ask


def _frames(python: Callable[[], Path], library: str) -> Callable[[Scene], Told]:
    def ask(scene: Scene) -> Told:
        room = scene.room(library)
        return _told(room, python(), "frames_probe.py", scene.version / "parquet", library)

    return ask


def _ask_spark(scene: Scene) -> Told:
    if not shutil.which("java"):
        raise NotInstalledError("java is not there: install Java 17, which Spark 4 needs")
    python = environments.python_with("spark", ["--no-binary=pyspark", "pyspark~=4.0.0"])
    room = scene.room("spark")
    return _told(room, python, "spark_probe.py", scene.version / "parquet")


def _ask_harlequin(scene: Scene) -> Told:
    python = environments.python_with("harlequin", ["harlequin~=2.17"])
    room = scene.room("harlequin")
    return _told(room, python, "harlequin_probe.py", scene.file, room)


def _ask_node(scene: Scene) -> Told:
    """Its rows come as JSON: numbers that JSON cannot hold are texts, so the types say which are numbers."""
    project = environments.npm_project(DASHBOARD)
    probe = project / "node_probe.mjs"  # imports are looked for beside the script
    shutil.copy(PROBES / probe.name, probe)
    room = scene.room("node")
    told = _run(room, ["node", probe, scene.file, room, room / "answers.json"])
    told.answers["rows"] = {
        name: digest(numbers(row, table["types"]) for row in table["rows"])
        for name, table in told.answers.get("rows", {}).items()
    }
    return told


def _ask_dashboard(scene: Scene) -> Told:
    """Builds the pages, then looks at the figures in them and at what they would fetch from elsewhere."""
    project = environments.npm_project(DASHBOARD)
    pages = project / "dist"
    for old in (pages, project / "src" / ".observablehq"):
        shutil.rmtree(old, ignore_errors=True)
    done = subprocess.run(
        ["npm", "run", "build", "--silent"],  # noqa: S607
        cwd=project,
        env=os.environ | {"SALDO_FILE": str(scene.file)},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(
            f"npm run build ended with {done.returncode}: {(done.stderr + done.stdout)[-600:]}"
        )
    (data,) = (pages / "_file" / "data").glob("saldo.*.json")
    charts = json.loads(data.read_text(encoding="utf-8"))
    told = Told({"@observablehq/framework": _installed_version(project, "@observablehq/framework")})
    told.answers["chart"] = digest(
        (row["region_code"], row["name_kk"], row["balance_persons"]) for row in charts["regions"]
    )
    told.answers["from elsewhere"] = sorted(
        {
            f"{page.name}: {address}"
            for page in (*pages.rglob("*.html"), *pages.rglob("*.css"))
            for address in ELSEWHERE.findall(page.read_text(encoding="utf-8"))
        }
    )
    return told


def _installed_version(project: Path, package: str) -> str:
    described = json.loads((project / "node_modules" / package / "package.json").read_text(encoding="utf-8"))
    return str(described["version"])


def _told(
    room: Path,
    python: Path,
    probe: str,
    *arguments: object,
    last: tuple[object, ...] = (),
    env: Mapping[str, str] | None = None,
) -> Told:
    """Runs a probe in Python and reads what it wrote."""
    command = [python, PROBES / probe, *arguments, room / "answers.json", *last]
    return _run(room, command, env)


def _run(room: Path, command: Sequence[object], env: Mapping[str, str] | None = None) -> Told:
    answers = room / "answers.json"
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)),
        cwd=room,
        env=kept | dict(env or {}),
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    if not answers.exists():
        raise RuntimeError(f"{command[1]} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    told: dict[str, Any] = json.loads(answers.read_text(encoding="utf-8"))
    return Told(told["versions"], told["answers"], told["errors"])
