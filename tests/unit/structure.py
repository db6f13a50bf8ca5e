"""Rules for the structure of the project, after dbt-project-evaluator's.

A manifest rule takes the manifest that `dbt parse` writes, as a dict, a tree rule the texts of the files by
their path. Each returns its breaches, one line each: what breaks the rule and what to do about it.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from jinja2 import Environment, nodes

Node = dict[str, Any]
Manifest = dict[str, Any]
Files = dict[str, str]
ManifestRule = Callable[[Manifest], list[str]]
TreeRule = Callable[[Files], list[str]]

VIEWS_KEEP_ROWS = "views_keep_the_rows_of_their_marts"
STATISTICS_HAVE_ROWS = "statistics_have_rows"
MAX_MODEL_LINES = 80
MAX_RELATIONS_JOINED = 6
MAX_YAML_LINES = 500
MAX_PYTHON_STATEMENTS = 3

# What each room may read. Python results reach users only through the contracted marts over them.
READS = {
    "staging": {"seeds/published", "sources"},
    "intermediate": {"staging", "intermediate", "seeds/reference"},
    "marts": {"intermediate", "marts", "seeds/reference"},
    "marts/analysis": {"intermediate", "marts", "marts/analysis", "analysis", "seeds/reference"},
    "marts/bi": {"marts", "marts/analysis", "marts/bi", "audit"},
    "analysis": {"marts", "marts/analysis"},
    "audit/python": {"marts", "marts/analysis", "audit"},
    "audit": {"intermediate", "marts", "marts/analysis", "audit", "audit/python", "seeds/reference"},
}
# Codes with names elsewhere: indicators in core.dim_indicator, and a region or the panel of all.
NAMED_ELSEWHERE = {("poverty_panel", "term"), ("poverty_impulse_response", "territory")}
# Of the profile: what builds go on from, and what none does.
WORKING = ("work", "scratch")
FOR_USERS = {"marts", "marts/analysis", "marts/bi", "audit"}
# Marts over a Python result whose public name puts them into another schema than `analysis`.
PYTHON_RESULTS_ELSEWHERE = {"revision_summary"} | {
    "region_specialty_structure",
    "region_loss_decomposition",
    "loss_concentration",
    "correspondence_coordinate",
}
NAMES = {
    "staging": r"stg_[a-z]+__[a-z0-9_]+",
    "intermediate": r"int_[a-z0-9_]+",
    "analysis": r"py_[a-z0-9_]+",
    "marts": r"(?!stg_|int_|py_|bi_)[a-z][a-z0-9_]*",
}
NAMES |= {"marts/bi": r"bi_[a-z0-9_]+"}
NAMES |= {"marts/analysis": NAMES["marts"], "audit": NAMES["marts"], "audit/python": NAMES["analysis"]}

# Each of these stops one of the two engines; where there is need for it, a dispatched macro has it.
ONE_ENGINE_ONLY = {
    "::": r"::",
    "qualify": r"\bqualify\b",
    "exclude": r"\bexclude\b",
    "arg_max": r"\barg_(?:max|min)\b",
    "group by all": r"\b(?:group|order) by all\b",
    "a list comprehension": r"\[[^\]]*\bfor\b[^\]]*\bin\b",
    "an identifier in double quotes": r'"',
    "date '…' + n": r"\bdate\s*''\s*[+-]",
    "varchar without a length": r"\bvarchar\b(?!\s*\()",
    "a function that only DuckDB has": (
        r"\b(?:string_agg|regexp_matches|strptime|strftime|unnest|generate_series|struct_pack|list_\w+|"
        r"read_(?:csv|parquet|json|blob)\w*|error)\s*\("
    ),
}


# --- reading the manifest ---------------------------------------------------------------------------------


def models(manifest: Manifest) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def seeds(manifest: Manifest) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]


def sources(manifest: Manifest) -> list[Node]:
    return list(manifest["sources"].values())


def own_macros(manifest: Manifest) -> list[Node]:
    name = manifest["metadata"]["project_name"]
    return [macro for macro in manifest["macros"].values() if macro["package_name"] == name]


def room(node: Node) -> str:
    """Room of a model or seed: `seeds/published`, `staging`, `marts`, `marts/analysis`, ..."""
    if node["resource_type"] == "source":
        return "sources"
    folders = PurePosixPath(node["original_file_path"]).parts[:-1]
    if node["name"] in PYTHON_RESULTS_ELSEWHERE:
        return "marts/analysis"
    if node["resource_type"] == "seed" or folders[1:3] in (("marts", "analysis"), ("marts", "bi")):
        return "/".join(folders[-2:])
    if node.get("language") == "python" and folders[1:] == ("audit",):
        return "audit/python"
    return folders[1] if len(folders) > 1 else ""


def parents(manifest: Manifest, node: Node) -> list[Node]:
    known = manifest["nodes"] | manifest["sources"]
    return [known[parent] for parent in node["depends_on"]["nodes"] if parent in known]


def readers(manifest: Manifest, node: Node) -> list[Node]:
    return [model for model in models(manifest) if node["unique_id"] in model["depends_on"]["nodes"]]


def plain_sql(code: str) -> str:
    """SQL without comments, with an empty text for each literal and a name for each Jinja expression."""
    code = re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", code, flags=re.DOTALL)
    # hooks in a config hold Jinja of their own
    code = re.sub(r"\{\{\s*config\((?:[^()]|\([^()]*\))*\)\s*\}\}", " ", code)
    code = re.sub(r"\{\{.*?\}\}", "jinja_expression", code, flags=re.DOTALL)
    code = re.sub(r"--[^\n]*|/\*.*?\*/", " ", code, flags=re.DOTALL)
    return re.sub(r"'(?:[^']|'')*'", "''", code)


def sql_models(manifest: Manifest) -> list[Node]:
    return [model for model in models(manifest) if model["language"] == "sql"]


# --- layers -----------------------------------------------------------------------------------------------


def layers_read_one_way(manifest: Manifest) -> list[str]:
    return [
        f"{model['name']} ({room(model)}) reads {parent['name']} ({room(parent)}): "
        f"{room(model)} may read {', '.join(sorted(READS.get(room(model), set()))) or 'nothing'}"
        for model in models(manifest)
        for parent in parents(manifest, model)
        if room(parent) not in READS.get(room(model), set()) and not is_record_for_audit(model, parent)
    ]


def is_record_for_audit(model: Node, parent: Node) -> bool:
    """The audit shows the records in landing as they are: no figures, and nothing to code."""
    return room(model) == "audit" and parent["name"] == "stg_landing__run"


def models_have_parents(manifest: Manifest) -> list[str]:
    return [
        f"{model['name']} reads nothing that dbt knows: name what it reads with ref()"
        for model in models(manifest)
        if not parents(manifest, model) and not reads_landing(model) and not reads_descriptions(model)
    ]


def reads_descriptions(model: Node) -> bool:
    """A mart may be made of what dbt knows of the models, by dbt's own variable for it."""
    return room(model) == "marts" and "graph.nodes" in model["raw_code"]


