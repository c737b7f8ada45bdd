"""A release, a file, a sheet and row numbers -> the cells as they are written there, from the staged rows."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import duckdb
import polars as pl

from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.staged import stage
from sc_pipeline.staged.names import fold
from sc_pipeline.staged.personal import NOT_SHOWN
from sc_pipeline.staged.sheet import StagedSheet
from sc_pipeline.staged.stage import Staged
from sc_pipeline.store import Store

# A publisher that puts the agency's files together writes into each row where it comes from.
ORIGINAL = ("file_original", "sheet_original", "row_original")


def ask(connection: duckdb.DuckDBPyConnection, sql: str, values: Collection[object] = ()) -> list[dict[str, Any]]:
    """The rows of a query, each by column name."""
    found = connection.execute(sql, list(values))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def published_releases(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Every release that the published file was built from -> the version of its staged rows then."""
    noted = ask(connection, "select inputs from meta.tables where table_name = 'staged_rows'")
    return json.loads(noted[0]["inputs"]) if noted else {}


def staged_as_published(project: Project, release: str, version: str) -> Staged:
    """The staged rows of a release as the published file was built from them.

    Raises UserError where they have changed since: its row numbers would mean other rows.
    """
    store = Store.of(project)
    staged, note = stage.read_staged(store, release), store.note(stage.TABLE, release)
    if staged is None or note is None or note.sha256 != version:
        raise UserError(
            f"{release}: its files were read again since its rows were published, so they cannot be shown; "
            "run: sc-pipeline build"
        )
    return staged


def cells_of(staged: Staged, sheet: StagedSheet, rows: Collection[int]) -> dict[int, dict[str, str | None]]:
    """Row number -> source column -> what is written there; a blank cell is None, a blank row has no entry.

    Columns that are never published are shown as such.
    """
    frame = pl.scan_parquet(staged.folder / sheet.part, glob=False).filter(pl.col("source_row").is_in(list(rows)))
    never = [pl.when(pl.col(name).is_not_null()).then(pl.lit(NOT_SHOWN)).alias(name) for name in sheet.personal]
    return {int(cells.pop("source_row")): cells for cells in frame.with_columns(never).collect().to_dicts()}


def in_the_agencys_file(written: dict[str, str | None]) -> dict[str, str | None]:
    """The agency's own file, sheet and row of a row, under the names of ORIGINAL; none where its file states none."""
    by_name = {fold(name): value for name, value in written.items()}
    return {name: by_name[fold(name)] for name in ORIGINAL if by_name.get(fold(name))}


def written_rows(
    project: Project, connection: duckdb.DuckDBPyConnection, places: Sequence[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Places (`release`, `file`, `sheet`, `row`, `column`) -> each with its cells as written; a printed cell's text."""
    releases = published_releases(connection)
    by_sheet: dict[tuple[str, str, str | None], list[dict[str, Any]]] = {}
    for place in places:
        by_sheet.setdefault((place["release"], place["file"], place["sheet"]), []).append(place)
    for (release, file, name), of_sheet in by_sheet.items():
        staged = staged_as_published(project, release, releases[release])
        sheet = next(each for each in staged.sheets if (each.file, each.sheet) == (file, name))
        cells = cells_of(staged, sheet, [place["row"] for place in of_sheet])
        for place in of_sheet:
            column, written = place.pop("column"), cells[place["row"]]
            if column:
                yield {**place, "column": column, "value": written[column]}
            else:
                place |= in_the_agencys_file(written)
                yield {**place, **_others(written, place)}


def _others(written: dict[str, str | None], place: dict[str, Any]) -> dict[str, str | None]:
    """The cells that the place does not tell already. A file may have a column called `row` of its own."""
    told = {fold(name) for name in ORIGINAL if name in place}
    cells = {name: value for name, value in written.items() if fold(name) not in told}
    return {f"{name} as written" if name in place else name: value for name, value in cells.items()}
