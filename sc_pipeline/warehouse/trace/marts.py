"""A figure of any mart, named by table, column and key -> its value, its meaning, and the source rows behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from sc_pipeline import reference
from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.project import Project
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns, describe, key_of
from sc_pipeline.staged.names import nearest
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.trace.behind import queries
from sc_pipeline.warehouse.trace.written import ask, written_rows

_REFERENCES = ("countries", "figures", "claims")


@dataclass(frozen=True)
class MartFigure:
    """One figure of a mart: where it is, what it is, and the places of the rows or cells behind it."""

    table: str
    name: str
    keys: Mapping[str, Any]
    value: Any
    places: tuple[dict[str, Any], ...]

    def in_words(self) -> list[str]:
        """The figure, its meaning and its table's, and how many rows and cells are behind it."""
        meaning = next(column.description for column in columns(MODELS[self.table]) if column.name == self.name)
        keys = ", ".join(f"{name} {value}" for name, value in self.keys.items())
        value = "null" if self.value is None else f"{self.value:,}" if isinstance(self.value, int) else str(self.value)
        cells = sum(place["column"] is not None for place in self.places)
        counts = [(len(self.places) - cells, "row"), (cells, "printed cell")]
        behind = [f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
        return [
            f"{self.table}.{self.name} of {keys}: {value}",
            f"table: {describe(MODELS[self.table])}",
            f"figure: {meaning}",
            f"behind it: {' and '.join(behind) or 'nothing'}",
        ]


def find_mart_figure(project: Project, name: str, where: Mapping[str, str]) -> MartFigure:
    """The figure TABLE.COLUMN in the one row that `where` picks by its keys; a month may be written 2016-08.

    Raises UsageError where no such figure is traced, UserError where no row, or more than one, has these keys.
    """
    table, _, figure = name.partition(".")
    _check(table, figure, where)
    with open_published(project) as connection:
        row = _picked(connection, table, where)
        keys = {key: row[key] for key in key_of(MODELS[table])}
        places = places_behind(connection, table, figure, keys)
    return MartFigure(table, figure, keys, row[figure], tuple(places))


def places_behind(
    connection: duckdb.DuckDBPyConnection, table: str, figure: str, keys: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Release, file, sheet, row and column of what is behind a figure, with how much each counts."""
    for each in _REFERENCES:
        connection.register(each, reference.load(each))
    is_row = " and ".join(f"{key} is not distinct from ${number}" for number, key in enumerate(keys, 1))
    return ask(
        connection,
        f"with picked as (select * from {table} where {is_row}) "
        "select release_id as release, source_file as file, source_sheet as sheet, source_row as row, "
        f"source_column as column, counted from ({queries()[table][figure]}) order by all",
        list(keys.values()),
    )


def rows_behind(project: Project, figure: MartFigure) -> Iterator[dict[str, Any]]:
    """Each row behind a figure with every cell as written, each printed cell with its text."""
    with open_published(project) as connection:
        yield from written_rows(project, connection, [dict(place) for place in figure.places])


def _check(table: str, figure: str, where: Mapping[str, str]) -> None:
    known = queries()
    if table not in known:
        hint = nearest(table, known)
        raise UsageError(
            f"{table}: not a table whose figures can be traced"
            + (f"; did you mean {hint}?" if hint else "")
            + f"; there are {', '.join(sorted(known))}"
        )
    if figure not in known[table]:
        raise UsageError(f"{table}.{figure or '?'}: name one of its figures: {', '.join(known[table])}")
    keys = key_of(MODELS[table])
    if wrong := [name for name in where if name not in keys]:
        raise UsageError(f"{table}: {wrong[0]} is not one of its keys: {', '.join(keys)}")


def _picked(connection: duckdb.DuckDBPyConnection, table: str, where: Mapping[str, str]) -> dict[str, Any]:
    conditions = [
        f"(cast({key} as varchar) = ${number} or cast({key} as varchar) = concat(${number}, '-01'))"
        for number, key in enumerate(where, 1)
    ]
    rows = ask(
        connection, f"select * from {table} where {' and '.join(conditions) or 'true'} limit 2", list(where.values())
    )
    asked = ", ".join(f"{key}={value}" for key, value in where.items()) or "nothing"
    if not rows:
        raise UserError(f"{table}: no row has {asked}")
    if len(rows) > 1:
        missing = [key for key in key_of(MODELS[table]) if key not in where]
        raise UserError(f"{table}: more than one row has {asked}; add --where for {', '.join(missing)}")
    return rows[0]
