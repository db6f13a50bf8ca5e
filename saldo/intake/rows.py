"""Makes the canonical rows of a release from its figures, and writes them."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saldo.intake.decode import Figures
from saldo.intake.layout import Layout
from saldo.intake.schema import ROWS
from saldo.intake.table import Texts, distinct_pairs

AT_ONCE = 1 << 17


def canonical_rows(figures: Figures, layout: Layout, file_name: str) -> pa.Table:
    """The rows as they land; texts that repeat are kept as dictionaries, which Parquet does not show.

    Args:
        figures: decoded and checked.
        layout: by which they were read; names the table where the file has one only.
        file_name: for the source reference.
    """
    cells, codes = figures.cells, figures.codes
    has_value = figures.value.is_valid()
    columns = {
        "table_name": cells.sheet.map(lambda sheet: sheet or layout.name).arrow(),
        "row_no": pa.array(cells.row),
        "column_no": pa.array(cells.column),
        "source_ref": _references(figures, file_name),
        "cell_kind": codes["kind"].arrow(),
        "indicator_code": codes["indicator"].arrow(),
        "source_series": codes["series"].arrow(),
        "label_set": Texts.constant(layout.label_set, len(figures)).arrow(),
        "region_label": figures.label.arrow(),
        "specialty_code": codes["specialty"].arrow(),
        "sex_code": codes["sex"].arrow(),
        "residence_code": codes["residence"].arrow(),
        "age_code": codes["age"].arrow(),
        "partner_code": codes["partner"].arrow(),
        "period_start": _days(figures, [period.start for period in figures.periods]),
        "period_end": _days(figures, [period.end for period in figures.periods]),
        "printed_text": cells.text.arrow(),
        "value": figures.value,
        "decimals": pc.if_else(has_value, pa.array(figures.decimals), None),
        "obs_status": codes["status"].arrow(),
        "unit_code": codes["unit"].arrow(),
    }
    return pa.table({name: columns[name] for name in ROWS.names})


def write_rows(path: Path, schema: pa.Schema, parts: Iterable[pa.Table | pa.RecordBatch]) -> None:
    """Writes canonical rows, part by part, as landing keeps them."""
    repeated = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    others = [field.name for field in schema if not _is_text(field.type)]
    # Without Arrow's own schema the dictionaries read back as plain texts. The least and the largest text of
    # a release help no reader, and finding them takes longer than the rest of the writing.
    with pq.ParquetWriter(
        path,
        schema,
        compression="snappy",
        use_dictionary=repeated,
        write_statistics=others,
        store_schema=False,
    ) as writer:
        for part in parts:
            writer.write(part)


def _references(figures: Figures, file_name: str) -> pa.ChunkedArray:
    """«<file>, sheet X, row 7 (label), column 3 (label)», without the parts that a file does not have."""
    cells = figures.cells
    start = cells.sheet.map(
        lambda sheet: f"{file_name}, sheet {sheet}, row " if sheet else f"{file_name}, row "
    )
    row = cells.row_label.map(lambda label: f" ({label}), column " if label else ", column ")
    # A column and its label are one thing: joined once for each.
    pairs, _, inverse = distinct_pairs(cells.column_label, cells.column, int(cells.column.max()) + 1)
    column = Texts([_column(number, cells.column_label.distinct[label]) for label, number in pairs], inverse)
    # Part by part, so that the texts that are joined are never all there at once.
    return pa.chunked_array(
        pc.binary_join_element_wise(
            _plain(start, part), pa.array(cells.row[part]).cast(pa.string()), _plain(row, part),
            _plain(column, part), "",
        )
        for part in (slice(first, first + AT_ONCE) for first in range(0, len(cells), AT_ONCE))
    )  # fmt: skip


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_dictionary(kind))


def _column(number: int, label: str) -> str:
    return f"{number} ({label})" if label else str(number)


def _plain(texts: Texts, part: slice) -> pa.Array | pa.Scalar:
    if len(texts.distinct) == 1:
        return pa.scalar(texts.distinct[0])
    return pa.array(texts.distinct, pa.string()).take(pa.array(texts.index[part]))


def _days(figures: Figures, days: list[object]) -> pa.Array:
    return pa.array(days, pa.date32()).take(pa.array(figures.period))
