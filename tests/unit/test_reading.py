"""Sentences on correlations claim what the intervals allow, in three languages."""

import math
import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis_py.reading import (
    CHANGE,
    DOUBTFUL,
    KEY,
    KINDS,
    LANGUAGES,
    NEGATIVE,
    NO_FIGURE,
    NOT_DISTINGUISHABLE,
    POSITIVE,
    TOO_FEW,
    Reader,
    envelope,
    judge,
    read_correlations,
)
from analysis_py.region_correlations import VARIANTS

NAMES = {
    "income_per_capita": {"en": "Income", "ru": "Доход", "kk": "Табыс"},
    "children_per_household": {"en": "Children", "ru": "Дети", "kk": "Балалар"},
    "nominal_income_per_capita": {"en": "Income a month", "ru": "Доход в месяц", "kk": "Айлық табыс"},
}
INDICATOR = pd.DataFrame(
    [
        {"indicator_code": code} | {f"name_{language}": name for language, name in names.items()}
        for code, names in NAMES.items()
    ]
)


def row(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "reference_year": 2024,
        "variant": "none",
        "indicator_code": "income_per_capita",
        "held_fixed": "none",
        "method": "pearson",
        "territory_set": "regions_20",
        "missing_rule": "pairwise",
        "measure": "persons",
        "n": 20,
        "r": -0.569,
        "ci_low": -0.808,
        "ci_high": -0.169,
        "bca_low": -0.815,
        "bca_high": -0.268,
        "p_adjusted": 0.026,
        "p_spatial": 0.015,
        "status": "ok",
    }
    return plain | changes


def sentence(language: str, **changes: Any) -> str:
    return Reader(language, {code: names[language] for code, names in NAMES.items()}).sentence(row(**changes))


def test_claim_in_three_languages() -> None:
    assert sentence("en") == (
        "Over 20 regions, Pearson's r between “Income” and the migration balance (persons) is −0.57 (the "
        "wider ends of two 95% intervals, −0.81 to −0.17): zero lies outside, so where the indicator is "
        "higher the balance tends to be lower; the association may be anything from weak to strong."
    )
    assert sentence("ru") == (
        "По 20 регионам коэффициент Пирсона между показателем «Доход» и сальдо миграции (человек) равен "
        "−0,57 (более широкие границы двух 95-процентных доверительных интервалов: от −0,81 до −0,17): "
        "ноль лежит вне этих границ, то есть там, где показатель выше, сальдо, как правило, ниже; "
        "связь может быть любой силы: от слабой до сильной."
    )
    assert sentence("kk") == (
        "20 өңір бойынша «Табыс» көрсеткіші мен көші-қон айырымы (адам) арасындағы Пирсон коэффициентінің "
        "мәні −0,57 (екі 95 пайыздық сенімділік аралығының шеткі мәндері: [−0,81; −0,17]): нөл осы шектерден "
        "тыс, яғни көрсеткіш жоғары жерде айырым, "
        "әдетте, төменірек; байланыстың күші әлсізден күштіге дейін кез келген болуы мүмкін."
    )


def test_income_with_children_held_fixed() -> None:
    """Issue 5: not distinguishable from zero at n = 20: absence of evidence, not evidence of absence."""
    partial = {"held_fixed": "children_per_household", "r": -0.183, "ci_high": 0.296, "bca_high": 0.3}
    assert sentence("en", **partial).endswith(
        "with “Children” held fixed, “Income” is not distinguishable from zero at n = 20, which is absence "
        "of evidence, not evidence of absence."
    )
    assert sentence("ru", **partial).endswith(
        "при неизменном показателе «Дети» связь с показателем «Доход» неотличима от нуля при n = 20; это "
        "отсутствие доказательства, а не доказательство отсутствия."
    )
    assert "n = 20 кезінде нөлден ажырату мүмкін емес" in sentence("kk", **partial)
    assert "Pearson's partial r between" in sentence("en", **partial)
    assert "коэффициент частной корреляции Пирсона между" in sentence("ru", **partial)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, NEGATIVE),
        ({"r": 0.5, "ci_low": 0.1, "ci_high": 0.8, "bca_low": 0.2, "bca_high": 0.7}, POSITIVE),
        ({"ci_high": 0.01}, NOT_DISTINGUISHABLE),
        ({"bca_high": 0.01}, NOT_DISTINGUISHABLE),
        ({"ci_high": 0.0}, NOT_DISTINGUISHABLE),
        ({"bca_low": math.nan, "bca_high": math.nan}, NEGATIVE),
        ({"p_adjusted": 0.051}, DOUBTFUL),
        ({"p_spatial": 0.2}, DOUBTFUL),
        ({"p_spatial": math.nan}, NEGATIVE),
        ({"ci_low": math.nan, "ci_high": math.nan, "status": "too_few"}, NO_FIGURE),
        ({"n": 10}, NEGATIVE),
        ({"n": 9}, TOO_FEW),
        ({"n": 9, "ci_high": 0.01}, TOO_FEW),
        ({"n": 11, "held_fixed": "children_per_household"}, NEGATIVE),
        ({"n": 10, "held_fixed": "children_per_household"}, TOO_FEW),
    ],
)
def test_verdicts(changes: dict[str, Any], verdict: str) -> None:
    assert judge(row(**changes)) == verdict


