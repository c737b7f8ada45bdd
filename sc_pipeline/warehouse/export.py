"""Published tables -> CSV, Parquet, DuckDB, a workbook, and a data package that says what every column means."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.hashing import sha256_of
from sc_pipeline.project import Project
from sc_pipeline.store import write_json
from sc_pipeline.warehouse.publish import STORAGE_VERSION
from sc_pipeline.warehouse.tables import explain_one
from sc_pipeline.warehouse.trace.written import open_published

FORMATS = ("csv", "parquet", "xlsx", "duckdb")
WORKBOOK = "sc-pipeline.xlsx"
DATABASE = "sc-pipeline-tables.duckdb"
DICTIONARY = "data dictionary"
# A spreadsheet takes text that begins so for a formula.
FORMULA = r"^([=+\-@\t\r])"
_MEANING = ["table_name", "column_name", "type", "nullable", "description", "unit", "source"]  # of meta.columns
_BATCH = 50_000
_SHEET_ROWS, _SHEET_NAME, _CELL = 1_048_576, 31, 32_767
_FIELD_TYPES = {"BIGINT": "integer", "DOUBLE": "number", "DATE": "date", "BOOLEAN": "boolean", "VARCHAR": "string"}


@dataclass(frozen=True)
class Table:
    """A published table: where it is, what it means, and its columns as in meta.columns."""

    name: str
    schema: str
    meaning: str | None
    columns: tuple[dict[str, Any], ...]


def export(project: Project, folder: Path, tables: tuple[str, ...], formats: tuple[str, ...]) -> list[Path]:
    """Write `tables` (none named: all that are published) in each of FORMATS asked for, and datapackage.json.

    In CSV, text that a spreadsheet would run as a formula gets an apostrophe before it. Raises UserError.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: no such format; there are {', '.join(FORMATS)}")
    if not project.published.exists():
        raise UserError(f"{project.published}: nothing is published yet; run sc-pipeline build")
    folder.mkdir(parents=True, exist_ok=True)
    with open_published(project) as connection:
        chosen = _choose(_published(connection), tables)
        if "xlsx" in formats:
            _check_rows(connection, chosen)
        written = [(table, _write_files(connection, table, folder, formats)) for table in chosen]
        books = [_write_workbook(connection, chosen, folder / WORKBOOK)] if "xlsx" in formats else []
        books += [_write_database(connection, chosen, folder / DATABASE)] if "duckdb" in formats else []
    package = folder / "datapackage.json"
    write_json(package, _package(written, books))
    return [*(path for _, paths in written for path in paths), *books, package]


def _published(connection: duckdb.DuckDBPyConnection) -> dict[str, Table]:
    said = connection.execute("from meta.columns").pl().select(_MEANING).to_dicts()
    places = connection.execute(
        """
        select table_name, schema_name, comment from duckdb_tables() where not internal
        union all
        -- Of the views, those that are tables of the dictionary: rows of every release.
        select view_name, schema_name, comment from duckdb_views()
        where not internal and view_name in (select table_name from meta.columns)
        order by all
        """
    ).fetchall()
    found = {}
    for name, schema, meaning in places:
        columns = tuple(row for row in said if row["table_name"] == name)
        found[name] = Table(name, schema, meaning, columns)
    return found


def _choose(published: dict[str, Table], names: tuple[str, ...]) -> list[Table]:
    unknown = sorted(set(names) - set(published))
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: no such table; there are {', '.join(sorted(published))}")
    return [published[name] for name in (names or sorted(published))]


def _check_rows(connection: duckdb.DuckDBPyConnection, tables: list[Table]) -> None:
    for table in tables:
        ((rows,),) = connection.execute(f"select count(*) from {table.schema}.{table.name}").fetchall()
        if rows >= _SHEET_ROWS:
            room = f"a sheet holds {_SHEET_ROWS - 1:,} below its head"
            raise UserError(f"{table.name}: {rows:,} rows, and {room}; export it as csv or parquet")


def _batches(connection: duckdb.DuckDBPyConnection, table: Table) -> pa.RecordBatchReader:
    return connection.execute(f"from {table.schema}.{table.name}").to_arrow_reader(_BATCH)


def _write_files(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path,
                 formats: tuple[str, ...]) -> list[Path]:  # fmt: skip
    written = []
    writers: dict[str, Callable[[Path, pa.RecordBatchReader], None]] = {"csv": _write_csv, "parquet": _write_parquet}
    for ending in (ending for ending in FORMATS if ending in formats and ending in writers):
        path = folder / f"{table.name}.{ending}"
        writers[ending](path, _batches(connection, table))
        written.append(path)
    return written


