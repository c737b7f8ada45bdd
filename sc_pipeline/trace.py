"""A figure -> the source rows behind it as written in the file; a source row -> what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from sc_pipeline import stage
from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.workspace import Workspace

RULES = {
    "all": "every removal of the population that departed in the month",
    "convicted": "removals in the month whose record shows a conviction: a level, a code but 0000, or `convicted`",
    "level1": "removals in the month whose most serious conviction is Level 1",
    "detainer_linked": "removals in the month with a detainer for the same person, prepared on or before the departure",
}


@dataclass(frozen=True)
class Figure:
    """One figure of monthly_removals, and the release that served it."""

    month: date
    population: str
    subset: str
    removals: int | None
    status: str
    origin: str
    release_id: str
    title: str
    reason: str

    def in_words(self) -> list[str]:
        """The figure, the rule behind it and where it comes from."""
        value = f"{self.removals:,}" if self.removals is not None else f"null ({self.status})"
        how = "counted from its rows" if self.origin == "records" else "as printed there"
        return [
            f"{self.month:%Y-%m}, {self.population}, {self.subset}: {value}, {self.status}",
            f"rule: {RULES[self.subset]}",
            f"from: {self.release_id} ({self.title}), {how}",
            f"that release serves the month because: {self.reason}",
        ]


def find_figure(ws: Workspace, month: date, population: str, subset: str) -> Figure:
    """The figure as published. Raises UserError where there is none."""
    with _open(ws) as connection:
        found = connection.execute(_FIGURE, [month, population, subset]).fetchone()
    if found is None:
        raise UserError(f"{month:%Y-%m}: no figure for population {population}, subset {subset}; see monthly_removals")
    return Figure(*found)


def source_rows(ws: Workspace, figure: Figure) -> Iterator[dict[str, Any]]:
    """Each source row behind a figure: release, file, sheet, row, and every cell as written."""
    with _open(ws) as connection:
        places = connection.execute(
            "select release_id, source_file, source_sheet, source_row, source_column from trace(?, ?, ?)",
            [figure.month, figure.population, figure.subset],
        ).pl()
    for (release, file, sheet), rows in places.group_by(
        "release_id", "source_file", "source_sheet", maintain_order=True
    ):
        cells = _as_written(
            ws, str(release), str(file), None if sheet is None else str(sheet), rows["source_row"].to_list()
        )
        for row, column in rows.select("source_row", "source_column").iter_rows():
            place = {"release": release, "file": file, "sheet": sheet, "row": row}
            written = cells.get(row, {})
            yield {**place, **({"column": column, "value": written.get(column)} if column else written)}


def why(ws: Workspace, place: str) -> list[str]:
    """What became of one source row, named FILE:ROW, FILE:SHEET:ROW, either with RELEASE/ before it."""
    file, sheet, row = _split(place)
    sheets = [
        (release, staged, found)
        for release in _staged_releases(ws)
        if (staged := stage.read_staged(ws.store, release))
        for found in staged.sheets
        if file in (found.file, f"{release}/{found.file}") and sheet in (None, found.sheet)
    ]
    if not sheets:
        raise UserError(
            f"{file}: no release holds this file{f' with a sheet {sheet}' if sheet else ''}; see meta.source_files"
        )
    return [line for release, _, found in sheets for line in _became(ws, release, found, row)]


def _became(ws: Workspace, release: str, sheet: stage.StagedSheet, row: int) -> Iterator[str]:
    where = f"{release}/{sheet.file}{f', sheet {sheet.sheet}' if sheet.sheet else ''}, row {row}"
    if row <= sheet.header_row:
        yield f"{where}: not a row of data; the header is row {sheet.header_row}"
        return
    key = [release, sheet.file, sheet.sheet, row]
    with _open(ws) as connection:
        refused = connection.execute(f"{_QUARANTINED} and severity = 'structural'", key).fetchall()
        doubted = connection.execute(f"{_QUARANTINED} and severity = 'warning'", key).fetchall()
        counted = connection.execute(_COUNTED, key).fetchall()
        cells = connection.execute(_CELLS, key).fetchall()
        detainers = connection.execute(_DETAINERS, key).fetchall()
    for field, rule, value in refused:
        yield f"{where}: counted nowhere: {field} {rule}, written {value!r}"
    for month, population, served_by, subsets in counted:
        if served_by == release:
            yield f"{where}: counts in {month:%Y-%m}, {population}: {', '.join(subsets)}"
        else:
            yield f"{where}: counts nowhere: {month:%Y-%m}, {population} is served by {served_by or 'no release'}"
    for month, population, subset, value, status in cells:
        yield f"{where}: {month:%Y-%m}, {population}, {subset}: printed {value if value is not None else status}"
    for (month,) in detainers:
        yield f"{where}: a detainer prepared in {month:%Y-%m}; it counts in no removal figure itself"
    for field, rule, value in doubted:
        yield f"{where}: {field} became null: {rule}, written {value!r}"
    if not (refused or counted or cells or detainers):
        yield f"{where}: blank, or beyond the last row of the file"


def _split(place: str) -> tuple[str, str | None, int]:
    file, _, row = place.rpartition(":")
    if not file or not row.isdigit():
        raise UsageError(f"{place}: name a row as FILE:ROW, or FILE:SHEET:ROW in a workbook")
    name, _, sheet = file.partition(":")
    return name, sheet or None, int(row)


def _staged_releases(ws: Workspace) -> list[str]:
    return sorted(path.name for path in (ws.store.root / stage.TABLE).glob("*") if path.is_dir())


def _as_written(
    ws: Workspace, release: str, file: str, sheet: str | None, rows: list[int]
) -> dict[int, dict[str, Any]]:
    staged = stage.read_staged(ws.store, release)
    if staged is None:
        raise UserError(f"{release}: its staged rows are not in {ws.warehouse.name}/tables; run: sc-pipeline build")
    found = next(each for each in staged.sheets if (each.file, each.sheet) == (file, sheet))
    cells = pl.scan_parquet(staged.folder / found.part).filter(pl.col("source_row").is_in(rows)).collect()
    return {row.pop("source_row"): row for row in cells.to_dicts()}


def _open(ws: Workspace) -> duckdb.DuckDBPyConnection:
    if not ws.published.exists():
        raise UserError(f"{ws.published.name}: nothing is published yet; run: sc-pipeline build")
    return duckdb.connect(ws.published, read_only=True)


_PLACE = "release_id = ? and source_file = ? and source_sheet is not distinct from ? and source_row = ?"
_FIGURE = """
select figures.month, figures.population, figures.subset, figures.removals, figures.status, figures.origin,
    figures.release_id, coalesce(releases.title, figures.release_id),
    coalesce(case when sources.release_id = figures.release_id then sources.reason end,
        'the release that serves the month has no such figure, and this one prints it')
from monthly_removals as figures
left join meta.releases as releases on releases.release_id = figures.release_id
left join meta.month_sources as sources on sources.month = figures.month and sources.population = figures.population
where figures.month = ? and figures.population = ? and figures.subset = ?
"""
_QUARANTINED = f"select field, rule, value from meta.quarantine where {_PLACE}"
_CELLS = f"select month, population, subset, value, status from published_counts where {_PLACE}"
_DETAINERS = f"select month from detainers_by_release where {_PLACE}"
_COUNTED = f"""
with found as (
    select * from removals_by_release where {_PLACE}
)
select found.month, found.population, sources.release_id,
    list_filter([
        'all',
        case when found.convicted then 'convicted' end,
        case when found.conviction_level = 1 then 'level1' end,
        case when links.release_id is not null then 'detainer_linked' end
    ], lambda subset: subset is not null)
from found
left join meta.month_sources as sources on sources.month = found.month and sources.population = found.population
left join detainer_linked_removals as links
    on links.release_id = found.release_id
    and links.source_file = found.source_file
    and links.source_sheet is not distinct from found.source_sheet
    and links.source_row = found.source_row
"""
