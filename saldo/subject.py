"""What `saldo explain` is asked about: a region, a claim, a figure or a printed total."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from saldo.errors import InputError

BREAKDOWNS = ("specialty_code", "sex_code", "residence_code", "age_code", "partner_code")
DIMENSIONS = ("indicator_code", "region_code", *BREAKDOWNS)
KEY = (*DIMENSIONS, "period_start", "period_end")
TOTAL = "_T"
# The balance of a region stands in several tables; who asks for one of them asks for all.
BALANCES = ("migration_balance", "migration_balance_by_specialty")
MOST_LISTED = 20
NEAREST = 5

KIND_WORDS = {"region", "oblast", "province", "city", "область", "облысы", "қаласы", "г.", "г", "город"}
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
# First day and the day after the last, a first day, a quarter, a year.
PERIOD = re.compile(
    r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)|(\d{4}-\d\d-\d\d)|(\d{4})-?q([1-4])|((?:19|20)\d\d)"
)


@dataclass(frozen=True)
class Subject:
    """One thing that can be explained.

    Attributes:
        kind: `region`, `claim`, `figure` or `total`.
        key: of its row: region_code; claim_id; the columns of KEY; release_id and source_ref.
        words: what `saldo explain` is told to mean this one alone.
        name: for a reader, where the words are a code.
    """

    kind: str
    key: tuple[Any, ...]
    words: str
    name: str = ""


def find_subject(connection: duckdb.DuckDBPyConnection, words: Sequence[str]) -> Subject:
    """The one thing that the words mean.

    Args:
        connection: to the published file.
        words: a region (code or name in English, Russian or Kazakh), a claim_id, a value, or an indicator
            with region, breakdown and period in any order.

    Raises:
        InputError: they mean nothing in this file, or several things; the details are the nearest names, or
            the words for each of the things.
    """
    said = " ".join(words)
    names = _Names(connection)
    found = (
        _claims(connection, said)
        or _regions(names, said)
        or _by_words(connection, names, said)
        or _by_value(connection, said)
    )
    if len(found) == 1:
        return found[0]
    if found:
        listed = [f"saldo explain {each.words}  {each.name}".rstrip() for each in found[:MOST_LISTED]]
        more = len(found) - len(listed)
        raise InputError(
            f"«{said}» means {len(found)} things",
            where="explain",
            details=[*listed, *([f"and {more} more"] if more else [])],
            remedy="ask for one of them; an indicator, a region, a breakdown or a year more makes it clear",
        )
    raise InputError(
        f"«{said}» is no region, claim or figure of the published file",
        where="explain",
        details=[f"near it: {name}" for name in names.near(connection, said)],
        remedy="ask for a region, a claim_id of analysis.claim_check, a value, or indicator, region and year",
    )


class _Names:
    """The codes and names of the file, each leading to the columns and codes that it stands for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._meant: dict[str, set[tuple[str, str]]] = {}
        self._bare: dict[str, set[tuple[str, str]]] = {}
        self.region: dict[str, str] = {}
        self.shown: list[str] = []
        regions = "select region_code, iso_code, kato_code, name_en, name_ru, name_kk from core.dim_region"
        for code, *others in _fetch(connection, regions):
            self._add("region_code", code, others)
            self.region[code] = others[2]
            for name in others[2:]:
                bare = " ".join(word for word in _plain(name).split() if word not in KIND_WORDS)
                self._bare.setdefault(bare, set()).add(("region_code", code))
        for column, table in (("indicator_code", "dim_indicator"), ("specialty_code", "dim_specialty")):
            query = f"select {column}, name_en, name_ru, name_kk from core.{table} order by 1"  # noqa: S608
            for code, *others in _fetch(connection, query):
                self._add(column, code, others)
        for column in BREAKDOWNS[1:]:
            query = f"select distinct {column} from core.fct_observation where {column} <> '{TOTAL}'"  # noqa: S608
            for (code,) in _fetch(connection, query):
                self._add(column, code, [])

    def _add(self, column: str, code: str, names: Iterable[str | None]) -> None:
        for name in (code, *names):
            if name:
                self._meant.setdefault(_plain(name), set()).add((column, code))
                self.shown.append(name)

    def meant(self, phrase: str) -> set[tuple[str, str]]:
        """Columns and codes; a whole name goes before one without «region» or «city»."""
        return self._meant.get(phrase) or self._bare.get(phrase, set())

    def near(self, connection: duckdb.DuckDBPyConnection, said: str) -> list[str]:
        claims = [claim for (claim,) in _fetch(connection, "select claim_id from analysis.claim_check")]
        by_name = {_plain(name): name for name in (*self.shown, *claims)}
        by_name |= {bare: by_name.get(bare, bare) for bare in self._bare}
        return [by_name[name] for name in difflib.get_close_matches(_plain(said), by_name, NEAREST, 0.6)]


