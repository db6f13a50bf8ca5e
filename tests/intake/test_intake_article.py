"""Wide tables like the article's: its printed tables, written as plain csv, come out as they were printed."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from intake.support import PROJECT, Query, Take

DAY = date(2025, 10, 31)
Printed = Callable[[int], Path]


@pytest.fixture
def printed(tmp_path: Path) -> Printed:
    """`printed(3)` writes Table 3 of the article as a csv file without row numbers."""

    def write(number: int) -> Path:
        seed = PROJECT / "seeds" / "published" / f"article_table_{number}.csv"
        with seed.open(encoding="utf-8", newline="") as file:
            table = [row[1:] for row in csv.reader(file)][1:]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(table)
        path = tmp_path / f"table_{number}.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    return write


def test_table_1(printed: Printed, take: Take, query: Query) -> None:
    assert take(printed(1), published_on=DAY).layout == "article_table_1"
    assert query(
        "select value, decimals from landed"
        " where indicator_code = 'children_per_household' and region_label = 'Акмолинская область'"
    ) == [(Decimal("0.9"), 1)]
    # -267 599 of Table 3 less South Kazakhstan, which Table 1 does not have.
    assert query(
        "select sum(value), min(period_start), max(period_end) from landed"
        " where indicator_code = 'migration_balance'"
    ) == [(-288_060, date(2000, 1, 1), date(2025, 1, 1))]
    assert query(
        "select obs_status, count(*) from landed"
        " where indicator_code = 'below_food_basket' and value is null group by 1"
    ) == [("O", 8)]


def test_table_2(printed: Printed, take: Take, query: Query) -> None:
    assert take(printed(2), published_on=DAY).layout == "article_table_2"
    assert query("select sum(value), count(*) from landed") == [(-320_585, 25)]


def test_table_3(printed: Printed, take: Take, query: Query) -> None:
    assert take(printed(3), published_on=DAY).layout == "article_table_3"
    assert query("select cell_kind, count(*), sum(value) from landed group by 1 order by 1") == [
        ("column_total", 9, -267_599),
        ("fact", 184, -267_599),
        ("grand_total", 1, -267_599),
        ("row_total", 21, -267_599),
    ]


def test_a_total_of_table_3_is_checked_against_its_parts(printed: Printed, take: Take) -> None:
    path = printed(3)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("20461", "20462"), encoding="utf-8")
    outcome = take(path, published_on=DAY)
    assert outcome.refusal
    assert outcome.refusal.code == "total_mismatch"
    assert (outcome.refusal.place.row_label, outcome.refusal.place.column_label) == ("Итого", "Всего")
    assert len(outcome.refusal.details) == 21  # the totals of the regions, one of which is wrong
