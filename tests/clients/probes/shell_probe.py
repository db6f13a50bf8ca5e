"""What the `duckdb` shell sees in the published file: `python shell_probe.py FILE FOLDER ANSWERS SHELL`.

Everything is asked of the shell; Python only reads what it prints. FOLDER holds `held.duckdb` and
`next.duckdb`.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from answers import ANOTHER_NAME, LATER_DAY, PAST_DAY, Probe, arguments, digest, numbers
from duckdb_queries import COLUMNS, KEYS, TABLE_COMMENTS, VERSION

NEXT = "select '--' as next_question"
ARRAY = json.JSONDecoder()


def main() -> None:
    published, folder, answers = arguments()
    shell = sys.argv[4]
    told = subprocess.run([shell, "--version"], capture_output=True, encoding="utf-8", check=True).stdout
    probe = Probe({"duckdb shell": re.findall(r"\d+\.\d+\.\d+", told)[0]})

    def run(file: str | Path, script: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shell, "-readonly", *options, str(file)],
            input=script,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )

    def ask(*queries: str, file: str | Path = published) -> list[list[dict[str, Any]]]:
        """The rows of each query; the shell prints nothing, or a mark of its own, where there is none."""
        done = run(file, "".join(f"{NEXT};\n{query};\n" for query in queries), "-json")
        if done.returncode or done.stderr.strip():
            raise RuntimeError(done.stderr.strip() or f"ended with {done.returncode}")
        return split(done.stdout, len(queries))

    def write_refused() -> str:
        done = run(published, "create table core.written as select 1 as one;")
        return "refused" if "read-only" in done.stderr else done.stderr or "written"

    def counted(file: str | Path) -> dict[str, int]:
        names = probe.answers["tables"]
        return {
            name: len(rows)
            for name, rows in zip(names, ask(*(f"from {name}" for name in names), file=file), strict=True)
        }

    def all_rows() -> dict[str, list[Any]]:
        names = probe.answers["tables"]
        found = ask(*(f"from {name}" for name in names))
        return {name: digest_of(rows, name) for name, rows in zip(names, found, strict=True)}

    def digest_of(rows: list[dict[str, Any]], name: str) -> list[Any]:
        types = [kind for _, kind in probe.answers["columns"][name]]
        return digest(numbers(row.values(), types) for row in rows)

    def tables() -> list[str]:
        (rows,) = ask("show all tables")
        return sorted(f"{row['schema']}.{row['name']}" for row in rows)

    def columns() -> dict[str, list[list[str]]]:
        found: dict[str, list[list[str]]] = {}
        for table, column, kind, _ in (row.values() for row in ask(COLUMNS)[0]):
            found.setdefault(table, []).append([column, kind])
        return found

    def comments() -> dict[str, str]:
        of_tables, of_columns = ask(TABLE_COMMENTS, COLUMNS)
        found = dict(row.values() for row in of_tables)
        return found | {f"{table}.{column}": said for table, column, _, said in map(dict.values, of_columns)}

    def keys() -> dict[str, list[str]]:
        (rows,) = ask(KEYS)
        found = {}
        for table, names in map(dict.values, rows):
            # Some versions print a list as text.
            found[table] = names if isinstance(names, list) else re.findall(r"\w+", names)
        return found

    def renamed() -> dict[str, int]:
        shutil.copy(published, folder / ANOTHER_NAME)
        return counted(folder / ANOTHER_NAME)

    def refresh() -> dict[str, str]:
        script = f"{VERSION};\n.shell mv next.duckdb held.duckdb\n{VERSION};\n.open --readonly held.duckdb\n"
        done = run("held.duckdb", f"{script}{VERSION};\n", "-csv", "-noheader")
        if done.returncode or done.stderr.strip():
            raise RuntimeError(done.stderr.strip())
        return dict(zip(("before", "held", "reopened"), done.stdout.splitlines(), strict=True))

    probe.ask("read only", write_refused)
    probe.ask("tables", tables)
    probe.ask("columns", columns)
    probe.ask("rows", all_rows)
    probe.ask("comments", comments)
    probe.ask("keys", keys)
    days = (PAST_DAY, LATER_DAY)
    as_of = [f"select * from core.observation_as_of(date '{day}')" for day in days]
    probe.ask(
        "as of",
        lambda: {
            day: digest_of(rows, "core.fct_observation") for day, rows in zip(days, ask(*as_of), strict=True)
        },
    )
    probe.ask("renamed", renamed)
    probe.ask("refresh", refresh)
    probe.write(answers)


def split(printed: str, questions: int) -> list[list[dict[str, Any]]]:
    """The arrays that the shell printed, one for each question."""
    printed = printed.replace("[{]", "[]")
    found: list[list[dict[str, Any]]] = []
    position = 0
    while position < len(printed):
        if printed[position].isspace():
            position += 1
            continue
        rows, position = ARRAY.raw_decode(printed, position)
        if rows and list(rows[0]) == ["next_question"]:
            found.append([])
        else:
            found[-1] = rows
    if len(found) != questions:
        raise RuntimeError(f"{len(found)} answers to {questions} questions")
    return found


if __name__ == "__main__":
    main()