def _claims(connection: duckdb.DuckDBPyConnection, said: str) -> list[Subject]:
    query = "select claim_id from analysis.claim_check where claim_id = ?"
    return [Subject("claim", (claim,), claim) for (claim,) in _fetch(connection, query, [_plain(said)])]


def _regions(names: _Names, said: str) -> list[Subject]:
    meant = sorted(names.meant(_plain(said)))
    if not meant or {column for column, _ in meant} != {"region_code"}:
        return []
    return [Subject("region", (code,), code, names.region[code]) for _, code in meant]


def _by_words(connection: duckdb.DuckDBPyConnection, names: _Names, said: str) -> list[Subject]:
    """The figures that an indicator, or another code, with the rest of the words leaves."""
    wanted, period = _read(names, _plain(said).split())
    if not wanted:
        return []
    for table, kind in (("fct_observation", "figure"), ("fct_control_total", "total")):
        found = _figures(connection, table, wanted)
        found = _narrowed(found, wanted, period)
        if found:
            return [_subject(kind, each) for each in found]
    return []


def _read(names: _Names, words: list[str]) -> tuple[dict[str, set[str]], re.Match[str] | None]:
    """Codes by column, and the period; no codes if a word means nothing."""
    wanted: dict[str, set[str]] = {}
    period = None
    start = 0
    while start < len(words):
        for end in range(len(words), start, -1):
            phrase = " ".join(words[start:end])
            if meant := names.meant(phrase):
                for column, code in meant:
                    wanted.setdefault(column, set()).add(code)
                break
            if match := _period(phrase):
                period = match
                break
        else:
            return {}, None
        start = end
    return wanted, period


def _period(phrase: str) -> re.Match[str] | None:
    match = PERIOD.fullmatch(phrase)
    try:
        for day in match.groups()[:3] if match else ():
            date.fromisoformat(day or "2000-01-01")
    except ValueError:
        return None
    return match


def _figures(
    connection: duckdb.DuckDBPyConnection, table: str, wanted: Mapping[str, set[str]]
) -> list[dict[str, Any]]:
    conditions = [f"{column} in ({', '.join('?' * len(codes))})" for column, codes in wanted.items()]
    query = f"""
        select {", ".join(KEY)}, release_id, source_ref from core.{table}
        where {" and ".join(conditions)}
        order by {", ".join(KEY)}
    """  # noqa: S608 - names of this module
    parameters = [code for codes in wanted.values() for code in sorted(codes)]
    columns = (*KEY, "release_id", "source_ref")
    return [dict(zip(columns, row, strict=True)) for row in _fetch(connection, query, parameters)]


def _narrowed(
    found: list[dict[str, Any]], wanted: Mapping[str, set[str]], period: re.Match[str] | None
) -> list[dict[str, Any]]:
    """Those of the period; of several, those without the breakdowns that nobody asked for."""
    if period:
        found = _of_period(found, period)
    for column in BREAKDOWNS:
        if column not in wanted:
            found = [each for each in found if each[column] == TOTAL] or found
    return found


