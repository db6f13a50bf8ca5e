"""The texts of the page: one TOML file a language, one key a sentence.

A sentence names its figures as fields, `{total:0}`; the page puts them in as the language writes numbers
(assets/page.js, `shown`, has the formats). No figure stands in a text itself.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "ru", "kk")
FOLDER = Path(__file__).with_name("texts")


@dataclass(frozen=True)
class Words:
    """The texts of one language."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str) -> str:
        return self.texts[key]

    def of(self, stem: str) -> str:
        """The field that holds a label in this language: `name` -> `name_en`."""
        return f"{stem}_{self.language}"


def read_texts() -> dict[str, Words]:
    """The texts by language; a key is `part.name`."""
    return {language: Words(language, _read(FOLDER / f"{language}.toml")) for language in LANGUAGES}


def _read(path: Path) -> dict[str, str]:
    parts = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{part}.{name}": text for part, texts in parts.items() for name, text in texts.items()}
