"""Published tables -> CSV, Parquet, DuckDB, a workbook, and a data package that says what every column means."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.project import Project
from sc_pipeline.store.notes import write_json
from sc_pipeline.warehouse.about import read_about
from sc_pipeline.warehouse.datapackage import Table, data_package, read_tables, with_blanks
from sc_pipeline.warehouse.publish import STORAGE_VERSION
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.tables import explain_one
from sc_pipeline.warehouse.workbook import SHEET_ROWS, new_book

FORMATS = ("csv", "parquet", "xlsx", "duckdb")
WORKBOOK = "sc-pipeline.xlsx"
DATABASE = "sc-pipeline-tables.duckdb"
PACKAGE = "datapackage.json"
# A spreadsheet takes text that begins so for a formula.
FORMULA = r"^([=+\-@\t\r])"
_BATCH = 50_000
_MEANING = ["table_name", "column_name", "type", "nullable", "description", "unit", "source", "key", "allowed"]


def export(project: Project, folder: Path, tables: tuple[str, ...], formats: tuple[str, ...]) -> list[Path]:
    """Write `tables` (none named: all that are published) in each of FORMATS asked for, and datapackage.json.

    CSV and Parquet have a folder of their own. In CSV, text that a spreadsheet would run as a formula gets an
    apostrophe before it. Raises UserError.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: no such format; there are {', '.join(FORMATS)}")
    with open_published(project) as connection:
        chosen = [with_blanks(connection, table) for table in _choose(read_tables(connection), tables)]
        if "xlsx" in formats:
            _check_rows(connection, chosen)
        written = [(table, _write_files(connection, table, folder, formats)) for table in chosen]
        books = [_write_workbook(connection, chosen, folder / WORKBOOK)] if "xlsx" in formats else []
        books += [_write_database(connection, chosen, folder / DATABASE)] if "duckdb" in formats else []
        about = read_about(connection)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / PACKAGE, data_package(folder, written, books, about))
    return [*(path for _, paths in written for path in paths), *books, folder / PACKAGE]


def _choose(published: dict[str, Table], names: tuple[str, ...]) -> list[Table]:
    unknown = sorted(set(names) - set(published))
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: no such table; there are {', '.join(sorted(published))}")
    return [published[name] for name in (names or published)]


def _check_rows(connection: duckdb.DuckDBPyConnection, tables: list[Table]) -> None:
    for table in tables:
        ((rows,),) = connection.execute(f"select count(*) from {table.schema}.{table.name}").fetchall()
        if rows >= SHEET_ROWS:
            room = f"a sheet holds {SHEET_ROWS - 1:,} below its head"
            raise UserError(f"{table.name}: {rows:,} rows, and {room}; export it as csv or parquet")


def _batches(connection: duckdb.DuckDBPyConnection, table: Table) -> pa.RecordBatchReader:
    return connection.execute(f"from {table.schema}.{table.name}").to_arrow_reader(_BATCH)


def _write_files(
    connection: duckdb.DuckDBPyConnection, table: Table, folder: Path, formats: tuple[str, ...]
) -> list[Path]:
    written = []
    writers: dict[str, Callable[[Path, pa.RecordBatchReader], None]] = {"csv": _write_csv, "parquet": _write_parquet}
    for ending in (ending for ending in writers if ending in formats):
        path = folder / ending / f"{table.name}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
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
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished.unlink(missing_ok=True)
    try:
        with duckdb.connect(unfinished, config={"storage_compatibility_version": STORAGE_VERSION}) as target:
            for table in tables:
                name = f"{table.schema}.{table.name}"
                target.execute(f"create schema if not exists {table.schema}")
                target.from_arrow(_batches(connection, table)).to_table(name)
                explain_one(target, "table", name, table.name, table.meaning or "")
            target.execute("checkpoint")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _write_workbook(connection: duckdb.DuckDBPyConnection, tables: list[Table], path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    about = read_about(connection)
    with new_book(path) as book:
        book.add_about(about)
        for table in tables:
            book.add_table(table.name, _batches(connection, table))
        columns = (column for table in tables for column in table.columns)
        book.add_dictionary(_MEANING, ([column[name] for name in _MEANING] for column in columns))
    return path
