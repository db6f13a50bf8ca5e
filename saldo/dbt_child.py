"""dbt's command line, in a process that ends as soon as the process that started it is gone.

Standard input is a pipe on which nothing is ever sent: it ends when the parent does, however that died,
so that no dbt goes on by itself after a `kill -9` of `saldo`.
"""

import os
import sys
import threading


def main() -> None:
    """Runs dbt with the arguments of this process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from dbt.cli.main import cli

    cli(prog_name="dbt")


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    main()
