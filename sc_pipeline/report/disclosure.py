"""What each field discloses, month by month -> a picture of cells."""

from datetime import date

from sc_pipeline.report.grids import grid
from sc_pipeline.report.picture import Picture, picture
from sc_pipeline.report.rows import Row, Rows, Tables, every_month, next_month, spans
from sc_pipeline.report.svg import Body, Size, Words, element, hatched, text, width_of
from sc_pipeline.report.timeline import Axis, axis_of, year_ticks
from sc_pipeline.report.titles import counted, spanned
from sc_pipeline.report.words import field_words, listed, percent

_STEPS = (
    (0.95, 5, "95% or more"),
    (0.75, 4, "75% to 95%"),
    (0.5, 3, "50% to 75%"),
    (0.000001, 2, "up to 50%"),
    (0.0, 1, "none"),
)
_ABSENT = 0


def _best(rows: Rows) -> dict[tuple[str, date], int]:
    """Field and month -> the step of the release that discloses most; _ABSENT where no release has the column."""
    cells: dict[tuple[str, date], int] = {}
    for row in rows:
        share = row["disclosed"] / row["rows"]
        step = next(step for least, step, _ in _STEPS if share >= least) if row["column_present"] else _ABSENT
        key = row["field"], row["month"]
        cells[key] = max(cells.get(key, _ABSENT), step)
    return cells


def disclosure(tables: Tables) -> Picture | None:
    """Field by month: the part of the rows that have a value."""
    rows = [row for row in tables["field_disclosure"] if row["rows"]]
    if not rows:
        return None
    months = every_month(row["month"] for row in rows)
    cells = _best(rows)
    # Fields of detainer files have a dot in their name; they follow those of removals.
    fields = sorted({field for field, _ in cells}, key=lambda field: ("." in field, field))
    summary = [_disclosed(field, [row for row in rows if row["field"] == field]) for field in fields]
    open_fields = [row for row in summary if row["share"] >= 0.9]

    names = {
        "field": "Field",
        "rows": "Rows",
        "disclosed": "With a value",
        "blank": "Blank",
        "redacted": "Redacted",
        "unreadable": "Unreadable",
        "share": "Share with a value",
    }
    return picture(
        "disclosure",
        _disclosure_body(fields, cells, months),
        Words(
            title=f"{len(open_fields)} of {counted(len(fields), 'field')} have a value in at least nine of ten rows",
            subtitle=spanned("Part of the rows that have a value, field by month", months)
            + ". Of several releases, the one that discloses most.",
            alt=_disclosure_words(summary),
            notes=("Hatched: no rows, or no such column in the release.",),
            source="",
        ),
        grid(
            "disclosure",
            "What the records disclose, all releases together",
            summary,
            names,
            {"share": lambda row: percent(row["share"])},
        ),
        tables,
        [row["release_id"] for row in rows],
    )


def _disclosure_words(summary: Rows) -> str:
    """Which fields are nearly whole, and which are mostly empty."""
    whole = [row["field"] for row in summary if row["share"] >= 0.9]
    empty = [row["field"] for row in summary if row["share"] < 0.5]
    said = ["Heat map."]
    said += [f"A value in nine of ten rows or more: {listed(whole)}."] if whole else []
    said += [f"A value in less than half of the rows: {listed(empty)}."] if empty else []
    return " ".join(said)


def _disclosure_body(fields: list[str], cells: dict[tuple[str, date], int], months: list[date]) -> Body:
    """A line of cells for each field; a heading where those of detainer files begin."""

    def body(size: Size, y: float) -> tuple[list[str], float]:
        small = size.small - 1
        left = 20 + max(width_of(_short_words(field), small) for field in fields)
        right = size.width - 14.0
        axis = axis_of(months, left, right)
        shapes, y = _key(size, y)
        table = ""
        for field in fields:
            if table != (table := "Detainers" if "." in field else "Removals"):
                shapes.append(text(14, y + 10, table, size.small, "t bold"))
                y += size.small * 1.6
            shapes.append(text(left - 6, y + 9, _short_words(field), small, "t", "end"))
            shapes += _cells([cells.get((field, month), _ABSENT) for month in months], months, axis, y)
            y += 13
        return [*shapes, *year_ticks(size, axis, months, y)], y + size.small * 2

    return body


def _cells(steps: list[int], months: list[date], axis: Axis, y: float) -> list[str]:
    """One shape for each run of months with the same step."""
    of_step: dict[int, list[date]] = {}
    for step, month in zip(steps, months, strict=True):
        of_step.setdefault(step, []).append(month)
    shapes = []
    for step, held in sorted(of_step.items()):
        for first, last in spans(held):
            x, width = axis(first), axis(next_month(last)) - axis(first)
            shapes.append(
                hatched(x, y, width, 10.0)
                if step == _ABSENT
                else element("rect", x=x, y=y, width=width, height=10.0, class_=f"c{step}")
            )
    return shapes


def _short_words(field: str) -> str:
    return field.rpartition(".")[2].replace("_", " ")


def _disclosed(field: str, rows: Rows) -> Row:
    sums = {
        name: sum(row[name] or 0 for row in rows) for name in ("rows", "disclosed", "blank", "redacted", "unreadable")
    }
    return {"field": field_words(field), **sums, "share": sums["disclosed"] / sums["rows"]}


def _key(size: Size, y: float) -> tuple[list[str], float]:
    """What the colors mean, in as many lines as it takes."""
    shapes: list[str] = []
    x = 14.0
    for step, words in [*((step, words) for _, step, words in reversed(_STEPS)), (_ABSENT, "no rows or no column")]:
        wide = 36 + width_of(words, size.small)
        if x + wide > size.width:
            x, y = 14.0, y + size.small * 1.6
        shapes.append(
            hatched(x, y, 14.0, 10.0)
            if step == _ABSENT
            else element("rect", x=x, y=y, width=14.0, height=10.0, class_=f"c{step}")
        )
        shapes.append(text(x + 19, y + 9, words, size.small, "m"))
        x += wide
    return shapes, y + size.small * 2.2