def reads_landing(model: Node) -> bool:
    """Staging may read the files of the landing folder, by the macro that knows them."""
    macros = [name.rpartition(".")[2] for name in model["depends_on"].get("macros", [])]
    return room(model) == "staging" and "read_landing" in macros


def printed_tables_have_one_reader(manifest: Manifest) -> list[str]:
    return [
        f"{table['name']} is read by {', '.join(model['name'] for model in found)}: "
        "let one staging model read it, and the others that one"
        for table in seeds(manifest)
        if room(table) == "seeds/published" and len(found := readers(manifest, table)) > 1
    ]


def sources_come_by_way_of_landing(manifest: Manifest) -> list[str]:
    """What is fetched from a source goes through intake; all that reads its releases may hold some of it."""
    breaches = []
    for source in sources(manifest):
        found = {model["name"]: reads_landing(model) for model in readers(manifest, source)}
        breaches += [
            f"{name} reads the source {source_name(source)}: let it read landing, by read_landing"
            for name, by_landing in found.items()
            if not by_landing
        ]
        breaches += [
            f"{model['name']} reads landing and not the source {source_name(source)}: add -- depends_on"
            for model in models(manifest)
            if found and reads_releases(model) and model["name"] not in found
        ]
    return breaches


def reads_releases(model: Node) -> bool:
    """Of landing, not the records of runs and refused files."""
    return reads_landing(model) and bool(re.search(r"read_landing\('(rows|releases)/", model["raw_code"]))


