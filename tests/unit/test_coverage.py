"""Intervals of a correlation hold the true one at least as often as they say, at n = 20."""

import math

import pytest

from analysis_py.resampling import PEARSON
from tests.unit.coverage_simulation import LOG_NORMAL, NORMAL, coverage

SAMPLES = 600
# Less three standard errors of a share of SAMPLES that is 95 %: 2.7 points.
LEAST = 0.95 - 3 * math.sqrt(0.95 * 0.05 / SAMPLES)


@pytest.mark.parametrize(("rho", "margin"), [(0.0, NORMAL), (0.6, NORMAL), (0.5, LOG_NORMAL)])
def test_intervals_cover_at_their_nominal_rate(rho: float, margin: str) -> None:
    """The wider ends, by which sentences go, of each method; either interval of ranks; Fisher's of normal
    variables. Either of Pearson's alone falls short otherwise, as the table of docs/correlations.md says."""
    for method, shares in coverage(rho, margin, SAMPLES, resamples=1000).items():
        assert shares.wider >= LEAST, method
        if method != PEARSON:
            assert min(shares.fisher, shares.bca) >= LEAST, method
        elif margin == NORMAL:
            assert shares.fisher >= LEAST
        else:  # the reason for the wider ends
            assert max(shares.fisher, shares.bca) < LEAST
