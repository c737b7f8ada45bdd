"""Coverage, disclosure and revisions -> pictures of bars and cells."""

from collections.abc import Callable
from datetime import date

from sc_pipeline.report.grids import grid
from sc_pipeline.report.picture import Picture, picture
from sc_pipeline.report.rows import Row, Rows, Tables, every_month, grouped, next_month, spans
from sc_pipeline.report.svg import Body, Size, Words, element, hatched, paragraph, text, width_of
from sc_pipeline.report.titles import counted, spanned
from sc_pipeline.report.words import POPULATIONS, capital, field_words, listed, months_words, percent, series_words

_MOST_PANELS = 6
_STEPS = (
    (0.95, 5, "95% or more"),
    (0.75, 4, "75% to 95%"),
    (0.5, 3, "50% to 75%"),
    (0.000001, 2, "up to 50%"),
    (0.0, 1, "none"),
)
_ABSENT = 0
Axis = Callable[[date], float]


def _axis(months: list[date], left: float, right: float) -> Axis:
    width = (right - left) / len(months)
    first = months[0]
    return lambda month: left + width * ((month.year - first.year) * 12 + month.month - first.month)


def _years(size: Size, axis: Axis, months: list[date], y: float) -> list[str]:
    """Ticks at each January; years named where there is room, and never one that has no month."""
    shapes: list[str] = []
    free = 0.0
    for month in [month for month in months if month.month == 1] or months[:1]:
        x = axis(month)
        shapes.append(element("path", d=f"M{x:.1f} {y:.1f}v4", class_="axis"))
        if x >= free and x < size.width - size.small * 2:
            shapes.append(text(x, y + size.small * 1.5, str(month.year), size.small, "m", "middle"))
            free = x + size.small * 3.6
    return shapes


def coverage(tables: Tables) -> Picture | None:
    """Which release serves which months of which population."""
    rows = tables["month_sources"]
    if not rows:
        return None
    months = every_month(row["month"] for row in rows)
    lanes = [
        (f"{release_id}: {POPULATIONS[population]}, {_ORIGINS[origin]}", [row["month"] for row in of_lane], origin)
        for (population, release_id, origin), of_lane in grouped(rows, "population", "release_id", "origin").items()
    ]

    def body(size: Size, y: float) -> tuple[list[str], float]:
        axis = _axis(months, 14, size.width - 14)
        shapes: list[str] = []
        for name, held, origin in lanes:
            lines, y = paragraph(14, y, name, size.width - 28, size.small)
            shapes += lines
            for first, last in spans(held):
                left, right = axis(first), axis(next_month(last))
                look = {"class_": "f1"} if origin == "records" else {"class_": "box"}
                shapes.append(element("rect", x=left, y=y + 3, width=right - left, height=11.0, **look))
            y += 22
        return [*shapes, *_years(size, axis, months, y)], y + size.small * 2

    releases = list(dict.fromkeys(row["release_id"] for row in rows))
    held = listed(
        [
            f"{POPULATIONS[population]} for {counted(len(of_population), 'month')}"
            for (population,), of_population in grouped(rows, "population").items()
        ]
    )
    serve = "release serves" if len(releases) == 1 else "releases serve"
    table = [
        {
            "population": capital(POPULATIONS[row["population"]]),
            **{name: row[name] for name in ("month", "release_id", "origin", "reason")},
        }
        for row in rows
    ]
    names = {"month": "Month", "population": "Of", "release_id": "Release", "origin": "From", "reason": "Why this one"}
    return picture(
        "coverage",
        body,
        Words(
            title=f"{len(releases)} {serve} {held}",
            subtitle=spanned("Each month of a population comes from one release", months)
            + ". Filled: case-level records. Outlined: printed figures.",
            alt="Timeline. " + " ".join(f"{name}: {months_words(held)}." for name, held, _ in lanes),
            notes=(),
            source="",
        ),
        grid("coverage", "Which release serves which month", table, names),
        tables,
        releases,
    )


_ORIGINS = {"records": "case-level records", "published": "printed figures"}


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
        axis = _axis(months, left, right)
        shapes, y = _key(size, y)
        table = ""
        for field in fields:
            if table != (table := "Detainers" if "." in field else "Removals"):
                shapes.append(text(14, y + 10, table, size.small, "t bold"))
                y += size.small * 1.6
            shapes.append(text(left - 6, y + 9, _short_words(field), small, "t", "end"))
            shapes += _cells([cells.get((field, month), _ABSENT) for month in months], months, axis, y)
            y += 13
        return [*shapes, *_years(size, axis, months, y)], y + size.small * 2

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


