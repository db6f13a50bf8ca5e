"""What a suite hands to the runner: rows made from the marts, and what is expected of each of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.expectations.expectation import Expectation

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Check:
    """Rows made from the marts and the expectations that they must meet.

    `subject` is the mart ('schema.table') that a reader should open when it fails, `rows` makes the frame
    that is checked, `key` names the columns that identify a row in the result. `counted_as` is the name of
    the row count expectation that the runner pairs with the others: an expectation on rows holds of a frame
    without rows. `expectations` maps a name, unique within suite and subject, to a Great Expectations
    expectation whose `description` says in words what is expected.
    """

    subject: str
    counted_as: str
    rows: Callable[[Frames], pd.DataFrame]
    key: tuple[str, ...] = ()
    expectations: Mapping[str, Expectation] = field(default_factory=dict)


class EmptyMartError(LookupError):
    """A mart is there and has no rows."""


def mart(frames: Frames, name: str) -> pd.DataFrame:
    """The frame of one mart. Raises LookupError where it is missing, EmptyMartError where it has no rows."""
    if name not in frames:
        raise LookupError(f"{name} is missing")
    if frames[name].empty:
        raise EmptyMartError(f"{name} has no rows")
    return frames[name]


def numeric(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The frame with these columns as float64, from decimals or numbers. Raises ValueError on text."""
    return frame.assign(**{column: pd.to_numeric(frame[column]).astype("float64") for column in columns})


def between(column: str, low: float, high: float) -> Expectation:
    """Each value that is not null lies in [low, high]."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=column, min_value=low, max_value=high, description=f"{column} from {low:.10g} to {high:.10g}"
    )


def equal(column: str, other: str) -> Expectation:
    """Both values are there and equal: a null on either side, or on both, fails."""
    return gxe.ExpectColumnPairValuesToBeEqual(
        column_A=column, column_B=other, ignore_row_if="neither", description=f"{column} = {other}"
    )


def known(column: str) -> Expectation:
    """No value is null."""
    return gxe.ExpectColumnValuesToNotBeNull(column=column, description=f"{column} is known")


def only(column: str, value: str) -> Expectation:
    """Each value is this one."""
    text = f"{column} = {value}"
    return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=[value], description=text)


def never(column: str, value: str) -> Expectation:
    """No value is this one."""
    text = f"{column} is never {value}"
    return gxe.ExpectColumnValuesToNotBeInSet(column=column, value_set=[value], description=text)
