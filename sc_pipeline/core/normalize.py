"""Cells of text as the source writes them -> typed values, with blank, redacted and unreadable told apart."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import polars as pl

from sc_pipeline.core.places import state_code
from sc_pipeline.errors import FileProblem
from sc_pipeline.schemas.base import RowTable, polars_schema
from sc_pipeline.schemas.records import CRIMINALITIES, Detainers, Removals

# What became of a cell: the `state` column of what read_column gives.
BLANK, DISCLOSED, REDACTED = 0, 1, 2

NULL_MARKS = ("", "NA", "N/A", "NULL", "UNK", "UNKNOWN")
REDACTION_MARKS = ("REDACTED", "[REDACTED]", "(REDACTED)")
# A FOIA exemption, such as (b)(6), b(7)c or (b7)(e); one or more of them fill the whole cell, since statute text
# such as 237(a)(1)(B) holds a piece that looks like one.
_EXEMPTION = r"(\(b\)\s*\(\d\)|b\s*\(\d\)|\(b\s*\d\))(\s*\(?[a-f]\)?)?"
_REDACTION = rf"(?i)^{_EXEMPTION}([\s,;/&]*(and\s+)?{_EXEMPTION})*[\s,;.]*$"

_TIME_OF_DAY = r"(?i)[ T:]\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[AP]M)?(Z|[+-]\d{2}:?\d{2})?$"
_DATE_PIECES = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%m": r"\d{1,2}",
    "%d": r"\d{1,2}",
    "%b": "[A-Za-z]{3}",
    "%B": "[A-Za-z]+",
}
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EXCEL_SERIALS = (20000, 60000)  # 1954 to 2064: outside them a number in a date column is something else
_WHOLE_NUMBER = r"^(-?\d+|-?\d{1,3}(,\d{3})+)(\.0*)?$"
# Written by software that took the identifier for a number and lost its last digits.
_LOST_DIGITS = r"^(\d(\.\d+)?[Ee]\+?\d+|\d{15}0{3,})$"

# Letters and digits alone, two of them letters: nothing in it to mend, and no number, date or exemption.
_PLAIN = "^[0-9]*[A-Za-z][0-9]*[A-Za-z][0-9A-Za-z]*$"

# Zero-width and direction marks, which come with text copied from a web page.
_INVISIBLE = "[\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{2064}\\x{FEFF}\\x{00AD}]"

_Spellings = Mapping[str, str]
_GENDERS: _Spellings = MappingProxyType({"M": "MALE", "F": "FEMALE"})
_FLAGS: _Spellings = MappingProxyType({"Y": "YES", "N": "NO", "TRUE": "YES", "FALSE": "NO"})
_LEVELS: _Spellings = MappingProxyType({f"LEVEL {level}": str(level) for level in (1, 2, 3)})
_CRIMINALITIES: _Spellings = MappingProxyType(
    {spelling: full for full in CRIMINALITIES for spelling in (full[:1], full[2:])} | {"CONVICTED": CRIMINALITIES[0]}
)


@dataclass(frozen=True)
class Habits:
    """How one sheet writes things: its layout's date formats and marks, and the last day a date can be about."""

    date_formats: tuple[str, ...] = ()
    null_marks: tuple[str, ...] = ()
    redaction_marks: tuple[str, ...] = ()
    last_day: date | None = None


# A reader takes the frame's column `text` (trimmed, neither blank nor redacted) to the typed value, null if unreadable.
Reader = Callable[[Habits], pl.Expr]


@dataclass(frozen=True)
class Kind:
    """One kind of field: how its cells are read, what an unreadable one is called, whether they name one each."""

    read: Reader
    doubt: str = "unreadable"
    null_marks: tuple[str, ...] = ()
    is_identifier: bool = False


