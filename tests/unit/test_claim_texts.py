"""The translations of claims and releases say what the English says: numbers, names of regions, letters."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[2] / "seeds" / "reference"
KAZAKH_LETTERS = set("әғқңөұүһі")
# English column of claim.csv by column of claim_text.csv.
ENGLISH = {"statement_ru": "statement", "statement_kk": "statement", "note_ru": "note", "note_kk": "note"}
Row = Mapping[str, str]


def reference(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


CLAIMS = {row["claim_id"]: row for row in reference("claim")}
TEXTS = {row["claim_id"]: row for row in reference("claim_text")}
METRICS = reference("claim_metric")
RELEASE_TEXTS = reference("release_text")
LOCATOR_PARTS = reference("locator_part")
REGIONS = [row for row in reference("region") if row["region_kind"] != "country"]


# --- what may be wrong with a translation -----------------------------------------------------------------


def words(text: str) -> list[str]:
    return ["".join(letters) for is_word, letters in groupby(text, str.isalpha) if is_word]


def is_latin(letter: str) -> bool:
    return "a" <= letter.lower() <= "z"


def numbers(text: str) -> list[str]:
    return sorted(number.replace(",", ".") for number in re.findall(r"\d+(?:[.,]\d+)?", text))


def russian_stem(name: str) -> str:
    """The part of a region's name that no case changes: Атырауск of Атырауская область."""
    [stem] = (word for word in name.split() if word not in ("г.", "область"))
    return stem[:-2] if stem.endswith("ая") else stem.rstrip("аы")


def regions_in(english: str) -> Iterator[Row]:
    """Regions that an English text names, East Kazakhstan before Kazakhstan."""
    for region in sorted(REGIONS, key=lambda row: -len(row["name_en"])):
        if region["name_en"] in english:
            english = english.replace(region["name_en"], "")
            yield region


def faults_of(english: str, translation: str, language: str) -> Iterator[str]:
    if not translation or not english:
        yield "stands without an English text" if translation else "is empty"
        return
    for word in words(translation):
        scripts = {is_latin(letter) for letter in word}
        if len(scripts) == 2:
            yield f"{word} mixes Latin and Cyrillic letters"
        elif scripts == {True} and word not in words(english):
            yield f"{word} is in Latin letters and not in the English text"
    if numbers(translation) != numbers(english):
        yield f"has the numbers {numbers(translation)}, the English text {numbers(english)}"
    has_kazakh_letters = bool(KAZAKH_LETTERS & set(translation.lower()))
    if language == "ru" and has_kazakh_letters:
        yield "has a Kazakh letter"
    # a few short texts, such as "3-кесте 2000 жылдан басталады", have none by chance
    if language == "kk" and not has_kazakh_letters and len(words(translation)) > 4:
        yield "has no Kazakh letter"
    if translation.endswith(".") != english.endswith("."):
        yield "ends otherwise than the English text"
    if translation != " ".join(translation.split()):
        yield "has a blank too many"
    for region in regions_in(english):
        name = region["name_kk"] if language == "kk" else russian_stem(region["name_ru"])
        if name not in translation:
            yield f"does not name {region['name_en']}: {name}"


def faults(claims: Mapping[str, Row], texts: Mapping[str, Row]) -> list[str]:
    """One line for each fault: claim, column, what is wrong."""
    found = []
    seen: dict[tuple[str, str], str] = {}
    for claim_id in sorted(claims.keys() ^ texts.keys()):
        found.append(f"{claim_id}: {'no text' if claim_id in claims else 'no claim'}")
    for claim_id in sorted(claims.keys() & texts.keys()):
        for column, english_column in ENGLISH.items():
            english, translation = claims[claim_id][english_column], texts[claim_id][column]
            if not english and not translation:
                continue
            language = column[-2:]
            found += [f"{claim_id} {column}: {one}" for one in faults_of(english, translation, language)]
            if language == "kk" and translation == texts[claim_id][column.replace("kk", "ru")]:
                found.append(f"{claim_id} {column}: is the Russian text")
            if seen.setdefault((column, english), translation) != translation:
                found.append(f"{claim_id} {column}: translated otherwise than elsewhere")
    return found


# --- the seeds --------------------------------------------------------------------------------------------


def test_translations_say_what_the_english_says() -> None:
    assert len(TEXTS) == len(CLAIMS) > 0
    assert faults(CLAIMS, TEXTS) == []


@pytest.mark.parametrize("row", METRICS, ids=lambda row: f"{row['metric']} of {row['subject']}")
def test_metrics_have_names(row: Row) -> None:
    # a name stands within a sentence: a full stop would end it
    assert not any(row[f"name_{language}"].endswith(".") for language in ("en", "ru", "kk"))
    assert list(faults_of(row["name_en"], row["name_ru"], "ru")) == []
    assert list(faults_of(row["name_en"], row["name_kk"], "kk")) == []


