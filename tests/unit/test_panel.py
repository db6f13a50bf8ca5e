"""Two-way effects and clustered errors: published estimates, statsmodels with dummies, and a loop by hand."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.datasets import grunfeld

from analysis_py import panel
from analysis_py.panel import Floats, Labels


def table() -> pd.DataFrame:
    """Grunfeld's ten firms over twenty years."""
    data: pd.DataFrame = grunfeld.load_pandas().data
    return data[data["firm"] != "American Steel"].reset_index(drop=True)


def arrays(frame: pd.DataFrame) -> tuple[Floats, Floats, list[Labels], Labels]:
    firm, year = (frame[name].to_numpy(dtype=object) for name in ("firm", "year"))
    return frame["invest"].to_numpy(), frame[["value", "capital"]].to_numpy(), [firm, year], firm


def unbalanced() -> pd.DataFrame:
    return table().sample(frac=0.8, random_state=1).reset_index(drop=True)


@pytest.mark.parametrize(("effects", "value", "capital"), [(1, 0.1101, 0.3101), (2, 0.1177, 0.3579)])
def test_published_within_estimates(effects: int, value: float, capital: float) -> None:
    """Baltagi B. H., Econometric Analysis of Panel Data, tables 2.1 (firms) and 3.1 (firms and years)."""
    y, x, labels, firm = arrays(table())
    found = panel.fit(y, x, labels[:effects], firm)
    assert found.estimate == pytest.approx([value, capital], abs=5e-5)
    assert (found.n, found.n_clusters) == (200, 10)


@pytest.mark.parametrize("frame", [table(), unbalanced()], ids=["balanced", "unbalanced"])
def test_agrees_with_statsmodels_on_dummies(frame: pd.DataFrame) -> None:
    y, x, labels, firm = arrays(frame)
    found = panel.fit(y, x, labels, firm)
    dummies = pd.get_dummies(frame[["firm", "year"]].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(np.column_stack([x, dummies]))
    groups = pd.factorize(firm)[0]
    peer = sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    assert found.estimate == pytest.approx(peer.params[1:3])
    assert found.standard_error == pytest.approx(peer.bse[1:3])
    assert found.p_value == pytest.approx(peer.pvalues[1:3])
    alone = sm.OLS(y, sm.add_constant(dummies.to_numpy())).fit()
    assert found.r_squared_within == pytest.approx(1 - peer.ssr / alone.ssr)


def test_wild_bootstrap_by_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "DRAWS", 25)
    frame = unbalanced()
    rng = np.random.default_rng(5)
    frame["capital"] = rng.normal(size=len(frame))  # no effect, so that p is not at its end
    y, x, labels, firm = arrays(frame)
    found = panel.fit(y, x, labels, firm)

    groups, names = pd.factorize(firm, sort=True)
    dummies = pd.get_dummies(frame[["firm", "year"]].astype(str), drop_first=True, dtype=float)
    full = sm.add_constant(np.column_stack([x, dummies]))

    def t_statistic(response: Floats, j: int) -> float:
        kwds = {"groups": groups}
        return float(sm.OLS(response, full).fit(cov_type="cluster", cov_kwds=kwds).tvalues[1 + j])

    six = np.array([-1, -1, -1, 1, 1, 1]) * np.sqrt([0.5, 1, 1.5, 0.5, 1, 1.5])
    weights = np.random.default_rng(panel.SEED).choice(six, size=(len(names), 25))
    for j in range(2):
        restricted = sm.OLS(y, np.delete(full, 1 + j, axis=1)).fit()
        drawn = [
            t_statistic(restricted.fittedvalues + restricted.resid * weights[groups, b], j) for b in range(25)
        ]
        as_far = (np.abs(drawn) >= abs(t_statistic(y, j))).sum()
        assert found.p_wild[j] == pytest.approx((1 + as_far) / 26)


@pytest.mark.parametrize("frame", [table(), unbalanced()], ids=["balanced", "unbalanced"])
def test_interval_ends_where_the_wild_bootstrap_begins_to_reject(frame: pd.DataFrame) -> None:
    """An effect is rejected if what is left of y without it has a small p_wild: a fit for each effect."""
    y, x, labels, firm = arrays(frame)
    found = panel.fit(y, x, labels, firm)
    for j in range(2):
        for end in (found.low[j], found.high[j]):
            step = 1e-6 * (end - found.estimate[j])
            inside, outside = (
                panel.fit(y - effect * x[:, j], x, labels, firm).p_wild[j]
                for effect in (end - step, end + step)
            )
            assert inside > panel.REJECTED >= outside
    assert ((found.low > 0) | (found.high < 0)).tolist() == (found.p_wild <= panel.REJECTED).tolist()


def test_interval_of_too_few_draws_has_no_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "DRAWS", 9)
    found = panel.fit(*arrays(table()))
    assert (found.p_wild > panel.REJECTED).all()
    assert np.isnan([found.low, found.high]).all()


def test_wild_p_is_uniform_under_independence(monkeypatch: pytest.MonkeyPatch) -> None:
    """20 regions, 14 years, errors alike within a region: the share of 200 tables below 5 and 20 %."""
    monkeypatch.setattr(panel, "DRAWS", 99)
    rng = np.random.default_rng(11)
    region, year = (one.ravel() for one in np.meshgrid(np.arange(20), np.arange(14), indexing="ij"))
    labels = [region.astype(object), year.astype(object)]

    def slow(rng: np.random.Generator) -> Floats:
        return (rng.normal(size=(20, 14)).cumsum(axis=1)).ravel()

    p_values = np.array(
        [panel.fit(slow(rng), slow(rng)[:, None], labels, labels[0]).p_wild[0] for _ in range(200)]
    )
    assert (p_values <= 0.05).mean() == pytest.approx(0.05, abs=0.04)
    assert (p_values <= 0.20).mean() == pytest.approx(0.20, abs=0.08)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-1000, 1000))
def test_order_scale_and_origin(seed: int, scale: float, origin: float) -> None:
    frame = unbalanced()
    plain = panel.fit(*arrays(frame))
    moved = frame.sample(frac=1, random_state=seed)
    moved["value"] = scale * moved["value"] + origin
    found = panel.fit(*arrays(moved))
    assert found.estimate == pytest.approx(plain.estimate / [scale, 1], rel=1e-6)
    assert found.standard_error == pytest.approx(plain.standard_error / [scale, 1], rel=1e-6)
    assert found.p_wild == pytest.approx(plain.p_wild)


def test_effects_of_a_region_are_taken_out() -> None:
    y, x, labels, firm = arrays(table())
    shift = pd.factorize(firm)[0] * 100.0
    assert panel.fit(y + shift, x, labels, firm).estimate == pytest.approx(
        panel.fit(y, x, labels, firm).estimate
    )
    span = panel.basis(labels)
    assert span.shape == (200, 10 + 20 - 1)
    assert panel.take_out(np.column_stack([shift]), span) == pytest.approx(np.zeros((200, 1)), abs=1e-9)
