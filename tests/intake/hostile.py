"""Makes broken and hostile files from the real ones, each with the reason for which it must be refused.

`python tests/intake/hostile.py FOLDER` writes them all, to look at or to feed to another program.
"""

import csv
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from saldo.intake.schema import ROWS

DATA = Path(__file__).parent / "data"
EXAMPLES = Path(__file__).parents[2] / "examples" / "releases"

SDG = "sdg_1-2-1_v02_2020-12-19_c3e8d258c.csv"
UNEMPLOYMENT = "sdg_8-5-2_v02_2021-01-28_f8efe41fd.csv"
BALANCE = "bns_csv_6567_migration_balance_first_rows.csv"
POPULATION = "bns_csv_6584_population_extract.csv"
INCOME = "bns_csv_19298_income_extract.csv"
QUARTERS = "bns_csv_102790_unemployment_extract.csv"
INTERNAL = "internal_migration_by_region_2022.csv"
DERIVED = "taldau_income_per_capita_by_region_derived.csv"
KAZDATA = "kazdata_migration_balance_by_region.json"
TALDAU = "taldau_701189_agriculture_output_2026-08-31.json"
WORKBOOK = "bns_population_by_region_2000_2023.xlsx"
OLD_WORKBOOK = "bns_socioeconomic_indicators_1991_2016.xls"
SDMX = "external_migration_2025_2026-03-13.csv"
PUBLISHED = {"published_on": date(2026, 9, 30)}
SHEET = "xl/worksheets/sheet1.xml"
BREAKDOWN_CODES = ("specialty_code", "sex_code", "residence_code", "age_code", "partner_code")


@dataclass(frozen=True)
class Case:
    """A file, the options that it is ingested with, and the reason and place that must be given.

    Attributes:
        name: what was done to it.
        file_name: what it is called; a layout may read the name.
        content: its bytes.
        reason: the code.
        place: parts of the place.
        found: what the reason must quote.
        says: what its message or its remedy must hold.
    """

    name: str
    file_name: str
    content: bytes
    reason: str
    place: dict[str, Any] = field(default_factory=dict)
    found: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    says: str = ""


def read(name: str) -> bytes:
    """The bytes of a real file."""
    folder = EXAMPLES if (EXAMPLES / name).is_file() else DATA
    return (folder / name).read_bytes()


def all_cases() -> Iterator[Case]:
    """Every case."""
    yield from truncated()
    yield from encodings()
    yield from containers()
    yield from headers()
    yield from records()
    yield from labels_and_codes()
    yield from figures()
    yield from periods()
    yield from without_parts()
    yield from keys_and_totals()
    yield from options()
    yield from sdmx()
    yield from trees()
    yield from workbooks()
    yield from old_workbooks()
    yield from parquet()
    yield from known_files()


# --- text ------------------------------------------------------------------------------------------------


def edit(
    name: str, row: int, change: Callable[[list[str]], list[str]], *, file_name: str = "", **case: Any
) -> Case:
    """A delimited file with one row changed; rows count from 1."""
    text = read(name).decode("utf-8")
    sign, quoted = ("\t", True) if name.startswith("bns_csv") else (",", False)
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    fields = lines[row - 1].rstrip("\r\n").split(sign)
    bare = [item.strip('"') for item in fields] if quoted else fields
    changed = change(bare)
    lines[row - 1] = sign.join(f'"{item}"' for item in changed) if quoted else sign.join(changed)
    lines[row - 1] += end
    title, content = case.pop("title"), "".join(lines).encode()
    return Case(title, file_name or name, content, **{"place": {"row": row}, **case})


def put(column: int, text: str) -> Callable[[list[str]], list[str]]:
    """Puts a text into a column, from 1."""
    return lambda fields: [*fields[: column - 1], text, *fields[column:]]


def truncated() -> Iterator[Case]:
    """Cut at many points."""
    options = PUBLISHED
    for name in (SDG, BALANCE, INTERNAL, INCOME, QUARTERS):
        content = read(name)
        header = content.find(b"\n")
        for share in (0.2, 0.5, 0.8, 0.97):
            cut = header + int((len(content) - header) * share)
            while content[cut - 1 : cut] == b"\n" or content[cut - 1] >= 0x80:
                cut += 1
            row = content.count(b"\n", 0, cut) + 1
            title = f"{name} cut after {share:.0%}"
            yield Case(title, name, content[:cut], "truncated", {"row": row}, options=options)
        yield Case(f"{name} cut before its last line end", name, content[:-1], "truncated", options=options)
    content = read(SDG)
    yield Case("cut inside the header", SDG, content[:20], "truncated", {"row": 1})
    for row in (40, 120, 190):
        lines = content.splitlines(keepends=True)
        title = f"cut between rows, after row {row}"
        yield Case(title, SDG, b"".join(lines[:row]), "incomplete")
    lines = read(BALANCE).splitlines(keepends=True)
    yield Case("country rows cut", BALANCE, b"".join(lines[:30]), "incomplete", options=options)
    lines = read(INTERNAL).splitlines(keepends=True)
    content = b"".join(lines[:-3])
    yield Case("three regions missing", INTERNAL, content, "incomplete", options=options)
    content = read(BALANCE)[:-5].rstrip(b'"') + b"\n"
    yield Case("a quote never closed", BALANCE, content, "truncated", options=options)


def encodings() -> Iterator[Case]:
    """Other encodings, and bytes that no encoding has."""
    text = read(BALANCE).decode("utf-8-sig")
    options = PUBLISHED
    for encoding in ("utf-16", "utf-16-le", "utf-32"):
        yield Case(encoding, BALANCE, text.encode(encoding), "wrong_encoding", options=options)
    for encoding in ("cp1251", "koi8-r"):
        content = text.encode(encoding, "replace")
        yield Case(encoding, BALANCE, content, "wrong_encoding", options=options)
    content = read(SDG)
    cut = content.index(b"2013")
    row = content.count(b"\n", 0, cut) + 1
    for title, bad in (
        ("a stray byte", b"\xff"),
        ("half a surrogate", b"\xed\xa0\x80"),
        ("overlong", b"\xc0\xaf"),
    ):
        yield Case(title, SDG, content[:cut] + bad + content[cut:], "wrong_encoding", {"row": row})
    yield Case(
        "a stray byte in the header",
        SDMX,
        read(SDMX).replace(b"FREQ", b"FR\xffEQ"),
        "wrong_encoding",
        {"row": 1},
    )
    yield Case("a NUL in the text", SDG, content[:cut] + b"\0" + content[cut:], "not_text", {"row": row})
    yield Case("NULs only", "zeros.csv", bytes(1000), "wrong_encoding")
    twice = read(BALANCE).decode("utf-8").encode("utf-8").decode("latin-1").encode("utf-8")
    yield Case("encoded twice", BALANCE, twice, "no_layout", options=options)
    yield Case("random bytes", "noise.csv", bytes(range(1, 256)) * 20, "wrong_encoding")


