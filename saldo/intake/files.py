"""Takes a file in: opens it safely, copies it once while hashing, and sees what kind of bytes it holds."""

import codecs
import errno
import hashlib
import os
import re
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path

from saldo.intake.reasons import Place, RefusalError

MB = 1_000_000
# Spreadsheets, JSON and Parquet files are opened whole; texts are streamed.
LARGEST = {"delimited": 512 * MB, "text": 512 * MB, "json": 64 * MB, "xls": 64 * MB, "xlsx": 64 * MB}
LARGEST_OF_ANY = 512 * MB
CHUNK = 1 << 20
# What opening a socket gives, by operating system.
SOCKET = frozenset({errno.ENXIO, errno.EOPNOTSUPP})
HEAD = 1 << 16
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
GIVE_THE_FILE = "give the path of a file"
NOT_DATA = "fetch it again; if a page comes back, the publisher is down or asks for a login"


@dataclass(frozen=True)
class Received:
    """A file as it came.

    Attributes:
        file_name: its own name, without folders, safe to print.
        suffix: lower-case ending of the name with its dot; empty if there is none that can be kept.
        path: the private copy.
        sha256, size: of the bytes.
    """

    file_name: str
    suffix: str
    path: Path
    sha256: str
    size: int


def display_name(path: str | os.PathLike[str]) -> str:
    """The last part of a path, with whatever cannot be printed or stored written out."""
    name = os.fsdecode(path).rstrip("/").rpartition("/")[2] or "/"
    safe = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in name)
    return safe if len(safe) <= 255 else f"{safe[:254]}…"


def receive(path: str | os.PathLike[str], copy: Path) -> Received:
    """Copies a file to `copy` and hashes it on the way.

    A symbolic link is refused: in a folder that others write into, it could lead to any file of this machine.

    Raises:
        RefusalError: it is no file, cannot be read, is too large, or changed meanwhile.
        OSError: the copy cannot be written.
    """
    descriptor = _open(path)
    try:
        before = os.fstat(descriptor)
        _check_kind(before)
        if before.st_size > LARGEST_OF_ANY:
            raise _too_large(before.st_size, LARGEST_OF_ANY)
        sha256, size = _copy(descriptor, copy)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if size != before.st_size or _traces(before) != _traces(after):
        raise RefusalError(
            "changed_while_read",
            "the file changed while it was read",
            remedy="ingest it when the program that writes it has ended",
        )
    name = display_name(path)
    suffix = Path(name).suffix.lower()
    return Received(name, suffix if SUFFIX.fullmatch(suffix) else "", copy, sha256, size)


def kind_of(received: Received) -> str:
    """What kind of bytes it holds: `xlsx`, `xls`, `parquet`, `json` or `text`, by content and not by name.

    Raises:
        RefusalError: empty, a web page, another encoding, compressed, or nothing that is known.
    """
    with received.path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise RefusalError("empty", "the file is empty", remedy="fetch it again")
    kind = _kind_of(head, received.path)
    limit = LARGEST.get(kind, LARGEST_OF_ANY)
    if received.size > limit:
        raise _too_large(received.size, limit)
    return kind


def _open(path: str | os.PathLike[str]) -> int:
    try:
        # Without waiting: a pipe that nobody writes into would hold the program for ever.
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError:
        raise RefusalError("bad_name", "the name holds a NUL", remedy=GIVE_THE_FILE) from None
    except FileNotFoundError:
        raise RefusalError("not_found", "there is no such file", remedy="look at the path") from None
    except OSError as error:
        if os.path.islink(path):
            message = "this is a symbolic link, which is not followed"
            raise RefusalError(
                "not_a_regular_file", message, remedy="give the file that it leads to"
            ) from None
        if error.errno == errno.ENAMETOOLONG:
            raise RefusalError("bad_name", "the name is too long", remedy="give it a shorter one") from None
        if error.errno in SOCKET:
            raise _not_regular("a socket or a pipe") from None
        message = f"it cannot be read: {error.strerror}"
        raise RefusalError("unreadable", message, remedy="look at the path and its permissions") from None


def _check_kind(status: os.stat_result) -> None:
    for is_kind, name in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if is_kind(status.st_mode):
            raise _not_regular(name)


def _not_regular(name: str) -> RefusalError:
    return RefusalError("not_a_regular_file", f"this is {name}, not a file", remedy=GIVE_THE_FILE)


def _copy(descriptor: int, copy: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with copy.open("wb") as target:
        while chunk := os.read(descriptor, CHUNK):
            digest.update(chunk)
            target.write(chunk)
            size += len(chunk)
            if size > LARGEST_OF_ANY:
                raise _too_large(size, LARGEST_OF_ANY)
    return digest.hexdigest(), size


def _traces(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _too_large(size: int, limit: int) -> RefusalError:
    return RefusalError(
        "too_large",
        f"{size / MB:.0f} MB; intake takes up to {limit / MB:.0f} MB of this kind",
        remedy="split it by years, or ask who publishes such a file what it holds",
    )


def _kind_of(head: bytes, path: Path) -> str:
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _kind_of_archive(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, name in (
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"7z\xbc\xaf", "7-Zip"),
        (b"Rar!", "RAR"),
    ):
        if head.startswith(magic):
            message = f"compressed with {name}"
            raise RefusalError("compressed", message, remedy="unpack it and ingest what is inside")
    for mark, name in (
        (codecs.BOM_UTF32_LE, "UTF-32"),
        (codecs.BOM_UTF32_BE, "UTF-32"),
        (codecs.BOM_UTF16_LE, "UTF-16"),
        (codecs.BOM_UTF16_BE, "UTF-16"),
    ):
        if head.startswith(mark):
            raise RefusalError(
                "wrong_encoding", f"the text is {name}", remedy="save it as UTF-8 and ingest that"
            )
    return _kind_of_text(head.removeprefix(codecs.BOM_UTF8))


def _kind_of_text(head: bytes) -> str:
    start = head.lstrip()
    if not start:
        raise RefusalError("empty", "nothing but blanks", remedy="fetch it again")
    if start[:1] == b"<":
        shown = start[:60].decode("utf-8", "replace")
        raise RefusalError(
            "web_page",
            "a web page or XML, not data",
            place=Place(row=1),
            found=shown,
            remedy=NOT_DATA,
        )
    if b"\0" in head:
        if head.count(b"\0") > len(head) // 50:
            message = "the text is UTF-16 without a byte order mark, or not text"
            raise RefusalError("wrong_encoding", message, remedy="save it as UTF-8 and ingest that")
        row = head.count(b"\n", 0, head.index(b"\0")) + 1
        message = "a NUL among the text"
        raise RefusalError("not_text", message, place=Place(row=row), remedy="fetch it again: it is damaged")
    return "json" if start[:1] in b"[{" else "text"


def _kind_of_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        message = f"the workbook is damaged or cut: {error}"
        raise RefusalError("damaged", message, remedy="fetch it again") from None
    if "xl/workbook.xml" in names or "[Content_Types].xml" in names:
        return "xlsx"
    message = "an archive that is no workbook"
    raise RefusalError("compressed", message, remedy="unpack it and ingest what is inside")
