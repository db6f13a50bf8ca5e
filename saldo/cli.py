"""The command line: reads the arguments, calls the job, prints what came out.

Imports the standard library only, so that a call that has nothing to do ends at once.
"""

import argparse
import json
import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import TextIO

from saldo import __version__
from saldo.build import STOPPING, Outcome, build
from saldo.errors import InputError, Interrupted, SaldoError, from_os_error
from saldo.progress import Progress
from saldo.summary import TO_ASCII, screen
from saldo.warehouse import display

SHOWN = ("size", "seconds", "tests", "warnings")
DESCRIPTION = """\
Builds the warehouse of Kazakhstan's regional migration statistics and publishes it as one DuckDB file.

Example:
  saldo build            build, audit and publish warehouse/saldo.duckdb
  saldo ingest FILE      take a release file into landing/, for the next build
"""
BUILD_DESCRIPTION = """\
Checks the seeds, builds every layer in private files with dbt, audits the result and puts it in the place of
warehouse/saldo.duckdb by one rename. A build that fails leaves the published file as it was.

Example:
  saldo build --full     build even if nothing has changed since the last time

Environment:
  SALDO_WAREHOUSE=DIR    publish into DIR instead of the project's folder `warehouse`

Exit status:
  0 published or up to date   1 a step or the audit failed   2 wrong usage   3 a file is missing or wrong
  4 another build is running  5 Python, packages, disk space or permissions   128+n stopped by signal n
"""
INGEST_DESCRIPTION = """\
Reads release files by the declared layouts (docs/reference-layouts.md), checks them and lands their rows for
the next build. A file that cannot be right is quarantined with its original and the reason; nothing of it
enters, and the other files go on. A file that has landed before, by its content, changes nothing; a refused
one can be tried again. The options are for what a file does not say itself.

Example:
  saldo ingest examples/releases/external_migration_2025_2026-03-13.csv
  saldo ingest population.xlsx --published-on 2023-07-21

Environment:
  SALDO_LANDING=DIR      land in DIR instead of the project's folder `landing`

Exit status:
  0 every file is landed     1 a fault of the program   2 wrong usage   3 a file is refused or an option wrong
  4 another one is running   5 Python, packages, disk space or permissions   128+n stopped by signal n
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    for number in STOPPING:
        signal.signal(number, _interrupt)
    try:
        project = named_project(options.project_dir) if options.project_dir else find_project(Path.cwd())
        return int(options.run(project, options))
    except SaldoError as error:
        return _fail(error, options.json)
    except OSError as error:
        return _fail(from_os_error(error), options.json)
    except Interrupted as interrupted:
        _print(f"stopped by {interrupted.name}; the published file is whole", sys.stderr)
        return interrupted.exit_status


def find_project(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds a dbt_project.yml.

    Raises:
        InputError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / "dbt_project.yml").is_file():
            return folder
    remedy = "run from the folder of the project, or name it with --project-dir DIR"
    raise InputError("no dbt_project.yml here or above", where=str(start), remedy=remedy)


def named_project(folder: Path) -> Path:
    """The folder of --project-dir, absolute.

    Raises:
        InputError: it is not there, or holds no dbt_project.yml.
    """
    if not (folder / "dbt_project.yml").is_file():
        what = "no dbt_project.yml in it" if folder.is_dir() else "there is no such folder"
        remedy = "name the folder that holds dbt_project.yml, or run in it without --project-dir"
        raise InputError(what, where=f"--project-dir {folder}", remedy=remedy)
    return folder.absolute()


def _parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="saldo", description=DESCRIPTION, formatter_class=layout)
    parser.add_argument("--version", action="version", version=f"saldo {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    job = commands.add_parser(
        "build", help="build, audit and publish", description=BUILD_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("--full", action="store_true", help="build even if nothing has changed")
    _add_common(job, _build)
    job = commands.add_parser(
        "ingest", help="take in release files", description=INGEST_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("files", nargs="+", metavar="FILE", help="a release file as its publisher made it")
    job.add_argument("--layout", metavar="NAME", help="the layout, where several fit")
    job.add_argument("--indicator", metavar="CODE", help="what is measured")
    job.add_argument("--published-on", type=_day, metavar="DATE", help="the day of publication: 2026-03-31")
    job.add_argument("--release-id", metavar="ID", help="how to call the release: [a-z0-9_], up to 80")
    _add_common(job, _ingest)
    return parser


def _add_common(job: argparse.ArgumentParser, run: Callable[[Path, argparse.Namespace], int]) -> None:
    job.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    job.add_argument("--project-dir", type=Path, metavar="DIR", help="the project; default: here or above")
    job.set_defaults(run=run)


def _build(project: Path, options: argparse.Namespace) -> int:
    outcome = build(project, full=options.full, progress=Progress(sys.stderr))
    _print(_as_json(outcome) if options.json else _as_text(outcome, options.project_dir), sys.stdout)
    return 0


def _ingest(project: Path, options: argparse.Namespace) -> int:
    _lighten_pyarrow()
    from saldo.intake import report
    from saldo.intake.ingest import Options, ingest
    from saldo.landing import open_landing

    said = Options(options.layout, options.indicator, options.published_on, options.release_id)
    outcomes = ingest(project, open_landing(project), options.files, said)
    _print(report.as_json(outcomes) if options.json else report.as_text(outcomes), sys.stdout)
    return report.exit_status(outcomes)


class _WithoutPandas:
    """A finder of modules to which pandas is not installed."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def _lighten_pyarrow() -> None:
    """Spares a second of a large file.

    pyarrow imports pandas, for which intake has no use, to learn whether it is there; and memory that is used
    once comes faster from the system than from the pool that pyarrow takes by default.
    """
    import pyarrow

    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _WithoutPandas)
    try:
        pyarrow.array([0])  # looks for pandas once, and again only when somebody wants a frame
    finally:
        sys.meta_path.remove(_WithoutPandas)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a day: {text!r}; write it as 2026-03-31") from None