def containers() -> Iterator[Case]:
    """Files that are something else than their name says."""
    yield Case("empty", SDG, b"", "empty")
    yield Case("a byte order mark only", SDG, b"\xef\xbb\xbf", "empty")
    yield Case("blank lines only", SDG, b"\n \n\t\n", "empty")
    yield Case("header only", SDG, read(SDG).splitlines(keepends=True)[0], "empty")
    page = "<!DOCTYPE html>\n<html><body>Технические работы</body></html>\n".encode()
    for name in (BALANCE, KAZDATA, WORKBOOK, OLD_WORKBOOK):
        yield Case(f"a web page as {Path(name).suffix}", name, page, "web_page", {"row": 1})
    yield Case("a page after blank lines", BALANCE, b"\n\n  " + page, "web_page")
    yield Case("XML", BALANCE, b'<?xml version="1.0"?><error/>', "web_page")
    yield Case("gzip", "data.csv", b"\x1f\x8b\x08" + bytes(50), "compressed")
    yield Case("zstd", "data.csv", b"\x28\xb5\x2f\xfd" + bytes(50), "compressed")
    yield Case("an archive that is no workbook", "data.xlsx", archive({"data.csv": read(SDG)}), "compressed")
    yield Case(
        "an archive with a path out of it", "a.zip", archive({"../../etc/cron.d/x": b"x"}), "compressed"
    )
    yield Case("a PDF", "data.csv", b"%PDF-1.7\n1 0 obj\nendobj\n", "no_layout")
    yield Case("a login answer", "data.json", b'{"error": "unauthorized"}', "no_layout")
    yield Case("a program", "data.xls", b"MZ\x90\0\3\0\0\0" + bytes(100), "wrong_encoding")


def headers() -> Iterator[Case]:
    """Delimiters and headers that are not quite those of a layout."""
    text = read(SDG).decode()
    for sign, name in ((";", "semicolon"), ("\t", "tab"), ("|", "bar")):
        yield Case(
            f"set apart by a {name}", SDG, text.replace(",", sign).encode(), "wrong_delimiter", {"row": 1}
        )
    other = read(BALANCE).decode("utf-8-sig").replace("\t", ",").encode()
    yield Case("tabs made commas", BALANCE, other, "wrong_delimiter", options=PUBLISHED)
    header, _, rest = text.partition("\n")
    for title, changed, column in (
        ("a column renamed", header.replace("SEX", "GENDER"), 4),
        ("a column missing", header.replace("SEX,", ""), 4),
        ("a column more", f"{header},NOTE", 7),
        ("two columns swapped in the header", header.replace("URBANISATION,SEX", "SEX,URBANISATION"), 3),
        ("a Cyrillic letter in the header", header.replace("SEX", "SЕX"), 4),
        ("a blank in the header", header.replace("SEX", "SEX "), 4),
    ):
        content = f"{changed}\n{rest}".encode()
        yield Case(title, SDG, content, "header_differs", {"row": 1, "column": column})
    content = read(BALANCE).replace("(Человек)".encode(), "(Тысяча человек)".encode())
    said = {"says": "the unit is «Тысяча человек»", "options": PUBLISHED}
    place = {"row": 2, "column": 1}
    yield Case("thousands in the name of the indicator", BALANCE, content, "wrong_unit", place, **said)
    name = "Сальдо миграции по всем потокам(Тысяча человек)"
    yield edit(BALANCE, 9, put(1, name), title="thousands in one row", reason="wrong_unit", **said)
    for table in (BALANCE, POPULATION, INCOME, QUARTERS):
        header = read(table).splitlines(keepends=True)[0]
        yield Case(f"header of {table} only", table, header, "empty", options=PUBLISHED)
    swap = read(POPULATION).decode().replace('"СП"\t"LСП"', '"LСП"\t"СП"', 1).encode()
    place = {"row": 1, "column": 8}
    says = {"says": "nearly the header of bns_csv_6584", "options": PUBLISHED}
    yield Case("two columns of population swapped", POPULATION, swap, "header_differs", place, **says)
    content = read(BALANCE).replace("Сальдо миграции".encode(), "Число родившихся".encode())
    yield Case("the export of another indicator", BALANCE, content, "no_layout", options=PUBLISHED)
    yield Case(
        "100 000 columns", "wide.csv", b",".join(b"%d" % n for n in range(100_000)) + b"\n1\n", "no_layout"
    )


def records() -> Iterator[Case]:
    """Rows that are not as wide as the header, and quotes."""
    ragged = {"reason": "ragged_row"}
    yield edit(SDG, 50, lambda fields: fields[:-1], title="a field missing", **ragged)
    yield edit(SDG, 51, lambda fields: [*fields, "1"], title="a field too many", **ragged)
    yield edit(SDG, 52, lambda _: [""], title="a blank line", **ragged)
    yield edit(
        DERIVED, 9, lambda fields: fields[:2], title="a field missing, CRLF", options=PUBLISHED, **ragged
    )
    yield edit(SDG, 60, put(6, '"4.4'), title="a quote opened in the last field", reason="truncated")
    yield edit(SDG, 61, put(5, '"KZ"AKM'), title="a quote inside of quotes", reason="bad_quote")
    yield edit(SDG, 62, put(6, '"4"".""4"'), title="nested quotes", reason="not_a_number", found='4"."4')
    lines = read(SDG).splitlines(keepends=True)
    before, _, last = lines[-1].rpartition(b",")
    quote = b"".join([*lines[:-1], before, b',"', last])
    yield Case("a quote never closed", SDG, quote, "truncated", {"row": len(lines)})
    yield edit(SDG, 63, put(5, "K" * 20_000), title="a gigantic field", reason="too_large")
    yield edit(
        SDG, 64, put(5, '"' + "K\n" * 9_000 + '"'), title="a gigantic quoted field", reason="too_large"
    )


def labels_and_codes() -> Iterator[Case]:
    """Territories and codes that are not known."""
    unknown, alike = "unknown_label", "look_alike_label"
    yield edit(
        SDG, 30, put(5, "KZAKX"), title="an unknown area", reason=unknown, place={"row": 30, "column": 5}
    )
    yield edit(SDG, 30, put(5, "KZАKM"), title="a Cyrillic A in an area code", reason=alike, found="KZАKM")
    yield edit(SDG, 30, put(5, "kzakm"), title="an area code in small letters", reason=alike)
    yield edit(SDG, 30, put(5, "KZAKM\u200b"), title="a zero-width space", reason=alike)
    balance = {"options": PUBLISHED}
    for title, label, reason in (
        ("a Latin T in Алматы", "Г.АЛМАTЫ", alike),
        ("small letters", "г.алматы", alike),
        ("a blank after Г.", "Г. АЛМАТЫ", alike),
        ("a district that was a region", "ЖАМБЫЛСКИЙ ОБЛАСТЬ", unknown),
        ("a town", "АЛМАТЫ", unknown),
        ("a total without a name", "Всего", unknown),
        ("nothing", "", unknown),
        ("a look-alike of Жетісу", "ОБЛАСТЬ ЖЕТIСУ", alike),
    ):
        yield edit(BALANCE, 80, put(4, label), title=title, reason=reason, found=label, **balance)
    for title, label in (("a formula", "=HYPERLINK(A1)"), ("an at sign", "@SUM(1+1)")):
        yield edit(
            BALANCE, 80, put(4, label), title=f"{title} as a label", reason="formula_in_text", **balance
        )
    yield edit(BALANCE, 111, put(6, "Город"), title="another word for town", reason="unknown_code", **balance)
    yield edit(
        BALANCE,
        111,
        put(10, "Оба пола"),
        title="another word for both sexes",
        reason="unknown_code",
        **balance,
    )
    yield edit(BALANCE, 80, put(8, "15-24"), title="an age group", reason="constant_differs", **balance)
    yield edit(
        BALANCE,
        80,
        put(1, "Численность"),
        title="another indicator in one row",
        reason="constant_differs",
        **balance,
    )
    yield edit(UNEMPLOYMENT, 90, put(6, "Y25T29"), title="an age that is not declared", reason="unknown_code")
    yield edit(UNEMPLOYMENT, 90, put(5, "T"), title="a sex that is not declared", reason="unknown_code")
    yield edit(INTERNAL, 5, put(2, "January"), title="a month", reason="constant_differs", options=PUBLISHED)
    swapped = b"".join(
        b",".join([f[0], f[1], f[3], f[2], f[4], f[5]])
        for f in (line.split(b",") for line in read(SDG).splitlines(keepends=True))
    ).replace(b"SEX,URBANISATION", b"URBANISATION,SEX", 1)
    yield Case("two columns swapped below the header", SDG, swapped, "unknown_code", {"row": 3})


