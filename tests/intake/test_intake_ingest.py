"""Idempotence, order, quarantine and retry, options, what is on disk, and layouts as data."""

import errno
import hashlib
import json
import os
import random
import socket
import threading
from dataclasses import replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from intake import hostile
from intake.support import DATA, EXAMPLES, PROJECT, Query, Take
from release_files import read_seed, write_population

from saldo import lock
from saldo.errors import InputError, LockedError, MachineError
from saldo.intake import files, ingest
from saldo.intake.grid import Cell
from saldo.intake.ingest import Options, Outcome
from saldo.intake.layout_file import FOLDER, plausible_ranges, read_layout, read_layouts
from saldo.intake.reference import read_reference
from saldo.intake.schema import ROWS
from saldo.intake.workbook import read_xlsx
from saldo.landing import Landing

SDG = DATA / "sdg_1-2-1_v02_2020-12-19_c3e8d258c.csv"
LATER = DATA / "sdg_1-2-1_v06_2022-10-17_bc57d968f.csv"
BALANCE = DATA / "bns_csv_6567_migration_balance_first_rows.csv"
FLOWS = EXAMPLES / "external_migration_2025_2026-03-13.csv"


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file of landing but the lock, by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "saldo.lock"
    }


def manifest_of(landing: Landing, release_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((landing.releases / f"{release_id}.json").read_text(encoding="utf-8"))
    return found


# --- the same file again --------------------------------------------------------------------------------


def test_the_same_bytes_change_nothing(take: Take, landing: Landing, tmp_path: Path) -> None:
    first = take(SDG)
    before = content_of(landing.folder)
    renamed = tmp_path / "copy.csv"
    renamed.write_bytes(SDG.read_bytes())
    for path in (SDG, renamed):
        again = take(path)
        assert (again.status, again.release_id) == ("already", first.release_id)
    assert content_of(landing.folder) == before


def test_the_same_bytes_of_another_day_are_another_release(
    take: Take, landing: Landing, tmp_path: Path
) -> None:
    """A publisher that takes figures back brings a file as it was before."""
    first = take(SDG)
    renamed = tmp_path / SDG.name.replace("2020-12-19", "2023-01-10")
    renamed.write_bytes(SDG.read_bytes())
    anew = [take(renamed), take(SDG, published_on=date(2024, 5, 6))]
    assert [(each.status, each.row_count) for each in anew] == [("landed", first.row_count)] * 2
    assert anew[0].notes[-1] == f"published anew: the same bytes landed as {first.release_id}"
    assert [each["published_on"] for each in landing.manifests()] == [
        "2020-12-19",
        "2023-01-10",
        "2024-05-06",
    ]
    assert {each["sha256"] for each in landing.manifests()} == {first.sha256}
    assert len(list(landing.originals.iterdir())) == 1
    before = content_of(landing.folder)
    for path, options in ((SDG, {}), (renamed, {}), (renamed, {"published_on": date(2024, 5, 6)})):
        assert take(path, **options).status == "already"
    assert content_of(landing.folder) == before


def test_a_day_that_stands_in_the_file_is_that_of_its_bytes(take: Take, landing: Landing) -> None:
    workbook = EXAMPLES / "bns_socioeconomic_indicators_1991_2016.xls"
    first = take(workbook)
    assert take(workbook, published_on=date.fromisoformat("2017-11-29")).status == "already"
    refused = take(workbook, published_on=date(2024, 5, 6))
    assert refused.refusal
    assert refused.refusal.code == "published_on_conflict"
    assert [each["release_id"] for each in landing.manifests()] == [first.release_id]


def test_a_withdrawn_release_is_known_as_such(take: Take, landing: Landing) -> None:
    release = take(SDG).release_id
    landing.withdraw(release, date(2024, 1, 2), "a wrong year")
    again = take(SDG)
    assert again.status == "already"
    assert again.notes == ("withdrawn on 2024-01-02: a wrong year",)
    assert manifest_of(landing, release)["status"] == "withdrawn"
    with pytest.raises(InputError):
        landing.withdraw("no_such_release", date(2024, 1, 2), "")


def test_a_refused_file_can_be_tried_again(take: Take, landing: Landing) -> None:
    refused = take(BALANCE)
    assert refused.refusal
    assert refused.refusal.code == "published_on_missing"
    assert [reason["reason"] for reason in landing.quarantined()] == ["published_on_missing"]
    landed = take(BALANCE, published_on=date(2026, 9, 25))
    assert landed.status == "landed"
    assert landing.quarantined() == []
    assert take(BALANCE).status == "already"


def test_reasons_are_json_that_the_warehouse_can_read(landing: Landing) -> None:
    """Half a surrogate pair is no letter: written as JSON's escape of it, it would stop the build."""
    copy = landing.folder / "copy"
    copy.write_text("x", encoding="utf-8")
    reason = {"sha256": "0" * 64, "received_at": "2024-01-01", "found": "a\ud800«b»", "message": "Шымкент"}
    landing.refuse(reason, copy, ".csv")
    found = duckdb.sql(f"select found, message from read_json('{landing.quarantine}/*/reason.json')")
    assert found.fetchall() == [(r"a\ud800«b»", "Шымкент")]


def test_originals_cannot_be_written(take: Take, landing: Landing) -> None:
    outcome = take(SDG)
    original = landing.originals / f"{outcome.sha256}.csv"
    assert original.stat().st_mode & 0o777 == 0o444
    assert hashlib.sha256(original.read_bytes()).hexdigest() == outcome.sha256 == original.stem


# --- several files and releases --------------------------------------------------------------------------


def test_one_bad_file_does_not_stop_the_others(landing: Landing) -> None:
    bad = DATA / "sdg_1-2-1_v04_2022-02-01_81d77d0c4.csv"
    paths = [str(path) for path in (SDG, bad, "/no/such/file", LATER)]
    outcomes = ingest.ingest(PROJECT, landing, paths, Options())
    assert [outcome.status for outcome in outcomes] == ["landed", "refused", "refused", "landed"]
    assert len(landing.manifests()) == 2


def test_releases_of_one_day_keep_their_order(take: Take, landing: Landing) -> None:
    day = date(2024, 3, 1)
    taken = [take(path, published_on=day).release_id for path in (LATER, SDG)]
    assert [manifest_of(landing, release)["sequence_in_day"] for release in taken] == [1, 2]
    assert [manifest["release_id"] for manifest in landing.manifests()] == taken
    # The seeds hold a release of this day already.
    workbook = DATA / "bns_population_by_region_2000_2023.xlsx"
    release = take(workbook, published_on=date(2023, 7, 21)).release_id
    assert manifest_of(landing, release)["sequence_in_day"] == 2


class SetBack(datetime):
    """The clock of a machine whose battery is empty."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime(2016, 1, 1, tzinfo=tz)


def test_under_a_clock_set_back_nothing_arrives_before_it_was_published(
    take: Take, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "datetime", SetBack)
    assert manifest_of(landing, take(SDG).release_id)["recorded_at"] == "2020-12-19T00:00:00.000000+00:00"


def test_an_old_refusal_ends_with_the_last_landing_of_the_same_bytes(
    take: Take, landing: Landing, tmp_path: Path
) -> None:
    """Also if that is published before another one: a kill may have left the refusal."""
    take(SDG, published_on=date(2021, 2, 3))
    copy = tmp_path / "copy"
    copy.write_bytes(SDG.read_bytes())
    earlier = manifest_of(landing, landing.manifests()[0]["release_id"])
    last = manifest_of(landing, take(SDG, published_on=date(2020, 12, 19)).release_id)
    reason = {"sha256": last["sha256"], "received_at": last["recorded_at"], "message": "x"}
    assert earlier["recorded_at"] < last["recorded_at"]
    landing.refuse(reason, copy, ".csv")
    assert landing.quarantined() == []


def test_what_is_refused_is_told_although_its_bytes_landed_once(
    take: Take, landing: Landing, tmp_path: Path
) -> None:
    few = tmp_path / "few.csv"
    header, *rows = BALANCE.read_bytes().splitlines(keepends=True)
    few.write_bytes(b"".join([header, *[row for row in rows if b'"2008 ' in row or b'"2009 ' in row]]))
    assert take(few, published_on=date(2026, 8, 25)).status == "landed"
    assert take(BALANCE, published_on=date(2026, 9, 25)).status == "landed"
    assert landing.quarantined() == []
    again = take(few, published_on=date(2026, 10, 25))
    assert again.refusal
    assert again.refusal.code == "row_count_implausible"
    assert [each["sha256"] for each in landing.quarantined()] == [again.sha256]


def test_an_older_release_may_come_late(take: Take, landing: Landing) -> None:
    assert take(LATER).row_count > take(SDG).row_count
    assert [manifest["published_on"] for manifest in landing.manifests()] == ["2020-12-19", "2022-10-17"]


def test_a_release_of_far_fewer_rows_is_held_to_be_cut(take: Take, tmp_path: Path) -> None:
    take(BALANCE, published_on=date(2026, 9, 25))
    header, *rows = BALANCE.read_bytes().splitlines(keepends=True)
    few = tmp_path / "few.csv"
    few.write_bytes(b"".join([header, *[row for row in rows if b'"2008 ' in row or b'"2009 ' in row]]))
    refused = take(few, published_on=date(2026, 10, 25))
    assert refused.refusal
    assert refused.refusal.code == "row_count_implausible"
    # A person who names the layout has looked at it.
    assert take(few, published_on=date(2026, 10, 25), layout="bns_csv_6567").status == "landed"


# --- options ----------------------------------------------------------------------------------------------


def test_release_id(take: Take, landing: Landing) -> None:
    assert take(SDG, release_id="poverty_2020").release_id == "poverty_2020"
    taken = take(LATER, release_id="poverty_2020")
    assert taken.refusal
    assert taken.refusal.code == "release_id_taken"


@pytest.mark.parametrize("release_id", ["", "../x", "Poverty", "a" * 81, "a b", "a/b", "a\0b"])
def test_a_release_id_is_a_plain_name(take: Take, release_id: str) -> None:
    with pytest.raises(InputError):
        take(SDG, release_id=release_id)


def test_wrong_options_are_named_before_a_file_is_read(landing: Landing) -> None:
    with pytest.raises(InputError, match="no such layout"):
        ingest.ingest(PROJECT, landing, ["x"], Options(layout="nothing"))
    with pytest.raises(InputError, match="one release id for several files"):
        ingest.ingest(PROJECT, landing, ["x", "y"], Options(release_id="a"))


def test_the_option_comes_before_the_file_name(take: Take, landing: Landing) -> None:
    release = take(SDG, published_on=date(2021, 1, 5)).release_id
    assert manifest_of(landing, release)["published_on"] == "2021-01-05"


def test_taldau_takes_the_indicator_from_the_option(take: Take, query: Query, tmp_path: Path) -> None:
    record = json.loads((DATA / "taldau_701189_agriculture_output_2026-08-31.json").read_bytes())[0]
    income = {**{key: value for key, value in record.items() if "20" not in key}, "y122020": "116126.35"}
    path = tmp_path / "answer_2026-08-31.json"
    path.write_text(json.dumps([income]), encoding="utf-8")
    assert take(path, indicator="nominal_income_per_capita").status == "landed"
    assert query(
        "select source_series, value, decimals, published from (select *, 1 as published from landed)"
    ) == [("taldau_704447", Decimal("116126.35"), 2, 1)]


# --- what is on disk --------------------------------------------------------------------------------------


def refusal_of(take: Take, path: object) -> str:
    outcome = take(path)
    assert outcome.refusal
    return outcome.refusal.code


def test_paths_that_are_no_files(take: Take, landing: Landing, tmp_path: Path) -> None:
    link, pipe = tmp_path / "link.csv", tmp_path / "pipe.csv"
    link.symlink_to(SDG)
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path, "/dev/zero", "/dev/null", "/"):
        assert refusal_of(take, path) == "not_a_regular_file"
    assert refusal_of(take, tmp_path / "loop" / "x") == "not_found"
    assert refusal_of(take, tmp_path / ("x" * 300)) == "bad_name"
    assert refusal_of(take, "a\0b.csv") == "bad_name"
    assert refusal_of(take, SDG / "x") == "unreadable"
    assert content_of(landing.folder) == {}


def test_a_socket(take: Take, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        assert refusal_of(take, tmp_path / "s") == "not_a_regular_file"


def test_a_file_that_may_not_be_read(take: Take, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_bytes(b"x")
    really = os.open

    def denied(name: Any, *arguments: Any) -> int:
        if name == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(name, *arguments)

    monkeypatch.setattr(files.os, "open", denied)
    assert refusal_of(take, path) == "unreadable"


@pytest.mark.parametrize(
    "name",
    [
        "..csv",
        "a\nb.csv",
        "\u202egnp.csv",
        "a'; drop table x.csv",
        "=cmd.csv",
        "a" * 251 + ".csv",
        "ü.CSV",
        "noname",
        "x.a very long suffix",
        b"\xff.csv".decode("utf-8", "surrogateescape"),
    ],
)
def test_odd_names_are_kept_out_of_the_way(take: Take, landing: Landing, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FLOWS.read_bytes())
    outcome = take(path, published_on=date(2026, 3, 13))
    assert outcome.status == "landed"
    manifest = manifest_of(landing, outcome.release_id)
    assert manifest["file_name"].isprintable()
    (original,) = landing.originals.iterdir()
    assert original.name in {outcome.sha256, f"{outcome.sha256}.csv"}
    reference = pq.read_table(landing.rows / f"{outcome.release_id}.parquet")["source_ref"][0].as_py()
    assert reference.startswith(f"{manifest['file_name']}, row 2 (KZ), column 8")


def test_dots_in_a_path_lead_nowhere_else(take: Take, landing: Landing, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / ".." / FLOWS.name
    (tmp_path / FLOWS.name).write_bytes(FLOWS.read_bytes())
    assert manifest_of(landing, take(path).release_id)["file_name"] == FLOWS.name


def test_a_file_that_grows_while_it_is_read(
    take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / SDG.name
    path.write_bytes(SDG.read_bytes())
    copy = files._copy

    def slow(descriptor: int, to: Path) -> tuple[str, int]:
        found = copy(descriptor, to)
        with path.open("ab") as file:
            file.write(b"2024,PT,,,,1.0\n")
        return found

    monkeypatch.setattr(files, "_copy", slow)
    assert refusal_of(take, path) == "changed_while_read"


def test_a_file_beyond_the_limit(take: Take, landing: Landing, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(files.LARGEST_OF_ANY + 1)
    assert refusal_of(take, path) == "too_large"
    assert content_of(landing.folder) == {}


def test_limits_by_kind(take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(files.LARGEST, "xlsx", 1000)
    assert refusal_of(take, DATA / "bns_population_by_region_2000_2023.xlsx") == "too_large"


def test_an_encrypted_workbook(take: Take, tmp_path: Path) -> None:
    content = bytearray((DATA / "bns_population_by_region_2000_2023.xlsx").read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            content[at + offset] |= 1
    path = tmp_path / "locked.xlsx"
    path.write_bytes(content)
    assert refusal_of(take, path) == "encrypted"


def test_links_that_are_not_read_do_no_harm(take: Take, tmp_path: Path) -> None:
    """Real workbooks keep links of which nothing is left; only a figure that comes through one is refused."""
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    tricks = {"xl/externalLinks/externalLink1.xml": link, "../../evil.xml": b"<x/>", "/etc/passwd": b"x"}
    path = tmp_path / "population.xlsx"
    path.write_bytes(hostile.rebuilt(lambda parts: parts.update(tricks)))
    assert take(path, published_on=date(2023, 7, 21)).status == "landed"


@pytest.mark.parametrize(
    ("shown", "is_date"),
    [
        ("General", False), ("0", False), ("#,##0.00", False), ("0.00E+00", False), ("@", False),
        ('0" days"', False), ("[Red]0", False), (r"#\ ##0\ \d", False), ("_-* #,##0_-", False),
        ("yyyy-mm-dd", True), ("DD.MM.YYYY", True), ("[$-419]d mmmm;@", True), ("h:mm", True),
        ("[h]:mm:ss", True), ("mmm-yy", True), ('yyyy" год"', True),
    ],
)  # fmt: skip
def test_a_number_that_a_workbook_shows_as_a_day_is_none(tmp_path: Path, shown: str, is_date: bool) -> None:
    """As openpyxl, another reader, finds it."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for column, format_code in ((1, shown), (2, "General")):
        cell = book.active.cell(1, column, 40299)
        cell.number_format = format_code
    book.save(tmp_path / "book.xlsx")
    again = openpyxl.load_workbook(tmp_path / "book.xlsx").active
    assert again is not None
    assert again.cell(1, 1).is_date == is_date
    (grid,) = read_xlsx(tmp_path / "book.xlsx")
    assert (grid.rows[1][1].text, grid.rows[1][1].native) == (
        ("(a date, 40299)", False) if is_date else ("40299", True)
    )
    assert grid.rows[1][2] == Cell("40299", native=True)


def test_formulas_and_truth_values_of_a_workbook(tmp_path: Path) -> None:
    """openpyxl writes formulas without their values; a formula may also give a blank text."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["=1+1", True, False])
    book.save(tmp_path / "book.xlsx")
    (grid,) = read_xlsx(tmp_path / "book.xlsx")
    assert grid.rows[1] == {
        1: Cell("", native=True, formula=True, missing=True), 2: Cell("TRUE"), 3: Cell("FALSE"),
    }  # fmt: skip
    blank = '<c r="B2" t="str"><f>IF(1,"","")</f><v></v></c>'
    (tmp_path / "blank.xlsx").write_bytes(hostile.in_sheet('<c r="B2" s="17"><v>14901641</v></c>', blank))
    assert read_xlsx(tmp_path / "blank.xlsx")[0].rows[2][2] == Cell("", formula=True)


def test_a_formula_counts_by_the_value_that_the_workbook_holds(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "population.xlsx"
    old, new = '<c r="B2" s="17"><v>14901641</v></c>', '<c r="B2"><f>SUM(B3:B22)</f><v>14901641</v></c>'
    path.write_bytes(hostile.in_sheet(old, new))
    assert take(path, published_on=date(2023, 7, 21)).status == "landed"


DAMAGED = (
    hostile.WORKBOOK,
    hostile.OLD_WORKBOOK,
    hostile.SDG,
    hostile.BALANCE,
    hostile.KAZDATA,
    hostile.SDMX,
    "canonical.parquet",
)


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_at_random_never_crashes_the_program(name: str, take: Take, tmp_path: Path) -> None:
    """Bits turned over, bytes lost, added or repeated: refused, or landed if nothing was hit that is read."""
    content = (
        hostile.as_parquet(hostile.canonical_table()) if name.endswith("parquet") else hostile.read(name)
    )
    dated = name in {hostile.OLD_WORKBOOK, hostile.KAZDATA}
    dice = random.Random(20260331)  # noqa: S311 - the same damage in every run
    for number in range(24):
        damaged = bytearray(content)
        at, other, length = (dice.randrange(len(damaged)) for _ in range(3))
        if number % 4 == 0:
            for _ in range(dice.randint(1, 30)):
                damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        elif number % 4 == 1:
            del damaged[at : at + length % 2000]
        elif number % 4 == 2:
            damaged[at:at] = dice.randbytes(1 + length % 50)
        else:
            damaged[at : at + length % 500] = damaged[other : other + length % 500]
        path = tmp_path / name
        path.write_bytes(damaged)
        outcome = take(path, published_on=None if dated else date(2026, 9, 30))
        assert not (outcome.refusal and outcome.refusal.code == "internal"), outcome.refusal


# --- faults -----------------------------------------------------------------------------------------------


def test_a_fault_of_the_program_is_logged_and_refuses_the_file(
    take: Take, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(ingest, "check", broken)
    assert refusal_of(take, SDG) == "internal"
    assert "ZeroDivisionError: a fault" in landing.log.read_text(encoding="utf-8")
    assert [reason["reason"] for reason in landing.quarantined()] == ["internal"]


def test_a_full_disk_leaves_no_half_release(
    take: Take, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for target in ("saldo.landing._write_json", "saldo.landing._move", "saldo.intake.ingest.write_rows"):
        with monkeypatch.context() as patch:
            patch.setattr(target, full)
            with pytest.raises(OSError, match="No space left"):
                take(SDG)
        assert landing.manifests() == []
        assert [path.name for path in landing.folder.rglob("*.tmp")] == []
    assert take(SDG).status == "landed"


def test_quarantined_originals_go_first_and_their_reasons_stay(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of 1 MB: of three refused files of 0.4 MB and a landed one, the oldest refused one must go."""
    monkeypatch.setenv("SALDO_KEEP_ORIGINALS_MB", "1")
    paths = [tmp_path / f"{number}.csv" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(f"nothing,known,{number}\n".encode() + b"x" * 400_000)
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    outcomes = ingest.ingest(PROJECT, landing, [str(path) for path in [*paths, SDG]], Options())
    assert [outcome.status for outcome in outcomes] == ["refused", "refused", "refused", "landed"]
    left = {path.parent.name for path in landing.quarantine.glob("*/original.csv")}
    assert left == set(hashes[1:])
    reasons = {reason["sha256"]: reason for reason in landing.quarantined()}
    assert set(reasons) == set(hashes)
    assert [reasons[each].get("original_dropped") for each in hashes] == [
        "beyond SALDO_KEEP_ORIGINALS_MB",
        None,
        None,
    ]
    assert [path.stem for path in landing.originals.iterdir()] == [outcomes[-1].sha256]
    before = content_of(landing.folder)
    ingest.ingest(PROJECT, landing, [str(SDG)], Options())
    assert content_of(landing.folder) == before


def test_landed_originals_never_go_and_their_limit_stops_the_ingestion(
    take: Take, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALDO_KEEP_ORIGINALS_MB", "1")
    take(SDG)
    (landing.originals / "f00.csv").write_bytes(b"x" * (1_000_000 - SDG.stat().st_size))
    assert take(SDG).status == "already"
    before = content_of(landing.folder)
    with pytest.raises(MachineError, match=r"the originals take 1\.0 MB, .* the limit is 1\.0 MB") as caught:
        take(LATER)
    assert "SALDO_KEEP_ORIGINALS_MB" in caught.value.remedy
    assert content_of(landing.folder) == before
    monkeypatch.setenv("SALDO_KEEP_ORIGINALS_MB", "2")
    assert take(LATER).status == "landed"


def test_a_landing_of_a_newer_format_is_refused(take: Take, landing: Landing) -> None:
    release = take(SDG).release_id
    path = landing.releases / f"{release}.json"
    path.write_text(path.read_text("utf-8").replace('"format_version": 1', '"format_version": 2'), "utf-8")
    before = content_of(landing.folder)
    with pytest.raises(InputError, match="landing is of format 2; this version of saldo reads up to 1"):
        take(LATER)
    assert content_of(landing.folder) == before


def test_what_a_killed_run_left_is_cleared(take: Take, landing: Landing) -> None:
    landing.incoming.mkdir()
    (landing.incoming / "file").write_bytes(b"half a file")
    assert take(SDG).status == "landed"
    assert not landing.incoming.exists()


def test_one_ingestion_at_a_time(take: Take, landing: Landing) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock.held(landing.lock, "saldo ingest"):
            held.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(20)
    try:
        with pytest.raises(LockedError):
            take(SDG)
    finally:
        done.set()
        holder.join()
    assert take(SDG).status == "landed"


# --- layouts are data -------------------------------------------------------------------------------------

NEW_LAYOUT = """
kind = "delimited"
shape = "long"
title = "Arrivals from abroad by region"
description = "A made-up shape: semicolons, decimal comma, thousands of persons."
publisher = "Nobody"
source_url = ""
terms_of_use = "none"
label_set = "kato_9"
delimiter = ";"

[published_on]
file_name = '(\\d{4})-(\\d{2})-(\\d{2})'

[numbers]
decimal = ","

[marks."…"]
status = "L"
meaning = "not collected"

[marks."x"]
status = "Q"
meaning = "suppressed"

[[column]]
title = "kato"
role = "region"

[[column]]
title = "year"
role = "period"
formats = ["year"]

[[column]]
title = "thousand"
role = "value"

[[measure]]
indicator = "external_arrivals"
series = "bns_external_arrivals"
multiplier = 3
"""


FREQUENCY = '[[column]]\ntitle = "how often"\nrole = "frequency"\n'


def test_a_new_layout_is_a_file_and_no_code(take: Take, query: Query, tmp_path: Path) -> None:
    (tmp_path / "made_up.toml").write_text(NEW_LAYOUT, encoding="utf-8")
    path = tmp_path / "arrivals_2025-02-03.csv"
    path.write_text(
        "kato;year;thousand\n750000000;2023;12,345\n750000000;2024;…\n790000000;2024;x\n", encoding="utf-8"
    )
    layouts = [*read_layouts(), read_layout(tmp_path / "made_up.toml")]
    outcome = take(path, layouts=layouts)
    assert outcome.status == "landed", outcome.refusal
    assert query("select cast(value as varchar), decimals, obs_status from landed order by row_no") == [
        ("12345.000000", 0, "A"),
        (None, None, "L"),
        (None, None, "Q"),
    ]


@pytest.mark.parametrize(
    ("said", "reason"), [("yearly", ""), ("quarterly", "period_conflict"), ("A", "unknown_code")]
)
def test_any_layout_may_have_a_frequency(take: Take, tmp_path: Path, said: str, reason: str) -> None:
    codes = 'codes = { "yearly" = "A", "quarterly" = "Q" }\n'
    text = NEW_LAYOUT.replace("[[measure]]", f"{FREQUENCY}{codes}\n[[measure]]")
    (tmp_path / "made_up.toml").write_text(text, encoding="utf-8")
    path = tmp_path / "arrivals_2025-02-03.csv"
    path.write_text(
        f"kato;year;thousand;how often\n750000000;2023;12,345;yearly\n750000000;2024;12,5;{said}\n",
        encoding="utf-8",
    )
    outcome = take(path, layouts=[read_layout(tmp_path / "made_up.toml")])
    if not reason:
        assert outcome.status == "landed", outcome.refusal
        return
    refusal = outcome.refusal
    assert refusal
    assert (refusal.code, refusal.found) == (reason, said)
    assert (refusal.place.row, refusal.place.column_label) == (3, "how often")
    if reason == "period_conflict":
        assert refusal.message.startswith("«year» says «2024», «how often» says «quarterly»")


@pytest.mark.parametrize(
    ("pattern", "example", "message"),
    [
        (r"x_(\d{4})", "x_2024.csv", ""),
        (r"x_(\d{4})", "", "finds no period in «file_name_example»"),
        (r"x_(\d{4})", "y_2024.csv", "finds no period in «file_name_example»"),
        (r"x_\d{4}", "x_2024.csv", "finds no period in «file_name_example»"),
    ],
)
def test_a_period_in_the_name_has_an_example(
    tmp_path: Path, pattern: str, example: str, message: str
) -> None:
    path = tmp_path / "made_up.toml"
    named = f"period_in_file_name = '{pattern}'\nfile_name_example = '{example}'\n[published_on]"
    text = NEW_LAYOUT.replace('role = "period"\nformats = ["year"]', 'role = "ignored"')
    path.write_text(text.replace("[published_on]", named), encoding="utf-8")
    if not message:
        assert read_layout(path).file_name_example == example
        return
    with pytest.raises(InputError, match=message):
        read_layout(path)


def test_two_layouts_that_fit_are_an_error_that_lists_them(take: Take, tmp_path: Path) -> None:
    text = (FOLDER / "sdg_1_2_1.toml").read_text(encoding="utf-8")
    (tmp_path / "twin.toml").write_text(text, encoding="utf-8")
    layouts = [*read_layouts(), read_layout(tmp_path / "twin.toml")]
    outcome = take(SDG, layouts=layouts)
    assert outcome.refusal
    assert outcome.refusal.code == "ambiguous_layout"
    assert "sdg_1_2_1, twin" in outcome.refusal.message
    assert take(SDG, layouts=layouts, layout="twin").layout == "twin"


def test_no_candidate_lists_what_was_looked_for(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    outcome = take(path)
    assert outcome.refusal
    looked_for = {line.partition(":")[0] for line in outcome.refusal.details}
    assert looked_for == {layout.name for layout in read_layouts() if layout.kind in {"delimited", "text"}}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("label_set =", "lable_set =", "the key «label_set» is missing"),
        ("delimiter =", "delimeter =", "unknown key «delimeter»"),
        ('role = "region"', 'role = "oblast"', "«role» is «oblast»"),
        ('formats = ["year"]', 'formats = ["yaer"]', "«formats» names «yaer»"),
        ('status = "Q"', 'status = "A"', "«status» is «A»"),
        ("multiplier = 3", 'multiplier = "3"', "«multiplier» is not of the type int"),
        ("(\\\\d{4})", "(\\\\d{4}", "no regular expression"),
        ('kind = "delimited"', 'kind = ""', "«kind» is «»"),
        ('delimiter = ";"', 'delimiter = ";;"', "«delimiter» is not one sign"),
        ('title = "thousand"', "title = ", "not TOML"),
        ('role = "value"', 'role = "value"\nmeasure = "nothing"', "names the measure «nothing»"),
        ('role = "period"', 'role = "frequency"', "«year» needs a column of the role period"),
        ('role = "period"', 'role = "period_check"', "«year» needs a column of the role period"),
        ("[[measure]]", f'{FREQUENCY}codes = {{ "yearly" = "Y" }}\n[[measure]]', "none of A, S, Q, M, D"),
        ('role = "period"\n', 'role = "period"\noptional = true\n' + FREQUENCY, "which is not optional"),
        ("[published_on]", "period_in_file_name = 'x'\n[published_on]", "beside periods of the table"),
        ("[[measure]]", '[[checks.sum]]\nover = "region"\ntotal = "00"\n[[measure]]', "«over» is «region»"),
        ("[[measure]]", '[[checks.sum]]\nover = "sex"\ntotal = "_T"\n[[measure]]', "«parts» is missing"),
        ("[[measure]]", "[checks]\nzero_sums = []\n[[measure]]", "unknown key «zero_sums»"),
    ],
)
def test_a_misspelt_layout_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "made_up.toml"
    text = NEW_LAYOUT.replace(old.replace("\\\\", "\\"), new.replace("\\\\", "\\"), 1)
    assert text != NEW_LAYOUT
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_layout(path)
    assert message in str(caught.value)
    assert "made_up.toml" in caught.value.where


def declaring(monkeypatch: pytest.MonkeyPatch, identity: str, **change: Any) -> None:
    """Has identity.csv say something else of one identity, named by its total and what it sums over."""
    reference = read_reference(PROJECT)
    total, over = identity.split(" by ")
    changed = [
        replace(each, **change) if (each.total, each.over) == (total, over) else each
        for each in reference.identities
    ]
    assert (total, over) in {(each.total, each.over) for each in reference.identities}
    monkeypatch.setattr(
        ingest, "read_reference", lambda project: replace(reference, identities=tuple(changed))
    )


def flows(tmp_path: Path, balance: int) -> Path:
    """The flows of 2025 with another balance: 16 153 is right."""
    file = tmp_path / FLOWS.name
    file.write_text(FLOWS.read_text(encoding="utf-8").replace("16153", str(balance)), encoding="utf-8")
    return file


@pytest.mark.parametrize("severity", ["quarantine", "warn"])
def test_a_mismatch_refuses_or_warns_as_its_identity_declares(
    take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, severity: str
) -> None:
    declaring(monkeypatch, "external_balance by indicator", severity=severity, tolerance=Decimal(0))
    outcome = take(flows(tmp_path, 16_154))
    mismatch = "is «16154»; arrivals less departures are 16153"
    if severity == "warn":
        assert (outcome.status, outcome.row_count) == ("landed", 3)
        (note,) = outcome.notes
        assert note.startswith("does not hold: row ")
        assert mismatch in note
    else:
        assert outcome.refusal
        assert outcome.refusal.code == "total_mismatch"
        assert mismatch in outcome.refusal.message


def test_a_layout_has_no_say_in_what_an_identity_states(
    take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sum that a layout adds is for other indicators; for those of the identity, the identity decides."""
    text = (FOLDER / "sdmx_csv.toml").read_text(encoding="utf-8")
    declared = tmp_path / "sdmx_csv.toml"
    by_sex = '[[checks.sum]]\nover = "sex"\ntotal = "_T"\nparts = ["M", "F"]\n'
    declared.write_text(f"{text}\n{by_sex}", encoding="utf-8")
    layouts = [read_layout(declared)]
    declaring(monkeypatch, "_T by sex", severity="warn")
    figures = ("_T,780001", "M,380000", "F,400000")
    people = tmp_path / "people_2024-02-01.csv"
    write_sdmx(people, *(f"population,KZ-11,{figure},2020" for figure in figures))
    outcome = take(people, layouts=layouts)
    assert outcome.status == "landed", outcome.refusal
    assert [note.partition(": ")[0] for note in outcome.notes] == ["does not hold"]
    declaring(monkeypatch, "_T by sex", indicators=("external_balance",))
    people.write_text(people.read_text(encoding="utf-8").replace("780001", "780002"), encoding="utf-8")
    refusal = take(people, layouts=layouts).refusal
    assert refusal
    assert "by sex sum to 780000" in refusal.message


@pytest.mark.parametrize(("tolerance", "off", "landed"), [("1", 1, True), ("1", 2, False), ("0.9", 1, False)])
def test_flows_may_differ_by_the_tolerance_of_their_identity(
    take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tolerance: str, off: int, landed: bool
) -> None:
    declaring(monkeypatch, "external_balance by indicator", tolerance=Decimal(tolerance))
    for balance in (16_153 + off, 16_153 - off):
        outcome = take(flows(tmp_path, balance))
        assert (outcome.status == "landed") == landed, outcome.refusal


@pytest.mark.parametrize(("tolerance", "off", "landed"), [("2", 2, True), ("2", 3, False), ("0", 1, False)])
def test_internal_migration_may_differ_from_nothing_by_the_tolerance_of_its_identity(
    take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tolerance: str, off: int, landed: bool
) -> None:
    declaring(monkeypatch, "0 by region", tolerance=Decimal(tolerance))
    for sign in (1, -1):
        header, *rows = (
            (DATA / "internal_migration_by_region_2022.csv").read_text(encoding="utf-8").splitlines()
        )
        name, month, arrivals, departures, net = rows[0].split(",")
        rows[0] = f"{name},{month},{int(arrivals) + sign * off},{departures},{int(net) + sign * off}"
        path = tmp_path / "internal_migration_by_region_2022.csv"
        path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        outcome = take(path, published_on=date(2023, 2, 28))
        assert (outcome.status == "landed") == landed, outcome.refusal


def write_sdmx(path: Path, *figures: str) -> None:
    """A message of yearly figures: indicator, area, sex, value, year."""
    rows = []
    for figure in figures:
        indicator, area, sex, value, year = figure.split(",")
        rows.append(f"dataflow,MADE:UP(1.0),I,A,{indicator},{area},{sex},{year},{value},A")
    path.write_text("\n".join([SDMX, *rows, ""]), encoding="utf-8")


SDMX = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,INDICATOR,REF_AREA,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS"
BY_SPECIALTY = SDMX.replace("SEX", "SPECIALTY")


@pytest.mark.parametrize(
    ("figures", "message", "not_checked"),
    [
        (("KZ-11,_T,-3000,A", "KZ-11,technical,-1000,A", "KZ-11,legal,-2000,A"), "", 0),
        (("KZ-11,_T,-3000,A", "KZ-11,technical,-1000,A"), "by specialty sum to -1000", 0),
        (("KZ-11,_T,-3000,A", "KZ-11,technical,-1000,A", "KZ-11,legal,,O"), "", 1),
        (("KZ-11,_T,-3000,A",), "", 0),
        (("KZ,_T,-3000,A", "KZ-11,_T,-1000,A", "KZ-15,_T,-2000,A"), "", 0),
        (("KZ,_T,-3000,A", "KZ-11,_T,-1000,A", "KZ-15,_T,-1000,A"), "by regions sum to -2000", 0),
        (("KZ,_T,-3000,A", "KZ-11,_T,-1000,A", "KZ-15,_T,,O"), "", 1),
        # Abai began in 2022: that there was nothing to observe in 2020 is no lack of a figure
        (("KZ,_T,-3000,A", "KZ-11,_T,-3000,A", "KZ-10,_T,,M"), "", 0),
    ],
)
def test_all_parts_that_a_file_gives_sum_to_their_total(
    take: Take, tmp_path: Path, figures: tuple[str, ...], message: str, not_checked: int
) -> None:
    path = tmp_path / "specialties_2024-02-01.csv"
    rows = []
    for figure in figures:
        area, specialty, value, status = figure.split(",")
        said = f"migration_balance_by_specialty,{area},{specialty},2020,{value},{status}"
        rows.append(f"dataflow,MADE:UP(1.0),I,A,{said}")
    path.write_text("\n".join([BY_SPECIALTY, *rows, ""]), encoding="utf-8")
    outcome = take(path)
    if message:
        assert outcome.refusal
        assert outcome.refusal.code == "total_mismatch"
        assert message in outcome.refusal.message
    else:
        assert outcome.status == "landed", outcome.refusal
        assert [note.partition(" of the sums")[0] for note in outcome.notes] == [
            f"not checked for want of a figure: {not_checked}"
        ] * not_checked


@pytest.mark.parametrize(
    ("indicator", "figures", "message"),
    [
        ("population", ("KZ-11,_T,780001", "KZ-11,M,380000", "KZ-11,F,400000"), "by sex sum to 780000"),
        ("population", ("KZ-11,_T,780000", "KZ-11,M,380000", "KZ-11,F,400000"), ""),
        ("poverty_share", ("KZ-11,_T,5.2", "KZ-11,M,5.0", "KZ-11,F,5.4"), ""),
    ],
    ids=["does not hold", "holds", "does not add up"],
)
def test_what_holds_within_any_release_is_checked_in_files_of_every_layout(
    take: Take, tmp_path: Path, indicator: str, figures: tuple[str, ...], message: str
) -> None:
    path = tmp_path / "people_2024-02-01.csv"
    write_sdmx(path, *(f"{indicator},{figure},2020" for figure in figures))
    outcome = take(path)
    if message:
        assert outcome.refusal
        assert outcome.refusal.code == "total_mismatch"
        assert message in outcome.refusal.message
    else:
        assert outcome.status == "landed", outcome.refusal


@pytest.mark.parametrize(("balance", "message"), [("6001", "by regions sum to 6000"), ("6000", "")])
def test_flows_of_all_regions_are_checked_against_the_external_balance_of_the_country(
    take: Take, tmp_path: Path, balance: str, message: str
) -> None:
    labels = [row for row in read_seed(PROJECT, "region_label") if row["label_set"] == "iso_3166_2"]
    regions = [row["label"] for row in labels if row["region_code"] not in ("00", "51")]
    assert len(regions) == 20
    said = [("external_balance", "KZ", balance), *(("all_flows_balance", area, "300") for area in regions)]
    rows = [f"dataflow,MADE:UP(1.0),I,A,{of},{area},_T,2023,{value},A" for of, area, value in said]
    path = tmp_path / "flows_2024-02-01.csv"
    path.write_text("\n".join([SDMX, *rows, ""]), encoding="utf-8")
    outcome = take(path)
    if message:
        assert outcome.refusal
        assert outcome.refusal.code == "total_mismatch"
        assert message in outcome.refusal.message
    else:
        assert outcome.status == "landed", outcome.refusal


def test_an_estimate_may_be_of_a_time_before_its_territory(take: Take, query: Query, tmp_path: Path) -> None:
    rows = "dataflow,MADE:UP(1.0),I,A,population,KZ-10,_T,2010,{},{}"
    for value, status, landed in ((600001, "A", False), (600002, "E", True)):
        path = tmp_path / f"abai_{status}_2024-02-01.csv"
        path.write_text("\n".join([SDMX, rows.format(value, status), ""]), encoding="utf-8")
        outcome = take(path)
        assert (outcome.status == "landed") == landed, outcome.refusal
    assert query("select obs_status, cast(value as integer) from landed") == [("E", 600002)]


def test_canonical_parquet_comes_back(take: Take, query: Query, landing: Landing, tmp_path: Path) -> None:
    path = tmp_path / "canonical.parquet"
    table = hostile.canonical_table()
    stated = {"publisher": "Bureau", "published_on": "2025-03-01"}
    pq.write_table(table.replace_schema_metadata(stated), path)
    outcome = take(path)
    assert outcome.status == "landed", outcome.refusal
    assert query("select * from landed order by row_no") == [tuple(row.values()) for row in table.to_pylist()]
    manifest = manifest_of(landing, outcome.release_id)
    assert (manifest["publisher"], manifest["published_on"]) == ("Bureau", "2025-03-01")


@pytest.mark.parametrize(
    ("printed", "value", "decimals"),
    [
        ("16\u00a0550", "16550", 0), ("16550,0", "16550", 1), ("\u221216\u00a0550", "-16550", 0),
        ("16.55", "16550", 0), ("16549.5713415945", "16550", 0), ("1.655E4", "16550", 0),
        ("16550,415)", "16550.4", 1), ("", "16550", 0),
    ],
)  # fmt: skip
def test_what_canonical_rows_give_as_printed_may_be_written_as_any_layout_writes_it(
    take: Take, tmp_path: Path, printed: str, value: str, decimals: int
) -> None:
    first, second = hostile.canonical_table().to_pylist()
    first |= {
        "indicator_code": "nominal_income_per_capita", "source_series": "taldau_704447",
        "unit_code": "KZT_MONTH", "printed_text": printed, "decimals": decimals,
        "value": Decimal(value.lstrip("-")),
    }  # fmt: skip
    if value.startswith("-"):
        first = second | {"printed_text": printed, "value": Decimal(value)}
    path = tmp_path / "canonical.parquet"
    path.write_bytes(hostile.as_parquet(pa.Table.from_pylist([first], schema=ROWS)))
    outcome = take(path, published_on=date(2026, 9, 30))
    assert outcome.status == "landed", outcome.refusal


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2000-01-01", "2025-01-01"), ("2024-01-01", "2025-01-01"), ("2024-07-01", "2025-01-01"),
        ("2024-04-01", "2024-07-01"), ("2024-02-01", "2024-03-01"),
    ],
)  # fmt: skip
def test_a_flow_is_of_a_month_a_quarter_a_half_year_or_years(
    take: Take, tmp_path: Path, start: str, end: str
) -> None:
    row = hostile.canonical_table().to_pylist()[0]
    row |= {"period_start": date.fromisoformat(start), "period_end": date.fromisoformat(end)}
    path = tmp_path / "canonical.parquet"
    path.write_bytes(hostile.as_parquet(pa.Table.from_pylist([row], schema=ROWS)))
    outcome = take(path, published_on=date(2026, 9, 30))
    assert outcome.status == "landed", outcome.refusal


def test_layouts_and_plausible_sizes_agree_on_what_is_counted_on_a_day() -> None:
    of_a_day = {indicator for indicator, sizes in plausible_ranges().items() if sizes.of_a_day}
    measures = [measure for layout in read_layouts() for measure in layout.measures]
    assert {each.indicator for each in measures if each.time == "first_day"} == of_a_day
    assert of_a_day.isdisjoint(each.indicator for each in measures if each.time != "first_day")


def test_landed_rows_can_be_ingested_elsewhere(take: Take, landing: Landing, tmp_path: Path) -> None:
    """What one landing wrote is a release file of another."""
    release = take(
        DATA / "bns_population_by_region_2000_2023.xlsx", published_on=date(2023, 7, 21)
    ).release_id
    path = tmp_path / "population.parquet"
    path.write_bytes((landing.rows / f"{release}.parquet").read_bytes())
    outcome = take(path, published_on=date(2023, 7, 22))
    assert outcome.status == "landed", outcome.refusal
    one, other = (pq.read_table(landing.rows / f"{name}.parquet") for name in (release, outcome.release_id))
    assert one.equals(other)


# --- the territory set that a release declares -----------------------------------------------------------


def back_cast(
    take: Take, tmp_path: Path, territory_set: str, change: dict[str, int | str], total: int
) -> Outcome:
    """Ingests the population of 2010 over today's twenty regions, a million each but for the change."""
    label = {
        row["region_code"]: row["label"]
        for row in read_seed(PROJECT, "region_label")
        if row["label_set"] == "bns_upper"
    }
    people: dict[str, int | str] = {code: 1_000_000 for code in label if code not in ("00", "51")}
    figures = {("2010", label[code]): value for code, value in (people | change | {"00": total}).items()}
    path = write_population(tmp_path / "population_2026-09-30.csv", figures)
    text = (FOLDER / "bns_csv_6584.toml").read_text(encoding="utf-8")
    declared = tmp_path / "bns_csv_6584.toml"
    declared.write_text(f'territory_set = "{territory_set}"\n{text}', encoding="utf-8")
    return take(path, layouts=[read_layout(declared)])


@pytest.mark.parametrize("territory_set", ["2022-06-08", "in_force"])
def test_a_back_cast_over_the_regions_of_today_sums_to_the_country(
    take: Take, landing: Landing, query: Query, tmp_path: Path, territory_set: str
) -> None:
    outcome = back_cast(take, tmp_path, territory_set, {}, 20_000_000)
    assert (outcome.status, outcome.notes) == ("landed", ())
    assert manifest_of(landing, outcome.release_id)["territory_set"] == territory_set
    by_status = "select obs_status, count(*) from landed where cell_kind = 'fact' group by all order by all"
    assert query(by_status) == [("A", 15), ("E", 5)]


def test_an_abolished_region_beside_the_regions_of_a_day_is_not_counted(take: Take, tmp_path: Path) -> None:
    """South Kazakhstan as it was, 1 900 000, beside Turkistan and Shymkent as estimated, a million each."""
    beside: dict[str, int | str] = {"51": 1_900_000}
    together = 21_900_000
    for territory_set, total, summed in (
        ("2022-06-08", together, 20_000_000),
        ("in_force", together, 19_900_000),
        ("in_force", 20_000_000, 19_900_000),
    ):
        refusal = back_cast(take, tmp_path, territory_set, beside, total).refusal
        assert refusal, (territory_set, total)
        assert refusal.code == "total_mismatch"
        assert refusal.message.endswith(f"its parts by regions sum to {summed}")
    assert back_cast(take, tmp_path, "2022-06-08", beside, 20_000_000).status == "landed"


def test_the_regions_of_a_day_must_all_be_there_to_be_summed(take: Take, tmp_path: Path) -> None:
    gone = back_cast(take, tmp_path, "2022-06-08", {"10": "-"}, 20_000_000)
    assert gone.status == "landed", gone.refusal
    assert [note.partition(", the first")[0] for note in gone.notes] == [
        "not checked for want of a figure: 1 of the sums by region"
    ]


def write_lines(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def test_a_file_cut_between_two_lines_is_refused_although_it_has_half_of_the_edition_before(
    take: Take, tmp_path: Path
) -> None:
    lines = hostile.whole_population()
    whole = take(write_lines(tmp_path / "population_2026-08-11.csv", lines))
    assert (whole.status, whole.notes) == ("landed", ())
    cut = lines[: len(lines) * 63 // 100]
    refusal = take(write_lines(tmp_path / "population_2026-09-30.csv", cut)).refusal
    assert refusal
    assert refusal.code == "incomplete"
    assert "of its 16 parts by region" in refusal.message


def test_a_region_that_is_missing_beside_the_one_that_it_was_split_from_is_named(
    take: Take, tmp_path: Path
) -> None:
    """With East Kazakhstan its unit is there, so that the sum is taken, and does not hold."""
    lines = hostile.whole_population(lambda label, year, sex: label != "ОБЛАСТЬ АБАЙ")
    refusal = take(write_lines(tmp_path / "population_2026-09-30.csv", lines)).refusal
    assert refusal
    assert (refusal.code, refusal.details[0]) == (
        "total_mismatch",
        "not there, and in force then: ОБЛАСТЬ АБАЙ (10)",
    )


def test_a_country_with_a_few_regions_is_an_extract_and_its_sums_are_not_checked(
    take: Take, tmp_path: Path
) -> None:
    few = ("РЕСПУБЛИКА КАЗАХСТАН", hostile.AKMOLA, "Г.АСТАНА")
    lines = hostile.whole_population(lambda label, year, sex: label in few and sex != "Женщины")
    outcome = take(write_lines(tmp_path / "population_2026-09-30.csv", lines))
    assert outcome.status == "landed", outcome.refusal
    assert [note.partition(", the first")[0] for note in outcome.notes] == [
        "not checked for want of a part: 6 of the sums by region",
        "not checked for want of a part: 9 of the sums by sex",
    ]


@pytest.mark.parametrize("missing", ["", hostile.AKMOLA])
def test_a_city_given_as_town_only_is_not_missing_from_the_country(
    take: Take, tmp_path: Path, missing: str
) -> None:
    """So the bureau's element 6567 has Almaty; nobody else may be missing beside it."""
    lines = hostile.whole_population(lambda label, year, sex: sex == "Всего" and label != missing)
    town = [
        line.replace('"Всего"'.encode(), '"городская местность"'.encode(), 1)
        if '"Г.'.encode() in line
        else line
        for line in lines
    ]
    outcome = take(write_lines(tmp_path / "population_2026-09-30.csv", town))
    if missing:
        assert outcome.refusal
        assert outcome.refusal.code == "incomplete"
        assert outcome.refusal.message.endswith(f"15 stand beside it. Missing: {missing} (11)")
    else:
        assert outcome.status == "landed", outcome.refusal
        assert [note.partition(", the first")[0] for note in outcome.notes] == [
            "not checked for want of a part: 3 of the sums by region"
        ]


def test_a_message_of_changes_may_leave_parts_out(take: Take, tmp_path: Path) -> None:
    labels = [row for row in read_seed(PROJECT, "region_label") if row["label_set"] == "iso_3166_2"]
    areas = [row["label"] for row in labels if row["region_code"] not in ("00", "11", "51")]
    figures = [f"population,{area},_T,1000000,2024" for area in areas]
    path = tmp_path / "people_2025-02-01.csv"
    write_sdmx(path, "population,KZ,_T,20000000,2024", *figures)
    outcome = take(path)
    assert outcome.status == "landed", outcome.refusal
    assert [note.partition(", the first")[0] for note in outcome.notes] == [
        "not checked for want of a part: 1 of the sums by region"
    ]


@pytest.mark.parametrize("text", ["", "today", "2022-13-01", "20220608", "all", "2022-06-08 "])
def test_a_territory_set_is_the_word_or_a_day(take: Take, tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="may be in_force or a day such as 2022-06-08"):
        back_cast(take, tmp_path, text, {}, 20_000_000)
    path = tmp_path / "canonical.parquet"
    stated = {"published_on": "2025-03-01", "territory_set": text}
    pq.write_table(hostile.canonical_table().replace_schema_metadata(stated), path)
    refusal = take(path).refusal
    assert refusal
    assert (refusal.code, refusal.found) == ("wrong_shape", text)


@pytest.mark.parametrize("stated", ["2022-06-08", "in_force"])
def test_canonical_rows_are_checked_by_the_territory_set_that_they_state(
    take: Take, landing: Landing, tmp_path: Path, stated: str
) -> None:
    release = back_cast(take, tmp_path, "2022-06-08", {"51": 1_900_000}, 20_000_000).release_id
    table = pq.read_table(landing.rows / f"{release}.parquet")
    path = tmp_path / "canonical.parquet"
    said = {"published_on": "2026-10-01", "territory_set": stated}
    pq.write_table(table.replace_schema_metadata(said), path)
    outcome = take(path)
    if stated == "2022-06-08":
        assert outcome.status == "landed", outcome.refusal
    else:
        assert outcome.refusal
        assert outcome.refusal.code == "total_mismatch"


def test_canonical_rows_may_state_their_territory_set(take: Take, landing: Landing, tmp_path: Path) -> None:
    for stated, expected in (({"territory_set": "2022-06-08"}, "2022-06-08"), ({}, "in_force")):
        path = tmp_path / f"{expected}.parquet"
        table = hostile.canonical_table().replace_schema_metadata({"published_on": "2025-03-01"} | stated)
        pq.write_table(table, path)
        assert manifest_of(landing, take(path).release_id)["territory_set"] == expected


@pytest.mark.parametrize("missing", ["", "Turkistan"])
def test_the_regions_that_must_be_there_are_those_of_the_year(
    take: Take, tmp_path: Path, missing: str
) -> None:
    """Internal migration of 2021, before three regions were split off: without them it is whole."""
    header, *rows = (DATA / "internal_migration_by_region_2022.csv").read_text(encoding="utf-8").splitlines()
    later = ("Abay", "Jetisu", "Ulutay", missing)
    names = [name for name in (row.partition(",")[0] for row in rows) if name not in later]
    figures = {"Aqmola": "8000,6000,2000", "Aqtobe": "6000,8000,-2000"}
    lines = [f"{name},Total,{figures.get(name, '6000,6000,0')}" for name in names]
    path = tmp_path / "internal_migration_by_region_2021.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    outcome = take(path, published_on=date(2022, 2, 28))
    if not missing:
        assert (outcome.status, outcome.row_count) == ("landed", 3 * 17)
        return
    assert outcome.refusal
    assert outcome.refusal.code == "incomplete"
    assert "that for region 61" in outcome.refusal.message
