"""A warm `saldo build --full` beside a plain script that makes the same marts (`bench/plain.py`).

    python -m bench.warm_build [--runs N]

Both are timed as whole processes, in turn, after a warm-up, and each pair's marts are compared row by row.
The ratio is what dbt, tests, contracts, audit and atomic publication cost at the article's size. saldo builds
into a warehouse of its own in a temporary folder.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench import compare, measure
from bench.measure import PROJECT, BenchmarkError, Pairs, Run
from saldo.warehouse import Warehouse

NAME = "warm_build"
WORK = "warm saldo build --full"
PEER = "plain Python + DuckDB script"
# The plain script checks nothing, draws no random numbers (tests/unit compare these with other libraries),
# puts nothing into words, and the time and name of a build are its own.
CORRELATIONS = ("correlation", "partial_correlation", "correlation_sensitivity")
LEFT_OUT = frozenset(
    {
        "analysis.attractiveness_diagnostic",
        "analysis.attractiveness_index",
        "analysis.attractiveness_indicator",
        "analysis.attractiveness_variant",
        "analysis.cluster_agreement",
        "analysis.cluster_profile",
        "analysis.cluster_projection",
        "analysis.cluster_quality.bic",
        "analysis.cluster_quality.bic_of_one_cluster",
        "analysis.cluster_quality.best_k_by_bic",
        "analysis.cluster_stability",
        "analysis.claim_finding",
        "audit.analysis_gap",
        "audit.expectation_result",
        "audit.identity_check",
        "core.about.built_at",
        "core.about.data_terms",
        "core.about.data_terms_kk",
        "core.about.data_terms_ru",
        "core.about.how_to_cite",
        "core.about.how_to_cite_kk",
        "core.about.how_to_cite_ru",
        "core.about.version_id",
        "core.data_dictionary",
    }
    # sentences about figures that are compared
    | {"analysis.trend_fit.note", "analysis.change_point.note"}
    # Nor does it say how a metric came about, or what was thought of a claim before.
    | {
        f"analysis.metric.{name}"
        for name in ("method", "detail", "release_id", "source_ref", "reason", "known_from")
    }
    | {"analysis.claim_history", "analysis.claim_check.reason", "analysis.claim_figure.reason"}
    # Searched and resampled: by hand it would be the same code again, and by statsmodels alone minutes.
    | {"analysis.forecast_external_balance", "analysis.forecast_evaluation", "analysis.poverty_panel"}
    | {"analysis.poverty_test", "analysis.poverty_forecast", "analysis.poverty_impulse_response"}
    | {"analysis.correlation_reading", "analysis.correlation_sensitivity.variant_note"}
    | {"analysis.spatial_autocorrelation.p_value"}
    | {
        f"analysis.{mart}.{column}"
        for mart in CORRELATIONS
        for column in ("bca_low", "bca_high", "p_permutation", "spatial_reason", "reason")
    }
)

START, REST, PUBLISH = "start of Python and dbt", "dbt between the nodes", "end of dbt, publish"
SEEDS, MODELS, PYTHON_MODELS = "seeds", "SQL models", "Python models"
EXPECTATIONS, DATA_TESTS = "Great Expectations", "data tests"
PARTS = (START, SEEDS, MODELS, PYTHON_MODELS, EXPECTATIONS, DATA_TESTS, REST, PUBLISH)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the result; returns the exit status."""
    runs: int = measure.parser(NAME, WORK, 3).parse_args(arguments).runs
    print(f"{WORK} beside a {PEER}, {runs} runs each, in turn")
    try:
        with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
            pairs, parts = _measure(Path(folder), runs)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    by_part = {part: round(median(run[part] for run in parts), 2) for part in PARTS}
    result = measure.result(WORK, PEER, pairs, goal=None, details={"seconds_by_part": by_part})
    measure.save(NAME, result)
    print("\n".join(_screen(result)))
    return 0


def _measure(folder: Path, runs: int) -> tuple[Pairs, list[dict[str, float]]]:
    warehouse, plain = Warehouse(folder / "warehouse"), folder / "plain.duckdb"
    parts: list[dict[str, float]] = []

    def saldo() -> Run:
        command = [sys.executable, "-m", "saldo", "build", "--full"]
        run = measure.run(command, {"SALDO_WAREHOUSE": str(warehouse.folder)})
        parts.append(seconds_by_part(run, warehouse.dbt))
        return run

    def script() -> Run:
        plain.unlink(missing_ok=True)
        return measure.run([sys.executable, "-m", "bench.plain", str(PROJECT / "seeds"), str(plain)], {})

    def check() -> None:
        found = compare.differences(warehouse.published, plain, left_out=LEFT_OUT)
        if found:
            raise BenchmarkError("\n  ".join(["the two differ (saldo, plain script):", *found]))

    pairs = measure.in_turn(saldo, script, check, runs)
    return pairs, parts[1:]  # the first is the warm-up


def seconds_by_part(run: Run, dbt: Path) -> dict[str, float]:
    """Where the time of one `saldo build` went; the parts sum to the whole.

    Args:
        run: of the whole command.
        dbt: the folder of dbt's run_results.json and manifest.json of that run.
    """
    results = json.loads((dbt / "run_results.json").read_text(encoding="utf-8"))
    nodes = json.loads((dbt / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    started = min(_seconds(timing["started_at"]) for node in results["results"] for timing in node["timing"])
    ended = _seconds(results["metadata"]["generated_at"])
    parts = dict.fromkeys(PARTS, 0.0)
    for node in results["results"]:
        parts[_part(node["unique_id"], nodes)] += node["execution_time"]
    parts[START] = started - run.started
    parts[PUBLISH] = run.started + run.seconds - ended
    # What dbt does in between and at its end: hooks, schemas, its own log and results.
    parts[REST] += run.seconds - sum(parts.values())
    return parts


def _part(unique_id: str, nodes: dict[str, dict[str, str]]) -> str:
    kind, _, name, *_ = unique_id.split(".")
    if kind != "model":
        return {"seed": SEEDS, "test": DATA_TESTS}.get(kind, REST)
    if name == "py_expectation":
        return EXPECTATIONS
    return PYTHON_MODELS if nodes[unique_id]["language"] == "python" else MODELS


def _seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()


def _screen(result: dict[str, Any]) -> Iterator[str]:
    seconds, peak_mb = result["details"]["seconds"], result["peak_mb"]
    for key, name in {"work": WORK, "peer": PEER}.items():
        middle, low, high = median(seconds[key]), min(seconds[key]), max(seconds[key])
        yield f"{name:<30} {middle:6.2f} s ({low:.2f}-{high:.2f}), peak {peak_mb[key]} MB"
    low, high = result["spread"]
    yield f"{'ratio':<30} {result['ratio']:6.2f}   ({low:.2f}-{high:.2f})"
    yield "where the time of saldo goes, median"
    for part, middle in result["details"]["seconds_by_part"].items():
        yield f"  {part:<28} {middle:6.2f} s"
    analysis = result["details"]["seconds_by_part"][PYTHON_MODELS]
    rest = sum(result["details"]["seconds_by_part"].values()) - analysis
    yield f"{'analysis by all the rest':<30} {analysis / rest:6.2f}   goal at most 1.00"


if __name__ == "__main__":
    sys.exit(main())
