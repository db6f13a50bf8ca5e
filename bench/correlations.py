"""The plain script's correlations in full, regressions and likeness of neighbours (`bench/plain.py`).

What is drawn at random (bootstrap intervals, permutation p-values) and the sentences are not made: their
columns are empty and not compared.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

CODES = ("income_per_capita", "food_spend_per_capita", "children_per_household", "below_food_basket")
NOMINAL = "nominal_income_per_capita"
BALANCES = {"persons": "migration_balance_persons", "per_1000": "balance_per_1000"}
MODELS = {"three_indicators": CODES[:3], "four_indicators": CODES}


def borders_apart(pairs: set[tuple[str, str]], codes: list[str]) -> pd.DataFrame:
    """Borders between each two codes, by walking outwards from each."""
    distances = {}
    for start in codes:
        reached, edge, distance = {start: 0}, {start}, 0
        while edge:
            distance += 1
            edge = {other for one, other in pairs if one in edge} - set(reached)
            reached |= dict.fromkeys(edge, distance)
        distances[start] = reached
    return pd.DataFrame(distances).loc[codes, codes]


def sets(
    profile: pd.DataFrame, harmonised: pd.DataFrame, region: pd.DataFrame, borders: pd.DataFrame
) -> Iterator[tuple[int, str, pd.DataFrame, pd.DataFrame]]:
    """Year, name, figures and borders apart of the regions and the harmonised units."""
    unit = dict(zip(region["region_code"], region["harmonised_unit"], strict=True))
    pairs = set(zip(borders["region_code"], borders["neighbour_code"], strict=True))
    of_units = {(unit[one], unit[other]) for one, other in pairs if unit[one] != unit[other]}
    names = {
        "income_per_capita_kzt": CODES[0],
        "food_spend_per_capita_kzt": CODES[1],
        "below_food_basket_persons": CODES[3],
    }
    for table, key, kind, near in [
        (profile, "region_code", "regions", pairs),
        (harmonised, "harmonised_unit", "harmonised", of_units),
    ]:
        for year, rows in table.groupby("reference_year"):
            figures = rows.rename(columns=names).set_index(key).sort_index()
            figures[list(BALANCES.values())] = figures[list(BALANCES.values())].astype(float)
            yield int(str(year)), f"{kind}_{len(rows)}", figures, borders_apart(near, list(figures.index))


def coefficient(method: str, x: Floats, y: Floats, held: Floats | None = None) -> float:
    if method == "kendall":
        return float(stats.kendalltau(x, y).statistic)
    columns = [x, y] if held is None else [x, y, held]
    if method == "spearman":
        columns = [stats.rankdata(column) for column in columns]
    inverse = np.linalg.inv(np.corrcoef(columns))
    return float(-inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1]))


def effective_n(x: Floats, y: Floats, apart: Floats, held: list[Floats]) -> float:
    classes = np.minimum(apart, 3)
    design = np.column_stack([np.ones(len(x)), *held])
    left_over = np.eye(len(x)) - design @ np.linalg.pinv(design)
    covariances = []
    for values in (x, y):
        products = np.outer(left_over @ values, left_over @ values)
        means = {one: products[classes == one].mean() for one in np.unique(classes)}
        covariances.append(left_over @ np.vectorize(means.__getitem__)(classes))
    first, second = covariances
    return float(1 + len(held) + np.trace(first) * np.trace(second) / np.trace(first @ second))


def row(
    figures: pd.DataFrame, target: str, code: str, held: str, method: str, apart: pd.DataFrame
) -> dict[str, Any]:
    names = [target, code] if held == "none" else [target, code, held]
    known = figures[names].astype(float).dropna()
    y, x, *rest = known.to_numpy().T
    n, fixed = len(known), len(rest)
    r = coefficient(method, x, y, *rest)
    without = [
        coefficient(method, *(np.delete(column, place) for column in (x, y, *rest))) for place in range(n)
    ]
    change = np.round(np.abs(np.array(without) - r), 9)
    most = int(change.argmax())
    df = n - 2 - fixed
    variance = {"pearson": 1 / (df - 1), "spearman": (1 + r**2 / 2) / (df - 1), "kendall": 0.437 / (n - 4)}
    margin = stats.norm.ppf(0.975) * np.sqrt(variance[method])
    p_value = 2 * stats.t.sf(abs(r) * np.sqrt(df / (1 - r**2)), df)
    result = {
        "n": n,
        "r": r,
        "p_value": stats.kendalltau(x, y).pvalue if method == "kendall" else p_value,
        "ci_low": np.tanh(np.arctanh(r) - margin),
        "ci_high": np.tanh(np.arctanh(r) + margin),
        "permutations": 5040 if n == 7 else 10_000,
        "leave_one_out_low": min(without),
        "leave_one_out_high": max(without),
        "most_influential": known.index[most],
        "r_without_it": without[most],
    }
    if method != "kendall":
        if method == "spearman":
            x, y, *rest = (stats.rankdata(column) for column in (x, y, *rest))
        size = effective_n(x, y, apart.loc[known.index, known.index].to_numpy(), rest)
        left = min(size, n) - 2 - len(rest)
        t = abs(r) * np.sqrt(left / (1 - r**2))
        result |= {"effective_n": size, "p_spatial": 2 * stats.t.sf(t, left)}
    return result


def correlations(
    profile: pd.DataFrame,
    harmonised: pd.DataFrame,
    region: pd.DataFrame,
    borders: pd.DataFrame,
    nominal: pd.DataFrame,
) -> pd.DataFrame:
    """Plain, partial and changed correlations, told apart by `variant` and `held_fixed`."""
    rows = []
    about = region.set_index("region_code")
    for year, territory_set, figures, apart in sets(profile, harmonised, region, borders):
        for measure, target in BALANCES.items():
            key = {"reference_year": year, "territory_set": territory_set, "measure": measure}
            complete = figures.dropna(subset=[target, *CODES])
            for rule, table in (("pairwise", figures), ("complete", complete)):
                for held, code, method in product(
                    ("none", *CODES), CODES, ("pearson", "spearman", "kendall")
                ):
                    if held == code or (held != "none" and method == "kendall"):
                        continue
                    labels = {"missing_rule": rule, "variant": "all", "held_fixed": held}
                    labels |= {"indicator_code": code, "method": method}
                    rows.append(key | labels | row(table, target, code, held, method, apart))
            if territory_set.startswith("harmonised"):
                continue
            known = about.loc[figures.index]
            start = pd.to_datetime(figures["balance_period_start"])
            existed_from = np.maximum(start, pd.to_datetime(known["valid_from"]).fillna(start))
            years = (pd.to_datetime(figures["balance_period_end"]) - existed_from).dt.days / 365.25
            income = nominal[nominal["year"] == year].set_index("region_code")["value"].astype(float)
            changed = {
                "without_recent_regions": figures[years == years.max()],
                "per_year_of_existence": figures.assign(**{target: figures[target] / years}),
                "without_cities": figures[known["region_kind"] != "city"],
                "without_shymkent": figures.drop("79"),
                "nominal_income": figures.assign(**{NOMINAL: income}),
            }
            for variant, table in changed.items():
                codes = (NOMINAL, *CODES[1:]) if variant == "nominal_income" else CODES
                fixed = ("none", *codes) if variant == "nominal_income" else ("none",)
                for held, code, method in product(fixed, codes, ("pearson", "spearman")):
                    if held != code:
                        labels = {"missing_rule": "pairwise", "variant": variant, "held_fixed": held}
                        labels |= {"indicator_code": code, "method": method}
                        rows.append(key | labels | row(table, target, code, held, method, apart))
    result = pd.DataFrame(rows)
    family = ["reference_year", "territory_set", "measure", "missing_rule", "variant", "held_fixed", "method"]
    result["p_adjusted"] = result.groupby(family)["p_value"].transform(holm)
    has_nominal = (result[["indicator_code", "held_fixed"]] == NOMINAL).any(axis=1)
    return result[(result["variant"] != "nominal_income") | has_nominal]


def holm(p_values: pd.Series) -> pd.Series:
    """Holm's adjusted p-values."""
    ordered = p_values.sort_values()
    return (ordered * np.arange(len(ordered), 0, -1)).cummax().clip(upper=1)


