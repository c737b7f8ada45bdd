"""All date cells and identifiers of a release -> day or month first for each column, how identifiers were kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from sc_pipeline.core.cells import plain_text
from sc_pipeline.core.dates import GRACE, NUMERIC, DateForms, day_text, read_date
from sc_pipeline.core.identifiers import IdProfile, in_digits, judge, profile
from sc_pipeline.core.tables import CaseTable
from sc_pipeline.core.values import is_plain_identifier
from sc_pipeline.errors import FileProblem
from sc_pipeline.schemas.records import EARLIEST

# What dates in figures have in common, and years in front and serial numbers have not.
_YEAR_DAY = r"^\d{4}[-/.](1[3-9]|2\d|3[01])[-/.](0?[1-9]|1[0-2])\b"
_YEAR_MONTH = r"^\d{4}[-/.](0?[1-9]|1[0-2])[-/.](1[3-9]|2\d|3[01])\b"
_MAYBE_NUMERIC = r"^\D{0,3}\d{1,2} *[/.-] *\d{1,2} *[/.-]"


@dataclass(frozen=True)
class _Order:
    """The dates in figures of one column: an example of each that only one order fits, and of those that both fit."""

    day_first: str | None = None
    month_first: str | None = None
    either: str | None = None
    year_day: str | None = None  # a day before the month behind a year
    year_days: int = 0  # distinct ones
    year_months: int = 0  # distinct ones with a month before a day over 12
    short: tuple[frozenset[int], ...] = (frozenset(),) * 3  # the numbers in each place, where the last has two digits
    short_example: str | None = None

    def __or__(self, other: "_Order") -> "_Order":
        return _Order(
            self.day_first or other.day_first,
            self.month_first or other.month_first,
            self.either or other.either,
            self.year_day or other.year_day,
            self.year_days + other.year_days,
            self.year_months + other.year_months,
            tuple(mine | others for mine, others in zip(self.short, other.short, strict=True)),
            self.short_example or other.short_example,
        )

    def is_year_first(self, last_day: date) -> bool:
        """Whether a year of two digits is in front, as in 25-03-31: the last number varies, as days do.

        It does so more than the first one, and one of them is no month, or no year yet.
        """
        firsts, months, days = self.short
        if not firsts or not max(months) <= 12 or not 1 <= min(days) <= max(days) <= 31:
            return False
        return len(days) > len(firsts) and (max(firsts) > 12 or max(days) > last_day.year % 100)


class Evidence:
    """Collects what the columns of a release's tables tell, batch by batch."""

    def __init__(self) -> None:
        self._orders: dict[tuple[str, str], _Order] = {}
        self._profiles: dict[str, IdProfile] = {}

    def add(self, table: CaseTable, text: pl.DataFrame) -> None:
        """Look at one batch of staged text, corrections applied."""
        for field in evidence_fields(table):
            for column in table.columns[field]:
                if table.kinds[field].is_date:
                    key = (table.file, column)
                    self._orders[key] = self._orders.get(key, _Order()) | _order(text[column], table.forms)
                else:
                    place = table.place
                    self._profiles[place] = self._profiles.get(place, IdProfile()) + _profile(text[column])

    def decide(self, tables: Sequence[CaseTable]) -> list[CaseTable]:
        """The tables with their dates' order and their identifiers' forms; each as it was where nothing changes.

        Raises FileProblem where the dates of a column contradict the order they would be read in.
        """
        ids = judge(self._profiles)
        decided = []
        for table in tables:
            columns = [
                column
                for field in evidence_fields(table)
                if table.kinds[field].is_date
                for column in table.columns[field]
            ]
            orders = {column: self._decide_order(table, column) for column in columns}
            against = {column: order for column, order in orders.items() if order != table.forms.day_first}
            forms = ids.get(table.place, table.ids)
            changed = against != table.day_first or forms != table.ids
            decided.append(replace(table, day_first=against, ids=forms) if changed else table)
        return decided

    def _decide_order(self, table: CaseTable, column: str) -> bool:
        if table.date_order is not None:
            return table.forms.day_first
        found = self._orders.get((table.file, column), _Order())
        if found.year_days > found.year_months:
            raise FileProblem(
                f'{table.file}, column {column}: "{found.year_day}": a day before the month behind the year is not '
                "read; write year, month, day in a copy"
            )
        if found.is_year_first(table.forms.last_day):
            raise FileProblem(
                f'{table.file}, column {column}: "{found.short_example}": is the year the first number? Write it with '
                'four digits in a copy; where it is the last one, write date_order = "day first" or "month first" in '
                f"the [[files]] entry of {table.file} in release.toml"
            )
        usual = table.forms.day_first
        against = found.month_first if usual else found.day_first
        if against is None:
            return usual
        in_favor = found.day_first if usual else found.month_first
        if found.either is None and in_favor is None:
            return not usual
        shown = " and ".join(f'"{cell}"' for cell in (against, in_favor or found.either) if cell)
        raise FileProblem(
            f"{table.file}, column {column}: {shown}: is the day first or the month? Write date_order = "
            f'"{"month" if usual else "day"} first" or "{"day" if usual else "month"} first" in the [[files]] entry of '
            f"{table.file} in release.toml"
        )


