"""Errors made for people: what is wrong, where, and what to do next. Each kind has its own exit status."""

import errno
import os
import signal
from collections.abc import Sequence
from enum import IntEnum

OUT_OF_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NOT_PERMITTED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
# How the operating system words OUT_OF_SPACE inside the messages of other programs.
# DuckDB's own words, too, where its temporary files would take the last tenth of the disk.
OUT_OF_SPACE_TEXTS = [*(os.strerror(number) for number in OUT_OF_SPACE), "failed to offload data block"]
FREE_SPACE = "free space on that disk, or name a folder on another one with SALDO_WAREHOUSE=DIR"


class ExitStatus(IntEnum):
    """How a command can end; docs/reference-commands.md says which of them ends so, and when.

    One that a signal has stopped ends with 128 + the number of the signal.
    """

    DONE = 0
    FAILED = 1
    USAGE = 2  # argparse ends with it
    INPUT = 3
    LOCKED = 4
    MACHINE = 5
    NOT_ANSWERED = 6
    LATE = 7
    QUARANTINED = 8
    NOT_PUBLISHED = 9
    PENDING = 10
    NOT_REPORTED = 11


class SaldoError(Exception):
    """Ends the command with `exit_status` and a message of a few lines.

    Args:
        what: what is wrong, in one line.
        where: the file (with line and column) or the thing that it is about; empty if there is none.
        details: further lines: what was found, step by step.
        remedy: what to do next.
    """

    exit_status = ExitStatus.FAILED

    def __init__(self, what: str, *, where: str = "", details: Sequence[str] = (), remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.details = list(details)
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [f"error: {self.where}: {self.what}" if self.where else f"error: {self.what}"]
        lines += [f"  {detail}" for detail in self.details]
        return "\n".join([*lines, f"  what to do: {self.remedy}"])

    def as_dict(self) -> dict[str, object]:
        """The parts of the message, for `--json`."""
        return {"what": self.what, "where": self.where, "details": self.details, "remedy": self.remedy}


class BuildError(SaldoError):
    """A model, a test or the audit failed."""

    exit_status = ExitStatus.FAILED


class InputError(SaldoError):
    """A file of the project, or what the command was told, is missing or is not what it should be."""

    exit_status = ExitStatus.INPUT


class LockedError(SaldoError):
    """Another build holds the lock."""

    exit_status = ExitStatus.LOCKED


class MachineError(SaldoError):
    """The machine is in the way: Python, packages, disk space, permissions."""

    exit_status = ExitStatus.MACHINE


class NotPublishedError(SaldoError):
    """There is no published file, or it cannot be read."""

    exit_status = ExitStatus.NOT_PUBLISHED


class Interrupted(BaseException):
    """A signal asked the command to stop; not an Exception, so that nothing on the way swallows it."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.name = signal.Signals(signal_number).name
        self.exit_status = 128 + signal_number


def out_of_space(details: Sequence[str]) -> MachineError | None:
    """The error for a full disk, if that is what messages of dbt or DuckDB tell of."""
    if not any(text in line for line in details for text in OUT_OF_SPACE_TEXTS):
        return None
    return MachineError("the disk or a quota is full", details=details, remedy=FREE_SPACE)


def from_os_error(error: OSError) -> SaldoError:
    """Words an error of the operating system; the remedy depends on its kind."""
    where = str(error.filename or "")
    what = error.strerror or str(error)
    if error.errno in OUT_OF_SPACE:
        return MachineError(what, where=where, remedy=FREE_SPACE)
    if error.errno in NOT_PERMITTED:
        remedy = "make the folder writable for you, or name another one with SALDO_WAREHOUSE=DIR"
        return MachineError(what, where=where, remedy=remedy)
    return MachineError(what, where=where, remedy="see that the path is there and of the right kind")