def lines(profile: pd.DataFrame, nominal: pd.DataFrame) -> pd.DataFrame:
    """Least-squares lines of the balances on each indicator, at 25 places, with the band of their mean."""
    rows = []
    columns = dict(
        zip(
            CODES,
            ("income_per_capita_kzt", "food_spend_per_capita_kzt", CODES[2], "below_food_basket_persons"),
            strict=True,
        )
    )
    for year, table in profile.groupby("reference_year"):
        income = nominal[nominal["year"] == year].set_index("region_code")["value"]
        regions = table.set_index("region_code").assign(**{NOMINAL: income})
        for (measure, target), (code, column) in product(
            BALANCES.items(), (columns | {NOMINAL: NOMINAL}).items()
        ):
            known = regions[[column, target]].astype(float).dropna()
            x, y = known.to_numpy().T
            n, spread = len(x), (x - x.mean()) @ (x - x.mean())
            slope = (x - x.mean()) @ y / spread
            intercept = y.mean() - slope * x.mean()
            rest = y - intercept - slope * x
            for number, place in enumerate(np.linspace(x.min(), x.max(), 25), start=1):
                error = np.sqrt(rest @ rest / (n - 2) * (1 / n + (place - x.mean()) ** 2 / spread))
                margin = stats.t.isf(0.025, n - 2) * error
                fitted = intercept + slope * place
                rows.append(
                    {
                        "reference_year": year,
                        "territory_set": f"regions_{len(table)}",
                        "measure": measure,
                        "indicator_code": code,
                        "point_no": number,
                        "indicator_value": place,
                        "fitted": fitted,
                        "ci_low": fitted - margin,
                        "ci_high": fitted + margin,
                        "n": n,
                        "slope": slope,
                        "intercept": intercept,
                        "r_squared": 1 - rest @ rest / ((y - y.mean()) @ (y - y.mean())),
                    }
                )
    return pd.DataFrame(rows)


