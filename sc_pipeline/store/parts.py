"""The Parquet file of a part of a table: written batch by batch, read, and compared with the hash of its rows."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sc_pipeline.hashing import RowHash, hash_of, sha256_of
from sc_pipeline.store.notes import Note, read_json, temporary_of

ROW_GROUP = 122_880
# No statistics: they take a quarter of the time of writing, and every query goes through whole columns.
_WRITER = {"compression": "zstd", "compression_level": 1, "version": "2.6", "write_statistics": False}


class TableWriter:
    """Collects batches of any size into row groups of a fixed one, and hashes the rows on the way."""

    def __init__(self, path: Path, schema: pa.Schema, finish: Callable[[Path, int, str], None]) -> None:
        """`finish` is given the finished file, its rows and their hash."""
        self._path, self._schema, self._finish = path, schema, finish
        self._hash = RowHash(schema)
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0

    def __enter__(self) -> "TableWriter":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = pq.ParquetWriter(temporary_of(self._path), self._schema, **_WRITER)
        return self

    def add(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Append rows; their columns must be those of the schema."""
        table = (rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])).cast(self._schema)
        self._hash.update(table)
        self._waiting.append(table)
        self._waiting_rows += len(table)
        if self._waiting_rows >= ROW_GROUP:
            self._flush(whole_groups=True)

    def _flush(self, whole_groups: bool) -> None:
        waiting = pa.concat_tables(self._waiting)
        cut = len(waiting) // ROW_GROUP * ROW_GROUP if whole_groups else len(waiting)
        self._file.write_table(waiting.slice(0, cut), row_group_size=ROW_GROUP)
        rest = waiting.slice(cut)
        self._waiting = [rest] if len(rest) else []
        self._waiting_rows = len(rest)

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        temporary = temporary_of(self._path)
        try:
            if failure is None and self._waiting:
                self._flush(whole_groups=False)
            self._file.close()
            if failure is None:
                self._finish(temporary, self._hash.rows, self._hash.hexdigest())
        finally:
            temporary.unlink(missing_ok=True)


def is_whole(path: Path, note: Note) -> bool:
    """Whether a file, or a folder with an index of its parts, holds what its note says; all of it is read."""
    try:
        if path.is_dir():
            index = read_json(path / "index.json")
            parts = [facts for facts in index or () if facts.get("part")] if isinstance(index, list) else None
            if parts is None:
                return True  # a folder of files that are copies of others, such as the site's
            return hash_of(index) == note.sha256 and all(
                _hash_of_rows(path / facts["part"]) == facts["rows_sha256"] for facts in parts
            )
        if path.suffix == ".parquet":
            return _hash_of_rows(path) == note.sha256
        return note.file_sha256 in (None, sha256_of(path))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return False


def _hash_of_rows(path: Path) -> str:
    with pq.ParquetFile(path) as file:
        found = RowHash(file.schema_arrow)
        for batch in file.iter_batches():
            found.update(pa.Table.from_batches([batch]))
    return found.hexdigest()


def read_part(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of one file of a table, read in one thread: such files are small."""
    return pq.ParquetFile(path).read(columns and list(columns), use_threads=False)
