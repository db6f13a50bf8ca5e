"""What readers hand over: the cells with figures of one file, column by column, as they stand there.

A column of repeated texts is kept as its distinct texts and, for each cell, the number of one of them:
everything that is looked up, checked or decoded is done once for each distinct text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from saldo.intake.reasons import Place

# Up to here, a table of all pairs is smaller than a sort of the cells.
MOST_PAIRS = 4_000_000
Integers = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Selection = npt.NDArray[np.bool_ | np.int32 | np.int64]


@dataclass(frozen=True)
class Texts:
    """Distinct texts, and which of them stands in each cell."""

    distinct: list[str]
    index: Integers

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Texts":
        """From one text a cell."""
        numbers: dict[str, int] = {}
        index = np.fromiter(
            (numbers.setdefault(text, len(numbers)) for text in texts), np.int32, count=len(texts)
        )
        return cls(list(numbers), index)

    @classmethod
    def constant(cls, text: str, count: int) -> "Texts":
        """The same text in every cell."""
        return cls([text], np.zeros(count, np.int32))

    @classmethod
    def joined(cls, parts: Sequence["Texts"]) -> "Texts":
        """Several, one after the other."""
        offsets = np.cumsum([0, *(len(part.distinct) for part in parts[:-1])])
        index = np.concatenate([part.index + offset for part, offset in zip(parts, offsets, strict=True)])
        return cls([text for part in parts for text in part.distinct], index.astype(np.int32)).map(str)

    @classmethod
    def from_arrow(cls, column: pa.ChunkedArray) -> "Texts":
        """From a column of Arrow."""
        unified = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
        array = unified.combine_chunks()
        encoded = array if pa.types.is_dictionary(array.type) else pc.dictionary_encode(array)
        index = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        return cls(encoded.dictionary.to_pylist(), index)

    def map(self, function: Callable[[str], str]) -> "Texts":
        """Each distinct text replaced; texts that become equal are joined."""
        joined = Texts.of([function(text) for text in self.distinct])
        is_same = len(joined.distinct) == len(self.distinct)
        return Texts(joined.distinct, self.index if is_same else joined.index[self.index])

    def take(self, cells: Selection) -> "Texts":
        """Only these cells."""
        if len(self.distinct) == 1:
            count = np.count_nonzero(cells) if cells.dtype == np.bool_ else len(cells)
            return Texts(self.distinct, np.zeros(count, np.int32))
        return Texts(self.distinct, self.index[cells])

    def used(self) -> list[int]:
        """The numbers of the distinct texts that stand in some cell."""
        if len(self.distinct) == 1 and len(self.index):
            return [0]
        found: list[int] = used(self.index, len(self.distinct)).tolist()
        return found

    def first(self, number: int) -> int:
        """The first cell with this distinct text."""
        return int(np.argmax(self.index == number))

    def is_in(self, *wanted: str) -> Booleans:
        """For each cell, whether its text is one of these."""
        passes = np.array([text in wanted for text in self.distinct], np.bool_)
        if not passes.any() or passes.all():
            return np.full(len(self.index), passes.any())
        return passes[self.index]

    def __getitem__(self, cell: int) -> str:
        return self.distinct[int(self.index[cell])]

    def __len__(self) -> int:
        return len(self.index)

    def arrow(self) -> pa.DictionaryArray:
        """As a column of Arrow."""
        return pa.DictionaryArray.from_arrays(pa.array(self.index), pa.array(self.distinct, pa.string()))


def used(index: Integers, count: int) -> Numbers:
    """The numbers below `count` that occur, in order."""
    return np.flatnonzero(np.bincount(index, minlength=count))


def distinct_pairs(
    first: Texts, second: Integers, count: int
) -> tuple[list[tuple[int, int]], Integers, Integers]:
    """The pairs of a distinct text and a number that occur together.

    Args:
        first: texts.
        second: a number from 0 to `count` for each cell.
        count: see there.

    Returns:
        The pairs, in order; the first cell of each; and for each cell the number of its pair.
    """
    keys = first.index.astype(np.int64) * count + second
    size = len(first.distinct) * count
    if size > MOST_PAIRS:
        found, cells, inverse = np.unique(keys, return_index=True, return_inverse=True)
    else:
        first_cell = np.full(size, -1, np.int64)
        first_cell[keys[::-1]] = np.arange(len(keys) - 1, -1, -1)
        found = np.flatnonzero(first_cell >= 0)
        cells = first_cell[found]
        number = np.zeros(size, np.int32)
        number[found] = np.arange(len(found))
        inverse = number[keys]
    pairs = [divmod(key, count) for key in found.tolist()]
    return pairs, cells.astype(np.int32), inverse.astype(np.int32)


@dataclass(frozen=True)
class Cells:
    """The cells with figures.

    Attributes:
        text: as printed.
        native: whether a spreadsheet holds it as a number.
        said: by role (saldo.intake.layout.ROLES) what the file says about each cell, as it stands there.
        sheet, row_label, column_label: for the place of each cell; a sheet may have no name.
        row, column: numbers from 1.
        titles: for a role, the number and title of the column in which it stands, if there is one.
        stated: texts of the file outside of its cells, to look for a date in.
    """

    text: Texts
    native: Booleans
    said: Mapping[str, Texts]
    sheet: Texts
    row: Integers
    row_label: Texts
    column: Integers
    column_label: Texts
    titles: Mapping[str, tuple[int, str]]
    stated: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.row)

    def place(self, cell: int, role: str = "") -> Place:
        """Where a cell stands, or what its row says in the column of a role."""
        column, label = self.titles.get(role, (int(self.column[cell]), self.column_label[cell]))
        return Place(self.sheet[cell], int(self.row[cell]), self.row_label[cell], column, label)

    def take(self, cells: Selection) -> "Cells":
        """Only these cells."""
        if cells.dtype == np.bool_:
            if cells.all():
                return self
            cells = np.flatnonzero(cells)
        return Cells(
            text=self.text.take(cells),
            native=self.native[cells],
            said={role: texts.take(cells) for role, texts in self.said.items()},
            sheet=self.sheet.take(cells),
            row=self.row[cells],
            row_label=self.row_label.take(cells),
            column=self.column[cells],
            column_label=self.column_label.take(cells),
            titles=self.titles,
            stated=self.stated,
        )
