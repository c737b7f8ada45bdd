"""Days: orders, forms, epochs, edges of a day, and years that cannot be."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from tests.cases import Case, both, by_month, counted
from tests.cases.shapes import ICE, SC, Stamp, removals, secure, table, text, workbook

DAYS = [date(2025, 3, 1) + timedelta(days=3 * i) for i in range(11)] + [
    date(2025, 4, 1) + timedelta(days=3 * i) for i in range(9)
]
ORDER = (r"day.?first|day.{0,20}month|month.{0,20}day|order",)


def on_days(write: Callable[[date], object], salt: str) -> dict[str, bytes]:
    """Eleven removals in March and nine in April 2025; no other column has a day."""
    rows = removals(salt, 20, changes={"Departed Date": lambda i: write(DAYS[i])})
    return {"removals.csv": text(table(rows, ICE))}


def in_workbook(of: Callable[[date], object], salt: str, **options: Any) -> dict[str, bytes]:
    """The same in a workbook."""
    rows = removals(salt, 20, changes={"Departed Date": lambda i: of(DAYS[i])})
    return {"removals.xlsx": workbook({"Removals": table(rows, ICE, title=True)}, **options)}


def both_orders(salt: str) -> dict[str, bytes]:
    """A column that holds days no one order can read."""
    return on_days(lambda day: day.strftime("%d/%m/%Y" if day.month == 3 else "%m/%d/%Y"), salt)


def no_order(salt: str) -> dict[str, bytes]:
    """No cell tells the order: all numbers are at most 12."""
    rows = removals(salt, 12, changes={"Departed Date": lambda i: f"{3 + i // 6:02d}/{1 + i % 6:02d}/2025"})
    return {"removals.csv": text(table(rows, ICE))}


def detained(write: Callable[[date], str], salt: str) -> dict[str, bytes]:
    """Eight of sixteen had a detainer, whose day alone is written in another form."""
    return {"sc.csv": text(table(secure(salt, detained=lambda day, _: write(day)), SC))}


DETAINER_FORMS = {
    "oracle-style": lambda day: day.strftime("%d-%b-%y").upper(),
    "oracle-with-century": lambda day: day.strftime("%d-%b-%Y"),
    "sas-datetime": lambda day: day.strftime("%d%b%Y:00:00:00").upper(),
    "sas-with-century": lambda day: day.strftime("%d%b%Y").upper(),
    "compact": lambda day: day.strftime("%Y%m%d"),
    "slashed-year-first": lambda day: day.strftime("%Y/%m/%d"),
    "with-midnight": lambda day: day.strftime("%m/%d/%Y 12:00:00 AM"),
    "iso-with-t": lambda day: day.strftime("%Y-%m-%dT00:00:00"),
    "in-words": lambda day: day.strftime("%B %d, %Y"),
    "short-words": lambda day: day.strftime("%d %b %Y"),
    "database-stamp": lambda day: day.strftime("%Y-%m-%d 00:00:00.000"),
    "garbage": lambda day: f"day {day.day}",
}
# Within a month of the release, whatever its files say.
NOT_LATER = """
    select cast(departed_date as varchar)
    from removals_by_release
    where release_id = $release and departed_date > current_date + 366
