"""Builds of a copy of the project that have to end well."""

from pathlib import Path

from project import run_in

SMALL = {"SPARK_CONF_DIR": str(Path(__file__).parent / "conf")}


def build(project: Path, warehouse: str, *options: str, env: dict[str, str] | None = None) -> Path:
    """Builds into a warehouse of this name in the project; returns the published file."""
    folder = project / warehouse
    said(project, "build", "--full", *options, env=(env or {}) | {"SALDO_WAREHOUSE": str(folder)})
    return folder / "saldo.duckdb"


def said(project: Path, *words: str, env: dict[str, str] | None = None) -> str:
    """Runs the command, which has to end well; returns what it printed."""
    outcome = run_in(project, *words, env=env)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout
