"""Cells of the printed tables changed one at a time: which check stops the build, which changes none can see.

Each change is tried in two ways. With the hash as it was recorded, the hash check names the table, whatever
was changed. With the hash recorded anew, as by one who believes that the release looks like that, the checks
of meaning are on their own.
"""

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from corruption import Change, Failure, PrintedTables, Replay, Sheet
from project import RunSaldo

from expectations import totals
from saldo.disk import file_sha256
from saldo.errors import InputError
from saldo.preflight import check_seeds

TABLE_1, TABLE_2, TABLE_3 = "article_table_1", "article_table_2", "article_table_3"
# The bureau's sheet of 2000-2023 prints the sum of the country, its csv of 2023-2025 does not.
SHEET, FILE = "bns_population_2023_07_21", "bns_population_2026_08_11"
# Of the supporting series: territories in rows, and periods in rows.
FLOWS, RATES = "bns_internal_migration_2022_2024", "bns_unemployment_2001_2023"
ALL_FLOWS = "bns_all_flows_2026_09_25"
TABLES = (TABLE_1, TABLE_2, TABLE_3, SHEET, FILE, FLOWS, RATES, ALL_FLOWS)
# Row 0 holds the headings, column 1 the labels. Columns of Table 1:
INCOME, FOOD, BALANCE, CHILDREN, POOR = 2, 3, 4, 5, 6
# The printed totals of Table 3: the row «Итого», the column «Всего».
TOTAL_ROW, TOTAL_COLUMN = 22, 11

Cell = tuple[int, int]


# What is done to a table


def cell(row: int, column: int, text: str | Callable[[str], str]) -> Change:
    """Puts `text`, or what it makes of the printed text, into a cell."""

    def change(sheet: Sheet) -> Sheet:
        record = sheet[_line(sheet, row)]
        record[column] = text if isinstance(text, str) else text(record[column])
        return sheet

    return change


def negated(text: str) -> str:
    return text.removeprefix("-") if text.startswith("-") else f"-{text}"


def negated_or_one(text: str) -> str:
    """A zero has no sign to flip."""
    return "1" if text == "0" else negated(text)


def row_twice(row: int, *, renumbered: bool = False) -> Change:
    """Repeats a row below itself, with its number or with all rows numbered anew."""

    def change(sheet: Sheet) -> Sheet:
        line = _line(sheet, row)
        sheet.insert(line, list(sheet[line]))
        return _numbered(sheet) if renumbered else sheet

    return change


def row_dropped(row: int) -> Change:
    def change(sheet: Sheet) -> Sheet:
        del sheet[_line(sheet, row)]
        return _numbered(sheet) if row else sheet

    return change


def columns_swapped(one: int, other: int, rows: Iterable[int]) -> Change:
    """Swaps two cells of each of these rows; where row 0 is among them, the headings go with the figures."""

    def change(sheet: Sheet) -> Sheet:
        for row in rows:
            record = sheet[_line(sheet, row)]
            record[one], record[other] = record[other], record[one]
        return sheet

    return change


def labels_swapped(one: int, other: int) -> Change:
    def change(sheet: Sheet) -> Sheet:
        first, second = sheet[_line(sheet, one)], sheet[_line(sheet, other)]
        first[1], second[1] = second[1], first[1]
        return sheet

    return change


def column_added(sheet: Sheet) -> Sheet:
    names, headings, *rows = sheet
    return [[*names, f"c{len(names)}"], [*headings, "Примечание"], *([*row, "1"] for row in rows)]


def _line(sheet: Sheet, row: int) -> int:
    [line] = (line for line, record in enumerate(sheet) if record[0] == str(row))
    return line


def _numbered(sheet: Sheet) -> Sheet:
    return [sheet[0], *([str(row), *record[1:]] for row, record in enumerate(sheet[1:]))]


# Changes that are seen, and by what