def test_an_end_beside_zero_does_not_look_like_zero() -> None:
    text = sentence("en", ci_high=-0.0031, bca_high=-0.02)
    assert "95% intervals, −0.81 to −0.0031): zero lies outside" in text
    assert "95% intervals, −0.81 to 0.00): zero lies within" in sentence("en", ci_high=0.0)


def test_one_interval_is_called_one() -> None:
    one = {"bca_low": math.nan, "bca_high": math.nan}
    assert "(95% interval −0.81 to −0.17)" in sentence("en", **one)
    assert "(95-процентный доверительный интервал от −0,81 до −0,17)" in sentence("ru", **one)
    assert "(95 пайыздық сенімділік аралығы [−0,81; −0,17])" in sentence("kk", **one)


def test_too_few_territories_claim_nothing() -> None:
    few = {"n": 8, "held_fixed": "children_per_household"}
    assert sentence("en", **few).endswith("): these are too few territories to claim anything.")
    assert sentence("ru", **few).endswith("): территорий слишком мало, чтобы что-либо утверждать.")
    assert sentence("kk", **few).endswith("): аумақтар тым аз, сондықтан ештеңе тұжырымдауға болмайды.")


def test_tau_has_no_strength() -> None:
    assert sentence("en", method="kendall").endswith("the balance tends to be lower.")
    assert sentence("en", method="spearman").endswith("the association may be anything from weak to strong.")


def test_a_claim_says_where_neighbours_are_not_allowed_for() -> None:
    gap = {"method": "kendall", "p_spatial": math.nan}
    assert sentence("en", **gap).endswith("tends to be lower; the likeness of neighbours is not allowed for.")
    assert sentence("ru", **gap).endswith("ниже; пространственная зависимость при этом не учтена.")
    assert sentence("kk", **gap).endswith("төменірек; бұл ретте кеңістіктік тәуелділік ескерілмеген.")
    assert "neighbours" not in sentence("en")
    assert "neighbours" not in sentence("en", ci_high=0.1, **gap)  # nothing is claimed


def test_doubts_are_named() -> None:
    text = sentence("en", p_adjusted=0.072, p_spatial=0.21)
    assert text.endswith(
        "zero lies outside, but Holm's correction over the indicators gives p = 0.072 and allowing for the "
        "likeness of neighbours p = 0.21, so no association is claimed."
    )
    assert sentence("ru", p_adjusted=0.072, p_spatial=0.21).endswith(
        "ноль лежит вне этих границ, но поправка Холма на число показателей даёт p = 0,072, а с поправкой на "
        "пространственную зависимость p = 0,21, поэтому связь не утверждается."
    )


def test_what_is_missing_is_said() -> None:
    changes = {"ci_low": math.nan, "ci_high": math.nan, "r": math.nan, "status": "too_few", "n": 1}
    assert sentence("en", **changes) == (
        "Over 1 region nothing can be said of “Income” and the migration balance (persons): too few figures."
    )
    assert sentence("ru", **changes).startswith("По 1 региону ничего нельзя сказать")
    for status in ("constant", "collinear", "ok"):
        for language in LANGUAGES:
            assert sentence(language, **changes | {"status": status}).endswith(".")


