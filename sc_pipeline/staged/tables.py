"""A sheet -> its table, or why it is left out; its rows without repeated headers."""

# pyarrow.compute makes its functions when it is imported, out of a type checker's sight.
# pyright: reportAttributeAccessIssue=false

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.formats.sheet import BESIDE, HEAD_ROWS, NOT_TAKEN_IN, Row, Sheet
from sc_pipeline.staged.matching import DATA_WIDTH, Header, Match, Stated, has_key, headers, match, staged_names
from sc_pipeline.staged.names import fold, nearest
from sc_pipeline.staged.vocabularies import Words

_ALIKE = 0.9  # of its cells, for a sheet to be the continuation of the one before
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?%?")
_DATED = re.compile(
    r"\d{1,4}[-/. ]\w+[-/. ]\d{2,4}|\d{1,2}[A-Za-z]{3}\d{2}|[A-Za-z]{3,9}[-. ]+\d{2,4}|\d{4}-\d{2}|\d{8}$"
)
_LEAST_WIDTH, _LEAST_ROWS = 3, 5  # of a narrow table of records
_GUIDE = "see docs/adding-a-production.md"


@dataclass(frozen=True)
class Table:
    """A table as found, or why a sheet has none that is taken in; then `header` is what its columns are called."""

    match: Match | None
    left_out: str | None = None
    header: tuple[str, ...] = ()


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
    if found is None and before is not None and _continues(sheet, before):
        found = replace(before.match, header_row=sheet.head[0][0] - 1)
    if found is None:
        return Table(
            None, _why_none(sheet, words, stated), tuple(cell for cell in _likeliest(sheet, words).cells if cell)
        )
    found = _widened(sheet, found)
    if not found.vocabulary.taken_in:
        return Table(found, f"{BESIDE}holds {found.vocabulary.title}, which are not counted")
    return Table(found, _empty(sheet, found))


def _widened(sheet: Sheet, found: Match) -> Match:
    """A match for rows that have one cell more than their header: a column without a name, before or behind the others.

    R writes the names of rows so. Where the dates are tells which it is.
    """
    width, at = len(found.names), found.names.index(found.key_column)
    below = [cells for row, cells in sheet.head if row > found.header_row]
    longer = [cells for cells in below if len(cells) == width + 1 and cells[-1]]
    if not longer or len(longer) < _ALIKE * len(below):
        return found
    here, behind = (sum(bool(_DATED.match(cells[place] or "")) for cells in longer) for place in (at, at + 1))
    names = staged_names((None, *found.names) if behind > here else (*found.names, None))
    return replace(found, names=names, unknown=(*found.unknown, *sorted(set(names) - set(found.names))))


def rows_of(sheet: Sheet, found: Match, words: Words) -> Iterator[pa.RecordBatch]:
    """The rows of a table, its header left out wherever it is repeated.

    Raises FileProblem where another table begins below it, naming both header rows.
    """
    watched = {found.key_column, found.names[0]}
    own = [fold(name) for name in found.names]
    for batch in sheet.batches(found.header_row, list(found.names)):
        suspects = sorted({row for name in watched for row in _named(batch, name, words)})
        repeated = [row for row in suspects if _is_header(sheet, found, own, _cells(batch, row), words)]
        if repeated:
            kept = pa.array([row not in set(repeated) for row in range(batch.num_rows)])
            batch = batch.filter(kept)
        yield batch
    for row, _, text in sheet.problems:
        _is_header(sheet, found, own, (row, re.split(r"[,;|\t]", text)), words)


def _named(batch: pa.RecordBatch, name: str, words: Words) -> list[int]:
    """The rows in which a column holds what may be a column's name."""
    column = batch.column(name)
    suspects = [text for text in pc.unique(column).to_pylist() if text and fold(text) in words.names]
    return pc.indices_nonzero(pc.is_in(column, pa.array(suspects, pa.string()))).to_pylist() if suspects else []


def _cells(batch: pa.RecordBatch, row: int) -> tuple[int, list[str | None]]:
    number, *cells = (column[row].as_py() for column in batch.columns)
    return number, cells


def _is_header(sheet: Sheet, found: Match, own: list[str], row: tuple[int, Sequence[str | None]], words: Words) -> bool:
    """Whether a row repeats the table's header. Raises FileProblem where it is the header of another table."""
    cells = [fold(cell) for cell in row[1]]
    folded = [cell for cell in cells if cell]
    # Each name in its own place: the same names in another order are the header of another table.
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
    if len(sheet.head) >= HEAD_ROWS:
        return None
    at = found.names.index(found.key_column)
    if any(re.search(r"\d", cells[at] or "") for cells in below if at < len(cells)):
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


