"""The SQL for Spark: the shipped tables are made of what was tried on both engines, and nothing else gets through."""

import re
from collections.abc import Mapping

import duckdb
import pyarrow as pa
import pytest

from sc_pipeline import reference
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.sql import SqlTable, portable, sql_tables
from sc_pipeline.sql.portable import NotPortable, matrix, matrix_schemas, queries, to_spark

SCHEMAS = matrix_schemas()


def schemas_of(table: SqlTable) -> Mapping[str, pa.Schema]:
    return {name: arrow_schema(MODELS[name]) for name in table.inputs} | {
        name: reference.SCHEMAS[name] for name in table.references
    }


@pytest.mark.parametrize("table", sql_tables().values(), ids=lambda table: table.name)
def test_every_table_is_made_of_what_was_tried(table: SqlTable) -> None:
    assert to_spark(table.sql, schemas_of(table), table.place)


@pytest.mark.parametrize("sql", queries("same"))
def test_what_gives_the_same_rows_is_allowed(sql: str) -> None:
    assert to_spark(sql, SCHEMAS, "core/t.sql")


@pytest.mark.parametrize("sql", [*queries("differ"), *queries("unsafe")])
def test_what_gives_other_rows_is_refused_in_one_line(sql: str) -> None:
    with pytest.raises(NotPortable, match=r"^core/t\.sql: not tried on Spark: .+; write it in a way that ") as problem:
        to_spark(sql, SCHEMAS, "core/t.sql")
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("select log(x) as v from t", "LOG(t.x)"),
        ("select cast(i as double) / j as v from t", "CAST(t.i AS DOUBLE) / t.j"),
        ("select cast(i as double) / nullif(j, 7) as v from t", "NULLIF(t.j, 7)"),
        ("select cast(x as bigint) as v from t", "CAST(t.x AS BIGINT)"),
        ("select regexp_replace(s, '[^A-Z]', '') as v from t", "REGEXP_REPLACE(t.s, '[^A-Z]', '')"),
        ("select s = d as v from t", "t.s = t.d"),
        ("select max(b) as v from t", "MAX(t.b)"),
        ("select i from t order by i desc nulls first", "i DESC NULLS FIRST"),
    ],
)
def test_the_smallest_expression_that_was_not_tried_is_named(sql: str, named: str) -> None:
    with pytest.raises(NotPortable, match=re.escape(f"core/t.sql: not tried on Spark: {named};")):
        to_spark(sql, SCHEMAS, "core/t.sql")


def test_the_kind_of_every_value_in_the_matrix_is_known() -> None:
    assert [use for use in portable._allowed() if "unknown" in use] == []


def test_the_lines_of_the_matrix_are_queries_of_duckdb() -> None:
    with duckdb.connect() as connection:
        for name, rows in matrix()["rows"].items():
            connection.execute(f"create table {name} as from (values {rows}) as v({', '.join(SCHEMAS[name].names)})")
        for sql in [*queries("same"), *queries("differ"), *queries("unsafe")]:
            connection.execute(sql).fetchall()


def test_letters_with_accents_are_read_as_duckdb_reads_them() -> None:
    """Every letter of Latin-1 and Latin Extended-A, by the lists that the table of citizenships has."""
    sql = sql_tables()["removals_by_citizenship"].sql
    found = re.search(r"regexp_replace\(\s+translate.*?\) as letters", sql, re.DOTALL)
    assert found
    letters = [(chr(code),) for code in range(0x20, 0x180)]
    with duckdb.connect() as connection:
        connection.execute("create table names (name varchar)")
        connection.executemany("insert into names values (?)", letters)
        told_apart = connection.execute(
            f"select name, letters, plain from (select name, {found.group()}, "
            "regexp_replace(strip_accents(upper(name)), '[^A-Z]', '', 'g') as plain from names) where letters <> plain"
        )
        assert told_apart.fetchall() == []
