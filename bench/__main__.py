"""Runs every benchmark, then prints the table: `python -m bench`, or `make bench`."""

import sys

from bench import bi, ingest, refresh, report, sqlmesh_build, warm_build

sys.exit(
    warm_build.main([])
    or sqlmesh_build.main([])
    or ingest.main([])
    or bi.main([])
    or refresh.main([])
    or report.main()
)