@dataclass(frozen=True)
class Seen:
    """A change and what stops the build when the hash is recorded anew.

    `by` is a model, a dbt test (or how its name begins), or an expectation as 'suite.expectation'; `says` are
    words of the message.
    """

    table: str
    what: str
    change: Change
    by: str
    says: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table}: {self.what}"


def seen(table: str, *rows: tuple[str, Change, str, str] | tuple[str, Change, str, str, str]) -> list[Seen]:
    return [Seen(table, what, change, by, tuple(says)) for what, change, by, *says in rows]


STAGED_1, STAGED_2, STAGED_3 = "stg_article__table_1", "stg_article__table_2", "stg_article__table_3"
DESCRIBED, CODED = "int_cell_described", "int_cell_coded"
ONE_CELL_A_PLACE = "unique_key_stg_"
ONE_FIGURE_A_KEY = "unique_key_int_observation"
ONE_FIGURE_AN_IDENTITY = "unique_key_int_identity_figure"

# fmt: off
IN_TABLE_1 = seen(
    TABLE_1,
    ("sign of an income", cell(1, INCOME, negated),
     "plausibility.income_in_tenge_a_year", "region_code=11"),
    ("sign of a number of the poor", cell(1, POOR, negated),
     "plausibility.below_food_basket_per_1000_in_range", "region_code=11"),
    ("digits of a balance swapped", cell(1, BALANCE, "-31036"),
     "totals.table_1_equals_table_3", "region_code=11"),
    ("food spending missing", cell(1, FOOD, ""),
     DESCRIBED, "cell without a figure in article_table_1, row 1 (Акмолинская область), column 3"),
    ("balance missing", cell(1, BALANCE, ""),
     DESCRIBED, "cell without a figure in article_table_1, row 1 (Акмолинская область), column 4"),
    ("children missing", cell(1, CHILDREN, ""),
     DESCRIBED, "cell without a figure in article_table_1, row 1 (Акмолинская область), column 5"),
    ("number of the poor missing", cell(1, POOR, ""),
     "completeness.figures_as_declared", "table_name=article_table_1"),
    ("decimal comma to dot", cell(1, CHILDREN, "0.9"),
     STAGED_1, "article_table_1, row 1 (Акмолинская область), column 5 (Среднее число детей", "found «0.9»"),
    ("decimal comma lost", cell(2, CHILDREN, "15"),
     "plausibility.children_per_household_in_range", "region_code=15"),
    ("thousands set apart by a comma", cell(1, INCOME, "1342,530"),
     "plausibility.decimals_as_in_rest_of_series", "article_table_1, row 1 (Акмолинская область), column 2"),
    ("thousands set apart by spaces", cell(1, INCOME, "1 342 530"),
     STAGED_1, "article_table_1, row 1 (Акмолинская область), column 2 (Денежные", "found «1 342 530»"),
    ("a digit lost", cell(1, INCOME, "134253"),
     "plausibility.income_near_median_of_regions", "region_code=11"),
    ("text for a figure", cell(1, INCOME, "н/д"),
     STAGED_1, "article_table_1, row 1 (Акмолинская область), column 2 (Денежные", "found «н/д»"),
    ("Unicode minus", cell(1, BALANCE, "\u221230136"),
     STAGED_1, "article_table_1, row 1 (Акмолинская область), column 4", "found «\u221230136»"),
    ("label misspelt", cell(1, 1, "Акмолинскя область"),
     CODED, "unknown region label «Акмолинскя область» in article_table_1, row 1", "region_label.csv"),
    ("label missing", cell(1, 1, ""),
     CODED, "unknown region label «» in article_table_1, row 1"),
    ("label of another region", cell(1, 1, "Актюбинская область"),
     ONE_FIGURE_A_KEY, "region_code 15"),
    ("labels of two regions swapped", labels_swapped(1, 2),
     "totals.table_1_equals_table_3", "region_code=11", "region_code=15"),
    ("heading misspelt", cell(0, CHILDREN, "Среднее число дитей"),
     DESCRIBED, "unknown column label in article_table_1", "column 5 (Среднее число дитей)"),
    ("row twice", row_twice(1),
     ONE_CELL_A_PLACE, "table_name article_table_1, row_no 1"),
    ("row twice, numbered on", row_twice(1, renumbered=True),
     ONE_FIGURE_A_KEY, "region_code 11"),
    ("row dropped", row_dropped(1),
     "completeness.rows_as_declared", "table_name=article_table_1"),
    ("printed header dropped", row_dropped(0),
     "correction_meets_its_cell", "table_1_balance_period_start"),
    ("income and food swapped", columns_swapped(INCOME, FOOD, range(1, 21)),
     "plausibility.food_spend_within_income", "20 of 20 rows"),
)

