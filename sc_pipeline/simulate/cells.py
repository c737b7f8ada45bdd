"""A view of events into the text cells of one layout's columns, in the words and with the habits of real files."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl
import pyarrow as pa

from sc_pipeline.simulate import words
from sc_pipeline.simulate.events import LEVEL_1, NOT_CONVICTED, View
from sc_pipeline.simulate.habits import (
    CALENDAR_FIRST,
    IMPOSSIBLE_DATES,
    NULL_MARKS,
    ODD_DATES,
    REDACTION_MARKS,
    SOFT_FIELDS,
    marked,
    replaced,
    spaced,
    written_dates,
)

COLUMNS = Path(__file__).with_name("columns.csv")
OFFENSE_LEVELS = Path(__file__).parents[1] / "reference" / "offense_levels.csv"
WITHHELD_FIELDS = frozenset({"prepared", "facility_city", "facility_state"})
WITHHELD_BLANK_SHARE = 0.3  # of the cells of a withheld field; the rest carry a redaction mark
HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
ID_MARK = np.frombuffer(b"SIM", dtype=np.uint8)
ID_LENGTH = 40
Forms = Mapping[str, Sequence[str]]  # date forms by attribute, the usual one first; "" for every other attribute


@dataclass(frozen=True)
class Column:
    """One column of a layout: its name as the file writes it, date, number or text, and which attribute it holds."""

    layout: str
    name: str
    type: str
    holds: str


@cache
def columns_of(layout: str) -> tuple[Column, ...]:
    """The layout's columns in the order of the file; empty for a layout that cannot be simulated."""
    with COLUMNS.open(newline="", encoding="utf-8") as file:
        rows = [Column(row["layout"], row["column"], row["type"], row["holds"]) for row in csv.DictReader(file)]
    return tuple(row for row in rows if row.layout == layout)


def frame(view: View, columns: Sequence[Column], forms: Forms, own_date: str, salt: int) -> pl.DataFrame:
    """All columns of the view's rows as text; null is an empty cell. `own_date` is the attribute that dates a row."""
    return pl.DataFrame([_with_habits(view, column, forms, own_date, salt) for column in columns])


def _with_habits(view: View, column: Column, forms: Forms, own_date: str, salt: int) -> pl.Series:
    habits, holds = view.events.habits, column.holds
    rng = view.events.stream(f"{column.layout} {column.name}")
    cells = _attribute(view, column, forms, salt, rng)
    if view.events.stratum.withheld and holds in WITHHELD_FIELDS:
        cells = _nothing(len(view.at))
        if habits.redactions:
            cells = replaced(cells, 1 - WITHHELD_BLANK_SHARE, REDACTION_MARKS, rng)
    elif holds in SOFT_FIELDS:
        cells = replaced(cells, habits.redactions, REDACTION_MARKS, rng)
        cells = replaced(cells, habits.null_marks, NULL_MARKS, rng)
    elif holds in ("charged", "sentenced"):
        cells = replaced(cells, habits.odd_msc_dates, ODD_DATES, rng)
    elif holds == own_date:
        cells = marked(cells, np.flatnonzero(view.undated), IMPOSSIBLE_DATES, rng)
    return cells.alias(column.name)


def _attribute(view: View, column: Column, forms: Forms, salt: int, rng: np.random.Generator) -> pl.Series:
    habits, holds = view.events.habits, column.holds
    if holds in DATES:
        days, known = DATES[holds](view)
        return written_dates(days, known, forms.get(holds, forms[""]), habits.mixed_dates, rng)
    if holds == "person":
        return _ids(view, salt)
    if holds == "redacted":
        mark = REDACTION_MARKS[crc32(column.name.encode()) % len(REDACTION_MARKS)] if habits.redactions else None
        return pl.Series([mark], dtype=pl.String).new_from_index(0, len(view.at))
    if holds == "yes_no":
        return _drawn(view, column.name, ("NO", "NO", "NO", "YES"))
    cells = _nothing(len(view.at)) if not holds else TEXTS[holds](view) if holds in TEXTS else _word(view, holds)
    return spaced(cells, habits.stray_spaces, rng) if column.type == "text" else cells


def _drawn(view: View, stream: str, values: Sequence[str | None], even: bool = True) -> pl.Series:
    """A value for each event, the same wherever the event shows."""
    return _gather(values, _indices(view, stream, len(values), even))


def _indices(view: View, stream: str, size: int, even: bool) -> np.ndarray:
    rng, count = view.events.stream(stream), view.events.count
    # Squaring favors the front of a list, where its commonest values are.
    found = rng.integers(0, size, count) if even else (rng.random(count) ** 2 * size).astype(np.int64)
    return found[view.at]


def _gather(values: Sequence[str | None], indices: np.ndarray) -> pl.Series:
    return pl.Series(values, dtype=pl.String).gather(pl.Series(indices))


