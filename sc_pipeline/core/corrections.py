"""corrections.toml -> known source errors mended in the staged text, each only where the value it expects stands."""

import difflib
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sc_pipeline.core.normalize import KINDS
from sc_pipeline.errors import ManifestProblem
from sc_pipeline.schemas.base import polars_schema
from sc_pipeline.schemas.records import Corrections as AppliedCorrections

if TYPE_CHECKING:
    from sc_pipeline.staged.stage import StagedSheet

NAME = "corrections.toml"
ACTIONS = ("set", "null", "quarantine")
PREFIX = "detainers."

_KEYS = ("field", "rows", "action", "value", "expected", "reason", "reported_by")
_ROW_KEYS = ("file", "sheet", "row")
_HINT = 'write rows = "all" or rows = [{ file = "x.xlsx", sheet = "Sheet1", row = 12 }]'


@dataclass(frozen=True)
class RowAt:
    """One row as a person finds it: the file, the worksheet (null for text files), the row number seen there."""

    file: str
    sheet: str | None
    row: int

    def __str__(self) -> str:
        return f"row {self.row} of {self.file}" + (f", sheet {self.sheet}" if self.sheet else "")


@dataclass(frozen=True)
class Correction:
    """One entry: in these rows (None: all that hold it) the expected value becomes another, none, or costs the row."""

    place: str
    field: str
    kind: str
    rows: tuple[RowAt, ...] | None
    action: str
    expected: str | None
    replacement: str | None
    reason: str
    reported_by: str


@dataclass(frozen=True)
class Corrected:
    """A batch after its corrections; `dropped` maps the position of a row to refuse to the field that refuses it."""

    frame: pl.DataFrame
    dropped: Mapping[int, str]


@dataclass(frozen=True)
class Corrections:
    """The entries of one release, and where each was applied so far."""

    release_id: str
    entries: tuple[Correction, ...] = ()
    _matched: Counter[Correction] = field(default_factory=Counter)
    _seen: set[tuple[Correction, RowAt]] = field(default_factory=set)

    def fields(self, kind: str) -> set[str]:
        """The fields that entries for this kind of rows name."""
        return {entry.field.removeprefix(PREFIX) for entry in self.entries if entry.kind == kind}

    def apply(self, sheet: "StagedSheet", frame: pl.DataFrame) -> Corrected:
        """Mend one batch of staged text. Raises ManifestProblem where a listed row does not hold the expected value."""
        corrected, dropped = frame, {}
        for entry in self.entries:
            column = sheet.columns.get(entry.field.removeprefix(PREFIX))
            if column is None or entry.kind != sheet.kind:
                continue
            at = frame[column].is_null() if entry.expected is None else frame[column].eq_missing(entry.expected)
            if entry.rows is not None:
                at = self._listed(entry, sheet, frame.select("source_row", value=column))
            self._matched[entry] += len(at.arg_true())
            if entry.action == "quarantine":
                dropped |= dict.fromkeys(at.arg_true(), entry.field)
            else:
                corrected = corrected.with_columns(
                    pl.when(at).then(pl.lit(entry.replacement, pl.String)).otherwise(column).alias(column)
                )
        return Corrected(corrected, dropped)

    def applied(self) -> pl.DataFrame:
        """A row of the corrections table per entry, once all batches of the release are through.

        Raises ManifestProblem for an entry that found nothing, or not all of its rows: the source has changed.
        """
        for entry in self.entries:
            missing = [row for row in entry.rows or () if (entry, row) not in self._seen]
            if missing:
                raise ManifestProblem(f"{entry.place}: {missing[0]} is not there; correct the entry or take it out")
            if not self._matched[entry]:
                raise ManifestProblem(
                    f"{entry.place}: no row holds {_shown(entry.expected)}; "
                    "take the entry out if the source was repaired, else correct it"
                )
        rows = [
            (self.release_id, e.field, self._matched[e], e.action, e.expected, e.replacement, e.reason, e.reported_by)
            for e in self.entries
        ]
        return pl.DataFrame(rows, polars_schema(AppliedCorrections), orient="row")

    def _listed(self, entry: Correction, sheet: "StagedSheet", cells: pl.DataFrame) -> pl.Series:
        rows = [row for row in entry.rows or () if row.file == sheet.file]
        if sheet.sheet is not None and any(row.sheet is None for row in rows):
            raise ManifestProblem(f'{entry.place}: {sheet.file} is a workbook; add sheet = "{sheet.sheet}" to its rows')
        at = cells["source_row"].is_in([row.row for row in rows if row.sheet == sheet.sheet])
        for number, value in cells.filter(at).iter_rows():
            row = RowAt(sheet.file, sheet.sheet, number)
            if value != entry.expected:
                raise ManifestProblem(
                    f"{entry.place}: {row} holds {_shown(value)}, not the expected {_shown(entry.expected)}; "
                    "take the entry out if the source was repaired, else correct it"
                )
            self._seen.add((entry, row))
        return at


