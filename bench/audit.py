"""What checking costs: models with all tests and audit by models alone, and all totals beside pandas.

    python -m bench.audit [--part build|article|totals] [--rows N] [--runs N]

Without a part, one after the other:

- build: `dbt build` of the seeded project on N landed rows, with all tests, identities, tables of the audit
  and expectations, by `dbt run` of the models without them;
- article: the same without landed rows, at the article's size;
- totals: the models that check identities and published totals, and the expectations on what they find, less
  the time of the same on an empty landing; beside Great Expectations over one pandas frame of all figures,
  with the same checks. After each round the verdicts must be equal, by check and release, and so must the
  figures that are named. A landing with one false figure, which both must name, is checked before.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench import measure, models
from bench.measure import PROJECT, BenchmarkError, Pairs, Run
from bench.models import Models, Rounds
from bench.peers import __file__ as peers
from saldo.landing import Landing

NAME = "audit"
ROWS = 10_000_000
FALSE_ROWS = 10_000  # of the landing with a false figure
GOALS = {"build": 1.25, "article": None, "totals": 0.1}
MODELS = "the models alone"
FRAMES = "Great Expectations over pandas frames"
BEFORE_TOTALS = ("--exclude", "int_identity_*", "identity_check+")
TOTALS = (
    "--full-refresh", "--select", "int_release_content", "int_totalled_table", "int_control_total",
    "fct_control_total", "table_coverage",
    "int_identity_*", "identity_check", "py_expectation", "expectation_result",
)  # fmt: skip
KEY = (
    "release_id, indicator_code, region_code, sex_code, residence_code, age_code, partner_code, period_start"
)
COUNTS = """
    select concat_ws(' ', identity_id, release_id, outcome), cast(sum(slices_count) as bigint)
    from audit.identity_check where release_id like 'made_up_%' group by all
    union all
    select concat_ws(
        ' ', 'control_totals', release_id, case when difference = 0 then 'holds' else 'breach' end
    ), count(*)
    from core.fct_control_total where release_id like 'made_up_%' group by all
"""
BREACHES = f"""
    select concat_ws(' ', identity_id, {KEY})
    from audit.identity_check where outcome = 'breach' and release_id like 'made_up_%'
    union all
    select concat_ws(' ', 'control_totals', {KEY})
    from core.fct_control_total where difference is distinct from 0 and release_id like 'made_up_%'
    order by 1
"""  # noqa: S608
FAILED = "select expectation from audit.expectation_result where not success order by expectation"
Verdicts = dict[str, Any]  # counts: by check, release and outcome; breaches: the keys of figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the results; returns the exit status."""
    parser = measure.parser(NAME, "What checking costs.", 3)
    parser.add_argument("--part", choices=GOALS, help="by default all of them")
    parser.add_argument("--rows", type=int, default=ROWS, help="landed, in all")
    options = parser.parse_args(arguments)
    try:
        for part in [options.part] if options.part else GOALS:
            with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
                _measure_part(part, Path(folder), options)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _measure_part(part: str, folder: Path, options: argparse.Namespace) -> None:
    landing, rows = models.land(folder / "landing", 0 if part == "article" else options.rows)
    size = f"{rows / 1e6:.3g} M landed rows" if rows else "the article's size"
    details: dict[str, Any] = {"rows": rows, "goal_rows": ROWS}
    if part == "totals":
        print(f"all checks of totals beside {FRAMES}, {size}, {options.runs} runs each, in turn", flush=True)
        details["named_of_a_false_figure"] = name_false_figure(folder / "false")
        rounds = measured_totals(folder, landing, options.runs)
        details |= rounds.details()
        work, peer, pairs = f"all checks of totals, {size}", FRAMES, rounds.pairs
    else:
        print(f"models with tests and audit beside {MODELS}, {size}, {options.runs} runs each", flush=True)
        work, peer = f"models with tests and audit, {size}", MODELS
        pairs = measured_build(folder, landing, options.runs)
    result = measure.result(work, peer, pairs, goal=GOALS[part], details=details)
    measure.save(f"{NAME}_{part}", result)
    for name, runs in ((work, pairs.work), (peer, pairs.peer)):
        print(f"{name:<48} {median(run.seconds for run in runs):6.2f} s")
    if part == "totals":
        print(f"{'the same on an empty landing':<48} {median(run.seconds for run in rounds.fixed):6.2f} s")
        print(f"{'ratio with that':<48} {median(details['ratios_in_all']):6.2f}")
        print(f"{'ratio of processor time':<48} {median(details['cpu_ratios']):6.2f}")
    print(f"{'peak, work and peer':<48} {result['peak_mb']['work']} MB, {result['peak_mb']['peer']} MB")
    low, high = result["spread"]
    goal = "reported" if result["goal"] is None else f"goal at most {result['goal']:.2f}"
    print(f"{'ratio':<48} {result['ratio']:6.2f}   ({low:.2f}-{high:.2f}), {goal}")