def evidence_fields(table: CaseTable) -> set[str]:
    """The fields whose columns are looked at."""
    kinds = table.kinds
    return {name for name in table.columns if kinds[name].is_date or kinds[name].is_identifier}


def _order(cells: pl.Series, forms: DateForms) -> _Order:
    distinct = cells.alias("cell").unique().drop_nulls().to_frame()
    maybe = distinct.filter(pl.col("cell").str.contains(_MAYBE_NUMERIC))
    numeric = maybe.with_columns(text=day_text(plain_text(pl.col("cell")))).filter(pl.col("text").str.contains(NUMERIC))
    years = distinct.filter(pl.col("cell").str.contains(_YEAR_DAY))
    after_year = _Order(
        year_day=str(years["cell"].min()) if years.height else None,
        year_days=years.height,
        year_months=distinct.filter(pl.col("cell").str.contains(_YEAR_MONTH)).height,
    )
    if numeric.is_empty():
        return after_year
    parts = pl.col("text").str.extract_groups(NUMERIC)
    first, second, year = (parts.struct.field(name).cast(pl.Int64) for name in ("first", "second", "year"))
    days = {
        name: read_date(pl.col("text"), replace(forms, day_first=day_first))
        for name, day_first in (("as_day_first", True), ("as_month_first", False))
    }
    read = numeric.sort("text").with_columns(first=first, second=second, year=year, **days)
    short = read.filter(pl.col("text").str.contains(r"[/.-][0-9]{2}$"))
    known = {name: pl.col(name).is_between(EARLIEST, forms.last_day + GRACE).fill_null(False) for name in days}
    # A day that only one order can have had by the time of the release is settled, as one over 12 is.
    return after_year | _Order(
        _example(read, (pl.col("first") > 12) & (pl.col("second") <= 12)),
        _example(read, (pl.col("second") > 12) & (pl.col("first") <= 12)),
        _example(
            read,
            (pl.col("first") <= 12)
            & (pl.col("second") <= 12)
            & (pl.col("first") != pl.col("second"))
            & known["as_day_first"]
            & known["as_month_first"],
        ),
        short=tuple(frozenset(short[name]) for name in ("first", "second", "year")),
        short_example=_example(short, pl.lit(True)),
    )


def _example(read: pl.DataFrame, rows: pl.Expr) -> str | None:
    found = read.filter(rows)
    return str(found["text"][0]) if found.height else None


def _profile(cells: pl.Series) -> IdProfile:
    plain = is_plain_identifier(cells)
    others = cells.filter(~plain & cells.is_not_null())
    found = in_digits(cells.filter(plain))
    if others.is_empty():
        return found
    texts = others.alias("cell").to_frame().select(plain_text(pl.col("cell")).str.to_lowercase())
    return found + profile(texts.to_series())
