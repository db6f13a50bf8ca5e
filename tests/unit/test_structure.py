"""The project keeps the rules of its structure, and each rule names the breach of a project that does not."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit import structure
from tests.unit.structure import Files, Manifest, ManifestRule, Node, TreeRule

PROJECT = Path(__file__).parents[2]
DBT = Path(sys.executable).with_name("dbt")
LARGEST_TEXT = 1_000_000  # bytes: anything larger is data


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The manifest of the project, as JSON."""
    target = tmp_path_factory.mktemp("parse")
    outcome = subprocess.run(
        [DBT, "--quiet", "parse", "--target-path", target, "--log-path", target],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return (target / "manifest.json").read_text(encoding="utf-8")


@pytest.fixture
def manifest(parsed: str) -> Manifest:
    """A copy of the manifest that the test may break."""
    copy: Manifest = json.loads(parsed)
    return copy


@pytest.fixture(scope="module")
def files() -> Files:
    """Texts of the files that git tracks, or would, by their path."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607
        cwd=PROJECT,
        capture_output=True,
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [PROJECT / name for name in listing.stdout.decode().split("\0") if name]
    return {
        path.relative_to(PROJECT).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in paths
        if path.is_file() and path.stat().st_size < LARGEST_TEXT
    }


@pytest.mark.parametrize("rule", structure.MANIFEST_RULES, ids=lambda rule: rule.__name__)
def test_project_keeps_rule(rule: ManifestRule, manifest: Manifest) -> None:
    assert rule(manifest) == []


@pytest.mark.parametrize("rule", structure.TREE_RULES, ids=lambda rule: rule.__name__)
def test_tree_keeps_rule(rule: TreeRule, files: Files) -> None:
    assert rule(files) == []


# --- broken copies ----------------------------------------------------------------------------------------

Break = Callable[[Manifest], object]


def node(manifest: Manifest, name: str) -> Node:
    (found,) = (one for one in manifest["nodes"].values() if one["name"] == name)
    result: Node = found
    return result


def macro(manifest: Manifest, name: str) -> Node:
    result: Node = manifest["macros"][f"macro.saldo.{name}"]
    return result


def reads(name: str, parent: str) -> Break:
    """Lets the model of that name depend on this node too."""

    def break_it(manifest: Manifest) -> None:
        node(manifest, name)["depends_on"]["nodes"].append(node(manifest, parent)["unique_id"])

    return break_it


def stops_reading(name: str, parent: str) -> Break:
    def break_it(manifest: Manifest) -> None:
        node(manifest, name)["depends_on"]["nodes"].remove(node(manifest, parent)["unique_id"])

    return break_it


def sets(name: str, /, **properties: object) -> Break:
    return lambda manifest: node(manifest, name).update(properties)


def sets_column(name: str, column: str, /, **properties: object) -> Break:
    return lambda manifest: node(manifest, name)["columns"][column].update(properties)


def sets_macro(name: str, /, **properties: object) -> Break:
    return lambda manifest: macro(manifest, name).update(properties)


def appends_code(name: str, code: str) -> Break:
    def break_it(manifest: Manifest) -> None:
        node(manifest, name)["raw_code"] += "\n" + code

    return break_it


def drops_tests(name: str, kind: str) -> Break:
    """Removes the generic tests of that kind from the model."""

    def break_it(manifest: Manifest) -> None:
        of_model = node(manifest, name)["unique_id"]
        manifest["nodes"] = {
            key: one
            for key, one in manifest["nodes"].items()
            if not (one.get("attached_node") == of_model and one["test_metadata"]["name"] == kind)
        }

    return break_it


def has_no_readers(name: str) -> Break:
    def break_it(manifest: Manifest) -> None:
        for model in structure.models(manifest):
            read = model["depends_on"]["nodes"]
            model["depends_on"]["nodes"] = [one for one in read if one != node(manifest, name)["unique_id"]]

    return break_it


def no_one_calls(name: str) -> Break:
    def break_it(manifest: Manifest) -> None:
        for caller in [*manifest["nodes"].values(), *manifest["macros"].values()]:
            called = caller["depends_on"]["macros"]
            caller["depends_on"]["macros"] = [one for one in called if one != f"macro.saldo.{name}"]

    return break_it


def no_source_calls(name: str) -> Break:
    def break_it(manifest: Manifest) -> None:
        for source in manifest["sources"].values():
            source["loaded_at_query"] = source["loaded_at_query"].replace(name, "another")

    return break_it


def has_source(*read_by: str, **properties: object) -> Break:
    """Adds a source that is as it should be but for these properties; models of these names read it."""
    source = {
        "name": "wages",
        "source_name": "bureau",
        "resource_type": "source",
        "unique_id": "source.saldo.bureau.wages",
        "description": "Files.",
        "columns": {},
        "freshness": {key: {"count": 1, "period": "day"} for key in ("warn_after", "error_after")},
        "loaded_at_query": "{{ last_published(source_node) }}",
    }

    def break_it(manifest: Manifest) -> None:
        manifest["sources"]["source.saldo.bureau.wages"] = source | properties
        for name in read_by:
            node(manifest, name)["depends_on"]["nodes"].append("source.saldo.bureau.wages")

    return break_it


def has_mart(name: str) -> Break:
    """Adds a mart of that name that the audit reads."""

    def break_it(manifest: Manifest) -> None:
        mart = node(manifest, "dim_region") | {"name": name, "unique_id": f"model.saldo.{name}"}
        manifest["nodes"][f"model.saldo.{name}"] = mart
        reads("py_expectation", name)(manifest)

    return break_it


def is_removed(name: str) -> Break:
    return lambda manifest: manifest["nodes"].pop(node(manifest, name)["unique_id"])


def hands_over(given: str, another: str) -> Break:
    """Lets the audit name a mart differently."""

    def break_it(manifest: Manifest) -> None:
        audit = node(manifest, "py_expectation")
        audit["raw_code"] = audit["raw_code"].replace(f'"{given}"', f'"{another}"')

    return break_it


def has_exposure(shows: str, description: str) -> Break:
    def break_it(manifest: Manifest) -> None:
        manifest["exposures"]["exposure.saldo.report"] = {
            "name": "report",
            "description": description,
            "depends_on": {"nodes": [node(manifest, shows)["unique_id"]]},
        }

    return break_it


def leaves_exposures(name: str) -> Break:
    def break_it(manifest: Manifest) -> None:
        for exposure in manifest["exposures"].values():
            shown = exposure["depends_on"]["nodes"]
            exposure["depends_on"]["nodes"] = [one for one in shown if one != f"model.saldo.{name}"]

    return break_it


def forgets_code(column: str) -> Break:
    """Lets the test of names forget a column of regional.region_profile."""

    def break_it(manifest: Manifest) -> None:
        test = node(manifest, "every_code_has_a_name")
        test["raw_code"] = test["raw_code"].replace(f"('region_profile', '{column}'", "('another', 'one'")

    return break_it


THIN = "from analysis_py.forecast import forecast_poverty\n\n\ndef model(dbt, session):\n    return {}\n"
LANDING_ALONE = {"nodes": [], "macros": ["macro.saldo.read_landing"]}
CONTRACT_OFF = {"enforced": False}

BROKEN: dict[ManifestRule, list[tuple[Break, str]]] = {
    structure.layers_read_one_way: [
        (reads("stg_article__table_1", "stg_article__table_2"), "stg_article__table_1"),
        (reads("stg_article__table_1", "region"), "seeds/reference"),
        (reads("int_release", "article_table_1"), "int_release"),
        (reads("int_release", "dim_region"), "int_release"),
        (reads("dim_region", "stg_article__table_1"), "dim_region"),
        (reads("dim_region", "article_table_1"), "dim_region"),
        (reads("dim_region", "py_correlation"), "dim_region"),
        (reads("region_profile", "correlation"), "region_profile"),
        (reads("correlation", "table_coverage"), "correlation"),
        (reads("py_correlation", "int_release"), "py_correlation"),
        (reads("py_correlation", "region"), "py_correlation"),
        (reads("table_coverage", "stg_article__table_1"), "table_coverage"),
        (reads("bi_region", "int_release"), "bi_region"),
        (reads("bi_region", "py_correlation"), "bi_region"),
        (reads("dim_region", "bi_region"), "dim_region (marts) reads bi_region (marts/bi)"),
        (has_source("dim_region"), "dim_region (marts) reads wages (sources)"),
    ],
    structure.models_have_parents: [
        (sets("dim_region", depends_on={"nodes": [], "macros": []}), "dim_region"),
        (sets("dim_region", depends_on=LANDING_ALONE), "dim_region"),
        (sets("data_dictionary", raw_code="select 1 as one"), "data_dictionary"),
    ],
    structure.printed_tables_have_one_reader: [
        (
            reads("stg_article__table_1", "article_table_2"),
            "article_table_2 is read by stg_article__table_1, stg_article__table_2",
        ),
    ],
    structure.sources_come_by_way_of_landing: [
        (
            has_source("stg_landing__release", "stg_landing__cell", "stg_article__table_1"),
            "stg_article__table_1 reads the source bureau.wages",
        ),
        (has_source("stg_landing__release"), "stg_landing__cell reads landing and not the source"),
    ],
    structure.no_dead_ends: [
        (has_no_readers("stg_article__table_1"), "stg_article__table_1"),
        (has_no_readers("int_control_total"), "int_control_total"),
        (has_no_readers("py_correlation"), "py_correlation"),
        (has_no_readers("claim"), "claim"),
        (has_source(), "wages"),
    ],
    structure.names_follow_the_layer: [
        (sets("stg_article__table_1", name="table_1"), "table_1"),
        (sets("stg_article__table_1", name="stg_table_1"), "stg_table_1"),
        (sets("int_release", name="release_current"), "release_current"),
        (sets("py_correlation", name="correlation_raw"), "correlation_raw"),
        (sets("dim_region", name="stg_region"), "stg_region"),
        (sets("dim_region", name="bi_dim_region"), "bi_dim_region"),
        (sets("bi_region", name="region_chart"), "region_chart"),
        (sets("dim_region", original_file_path="models/other/dim_region.sql"), "models/other/dim_region.sql"),
        (sets("dim_region", original_file_path="models/dim_region.sql"), "dim_region"),
    ],
    structure.only_marts_are_published: [
        (sets("int_release", database="dev"), "int_release"),
        (sets("region", database="dev"), "region"),
        (sets("dim_region", database="work"), "dim_region"),
        (sets("dim_region", schema="regional"), "built in regional"),
    ],
    structure.sources_have_freshness: [
        (has_source(freshness=None), "bureau.wages"),
        (has_source(freshness={"error_after": {"count": 1, "period": "day"}}), "bureau.wages"),
        (has_source(loaded_at_query=None), "bureau.wages"),
    ],
    structure.models_have_a_key: [
        (drops_tests("fct_observation", "unique_key"), "fct_observation"),
        (drops_tests("int_release", "not_null"), "int_release"),
        (drops_tests("bi_region", "unique_key"), "bi_region"),
        (sets("region_profile", constraints=[]), "region_profile"),
        (sets("region_profile", contract=CONTRACT_OFF), "region_profile"),
        (sets_column("dim_release", "release_id", constraints=[]), "dim_release"),
    ],
    structure.marts_are_contracted: [
        (sets("dim_region", contract=CONTRACT_OFF), "dim_region"),
        (sets("dim_region", access="protected"), "dim_region"),
        (sets("int_release", access="public", contract={"enforced": True}, columns={}), "int_release"),
        (sets_column("dim_region", "iso_code", data_type=None), "dim_region.iso_code"),
    ],
    structure.everything_is_described: [
        (sets("dim_region", description=""), "dim_region"),
        (sets("stg_article__table_1", description=""), "stg_article__table_1"),
        (sets("article_table_1", description=""), "article_table_1"),
        (sets_column("dim_region", "iso_code", description=""), "dim_region.iso_code"),
        (sets_column("region", "iso_code", description=""), "region.iso_code"),
        (has_source(description=""), "wages"),
        (has_source(columns={"c1": {"name": "c1", "description": ""}}), "wages.c1"),
        (has_exposure("dim_region", description=""), "report"),
    ],
    structure.described_in_its_folder: [
        (sets("dim_region", patch_path="saldo://models/schema.yml"), "models/marts/core/dim_region.sql"),
    ],
    structure.exposures_show_public_models: [
        (has_exposure("int_release", description="A page."), "int_release"),
        (has_exposure("region", description="A page."), "region"),
    ],
    structure.marts_are_audited: [
        (has_no_readers("about"), "about is not read by py_expectation"),
        (hands_over("core.about", "core.dim_about"), "hands about over as core.dim_about"),
        (has_mart("dim_unit"), "AUDITED_MARTS lacks core.dim_unit"),
        (is_removed("about"), "AUDITED_MARTS has core.about"),
    ],
    structure.statistics_are_counted: [
        (stops_reading("statistics_have_rows", "trend_fit"), "trend_fit is not read by"),
    ],
    structure.statuses_are_told: [
        (sets("dim_region", columns={"status": {"name": "status"}}), "dim_region has a status"),
        (stops_reading("analysis_gap", "trend_fit"), "trend_fit has a status"),
    ],
    structure.views_are_counted: [
        (stops_reading("views_keep_the_rows_of_their_marts", "bi_region"), "bi_region is not read by"),
    ],
    structure.views_outlive_a_new_name: [
        (appends_code("bi_region", "cross join {{ ref('about') }}"), "bi_region has ref()"),
    ],
    structure.views_are_in_an_exposure: [
        (leaves_exposures("bi_region"), "bi_region is in no exposure"),
    ],
    structure.codes_are_named: [
        (forgets_code("role_by_sign"), "region_profile.role_by_sign holds codes"),
    ],
    structure.no_hard_coded_references: [
        (appends_code("dim_region", "union all from core.dim_release"), "core.dim_rel"),
        (appends_code("dim_region", "join work.staging.x on true"), "work.staging.x"),
        (appends_code("dim_region", "JOIN dim_release using (a)"), "dim_release"),
        (appends_code("dim_region", "from read_csv('x.csv')"), "read_csv"),
        (appends_code("value_agrees_with_status", "from core.about"), "core.about"),
    ],
    structure.few_relations_are_joined: [
        (appends_code("dim_specialty", "cross join cell " * 6), "dim_specialty joins 7"),
    ],
    structure.sql_runs_on_both_engines: [
        (appends_code("dim_region", "limit 1::int"), "::"),
        (appends_code("dim_region", "qualify true"), "qualify"),
        (appends_code("dim_region", "select * exclude (a)"), "exclude"),
        (appends_code("dim_region", "select ARG_MAX(a, b)"), "arg_max"),
        (appends_code("dim_region", "group by all"), "group by all"),
        (appends_code("dim_region", "select [x + 1 for x in y]"), "comprehension"),
        (appends_code("dim_region", 'select "name"'), "double quotes"),
        (appends_code("dim_region", "select date '2024-01-01' + 1"), "date"),
        (appends_code("dim_region", "select string_agg(a, b)"), "only DuckDB"),
        (appends_code("dim_region", "select cast(a as varchar)"), "varchar"),
        (appends_code("dim_region", "select 'the bureau''s'"), "quote doubled"),
        (sets_column("dim_region", "iso_code", data_type="varchar"), "iso_code"),
        (
            sets_macro("migration_role", macro_sql="{% macro migration_role() %}x::int{% endmacro %}"),
            "migration_role",
        ),
    ],
    structure.models_fit_on_a_screen: [
        (appends_code("dim_region", "\n" * structure.MAX_MODEL_LINES), "dim_region"),
    ],
    structure.python_models_are_thin: [
        (sets("py_correlation", raw_code="import numpy\n" + THIN), "numpy"),
        (sets("py_correlation", raw_code="from scipy.stats import f\n" + THIN), "scipy"),
        (sets("py_correlation", raw_code=THIN + "    1 + 1\n"), "computes in line 6"),
        (sets("py_correlation", raw_code=THIN + "    session.sql('')\n"), "session"),
        (sets("py_correlation", raw_code=THIN + "    {}\n" * 3), "4 statements"),
    ],
    structure.macros_are_documented: [
        (sets_macro("strict_decimal", description=""), "strict_decimal"),
        (sets_macro("test_unique_key", description=""), "test_unique_key"),
        (sets_macro("duckdb__load_csv_rows", description=""), "duckdb__load_csv_rows"),
        (sets_macro("migration_role", arguments=[]), "['balance', 'margin_persons']"),
        (
            sets_macro("observation_key", macro_sql="{% macro observation_key(extra) %}{% endmacro %}"),
            "['extra']",
        ),
    ],
    structure.changes_are_asked_for_before_the_facts: [
        (stops_reading("fct_revision", "fct_control_total"), "fct_control_total asks what has changed"),
        (
            lambda manifest: node(manifest, "dim_region")["depends_on"]["macros"].append(
                "macro.saldo.delete_changed_keys"
            ),
            "dim_region asks what has changed",
        ),
    ],
    structure.macros_are_used: [
        (no_one_calls("strict_year_start"), "strict_year_start"),
        (no_source_calls("last_published"), "last_published"),
        (no_one_calls("test_unique_key"), "test_unique_key"),
        (
            sets_macro("duckdb__fail", name="duckdb__stop", unique_id="macro.saldo.duckdb__stop"),
            "duckdb__stop",
        ),
    ],
}


@pytest.mark.parametrize(
    ("rule", "break_it", "named"),
    [
        pytest.param(rule, *case, id=f"{rule.__name__}-{number}")
        for rule, cases in BROKEN.items()
        for number, case in enumerate(cases, start=1)
    ],
)
def test_rule_names_the_breach(rule: ManifestRule, break_it: Break, named: str, manifest: Manifest) -> None:
    before = rule(manifest)
    break_it(manifest)
    new = [breach for breach in rule(manifest) if breach not in before]
    assert len(new) == 1
    assert named in new[0]
    assert ": " in new[0], "a breach ends with what to do about it"


def sample(*parts: str) -> str:
    """A text that this file must not hold in one piece, since the rules read it too."""
    return "".join(parts)


BROKEN_TREE: dict[TreeRule, list[tuple[str, str, str]]] = {
    structure.no_build_output: [
        ("target/manifest.json", "{}", "target/manifest.json"),
        ("saldo/__pycache__/cli.cpython-311.pyc", "", "__pycache__"),
        ("warehouse/saldo.duckdb", "", "warehouse/saldo.duckdb"),
        ("saldo.egg-info/PKG-INFO", "", "saldo.egg-info"),
        (".mypy_cache/3.11/a.json", "", ".mypy_cache"),
        ("logs/dbt.log", "", "logs/dbt.log"),
    ],
    structure.no_machine_paths: [
        ("README.md", sample("cd ", "/home", "/aigerim/saldo"), "/aigerim/saldo"),
        ("Makefile", sample("BIN := ", "/work", "/main/.venv/bin"), "/main/.venv/bin"),
        ("notes.md", sample("C:", "\\Users\\x"), "notes.md"),
    ],
    structure.no_registry_addresses: [
        ("requirements.lock", "--index" + "-url https://mirror.example/", "requirements.lock"),
        ("dev.lock", "pkg @ https://files.example/pkg.whl", "https://files.example/pkg.whl"),
        ("bench/environments/peer.txt", "pkg @ https://files.example/pkg.whl", "pkg.whl"),
        ("Makefile", sample("PIP", "_INDEX_URL=x pip install"), "Makefile"),
    ],
    structure.yaml_files_stay_readable: [
        ("models/all.yml", "a: 1\n" * 501, "501 lines"),
    ],
}


@pytest.mark.parametrize(
    ("rule", "path", "text", "named"),
    [
        pytest.param(rule, *case, id=f"{rule.__name__}-{number}")
        for rule, cases in BROKEN_TREE.items()
        for number, case in enumerate(cases, start=1)
    ],
)
def test_rule_names_the_file(rule: TreeRule, path: str, text: str, named: str) -> None:
    kept = {
        "README.md": "Open warehouse/saldo.duckdb; see https://example.org/home/page and ~/work/x.",
        "warehouse/.gitkeep": "",
        "models/marts/core/facts.yml": "models: []\n",
        "requirements.lock": "duckdb==2.0.0 --hash=sha256:00",
    }
    assert rule(kept) == []
    (breach,) = rule(kept | {path: text})
    assert path in breach
    assert named in breach
    assert ": " in breach


def test_every_rule_has_been_seen_to_fail() -> None:
    assert set(BROKEN) == set(structure.MANIFEST_RULES)
    assert set(BROKEN_TREE) == set(structure.TREE_RULES)