def measured_build(folder: Path, landing: Landing, runs: int) -> Pairs:
    """All of the project, and the models alone, in turn.

    Raises:
        BenchmarkError: one fails, or their facts differ.
    """
    checked, alone = (Models(folder / name, landing.folder) for name in ("checked", "alone"))

    def work() -> Run:
        checked.put_back()
        return checked.dbt("build", "--exclude-resource-type", "unit_test", "seed")

    def peer() -> Run:
        alone.put_back()
        return alone.dbt("run", *models.ALONE)

    return measure.in_turn(work, peer, lambda: check_build(checked.database, alone.database), runs)


def check_build(checked: Path, alone: Path) -> None:
    """Compares the facts of both, and whether one of them has been audited.

    Raises:
        BenchmarkError: they differ, or there is no audit, or an expectation has failed.
    """
    found = []
    for file in (checked, alone):
        with duckdb.connect(str(file), read_only=True) as connection:
            facts = "select count(*), sum(hash(columns(* exclude recorded_at))) from core.fct_revision"
            found.append(connection.execute(facts).fetchall())
    if found[0] != found[1]:
        raise BenchmarkError(f"the two differ: core.fct_revision has {found[0]} and {found[1]}")
    with duckdb.connect(str(checked), read_only=True) as connection:
        if failed := connection.execute(FAILED).fetchall():
            raise BenchmarkError(f"expectations failed: {failed}")
        if not connection.execute("select 1 from audit.identity_check").fetchall():
            raise BenchmarkError("there was no audit")


def measured_totals(folder: Path, landing: Landing, runs: int) -> Rounds:
    """The checks of totals by this project and by Great Expectations alone, in turn.

    Raises:
        BenchmarkError: one fails, or their verdicts differ.
    """
    empty, _ = models.land(folder / "empty", 0)
    alone, full = (prepared(folder / name, of.folder) for name, of in (("alone", empty), ("full", landing)))
    file = folder / "verdicts.json"
    return models.rounds(
        lambda: alone.dbt("run", *TOTALS),
        lambda: full.dbt("run", *TOTALS),
        lambda: run_peer(landing, file),
        lambda: check_totals(verdicts(full.database), json.loads(file.read_text(encoding="utf-8"))),
        runs,
    )


def prepared(folder: Path, landing: Path) -> Models:
    """The models of a landing, but for what checks totals."""
    made = Models(folder, landing)
    made.put_back()
    made.dbt("run", *BEFORE_TOTALS)
    return made


def run_peer(landing: Landing, file: Path) -> Run:
    """Great Expectations over the landed rows; its verdicts go into a file."""
    script = Path(peers).with_name("totals_gx.py")
    return measure.run(
        [sys.executable, str(script), str(landing.folder), str(PROJECT / "seeds"), str(file)], {}
    )


def verdicts(file: Path) -> Verdicts:
    """What the audit of a file says of made-up releases."""
    with duckdb.connect(str(file), read_only=True) as connection:
        counts = dict(connection.execute(COUNTS).fetchall())
        return {"counts": counts, "breaches": [key for (key,) in connection.execute(BREACHES).fetchall()]}


def check_totals(ours: Verdicts, theirs: Verdicts) -> None:
    """Compares the verdicts.

    Raises:
        BenchmarkError: they differ, or there are none.
    """
    for part in ("counts", "breaches"):
        if ours[part] != theirs[part]:
            raise BenchmarkError(f"the two differ: {part} are {ours[part]} and {theirs[part]}")
    if not ours["counts"]:
        raise BenchmarkError("no total was checked")


def name_false_figure(folder: Path) -> list[str]:
    """Has both check a small landing with one false figure.

    Returns:
        The keys of the totals that both name.

    Raises:
        BenchmarkError: they differ, name none, or no expectation failed.
    """
    landing, _ = models.land(folder / "landing", FALSE_ROWS)
    falsify(landing)
    ours = prepared(folder / "full", landing.folder)
    ours.dbt("run", *TOTALS)
    file = folder / "verdicts.json"
    run_peer(landing, file)
    found = verdicts(ours.database)
    check_totals(found, json.loads(file.read_text(encoding="utf-8")))
    with duckdb.connect(str(ours.database), read_only=True) as connection:
        failed = [name for (name,) in connection.execute(FAILED).fetchall()]
    if not found["breaches"] or not {"identities_hold", "column_totals_equal_sums"} <= set(failed):
        raise BenchmarkError(f"the false figure was not named: {found['breaches']}, failed {failed}")
    breaches: list[str] = found["breaches"]
    return breaches


def falsify(landing: Landing) -> None:
    """Adds one person to the first figure of the first release."""
    file = min(landing.rows.glob("*.parquet"))
    rows = pq.read_table(file)
    value = rows["value"].combine_chunks()
    more = pa.array([1] + [0] * (len(value) - 1)).cast(pa.decimal128(19, 0)).cast(value.type)
    changed = pc.add(value, more).cast(value.type)
    pq.write_table(rows.set_column(rows.column_names.index("value"), "value", changed), file)


if __name__ == "__main__":
    sys.exit(main())
