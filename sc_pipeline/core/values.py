"""Distinct cells of one column -> typed values with their states; every field's way of being read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

import polars as pl

from sc_pipeline.core.cells import BLANK, NULL_MARKS, REDACTED, UNREADABLE, VALUE, is_error, is_redacted, plain_text
from sc_pipeline.core.dates import DateForms, read_date
from sc_pipeline.core.identifiers import IdForms, read_identifier
from sc_pipeline.core.places import area_of, state_code
from sc_pipeline.schemas.base import RowTable, polars_schema
from sc_pipeline.schemas.records import CRIMINALITIES, MSC_STATUSES, Detainers, Removals

_WHOLE_NUMBER = r"^(-?\d+|-?\d{1,3}(,\d{3})+)(\.0*)?$"
# Letters and digits alone, two of them letters: nothing in it to repair, and no number, date or exemption.
_PLAIN = "^[0-9]*[A-Za-z][0-9]*[A-Za-z][0-9A-Za-z]*$"
_PLAIN_LENGTH = 20  # longer than any word for nothing
# So few cells, of so many bytes together, are worth remembering how they are read.
_FEW, _SHORT = 32, 2048

_Spellings = Mapping[str, str]
_GENDERS: _Spellings = MappingProxyType({"M": "MALE", "F": "FEMALE"})
_FLAGS: _Spellings = MappingProxyType({"Y": "YES", "N": "NO", "TRUE": "YES", "FALSE": "NO"})
_CRIMINALITIES: _Spellings = MappingProxyType(
    {spelling: full for full in CRIMINALITIES for spelling in (full[:1], full[2:])} | {"CONVICTED": CRIMINALITIES[0]}
)
_CONVICTED, _PENDING = MSC_STATUSES
_STATUS_WORDS: Mapping[str, tuple[str, ...]] = {
    _CONVICTED: ("C", "CONVICTION", "GUILTY", "GUILTY PLEA", "PLEAD GUILTY", "PLED GUILTY", "NOLO CONTENDERE"),
    _PENDING: ("P", "PENDING CHARGES", "PENDING CRIMINAL CHARGES", "CHARGES PENDING"),
}
_MSC_STATUSES: _Spellings = MappingProxyType({word: full for full, words in _STATUS_WORDS.items() for word in words})
# "Level 1", "ICE Threat Level 1", "1 - Aggravated felony".
_LEVEL = r"^(?:ICE\s+)?(?:THREAT\s+)?(?:LEVEL\s*|L)?([123])(?:\s*[-\u2013\u2014:.,(/]\s*\D.*)?$"
_NO_LEVEL = r"^(NO|NONE|WITHOUT)\b[^0-9]*$"


@dataclass(frozen=True)
class Reading:
    """How one column of one table is read: its marks for nothing, its dates' forms, its identifiers' forms."""

    dates: DateForms
    null_marks: tuple[str, ...] = ()
    ids: IdForms = field(default_factory=IdForms)


# A reader takes plain text in capitals (neither blank nor redacted) to the typed value, null where it can't be read.
Reader = Callable[[pl.Expr, Reading], pl.Expr]


@dataclass(frozen=True)
class Kind:
    """One kind of field: how its cells are read, what an unreadable one is called, what means nothing in it."""

    read: Reader
    doubt: str = "unreadable"
    nothing: str | None = None
    is_identifier: bool = False
    is_date: bool = False


def read_distinct(cells: pl.Series, kind: Kind, reading: Reading) -> pl.DataFrame:
    """Cells -> one row for each distinct `cell`: `value`, `state`, and the `rule` it breaks where unreadable."""
    distinct = cells.unique().drop_nulls()
    if len(distinct) <= _FEW and distinct.str.len_bytes().sum() <= _SHORT:
        return _read_few(tuple(distinct.sort()), kind, reading)
    return _read(distinct, kind, reading)


@lru_cache(maxsize=4096)
def _read_few(cells: tuple[str, ...], kind: Kind, reading: Reading) -> pl.DataFrame:
    # Most columns hold the same few words in every batch and release.
    return _read(pl.Series(cells, dtype=pl.String), kind, reading)


def _read(distinct: pl.Series, kind: Kind, reading: Reading) -> pl.DataFrame:
    frame = distinct.alias("cell").to_frame().with_columns(text=plain_text(pl.col("cell")))
    text, upper = pl.col("text"), pl.col("upper")
    is_nothing = upper.is_in([*NULL_MARKS, *(mark.upper() for mark in reading.null_marks)])
    if kind.nothing:
        is_nothing |= upper.str.contains(kind.nothing)
    state = pl.when(is_nothing).then(BLANK).when(is_redacted(upper)).then(REDACTED).otherwise(VALUE)
    frame = frame.with_columns(upper=text.str.to_uppercase()).with_columns(state=state.cast(pl.UInt8))
    is_value = pl.col("state") == VALUE
    if kind.is_identifier:
        value, rule = read_identifier(text, reading.ids)
    else:
        value = pl.when(~is_error(upper)).then(kind.read(text, reading))
        rule = pl.lit(kind.doubt)
    frame = frame.with_columns(value=pl.when(is_value).then(value), rule=rule)
    unread = is_value & pl.col("value").is_null()
    return frame.select(
        "cell",
        "value",
        state=pl.when(unread).then(pl.lit(UNREADABLE, pl.UInt8)).otherwise("state"),
        rule=pl.when(unread).then("rule"),
    )


def spread(cells: pl.Series, distinct: pl.DataFrame) -> pl.DataFrame:
    """The cells of a column, row by row, as `value` and `state` of the distinct ones."""
    joined = (
        cells.alias("cell")
        .to_frame()
        .join(distinct.select("cell", "value", "state"), on="cell", how="left", maintain_order="left")
    )
    return joined.select("value", pl.col("state").fill_null(BLANK))


def spread_identifiers(cells: pl.Series, kind: Kind, reading: Reading) -> pl.DataFrame:
    """As `spread`; plain identifiers, nearly all, are themselves in small letters, at a third of the cost."""
    plain = is_plain_identifier(cells)
    values = cells.str.to_lowercase().to_frame("value").with_columns(state=pl.lit(VALUE, pl.UInt8))
    if plain.all():
        return values
    others = (~plain).arg_true()
    rest = cells.gather(others)
    read = spread(rest, read_distinct(rest, kind, reading))
    return values.with_columns(values[name].scatter(others, read[name]) for name in values.columns)


def is_plain_identifier(cells: pl.Series) -> pl.Series:
    """Which cells are identifiers of letters and digits that can be nothing else."""
    long = cells.str.len_bytes() >= _PLAIN_LENGTH
    return (long & cells.str.contains(_PLAIN) & cells.str.contains(r"\d")).fill_null(False)


def _text(text: pl.Expr, _: Reading) -> pl.Expr:
    return text


def _category(text: pl.Expr, _: Reading) -> pl.Expr:
    # A code that a spreadsheet took for a number: 287.0 is 287.
    return text.str.to_uppercase().str.replace(r"^(\d+)\.0+$", "$1")


def _choice(spellings: _Spellings) -> Reader:
    def read(text: pl.Expr, reading: Reading) -> pl.Expr:
        return _category(text, reading).replace(dict(spellings))

    return read


def _level(text: pl.Expr, reading: Reading) -> pl.Expr:
    upper = _category(text, reading)
    return pl.coalesce(upper.str.extract(_LEVEL, 1), upper)


def _ncic_code(text: pl.Expr, reading: Reading) -> pl.Expr:
    code = _category(text, reading)
    return pl.when(code.str.contains(r"^\d{1,3}$")).then(code.str.zfill(4)).otherwise(code)


def _state(text: pl.Expr, _: Reading) -> pl.Expr:
    return text.map_elements(state_code, return_dtype=pl.String)


def _area(text: pl.Expr, _: Reading) -> pl.Expr:
    return text.map_elements(area_of, return_dtype=pl.String)


def _whole_number(text: pl.Expr, _: Reading) -> pl.Expr:
    digits = text.str.replace_all(",", "").str.replace(r"\.0*$", "")
    return pl.when(text.str.contains(_WHOLE_NUMBER)).then(digits.cast(pl.Int64, strict=False))


def _date(text: pl.Expr, reading: Reading) -> pl.Expr:
    return read_date(text, reading.dates)


TEXT = Kind(_text)
IDENTIFIER = Kind(_text, is_identifier=True)
CATEGORY = Kind(_category)
DATE = Kind(_date, "unreadable date", is_date=True)
WHOLE_NUMBER = Kind(_whole_number, "unreadable number")
NCIC_CODE = Kind(_ncic_code)
STATE = Kind(_state, "unknown state")
AREA = Kind(_area)
LEVEL = Kind(_level, nothing=_NO_LEVEL)
FLAG = Kind(_choice(_FLAGS))

_NAMED = {
    "person_id": IDENTIFIER,
    "msc_code": NCIC_CODE,
    "charge_section": TEXT,
    "county": TEXT,
    "gender": Kind(_choice(_GENDERS), nothing="^U$"),
    "criminality": Kind(_choice(_CRIMINALITIES)),
    "msc_status": Kind(_choice(_MSC_STATUSES)),
    "reported_threat_level": LEVEL,
    "detainer_threat_level": LEVEL,
    "final_order": FLAG,
    "prior_removal": FLAG,
    "biometric_match": FLAG,
    "state": STATE,
    "facility_state": STATE,
    "detainer_state": STATE,
    "aor": AREA,
    "facility_aor": AREA,
}
_BY_TYPE = {pl.Date: DATE, pl.Int64: WHOLE_NUMBER, pl.String: CATEGORY}
# Columns that no cell of the source feeds: where the row is from, and what follows from other columns.
NOT_IN_SOURCE = (
    "release_id",
    "population",
    "month",
    "fiscal_year",
    "citizenship_iso",
    "offense_level",
    "conviction_level",
    "convicted",
    "level1",
    "detainer_linked",
    "departure_kind",
    "county_fips",
    "duplicate_likely",
    "source_file",
    "source_sheet",
    "source_row",
)


def _kinds(model: type[RowTable]) -> Mapping[str, Kind]:
    types = polars_schema(model)
    kinds = {name: _NAMED.get(name) or _BY_TYPE[type(types[name])] for name in types if name not in NOT_IN_SOURCE}
    return MappingProxyType(kinds)


# Per kind of table: the fields that cells feed, in table order, and how each is read.
KINDS: Mapping[str, Mapping[str, Kind]] = {"removals": _kinds(Removals), "detainers": _kinds(Detainers)}
"""Kind of table -> its fields, in table order -> how each is read."""
