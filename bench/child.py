"""Runs a command and writes what it used into a file, for `bench.measure`.

    python bench/child.py FILE COMMAND [ARGUMENT ...]

A process has the peak memory of the one that starts it, for Linux counts what was there before `exec`, and a
benchmark that has compared a hundred million rows has gigabytes of it. This one has some 10 MB.
"""

import json
import os
import subprocess
import sys
import time

clock = time.perf_counter()
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
# Not Popen.wait: only wait4 tells the resources of this child and of its own children alone.
_, status, usage = os.wait4(child.pid, 0)
used = {
    "seconds": time.perf_counter() - clock,
    "exit_status": os.waitstatus_to_exitcode(status),
    "peak": usage.ru_maxrss,
    "cpu_seconds": usage.ru_utime + usage.ru_stime,
}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(used, file)