def source_name(source: Node) -> str:
    return f"{source['source_name']}.{source['name']}"


def no_dead_ends(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} ({room(node)}) is read by no model: use it or remove it"
        for node in [*models(manifest), *seeds(manifest), *sources(manifest)]
        if room(node) not in FOR_USERS and not readers(manifest, node)
    ]


def names_follow_the_layer(manifest: Manifest) -> list[str]:
    return [
        f"{model['name']} stands in {model['original_file_path']}: the names of {room(model) or 'models/'} "
        f"match {NAMES.get(room(model), 'no pattern: it is no layer')}"
        for model in models(manifest)
        if room(model) not in NAMES or not re.fullmatch(NAMES[room(model)], model["name"])
    ]


def only_marts_are_published(manifest: Manifest) -> list[str]:
    breaches = []
    for node in [*models(manifest), *seeds(manifest)]:
        is_working = node["database"] in WORKING
        if room(node) in FOR_USERS and is_working:
            breaches.append(f"{node['name']} is a mart in the working database: remove +database: work")
        if room(node) not in FOR_USERS and not is_working:
            breaches.append(f"{node['name']} ({room(node)}) would be published: set +database: work")
        folder = PurePosixPath(node["original_file_path"]).parent.name
        if room(node) in FOR_USERS and node["schema"] != folder:
            breaches.append(f"{node['name']} of {folder} is built in {node['schema']}: one name for both")
    return breaches


def sources_have_freshness(manifest: Manifest) -> list[str]:
    return [
        f"source {source_name(source)} declares no freshness: add warn_after and loaded_at_query"
        for source in sources(manifest)
        # saldo/sources.py says which source can do without error_after
        if not (source.get("freshness") or {}).get("warn_after") or not source.get("loaded_at_query")
    ]


# --- keys, contracts, descriptions ------------------------------------------------------------------------


def models_have_a_key(manifest: Manifest) -> list[str]:
    return [
        f"{model['name']} has no tested key: add the test unique_key, unique and not_null on one column, "
        "or a primary key to its contract"
        for model in models(manifest)
        if not (has_contracted_key(model) or has_tested_key(manifest, model))
    ]


def has_contracted_key(model: Node) -> bool:
    columns = model["columns"].values()
    constraints = [*model["constraints"], *(one for column in columns for one in column["constraints"])]
    return model["contract"]["enforced"] and any(one["type"] == "primary_key" for one in constraints)


def has_tested_key(manifest: Manifest, model: Node) -> bool:
    tests = [node for node in manifest["nodes"].values() if node.get("attached_node") == model["unique_id"]]
    names = {(test["test_metadata"]["name"], test.get("column_name")) for test in tests}
    return any(
        name == "unique_key" or (name == "unique" and ("not_null", column) in names) for name, column in names
    )


def marts_are_contracted(manifest: Manifest) -> list[str]:
    breaches = []
    for model in models(manifest):
        is_public = model["access"] == "public"
        if (room(model) in FOR_USERS) != is_public:
            breaches.append(f"{model['name']} ({room(model)}) is {model['access']}: marts alone are public")
        if is_public and not model["contract"]["enforced"]:
            breaches.append(f"{model['name']} is public without a contract: set contract: {{enforced: true}}")
        if is_public:
            breaches += [
                f"{model['name']}.{column['name']} has no data_type: add it to {model['patch_path']}"
                for column in model["columns"].values()
                if not column["data_type"]
            ]
    return breaches


