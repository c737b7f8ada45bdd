"""The SQL itself -> which columns each column of a table comes from: `make docs` writes them to column_lineage.csv.

Reading the SQL takes longer than making most tables, and what it says changes only with it; a test holds the file true.
"""

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from sc_pipeline import reference
from sc_pipeline import sql as engine
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns
from sc_pipeline.warehouse.lineage import ROWS, Source


def lineage_of(table: engine.SqlTable) -> dict[str, list[Source]]:
    """Column -> the columns of its inputs it comes from. Raises ValueError where the SQL cannot be followed."""
    query = Query(table)
    named = {name: f"reference/{name}.csv" for name in table.references}
    found = {column.name: query.sources(column.name) for column in columns(MODELS[table.name])}
    return {
        column: sorted((named.get(name, name), source) for name, source in sources)
        for column, sources in {**found, ROWS: query.rows()}.items()
    }


def lineage_csv() -> str:
    """What column_lineage.csv holds: the direct sources of each column of each table that a .sql file makes."""
    lines = ["table,column,from_table,from_column"]
    for table in engine.sql_tables().values():
        for column, sources in lineage_of(table).items():
            lines += [f"{table.name},{column},{source},{name}" for source, name in sources]
    return "\n".join(lines) + "\n"


class Query:
    """The query of one table, every column of it written as `source.column`."""

    def __init__(self, table: engine.SqlTable) -> None:
        schema: dict[str, object] = {name: types_of(name) for name in (*table.inputs, *table.references)}
        parsed = sqlglot.parse_one(table.sql, read="duckdb")
        qualified = qualify(parsed, dialect="duckdb", schema=schema, quote_identifiers=False)
        assert isinstance(qualified, exp.Query)
        self._query = qualified
        self._ctes: dict[str, exp.Query] = {cte.alias: cte.this for cte in qualified.find_all(exp.CTE)}
        _refuse_what_cannot_be_followed(qualified)
        self._known: dict[tuple[int, str, bool], set[Source]] = {}

    def sources(self, column: str) -> set[Source]:
        """The columns of the inputs that a column's values come from; of a constant, those that say where it stands."""
        return self._anyhow(self._query, column)

    def rows(self) -> set[Source]:
        """What decides which rows there are: the rows gone through, and the columns that pick among them."""
        return self._picked(self._query)

    def _picked(self, query: exp.Query) -> set[Source]:
        if isinstance(query, exp.SetOperation):
            return self._picked(query.left) | self._picked(query.right)
        found = self._conditions(query)
        for table in _read_by(query, inner=True):
            if table.name in self._ctes:
                found |= self._picked(self._ctes[table.name])
            elif isinstance(table, exp.Table):
                found.add((table.name, ROWS))
        return found

    def _anyhow(self, query: exp.Query, name: str) -> set[Source]:
        return self._column(query, name, False) or self._column(query, name, True)

    def _column(self, query: exp.Query, name: str, constant: bool) -> set[Source]:
        key = (id(query), name, constant)
        if key not in self._known:
            self._known[key] = self._look_up(query, name, constant)
        return self._known[key]

    def _look_up(self, query: exp.Query, name: str, constant: bool) -> set[Source]:
        place = query.named_selects.index(name)
        if isinstance(query, exp.SetOperation):
            sides = (query.left, query.right)
            return set().union(*(self._anyhow(side, side.named_selects[place]) for side in sides))
        selected = query.selects[place]
        found = self._under(query, selected, constant)
        if any(isinstance(count.this, exp.Star) for count in selected.find_all(exp.Count)):
            found |= self._rows(query)
        if constant and not found and not self._is_null(query, selected):
            return self._conditions(query) or self._rows(query)
        return found

    def _is_null(self, query: exp.Query, selected: exp.Expr) -> bool:
        """Whether it is null in every row: a null stated, or handed on from the query before."""
        value = selected.unalias()
        value = value.this if isinstance(value, exp.Cast) else value
        if isinstance(value, exp.Column):
            read = next(table for table in _read_by(query) if table.alias_or_name == value.table)
            before = self._ctes.get(read.name)
            return isinstance(before, exp.Select) and self._is_null(
                before, before.selects[before.named_selects.index(value.name)]
            )
        return isinstance(value, exp.Null)

    def _under(self, query: exp.Query, expression: exp.Expr, constant: bool) -> set[Source]:
        tables = {table.alias_or_name: table for table in _read_by(query)}
        found: set[Source] = set()
        for column in expression.find_all(exp.Column):
            table = tables[column.table]
            if table.name in self._ctes:
                found |= self._column(self._ctes[table.name], column.name, constant)
            elif isinstance(table, exp.Table):
                found.add((table.name, column.name))
        return found

    def _conditions(self, query: exp.Query) -> set[Source]:
        """The columns that pick the rows of a query: those of its WHERE, HAVING, QUALIFY and of its inner joins."""
        picks = [
            *(query.args.get(clause) for clause in ("where", "having", "qualify")),
            *(join.args.get("on") for join in _joins(query, inner=True)),
        ]
        return set().union(*(self._under(query, pick, True) for pick in picks if pick))

    def _rows(self, query: exp.Query) -> set[Source]:
        """The tables whose rows a query goes through: that of its FROM, or where it lists its own values, the next."""
        if isinstance(query, exp.SetOperation):
            return self._rows(query.left) | self._rows(query.right)
        for table in _read_by(query):
            if table.name in self._ctes and (found := self._rows(self._ctes[table.name])):
                return found
            if isinstance(table, exp.Table) and table.name not in self._ctes:
                return {(table.name, ROWS)}
        return set()


def _refuse_what_cannot_be_followed(query: exp.Query) -> None:
    """Raise ValueError rather than leave a source out."""
    for inner in query.find_all(exp.Subquery, exp.Exists, exp.In, exp.Unnest, exp.Lateral, exp.Pivot, exp.Distinct):
        is_list = isinstance(inner, exp.In) and not inner.args.get("query")
        is_column = isinstance(inner, exp.Unnest) and not isinstance(inner.parent, exp.From | exp.Join)
        is_plain = isinstance(inner, exp.Distinct) and not inner.args.get("on")
        if not (is_list or is_column or is_plain):
            raise ValueError(
                f"column lineage cannot follow this; write it with WITH and JOIN: {inner.sql('duckdb')[:200]}"
            )
    for table in query.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise ValueError(f"column lineage cannot follow a table function: {table.sql('duckdb')[:200]}")
        cte = table.find_ancestor(exp.CTE)
        if cte and cte.alias == table.name:
            raise ValueError(f"column lineage cannot follow a query that reads itself: {table.name}")


def _read_by(query: exp.Query, inner: bool = False) -> list[exp.Expr]:
    """What a query reads: its FROM, then its joins, or only those that leave rows out."""
    return [each.this for each in (query.args.get("from_"), *_joins(query, inner)) if each]


def _joins(query: exp.Query, inner: bool) -> list[exp.Expr]:
    return [join for join in query.args.get("joins") or () if not (inner and join.side)]


def types_of(name: str) -> dict[str, str]:
    if name in reference.SCHEMAS:
        return dict.fromkeys(reference.SCHEMAS[name].names, "VARCHAR")
    return {column.name: column.type for column in columns(MODELS[name])}
