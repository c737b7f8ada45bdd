"""A source row -> what became of it: the figures it counts in, or why it does not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.project import Project
from sc_pipeline.schemas.records import SUBSETS
from sc_pipeline.staged import stage
from sc_pipeline.staged.sheet import StagedSheet
from sc_pipeline.staged.stage import Staged
from sc_pipeline.store import Store
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.trace.written import (
    ask,
    cells_of,
    in_the_agencys_file,
    published_releases,
    staged_as_published,
)

SHOWN = 5
_STATED = ("criminality", "msc_status", "reported_threat_level", "msc_code")


def why(project: Project, place: str) -> list[str]:
    """What became of one source row, named FILE:ROW, or FILE:SHEET:ROW in a workbook.

    The file may have RELEASE/ before it, or be a path to it.

    Raises UsageError where it is not named so, UserError where no release in the published file holds such a file.
    """
    name, row = _split(place)
    path = Path(name).absolute()
    meant = {name, path.relative_to(project.raw).as_posix() if path.is_relative_to(project.raw) else name}
    with open_published(project) as connection:
        releases = published_releases(connection)
        store = Store.of(project)
        held = {release: staged for release in releases if (staged := stage.read_staged(store, release))}
        named = [
            release
            for release, staged in held.items()
            if any(meant & _names(release, sheet) for sheet in staged.sheets)
        ]
        sheets = [
            (release, found, sheet)
            for release in named
            for found in [staged_as_published(project, release, releases[release])]
            for sheet in found.sheets
            if meant & _names(release, sheet)
        ]
        if not sheets:
            raise UserError(_unknown(connection, name))
        return [line for release, found, sheet in sheets for line in _became(connection, release, found, sheet, row)]


def _split(place: str) -> tuple[str, int]:
    name, _, row = place.rpartition(":")
    if not name or not (row.isascii() and row.isdigit()):
        raise UsageError(f"{place}: name a row as FILE:ROW, or FILE:SHEET:ROW in a workbook")
    return name, int(row)


def _names(release: str, sheet: StagedSheet) -> set[str]:
    """The ways a person may name a sheet."""
    whole = sheet.file if sheet.sheet is None else f"{sheet.file}:{sheet.sheet}"
    return {sheet.file, f"{release}/{sheet.file}", whole, f"{release}/{whole}"}


def _unknown(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    for release in ask(connection, "select release_id, problem from releases where status = 'failed'"):
        if name.startswith(f"{release['release_id']}/"):
            return f"{release['release_id']}: was refused, so none of its rows is counted: {release['problem']}"
    return f"{name}: no release in the published file holds this file or sheet; see meta.source_files"


def _became(
    connection: duckdb.DuckDBPyConnection, release: str, staged: Staged, sheet: StagedSheet, row: int
) -> Iterator[str]:
    yield f"{release}/{sheet.file}{f', sheet {sheet.sheet}' if sheet.sheet else ''}, row {row}"
    if row <= sheet.header_row:
        yield f"  not a row of data: the header is row {sheet.header_row}"
        return
    written = cells_of(staged, sheet, [row]).get(row)
    if written:
        cells = ", ".join(f"{name}: {value}" for name, value in written.items() if value is not None)
        yield f"  as written: {cells}"
        if own := in_the_agencys_file(written):
            yield f"  in the agency's own file: {', '.join(f'{name} {value}' for name, value in own.items())}"
    key = [release, sheet.file, sheet.sheet, row]
    notes = ask(connection, _QUARANTINE, key)
    found = [
        *(f"not counted: {_note(note)}" for note in notes if note["severity"] == "structural"),
        *(line for removal in ask(connection, _REMOVALS, key) for line in _removal(connection, removal)),
        *(line for detainer in ask(connection, _DETAINERS, key) for line in _detainer(connection, detainer)),
        *(_cell(cell) for cell in ask(connection, _CELLS, key)),
        *(f"became null: {_note(note)}" for note in notes if note["severity"] == "warning"),
    ]
    yield from (f"  {line}" for line in found or ["not a row of data: blank, or beyond the last row"])


def _note(note: dict[str, Any]) -> str:
    written = "blank" if note["value"] is None else repr(note["value"])
    return f"{note['field']}: {note['rule']}; written {written}"


def _removal(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> Iterator[str]:
    month, population = row["month"], row["population"]
    yield f"a removal of {row['departed_date']}, population {population}"
    if row["withdrawn"]:
        yield f"not counted: its release is withdrawn: {row['withdrawn']}"
        return
    if (row["served_by"], row["origin"]) != (row["release_id"], "records"):
        by = f"{row['served_by']} serves it ({row['reason']})" if row["served_by"] else "no release serves it"
        yield f"not counted: {month:%Y-%m}, {population}: {by}"
        return
    not_in = dict(_reasons_against(row))
    for figure in ask(connection, _FIGURES, [month, population, list(SUBSETS)]):
        name = f"{month:%Y-%m}, {population}, {figure['subset']}"
        if (figure["release_id"], figure["origin"]) != (row["release_id"], "records"):
            yield f"not in {name}: its release lacks the figure; {figure['release_id']} publishes it"
        elif figure["removals"] is None:
            yield f"not in {name}: the figure is {figure['status']}"
        elif figure["subset"] in not_in:
            yield f"not in {name}: {not_in[figure['subset']]}"
        else:
            yield f"counts in {name}: one of {figure['removals']:,}"


def _reasons_against(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Subset -> why the row is not counted in it: it is not in it, or nobody can tell."""
    stated = ", ".join(f"{name} {row[name] or 'blank'}" for name in _STATED)
    if row["convicted"] is None:
        yield "convicted", "undetermined: the fields that would show a conviction are redacted, unreadable or missing"
        yield (
            "not_convicted",
            "undetermined: the fields that would show a conviction are redacted, unreadable or missing",
        )
    elif row["convicted"]:
        yield "not_convicted", f"its record shows a conviction: {stated}"
    else:
        yield "convicted", f"its record shows no conviction: {stated}"
    if row["level1"] is None:
        yield "level1", f"undetermined: no level is known; code {row['msc_code'] or 'blank'}"
    elif not row["level1"]:
        level = row["conviction_level"]
        yield "level1", f"its level is {level}" if level else "it is not a Level 1 conviction"
    if not row["detainer_linked"]:
        yield "detainer_linked", ("undetermined: " if row["detainer_linked"] is None else "") + _no_detainer(row)


