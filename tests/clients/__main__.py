"""Every client of the published file, each of its own version, asked what it sees: `make clients`.

    python -m tests.clients [--only TEXT] [--installed] [--write] [VERSION]

VERSION is the folder of a published version (`warehouse/latest`). Ends with 1 if a client does not see what
it must; what is known not to work is told and does no harm. Where there is no package index it says so in one
line and asks the installed clients only. `--write` writes the table docs/reference-clients.md.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.clients import clients, page, pictures
from tests.clients.clients import Client
from tests.clients.environments import FOLDER, NoPackageIndexError, NotInstalledError
from tests.clients.expected import expected
from tests.clients.findings import findings, limit
from tests.clients.page import Outcome
from tests.project import PROJECT

NOT_BUILT = "error: {version} is not a published version: run `make build`, or name another folder"
NO_INDEX = "no package index within reach ({why}): not asked were {names}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Asks, prints a line for each client, and returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__.splitlines()[0])
    parser.add_argument("version", nargs="?", type=Path, default=PROJECT / "warehouse" / "latest")
    parser.add_argument("--only", default="", help="clients whose name and version contain this text")
    parser.add_argument("--installed", action="store_true", help="only what needs no package index")
    parser.add_argument("--write", action="store_true", help=f"write {page.PAGE.relative_to(PROJECT)}")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many are asked at once")
    options = parser.parse_args(arguments)
    version = options.version.resolve()
    if not (version / "manifest.json").exists():
        print(NOT_BUILT.format(version=options.version), file=sys.stderr)
        return 1
    asked = clients.installed() + ([] if options.installed else clients.from_index())
    asked = [client for client in asked if options.only.lower() in client.title.lower()]
    if not asked:
        print(f"error: no client is called {options.only!r}", file=sys.stderr)
        return 1
    outcomes, status = ask(asked, version, options.jobs)
    if options.write and not status:
        page.write(outcomes)
        for line in pictures.write():
            say(line)
    return status


def ask(asked: Sequence[Client], version: Path, jobs: int) -> tuple[list[Outcome], int]:
    """What came out of each, and 1 if one does not see what it must; so many are asked at once."""
    right, scene = expected(version), clients.scene(version, FOLDER / "files")
    outcomes: list[Outcome] = []
    out_of_reach: list[str] = []
    status, why = 0, ""
    with ThreadPoolExecutor(jobs) as pool:
        answers = [pool.submit(client.ask, scene) for client in asked]
        for client, answer in zip(asked, answers, strict=True):
            try:
                told = answer.result()
            except NoPackageIndexError as error:
                out_of_reach.append(client.title)
                why = str(error)
            except NotInstalledError as error:
                say(f"{client.title:<36} not installed: {error}")
                outcomes.append(Outcome(client, {}, (), {}, str(error)))
            except RuntimeError as error:
                say(f"{client.title:<36} WRONG: {error}")
                status = 1
            else:
                outcome = Outcome(client, told.versions, told.checks, findings(told, right), "")
                outcomes.append(outcome)
                status |= tell(outcome)
    if out_of_reach:
        say(NO_INDEX.format(why=why, names=", ".join(out_of_reach)))
    return outcomes, status


def tell(outcome: Outcome) -> int:
    """Prints what came out of a client; 1 if more went wrong than what is known."""
    checks, wrong, title = outcome.checks, outcome.wrong, outcome.client.title
    say(f"{title:<36} {len(checks) - len(wrong)} of {len(checks)} checks")
    known = {check for check, message in wrong.items() if limit(title, check, message)}
    for check, message in wrong.items():
        say(f"    {'known' if check in known else 'WRONG'} {check}: {message.splitlines()[0]}")
    return int(bool(wrong.keys() - known))


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
