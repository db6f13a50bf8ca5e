"""Release files made up by tests, in the shapes in which the publisher gives them."""

import csv
from collections.abc import Mapping
from pathlib import Path

POPULATION = (
    "NAM", "DAT", "PERIOD", "КАТО(по каталогу)", "LКАТО(по каталогу)", "СПТМ (по каталогу)",
    "LСПТМ (по каталогу)", "СП", "LСП", "СГНЛ", "LСГНЛ", "VAL",
)  # fmt: skip


def read_seed(project: Path, name: str) -> list[dict[str, str]]:
    """The rows of a reference seed."""
    with (project / f"seeds/reference/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_population(path: Path, figures: Mapping[tuple[str, str], int | str]) -> Path:
    """A csv export of element 6584: tabs, quotes, a byte order mark, no-break spaces between thousands.

    Args:
        path: of the file; its name holds the day of publication.
        figures: by year and label of the region; a text is written as it is.
    """
    title = "Численность населения на начало периода(Человек)"
    rows = [
        (title, f"{year} год", f"{year}12", label, "0", "Всего", "0", "Всего", "0", "Все группы", "0",
         value if isinstance(value, str) else f"{value:,}".replace(",", "\u00a0"))
        for (year, label), value in figures.items()
    ]  # fmt: skip
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL).writerows([POPULATION, *rows])
    return path