def everything_is_described(manifest: Manifest) -> list[str]:
    breaches = []
    of_users = manifest["exposures"].values()
    for node in [*models(manifest), *seeds(manifest), *sources(manifest), *of_users]:
        if not node["description"]:
            breaches.append(f"{node['name']} is not described: add description to its .yml")
        breaches += [
            f"{node['name']}.{column['name']} is not described: add description to its .yml"
            for column in node.get("columns", {}).values()
            if not column["description"]
        ]
    return breaches


def described_in_its_folder(manifest: Manifest) -> list[str]:
    return [
        f"{path} is described in {node['patch_path']}: move it to a .yml in the same folder"
        for node in [*models(manifest), *seeds(manifest)]
        if (path := PurePosixPath(node["original_file_path"])) and node["patch_path"]
        if PurePosixPath(node["patch_path"].split("://")[1]).parent != path.parent
    ]


def exposures_show_public_models(manifest: Manifest) -> list[str]:
    return [
        f"exposure {exposure['name']} shows {parent['name']}: point it to a mart"
        for exposure in manifest["exposures"].values()
        for parent in parents(manifest, exposure)
        if parent.get("access") != "public"
    ]


def marts_are_audited(manifest: Manifest) -> list[str]:
    """`py_expectation` hands every mart of figures to the expectations, but the one that is made from it, and
    `analysis_gap`, which is about statistics and may be empty.

    Each by its own name, as `expectations.completeness.AUDITED_MARTS` expects it. The views over them hold
    nothing of their own; `views_keep_the_rows_of_their_marts` counts their rows.
    """
    from expectations.completeness import AUDITED_MARTS  # imports Great Expectations, which takes seconds

    (audit,) = (model for model in models(manifest) if model["name"] == "py_expectation")
    read = {parent["name"] for parent in parents(manifest, audit)}
    handed_over = re.findall(r'"(\S+)": dbt\.ref\("(\w+)"\)', audit["raw_code"])
    marts = {
        model["name"]: f"{model['schema']}.{model['name']}"
        for model in models(manifest)
        if model["access"] == "public"
        and model["schema"] not in ("bi", "analysis")
        and model["name"] not in ("expectation_result", "analysis_gap")
    }
    expected, there = set(AUDITED_MARTS), set(marts.values())
    return [
        *(f"{mart} is not read by py_expectation: add it" for mart in marts if mart not in read),
        *(
            f"py_expectation hands {mart} over as {name}: its name is {marts[mart]}"
            for name, mart in handed_over
            if mart in marts and marts[mart] != name
        ),
        *(f"AUDITED_MARTS lacks {name}: add it" for name in there - expected),
        *(f"AUDITED_MARTS has {name}, which is no mart of figures: remove it" for name in expected - there),
    ]


def statistics_are_counted(manifest: Manifest) -> list[str]:
    """A mart of statistics without rows would pass every other test."""
    (test,) = (node for node in manifest["nodes"].values() if node["name"] == STATISTICS_HAVE_ROWS)
    return [
        f"{mart['name']} is not read by {STATISTICS_HAVE_ROWS}: add it"
        for mart in models(manifest)
        if mart["schema"] == "analysis" and mart["access"] == "public"
        if mart["unique_id"] not in test["depends_on"]["nodes"]
    ]


def statuses_are_told(manifest: Manifest) -> list[str]:
    """`analysis_gap` reads every mart whose rows have a status: what is missing is listed in one place."""
    (gap,) = (model for model in models(manifest) if model["name"] == "analysis_gap")
    read = {parent["name"] for parent in parents(manifest, gap)}
    return [
        f"{model['name']} has a status and is not read by analysis_gap: add it"
        for model in models(manifest)
        if room(model) in ("marts", "marts/analysis")
        and "status" in model["columns"]
        and model["name"] not in read
    ]


def views_are_counted(manifest: Manifest) -> list[str]:
    (test,) = (node for node in manifest["nodes"].values() if node["name"] == VIEWS_KEEP_ROWS)
    return [
        f"{view['name']} is not read by {VIEWS_KEEP_ROWS}: add it with the mart whose rows it shows"
        for view in models(manifest)
        if room(view) == "marts/bi" and view["unique_id"] not in test["depends_on"]["nodes"]
    ]


