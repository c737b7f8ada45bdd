"""A column name or a text -> whether it may tell who a person is: such columns are staged, and shown nowhere."""

import re
from collections.abc import Iterable

import polars as pl

NOT_SHOWN = "[not shown: may tell who a person is]"
_WHOSE = (
    r"(first|last|middle|given|family|full|maiden|birth|subject|person|persons|alien|respondent|detainee|inmate|"
    r"mother|mothers|father|fathers|spouse|client|individual|beneficiary|petitioner|primary|nick|alias) ?"
)
# Words of a whole column name. `Detainer Facility Name` and `Alien Number Unique Identifier` tell of nobody.
_NAMES = re.compile(
    rf"(name|names|({_WHOSE})+(name|names)|name( (last|first|middle|suffix))+|surname|alias|aliases|"
    r"anumber|(a|alien|afile)( ?file)?( registration)? ?(number|no|nbr|num)|alien registration|"
    r"(ssn|sid|fbi|fin|passport|drivers?( license)?|social security|state id|license plate|telephone|phone|cell phone)"
    r"( ?(number|no|nbr|num))?|(date of birth|birth ?date|dob|date birth)|"
    r"((home|street|mailing|residence|residential|last known|current|us|foreign|full)( street)? )?"
    r"(address|addresses)( (line )?\d)?|address (line|street|city|zip)( \d)?|street|e ?mail( address)?)"
)
_TEXTS = (
    r"(?i)\bA[-# ]{0,2}\d{2,3}[- ]?\d{3}[- ]?\d{3}\b",  # an alien number
    r"\b\d{3}[- ]?\d{3}[- ]?\d{3}\b",  # the same without its letter
    r"\b\d{3}-\d{2}-\d{4}\b",  # a Social Security number
    r"\(?\b\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b",  # a telephone number
    r"\S@\S+\.\w",  # an e-mail address
    r"(?i)^\s*\d{1,6}\s+\S.*\b(st|street|ave|avenue|rd|road|blvd|dr|drive|ln|lane|ct|apt|hwy|unit)\b",  # an address
)
_LAST_FIRST = r"^\s*[\p{L}'\u2019. -]{2,},\s*[\p{L}'\u2019. -]{2,}$"
_ENOUGH = 2_000  # values of a column, from all over it, tell what it holds
_SHARE = 0.5  # of a column's values, for what they look like to count as what the column holds


def is_personal(name: str | None) -> bool:
    """Whether a column of this name holds what tells who a person is."""
    plain = re.sub(r"([a-z])([A-Z])", r"\1 \2", (name or "").replace("#", " number"))
    words = re.findall(r"[a-z0-9]+", plain.replace("'", "").casefold())
    return bool(_NAMES.fullmatch(" ".join(words)))


def personal_names(names: Iterable[str | None]) -> tuple[str, ...]:
    """The names of personal columns among others, in order."""
    return tuple(name for name in names if name and is_personal(name))


def looks_personal(text: pl.Expr) -> pl.Expr:
    """Whether a text looks like a number, address or name that tells who a person is."""
    return pl.any_horizontal(text.str.contains(pattern) for pattern in _TEXTS)


def values_look_personal(values: pl.Series) -> bool:
    """Whether most of a column's values look so, by one in so many of them."""
    written = values.drop_nulls()
    written = written.gather_every(len(written) // _ENOUGH + 1)
    if not len(written):
        return False
    found = written.alias("text").to_frame().select(looks_personal(pl.col("text")).fill_null(False).sum()).item()
    return bool(found > _SHARE * len(written))


def shown(value: pl.Expr, field: str, beside_names: bool) -> pl.Expr:
    """A value as it may be shown where it is out of place: a row may have slipped, or a day stand for a year.

    `beside_names`: its table has columns with names, addresses, birth dates or alien numbers; then no day is shown.
    """
    if beside_names and field.endswith("_date"):
        return pl.when(value.is_not_null()).then(pl.lit(NOT_SHOWN))
    hidden = looks_personal(value)
    if field == "birth_year":
        hidden |= value.str.count_matches(r"\d") > 4
    if beside_names:
        hidden |= value.str.contains(_LAST_FIRST)
    return pl.when(hidden).then(pl.lit(NOT_SHOWN)).otherwise(value)
