"""The reference seeds agree with each other, with the printed tables and with published code lists."""

import csv
import hashlib
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

SEEDS = Path(__file__).parents[2] / "seeds"
LAYOUTS = SEEDS.parent / "saldo" / "layouts"
Row = dict[str, str]

# Names in Kazakh by ISO 3166-2:KZ (as of the newsletter of 2022-11-29), in the romanisation of that standard.
ISO_3166_2_KZ = {
    "KZ-10": "Abay oblysy",
    "KZ-11": "Aqmola oblysy",
    "KZ-15": "Aqtöbe oblysy",
    "KZ-19": "Almaty oblysy",
    "KZ-23": "Atyraū oblysy",
    "KZ-27": "Batys Qazaqstan oblysy",
    "KZ-31": "Zhambyl oblysy",
    "KZ-33": "Zhetisū oblysy",
    "KZ-35": "Qaraghandy oblysy",
    "KZ-39": "Qostanay oblysy",
    "KZ-43": "Qyzylorda oblysy",
    "KZ-47": "Mangghystaū oblysy",
    "KZ-55": "Pavlodar oblysy",
    "KZ-59": "Soltüstik Qazaqstan oblysy",
    "KZ-61": "Türkistan oblysy",
    "KZ-62": "Ulytaū oblysy",
    "KZ-63": "Shyghys Qazaqstan oblysy",
    "KZ-71": "Astana",
    "KZ-75": "Almaty",
    "KZ-79": "Shymkent",
}
# Romanisation of Kazakh by BGN/PCGN 1979, which ISO 3166-2 follows; the whole alphabet of 42 letters.
ROMANISATION = """
    а a, ә ä, б b, в v, г g, ғ gh, д d, е e, ё ë, ж zh, з z, и ī, й y, к k, қ q, л l, м m, н n, ң ng, о o,
    ө ö, п p, р r, с s, т t, у ū, ұ u, ү ü, ф f, х kh, һ h, ц ts, ч ch, ш sh, щ shch, ъ ʺ, ы y, і i, ь ʹ,
    э ė, ю yu, я ya
"""
ROMANISED = {pair.split()[0]: pair.split()[1] for pair in ROMANISATION.split(",")}
RUSSIAN_ALPHABET = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"

MACRO_REGIONS = {
    "north": {"Akmola", "Kostanay", "Pavlodar", "North Kazakhstan", "Astana"},
    "east": {"Abai", "East Kazakhstan"},
    "centre": {"Karaganda", "Ulytau"},
    "west": {"Aktobe", "Atyrau", "West Kazakhstan", "Mangystau"},
    "south": {
        "Almaty region",
        "Jetisu",
        "Zhambyl",
        "Kyzylorda",
        "Turkistan",
        "Almaty city",
        "Shymkent",
        "South Kazakhstan",
    },
}


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def reference(name: str) -> list[Row]:
    return read(SEEDS / "reference" / f"{name}.csv")


def printed(table_name: str) -> list[list[str]]:
    """Rows of a printed table with its cells trimmed, the printed header first, without row numbers."""
    rows = read(SEEDS / "published" / f"{table_name}.csv")
    return [[cell.strip() for cell in list(row.values())[1:]] for row in rows]


REGIONS = reference("region")
PARTS = [row for row in REGIONS if row["region_kind"] != "country"]
TABLES = [row["table_name"] for row in reference("release_table")]
LABEL_SET = {row["release_id"]: row["label_set"] for row in reference("release")}
FILES = sorted(SEEDS.rglob("*.csv"))


def values(seed: str, column: str) -> set[str]:
    return {row[column] for row in reference(seed)}


# --- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_is_strict_csv(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    header, *rows = csv.reader(text.splitlines(keepends=True), strict=True)
    assert not text.startswith("\ufeff")
    assert len(set(header)) == len(header)
    assert [number for number, row in enumerate(rows, start=2) if len(row) != len(header)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_column_has_a_declared_type(path: Path) -> None:
    """dbt would infer the others: "12,5" becomes 125 and "01" becomes 1."""
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file, strict=True))
    declared = declared_types(path.parent)[path.stem]
    assert list(declared) == header
    if path.parent.name == "published":
        assert set(declared.values()) == {"string"}


def declared_types(folder: Path) -> Mapping[str, Mapping[str, str]]:
    seeds = [
        seed
        for file in folder.glob("*.yml")
        for seed in yaml.safe_load(file.read_text(encoding="utf-8"))["seeds"]
    ]
    return {seed["name"]: seed["config"]["column_types"] for seed in seeds}


# --- releases and their tables ----------------------------------------------------------------------------