def _write_csv(path: Path, batches: pa.RecordBatchReader) -> None:
    with path.open("wb") as file:
        file.write(pl.DataFrame(schema=batches.schema.names).write_csv().encode())
        for batch in batches:
            neutral(pl.DataFrame(batch)).write_csv(file, include_header=False)


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with an apostrophe before every text that a spreadsheet would take for a formula."""
    return frame.with_columns(pl.col(pl.String).str.replace(FORMULA, "'${1}"))


def _write_parquet(path: Path, batches: pa.RecordBatchReader) -> None:
    with pq.ParquetWriter(path, batches.schema, compression="zstd") as file:
        for batch in batches:
            file.write_batch(batch)


def _write_database(connection: duckdb.DuckDBPyConnection, tables: list[Table], path: Path) -> Path:
    """A DuckDB file of these tables alone, each in its own schema, with the meaning of tables and columns."""
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.unlink(missing_ok=True)
    try:
        with duckdb.connect(unfinished, config={"storage_compatibility_version": STORAGE_VERSION}) as target:
            for table in tables:
                name = f"{table.schema}.{table.name}"
                target.execute(f"create schema if not exists {table.schema}")
                target.from_arrow(_batches(connection, table)).to_table(name)
                explain_one(target, "table", name, table.name)
            target.execute("checkpoint")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _write_workbook(connection: duckdb.DuckDBPyConnection, tables: list[Table], path: Path) -> Path:
    """One sheet per table, then the data dictionary; rows go to disk as they are written."""
    settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    unfinished = path.with_name(f".{path.name}.tmp")
    try:
        _fill_workbook(connection, tables, unfinished, settings)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _fill_workbook(connection: duckdb.DuckDBPyConnection, tables: list[Table], path: Path,
                   settings: dict[str, bool]) -> None:  # fmt: skip
    with xlsxwriter.Workbook(str(path), settings) as book:
        # The day is part of the file; a fixed one keeps two exports the same.
        book.set_properties({"created": datetime.datetime(2000, 1, 1)})
        day, head = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
        for table in tables:
            batches = _batches(connection, table)
            sheet = book.add_worksheet(table.name[:_SHEET_NAME])
            _write_sheet(sheet, (day, head), table.name, batches.schema.names, _rows(batches))
        meanings = ([column[name] for name in _MEANING] for table in tables for column in table.columns)
        _write_sheet(book.add_worksheet(DICTIONARY), (day, head), DICTIONARY, _MEANING, meanings)


def _rows(batches: pa.RecordBatchReader) -> Iterator[list[Any]]:
    for batch in batches:
        yield from (list(row.values()) for row in batch.to_pylist())


def _write_sheet(sheet: Worksheet, styles: tuple[Format, Format], name: str, heads: list[str],
                 rows: Iterator[list[Any]]) -> None:  # fmt: skip
    day, head = styles
    sheet.freeze_panes(1, 0)
    for at, text in enumerate(heads):
        sheet.write_string(0, at, text, head)
    for number, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            _write_cell(sheet, (number, at), value, day, f"{name}, row {number}, column {heads[at]}")


def _write_cell(sheet: Worksheet, at: tuple[int, int], value: Any, day: Format, place: str) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(*at, value)
    elif isinstance(value, int | float):
        sheet.write_number(*at, value)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(*at, datetime.datetime(value.year, value.month, value.day), day)
    elif len(str(value)) > _CELL:
        raise UserError(f"{place}: longer than a cell holds ({_CELL:,} characters); export it as csv or parquet")
    else:
        sheet.write_string(*at, str(value))


def _package(written: list[tuple[Table, list[Path]]], books: list[Path]) -> dict[str, Any]:
    """The Frictionless description: CSV files with their columns, the other files by name and hash."""
    resources = [_resource(path, table) for table, paths in written for path in paths]
    return {
        "name": "sc-pipeline",
        "title": "Secure Communities: removals and detainers",
        "description": "In the CSV files, text that a spreadsheet would run as a formula has an apostrophe before it.",
        "resources": [*resources, *(_resource(path, None) for path in books)],
    }


def _resource(path: Path, table: Table | None) -> dict[str, Any]:
    ending = path.suffix[1:]
    said = {"name": f"{path.stem}-{ending}".replace("_", "-"), "path": path.name, "format": ending,
            "bytes": path.stat().st_size, "hash": f"sha256:{sha256_of(path)}"}  # fmt: skip
    if table is not None and table.meaning:
        said["description"] = table.meaning
    if table is None or ending != "csv":
        return {**said, "type": "file"}
    fields = [_field(column) for column in table.columns]
    return {**said, "type": "table", "encoding": "utf-8", "schema": {"fields": fields, "missingValues": [""]}}


def _field(column: dict[str, Any]) -> dict[str, Any]:
    said = {"name": column["column_name"], "type": _FIELD_TYPES[column["type"]], "description": column["description"]}
    if column["unit"]:
        said["unit"] = column["unit"]
    # Text may be empty without being null, as the county of an unresolved place; CSV does not tell the two apart.
    is_required = not column["nullable"] and column["type"] != "VARCHAR"
    return {**said, "constraints": {"required": True}} if is_required else said
