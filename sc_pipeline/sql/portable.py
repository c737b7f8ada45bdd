"""DuckDB's SQL -> the same query for Spark, held to what both engines were seen to answer alike.

`portable.toml` is the matrix: queries that a test runs on both engines. What they are made of may be used, and nothing
else: sqlglot translates almost anything, and much of that gives other rows without a word.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from sc_pipeline.errors import UserError

MATRIX = Path(__file__).parent / "portable.toml"
# Arrow's name of a type -> SQL's: the types that tables of this package may have.
_SQL_TYPES = {"string": "VARCHAR", "int64": "BIGINT", "date32[day]": "DATE", "double": "DOUBLE", "bool": "BOOLEAN"}
# Names and punctuation: what they stand for is looked at where they stand.
_PLAIN = (exp.Identifier, exp.Column, exp.Literal, exp.Boolean, exp.Null, exp.Alias, exp.TableAlias, exp.Paren)
_PLAIN += (exp.Table, exp.DataType, exp.Var, exp.Star)
# Of these it counts which clauses there are; each clause is looked at by itself.
_CLAUSES = (exp.Query, exp.With, exp.CTE, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Window)
# Any number or text will do in these; elsewhere, as in a pattern or a unit, the value is part of what was tried.
_ANY_VALUE = (exp.Add, exp.Sub, exp.Mul, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In)
_ANY_VALUE += (exp.Case, exp.If, exp.Coalesce, exp.Concat, exp.Translate, exp.Array, exp.WindowSpec)
# Told from other values: a floor has no fraction to round, a nullif(x, 0) and a power are never zero, an unnest makes
# rows, a null has no type.
_OWN_KIND = (exp.Floor, exp.Nullif, exp.Pow, exp.Explode, exp.Null)
_INTEGERS, _REALS = exp.DataType.INTEGER_TYPES, exp.DataType.REAL_TYPES
# What sqlglot 30 knows no type for.
_RETURNS: dict[type[exp.Expr], Any] = {
    exp.Median: {"returns": exp.DType.DOUBLE},
    exp.RegexpReplace: {"returns": exp.DType.VARCHAR},
    exp.Translate: {"returns": exp.DType.VARCHAR},
}


class NotPortable(UserError):
    """A query uses something that the matrix does not hold."""


def to_spark(sql: str, schemas: Mapping[str, pa.Schema], place: str) -> str:
    """A query of DuckDB's as Spark is to run it; `schemas` are of the tables it reads.

    Raises NotPortable, which names `place` and the expression, for what the matrix does not hold.
    """
    query = read(sql, schemas)
    for node, use in _uses(query):
        if use not in _allowed():
            raise NotPortable(
                f"{place}: not tried on Spark: {node.sql('duckdb', comments=False)[:120]}; "
                f"write it in a way that {MATRIX.name} holds, or add it there and run the tests"
            )
    return translated(query)


def translated(query: exp.Expr) -> str:
    """A query as Spark's SQL. Raises sqlglot's UnsupportedError for what sqlglot knows that Spark lacks."""
    return query.transform(_without_idle_alias).sql("spark", unsupported_level=ErrorLevel.RAISE)


def _without_idle_alias(node: exp.Expr) -> exp.Expr:
    """A column that is called what it is called: Spark 4.3 cannot plan some unions where it says so."""
    idle = isinstance(node, exp.Alias) and isinstance(node.this, exp.Column) and node.this.name == node.alias
    return node.this if idle else node


@cache
def matrix() -> dict[str, Any]:
    """The matrix: `tables` with their columns, their `rows`, then queries that give the `same` rows, or not."""
    return tomllib.loads(MATRIX.read_text(encoding="utf-8"))


def queries(section: str) -> list[str]:
    """The lines of a section of the matrix as queries."""
    lines = matrix()[section]
    of_rows = (f"select n, {line} as v from t order by n" for line in lines["expressions"])
    of_groups = (f"select k, {line} as v from t group by k order by k" for line in lines["aggregates"])
    return [*of_rows, *of_groups, *lines["queries"]]


def matrix_schemas() -> dict[str, pa.Schema]:
    """The schemas of the matrix's tables."""
    types = {name: pa.type_for_alias(name.removesuffix("[day]")) for name in _SQL_TYPES}
    return {
        table: pa.schema([(name, types[type_]) for name, type_ in columns.items()])
        for table, columns in matrix()["tables"].items()
    }


@cache
def _allowed() -> frozenset[str]:
    schemas = matrix_schemas()
    return frozenset(use for sql in queries("same") for _, use in _uses(read(sql, schemas)))


def read(sql: str, schemas: Mapping[str, pa.Schema]) -> exp.Expr:
    """A query with every column's table named and every expression's type noted."""
    types: dict[str, object] = {
        name: {column.name: _SQL_TYPES[str(column.type)] for column in schema} for name, schema in schemas.items()
    }
    query = qualify(sqlglot.parse_one(sql, read="duckdb"), dialect="duckdb", schema=types, quote_identifiers=False)
    return annotate_types(
        query, schema=types, expression_metadata={**DuckDB.EXPRESSION_METADATA, **_RETURNS}, dialect="duckdb"
    )


def _uses(query: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """Each part of a query with what it is: an operation, on which kinds of values, with which options."""
    for node in query.walk():
        if isinstance(node, _PLAIN):
            continue
        operands = dict.fromkeys(
            f"{name} {_operand(node, value)}"
            for name, values in node.args.items()
            for value in (values if isinstance(values, list) else [values])
            if value not in (None, False, [])
        )
        if isinstance(node, exp.Query):
            # Its clauses do not depend on each other.
            yield from ((node, f"{type(node).__name__}({operand})") for operand in operands)
        else:
            yield node, f"{type(node).__name__}({', '.join(operands)}){_place(node)}"


def _place(node: exp.Expr) -> str:
    """Where an aggregate stands: what it does with nulls may depend on it."""
    alone = not isinstance(node, exp.AggFunc) or not isinstance(node.parent, (exp.Filter, exp.Window))
    return "" if alone else f" in {type(node.parent).__name__}"


def _operand(node: exp.Expr, value: Any) -> str:
    if not isinstance(value, exp.Expr):
        return str(value)
    if isinstance(node, _CLAUSES):
        return "there"
    value = value.args["true"].unnest() if isinstance(value, exp.If) else value.unnest()
    if isinstance(value, (exp.Literal, exp.Var, exp.DataType)) and not isinstance(node, _ANY_VALUE):
        return value.sql("duckdb")
    if isinstance(value, (*_OWN_KIND, exp.Where, exp.Star)):
        return type(value).__name__
    return _kind(value)


def _kind(value: exp.Expr) -> str:
    """The kind of an expression's values; what nobody can tell is a kind of its own."""
    assert value.type is not None
    if value.is_type(*_INTEGERS):
        return "integer"
    return "real" if value.is_type(*_REALS) else value.type.sql("duckdb").lower()
