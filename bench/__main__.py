"""Runs every benchmark, then prints the table: `python -m bench`, or `make bench`."""

import sys

from bench import report, warm_build

sys.exit(warm_build.main([]) or report.main())
