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
from sc_pipeline.staged.formats.encoding import FILLING, find_encoding, read_blocks
from sc_pipeline.staged.formats.lines import Rows, rows_of, split_cells
from sc_pipeline.staged.formats.sheet import (
    HEAD_ROWS,
    NOT_TAKEN_IN,
    Aside,
    Problem,
    Row,
    Sheet,
    drop_blank_rows,
    is_blank,
)

_DELIMITERS = (",", "\t", "|", ";")
# Past this many rows that could not be split, and as many as could, the file is refused: the split itself is wrong.
_MANY_PROBLEMS = 1000
# No header is looked for below so many lines: a file of nothing but line ends would keep one busy for an hour.
_HEAD_LINES = 1_000_000


def read_text(path: Path, name: str) -> Iterator[Sheet | Aside]:
    """The one sheet of a text file. `name` is what messages and rows call it. Raises FileProblem.

    Memory stays at a few blocks of 16 MB whatever the size of the file.
    """
    encoding = find_encoding(path, name)
    delimiter = _find_delimiter(path, name, encoding)
    head = _head(path, name, encoding, delimiter)
    if not head:
        yield Aside(name, None, f"{NOT_TAKEN_IN}is empty: no line holds anything; fetch it again")
        return
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
        if not rows.data.strip():
            continue
        if len(rows.lines) and rows.lines[0] > _HEAD_LINES:
            break
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
    accepted, short, last = 0, [], None
    for rows in ahead(rows_of(read_blocks(path, name, encoding), delimiter, len(columns))):
        problems.extend(problem for problem in rows.unclosed if problem[0] > header_row)
        rows = rows.after(header_row)
        if not len(rows.lines):
            continue
        block = _Parse(name, delimiter, columns, problems)
        batch = block.parse(rows)
        accepted += batch.num_rows
        short += block.short[: 2 - len(short)]
        if len(problems) > max(_MANY_PROBLEMS, accepted):
            raise FileProblem(
                f"{name}: {len(problems):,} of the first {len(problems) + accepted:,} rows have more cells than the "
                f"{len(columns)} of the header in row {header_row} (first: row {problems[0][0]}); check the delimiter"
            )
        if last is not None:
            yield last
        last = batch
    if last is not None:
        yield _without_cut_row(path, last, short, problems)


def _without_cut_row(
    path: Path, batch: pa.RecordBatch, short: list[Problem], problems: list[Problem]
) -> pa.RecordBatch:
    """A file whose only short row is its last line, and that has no end of line, was cut short in that row."""
    is_last = len(short) == 1 and batch.num_rows and batch.column(0)[-1].as_py() == short[0][0]
    if not (is_last and _ends_open(path)):
        return batch
    problems.append(short[0])
    return batch.slice(0, batch.num_rows - 1)


def _ends_open(path: Path) -> bool:
    """Whether the last line of a file has no end."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 16)))
        return not file.read().rstrip(FILLING).endswith((b"\n", b"\r"))


@dataclass
class _Parse:
    """One block of rows -> one batch; rows of another width are gathered on the way."""

    name: str
    delimiter: str
    columns: Sequence[str]
    problems: list[Problem]
    invalid: list[int] = field(default_factory=list)
    refitted: list[tuple[int, list[str | None]]] = field(default_factory=list)
    short: list[Problem] = field(default_factory=list)

    def parse(self, rows: Rows) -> pa.RecordBatch:
        found: list[Problem] = []
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(rows.data),
                read_options=self._read_options(rows),
                parse_options=self._parse_options(rows, found),
                convert_options=self._convert_options(),
            )
        except pa.ArrowInvalid as error:
            reason = (str(error).splitlines() or ["no reason given"])[0][:200]
            raise FileProblem(f"{self.name}: cannot be split into rows near row {rows.lines[0]}: {reason}") from None
        if table.num_rows + len(self.invalid) != len(rows.lines):
            last = rows.lines[-1]
            raise FileProblem(f"{self.name}: the quoting between rows {rows.lines[0]} and {last} is ambiguous")
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
            width = row.expected_columns
            if is_blank(cells[width:]):
                # Many programs do not write the blank cells at the end of a row, others write too many.
                self.refitted.append((line, (cells + [None] * width)[:width]))
                if len(cells) < width and not is_blank(cells):
                    self.short.append((line, f"is cut short after {len(cells)} of {width} cells", row.text))
            else:
                found.append((line, f"has {len(cells)} cells, the header {width}", row.text))
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
        if self.refitted:
            numbers, cells = zip(*self.refitted, strict=True)
            arrays = [
                pa.array(numbers, pa.int64()),
                *(pa.array(values, pa.string()) for values in zip(*cells, strict=True)),
            ]
            table = pa.concat_tables([table, pa.table(arrays, schema=table.schema)]).sort_by("source_row")
        arrays = [
            pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
            for column in table.columns
        ]
        return drop_blank_rows(pa.RecordBatch.from_arrays(arrays, names=table.schema.names))
