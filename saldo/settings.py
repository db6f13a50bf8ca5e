"""Limits on what is kept, set in the environment; `--help` of the command says what each is for."""

import os
import re

from saldo.errors import InputError

KEEP_VERSIONS = ("SALDO_KEEP_VERSIONS", 5)
KEEP_ORIGINALS_MB = ("SALDO_KEEP_ORIGINALS_MB", 10_000)
# Parquet of ten million observations takes as long as building them.
PARQUET_MAX_ROWS = ("SALDO_PARQUET_MAX_ROWS", 2_000_000)
# Read by profiles.yml, which has the same default.
MEMORY_LIMIT_MB = ("SALDO_MEMORY_LIMIT_MB", 3_000)


DUCKDB, SPARK = "duckdb", "spark"
TARGETS = (DUCKDB, SPARK)


def read_target() -> str:
    """SALDO_TARGET: the target of profiles.yml that builds use, `duckdb` if it is not set.

    Raises:
        InputError: it is set to something else.
    """
    target = os.environ.get("SALDO_TARGET", "").strip() or DUCKDB
    if target not in TARGETS:
        remedy = f"set {' or '.join(TARGETS)}, or unset it"
        raise InputError(f"«{target}» is no target of a build", where="SALDO_TARGET", remedy=remedy)
    return target


def check_limits() -> None:
    """Raises InputError if a setting of a build is wrong: before it starts rather than at its end."""
    for setting in (KEEP_VERSIONS, PARQUET_MAX_ROWS, MEMORY_LIMIT_MB):
        read_limit(setting)


def read_limit(setting: tuple[str, int]) -> int:
    """The value of a setting, a whole number from 1 upwards; its default if it is not set.

    Raises:
        InputError: it is set to something else.
    """
    name, default = setting
    text = os.environ.get(name, "").strip() or str(default)
    if not re.fullmatch(r"0*[1-9][0-9]*", text):
        remedy = f"set a whole number from 1 upwards, such as {name}={default}, or unset it"
        raise InputError(f"«{text}» is not a whole number from 1 upwards", where=name, remedy=remedy)
    return int(text)
