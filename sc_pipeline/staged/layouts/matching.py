"""The first rows of a sheet -> its header, the layout it follows, and which column feeds which field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from statistics import median

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.formats.sheet import HEADER_ROWS, Row, Sheet
from sc_pipeline.staged.layouts.declared import Layout, fold

# A sheet whose rows are mostly this wide is data, header or not: it is never passed over as notes or a legend.
_DATA_WIDTH = 6


@dataclass(frozen=True)
class Match:
    """How to read a sheet: `names` are its columns as staged, `columns` says which of them feeds which field.

    A measure of a published table stands in `columns` under its key, such as `sc/convicted/removals`.
    """

    layout: Layout
    header_row: int
    names: tuple[str, ...]
    columns: dict[str, str]
    unknown: tuple[str, ...]


class NoMatch(FileProblem):
    """No layout fits. `nearest` is the layout most like the sheet, `missing` the columns it requires in vain."""

    def __init__(self, message: str, nearest: str | None, missing: tuple[str, ...]) -> None:
        super().__init__(message)
        self.nearest = nearest
        self.missing = missing


@dataclass(frozen=True)
class _Candidate:
    layout: Layout
    row: int
    cells: Sequence[str | None]

    @cached_property
    def folded(self) -> list[str]:
        return [fold(cell) for cell in self.cells]

    @property
    def required(self) -> set[str]:
        return {fold(name) for name in self.layout.required}

    @property
    def missing(self) -> tuple[str, ...]:
        here = set(self.folded)
        return tuple(name for name in self.layout.required if fold(name) not in here)

    @property
    def explained(self) -> int:
        return len(self.layout.explains & set(self.folded))


def match(sheet: Sheet, layouts: Mapping[str, Layout], only: str | None = None) -> Match | None:
    """The layout a sheet follows; None for a workbook's notes or legend, an archive's read-me, a sheet of no table.

    `only` is a layout's name where the manifest overrules the search. Raises NoMatch where no layout fits a sheet of
    data, and FileProblem for a doubled or ambiguous column, two layouts that fit alike, or a header without rows.
    """
    if only is not None and only not in layouts:
        raise FileProblem(f"{sheet.file}: release.toml names no known layout '{only}'; known are {', '.join(layouts)}")
    considered = list(layouts.values()) if only is None else [layouts[only]]
    fitting = [found for layout in considered if (found := _first_fit(sheet.head, layout))]
    if not fitting:
        return _no_match(sheet, considered, only)
    chosen = _choose(sheet, fitting)
    _check_header(sheet, chosen)
    names = _staged_names(chosen.cells)
    feeds = chosen.layout.feeds
    columns = {feeds[key]: name for key, name in zip(chosen.folded, names, strict=True) if key in feeds}
    return Match(chosen.layout, chosen.row, names, columns, _unknown(sheet, chosen, names))


def _first_fit(head: Sequence[Row], layout: Layout) -> _Candidate | None:
    required = {fold(name) for name in layout.required}
    for row, cells in head[:HEADER_ROWS]:
        if required <= {fold(cell) for cell in cells}:
            return _Candidate(layout, row, cells)
    return None


def _choose(sheet: Sheet, fitting: list[_Candidate]) -> _Candidate:
    """A layout that requires all another does and more goes first, then the one that explains most columns."""
    special = [one for one in fitting if not any(one.required < other.required for other in fitting)]
    most = max(one.explained for one in special)
    best = [one for one in special if one.explained == most]
    if len(best) > 1:
        names = " and ".join(one.layout.name for one in best)
        raise FileProblem(
            f"{sheet.place}: fits the layouts {names} alike; name one as 'layout' under [[files]] in release.toml"
        )
    return best[0]


def _check_header(sheet: Sheet, chosen: _Candidate) -> None:
    where = f"{sheet.place}, row {chosen.row}"
    feeds = chosen.layout.feeds
    first_at: dict[str, int] = {}
    by_field: dict[str, int] = {}
    for at, key in enumerate(chosen.folded):
        if key in chosen.layout.explains and key in first_at:
            raise FileProblem(
                f"{where}: the header has '{chosen.cells[at]}' twice (columns {first_at[key] + 1} and {at + 1}); "
                "rename or remove one in a copy"
            )
        first_at[key] = at
        field = feeds.get(key)
        if field is None:
            continue
        if field in by_field:
            raise FileProblem(
                f"{where}: two columns feed '{field}': '{chosen.cells[by_field[field]]}' "
                f"(column {by_field[field] + 1}) and '{chosen.cells[at]}' (column {at + 1}); "
                f"keep one of the names in {chosen.layout.name}.toml"
            )
        by_field[field] = at
    for row, cells in sheet.head:
        if row > chosen.row and [fold(cell) for cell in cells] == chosen.folded:
            raise FileProblem(f"{where}: the header stands there and again in row {row}; remove one in a copy")
    if sheet.head[-1][0] == chosen.row:
        raise FileProblem(f"{where}: a header ({chosen.layout.name}) with no rows below it")


def _staged_names(cells: Sequence[str | None]) -> tuple[str, ...]:
    """The header as column names: spaces collapsed, none blank, none twice (letter case aside), none reserved."""
    taken = {"source_row"}
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        plain = " ".join((cell or "").split()) or f"column {number}"
        name, count = plain, 1
        while name.casefold() in taken:
            count += 1
            name = f"{plain} ({count})"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def _unknown(sheet: Sheet, chosen: _Candidate, names: tuple[str, ...]) -> tuple[str, ...]:
    """Columns the layout does not know; a column without a name counts only where it holds something."""
    explains = chosen.layout.explains
    below = [cells for row, cells in sheet.head if row > chosen.row]
    unknown: list[str] = []
    for at, (key, name) in enumerate(zip(chosen.folded, names, strict=True)):
        used = bool(key) or any(cells[at] for cells in below if at < len(cells))
        if used and key not in explains:
            unknown.append(name)
    return tuple(unknown)


def _no_match(sheet: Sheet, considered: list[Layout], only: str | None) -> None:
    """Raises NoMatch, unless the sheet is of the kind that stands beside the data and holds none."""
    candidates = [_Candidate(layout, row, cells) for layout in considered for row, cells in sheet.head[:HEADER_ROWS]]
    nearest = max(candidates, key=lambda one: (one.explained, -len(one.missing)))
    alone = sheet.name is None and "/" not in sheet.file
    wide = median(sum(cell is not None for cell in cells) for _, cells in sheet.head) >= _DATA_WIDTH
    if nearest.explained < 2:
        if not alone and not wide:
            return
        raise NoMatch(
            f"{sheet.place}: no header in its first {HEADER_ROWS} rows: none holds columns that "
            f"{'a layout' if only is None else f'layout {only}'} knows; see docs/adding-a-layout.md",
            None,
            (),
        )
    missing = ", ".join(f"'{name}'{_hint(name, nearest)}" for name in nearest.missing)
    raise NoMatch(
        f"{sheet.place}: {'no layout fits; nearest is' if only is None else 'does not fit'} {nearest.layout.name} "
        f"(row {nearest.row}), which also needs {missing}; see docs/adding-a-layout.md",
        nearest.layout.name,
        nearest.missing,
    )


def _hint(name: str, nearest: _Candidate) -> str:
    """The unknown column that looks most like a missing one: for people only, names are never matched by likeness."""
    unknown = {key: cell for key, cell in zip(nearest.folded, nearest.cells, strict=True)
               if key and key not in nearest.layout.explains}  # fmt: skip
    close = get_close_matches(fold(name), unknown, n=1)
    return f" (is that '{unknown[close[0]]}'?)" if close else ""