IN_TABLE_2 = seen(
    TABLE_2,
    ("sign of a large balance", cell(2, 2, negated),
     "plausibility.annual_balance_in_scale_with_regions", "all_ages_persons=-144261"),
    ("figure missing", cell(4, 2, ""),
     DESCRIBED, "cell without a figure in article_table_2, row 4 (2003), column 2"),
    ("thousands set apart by a dot", cell(4, 2, "-8.306"),
     STAGED_2, "article_table_2, row 4 (2003), column 2 (Сальдо внешней миграции", "found «-8.306»"),
    ("thousands set apart by a comma", cell(4, 2, "-8,306"),
     "plausibility.decimals_as_in_rest_of_series", "article_table_2, row 4 (2003), column 2"),
    ("a digit added", cell(1, 2, "-1083070"),
     "plausibility.annual_balance_in_range", "year=2000"),
    ("text for a figure", cell(1, 2, "нет данных"),
     STAGED_2, "article_table_2, row 1 (2000), column 2", "found «нет данных»"),
    ("Unicode minus", cell(1, 2, "\u2212108307"),
     STAGED_2, "article_table_2, row 1 (2000), column 2", "found «\u2212108307»"),
    ("year with a letter", cell(4, 1, "20О3"),
     STAGED_2, "cannot read a year in article_table_2, row 4 (20О3)"),
    ("year of another row", cell(4, 1, "2004"),
     ONE_FIGURE_A_KEY, "period_start 2004-01-01"),
    ("year out of the row", cell(25, 1, "2034"),
     "plausibility.years_without_gap", "year=2034"),
    ("heading misspelt", cell(0, 2, "Сальдо внешней миграции"),
     DESCRIBED, "unknown column label in article_table_2", "column 2 (Сальдо внешней миграции)"),
    ("row twice", row_twice(4),
     ONE_CELL_A_PLACE, "table_name article_table_2, row_no 4"),
    ("row twice, numbered on", row_twice(4, renumbered=True),
     ONE_FIGURE_A_KEY, "period_start 2003-01-01"),
    ("row dropped", row_dropped(4),
     "plausibility.years_without_gap", "year=2004"),
    ("last row dropped", row_dropped(25),
     "completeness.rows_as_declared", "table_name=article_table_2"),
    ("columns swapped", columns_swapped(1, 2, range(1, 26)),
     STAGED_2, "cannot read a year in article_table_2, row 1 (-108307)"),
    ("columns swapped with their headings", columns_swapped(1, 2, range(26)),
     STAGED_2, "cannot read a year in article_table_2, row 1 (-108307), column 2 (Год)"),
)

