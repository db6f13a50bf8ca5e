"""Signs that stand for a figure: what each becomes in each layout of the bureau, and what sums make of it."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from intake import hostile
from intake.support import Query, Take
from release_files import write_population

from saldo.intake.layout_file import read_layouts

SIGNS = {"-": "M", "…": "O", "...": "O", "x": "Q", "х": "Q"}
DAY = date(2026, 9, 30)
COUNTRY = "РЕСПУБЛИКА КАЗАХСТАН"
# Files of which a cell is replaced: the row and the column, from 1.
CELLS = {
    "bns_csv_6567": (hostile.BALANCE, 40, 12),
    "bns_csv_6584": (hostile.POPULATION, 40, 12),
    "bns_csv_19298": (hostile.INCOME, 5, 6),
    "bns_csv_102790": (hostile.QUARTERS, 5, 14),
    "internal_migration": (hostile.INTERNAL, 5, 3),
    "taldau_income_derived": (hostile.DERIVED, 5, 3),
}


def in_text(layout: str, sign: str) -> tuple[str, bytes]:
    name, row, column = CELLS[layout]
    case = hostile.edit(name, row, hostile.put(column, sign), title="", reason="")
    return name, case.content


def in_taldau(sign: str) -> tuple[str, bytes]:
    record = json.loads(hostile.read(hostile.TALDAU))[0]
    fields = {key: value for key, value in record.items() if "20" not in key}
    return "taldau_704447_2026-08-31.json", json.dumps(
        [{**fields, "y122020": "116126", "y122021": sign}]
    ).encode()


def in_workbook(sign: str) -> tuple[str, bytes]:
    """In place of the population of Akmola region in 2000."""
    cell = '<c r="B4" s="17"><v>799179</v></c>'
    return hostile.WORKBOOK, hostile.in_sheet(cell, f'<c r="B4" t="inlineStr"><is><t>{sign}</t></is></c>')


def in_old_workbook(sign: str) -> tuple[str, bytes]:
    """In place of «-», which stands in one text that all its cells share."""
    content = hostile.read(hostile.OLD_WORKBOOK)
    return hostile.OLD_WORKBOOK, content.replace(b"\x01\x00\x00-", b"\x01\x00\x00" + sign.encode("ascii"))


FILES: dict[str, Callable[[str], tuple[str, bytes]]] = {
    **{layout: lambda sign, layout=layout: in_text(layout, sign) for layout in CELLS},  # type: ignore[misc]
    "taldau_json": in_taldau,
    "bns_population_xlsx": in_workbook,
}


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("layout", FILES)
def test_a_sign_is_a_row_without_a_figure(
    layout: str, sign: str, take: Take, query: Query, tmp_path: Path
) -> None:
    name, content = FILES[layout](sign)
    path = tmp_path / name
    path.write_bytes(content)
    outcome = take(path, published_on=DAY)
    if layout == "bns_population_xlsx" and sign == "-":
        # There it says that a region did not exist: no row, so that Akmola is missing from the country.
        assert outcome.refusal
        assert outcome.refusal.code == "incomplete"
        assert outcome.refusal.message.endswith("Missing: Акмолинская (11)")
        return
    assert outcome.status == "landed", outcome.refusal
    assert outcome.layout == layout
    found = query("select printed_text, obs_status, value, decimals from landed where value is null")
    assert found == [(sign, SIGNS[sign], None, None)]


def test_a_sign_in_the_old_workbook(take: Take, query: Query, tmp_path: Path) -> None:
    name, content = in_old_workbook("x")
    path = tmp_path / name
    path.write_bytes(content)
    assert take(path).status == "landed"
    found = query("select distinct printed_text, obs_status from landed where value is null order by all")
    assert ("x", "Q") in found
    assert set(found) <= {("x", "Q"), (" -", "O"), ("-", "O")}


def test_every_layout_of_the_bureau_takes_the_signs() -> None:
    takes = {layout.name for layout in read_layouts() if set(SIGNS) <= set(layout.marks)}
    assert takes == {*FILES, "bns_socioeconomic_xls"}


# --- territories outside of their validity ----------------------------------------------------------------


def population(folder: Path, figures: dict[tuple[str, str], int | str]) -> Path:
    return write_population(folder / "population_2026-09-30.csv", figures)


def test_of_a_region_that_was_not_there_yet_or_no_more_it_may_be_said_that_there_is_nothing(
    take: Take, query: Query, tmp_path: Path
) -> None:
    figures: dict[tuple[str, str], int | str] = {
        ("2010", "ОБЛАСТЬ АБАЙ"): "-",
        ("2010", "ОБЛАСТЬ ҰЛЫТАУ"): 200_000,
        ("2020", "ЮЖНО-КАЗАХСТАНСКАЯ ОБЛАСТЬ"): "-",
        ("2020", "КАРАГАНДИНСКАЯ ОБЛАСТЬ"): 1_300_000,
    }
    assert take(population(tmp_path, figures)).status == "landed"
    assert query("select year(period_start), obs_status from landed order by row_no") == [
        (2010, "M"), (2010, "E"), (2020, "M"), (2020, "A"),
    ]  # fmt: skip


@pytest.mark.parametrize("sign", ["…", "...", "x", "х"])
@pytest.mark.parametrize(
    ("year", "label", "why"),
    [
        ("2010", "ОБЛАСТЬ АБАЙ", "did not exist yet"),
        ("2020", "ЮЖНО-КАЗАХСТАНСКАЯ ОБЛАСТЬ", "had ended"),
    ],
)
def test_that_its_figure_is_missing_or_confidential_may_not(
    take: Take, tmp_path: Path, sign: str, year: str, label: str, why: str
) -> None:
    outcome = take(population(tmp_path, {(year, label): sign, (year, "КАРАГАНДИНСКАЯ ОБЛАСТЬ"): 1_300_000}))
    assert outcome.refusal
    assert outcome.refusal.code == "region_not_valid"
    assert why in outcome.refusal.message
    assert f"«{sign}» says that there was something to observe" in outcome.refusal.message


# --- sums -------------------------------------------------------------------------------------------------


def country(folder: Path, change: dict[tuple[str, str], int | str], total: int) -> Path:
    """2024, a million in each of the twenty regions but for the change."""
    labels = [
        "ОБЛАСТЬ АБАЙ", "АКМОЛИНСКАЯ ОБЛАСТЬ", "АКТЮБИНСКАЯ ОБЛАСТЬ", "АЛМАТИНСКАЯ ОБЛАСТЬ",
        "АТЫРАУСКАЯ ОБЛАСТЬ", "ЗАПАДНО-КАЗАХСТАНСКАЯ ОБЛАСТЬ", "ЖАМБЫЛСКАЯ ОБЛАСТЬ", "ОБЛАСТЬ ЖЕТІСУ",
        "КАРАГАНДИНСКАЯ ОБЛАСТЬ", "КОСТАНАЙСКАЯ ОБЛАСТЬ", "КЫЗЫЛОРДИНСКАЯ ОБЛАСТЬ", "МАНГИСТАУСКАЯ ОБЛАСТЬ",
        "ПАВЛОДАРСКАЯ ОБЛАСТЬ", "СЕВЕРО-КАЗАХСТАНСКАЯ ОБЛАСТЬ", "ТУРКЕСТАНСКАЯ ОБЛАСТЬ", "ОБЛАСТЬ ҰЛЫТАУ",
        "ВОСТОЧНО-КАЗАХСТАНСКАЯ ОБЛАСТЬ", "Г.АСТАНА", "Г.АЛМАТЫ", "Г.ШЫМКЕНТ",
    ]  # fmt: skip
    figures: dict[tuple[str, str], int | str] = {("2024", label): 1_000_000 for label in labels}
    return population(folder, figures | change | {("2024", COUNTRY): total})


@pytest.mark.parametrize("sign", SIGNS)
def test_a_country_of_which_a_region_has_no_figure_is_not_checked_and_that_is_said(
    take: Take, tmp_path: Path, sign: str
) -> None:
    outcome = take(country(tmp_path, {("2024", "ОБЛАСТЬ АБАЙ"): sign}, 20_000_000))
    assert outcome.status == "landed", outcome.refusal
    assert outcome.notes == (
        f"not checked for want of a figure: 1 of the sums by region, the first at row 22 ({COUNTRY}), "
        "column 12 (VAL)",
    )


@pytest.mark.parametrize(("total", "status"), [(20_000_000, "landed"), (20_000_001, "refused")])
def test_a_region_that_is_no_more_is_no_part_of_the_country(
    take: Take, tmp_path: Path, total: int, status: str
) -> None:
    outcome = take(country(tmp_path, {("2024", "ЮЖНО-КАЗАХСТАНСКАЯ ОБЛАСТЬ"): "-"}, total))
    assert (outcome.status, outcome.notes) == (status, ())


def test_flows_and_zero_sums_wait_for_their_figures(take: Take, tmp_path: Path) -> None:
    """Without the balance of Atyrau neither its flows nor the sum over the regions can be checked."""
    path = tmp_path / hostile.INTERNAL
    path.write_bytes(hostile.edit(hostile.INTERNAL, 6, hostile.put(5, "…"), title="", reason="").content)
    outcome = take(path, published_on=DAY)
    assert outcome.status == "landed", outcome.refusal
    assert [note.partition(", the first")[0] for note in outcome.notes] == [
        "not checked for want of a figure: 1 of the sums by internal_balance",
    ]
