"""The tables of one release -> the same without those whose rows are all in another: each row counts once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path

import polars as pl

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.sheet import StagedSheet

_PERSON, _DAYS = "person_id", ("departed_date", "detainer_prepare_date", "month", "fiscal_year")
_FEWEST_FIELDS = 2  # two tables that share fewer cannot be told to hold the same rows
_EPOCH, _EPOCH_1904 = pl.date(1899, 12, 30), pl.date(1904, 1, 1)
_INVISIBLE = "[\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{2064}\\x{FEFF}\\x{00AD}]"
_TIME = r"(?i)[ T]\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[AP]M)?(Z|[+-]\d{2}:?\d{2})?$"


@dataclass(frozen=True)
class _Rows:
    """The rows of one table in a form that does not depend on the format of its file."""

    folder: Path
    sheet: StagedSheet

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Its cells by field, each written in one way: days as ISO text, numbers without `.0`, small letters."""
        names = {field: names[0] for field, names in self.sheet.columns.items()}
        frame = pl.read_parquet(self.folder / self.sheet.part, columns=list(names.values()), glob=False)
        return pl.DataFrame({field: _canonical(frame[name], field, self.sheet) for field, name in names.items()})

    @cached_property
    def day(self) -> str | None:
        """Its field of the day that counts."""
        return next((field for field in _DAYS if field in self.sheet.columns), None)

    @cached_property
    def days(self) -> pl.Series | None:
        """The days of its rows that can be read, as ISO text."""
        if self.day is None:
            return None
        name = self.sheet.columns[self.day][0]
        frame = pl.read_parquet(self.folder / self.sheet.part, columns=[name], glob=False)
        days = _canonical(frame[name], self.day, self.sheet)
        return days.filter(days.str.contains(r"^\d{4}-\d\d-\d\d$").fill_null(False))

    @property
    def span(self) -> tuple[str, str] | None:
        """Its first and last day."""
        return (str(self.days.min()), str(self.days.max())) if self.days is not None and len(self.days) else None


def leave_out_repeats(folder: Path, sheets: Sequence[StagedSheet]) -> list[StagedSheet]:
    """The tables with those left out as a whole whose rows are all in another table of their kind.

    Raises FileProblem where over half of a table's rows, but not all, are in another: nobody can tell which to count.
    """
    result = list(sheets)
    rows = {place: _Rows(folder, sheet) for place, sheet in enumerate(sheets) if sheet.part}
    for one, other in combinations(rows, 2):
        a, b = result[one], result[other]
        if a.kind != b.kind or a.left_out or b.left_out or _apart(rows[one].span, rows[other].span):
            continue
        out = _contained(rows[one], rows[other])
        if out is not None:
            place, kept = (one, b) if out is rows[one] else (other, a)
            result[place] = _left_out(folder, result[place], kept)
    return result


def _left_out(folder: Path, sheet: StagedSheet, kept: StagedSheet) -> StagedSheet:
    (folder / sheet.part).unlink()
    count = sheet.rows + len(sheet.problems)
    return replace(sheet, part="", rows=count, problems=(), left_out=f"the same rows: all are in {kept.place} too")


def _apart(one: tuple[str, str] | None, other: tuple[str, str] | None) -> bool:
    return one is not None and other is not None and (one[1] < other[0] or other[1] < one[0])


def _contained(one: _Rows, other: _Rows) -> _Rows | None:
    """The one of two tables whose rows are all in the other. Raises FileProblem for a part that is over half."""
    fields = [field for field in one.cells.columns if field in other.cells.columns]
    if len(fields) < _FEWEST_FIELDS:
        return None
    counts = _counts(one.cells, fields), _counts(other.cells, fields)
    later_first = [(other, counts[::-1]), (one, counts)]
    if other.sheet.hidden < one.sheet.hidden:
        later_first.reverse()
    for table, (few, many) in later_first:
        if set(table.cells.columns) <= set(fields) and _shared(few, many) == len(table.cells):
            return table
    _refuse_overlap(one, other, fields)
    return None