def _why_none(sheet: Sheet, words: Words, stated: Stated) -> str:
    """Why no kind fits, and the line for release.toml that would take the sheet in, where it may be data."""
    wide = _months_across(sheet)
    if wide is not None and _is_printed(sheet, words):
        return (
            f"{NOT_TAKEN_IN}has months across its columns (row {wide}); give each month a row in a copy, with the "
            "columns Month and, for example, All ICE Removals"
        )
    wide = _years_across(sheet)
    if wide is not None and _figures_of(words) & {fold(cell) for _, row in sheet.head for cell in row}:
        return (
            f"{NOT_TAKEN_IN}has years across its columns (row {wide}); give each year a row in a copy, with the "
            "columns Fiscal Year and, for example, All ICE Removals"
        )
    best = _likeliest(sheet, words)
    known = len(best.names & words.names)
    cases = [each for each in words.vocabularies.values() if each.taken_in and not each.measures]
    keyed = [vocabulary for vocabulary in cases if has_key(vocabulary, None, best, stated)]
    if known >= 2 and keyed:
        kinds = " or ".join(f'kind = "{vocabulary.kind}"' for vocabulary in keyed)
        return (
            f"{NOT_TAKEN_IN}the header in row {best.row} fits no kind of table for certain; if its rows are "
            f"{' or '.join(vocabulary.title for vocabulary in keyed)}, write {kinds} under [[files]] in release.toml"
        )
    if known >= 3:
        where = f"{NOT_TAKEN_IN}the header in row {best.row} has no column known to hold the date that counts"
        return f"{where}; {_line(best, words)}"
    if median(sum(cell is not None for cell in cells) for _, cells in sheet.head) < DATA_WIDTH and not _is_dated(sheet):
        return f"{BESIDE}notes, a list or a legend: no row holds the columns of a table known here"
    if _is_summary(sheet):
        return f"{BESIDE}a summary: mostly numbers, and no row holds the columns of a table known here"
    return f"{NOT_TAKEN_IN}no row of the first {len(sheet.head)} holds columns that are known; {_GUIDE}"


def _likeliest(sheet: Sheet, words: Words) -> Header:
    """The row that is most likely the header: of most known names, then of most cells that are no numbers."""

    def evidence(header: Header) -> tuple[int, int]:
        return len(header.names & words.names), sum(not name.isdigit() for name in header.names)

    return max(headers(sheet.head), key=evidence)


def _line(header: Header, words: Words) -> str:
    """The line for release.toml that would say which column holds the date that counts."""
    removals = words.vocabularies["removals"]
    unknown = [cell for cell, name in zip(header.cells, header.folded, strict=True) if cell and name not in words.names]
    guess = next((cell for cell in unknown if nearest(cell, removals.fields[removals.key])), None)
    guess = guess or next((cell for cell in unknown if "date" in cell.casefold()), "…")
    return f'write columns = {{ "{guess}" = "{removals.key}" }} under [[files]] in release.toml if it is that'


def _months_across(sheet: Sheet) -> int | None:
    """The row whose cells are months, where one is."""
    for row, cells in sheet.head:
        months = {
            fold(cell)[:3] for cell in cells if cell and re.match(r"[A-Za-z]{3,9}\.?([ -]?\d{2,4})?$", cell.strip())
        }
        if len(months & set(_MONTHS)) >= 6:
            return row
    return None


def _years_across(sheet: Sheet) -> int | None:
    """The row of which three or more cells are years, where one is."""
    for row, cells in sheet.head:
        if sum(bool(re.fullmatch(r"(fiscalyear|fy)?(19|20)\d\d", fold(cell))) for cell in cells) >= 3:
            return row
    return None


def _figures_of(words: Words) -> set[str]:
    """The names, folded, of the figures that printed tables give."""
    return {fold(name) for vocabulary in words.vocabularies.values() for measure in vocabulary.measures
            for name in measure.columns}  # fmt: skip


def _is_printed(sheet: Sheet, words: Words) -> bool:
    """Whether a sheet speaks of fiscal years, or of a figure that printed tables give: a pivot of rows does not."""
    figures = _figures_of(words)
    cells = [fold(cell) for _, row in sheet.head for cell in row if cell]
    return any(cell in figures or re.match(r"(fiscalyear|fy)\d*$", cell) for cell in cells)


def _is_dated(sheet: Sheet) -> bool:
    """Whether one column holds a day in nearly every row: narrow as it is, that is no list of codes."""
    rows = [cells for _, cells in sheet.head[1:]]
    width = max((len(cells) for cells in rows), default=0)
    dated = [sum(bool(at < len(cells) and _DATED.match(cells[at] or "")) for cells in rows) for at in range(width)]
    return width >= _LEAST_WIDTH and max(dated, default=0) >= max(_LEAST_ROWS, _ALIKE * len(rows))


def _is_summary(sheet: Sheet) -> bool:
    cells = [cell.strip() for _, row in sheet.head[1:] for cell in row if cell]
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in cells) > len(cells) / 2
