"""Coverage, disclosure and revisions -> pictures of bars and cells."""

from collections.abc import Callable
from datetime import date

from sc_pipeline.report.grids import grid
from sc_pipeline.report.picture import Picture, picture
from sc_pipeline.report.rows import Row, Rows, Tables, every_month, grouped, spans
from sc_pipeline.report.svg import Size, Words, element, text, wrapped
from sc_pipeline.report.titles import counted, spanned
from sc_pipeline.report.words import POPULATIONS, capital, listed, months_words, percent, series_words

_MOST_PANELS = 6
_STEPS = ((0.95, 5, "95% or more"), (0.75, 4, "75% to 95%"), (0.5, 3, "50% to 75%"), (0.000001, 2, "up to 50%"),
          (0.0, 1, "none"))  # fmt: skip
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
    lanes = [(f"{release_id}: {POPULATIONS[population]}, {_ORIGINS[origin]}", [row["month"] for row in of_lane], origin)
             for (population, release_id, origin), of_lane in grouped(rows, "population", "release_id", "origin").items()]  # fmt: skip

    def body(size: Size, hatch: str, y: float) -> tuple[list[str], float]:
        axis = _axis(months, 14, size.width - 14)
        shapes: list[str] = []
        for name, held, origin in lanes:
            for line in wrapped(name, size.fits(size.width - 28, size.small)):
                shapes.append(text(14, y + size.small, line, size.small))
                y += size.small * 1.3
            for first, last in spans(held):
                left, right = axis(first), axis(last) + axis(months[0]) * 0 + (size.width - 28) / len(months)
                look = {"class_": "f1"} if origin == "records" else {"class_": "box"}
                shapes.append(element("rect", x=left, y=y + 3, width=right - left, height=11.0, **look))
            y += 22
        return [*shapes, *_years(size, axis, months, y)], y + size.small * 2

    releases = list(dict.fromkeys(row["release_id"] for row in rows))
    held = listed([f"{POPULATIONS[population]} for {counted(len(of_population), 'month')}"
                   for (population,), of_population in grouped(rows, "population").items()])  # fmt: skip
    serve = "release serves" if len(releases) == 1 else "releases serve"
    table = [{"population": capital(POPULATIONS[row["population"]]), **{name: row[name] for name in (
        "month", "release_id", "origin", "reason")}} for row in rows]  # fmt: skip
    names = {"month": "Month", "population": "Of", "release_id": "Release", "origin": "From", "reason": "Why this one"}
    return picture("coverage", body, Words(
        title=f"{len(releases)} {serve} {held}",
        subtitle=spanned("Each month of a population comes from one release", months)
        + ". Filled: case-level records. Outlined: printed figures.",
        alt="Timeline. " + " ".join(f"{name}: {months_words(held)}." for name, held, _ in lanes),
        notes=(),
        source="",
    ), grid("coverage", "Which release serves which month", table, names), tables, releases)  # fmt: skip


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

    def body(size: Size, hatch: str, y: float) -> tuple[list[str], float]:
        left = size.small * 13.0
        axis = _axis(months, left, size.width - 14)
        width = (size.width - 14 - left) / len(months)
        shapes, y = _key(size, hatch, y)
        for field in fields:
            shapes.append(text(left - 6, y + 9, _field_words(field)[:26], size.small - 1, "t", "end"))
            shapes.append(element("rect", x=left, y=y, width=size.width - 14 - left, height=10.0, fill=f"url(#{hatch})"))
            by_step: dict[int, list[date]] = {}
            for month in months:
                if cells.get((field, month), _ABSENT) != _ABSENT:
                    by_step.setdefault(cells[field, month], []).append(month)
            for step, known in sorted(by_step.items()):
                shapes += [element("rect", x=axis(first), y=y, width=axis(last) - axis(first) + width, height=10.0,
                                   class_=f"c{step}") for first, last in spans(known)]  # fmt: skip
            y += 13
        return [*shapes, *_years(size, axis, months, y)], y + size.small * 2

    names = {"field": "Field", "rows": "Rows", "disclosed": "With a value", "blank": "Blank", "redacted": "Redacted",
             "unreadable": "Unreadable", "share": "Share with a value"}  # fmt: skip
    return picture("disclosure", body, Words(
        title=f"{len(open_fields)} of {counted(len(fields), 'field')} have a value in at least nine of ten rows",
        subtitle=spanned("Part of the rows that have a value, field by month", months)
        + ". Of several releases, the one that discloses most.",
        alt="Heat map. " + " ".join(f"{capital(row['field'])}: {percent(row['share'])} of rows." for row in summary),
        notes=("Hatched: no rows, or no such column in the release.",),
        source="",
    ), grid("disclosure", "What the records disclose, all releases together", summary, names,
            {"share": lambda row: percent(row["share"])}), tables, [row["release_id"] for row in rows])  # fmt: skip


