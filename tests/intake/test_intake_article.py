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
Printed = Callable[..., Path]


@pytest.fixture
def printed(tmp_path: Path) -> Printed:
    """`printed(3)` writes Table 3 of the article as a csv file without row numbers, its year in the name."""

    def write(number: int, year: str = "_2024") -> Path:
        seed = PROJECT / "seeds" / "published" / f"article_table_{number}.csv"
        with seed.open(encoding="utf-8", newline="") as file:
            table = [row[1:] for row in csv.reader(file)][1:]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(table)
        path = tmp_path / f"table_{number}{year}.csv"
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


def changed(path: Path, *changes: tuple[str, str]) -> Path:
    """The same file with other figures."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_table_of_another_year_overwrites_nothing(printed: Printed, take: Take, query: Query) -> None:
    for path in (
        *(printed(1), printed(3)),
        changed(printed(1, "_2023"), ("1342530", "1342531")),
        changed(
            printed(3, "_2023"), ("г.Шымкент,90,94", "г.Шымкент,91,93"), ("-96716,-7980", "-96715,-7981")
        ),
    ):
        assert take(path, published_on=DAY).status == "landed", path
    assert query(
        "select indicator_code, year(period_start), year(period_end), count(*) from landed"
        " where indicator_code like 'migration_balance%' or indicator_code = 'income_per_capita'"
        " group by all order by all"
    ) == [
        *(("income_per_capita", end - 1, end, 20) for end in (2024, 2025)),
        *(("migration_balance", 2000, end, 20) for end in (2024, 2025)),
        *(("migration_balance_by_specialty", 2000, end, 215) for end in (2024, 2025)),
    ]


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("year", ["", "_2025-10-31"])
def test_a_table_that_does_not_say_its_year_is_refused(
    number: int, year: str, printed: Printed, take: Take
) -> None:
    refusal = take(printed(number, year), published_on=DAY).refusal
    assert refusal
    assert (refusal.code, refusal.found) == ("period_unreadable", f"table_{number}{year}.csv")
    assert f"like «table_{number}_2024_2025-10-31.csv»" in refusal.remedy


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


def test_the_specialties_of_a_region_are_checked_against_its_total(printed: Printed, take: Take) -> None:
    """Shymkent has a blank in Table 3: nobody, and no reason not to add up the others."""
    path = changed(printed(3), (",799,,1552", ",799,,1553"), ("-267599", "-267598"))
    refusal = take(path, published_on=DAY).refusal
    assert refusal
    assert refusal.code == "total_mismatch"
    assert (refusal.place.row_label, refusal.place.column_label) == ("г.Шымкент", "Всего")
    assert refusal.message.endswith("its parts by specialty sum to 1552")
