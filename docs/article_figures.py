"""Writes the figures printed in the article's prose, each with the place where it stands.

    python docs/article_figures.py ARTICLE.txt > seeds/reference/article_figure.csv

ARTICLE.txt is the text of Argynbayeva Zh. Zh., Educational mobility and migration imbalance (Central Asian
Economic Review, no. 5 of 2025, p. 77-92): a paragraph a line, tables with tabs. The text is not part of
this project; the table holds numbers and nothing else of it. Left out is what is no prose: cells of tables,
the two lists of references, notes raised as ¹. The pages end with the first page of the next article, which
is a section apart.
"""

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# How the first line of each section begins, in the order of the text, its language and our name for it.
SECTIONS: tuple[tuple[str, str, str | None], ...] = (
    ("МРНТИ: 04", "ru", "Front matter"),
    ("Цель исследования.", "ru", "Abstract, purpose"),
    ("Методология.", "ru", "Abstract, methodology"),
    ("Оригинальность / ценность исследования.", "ru", "Abstract, originality"),
    ("Результаты исследования.", "ru", "Abstract, results"),
    ("Ключевые слова", "ru", "Abstract, keywords"),
    ("Благодарность.", "ru", "Acknowledgment"),
    ("Актуальность исследования.", "ru", "Introduction, relevance"),
    ("Обзор литературы.", "ru", "Introduction, review of literature"),
    ("Основные положения исследования.", "ru", "Introduction, main provisions"),
    ("Применяемые методы исследования.", "ru", "Main part, methods"),
    ("Анализ эмпирических данных.", "ru", "Main part, empirical data"),
    ("Динамика национального миграционного", "ru", "Main part, dynamics of the national balance"),
    ("Региональные дисбалансы и кластеризация.", "ru", "Main part, regional imbalances and clusters"),
    ("Корреляционный анализ по Таблице 1", "ru", "Main part, correlation analysis"),
    ("Специфика оттока по специальностям.", "ru", "Main part, outflow by specialty"),
    ("Эмпирический массив данных", "ru", "Main part, discussion"),
    ("Достижение цели и решение задач.", "ru", "Main part, aim and tasks"),
    ("ПОЛУЧЕННЫЕ РЕЗУЛЬТАТЫ", "ru", "Conclusions, summary"),
    ("Результаты исследования.", "ru", "Conclusions, results"),
    ("Практические предложения и рекомендации.", "ru", "Conclusions, recommendations"),
    ("Ограничения исследования.", "ru", "Conclusions, limitations"),
    ("ПРИЛОЖЕНИЕ 1", "ru", "Appendix 1"),
    ("СПИСОК ИСТОЧНИКОВ", "ru", None),
    ("БІЛІМ БЕРУ МОБИЛЬДІГІ", "kk", "Front matter"),
    ("Зерттеудің мақсаты.", "kk", "Abstract, purpose"),
    ("Әдістеме.", "kk", "Abstract, methodology"),
    ("Зерттеудің өзіндік ерекшелігі", "kk", "Abstract, originality"),
    ("Зерттеу нәтижелері.", "kk", "Abstract, results"),
    ("Түйінди сөздер", "kk", "Abstract, keywords"),
    ("Алғыс.", "kk", "Acknowledgment"),
    ("EDUCATIONAL MOBILITY AND MIGRATION IMBALANCE", "en", "Front matter"),
    ("Purpose of the study.", "en", "Abstract, purpose"),
    ("Methodology.", "en", "Abstract, methodology"),
    ("Originality / value.", "en", "Abstract, originality"),
    ("Results.", "en", "Abstract, results"),
    ("Keywords", "en", "Abstract, keywords"),
    ("Acknowledgment.", "en", "Acknowledgment"),
    ("ОБ АВТОРЕ", "ru", "About the author"),
    ("МРНТИ: 08", "kk", "Another article, first page"),
)
CAPTION = re.compile(r"(Рисунок|Таблица) (\d+) –")
NUMBER = re.compile(
    r"10\.\d{4,}/[^\s>]+"  # a DOI is one
    # a sign stands after a space or an opening mark; between two numbers it is a dash
    r"|(?:(?<![\w.,\]])[-–−+~])?(?:\d{1,3}(?:[ \u00a0]\d{3})+(?!\d)|\d+(?:[.,]\d+)*)"
)
# Cardinal numbers in words, two to ten; "one" is mostly no number ("one of the channels"), nor are ordinals.
WORDS = {
    "два": 2, "две": 2, "двух": 2, "двум": 2, "двумя": 2,
    "три": 3, "трех": 3, "трёх": 3, "трем": 3, "трём": 3, "тремя": 3,
    "четыре": 4, "четырех": 4, "четырёх": 4, "четырем": 4, "четырём": 4, "четырьмя": 4,
    "пять": 5, "пяти": 5, "пятью": 5, "шесть": 6, "шести": 6, "шестью": 6, "семь": 7, "семи": 7, "семью": 7,
    "восемь": 8, "восьми": 8, "восемью": 8, "девять": 9, "девяти": 9, "девятью": 9,
    "десять": 10, "десяти": 10, "десятью": 10,
    "екі": 2, "үш": 3, "төрт": 4, "бес": 5, "алты": 6, "жеті": 7, "сегіз": 8, "тоғыз": 9, "он": 10,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
CITATION = re.compile(r"\[\d+(?:\s*[,–-]\s*\d+)*\]")
COLUMNS = ("language", "locator", "figure_no", "printed", "number", "is_citation")


def paragraphs(text: str) -> Iterator[tuple[str, str, str]]:
    """Language, locator and text of each paragraph, heading, caption and note.

    A paragraph cut by the end of a page, or by a figure, is one. Lines of capitals, and lines that hold the
    name of their section alone, are headings and not counted.

    Raises ValueError where a section is not found.
    """
    to_come = list(SECTIONS)
    language, section, caption = "", None, ""
    found: list[list[str]] = []
    counted: Counter[tuple[str, str]] = Counter()
    for line in filter(None, map(str.strip, text.splitlines())):
        starts = next((i for i, (start, *_) in enumerate(to_come[:3]) if line.startswith(start)), None)
        if starts is not None:
            start, language, section = to_come[starts]
            del to_come[: starts + 1]
        if (
            section is None
            or "\t" in line
            or line == start
            or (line.isupper() and not re.search(r"\d", line))
        ):
            continue
        captioned = CAPTION.match(line)
        last = next((one for one in reversed(found) if ", paragraph " in one[1]), None)
        if captioned:
            kind = {"Рисунок": "Figure", "Таблица": "Table"}[captioned[1]]
            caption = f"{section}, {kind} {captioned[2]}"
            found.append([language, f"{caption}, heading", line])
        elif line.startswith("Примечание –"):
            found.append([language, f"{caption}, note", line])
        elif starts is None and last and line[0].islower() and last[2][-1] not in ".:;!?":
            last[2] += f" {line}"
        else:
            counted[language, section] += 1
            found.append([language, f"{section}, paragraph {counted[language, section]}", line])
    if to_come:
        raise ValueError(f"no line begins with {to_come[0][0]!r}: is this the text of the article?")
    yield from ((language, locator, line) for language, locator, line in found)


def figures(paragraph: str) -> Iterator[tuple[str, bool]]:
    """The numbers of a paragraph as printed, those in words last, and whether each is a citation."""
    position = 0
    for cited in [*CITATION.finditer(paragraph), None]:
        start, end = cited.span() if cited else (len(paragraph), len(paragraph))
        yield from ((match[0], False) for match in NUMBER.finditer(paragraph, position, start))
        yield from ((number, True) for number in re.findall(r"\d+", paragraph[start:end]))
        position = end
    yield from ((word, False) for word in re.findall(r"\w+", paragraph) if word.lower() in WORDS)


def as_number(printed: str) -> str:
    """The number with a decimal point and a hyphen, or '' where it is none but a code."""
    if printed.lower() in WORDS:
        return str(WORDS[printed.lower()])
    plain = re.sub(r"[ \u00a0+~]", "", printed).replace(",", ".")
    plain = re.sub(r"^[–−]", "-", plain)
    return plain if re.fullmatch(r"-?\d+(\.\d+)?", plain) else ""


def table(text: str) -> Iterator[tuple[object, ...]]:
    """The rows of article_figure.csv."""
    for language, locator, paragraph in paragraphs(text):
        for number, (printed, is_citation) in enumerate(figures(paragraph), start=1):
            yield language, locator, number, printed, as_number(printed), str(is_citation).lower()


if __name__ == "__main__":
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(table(Path(sys.argv[1]).read_text(encoding="utf-8")))
