"""Clean text columns into what real files hold: mixed date forms, redactions, stray spaces; each habit can be off.

Cell habits work on columns of text and never touch what the counts rest on: a redacted or missing value replaces
only fields named in SOFT_FIELDS, spaces are added around words, and a date keeps its day whatever its form.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from sc_pipeline.errors import UsageError

REDACTION_MARKS = (
    "(b)(6)",
    "b(6), b(7)c",
    "b(6), b(7)C",
    "(b)(6)(b)(7)(c)",
    "(b)(6), (b)(7)(c)",
    "(b)(6),(b)(7)(c)",
    "(b)(6), (b)(7)(c) (b)(7)(e)",
    "b(7)(e)",
)
NULL_MARKS = ("NA", "N/A", "NULL", "UNK", "UNKNOWN")
IMPOSSIBLE_DATES = (None, "31FEB12", "00/00/0000", "1889-01-31", "(b)(6)", "2099-01-01", "UNKNOWN", "13/45/2011")
ODD_DATES = ("0/0/1998", "19/98", "13/45/2009", "2/30/2004", "0000", "UNK DATE")
SOFT_FIELDS = frozenset(
    {"county", "entry", "entry_status", "port", "charge_section", "apprehended", "lift_reason", "agency", "birth_year"}
)
CALENDAR_FIRST, CALENDAR_LAST = date(1930, 1, 1), date(2035, 12, 31)


@dataclass(frozen=True)
class Habits:
    """How often each habit of real files shows, as a share of rows or cells; 0 switches one off."""

    mixed_dates: float = 0.15  # dates in another form than the layout's usual one
    redactions: float = 0.01  # single cells, and the fields a production redacts throughout
    null_marks: float = 0.01  # NA, N/A, NULL, UNK in place of a value
    stray_spaces: float = 0.02  # before, after and inside values
    duplicates: float = 0.005  # the same removal or detainer twice; part of the totals
    late_detainers: float = 0.03  # prepared after departure; these link nothing
    undated: float = 0.0003  # extra rows without a usable date; never counted
    odd_msc_dates: float = 0.01  # charge and conviction dates no one can resolve
    missing_ids: float = 0.06  # rows without a person identifier

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 <= getattr(self, field.name) <= 0.5:
                raise UsageError(
                    f"habit {field.name}: expected a share from 0 to 0.5, found {getattr(self, field.name)}"
                )

    @classmethod
    def none(cls) -> "Habits":
        """Every habit off."""
        return cls(**{field.name: 0.0 for field in fields(cls)})

    def without(self, *names: str) -> "Habits":
        """The same habits with those named switched off; UsageError on a name that is not a habit."""
        known = [field.name for field in fields(self)]
        for name in names:
            if name not in known:
                raise UsageError(f"no habit is called {name!r}; there are {', '.join(known)}")
        return replace(self, **dict.fromkeys(names, 0.0))


def day_number(day: date) -> int:
    """Days since CALENDAR_FIRST: how dates travel before they are written."""
    return (day - CALENDAR_FIRST).days


def written_dates(
    days: np.ndarray, known: np.ndarray, forms: Sequence[str], rate: float, rng: np.random.Generator
) -> pl.Series:
    """Day numbers as text in the first form, `rate` of them in one of the others; null where not `known`."""
    size = (CALENDAR_LAST - CALENDAR_FIRST).days + 1
    index = np.clip(days, 0, size - 1).astype(np.int64)
    if rate and len(forms) > 1:
        other = np.flatnonzero(rng.random(len(days)) < rate)
        index[other] += size * rng.integers(1, len(forms), len(other))
    return _calendar(tuple(forms)).gather(pl.Series(index)).zip_with(pl.Series(known), _nothing(len(days)))


def replaced(cells: pl.Series, rate: float, marks: Sequence[str | None], rng: np.random.Generator) -> pl.Series:
    """`rate` of the cells, empty or not, replaced by one of `marks`."""
    where = np.flatnonzero(rng.random(len(cells)) < rate) if rate else np.empty(0, dtype=np.int64)
    return marked(cells, where, marks, rng)


def marked(cells: pl.Series, where: np.ndarray, marks: Sequence[str | None], rng: np.random.Generator) -> pl.Series:
    """The cells at the places `where` replaced by one of `marks` each."""
    return _put(cells, where, pl.Series(marks).gather(pl.Series(rng.integers(0, len(marks), len(where)))))


def spaced(cells: pl.Series, rate: float, rng: np.random.Generator) -> pl.Series:
    """`rate` of the cells with spaces around them, and doubled inside."""
    where = np.flatnonzero(rng.random(len(cells)) < rate) if rate else np.empty(0, dtype=np.int64)
    if not len(where):
        return cells
    return _put(cells, where, " " + cells.gather(pl.Series(where)).str.replace_all(" ", "  ", literal=True) + " ")


def _put(cells: pl.Series, where: np.ndarray, values: pl.Series) -> pl.Series:
    return cells.scatter(pl.Series(where), values) if len(where) else cells


@cache
def _calendar(forms: tuple[str, ...]) -> pl.Series:
    count = (CALENDAR_LAST - CALENDAR_FIRST).days + 1
    days = [CALENDAR_FIRST + timedelta(n) for n in range(count)]
    return pl.Series([_in_form(day, form) for form in forms for day in days], dtype=pl.String)


def _in_form(day: date, form: str) -> str:
    if form == "excel":
        return str((day - date(1899, 12, 30)).days)
    return day.strftime(form).upper()


def _nothing(count: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, count)
