"""The texts of the report: the same sentences with the same fields in each language, and none without a use."""

import re
from pathlib import Path

import pytest

from report.page import PARTS
from report.texts import LANGUAGES, read_texts

REPORT = Path(__file__).parents[2] / "report"
FIELD = re.compile(r"\{(\w+(?::[^}]*)?)\}")


def test_all_languages_have_the_same_keys() -> None:
    keys = {language: set(words.texts) for language, words in read_texts().items()}
    assert keys["en"]
    assert keys["ru"] == keys["en"]
    assert keys["kk"] == keys["en"]


def test_every_key_has_a_use_and_every_use_a_key() -> None:
    template = (REPORT / "templates/page.html.j2").read_text(encoding="utf-8")
    script = (REPORT / "assets/page.js").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(REPORT.glob("*.py")))
    parts = "|".join({key.partition(".")[0] for key in read_texts()["en"].texts})
    named = re.findall(rf'"((?:{parts})\.[a-z0-9_]+)"', template + script + code)
    listed = re.search(r"for note in (\[.*?\])", template)
    assert listed is not None
    notes = re.findall(r'"(\w+)"', listed[1])
    used = {
        *named,
        *(f"{part}.nav" for part in PARTS),
        *(f"notes.{note}{end}" for note in notes for end in ("", "_text")),
        *(f"ui.{kind}" for kind in ("png", "svg", "csv")),
    }
    assert used == set(read_texts()["en"].texts)


def test_a_sentence_has_the_same_fields_in_each_language() -> None:
    texts = {language: words.texts for language, words in read_texts().items()}
    for key, english in texts["en"].items():
        fields = sorted(FIELD.findall(english))
        for language in LANGUAGES[1:]:
            assert sorted(FIELD.findall(texts[language][key])) == fields, f"{key} in {language}"


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_numbers_in_texts_are_written_as_the_language_writes_them(language: str) -> None:
    for key, text in read_texts()[language].texts.items():
        plain = FIELD.sub("", text)
        assert not re.search(r"\d[ ,]000|\d%|\d %", plain), f"{key}: {text}"
