"""A build replayed on corrupted copies of the printed tables, to see which check stops it first.

A `dbt build` takes more than ten seconds, most of it dbt's own. It leaves on disk the statements that it
ran, one file a seed, model and test; replaying them in memory, in the order of the manifest, takes a second
or two and runs the very same SQL, table constraints, Python models and tests. What would be made from the
same content as before is not made again, so that a corruption costs only what it reaches.
"""

import contextlib
import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from saldo.disk import file_sha256

RELEASE_TABLE = "seeds/reference/release_table.csv"

Node = dict[str, Any]
# The records of a printed table: the names row_no, c1, c2, ..., the printed header as row 0, then the rows.
Sheet = list[list[str]]
Change = Callable[[Sheet], Sheet]
# The hash of a file, or of the rows of a table in any order; and those of all that something is made from.
Content = str | tuple[int, int]
Inputs = tuple[Content, ...]


class PrintedTables:
    """The printed tables in `folder`/seeds, to be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, table: str) -> Path:
        return self.folder / "seeds" / "published" / f"{table}.csv"

    def read(self, table: str) -> Sheet:
        return _read_csv(self.path(table))

    def write(self, table: str, sheet: Sheet) -> None:
        _write_csv(self.path(table), sheet)

    def change(self, table: str, change: Change) -> None:
        """Changes the file of a table; raises ValueError where that leaves it as it was."""
        before = self.read(table)
        after = change([list(row) for row in before])
        if after == before:
            raise ValueError(f"{table} is not changed")
        self.write(table, after)

    def record_hash(self, table: str) -> None:
        """Records the file as it now is, as one would who believes that the release looks like that."""
        path = self.folder / RELEASE_TABLE
        header, *rows = _read_csv(path)
        table_name, sha256 = header.index("table_name"), header.index("sha256")
        for row in rows:
            if row[table_name] == table:
                row[sha256] = file_sha256(self.path(table))
        _write_csv(path, [header, *rows])


@dataclass(frozen=True)
class Failure:
    """The first seed, model or test that stops a build, and what it says.

    `expectations` names those that did not hold ('suite.expectation'), where the test is about expectations.
    """

    node: str
    message: str
    expectations: frozenset[str] = frozenset()


class Replay:
    """The seeds, models and data tests of a finished `saldo build`, and the statements that dbt ran."""

    def __init__(self, project: Path) -> None:
        manifest = json.loads((project / "warehouse/.dbt/manifest.json").read_text(encoding="utf-8"))
        self._nodes: dict[str, Node] = {
            key: node | {"statement": (project / node["build_path"]).read_text(encoding="utf-8")}
            for key, node in sorted(manifest["nodes"].items())
            if node["resource_type"] in ("seed", "model", "test")
        }
        # Expectations first, with what they read: statistics take long, and few corruptions get there.
        self._order = list(_tests_as_soon_as_possible(self._nodes, first="expectations_hold"))
        self._python_results: dict[tuple[Any, ...], Any] = {}
        # One warehouse serves all corruptions: of each table in it, the content, and what it was made from.
        self._kept = self.connect()
        self._contents: dict[str, Content] = {}
        self._made_from: dict[str, Inputs] = {}
        self._held: set[tuple[str, Inputs]] = set()

    def first_failure(self, folder: Path) -> Failure | None:
        """Builds everything from the seeds in `folder`; returns what stops the build, or None."""
        with contextlib.chdir(folder):
            failures = (self._attempt(key) for key in self._order)
            return next(filter(None, failures), None)

    def failure_of(self, test: str, folder: Path) -> Failure | None:
        """Builds what the test reads from the seeds in `folder`; returns how the test fails, or None."""
        with contextlib.chdir(folder):
            failures = (self._attempt(key) for key in self.needed_for(test))
            assert not any(failures)
            return self._test(self._kept, self._node(test))

    def run_test(self, connection: duckdb.DuckDBPyConnection, test: str, folder: Path) -> Failure | None:
        """Runs a data test on the tables as they are; returns how it fails, or None. Raises what stops it."""
        with contextlib.chdir(folder):
            return self._test(connection, self._node(test))

    def tests(self) -> list[Node]:
        """The data tests, as the manifest has them."""
        return [node for node in self._nodes.values() if node["resource_type"] == "test"]

    def relation(self, name: str) -> str:
        """The quoted name of the table of a seed or model."""
        relation: str = self._node(name)["relation_name"]
        return relation

    def tables(self) -> list[str]:
        """All seeds and models, in an order in which they can be made."""
        return [key for key in self._order if self._nodes[key]["resource_type"] != "test"]

    def needed_for(self, name: str, after: str | None = None) -> list[str]:
        """What `name` is made from, and itself; of these, only the seed `after` and what is made from it."""
        nodes = self._nodes
        wanted = _closure({key for key in nodes if nodes[key]["name"] == name}, self._parents())
        if after:
            wanted &= _closure({key for key in nodes if nodes[key]["name"] == after}, self._children())
        return [key for key in self.tables() if key in wanted]

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A warehouse in memory: dbt's databases and schemas, and nothing in them."""
        tables = [node for node in self._nodes.values() if node["resource_type"] != "test"]
        connection = duckdb.connect()
        for database in sorted({node["database"] for node in tables}):
            connection.execute(f"attach ':memory:' as \"{database}\"")
        for database, schema in sorted({(node["database"], node["schema"]) for node in tables}):
            connection.execute(f'create schema if not exists "{database}"."{schema}"')
        # The views name what they read by schema alone, as the published file may bear any name.
        [published] = {node["database"] for node in tables if node.get("access") == "public"}
        connection.execute(f'use "{published}"')
        return connection

    def build(self, connection: duckdb.DuckDBPyConnection, keys: Iterable[str], folder: Path) -> None:
        """Makes these seeds and models, in this order, from the seeds in `folder`. Raises what stops one."""
        with contextlib.chdir(folder):  # dbt's statements name the seeds by relative paths
            for key in keys:
                self._make(connection, self._nodes[key])

    def frame(self, connection: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
        """The rows of a seed or model as Python models get them."""
        rows: pd.DataFrame = connection.table(self.relation(name)).df()
        return rows

    def _node(self, name: str) -> Node:
        [node] = (node for node in self._nodes.values() if node["name"] == name)
        return node

    def _attempt(self, key: str) -> Failure | None:
        """Makes the seed or model, or runs the test, unless it went well with the same content before."""
        node = self._nodes[key]
        if node["resource_type"] == "seed":
            inputs: Inputs = (file_sha256(Path(node["original_file_path"])),)
        else:
            inputs = tuple(self._contents[parent] for parent in sorted(_parents(node)))
        try:
            if node["resource_type"] == "test":
                if (key, inputs) not in self._held and not _only_warns(node):
                    failure = self._test(self._kept, node)
                    if failure:
                        return failure
                    self._held.add((key, inputs))
            elif self._made_from.get(key) != inputs:
                self._made_from.pop(key, None)
                self._make(self._kept, node)
                # Tests compare the file of a seed, not its rows alone.
                is_seed = node["resource_type"] == "seed"
                self._contents[key] = inputs[0] if is_seed else _content(self._kept, node)
                self._made_from[key] = inputs
        except Exception as error:  # whatever a model raises is its result, for dbt too
            return Failure(node["name"], str(error))
        return None

    def _make(self, connection: duckdb.DuckDBPyConnection, node: Node) -> None:
        relation, alias = node["relation_name"], node["alias"]
        made = relation.removesuffix('"') + '__dbt_tmp"'
        connection.execute(f"drop table if exists {relation}").fetchall()
        if node["config"]["materialized"] == "view":  # left by a corruption that nobody could read through it
            connection.execute(f"drop view if exists {made}").fetchall()
        if node["resource_type"] == "seed":
            self._load_seed(connection, node)
            return
        if node["language"] == "python":
            self._run_python(connection, node)
        else:
            connection.execute(node["statement"]).fetchall()
        if node["config"]["materialized"] == "view":  # as a table, so that tests can add rows to it
            connection.execute(f"create table {relation} as select * from {made}").fetchall()
            connection.execute(f"drop view {made}").fetchall()
        elif made in node["statement"]:  # the first build of an incremental model needs no other name
            connection.execute(f'alter table {made} rename to "{alias}"').fetchall()

    def _load_seed(self, connection: duckdb.DuckDBPyConnection, node: Node) -> None:
        """Creates the table with the columns that the file names, as dbt does, and copies by dbt's statement.

        A column without a declared type, whose type dbt guesses, is text.
        """
        types = node["config"]["column_types"]
        header, *_ = _read_csv(Path(node["original_file_path"]))
        columns = ", ".join(f'"{name}" {types.get(name, "string")}' for name in header)
        connection.execute(f"create table {node['relation_name']} ({columns})").fetchall()
        copy = node["statement"].index("copy ")
        connection.execute(node["statement"][copy:]).fetchall()

    def _run_python(self, connection: duckdb.DuckDBPyConnection, node: Node) -> None:
        """Runs a Python model as dbt-duckdb does; on what it has read before, it gives what it gave then."""
        module: dict[str, Any] = {}
        exec(compile(node["statement"], node["name"], "exec"), module)  # noqa: S102 - what dbt has compiled
        inputs = (node["name"], *(_content(connection, self._nodes[key]) for key in sorted(_parents(node))))
        if inputs not in self._python_results:
            dbt = module["dbtObj"](connection.table)
            self._python_results[inputs] = module["model"](dbt, connection)
        module["materialize"](self._python_results[inputs], connection)

    def _test(self, connection: duckdb.DuckDBPyConnection, node: Node) -> Failure | None:
        [(count, _, fails)] = connection.execute(node["statement"]).fetchall()
        if not fails:
            return None
        found = connection.execute(node["compiled_code"])
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        shown = "; ".join(", ".join(f"{name} {value}" for name, value in row.items()) for row in rows)
        about_expectations = "expectation" in names
        expectations = frozenset(f"{row['suite']}.{row['expectation']}" for row in rows if about_expectations)
        return Failure(node["name"], f"{count} found: {shown}", expectations)

    def _parents(self) -> dict[str, set[str]]:
        return {key: _parents(node) for key, node in self._nodes.items()}

    def _children(self) -> dict[str, set[str]]:
        parents = self._parents()
        return {key: {child for child in parents if key in parents[child]} for key in parents}


def _tests_as_soon_as_possible(nodes: Mapping[str, Node], first: str) -> Iterator[str]:
    """The nodes in an order in which they can run; as in `dbt build`, what fails a test is not built upon.

    What the test `first` reads comes before all else.
    """
    parents = {key: _parents(node) for key, node in nodes.items()}
    tests = {key: parents[key] for key, node in nodes.items() if node["resource_type"] == "test"}
    tables = {key: parents[key] for key in nodes if key not in tests}
    read = _closure({key for key in tests if nodes[key]["name"] == first}, parents)
    done: set[str] = set()
    for table in sorted(TopologicalSorter(tables).static_order(), key=lambda key: key not in read):
        yield table
        done.add(table)
        ready = [key for key, parents in tests.items() if parents <= done]
        for key in ready:
            yield key
            del tests[key]


def _parents(node: Node) -> set[str]:
    # A seed names none; what is fetched from sources comes by way of landing, which is empty here.
    return {key for key in node["depends_on"].get("nodes", []) if not key.startswith("source.")}


def _only_warns(test: Node) -> bool:
    return str(test["config"]["severity"]).lower() == "warn"  # which stops no build


def _content(connection: duckdb.DuckDBPyConnection, node: Node) -> Content:
    query = f"select count(*), coalesce(sum(hash(rows)), 0) from {node['relation_name']} as rows"
    [(rows, sum_of_hashes)] = connection.execute(query).fetchall()
    return rows, sum_of_hashes


def _closure(start: set[str], neighbours: Mapping[str, set[str]]) -> set[str]:
    found = set(start)
    while fresh := {other for key in found for other in neighbours[key]} - found:
        found |= fresh
    return found


def _read_csv(path: Path) -> Sheet:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.reader(file))


def _write_csv(path: Path, rows: Sheet) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