interval_ends = st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(sorted)
p_values = st.one_of(st.just(math.nan), st.floats(0, 1))


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(
    interval_ends,
    st.one_of(st.just([math.nan] * 2), interval_ends),
    p_values,
    p_values,
    # there is no partial tau
    st.sampled_from(
        [(one, held) for held in ("none", "children_per_household") for one in ("pearson", "spearman")]
    )
    | st.just(("kendall", "none")),
    st.sampled_from(["regions_20", "harmonised_16"]),
    st.sampled_from(["pairwise", "complete"]),
    st.integers(3, 25),
)
def test_no_sentence_claims_more_than_its_interval(
    fisher: list[float],
    bootstrap: list[float],
    p_adjusted: float,
    p_spatial: float,
    method_and_held: tuple[str, str],
    territory_set: str,
    missing_rule: str,
    n: int,
) -> None:
    method, held_fixed = method_and_held
    found = row(
        ci_low=fisher[0],
        ci_high=fisher[1],
        bca_low=bootstrap[0],
        bca_high=bootstrap[1],
        p_adjusted=p_adjusted,
        p_spatial=p_spatial,
        held_fixed=held_fixed,
        method=method,
        territory_set=territory_set,
        missing_rule=missing_rule,
        n=n,
        r=sum(fisher) / 2,
    )
    ends = [end for end in (*fisher, *bootstrap) if not math.isnan(end)]
    one_sign = max(ends) < 0 or min(ends) > 0
    assert envelope(found) == (min(ends), max(ends))
    enough = n >= (10 if held_fixed == "none" else 11)
    allowed = enough and one_sign and not p_adjusted > 0.05 and not p_spatial > 0.05
    claims = {"en": "tends to be", "ru": "как правило", "kk": "әдетте"}
    for language in LANGUAGES:
        names = {code: translated[language] for code, translated in NAMES.items()}
        text = Reader(language, names).sentence(found)
        assert (claims[language] in text) == allowed
        assert len(re.findall(r"\.(?!\d)", text)) == 1  # one sentence
        assert text.endswith(".")
        assert not re.search(r"[{}]|nan|  ", text)
        if enough and not one_sign:
            absence = {
                "en": "absence of evidence",
                "ru": "отсутствие доказательства",
                "kk": "дәлелдің жоқтығы",
            }
            assert absence[language] in text


CHANGED = {"variant": "without_cities", "n": 17, "r": -0.744}


def changed(language: str, unchanged: dict[str, Any] | None = None, **changes: Any) -> str:
    names = {code: translated[language] for code, translated in NAMES.items()}
    return Reader(language, names).sentence(row(**(CHANGED | changes)), row(**(unchanged or {})))


def test_what_is_changed_and_what_was_before() -> None:
    assert changed("en") == (
        "Without the cities that are regions of their own, over 17 regions, Pearson's r between “Income” and "
        "the migration balance (persons) is −0.74 (the wider ends of two 95% intervals, −0.81 to −0.17): "
        "zero lies outside, so where the indicator is higher the balance tends to be lower; the association "
        "may be anything from weak to strong; without this change it is −0.57 (the wider ends of two 95% "
        "intervals, −0.81 to −0.17), and an association is claimed."
    )
    assert changed("ru").startswith(
        "Без городов, которые сами являются регионами, по 17 регионам коэффициент Пирсона между показателем "
    )
    assert changed("ru").endswith(
        "; без этого изменения он равен −0,57 (более широкие границы двух 95-процентных доверительных "
        "интервалов: от −0,81 до −0,17), и связь утверждается."
    )
    assert changed("kk").startswith("Өздері өңір болып саналатын қалаларсыз, 17 өңір бойынша «Табыс» ")
    assert changed("kk").endswith(
        "; бұл өзгеріссіз оның мәні −0,57 (екі 95 пайыздық сенімділік аралығының шеткі мәндері: "
        "[−0,81; −0,17]), ал байланыс бар деп айтылады."
    )


@pytest.mark.parametrize(
    ("unchanged", "says"),
    [
        ({"ci_high": 0.1}, ", and no association of either sign can be claimed."),
        (
            {"p_adjusted": 0.2},
            ", and zero lies outside, but Holm's correction over the indicators gives p = ",
        ),
        ({"n": 9}, ", and these are too few territories to claim anything."),
        ({"ci_low": math.nan, "ci_high": math.nan}, "may be anything from weak to strong."),
    ],
)
def test_what_was_before_is_judged_by_the_same_rule(unchanged: dict[str, Any], says: str) -> None:
    assert says in changed("en", unchanged)
    for language in LANGUAGES:
        assert len(re.findall(r"\.(?!\d)", changed(language, unchanged))) == 1


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("too_few", "too few figures"),
        ("constant", "one of them does not vary"),
        ("collinear", "the indicator held fixed determines one of them"),
    ],
)
def test_a_changed_row_without_a_figure_says_why(status: str, why: str) -> None:
    gap = {"ci_low": math.nan, "ci_high": math.nan, "r": math.nan, "status": status, "n": 2}
    assert changed("en", **gap) == (
        "Without the cities that are regions of their own, over 2 regions nothing can be said of “Income” "
        f"and the migration balance (persons): {why}."
    )
    for language in LANGUAGES:
        assert changed(language, **gap).startswith(CHANGE["without_cities"][language])