IN_TABLE_3 = seen(
    TABLE_3,
    ("digits of a figure swapped", cell(1, 2, "2748"),
     "totals.row_totals_equal_sums", "region_code=51"),
    ("figure missing", cell(1, 2, ""),
     DESCRIBED, "cell without a figure in article_table_3, row 1 (Южно-Казахстанская область), column 2"),
    ("zero missing", cell(9, 4, ""),
     DESCRIBED, "cell without a figure in article_table_3, row 9 (Кызылординская область), column 4"),
    ("figure missing where others are not printed", cell(1, 10, ""),
     "totals.column_totals_equal_sums", "specialty_code=not_stated"),
    ("figure where none is printed", cell(5, 10, "5"),
     "totals.row_totals_equal_sums", "region_code=79"),
    ("cell of Всего edited", cell(1, TOTAL_COLUMN, "20416"),
     "totals.row_totals_equal_sums", "region_code=51", "published_value=20416"),
    ("cell of Итого edited", cell(TOTAL_ROW, 2, "-96761"),
     "totals.column_totals_equal_sums", "specialty_code=technical", "published_value=-96761"),
    ("thousands set apart by a dot", cell(16, 2, "-8.381"),
     STAGED_3, "article_table_3, row 16 (Ақмолинская об- ласть), column 2 (Техническое)", "found «-8.381»"),
    ("text for a figure", cell(16, 2, "x"),
     STAGED_3, "article_table_3, row 16 (Ақмолинская об- ласть), column 2 (Техническое)", "found «x»"),
    ("Unicode minus", cell(16, 2, "\u22128381"),
     STAGED_3, "article_table_3, row 16 (Ақмолинская об- ласть), column 2", "found «\u22128381»"),
    ("misspelt label put right", cell(16, 1, "Акмолинская об- ласть"),
     CODED, "unknown region label «Акмолинская об- ласть» in article_table_3, row 16", "region_label.csv"),
    ("label of another region", cell(5, 1, "Туркестанская область"),
     ONE_FIGURE_A_KEY, "region_code 61"),
    ("labels of two regions swapped", labels_swapped(2, 3),
     "totals.table_1_equals_table_3", "region_code=23", "region_code=47"),
    ("label of the total row misspelt", cell(TOTAL_ROW, 1, "итого"),
     CODED, "unknown region label «итого» in article_table_3, row 22"),
    ("heading of the total column in Latin", cell(0, TOTAL_COLUMN, "Bcero"),
     DESCRIBED, "unknown column label in article_table_3", "column 11 (Bcero)"),
    ("row twice", row_twice(1),
     ONE_CELL_A_PLACE, "table_name article_table_3, row_no 1"),
    ("row twice, numbered on", row_twice(1, renumbered=True),
     ONE_FIGURE_A_KEY, "region_code 51"),
    ("total row twice, numbered on", row_twice(TOTAL_ROW, renumbered=True),
     ONE_FIGURE_AN_IDENTITY, "identity_id specialties"),
    ("row dropped", row_dropped(1),
     "totals.column_totals_equal_sums", "specialty_code=technical"),
    ("total row dropped", row_dropped(TOTAL_ROW),
     "totals.totals_as_many_as_declared", "table_name=article_table_3"),
    ("two columns swapped above the total", columns_swapped(2, 3, range(1, TOTAL_ROW)),
     "totals.column_totals_equal_sums", "specialty_code=technical", "specialty_code=agricultural"),
)

IN_SHEET = seen(
    SHEET,
    ("digits swapped", cell(3, 10, "737582"),
     "totals.column_totals_equal_sums", "period_start=2008-01-01"),
    ("figure missing", cell(3, 10, ""),
     DESCRIBED, "cell without a figure in bns_population_2023_07_21, row 3 (Акмолинская), column 10 (2008)"),
    ("dash for a figure", cell(3, 10, "-"),
     "completeness.figures_as_declared", "table_name=bns_population_2023_07_21"),
    ("thousands set apart by a comma", cell(3, 10, "738,827"),
     "plausibility.decimals_as_in_rest_of_series", "row 3 (Акмолинская), column 10 (2008)"),
    ("text for a figure", cell(3, 10, "..."),
     "stg_bns__population_2023_07_21", "row 3 (Акмолинская), column 10 (2008)", "found «...»"),
    ("label as in another release", cell(3, 1, "Акмолинская область"),
     CODED, "region label «Акмолинская область» in bns_population_2023_07_21, row 3", "bns_6584_xlsx"),
    ("label of the country misspelt", cell(1, 1, "Республика Казакстан"),
     CODED, "unknown region label «Республика Казакстан» in bns_population_2023_07_21, row 1"),
    ("labels of unlike regions swapped", labels_swapped(5, 9),
     "plausibility.level_near_neighbouring_years", "row 9 (Алматинская), column 24 (2022)"),
    ("year of another column", cell(0, 10, "2009"),
     ONE_FIGURE_A_KEY, "period_start 2009-01-01"),
    ("row twice, numbered on", row_twice(3, renumbered=True),
     ONE_FIGURE_A_KEY, "region_code 11"),
    ("row dropped", row_dropped(3),
     "totals.column_totals_equal_sums", "period_start=2000-01-01"),
    ("total row dropped", row_dropped(1),
     "totals.totals_as_many_as_declared", "table_name=bns_population_2023_07_21"),
    ("two years swapped below the total", columns_swapped(10, 11, range(2, 22)),
     "totals.column_totals_equal_sums", "period_start=2008-01-01", "period_start=2009-01-01"),
)

