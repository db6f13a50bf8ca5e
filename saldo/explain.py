"""`saldo explain`: the way from a published number back to the cells of the releases that it comes from."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from saldo.errors import NotPublishedError
from saldo.original import original
from saldo.query import one_line, published
from saldo.subject import BALANCES, KEY, Subject, find_subject
from saldo.warehouse import display, find_warehouse

BY_REGION, BY_SPECIALTY = BALANCES

# Facts are rows of the published file: values by the names of their columns.
Facts = dict[str, Any]


def explain(project: Path, words: Sequence[str]) -> Facts:
    """What the published file, and the kept files of the releases, say of the origin of a number.

    Args:
        project: the folder of dbt_project.yml.
        words: what is asked about; see `find_subject`.

    Returns:
        `kind` (region, claim, figure or total), `asked_again_by` (the words for this one alone), and the
        links of the chain, the published number first and the release files last.

    Raises:
        InputError: the words mean nothing, or several things.
        NotPublishedError: there is no published file, or it cannot be read.
    """
    with published(project) as connection:
        try:
            subject = find_subject(connection, words)
            facts = getattr(_Chain(connection, project), subject.kind)(subject)
        except duckdb.Error as error:
            where = display(find_warehouse(project).published)
            remedy = "it may be of another version of saldo: make it anew with `saldo build`"
            raise NotPublishedError(one_line(error), where=where, remedy=remedy) from None
    return {"kind": subject.kind, "asked_again_by": subject.words, **facts}


def as_json(facts: Facts) -> str:
    """One JSON object: the facts; exact decimals are numbers, days and times texts."""
    return json.dumps(facts, default=_plain)


class _Chain:
    """Follows the links of the published file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, project: Path) -> None:
        self._connection = connection
        self._project = project

    def region(self, subject: Subject) -> Facts:
        (code,) = subject.key
        (region,) = self._rows("from core.dim_region where region_code = ?", code)
        profiles = self._rows(
            "from regional.region_profile where region_code = ? order by reference_year desc limit 1", code
        )
        profile = profiles[0] if profiles else None
        cells = self._rows(
            """
            select balance.*, specialty.name_en as specialty_en
            from specialty.region_specialty_balance as balance
            inner join core.dim_specialty as specialty using (specialty_code)
            where balance.region_code = ? order by balance.period_start, specialty.sort_order
            """,
            code,
        )
        totals = self._rows(
            """
            from core.fct_control_total
            where indicator_code = ? and region_code = ? and specialty_code = '_T'
            order by period_start
            """,
            BY_SPECIALTY,
            code,
        )
        same = self._rows(
            """
            select observation.*, other.difference as difference_from_total
            from core.headline_observation as observation
            left join audit.cross_table_balance as other using (region_code, period_start, period_end)
            where observation.indicator_code = ? and observation.region_code = ?
            """,
            BY_REGION,
            code,
        )
        population = self._population(code, profile)
        used = [*cells, *totals, *same, *population]
        return {
            "region": region,
            "balances": self._rows("from regional.region_balance where region_code = ?", code),
            "cells": cells,
            "without_figure": self._without_figure(cells),
            "printed_totals": totals,
            "same_in_other_table": same,
            "profile": profile,
            "population": population,
            "role_rule": self._comment("regional", "region_profile", "role"),
            "claims": self._rows(
                "select claim_id, verdict from analysis.claim_check where subject = ? order by claim_id", code
            ),
            "corrections": self._corrections(used),
            "releases": self._releases(used),
        }

    def claim(self, subject: Subject) -> Facts:
        (claim_id,) = subject.key
        (claim,) = self._rows("from analysis.claim_check where claim_id = ?", claim_id)
        metrics = []
        for reading, prefix in (("first", ""), ("alternative", "alternative_")):
            found = self._rows(
                "from analysis.metric where metric = ? and subject = ?",
                claim[f"{prefix}metric"],
                claim[f"{prefix}subject"],
            )
            metrics += [{"reading": reading, **row} for row in found]
        used = [
            {"release_id": release_id, "source_ref": place}
            for metric in metrics
            for release_id in (metric["release_id"] or "").split(", ")
            for place in (metric["source_ref"] or "").split("; ")
        ]
        for metric in metrics:
            metric["cells"] = self._cells(metric)
        return {
            "claim": claim,
            "printed_in_the_text": self._rows(
                """
                select locator, figure_no, printed, role from analysis.claim_figure
                where belongs_to = ? order by role, figure_no
                """,
                claim_id,
            ),
            "metrics": metrics,
            "history": self._rows(
                "from analysis.claim_history where claim_id = ? order by known_from", claim_id
            ),
            "releases": self._releases(used),
        }

    def figure(self, subject: Subject) -> Facts:
        is_it = " and ".join(f"{column} = ?" for column in KEY)
        now = self._rows(f"from core.fct_observation where {is_it}", *subject.key)
        vintages = self._rows(
            f"""
            select * exclude ({", ".join(KEY)}) from core.fct_revision where {is_it}
            order by series_preference, known_from
            """,  # noqa: S608 - the columns of the key
            *subject.key,
        )
        key = dict(zip(KEY, subject.key, strict=True))
        figure = now[0] if now else None
        used = [*now, *vintages]
        return {
            "key": key,
            "names": self._names(key),
            "figure": figure,
            "status": self._code_name("obs_status", figure["obs_status"]) if figure else None,
            "original": self._original(figure) if figure else None,
            "vintages": vintages,
            "corrections": self._corrections(used),
            "releases": self._releases(used),
        }

    def total(self, subject: Subject) -> Facts:
        (total,) = self._rows(
            "from core.fct_control_total where release_id = ? and source_ref = ?", *subject.key
        )
        return {
            "names": self._names(total),
            "total": total,
            "original": self._original(total),
            "releases": self._releases([total]),
        }

    def _names(self, key: Mapping[str, Any]) -> Facts:
        """Names in English of the codes of a figure; None where a breakdown is none."""
        found = {}
        for column, table in (
            ("indicator_code", "dim_indicator"),
            ("region_code", "dim_region"),
            ("specialty_code", "dim_specialty"),
        ):
            names = self._rows(f"select name_en from core.{table} where {column} = ?", key[column])  # noqa: S608
            found[column.removesuffix("_code")] = names[0]["name_en"] if names else None
        (indicator,) = self._rows(
            """
            select indicator.definition, unit.name_en as unit
            from core.dim_indicator as indicator
            left join core.dim_code as unit on unit.code_list = 'unit' and indicator.unit_code = unit.code
            where indicator.indicator_code = ?
            """,
            key["indicator_code"],
        )
        return found | indicator

    def _code_name(self, code_list: str, code: str) -> str | None:
        names = self._rows(
            "select name_en from core.dim_code where code_list = ? and code = ?", code_list, code
        )
        return str(names[0]["name_en"]) if names else None

    def _population(self, code: str, profile: Mapping[str, Any] | None) -> list[Facts]:
        """The figure by which the rate of the profile divides."""
        if not profile:
            return []
        return self._rows(
            """
            from core.headline_observation
            where indicator_code = 'population' and region_code = ? and period_start = make_date(?, 1, 1)
            """,
            code,
            profile["reference_year"],
        )

    def _without_figure(self, cells: Sequence[Mapping[str, Any]]) -> list[Facts]:
        if not cells:
            return []
        marks = ", ".join("?" * len(cells))
        return self._rows(
            f"select * from core.dim_specialty where specialty_code not in ({marks}) order by sort_order",  # noqa: S608
            *(cell["specialty_code"] for cell in cells),
        )

    def _cells(self, metric: Mapping[str, Any]) -> list[Facts]:
        """The cells that a metric names one by one, with what is printed there."""
        cells = []
        for source_ref in (metric["source_ref"] or "").split("; "):
            for release_id in (metric["release_id"] or "").split(", "):
                found = self._original({"release_id": release_id, "source_ref": source_ref})
                if found:
                    cells.append({"source_ref": source_ref, "release_id": release_id, "original": found})
        return cells

    def _original(self, figure: Mapping[str, Any]) -> Facts | None:
        files = self._files(figure["release_id"])
        found = original(self._project, files, figure["source_ref"])
        return found.as_dict() if found else None

    def _corrections(self, figures: Sequence[Mapping[str, Any]]) -> list[Facts]:
        """The corrections of these figures, each once."""
        ids = {each for figure in figures for each in (figure.get("correction_id") or "").split(", ")}
        found = self._rows("from core.dim_correction order by correction_id")
        return [row for row in found if row["correction_id"] in ids]

    def _releases(self, figures: Sequence[Mapping[str, Any]]) -> list[Facts]:
        """The releases of these figures, each once, with their files."""
        places: dict[str, list[str]] = {}
        for figure in figures:
            places.setdefault(figure["release_id"], []).append(figure.get("source_ref") or "")
        found = self._rows("from core.dim_release order by known_from")
        return [
            row | {"files": _named(self._files(row["release_id"]), places[row["release_id"]])}
            for row in found
            if row["release_id"] in places
        ]

    def _files(self, release_id: str) -> list[Facts]:
        return self._rows(
            """
            select release_id, file_name, sha256, kept_in from audit.release_log
            where release_id = ? order by file_name
            """,
            release_id,
        )

    def _comment(self, schema: str, table: str, column: str) -> str | None:
        rows = self._rows(
            """
            select comment from duckdb_columns()
            where schema_name = ? and table_name = ? and column_name = ?
            """,
            schema,
            table,
            column,
        )
        return rows[0]["comment"] if rows else None

    def _rows(self, query: str, *parameters: object) -> list[Facts]:
        result = self._connection.execute(query, list(parameters))
        columns = [column[0] for column in result.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def _named(files: list[Facts], places: Sequence[str]) -> list[Facts]:
    """Of the printed tables of a release those in which the cells stand; a landed release is one file."""
    named = [
        file for file in files if any(place.startswith(f"{file['file_name'][:-4]},") for place in places)
    ]
    return named or files


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no fact")
