"""Finds the layout of a file by its signature: one must fit, and only one."""

import codecs
from collections.abc import Sequence

from saldo.intake import delimited, long, tree, wide
from saldo.intake.layout import Layout
from saldo.intake.reasons import Place, RefusalError, quote
from saldo.intake.source import Source

DELIMITERS = {",": "a comma", "\t": "a tab", ";": "a semicolon", "|": "a bar"}
# A header that shares this part of its titles with a layout was meant to be that layout's.
ALIKE = 0.6
NEW_LAYOUT = "if this is a release of a new shape, declare it: docs/reference-layouts.md, «A new layout»"


def recognise(source: Source, layouts: Sequence[Layout], name: str | None) -> Layout:
    """The layout that fits.

    Args:
        source: the file.
        layouts: all declared ones.
        name: the one that was asked for; it must fit, too.

    Raises:
        RefusalError: none fits, several do, or the one asked for does not; or the file is known and refused.
    """
    asked = [layout for layout in layouts if name in (None, layout.name)]
    misfits = {layout.name: _misfit(source, layout) for layout in asked}
    fitting = [layout for layout in asked if not misfits[layout.name]]
    if len(fitting) > 1:
        names = [layout.name for layout in fitting]
        raise RefusalError(
            "ambiguous_layout",
            f"{len(names)} layouts fit: {', '.join(names)}",
            remedy=f"say which with --layout {names[0]}",
        )
    if fitting:
        layout = fitting[0]
        if layout.refused:
            raise RefusalError(
                layout.refused.code,
                layout.refused.message,
                remedy=layout.refused.remedy,
                layout=layout.name,
            )
        return layout
    if name is not None:
        message = f"the layout {name} does not fit: {misfits[name]}"
        raise RefusalError("layout_does_not_fit", message, remedy="leave --layout out", layout=name)
    raise _nothing_fits(source, asked, misfits)


def _misfit(source: Source, layout: Layout) -> str:
    """Why a layout does not fit; empty if it does."""
    kind = "delimited" if source.kind == "text" and layout.kind == "delimited" else source.kind
    if kind != layout.kind:
        return f"looked for {layout.kind}"
    if layout.kind == "delimited":
        return _misfit_of_text(source, layout)
    if layout.kind == "text":
        return _misfit_of_lines(source, layout)
    if layout.kind == "json":
        return tree.mismatch(source.root, layout)
    if layout.kind == "parquet":
        return ""
    return _misfit_of_sheets(source, layout)


def _misfit_of_text(source: Source, layout: Layout) -> str:
    records = source.records(layout.delimiter)
    header = records[0] if records else []
    if layout.shape == "wide":
        sheet = layout.sheets[0]
        titles = [sheet.header_cell, *(title for title, _ in sheet.headings)]
        return "" if header == titles else _looked_for(titles)
    signature = [column.title for column in layout.columns if column.signature]
    if layout.any_order:
        if layout.names:
            header = [title for title in header if title != layout.names.column]
        return "" if header[: len(signature)] == signature else _looked_for(signature)
    titles = [column.title for column in layout.columns]
    if header != titles:
        return _looked_for(titles)
    first = records[1] if len(records) > 1 else []
    for column in layout.columns:
        said = first[titles.index(column.title)] if len(first) == len(titles) else ""
        if column.signature and said not in column.values:
            return f"looked for «{column.values[0]}» in «{column.title}», found «{quote(said)}»"
    return ""


def _looked_for(titles: Sequence[str]) -> str:
    return f"looked for the header «{quote(' | '.join(titles))}»"


def _misfit_of_lines(source: Source, layout: Layout) -> str:
    pattern = layout.refused.lines if layout.refused else None
    lines = [line for line in source.head.decode("utf-8", "replace").splitlines()[:50] if line.strip()]
    if pattern and lines and all(pattern.fullmatch(line) for line in lines):
        return ""
    return "looked for lines of another form"


def _misfit_of_sheets(source: Source, layout: Layout) -> str:
    for sheet in layout.sheets:
        grid = wide.find_grid(source.grids, sheet)
        if grid is None:
            names = ", ".join(f"«{quote(grid.name)}»" for grid in source.grids)
            return f"looked for the sheet «{sheet.name}», found {names or 'none'}"
        if wide.find_header(grid, sheet) is None:
            return f"looked for the header on the sheet «{quote(grid.name)}»"
    return ""