def read_corrections(folder: Path, release_id: str) -> Corrections:
    """The corrections beside a release's files; none where there is no such file. Raises ManifestProblem."""
    path = folder / NAME
    if not path.is_file():
        return Corrections(release_id)
    place = f"{folder.name}/{NAME}"
    try:
        found = tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestProblem(f"{place}: not valid TOML in UTF-8: {error}") from None
    _refuse_unknown(found, ("corrections",), place)
    entries = found.get("corrections", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ManifestProblem(f"{place}: write each entry below a line [[corrections]]")
    return Corrections(
        release_id, tuple(_entry(entry, f"{place}: entry {number}") for number, entry in enumerate(entries, start=1))
    )


def _entry(found: dict[str, Any], place: str) -> Correction:
    _refuse_unknown(found, _KEYS, place)
    name = _text(found, "field", place)
    kind, bare = ("detainers", name.removeprefix(PREFIX)) if name.startswith(PREFIX) else ("removals", name)
    if bare not in KINDS[kind]:
        raise ManifestProblem(f'{place}: unknown field "{name}"{_nearest(bare, KINDS[kind])}')
    place = f"{place} ({name})"
    action = _text(found, "action", place)
    if action not in ACTIONS:
        raise ManifestProblem(f'{place}: unknown action "{action}"; write one of {", ".join(ACTIONS)}')
    if (action == "set") != ("value" in found):
        raise ManifestProblem(f'{place}: `value` belongs to action = "set", and only there')
    expected = found.get("expected")
    if not isinstance(expected, str):
        raise ManifestProblem(f'{place}: say in quotes what stands there today as `expected`; "" for a blank cell')
    return Correction(
        place, name, kind, _rows(found.get("rows"), place), action, expected or None,
        _text(found, "value", place) if action == "set" else None,
        _text(found, "reason", place), _text(found, "reported_by", place),
    )  # fmt: skip


def _rows(found: Any, place: str) -> tuple[RowAt, ...] | None:
    if found == "all":
        return None
    if not isinstance(found, list) or not found or not all(isinstance(row, dict) for row in found):
        raise ManifestProblem(f"{place}: {_HINT}")
    for row in found:
        _refuse_unknown(row, _ROW_KEYS, f"{place}: rows")
        whole = isinstance(row.get("row"), int) and not isinstance(row.get("row"), bool)
        if not isinstance(row.get("file"), str) or not whole or not isinstance(row.get("sheet", ""), str):
            raise ManifestProblem(f"{place}: a row lacks its file or number; {_HINT}")
    return tuple(RowAt(row["file"], row.get("sheet"), row["row"]) for row in found)


def _text(found: dict[str, Any], key: str, place: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ManifestProblem(f'{place}: `{key}` is to be a text in quotes; add {key} = "…"')
    return value


def _refuse_unknown(found: Collection[str], known: Collection[str], place: str) -> None:
    for key in found:
        if key not in known:
            raise ManifestProblem(f'{place}: unknown key "{key}"{_nearest(key, known)}')


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else f"; known are: {', '.join(known)}"


def _shown(value: str | None) -> str:
    return "nothing" if value is None else f'"{value}"'
