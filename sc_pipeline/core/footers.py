"""Rows below a table that are no records -> recognized by their words: totals, sources, notes, page numbers."""

import re
from collections.abc import Sequence

import polars as pl

TOTAL = r"^\W*((grand|sub|running)[\s-]*)?totals?\b"
NOTE = (
    r"^\W*(source|notes?|page|end of|count|number of|row count|records?|prepared|generated|printed|run date|"
    r"report date|as of|disclaimer|caution)\b"
)
# A line of text that is alone in its row: a title, a page, `(24 rows affected)`.
LINE = r"[A-Za-z]{2,}\W+\w"
FOOTER = rf"(?i){TOTAL}|{NOTE}"
FOOTER_RULE = "a footer or total row, not a record"

_TOTAL = re.compile(rf"(?i){TOTAL}|\b(sub)?totals?\W*$")
_NOTE = re.compile(f"(?i){NOTE}")
_MARKED = re.compile(r"\s*(?:[*\u2020\u2021\u00a7]+|\(?\d{1,2}[/).])\s*(?=[A-Za-z])")
_TIME = re.compile(r"(?i)\d|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)")
_LONGEST_TIME_WORDS = 3


def is_printed_footer(time: str | None, figures: Sequence[str | None]) -> bool:
    """Whether a row of a printed table is a footer: by its words, or because it has neither a time nor a figure.

    A row that may be data is not one: a misspelled month, or figures without a month.
    """
    text = " ".join((time or "").split())
    if _TOTAL.search(text) or _NOTE.match(text):
        return True
    marked = _MARKED.match(text)
    if marked:
        return not _may_be_time(text[marked.end() :])
    return not any(cell and cell.strip() for cell in figures) and not _may_be_time(text)


def printed_footers(frame: pl.DataFrame, time: str, figures: Sequence[str]) -> pl.Series:
    """Which rows of a printed table are footers; `time` is the column of its months or years."""
    flags = [is_printed_footer(row[0], row[1:]) for row in frame.select(time, *figures).iter_rows()]
    return pl.Series(flags, dtype=pl.Boolean)


def _may_be_time(text: str) -> bool:
    """Whether a text may be a month or a year, however it is spelled."""
    return len(text.split()) <= _LONGEST_TIME_WORDS and bool(_TIME.search(text))
