"""Files to be added -> what `add` shows of them: their tables, what each column feeds, what is missing or left out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.known_files import KnownFile, known_files
from sc_pipeline.raw.manifest import WANTED, Manifest, Serves
from sc_pipeline.staged.sheet import StagedSheet
from sc_pipeline.staged.vocabularies import Production, Words

_CASES = ("removals", "detainers")
_LATE = timedelta(days=30)  # the last weeks of a production undercount
_MOST_SHOWN = 3
_GUESS = re.compile(r"(\w+) \(is that '(.*)'\?\)")


@dataclass(frozen=True)
class Counted:
    """What a build would count of a table: rows or figures, their first and last day, how many of each month.

    Months are by whom they count, a population or `detainers`; of a printed table they are its removals.
    `quarantined`: each reason, its rows, and the first of them.
    """

    accepted: int
    days: tuple[date, date] | None
    months: Mapping[str, Mapping[date, int]]
    quarantined: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class FoundTable:
    """One table or sheet as the build would find it, and what it would count of it."""

    sheet: StagedSheet
    counted: Counted | None = None

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and last day of the rows that count."""
        return self.counted.days if self.counted else None


@dataclass(frozen=True)
class FoundFile:
    """One file to be added, and what is publicly known of its bytes."""

    source: Path
    name: str
    sha256: str
    bytes: int
    known: KnownFile | None
    tables: tuple[FoundTable, ...] = ()

    @property
    def guesses(self) -> dict[str, str]:
        """Unknown column -> the field it may be, for a person to confirm."""
        missing = (text for table in self.tables for text in table.sheet.missing)
        return {found[2]: found[1] for text in missing if (found := _GUESS.fullmatch(text))}


def digest_file(name: str, path: Path) -> FoundFile:
    """A file as its bytes tell, not looked into yet. Raises FileProblem where it cannot be read."""
    digest = FileHashes(path.parent).sha256(path)
    return FoundFile(path, name, digest, path.stat().st_size, known_files().get(digest))


def coverage(files: Iterable[FoundFile]) -> tuple[date, date] | None:
    """From the first day of the removals to 30 days before the last: what a release may call complete.

    Of detainers alone it is theirs.
    """
    found = [table for file in files for table in file.tables]
    of_kind = {kind: [table.days for table in found if table.days and table.sheet.kind == kind] for kind in _CASES}
    days = next((days for days in of_kind.values() if days), None)
    if not days:
        return None
    first, last = min(day for day, _ in days), max(day for _, day in days) - _LATE
    return (first, last) if first < last else None


def productions(files: Iterable[FoundFile], words: Words) -> list[Production]:
    """The known productions that these files are."""
    names = dict.fromkeys(table.sheet.production for file in files for table in file.tables if table.sheet.part)
    return [words.productions[name] for name in names if name]


def populations(files: Iterable[FoundFile]) -> set[str]:
    """Whom the removals in these files count, as their productions tell."""
    return {
        table.sheet.population for file in files for table in file.tables if table.sheet.part and table.sheet.population
    }


def findings(files: Iterable[FoundFile]) -> list[str]:
    """What a person is shown of the files before they are added, line by line."""
    lines: list[str] = []
    for file in files:
        known = f"; known: {file.known.release.title}" if file.known else ""
        lines.append(f"{file.name} ({file.bytes:,} bytes, sha256 {file.sha256[:12]}…{known})")
        lines += [f"  {line}" for table in file.tables for line in _finding(table)]
    return lines


def _finding(table: FoundTable) -> list[str]:
    sheet = table.sheet
    inside = sheet.file.removeprefix(sheet.release_file).lstrip("/")
    place = "".join(f"{part}: " for part in (inside, sheet.sheet and f"sheet '{sheet.sheet}'") if part)
    rows = f" ({sheet.rows:,} rows)" if sheet.rows else ""
    if sheet.left_out:
        return [f"{place}left out{rows}, {sheet.left_out}"]
    days = f", {table.days[0]} to {table.days[1]}" if table.days else ""
    production = (
        f"production {sheet.production}" if sheet.production else "no known production, read by its column names"
    )
    lines = [f"{place}{sheet.kind}, {production}, header in row {sheet.header_row}, {sheet.rows:,} rows{days}"]
    lines += _counts(table)
    lines += [
        f"  {' and '.join(names) or 'named beside its months'} -> {field}" for field, names in sheet.columns.items()
    ]
    if sheet.problems:
        lines.append(
            f"  {len(sheet.problems):,} rows have more cells than the header (first: row {sheet.problems[0][0]})"
        )
    if sheet.unknown:
        lines.append(f"  columns nobody knows, kept as they are: {', '.join(sheet.unknown)}")
    if sheet.missing:
        lines.append(f"  no column for: {', '.join(sheet.missing)}")
    return lines


def _counts(table: FoundTable) -> list[str]:
    """What a build would count of a table's rows, and why not the others."""
    if not table.counted or table.sheet.kind not in _CASES:
        return []
    rows = table.sheet.rows + len(table.sheet.problems)
    lines = [f"  a build would count {table.counted.accepted:,} of its {rows:,} rows"]
    return lines + [
        f"  {rows:,} quarantined: {reason} (first: row {first})"
        for reason, rows, first in table.counted.quarantined[:_MOST_SHOWN]
    ]


def stated(manifest: Manifest, files: Iterable[FoundFile]) -> list[str]:
    """What release.toml will state that a person should look at, and what it lacks."""
    lines = []
    found = coverage(files)
    if manifest.covers and manifest.covers == found:
        first, last = manifest.covers
        lines.append(
            f"covers {first} to {last}: the last 30 days undercount; say otherwise with --covers or in release.toml"
        )
    elif manifest.covers and found and found[1] > manifest.covers[1]:
        lines.append(f"covers ends on {manifest.covers[1]} as stated; from the files it would end on {found[1]}")
    for key in ("caution", "scope_note"):
        if text := getattr(manifest, key):
            lines.append(f"{key}, shown beside every figure: {text}")
    lines += [f"serves {_window(window)}: reserved for this release" for window in manifest.serves]
    if missing := [key for key in WANTED if not getattr(manifest, key)]:
        lines.append(f"to fill in in release.toml: {', '.join(missing)}")
    return lines


def _window(window: Serves) -> str:
    until = f"to {window.last:%Y-%m}" if window.last else "onward"
    return f"{window.kind or 'months'} from {window.first:%Y-%m} {until}"