def test_every_variant_has_its_words() -> None:
    assert set(CHANGE) == set(VARIANTS)
    for variant in VARIANTS:
        for language in LANGUAGES:
            text = changed(language, variant=variant)
            assert text.startswith(CHANGE[variant][language] + ", ")
            assert not re.search(r"[{}]|nan|  ", text)


NOMINAL = {"indicator_code": "nominal_income_per_capita", "variant": "nominal_income"}
KEPT = "children_per_household"


def read(article: dict[str, Any], other: dict[str, Any]) -> pd.DataFrame:
    """A plain and a partial row, and what is read of them with the other income and without the cities."""
    correlation = pd.DataFrame([row(**article)]).drop(columns=["held_fixed", "variant"])
    partial = pd.DataFrame([row(held_fixed=KEPT, r=-0.183)]).drop(columns="variant")
    changes = [NOMINAL | other, NOMINAL | {"held_fixed": KEPT}, {"variant": "without_cities"}]
    sensitivity = pd.DataFrame([row(**one) for one in changes])
    return read_correlations(correlation, partial, sensitivity, INDICATOR)


WITHIN = {"r": -0.07, "ci_low": -0.5, "ci_high": 0.38, "bca_low": -0.4, "bca_high": 0.29}
ABOVE = {"r": 0.6, "ci_low": 0.2, "ci_high": 0.9, "bca_low": 0.3, "bca_high": 0.8}


@pytest.mark.parametrize(
    ("article", "other", "says"),
    [
        ({}, WITHIN, "so the “paradox of welfare” hangs on which income is meant."),
        (WITHIN, WITHIN, "with neither income can an association be claimed; this is absence of evidence"),
        (
            {"p_adjusted": 0.095},
            WITHIN,
            "with the nominal income the association is not distinguishable from zero, which is absence of "
            "evidence, not evidence of absence; with the article's income zero lies outside, but Holm's "
            "correction over the indicators gives p = 0.095, so no association is claimed.",
        ),
        (
            {},
            ABOVE | {"p_spatial": 0.2},
            "with the nominal income zero lies outside, but allowing for the likeness of neighbours p = "
            "0.20, so no association is claimed; with the article's income an association is claimed.",
        ),
        (
            {},
            WITHIN | {"n": 9},
            "95% intervals, −0.81 to −0.17): these are too few territories to claim anything.",
        ),
        ({}, {}, "with both incomes the association has the same sign."),
        ({}, ABOVE, "the two incomes are associated with it in opposite directions."),
    ],
)
def test_the_paradox_hangs_on_the_income(article: dict[str, Any], other: dict[str, Any], says: str) -> None:
    table = read(article, other)
    assert table["kind"].tolist() == [*KINDS, "correlation_sensitivity", "correlation_sensitivity"]
    assert table["variant"].tolist() == ["none", "none", "nominal_income", "nominal_income", "without_cities"]
    assert not table.duplicated(["kind", *KEY]).any()
    assert says in table["reading_en"].iloc[2]
    for language in LANGUAGES:
        assert table[f"reading_{language}"].str.endswith(".").all()
    assert table["verdict"].iloc[2] == judge(row(**other))


def test_no_rows_give_an_empty_table_with_its_types() -> None:
    full = read({}, WITHIN)
    empty = [pd.DataFrame([row(variant="")])[:0]] * 3
    nothing = read_correlations(*empty, INDICATOR)
    assert len(nothing) == 0
    assert nothing.dtypes.to_dict() == full.dtypes.to_dict()


def test_without_the_articles_income_the_other_is_read_alone() -> None:
    text = str(read({"indicator_code": "children_per_household"}, WITHIN)["reading_en"].iloc[2])
    assert text.startswith(
        "With nominal income a month as the bureau publishes it in place of the article's income a year, "
    )
    assert "over 20 regions, Pearson's r between “Income a month”" in text
    assert "without this change" not in text


def test_each_changed_row_stands_beside_its_own_unchanged_one() -> None:
    *_, partial, cities = read({}, WITHIN)["reading_en"]
    assert partial.startswith(
        "With nominal income a month as the bureau publishes it in place of the article's"
    )
    assert "with “Children” held fixed, Pearson's partial r between “Income a month”" in partial
    assert "; without this change it is −0.18 (" in partial
    assert cities.startswith("Without the cities that are regions of their own, over 20 regions, ")
    assert "; without this change it is −0.57 (" in cities
