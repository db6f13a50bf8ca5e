"""Poverty, unemployment and income over years: panel of regions, tests of series, VAR and its responses."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from threadpoolctl import threadpool_limits

from analysis_py import annual, panel, unit_root, vector_autoregression
from analysis_py.correlation import ENOUGH_RESIDUAL_DF, holm, is_constant
from analysis_py.tables import typed

POVERTY, UNEMPLOYMENT, INCOME = annual.POVERTY, annual.UNEMPLOYMENT, annual.INCOME
INDICATORS = (POVERTY, UNEMPLOYMENT, INCOME)
TERMS = (UNEMPLOYMENT, INCOME)
PANEL = "panel"
NONE = "none"

OK, WARNING, WITHHELD, CONSTANT = "ok", "warning", "withheld", "constant"
STATUSES = (OK, WARNING, WITHHELD, CONSTANT)

TWO_WAY, REGIMES, COMPLETE, CHANGES = "two_way", "two_way_regimes", "two_way_complete", "changes"
BEFORE, AFTER = "two_way_before_break", "two_way_after_break"
SPECIFICATIONS = (TWO_WAY, REGIMES, BEFORE, AFTER, COMPLETE, CHANGES)

CORRELATION, ADF, KPSS, ENGLE_GRANGER, GRANGER = "pearson", "adf", "kpss", "engle_granger", "granger"
LEVEL, CHANGE, WITH_TREND = "level", "change", "change_with_trend"

MINIMUM_REGIONS = 10
FEW_YEARS = 30
LAGS = unit_root.LAGS
NOT_STATIONARY = 0.05
HORIZONS = 5
STEPS = 5
LEFT_OUT = "; changes across a break of the poverty line left out"
DRAWS = 999
SEED = 20261127

_PANEL_DTYPES = {
    "specification": "str",
    "term": "str",
    "estimate": "float64",
    "standard_error": "float64",
    "p_value": "float64",
    "p_wild": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "r_squared_within": "float64",
    "n": "int64",
    "n_regions": "int64",
    "first_year": "Int64",
    "last_year": "Int64",
    "draws": "int64",
    "seed": "int64",
    "status": "str",
    "reason": "str",
}
_TEST_DTYPES = {
    "test": "str",
    "territory": "str",
    "series": "str",
    "with_series": "str",
    "transformation": "str",
    "statistic": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
    "lags": "Int64",
    "n": "int64",
    "residual_df": "Int64",
    "n_regions": "int64",
    "first_year": "Int64",
    "last_year": "Int64",
    "status": "str",
    "reason": "str",
}
_FORECAST_DTYPES = {
    "indicator_code": "str",
    "origin_year": "int64",
    "year": "int64",
    "last_value": "float64",
    "forecast": "float64",
    "low_80": "float64",
    "high_80": "float64",
    "low_95": "float64",
    "high_95": "float64",
    "n": "int64",
    "residual_df": "int64",
    "status": "str",
    "reason": "str",
}
_RESPONSE_DTYPES = {
    "territory": "str",
    "impulse": "str",
    "response": "str",
    "step": "int64",
    "estimate": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "n": "int64",
    "n_regions": "int64",
    "draws": "int64",
    "seed": "int64",
    "status": "str",
    "reason": "str",
}

Floats = NDArray[np.float64]
Row = dict[str, Any]


# --- the panel --------------------------------------------------------------------------------------------


def regions_over_years(observations: pd.DataFrame) -> pd.DataFrame:
    """One row per territory (00, the whole country, among them) and year, from its first to its last.

    `observations` are the rows annual.OF_POVERTY of core.headline_observation. Columns: region_code, year, a
    level by the name of each indicator (income as natural logarithm), its change from the year before as
    change_..., and stretch, a number that rises with each break of the poverty line: levels of different
    stretches are not comparable, and no change reaches across. Missing where there is no figure.
    """
    figures = annual.yearly(observations)
    income = figures["indicator_code"] == INCOME
    figures = figures[~income | (figures["value"] > 0)]
    figures["value"] = figures["value"].mask(income, np.log(figures["value"].where(income, 1.0)))
    breaks = figures.loc[(figures["indicator_code"] == POVERTY) & figures["is_break"], "year"].unique()
    parts = [_over_years(figures, region, breaks) for region in sorted(figures["region_code"].unique())]
    columns = [*INDICATORS, *(f"change_{name}" for name in INDICATORS)]
    empty = {"region_code": "str", "year": "int64", "stretch": "int64"} | dict.fromkeys(columns, "float64")
    return pd.concat([pd.DataFrame(columns=list(empty)).astype(empty), *parts], ignore_index=True)


def _over_years(figures: pd.DataFrame, region: str, breaks: Any) -> pd.DataFrame:
    columns = {}
    for name in INDICATORS:
        columns[name], columns[f"change_{name}"] = annual.series(figures, name, region)
    frame = pd.DataFrame(columns).rename_axis("year").sort_index()
    stretch = (frame.index.to_numpy()[:, None] >= np.asarray(breaks)).sum(axis=1)
    return frame.assign(region_code=region, stretch=stretch).reset_index()


def panel_regression(observations: pd.DataFrame) -> pd.DataFrame:
    """Regression of the poverty share on unemployment and income (logarithm) over regions and years.

    Takes what regions_over_years takes. Returns one row per specification and term: estimate (percentage
    points of the poverty share for one point of unemployment, or for an income higher by the factor e),
    standard error clustered by region, p-value, p_wild and the 95 % interval that belongs to it, R² within,
    n, regions and years.
    Specifications, each with effects of the years:

    - 'two_way': levels, effects of the regions; what a break moves everywhere alike is in the effects of
      years;
    - 'two_way_regimes': effects of the regions anew after each break: what a break moves in one region only,
      too;
    - 'two_way_before_break', 'two_way_after_break': before the first and since the last break alone;
    - 'two_way_complete': regions that have every year, so that no region enters or leaves;
    - 'changes': changes from year to year, none across a break; the regions' effects cancel out.

    Status: 'ok'; 'warning' (between MINIMUM_REGIONS and 40 regions: reason); 'withheld' (fewer than
    MINIMUM_REGIONS regions with two years, or too few degrees of freedom); 'constant' (the term or the share
    does not vary within the effects).
    """
    every = regions_over_years(observations)
    regions = every[every["region_code"] != annual.NATIONAL]
    with threadpool_limits(limits=1, user_api="blas"):  # the matrices are small: threads only wait
        rows = [row for name in SPECIFICATIONS for row in _specification(name, regions)]
    return typed(rows if len(every) else [], _PANEL_DTYPES)


def _specification(name: str, regions: pd.DataFrame) -> Iterator[Row]:
    prefix = "change_" if name == CHANGES else ""
    columns = [prefix + indicator for indicator in INDICATORS]
    known = regions[["region_code", "year", "stretch", *columns]].dropna()
    if name in (BEFORE, AFTER):
        end = known["stretch"].min() if name == BEFORE else known["stretch"].max()
        known = known[known["stretch"] == end]
    unit = known["region_code"]
    if name == REGIMES:
        unit = unit + " " + known["stretch"].astype("str")
    if name == COMPLETE:
        known = known[unit.groupby(unit).transform("size") == known["year"].nunique()]
    unit = unit[known.index]
    if name != CHANGES:  # a unit with one year is its own effect
        known = known[unit.groupby(unit).transform("size") > 1]
    unit = unit[known.index]
    clusters = known["region_code"].to_numpy(dtype=object)
    effects = [known["year"].to_numpy(dtype=object)]
    if name != CHANGES:
        effects.append(unit.to_numpy(dtype=object))
    n, g = len(known), known["region_code"].nunique()
    common = {"specification": name, "n": n, "n_regions": g, "draws": panel.DRAWS, "seed": panel.SEED}
    common |= {"first_year": known["year"].min(), "last_year": known["year"].max()}
    crossed = name in (TWO_WAY, COMPLETE) and known["stretch"].nunique() > 1
    reason = f"{g} regions: p_wild and its interval are the ones to trust, not p_value"
    reason += "; reaches across a break" if crossed else ""
    answer: Row = {"status": WARNING if g < 40 else OK, "reason": reason if g < 40 else ""}
    if g < MINIMUM_REGIONS:
        few = {"status": WITHHELD, "reason": f"{g} regions with two years of at least {MINIMUM_REGIONS}"}
        yield from (common | {"term": term} | few for term in TERMS)
        return
    values = known[columns].to_numpy()
    span = panel.basis(effects)
    within, rank = panel.take_out(values, span), span.shape[1]
    if n - rank - len(TERMS) < ENOUGH_RESIDUAL_DF:
        few = {"status": WITHHELD, "reason": f"{n} figures for {rank} effects and {len(TERMS)} terms"}
        yield from (common | {"term": term} | few for term in TERMS)
        return
    spread = np.abs(within).max(axis=0) > 1e-9 * np.abs(values).max(axis=0)
    if not spread[0]:
        flat = {"status": CONSTANT, "reason": "the poverty share does not vary within the effects"}
        yield from (common | {"term": term} | flat for term in TERMS)
        return
    terms = [term for term, varies in zip(TERMS, spread[1:], strict=True) if varies]
    fit = panel.fit(values[:, 0], values[:, 1:][:, spread[1:]], effects, clusters) if terms else None
    for term in TERMS:
        if fit is None or term not in terms:
            yield common | {"term": term, "status": CONSTANT, "reason": "does not vary within the effects"}
            continue
        j = terms.index(term)
        yield (
            common
            | answer
            | {
                "term": term,
                "estimate": fit.estimate[j],
                "standard_error": fit.standard_error[j],
                "p_value": fit.p_value[j],
                "p_wild": fit.p_wild[j],
                "ci_low": fit.low[j],
                "ci_high": fit.high[j],
                "r_squared_within": fit.r_squared_within,
            }
        )


# --- tests of series --------------------------------------------------------------------------------------


def series_tests(observations: pd.DataFrame) -> pd.DataFrame:
    """Correlations over time, unit roots, cointegration, Granger causality, of the country and the panel.

    Takes what regions_over_years takes; income is its logarithm. Returns one row per test, territory (a
    region code, 00 the whole country, or 'panel'), series, with_series ('none' where the test has one series)
    and transformation ('level', 'change', 'change_with_trend'): statistic, p-value, p_adjusted (Holm over the
    rows of one test, transformation and kind of territory: the country, the panel, the regions), lags, n
    (figures used), residual_df (of one equation), n_regions, first and last year. The tests:

    - 'pearson': changes; of levels, each less the mean of its stretch between two breaks, r alone: years that
      follow one another are no independent figures, and two trends correlate whatever they are;
    - 'adf' (t of a unit root) and 'kpss' (statsmodels; no unit root) with a constant, on the longest run of
      years without gap and break; panel: the mean of the regions' t, the t-bar of Im K. S., Pesaran M. H. and
      Shin Y. (2003), Testing for unit roots in heterogeneous panels, Journal of Econometrics 115, 53-74;
    - 'engle_granger' (t of no cointegration), the country and, as a mean, too, the panel;
    - 'granger': whether `series` is a help in predicting `with_series`, by a VAR of one lag in changes (F
      test), of the country once more with a linear trend in the equation, since two series that slow down
      together help to predict each other; panel: the Z tilde of Dumitrescu E.-I. and Hurlin C. (2012),
      Testing for Granger non-causality in heterogeneous panels, Economic Modelling 29, 1450-1460, over the
      regions with more than seven years.

    p-values of 'adf' and 'engle_granger' are simulated for as many years and regions (unit_root.null_means).

    Panel tests of levels take the regions that have every year and, first, the mean of the regions out of
    each year: with it goes what a break, or the whole country's fortune, moves everywhere alike. What a break
    moves in one region only stays: where the years reach across one of the poverty line the reason says so.

    Status: 'ok'; 'warning' (fewer than FEW_YEARS years in a row, or what the panel test cannot do: reason);
    'withheld' (below ENOUGH_RESIDUAL_DF, or in the panel MINIMUM_REGIONS); 'constant'. The panel's Granger
    test pools the regions and takes those with more than 5 + 2 LAGS equations, the least for which the
    variance of their statistic exists: residual_df, there that of the shortest region, may be as low as 5.
    """
    every = regions_over_years(observations)
    if every.empty:
        return typed([], _TEST_DTYPES)
    national = every[every["region_code"] == annual.NATIONAL]
    regions = every[every["region_code"] != annual.NATIONAL]
    territories = {annual.NATIONAL: national, **dict(iter(regions.groupby("region_code")))}
    rows = [row for code, frame in territories.items() for row in _correlations(str(code), frame)]
    rows += [*_unit_roots(national), *_cointegration(national), *_causality(national)]
    rows += [*_panel_levels(regions), *_panel_causality(regions)]
    result = typed(rows, _TEST_DTYPES)
    kind = result["territory"].where(result["territory"].isin([annual.NATIONAL, PANEL]), "regions")
    for _, family in result.groupby(["test", "transformation", kind]):
        result.loc[family.index, "p_adjusted"] = holm(family["p_value"].to_numpy())
    return result


def _correlations(region: str, frame: pd.DataFrame) -> Iterator[Row]:
    for other in TERMS:
        for transformation in (LEVEL, CHANGE):
            prefix = "change_" if transformation == CHANGE else ""
            pair = frame[["year", "stretch", prefix + POVERTY, prefix + other]].dropna()
            if transformation == LEVEL:
                grouped = pair.groupby("stretch")[[POVERTY, other]]
                pair[[POVERTY, other]] -= grouped.transform("mean")
                pair = pair[pair.groupby("stretch")["year"].transform("size") > 1]
            row = _row(CORRELATION, region, POVERTY, other, transformation, pair["year"])
            df = len(pair) - max(1, pair["stretch"].nunique() if transformation == LEVEL else 1) - 1
            row |= {"residual_df": max(df, 0), "n_regions": 1}
            x, y = pair[prefix + POVERTY].to_numpy(), pair[prefix + other].to_numpy()
            if df < ENOUGH_RESIDUAL_DF:
                yield row | _withheld(df)
            elif is_constant(x) or is_constant(y):
                yield row | {"status": CONSTANT, "reason": "one of the two does not vary"}
            else:
                found = stats.pearsonr(x, y)
                p_value = float(found.pvalue) if transformation == CHANGE else np.nan
                why = (
                    ""
                    if transformation == CHANGE
                    else "; of levels no p-value: trends correlate by themselves"
                )
                yield (
                    row | {"statistic": float(found.statistic), "p_value": p_value} | _judged(len(pair), why)
                )


def _unit_roots(national: pd.DataFrame) -> Iterator[Row]:
    for name in INDICATORS:
        for transformation in (LEVEL, CHANGE):
            run = _longest_run(national, [name], transformation)
            x = run.iloc[:, 0].to_numpy()
            for test, df in ((ADF, len(x) - 1 - LAGS - 2 - LAGS), (KPSS, len(x) - 1)):
                row = _row(test, annual.NATIONAL, name, NONE, transformation, run.index)
                row |= {"residual_df": max(df, 0), "n_regions": 1}
                if df < ENOUGH_RESIDUAL_DF:
                    yield row | _withheld(df)
                elif is_constant(x) or is_constant(np.diff(x)):
                    yield row | {"status": CONSTANT, "reason": "the series or its change does not vary"}
                elif test == ADF:
                    yield row | _by_chance(unit_root.dickey_fuller, unit_root.dickey_fuller(x[None]), len(x))
                else:
                    statistic, p_value, lags = _kpss(x)
                    at_end = "; p-value at the end of the table" if p_value in (0.01, 0.1) else ""
                    yield row | _found(statistic, p_value, lags) | _judged(len(x), at_end)


def _kpss(x: Floats) -> tuple[float, float, int]:
    """Statistic, p-value from 0.01 to 0.1, the ends of its table, and window."""
    from statsmodels.tsa.stattools import kpss

    lags = int(3 * np.sqrt(len(x)) / 13)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at an end of the table: the reason says so
        statistic, p_value, *_ = kpss(x, regression="c", nlags=lags)
    return float(statistic), float(p_value), lags


def _not_stationary(national: pd.DataFrame, names: list[str]) -> str:
    """For a reason: the changes that KPSS rejects to be stationary, or that are too few to tell."""
    told = []
    for name in names:
        x = _longest_run(national, [name], CHANGE).iloc[:, 0].to_numpy()
        if len(x) - 1 < ENOUGH_RESIDUAL_DF or is_constant(x) or is_constant(np.diff(x)):
            told.append(f"{name} not tested")
        elif (p_value := _kpss(x)[1]) < NOT_STATIONARY:
            told.append(f"{name} KPSS p {f'{p_value:.2g}' if p_value > 0.01 else 'below 0.01'}")
    return f"; changes not shown to be stationary ({', '.join(told)})" if told else ""


def _cointegration(national: pd.DataFrame) -> Iterator[Row]:
    for other in TERMS:
        run = _longest_run(national, [POVERTY, other], LEVEL)
        row = _row(ENGLE_GRANGER, annual.NATIONAL, POVERTY, other, LEVEL, run.index)
        df = len(run) - 1 - LAGS - 1 - LAGS
        row |= {"residual_df": max(df, 0), "n_regions": 1}
        if df < ENOUGH_RESIDUAL_DF:
            yield row | _withheld(df)
        else:
            found = unit_root.engle_granger(*run.to_numpy().T[:, None])
            yield row | _by_chance(unit_root.engle_granger, found, len(run))


def _by_chance(test: unit_root.Test, statistics: Floats, years: int) -> Row:
    """Mean of the statistics of the regions that have one, and how often it comes out as low by chance."""
    known = statistics[np.isfinite(statistics)]
    if len(known) == 0:
        return {"status": CONSTANT, "reason": "a series or its change does not vary, or two go together"}
    p_value = unit_root.p_value(test, float(known.mean()), years, len(known))
    judged = _judged(years, "; low power; p simulated for as many")
    return _found(float(known.mean()), p_value, LAGS) | judged


def _causality(national: pd.DataFrame) -> Iterator[Row]:
    for cause, effect in _directions():
        changes = _changes(national, [effect, cause])
        trend = np.arange(len(changes), dtype="float64")
        with_trend, y = vector_autoregression.lagged(np.column_stack([trend, changes]))
        n = len(y)
        found: dict[str, Row] = {}
        for transformation, x in ((WITH_TREND, with_trend), (CHANGE, np.delete(with_trend, 1, axis=1))):
            row = _row(GRANGER, annual.NATIONAL, cause, effect, transformation, changes.dropna().index)
            df = n - x.shape[1]
            row |= {"n": n, "n_regions": 1, "residual_df": max(df, 0)}
            if df < ENOUGH_RESIDUAL_DF:
                row |= _withheld(df)
            elif (wald := _wald(x, y[:, 1])) is None:
                row |= {"status": CONSTANT, "reason": "one of the two does not vary"}
            else:
                row |= _found(wald, float(stats.f.sf(wald, 1, df)), LAGS)
                also = "" if transformation == WITH_TREND else _not_stationary(national, [cause, effect])
                row |= _judged(n, "; breaks left out" + also)
            found[transformation] = row
        if "p_value" in found[CHANGE] and "p_value" in found[WITH_TREND]:
            found[CHANGE]["reason"] += f"; with a linear trend p {found[WITH_TREND]['p_value']:.2g}"
        yield from found.values()


def _directions() -> Iterator[tuple[str, str]]:
    for other in TERMS:
        yield other, POVERTY
        yield POVERTY, other


def _wald(x: Floats, y: Floats) -> float | None:
    """Square of the t statistic of the last regressor, F(1, df); None where there is no error or spread."""
    if np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    estimates = np.linalg.solve(x.T @ x, x.T @ y)
    errors = y - x @ estimates
    if np.abs(errors).max() <= 1e-10 * max(np.abs(y).max(), 1e-300):
        return None
    variance = errors @ errors / (len(y) - x.shape[1]) * np.linalg.inv(x.T @ x)[-1, -1]
    return float(estimates[-1] ** 2 / variance)


def _panel_levels(regions: pd.DataFrame) -> Iterator[Row]:
    for name in INDICATORS:
        table = _complete(regions, [name])[name]
        crossed = name == POVERTY and _crosses(regions, table)
        yield _mean_of_regions(ADF, unit_root.dickey_fuller, [name], [table], crossed)
    for other in TERMS:
        tables = _complete(regions, [POVERTY, other])
        crossed = _crosses(regions, tables[POVERTY])
        yield _mean_of_regions(
            ENGLE_GRANGER, unit_root.engle_granger, [POVERTY, other], list(tables.values()), crossed
        )


def _crosses(regions: pd.DataFrame, table: pd.DataFrame) -> bool:
    """Whether the years of the table lie on both sides of a break of the poverty line."""
    return bool(regions.loc[regions["year"].isin(table.index), "stretch"].nunique() > 1)


def _complete(regions: pd.DataFrame, names: list[str]) -> dict[str, pd.DataFrame]:
    """Years by regions of each indicator, less the mean of each year, of the regions that have every year.

    The years are those in which any region has all the indicators.
    """
    known = regions.dropna(subset=names)
    tables = {name: known.pivot(index="year", columns="region_code", values=name) for name in names}
    kept = {name: table.dropna(axis="columns") for name, table in tables.items()}
    return {name: _less_year_means(table) for name, table in kept.items()}


def _less_year_means(table: pd.DataFrame) -> pd.DataFrame:
    less = table.sub(table.mean(axis="columns"), axis="index")
    # what equal figures leave is the rounding of their mean, and would pass for a series
    return less.where(less.abs() > 1e-12 * np.abs(table.to_numpy()).max(initial=0), 0.0)


def _mean_of_regions(
    test: str, statistic: unit_root.Test, names: list[str], tables: list[pd.DataFrame], crossed: bool
) -> Row:
    years = len(tables[0])
    row = _row(test, PANEL, names[0], names[1] if len(names) > 1 else NONE, LEVEL, tables[0].index)
    df = years - 2 - 2 * LAGS - (test == ADF)
    enough = df >= ENOUGH_RESIDUAL_DF and all(table.columns.equals(tables[0].columns) for table in tables)
    found = statistic(*(table.to_numpy().T for table in tables)) if enough else np.array([])
    of_regions = int(np.isfinite(found).sum())
    row |= {"n": int(tables[0].size), "n_regions": of_regions, "residual_df": max(df, 0)}
    if of_regions < MINIMUM_REGIONS:
        few = f"{of_regions} regions with every year and enough of them, of at least {MINIMUM_REGIONS}"
        return row | {"status": WITHHELD, "reason": few}
    reason = f"{years} years a region, p simulated for as many"
    reason += "; what regions share beyond the year means makes it too sure"
    reason += "; reaches across a break of the poverty line" if crossed else ""
    return row | _by_chance(statistic, found, years) | {"status": WARNING, "reason": reason}


def _panel_causality(regions: pd.DataFrame) -> Iterator[Row]:
    for cause, effect in _directions():
        names = [f"change_{effect}", f"change_{cause}"]
        known = regions.dropna(subset=names)
        less = known[names] - known.groupby("year")[names].transform("mean")
        walds, lengths = [], []
        for _, frame in known.assign(**{name: less[name] for name in names}).groupby("region_code"):
            x, y = vector_autoregression.lagged(_by_year(frame)[names].to_numpy())
            if len(x) > 5 + 2 * LAGS and (wald := _wald(x, y[:, 0])) is not None:
                walds.append(wald)
                lengths.append(len(x))
        row = _row(GRANGER, PANEL, cause, effect, CHANGE, known["year"])
        row |= {"n": sum(lengths), "n_regions": len(walds)}
        if len(walds) < MINIMUM_REGIONS:
            few = f"{len(walds)} regions with more than {5 + 2 * LAGS} years of at least {MINIMUM_REGIONS}"
            yield row | {"status": WITHHELD, "reason": few}
            continue
        statistic = z_tilde(np.array(walds), np.array(lengths), LAGS)
        row |= _found(statistic, float(2 * stats.norm.sf(abs(statistic))), LAGS)
        row |= {"residual_df": min(lengths) - 3}
        rule = f"the test pools the regions and needs more than {5 + 2 * LAGS}"
        yield row | {"status": WARNING, "reason": f"{min(lengths)} years a region: {rule}; breaks left out"}


def z_tilde(walds: Floats, lengths: NDArray[np.int_], lags: int) -> float:
    """Dumitrescu and Hurlin's standardised mean of Wald statistics (equation 33), normal under no causality.

    `walds` are those of the regions (F times lags), `lengths` their equations, each more than 5 + 2 lags.
    """
    k, t = lags, lengths
    means = k * (t - 2 * k - 1) / (t - 2 * k - 3)
    variances = 2 * k * (t - 2 * k - 1) ** 2 * (t - k - 3) / ((t - 2 * k - 3) ** 2 * (t - 2 * k - 5))
    return float((walds - means).sum() / np.sqrt(variances.sum()))


def _by_year(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of one territory by year, with an empty one for each year that is not there."""
    indexed = frame.set_index("year")
    return indexed.reindex(range(indexed.index.min(), indexed.index.max() + 1)) if len(indexed) else indexed