def read_column(cells: pl.Series, kind: Kind, habits: Habits) -> pl.DataFrame:
    """One column of cells -> `value`, `state` (BLANK, DISCLOSED or REDACTED) and `doubtful` (it could not be read).

    Distinct cells are read once and joined back: a million rows mostly hold a few thousand different texts.
    """
    cells = cells.alias("cell")
    if kind.is_identifier:
        return _read_identifiers(cells, kind, habits)
    lookup = _read(cells.unique().drop_nulls().to_frame(), kind, habits)
    joined = cells.to_frame().join(lookup, on="cell", how="left", maintain_order="left")
    return joined.select("value", pl.col("state").fill_null(BLANK), pl.col("doubtful").fill_null(False))


def _read_identifiers(cells: pl.Series, kind: Kind, habits: Habits) -> pl.DataFrame:
    """As any column; the plain ones, nearly all of them, are what they are in small letters, at a third of the cost."""
    longest_mark = max(len(mark) for marks in _marks(kind, habits) for mark in marks)
    plain = (cells.str.contains(_PLAIN) & (cells.str.len_bytes() > longest_mark)).fill_null(False)
    values = cells.str.to_lowercase().to_frame("value")
    values = values.with_columns(state=pl.lit(DISCLOSED, pl.UInt8), doubtful=pl.lit(False))
    if plain.all():
        return values
    others = (~plain).arg_true()
    read = _read(cells.gather(others).to_frame(), kind, habits)
    return values.with_columns(values[name].scatter(others, read[name]) for name in values.columns)


def _marks(kind: Kind, habits: Habits) -> tuple[list[str], list[str]]:
    """What stands for nothing, and what for something redacted, in capitals."""
    nothing, redacted = (*NULL_MARKS, *kind.null_marks, *habits.null_marks), (*REDACTION_MARKS, *habits.redaction_marks)
    return [mark.upper() for mark in nothing], [mark.upper() for mark in redacted]


def _read(frame: pl.DataFrame, kind: Kind, habits: Habits) -> pl.DataFrame:
    text = pl.col("text")
    upper = text.str.to_uppercase()
    null_marks, redaction_marks = _marks(kind, habits)
    collapsed = pl.col("cell").str.replace_all(_INVISIBLE, "").str.replace_all(r"\s+", " ").str.strip_chars()
    redacted = text.str.contains(_REDACTION) | upper.is_in(redaction_marks)
    state = (
        pl.when(text.is_null() | upper.is_in(null_marks)).then(BLANK).when(redacted).then(REDACTED).otherwise(DISCLOSED)
    )
    return (
        frame.with_columns(text=collapsed)
        .with_columns(state=state.cast(pl.UInt8))
        .with_columns(text=pl.when(pl.col("state") == DISCLOSED).then(text))
        .with_columns(value=kind.read(habits))
        .with_columns(doubtful=pl.col("value").is_null() & text.is_not_null())
    )


def _text(_: Habits) -> pl.Expr:
    return pl.col("text")


def _identifier(_: Habits) -> pl.Expr:
    text = pl.col("text").str.replace(r"^(\d+)\.0+$", "$1").str.to_lowercase()
    return pl.when(~text.str.contains(_LOST_DIGITS)).then(text)


def _category(_: Habits) -> pl.Expr:
    # A code that a spreadsheet took for a number: 287.0 is 287.
    return pl.col("text").str.to_uppercase().str.replace(r"^(\d+)\.0+$", "$1")


def _choice(spellings: _Spellings) -> Reader:
    def read(habits: Habits) -> pl.Expr:
        return _category(habits).replace(dict(spellings))

    return read


def _ncic_code(habits: Habits) -> pl.Expr:
    code = _category(habits)
    return pl.when(code.str.contains(r"^\d{1,3}$")).then(code.str.zfill(4)).otherwise(code)


def _state(_: Habits) -> pl.Expr:
    return pl.col("text").map_elements(state_code, return_dtype=pl.String)


def _whole_number(_: Habits) -> pl.Expr:
    text = pl.col("text")
    digits = text.str.replace_all(",", "").str.replace(r"\.0*$", "")
    return pl.when(text.str.contains(_WHOLE_NUMBER)).then(digits.cast(pl.Int64, strict=False))


