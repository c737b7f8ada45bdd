"""The .sql files -> tables: what each file reads, in which order they run, and their rows as Arrow."""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa

from sc_pipeline import reference
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema

PACKAGE = Path(__file__).parent.parent
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
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class SqlTable:
    """One table defined by one .sql file."""

    name: str
    room: str
    sql: str
    inputs: tuple[str, ...]
    references: tuple[str, ...]
    """Reference CSV files it reads; their bytes are part of `code_version`, so they are not inputs."""
    code_version: str
    by_release: bool = False
    """Whether it is kept per release: each release's rows come of that release's rows alone, in order of release."""
    picks_from: str | None = None
    """The input that its rows are a part of, unchanged and in their order; None where it makes rows of its own."""

    @property
    def place(self) -> str:
        """The file that defines it, as messages name it."""
        return f"{self.room}/{self.name}.sql"


@dataclass(frozen=True)
class SqlCheck:
    """A query for bad rows; finding none is passing. A note tells what it finds and always passes."""

    name: str
    description: str
    table: str
    blocking: bool
    sql: str
    inputs: tuple[str, ...]
    references: tuple[str, ...]
    is_note: bool = False


@cache
def sql_tables() -> dict[str, SqlTable]:
    """Every table of core/ and marts/, inputs before what reads them."""
    tables = {path.stem: _sql_table(path, room) for room in ROOMS for path in sorted((PACKAGE / room).glob("*.sql"))}
    graph = {name: sorted(set(table.inputs) & set(tables)) for name, table in sorted(tables.items())}
    return {name: tables[name] for name in TopologicalSorter(graph).static_order()}


@cache
def sql_checks() -> dict[str, SqlCheck]:
    """Every check of warehouse/checks, by name. Raises ValueError where a header line is missing."""
    return {path.stem: _sql_check(path) for path in sorted(CHECKS.glob("*.sql"))}


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """The one DuckDB of this process, in memory. What does not fit goes to a folder of its own under TMPDIR."""
    connection = duckdb.connect()
    # DuckDB makes it when it needs it and removes it; two processes in one folder would overwrite each other's files.
    connection.execute("set temp_directory = ?", [str(Path(tempfile.gettempdir()) / f"sc_pipeline-{uuid4().hex}")])
    connection.execute("set memory_limit = ?", [MEMORY_LIMIT])
    return connection


def connect(
    views: Mapping[str, Source],
    threads: int | None = None,
    references: Iterable[str] = tuple(reference.SCHEMAS),
    memory_limit: str | None = None,
) -> duckdb.DuckDBPyConnection:
    """A connection of its own with one view per entry, the reference tables beside them.

    An entry with no files is an empty table of its model.
    """
    connection = _engine().cursor()
    if threads is not None:
        connection.execute("set threads = ?", [threads])
    if memory_limit is not None:
        connection.execute("set memory_limit = ?", [memory_limit])
    for name, source in views.items():
        _add_view(connection, name, source)
    for name in references:
        connection.register(name, reference.load(name))
    return connection


def run(
    table: SqlTable, views: Mapping[str, Source], threads: int | None = None, memory_limit: str | None = None
) -> pa.RecordBatchReader:
    """The rows of a table in batches, in the types of its model.

    Raises KeyError where an input is missing from `views`, duckdb.Error where the SQL fails.
    """
    connection = connect({name: views[name] for name in table.inputs}, threads, table.references, memory_limit)
    rows = connection.execute(table.sql).to_arrow_reader(BATCH_ROWS)
    return fitted(table, rows.schema.names, _held(connection, rows))


def fitted(table: SqlTable, names: Sequence[str], batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader:
    """What an engine gives, in the types of the table's model. Raises ValueError where the columns are others."""
    schema = arrow_schema(MODELS[table.name])
    if names != schema.names:
        raise ValueError(f"{table.place} gives {names}, its model {schema.names}")
    return pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in batches))