IN_FILE = seen(
    FILE,
    ("a digit added", cell(1, 3, "6075890"),
     "plausibility.population_in_persons", "region_code=10"),
    ("figure missing", cell(1, 3, ""),
     DESCRIBED, "cell without a figure in bns_population_2026_08_11, row 1 (10), column 3 (2024-01-01)"),
    ("code with a letter", cell(1, 1, "1O"),
     CODED, "unknown region label «1O» in bns_population_2026_08_11, row 1", "kato_2"),
    ("codes of unlike regions swapped", labels_swapped(15, 16),
     "plausibility.level_near_neighbouring_years", "row 17 (Ұлытау), column 24 (2022)"),
    ("row twice", row_twice(1),
     ONE_CELL_A_PLACE, "table_name bns_population_2026_08_11, row_no 1"),
    ("row dropped", row_dropped(1),
     "completeness.rows_as_declared", "table_name=bns_population_2026_08_11"),
)

IN_SERIES = seen(
    FLOWS,
    ("digits of arrivals swapped", cell(1, 2, "15950"),
     "totals.identities_hold", "identity_id=internal_flows", "region_code=10"),
    ("sign of a balance", cell(1, 4, negated),
     "totals.identities_hold", "identity_id=internal_flows", "identity_id=internal_balance_is_zero"),
    ("decimal comma", cell(1, 2, "15,905"),
     "stg_bns__internal_migration_2022_2024", "row 1 (Abay), column 2 (2022 arrivals)", "found «15,905»"),
) + seen(
    RATES,
    ("decimal point lost", cell(1, 4, "108"),
     "plausibility.level_near_neighbouring_years", "row 1 (2001), column 4 (11)"),
    ("fifth quarter", cell(23, 1, "2001-Q5"),
     "stg_bns__unemployment_2001_2023", "cannot read a year in bns_unemployment_2001_2023, row 23 (2001-Q5)"),
    ("quarter of another row", cell(23, 1, "2001-Q2"),
     ONE_FIGURE_A_KEY, "period_start 2001-04-01"),
)
# fmt: on

SEEN = IN_TABLE_1 + IN_TABLE_2 + IN_TABLE_3 + IN_SHEET + IN_FILE + IN_SERIES


# Changes that the hash alone can see


@dataclass(frozen=True)
class Unseen:
    """A change that no other figure contradicts, or that changes no figure, and why."""

    table: str
    what: str
    change: Change
    why: str

    def __str__(self) -> str:
        return f"{self.table}: {self.what}"