def _of_period(found: list[dict[str, Any]], period: re.Match[str]) -> list[dict[str, Any]]:
    first, last, day, year_of_quarter, quarter, year = period.groups()
    if first:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
        return [each for each in found if (each["period_start"], each["period_end"]) == (start, end)]
    if day:
        return [each for each in found if each["period_start"] == date.fromisoformat(day)]
    if quarter:
        start = date(int(year_of_quarter), 3 * int(quarter) - 2, 1)
        return [
            each
            for each in found
            if each["period_start"] == start and 89 < (each["period_end"] - start).days < 93
        ]
    start, end = date(int(year), 1, 1), date(int(year) + 1, 1, 1)
    # A year is the whole of it or the count on its first day, else what lies in it, else what it lies in.
    of_year = [(start, end), (start, start + timedelta(days=1))]
    exact = [each for each in found if (each["period_start"], each["period_end"]) in of_year]
    within = [each for each in found if start <= each["period_start"] < end and each["period_end"] <= end]
    around = [each for each in found if each["period_start"] <= start and end <= each["period_end"]]
    return exact or within or around


def _by_value(connection: duckdb.DuckDBPyConnection, said: str) -> list[Subject]:
    """The figures, of any vintage, and the printed totals that have this value."""
    values = _values(said)
    if not values:
        return []
    marks = ", ".join("?" * len(values))
    query = f"select distinct {', '.join(KEY)} from core.fct_revision where value in ({marks}) order by all"  # noqa: S608
    figures = [dict(zip(KEY, row, strict=True)) for row in _fetch(connection, query, values)]
    columns = (*KEY, "release_id", "source_ref")
    query = f"""
        select {", ".join(columns)} from core.fct_control_total
        where published_value in ({marks}) order by all
    """  # noqa: S608
    totals = [dict(zip(columns, row, strict=True)) for row in _fetch(connection, query, values)]
    query = f"select region_code from regional.region_balance where balance_persons in ({marks})"  # noqa: S608
    regions = {code for (code,) in _fetch(connection, query, values)}
    balances = {each["region_code"] for each in (*figures, *totals) if _is_balance(each)}
    if len(balances) == 1 and balances >= regions and all(map(_is_balance, (*figures, *totals))):
        (region,) = balances
        return [Subject("region", (region,), region)]
    return [_subject("figure", each) for each in figures] + [_subject("total", each) for each in totals]


def _values(said: str) -> list[Decimal]:
    """What a number may mean: 18,855 is a comma of thousands, or a decimal one."""
    plain = re.sub(r"\s", "", said.replace("−", "-").replace("–", "-"))
    readings = {plain, plain.replace(",", ".")}
    if THOUSANDS.fullmatch(plain):
        readings.add(plain.replace(",", ""))
    return sorted({Decimal(each) for each in readings if NUMBER.fullmatch(each) and len(each) < 20})


def _is_balance(figure: Mapping[str, Any]) -> bool:
    """Whether it is the balance of a whole region, as one of the tables has it."""
    return figure["indicator_code"] in BALANCES and figure["specialty_code"] == TOTAL


def _subject(kind: str, figure: Mapping[str, Any]) -> Subject:
    breakdowns = [figure[column] for column in BREAKDOWNS if figure[column] != TOTAL]
    words = [figure["indicator_code"], figure["region_code"], *breakdowns]
    period = f"{figure['period_start']}/{figure['period_end']}"
    key = tuple(figure[column] for column in KEY)
    if kind == "total":
        key = (figure["release_id"], figure["source_ref"])
    return Subject(kind, key, " ".join([*words, period]))


def _plain(text: str) -> str:
    """Without what does not tell two names apart: case, width, kinds of dash and of space."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return " ".join(re.sub("[‐‑‒–—−]", "-", text).split())


def _fetch(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] = ()
) -> list[tuple[Any, ...]]:
    return connection.execute(query, list(parameters)).fetchall()
