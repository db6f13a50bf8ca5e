"""Cells by row and column: what a sheet of a workbook holds, or a text read as one."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """A cell that is not blank.

    Attributes:
        text: as the file has it.
        native: whether it is held as a number.
        formula: whether its value comes from a formula.
        missing: whether it is a formula without a value.
        external: whether its formula takes something from another workbook.
    """

    text: str
    native: bool = False
    formula: bool = False
    missing: bool = False
    external: bool = False


@dataclass(frozen=True)
class Grid:
    """A sheet: by row and column, from 1, the cells that are not blank."""

    name: str
    rows: Mapping[int, Mapping[int, Cell]] = field(default_factory=dict)
