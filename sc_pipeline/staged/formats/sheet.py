"""What every reader hands on: a sheet (or text file) as rows of text cells, each with the row number a person sees."""

# pyarrow.compute makes its functions when it is imported, out of a type checker's sight.
# pyright: reportAttributeAccessIssue=false

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sc_pipeline.limits import CELL, COLUMNS

Row = tuple[int, list[str | None]]
Problem = tuple[int, str, str]
# A header may be any of the first hundred rows that are not blank; one more shows whether anything follows it.
HEADER_ROWS = 100
HEAD_ROWS = HEADER_ROWS + 1
# Why something is left out begins with one of these: it belongs beside the data, or somebody should act.
BESIDE = "beside the data: "
NOT_TAKEN_IN = "not taken in: "

RowReader = Callable[[int, Sequence[str], list[Problem]], Iterator[pa.RecordBatch]]


@dataclass
class Sheet:
    """One sheet of a workbook, or one text file; an archive's member is named `archive.zip/member.csv`.

    `head` holds the first rows that are not blank. Sheets come one at a time: read one before asking for the next.
    `epoch_1904`: serial day numbers of this workbook count from 1904. Raises FileProblem past a limit.
    """

    file: str
    name: str | None
    encoding: str | None
    head: list[Row]
    reader: RowReader = field(repr=False)
    problems: list[Problem] = field(default_factory=list)
    hidden: bool = False
    epoch_1904: bool = False

    def __post_init__(self) -> None:
        COLUMNS.hold(max(len(cells) for _, cells in self.head), self.place)
        CELL.hold(max(len(cell or "") for _, cells in self.head for cell in cells), self.place)

    @property
    def place(self) -> str:
        """How a message names this sheet."""
        return self.file if self.name is None else f"{self.file}, sheet '{self.name}'"

    def batches(self, header_row: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows below `header_row`: `source_row` (int64) and the columns, in file order, as text.

        An empty cell is null; wholly empty rows are left out; cells missing at a row's end are null. A row with more
        cells than the header goes to `problems` (row, what is wrong, text as written). Raises FileProblem.
        """
        self.problems.clear()
        for batch in self.reader(header_row, columns, self.problems):
            for column in batch.columns[1:]:
                CELL.hold(longest_cell(column), self.place)
            yield batch


@dataclass(frozen=True)
class Aside:
    """A file or sheet that holds no table that can be read here, and why."""

    file: str
    name: str | None
    reason: str


def longest_cell(column: pa.Array) -> int:
    """The bytes of the longest text in a column, or of all of them where even those are within the limit."""
    return column.nbytes if column.nbytes <= CELL.value else pc.max(pc.binary_length(column)).as_py() or 0


def is_blank(cells: Sequence[str | None]) -> bool:
    """Whether a row holds nothing but spaces."""
    return not any(cell and not cell.isspace() for cell in cells)


def drop_blank_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Without the rows whose cells, `source_row` aside, are all null."""
    filled = np.zeros(batch.num_rows, dtype=bool)
    for column in batch.columns[1:]:
        filled |= column.is_valid().to_numpy(zero_copy_only=False)
        if filled.all():
            return batch
    return batch.filter(pa.array(filled))