def views_outlive_a_new_name(manifest: Manifest) -> list[str]:
    """A view that names its database breaks as soon as the file bears another name."""
    return [
        f"{view['name']} has ref(): a view names what it reads with published()"
        for view in models(manifest)
        if room(view) == "marts/bi" and re.search(r"\bref\(", view["raw_code"])
    ]


def views_are_in_an_exposure(manifest: Manifest) -> list[str]:
    shown = {name for one in manifest["exposures"].values() for name in one["depends_on"]["nodes"]}
    return [
        f"{view['name']} is in no exposure: add it to models/marts/bi/exposures.yml"
        for view in models(manifest)
        if room(view) == "marts/bi" and view["unique_id"] not in shown
    ]


def codes_are_named(manifest: Manifest) -> list[str]:
    """`every_code_has_a_name` looks at every column of a mart of which a list of values is accepted."""
    nodes = manifest["nodes"]
    (names,) = (node for node in nodes.values() if node["name"] == "every_code_has_a_name")
    looked_at = NAMED_ELSEWHERE | set(re.findall(r"\('(\w+)', '(\w+)', '\w+'\)", names["raw_code"]))
    coded = {
        (nodes[test["attached_node"]]["name"], test["column_name"])
        for test in nodes.values()
        if test.get("attached_node") in nodes
        and test["test_metadata"]["name"] == "accepted_values"
        and nodes[test["attached_node"]].get("access") == "public"
    }
    return [
        f"{model}.{column} holds codes and is not looked at by every_code_has_a_name: add it, and their "
        "names to seeds/reference/code.csv"
        for model, column in sorted(coded - looked_at)
    ]


# --- SQL and Python ---------------------------------------------------------------------------------------


# Ask what the facts held before this build. Building them records that they hold it all.
ASK_WHAT_HAS_CHANGED = ("changed_releases", "changed_since", "only_changed_keys")


def changes_are_asked_for_before_the_facts(manifest: Manifest) -> list[str]:
    asking = {f"macro.{manifest['metadata']['project_name']}.{name}" for name in ASK_WHAT_HAS_CHANGED}
    for _ in own_macros(manifest):  # as long as a chain of calls can be
        asking |= {each["unique_id"] for each in own_macros(manifest) if asking & called_by(each)}
    (facts,) = [model for model in models(manifest) if model["name"] == "fct_revision"]
    built_before = {facts["name"]}
    found = [facts]
    for node in found:
        for parent in parents(manifest, node):
            if parent["resource_type"] == "model" and parent["name"] not in built_before:
                built_before.add(parent["name"])
                found.append(parent)
    return [
        f"{model['name']} asks what has changed, and may be built after fct_revision, when nothing has: "
        "name it in a depends_on of fct_revision"
        for model in models(manifest)
        if asking & called_by(model) and model["name"] not in built_before
    ]


def called_by(node: Node) -> set[str]:
    return set(node["depends_on"]["macros"])


def no_hard_coded_references(manifest: Manifest) -> list[str]:
    written = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "test")]
    return [
        f"{node['original_file_path']} reads {relation}: name it with ref()"
        for node in written
        if node["language"] == "sql"
        for relation in hard_coded_relations(plain_sql(node["raw_code"]))
    ]


def hard_coded_relations(sql: str) -> Iterator[str]:
    named_here = set(re.findall(r"(?:\bwith|,)\s+(\w+)\s+as\s*\(", sql, flags=re.IGNORECASE))
    # extract(year from x) and `is distinct from` read no relation
    sql = re.sub(r"\bextract\s*\(\s*\w+\s+from\b|\bdistinct\s+from\b", " ", sql, flags=re.IGNORECASE)
    for relation in re.findall(r'\b(?:from|join)\s+([\w."`]+)', sql, flags=re.IGNORECASE):
        if relation not in named_here | {"jinja_expression"}:
            yield relation