def _interrupt(number: int, frame: FrameType | None) -> None:
    for other in STOPPING:
        signal.signal(other, signal.SIG_IGN)  # clearing up is not interrupted
    raise Interrupted(number)


def _fail(error: SaldoError, as_json: bool) -> int:
    if as_json:
        _print(json.dumps({"status": "failed", "error": error.as_dict()}), sys.stdout)
    _print(str(error), sys.stderr)
    return error.exit_status


def _as_json(outcome: Outcome) -> str:
    status = "up_to_date" if outcome.summary is None else "built"
    return json.dumps({"status": status, "file": str(outcome.published), **outcome.state})


def _as_text(outcome: Outcome, project_dir: Path | None) -> str:
    state, path = outcome.state, display(outcome.published)
    built_at = f"built {datetime.fromisoformat(state['built_at']):%Y-%m-%d %H:%M}"
    if outcome.summary is None:
        return f"nothing new: {path} is up to date ({built_at}); `{_full_build(project_dir)}` builds anyway"
    return screen(outcome.summary, path=path, built_at=built_at, **{key: state[key] for key in SHOWN})


def _full_build(project_dir: Path | None) -> str:
    """The command that builds all the same, called as this one was."""
    program = Path(sys.argv[0])
    as_module = program.name == "__main__.py"
    called = [display(Path(sys.executable)), "-m", "saldo"] if as_module else [display(program)]
    named = ["--project-dir", str(project_dir)] if project_dir else []
    return shlex.join([*called, "build", "--full", *named])


def _print(text: str, stream: TextIO) -> None:
    """Prints in plain ASCII signs where the stream cannot carry the others."""
    try:
        text.encode(stream.encoding)
    except UnicodeEncodeError:
        text = text.translate(TO_ASCII).encode(stream.encoding, "backslashreplace").decode(stream.encoding)
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except BrokenPipeError:  # nobody reads any more; nor is there anything to flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
