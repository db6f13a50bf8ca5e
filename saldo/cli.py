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
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import TextIO

from saldo import __version__
from saldo.build import Outcome, build
from saldo.errors import InputError, Interrupted, SaldoError, from_os_error
from saldo.progress import Progress
from saldo.settings import TARGETS
from saldo.summary import TO_ASCII, screen
from saldo.versions import STOPPING
from saldo.warehouse import display

SHOWN = ("size", "seconds", "tests", "warnings")
DESCRIPTION = """\
Builds the warehouse of Kazakhstan's regional migration statistics and publishes it as one DuckDB file.

Example:
  saldo build            build, audit and publish warehouse/saldo.duckdb
  saldo rollback         publish the version before the current one again
  saldo fetch            ask the publishers for new release files
  saldo ingest FILE      take a release file into landing/, for the next build
  saldo refresh          fetch, ingest, build and publish: the one command for a scheduler
  saldo status           what is published, due, late or refused
  saldo report           write the page for people, warehouse/report.html
  saldo withdraw ID ...  mark a landed release as withdrawn by its publisher
  saldo quarantine ID    put a landed release that was never published into quarantine
  saldo settle SHA256    nothing is left to do about a refused file
  saldo query SQL        print what a query of the published file finds
  saldo explain WORDS    the way from a published number back to the cell of its release
  saldo export --format csv   the tables for spreadsheets and R; `--format sdmx` for statistical offices
  saldo completion bash  print what completes these commands in a shell

Every command: --help with examples, --json for machines, --quiet where it reports on work. The exit statuses
are listed in docs/reference-commands.md. NO_COLOR=1 leaves out colours.
"""
BUILD_DESCRIPTION = """\
Checks the seeds, builds every layer in private files with dbt, audits the result and puts it in the place of
warehouse/saldo.duckdb by one rename. A build that fails leaves the published file as it was. Each published
version is kept in warehouse/versions with its Parquet exports and a manifest; the oldest ones go.

Example:
  saldo build            build if something has changed
  saldo build --full     build even if nothing has changed since the last time
  saldo build --full --target spark   let Apache Spark compute the same (docs/how-to/run-on-spark.md)
  saldo build --quiet    say nothing unless it fails, for a scheduler

Environment:
  SALDO_WAREHOUSE=DIR       publish into DIR instead of the project's folder `warehouse`
  SALDO_KEEP_VERSIONS=N     keep N versions, the published one among them; default 5
  SALDO_PARQUET_MAX_ROWS=N  no Parquet of tables with more rows; default 2000000
  SALDO_TARGET=NAME         duckdb or spark, as --target
  SALDO_MEMORY_LIMIT_MB=N   memory for DuckDB, beyond which it writes temporary files; default 3000

Exit status:
  0 published or up to date   1 a step or the audit failed   2 wrong usage   3 a file is missing or wrong
  4 another run is writing    5 Python, packages, Java, cluster, disk space or permissions
  128+n stopped by signal n
"""
ROLLBACK_DESCRIPTION = """\
Publishes an earlier version again, after comparing its file with the hash in its manifest; readers notice as
little as of a build. Without VERSION it is the one that was published before the current. The next build does
not undo it: it says that it is held, until inputs change or `saldo build --full` is asked for. The versions
after it stay, so that one can go forward again.

Example:
  saldo rollback --list                        the versions that are kept
  saldo rollback                               the one before the current
  saldo rollback 20261125T033000Z-3f9ac01b     this one; its first letters will do

Environment:
  SALDO_WAREHOUSE=DIR    of DIR instead of the project's folder `warehouse`

Exit status:
  0 published, or listed     1 a fault of the program   2 wrong usage
  3 no such version, or its file is not what it was     4 a build is running
  5 disk space or permissions   128+n stopped by signal n
"""
INGEST_DESCRIPTION = """\
Reads release files by the declared layouts (docs/reference-layouts.md), checks them and lands their rows for
the next build. A file that cannot be right is quarantined with its original and the reason; nothing of it
enters, and the other files go on. A file that has landed before, by its content, changes nothing, unless
another day of publication is told; a refused one can be tried again, from landing/quarantine too, where its
first name and what was told of it are kept. The options are for what a file does not say itself.

Example:
  saldo ingest examples/releases/external_migration_2025_2026-03-13.csv
  saldo ingest population.xlsx --published-on 2023-07-21

Environment:
  SALDO_LANDING=DIR          land in DIR instead of the project's folder `landing`
  SALDO_KEEP_ORIGINALS_MB=N  the most that originals may take; default 10000. Beyond it, originals in
                             quarantine go, the oldest first, and their reasons stay; originals of landed
                             releases are never removed: when they reach it, nothing more is taken in

Exit status:
  0 every file is landed     1 a fault of the program   2 wrong usage   3 a file is refused or an option wrong
  4 another one is running   5 Python, packages, disk space or permissions   128+n stopped by signal n
"""
FETCH_DESCRIPTION = """\
Asks the declared sources (models/staging/sources.yml) for files that are new since the last time and puts
them into landing/inbox/SOURCE/, whole and named by the day of publication: what the server calls
Last-Modified, else the day on which it is fetched. A source that does not answer, or answers with a web page
or a broken file, leaves everything as it was but for the count of its failures, and does not stop the others.

Example:
  saldo fetch                        all sources
  saldo fetch bns.population         one of them

Environment:
  SALDO_LANDING=DIR                  landing is DIR instead of the project's folder `landing`
  SALDO_SOURCE_BASE=https://host     ask this host for the paths of all addresses, such as a mirror
  HTTPS_PROXY=http://host:port       the proxy, as other programs use it

Exit status:
  0 every source answered, new or not   1 a fault of the program   2 wrong usage
  3 a declaration, name or setting is wrong   4 another run is writing
  5 Python, packages, disk space or permissions   6 a source did not answer with data
  128+n stopped by signal n
"""
REFRESH_DESCRIPTION = """\
Asks the declared sources, takes in what is new, builds and audits in private, and publishes by one rename.
What has been ingested by hand before is built as well. With nothing new it ends at once and the published
file is not touched. A source that does not answer, or a file that is refused, keeps nothing else from being
published. Each run leaves a record in landing/runs, which audit.run_log shows.

Example:
  saldo refresh                  what came, what changed and what is published
  saldo refresh --quiet          nothing unless somebody should look, for cron
  saldo refresh --json | jq .status

Environment:
  as of `saldo fetch`, `saldo ingest` and `saldo build`

Exit status, the first that applies:
  1 a step or the audit failed   2 wrong usage   3 a seed, declaration or setting is wrong
  4 another one is running       5 Python, packages, disk space or permissions
  8 published, but a file was refused
  6 published, but a source did not answer, and no other one brings the same indicators
  11 published, but the report could not be written; the last one stays
  0 published, or nothing new    128+n stopped by signal n
"""
STATUS_DESCRIPTION = """\
Says what the published file holds, how the last refresh ended, which editions of each source have been seen,
whether the next one is due or late by its calendar (as `dbt source freshness` does) and which source does not
answer, what waits in the inbox, what was refused and why, and whether a build is pending. It changes nothing
and needs no lock.

Example:
  saldo status
  saldo status --quiet || echo "somebody should look"
  saldo status --json | jq .sources

Environment:
  SALDO_LANDING=DIR      landing is DIR instead of the project's folder `landing`
  SALDO_WAREHOUSE=DIR    the published file is in DIR instead of the project's folder `warehouse`

Exit status, the first that applies:
  9 there is no published file, or it was changed   8 a file is quarantined, and not one that never enters
  7 a source is late
  6 a source has not answered for three days, and no other one brings the same indicators
  10 files wait in the inbox, a build is pending or the last refresh did not come to its end
  0 all is well; a source may be due, or none of it be held where others bring the same indicators
  1 a fault of the program   2 wrong usage   3 a declaration or a file of landing is wrong
  128+n stopped by signal n
"""
REPORT_DESCRIPTION = """\
Writes one HTML file from the published file alone: charts, tables, the verdicts on the article's statements
and notes on the data, in English, Russian and Kazakh. It opens without network. The page is put in its place
by one rename; the same published file gives the same bytes. `saldo refresh` writes it after each publication.

Example:
  saldo report                       warehouse/report.html
  saldo report --output balance.html

Environment:
  SALDO_WAREHOUSE=DIR    the published file is in DIR instead of the project's folder `warehouse`

Exit status:
  0 written   1 a fault of the program   2 wrong usage   5 packages, disk space or permissions
  9 there is no published file, or it cannot be read   128+n stopped by signal n
"""
WITHDRAW_DESCRIPTION = """\
Marks a landed release as withdrawn by its publisher from a day on: the next build shows the figures before
it, and says so of the release. Nothing is deleted; as of an earlier day the warehouse still shows them.

Example:
  saldo withdraw sdmx_csv_2026_03_13_5d1a7f8e --on 2026-04-01 --reason "the bureau took the table down"
  saldo withdraw sdmx_csv_2026_03_13_5d1a7f8e --undo

Environment:
  SALDO_LANDING=DIR      the landing folder, instead of the project's folder `landing`

Exit status:
  0 it is as asked for   1 a fault of the program   2 wrong usage
  3 no such release, or a day or reason that cannot be   4 another one is running
  5 disk space or permissions   128+n stopped by signal n
"""
QUARANTINE_DESCRIPTION = """\
Puts a landed release that was never published into quarantine, with its original and the reason, as if its
file had been refused: for figures that intake takes and the audit of the build does not, so that what else
has landed can be published. Nothing of it has stood on any day. A release that a kept version was published
with is part of the history: `saldo withdraw` ends that.

Example:
  saldo quarantine bns_csv_19298_2026_09_30_5d1a7f8e --reason "ten times its neighbours in Astana"

Environment:
  SALDO_LANDING=DIR      the landing folder, instead of the project's folder `landing`
  SALDO_WAREHOUSE=DIR    the kept versions are in DIR instead of the project's folder `warehouse`

Exit status:
  0 it is as asked for   1 a fault of the program   2 wrong usage   3 no such release, or it was published
  4 another one is running, or a build   5 disk space or permissions   128+n stopped by signal n
"""
SETTLE_DESCRIPTION = """\
Records that nothing is left to do about a refused file. Its original and the reason stay in quarantine;
`saldo status` lists it as settled and no longer ends with 8 because of it, and `saldo fetch` takes the same
bytes for nothing new. `saldo ingest` can still try the file again.

Example:
  saldo settle 5d1a7f8e    the first eight or more signs of its SHA-256, as `saldo status` shows it

Environment:
  SALDO_LANDING=DIR      the landing folder, instead of the project's folder `landing`

Exit status:
  0 it is as asked for   1 a fault of the program   2 wrong usage
  3 no such file in quarantine, or more than one   4 another one is running
  5 disk space or permissions   128+n stopped by signal n
"""
QUERY_DESCRIPTION = """\
Prints what one query of the published file finds: a table and how many rows there are. SQL is DuckDB's. The
query reads the published file and nothing else: it cannot write or open another file, load an extension or
use the network, so SQL of others may be run as well. What needs more memory than there is fails: nothing is
put on the disk.

Example:
  saldo query "show all tables"
  saldo query "select name_en, migration_balance_persons from bi.region order by all"
  saldo query --limit 200 "from core.dim_indicator"
  saldo query --csv "from core.fct_observation" > observation.csv
  echo "from core.about" | saldo query --json -

Environment:
  SALDO_WAREHOUSE=DIR    the published file is in DIR instead of the project's folder `warehouse`

Exit status:
  0 it is printed, rows or not   1 a fault of the program   2 wrong usage   3 the SQL is wrong or would write
  9 there is no published file, or it cannot be read   128+n stopped by signal n
"""
EXPLAIN_DESCRIPTION = """\
Prints the way from a published number back to the cells of the releases that it comes from, with corrections,
printed totals, vintages and the hashes of the files. Ask by a region (code, or name in English, Russian or
Kazakh), by a claim_id of analysis.claim_check, by a value, or by an indicator with region, breakdown and
period in any order. A number of two digits is the code of a region. Words that mean several things list them.
The published file is enough; where the files of the releases are kept too, the text of the cell is compared.

Example:
  saldo explain Akmola
  saldo explain 11
  saldo explain balance_2001
  saldo explain -18855
  saldo explain migration_balance_by_specialty 63 technical
  saldo explain --json population East Kazakhstan 2020

Environment:
  SALDO_WAREHOUSE=DIR    the published file is in DIR instead of the project's folder `warehouse`
  SALDO_LANDING=DIR      the landing folder, instead of the project's folder `landing`

Exit status:
  0 it is explained   1 a fault of the program   2 wrong usage   3 nothing is meant by it, or several things
  5 disk space or permissions   9 there is no published file, or it cannot be read   128+n stopped by signal n
"""
COMPLETION_DESCRIPTION = """\
Prints a script that completes the commands of saldo, their options and the names of files in a shell.

Example:
  eval "$(saldo completion bash)"           in this bash
  saldo completion bash > ~/.local/share/bash-completion/completions/saldo    in every new one
  saldo completion zsh > ~/.zfunc/_saldo    in zsh, where ~/.zfunc is in fpath

Exit status:
  0 it is printed   1 a fault of the program   2 wrong usage   128+n stopped by signal n
"""