# fmt: off
UNSEEN = [
    Unseen(TABLE_1, "digits of an income swapped", cell(1, INCOME, "1324530"),
           "no sum or mean of incomes is printed; the figure stays near those of other regions"),
    Unseen(TABLE_1, "digits of a mean of children swapped", cell(3, CHILDREN, "2,1"),
           "no sum or mean is printed; another region has 2"),
    Unseen(TABLE_1, "a digit of a number of the poor lost", cell(1, POOR, "172"),
           "no sum is printed; the shares of the poor differ by more than a factor of ten between regions"),
    Unseen(TABLE_2, "digits of a balance swapped", cell(2, 2, "-83062"),
           "no sum of the years is printed; the article's own text has this figure"),
    Unseen(TABLE_2, "sign of a small balance", cell(4, 2, negated),
           "balances change their sign from one year to the next"),
    Unseen(TABLE_2, "a digit of a balance lost", cell(1, 2, "-10830"),
           "balances of neighbouring years do differ by a factor of ten"),
    Unseen(TABLE_2, "two years swapped", labels_swapped(3, 4),
           "balances in any order are possible"),
    Unseen(TABLE_3, "two columns swapped with their totals", columns_swapped(2, 3, range(1, TOTAL_ROW + 1)),
           "each row and each column still meets its total"),
    Unseen(TABLE_3, "two columns swapped as a whole", columns_swapped(2, 3, range(TOTAL_ROW + 1)),
           "the same figures, printed elsewhere"),
    Unseen(SHEET, "labels of like regions swapped", labels_swapped(3, 4),
           "the sum of the regions stays, and neither series makes a jump in time"),
    Unseen(SHEET, "two neighbouring years swapped with their totals", columns_swapped(10, 11, range(1, 22)),
           "each year still meets its total, and populations fall as well as grow"),
    Unseen(FILE, "digits of a population swapped", cell(1, 3, "605789"),
           "this file prints no sum; populations change by a few per cent a year"),
    Unseen(ALL_FLOWS, "digits of a balance swapped", cell(1, 2, "-7411"),
           "a warning at most: the external balance that the regions sum to is another release"),
    Unseen(TABLE_2, "heading of the labels misspelt", cell(0, 1, "Год."),
           "no figure hangs on that heading"),
    Unseen(TABLE_2, "spaces around a figure", cell(1, 2, " -108307 "),
           "the same figure: staging trims cells"),
]
# fmt: on


@pytest.fixture
def tables(built_project: Path, tmp_path: Path) -> PrintedTables:
    shutil.copytree(built_project / "seeds", tmp_path / "seeds")
    return PrintedTables(tmp_path)


def test_tables_as_printed_pass(replay: Replay, tables: PrintedTables) -> None:
    for table in TABLES:
        tables.write(table, tables.read(table))  # writing alone changes no byte: the hashes hold
    check_seeds(tables.folder)
    assert replay.first_failure(tables.folder) is None


@pytest.mark.parametrize("case", [*SEEN, *UNSEEN], ids=str)
def test_recorded_hash_names_the_table(replay: Replay, tables: PrintedTables, case: Seen | Unseen) -> None:
    tables.change(case.table, case.change)
    with pytest.raises(InputError, match="the content is not what was recorded") as refused:
        check_seeds(tables.folder)
    assert refused.value.where == f"seeds/published/{case.table}.csv"
    failure = replay.failure_of(f"matches_recorded_hash_{case.table}_", tables.folder)
    assert failure is not None
    assert f"table_name {case.table}" in failure.message
    assert file_sha256(tables.path(case.table)) in failure.message


@pytest.mark.parametrize("case", SEEN, ids=str)
def test_check_names_the_change(replay: Replay, tables: PrintedTables, case: Seen) -> None:
    failure = failure_with_hash_recorded_anew(replay, tables, case)
    assert failure is not None
    if "." in case.by:
        assert failure.node == "expectations_hold"
        assert case.by in failure.expectations
    else:
        assert failure.node.startswith(case.by), failure
    for words in case.says:
        assert words in failure.message


@pytest.mark.parametrize("case", UNSEEN, ids=str)
def test_nothing_but_the_hash_sees(replay: Replay, tables: PrintedTables, case: Unseen) -> None:
    assert failure_with_hash_recorded_anew(replay, tables, case) is None, case.why


