"""corrections.toml -> known source errors corrected in the staged text, each only where the expected value is there."""

import difflib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, get_args

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from sc_pipeline.core.values import KINDS
from sc_pipeline.errors import ManifestProblem
from sc_pipeline.raw.manifest import read_toml
from sc_pipeline.schemas.base import polars_schema
from sc_pipeline.schemas.facts import Corrections as AppliedCorrections

NAME = "corrections.toml"
PREFIX = "detainers."

_HINT = 'write rows = "all" or rows = [{ file = "x.xlsx", sheet = "Sheet1", row = 12 }]'
_Action = Literal["set", "null", "quarantine"]
_Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]


class RowAt(BaseModel):
    """One row as a person finds it: the file, the worksheet (none for text files), the row number seen there."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    file: _Text
    sheet: str | None = None
    row: int = Field(ge=1)

    def __str__(self) -> str:
        return f"row {self.row} of {self.file}" + (f", sheet {self.sheet}" if self.sheet else "")


class Entry(BaseModel):
    """One entry: in these rows the expected value becomes another, becomes none, or refuses its row."""

    model_config = ConfigDict(extra="forbid", strict=True)
    field: _Text
    rows: Literal["all"] | Annotated[list[RowAt], Field(min_length=1)]
    action: _Action
    value: _Text | None = None
    expected: str
    reason: _Text
    reported_by: _Text


class CorrectionsFile(BaseModel):
    """corrections.toml: known errors of a release's source, kept as data beside its files."""

    model_config = ConfigDict(extra="forbid", strict=True)
    corrections: list[Entry] = []


@dataclass(frozen=True)
class Correction:
    """An entry as it is applied; `rows` None means all that hold the expected value."""

    place: str
    field: str
    kind: str
    rows: tuple[RowAt, ...] | None
    action: str
    expected: str | None
    replacement: str | None
    reason: str
    reported_by: str

    @property
    def column_field(self) -> str:
        """The field without the prefix of its kind."""
        return self.field.removeprefix(PREFIX)


class Sheet(Protocol):
    """What a correction needs to know of a table: where it is, and which columns feed which field."""

    @property
    def file(self) -> str: ...
    @property
    def sheet(self) -> str | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]: ...


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

    def fresh(self) -> "Corrections":
        """The same entries, applied nowhere yet."""
        return Corrections(self.release_id, self.entries)

    def fields(self, kind: str) -> set[str]:
        """The fields that entries for this kind of rows name."""
        return {entry.column_field for entry in self.entries if entry.kind == kind}

    def apply(self, sheet: Sheet, frame: pl.DataFrame) -> Corrected:
        """Correct one batch of staged text; fields whose columns the batch lacks stay as they are.

        Raises ManifestProblem where a listed row does not hold the expected value.
        """
        corrected, dropped = frame, {}
        for entry in self.entries:
            columns = [name for name in sheet.columns.get(entry.column_field, ()) if name in frame.columns]
            if not columns or entry.kind != sheet.kind:
                continue
            at = _where(entry, frame, columns)
            if entry.rows is not None:
                at = self._listed(entry, sheet, frame.select("source_row", found=at, value=pl.coalesce(columns)))
            self._matched[entry] += int(at.sum())
            if entry.action == "quarantine":
                dropped |= dict.fromkeys(at.arg_true(), entry.field)
            else:
                corrected = corrected.with_columns(_replaced(entry, at, columns))
        return Corrected(corrected, dropped)

    def applied(self) -> pl.DataFrame:
        """A row of the corrections table per entry, once all batches of the release are through.

        Raises ManifestProblem for an entry that found nothing, or not all of its rows: the source has changed.
        """
        for entry in self.entries:
            missing = [row for row in entry.rows or () if (entry, row) not in self._seen]
            if missing:
                raise ManifestProblem(f"{entry.place}: {missing[0]} is not there; correct the entry or remove it")
            if not self._matched[entry]:
                raise ManifestProblem(
                    f"{entry.place}: no row holds {_shown(entry.expected)}; "
                    "remove the entry if the source was repaired, else correct it"
                )
        rows = [
            (self.release_id, e.field, self._matched[e], e.action, e.expected, e.replacement, e.reason, e.reported_by)
            for e in self.entries
        ]
        return pl.DataFrame(rows, polars_schema(AppliedCorrections), orient="row")

    def _listed(self, entry: Correction, sheet: Sheet, cells: pl.DataFrame) -> pl.Series:
        rows = [row for row in entry.rows or () if row.file == sheet.file]
        if sheet.sheet is not None and any(row.sheet is None for row in rows):
            raise ManifestProblem(f'{entry.place}: {sheet.file} is a workbook; add sheet = "{sheet.sheet}" to its rows')
        at = cells["source_row"].is_in([row.row for row in rows if row.sheet == sheet.sheet])
        for number, found, value in cells.filter(at).iter_rows():
            row = RowAt(file=sheet.file, sheet=sheet.sheet, row=number)
            if not found:
                raise ManifestProblem(
                    f"{entry.place}: {row} holds {_shown(value)}, not the expected {_shown(entry.expected)}; "
                    "remove the entry if the source was repaired, else correct it"
                )
            self._seen.add((entry, row))
        return at


