"""Reads workbooks of Excel, xlsx and xls, as grids of cells.

An xlsx file is a zip archive of XML parts. It is read with a limit on every size, without expanding entities,
and the text of a number is kept as the file has it. Formulas are never evaluated and links never followed:
what counts is the value that the workbook holds. xlrd reads xls files, which hold binary floats.
"""

import io
import re
import xml.sax
import zipfile
import zlib
from pathlib import Path
from typing import Any, Protocol
from xml.sax.handler import ContentHandler

import defusedxml
import defusedxml.sax
import xlrd

from saldo.intake.grid import Cell, Grid
from saldo.intake.reasons import Place, RefusalError

MOST_SHEETS = 100
MOST_ROWS = 200_000
MOST_COLUMNS = 2_000
MOST_CELLS = 2_000_000
MOST_PARTS = 2_000
LARGEST_PART = 256_000_000
LARGEST_TOTAL = 512_000_000
# Real workbooks stay below 30; sheets padded with empty rows reach 100.
GREATEST_RATIO = 200
SMALL_PART = 1_000_000
LONGEST_TEXT = 32_767  # Excel's own limit of a cell
FETCH_AGAIN = "fetch the workbook again"
SAVE_PLAIN = "open it where that is safe, save its values as a plain workbook, and ingest that"
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
# Formats of days and times that no workbook spells out: ECMA-376, part 1, 18.8.30, those of Asia included.
DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
# What a format shows as it stands, colours, conditions and widths; [h], [m] and [s] are times.
NO_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
BOOLEANS = {"0": "FALSE", "1": "TRUE"}


def read_xlsx(path: Path) -> list[Grid]:
    """Reads the sheets of an xlsx workbook, in their order.

    Raises:
        RefusalError: damaged, encrypted, too large, with macros, with entities.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _Workbook(archive).grids()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise _damaged(str(error)) from None
    except RuntimeError as error:  # zipfile's word for a part that is encrypted
        raise RefusalError("encrypted", str(error), remedy="save it without a password") from None


def read_xls(content: bytes) -> list[Grid]:
    """Reads the sheets of an xls workbook, in their order.

    Raises:
        RefusalError: damaged, encrypted, too large, with macros.
    """
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise RefusalError(
            "active_content", "the workbook holds macros", place=Place(sheet="VBA"), remedy=SAVE_PLAIN
        )
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise RefusalError("encrypted", "protected by a password", remedy="save it without a password")
    try:
        book = xlrd.open_workbook(
            file_contents=content, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        )
        with book:
            _check_count(book.nsheets, MOST_SHEETS, "sheets")
            return [_grid_of_xls(book.sheet_by_index(number)) for number in range(book.nsheets)]
    except RefusalError:
        raise
    except Exception as error:  # xlrd meets damaged files with whatever the damage leads to
        if "encrypted" in str(error).lower():
            raise RefusalError("encrypted", str(error), remedy="save it without a password") from None
        raise _damaged(f"{type(error).__name__}: {error}") from None


class _Readable(Protocol):
    def read(self, size: int = ...) -> bytes: ...


class _Limited(io.RawIOBase):
    """A part of the archive that must not grow beyond what its size allows, whatever its header says."""

    def __init__(self, stream: _Readable, limit: int, name: str) -> None:
        self._stream = stream
        self._left = limit
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._stream.read(len(buffer))
        self._left -= len(chunk)
        if self._left < 0:
            raise _bomb(self._name)
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._parts = {part.filename: part for part in archive.infolist()}
        self._check_parts(archive.infolist())

    def grids(self) -> list[Grid]:
        sheets = _Sheets()
        self._parse("xl/workbook.xml", sheets)
        _check_count(len(sheets.found), MOST_SHEETS, "sheets")
        links = _Relationships()
        self._parse("xl/_rels/workbook.xml.rels", links)
        strings = _SharedStrings()
        if "xl/sharedStrings.xml" in self._parts:
            self._parse("xl/sharedStrings.xml", strings)
        styles = _Styles()
        if "xl/styles.xml" in self._parts:
            self._parse("xl/styles.xml", styles)
        dates = styles.dates()
        grids = []
        for name, link in sheets.found:
            target = links.targets.get(link, "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if part not in self._parts or links.kinds[link] != "worksheet":
                continue  # a sheet that is a chart has no cells
            reader = _SheetReader(name, strings.texts, dates)
            self._parse(part, reader, name)
            grids.append(Grid(name, reader.rows))
        return grids

    def _check_parts(self, parts: list[zipfile.ZipInfo]) -> None:
        _check_count(len(parts), MOST_PARTS, "parts")
        total = 0
        for part in parts:
            name = part.filename.lower()
            total += part.file_size
            if part.flag_bits & 1:
                raise RefusalError(
                    "encrypted", "protected by a password", remedy="save it without a password"
                )
            if part.file_size > SMALL_PART and part.file_size > GREATEST_RATIO * max(part.compress_size, 1):
                raise _bomb(part.filename)
            if name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/"):
                raise RefusalError(
                    "active_content",
                    "the workbook holds macros",
                    place=Place(sheet=part.filename),
                    remedy=SAVE_PLAIN,
                )
        if total > LARGEST_TOTAL:
            raise _bomb("the whole archive")
        for part in parts:
            if part.filename.lower().startswith("xl/externallinks/") and part.filename.endswith(".xml"):
                self._check_link(part)

    def _check_link(self, part: zipfile.ZipInfo) -> None:
        finder = _DdeFinder()
        self._parse(part.filename, finder)
        if finder.found:
            raise RefusalError(
                "active_content",
                "the workbook holds a DDE or OLE link, which starts another program",
                place=Place(sheet=part.filename),
                remedy=SAVE_PLAIN,
            )

    def _parse(self, name: str, handler: ContentHandler, sheet: str = "") -> None:
        if name not in self._parts:
            raise _damaged(f"the part {name} is missing")
        part = self._parts[name]
        limit = min(LARGEST_PART, max(SMALL_PART, GREATEST_RATIO * part.compress_size))
        try:
            with self._archive.open(part) as stream:
                limited = io.BufferedReader(_Limited(stream, limit, name), 1 << 16)
                defusedxml.sax.parse(limited, handler, forbid_dtd=True)
        except defusedxml.DefusedXmlException:
            raise RefusalError(
                "xml_entities",
                "the XML of the workbook declares a document type or entities, which no real workbook does",
                place=Place(sheet=name),
                remedy="do not open it; ask the publisher for the file",
            ) from None
        except xml.sax.SAXException as error:
            raise _damaged(f"{name}: {error}") from None
        except RefusalError as refusal:
            raise refusal.on_sheet(sheet) from None


class _Sheets(ContentHandler):
    """The names of the sheets and the ids of the links to their parts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name that SAX calls
        if _local(name) == "sheet":
            link = next((attrs[key] for key in attrs.getNames() if _local(key) == "id" and ":" in key), "")
            self.found.append((attrs.get("name", ""), link))