def count_by_release(table: SqlTable, views: Mapping[str, Source]) -> dict[str, int]:
    """How many rows a table has of each release; much cheaper than making them. Raises as `run` does."""
    with connect({name: views[name] for name in table.inputs}, None, table.references) as connection:
        counted = connection.sql(table.sql).aggregate("release_id, count(*)", "release_id")
        return dict(counted.fetchall())


def deal(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Batches in order of release -> each release with a piece of a batch that holds its rows alone."""
    for batch in batches:
        releases = batch.column("release_id").dictionary_encode()
        starts = [0, *_changes(releases.indices), batch.num_rows]
        for start, end in pairwise(starts):
            if end > start:
                yield batch.column("release_id")[start].as_py(), batch.slice(start, end - start)


def _changes(indices: pa.Array) -> list[int]:
    numbers = indices.to_numpy(zero_copy_only=False)
    return [int(at) + 1 for at in (numbers[1:] != numbers[:-1]).nonzero()[0]]


def inputs_of(sql: str) -> tuple[str, ...]:
    """The tables a query reads: the names in its FROM and JOIN clauses that it does not define itself."""
    return tuple(sorted(_engine().get_table_names(sql)))


AS_IS = "hive_partitioning = false"
"""A reader's option: a folder named a=b above a file adds no column."""


def plain(path: Path) -> str:
    """A path as DuckDB's readers take it: as it is, never as a pattern of many."""
    return _GLOB.sub(lambda letter: f"[{letter.group()}]", str(path))


def _held(connection: duckdb.DuckDBPyConnection, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    # The generator holds the connection: DuckDB computes while the batches are read.
    with connection:
        yield from rows


def _add_view(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> None:
    if isinstance(source, pa.Table):
        connection.register(name, source)
    elif source:
        files = ", ".join("'" + plain(path).replace("'", "''") + "'" for path in source)
        # A temporary view belongs to this connection alone; the engine is shared.
        connection.execute(f"create temp view {name} as from read_parquet([{files}], union_by_name = true, {AS_IS})")
    else:
        connection.register(name, arrow_schema(MODELS[name]).empty_table())


def _sql_table(path: Path, room: str) -> SqlTable:
    sql = path.read_text(encoding="utf-8")
    inputs, references = _split(inputs_of(sql))
    lines = sql.splitlines()
    picks_from = next((line.removeprefix(_PICKS) for line in lines if line.startswith(_PICKS)), None)
    return SqlTable(
        path.stem, room, sql, inputs, references, _code_version(sql, references), _BY_RELEASE in lines, picks_from
    )


def _code_version(sql: str, references: Sequence[str]) -> str:
    digest = hashlib.sha256(_COMMENT_OR_SPACE.sub(lambda found: found.group(1) or " ", sql).strip().encode())
    for name in references:
        digest.update(reference.path_of(name).read_bytes())
    return digest.hexdigest()[:12]


def _sql_check(path: Path) -> SqlCheck:
    sql = path.read_text(encoding="utf-8")
    comments = [line.removeprefix("--").strip() for line in sql.splitlines() if line.startswith("--")]
    facts = dict(line.split(": ", 1) for line in comments if line.startswith(("table: ", "blocking: ")))
    if not comments or facts.keys() != {"table", "blocking"} or facts["blocking"] not in ("true", "false", "note"):
        raise ValueError(
            f"warehouse/checks/{path.name}: its first comments must be a description, `table: …`, `blocking: …` "
            "(true, false or note)"
        )
    inputs, references = _split(inputs_of(sql))
    blocking = facts["blocking"]
    return SqlCheck(
        path.stem, comments[0], facts["table"], blocking == "true", sql, inputs, references, blocking == "note"
    )


def _split(read: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a query reads: tables of the warehouse, and reference tables."""
    own = tuple(name for name in read if name not in reference.SCHEMAS)
    return own, tuple(name for name in read if name in reference.SCHEMAS)
