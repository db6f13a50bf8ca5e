"""dbt's command line, in a process that ends as soon as the process that started it is gone.

Standard input is a pipe. A byte in it says that the databases are in their place: until then dbt is imported,
which takes seconds. It ends when the parent does, however that died, so that no dbt goes on by itself after a
`kill -9` of `saldo`.

Standard output has dbt's events as lines of JSON, but for those of level debug. dbt's own log, which
`--log-level none` turns off, would say the same, but writes each of some ten thousand debug events as JSON
before it drops them.
"""

import gc
import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt_common.events.base_types import EventMsg

# New objects, and rounds, before Python looks for unused ones. dbt keeps hundreds of thousands until it ends:
# with Python's own 700 and 10 they are looked through again and again.
COLLECTION = (100_000, 50)


def main() -> None:
    """Runs dbt with the arguments of this process; ends with 0 if all went well."""
    gc.set_threshold(*COLLECTION)
    ready = threading.Event()
    threading.Thread(target=_follow_parent, args=(ready,), daemon=True).start()
    from dbt.cli.main import dbtRunner

    ready.wait()
    result = dbtRunner(callbacks=[_tell]).invoke(sys.argv[1:])
    if result.exception:
        print(result.exception)
    sys.exit(0 if result.success else 1)


def _tell(event: "EventMsg") -> None:
    from dbt_common.events.functions import msg_to_json

    if event.info.level != "debug":
        sys.stdout.write(msg_to_json(event) + "\n")
        sys.stdout.flush()


def _follow_parent(ready: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):
        ready.set()
    os._exit(1)


if __name__ == "__main__":
    main()
