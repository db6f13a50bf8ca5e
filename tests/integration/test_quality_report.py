"""Every bold figure of docs/quality-report.md is what its query, hidden in the page, gives."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from project import PROJECT

PAGE = (PROJECT / "docs" / "quality-report.md").read_text(encoding="utf-8")
QUERY = re.compile(r"<!-- ((?:select|with)\b.*?) -->", re.DOTALL)
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


class Block(NamedTuple):
    """A part of the page up to a query, the figures in it, and the query."""

    text: str
    figures: list[str]
    query: str


def blocks(page: str) -> Iterator[Block]:
    parts = QUERY.split(page)
    for text, query in zip(parts[0::2], parts[1::2], strict=False):
        yield Block(text, figures_of(text), query)


def figures_of(text: str) -> list[str]:
    """What is in bold, without headings, which end with a full stop."""
    return [bold for bold in BOLD.findall(text) if not bold.endswith(".")]


def settled(value: object) -> object:
    """A number however it is printed; else the text."""
    text = str(value).replace("\u00a0", "").replace("\u2212", "-")
    try:
        return Decimal(re.sub(r"(?<=\d) (?=\d{3})", "", text))
    except InvalidOperation:
        return text


def differences(figures: list[str], answer: list[object]) -> list[str]:
    if len(figures) != len(answer):
        return [f"{len(figures)} figures, and the query gives {len(answer)}: {figures} {answer}"]
    pairs = zip(figures, answer, strict=True)
    return [f"{shown}: the query gives {value}" for shown, value in pairs if settled(shown) != settled(value)]


@pytest.fixture(scope="module")
def answers(built_project: Path) -> list[list[object]]:
    """What the query of each block gives, row by row, on the published file; file names are the project's."""
    with duckdb.connect(str(built_project / "warehouse" / "saldo.duckdb"), read_only=True) as connection:
        connection.execute(f"set file_search_path = '{PROJECT}'")
        return [
            [value for row in connection.execute(block.query).fetchall() for value in row]
            for block in blocks(PAGE)
        ]


def test_every_figure_is_what_its_query_gives(answers: list[list[object]]) -> None:
    found = [
        difference
        for block, answer in zip(blocks(PAGE), answers, strict=True)
        for difference in differences(block.figures, answer)
    ]
    assert found == []
    assert sum(map(len, answers)) > 100


def test_a_figure_that_is_wrong_is_named(answers: list[list[object]]) -> None:
    """Each figure of the page in turn."""
    for block, answer in zip(blocks(PAGE), answers, strict=True):
        for number, figure in enumerate(block.figures):
            spoilt = [*block.figures[:number], f"{figure}1", *block.figures[number + 1 :]]
            assert [each.partition(":")[0] for each in differences(spoilt, answer)] == [f"{figure}1"]


def test_no_figure_is_without_a_query() -> None:
    assert figures_of(QUERY.split(PAGE)[-1]) == []
    assert [block.query for block in blocks(PAGE) if not block.figures] == []


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert targets
    assert [target for target in targets if not (PROJECT / "docs" / target).exists()] == []