EXPORT_DESCRIPTION = """\
Writes what the published file holds, in other formats. Parquet needs no export: each version has it, in
warehouse/latest/parquet. Each file takes its place by one rename; a failed export leaves the former ones.

  csv   every public table and view as <schema>/<table>.csv: UTF-8 with a byte order mark, decimal point,
        empty where there is no value. A text that a spreadsheet would run as a formula gets an apostrophe.
  sdmx  structure.xml (SDMX-ML 2.1: data structure, concepts, code lists in three languages) and the figures
        of core.fct_observation as SDMX-CSV 2.0, checked against that structure

Example:
  saldo export --format csv --delimiter ';' --table bi.region --table core.fct_observation
  saldo export --format sdmx --indicator population --output population-sdmx

Environment:
  SALDO_WAREHOUSE=DIR    the published file is in DIR, and so is `export`, instead of in `warehouse`

Exit status:
  0 written   1 a fault of the program   2 wrong usage
  3 no such table or indicator, or a figure that the structure does not allow   5 disk space or permissions
  9 there is no published file, or it cannot be read   128+n stopped by signal n
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    for number in STOPPING:
        signal.signal(number, _interrupt)
    try:
        if options.anywhere:
            return int(options.run(options))
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
    parser.set_defaults(anywhere=False, json=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    job = commands.add_parser(
        "build", help="build, audit and publish", description=BUILD_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("--full", action="store_true", help="build even if nothing has changed")
    engine = "what computes the tables, as in profiles.yml; default: SALDO_TARGET, or duckdb"
    job.add_argument("--target", choices=TARGETS, help=engine)
    _add_common(job, _build)
    job = commands.add_parser(
        "rollback",
        help="publish an earlier version again",
        description=ROLLBACK_DESCRIPTION,
        formatter_class=layout,
    )
    job.add_argument(
        "version", nargs="?", metavar="VERSION", help="of --list; default: the one before the current"
    )
    job.add_argument("--list", action="store_true", help="list the versions that are kept and change nothing")
    _add_common(job, _rollback)
    job = commands.add_parser(
        "ingest", help="take in release files", description=INGEST_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("files", nargs="+", metavar="FILE", help="a release file as its publisher made it")
    job.add_argument("--layout", metavar="NAME", help="the layout, where several fit")
    job.add_argument("--indicator", metavar="CODE", help="what is measured")
    job.add_argument("--published-on", type=_day, metavar="DATE", help="the day of publication: 2026-03-31")
    job.add_argument("--release-id", metavar="ID", help="how to call the release: [a-z0-9_], up to 80")
    _add_common(job, _ingest)
    job = commands.add_parser(
        "fetch", help="ask for new release files", description=FETCH_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("sources", nargs="*", metavar="SOURCE", help="a declared source; default: all")
    _add_common(job, _fetch)
    job = commands.add_parser(
        "refresh",
        help="fetch, ingest, build, publish and report",
        description=REFRESH_DESCRIPTION,
        formatter_class=layout,
    )
    _add_common(job, _refresh)
    job = commands.add_parser(
        "status", help="how things stand", description=STATUS_DESCRIPTION, formatter_class=layout
    )
    _add_common(job, _status)
    job = commands.add_parser(
        "report", help="write the page for people", description=REPORT_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("--output", type=Path, metavar="FILE", help="where; default: warehouse/report.html")
    _add_common(job, _report)
    job = commands.add_parser(
        "withdraw", help="withdraw a release", description=WITHDRAW_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("release_id", metavar="RELEASE_ID", help="as `saldo ingest` called it")
    job.add_argument("--on", type=_day, metavar="DATE", help="the day from which it is withdrawn: 2026-03-31")
    job.add_argument("--reason", metavar="TEXT", help="why, for those who miss the figures")
    job.add_argument("--undo", action="store_true", help="take the mark back")
    job.set_defaults(usage_error=job.error)
    _add_common(job, _withdraw)
    job = commands.add_parser(
        "quarantine",
        help="refuse a landed release by hand",
        description=QUARANTINE_DESCRIPTION,
        formatter_class=layout,
    )
    job.add_argument("release_id", metavar="RELEASE_ID", help="as `saldo ingest` called it")
    job.add_argument("--reason", metavar="TEXT", help="why, for those who miss the figures")
    _add_common(job, _quarantine)
    job = commands.add_parser(
        "settle", help="settle a refusal", description=SETTLE_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("sha256", metavar="SHA256", help="of the refused file, or the start of it")
    _add_common(job, _settle)
    job = commands.add_parser(
        "query", help="query the published file", description=QUERY_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("sql", metavar="SQL", help="one query; - reads it from standard input")
    form = job.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print columns, types and rows as one JSON object")
    form.add_argument("--csv", action="store_true", help="print CSV in UTF-8, with a header")
    job.add_argument(
        "--limit", type=_whole, metavar="N", help="the most rows; default: 50 in a table, else all"
    )
    _add_project(job, _query)
    job = commands.add_parser(
        "explain",
        help="the way from a number to its cell",
        description=EXPLAIN_DESCRIPTION,
        formatter_class=layout,
    )
    job.add_argument("words", nargs="+", metavar="WORD", help="a region, a claim_id, a value or a figure")
    job.add_argument("--json", action="store_true", help="print the chain as one JSON object")
    _add_project(job, _explain)
    job = commands.add_parser(
        "completion",
        help="complete commands in a shell",
        description=COMPLETION_DESCRIPTION,
        formatter_class=layout,
    )
    job.add_argument("shell", choices=("bash", "zsh"), help="for which shell")
    job.set_defaults(run=_completion, anywhere=True)
    job = commands.add_parser(
        "export", help="write CSV or SDMX", description=EXPORT_DESCRIPTION, formatter_class=layout
    )
    job.add_argument("--format", choices=("csv", "sdmx"), required=True, help="what to write")
    job.add_argument(
        "--output", type=Path, metavar="DIR", help="default: export/FORMAT in the warehouse folder"
    )
    job.add_argument("--table", action="append", metavar="NAME", help="csv: this table; may be repeated")
    job.add_argument("--delimiter", choices=(",", ";"), help="csv: between the fields; default ,")
    job.add_argument("--indicator", action="append", metavar="CODE", help="sdmx: this one; may be repeated")
    job.add_argument("--revisions", action="store_true", help="sdmx: also revision.csv, every vintage")
    job.set_defaults(usage_error=job.error)
    _add_common(job, _export)
    return parser


def _add_common(job: argparse.ArgumentParser, run: Callable[[Path, argparse.Namespace], int]) -> None:
    """What the commands that do something, and tell how it came out, have in common."""
    job.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    job.add_argument("--quiet", action="store_true", help="print nothing if it ends with 0; no progress")
    _add_project(job, run)


def _add_project(job: argparse.ArgumentParser, run: Callable[[Path, argparse.Namespace], int]) -> None:
    job.add_argument("--project-dir", type=Path, metavar="DIR", help="the project; default: here or above")
    job.set_defaults(run=run)


def _progress(options: argparse.Namespace) -> Progress:
    return Progress(sys.stderr, quiet=options.quiet)


def _tell(options: argparse.Namespace, text: str, exit_status: int = 0) -> int:
    """Prints how it came out; with --quiet only what somebody should look at, or --json."""
    if exit_status or options.json or not options.quiet:
        _print(text, sys.stdout)
    return exit_status


def _build(project: Path, options: argparse.Namespace) -> int:
    outcome = build(project, full=options.full, progress=_progress(options), target=options.target)
    return _tell(options, _as_json(outcome) if options.json else _as_text(outcome, options.project_dir))


def _rollback(project: Path, options: argparse.Namespace) -> int:
    from saldo import rollback

    if options.list:
        listed = rollback.listing(project)
        _print(rollback.list_as_json(listed) if options.json else rollback.list_as_text(listed), sys.stdout)
        return 0
    outcome = rollback.rollback(project, options.version, _progress(options).say)
    return _tell(options, outcome.as_json() if options.json else outcome.as_text())


def _ingest(project: Path, options: argparse.Namespace) -> int:
    _lighten_pyarrow()
    from saldo.intake import report
    from saldo.intake.ingest import Options, ingest
    from saldo.landing import open_landing

    said = Options(options.layout, options.indicator, options.published_on, options.release_id)
    with _progress(options).working("reading, checking and landing"):
        outcomes = ingest(project, open_landing(project), options.files, said)
    text = report.as_json(outcomes) if options.json else report.as_text(outcomes)
    return _tell(options, text, report.exit_status(outcomes))


def _fetch(project: Path, options: argparse.Namespace) -> int:
    from saldo import fetch
    from saldo.landing import open_landing

    outcomes = fetch.fetch(project, open_landing(project), _progress(options), only=options.sources)
    text = fetch.as_json(outcomes) if options.json else fetch.as_text(outcomes)
    return _tell(options, text, fetch.exit_status(outcomes))


def _refresh(project: Path, options: argparse.Namespace) -> int:
    _lighten_pyarrow()
    from saldo import refresh

    refreshed = refresh.refresh(project, progress=_progress(options))
    text = refresh.as_json(refreshed) if options.json else refresh.as_text(refreshed)
    return _tell(options, text, refreshed.exit_status)


def _status(project: Path, options: argparse.Namespace) -> int:
    from saldo import status

    found = status.read_status(project)
    return _tell(options, status.as_json(found) if options.json else status.as_text(found), found.exit_status)


def _report(project: Path, options: argparse.Namespace) -> int:
    from saldo.report import report

    with _progress(options).working("writing the report"):
        written = report(project, options.output)
    return _tell(options, written.as_json() if options.json else written.as_text())


def _export(project: Path, options: argparse.Namespace) -> int:
    if options.format == "csv" and (options.indicator or options.revisions):
        options.usage_error("--indicator and --revisions go with --format sdmx")
    if options.format == "sdmx" and (options.table or options.delimiter):
        options.usage_error("--table and --delimiter go with --format csv")
    with _progress(options).working("exporting"):
        if options.format == "csv":
            from saldo.csv_export import export_csv

            outcome = export_csv(project, options.output, options.table or [], options.delimiter or ",")
        else:
            from saldo.sdmx_export import export_sdmx

            outcome = export_sdmx(
                project, options.output, options.indicator or [], revisions=options.revisions
            )
    return _tell(options, json.dumps(outcome.as_dict()) if options.json else outcome.as_text())


def _withdraw(project: Path, options: argparse.Namespace) -> int:
    from saldo.landing import open_landing
    from saldo.withdrawal import restore, withdraw

    given = (options.on is not None, options.reason is not None)
    if options.undo and any(given):
        options.usage_error("--undo goes without --on and --reason")
    if not options.undo and not all(given):
        options.usage_error("--on DATE and --reason TEXT are needed, or --undo")
    landing = open_landing(project)
    if options.undo:
        outcome = restore(project, landing, options.release_id)
    else:
        outcome = withdraw(project, landing, options.release_id, options.on, options.reason)
    return _tell(options, json.dumps(outcome.as_dict()) if options.json else outcome.as_text())


def _quarantine(project: Path, options: argparse.Namespace) -> int:
    from saldo.landing import open_landing
    from saldo.quarantine import quarantine

    say = _progress(options).say
    outcome = quarantine(project, open_landing(project), options.release_id, options.reason, say)
    return _tell(options, json.dumps(outcome.as_dict()) if options.json else outcome.as_text())


def _settle(project: Path, options: argparse.Namespace) -> int:
    from saldo.landing import open_landing
    from saldo.quarantine import settle

    outcome = settle(open_landing(project), options.sha256)
    return _tell(options, json.dumps(outcome.as_dict()) if options.json else outcome.as_text())


def _query(project: Path, options: argparse.Namespace) -> int:
    from saldo import query

    with query.published(project) as connection:
        found = query.find(connection, query.read_sql(options.sql, sys.stdin))
        if options.csv and isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        if options.json:
            pieces = query.as_json(found, options.limit)
        elif options.csv:
            pieces = query.as_csv(found, options.limit)
        else:
            width, ascii_only = query.terminal_width(sys.stdout), not _carries("─", sys.stdout)
            pieces = query.as_table(found, options.limit, width=width, ascii_only=ascii_only)
        for piece in pieces:
            _print(piece, sys.stdout)
    return 0


def _explain(project: Path, options: argparse.Namespace) -> int:
    from saldo import explain, explain_text

    facts = explain.explain(project, options.words)
    _print(explain.as_json(facts) if options.json else explain_text.as_text(facts), sys.stdout)
    return 0


def _completion(options: argparse.Namespace) -> int:
    import shtab

    parser = _parser()
    kinds = {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY}
    for name, command in _commands(parser).items():
        # zsh shows its first line beside the name; those of the help are lines of a paragraph.
        command.description = _in_short(parser)[name]
        for action in command._actions:
            if action.metavar in kinds:
                setattr(action, "complete", kinds[str(action.metavar)])  # noqa: B010 - argparse has no such field
    _print(shtab.complete(parser, options.shell), sys.stdout)
    return 0


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands, by name."""
    return dict(_subparsers(parser).choices)