"""


def two_digits(years: tuple[str, ...], salt: str, form: str = "%d%b") -> dict[str, bytes]:
    """Twelve removals of 2012 and one of each of these years, written with two digits."""
    rows = secure(salt, 12) + secure(salt, len(years), date(2012, 6, 3))
    for row, year in zip(rows[12:], years, strict=True):
        row["departed_date"] = date(2012, 6, 3).strftime(form).upper() + year
    return {"sc.csv": text(table(rows, SC))}


SPLIT = by_month(m2025_03=11, m2025_04=9)
DAY_FIRST = '[[files]]\nname = "removals.csv"\ndate_order = "day first"'
SERIAL = date(1899, 12, 30)
CASES = [
    Case("dates-day-first", partial(on_days, lambda day: day.strftime("%d/%m/%Y")), SPLIT, ORDER),
    Case("dates-day-first-with-dots", partial(on_days, lambda day: day.strftime("%d.%m.%Y")), SPLIT, ORDER),
    Case("dates-day-first-with-dashes", partial(on_days, lambda day: day.strftime("%d-%m-%Y")), SPLIT, ORDER),
    Case("dates-day-first-of-two-digits", partial(on_days, lambda day: day.strftime("%d/%m/%y")), SPLIT, ORDER),
    Case("dates-day-first-unpadded", partial(on_days, lambda day: f"{day.day}/{day.month}/{day.year}"), SPLIT, ORDER),
    Case("dates-day-first-with-times", partial(on_days, lambda day: day.strftime("%d/%m/%Y 10:30")), SPLIT, ORDER),
    Case(
        "dates-day-first-by-manifest", partial(on_days, lambda day: day.strftime("%d/%m/%Y")), SPLIT, manifest=DAY_FIRST
    ),
    Case(
        "dates-year-day-month",
        partial(on_days, lambda day: day.strftime("%Y-%d-%m")),
        refused=("day before the month behind the year",),
    ),
    Case("dates-with-weekdays", partial(on_days, lambda day: day.strftime("%A, %B %d, %Y")), SPLIT),
    Case("dates-of-both-orders", both_orders, refused=ORDER),
    Case("dates-of-no-order-are-month-first", no_order, by_month(m2025_03=6, m2025_04=6)),
    Case("dates-with-month-names", partial(on_days, lambda day: day.strftime("%d-%b-%Y")), SPLIT),
    Case("dates-unpadded", partial(on_days, lambda day: f"{day.month}/{day.day}/{day.year}"), SPLIT),
    Case("dates-of-two-digit-years", partial(on_days, lambda day: f"{day.month}/{day.day}/{day:%y}"), SPLIT),
    Case("serials-in-a-csv", partial(on_days, lambda day: str((day - SERIAL).days)), SPLIT),
    Case("serials-as-numbers", partial(in_workbook, lambda day: (day - SERIAL).days), SPLIT),
    Case(
        "serials-in-a-1904-workbook",
        lambda salt: in_workbook(lambda day: (day - SERIAL).days - 1462, salt, date_1904=True),
        SPLIT,
        ("1904",),
    ),
    Case("dates-in-a-1904-workbook", lambda salt: in_workbook(lambda day: day, salt, date_1904=True), SPLIT),
    Case(
        "end-of-day-times",
        lambda salt: in_workbook(lambda day: Stamp((date(2025, 3, 31) - SERIAL).days + 0.999999998), salt),
        by_month(m2025_03=20),
    ),
    Case("end-of-day-of-a-second", partial(on_days, lambda day: "2025-03-31 23:59:59"), by_month(m2025_03=20)),
    Case("end-of-day-of-a-database", partial(on_days, lambda day: "2025-03-31 23:59:59.997"), by_month(m2025_03=20)),
    Case(
        "noise-after-midnight",
        lambda salt: in_workbook(lambda day: Stamp((day - SERIAL).days + 0.0000000004), salt),
        SPLIT,
    ),
    *(
        Case(f"detainer-dates-{name}", partial(detained, write), counted("detainer_linked", 8), population="sc")
        for name, write in DETAINER_FORMS.items()
    ),
    Case(
        "two-digit-years-in-the-future",
        partial(two_digits, ("45", "62")),
        NOT_LATER,
        population="sc",
        received="unstated",
    ),
    Case(
        "two-digit-years-after-received",
        partial(two_digits, ("45", "21")),
        NOT_LATER.replace("current_date + 366", "date '2019-07-02'"),
        population="sc",
    ),
    Case(
        "two-digit-years-with-slashes",
        lambda salt: two_digits(("45", "62"), salt, "%m/%d/"),
        both(NOT_LATER),
        population="sc",
        received="unstated",
    ),
    Case(
        "later-than-received",
        lambda salt: on_days(lambda day: day, salt),
        refused=("received", r"release\.toml"),
        received="2024-07-15",
    ),
    Case(
        "later-than-received-in-a-workbook",
        lambda salt: in_workbook(lambda day: day, salt),
        refused=("received", r"release\.toml"),
        received="2023-07-15",
    ),
]
