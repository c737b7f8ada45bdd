"""What every table schema is made of: a Pandera model whose fields carry type, meaning, unit and source."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as on_pandas
import pandera.polars as on_polars
import polars as pl
import pyarrow as pa
from pandera.typing import Series

# Annotations for tables people read (pandas) ...
Date = Series[pd.Timestamp]
Count = Series[pd.Int64Dtype]
Number = Series[float]
Text = Series[str]
Flag = Series[pd.BooleanDtype]

# Pandera's name of a type, on either backend -> (SQL type, Arrow type): the one list of types a table may have.
_TYPES: dict[str, tuple[str, pa.DataType]] = {
    "Date": ("DATE", pa.date32()),
    "datetime64[ns]": ("DATE", pa.date32()),
    "Int64": ("BIGINT", pa.int64()),
    "Float64": ("DOUBLE", pa.float64()),
    "float64": ("DOUBLE", pa.float64()),
    "String": ("VARCHAR", pa.string()),
    "string[pyarrow]": ("VARCHAR", pa.string()),
    "str": ("VARCHAR", pa.string()),
    "Boolean": ("BOOLEAN", pa.bool_()),
    "boolean": ("BOOLEAN", pa.bool_()),
}


class RowTable(on_polars.DataFrameModel):
    """Base of the tables of rows (raw to core), validated by Pandera on Polars."""

    class Config:  # pyright: ignore[reportIncompatibleVariableOverride]  # as Pandera documents it
        strict = True
        ordered = True


class ReadTable(on_pandas.DataFrameModel):
    """Base of the tables people read (marts), validated by Pandera on pandas."""

    class Config:  # pyright: ignore[reportIncompatibleVariableOverride]  # as Pandera documents it
        strict = True
        ordered = True
        coerce = True


TableModel = type[RowTable] | type[ReadTable]


def column(
    description: str,
    *,
    unit: str | None = None,
    source: str | None = None,
    key: bool = False,
    nullable: bool = False,
    **checks: Any,
) -> Any:
    """One column: its meaning, unit and source, whether it is part of the key, and its Pandera checks."""
    metadata = {"unit": unit, "source": source, "key": key}
    return on_polars.Field(description=description, nullable=nullable, metadata=metadata, **checks)


@dataclass(frozen=True)
class Column:
    """A column as dictionary, DuckDB comment and Dagster column schema see it."""

    name: str
    type: str
    nullable: bool
    description: str
    unit: str | None
    source: str | None
    key: bool
    allowed: tuple[str, ...] = ()
    """The values it may have, where they are few and known."""


@cache
def columns(model: TableModel) -> tuple[Column, ...]:
    """The columns of a model, in table order."""
    found: list[Column] = []
    for name, spec in model.to_schema().columns.items():
        extra = spec.metadata or {}
        found.append(
            Column(
                name,
                _TYPES[str(spec.dtype)][0],
                bool(spec.nullable),
                spec.description or "",
                extra.get("unit"),
                extra.get("source"),
                bool(extra.get("key")),
                _allowed(spec.checks),
            )
        )
    return tuple(found)


def _allowed(checks: Iterable[Any]) -> tuple[str, ...]:
    listed = [check.statistics["allowed_values"] for check in checks if check.name == "isin"]
    return tuple(listed[0]) if listed else ()


def key_of(model: TableModel) -> list[str]:
    """The columns that together name one row; empty where rows have no key."""
    return [column.name for column in columns(model) if column.key]


def describe(model: TableModel) -> str:
    """What the table holds: the model's docstring on one line."""
    return " ".join((model.__doc__ or "").split())


@cache
def arrow_schema(model: TableModel) -> pa.Schema:
    """The Arrow schema a table of this model is stored in."""
    return pa.schema([pa.field(name, _TYPES[str(spec.dtype)][1]) for name, spec in model.to_schema().columns.items()])


@cache
def polars_schema(model: TableModel) -> pl.Schema:
    """The Polars schema of a table of this model."""
    empty = pl.from_arrow(arrow_schema(model).empty_table())
    assert isinstance(empty, pl.DataFrame)
    return empty.schema


def failures(model: TableModel, table: pa.Table) -> list[str]:
    """What breaks the model or its key, each in one line; empty where the table is as it should be."""
    try:
        if issubclass(model, RowTable):
            model.to_schema().validate(_polars(table), lazy=True)
        else:
            frame = table.to_pandas(types_mapper=_PANDAS_TYPES.get, date_as_object=False)
            model.to_schema().validate(frame, lazy=True)
    except (on_polars.errors.SchemaErrors, on_pandas.errors.SchemaErrors) as error:
        cases = error.failure_cases
        found = cases.to_dict("records") if isinstance(cases, pd.DataFrame) else cases.to_dicts()
        return [_in_words(case) for case in found]
    key = key_of(model)
    doubled = _polars(table).select(key).filter(pl.struct(key).is_duplicated()) if key else pl.DataFrame()
    return [
        f"{', '.join(map(str, row))}: more than one row for this {', '.join(key)}" for row in doubled.unique().rows()
    ]


def _polars(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _in_words(case: dict[str, Any]) -> str:
    return f"column {case['column']}: {case['failure_case']} breaks {case['check']}"


_PANDAS_TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype("pyarrow"),
}
