"""A sheet -> its table, or why it is left out; its rows without repeated headers."""

# pyarrow.compute makes its functions when it is imported, out of a type checker's sight.
# pyright: reportAttributeAccessIssue=false

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.across import KEY, match_across, month_of
from sc_pipeline.staged.formats.sheet import BESIDE, HEAD_ROWS, NOT_TAKEN_IN, Row, Sheet
from sc_pipeline.staged.matching import Header, Match, Stated, match, staged_names
from sc_pipeline.staged.names import fold
from sc_pipeline.staged.unknown import DATED, likeliest, why_none
from sc_pipeline.staged.vocabularies import Words

_ALIKE = 0.9  # of its cells, for a sheet to be the continuation of the one before


@dataclass(frozen=True)
class Table:
    """A table as found, or why a sheet has none that is taken in; then `header` is most likely its header."""

    match: Match | None
    left_out: str | None = None
    header: Header | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """What its columns are most likely called, where no kind fits it."""
        return tuple(cell for cell in self.header.cells if cell) if self.header else ()


@dataclass(frozen=True)
class Before:
    """The table read last, which the next sheet without a header may continue."""

    file: str
    match: Match
    head: Sequence[Row]

    @cached_property
    def shapes(self) -> list[set[str]]:
        """The shapes of cells in each column."""
        return _shapes([cells for row, cells in self.head if row > self.match.header_row], len(self.match.names))


def table_of(sheet: Sheet, words: Words, stated: Stated, before: Before | None) -> Table:
    """What a sheet holds. Raises FileProblem where it fits two kinds."""
    found = match(sheet, words, stated)
    if found is None and not (stated.kind or stated.production):
        found = match_across(sheet, words)
    if found is None and before is not None and _continues(sheet, before):
        found = replace(before.match, header_row=sheet.head[0][0] - 1)
    if found is None:
        return Table(None, why_none(sheet, words, stated), likeliest(sheet, words))
    found = _widened(sheet, found)
    if not found.vocabulary.taken_in:
        return Table(found, f"{BESIDE}holds {found.vocabulary.title}, which are not counted")
    return Table(found, _empty(sheet, found))


def rows_left_out(sheet: Sheet, table: Table) -> tuple[int, str]:
    """How many rows a table has that is not taken in, and why it is not; none where what is there is no table.

    A table that is left out refuses no release: where its rows cannot be told apart, the reason says so.
    """
    why = table.left_out or ""
    header = Header(table.match.header_row, table.match.names) if table.match else table.header
    is_table = why.startswith(NOT_TAKEN_IN) or (table.match is not None and not table.match.vocabulary.taken_in)
    if header is None or not is_table:
        return 0, why
    try:
        rows = sum(batch.num_rows for batch in sheet.batches(header.row, list(staged_names(header.cells))))
    except FileProblem as problem:
        return 0, f"{why}; its rows were not counted ({problem})"
    return rows + len(sheet.problems), why


def _widened(sheet: Sheet, found: Match) -> Match:
    """A match for rows that have one cell more than their header, as R writes them: the row's number comes first.

    An unnamed cell anywhere else is no sign of where the others belong: such rows do not fit.
    """
    width, at = len(found.names), found.names.index(found.key_column)
    below = [cells for row, cells in sheet.head if row > found.header_row]
    longer = [cells for cells in below if len(cells) == width + 1 and cells[-1]]
    numbers = {cells[0] for cells in longer if cells[0] and cells[0].isdecimal()}
    here, behind = (sum(bool(DATED.match(cells[place] or "")) for cells in longer) for place in (at, at + 1))
    if not longer or len(longer) < _ALIKE * len(below) or len(numbers) < len(longer) or behind <= here:
        return found
    names = staged_names((None, *found.names))
    header = tuple(("", *cells) for cells in found.header)
    return replace(found, header=header, names=names, unknown=(*found.unknown, *sorted(set(names) - set(found.names))))


def rows_of(sheet: Sheet, found: Match, words: Words) -> Iterator[pa.RecordBatch]:
    """The rows of a table, its header left out wherever it is repeated.

    Raises FileProblem where another table begins below it, naming both header rows.
    """
    watched = {found.key_column, found.names[0]}
    known = words.names | {name for cells in found.header for name in cells if name}
    for batch in sheet.batches(found.header_row, list(found.names)):
        suspects = sorted({row for name in watched for row in _named(batch, name, known)})
        repeated = [row for row in suspects if _is_header(sheet, found, _cells(batch, row), words)]
        if repeated:
            kept = pa.array([row not in set(repeated) for row in range(batch.num_rows)])
            batch = batch.filter(kept)
        yield batch
    for row, _, text in sheet.problems:
        _is_header(sheet, found, (row, re.split(r"[,;|\t]", text)), words)


