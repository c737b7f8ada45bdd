"""A person's SQL over the published file -> a box for a terminal, CSV, or a workbook."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import duckdb
import polars as pl
import pyarrow as pa

from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.project import Project
from sc_pipeline.warehouse.about import read_about
from sc_pipeline.warehouse.export import neutral
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.workbook import SHEET_ROWS, new_book

_SHOWN_ROWS = 40
_WHOLE = 10_000  # characters a line may have where nobody looks at a terminal
_BATCH = 50_000


def show(project: Project, sql: str) -> None:
    """Print the answer as a box: as wide as the terminal, and as long as a person reads. Raises UserError."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WHOLE
    with _asking(project) as connection:
        answer = connection.sql(sql)
        if answer is not None:
            answer.show(max_width=width, max_rows=_SHOWN_ROWS)


def to_csv(project: Project, sql: str, file: BinaryIO) -> None:
    """Write the answer as CSV; text that a spreadsheet would run as a formula gets an apostrophe before it."""
    with _asking(project) as connection:
        batches = _batches(connection, sql)
        file.write(pl.DataFrame(schema=batches.schema.names).write_csv().encode())
        for batch in batches:
            file.write(neutral(pl.DataFrame(batch)).write_csv(include_header=False).encode())
        file.flush()


def to_workbook(project: Project, sql: str, path: Path) -> None:
    """Write the answer as a workbook, with a sheet that says what it is of. Raises UserError."""
    with _asking(project) as connection:
        answer = _batches(connection, sql).read_all()
        if len(answer) >= SHEET_ROWS:
            raise UserError(f"{len(answer):,} rows, and a sheet holds {SHEET_ROWS - 1:,} below its head; use --csv")
        about = read_about(connection)
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_book(path) as book:
            book.add_table("answer", answer.to_reader())
            book.add_about(about)


def _batches(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.RecordBatchReader:
    return connection.execute(sql).to_arrow_reader(_BATCH)


@contextmanager
def _asking(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, read-only; what DuckDB says against a query is wrong use, in one line."""
    with open_published(project) as connection:
        try:
            yield connection
        except duckdb.Error as error:
            if str(project.rows) in str(error):
                reason = str(error).splitlines()[0]
                raise UserError(f"{reason}; write the rows again with: sc-pipeline build") from None
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            raise UsageError(" ".join(lines[: 2 if lines[1:] and lines[1].startswith("Did you") else 1])) from None
        except pl.exceptions.ComputeError as error:
            raise UsageError(f"{error}; write such a column as text, with to_json(…) or ::varchar") from None