def few_relations_are_joined(manifest: Manifest) -> list[str]:
    return [
        f"{model['name']} joins {count + 1} relations: split it, at most {MAX_RELATIONS_JOINED} in one model"
        for model in sql_models(manifest)
        if (count := len(re.findall(r"(?i)\bjoin\b", plain_sql(model["raw_code"])))) >= MAX_RELATIONS_JOINED
    ]


def sql_runs_on_both_engines(manifest: Manifest) -> list[str]:
    written = [(model["original_file_path"], model["raw_code"]) for model in sql_models(manifest)]
    written += [
        (f"macro {macro['name']}", macro["macro_sql"])
        for macro in own_macros(manifest)
        if macro["original_file_path"].startswith("macros/") and not dispatched_name(manifest, macro)
    ]
    breaches = [
        f"{where} has {construct}, which one engine lacks: use SQL that both have, or a dispatched macro"
        for where, code in written
        for construct, pattern in ONE_ENGINE_ONLY.items()
        if re.search(pattern, plain_sql(code), flags=re.IGNORECASE)
    ]
    breaches += [
        f"{where} has a quote doubled in a text, which Spark drops: use dbt.escape_single_quotes"
        for where, code in written
        if re.search(r"\w''\w", code)
    ]
    return breaches + [
        f"{model['name']}.{column['name']} is {column['data_type']}: declare string, which both engines know"
        for model in models(manifest)
        for column in model["columns"].values()
        if re.match(r"varchar|text|char\b", column["data_type"] or "", flags=re.IGNORECASE)
    ]


def models_fit_on_a_screen(manifest: Manifest) -> list[str]:
    return [
        f"{model['name']} has {count} lines: split it, at most {MAX_MODEL_LINES}"
        for model in models(manifest)
        if (count := len(model["raw_code"].splitlines())) > MAX_MODEL_LINES
    ]


def python_models_are_thin(manifest: Manifest) -> list[str]:
    """A Python model hands the frames of ref() to a function of analysis_py or expectations."""
    return [
        f"{model['name']} {fault}: move it to analysis_py or expectations"
        for model in models(manifest)
        if model["language"] == "python"
        for fault in thickness(ast.parse(model["raw_code"]))
    ]


