"""Yearly figures of single indicators out of core.headline_observation, for the analyses of time series."""

import numpy as np
import pandas as pd

NATIONAL = "00"
POVERTY, UNEMPLOYMENT, INCOME = "poverty_share", "unemployment_rate", "nominal_income_per_capita"

# Of core.headline_observation, what `yearly` reads: totals, not breakdowns.
OF_POVERTY = (
    f"indicator_code in ('{POVERTY}', '{UNEMPLOYMENT}', '{INCOME}')"
    " and specialty_code = '_T' and age_code = '_T'"
)

_BREAK, _ESTIMATE = "B", "E"


def yearly(observations: pd.DataFrame) -> pd.DataFrame:
    """One row per indicator, region and calendar year with a figure: value (float) and is_break.

    `observations` has the columns of core.headline_observation, totals only. Quarters and stocks are left
    out, and so are back-estimates (status E): the two parts of a region that was divided later would count it
    twice. is_break says that the figure is not comparable with the year before (status B). Raises ValueError
    for an infinite value, naming the indicator.
    """
    start = pd.to_datetime(observations["period_start"])
    end = pd.to_datetime(observations["period_end"])
    value = observations["value"].to_numpy(dtype="float64", na_value=np.nan)
    infinite = observations["indicator_code"][np.isinf(value)]
    if len(infinite):
        raise ValueError(f"indicator {infinite.iloc[0]!r} holds an infinite value")
    is_year = (start.dt.day_of_year == 1) & (end == start + pd.DateOffset(years=1))
    status = observations["obs_status"].astype("str")
    frame = pd.DataFrame(
        {
            "indicator_code": observations["indicator_code"].astype("str"),
            "region_code": observations["region_code"].astype("str"),
            "year": start.dt.year,
            "value": value,
            "is_break": status == _BREAK,
        }
    )
    kept: pd.DataFrame = frame[is_year & ~np.isnan(value) & (status != _ESTIMATE)]
    return kept.sort_values(["indicator_code", "region_code", "year"], ignore_index=True)


def series(figures: pd.DataFrame, indicator: str, region: str) -> tuple[pd.Series, pd.Series]:
    """Level by year, and change from the year before by year; a year or change that is not there is missing.

    Both have every year from the first to the last. There is no change where the year before is missing or
    not comparable (is_break). `figures` is what `yearly` returns.
    """
    of_series = figures[(figures["indicator_code"] == indicator) & (figures["region_code"] == region)]
    by_year = of_series.set_index("year")
    if by_year.empty:
        none = pd.Series([], index=pd.Index([], dtype="int64"), dtype="float64")
        return none, none
    years = pd.RangeIndex(by_year.index.min(), by_year.index.max() + 1, name="year")
    level = by_year["value"].reindex(years)
    is_break = by_year["is_break"].reindex(years, fill_value=False)
    return level, level.diff().mask(is_break)