def _nothing_fits(source: Source, layouts: Sequence[Layout], misfits: dict[str, str]) -> RefusalError:
    """The refusal of a file of no layout.

    Raises:
        RefusalError: it is not even UTF-8.
    """
    if source.kind == "text":
        delimited.decode_text(source.content.removeprefix(codecs.BOM_UTF8))
        if nearest := _cut_header(source, layouts) or _no_rows(source, layouts) or _nearest(source, layouts):
            return nearest
    if source.kind == "json" and source.root in ([], {}):
        return RefusalError("empty", "JSON without any record", remedy="fetch the file again")
    same_kind = [
        layout.name for layout in layouts if not misfits[layout.name].startswith("looked for " + layout.kind)
    ]
    details = tuple(f"{name}: {misfits[name]}" for name in same_kind)
    message = f"no declared layout for this {'text' if source.kind == 'text' else source.kind} file fits"
    found = ""
    if source.kind == "text":
        found = source.head.decode("utf-8", "replace").partition("\n")[0]
    return RefusalError("no_layout", message, found=found, remedy=NEW_LAYOUT, details=details)


def _cut_header(source: Source, layouts: Sequence[Layout]) -> RefusalError | None:
    """The refusal of a file that ends inside of its header."""
    text = source.head.decode("utf-8-sig", "replace").replace('"', "")
    if "\n" in text or not text.strip():
        return None
    for layout in layouts:
        if layout.kind == "delimited" and layout.delimiter.join(_titles(layout)).startswith(text):
            return RefusalError(
                "truncated",
                f"the file ends inside of the header of {layout.name}",
                place=Place(row=1),
                found=text,
                remedy="fetch the file again",
                layout=layout.name,
            )
    return None


def _no_rows(source: Source, layouts: Sequence[Layout]) -> RefusalError | None:
    """The refusal of a header that is known, without the rows that would say of which layout it is."""
    if b"\n" in source.content.strip():
        return None
    for layout in layouts:
        if layout.kind == "delimited" and source.records(layout.delimiter, 1) == [_titles(layout)]:
            message, remedy = "a header and nothing below it", "fetch the file again"
            return RefusalError("empty", message, place=Place(row=1), remedy=remedy, layout=layout.name)
    return None


def _nearest(source: Source, layouts: Sequence[Layout]) -> RefusalError | None:
    """The refusal of a file whose header is nearly that of a layout, which says what differs."""
    best: tuple[float, RefusalError] | None = None
    for layout in layouts:
        if layout.kind != "delimited" or layout.refused:
            continue
        titles = _titles(layout)
        for delimiter, name in DELIMITERS.items():
            records = source.records(delimiter, 1)
            header = records[0] if records else []
            if header == titles and delimiter == layout.delimiter:
                # the header fits, and the first row says that it is another table, or in another unit
                return _other_unit(source, layout)
            common = len(set(header) & set(titles))
            share = common / len({*header, *titles})
            if common < ALIKE * len(titles) or (best and share <= best[0]):
                continue
            if delimiter == layout.delimiter:
                refusal = _differs(header, titles, layout)
            else:
                refusal = RefusalError(
                    "wrong_delimiter",
                    f"the fields are set apart by {name}; {layout.name} has {DELIMITERS[layout.delimiter]}",
                    place=Place(row=1),
                    remedy="ingest the file as the publisher made it",
                    layout=layout.name,
                )
            best = (share, refusal)
    return best[1] if best else None


def _other_unit(source: Source, layout: Layout) -> RefusalError | None:
    first = source.records(layout.delimiter)[-1]
    for number, (text, column) in enumerate(zip(first, layout.columns, strict=False), start=1):
        if column.signature and text not in column.values:
            place = Place(row=2, column=number, column_label=column.title)
            refusal = long.other_unit(text, column, place)
            if refusal:
                refusal.layout = layout.name
            return refusal
    return None


def _titles(layout: Layout) -> list[str]:
    if layout.shape == "wide":
        return [layout.sheets[0].header_cell, *(title for title, _ in layout.sheets[0].headings)]
    return [column.title for column in layout.columns if not column.optional]


def _differs(header: list[str], titles: list[str], layout: Layout) -> RefusalError:
    missing = [title for title in titles if title not in header]
    known = {*titles, *(column.title for column in layout.columns)}
    unknown = [title for title in header if title not in known]
    parts = []
    if missing:
        parts.append(f"missing: {', '.join(missing)}")
    if unknown:
        parts.append(f"unknown: {', '.join(quote(title) for title in unknown)}")
    if not parts:
        parts.append("the columns stand in another order")
    column = next(
        (
            number
            for number, (one, other) in enumerate(zip(header, titles, strict=False), start=1)
            if one != other
        ),
        min(len(header), len(titles)) + 1,
    )
    return RefusalError(
        "header_differs",
        f"nearly the header of {layout.name}; {'; '.join(parts)}",
        place=Place(row=1, column=column),
        found=" | ".join(header),
        remedy="fetch the file again; if the publisher changed it, declare a layout for the new shape",
        layout=layout.name,
    )
