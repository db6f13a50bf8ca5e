"""What `saldo explain` prints for a person: one link of the chain under the other."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from saldo.query import visible

LABEL = 12
WIDTH = 110
MARGINS = (("role_within_500", 500), ("role", 1000), ("role_within_2000", 2000))

Facts = Mapping[str, Any]
Line = tuple[str, str]


def as_text(facts: Facts) -> str:
    """The facts of `saldo.explain.explain`, a label before the first line of each link."""
    write = {"region": _region, "claim": _claim, "figure": _figure, "total": _total}[facts["kind"]]
    lines = []
    before = None
    for label, text in write(facts):
        shown = "" if label == before else label
        before = label
        indent = " " * (len(text) - len(text.lstrip()))
        wrapped = textwrap.wrap(
            visible(text.strip()),
            WIDTH - LABEL,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(wrapped):
            lines.append(f"{shown if number == 0 else '':<{LABEL}}{line}")
    return "\n".join(lines)


def _region(facts: Facts) -> Iterator[Line]:
    region, profile = facts["region"], facts["profile"]
    names = " · ".join(dict.fromkeys(region[column] for column in ("name_en", "name_ru", "name_kk")))
    codes = ", ".join(each for each in (region["region_code"], region["iso_code"]) if each)
    yield "Region", f"{names} · code {codes}{_validity(region)}"
    for balance in facts["balances"]:
        cells = _of_period(facts["cells"], balance)
        places = ", ".join(sorted({cell["release_id"] for cell in cells}))
        yield (
            "Balance",
            f"{number(balance['balance_persons'])} persons, {_period(balance)}: "
            f"sum of {len(cells)} cells of {places}",
        )
        for cell in cells:
            note = f" · corrected by {cell['correction_id']}" if cell["correction_id"] else ""
            yield (
                "Cells",
                f"{number(cell['balance_persons']):>8}  {cell['specialty_en']}: {cell['source_ref']}{note}",
            )
    if facts["without_figure"]:
        blank = ", ".join(each["name_en"] for each in facts["without_figure"])
        yield "No figure", f"{blank}: nothing stands in the cell; the check total shows what it counts for"
    for total in facts["printed_totals"]:
        yield "Check total", _control(total)
    for same in facts["same_in_other_table"]:
        difference = same["difference_from_total"]
        beside = "" if difference is None else f", differs from the total by {number(difference)}"
        yield "Also in", f"{number(same['value'])}{beside}: {same['source_ref']}"
    yield from _corrections(facts["corrections"])
    if profile:
        others = ", ".join(f"{profile[column]} within ±{number(margin)}" for column, margin in MARGINS)
        yield "Role", f"{profile['role']}: {facts['role_rule']}"
        yield "Role", f"beside it: {others}; by sign alone {profile['role_by_sign']}"
        if profile["balance_per_1000"] is not None:
            yield (
                "Per 1 000",
                f"{_rounded(profile['balance_per_1000'])} persons, by the population of 1 January",
            )
        for each in facts["population"]:
            yield (
                "Per 1 000",
                f"{number(each['value'])} persons in {each['release_id']}: {each['source_ref']}",
            )
    else:
        yield "Role", "none: regional.region_profile has no row of it"
    if facts["claims"]:
        said = ", ".join(f"{each['claim_id']} ({each['verdict']})" for each in facts["claims"])
        yield "Claims", said
    yield from _releases(facts["releases"])


def _claim(facts: Facts) -> Iterator[Line]:
    claim = facts["claim"]
    yield "Claim", f"{claim['claim_id']} · {claim['language']} · {claim['locator']}"
    yield "Statement", claim["statement"]
    if claim["printed_value"] is not None:
        yield "Printed", claim["printed_value"]
    for each in facts["printed_in_the_text"]:
        yield "In the text", f"number {each['figure_no']} there: {each['printed']} ({each['role']})"
    for metric in facts["metrics"]:
        is_other = metric["reading"] == "alternative"
        reading = "read otherwise: " if is_other else ""
        value = claim["alternative_recomputed_value" if is_other else "recomputed_value"]
        found = metric["reason"] if value is None else _rounded(value)
        yield (
            "Recomputed",
            f"{reading}{found} = {metric['metric']} of {metric['subject']}: {metric['method']}",
        )
        if metric["detail"]:
            yield "Recomputed", f"  {metric['detail']}"
        if metric["mart"]:
            yield "From", f"mart {metric['mart']}"
        if metric["source_ref"]:
            yield "From", metric["source_ref"]
        for cell in metric["cells"]:
            yield from _original(cell["original"], cell["source_ref"])
    yield "Verdict", claim["verdict"]
    yield "Reason", claim["reason"]
    for vintage in facts["history"]:
        since = _known(vintage)
        value = "no figure" if vintage["recomputed_value"] is None else _rounded(vintage["recomputed_value"])
        yield "History", f"{since}: {vintage['verdict']} ({value})"
    yield from _releases(facts["releases"])


def _figure(facts: Facts) -> Iterator[Line]:
    key, figure = facts["key"], facts["figure"]
    yield "Figure", _name(facts["names"], key)
    yield "Figure", facts["names"]["definition"]
    if figure:
        status = f"status {figure['obs_status']}" + (
            f", {facts['status'].lower()}" if facts["status"] else ""
        )
        yield "Value", f"{_value(figure, facts)} · {status} · series {figure['source_series']}"
        yield "Cell", f"{figure['release_id']}: {figure['source_ref']}"
        yield from _original(facts["original"])
    else:
        yield "Value", "none now: what was published of it has been withdrawn"
    yield from _corrections(facts["corrections"])
    for vintage in facts["vintages"]:
        since = _known(vintage)
        yield (
            "Vintages",
            f"{since}: {_value(vintage, facts)} · {vintage['source_series']} · "
            f"{vintage['release_id']}: {vintage['source_ref']}",
        )
    yield from _releases(facts["releases"])


def _total(facts: Facts) -> Iterator[Line]:
    total = facts["total"]
    yield "Total", f"{_name(facts['names'], total)} · {total['control_kind'].replace('_', ' ')}"
    yield "Total", facts["names"]["definition"]
    yield "Check total", _control(total)
    yield from _original(facts["original"])
    yield from _releases(facts["releases"])


def _control(total: Facts) -> str:
    summed = "none" if total["summed_value"] is None else number(total["summed_value"])
    difference = "" if total["difference"] is None else f", difference {number(total['difference'])}"
    parts = f"{total['parts_count']} figures sum to {summed}{difference}"
    return f"{number(total['published_value'])} printed, {parts}: {total['source_ref']}"


def _original(found: Facts | None, source_ref: str = "") -> Iterator[Line]:
    if not found:
        return
    cell = f"{source_ref}: " if source_ref else ""
    printed = "a blank" if found["printed"] is None else f"«{found['printed']}»"
    said = {
        "same": f"{printed} in {found['file']}, the bytes that the build has read",
        "changed": f"{found['file']} is not the file that the build has read",
        "missing": f"the file of the release is not at hand: {found['file']}",
    }[found["found"]]
    yield "Printed", f"{cell}{said}"


def _corrections(corrections: Sequence[Facts]) -> Iterator[Line]:
    for each in corrections:
        said = f"«{each['printed']}» taken as «{each['corrected']}» since {each['corrected_on']}"
        yield "Correction", f"{each['correction_id']}: {each['attribute']} {said}"
        yield "Correction", f"  because {each['reason']}"
        yield "Correction", f"  evidence: {each['evidence']}"


def _releases(releases: Sequence[Facts]) -> Iterator[Line]:
    for each in releases:
        withdrawn = f" · withdrawn on {each['withdrawn_on']}" if each["withdrawn_on"] else ""
        yield "Release", f"{each['release_id']}: {each['title']}"
        yield "Release", f"  {each['publisher']}, {each['published_on']}{withdrawn}"
        if each["source_url"]:
            yield "Release", f"  {each['source_url']}"
        for file in each["files"]:
            yield "Release", f"  {file['kept_in']}/{file['file_name']}"
            yield "Release", f"  SHA-256 {file['sha256']}"


def _known(vintage: Facts) -> str:
    """The days from which and before which it was what is known; JSON has the order within a day as well."""
    until = f" until {vintage['known_to']:%Y-%m-%d}" if vintage["known_to"] else ""
    return f"since {vintage['known_from']:%Y-%m-%d}{until}"


def _name(names: Facts, key: Facts) -> str:
    breakdowns = [names["specialty"]] if names["specialty"] else []
    breakdowns += [
        f"{column.removesuffix('_code')} {key[column]}"
        for column in ("sex_code", "residence_code", "age_code", "partner_code")
        if key[column] != "_T"
    ]
    return " · ".join([names["indicator"], names["region"], *breakdowns, _period(key)])


def _value(figure: Facts, facts: Facts) -> str:
    if figure["value"] is None:
        return "no figure"
    return f"{number(figure['value'])} {facts['names']['unit'] or figure['unit_code']}"


def _period(row: Facts) -> str:
    """First and last day; one day alone."""
    first: date = row["period_start"]
    last: date = row["period_end"] - timedelta(days=1)
    return f"on {first}" if first == last else f"{first} to {last}"


def _of_period(rows: Sequence[Facts], period: Facts) -> list[Facts]:
    return [row for row in rows if all(row[each] == period[each] for each in ("period_start", "period_end"))]


def _validity(region: Facts) -> str:
    since = f" · since {region['valid_from']}" if region["valid_from"] else ""
    until = f" · until {region['valid_to']}" if region["valid_to"] else ""
    return f"{since}{until}"


def number(value: Decimal | int) -> str:
    """With a minus sign, no-break spaces between thousands, and no noughts that only fill a scale."""
    plain = f"{Decimal(value):,f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain.replace(",", "\u00a0").replace("-", "−")


def _rounded(value: float) -> str:
    """A statistic, to six significant digits; whole numbers in full."""
    return number(int(value)) if value == int(value) else f"{value:.6g}".replace("-", "−")
