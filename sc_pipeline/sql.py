"""The .sql files -> tables: what each file reads, in which order they run, and their rows as Arrow."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from sc_pipeline import reference
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema

PACKAGE = Path(__file__).parent
ROOMS = ("core", "marts")
CHECKS = PACKAGE / "warehouse" / "checks"
BATCH_ROWS = 250_000

# What a table may be given as: the Parquet files it is stored in, or the table itself.
Source = Sequence[Path] | pa.Table
# Past this DuckDB sorts and joins on disk, so that memory does not grow with the number of rows.
MEMORY_LIMIT = "1GB"
_BY_RELEASE = "-- by release: true"
_PICKS = "-- picks rows of: "

_COMMENT_OR_SPACE = re.compile(r"('(?:[^']|'')*')|--[^\n]*|\s+")


@dataclass(frozen=True)
class SqlTable:
    """One table defined by one .sql file."""

    name: str
    room: str
    sql: str
    inputs: tuple[str, ...]
    references: tuple[str, ...]
    """Reference CSV files it reads; their bytes are part of `code_version`, so they are no inputs."""
    code_version: str
    by_release: bool = False
    """Whether it is kept per release: each release's rows come of that release's rows alone."""
    picks_from: str | None = None
    """The input that its rows are a part of, unchanged and in their order; None where it makes rows of its own."""


@dataclass(frozen=True)
class SqlCheck:
    """A query for bad rows; finding none is passing."""

    name: str
    description: str
    table: str
    blocking: bool
    sql: str
    inputs: tuple[str, ...]


@cache
def sql_tables() -> dict[str, SqlTable]:
    """Every table of core/ and marts/, inputs before what reads them."""
    tables = {}
    for room in ROOMS:
        for path in sorted((PACKAGE / room).glob("*.sql")):
            tables[path.stem] = _sql_table(path, room)
    graph = {name: sorted(set(table.inputs) & set(tables)) for name, table in sorted(tables.items())}
    return {name: tables[name] for name in TopologicalSorter(graph).static_order()}


@cache
def sql_checks() -> dict[str, SqlCheck]:
    """Every check of sql/checks, by name. Raises ValueError where a header line is missing."""
    return {path.stem: _sql_check(path) for path in sorted(CHECKS.glob("*.sql"))}


def connect(views: Mapping[str, Source], threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with one view per entry, the reference tables beside them.

    An entry with no files is an empty table of its model. What does not fit in memory goes to a folder of its own
    under the system's temporary one (TMPDIR).
    """
    connection = duckdb.connect()
    connection.execute("set temp_directory = ?", [str(_spill_folder())])
    connection.execute("set memory_limit = ?", [MEMORY_LIMIT])
    if threads is not None:
        connection.execute("set threads = ?", [threads])
    for name, source in {**{name: reference.load(name) for name in reference.SCHEMAS}, **views}.items():
        _add_view(connection, name, source)
    return connection


def run(table: SqlTable, views: Mapping[str, Source], threads: int | None = None) -> pa.RecordBatchReader:
    """The rows of a table in batches, in the types of its model.

    Raises KeyError where an input is missing from `views`, duckdb.Error where the SQL fails.
    """
    connection = connect({name: views[name] for name in table.inputs}, threads)
    schema = arrow_schema(MODELS[table.name])
    rows = connection.execute(table.sql).to_arrow_reader(BATCH_ROWS)
    if rows.schema.names != schema.names:
        raise ValueError(f"{table.room}/{table.name}.sql gives {rows.schema.names}, its model {schema.names}")
    return pa.RecordBatchReader.from_batches(schema, _cast(connection, rows, schema))


def count(table: SqlTable, views: Mapping[str, Source]) -> int:
    """How many rows a table would have; much cheaper than making them. Raises as `run` does."""
    with connect({name: views[name] for name in table.inputs}) as connection:
        found = connection.sql(table.sql).count("*").fetchone()
    assert found is not None
    return found[0]


@cache
def parsed(sql: str) -> exp.Expr:
    """A query as sqlglot reads it, which takes long enough to be done once; copy it before changing it."""
    return sqlglot.parse_one(sql, read="duckdb")


def inputs_of(sql: str) -> tuple[str, ...]:
    """The tables a query reads: the names in its FROM and JOIN clauses that it does not define itself."""
    query = parsed(sql)
    own = {cte.alias_or_name for cte in query.find_all(exp.CTE)}
    return tuple(sorted({table.name for table in query.find_all(exp.Table) if table.name} - own))


def _cast(
    connection: duckdb.DuckDBPyConnection, rows: pa.RecordBatchReader, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    # The generator holds the connection: DuckDB computes while the batches are read.
    with connection:
        for batch in rows:
            yield batch.cast(schema)


def _spill_folder() -> Path:
    # DuckDB makes it when it needs it and removes it; two processes in one folder would overwrite each other's files.
    return Path(tempfile.gettempdir()) / f"sc_pipeline-{uuid4().hex}"


def _add_view(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> None:
    if isinstance(source, pa.Table):
        connection.register(name, source)
    elif source:
        connection.read_parquet([str(path) for path in source], union_by_name=True).create_view(name)
    else:
        connection.register(name, arrow_schema(MODELS[name]).empty_table())


def _sql_table(path: Path, room: str) -> SqlTable:
    sql = path.read_text(encoding="utf-8")
    read = inputs_of(sql)
    references = tuple(name for name in read if name in reference.SCHEMAS)
    inputs = tuple(name for name in read if name not in reference.SCHEMAS)
    by_release = _BY_RELEASE in sql.splitlines()
    picks_from = next((line.removeprefix(_PICKS) for line in sql.splitlines() if line.startswith(_PICKS)), None)
    return SqlTable(path.stem, room, sql, inputs, references, _code_version(sql, references), by_release, picks_from)


def _code_version(sql: str, references: Sequence[str]) -> str:
    digest = hashlib.sha256(_COMMENT_OR_SPACE.sub(lambda found: found.group(1) or " ", sql).strip().encode())
    for name in references:
        digest.update(reference.path_of(name).read_bytes())
    return digest.hexdigest()[:12]


def _sql_check(path: Path) -> SqlCheck:
    sql = path.read_text(encoding="utf-8")
    comments = [line.removeprefix("--").strip() for line in sql.splitlines() if line.startswith("--")]
    said = dict(line.split(": ", 1) for line in comments if line.startswith(("table: ", "blocking: ")))
    if not comments or said.keys() != {"table", "blocking"} or said["blocking"] not in ("true", "false"):
        raise ValueError(
            f"warehouse/checks/{path.name}: its first comments must be a description, `table: …`, `blocking: …`"
        )
    return SqlCheck(path.stem, comments[0], said["table"], said["blocking"] == "true", sql, inputs_of(sql))