def _nothing(count: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, count)


def _only(cells: pl.Series, where: np.ndarray) -> pl.Series:
    return cells.zip_with(pl.Series(where), _nothing(len(cells)))


def _either(where: np.ndarray, yes: pl.Series, no: pl.Series) -> pl.Series:
    return yes.zip_with(pl.Series(where), no)


def _word(view: View, holds: str) -> pl.Series:
    stream, values = WORDS[holds]
    cells = _gather(values, _indices(view, stream, len(values), even=False))
    # A facility goes with a detainer: a row without one names none.
    return _only(cells, view.held) if stream == "facility" else cells


def _status(view: View) -> pl.Series:
    return _either(view.left, _drawn(view, "status", words.STATUSES), _drawn(view, "status", words.DETAINED_STATUSES))


def _departure_country(view: View) -> pl.Series:
    """The country of citizenship; for one in fifty another one."""
    elsewhere = _indices(view, "third country", 50, even=True) == 0
    return _either(elsewhere, _drawn(view, "third country name", words.THIRD_COUNTRIES), _word(view, "citizenship"))


def _ages(view: View) -> np.ndarray:
    return (18 + view.events.stream("age").gamma(3.0, 5.5, view.events.count)).astype(np.int64).clip(18, 89)[view.at]


def _birth_years(view: View) -> pl.Series:
    return (pl.Series(view.events.stratum.first.year - _ages(view))).cast(pl.String)


def _offenses(view: View) -> np.ndarray:
    """Row of the offense table for each event, among Level 1 codes or the others as its conviction asks."""
    first, rest = _codes()
    share = view.events.stream("offense").random(view.events.count)[view.at]
    level1 = view.events.kinds[view.at] == LEVEL_1
    return np.where(level1, share * len(first), len(first) + share * len(rest)).astype(np.int64)


def _offense(view: View, part: int, blank: tuple[str | None, ...]) -> pl.Series:
    first, rest = _codes()
    convicted = view.events.kinds[view.at] != NOT_CONVICTED
    return _either(
        convicted, _gather([row[part] for row in first + rest], _offenses(view)), _drawn(view, "none", blank)
    )


@cache
def _codes() -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, str, str], ...]]:
    """(code, level, charge) of every code the offense table ranks: those of Level 1, then the others."""
    with OFFENSE_LEVELS.open(newline="", encoding="utf-8") as file:
        ranges = [(int(row["code_from"]), int(row["code_to"]), row) for row in csv.DictReader(file)]
    every = [
        (f"{code:04}", row["level"], row["offense_family"].upper())
        for first, last, row in ranges
        for code in range(first, last + 1)
    ]
    return tuple(row for row in every if row[1] == "1"), tuple(row for row in every if row[1] != "1")


def _criminality(view: View) -> pl.Series:
    convicted = view.events.kinds[view.at] != NOT_CONVICTED
    return _either(
        convicted,
        _gather(["1 Convicted Criminal"], np.zeros(len(view.at), dtype=np.int64)),
        _drawn(view, "none", words.NOT_CONVICTED),
    )


def _detainer_type(view: View) -> pl.Series:
    old = view.events.stratum.first.year < 2013
    return _drawn(view, "detainer type", words.OLD_DETAINER_TYPES if old else words.DETAINER_TYPES)


def _prepare_fiscal_year(view: View) -> pl.Series:
    dates = pl.Series(view.prepared).cast(pl.Int32) + (CALENDAR_FIRST.toordinal() - 719_163)
    shifted = dates.cast(pl.Date).dt.offset_by("3mo").dt.year().cast(pl.String)
    return _only(shifted, view.held)


def _ids(view: View, salt: int) -> pl.Series:
    """40 characters from the person's number and the release's salt: SIM, then hexadecimal digits."""
    with np.errstate(over="ignore"):
        state = view.events.numbers[view.at] * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt & 0xFFFFFFFFFFFFFFFF)
        words64 = np.stack([_mixed(state + np.uint64(step)) for step in (1, 2, 3)], axis=1)
    octets = words64.astype("<u8").view(np.uint8).reshape(len(view.at), 24)
    digits = np.stack([octets >> 4, octets & 15], axis=2).reshape(len(view.at), 48)
    letters = np.empty((len(view.at), ID_LENGTH), dtype=np.uint8)
    letters[:, : len(ID_MARK)] = ID_MARK
    letters[:, len(ID_MARK) :] = HEX[digits[:, : ID_LENGTH - len(ID_MARK)]]
    offsets = np.arange(len(view.at) + 1, dtype=np.int64) * ID_LENGTH
    ids = pa.LargeStringArray.from_buffers(len(view.at), pa.py_buffer(offsets), pa.py_buffer(letters.tobytes()))
    missing = view.events.stream("missing id").random(view.events.count) < view.events.habits.missing_ids
    return _only(pl.Series(ids), ~missing[view.at])


