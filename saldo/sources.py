"""The sources that `saldo fetch` asks, as models/staging/sources.yml declares them to dbt and to us."""

import calendar
import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from saldo.errors import InputError

DECLARED_IN = "models/staging/sources.yml"
PUBLISHED_ON = "{published_on}"
FILE_NAME = re.compile(r"[A-Za-z0-9_]+\{published_on\}\.(csv|json)")
NAME = re.compile(r"[a-z0-9_]+")
PERIODS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
RELEASES = "seeds/reference/release.csv"


@dataclass(frozen=True)
class Frequency:
    """How often a new edition comes, of SDMX's CL_FREQ.

    Attributes:
        word: for a person.
        months: from one edition to the next.
        longest: the most days that these months have.
    """

    word: str
    months: int
    longest: timedelta

    def after(self, day: date) -> date:
        """The same day of the month, so many months later; the last of a month that is too short for it."""
        year, month = divmod(day.year * 12 + day.month - 1 + self.months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last))


FREQUENCIES = {
    "A": Frequency("yearly", 12, timedelta(days=366)),
    "Q": Frequency("quarterly", 3, timedelta(days=92)),
    "M": Frequency("monthly", 1, timedelta(days=31)),
}


@dataclass(frozen=True)
class Source:
    """One declared source.

    Attributes:
        name: as dbt selects it: `bns.population`.
        description: what it holds.
        publisher, licence: who publishes it, on which terms.
        address: https address of the file.
        layout: by which its files are read.
        indicators: what the layout reads from it.
        indicator: what intake must be told, where the file does not say what it measures.
        file_name: what a fetched file is called; the day of publication stands in it.
        frequency: how often its publisher brings a new edition, a key of FREQUENCIES.
        seeded: those of its editions that are seeds of the project: release and day of publication.
        due_after, late_after: the age of its last edition from which a new one is due, and late; late_after
            is None, and it is never late, where other sources bring the same indicators.
    """

    name: str
    description: str
    publisher: str
    licence: str
    address: str
    layout: str
    indicators: tuple[str, ...]
    indicator: str | None
    file_name: str
    frequency: str
    seeded: Mapping[str, date]
    due_after: timedelta
    late_after: timedelta | None

    def brought(self, manifest: Mapping[str, Any]) -> bool:
        """Whether a release in landing is one of its editions."""
        is_of_indicators = bool(set(self.indicators) & set(manifest["indicators"]))
        return manifest["layout"] == self.layout and is_of_indicators

    def calendar(self, editions: Sequence[date]) -> str:
        """When new editions come, for a person: how often, and the days on which the last ones came."""
        word = FREQUENCIES[self.frequency].word
        if not editions:
            return f"{word}, no edition seen"
        which = "last seen" if len(editions) > 2 else "seen"
        return f"{word}, {which} {' and '.join(map(str, editions[-2:]))}"

    def expected_on(self, last: date) -> date:
        """When the edition after one of that day would come, if its publisher keeps to the rhythm."""
        return FREQUENCIES[self.frequency].after(last)

    def file_of(self, published_on: date) -> str:
        """What the edition of a day is called."""
        return self.file_name.replace(PUBLISHED_ON, published_on.isoformat())


def read_sources(project: Path, only: Sequence[str] = ()) -> list[Source]:
    """The declared sources, in the order in which they are declared.

    Args:
        project: the folder of dbt_project.yml.
        only: names; none means all.

    Raises:
        InputError: the declaration is missing or wrong, or a name is not declared.
    """
    import yaml  # not needed where nothing is fetched

    path = project / DECLARED_IN
    try:
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        remedy = f"restore it with `git checkout -- {DECLARED_IN}`"
        raise InputError("the file is missing", where=DECLARED_IN, remedy=remedy) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        what, remedy = f"not YAML: {' '.join(str(error).split())}", "correct it; `dbt parse` reads it, too"
        raise InputError(what, where=DECLARED_IN, remedy=remedy) from None
    groups = declared.get("sources") if isinstance(declared, dict) else None
    if not isinstance(groups, list):
        raise InputError("it declares no sources", where=DECLARED_IN, remedy="declare them under `sources:`")
    found = [_read(group, table, project) for group in groups for table in _part(group, "tables", list)]
    _check_never_late(found)
    unknown = [name for name in only if name not in {source.name for source in found}]
    if unknown:
        names = ", ".join(source.name for source in found)
        raise InputError("no such source", where=unknown[0], remedy=f"{DECLARED_IN} declares {names}")
    return [source for source in found if not only or source.name in only]