def _no_detainer(row: dict[str, Any]) -> str:
    if row["detainer_prepare_date"]:
        return f"its detainer is of {row['detainer_prepare_date']}, after the departure"
    if row["person_id"] is None:
        return "no detainer on its record, and no identifier to join one by"
    return "no detainer on its record, and none joined by person"


def _detainer(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> Iterator[str]:
    yield f"a detainer prepared on {row['detainer_prepare_date']}; figures of removals do not count detainers"
    if row["served_by"] != row["release_id"]:
        yield f"not in the table detainers: {row['served_by'] or 'no release'} serves its month there"
    key = [row["release_id"], row["person_id"], row["detainer_prepare_date"]]
    links = ask(connection, _LINKED, key)
    for link in links[:SHOWN]:
        yield f"linked to the removal in {link['place']}, of {link['departed_date']}"
    if len(links) > SHOWN:
        yield f"and to {len(links) - SHOWN:,} more removals"
    if not links:
        yield "not linked to any removal in use"


def _cell(cell: dict[str, Any]) -> str:
    value = cell["status"] if cell["value"] is None else f"{cell['value']:,}"
    name = f"{cell['month']:%Y-%m}, {cell['population']}, {cell['subset']}, {cell['source_column']}: {value}"
    if cell["withdrawn"]:
        return f"{name}; not in use: its release is withdrawn: {cell['withdrawn']}"
    if cell["measure"] != "removals":
        return f"{name}; a printed average, set beside the computed one in published_comparison"
    if (cell["used_release"], cell["used_origin"]) == (cell["release_id"], "published"):
        return f"{name}; the figure in use"
    return f"{name}; not in use: the figure is from {cell['used_release']}; see published_comparison"


_PLACE = "release_id = ? and source_file = ? and source_sheet is not distinct from ? and source_row = ?"
_QUARANTINE = f"select field, rule, severity, value from quarantine where {_PLACE} order by field"
_REMOVALS = f"""
with found as (
    select * from removals_by_release where {_PLACE}
)
select found.*, links.link_method, sources.release_id as served_by, sources.origin, sources.reason,
    case when releases.status = 'withdrawn' then releases.problem end as withdrawn
from found
left join month_sources as sources on sources.month = found.month and sources.population = found.population
left join releases as releases on releases.release_id = found.release_id
left join detainer_links as links
    on links.release_id = found.release_id
    and links.source_file = found.source_file
    and links.source_sheet is not distinct from found.source_sheet
    and links.source_row = found.source_row
"""
_FIGURES = """
select subset, removals, status, origin, release_id
from monthly_removals
where month = ? and population = ?
order by list_position(?, subset)
"""
_DETAINERS = f"""
with found as (
    select * from detainers_by_release where {_PLACE}
)
select found.*, (select any_value(release_id) from detainers where detainers.month = found.month) as served_by
from found
"""
_LINKED = """
select departed_date, concat(source_file, coalesce(':' || source_sheet, ''), ':', source_row) as place
from detainer_linked_removals
where release_id = ? and person_id = ? and linked_detainer_date = ? and link_method = 'joined'
order by source_file, source_sheet, source_row
"""
_CELLS = f"""
with found as (
    select * from published_counts where {_PLACE}
)
select found.*, figures.release_id as used_release, figures.origin as used_origin,
    case when releases.status = 'withdrawn' then releases.problem end as withdrawn
from found
left join releases as releases on releases.release_id = found.release_id
left join monthly_removals as figures
    on figures.month = found.month and figures.population = found.population and figures.subset = found.subset
order by found.source_column
"""