def _changes(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Changes by year from the first to the last year in which all are known."""
    columns = [f"change_{name}" for name in names]
    known = frame.dropna(subset=columns)["year"]
    table = _by_year(frame)[columns]
    return table.loc[known.min() : known.max()] if len(known) else table[:0]


def _longest_run(frame: pd.DataFrame, names: list[str], transformation: str) -> pd.DataFrame:
    """Years in a row without gap and break: of several runs of one length the last."""
    by_year = _by_year(frame)
    table = by_year[names if transformation == LEVEL else [f"change_{name}" for name in names]]
    known = table.dropna()
    if known.empty:
        return known
    new = np.diff(known.index, prepend=known.index[0] - 2) != 1
    if transformation == LEVEL and POVERTY in names:
        new |= np.diff(by_year.loc[known.index, "stretch"], prepend=-1) != 0
    run = pd.Series(new.cumsum(), index=known.index)
    sizes = run.value_counts().sort_index()
    longest: pd.DataFrame = known[run == sizes[sizes == sizes.max()].index[-1]]
    return longest


def _row(test: str, territory: str, name: str, other: str, transformation: str, years: Any) -> Row:
    first, last = (years.min(), years.max()) if len(years) else (None, None)
    keys = {"test": test, "territory": territory, "series": name, "with_series": other}
    return keys | {"transformation": transformation, "first_year": first, "last_year": last, "n": len(years)}


def _found(statistic: float, p_value: float, lags: int) -> Row:
    return {"statistic": float(statistic), "p_value": float(p_value), "lags": lags}


def _withheld(df: int) -> Row:
    reason = f"{max(df, 0)} residual degrees of freedom of at least {ENOUGH_RESIDUAL_DF}"
    return {"status": WITHHELD, "reason": reason}


def _judged(n: int, also: str) -> Row:
    if n < FEW_YEARS:
        return {"status": WARNING, "reason": f"{n} yearly figures: too few to carry a conclusion{also}"}
    return {"status": OK, "reason": also.removeprefix("; ")}


# --- VAR --------------------------------------------------------------------------------------------------


def forecast_poverty(observations: pd.DataFrame) -> pd.DataFrame:
    """Poverty share and unemployment rate of the country 1 to HORIZONS years ahead, by a VAR(1) in changes.

    Takes what regions_over_years takes. Years whose change reaches across a break are left out, so the
    forecast is one without a new line of poverty. Returns one row per indicator and year, from the last year
    with both figures (origin_year): last_value, forecast and its 80 and 95 % intervals (Student, normal
    errors; without the uncertainty of the coefficients), n equations, residual_df, status, reason. Figures
    beyond 0 and 100, between which a share and a rate lie, are cut off there; the reason says so.
    """
    every = regions_over_years(observations)
    names = [POVERTY, UNEMPLOYMENT]
    if every.empty:
        return typed([], _FORECAST_DTYPES)
    national = every[every["region_code"] == annual.NATIONAL]
    known = national.dropna(subset=names)
    changes = _by_year(known)[[f"change_{name}" for name in names]].to_numpy()
    last = known.iloc[-1] if len(known) else pd.Series(np.nan, index=names)
    df = max(vector_autoregression.residual_df(changes), 0)
    common: Row = {"origin_year": int((known if len(known) else every)["year"].max())}
    common |= {"n": len(vector_autoregression.lagged(changes)[0]), "residual_df": df}
    sums, deviations = np.full((2, HORIZONS, 2), np.nan)
    if known.empty:
        common |= {"status": WITHHELD, "reason": "no year with both figures of the whole country"}
    elif df < ENOUGH_RESIDUAL_DF:
        common |= _withheld(df)
    elif not vector_autoregression.varies(*vector_autoregression.lagged(changes)):
        common |= {"status": CONSTANT, "reason": "the changes of one of the two do not vary, or go together"}
    elif not (var := vector_autoregression.fit(changes)).is_stable:
        common |= {"status": WITHHELD, "reason": "the estimated VAR explodes"}
    else:
        sums, deviations = vector_autoregression.forecast_sums(var, changes, HORIZONS)
        common |= _judged(var.n, LEFT_OUT + _not_stationary(national, names))
    margins = {coverage: stats.t.ppf(0.5 + coverage / 200, max(df, 1)) * deviations for coverage in (80, 95)}
    rows = []
    for j, name in enumerate(names):
        for h in range(HORIZONS):
            forecast = last[name] + sums[h, j]  # missing where the sums are
            figures = {"forecast": forecast} | {
                f"{end}_{coverage}": forecast + sign * margin[h, j]
                for coverage, margin in margins.items()
                for end, sign in (("low", -1), ("high", 1))
            }
            cut = {key: float(np.clip(figure, 0, 100)) for key, figure in figures.items()}
            keys = {"indicator_code": name, "year": common["origin_year"] + h + 1}
            limited = _limited(str(common["reason"]), figures, cut)
            rows.append(common | keys | {"last_value": last[name]} | cut | limited)
    return typed(rows, _FORECAST_DTYPES)


def _limited(reason: str, figures: dict[str, float], cut: dict[str, float]) -> Row:
    """The reason, and where figures were cut off, if any were."""
    lower = "; cut off at 0" if any(figure < cut[key] for key, figure in figures.items()) else ""
    upper = "; cut off at 100" if any(figure > cut[key] for key, figure in figures.items()) else ""
    return {"reason": (reason + lower + upper).removeprefix("; ")}


def impulse_responses(observations: pd.DataFrame) -> pd.DataFrame:
    """What a shock to unemployment or to poverty does to both in the years after, country and panel.

    Takes what regions_over_years takes. A VAR(1) in changes; of the panel one for all regions, each change
    less the mean of the regions in that year. Returns one row per territory ('00', 'panel'), impulse,
    response and step (0 to STEPS years later): the level's response to one standard deviation, in percentage
    points, and a 95 % bootstrap interval (percentiles; years drawn with replacement, of the panel regions
    with all their years). A shock to unemployment moves poverty in the same year, one to poverty does not
    move unemployment: the order is an assumption, and decides the answer at step 0.
    """
    every = regions_over_years(observations)
    names = [UNEMPLOYMENT, POVERTY]
    columns = [f"change_{name}" for name in names]
    rows: list[Row] = []
    for territory in (annual.NATIONAL, PANEL):
        inside = (every["region_code"] == annual.NATIONAL) == (territory == annual.NATIONAL)
        known = every[inside].dropna(subset=columns)
        if every.empty:
            continue
        if territory == PANEL:
            known = known.assign(**(known[columns] - known.groupby("year")[columns].transform("mean")))
        blocks = {
            region: vector_autoregression.lagged(_by_year(frame)[columns].to_numpy())
            for region, frame in known.groupby("region_code")
        }
        also = _not_stationary(every[inside], names) if territory != PANEL else ""
        rows += _responses(territory, names, blocks, also)
    return typed(rows, _RESPONSE_DTYPES)


def _responses(
    territory: str, names: list[str], blocks: dict[Any, tuple[Floats, Floats]], also: str
) -> Iterator[Row]:
    x = np.concatenate([np.empty((0, 3)), *(x for x, _ in blocks.values())])
    y = np.concatenate([np.empty((0, 2)), *(y for _, y in blocks.values())])
    groups = np.repeat(np.arange(len(blocks)), [len(block) for block, _ in blocks.values()])
    of_regions = sum(len(block) > 0 for block, _ in blocks.values())
    common: Row = {"territory": territory, "n": len(x), "n_regions": of_regions, "draws": DRAWS, "seed": SEED}
    df = len(x) - x.shape[1]
    estimate, low, high = np.full((3, STEPS + 1, 2, 2), np.nan)
    if df < ENOUGH_RESIDUAL_DF:
        common |= _withheld(df)
    elif territory == PANEL and of_regions < MINIMUM_REGIONS:
        common |= {"status": WITHHELD, "reason": f"{of_regions} regions of at least {MINIMUM_REGIONS}"}
    elif not vector_autoregression.varies(x, y):
        common |= {"status": CONSTANT, "reason": "one of the two does not vary"}
    else:
        var = vector_autoregression.estimate(x, y)
        estimate = vector_autoregression.impulse_responses(var.coefficients, var.covariance, STEPS)
        units = groups if territory == PANEL else np.arange(len(x))
        drawn = vector_autoregression.bootstrap(x, y, units, DRAWS, SEED)
        responses = vector_autoregression.impulse_responses(*drawn, STEPS)
        low, high = np.nanpercentile(responses, [2.5, 97.5], axis=0)
        pooled: Row = {"status": OK, "reason": LEFT_OUT.removeprefix("; ")}
        common |= pooled if territory == PANEL else _judged(len(x), LEFT_OUT + also)
    for j, impulse in enumerate(names):
        for i, response in enumerate(names):
            for step in range(STEPS + 1):
                figures = {
                    "estimate": estimate[step, i, j],
                    "ci_low": low[step, i, j],
                    "ci_high": high[step, i, j],
                }
                yield common | {"impulse": impulse, "response": response, "step": step} | figures