def _read(group: Any, table: Any, project: Path) -> Source:
    name = f"{_part(group, 'name', str)}.{_part(table, 'name', str)}"
    config = _part(table, "config", dict, name)
    # dbt lets a table inherit what its source declares.
    meta = _part(_part(group, "config", dict, name), "meta", dict, name) | _part(config, "meta", dict, name)
    freshness = _part(config, "freshness", dict, name)
    texts = {
        key: str(_part(meta, key, str, name))
        for key in ("publisher", "licence", "address", "layout", "file_name", "frequency")
    }
    indicator = meta.get("indicator")
    frequency = FREQUENCIES.get(texts["frequency"])
    if frequency is None:
        known = ", ".join(f"{code} ({each.word})" for code, each in FREQUENCIES.items())
        raise _wrong(name, f"frequency {texts['frequency']} is not known: {known}")
    late_after = None
    if freshness.get("error_after") is not None:
        late_after = _age(_part(freshness, "error_after", dict, name), f"{name}: error_after")
    source = Source(
        name=name,
        description=str(_part(table, "description", str, name)),
        indicators=tuple(map(str, _part(meta, "indicators", list, name))),
        indicator=None if indicator is None else str(indicator),
        seeded=_seeded(meta.get("seeded_releases", []), name, project),
        due_after=_age(_part(freshness, "warn_after", dict, name), f"{name}: warn_after"),
        late_after=late_after,
        **texts,
    )
    for key, good, rule in (
        ("name", all(map(NAME.fullmatch, name.split("."))), "small letters, digits and underscores"),
        ("address", re.fullmatch(r"https://[^\s/@]+/\S*", source.address), "https://host/path"),
        ("file_name", FILE_NAME.fullmatch(source.file_name), f"letters, digits, _, then {PUBLISHED_ON}.csv"),
        ("indicators", source.indicators, "at least one"),
        ("warn_after", source.due_after >= frequency.longest, f"{frequency.longest.days} days or more"),
        ("error_after", late_after is None or late_after > source.due_after, "longer than warn_after"),
    ):
        if not good:
            raise _wrong(name, f"{key} is not what it should be: {rule}")
    return source


def _seeded(names: Any, name: str, project: Path) -> dict[str, date]:
    """The days of the releases that are named."""
    if not isinstance(names, list):
        raise _wrong(name, "«seeded_releases» is no list")
    if not names:
        return {}
    try:
        with (project / RELEASES).open(encoding="utf-8", newline="") as file:
            days = {row["release_id"]: row["published_on"] or "" for row in csv.DictReader(file)}
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        remedy = f"restore it with `git checkout -- {RELEASES}`"
        raise InputError(
            f"the releases of the seeds cannot be read: {error!r}", where=RELEASES, remedy=remedy
        ) from None
    unknown = [each for each in names if each not in days]
    if unknown:
        raise _wrong(name, f"seeded_releases: {unknown[0]} is no release of {RELEASES}")
    try:
        return {each: date.fromisoformat(days[each]) for each in names}
    except ValueError as error:
        raise InputError(f"published_on: {error}", where=RELEASES, remedy="write it as 2026-08-11") from None


def _check_never_late(sources: Sequence[Source]) -> None:
    """A source that can never be late hides that its figures are old, unless another one brings them, too."""
    watched = {each for source in sources if source.late_after is not None for each in source.indicators}
    for source in sources:
        alone = sorted(set(source.indicators) - watched)
        if alone:
            raise _wrong(source.name, f"error_after is missing, and no source that has one brings {alone[0]}")


def _part(mapping: Any, key: str, kind: type, name: str = "a source") -> Any:
    part = mapping.get(key) if isinstance(mapping, Mapping) else None
    if not part or not isinstance(part, kind):
        raise _wrong(name, f"«{key}» is missing or no {kind.__name__}")
    return part


def _age(threshold: Any, name: str) -> timedelta:
    count, period = threshold.get("count"), threshold.get("period")
    if not isinstance(count, int) or count <= 0 or period not in PERIODS:
        raise _wrong(name, "not a count and a period such as {count: 400, period: day}")
    return count * PERIODS[period]


def _wrong(name: str, what: str) -> InputError:
    remedy = "declare it as the others are; docs/reference-sources.md lists the keys"
    return InputError(what, where=f"{DECLARED_IN}, {name}", remedy=remedy)