def declared_by_layouts(key: str) -> set[str]:
    """Every text under this key, at any depth of any layout."""

    def found(node: object) -> Iterator[str]:
        for name, value in node.items() if isinstance(node, dict) else ():
            if name == key and isinstance(value, str):
                yield value
            yield from found(value)
        for value in node if isinstance(node, list) else ():
            yield from found(value)

    return {text for layout in layouts() for text in found(layout)}


def layouts() -> list[dict[str, Any]]:
    return [tomllib.loads(path.read_text("utf-8")) for path in LAYOUTS.glob("*.toml")]


def test_texts_of_releases_have_translations() -> None:
    """Of the releases that are seeds and of those that land; a layout that only refuses lands none."""
    landing = [layout for layout in layouts() if layout["shape"] != "refused"]
    texts = {
        row[column]
        for row in [*reference("release"), *landing]
        for column in ("publisher", "title", "terms_of_use")
    }
    assert texts == values("release_text", "text_en")


def test_releases_tables_and_files_are_the_same_ones() -> None:
    assert set(TABLES) == {path.stem for path in (SEEDS / "published").glob("*.csv")}
    assert len(TABLES) == len(set(TABLES))
    assert values("release_table", "release_id") == set(LABEL_SET)
    assert set(LABEL_SET.values()) | declared_by_layouts("label_set") == values("region_label", "label_set")


