"""Dates as text -> days: every form a file may use, day or month first as its column decides, no day invented."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from sc_pipeline.staged.names import MONTH_NAMES, MONTHS

# A release may hold departures planned for the weeks after it was written.
GRACE = timedelta(days=31)

_TIME_OF_DAY = (
    r"(?i)[ T:]\s*\d{1,2}[:.]\d{2}([:.]\d{2}([.,]\d+)?)?(\s*[AP]\.?M\.?)?\s*(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)?$"
)
_WEEKDAY = r"(?i)^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?\.?,?\s+"
_YEAR_FIRST = r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})$"
_COMPACT = r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?:\.0+)?$"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NAMED_MONTH = rf"^{_DAY}[-\s/.]?(?P<name>[A-Za-z]{{3,9}})\.?[-\s/.,]*(?P<year>\d{{4}}|\d{{2}})$"
_MONTH_FIRST_IN_WORDS = rf"^(?P<name>[A-Za-z]{{3,9}})\.?[-\s]?{_DAY}(?:,\s*|[-\s]+)(?P<year>\d{{4}})$"
_YEAR_FIRST_IN_WORDS = r"^(?P<year>\d{4})[-\s/.](?P<name>[A-Za-z]{3,9})\.?[-\s/.](?P<day>\d{1,2})$"
_SPACED = r"(\d) *([/.-]) *"
NUMERIC = r"^(?P<first>[0-9]{1,2})[/.-](?P<second>[0-9]{1,2})[/.-](?P<year>[0-9]{4}|[0-9]{2})$"
_SERIAL = r"^\d{5}([.,]\d+)?$"

_DAY_ZERO = date(1899, 12, 30)
_DAY_ZERO_1904 = date(1904, 1, 1)
_SERIALS = (20000, 60000)  # 1954 to 2064: outside them a number in a date column is something else


@dataclass(frozen=True)
class DateForms:
    """How one column writes dates: whether 3/4 is the third of April, its serial numbers' epoch, the last day known.

    A year of two digits is the last such year that does not lie after `last_day`.
    """

    day_first: bool
    epoch_1904: bool
    last_day: date


def day_text(text: pl.Expr) -> pl.Expr:
    """The text of a date without its time of day, its weekday and spaces around `/`, `-` and `.`.

    An end-of-day stamp belongs to its own day.
    """
    return text.str.replace(_TIME_OF_DAY, "").str.replace(_WEEKDAY, "").str.replace_all(_SPACED, "$1$2")


def read_date(text: pl.Expr, forms: DateForms) -> pl.Expr:
    """Plain text -> the day, null where no form fits the whole cell or no such day exists."""
    day = day_text(text)
    first, second = ("day", "month") if forms.day_first else ("month", "day")
    numeric = NUMERIC.replace("first", first).replace("second", second)
    tries = [_written(day, pattern, forms) for pattern in (_YEAR_FIRST, _COMPACT, numeric)]
    tries += [_written(day, pattern, forms) for pattern in (_NAMED_MONTH, _MONTH_FIRST_IN_WORDS, _YEAR_FIRST_IN_WORDS)]
    found = pl.coalesce(*tries, _serial(text, forms))
    return pl.when(found.dt.year() > 0).then(found)  # 0000-01-01 is a blank of some databases, and no day of Python's


def serial_day(text: str, epoch_1904: bool) -> date | None:
    """The day of one serial number, as a spreadsheet counts them; None for any other text."""
    if not re.fullmatch(_SERIAL, text):
        return None
    number = int(float(text.replace(",", ".")))
    start = _DAY_ZERO_1904 if epoch_1904 else _DAY_ZERO
    return start + timedelta(days=number) if _SERIALS[0] <= number <= _SERIALS[1] else None


def _written(day: pl.Expr, pattern: str, forms: DateForms) -> pl.Expr:
    groups = day.str.extract_groups(pattern)
    year, day_of_month = groups.struct.field("year"), groups.struct.field("day").str.zfill(2)
    if "<name>" in pattern:
        name = groups.struct.field("name").str.to_lowercase()
        numbers = {name: f"{number:02}" for names in (MONTHS, MONTH_NAMES) for number, name in enumerate(names, 1)}
        month = name.replace_strict(numbers | {"sept": "09"}, default=None, return_dtype=pl.String)
    else:
        month = groups.struct.field("month").str.zfill(2)
    rest = pl.concat_str(pl.lit("-"), month, pl.lit("-"), day_of_month)
    short = year.str.len_bytes() == 2

    def of_century(century: str) -> pl.Expr:
        return pl.concat_str(pl.when(short).then(pl.lit(century) + year).otherwise(year), rest).str.to_date(
            "%Y-%m-%d", strict=False
        )

    this = of_century("20")
    # The calendar decides, not a subtraction: 29 February 2000 has no namesake in 1900.
    return pl.when(short & (this.is_null() | (this > forms.last_day))).then(of_century("19")).otherwise(this)


def _serial(text: pl.Expr, forms: DateForms) -> pl.Expr:
    number = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).floor()
    serial = pl.when(text.str.contains(_SERIAL) & number.is_between(*_SERIALS)).then(
        number.cast(pl.Int64, strict=False)
    )
    return pl.lit(_DAY_ZERO_1904 if forms.epoch_1904 else _DAY_ZERO) + pl.duration(days=serial)
