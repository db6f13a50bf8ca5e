"""`python -m saldo` does what `saldo` does."""

import sys

from saldo.cli import main

sys.exit(main())