def _named(batch: pa.RecordBatch, name: str, known: Collection[str]) -> list[int]:
    """The rows in which a column holds what may be a column's name."""
    column = batch.column(name)
    suspects = [text for text in pc.unique(column).to_pylist() if text and fold(text) in known]
    return pc.indices_nonzero(pc.is_in(column, pa.array(suspects, pa.string()))).to_pylist() if suspects else []


def _cells(batch: pa.RecordBatch, row: int) -> tuple[int, list[str | None]]:
    number, *cells = (column[row].as_py() for column in batch.columns)
    return number, cells


def _is_header(sheet: Sheet, found: Match, row: tuple[int, Sequence[str | None]], words: Words) -> bool:
    """Whether a row repeats the table's header, or one of its two rows. Raises FileProblem where another begins."""
    cells = [fold(cell) for cell in row[1]]
    folded = [cell for cell in cells if cell]
    # Each name in its own place: the same names in another order are the header of another table.
    for own in found.header:
        in_place = all(cell == name for cell, name in zip(cells, own, strict=False) if cell)
        if len(folded) > 1 and in_place and len(folded) >= len([name for name in own if name]) / 2:
            return True
    known = sum(name in words.names for name in folded)
    if known >= 3 and known >= 0.6 * len(folded):
        raise FileProblem(
            f"{sheet.place}: holds two tables, one with its header in row {found.header_row}, another with its header "
            f"in row {row[0]}; put each in a file of its own, in a copy"
        )
    return False


def _empty(sheet: Sheet, found: Match) -> str | None:
    """Why a header is not the header of rows: nothing below it, or nothing that could be a date."""
    below = [cells for row, cells in sheet.head if row > found.header_row]
    if not below:
        return f"{BESIDE}has a header in row {found.header_row} but no rows below it"
    if len(sheet.head) >= HEAD_ROWS or any(field.startswith(KEY) for field in found.columns):
        return None
    at = found.names.index(found.key_column)
    if any(re.search(r"\d", cells[at] or "") or month_of(cells[at]) for cells in below if at < len(cells)):
        return None
    return (
        f"{BESIDE if len(below) <= 3 else NOT_TAKEN_IN}a template or list of columns: no row below the header in row "
        f"{found.header_row} has a date in '{found.key_column}'"
    )


def _continues(sheet: Sheet, before: Before) -> bool:
    """Whether a sheet without a header goes on where the one before ended, as past a spreadsheet's last row."""
    same_file = before.file.split("/")[0] == sheet.file.split("/")[0]
    if not same_file and re.sub(r"\d+", "", before.file) != re.sub(r"\d+", "", sheet.file):
        return False
    rows = [cells for _, cells in sheet.head]
    width = max(_width(cells) for cells in rows)
    expected = max((at for at, shapes in enumerate(before.shapes, 1) if shapes), default=0)
    if width > len(before.match.names) or width < min(expected, len(before.match.names)) / 2 or width < 2:
        return False
    at = before.match.names.index(before.match.key_column)
    dated = sum(at < len(cells) and _shape(cells[at]) in before.shapes[at] for cells in rows)
    filled = [(place, _shape(cell)) for cells in rows for place, cell in enumerate(cells[:width]) if cell]
    alike = sum(not before.shapes[place] or shape in before.shapes[place] for place, shape in filled)
    return dated >= _ALIKE * len(rows) and alike >= _ALIKE * len(filled)


def _width(cells: Sequence[str | None]) -> int:
    return max((at for at, cell in enumerate(cells, 1) if cell), default=0)


def _shapes(rows: Sequence[Sequence[str | None]], width: int) -> list[set[str]]:
    return [{_shape(cells[at]) for cells in rows if at < len(cells) and cells[at]} for at in range(width)]


def _shape(cell: str | None) -> str:
    """A cell as digits, letters and what is between, each once: `03/05/2025` and `3/5/25` are alike."""
    if cell and cell.isalnum() and (len(cell) > 12 or not (cell.isalpha() or cell.isdigit())):
        return "x"  # an identifier or a code
    kinds = ("0" if letter.isdigit() else "a" if letter.isalpha() else letter for letter in cell or "")
    shape = re.sub(r"a[a ,.()'-]*", "a", re.sub(r"0+", "0", "".join(kinds)))
    return "a" if shape.startswith("a") and "0" not in shape else shape