def _in_short(parser: argparse.ArgumentParser) -> dict[str, str]:
    """What the list of commands says of each, by name."""
    return {action.dest: action.help or "" for action in _subparsers(parser)._get_subactions()}


def _subparsers(parser: argparse.ArgumentParser) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    (commands,) = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return commands


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


def _whole(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"not a whole number from 1 upwards: {text!r}")
    return int(text)


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
    status = "held" if outcome.held else "up_to_date" if outcome.summary is None else "built"
    return json.dumps({"status": status, "file": str(outcome.published), **outcome.state})


def _as_text(outcome: Outcome, project_dir: Path | None) -> str:
    state, path = outcome.state, display(outcome.published)
    built_at = f"built {datetime.fromisoformat(state['built_at']):%Y-%m-%d %H:%M}"
    if outcome.held:
        return (
            f"held at {state['version_id']} after a rollback: {path} stays as it is ({built_at}); "
            f"new inputs or `{_full_build(project_dir)}` build anew"
        )
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


def _carries(text: str, stream: TextIO) -> bool:
    """Whether the stream's encoding has all these signs."""
    try:
        text.encode(stream.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _print(text: str, stream: TextIO) -> None:
    """Prints in plain ASCII signs where the stream cannot carry the others."""
    if not _carries(text, stream):
        text = text.translate(TO_ASCII).encode(stream.encoding, "backslashreplace").decode(stream.encoding)
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except BrokenPipeError:  # nobody reads any more; nor is there anything to flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
