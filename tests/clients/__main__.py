"""Every client of the published file, each of its own version, asked what it sees: `make clients`.

    python -m tests.clients [--only TEXT] [--installed] [--write] [VERSION]

VERSION is the folder of a published version (`warehouse/latest`). Ends with 1 if a client does not see what
it must; what is known not to work is told and does no harm. Where there is no package index it says so in one
line and asks the installed clients only. `--write` writes the table docs/reference-clients.md.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.clients import clients, page
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
    outcomes, status = ask(asked, version)
    if options.write and not status:
        page.write(outcomes)
    return status


def ask(asked: Sequence[Client], version: Path) -> tuple[list[Outcome], int]:
    """What came out of each, and 1 if one does not see what it must."""
    right, scene = expected(version), clients.scene(version, FOLDER / "files")
    outcomes: list[Outcome] = []
    status = 0
    for number, client in enumerate(asked):
        started = time.monotonic()
        try:
            told = client.ask(scene)
        except NoPackageIndexError as error:
            names = ", ".join(each.title for each in asked[number:])
            print(NO_INDEX.format(why=error, names=names), flush=True)
            break
        except NotInstalledError as error:
            print(f"{client.title:<36} not installed: {error}", flush=True)
            outcomes.append(Outcome(client, {}, (), {}, str(error)))
            continue
        except RuntimeError as error:
            print(f"{client.title:<36} {error}", flush=True)
            status = 1
            continue
        wrong = findings(told, right)
        checks = (*told.answers, *told.errors)
        outcomes.append(Outcome(client, told.versions, checks, wrong, ""))
        known = {check for check, message in wrong.items() if limit(client.title, check, message)}
        seconds = time.monotonic() - started
        print(
            f"{client.title:<36} {len(checks) - len(wrong)} of {len(checks)} checks  {seconds:5.1f} s",
            flush=True,
        )
        for check, message in wrong.items():
            kind = "known" if check in known else "WRONG"
            print(f"    {kind} {check}: {message.splitlines()[0]}", flush=True)
        status |= bool(wrong.keys() - known)
    return outcomes, status


if __name__ == "__main__":
    sys.exit(main())