def _field_words(field: str) -> str:
    return field.replace(".", ": ").replace("_", " ")


def _disclosed(field: str, rows: Rows) -> Row:
    sums = {name: sum(row[name] or 0 for row in rows) for name in ("rows", "disclosed", "blank", "redacted", "unreadable")}
    return {"field": _field_words(field), **sums, "share": sums["disclosed"] / sums["rows"]}


def _key(size: Size, hatch: str, y: float) -> tuple[list[str], float]:
    """What the colors mean, in as many lines as it takes."""
    entries = [*((f"c{step}", words) for _, step, words in reversed(_STEPS)), ("", "no rows or no column")]
    shapes: list[str] = []
    x = 14.0
    for class_, words in entries:
        wide = 20 + len(words) * size.small * 0.56 + 14
        if x + wide > size.width - 8:
            x, y = 14.0, y + size.small * 1.6
        fill = {"class_": class_} if class_ else {"fill": f"url(#{hatch})"}
        shapes.append(element("rect", x=x, y=y, width=14.0, height=10.0, **fill))
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
    title = f"Later releases changed {counted(len(changed), 'monthly count')} of {sum(map(len, pairs.values())):,}"
    if largest:
        title += f", at most by {percent(abs(_part(largest)))}"
    others = len(pairs) - len(most)
    note = f"{counted(others, 'more pair')} of releases with smaller changes: see the table." if others else ""
    table = [{"series": capital(series_words(row["population"], row["subset"])), "month": row["month"],
              **{name: row[name] for name in ("older_release", "older", "newer_release", "newer", "change")}}
             for row in rows]  # fmt: skip
    names = {"month": "Month", "series": "Figure", "older_release": "Earlier release", "older": "Count there",
             "newer_release": "Later release", "newer": "Count in it", "change": "Change"}  # fmt: skip
    return picture("revisions", _revision_body(most, pairs, months), Words(
        title=title,
        subtitle="The later count less the earlier one, as a part of the earlier: months that both releases report.",
        alt="Bar chart. " + " ".join(_revision_words(pair, pairs[pair]) for pair in most),
        notes=(note,) if note else (),
        source="",
    ), grid("revisions", "What a later release changed", table, names), tables,
        {name for pair in most for name in pair[2:]})  # fmt: skip


def _part(row: Row) -> float:
    return row["change"] / row["older"]


def _revision_words(pair: tuple[str, ...], rows: Rows) -> str:
    population, subset, older, newer = pair
    low, high = min(map(_part, rows)), max(map(_part, rows))
    return f"{capital(series_words(population, subset))}, {older} to {newer}: from {low * 100:+.1f}% to {high * 100:+.1f}%."


def _revision_body(
    shown: list[tuple[str, ...]], pairs: dict[tuple[str, ...], Rows], months: list[date]
) -> Callable[[Size, str, float], tuple[list[str], float]]:
    def body(size: Size, hatch: str, y: float) -> tuple[list[str], float]:
        axis = _axis(months, size.left, size.width - 14)
        width = max((size.width - 14 - size.left) / len(months) - 0.6, 0.8)
        shapes: list[str] = []
        for pair in shown:
            population, subset, older, newer = pair
            name = f"{capital(series_words(population, subset))}: {older} → {newer}"
            for line in wrapped(name, size.fits(size.width - 28, size.small)):
                shapes.append(text(14, y + size.small, line, size.small, "t bold"))
                y += size.small * 1.3
            parts = {row["month"]: _part(row) for row in pairs[pair]}
            most = max(*(abs(part) for part in parts.values()), 0.001)
            middle, half = y + 38, 30
            shapes.append(element("path", d=f"M{size.left} {middle:.1f}H{size.width - 14}", class_="axis"))
            for end in (most, -most):
                at = middle - half * end / most
                shapes.append(element("path", d=f"M{size.left} {at:.1f}H{size.width - 14}", class_="rule"))
                shapes.append(text(size.left - 5, at + 4, f"{end * 100:+.1f}%", size.small - 1, "m", "end"))
            shapes += [
                element("rect", x=axis(month), y=min(middle, middle - half * part / most), width=width,
                        height=max(abs(half * part / most), 0.0), class_="f1")
                for month, part in parts.items() if part
            ]  # fmt: skip
            y += 84
        return [*shapes, *_years(size, axis, months, y - 8)], y + size.small * 2

    return body
