"""The command line: reads the arguments, calls the job, prints what came out.

Imports the standard library only, so that a call that has nothing to do ends at once.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TextIO

from saldo import __version__
from saldo.build import STOPPING, Outcome, build
from saldo.errors import InputError, Interrupted, SaldoError, from_os_error
from saldo.progress import Progress
from saldo.summary import TO_ASCII, screen
from saldo.warehouse import display

SHOWN = ("size", "seconds", "tests")
DESCRIPTION = """\
Builds the warehouse of Kazakhstan's regional migration statistics and publishes it as one DuckDB file.

Example:
  saldo build            build, audit and publish warehouse/saldo.duckdb
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    for number in STOPPING:
        signal.signal(number, _interrupt)
    try:
        project = options.project_dir.absolute() if options.project_dir else find_project(Path.cwd())
        outcome = build(project, full=options.full, progress=Progress(sys.stderr))
    except SaldoError as error:
        return _fail(error, options.json)
    except OSError as error:
        return _fail(from_os_error(error), options.json)
    except Interrupted as interrupted:
        _print(f"stopped by {interrupted.name}; the published file is whole", sys.stderr)
        return interrupted.exit_status
    _print(_as_json(outcome) if options.json else _as_text(outcome), sys.stdout)
    return 0


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


def _parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="saldo", description=DESCRIPTION, formatter_class=layout)
    parser.add_argument("--version", action="version", version=f"saldo {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    job = commands.add_parser(
        "build", help="build, audit and publish", description=BUILD_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("--full", action="store_true", help="build even if nothing has changed")
    job.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    job.add_argument("--project-dir", type=Path, metavar="DIR", help="the project; default: here or above")
    return parser


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


def _as_text(outcome: Outcome) -> str:
    state, path = outcome.state, display(outcome.published)
    built_at = f"built {datetime.fromisoformat(state['built_at']):%Y-%m-%d %H:%M}"
    if outcome.summary is None:
        return f"nothing new: {path} is up to date ({built_at}; --full builds anyway)"
    return screen(outcome.summary, path=path, built_at=built_at, **{key: state[key] for key in SHOWN})


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
