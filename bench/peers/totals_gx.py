"""All checks of totals by Great Expectations over whole frames: python totals_gx.py LANDING SEEDS FILE

Every landed row goes into one pandas frame; flows and sexes stand side by side in wide frames, the sums of
the regions beside the country. Great Expectations compares the pairs and names what differs. It takes from
the data that a release gives all parts of what it gives a total of, so that each is checked by itself.
Verdicts go into a file of JSON: how many of each check and release hold, cannot be checked or are breached,
and the keys of the breaches.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.data_context.types.base import ProgressBarsConfig

CODES = [
    "indicator_code", "region_code", "sex_code", "residence_code", "age_code", "partner_code",
]  # fmt: skip
KEY = ["release_id", *CODES, "period_start"]
COLUMNS = ["cell_kind", "region_label", *(code for code in CODES if code != "region_code")]
COUNTRY = "00"
ARRIVALS, DEPARTURES, BALANCE = "external_arrivals", "external_departures", "external_balance"


def main() -> None:
    """Checks the landing of this process's arguments."""
    landing, seeds, file = map(Path, sys.argv[1:])
    rows = read_rows(landing, seeds)
    checks = {
        "external_flows": flows(rows),
        "sexes": sexes(rows),
        "regions_in_force": regions(rows, seeds),
        "control_totals": control_totals(rows),
    }
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("landing").add_dataframe_asset("pairs")
    definition = asset.add_batch_definition_whole_dataframe("all")
    counts: dict[str, int] = {}
    breaches: list[str] = []
    for name, pairs in checks.items():
        for release_id, of_release in pairs.groupby("release_id", observed=True):
            frame = of_release.reset_index(drop=True)
            broken = differing(definition.get_batch({"dataframe": frame}), list(frame.columns[:-2]))
            unknown = int(frame[["parts", "total"]].isna().any(axis=1).sum())
            found = {
                "holds": len(frame) - unknown - len(broken),
                "not_checkable": unknown,
                "breach": len(broken),
            }
            counts |= {f"{name} {release_id} {outcome}": count for outcome, count in found.items() if count}
            breaches += [" ".join([name, *(_text(row[column]) for column in KEY)]) for row in broken]
    file.write_text(json.dumps({"counts": counts, "breaches": sorted(breaches)}), encoding="utf-8")


def read_rows(landing: Path, seeds: Path) -> pd.DataFrame:
    """Every landed row: its key, kind and value."""
    label = pd.read_csv(seeds / "reference" / "region_label.csv", dtype="str")
    label = label[label["label_set"] == "iso_3166_2"].set_index("label")
    parts = []
    for file in sorted(landing.glob("rows/*.parquet")):
        part = pd.read_parquet(file, columns=[*COLUMNS, "period_start", "value"])
        part["value"] = part["value"].astype("float64")
        part["period_start"] = pd.to_datetime(part["period_start"])
        parts.append(part.assign(release_id=file.stem))
    rows = pd.concat(parts, ignore_index=True)
    rows[[*COLUMNS, "release_id"]] = rows[[*COLUMNS, "release_id"]].astype("category")
    rows["region_code"] = rows["region_label"].map(label["region_code"]).astype("category")
    return rows


def flows(rows: pd.DataFrame) -> pd.DataFrame:
    """Arrivals less departures beside the balance."""
    wide = rows.pivot(
        index=[column for column in KEY if column != "indicator_code"],
        columns="indicator_code",
        values="value",
    )
    return pairs(wide[ARRIVALS] - wide[DEPARTURES], wide[BALANCE], indicator_code=BALANCE)


def sexes(rows: pd.DataFrame) -> pd.DataFrame:
    """Men and women beside all."""
    wide = rows.pivot(
        index=[column for column in KEY if column != "sex_code"], columns="sex_code", values="value"
    )
    return pairs(wide["M"] + wide["F"], wide["_T"], sex_code="_T")


def regions(rows: pd.DataFrame, seeds: Path) -> pd.DataFrame:
    """The sum of the regions, unknown where one lacks a figure (cities have no villages), and the country."""
    region = pd.read_csv(seeds / "reference" / "region.csv", dtype="str")
    cities = region.loc[region["region_kind"] == "city", "region_code"]
    rows = rows[rows["indicator_code"].isin([ARRIVALS, DEPARTURES])]
    of_region = rows[rows["region_code"] != COUNTRY]
    no_village = of_region["region_code"].isin(cities) & (of_region["residence_code"] == "R")
    lacking = of_region["value"].isna() & ~no_village
    key = [column for column in KEY if column != "region_code"]
    sums = (
        of_region.assign(lacking=lacking)
        .groupby(key, observed=True)
        .agg(parts=("value", "sum"), lacking=("lacking", "any"))
    )
    total = rows[rows["region_code"] == COUNTRY].set_index(key)["value"]
    return pairs(sums["parts"].mask(sums["lacking"]), total, region_code=COUNTRY)


def control_totals(rows: pd.DataFrame) -> pd.DataFrame:
    """The sum of the figures that there are beside the printed total."""
    key = [column for column in KEY if column != "region_code"]
    sums = rows[rows["cell_kind"] == "fact"].groupby(key, observed=True)["value"].sum(min_count=1)
    total = rows[rows["cell_kind"] == "column_total"].set_index(key)["value"]
    return pairs(sums, total, region_code=COUNTRY)


def pairs(parts: pd.Series, total: pd.Series, **same: str) -> pd.DataFrame:
    """Key, parts and total; `same` is the code of the total in the dimension that is summed over."""
    beside = total.rename("total").to_frame().join(parts.rename("parts")).reset_index().assign(**same)
    return beside[[*KEY, "parts", "total"]]


def differing(batch: Any, key: list[str]) -> list[dict[str, Any]]:
    """The keys of the pairs that differ."""
    found = batch.validate(
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="parts", column_B="total", ignore_row_if="either_value_is_missing"
        ),
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": key},
    )
    if not found.result:
        raise SystemExit(f"Great Expectations did not answer: {found.exception_info}")
    broken: list[dict[str, Any]] = found.result.get("unexpected_index_list") or []
    return broken


def _text(value: Any) -> str:
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)


if __name__ == "__main__":
    main()