def figures() -> Iterator[Case]:
    """Figures that are not numbers, or not numbers of this layout."""
    for text in (
        "4,4", "1 234", "4.", ".4", "04.4", "+4.4", "--4.4", "4.4-", "4..4", "4.4.4", "1e1", "0x4", "4_4",
        "4.4%",
        "٤.٤", "４.４", "4.4\u00a0", " 4.4", "l.4", "O.4", "4.4*", "½4", "4" * 30,
    ):  # fmt: skip
        shown = text[:8]
        yield edit(
            SDG,
            40,
            put(6, f'"{text}"'),
            title=f"«{shown}»",
            reason="not_a_number",
            found=text[:60],
            place={"row": 40, "column": 6},
        )
    for text in ("", "-", "–", "…", "...", "x", "н/д", "NA", "NaN", "Infinity", "null", "∞"):
        yield edit(
            SDG,
            41,
            put(6, text),
            title=f"mark «{text}»",
            reason="unknown_mark",
            place={"row": 41, "column": 6},
        )
    for text in ("=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+cmd|x", "-cmd|x"):
        yield edit(
            SDG,
            42,
            put(6, text),
            title=f"formula «{text}»",
            reason="formula_in_text",
            place={"row": 42, "column": 6},
        )
    yield edit(SDG, 43, put(6, "4.44"), title="two decimals", reason="too_many_decimals", place={"row": 43})
    yield edit(SDG, 43, put(6, "4.4444444"), title="seven decimals", reason="too_many_decimals")
    for text in ("1\u00a02345", "12\u00a034", "1\u00a0234 567", "\u00a01234", "1,234", "1'234"):
        yield edit(
            BALANCE, 20, put(12, text), title=f"grouping {text!r}", reason="not_a_number", options=PUBLISHED
        )
    # The bureau's files declare «-», «…», «...», «x» and «х», each alone and as it is.
    for name, row, column in ((BALANCE, 20, 12), (INCOME, 5, 6), (QUARTERS, 5, 14), (INTERNAL, 5, 3)):
        for text in ("- 5", "x5", "5x", "…5", "5 …", "х5"):
            yield edit(
                name, row, put(column, text), title=f"«{text}» in {name}", reason="not_a_number", found=text,
                place={"row": row, "column": column}, options=PUBLISHED,
            )  # fmt: skip
        for text in ("—", "–", "..", "....", "……", "X", "--", "- -", "xx", " x", "…\u00a0", "н/д"):
            yield edit(
                name, row, put(column, text), title=f"«{text}» in {name}", reason="unknown_mark", found=text,
                place={"row": row, "column": column}, options=PUBLISHED,
            )  # fmt: skip
    # One bit of a digit turns 0-9 into p-y, or into other signs.
    for name, row, column in ((SDG, 77, 6), (BALANCE, 33, 12), (INTERNAL, 7, 4), (UNEMPLOYMENT, 500, 7)):
        for bit in (0x40, 0x80, 0x20):
            changed = flip(name, row, column, bit)
            reason = "wrong_encoding" if bit == 0x80 else "not_a_number"
            title = f"bit {bit:#x} of a digit in {name}"
            yield Case(title, name, changed, reason, {"row": row}, options=PUBLISHED if name != SDG else {})


def flip(name: str, row: int, column: int, bit: int) -> bytes:
    """The file with one bit of the first digit of a cell turned over."""
    content = bytearray(read(name))
    start = 0
    for _ in range(row - 1):
        start = content.index(b"\n", start) + 1
    sign = b"\t" if name.startswith("bns_csv") else b","
    for _ in range(column - 1):
        start = content.index(sign, start) + 1
    while not chr(content[start]).isdigit():
        start += 1
    content[start] ^= bit
    return bytes(content)


def periods() -> Iterator[Case]:
    """Periods that cannot be read, contradict each other, or cannot be."""
    options = PUBLISHED
    for text in ("2017", "2017год", "2017  год", "17 год", "год", "2017-2018 год", "I квартал 2017 г.", ""):
        yield edit(
            BALANCE,
            2,
            put(2, text),
            title=f"period «{text}»",
            reason="period_unreadable",
            options=options,
            place={"row": 2, "column": 2},
        )
    yield edit(
        BALANCE,
        2,
        put(3, "201612"),
        title="another year beside",
        reason="period_conflict",
        options=options,
        place={"row": 2, "column": 3},
    )
    yield edit(
        BALANCE, 2, put(3, "201706"), title="half a year beside", reason="period_conflict", options=options
    )
    yield edit(
        QUARTERS,
        3,
        put(3, "202306"),
        title="another quarter beside",
        reason="period_conflict",
        options=options,
    )
    yield edit(
        INCOME,
        5,
        lambda fields: put(3, "202503")(put(2, "1 квартал 2025 г.")(fields)),
        title="a quarter where years are declared",
        reason="period_unreadable",
        options=options,
        place={"row": 5, "column": 3},
        says="«DAT» says «1 квартал 2025 г.», «PERIOD» says «202503», which is not a period as the layout",
    )
    yield edit(
        BALANCE, 2, put(3, "2017 12"), title="a blank in the period beside", reason="period_unreadable",
        options=options,
    )  # fmt: skip
    yield edit(SDG, 20, put(1, "2099"), title="a year to come", reason="period_after_publication")
    yield edit(SDG, 20, put(1, "1850"), title="a year before statistics", reason="period_out_of_range")
    yield edit(SDG, 20, put(1, "0000"), title="the year 0", reason="period_unreadable")
    yield edit(SDG, 20, put(1, "20l0"), title="a letter in a year", reason="period_unreadable")
    late = {"published_on": date(2024, 6, 30)}
    yield Case(
        "published before its last period", BALANCE, read(BALANCE), "period_after_publication", options=late
    )
    yield edit(
        DERIVED,
        3,
        put(2, "2016-06-30"),
        title="not the last day of a year",
        reason="period_unreadable",
        options=options,
    )
    year = "internal_migration_by_region_total.csv"
    yield Case("no year in the name", year, read(INTERNAL), "period_unreadable", options=options)


TITLE = "Численность населения на начало периода(Человек)"
SEXES = {"Всего": 1_000_000, "Мужчины": 480_000, "Женщины": 520_000}