class _Relationships(ContentHandler):
    """The targets and the kinds of links by their ids."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}
        self.kinds: dict[str, str] = {}

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        if _local(name) == "Relationship":
            self.targets[attrs.get("Id", "")] = attrs.get("Target", "")
            self.kinds[attrs.get("Id", "")] = attrs.get("Type", "").rpartition("/")[2]


class _DdeFinder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        self.found = self.found or _local(name) in {"ddeLink", "oleLink"}


class _SharedStrings(ContentHandler):
    """Texts that cells share; the runs of a formatted text are joined, phonetic hints left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._runs: list[str] | None = None
        self._phonetic = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        local = _local(name)
        if local == "si":
            self.texts.append("")
        elif local == "rPh":
            self._phonetic = True
        elif local == "t" and not self._phonetic:
            self._runs = []

    def characters(self, content: str) -> None:
        if self._runs is not None:
            self._runs.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        local = _local(name)
        if local == "rPh":
            self._phonetic = False
        elif local == "t" and self._runs is not None and self.texts:
            self.texts[-1] += "".join(self._runs)
            self._runs = None
            if len(self.texts[-1]) > LONGEST_TEXT:
                raise _too_long()


class _Styles(ContentHandler):
    """The formats of numbers: by the style of a cell its format, and what those of this workbook show."""

    def __init__(self) -> None:
        super().__init__()
        self._formats: list[str] = []
        self._shown: dict[str, str] = {}
        self._inside = ""

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        local = _local(name)
        if local in {"numFmts", "cellXfs"}:
            self._inside = local
        elif local == "numFmt" and self._inside == "numFmts":
            self._shown[attrs.get("numFmtId", "")] = attrs.get("formatCode", "")
        elif local == "xf" and self._inside == "cellXfs":
            self._formats.append(attrs.get("numFmtId", "0"))

    def endElement(self, name: str) -> None:  # noqa: N802
        if _local(name) == self._inside:
            self._inside = ""

    def dates(self) -> frozenset[str]:
        """The styles that show a number as a day or a time."""
        return frozenset(str(style) for style, number in enumerate(self._formats) if self._is_date(number))

    def _is_date(self, number: str) -> bool:
        if number in self._shown:
            first = NO_FORMAT.sub("", self._shown[number]).partition(";")[0]
            return bool(re.search("[dmyhs]", first, re.IGNORECASE))
        return number.isdecimal() and int(number) in DATE_FORMATS