def regressions(
    profile: pd.DataFrame, harmonised: pd.DataFrame, region: pd.DataFrame, borders: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Terms and influence of the regressions, and Moran's I of figures and residuals."""
    terms, influence, moran = [], [], []
    for year, territory_set, figures, apart in sets(profile, harmonised, region, borders):
        key = {"reference_year": year, "territory_set": territory_set}
        subjects = {name: figures[name].astype(float).dropna() for name in (*BALANCES.values(), *CODES)}
        hats = {name: (np.full((len(v), len(v)), 1 / len(v)), 1) for name, v in subjects.items()}
        for (measure, target), (model, codes) in product(BALANCES.items(), MODELS.items()):
            known = figures[[target, *codes]].astype(float).dropna()
            n, df = len(known), len(known) - len(codes) - 1
            # Standardised: the columns differ by six powers of ten.
            means, spreads = known.mean(), known.std()
            z = (known - means) / spreads
            x = np.column_stack([np.ones(n), z[list(codes)]])
            inverse = np.linalg.inv(x.T @ x)
            beta = inverse @ x.T @ z[target].to_numpy()
            rest, leverage = z[target].to_numpy() - x @ beta, np.einsum("ij,jk,ik->i", x, inverse, x)
            half = inverse @ x.T * (rest / (1 - leverage))
            back = np.diag([1, *(1 / spreads[list(codes)])])
            back[0, 1:] = -means[list(codes)] / spreads[list(codes)]
            back *= spreads[target]
            estimate = back @ beta + np.array([means[target], *[0] * len(codes)])
            error = np.sqrt(np.diag(back @ half @ half.T @ back.T))
            share = 1 - rest @ rest / (n - 1)
            vif = np.diag(np.linalg.inv(np.corrcoef(known[list(codes)].T)))
            label = key | {"measure": measure, "model": model}
            for place, term in enumerate(("intercept", *codes)):
                margin = stats.t.ppf(0.975, df) * error[place]
                t = estimate[place] / error[place]
                terms.append(
                    label
                    | {
                        "term": term,
                        "n": n,
                        "residual_df": df,
                        "coefficient": estimate[place],
                        "standard_error": error[place],
                        "t": t,
                        "p_value": 2 * stats.t.sf(abs(t), df),
                        "ci_low": estimate[place] - margin,
                        "ci_high": estimate[place] + margin,
                        "standardised": beta[place] if place else None,
                        "vif": vif[place - 1] if place else None,
                        "r_squared": share,
                        "adjusted_r_squared": 1 - (1 - share) * (n - 1) / df,
                    }
                )
            variance = rest @ rest / df
            cooks = rest**2 * leverage / (variance * (len(codes) + 1) * (1 - leverage) ** 2)
            others = (variance * df - rest**2 / (1 - leverage)) / (df - 1)
            residual = rest * spreads[target]
            influence.append(
                pd.DataFrame(
                    {
                        **label,
                        "region_code": known.index,
                        "fitted": known[target] - residual,
                        "residual": residual,
                        "leverage": leverage,
                        "studentised_residual": rest / np.sqrt(others * (1 - leverage)),
                        "cooks_distance": cooks,
                        "is_influential": cooks > 4 / n,
                    }
                )
            )
            subjects[f"residuals_{measure}_{model}"] = pd.Series(residual, known.index)
            hats[f"residuals_{measure}_{model}"] = (x @ inverse @ x.T, x.shape[1])
        for subject, values in subjects.items():
            near = (apart.loc[values.index, values.index] == 1).to_numpy()
            deviations = (values - values.mean()).to_numpy()
            lag = near @ deviations / near.sum(axis=1)
            n = len(values)
            moran_i = deviations @ lag / (deviations @ deviations)
            hat, terms_fitted = hats[subject]
            expected = -(hat * near / near.sum(axis=1)[:, None]).sum() / (n - terms_fitted)
            row = {"subject": subject, "n": n, "moran_i": moran_i, "expected_i": expected}
            fitted = subject.startswith("residuals")
            moran.append(key | row | {"residual_df": n - terms_fitted if fitted else None})
    return pd.DataFrame(terms), pd.concat(influence), pd.DataFrame(moran).astype({"residual_df": "Int64"})
