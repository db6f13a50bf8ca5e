"""How numbers are taken from the article's prose, on made-up text, and the table that was written."""

import csv
import importlib.util
from collections import Counter
from itertools import groupby
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("article_figures", PROJECT / "docs/article_figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def records(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds/reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("от -1 234 чел. в 2000 г. до +5 678\u00a0901", ["-1 234", "2000", "+5 678\u00a0901"]),
        ("за 2000–2024 гг. около –12 тыс.", ["2000", "2024", "–12"]),
        ("в 1990-х, (1,2–2,0), $r = -0,57$, ~2,7%", ["1990", "1,2", "2,0", "-0,57", "~2,7"]),
        ("рост [1], [2, 3–5]; всего 6[7]", ["1", "2", "3", "5", "6", "7"]),
        ("DOI:<https://doi.org/10.1234/ab-1-2> и 04.21.51", ["10.1234/ab-1-2", "04.21.51"]),
        ("2000 108 307 и 12 345 678", ["2000", "108 307", "12 345 678"]),
        ("ничего", []),
        # in words, after those in digits; no part of a word, no ordinal, no "one"
        ("две из 12 групп; обе трети, Трём", ["12", "две", "Трём"]),
        ("екі өңір, екінші, бағалау үшін үш топ", ["екі", "үш"]),
        ("Five of [4], often one, second, 10", ["4", "10", "Five"]),
    ],
)
def test_numbers_as_printed(script: ModuleType, text: str, found: list[str]) -> None:
    assert [printed for printed, _ in script.figures(text)] == found


def test_numbers_in_square_brackets_are_citations(script: ModuleType) -> None:
    assert dict(script.figures("7 из [8], [9–10]")) == {"7": False, "8": True, "9": True, "10": True}


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("-1 234", "-1234"),
        ("–268", "-268"),
        ("+33\u00a0041", "33041"),
        ("~2,7", "2.7"),
        ("2,0", "2.0"),
        ("04.21.51", ""),
        ("Four", "4"),
        ("бес", "5"),
    ],
)
def test_number_with_a_decimal_point(script: ModuleType, printed: str, number: str) -> None:
    assert script.as_number(printed) == number


def test_another_text_is_refused(script: ModuleType) -> None:
    with pytest.raises(ValueError, match="is this the text of the article"):
        list(script.paragraphs("МРНТИ: 04.21.51\n\nДругая статья.\n"))


def test_the_table_is_of_this_make(script: ModuleType) -> None:
    rows = records("article_figure")
    assert tuple(rows[0]) == script.COLUMNS
    for _, at_place in groupby(rows, key=lambda row: (row["language"], row["locator"])):
        numbers = [int(row["figure_no"]) for row in at_place]
        assert numbers == list(range(1, len(numbers) + 1))
    assert [row["printed"] for row in rows if script.as_number(row["printed"]) != row["number"]] == []


def test_every_language_of_the_text_has_its_figures() -> None:
    counts = Counter(row["language"] for row in records("article_figure"))
    assert counts == {"ru": 193, "en": 19, "kk": 30}
    assert {row["language"] for row in records("claim")} == {"ru", "kk", "en"}