class _SheetReader(ContentHandler):
    """The cells of one sheet."""

    def __init__(self, sheet: str, strings: list[str], dates: frozenset[str]) -> None:
        super().__init__()
        self.rows: dict[int, dict[int, Cell]] = {}
        self._sheet = sheet
        self._strings = strings
        self._dates = dates
        self._count = 0
        self._row = self._column = 0
        self._type = self._style = ""
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._into: list[str] | None = None

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        local = _local(name)
        if local == "row":
            self._row = _number(attrs.get("r"), self._row + 1)
            self._column = 0
            _check_count(self._row, MOST_ROWS, "rows")
        elif local == "c":
            self._start_cell(attrs)
        elif local == "v" or (local == "t" and self._type == "inlineStr"):
            self._value = self._into = self._value or []
        elif local == "f":
            self._formula = self._into = []

    def characters(self, content: str) -> None:
        if self._into is not None:
            self._into.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        local = _local(name)
        if local in {"v", "t", "f"}:
            self._into = None
        elif local == "c":
            self._end_cell()

    def _start_cell(self, attrs: Any) -> None:
        self._type, self._style = attrs.get("t", "n"), attrs.get("s", "0")
        self._value = self._formula = self._into = None
        reference = attrs.get("r")
        if reference is None:
            self._column += 1
        elif found := REFERENCE.fullmatch(reference):
            self._column = _column_number(found[1])
            self._row = int(found[2])
        else:
            raise _damaged(f"a cell has the reference «{reference[:20]}»")
        _check_count(self._row, MOST_ROWS, "rows")
        _check_count(self._column, MOST_COLUMNS, "columns")

    def _end_cell(self) -> None:
        text = "".join(self._value) if self._value is not None else ""
        if self._type == "s" and text:
            number = _number(text, -1)
            if not 0 <= number < len(self._strings):
                raise _damaged(f"a cell refers to the shared text {text[:20]}, which is not there")
            text = self._strings[number]
        elif self._type == "b":
            text = BOOLEANS.get(text.strip(), text)
        elif self._type == "n" and text.strip() and self._style in self._dates:
            self._type, text = "d", f"(a date, {text})"
        if len(text) > LONGEST_TEXT:
            raise _too_long()
        if not text.strip() and self._formula is None:
            return
        self._count += 1
        _check_count(self._count, MOST_CELLS, "cells")
        cells = self.rows.setdefault(self._row, {})
        if self._column in cells:
            raise _damaged(f"row {self._row} has column {self._column} twice")
        cells[self._column] = Cell(
            text=text,
            native=self._type == "n",
            formula=self._formula is not None,
            # A formula may give a blank text; a blank for a number is one that was never calculated.
            missing=self._formula is not None
            and (self._value is None or (self._type != "str" and not text.strip())),
            external="[" in "".join(self._formula or ()),
        )


def _grid_of_xls(sheet: Any) -> Grid:
    _check_count(sheet.nrows, MOST_ROWS, "rows")
    rows: dict[int, dict[int, Cell]] = {}
    count = 0
    for number in range(sheet.nrows):
        cells: dict[int, Cell] = {}
        for column, cell in enumerate(sheet.row(number), start=1):
            if cell.ctype == xlrd.XL_CELL_NUMBER:
                cells[column] = Cell(repr(cell.value).removesuffix(".0"), native=True)
            elif cell.ctype == xlrd.XL_CELL_TEXT and cell.value.strip():
                cells[column] = Cell(cell.value)
            elif cell.ctype == xlrd.XL_CELL_DATE:
                cells[column] = Cell(f"(a date, {cell.value!r})")
            elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                cells[column] = Cell("TRUE" if cell.value else "FALSE")
            elif cell.ctype == xlrd.XL_CELL_ERROR:
                cells[column] = Cell(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
        if cells:
            rows[number + 1] = cells
            count += len(cells)
            _check_count(count, MOST_CELLS, "cells")
    return Grid(sheet.name, rows)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _damaged(f"«{text[:20]}» is not a number of a row or a text")
    return int(text)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _check_count(count: int, most: int, what: str) -> None:
    if count > most:
        message = f"more than {most} {what}"
        raise RefusalError("too_large", message, remedy="keep the sheets and rows that hold the release")


def _too_long() -> RefusalError:
    message = f"a cell with more than {LONGEST_TEXT} characters"
    return RefusalError("too_large", message, remedy=FETCH_AGAIN)


def _bomb(name: str) -> RefusalError:
    return RefusalError(
        "decompression_bomb",
        "expands to far more than a workbook of its size holds",
        place=Place(sheet=name),
        remedy="do not open it; ask the publisher for the file",
    )


def _damaged(what: str) -> RefusalError:
    return RefusalError("damaged", f"the workbook is damaged or cut: {what}", remedy=FETCH_AGAIN)
