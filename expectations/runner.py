"""Runs every suite on the frames of the finished marts and returns what came out as one table.

Great Expectations and the suites are imported inside `run`: the import takes seconds.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

    from expectations.check import Check

COLUMNS = ("suite", "expectation", "subject", "success", "observed", "expected")
ROWS_SHOWN = 10
# The figures that the marts show: of a landed release by sex, age and partner there may be millions, whose
# units, decimals and sizes intake has checked.
HEADLINE = """
    sex_code = '_T' and residence_code = '_T' and partner_code = '_T' and age_code in ('_T', 'Y_GT15')
"""
# Of core.fct_control_total, as `totals`: each of headline figures and each that differs; of the others, of
# which there may be millions, one row for all those of a table and kind that hold, with their number.
CONTROL_TOTALS = f"""
    select
        release_id, table_name, control_kind, indicator_code, region_code, specialty_code, period_start,
        period_end, source_ref, published_value, summed_value, 1 as totals_count
    from totals where difference is distinct from 0 or ({HEADLINE})
    union all
    select
        release_id, table_name, control_kind, null, null, null, null, null, null, 0, 0, count(*)
    from totals where difference = 0 and not ({HEADLINE})
    group by release_id, table_name, control_kind
"""  # noqa: S608


def run(frames: Mapping[str, pd.DataFrame], *, as_of: str = "") -> pd.DataFrame:
    """Check the marts; `frames` maps 'schema.table' to the rows of that mart.

    Returns one row an expectation, in a fixed order, with the columns `suite`, `expectation`, `subject` (the
    mart), `success` (bool), `observed` (what was found: where it failed, the rows that broke it, at most ten,
    and their number) and `expected`. What cannot be checked (a mart missing or empty, a column missing, an
    exception inside an expectation) is a failed row that says why: nothing is raised. Writes no file and
    opens no connection.

    `as_of` is the day as of which the marts were built, '' for all that is known. Under a day, what has no
    figure at all is not applicable, neither passed nor failed (success is null): nothing was published yet.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from expectations import completeness, plausibility, totals

    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("marts").add_dataframe_asset("rows of a check")
    definition = asset.add_batch_definition_whole_dataframe("all")
    suites = {
        "totals": totals.CHECKS,
        "completeness": completeness.checks(frames),
        "plausibility": plausibility.CHECKS,
    }
    return pd.DataFrame(
        [
            (suite, expectation, check.subject, success, observed, expected)
            for suite, checks in suites.items()
            for check in checks
            for expectation, success, observed, expected in _outcomes(definition, check, frames, as_of)
        ],
        columns=list(COLUMNS),
    ).astype({"success": "boolean"})


def _outcomes(
    definition: Any, check: "Check", frames: Mapping[str, pd.DataFrame], as_of: str
) -> Iterator[tuple[str, bool | None, str, str]]:
    """Name, success, observed and expected of each expectation of one check, the row count first."""
    import great_expectations.expectations as gxe

    from expectations.check import EmptyMartError

    row_count = gxe.ExpectTableRowCountToBeBetween(min_value=1, description="at least 1 row")
    expectations = {check.counted_as: row_count, **check.expectations}
    try:
        rows = check.rows(frames).reset_index(drop=True)
        batch = definition.get_batch({"dataframe": rows})
    except Exception as error:
        success = None if as_of and isinstance(error, EmptyMartError) else False
        for name, expectation in expectations.items():
            yield name, success, _error_text(error), str(expectation.description)
        return
    if as_of and _has_no_figure(rows, check.key):
        for name, expectation in expectations.items():
            yield name, None, f"nothing published by {as_of}", str(expectation.description)
        return
    for name, expectation in expectations.items():
        if rows.empty and expectation is not row_count:
            yield name, False, "no rows to check", str(expectation.description)
        else:
            yield name, *_validated(batch, expectation, check.key), str(expectation.description)


def _has_no_figure(rows: pd.DataFrame, key: tuple[str, ...]) -> bool:
    """Whether there is nothing but keys."""
    return bool(rows.drop(columns=[*key], errors="ignore").isna().to_numpy().all())


def _validated(batch: Any, expectation: "Expectation", key: tuple[str, ...]) -> tuple[bool, str]:
    """Success and observed of one expectation."""
    try:
        result = batch.validate(
            expectation,
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": list(key)},
        )
    except Exception as error:
        return False, _error_text(error)
    raised = _raised(result.exception_info)
    if raised:
        return False, raised
    return bool(result.success), _observed(result.result, key)


def _error_text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _raised(exception_info: Mapping[str, Any]) -> str:
    """The messages of the exceptions inside an expectation, '' where there was none."""
    # Great Expectations gives one record, or one record a metric.
    records = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    messages = {record["exception_message"] for record in records if record["raised_exception"]}
    return "; ".join(sorted(messages))


def _observed(found: Mapping[str, Any], key: tuple[str, ...]) -> str:
    """What was found: a count of rows, or the rows that broke the expectation."""
    if "observed_value" in found:
        return _rows_text(found["observed_value"])
    broken = found["unexpected_index_list"]
    missing = found.get("missing_count", 0)  # rows without a figure meet whatever is expected of figures
    checked = _rows_text(found["element_count"] - missing)
    if not broken:
        return f"all of {checked}{f', {missing} without a figure' if missing else ''}"
    shown = "; ".join(_row_text(row, key) for row in broken[:ROWS_SHOWN])
    more = f"; and {len(broken) - ROWS_SHOWN} more" if len(broken) > ROWS_SHOWN else ""
    return f"{len(broken)} of {checked}: {shown}{more}"


def _rows_text(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _row_text(row: Mapping[str, Any], key: tuple[str, ...]) -> str:
    columns = [*key, *(column for column in row if column not in key)]
    return " ".join(f"{column}={_value_text(row[column])}" for column in columns)


def _value_text(value: Any) -> str:
    if pd.isna(value):
        return "missing"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return str(value)
