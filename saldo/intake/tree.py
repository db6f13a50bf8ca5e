"""Reads JSON files: a list of records whose keys are periods, or figures nested by period and territory."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from saldo.intake.layout import Layout, Tree
from saldo.intake.reasons import Place, RefusalError
from saldo.intake.source import JsonNumber, Source
from saldo.intake.table import Cells, Texts

COMPARE = "compare the file with docs/reference-layouts.md"
Found = tuple[str, dict[str, str], Place]


def read_tree(source: Source, layout: Layout) -> Cells:
    """Reads all figures.

    Raises:
        RefusalError: a key is missing or unknown, or a value is not of the declared type.
    """
    tree = _tree(layout)
    if why := mismatch(source.root, layout):
        raise RefusalError("wrong_shape", why, remedy=COMPARE)
    found = list(_records(source.root, tree) if layout.shape == "records" else _nested(source.root, tree))
    if not found:
        raise RefusalError("empty", "no figures", remedy="fetch the file again")
    roles = list(found[0][1])
    return Cells(
        text=Texts.of([text for text, _, _ in found]),
        native=np.zeros(len(found), np.bool_),
        said={role: Texts.of([said[role] for _, said, _ in found]) for role in roles},
        sheet=Texts.constant("", len(found)),
        row=np.array([place.row for _, _, place in found], np.int32),
        row_label=Texts.of([place.row_label for _, _, place in found]),
        column=np.array([place.column for _, _, place in found], np.int32),
        column_label=Texts.of([place.column_label for _, _, place in found]),
        titles={},
        stated=(str(source.root.get(layout.published_on.key, "")),) if layout.published_on.key else (),
    )


def mismatch(root: Any, layout: Layout) -> str:
    """Why a JSON value is not of this layout; empty if it is."""
    tree = _tree(layout)
    if layout.shape == "nested":
        if not isinstance(root, dict):
            return "looked for an object at the root"
        return _mismatch_of(root, tree)
    if not isinstance(root, list) or not root:
        return "looked for a list of records at the root"
    for number, record in enumerate(root, start=1):
        if not isinstance(record, dict):
            return f"record {number} is not an object"
        if why := _mismatch_of(record, tree):
            return f"record {number}: {why}"
    return ""


def _mismatch_of(found: dict[str, Any], tree: Tree) -> str:
    missing = [key for key in (*tree.expect, *tree.required) if key not in found]
    if missing:
        return f"looked for the key «{missing[0]}»"
    for key, expected in tree.expect.items():
        if found[key] != expected or isinstance(found[key], bool) != isinstance(expected, bool):
            return f"looked for «{key}» = «{expected}», found «{str(found[key])[:40]}»"
    return ""


def _records(root: list[dict[str, Any]], tree: Tree) -> Iterator[Found]:
    value_key = tree.value_key
    for row, record in enumerate(root, start=1):
        label = record[tree.label]
        if not isinstance(label, str):
            place = Place(row=row, column_label=tree.label)
            raise RefusalError("wrong_shape", "not a text", place=place, found=str(label), remedy=COMPARE)
        for column, (key, value) in enumerate(record.items(), start=1):
            place = Place(row=row, row_label=label, column=column, column_label=key)
            if value_key and (period := value_key.fullmatch(key)):
                yield _text(value, tree, place), {"region": label, "period": period[1]}, place
            elif key not in (tree.label, *tree.expect, *tree.required) and not _is_ignored(key, tree):
                message = f"the layout declares no key «{key}»"
                raise RefusalError("wrong_shape", message, place=place, remedy=COMPARE)


def _nested(root: dict[str, Any], tree: Tree) -> Iterator[Found]:
    for key in root:
        if key not in (tree.values, tree.periods, *tree.expect, *tree.required) and not _is_ignored(
            key, tree
        ):
            message = f"the layout declares no key «{key}»"
            raise RefusalError("wrong_shape", message, place=Place(column_label=key), remedy=COMPARE)
    values = root[tree.values]
    outer, inner = tree.levels
    _check_object(values, Place(column_label=tree.values))
    if tree.periods and sorted(root[tree.periods]) != sorted(values):
        message = f"«{tree.periods}» lists other periods than «{tree.values}» holds"
        raise RefusalError(
            "incomplete", message, place=Place(column_label=tree.periods), remedy="fetch the file again"
        )
    for row, (name, group) in enumerate(values.items(), start=1):
        _check_object(group, Place(row=row, row_label=name))
        for column, (key, value) in enumerate(group.items(), start=1):
            place = Place(row=row, row_label=name, column=column, column_label=key)
            yield _text(value, tree, place), {outer: name, inner: key}, place


def _text(value: Any, tree: Tree, place: Place) -> str:
    is_number = isinstance(value, JsonNumber)
    if not isinstance(value, str) or is_number != (tree.numbers == "number"):
        message = f"not a JSON {tree.numbers}"
        raise RefusalError("not_a_number", message, place=place, found=str(value), remedy=COMPARE)
    return str(value)


def _check_object(value: Any, place: Place) -> None:
    if not isinstance(value, dict):
        raise RefusalError("wrong_shape", "not a JSON object", place=place, remedy=COMPARE)


def _is_ignored(key: str, tree: Tree) -> bool:
    return any(pattern.fullmatch(key) for pattern in tree.ignored)


def _tree(layout: Layout) -> Tree:
    if layout.tree is None:
        raise ValueError(f"{layout.name} declares no tree")
    return layout.tree
