"""Tables of cells, as files would hold them -> every core table of one release, without files or formats."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from sc_pipeline.core import intake
from sc_pipeline.staged.stage import Staged
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance
from tests.builders import release, staged, staged_sheet

Row = Mapping[str, str | None]
_MADE_FROM = Provenance("code", {})


def cleaned(
    removals: Sequence[Row] = (),
    detainers: Sequence[Row] = (),
    *,
    more: Sequence[tuple[str, str, Sequence[Row]]] = (),
    corrections: str = "",
    **stated: object,
) -> dict[str, pl.DataFrame]:
    """The core tables of a release of these tables; cells go by the field they feed. `more` are (file, kind, rows).

    A column is there where any row of the table names it. Raises UserError as taking in the release does.
    """
    tables = [("x.csv", "removals", removals), ("d.csv", "detainers", detainers), *more]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheets = []
        for number, (file, kind, rows) in enumerate(table for table in tables if table[2]):
            columns = list(dict.fromkeys(field for row in rows for field in row))
            part = f"{number:04}.parquet"
            staged(list(map(dict, rows)), columns).write_parquet(folder / part)
            sheet = staged_sheet(columns, kind=kind, rows=len(rows), part=part)
            sheets.append(replace(sheet, file=file, release_file=file))
        (folder / "corrections.toml").write_text(corrections, encoding="utf-8")
        found = Staged(folder, tuple(sheets))
        store = Store(folder / "tables")
        intake.clean_release(store, release(folder=folder, **stated), found, _MADE_FROM)
        return {table: pl.read_parquet(store.path(table, "r1")) for table in intake.TABLES}


def removal(**cells: str | None) -> Row:
    """A removal of 3 May 2012."""
    return {"departed_date": "2012-05-03", **cells}


def detainer(**cells: str | None) -> Row:
    """A detainer prepared on 1 April 2011."""
    return {"detainer_prepare_date": "2011-04-01", **cells}
