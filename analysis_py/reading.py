"""Correlations in a sentence each, in three languages, made by rule and claiming no more than they allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis_py.correlation import ENOUGH_RESIDUAL_DF, KENDALL, NONE
from analysis_py.region_correlations import (
    OTHER_INCOME,
    PER_YEAR,
    WITHOUT_CITIES,
    WITHOUT_RECENT,
    WITHOUT_SHYMKENT,
)
from analysis_py.tables import typed

LEVEL = 0.05
EN, RU, KK = LANGUAGES = ("en", "ru", "kk")

NO_FIGURE, TOO_FEW, NOT_DISTINGUISHABLE, DOUBTFUL, NEGATIVE, POSITIVE = (
    "no_figure",
    "too_few",
    "not_distinguishable",
    "doubtful",
    "negative",
    "positive",
)
# The marts that are read.
PLAIN, PARTIAL, SENSITIVITY = KINDS = ("correlation", "partial_correlation", "correlation_sensitivity")
INCOME, NOMINAL_INCOME = "income_per_capita", "nominal_income_per_capita"

KEY = [
    "reference_year",
    "variant",
    "indicator_code",
    "held_fixed",
    "method",
    "territory_set",
    "missing_rule",
    "measure",
]
_DTYPES = {
    "kind": "str",
    "reference_year": "int64",
    **dict.fromkeys(KEY[1:], "str"),
    "n": "int64",
    "low": "float64",
    "high": "float64",
    "verdict": "str",
    **{f"reading_{language}": "str" for language in LANGUAGES},
}

Texts = Mapping[str, str]
METHOD: Mapping[str, Texts] = {
    "pearson": {EN: "Pearson's r", RU: "коэффициент Пирсона", KK: "Пирсон коэффициентінің"},
    "spearman": {EN: "Spearman's rho", RU: "коэффициент Спирмена", KK: "Спирмен коэффициентінің"},
    "kendall": {EN: "Kendall's tau-b", RU: "коэффициент Кендалла", KK: "Кендалл коэффициентінің"},
}
PARTIAL_METHOD: Mapping[str, Texts] = {
    "pearson": {
        EN: "Pearson's partial r",
        RU: "коэффициент частной корреляции Пирсона",
        KK: "Пирсонның дербес корреляция коэффициентінің",
    },
    "spearman": {
        EN: "Spearman's partial rho",
        RU: "коэффициент частной корреляции Спирмена",
        KK: "Спирменнің дербес корреляция коэффициентінің",
    },
}
MEASURE: Mapping[str, Texts] = {
    "persons": {EN: "persons", RU: "человек", KK: "адам"},
    "per_1000": {EN: "per 1 000 inhabitants", RU: "на 1 000 жителей", KK: "1 000 тұрғынға шаққанда"},
}
# After Cohen J. (1988), Statistical Power Analysis, section 3.2: from 0.3 moderate, from 0.5 strong.
# They are marks for r: of the same data tau is nearer to zero.
STRENGTH = ((0.5, "strong"), (0.3, "moderate"), (0.0, "weak"))
FROM: Mapping[str, Texts] = {
    "weak": {EN: "weak", RU: "слабой", KK: "әлсізден"},
    "moderate": {EN: "moderate", RU: "умеренной", KK: "орташадан"},
    "strong": {EN: "strong", RU: "сильной", KK: "күштіден"},
}
TO: Mapping[str, Texts] = {
    "weak": {EN: "weak", RU: "слабой", KK: "әлсізге"},
    "moderate": {EN: "moderate", RU: "умеренной", KK: "орташаға"},
    "strong": {EN: "strong", RU: "сильной", KK: "күштіге"},
}
SAME: Mapping[str, Texts] = {
    "weak": {EN: "weak", RU: "слабая", KK: "әлсіз"},
    "moderate": {EN: "moderate", RU: "умеренная", KK: "орташа"},
    "strong": {EN: "strong", RU: "сильная", KK: "күшті"},
}
DIRECTION: Mapping[str, Texts] = {
    NEGATIVE: {EN: "lower", RU: "ниже", KK: "төменірек"},
    POSITIVE: {EN: "higher", RU: "выше", KK: "жоғарырақ"},
}
HEAD: Texts = {
    EN: "Over {where}{fixed}, {method} between “{name}” and the migration balance ({measure}) is {r} "
    "{interval}",
    RU: "По {where}{fixed} {method} между показателем «{name}» и сальдо миграции ({measure}) равен {r} "
    "{interval}",
    KK: "{where} бойынша{fixed} «{name}» көрсеткіші мен көші-қон айырымы ({measure}) арасындағы {method} "
    "мәні {r} {interval}",
}
# Variant of analysis.correlation_sensitivity -> what is changed.
CHANGE: Mapping[str, Texts] = {
    WITHOUT_RECENT: {
        EN: "Without the regions made within the period of the balance",
        RU: "Без регионов, образованных в течение периода, за который взято сальдо",
        KK: "Айырым алынған кезең ішінде құрылған өңірлерсіз",
    },
    PER_YEAR: {
        EN: "With the balance divided by the years for which the region existed",
        RU: "При сальдо в расчёте на год существования региона",
        KK: "Айырым өңір болған әр жылға шаққанда",
    },
    WITHOUT_CITIES: {
        EN: "Without the cities that are regions of their own",
        RU: "Без городов, которые сами являются регионами",
        KK: "Өздері өңір болып саналатын қалаларсыз",
    },
    WITHOUT_SHYMKENT: {EN: "Without Shymkent", RU: "Без Шымкента", KK: "Шымкентсіз"},
    OTHER_INCOME: {
        EN: "With nominal income a month as the bureau publishes it in place of the article's income a year",
        RU: "С номинальным месячным доходом по данным бюро вместо годового дохода из статьи",
        KK: "Мақаладағы жылдық табыстың орнына бюро деректері бойынша айлық атаулы табыс алынса",
    },
}
UNCHANGED: Texts = {
    EN: "without this change it is {r} {interval}, and {found}",
    RU: "без этого изменения он равен {r} {interval}, и {found}",
    KK: "бұл өзгеріссіз оның мәні {r} {interval}, ал {found}",
}
FIXED: Texts = {
    EN: ", with “{held}” held fixed",
    RU: " при неизменном показателе «{held}»",
    KK: " «{held}» көрсеткіші тұрақты болғанда",
}
INTERVAL: Texts = {
    EN: "(95% interval {low} to {high})",
    RU: "(95-процентный доверительный интервал от {low} до {high})",
    KK: "(95 пайыздық сенімділік аралығы [{low}; {high}])",
}
# The lower end may be that of one interval and the upper end that of the other.
TWO_INTERVALS: Texts = {
    EN: "(the wider ends of two 95% intervals, {low} to {high})",
    RU: "(более широкие границы двух 95-процентных доверительных интервалов: от {low} до {high})",
    KK: "(екі 95 пайыздық сенімділік аралығының шеткі мәндері: [{low}; {high}])",
}
ABSENCE: Texts = {
    EN: "absence of evidence, not evidence of absence",
    RU: "отсутствие доказательства, а не доказательство отсутствия",
    KK: "дәлелдің жоқтығы, байланыстың жоқтығына дәлел емес",
}
ZERO_WITHIN: Texts = {
    EN: "zero lies within, so no association of either sign can be claimed; this is {absence}",
    RU: "ноль лежит внутри этих границ, поэтому утверждать связь того или иного знака нельзя; это {absence}",
    KK: "нөл осы шектердің ішінде, сондықтан қандай да бір таңбалы байланыс бар деп айтуға болмайды; бұл — "
    "{absence}",
}
ZERO_WITHIN_PARTIAL: Texts = {
    EN: "with “{held}” held fixed, “{name}” is not distinguishable from zero at n = {n}, which is {absence}",
    RU: "при неизменном показателе «{held}» связь с показателем «{name}» неотличима от нуля при n = {n}; это "
    "{absence}",
    KK: "«{held}» көрсеткіші тұрақты болғанда «{name}» көрсеткішінің байланысын n = {n} кезінде нөлден "
    "ажырату мүмкін емес; бұл — {absence}",
}
CLAIM: Texts = {
    EN: "zero lies outside, so where the indicator is higher{fixed} the balance tends to be {direction}",
    RU: "ноль лежит вне этих границ, то есть там, где показатель выше{fixed}, сальдо, как правило, "
    "{direction}",
    KK: "нөл осы шектерден тыс, яғни{fixed} көрсеткіш жоғары жерде айырым, әдетте, {direction}",
}
CLAIM_FIXED: Texts = {
    EN: ", at the same “{held}”,",
    RU: " при том же показателе «{held}»",
    KK: " «{held}» бірдей болғанда",
}
STRENGTH_FROM_TO: Texts = {
    EN: "the association may be anything from {low} to {high}",
    RU: "связь может быть любой силы: от {low} до {high}",
    KK: "байланыстың күші {low} {high} дейін кез келген болуы мүмкін",
}
STRENGTH_SAME: Texts = {
    EN: "the association is {same} over the whole interval",
    RU: "связь {same} на всём интервале",
    KK: "байланыс бүкіл аралықта {same}",
}
DOUBT: Texts = {
    EN: "zero lies outside, but {reasons}, so no association is claimed",
    RU: "ноль лежит вне этих границ, но {reasons}, поэтому связь не утверждается",
    KK: "нөл осы шектерден тыс, бірақ {reasons}, сондықтан байланыс бар деп айтылмайды",
}
TOO_FEW_TERRITORIES: Texts = {
    EN: "these are too few territories to claim anything",
    RU: "территорий слишком мало, чтобы что-либо утверждать",
    KK: "аумақтар тым аз, сондықтан ештеңе тұжырымдауға болмайды",
}
AFTER_HOLM: Texts = {
    EN: "Holm's correction over the indicators gives p = {p}",
    RU: "поправка Холма на число показателей даёт p = {p}",
    KK: "көрсеткіштер санына Холм түзетуінен кейін p = {p}",
}
AMONG_NEIGHBOURS: Texts = {
    EN: "allowing for the likeness of neighbours p = {p}",
    RU: "с поправкой на пространственную зависимость p = {p}",
    KK: "кеңістіктік тәуелділік ескерілгенде p = {p}",
}
UNCORRECTED: Texts = {
    EN: "the likeness of neighbours is not allowed for",
    RU: "пространственная зависимость при этом не учтена",
    KK: "бұл ретте кеңістіктік тәуелділік ескерілмеген",
}
AND: Texts = {EN: " and ", RU: ", а ", KK: ", ал "}
NOTHING: Texts = {
    EN: "Over {where} nothing can be said of “{name}” and the migration balance ({measure}){fixed}: {why}",
    RU: "По {where} ничего нельзя сказать о показателе «{name}» и сальдо миграции ({measure}){fixed}: {why}",
    KK: "{where} бойынша{fixed} «{name}» көрсеткіші мен көші-қон айырымы ({measure}) туралы ештеңе айтуға "
    "болмайды: {why}",
}
WHY: Mapping[str, Texts] = {
    "too_few": {EN: "too few figures", RU: "слишком мало данных", KK: "деректер тым аз"},
    "constant": {EN: "one of them does not vary", RU: "одна из величин не меняется", KK: "біреуі өзгермейді"},
    "collinear": {
        EN: "the indicator held fixed determines one of them",
        RU: "неизменный показатель определяет одну из величин",
        KK: "тұрақты көрсеткіш олардың бірін толық анықтайды",
    },
    "ok": {EN: "no interval is defined", RU: "интервал не определён", KK: "аралық анықталмаған"},
}
WITH_OTHER_INCOME: Texts = {
    EN: "{change}, {method} with the migration balance ({measure}) over {where} is {r} {interval} and not "
    "{r_article} {interval_article}: {tail}",
    RU: "{change} {method} с сальдо миграции ({measure}) по {where} равен {r} {interval}, а не {r_article} "
    "{interval_article}: {tail}",
    KK: "{change}, {where} бойынша көші-қон айырымымен ({measure}) {method} мәні {r_article} "
    "{interval_article} емес, {r} {interval}: {tail}",
}
ONE_INCOME: Texts = {
    EN: "with one income an association is claimed and with the other it is not distinguishable from zero, "
    "so the “paradox of welfare” hangs on which income is meant",
    RU: "с одним доходом связь утверждается, с другим неотличима от нуля, так что «парадокс благосостояния» "
    "зависит от того, какой доход имеется в виду",
    KK: "бір табыспен байланыс бар деп айтылады, екіншісімен оны нөлден ажырату мүмкін емес, сондықтан "
    "«әл-ауқат парадоксы» қай табыс туралы айтылғанына байланысты",
}
NEITHER_INCOME: Texts = {
    EN: "with neither income can an association be claimed; this is {absence}",
    RU: "ни с тем, ни с другим доходом утверждать связь нельзя; это {absence}",
    KK: "екі табыстың ешқайсысымен байланыс бар деп айтуға болмайды; бұл — {absence}",
}
BOTH_INCOMES: Texts = {
    EN: "with both incomes the association has the same sign",
    RU: "с обоими доходами связь одного знака",
    KK: "екі табыспен де байланыстың таңбасы бірдей",
}
OPPOSITE_INCOMES: Texts = {
    EN: "the two incomes are associated with it in opposite directions",
    RU: "два дохода связаны с ним противоположно",
    KK: "екі табыс онымен қарама-қарсы байланысқан",
}

EACH_INCOME: Texts = {
    EN: "with the nominal income {found}; with the article's income {found_article}",
    RU: "с номинальным доходом {found}; с доходом из статьи {found_article}",
    KK: "атаулы табыспен {found}; мақаладағы табыспен {found_article}",
}
NOTHING_CLAIMED: Texts = {
    EN: "no association of either sign can be claimed",
    RU: "утверждать связь того или иного знака нельзя",
    KK: "қандай да бір таңбалы байланыс бар деп айтуға болмайды",
}
CLAIMED: Texts = {
    EN: "an association is claimed",
    RU: "связь утверждается",
    KK: "байланыс бар деп айтылады",
}
NOT_TOLD_FROM_ZERO: Texts = {
    EN: "the association is not distinguishable from zero, which is {absence}",
    RU: "связь неотличима от нуля, и это {absence}",
    KK: "байланысты нөлден ажырату мүмкін емес, бұл — {absence}",
}


def envelope(row: Mapping[str, Any]) -> tuple[float, float]:
    """The wider of each end of the Fisher and the bootstrap interval; nan without the first."""
    if pd.isna(row["ci_low"]):
        return np.nan, np.nan
    lows, highs = ([row["ci_low"], row["bca_low"]], [row["ci_high"], row["bca_high"]])
    return float(np.nanmin(lows)), float(np.nanmax(highs))


def judge(row: Mapping[str, Any]) -> str:
    """The verdict of a row of correlations: what its interval and its corrected p-values allow to be claimed.

    'no_figure'; 'too_few', residual degrees of freedom below ENOUGH_RESIDUAL_DF, whatever the interval;
    'not_distinguishable' from zero, which lies in `envelope`; 'doubtful', zero lies outside, but p after Holm
    or after the correction for neighbours, where there is one, is above 5 %; 'negative'; 'positive'.
    """
    low, high = envelope(row)
    if np.isnan(low):
        return NO_FIGURE
    if row["n"] - 2 - (row["held_fixed"] != NONE) < ENOUGH_RESIDUAL_DF:
        return TOO_FEW
    if low <= 0 <= high:
        return NOT_DISTINGUISHABLE
    if _doubts(row):
        return DOUBTFUL
    return NEGATIVE if high < 0 else POSITIVE


def _doubts(row: Mapping[str, Any]) -> list[tuple[Texts, float]]:
    given = [(AFTER_HOLM, row["p_adjusted"]), (AMONG_NEIGHBOURS, row["p_spatial"])]
    return [(text, float(p)) for text, p in given if not pd.isna(p) and p > LEVEL]


@dataclass(frozen=True)
class Reader:
    """Puts rows of correlations into words of one language; `names` of the indicators by their code."""

    language: str
    names: Texts

    def text(self, texts: Texts, **values: object) -> str:
        return texts[self.language].format(**values)

    def number(self, value: float, decimals: int = 2) -> str:
        rounded = f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")
        return rounded if self.language == EN else rounded.replace(".", ",")

    def p(self, value: float) -> str:
        return self.number(value, 2 if value >= 0.1 else 3)

    def where(self, row: Mapping[str, Any]) -> str:
        n, kind, rule = row["n"], row["territory_set"].partition("_")[0], row["missing_rule"]
        is_one = n % 10 == 1 and n % 100 != 11
        noun = {
            ("regions", EN): "regions" if n != 1 else "region",
            ("regions", RU): "региону" if is_one else "регионам",
            ("regions", KK): "өңір",
            ("harmonised", EN): "harmonised territories" if n != 1 else "harmonised territory",
            ("harmonised", RU): "сопоставимой территории" if is_one else "сопоставимым территориям",
            ("harmonised", KK): "салыстырымды аумақ",
        }[kind, self.language]
        complete = {
            EN: "{n} {noun} with every figure known",
            RU: "{n} {noun} с полными данными",
            KK: "Барлық көрсеткіші белгілі {n} {noun}",
        }
        return self.text(complete, n=n, noun=noun) if rule == "complete" else f"{n} {noun}"

    def interval(self, row: Mapping[str, Any]) -> str:
        # an end just beside zero must not look like zero
        low, high = (self.number(end, 4 if 0 < abs(end) < 0.005 else 2) for end in envelope(row))
        return self.text(INTERVAL if pd.isna(row["bca_low"]) else TWO_INTERVALS, low=low, high=high)

    def doubt(self, row: Mapping[str, Any]) -> str:
        reasons = (self.text(text, p=self.p(p)) for text, p in _doubts(row))
        return self.text(DOUBT, reasons=AND[self.language].join(reasons))

    def sentence(self, row: Mapping[str, Any], unchanged: Mapping[str, Any] | None = None) -> str:
        """One sentence on a correlation; of one with something changed, beside the row without the change."""
        verdict = judge(row)
        is_partial = row["held_fixed"] != NONE
        words: dict[str, object] = {
            "where": self.where(row),
            "name": self.names[row["indicator_code"]],
            "measure": MEASURE[row["measure"]][self.language],
            "held": self.names[row["held_fixed"]] if is_partial else "",
            "n": row["n"],
            "absence": ABSENCE[self.language],
        }
        words["fixed"] = self.text(FIXED, **words) if is_partial else ""
        if verdict == NO_FIGURE:
            why = self.text(NOTHING, why=WHY[row["status"]][self.language], **words)
            return f"{self.after_change(row, why)}."
        method = (PARTIAL_METHOD if is_partial else METHOD)[row["method"]][self.language]
        head = self.text(HEAD, method=method, r=self.number(row["r"]), interval=self.interval(row), **words)
        tails = []
        if verdict == TOO_FEW:
            tails.append(self.text(TOO_FEW_TERRITORIES))
        elif verdict == NOT_DISTINGUISHABLE:
            tails.append(self.text(ZERO_WITHIN_PARTIAL if is_partial else ZERO_WITHIN, **words))
        elif verdict == DOUBTFUL:
            tails.append(self.doubt(row))
        else:
            words["fixed"] = self.text(CLAIM_FIXED, **words) if is_partial else ""
            tails.append(self.text(CLAIM, direction=DIRECTION[verdict][self.language], **words))
            if row["method"] != KENDALL:
                tails.append(self.strength(*envelope(row)))
            if pd.isna(row["p_spatial"]):
                tails.append(self.text(UNCORRECTED))
        if unchanged and judge(unchanged) != NO_FIGURE:
            r, interval = self.number(unchanged["r"]), self.interval(unchanged)
            tails.append(self.text(UNCHANGED, r=r, interval=interval, found=self.unchanged(unchanged)))
        return f"{self.after_change(row, head)}: {'; '.join(tails)}."

    def after_change(self, row: Mapping[str, Any], text: str) -> str:
        """The text, after what is changed in the row, if anything."""
        if row["variant"] not in CHANGE:
            return text
        return f"{CHANGE[row['variant']][self.language]}, {text[0].lower()}{text[1:]}"

    def unchanged(self, row: Mapping[str, Any]) -> str:
        """What a row comes to, beside one in which something is changed."""
        verdict = judge(row)
        if verdict == DOUBTFUL:
            return self.doubt(row)
        if verdict == TOO_FEW:
            return self.text(TOO_FEW_TERRITORIES)
        return self.text(NOTHING_CLAIMED if verdict == NOT_DISTINGUISHABLE else CLAIMED)

    def strength(self, low: float, high: float) -> str:
        least, most = (
            next(word for least, word in STRENGTH if round(abs(end), 2) >= least)
            for end in sorted((low, high), key=abs)
        )
        if least == most:
            return self.text(STRENGTH_SAME, same=SAME[least][self.language])
        return self.text(STRENGTH_FROM_TO, low=FROM[least][self.language], high=TO[most][self.language])

    def other_income(self, row: Mapping[str, Any], article: Mapping[str, Any]) -> str:
        """One sentence on the nominal income, nothing held fixed, beside the row of the article's income."""
        found = {judge(row), judge(article)}
        claimed = found & {NEGATIVE, POSITIVE}
        if NO_FIGURE in found:
            return self.sentence(row)
        if TOO_FEW in found:
            tail = TOO_FEW_TERRITORIES
        elif DOUBTFUL in found:
            tail = EACH_INCOME
        elif not claimed:
            tail = NEITHER_INCOME
        elif found - claimed:
            tail = ONE_INCOME
        else:
            tail = BOTH_INCOMES if len(claimed) == 1 else OPPOSITE_INCOMES
        text = self.text(
            WITH_OTHER_INCOME,
            change=CHANGE[OTHER_INCOME][self.language],
            method=METHOD[row["method"]][self.language],
            measure=MEASURE[row["measure"]][self.language],
            where=self.where(row),
            r=self.number(row["r"]),
            interval=self.interval(row),
            r_article=self.number(article["r"]),
            interval_article=self.interval(article),
            tail=self.text(
                tail,
                absence=ABSENCE[self.language],
                found=self.found(row),
                found_article=self.found(article),
            ),
        )
        return f"{text}."

    def found(self, row: Mapping[str, Any]) -> str:
        """What one of two incomes comes to; why, where it is doubtful."""
        verdict = judge(row)
        if verdict == DOUBTFUL:
            return self.doubt(row)
        text = NOT_TOLD_FROM_ZERO if verdict == NOT_DISTINGUISHABLE else CLAIMED
        return self.text(text, absence=ABSENCE[self.language])


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def read_correlations(
    correlation: pd.DataFrame, partial: pd.DataFrame, sensitivity: pd.DataFrame, indicator: pd.DataFrame
) -> pd.DataFrame:
    """A sentence in each language on every row of the first three tables.

    Columns as in analysis.correlation, analysis.partial_correlation, analysis.correlation_sensitivity and
    core.dim_indicator. Returns kind (the mart that is read), the columns of KEY, where variant and held_fixed
    are 'none' if nothing is changed or held fixed, n, low and high (`envelope`), verdict (`judge`),
    reading_en, reading_ru, reading_kk.
    """
    readers = [
        Reader(one, dict(zip(indicator["indicator_code"], indicator[f"name_{one}"], strict=True)))
        for one in LANGUAGES
    ]
    unchanged = {
        PLAIN: _records(correlation.assign(held_fixed=NONE, variant=NONE)),
        PARTIAL: _records(partial.assign(variant=NONE)),
    }
    by_key = {tuple(row[name] for name in KEY): row for rows in unchanged.values() for row in rows}
    rows = []
    for kind, table in (unchanged | {SENSITIVITY: _records(sensitivity)}).items():
        for row in table:
            beside = by_key.get(_key_unchanged(row)) if kind == SENSITIVITY else None
            is_paradox = beside and row["variant"] == OTHER_INCOME and row["held_fixed"] == NONE
            low, high = envelope(row)
            rows.append(
                {"kind": kind, "low": low, "high": high, "verdict": judge(row)}
                | {name: row[name] for name in (*KEY, "n")}
                | {
                    f"reading_{reader.language}": reader.other_income(row, beside)
                    if beside and is_paradox
                    else reader.sentence(row, beside)
                    for reader in readers
                }
            )
    return typed(rows, _DTYPES)


def _key_unchanged(row: dict[str, Any]) -> tuple[Any, ...]:
    """The key of what a row would be without its change; the nominal income stands in for the article's."""
    without = {"variant": NONE}
    for name in ("indicator_code", "held_fixed"):
        without[name] = INCOME if row[name] == NOMINAL_INCOME else row[name]
    return tuple((row | without)[name] for name in KEY)
