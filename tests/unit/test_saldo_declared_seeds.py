"""A seed that is not as it is declared is named with its file, line and column."""

from pathlib import Path

import pytest

from saldo import declared_seeds
from saldo.errors import InputError

DECLARED = """
seeds:
  - name: release
    config:
      column_types: {code: string, rank: integer, day: date, at: timestamp, estimated: boolean}
"""
HEADER = "code,rank,day,at,estimated"
ROW = "a,1,2018-06-19,2018-06-19 09:30:00,true"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds/reference"
    folder.mkdir(parents=True)
    (folder / "codes.yml").write_text(DECLARED)
    return tmp_path


def write(project: Path, *lines: str) -> None:
    content = "".join(f"{line}\n" for line in lines)
    (project / "seeds/reference/release.csv").write_text(content, encoding="utf-8")


def refusal(project: Path) -> str:
    with pytest.raises(InputError) as caught:
        declared_seeds.check(project)
    assert caught.value.exit_status == 3
    assert "git checkout -- seeds/reference/" in caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        ",,,,",
        "a,-2147483648,0999-12-31,2018-06-19,False",
        "a,+7,2000-02-29,2018-06-19T09:30:00.25+05:00,TRUE",
    ],
)
def test_a_seed_as_declared_passes(project: Path, row: str) -> None:
    write(project, HEADER, row)
    declared_seeds.check(project)


def test_the_order_of_the_columns_is_free_and_a_type_that_is_not_known_is_left_to_dbt(project: Path) -> None:
    codes = project / "seeds/reference/codes.yml"
    codes.write_text(codes.read_text().replace("rank: integer", 'rank: "decimal(9, 2)"'))
    write(project, "rank,code,day,at,estimated", "1.5,a,2018-06-19,,")
    declared_seeds.check(project)


@pytest.mark.parametrize(
    ("column", "good", "bad", "kind"),
    [
        ("rank", ",1,", ",one,", "integer"),
        ("rank", ",1,", ",1.0,", "integer"),
        ("rank", ",1,", ",2147483648,", "integer"),
        ("rank", ",1,", ",١,", "integer"),
        ("day", ",2018-06-19,", ",2018-06-31,", "date"),
        ("day", ",2018-06-19,", ",19.06.2018,", "date"),
        ("day", ",2018-06-19,", ",20180619,", "date"),
        ("at", " 09:30:00,", " 25:30:00,", "timestamp"),
        ("at", "2018-06-19 09:30:00", "noon", "timestamp"),
        ("estimated", ",true", ",yes", "boolean"),
    ],
)
def test_a_cell_of_another_type_is_named(project: Path, column: str, good: str, bad: str, kind: str) -> None:
    write(project, HEADER, '"two\nlines",,,,', ROW.replace(good, bad, 1))
    message = refusal(project)
    found = bad.strip(",")
    assert message.startswith(f"error: seeds/reference/release.csv, line 4, column {column}: «")
    assert f"{found}» is not of the type {kind}\n  expected: " in message
    assert "seeds/reference/codes.yml declares" in message


def test_a_missing_seed_is_named(project: Path) -> None:
    message = refusal(project)
    assert message.startswith("error: seeds/reference/release.csv: the file is missing\n")
    assert "seeds/reference/codes.yml declares it" in message


@pytest.mark.parametrize("header", ["code,level,day,at,estimated", "code,rank,day,at", f"{HEADER},note"])
def test_another_header_is_told_beside_the_declared_one(project: Path, header: str) -> None:
    write(project, header)
    message = refusal(project)
    assert "release.csv, line 1: the header is not what is declared\n" in message
    assert f"found:    {header}\n" in message
    assert f"expected: {HEADER} (seeds/reference/codes.yml)\n" in message


def test_a_declaration_that_cannot_be_read_is_named(project: Path) -> None:
    (project / "seeds/reference/codes.yml").write_text("seeds: [\n")
    assert refusal(project).startswith("error: seeds/reference/codes.yml: not YAML\n")
