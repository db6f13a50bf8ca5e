"""Tables as dbt models return them: columns and types are the same whatever the rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def typed(rows: Sequence[dict[str, Any] | tuple[Any, ...]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """A table of these rows, without any too; `dtypes` gives its columns and their types in order."""
    return pd.DataFrame(list(rows), columns=list(dtypes)).astype(dict(dtypes))


def together(parts: Sequence[pd.DataFrame], dtypes: Mapping[str, str] | None = None) -> pd.DataFrame:
    """One table of these parts, without any too; with `dtypes` it has these columns and types in order."""
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return table if dtypes is None else table.reindex(columns=list(dtypes)).astype(dict(dtypes))


def stack(tables: Mapping[str, pd.DataFrame], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Tables under each other, which one in `result`, row_no from 1 within each: a dbt model returns one."""
    parts = [
        together([table.assign(result=name, row_no=np.arange(1, len(table) + 1))], dtypes)
        for name, table in tables.items()
    ]
    return together(parts)
