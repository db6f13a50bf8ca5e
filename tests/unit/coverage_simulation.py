"""How often 95 % intervals of a correlation hold the true one, on generated data of the article's size.

    python -m tests.unit.coverage_simulation [--samples 2000]

prints the table of docs/correlations.md: samples of 20 pairs with normal margins, and with log-normal ones,
which are as skewed as balances of regions.
"""

import argparse
import math
from typing import NamedTuple

import numpy as np

from analysis_py.correlation import fisher_interval
from analysis_py.reading import envelope
from analysis_py.resampling import (
    KENDALL,
    METHODS,
    PEARSON,
    SPEARMAN,
    bca_interval,
    bootstrap_weights,
    weighted_coefficients,
)

N = 20
SEED = 20
CORRELATIONS = (0.0, 0.5, 0.73)
NORMAL, LOG_NORMAL = MARGINS = ("normal", "log-normal")


def true_coefficient(method: str, rho: float, margin: str) -> float:
    """Of two normal variables with correlation `rho`, or of their exponentials."""
    if method == KENDALL:
        return 2 / math.pi * math.asin(rho)
    if method == SPEARMAN:
        return 6 / math.pi * math.asin(rho / 2)
    return rho if margin == NORMAL else (math.exp(rho) - 1) / (math.e - 1)


class Shares(NamedTuple):
    """Shares of the intervals that hold the true coefficient."""

    fisher: float
    bca: float
    wider: float  # from the lower of the two lower ends to the higher of the two upper ends


def coverage(rho: float, margin: str, samples: int, resamples: int = 2000) -> dict[str, Shares]:
    """By method, how often the intervals of `samples` samples hold the true coefficient."""
    rng = np.random.default_rng(SEED)
    weights, without = bootstrap_weights(N)[:resamples], 1 - np.eye(N)
    held = {method: np.zeros(3) for method in METHODS}
    for _ in range(samples):
        x, noise = rng.normal(size=(2, N))
        values = np.column_stack([x, rho * x + math.sqrt(1 - rho**2) * noise])
        if margin == LOG_NORMAL:
            values = np.exp(values)
        for method in METHODS:
            r = float(weighted_coefficients(method, values, np.ones((1, N)))[0, 0, 1])
            resampled, left_out = (
                weighted_coefficients(method, values, some)[:, 0, 1] for some in (weights, without)
            )
            (low, high), (bca_low, bca_high) = (
                fisher_interval(method, r, N),
                bca_interval(r, resampled, left_out),
            )
            wider = envelope({"ci_low": low, "bca_low": bca_low, "ci_high": high, "bca_high": bca_high})
            true = true_coefficient(method, rho, margin)
            held[method] += [one[0] <= true <= one[1] for one in ((low, high), (bca_low, bca_high), wider)]
    return {method: Shares(*(counts / samples).tolist()) for method, counts in held.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=2000)
    samples = parser.parse_args().samples
    print("| margins | true Pearson | method | Fisher | BCa | wider ends |\n|---|---|---|---|---|---|")
    for margin in MARGINS:
        for rho in CORRELATIONS:
            for method, shares in coverage(rho, margin, samples).items():
                cells = [margin, f"{true_coefficient(PEARSON, rho, margin):.2f}", method]
                print("|", " | ".join([*cells, *(f"{100 * share:.1f} %" for share in shares)]), "|")
