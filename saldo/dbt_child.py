"""dbt's command line, in a process that ends as soon as the process that started it is gone.

Standard input is a pipe. A byte in it says that the databases are in their place: until then dbt is imported,
which takes seconds. It ends when the parent does, however that died, so that no dbt goes on by itself after a
`kill -9` of `saldo`.
"""

import os
import sys
import threading


def main() -> None:
    """Runs dbt with the arguments of this process."""
    ready = threading.Event()
    threading.Thread(target=_follow_parent, args=(ready,), daemon=True).start()
    from dbt.cli.main import cli

    ready.wait()
    cli(prog_name="dbt")


def _follow_parent(ready: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):
        ready.set()
    os._exit(1)


if __name__ == "__main__":
    main()