def _where(entry: Correction, frame: pl.DataFrame, columns: list[str]) -> pl.Series:
    holds = (
        pl.all_horizontal(pl.col(columns).is_null())
        if entry.expected is None
        else pl.any_horizontal(pl.col(columns).eq_missing(pl.lit(entry.expected)))
    )
    return frame.select(holds.alias("at")).to_series()


def _replaced(entry: Correction, at: pl.Series, columns: list[str]) -> list[pl.Expr]:
    new = pl.lit(entry.replacement, pl.String)
    if entry.expected is None:
        return [pl.when(at).then(new).otherwise(columns[0]).alias(columns[0])]
    return [
        pl.when(at & pl.col(name).eq_missing(pl.lit(entry.expected))).then(new).otherwise(name).alias(name)
        for name in columns
    ]


def read_corrections(folder: Path, release_id: str) -> Corrections:
    """The corrections beside a release's files; none where the file is missing. Raises ManifestProblem."""
    path = folder / NAME
    if not path.is_file():
        return Corrections(release_id)
    place = f"{folder.name}/{NAME}"
    facts = read_toml(path)
    try:
        found = CorrectionsFile.model_validate(facts)
    except ValidationError as error:
        raise ManifestProblem(_in_one_line(error, facts, place)) from None
    entries = enumerate(found.corrections, start=1)
    return Corrections(release_id, tuple(_correction(entry, f"{place}: entry {number}") for number, entry in entries))


def _correction(found: Entry, place: str) -> Correction:
    name = found.field
    kind, bare = ("detainers", name.removeprefix(PREFIX)) if name.startswith(PREFIX) else ("removals", name)
    if bare not in KINDS[kind]:
        raise ManifestProblem(f'{place}: unknown field "{name}"{_nearest(bare, KINDS[kind])}')
    place = f"{place} ({name})"
    if (found.action == "set") != (found.value is not None):
        raise ManifestProblem(f'{place}: `value` belongs to action = "set", and only there')
    rows = None if found.rows == "all" else tuple(found.rows)
    return Correction(
        place, name, kind, rows, found.action, found.expected or None, found.value, found.reason, found.reported_by
    )


def _in_one_line(error: ValidationError, facts: Mapping[str, Any], place: str) -> str:
    """The first thing wrong, as a person would look for it."""
    first = error.errors(include_url=False)[0]
    entry: Any = None
    path = [part for part in first["loc"] if not str(part).startswith(("literal", "list"))]
    if len(path) > 1 and path[0] == "corrections" and isinstance(path[1], int):
        entry = facts["corrections"][path[1]]
        name = entry.get("field") if isinstance(entry, dict) else None
        place += f": entry {path[1] + 1}" + (f" ({name})" if isinstance(name, str) else "")
    key = str(path[-1])
    if first["type"] == "extra_forbidden":
        known = CorrectionsFile if len(path) == 1 else Entry if len(path) == 3 else RowAt
        return f'{place}: unknown key "{key}"{_nearest(key, known.model_fields)}'
    if "rows" in path:
        return f"{place}: {_extra_row_key(entry)}" if len(path) > 2 else f"{place}: {_HINT}"
    if key == "action" and first["type"] == "literal_error":
        return f'{place}: unknown action "{first["input"]}"; write one of {", ".join(get_args(_Action))}'
    if key == "expected":
        return f'{place}: write in quotes what is there today as `expected`; "" for a blank cell'
    if isinstance(path[-1], int) or len(path) == 1:
        return f"{place}: write each entry below a line [[corrections]]"
    return f'{place}: `{key}` must be a text in quotes; add {key} = "…"'


def _extra_row_key(entry: Any) -> str:
    rows = entry.get("rows") if isinstance(entry, dict) else None
    for row in rows if isinstance(rows, list) else ():
        for key in row if isinstance(row, dict) else ():
            if key not in RowAt.model_fields:
                return f'rows: unknown key "{key}"{_nearest(key, RowAt.model_fields)}'
    return f"a row lacks its file or number; {_HINT}" if rows and isinstance(rows, list) else _HINT


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else f"; known are: {', '.join(known)}"


def _shown(value: str | None) -> str:
    return "nothing" if value is None else f'"{value}"'
