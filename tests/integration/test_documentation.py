"""The pages under docs/: their commands are typed, their figures compared, their links followed.

tests/pages.py tells what a page may hold. README has tests of its own (test_readme.py).
"""

import csv
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pages
import pytest
import yaml
from pages import Session
from project import PROJECT

from saldo import settings

DOCS = PROJECT / "docs"
# Pages whose commands are typed: all that tell a reader how to do something.
TYPED = [DOCS / "tutorial.md", *sorted((DOCS / "how-to").glob("*.md"))]
# Pages that explain figures: each number is compared with the published file.
EXPLAINED = [DOCS / "explanation" / f"{name}.md" for name in (
    "what-the-balance-means", "clusters-and-the-sign", "what-cannot-be-concluded"
)]  # fmt: skip
CHECKED_ELSEWHERE = {"forecast-and-poverty.md": "tests/integration/test_forecast_and_poverty.py"}
PAGES = sorted(DOCS.rglob("*.md"))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


# --- commands ---------------------------------------------------------------------------------------------


@pytest.fixture
def workshop(first_build: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    """A copy of the built project with an environment, and what its build has printed."""
    project = shutil.copytree(first_build[0], tmp_path / "saldo", symlinks=True)
    pages.lend_environment(project)
    return project, first_build[1]


@pytest.mark.parametrize("path", TYPED, ids=lambda path: path.stem)
def test_what_a_page_tells_to_type_does_what_it_says(path: Path, workshop: tuple[Path, str]) -> None:
    page = text_of(path)
    session = Session(name_of(path), *workshop)
    session.follow(page)
    to_run = [
        block
        for block in pages.blocks(page)
        if block.language in ("sh", "python") and not block.mark.startswith(("not run: ", "as the first"))
    ]
    assert session.ran == len(to_run)


def test_the_first_chart_of_the_tutorial_shows_every_region(workshop: tuple[Path, str]) -> None:
    """Only the program: the page as a whole is typed above."""
    (program,) = (
        block for block in pages.blocks(text_of(DOCS / "tutorial.md")) if block.language == "python"
    )
    Session("docs/tutorial.md", *workshop).follow(f"```python\n{program.text}```\n")
    chart = (workshop[0] / "warehouse" / "first_chart.svg").read_text(encoding="utf-8")
    with duckdb.connect(str(workshop[0] / "warehouse/saldo.duckdb"), read_only=True) as connection:
        names = [name for (name,) in connection.execute("select name_en from bi.region").fetchall()]
    assert len(names) == 20
    assert [name for name in names if f">{name}</text>" not in chart] == []


def test_a_command_that_fails_is_named(tmp_path: Path) -> None:
    page = "# Page\n\n```sh\ntrue\n```\n\n```sh\necho before\nfalse\necho after\n```\n"
    with pytest.raises(AssertionError, match=r"docs/page\.md, line 8: ended with 1, not 0") as caught:
        Session("docs/page.md", tmp_path, "").follow(page)
    assert "after\nbefore\n" in str(caught.value)


def test_a_command_that_should_fail_and_does_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="line 3: ended with 0, not 3"):
        Session("docs/page.md", tmp_path, "").follow("<!-- ends with 3 -->\n```sh\ntrue\n```\n")


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        pytest.param("one\ntwo\nthree\n", True, id="all"),
        pytest.param("one\n...\nthree\n", True, id="lines left out"),
        pytest.param("...\nthree\n", True, id="the end"),
        pytest.param("one\n...\n", True, id="the beginning"),
        pytest.param("one\nthree\n", False, id="a line is missing"),
        pytest.param("one\n...\nfour\n", False, id="a line too many"),
        pytest.param("three\n...\none\n", False, id="another order"),
        pytest.param("two\n", False, id="no more than one line"),
    ],
)
def test_a_text_is_compared_with_what_was_printed(tmp_path: Path, shown: str, same: bool) -> None:
    page = f"```sh\nprintf 'one\\ntwo\\nthree\\n'\n```\n\n```text\n{shown}```\n"
    session = Session("docs/page.md", tmp_path, "")
    if same:
        session.follow(page)
        return
    with pytest.raises(AssertionError, match="line 6: the page shows"):
        session.follow(page)


def test_a_text_without_a_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="line 2: a text that no block above it has printed"):
        Session("docs/page.md", tmp_path, "").follow("```text\none\n```\n")


# --- queries and figures ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(built_project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_project / "warehouse" / "saldo.duckdb"), read_only=True) as connection:
        yield connection


QUERIES = [
    (path, block) for path in PAGES for block in pages.blocks(text_of(path)) if block.language == "sql"
]


@pytest.mark.parametrize(
    ("path", "block"), QUERIES, ids=[f"{path.stem}-{block.line}" for path, block in QUERIES]
)
def test_a_query_gives_the_rows_that_the_page_shows(
    published: duckdb.DuckDBPyConnection, path: Path, block: pages.Block
) -> None:
    rows = published.execute(block.text).fetchall()
    assert rows, f"{name_of(path)}, line {block.line}: no rows"
    shown = re.findall(r"^-- (.*)$", block.text, re.MULTILINE)
    if shown:
        assert ["  ".join(map(str, row)) for row in rows] == shown, f"{name_of(path)}, line {block.line}"