def _refuse_overlap(one: _Rows, other: _Rows, fields: list[str]) -> None:
    keys = [_keys(rows, fields) for rows in (one, other)]
    if one.day is None or any(key is None for key in keys):
        keys = [_counts(rows.cells, fields) for rows in (one, other)]
    few, many = keys
    assert few is not None and many is not None
    shared, smaller = _shared(few, many), min(few["rows"].sum(), many["rows"].sum())
    if smaller and shared > smaller / 2:
        yet = "but not all" if shared < smaller else "of the same persons and days, but not with the same cells"
        raise FileProblem(
            f"{one.sheet.place} and {other.sheet.place}: {shared:,} of {smaller:,} rows are in both, {yet}: the "
            "same rows may not count twice; leave one of the two out (files, sheets or leave_out in release.toml)"
        )


def _keys(rows: _Rows, fields: list[str]) -> pl.DataFrame | None:
    """How many rows each person and day has; None where under half of the rows name a person."""
    if _PERSON not in fields or rows.day is None:
        return None
    named = rows.cells.filter(pl.col(_PERSON).str.len_chars() > 3)
    return _counts(named, [_PERSON, rows.day]) if 2 * len(named) >= len(rows.cells) else None


def _counts(cells: pl.DataFrame, fields: list[str]) -> pl.DataFrame:
    hashed = cells.select(row=pl.struct(fields).hash())
    return hashed.group_by("row").agg(rows=pl.len())


def _shared(few: pl.DataFrame, many: pl.DataFrame) -> int:
    """How many rows two tables have in common, each counted as often as it is in both."""
    both = few.join(many, on="row", suffix="_other")
    return int(both.select(pl.min_horizontal("rows", "rows_other").sum()).item() or 0)


def _canonical(cells: pl.Series, field: str, sheet: StagedSheet) -> pl.Series:
    """Distinct cells are rewritten once and joined back."""
    cells = cells.alias("cell")
    plain = pl.col("cell").str.replace_all(_INVISIBLE, "").str.replace_all(r"\s+", " ").str.strip_chars()
    plain = plain.str.replace(r'^="(.*)"$', "$1").str.strip_prefix("'").str.to_lowercase()
    text = plain.str.replace(r"^(-?\d+)\.0+$", "$1")
    rewritten = _day(text, sheet) if field.endswith("_date") or field == "month" else text.str.replace(r"^0+(\d)", "$1")
    lookup = cells.unique().drop_nulls().to_frame().with_columns(value=rewritten)
    joined = cells.to_frame().join(lookup, on="cell", how="left", maintain_order="left")
    return joined["value"].replace("", None)


def _day(text: pl.Expr, sheet: StagedSheet) -> pl.Expr:
    """A day in any of the table's forms as ISO text; anything else as it is."""
    day = text.str.replace(_TIME, "")
    forms = [form for form in (*sheet.date_forms, *sheet.month_formats) if form != "excel" and "%H" not in form]
    if sheet.date_order == "day first":
        forms = [form.replace("%m/%d", "%d/%m").replace("%m-%d-%Y", "%d-%m-%Y") for form in forms]
    # The parser alone would read 5/3/12 as the year 12: a year of four digits must be there.
    written = [
        pl.when(day.str.contains(r"\d{4}") == ("%Y" in form)).then(day.str.to_date(form, strict=False, exact=True))
        for form in forms
    ]
    serial = pl.when(text.str.contains(r"^\d{5}(\.\d+)?$")).then(text.cast(pl.Float64, strict=False).floor())
    start = _EPOCH_1904 if sheet.epoch_1904 else _EPOCH
    excel = start + pl.duration(days=serial.cast(pl.Int64, strict=False))
    return pl.coalesce(*(found.dt.strftime("%Y-%m-%d") for found in (*written, excel)), text)