@pytest.mark.parametrize("row", RELEASE_TEXTS, ids=lambda row: row["text_en"][:40])
def test_texts_of_releases_are_translated(row: Row) -> None:
    assert list(faults_of(row["text_en"], row["text_ru"], "ru")) == []
    assert list(faults_of(row["text_en"], row["text_kk"], "kk")) == []
    assert row["text_ru"] != row["text_kk"]


@pytest.mark.parametrize("row", LOCATOR_PARTS, ids=lambda row: row["part"])
def test_parts_of_locators_are_translated(row: Row) -> None:
    for language in ("ru", "kk"):
        assert list(faults_of(row["part"], row[f"part_{language}"], language)) == []
        assert row[f"part_{language}"].count("{n}") == row["part"].count("{n}")


def test_parts_of_locators_are_those_of_the_claims() -> None:
    parts = {part for row in CLAIMS.values() for part in row["locator"].split(", ")}
    assert {re.sub(r"\d+", "{n}", part) for part in parts} == {row["part"] for row in LOCATOR_PARTS}


def test_metrics_are_those_of_the_claims() -> None:
    readings = (("metric", "subject"), ("alternative_metric", "alternative_subject"))
    used = {(row[metric], row[subject]) for row in CLAIMS.values() for metric, subject in readings}
    named = {(row["metric"], row["subject"]) for row in METRICS}
    of_any_subject = {metric for metric, subject in named if subject == "*"}
    assert of_any_subject == {metric for metric, _ in used} - {""}
    assert {one for one in named if one[1] != "*"} <= used


def test_two_readings_of_a_claim_have_two_names() -> None:
    names = {(row["metric"], row["subject"]): row["name_en"] for row in METRICS}

    def name(metric: str, subject: str) -> str:
        return names.get((metric, subject), names[metric, "*"])

    for claim_id, row in CLAIMS.items():
        if row["alternative_metric"]:
            first = name(row["metric"], row["subject"])
            assert first != name(row["alternative_metric"], row["alternative_subject"]), claim_id


# --- each rule is seen to fail ----------------------------------------------------------------------------


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("claim_id", "column", "change", "says"),
    [
        ("balance_2001", "statement_ru", replaced("2001", "2010"), "numbers ['2010']"),
        ("balance_2001", "statement_kk", replaced("2001", ""), "numbers []"),
        ("clear_division", "note_ru", replaced("0,65", "0,56"), "0.56"),
        ("clear_division", "note_kk", replaced("(Steinley 2004", "(Stеinley 2004"), "Stеinley mixes"),
        ("turn_ends", "statement_ru", lambda _: "", "is empty"),
        ("balance_atyrau", "statement_ru", replaced("Сальдо", "Cальдо"), "Cальдо mixes Latin and Cyrillic"),
        ("balance_atyrau", "statement_ru", replaced("Атырауской", "Актюбинской"), "does not name Atyrau"),
        ("balance_almaty_city", "statement_kk", replaced("қаласы", "облысы"), "does not name Almaty city"),
        ("negative_trend", "statement_kk", lambda _: "Тренд отрицательный", "is the Russian text"),
        ("balance_shymkent", "statement_kk", lambda _: "Сальдо города Шымкент за весь период", "no Kazakh"),
        ("negative_trend", "statement_ru", lambda _: "Тренд теріс", "has a Kazakh letter"),
        ("negative_trend", "statement_ru", replaced("Тренд", "TPEHД"), "TPEHД mixes"),
        ("negative_trend", "statement_ru", replaced("Тренд", "OH"), "OH is in Latin letters"),
        ("negative_trend", "statement_ru", replaced("Тренд ", "Тренд  "), "has a blank too many"),
        ("negative_trend", "statement_ru", lambda text: text + ".", "ends otherwise"),
        ("return_mobility", "note_kk", lambda _: "", "return_mobility note_kk: is empty"),
        ("balance_2001", "note_ru", lambda _: "Да", "stands without an English text"),
        ("abstract_children_kk", "statement_ru", replaced("больше", "много"), "translated otherwise"),
    ],
)
def test_a_fault_is_named(claim_id: str, column: str, change: Callable[[str], str], says: str) -> None:
    wrong = TEXTS | {claim_id: TEXTS[claim_id] | {column: change(TEXTS[claim_id][column])}}
    found = faults(CLAIMS, wrong)
    assert any(says in one for one in found), found
    assert any(one.startswith((f"{claim_id} {column}: ", f"{claim_id}: ")) for one in found), found


def without(rows: Mapping[str, Row], claim_id: str) -> Mapping[str, Row]:
    return {key: row for key, row in rows.items() if key != claim_id}


@pytest.mark.parametrize(
    ("claims", "texts", "says"),
    [
        (CLAIMS, without(TEXTS, "balance_2001"), "balance_2001: no text"),
        (without(CLAIMS, "balance_2001"), TEXTS, "balance_2001: no claim"),
    ],
)
def test_a_missing_or_extra_claim_is_named(
    claims: Mapping[str, Row], texts: Mapping[str, Row], says: str
) -> None:
    assert faults(claims, texts) == [says]