def faults(page: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Where the numbers of a page are not those of the published file, line by line."""
    found = []
    for paragraph in pages.paragraphs(page):
        printed = paragraph.numbers()
        if printed and not paragraph.query:
            found.append(f"line {paragraph.line}: nothing says where {', '.join(printed)} come from")
        if not paragraph.query:
            continue
        rows = connection.execute(paragraph.query).fetchall()
        values = [value for row in rows for value in row]
        equal = len(values) == len(printed) and all(
            value is not None and pages.is_rounded(text, value)
            for text, value in zip(printed, values, strict=True)
        )
        if not equal:
            shown, computed = ", ".join(printed), ", ".join(map(str, values))
            found.append(f"line {paragraph.line}: printed {shown}, in the file {computed}")
    return found


@pytest.mark.parametrize("path", EXPLAINED, ids=lambda path: path.stem)
def test_every_figure_of_an_explanation_is_that_of_the_file(
    published: duckdb.DuckDBPyConnection, path: Path
) -> None:
    assert faults(text_of(path), published) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        pytest.param("−267\u00a0599", "−267\u00a0598", "line 3: printed −267\u00a0598, 184,", id="a digit"),
        pytest.param("−267\u00a0599", "267\u00a0599", "line 3: printed 267\u00a0599, 184,", id="the sign"),
        pytest.param("184 figures", "many figures", "line 3: printed −267\u00a0599, in", id="one missing"),
        pytest.param("**It is a flow", "Of 7.\n\n**It is a flow", "says where 7 come from", id="a new one"),
    ],
)
def test_a_wrong_figure_is_named(
    published: duckdb.DuckDBPyConnection, right: str, wrong: str, fault: str
) -> None:
    page = text_of(DOCS / "explanation" / "what-the-balance-means.md")
    assert right in page
    (found,) = faults(page.replace(right, wrong, 1), published)
    assert fault in found


def test_every_explanation_is_checked() -> None:
    found = {path.name for path in (DOCS / "explanation").glob("*.md")}
    assert found == {path.name for path in EXPLAINED} | set(CHECKED_ELSEWHERE)
    for page, test in CHECKED_ELSEWHERE.items():
        assert f"docs/explanation/{page}" in text_of(PROJECT / test)


# --- links and the index ----------------------------------------------------------------------------------


def broken_links(path: Path, page: str) -> list[str]:
    """Relative links of a page that lead to no file, or to no heading of it."""
    found = []
    for target in pages.LINK.findall(pages.BLOCK.sub("", page)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and anchor not in pages.anchors(text_of(there))):
            found.append(target)
    return found


@pytest.mark.parametrize("path", [*PAGES, PROJECT / "CONTRIBUTING.md"], ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    assert broken_links(path, text_of(path)) == []


def test_a_broken_link_is_named() -> None:
    page = "[a](claims.md) [b](no-such-page.md) [c](claims.md#no-such-heading) [d](https://example.org/x)"
    assert broken_links(DOCS / "page.md", page) == ["no-such-page.md", "claims.md#no-such-heading"]


def unlisted(index: str) -> list[str]:
    """Pages to which the index does not lead, neither to the page nor to its folder."""
    listed = {(DOCS / target.partition("#")[0]).resolve() for target in pages.LINK.findall(index)}
    return [
        name_of(path)
        for path in PAGES
        if path != DOCS / "README.md"
        and not listed & {path.resolve(), path.parent.resolve()} - {DOCS.resolve()}
    ]


def test_the_index_leads_to_every_page() -> None:
    index = text_of(DOCS / "README.md")
    assert unlisted(index) == []
    assert unlisted(index.replace("](tutorial.md)", "]()")) == ["docs/tutorial.md"]


# --- settings ---------------------------------------------------------------------------------------------

SETTINGS = text_of(DOCS / "reference-settings.md")
# Where the environment is read, by Python or by dbt.
READ = ("profiles.yml", "macros/**/*.sql", "models/**/*.sql", "saldo/**/*.py", "report/**/*.py")
IN_CODE = re.compile(r"""(?:environ(?:\.get)?[\[(]|getenv\(|env_var\(|= \(?)\s*["'](SALDO_[A-Z_]+)["']""")


def variables_in(folder: Path) -> set[str]:
    """The SALDO_ variables that the command and the models read."""
    files = [path for pattern in READ for path in folder.glob(pattern)]
    return {name for path in files for name in IN_CODE.findall(text_of(path))}


def described(page: str, heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading, by the names in their first cell."""
    section = re.split(r"^## ", page, flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith(f"{heading}\n"))
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    return {name: row[1:] for row in rows for name in re.findall(r"`([^`]+)`", row[0])}


def test_every_variable_is_described_and_exists() -> None:
    names = {name for name in described(SETTINGS, "Environment") if name.startswith("SALDO_")}
    assert names == variables_in(PROJECT)


def test_a_variable_that_nobody_describes_is_found(tmp_path: Path) -> None:
    (tmp_path / "saldo").mkdir()
    program = 'NEW = os.environ.get("{}", "")\n'.format("SALDO_NEW")
    (tmp_path / "saldo" / "new.py").write_text(program, encoding="utf-8")
    assert variables_in(tmp_path) == {"SALDO_NEW"}


@pytest.mark.parametrize(
    "setting",
    [
        settings.KEEP_VERSIONS,
        settings.KEEP_ORIGINALS_MB,
        settings.PARQUET_MAX_ROWS,
        settings.MEMORY_LIMIT_MB,
    ],
)
def test_the_default_of_a_limit_is_the_one_described(setting: tuple[str, int]) -> None:
    name, default = setting
    assert described(SETTINGS, "Environment")[name][0] == f"`{default}`"


def test_dbt_takes_the_same_limit_of_memory() -> None:
    name, default = settings.MEMORY_LIMIT_MB
    assert f"env_var('{name}', '{default}')" in text_of(PROJECT / "profiles.yml")


def test_every_dbt_variable_is_described_with_its_default() -> None:
    declared = yaml.safe_load(text_of(PROJECT / "dbt_project.yml"))["vars"]
    page = described(SETTINGS, "Variables of dbt")
    assert {name: row[0] for name, row in page.items()} == {
        name: f"`{value}`" if value != "" else "empty" for name, value in declared.items()
    }


# --- statuses ---------------------------------------------------------------------------------------------

STATUSES = text_of(DOCS / "reference-statuses.md")
# Column of the public tables, and the heading under which its values are described.
HEADINGS = {
    r"obs_status": "Of a figure",
    r"analysis\.claim_check\.verdict": "Of a statement of the article",
    r"analysis\.correlation_reading\.verdict": "Of the sentence on a correlation",
    r"audit\.release_log\.status": "Of a release file",
    r"audit\.run_log\.status": "Of a run",
    r"audit\.identity_check\.(outcome|severity)": "Of a sum that must hold",
    r"analysis\.cluster_stability\.stability": "Of a cluster",
    r"status": "Of a statistic",
}
STATUS_COLUMN = re.compile(r"(\w+_)?(status|verdict|outcome|severity|stability)")


def accepted_values() -> dict[str, set[str]]:
    """By schema.table.column, the values that a test of the public tables allows a column of that kind.

    Those of a figure are its code list: every_code_has_a_name looks up there what the facts have.
    """
    codes = csv.DictReader(text_of(PROJECT / "seeds/reference/code.csv").splitlines())
    of_a_figure = {row["code"] for row in codes if row["code_list"] == "obs_status"}
    found = {"core.fct_revision.obs_status": of_a_figure}
    for path in [*(PROJECT / "models/marts").rglob("*.yml"), *(PROJECT / "models/audit").glob("*.yml")]:
        schema = path.parent.name
        if schema == "bi":  # its views show columns of the other schemas
            continue
        for model in yaml.safe_load(text_of(path)).get("models", []):
            for column in model.get("columns", []):
                for test in column.get("data_tests", []):
                    if isinstance(test, dict) and "accepted_values" in test:
                        values = test["accepted_values"]["arguments"]["values"]
                        if STATUS_COLUMN.fullmatch(column["name"]):
                            found[f"{schema}.{model['name']}.{column['name']}"] = set(map(str, values))
    return found


def heading_of(column: str) -> str:
    return next(heading for pattern, heading in HEADINGS.items() if re.search(rf"(^|[._]){pattern}$", column))


@pytest.mark.parametrize("heading", HEADINGS.values())
def test_every_status_is_described_and_exists(heading: str) -> None:
    columns = [values for column, values in accepted_values().items() if heading_of(column) == heading]
    assert columns
    assert set(described(STATUSES, heading)) == set().union(*columns)


# --- doc blocks -------------------------------------------------------------------------------------------


def repeated(folder: Path) -> list[str]:
    """Descriptions of columns that are written three times or more, instead of once as a doc block."""
    counted = Counter(
        " ".join(column["description"].split())
        for path in folder.rglob("*.yml")
        if path.parent.name != "bi"  # each of its views names the same things in three languages
        for model in yaml.safe_load(text_of(path)).get("models", [])
        for column in model.get("columns", [])
        if "{{ doc(" not in column["description"]
    )
    return [description for description, times in counted.items() if times >= 3]


def test_a_description_that_repeats_is_a_doc_block(tmp_path: Path) -> None:
    assert repeated(PROJECT / "models") == []
    columns = "".join(f"      - name: c{number}\n        description: The same.\n" for number in range(3))
    (tmp_path / "one.yml").write_text(f"models:\n  - name: one\n    columns:\n{columns}", encoding="utf-8")
    assert repeated(tmp_path) == ["The same."]
