"""Rows of core.headline_observation that the tests of yearly analyses arrange."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from analysis_py.annual import INCOME, POVERTY, UNEMPLOYMENT

REGIONS = tuple(f"{code}" for code in range(11, 31))
YEARS = range(2010, 2024)
BREAK = 2018


def rows(
    indicator: str, region: str, figures: Mapping[int, float | None], breaks: Iterable[int] = ()
) -> pd.DataFrame:
    """One row a year, with status B in the years of `breaks`."""
    years = list(figures)
    return pd.DataFrame(
        {
            "indicator_code": indicator,
            "region_code": region,
            "period_start": pd.to_datetime([f"{year}-01-01" for year in years]),
            "period_end": pd.to_datetime([f"{year + 1}-01-01" for year in years]),
            "value": pd.array(list(figures.values()), dtype="Float64"),
            "obs_status": ["B" if year in set(breaks) else "A" for year in years],
        }
    )


def country(seed: int = 1) -> pd.DataFrame:
    """Three national series: poverty with breaks in 2001, 2006 and 2018."""
    rng = np.random.default_rng(seed)
    poverty = dict(zip(range(1996, 2024), 30 + rng.normal(size=28).cumsum(), strict=True))
    unemployment = dict(zip(range(2001, 2024), 8 + 0.2 * rng.normal(size=23).cumsum(), strict=True))
    income = dict(
        zip(range(2000, 2021), np.exp(9 + 0.1 * np.arange(21) + 0.02 * rng.normal(size=21)), strict=True)
    )
    return pd.concat(
        [
            rows(POVERTY, "00", poverty, breaks=(2001, 2006, BREAK)),
            rows(UNEMPLOYMENT, "00", unemployment),
            rows(INCOME, "00", income),
        ],
        ignore_index=True,
    )


def regions(seed: int = 1, effect: float = 0.5, codes: Iterable[str] = REGIONS) -> pd.DataFrame:
    """A panel: poverty rises by `effect` with a point of unemployment, and everywhere by 2 at the break."""
    rng = np.random.default_rng(seed)
    parts = []
    for code in codes:
        unemployment = 5 + rng.normal(size=len(YEARS)).cumsum() * 0.3
        income = np.exp(11 + 0.1 * np.arange(len(YEARS)) + 0.05 * rng.normal(size=len(YEARS)))
        step = 2.0 * (np.array(YEARS) >= BREAK)
        poverty = (
            10 * rng.random() + effect * unemployment + step + 0.3 * rng.normal(size=len(YEARS)).cumsum()
        )
        parts += [
            rows(POVERTY, code, dict(zip(YEARS, poverty, strict=True)), breaks=(BREAK,)),
            rows(UNEMPLOYMENT, code, dict(zip(YEARS, unemployment, strict=True))),
            rows(INCOME, code, dict(zip(YEARS, income, strict=True))),
        ]
    return pd.concat(parts, ignore_index=True)


def everything(seed: int = 1) -> pd.DataFrame:
    """The country and the panel."""
    return pd.concat([country(seed), regions(seed)], ignore_index=True)