def whole_population(kept: Callable[[str, int, str], bool] = lambda label, year, sex: True) -> list[bytes]:
    """The lines of a made-up element 6584: a million in each of today's regions, by sex, and their totals.

    Args:
        kept: whether a territory, year and sex gets its line.
    """
    with (DATA.parents[2] / "seeds/reference/region_label.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["label_set"] == "bns_upper"]
    labels = {row["region_code"]: row["label"] for row in rows if row["region_code"] != "51"}
    lines = read(POPULATION).splitlines(keepends=True)[:1]
    for code, label in sorted(labels.items()):
        for year in (2023, 2024, 2025):
            for sex, people in SEXES.items():
                value = people * (len(labels) - 1 if code == "00" else 1)
                fields = (
                    TITLE,
                    f"{year} год",
                    f"{year}12",
                    label,
                    0,
                    "Всего",
                    0,
                    sex,
                    0,
                    "Все группы",
                    0,
                    value,
                )
                if kept(label, year, sex):
                    lines.append(("\t".join(f'"{field}"' for field in fields) + "\n").encode())
    return lines


AKMOLA = "АКМОЛИНСКАЯ ОБЛАСТЬ"


def without_parts() -> Iterator[Case]:
    """Files cut between two lines, whose totals have parts that are not there."""
    whole = whole_population()
    body = len(whole) * 63 // 100
    by_year = [whole[0], *sorted(whole[1:], key=lambda line: line.split(b"\t")[1])]
    regions_of_2025 = by_year[: 1 + 2 * (len(whole) // 3) + 12]
    for title, lines, missing in (
        ("Akmola missing", whole_population(lambda label, year, sex: label != AKMOLA), AKMOLA),
        (
            "the women of Akmola missing",
            whole_population(lambda label, year, sex: (label, sex) != (AKMOLA, "Женщины")),
            AKMOLA,
        ),
        (
            "Akmola missing in one year",
            whole_population(lambda label, year, sex: (label, year) != (AKMOLA, 2024)),
            AKMOLA,
        ),
        ("cut after 63 % of its lines", whole[:body], "Г.АЛМАТЫ"),
        ("the last year cut after three regions", regions_of_2025, "Г.АЛМАТЫ"),
    ):
        yield Case(title, POPULATION, b"".join(lines), "incomplete", options=PUBLISHED, says=missing)


def keys_and_totals() -> Iterator[Case]:
    """Figures that stand twice, have another size, or do not add up."""
    lines = read(SDG).splitlines(keepends=True)
    for row in (2, 100, len(lines)):
        content = b"".join([*lines, lines[row - 1]])
        place = {"row": len(lines) + 1, "column": 6}
        yield Case(f"row {row} again at the end", SDG, content, "duplicate_key", place)
    yield Case(
        "every row twice", SDG, b"".join([*lines, *lines[1:]]), "duplicate_key", {"row": len(lines) + 1}
    )
    content = read("sdg_1-2-1_v04_2022-02-01_81d77d0c4.csv")
    place = {"row": 222, "column": 6}
    yield Case(
        "the year 2019 twice, 4.3 and 5.3",
        "sdg_1-2-1_v04_2022-02-01_81d77d0c4.csv",
        content,
        "duplicate_key",
        place,
        "5.3",
    )
    options = PUBLISHED
    lines = read(BALANCE).splitlines(keepends=True)
    yield Case(
        "a row twice, quoted", BALANCE, b"".join([*lines, lines[10]]), "duplicate_key", options=options
    )
    thousands = scaled(SDG, 6, lambda value: value / 100, "{:.2f}")
    yield Case("shares instead of per cent", SDG, thousands, "too_many_decimals", says="shares for per cent")
    shares = scaled(UNEMPLOYMENT, 7, lambda value: value / 100, "{:.2f}")
    yield Case(
        "shares of unemployment", UNEMPLOYMENT, shares, "too_many_decimals", says="shares for per cent"
    )
    yield Case(
        "shares of one decimal", SDG, scaled(SDG, 6, lambda value: value / 100, "{:.1f}"), "wrong_scale"
    )
    for name, column in ((BALANCE, 12), (POPULATION, 12), (INCOME, 6), (DERIVED, 3), (INTERNAL, 3)):
        content = scaled(name, column, lambda value: value / 1000, "{:.0f}")
        yield Case(f"thousands in {name}", name, content, "wrong_scale", options=options)
    yield Case(
        "thousands with decimals",
        BALANCE,
        scaled(BALANCE, 12, lambda value: value / 1000, "{:.3f}"),
        "not_a_number",
        options=options,
    )
    yield edit(
        INTERNAL,
        5,
        put(3, "80"),
        title="one figure in thousands",
        reason="wrong_scale",
        options=options,
        place={"row": 5, "column": 3},
    )
    yield edit(
        INCOME,
        5,
        put(6, "12\u00a0385\u00a0000"),
        title="tiyn instead of tenge",
        reason="wrong_scale",
        options=options,
    )
    yield edit(UNEMPLOYMENT, 700, put(7, "510.0"), title="a decimal point lost", reason="wrong_scale")
    yield edit(
        BALANCE,
        2,
        put(12, "24\u00a0867"),
        title="two digits swapped in a part",
        reason="total_mismatch",
        options=options,
        place={"row": 53},
    )
    yield edit(
        POPULATION,
        2,
        put(12, "17\u00a0918\u00a0215"),
        title="a total off by one",
        reason="total_mismatch",
        options=options,
        place={"row": 2, "column": 12},
    )
    yield edit(
        INTERNAL,
        5,
        put(5, "899"),
        title="arrivals less departures",
        reason="total_mismatch",
        options=options,
        place={"row": 5, "column": 5},
    )
    shifted = edit(
        INTERNAL, 5, lambda fields: [*fields[:2], "80065", "79166", "899"], title="", reason=""
    ).content
    yield Case("regions that do not sum to nothing", INTERNAL, shifted, "total_mismatch", options=options)
    yield edit(
        SDG, 30, put(2, "PS"), title="one row in persons", reason="wrong_unit", place={"row": 30, "column": 2}
    )
    content = read(SDG).replace(b",PT,", b",PN,")
    yield Case("another unit throughout", SDG, content, "wrong_unit", {"row": 2, "column": 2})
    yield edit(
        BALANCE,
        80,
        put(4, "ЮЖНО-КАЗАХСТАНСКАЯ ОБЛАСТЬ"),
        title="a region after its end",
        reason="region_not_valid",
        options=options,
    )
    yield edit(
        INCOME,
        27,
        put(4, "ТУРКЕСТАНСКАЯ ОБЛАСТЬ"),
        title="a region before its beginning",
        reason="region_not_valid",
        options=options,
    )
    yield edit(SDG, 200, put(5, "KZONT"), title="a back-cast of the past", reason="region_not_valid")


def scaled(name: str, column: int, change: Callable[[Decimal], Decimal], shown: str) -> bytes:
    """The file with every figure of a column changed."""
    sign, quote = ("\t", '"') if name.startswith("bns_csv") else (",", "")
    header, *rows = read(name).decode("utf-8").splitlines()
    for number, row in enumerate(rows):
        fields = row.split(sign)
        value = Decimal(fields[column - 1].strip('"').replace("\u00a0", ""))
        fields[column - 1] = f"{quote}{shown.format(change(value))}{quote}"
        rows[number] = sign.join(fields)
    return ("\n".join([header, *rows]) + "\n").encode()


def table_1() -> bytes:
    """Three regions of a table like Table 1 of the article."""
    seed = Path(__file__).parents[2] / "seeds" / "published" / "article_table_1.csv"
    lines = seed.read_text(encoding="utf-8").splitlines()[1:5]
    return "".join(f"{line.partition(',')[2]}\n" for line in lines).encode()


def options() -> Iterator[Case]:
    """What neither the file nor the options say, or say differently."""
    yield Case("no day of publication", BALANCE, read(BALANCE), "published_on_missing")
    yield Case("a day to come", SDG.replace("2020-12-19", "2062-12-19"), read(SDG), "published_on_to_come")
    yield Case("not a day in the name", SDG.replace("12-19", "13-45"), read(SDG), "published_on_missing")
    yield Case(
        "another day than the file's",
        OLD_WORKBOOK,
        read(OLD_WORKBOOK),
        "published_on_conflict",
        options=PUBLISHED,
    )
    yield Case(
        "another day than the JSON's", KAZDATA, read(KAZDATA), "published_on_conflict", options=PUBLISHED
    )
    for table, reason in (
        ("table_1_2024.csv", "published_on_missing"),
        ("table_1_2025-10-31.csv", "period_unreadable"),
        ("2024_2025-10-31.csv", "period_unreadable"),
        ("table_1_1850_2025-10-31.csv", "period_out_of_range"),
        ("table_1_1999_2025-10-31.csv", "period_unreadable"),
        ("table_1_2030_2025-10-31.csv", "period_after_publication"),
    ):
        yield Case(f"a table named {table}", table, table_1(), reason)
    wrong = {"indicator": "agriculture"}
    yield Case("an indicator that is none", SDG, read(SDG), "unknown_indicator", options=wrong)
    other = {"indicator": "population"}
    yield Case("another indicator than the file's", SDG, read(SDG), "indicator_conflict", options=other)
    plain = "taldau_2026-08-31.json"
    yield Case("an index without an indicator", plain, read(TALDAU), "indicator_missing")
    income = {"indicator": "nominal_income_per_capita"}
    yield Case("agriculture as income", plain, read(TALDAU), "wrong_scale", options=income)
    named = TALDAU.replace("701189", "704447")
    yield Case("agriculture under the index of incomes", named, read(TALDAU), "wrong_scale")
    yield Case("an option against the name", named, read(TALDAU), "indicator_conflict", options=other)
    fits = {"layout": "sdg_8_5_2"}
    yield Case("a layout that does not fit", SDG, read(SDG), "layout_does_not_fit", options=fits)
    taken = {"release_id": "article_2025_5"}
    yield Case("the id of the article", SDG, read(SDG), "release_id_taken", options=taken)


def with_names_beside(text: str) -> str:
    """A message as labels=name gives it: a column of names after the structure and after each component."""
    header, *rows = [line.split(",") for line in text.splitlines()]
    titles = [*header[:2], "STRUCTURE_NAME", header[2]]
    titles += [part for title in header[3:] for part in (title, f"Name of {title}")]
    lines = [titles]
    for row in rows:
        values = [part for value in row[3:] for part in (value, "A name: of a code")]
        lines.append([*row[:2], "External migration", row[2], *values])
    return "".join(f"{','.join(line)}\n" for line in lines)


def with_names_in_one_text(text: str, components: Sequence[str]) -> str:
    """A message as labels=both gives it: names in the titles of these components and below."""
    header, *rows = [line.split(",") for line in text.splitlines()]
    lines = [[f"{title}: Name of {title}" if title in components else title for title in header]]
    for row in rows:
        named = zip(header, row, strict=True)
        lines.append(
            [
                f"{value}: a name: of a code" if title in components and title != "OBS_VALUE" else value
                for title, value in named
            ]
        )
    return "".join(f"{','.join(line)}\n" for line in lines)


def sdmx() -> Iterator[Case]:
    """SDMX-CSV that is not what it should be."""
    name = SDMX
    yield edit(
        name,
        3,
        put(3, "D"),
        title="an action that deletes",
        reason="constant_differs",
        place={"row": 3, "column": 3},
        says="a deletion is no release; to take back a release that has landed, see `saldo withdraw`",
    )
    yield edit(name, 3, put(1, "metadataflow"), title="metadata", reason="constant_differs")
    yield edit(
        name,
        3,
        put(5, "gdp"),
        title="an indicator that is none",
        reason="unknown_indicator",
        place={"row": 3, "column": 5},
    )
    yield edit(
        name, 3, put(6, "RU"), title="another country", reason="unknown_label", place={"row": 3, "column": 6}
    )
    yield edit(name, 3, put(7, "2025-13"), title="a month that is none", reason="period_unreadable")
    yield edit(name, 3, put(7, "2025-W01"), title="a week", reason="period_unreadable")
    for frequency, period in (
        *(("Q", "2025"), ("M", "2025"), ("S", "2025"), ("D", "2025"), ("A", "2025-Q1"), ("A", "2025-03")),
        *(("A", "2025-03-31"), ("M", "2025-Q1"), ("Q", "2025-S1"), ("S", "2025-Q1"), ("D", "2025-03")),
        *(("Q", "2025-03"), ("M", "2025-03-31"), ("_O", "2025"), ("A", "2024-01-01/P2Y")),
    ):
        yield edit(
            name,
            3,
            lambda fields, said=(frequency, period): put(4, said[0])(put(7, said[1])(fields)),  # type: ignore[misc]
            title=f"the frequency {frequency} of {period}",
            reason="period_conflict",
            place={"row": 3, "column": 4, "column_label": "FREQ"},
            found=frequency,
        )
    for title, frequency in (("weekly", "W"), ("a frequency in words", "annual"), ("no frequency", "")):
        place = {"row": 3, "column": 4}
        yield edit(name, 3, put(4, frequency), title=title, reason="unknown_code", place=place)
    yield edit(name, 3, put(8, ""), title="no figure, status A", reason="status_conflict")
    yield edit(name, 3, put(9, "Q"), title="a figure, status suppressed", reason="status_conflict")
    yield edit(name, 3, put(9, "ZZ"), title="a status that is none", reason="unknown_code")
    yield edit(
        name, 3, put(10, "KZT"), title="another unit", reason="wrong_unit", place={"row": 3, "column": 10}
    )
    yield edit(name, 3, put(11, "3"), title="multiplied by a thousand", reason="wrong_scale")
    yield edit(name, 3, put(11, "-3"), title="a negative power of ten", reason="unknown_code")
    yield edit(name, 3, put(12, "x"), title="decimals that are no number", reason="unknown_code")
    yield edit(
        name,
        4,
        put(8, "16154"),
        title="flows and balance",
        reason="total_mismatch",
        place={"row": 4, "column": 8},
    )
    yield edit(
        name,
        1,
        put(6, "TERRITORY"),
        title="an unknown dimension",
        reason="header_differs",
        place={"row": 1, "column": 6},
    )
    yield edit(name, 1, put(6, "FREQ"), title="a dimension twice", reason="header_differs")
    yield edit(
        name, 3, put(6, "KZ: Kazakhstan"), title="a name under a title without one", reason="unknown_label"
    )
    both = ("INDICATOR", "REF_AREA", "OBS_VALUE")
    for title, row, change, reason in (
        ("another country and the name of this one", 3, put(6, "RU: Kazakhstan"), "unknown_label"),
        ("a name and no code", 3, put(6, ": Kazakhstan"), "unknown_label"),
        ("a figure and a name", 3, put(8, "7608: persons"), "not_a_number"),
        ("a component twice, once with a name", 1, put(4, "REF_AREA"), "header_differs"),
        ("a component that is none, with a name", 1, put(4, "GDP: Product"), "header_differs"),
    ):
        lines = with_names_in_one_text(read(name).decode(), both).splitlines()
        lines[row - 1] = ",".join(change(lines[row - 1].split(",")))
        yield Case(title, name, "\n".join([*lines, ""]).encode(), reason, {"row": row})
    for title, keep in (
        ("STRUCTURE_NAME and no names", lambda header, number: not header[number].startswith("Name of")),
        ("a name missing", lambda header, number: header[number] != "Name of REF_AREA"),
        ("a code missing", lambda header, number: header[number] != "REF_AREA"),
    ):
        lines = [line.split(",") for line in with_names_beside(read(name).decode()).splitlines()]
        kept = [[text for number, text in enumerate(line) if keep(lines[0], number)] for line in lines]
        content = "".join(f"{','.join(line)}\n" for line in kept).encode()
        yield Case(title, name, content, "header_differs", {"row": 1})
    text = (
        read(name)
        .decode()
        .replace("OBS_VALUE,", "")
        .replace(",23761", "")
        .replace(",7608", "")
        .replace(",16153", "")
    )
    yield Case("no column of figures", name, text.encode(), "header_differs", {"row": 1})


# --- JSON ------------------------------------------------------------------------------------------------


def trees() -> Iterator[Case]:
    """JSON of another shape."""
    root = json.loads(read(KAZDATA))

    def changed(title: str, reason: str, change: Callable[[dict[str, Any]], object], **case: Any) -> Case:
        copy = json.loads(read(KAZDATA))
        change(copy)
        return Case(title, KAZDATA, json.dumps(copy, ensure_ascii=False).encode(), reason, **case)

    content = read(KAZDATA)
    for share in (0.1, 0.4, 0.7, 0.99):
        yield Case(f"JSON cut after {share:.0%}", KAZDATA, content[: int(len(content) * share)], "truncated")
    yield Case("nested 100 000 deep", "deep.json", b"[" * 100_000 + b"]" * 100_000, "too_large")
    yield Case("objects nested deep", "deep.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too_large")
    yield Case("not JSON", "a.json", b"{values: 1}", "damaged", {"row": 1})
    yield Case("two values", "a.json", content + content, "damaged")
    yield Case("a list", KAZDATA, json.dumps([root]).encode(), "no_layout")
    yield Case("a number", "a.json", b"[1]", "no_layout")
    yield Case("an empty list", "a.json", b"[]", "empty")
    yield Case("an empty answer", "taldau_704447_2026-08-31.json", b"[]\n", "empty")
    yield Case("an empty object", "a.json", b"{}", "empty")
    yield Case("NaN", KAZDATA, content.replace(b"-7141.0", b"NaN"), "not_a_number")
    yield Case("a key twice", KAZDATA, content.replace(b'"110000000"', b'"100000000"', 1), "duplicate_key")
    yield Case("JSON in UTF-16", KAZDATA, content.decode().encode("utf-16"), "wrong_encoding")
    yield Case("a stray byte in JSON", KAZDATA, content.replace(b"-7141.0", b"-71\xff41.0"), "wrong_encoding")
    year = {"row_label": "2023", "column_label": "100000000"}
    for title, value, reason in (
        ("a text", "-7141", "not_a_number"),
        ("null", None, "not_a_number"),
        ("true", True, "not_a_number"),
        ("a list", [1], "not_a_number"),
        ("half a person", -7141.5, "too_many_decimals"),
    ):
        yield changed(
            f"{title} as a figure",
            reason,
            lambda tree, v=value: tree["values"]["2023"].update({"100000000": v}),
            place=year,
        )
    yield changed("another unit", "no_layout", lambda tree: tree.update(unit="тыс. человек"))
    yield changed("another indicator", "no_layout", lambda tree: tree.update(indicator="births"))
    yield changed("figures that were derived", "no_layout", lambda tree: tree.update(derived=True))
    yield changed("no figures", "no_layout", lambda tree: tree.pop("values"))
    yield changed("figures that are a list", "wrong_shape", lambda tree: tree.update(values=[1]))
    yield changed("a year missing", "incomplete", lambda tree: tree["values"].pop("2024"))
    yield changed("a region missing", "incomplete", lambda tree: tree["values"]["2023"].pop("750000000"))
    yield changed(
        "a district", "unknown_label", lambda tree: tree["values"]["2023"].update({"751110000": 5.0})
    )
    yield changed("a key that is not declared", "wrong_shape", lambda tree: tree.update(comment="x"))
    yield changed(
        "a day that is none", "published_on_missing", lambda tree: tree.update(source_updated_at="soon")
    )
    taldau = json.loads(read(TALDAU))[0]
    name, income = "taldau_704447_2026-08-31.json", {"y122020": "116126", "y122021": "131404"}
    fields = {key: value for key, value in taldau.items() if not re.match(r"y?12\d{4}", key)}

    def records(**change: Any) -> bytes:
        return json.dumps([{**fields, **income, **change}]).encode()

    yield Case("a number where texts are", name, records(y122020=116126), "not_a_number")
    yield Case("an unknown territory", name, records(text="АЛМАТЫ"), "unknown_label")
    yield Case("a key that no layout knows", name, records(y022020="1"), "wrong_shape")
    yield Case("an error beside the figures", name, records(measureName="млн"), "no_layout")
    yield Case("a figure with a comma", name, records(y122020="116126,5"), "not_a_number")
    yield Case("a long dash", name, records(y122020="—"), "unknown_mark")


# --- workbooks -------------------------------------------------------------------------------------------


def archive(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as target:
        for name, content in parts.items():
            target.writestr(zipfile.ZipInfo(name), content, compression)
    return buffer.getvalue()


def parts_of(name: str) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(read(name))) as source:
        return {part: source.read(part) for part in source.namelist()}


def rebuilt(change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The population workbook with changed parts."""
    parts = parts_of(WORKBOOK)
    change(parts)
    return archive(parts)


def in_sheet(old: str, new: str) -> bytes:
    """The population workbook with a text of its first sheet replaced, which must be there."""

    def change(parts: dict[str, bytes]) -> None:
        if old.encode() not in parts[SHEET]:
            raise ValueError(old)
        parts[SHEET] = parts[SHEET].replace(old.encode(), new.encode(), 1)

    return rebuilt(change)


def with_format(cell: str, number: int) -> bytes:
    """The population workbook with 40299 in place of a cell, in a format of numbers."""

    def change(parts: dict[str, bytes]) -> None:
        styles = parts["xl/styles.xml"].decode()
        (formats,) = re.findall(r"<numFmts.*?</numFmts>", styles, re.DOTALL) or [""]
        declared = '<numFmts count="1"><numFmt numFmtId="999" formatCode="[$-419]D\\ MMMM;@"/></numFmts>'
        styles = styles.replace(formats, "") if formats else styles
        head, inside, rest = re.split(r"(<cellXfs[^>]*>)", styles, maxsplit=1)
        inside += f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        parts["xl/styles.xml"] = (
            re.sub(r"(<fonts)", declared + r"\1", head, count=1) + inside + rest
        ).encode()
        sheet = parts[SHEET].replace(cell.encode(), b'<c r="B2" s="0"><v>40299</v></c>', 1)
        if sheet == parts[SHEET]:
            raise ValueError(cell)
        parts[SHEET] = sheet

    return rebuilt(change)


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
DDE = (
    b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>'
)


def workbooks() -> Iterator[Case]:
    """xlsx workbooks that are damaged, too large, or want to do something."""
    name, options = WORKBOOK, {"published_on": date(2023, 7, 21)}

    def case(title: str, content: bytes, reason: str, **case: Any) -> Case:
        return Case(title, name, content, reason, options=options, **case)

    content = read(name)
    for share in (0.02, 0.3, 0.6, 0.9, 0.999):
        yield case(f"xlsx cut after {share:.1%}", content[: int(len(content) * share)], "damaged")
    middle = len(content) // 2
    yield case("noise inside of a part", content[:middle] + bytes(2000) + content[middle + 2000 :], "damaged")
    bomb = b"<x>" + b" " * 60_000_000 + b"</x>"
    yield case(
        "a part of 60 MB in 60 kB",
        rebuilt(lambda parts: parts.update({SHEET: bomb})),
        "decompression_bomb",
        place={"sheet": SHEET},
    )
    many = {f"xl/media/{number}.png": b"" for number in range(3_000)}
    yield case("3 000 parts", rebuilt(lambda parts: parts.update(many)), "too_large")
    for title, xml in (("entities", ENTITIES), ("an entity from outside", OUTSIDE)):
        for part in ("xl/workbook.xml", SHEET, "xl/sharedStrings.xml"):
            yield case(
                f"{title} in {part}",
                rebuilt(lambda parts, p=part, x=xml: parts.update({p: x})),
                "xml_entities",
                place={"sheet": part},
            )
    yield case("macros", rebuilt(lambda parts: parts.update({"xl/vbaProject.bin": b"x"})), "active_content")
    yield case(
        "Excel 4 macros",
        rebuilt(lambda parts: parts.update({"xl/macrosheets/sheet1.xml": b"<x/>"})),
        "active_content",
    )
    yield case(
        "a DDE link",
        rebuilt(lambda parts: parts.update({"xl/externalLinks/externalLink1.xml": DDE})),
        "active_content",
    )
    yield case("part not XML", rebuilt(lambda parts: parts.update({SHEET: b"PNG"})), "damaged")
    yield case("sheet missing", rebuilt(lambda parts: parts.pop(SHEET)), "no_layout")
    yield case("list of sheets missing", rebuilt(lambda parts: parts.pop("xl/workbook.xml")), "damaged")
    outside = "../../../../etc/passwd"
    yield case(
        "a sheet that leads out of the archive",
        rebuilt(
            lambda parts: parts.update(
                {
                    "xl/_rels/workbook.xml.rels": parts["xl/_rels/workbook.xml.rels"].replace(
                        b"worksheets/sheet1.xml", outside.encode()
                    )
                }
            )
        ),
        "no_layout",
    )
    yield case(
        "sheet renamed",
        rebuilt(
            lambda parts: parts.update(
                {
                    "xl/workbook.xml": parts["xl/workbook.xml"].replace(
                        "Мужчины".encode(), "Мужчины 2".encode()
                    )
                }
            )
        ),
        "no_layout",
    )
    yield case(
        "header missing",
        in_sheet('<c r="B1" s="4"><v>2000</v></c>', '<c r="B1" t="inlineStr"><is><t>год</t></is></c>'),
        "no_layout",
    )
    first = '<c r="B2" s="17"><v>14901641</v></c>'
    place = {"sheet": "Все население", "row": 2, "column": 2}
    for title, new, reason in (
        ("a formula without a value", '<c r="B2"><f>SUM(B3:B22)</f></c>', "formula_without_value"),
        ("another workbook", '<c r="B2"><f>[1]Sheet1!A1</f><v>14901641</v></c>', "external_link"),
        ("a formula never calculated", '<c r="B2"><f>1+1</f><v></v></c>', "formula_without_value"),
        ("true", '<c r="B2" t="b"><v>1</v></c>', "unknown_mark"),
        ("a web service", '<c r="B2"><f>WEBSERVICE("http://x")</f></c>', "formula_without_value"),
        ("a total off by one", '<c r="B2"><v>14901642</v></c>', "total_mismatch"),
        ("a figure in thousands", '<c r="B2"><v>14901.641</v></c>', "too_many_decimals"),
        ("a figure a thousand times too small", '<c r="B2"><v>14901</v></c>', "wrong_scale"),
        ("an error", '<c r="B2" t="e"><v>#REF!</v></c>', "unknown_mark"),
        ("a letter in a number", '<c r="B2"><v>149O1641</v></c>', "not_a_number"),
        ("infinity", '<c r="B2"><v>INF</v></c>', "not_a_number"),
        ("a number beyond all bounds", '<c r="B2"><v>1E300</v></c>', "not_a_number"),
        ("a long float", '<c r="B2"><v>14901641.1234567</v></c>', "too_many_decimals"),
        ("a text with commas", '<c r="B2" t="inlineStr"><is><t>14,901,641</t></is></c>', "not_a_number"),
        ("a long dash", '<c r="B2" t="inlineStr"><is><t>—</t></is></c>', "unknown_mark"),
        ("a blank", '<c r="B2"/>', "unknown_mark"),
    ):  # fmt: skip
        yield case(title, in_sheet(first, new), reason, place=place)
    for title, shown in (("a day", 14), ("a day as this workbook shows it", 999)):
        yield case(title, with_format(first, shown), "not_a_number", place=place, found="(a date, 40299)")
    yield case(
        "a cell beside the table",
        in_sheet(first, first + '<c r="AC2"><v>5</v></c>'),
        "wrong_shape",
        place={"row": 2, "column": 29},
    )
    yield case("a cell twice", in_sheet(first, first + first), "damaged")
    yield case("a cell in row 9 000 000", in_sheet(first, '<c r="B9000000"><v>1</v></c>'), "too_large")
    yield case("a cell in column ZZZ", in_sheet(first, '<c r="ZZZ2"><v>1</v></c>'), "too_large")
    yield case("a cell nowhere", in_sheet(first, '<c r="2B"><v>1</v></c>'), "damaged")
    yield case("a shared text that is not there", in_sheet('t="s"><v>0</v>', 't="s"><v>99999</v>'), "damaged")
    yield case("a shared text before the first", in_sheet('t="s"><v>0</v>', 't="s"><v>-1</v>'), "damaged")
    long = f'<c r="B2" t="inlineStr"><is><t>{"x" * 40_000}</t></is></c>'
    yield case("a cell of 40 000 letters", in_sheet(first, long), "too_large")

    def relabel(old: str, new: str) -> bytes:
        strings = "xl/sharedStrings.xml"
        if old.encode() not in parts_of(WORKBOOK)[strings]:
            raise ValueError(old)
        return rebuilt(
            lambda parts: parts.update({strings: parts[strings].replace(old.encode(), new.encode())})
        )

    yield case("an unknown region", relabel("Костанайская", "Костанай"), "unknown_label", place={"row": 12})
    yield case(
        "a Latin letter in a region",
        relabel("Костанайская", "Kостанайская"),
        "look_alike_label",
        place={"row": 12},
    )
    yield case("another footnote", relabel("> 1</t>", "> 2</t>"), "unknown_label", place={"row": 17})
    yield case(
        "two regions of one name", relabel("Костанайская", "Павлодарская"), "duplicate_key", place={"row": 15}
    )
    yield case(
        "thousands in the unit",
        relabel("человек, на начало года", "тыс. человек, на начало года"),
        "wrong_unit",
    )
    yield case(
        "a new section",
        relabel("Городское население", "Трудовое население"),
        "unknown_label",
        place={"sheet": "Мужчины", "row": 29},
    )


def old_workbooks() -> Iterator[Case]:
    """xls workbooks that are damaged or changed; the bytes of a text are those of UTF-16."""
    name = OLD_WORKBOOK
    content = read(name)
    for share in (0.01, 0.1, 0.5, 0.9):
        yield Case(f"xls cut after {share:.0%}", name, content[: int(len(content) * share)], "damaged")
    yield Case("header of an xls only", name, content[:8] + bytes(504), "damaged")
    yield Case("macros in an xls", name, content + "_VBA_PROJECT".encode("utf-16-le"), "active_content")

    def changed(old: str, new: str) -> bytes:
        encoding = "utf-16-le"
        if old.encode(encoding) not in content or len(old) != len(new):
            raise ValueError(old)
        return content.replace(old.encode(encoding), new.encode(encoding))

    place = {"sheet": "динамика 1991-2016 (рус)"}
    old, new = "Сальдо миграции по всем потокам", "Сальдо миграции по всем потоком"
    yield Case("a declared row renamed", name, changed(old, new), "incomplete", place)
    old, new = "Основные социально-экономические", "Главные- социально-экономические"
    yield Case("the title changed", name, changed(old, new), "wrong_unit", place)
    yield Case("a sheet renamed", name, changed("динамика 1991-2016", "динамика 1991/2016"), "no_layout")
    day = changed("дата актуализации 29.11.2017", "дата актуализации 29.31.2017")
    yield Case("a day that is none", name, day, "published_on_missing")
    ascii_old, ascii_new = b"5,115)", b"5,1x5)"
    yield Case(
        "a footnote that is none",
        name,
        content.replace(ascii_old, ascii_new),
        "not_a_number",
        {"row": 70, "column": 27},
    )
    yield Case(
        "a footnote that is not declared",
        name,
        content.replace(ascii_old, b"5,116)"),
        "not_a_number",
        {"row": 70, "column": 27},
    )
    yield Case(
        "no decimals before a footnote",
        name,
        content.replace(ascii_old, b"51115)"),
        "not_a_number",
        {"row": 70, "column": 27},
    )


# --- Parquet ---------------------------------------------------------------------------------------------


def canonical_table() -> pa.Table:
    """Two canonical rows: the balance of external migration, 2023 and 2024."""
    rows = [
        {
            "table_name": "t",
            "row_no": number,
            "column_no": 1,
            "source_ref": "f, row 1",
            "cell_kind": "fact",
            "indicator_code": "external_balance",
            "source_series": "bns_6567_external",
            "label_set": "iso_3166_2",
            "region_label": "KZ",
            **dict.fromkeys(BREAKDOWN_CODES, "_T"),
            "period_start": date(year, 1, 1),
            "period_end": date(year + 1, 1, 1),
            "printed_text": str(value),
            "value": Decimal(value),
            "decimals": 0,
            "obs_status": "A",
            "unit_code": "PS",
        }
        for number, (year, value) in enumerate(((2023, 9293), (2024, 16550)), start=1)
    ]
    return pa.Table.from_pylist(rows, schema=ROWS)


def as_parquet(table: pa.Table) -> bytes:
    """A Parquet file of a table."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def parquet() -> Iterator[Case]:
    """Parquet of another schema, or with rows that cannot be."""
    good, name = canonical_table(), "canonical.parquet"

    def case(title: str, table: pa.Table, reason: str, **case: Any) -> Case:
        return Case(title, name, as_parquet(table), reason, options=PUBLISHED, **case)

    def put_column(column: str, values: list[Any], **place: Any) -> pa.Table:
        position = ROWS.get_field_index(column)
        return good.set_column(position, ROWS.field(column), pa.array(values, ROWS.field(column).type))

    content = as_parquet(good)
    for share in (0.3, 0.7, 0.99):
        yield Case(
            f"Parquet cut after {share:.0%}",
            name,
            content[: int(len(content) * share)],
            "damaged",
            options=PUBLISHED,
        )
    yield Case(
        "a Parquet mark and noise",
        name,
        b"PAR1" + bytes(range(256)) * 4 + b"PAR1",
        "damaged",
        options=PUBLISHED,
    )
    yield case("a column missing", good.drop_columns(["unit_code"]), "wrong_shape")
    yield case("a column more", good.append_column("note", pa.array(["", ""])), "wrong_shape")
    yield case(
        "columns in another order",
        good.select(list(reversed(good.column_names))),
        "wrong_shape",
        place={"column": 1},
    )
    floats = good.set_column(17, "value", pa.array([1.5, 2.5]))
    yield case("floats for decimals", floats, "wrong_shape", place={"column": 18})
    yield case("no rows", good.slice(0, 0), "empty")
    for column, values, reason in (
        ("region_label", ["KZ", "KZ-99"], "unknown_label"),
        ("indicator_code", ["external_balance", "gdp"], "unknown_indicator"),
        ("source_series", ["bns_6567_external", "bns_6584"], "unknown_series"),
        ("unit_code", ["PS", "KZT"], "wrong_unit"),
        ("sex_code", ["_T", "X"], "unknown_code"),
        ("age_code", ["_T", "old"], "unknown_code"),
        ("specialty_code", ["_T", "magic"], "unknown_code"),
        ("cell_kind", ["fact", "guess"], "unknown_code"),
        ("obs_status", ["A", "?"], "unknown_code"),
        ("obs_status", ["A", "Q"], "status_conflict"),
        ("value", [Decimal(9293), None], "status_conflict"),
        ("value", [Decimal("9293.5"), Decimal(16550)], "wrong_shape"),
        ("value", [Decimal(9293), Decimal(16550000)], "wrong_scale"),
        ("decimals", [0, None], "wrong_shape"),
        ("decimals", [0, 3], "too_many_decimals"),
        ("label_set", ["iso_3166_2", "sdg"], "wrong_shape"),
        ("printed_text", ["9293", None], "wrong_shape"),
        ("printed_text", ["9293", "999"], "printed_differs"),
        ("printed_text", ["9293", "-16550"], "printed_differs"),
        ("printed_text", ["9293", "16\u00a0550,6"], "printed_differs"),
        ("row_no", [1, -5], "wrong_shape"),
        ("row_no", [1, 0], "wrong_shape"),
        ("column_no", [1, -1], "wrong_shape"),
        ("period_start", [date(2023, 1, 1), date(2023, 3, 7)], "period_conflict"),
        ("period_start", [date(2023, 1, 1), date(2023, 3, 1)], "period_conflict"),
        ("period_end", [date(2024, 1, 1), date(2024, 1, 2)], "period_conflict"),
        ("period_end", [date(2024, 1, 1), date(2024, 10, 1)], "period_conflict"),
        ("period_end", [date(2024, 1, 1), date(2024, 1, 1)], "wrong_shape"),
        ("period_start", [date(2023, 1, 1), date(1800, 1, 1)], "period_out_of_range"),
        ("period_end", [date(2024, 1, 1), date(2027, 1, 1)], "period_after_publication"),
    ):  # fmt: skip
        yield case(f"{column} {values[-1]}", put_column(column, values), reason)
    people = put_column("indicator_code", ["population"] * 2).to_pylist()
    stocks = [{**row, "source_series": "bns_6584", "printed_text": "20000000"} for row in people]
    of_a_year = [{**row, "value": Decimal(20_000_000)} for row in stocks]
    place = {"row": 1}
    yield case(
        "a stock of a year", pa.Table.from_pylist(of_a_year, schema=ROWS), "period_conflict", place=place
    )
    without = [{**row, "value": None, "decimals": None, "obs_status": "Q"} for row in good.to_pylist()]
    yield case("a number printed and no value", pa.Table.from_pylist(without, schema=ROWS), "printed_differs")
    yield case("a row twice", pa.concat_tables([good, good]), "duplicate_key", place={"row": 3})


def known_files() -> Iterator[Case]:
    """Real files that are known and never enter."""
    yield Case(
        "decent work",
        "bns_decent_work_indicators.xlsx",
        read("bns_decent_work_indicators.xlsx"),
        "other_definition",
    )
    yield Case(
        "press figures",
        "news_external_migration_figures.csv",
        read("news_external_migration_figures.csv"),
        "not_a_release",
    )
    yield Case("translations", "sdg_ref_area_en.yml", read("sdg_ref_area_en.yml"), "not_a_release")
    yield Case("agriculture", TALDAU, read(TALDAU), "indicator_not_declared")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for number, each in enumerate(all_cases(), start=1):
        path = folder / f"{number:03d}_{each.reason}" / each.file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.content)