def failure_with_hash_recorded_anew(
    replay: Replay, tables: PrintedTables, case: Seen | Unseen
) -> Failure | None:
    change_and_record(tables.folder, case.table, case.change)
    rows = [record[0] for record in tables.read(case.table)[1:]]
    with nothing() if rows == [str(row) for row in range(len(rows))] else refused_for("row_no is"):
        check_seeds(tables.folder)
    return replay.first_failure(tables.folder)


nothing = contextlib.nullcontext


def refused_for(words: str) -> contextlib.AbstractContextManager[object]:
    return pytest.raises(InputError, match=words)


def change_and_record(folder: Path, table: str, change: Change) -> None:
    tables = PrintedTables(folder)
    tables.change(table, change)
    tables.record_hash(table)


# Files that are no tables


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        (b'"0,9",1727\n', b'"0,9"\n', 3, "6 fields"),
        (b'"0,9",1727\n', b'"0,9",1727,5\n', 3, "8 fields"),
        (b'"0,9",1727\n', b"0,9,1727\n", 3, "8 fields"),
        (b'"0,9",1727\n', b'"0,9,1727\n', 3, "not a CSV record"),
    ],
    ids=["short row", "extra field", "decimal comma without quotes", "quote not closed"],
)
def test_ragged_row_is_named_whatever_the_hash(
    replay: Replay, tables: PrintedTables, before: bytes, after: bytes, line: int, says: str
) -> None:
    path = tables.path(TABLE_1)
    content = path.read_bytes()
    assert content.count(before) == 1
    path.write_bytes(content.replace(before, after))
    tables.record_hash(TABLE_1)
    with pytest.raises(InputError, match=says) as refused:
        check_seeds(tables.folder)
    assert refused.value.where == f"seeds/published/{TABLE_1}.csv, line {line}"
    failure = replay.first_failure(tables.folder)
    assert failure is not None
    assert failure.node == TABLE_1
    assert f"Line: {line}" in failure.message


def test_line_endings_are_seen_by_the_hash_alone(replay: Replay, tables: PrintedTables) -> None:
    path = tables.path(TABLE_2)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(InputError, match="the content is not what was recorded"):
        check_seeds(tables.folder)
    assert replay.failure_of(f"matches_recorded_hash_{TABLE_2}_", tables.folder) is not None
    tables.record_hash(TABLE_2)
    check_seeds(tables.folder)
    assert replay.first_failure(tables.folder) is None


# Every figure that a printed total stands behind


def test_every_figure_and_total_of_table_3_stands_behind_a_total(
    replay: Replay, tables: PrintedTables
) -> None:
    cells = list(itertools.product(range(1, TOTAL_ROW + 1), range(2, TOTAL_COLUMN + 1)))
    after = after_each_change(replay, tables, TABLE_3, cells, "fct_control_total")
    facts = {(row, column) for row, column in after if row != TOTAL_ROW and column != TOTAL_COLUMN}
    assert len(facts) == 184
    row_totals = {(row, TOTAL_COLUMN) for row in range(1, TOTAL_ROW)}
    column_totals = {(TOTAL_ROW, column) for column in range(2, TOTAL_COLUMN)}
    grand_total = {(TOTAL_ROW, TOTAL_COLUMN)}
    assert set(after) == facts | row_totals | column_totals | grand_total
    assert broken_by("row_totals_equal_sums", after) == facts | row_totals
    assert broken_by("column_totals_equal_sums", after) == facts | column_totals
    assert broken_by("grand_totals_equal_sums", after) == facts | grand_total


def test_every_balance_of_table_1_stands_in_table_3(replay: Replay, tables: PrintedTables) -> None:
    cells = [(row, BALANCE) for row in range(1, 21)]
    after = after_each_change(replay, tables, TABLE_1, cells, "cross_table_balance")
    assert broken_by("table_1_equals_table_3", after) == set(cells)