@pytest.mark.parametrize("row", reference("release_table"), ids=lambda row: row["table_name"])
def test_table_has_its_recorded_hash(row: Row) -> None:
    content = (SEEDS / "published" / f"{row['table_name']}.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() == row["sha256"]


@pytest.mark.parametrize("table_name", TABLES)
def test_rows_are_numbered_as_printed(table_name: str) -> None:
    rows = read(SEEDS / "published" / f"{table_name}.csv")
    assert [row["row_no"] for row in rows] == [str(number) for number in range(len(rows))]


@pytest.mark.parametrize("table_name", TABLES)
def test_every_printed_column_has_one_meaning(table_name: str) -> None:
    labels = [row["column_label"] for row in reference("table_column") if row["table_name"] == table_name]
    assert Counter(labels) == Counter(printed(table_name)[0][1:])


@pytest.mark.parametrize("row", reference("release_table"), ids=lambda row: row["table_name"])
def test_every_printed_row_has_a_region(row: Row) -> None:
    label_set = LABEL_SET[row["release_id"]]
    known = {label["label"] for label in reference("region_label") if label["label_set"] == label_set}
    header, *rows = printed(row["table_name"])
    labels = {cells[0] for cells in rows}
    if any(re.fullmatch(r"(19|20)\d\d-Q[1-4]", label) for label in labels):
        labels = {label for label in labels if not re.fullmatch(r"(19|20)\d\d(-Q[1-4])?", label)}
        labels |= set(header[1:])  # a row is a year or a quarter, a column a region
    is_by_year = all(re.fullmatch(r"(19|20)\d\d", label) for label in labels)
    assert is_by_year or labels <= known


@pytest.mark.parametrize("table_name", TABLES)
def test_every_blank_has_a_declared_meaning(table_name: str) -> None:
    marks = {row["mark"] for row in reference("missing_mark") if row["table_name"] == table_name}
    cells = {cell for row in printed(table_name)[1:] for cell in row[1:]}
    assert {cell for cell in cells if not re.search(r"\d", cell)} == marks


def test_codes_are_defined_where_they_are_used() -> None:
    measured = values("table_column", "indicator_code") | declared_by_layouts("indicator")
    assert measured == values("indicator", "indicator_code")
    assert values("table_column", "specialty_code") == values("specialty", "specialty_code") | {"_T"}
    series = values("table_column", "source_series") | declared_by_layouts("series")
    assert series == values("source_series", "source_series")
    assert values("missing_mark", "table_name") <= set(TABLES)
    assert values("region_label", "region_code") == values("region", "region_code")
    assert values("boundary_event", "predecessor_code") <= values("region", "region_code")
    assert values("boundary_event", "successor_code") <= values("region", "region_code")


def test_identities_name_what_is_defined_and_leave_no_sum_out() -> None:
    identities = reference("identity")
    summed = {row["indicator_code"] for row in reference("indicator") if row["aggregation"] == "sum"}
    for row in identities:
        named = set(row["indicator_codes"].split()) | set(filter(None, [row["right_indicator"]]))
        assert named <= summed, row["identity_id"]
        assert len(row["indicator_codes"].split()) == 1 or not row["right_indicator"], row["identity_id"]
        if row["summed_over"] == "indicator":
            parts = {part.lstrip("+-") for part in row["left_side"].split()} | {row["right_side"]}
            assert parts == named, row["identity_id"]
        else:
            assert re.fullmatch(r"territory_set|all|\+\w+( \+\w+)*", row["left_side"]), row["identity_id"]
    over_regions = {
        code
        for row in identities
        if row["summed_over"] == "region"
        for code in row["indicator_codes"].split()
    }
    # The balance of the whole country has no regions.
    assert over_regions == summed - {"external_balance"}


def test_a_column_has_the_unit_and_series_of_its_indicator() -> None:
    unit = {row["indicator_code"]: row["unit_code"] for row in reference("indicator")}
    indicator = {row["source_series"]: row["indicator_code"] for row in reference("source_series")}
    for row in reference("table_column"):
        assert row["unit_code"] == unit[row["indicator_code"]], row
        assert row["indicator_code"] == indicator[row["source_series"]], row


@pytest.mark.parametrize("row", reference("correction"), ids=lambda row: row["correction_id"])
def test_a_correction_names_a_printed_cell(row: Row) -> None:
    release_of = {table["table_name"]: table["release_id"] for table in reference("release_table")}
    assert release_of[row["table_name"]] == row["release_id"]
    header, *rows = printed(row["table_name"])
    assert row["column_label"] in header
    assert not row["row_label"] or row["row_label"] in {cells[0] for cells in rows}
    assert row["reason"]
    assert row["evidence"]
    assert row["printed"] != row["corrected"]


# --- regions ----------------------------------------------------------------------------------------------


def test_twenty_regions_one_abolished_and_the_country() -> None:
    today = [row for row in PARTS if not row["valid_to"]]
    abolished = [row["region_code"] for row in PARTS if row["valid_to"]]
    country = [row["region_code"] for row in REGIONS if row["region_kind"] == "country"]
    assert Counter(row["region_kind"] for row in today) == {"region": 17, "city": 3}
    assert (len(today), abolished, country) == (20, ["51"], ["00"])


def test_codes_are_those_of_iso_and_kato() -> None:
    for row in PARTS:
        assert row["iso_code"] == ("" if row["valid_to"] else f"KZ-{row['region_code']}")
        assert row["kato_code"] == f"{row['region_code']}0000000"
    assert {row["iso_code"] for row in PARTS if row["iso_code"]} == set(ISO_3166_2_KZ)


@pytest.mark.parametrize("row", [row for row in PARTS if row["iso_code"]], ids=lambda row: row["name_en"])
def test_kazakh_name_is_that_of_iso(row: Row) -> None:
    romanised = "".join(ROMANISED.get(letter, letter) for letter in row["name_kk"].lower())
    expected = ISO_3166_2_KZ[row["iso_code"]].lower()
    assert romanised == (expected if row["region_kind"] == "region" else f"{expected} qalasy")


@pytest.mark.parametrize("seed", ["region", "specialty", "indicator"])
def test_names_are_distinct_in_each_language(seed: str) -> None:
    for language in ("name_en", "name_ru", "name_kk"):
        assert [
            name for name, count in Counter(row[language] for row in reference(seed)).items() if count > 1
        ] == []


@pytest.mark.parametrize("seed", ["region", "specialty", "indicator"])
def test_names_are_written_in_the_letters_of_their_language(seed: str) -> None:
    """A Latin i or p in a Cyrillic name looks right and matches nothing."""
    for row in reference(seed):
        assert row["name_en"].isascii(), row["name_en"]
        # Russian texts write Jetisu and Ulytau with their Kazakh letters
        assert letters(row["name_ru"]) <= set(RUSSIAN_ALPHABET) | set("іұ"), row["name_ru"]
        assert letters(row["name_kk"]) <= set(ROMANISED), row["name_kk"]


def test_printed_labels_mix_no_scripts() -> None:
    labels = {row["label"] for row in reference("region_label")}
    headers = {cell for table_name in TABLES for cell in printed(table_name)[0][1:]}
    mixed = {
        text for text in labels | headers if {letter.isascii() for letter in letters(text)} == {True, False}
    }
    assert mixed == set()


def letters(text: str) -> set[str]:
    return {letter for letter in text.lower() if letter.isalpha()}


def test_macro_regions() -> None:
    found = defaultdict(set)
    for row in PARTS:
        found[row["macro_region"]].add(row["name_en"])
    assert found == MACRO_REGIONS


def test_harmonised_units() -> None:
    """16 territories that stayed the same, each named by the oldest region in it."""
    origin = {
        row["successor_code"]: row["predecessor_code"]
        for row in reference("boundary_event")
        if row["relation"] == "split"
    }
    assert {row["region_code"]: row["harmonised_unit"] for row in PARTS} == {
        row["region_code"]: origin.get(row["region_code"], row["region_code"]) for row in PARTS
    }
    assert len({row["harmonised_unit"] for row in PARTS}) == 16


def test_a_region_begins_with_its_boundary_event() -> None:
    began = {row["region_code"]: row["valid_from"] for row in PARTS if row["valid_from"]}
    events = {
        row["successor_code"]: row["event_date"]
        for row in reference("boundary_event")
        if row["relation"] == "split"
    }
    assert began == events
