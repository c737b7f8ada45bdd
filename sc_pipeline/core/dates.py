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
    return text.map_batches(lambda cells: _days(cells, forms), return_dtype=pl.Date)


def _days(cells: pl.Series, forms: DateForms) -> pl.Series:
    # Form by form, each on what fits it alone: as one expression over all cells this costs thirty times as much.
    texts = cells.alias("text").to_frame().with_row_index().with_columns(day=day_text(pl.col("text")))
    first, second = ("day", "month") if forms.day_first else ("month", "day")
    numeric = NUMERIC.replace("first", first).replace("second", second)
    found = pl.repeat(None, len(cells), dtype=pl.Date, eager=True)
    for pattern in (_YEAR_FIRST, _COMPACT, numeric, _NAMED_MONTH, _MONTH_FIRST_IN_WORDS, _YEAR_FIRST_IN_WORDS):
        fit = texts.filter(pl.col("day").str.contains(pattern))
        if fit.height:
            found = found.scatter(fit["index"], _written(fit["day"], pattern, forms))
    serial = texts.filter(pl.col("text").str.contains(_SERIAL))
    if serial.height:
        found = found.scatter(serial["index"], serial.select(_serial(pl.col("text"), forms)).to_series())
    return found


def serial_day(text: str, epoch_1904: bool) -> date | None:
    """The day of one serial number, as a spreadsheet counts them; None for any other text."""
    if not re.fullmatch(_SERIAL, text):
        return None
    number = int(float(text.replace(",", ".")))
    start = _DAY_ZERO_1904 if epoch_1904 else _DAY_ZERO
    return start + timedelta(days=number) if _SERIALS[0] <= number <= _SERIALS[1] else None


def _written(day: pl.Series, pattern: str, forms: DateForms) -> pl.Series:
    """The days of texts that a pattern fits; null where there is no such day."""
    parts = day.to_frame("day").select(pl.col("day").str.extract_groups(pattern)).unnest("day")
    if "name" in parts.columns:
        names = {name: f"{number:02}" for names in (MONTHS, MONTH_NAMES) for number, name in enumerate(names, 1)}
        month = pl.col("name").str.to_lowercase().replace_strict(names | {"sept": "09"}, default=None)
        parts = parts.with_columns(month=month.cast(pl.String))
    rest = pl.concat_str(pl.lit("-"), pl.col("month").str.zfill(2), pl.lit("-"), pl.col("day").str.zfill(2))
    is_short = pl.col("year").str.len_bytes() == 2
    # The calendar decides, not a subtraction: 29 February 2000 has no namesake in 1900.
    years = {"this": pl.when(is_short).then("20" + pl.col("year")).otherwise("year"), "last": "19" + pl.col("year")}
    read = parts.select(
        is_short,
        **{name: pl.concat_str(year, rest).str.to_date("%Y-%m-%d", strict=False) for name, year in years.items()},
    )
    is_of_before = pl.col("year") & (pl.col("this").is_null() | (pl.col("this") > forms.last_day))
    found = pl.when(is_of_before).then("last").otherwise("this")
    # 0000-01-01 is a blank of some databases, and no day of Python's.
    return read.select(pl.when(found.dt.year() > 0).then(found)).to_series()


def _serial(text: pl.Expr, forms: DateForms) -> pl.Expr:
    number = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).floor()
    serial = pl.when(text.str.contains(_SERIAL) & number.is_between(*_SERIALS)).then(
        number.cast(pl.Int64, strict=False)
    )
    return pl.lit(_DAY_ZERO_1904 if forms.epoch_1904 else _DAY_ZERO) + pl.duration(days=serial)
