"""A sheet that no kind fits -> why it is left out, and the line for release.toml that would take it in."""

import re
from statistics import median

from sc_pipeline.staged.formats.sheet import BESIDE, NOT_TAKEN_IN, Sheet
from sc_pipeline.staged.matching import DATA_WIDTH, Header, Stated, has_key, headers
from sc_pipeline.staged.names import fold, nearest
from sc_pipeline.staged.vocabularies import Words

# A day at the beginning of a cell.
DATED = re.compile(
    r"\d{1,4}[-/. ]\w+[-/. ]\d{2,4}|\d{1,2}[A-Za-z]{3}\d{2}|[A-Za-z]{3,9}[-. ]+\d{2,4}|\d{4}-\d{2}|"
    r"\d{8}$"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?%?")
_NEARLY_ALL = 0.9
_LEAST_WIDTH, _LEAST_ROWS = 3, 5  # of a narrow table of records
_GUIDE = "see docs/adding-a-production.md"


def why_none(sheet: Sheet, words: Words, stated: Stated) -> str:
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
    best = likeliest(sheet, words)
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


def likeliest(sheet: Sheet, words: Words) -> Header:
    """The row that is most likely the header: of most known names, then of most cells that are no numbers."""

    def evidence(header: Header) -> tuple[int, int]:
        return len(header.names & words.names), sum(not name.isdigit() for name in header.names)

    return max(headers(sheet.head, words), key=evidence)


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
    return {
        fold(name)
        for vocabulary in words.vocabularies.values()
        for measure in vocabulary.measures
        for name in measure.columns
    }


def _is_printed(sheet: Sheet, words: Words) -> bool:
    """Whether a sheet speaks of fiscal years, or of a figure that printed tables give: a pivot of rows does not."""
    figures = _figures_of(words)
    cells = [fold(cell) for _, row in sheet.head for cell in row if cell]
    return any(cell in figures or re.match(r"(fiscalyear|fy)\d*$", cell) for cell in cells)


def _is_dated(sheet: Sheet) -> bool:
    """Whether one column holds a day in nearly every row: narrow as it is, that is no list of codes."""
    rows = [cells for _, cells in sheet.head[1:]]
    width = max((len(cells) for cells in rows), default=0)
    dated = [sum(bool(at < len(cells) and DATED.match(cells[at] or "")) for cells in rows) for at in range(width)]
    return width >= _LEAST_WIDTH and max(dated, default=0) >= max(_LEAST_ROWS, _NEARLY_ALL * len(rows))


def _is_summary(sheet: Sheet) -> bool:
    cells = [cell.strip() for _, row in sheet.head[1:] for cell in row if cell]
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in cells) > len(cells) / 2
