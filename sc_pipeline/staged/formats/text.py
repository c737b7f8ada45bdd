"""A delimited text file -> one sheet of text cells, read in blocks, each row with the line it starts on."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from sc_pipeline.errors import FileProblem
from sc_pipeline.prefetch import ahead
from sc_pipeline.staged.formats.encoding import find_encoding, read_blocks
from sc_pipeline.staged.formats.lines import Rows, rows_of, split_cells
from sc_pipeline.staged.formats.sheet import HEAD_ROWS, Problem, Row, Sheet, drop_blank_rows, is_blank

_DELIMITERS = (",", "\t", "|", ";")
# Past this many rows that could not be split, and as many as could, the file is refused: the split itself is wrong.
_MANY_PROBLEMS = 1000


def read_text(path: Path, name: str) -> Iterator[Sheet]:
    """The one sheet of a text file. `name` is what messages and rows call it. Raises FileProblem.

    Memory stays at a few blocks of 16 MB whatever the size of the file.
    """
    encoding = find_encoding(path, name)
    delimiter = _find_delimiter(path, name, encoding)
    head = _head(path, name, encoding, delimiter)
    if not head:
        raise FileProblem(f"{name}: is empty: no line holds anything")
    yield Sheet(name, None, encoding, head, partial(_batches, path, name, encoding, delimiter))


def _find_delimiter(path: Path, name: str, encoding: str) -> str:
    """The delimiter that splits most of the first lines into most cells, all of one width.

    Lines alike weigh more than cells: a title may be full of commas, but rows are many.
    """
    start = next(read_blocks(path, name, encoding), b"")
    lines = [line.decode() for line in start.split(b"\n", 2 * HEAD_ROWS)[: 2 * HEAD_ROWS] if line.strip()]

    def evidence(delimiter: str) -> int:
        widths = Counter(len(split_cells(line, delimiter)) for line in lines)
        return max(((width - 1) * count**2 for width, count in widths.items()), default=0)

    return max(_DELIMITERS, key=evidence)


def _head(path: Path, name: str, encoding: str, delimiter: str) -> list[Row]:
    head: list[Row] = []
    for rows in rows_of(read_blocks(path, name, encoding), delimiter):
        for line, text in rows.texts():
            cells = [cell or None for cell in split_cells(text, delimiter)]
            if not is_blank(cells):
                head.append((line, cells))
            if len(head) == HEAD_ROWS:
                return head
    return head


def _batches(
    path: Path,
    name: str,
    encoding: str,
    delimiter: str,
    header_row: int,
    columns: Sequence[str],
    problems: list[Problem],
) -> Iterator[pa.RecordBatch]:
    accepted = 0
    for rows in ahead(rows_of(read_blocks(path, name, encoding), delimiter, len(columns))):
        problems.extend(problem for problem in rows.unclosed if problem[0] > header_row)
        rows = rows.after(header_row)
        if not len(rows.lines):
            continue
        batch = _Parse(name, delimiter, columns, problems).parse(rows)
        accepted += batch.num_rows
        if len(problems) > max(_MANY_PROBLEMS, accepted):
            raise FileProblem(
                f"{name}: {len(problems):,} of the first {len(problems) + accepted:,} rows below the header in row "
                f"{header_row} have not its {len(columns)} cells (first: row {problems[0][0]}); check the delimiter"
            )
        yield batch


@dataclass
class _Parse:
    """One block of rows -> one batch; rows of another width are gathered on the way."""

    name: str
    delimiter: str
    columns: Sequence[str]
    problems: list[Problem]
    invalid: list[int] = field(default_factory=list)
    trimmed: list[tuple[int, list[str | None]]] = field(default_factory=list)

    def parse(self, rows: Rows) -> pa.RecordBatch:
        found: list[Problem] = []
        table = arrow_csv.read_csv(
            pa.BufferReader(rows.data),
            read_options=self._read_options(rows),
            parse_options=self._parse_options(rows, found),
            convert_options=self._convert_options(),
        )
        if table.num_rows + len(self.invalid) != len(rows.lines):
            last = rows.lines[-1]
            raise FileProblem(f"{self.name}: quotes between rows {rows.lines[0]} and {last} cannot be told apart")
        self.problems.extend(found)
        return self._batch(table, rows.lines)

    def _read_options(self, rows: Rows) -> arrow_csv.ReadOptions:
        size = len(rows.data) + 1
        return arrow_csv.ReadOptions(use_threads=False, block_size=size, column_names=list(self.columns))

    def _parse_options(self, rows: Rows, found: list[Problem]) -> arrow_csv.ParseOptions:
        def take_note(row: arrow_csv.InvalidRow) -> str:
            assert row.number is not None, "known where one thread reads"
            self.invalid.append(row.number - 1)
            line = int(rows.lines[row.number - 1])
            cells = [cell or None for cell in split_cells(row.text, self.delimiter)]
            if is_blank(cells[row.expected_columns :]) and len(cells) > row.expected_columns:
                self.trimmed.append((line, cells[: row.expected_columns]))
            elif not is_blank(cells):
                found.append((line, f"has {len(cells)} cells, the header {row.expected_columns}", row.text))
            return "skip"

        return arrow_csv.ParseOptions(
            delimiter=self.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=take_note,
        )

    def _convert_options(self) -> arrow_csv.ConvertOptions:
        return arrow_csv.ConvertOptions(
            column_types={column: pa.string() for column in self.columns},
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
            check_utf8=False,  # checked while finding the encoding
        )

    def _batch(self, table: pa.Table, lines: np.ndarray) -> pa.RecordBatch:
        split = np.ones(len(lines), dtype=bool)
        split[self.invalid] = False
        table = table.add_column(0, "source_row", pa.array(lines[split]))
        if self.trimmed:
            numbers, cells = zip(*self.trimmed, strict=True)
            arrays = [
                pa.array(numbers, pa.int64()),
                *(pa.array(values, pa.string()) for values in zip(*cells, strict=True)),
            ]
            table = pa.concat_tables([table, pa.table(arrays, schema=table.schema)]).sort_by("source_row")
        arrays = [pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
                  for column in table.columns]  # fmt: skip
        return drop_blank_rows(pa.RecordBatch.from_arrays(arrays, names=table.schema.names))