def revisions(tables: Tables) -> Picture | None:
    """By how much a later release changed a month, for the pairs of releases that differ most."""
    rows = [row for row in tables["release_revisions"] if row["subset"] == "all"] or tables["release_revisions"]
    pairs = grouped([row for row in rows if row["older"]], "population", "subset", "older_release", "newer_release")
    if not pairs:
        return None
    most = sorted(pairs, key=lambda pair: (-max(abs(_part(row)) for row in pairs[pair]), pair))[:_MOST_PANELS]
    months = every_month(row["month"] for pair in most for row in pairs[pair])
    changed = [row for pair in pairs.values() for row in pair if row["change"]]
    largest = max(changed, key=lambda row: abs(_part(row)), default=None)
    title = f"Later releases changed {len(changed):,} of {counted(sum(map(len, pairs.values())), 'monthly count')}"
    if largest:
        title += f", by at most {percent(abs(_part(largest)))}"
    others = len(pairs) - len(most)
    note = f"{counted(others, 'more pair')} of releases with smaller changes: see the table." if others else ""
    table = [
        {
            "series": capital(series_words(row["population"], row["subset"])),
            "month": row["month"],
            **{name: row[name] for name in ("older_release", "older", "newer_release", "newer", "change")},
        }
        for row in rows
    ]
    names = {
        "month": "Month",
        "series": "Figure",
        "older_release": "Earlier release",
        "older": "Count there",
        "newer_release": "Later release",
        "newer": "Count in it",
        "change": "Change",
    }
    return picture(
        "revisions",
        _revision_body(most, pairs, months),
        Words(
            title=title,
            subtitle="The later count less the earlier one, as a part of the earlier. Months that both have.",
            alt="Bar chart. " + " ".join(_revision_words(pair, pairs[pair]) for pair in most),
            notes=(note,) if note else (),
            source="",
        ),
        grid("revisions", "What a later release changed", table, names),
        tables,
        {name for pair in most for name in pair[2:]},
    )


def _part(row: Row) -> float:
    return row["change"] / row["older"]


def _signed(part: float) -> str:
    return f"{part * 100:+.1f}%".replace("-", "\N{MINUS SIGN}")


def _revision_words(pair: tuple[str, ...], rows: Rows) -> str:
    population, subset, older, newer = pair
    low, high = min(map(_part, rows)), max(map(_part, rows))
    return f"{capital(series_words(population, subset))}, {older} to {newer}: from {_signed(low)} to {_signed(high)}."


def _revision_body(shown: list[tuple[str, ...]], pairs: dict[tuple[str, ...], Rows], months: list[date]) -> Body:
    def body(size: Size, y: float) -> tuple[list[str], float]:
        axis = _axis(months, size.left, size.width - 14)
        width = max((size.width - 14 - size.left) / len(months) - 0.6, 0.8)
        shapes: list[str] = []
        for pair in shown:
            population, subset, older, newer = pair
            name = f"{capital(series_words(population, subset))}: {older} → {newer}"
            lines, y = paragraph(14, y, name, size.width - 28, size.small, "t bold")
            shapes += lines
            parts = {row["month"]: _part(row) for row in pairs[pair]}
            most = max(*(abs(part) for part in parts.values()), 0.001)
            middle, half = y + 38, 30
            shapes.append(element("path", d=f"M{size.left} {middle:.1f}H{size.width - 14}", class_="axis"))
            for end in (most, -most):
                at = middle - half * end / most
                shapes.append(element("path", d=f"M{size.left} {at:.1f}H{size.width - 14}", class_="rule"))
                shapes.append(text(size.left - 5, at + 4, _signed(end), size.small - 1, "m", "end"))
            shapes += [
                element(
                    "rect",
                    x=axis(month),
                    y=min(middle, middle - half * part / most),
                    width=width,
                    height=max(abs(half * part / most), 0.0),
                    class_="f1",
                )
                for month, part in parts.items()
                if part
            ]
            y += 84
        return [*shapes, *_years(size, axis, months, y - 8)], y + size.small * 2

    return body