def test_every_region_and_year_of_the_population_sheet_stands_behind_a_total(
    replay: Replay, tables: PrintedTables
) -> None:
    one_year, one_region = {(row, 10) for row in range(1, 22)}, {(3, column) for column in range(2, 26)}
    after = after_each_change(replay, tables, SHEET, sorted(one_year | one_region), "fct_control_total")
    not_yet_there = {(row, 10) for row in (2, 9, 17, 21)}  # Abai, Jetisu, Ulytau, Shymkent
    assert set(after) == (one_year | one_region) - not_yet_there
    assert broken_by("column_totals_equal_sums", after) == set(after)


def after_each_change(
    replay: Replay, tables: PrintedTables, table: str, cells: Iterable[Cell], mart: str
) -> dict[Cell, pd.DataFrame]:
    """The rows of the mart after one sign was flipped, for each of these cells that holds a figure."""
    printed = tables.read(table)
    figures = [(row, column) for row, column in cells if printed[row + 1][column] not in ("", "-")]
    frames = {}
    anew = replay.needed_for(mart, after=table)
    with replay.connect() as connection:
        replay.build(connection, replay.needed_for(mart), tables.folder)
        for row, column in figures:
            tables.change(table, cell(row, column, negated_or_one))
            replay.build(connection, anew, tables.folder)
            frames[row, column] = replay.frame(connection, mart)
            tables.write(table, printed)
    return frames


def broken_by(expectation: str, after: dict[Cell, pd.DataFrame]) -> set[Cell]:
    """The cells after whose change the expectation does not hold, found in one validation of all the rows."""
    import great_expectations as gx

    [check] = (check for check in totals.CHECKS if expectation in check.expectations)
    rows = pd.concat(
        check.rows({check.subject: frame}).assign(changed_row=row, changed_column=column)
        for (row, column), frame in after.items()
    )
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("marts")
    batch = (
        source.add_dataframe_asset("rows")
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": rows.reset_index(drop=True)})
    )
    index = ["changed_row", "changed_column"]
    result = batch.validate(
        check.expectations[expectation],
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": index},
    )
    return {(row["changed_row"], row["changed_column"]) for row in result.result["unexpected_index_list"]}


# The command itself


def test_build_names_a_changed_table(run_saldo: RunSaldo, built_copy: Path) -> None:
    PrintedTables(built_copy).change(TABLE_3, cell(1, 2, "2748"))
    with published_file_untouched(built_copy):
        outcome = run_saldo(built_copy, "build")
    assert outcome.returncode == 3
    assert "seeds/published/article_table_3.csv: the content is not what was recorded" in outcome.stderr


def test_build_names_an_unknown_label(run_saldo: RunSaldo, built_copy: Path) -> None:
    change_and_record(built_copy, TABLE_1, cell(1, 1, "Акмолинскя область"))
    with published_file_untouched(built_copy):
        outcome = run_saldo(built_copy, "build")
    assert outcome.returncode == 1
    assert "unknown region label «Акмолинскя область» in article_table_1, row 1" in outcome.stderr
    assert "seeds/reference/region_label.csv" in outcome.stderr


def test_build_names_a_total_that_is_not_met(run_saldo: RunSaldo, built_copy: Path) -> None:
    change_and_record(built_copy, TABLE_3, cell(TOTAL_ROW, TOTAL_COLUMN, "-267959"))
    with published_file_untouched(built_copy):
        outcome = run_saldo(built_copy, "build")
    assert outcome.returncode == 1
    for words in ("grand_totals_equal_sums", "core.fct_control_total", "-267959", "-267599"):
        assert words in outcome.stderr


def test_build_names_a_table_with_a_column_more(run_saldo: RunSaldo, built_copy: Path) -> None:
    change_and_record(built_copy, TABLE_2, column_added)
    with published_file_untouched(built_copy):
        outcome = run_saldo(built_copy, "build")
    assert outcome.returncode == 3
    assert "seeds/published/article_table_2.csv" in outcome.stderr


@contextlib.contextmanager
def published_file_untouched(project: Path) -> Iterator[None]:
    published = project / "warehouse" / "saldo.duckdb"
    before = published.read_bytes()
    yield
    assert published.read_bytes() == before