def _date(habits: Habits) -> pl.Expr:
    day = pl.col("text").str.replace(_TIME_OF_DAY, "")
    tries = [_excel_serial() if name == "excel" else _written(day, name, habits) for name in habits.date_formats]
    return pl.coalesce(*tries, pl.lit(None, pl.Date))


def _written(day: pl.Expr, date_format: str, habits: Habits) -> pl.Expr:
    date_format = re.split(r"[ T:]+%H", date_format)[0]
    found = pl.when(day.str.contains(_shape(date_format))).then(day.str.to_date(date_format, strict=False))
    if "%y" in date_format and habits.last_day is not None:
        # Two digits name the last such year that can have been: an entry on 5/3/45, received in 2019, was in 1945.
        found = pl.when(found > habits.last_day).then(found.dt.offset_by("-100y")).otherwise(found)
    return found


def _excel_serial() -> pl.Expr:
    text = pl.col("text")
    serial = pl.when(text.str.contains(r"^\d{5}(\.\d+)?$")).then(text.cast(pl.Float64, strict=False).floor())
    days = pl.when(serial.is_between(*_EXCEL_SERIALS)).then(serial.cast(pl.Int64, strict=False))
    return pl.lit(_EXCEL_DAY_ZERO) + pl.duration(days=days)


def _shape(date_format: str) -> str:
    """The regular expression of whole cells in a date format; the parser alone would take 5/3/12 for the year 12."""
    pieces = re.split(r"(%.)", date_format)
    if unknown := [piece for piece in pieces if piece.startswith("%") and piece not in _DATE_PIECES]:
        raise FileProblem(
            f'date_formats of a layout: "{date_format}" holds {unknown[0]}; use {", ".join(_DATE_PIECES)} or "excel"'
        )
    return "^" + "".join(_DATE_PIECES.get(piece, re.escape(piece)) for piece in pieces) + "$"


TEXT = Kind(_text)
IDENTIFIER = Kind(_identifier, "lost its last digits", is_identifier=True)
CATEGORY = Kind(_category)
DATE = Kind(_date, "unreadable date")
WHOLE_NUMBER = Kind(_whole_number, "unreadable number")
NCIC_CODE = Kind(_ncic_code)
STATE = Kind(_state, "unknown state")
LEVEL = Kind(_choice(_LEVELS))
FLAG = Kind(_choice(_FLAGS))

_NAMED = {
    "person_id": IDENTIFIER,
    "msc_code": NCIC_CODE,
    "charge_section": TEXT,
    "county": TEXT,
    "gender": Kind(_choice(_GENDERS), null_marks=("U",)),
    "criminality": Kind(_choice(_CRIMINALITIES)),
    "reported_threat_level": LEVEL,
    "threat_level": LEVEL,
    "final_order": FLAG,
    "prior_removal": FLAG,
    "biometric_match": FLAG,
    "state": STATE,
    "facility_state": STATE,
    "detainer_state": STATE,
}
_BY_TYPE = {pl.Date: DATE, pl.Int64: WHOLE_NUMBER, pl.String: CATEGORY}
# Columns that no cell of the source feeds: where the row is from, and what records.py works out.
NOT_IN_SOURCE = (
    "release_id", "population", "month", "conviction_level", "convicted", "county_fips", "duplicate_likely",
    "source_file", "source_sheet", "source_row",
)  # fmt: skip


def _kinds(model: type[RowTable]) -> Mapping[str, Kind]:
    types = polars_schema(model)
    kinds = {name: _NAMED.get(name) or _BY_TYPE[type(types[name])] for name in types if name not in NOT_IN_SOURCE}
    return MappingProxyType(kinds)


# Per kind of layout: the fields that cells feed, in table order, and how each is read.
KINDS: Mapping[str, Mapping[str, Kind]] = {"removals": _kinds(Removals), "detainers": _kinds(Detainers)}