def _mixed(state: np.ndarray) -> np.ndarray:
    """splitmix64: spreads consecutive numbers over all 64 bits."""
    state = state * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def _before(name: str, least: int, most: int) -> Callable[[View], tuple[np.ndarray, np.ndarray]]:
    """Dates that lie `least` to `most` days before the event, for every row."""

    def dates(view: View) -> tuple[np.ndarray, np.ndarray]:
        lead = view.events.stream(name).integers(least, most + 1, view.events.count)
        return (view.events.days - lead)[view.at], np.ones(len(view.at), dtype=bool)

    return dates


def _if_convicted(name: str, least: int, most: int) -> Callable[[View], tuple[np.ndarray, np.ndarray]]:
    every = _before(name, least, most)
    return lambda view: (every(view)[0], view.events.kinds[view.at] != NOT_CONVICTED)


DATES: dict[str, Callable[[View], tuple[np.ndarray, np.ndarray]]] = {
    "departed": lambda view: (view.departed, view.left),
    "departed_at": lambda view: (view.departed, view.left),
    "prepared": lambda view: (view.prepared, view.held),
    "lifted": lambda view: (view.departed, view.left),
    "entry": _before("entry", 200, 7000),
    "charged": _if_convicted("charged", 120, 2500),
    "sentenced": _if_convicted("sentenced", 20, 119),
    "apprehended": _before("apprehended", 1, 60),
    "ordered": _before("ordered", 0, 300),
    "closed": lambda view: (view.departed + _indices(view, "closed", 6, even=True), view.left),
}
PLACE_STATES, PLACE_COUNTIES, PLACE_AORS = zip(*words.PLACES, strict=True)
FACILITY_NAMES, FACILITY_CODES, FACILITY_CITIES, FACILITY_STATES = zip(*words.FACILITIES, strict=True)
WORDS: dict[str, tuple[str, tuple[str, ...]]] = {  # attribute -> random stream, values; one stream: they go together
    "state": ("place", PLACE_STATES),
    "county": ("place", PLACE_COUNTIES),
    "aor": ("place", PLACE_AORS),
    "facility": ("facility", FACILITY_NAMES),
    "facility_code": ("facility", FACILITY_CODES),
    "facility_city": ("facility", FACILITY_CITIES),
    "facility_state": ("facility", FACILITY_STATES),
    "citizenship": ("country", words.COUNTRIES),
    "birth_country": ("country", words.COUNTRIES),
    "gender": ("gender", words.GENDERS),
    "entry_status": ("entry status", words.ENTRY_STATUSES),
    "category": ("category", words.CATEGORIES),
    "disposition": ("disposition", words.DISPOSITIONS),
    "disposition_code": ("disposition", words.DISPOSITION_CODES),
    # For a layout in which nothing else in a row could say that it is simulated.
    "marked_disposition": ("disposition", tuple(f"SIM {word}" for word in words.DISPOSITIONS)),
    "marked_disposition_code": ("disposition", tuple(f"SIM {word}" for word in words.DISPOSITION_CODES)),
    "program": ("program", words.PROGRAMS),
    "program_code": ("program", words.PROGRAM_CODES),
    "method": ("method", words.METHODS),
    "method_code": ("method", words.METHOD_CODES),
    "charge_section": ("charge section", words.CHARGE_SECTIONS),
    "charge_code": ("charge section", words.CHARGE_CODES),
    "agency": ("agency", words.AGENCIES),
    "aor_name": ("aor name", tuple(f"{name} Area of Responsibility" for name in words.AOR_NAMES)),
    "lift_reason": ("lift reason", words.LIFT_REASONS),
}
TEXTS: dict[str, Callable[[View], pl.Series]] = {
    "age": lambda view: pl.Series(_ages(view)).cast(pl.String),
    "birth_year": _birth_years,
    "code": lambda view: _offense(view, 0, ("0000", None)),
    "level": lambda view: _offense(view, 1, (None, None, None, "NA")),
    "charge": lambda view: _offense(view, 2, (None,)),
    "criminality": _criminality,
    "charge_status": lambda view: _only(
        _drawn(view, "charge status", words.CHARGE_STATUSES), view.events.kinds[view.at] != NOT_CONVICTED
    ),
    "felon": lambda view: _drawn(view, "felon", ("NO", "NO", "YES")),
    "status": _status,
    "final_order": lambda view: _drawn(view, "final order", ("YES",)),
    "prior_removal": lambda view: _drawn(view, "prior removal", ("NO", "YES")),
    "departure_country": lambda view: _only(_departure_country(view), view.left),
    "port": lambda view: _only(_drawn(view, "port", words.PORTS, even=False), view.left),
    "detainer_type": _detainer_type,
    "prepare_fiscal_year": _prepare_fiscal_year,
}
