"""Descriptions of the models stand in docs/data-dictionary.md, and in the file as comments and as rows."""

import json
import runpy
import shutil
from pathlib import Path

import duckdb
import pytest
from project import PROJECT

# What the file itself says, with the types that the dictionary names as dbt does.
COMMENTS = """
    select schema_name, table_name, column_index as position, column_name, data_type, comment
    from duckdb_columns() where database_name = current_database()
    union all
    select schema_name, table_name, 0, null, null, comment
    from duckdb_tables() where database_name = current_database()
    union all
    select schema_name, view_name, 0, null, null, comment
    from duckdb_views() where database_name = current_database() and not internal
"""
DIFFERENCES = f"""
    with said as (
        select * replace (replace(upper(data_type), 'STRING', 'VARCHAR') as data_type)
        from core.data_dictionary
    ),
    found as ({COMMENTS})
    (select 'file only' as it, * from (from found except from said))
    union all
    (select 'dictionary only' as it, * from (from said except from found))
    union all
    select 'no text' as it, * from said where coalesce(trim(description), '') = ''
    order by all
"""


def test_page_is_up_to_date(built_project: Path) -> None:
    dictionary = runpy.run_path(str(PROJECT / "docs" / "data_dictionary.py"))["dictionary"]
    manifest = json.loads((built_project / "warehouse" / ".dbt" / "manifest.json").read_text("utf-8"))
    page = (PROJECT / "docs" / "data-dictionary.md").read_text("utf-8")
    assert page == dictionary(manifest), "run make docs"


def test_file_describes_each_table_and_column(built_project: Path) -> None:
    with duckdb.connect(str(built_project / "warehouse/saldo.duckdb"), read_only=True) as connection:
        assert connection.execute(DIFFERENCES).fetchall() == []


def test_dictionary_is_read_under_another_name_and_as_parquet(built_project: Path, tmp_path: Path) -> None:
    published, parquet = (built_project / "warehouse" / name for name in ("saldo.duckdb", "latest/parquet"))
    with duckdb.connect(str(tmp_path / "own.duckdb")) as connection:
        connection.execute(f"attach '{published}' as other (read_only)")
        tables = ("other.core.data_dictionary", f"'{parquet}/core/data_dictionary.parquet'")
        counts = [
            connection.execute(f"select count(*), count(column_name) from {table}").fetchall()
            for table in tables
        ]
    assert counts[0] == counts[1]
    assert counts[0][0][1] > 1000


@pytest.mark.parametrize(
    ("change", "it"),
    [
        ("alter table core.about add column more integer", "file only"),
        ("create table core.more as select 1 as one", "file only"),
        ("comment on column core.about.product is 'Another.'", "file only"),
        ("alter table core.about alter built_at type date", "file only"),
        ("delete from core.data_dictionary where column_name = 'built_at'", "file only"),
        ("alter table core.about drop built_at", "dictionary only"),
        ("update core.data_dictionary set description = ' ' where table_name = 'about'", "no text"),
    ],
)
def test_a_difference_is_found(built_project: Path, tmp_path: Path, change: str, it: str) -> None:
    copy = shutil.copy(built_project / "warehouse/saldo.duckdb", tmp_path / "copy.duckdb")
    copy.chmod(0o600)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(change)
        assert it in {row[0] for row in connection.execute(DIFFERENCES).fetchall()}
