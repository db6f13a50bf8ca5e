"""What a cluster is like: means in original units, a name by rule, and a plane to draw the regions in."""

import numpy as np
import pandas as pd

from analysis_py.clustering import standardise

LANGUAGES = ("en", "ru", "kk")
# Income and children are high or low in a cluster whose mean is so many standard deviations from that of all.
MARKED = 0.5
# A balance is near zero, small or large in a cluster whose mean is so many times the mean size of the balance
# of a region. The first is about 1 000 persons in the article's release, the margin of the role near_zero.
NEAR_ZERO, SMALL, LARGE = 0.06, 0.5, 1.5
_SIZES = {
    "en": ("small", "moderate", "large"),
    "ru": ("малый", "умеренный", "большой"),
    "kk": ("шағын", "орташа", "үлкен"),
}
_BALANCES = {
    "en": ("{} outflow", "balance near zero", "{} inflow"),
    "ru": ("{} отток", "сальдо около нуля", "{} приток"),
    "kk": ("{} теріс айырым", "нөлге жуық айырым", "{} оң айырым"),
}
_INCOMES = {
    "en": ("low income", "high income"),
    "ru": ("низкий доход", "высокий доход"),
    "kk": ("төмен табыс", "жоғары табыс"),
}
_CHILDREN = {
    "en": ("few children", "many children"),
    "ru": ("мало детей", "много детей"),
    "kk": ("балалар аз", "балалар көп"),
}


def cluster_name(balance: float, usual: float, income: float, children: float, language: str) -> str:
    """Name of a cluster from its profile, such as 'large outflow, high income, few children'.

    `balance` is the mean balance of the cluster, `usual` the mean over all regions of the balance without
    its sign: up to NEAR_ZERO times that the balance is near zero, whatever its sign; beyond, the flow is
    small up to SMALL times, large from LARGE times on, moderate between. `income` and `children` are how far
    the means of the cluster are from those of all regions, in standard deviations: they are named from
    MARKED on.
    """
    sign = int(np.sign(balance)) * int(abs(balance) > NEAR_ZERO * usual)
    size = int(abs(balance) > SMALL * usual) + int(abs(balance) >= LARGE * usual)
    parts = [_BALANCES[language][1 + sign].format(_SIZES[language][size])]
    parts += [
        words[language][int(deviation > 0)]
        for words, deviation in ((_INCOMES, income), (_CHILDREN, children))
        if abs(deviation) >= MARKED
    ]
    return ", ".join(parts)


def profile(features: pd.DataFrame, described: pd.DataFrame, assignment: pd.DataFrame) -> pd.DataFrame:
    """Each cluster of some partitions: size, members, mean_ of each column of `described`, name_ by language.

    `features` are the balance, income and children that the regions were clustered on, in that order, and
    `described` the columns to give means of, both by region_code; `assignment` as in `stability`. Members are
    region codes with a space between them. A mean is over the regions with a figure, missing without one.
    """
    z = standardise(features)
    usual = float(features.iloc[:, 0].abs().mean())
    rows = []
    for (method, k, cluster_id), found in assignment.groupby(["method", "k", "cluster_id"], sort=False):
        codes = sorted(found["region_code"])
        _, income, children = z.loc[codes].mean()
        balance = float(features.loc[codes].iloc[:, 0].mean())
        rows.append(
            {
                "method": method,
                "k": k,
                "cluster_id": cluster_id,
                "size": len(codes),
                "members": " ".join(codes),
            }
            | {f"mean_{name}": mean for name, mean in described.loc[codes].astype("float64").mean().items()}
            | {f"name_{one}": cluster_name(balance, usual, income, children, one) for one in LANGUAGES}
        )
    return pd.DataFrame(rows)


def projection(features: pd.DataFrame) -> pd.DataFrame:
    """The plane of the two first principal components of the standardised features.

    Returns one row per region (kind 'region', code region_code: its coordinates, in standard deviations) and
    one per feature (kind 'feature', code its column: its correlations with the axes, for arrows): kind, code,
    axis_1, axis_2, share_1, share_2 (what share of the variance each axis shows, the same in all rows). An
    axis points to where the feature that is most correlated with it is large. Two features at least.
    """
    z = standardise(features.sort_index())
    scores, spread, axes = np.linalg.svd(z.to_numpy(), full_matrices=False)
    scores, spread, axes = scores[:, :2] * spread[:2], spread / np.sqrt(len(z)), axes[:2]
    signs = np.sign(axes[np.arange(2), np.round(np.abs(axes), 9).argmax(axis=1)])
    loadings = (axes * spread[:2, None]).T * signs
    shares = spread[:2] ** 2 / (spread**2).sum()
    kinds = {"region": (z.index, scores * signs), "feature": (z.columns, loadings)}
    return pd.concat(
        [
            pd.DataFrame(
                {"kind": kind, "code": list(map(str, codes)), "axis_1": at[:, 0], "axis_2": at[:, 1]}
            )
            for kind, (codes, at) in kinds.items()
        ],
        ignore_index=True,
    ).assign(share_1=shares[0], share_2=shares[1])
