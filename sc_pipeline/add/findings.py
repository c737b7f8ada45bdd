"""A data file -> what `add` shows of it: its digest, what is known of it, and the layout each of its sheets matches."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sc_pipeline.errors import UserError
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.known_files import KnownFile, known_files
from sc_pipeline.staged import formats as read
from sc_pipeline.staged import layouts

_COUNTED_BYTES = 20_000_000  # rows of larger files are counted by the build, not here


@dataclass(frozen=True)
class FoundSheet:
    """One sheet or text file and the layout its columns match, if any. `rows` is None where not counted."""

    file: str
    sheet: str | None
    layout: str | None = None
    kind: str | None = None
    header_row: int | None = None
    rows: int | None = None
    unknown: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True)
class FoundFile:
    """One data file to be added. `problem` says why the build would refuse it."""

    source: Path
    name: str
    sha256: str
    bytes: int
    known: KnownFile | None
    sheets: tuple[FoundSheet, ...]
    problem: str | None


def digest_file(name: str, path: Path) -> FoundFile:
    """A file as its bytes tell, not looked into yet. Raises FileProblem where it cannot be read."""
    digest = FileHashes(path.parent).sha256(path)
    return FoundFile(path, name, digest, path.stat().st_size, known_files().get(digest), (), None)


def look_into(file: FoundFile, layout: str | None) -> FoundFile:
    """The same file with its sheets, matched against all layouts or the one insisted on, and its problem, if any."""
    sheets: list[FoundSheet] = []
    try:
        with tempfile.TemporaryDirectory() as scratch:
            sheets.extend(_sheets(file, layout, Path(scratch)))
    except UserError as error:
        return replace(file, sheets=tuple(sheets), problem=str(error))
    problem = next((sheet.problem for sheet in sheets if sheet.problem), None)
    if problem is None and not any(sheet.layout for sheet in sheets):
        problem = f"{file.name}: no sheet holds a header that a layout knows; see docs/adding-a-layout.md"
    return replace(file, sheets=tuple(sheets), problem=problem)


def _sheets(file: FoundFile, layout: str | None, scratch: Path) -> Iterator[FoundSheet]:
    for sheet in read.open_sheets(file.source, scratch):
        try:
            match = layouts.match(sheet, layouts.load_layouts(), layout)
            if match is None:
                yield FoundSheet(sheet.file, sheet.name)
                continue
            rows = None
            if file.bytes <= _COUNTED_BYTES:
                batches = sheet.batches(match.header_row, list(match.names))
                rows = sum(batch.num_rows for batch in batches) + len(sheet.problems)
        except UserError as error:
            yield FoundSheet(sheet.file, sheet.name, problem=str(error))
            continue
        yield FoundSheet(
            sheet.file, sheet.name, match.layout.name, match.layout.kind, match.header_row, rows, match.unknown
        )


def findings(files: Iterable[FoundFile]) -> list[str]:
    """What a person is shown of the files before they are added, line by line."""
    lines: list[str] = []
    for file in files:
        known = f", known as {file.known.file} of release {file.known.release.release_id}" if file.known else ""
        lines.append(f"{file.name} ({file.bytes:,} bytes, sha256 {file.sha256[:12]}…{known})")
        if file.problem and not any(sheet.problem for sheet in file.sheets):
            lines.append(f"  refused: {file.problem}")
        lines += [f"  {_finding(sheet)}" for sheet in file.sheets]
    return lines


def _finding(sheet: FoundSheet) -> str:
    place = f"sheet '{sheet.sheet}': " if sheet.sheet else ""
    if sheet.problem:
        return f"{place}refused: {sheet.problem}"
    if sheet.layout is None:
        return f"{place}no table, left aside"
    rows = f", {sheet.rows:,} rows" if sheet.rows is not None else ""
    unknown = f"; columns no layout knows, kept as they are: {', '.join(sheet.unknown)}" if sheet.unknown else ""
    return f"{place}{sheet.kind}, layout {sheet.layout}, header in row {sheet.header_row}{rows}{unknown}"