def thickness(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield f"imports {node.names[0].name}"
        elif isinstance(node, ast.ImportFrom) and not re.match(
            r"(analysis_py|expectations)\b", node.module or ""
        ):
            yield f"imports from {node.module}"
        elif isinstance(node, ast.FunctionDef) and len(node.body) > MAX_PYTHON_STATEMENTS:
            yield f"has {len(node.body)} statements"
        elif isinstance(node, ast.BinOp | ast.Compare | ast.For | ast.While | ast.If | ast.Lambda):
            yield f"computes in line {node.lineno}"
        elif isinstance(node, ast.Name) and node.id == "session":
            yield f"reads through the session in line {node.lineno}"


# --- macros -----------------------------------------------------------------------------------------------


def dispatched_name(manifest: Manifest, macro: Node) -> str | None:
    """`fail` of `duckdb__fail` where the project has a macro of that name that dispatches, else None."""
    _, mark, base = macro["name"].partition("__")
    return base if mark and any(base == other["name"] for other in own_macros(manifest)) else None


def arguments(macro: Node) -> list[str]:
    """Names of the arguments in the order of the signature."""
    code = re.sub(r"(\{%-?\s*)(end)?test\b", r"\1\2macro", macro["macro_sql"])
    parsed = Environment(extensions=["jinja2.ext.do"], autoescape=True).parse(code)
    (definition,) = parsed.find_all(nodes.Macro)
    return [argument.name for argument in definition.args]


def macros_are_documented(manifest: Manifest) -> list[str]:
    breaches = []
    for macro in own_macros(manifest):
        if dispatched_name(manifest, macro):
            continue
        documented = [argument["name"] for argument in macro["arguments"] if argument["description"]]
        if not macro["description"]:
            breaches.append(f"macro {macro['name']} is not documented: describe it in macros/macros.yml")
        elif documented != arguments(macro):
            breaches.append(
                f"macro {macro['name']} takes {arguments(macro)} and documents {documented}: "
                "correct its arguments in macros/macros.yml"
            )
    return breaches


def macros_are_used(manifest: Manifest) -> list[str]:
    project = manifest["metadata"]["project_name"]
    callers = [*manifest["nodes"].values(), *manifest["macros"].values()]
    called = {macro for caller in callers for macro in caller["depends_on"]["macros"]}
    # dbt renders the query of a source when it runs it, and notes no dependency
    queries = " ".join(source.get("loaded_at_query") or "" for source in sources(manifest))
    called |= {f"macro.{project}.{name}" for name in re.findall(r"\{\{\s*(\w+)\(", queries)}
    of_packages = {macro["name"] for macro in manifest["macros"].values() if macro["package_name"] != project}
    return [
        f"macro {macro['name']} is called by nothing: remove it"
        for macro in own_macros(manifest)
        if macro["unique_id"] not in called
        and not dispatched_name(manifest, macro)
        # a macro that replaces one of dbt's own is called by dbt
        and not {macro["name"], macro["name"].partition("__")[2]} & of_packages
    ]


# --- the tree ---------------------------------------------------------------------------------------------

BUILD_OUTPUT = re.compile(
    r"(^|/)(target|logs|build|dist|__pycache__|\.venv|\.hypothesis|\.[a-z]+_cache|[^/]+\.egg-info|\.build)/"
    r"|\.(pyc|duckdb|wal|log|msgpack)$|(^|/)warehouse/(?!\.gitkeep$)"
)
MACHINE_PATH = re.compile(r"(?<![\w.~*)}\]-])(?:/(?:home|Users|root|work|mnt)/\w[^\s\"']*|[A-Z]:\\\w+)")
INDEX_ADDRESS = re.compile(r"--(?:extra-)?index-url|--(?:find-links|trusted-host)|PIP_(?:EXTRA_)?INDEX_URL")


def no_build_output(files: Files) -> list[str]:
    return [
        f"{path} is build output: git rm --cached it, and ignore it"
        for path in files
        if BUILD_OUTPUT.search(path)
    ]


def no_machine_paths(files: Files) -> list[str]:
    return [
        f"{path} names {found.group()}: write a path that holds on every machine"
        for path, text in files.items()
        if (found := MACHINE_PATH.search(text))
    ]


def no_registry_addresses(files: Files) -> list[str]:
    breaches = []
    for path, text in files.items():
        is_lock = path.endswith(".lock") or path.startswith("bench/environments/")
        found = INDEX_ADDRESS.search(text) or (is_lock and re.search(r"https?://[^\s]+", text))
        if found:
            breaches.append(f"{path} names {found.group()}: leave the index to the user's own settings")
    return breaches


def yaml_files_stay_readable(files: Files) -> list[str]:
    return [
        f"{path} has {count} lines: split it, at most {MAX_YAML_LINES}"
        for path, text in files.items()
        if path.endswith((".yml", ".yaml")) and (count := len(text.splitlines())) > MAX_YAML_LINES
    ]


MANIFEST_RULES: tuple[ManifestRule, ...] = (
    layers_read_one_way,
    models_have_parents,
    printed_tables_have_one_reader,
    sources_come_by_way_of_landing,
    no_dead_ends,
    names_follow_the_layer,
    only_marts_are_published,
    sources_have_freshness,
    models_have_a_key,
    marts_are_contracted,
    everything_is_described,
    described_in_its_folder,
    exposures_show_public_models,
    marts_are_audited,
    statistics_are_counted,
    statuses_are_told,
    views_are_counted,
    views_outlive_a_new_name,
    views_are_in_an_exposure,
    codes_are_named,
    changes_are_asked_for_before_the_facts,
    no_hard_coded_references,
    few_relations_are_joined,
    sql_runs_on_both_engines,
    models_fit_on_a_screen,
    python_models_are_thin,
    macros_are_documented,
    macros_are_used,
)
TREE_RULES: tuple[TreeRule, ...] = (
    no_build_output,
    no_machine_paths,
    no_registry_addresses,
    yaml_files_stay_readable,
)
