"""The marts -> the pictures of the report, each with its sources beneath."""

from collections.abc import Callable
from datetime import date
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from sc_pipeline.report.drawing import STYLES, Figure, Sheet, at, finish, legend, line, sheet
from sc_pipeline.report.rows import AVERAGES, Rows, Tables, every_month, filled_averages, grouped, next_month, spans
from sc_pipeline.report.words import POPULATIONS, series_words

_THOUSANDS = FuncFormatter(lambda value, _: f"{value:,.0f}")
_PERCENT = PercentFormatter(1.0, decimals=0)
_HATCH: dict[str, Any] = {"facecolor": "#f4f4f4", "edgecolor": "#c4c4c4", "hatch": "///", "linewidth": 0}
_SERIES = (
    ("all_ice", "all ICE removals"),
    ("sc", "Secure Communities"),
    ("sc_detainer_linked", "with a detainer"),
)
_UNFINISHED = {"partial": "partial month", "not_released": "not yet released"}


def draw_figures(tables: Tables) -> dict[str, Figure]:
    """Every figure the tables have data for, by file name. `tables` holds the tables of FIGURE_INPUTS."""
    monthly_shares = [row for row in tables["detainer_shares"] if row["window"] == "month"]
    tables = {**tables, "detainer_shares": monthly_shares}
    drawers: dict[str, tuple[str, Callable[[Tables], Figure]]] = {
        "figure1": ("removals_by_source", _removals_by_source),
        "convictions": ("convictions", _convictions),
        "detainer_share": ("detainer_shares", _detainer_share),
        "disclosure": ("field_disclosure", _disclosure),
        "coverage": ("month_sources", _coverage),
        "revisions": ("release_revisions", _revisions),
    }
    return {name: draw(tables) for name, (needed, draw) in drawers.items() if tables[needed]}


def removals_axes(rows: Rows) -> Sheet:
    """Figure 1 before it is finished: its lines, the withheld spans, the months that are not whole yet."""
    drawn = sheet(5.2)
    highest = _draw_series(drawn.axes, rows, _SERIES)
    labels = _shade_withheld(drawn.axes, rows)
    _mark_unfinished(drawn.axes, rows)
    # The labels of withheld spans stand in a band of their own above the highest point of any line.
    drawn.axes.set_ylim(bottom=0, top=max(highest, 1) * (1.05 + 0.13 * labels))
    _per_month(drawn.axes, columns=3)
    return drawn


def _removals_by_source(tables: Tables) -> Figure:
    rows = tables["removals_by_source"]
    said = f"{_period(rows)}. A month without a figure is a gap, not a zero."
    return finish(removals_axes(rows), "Figure 1. Removals by ICE, month by month", said, tables,
                  _used(tables, ("ice", "sc"), ("all", "detainer_linked")))  # fmt: skip


def _draw_series(axes: Axes, rows: Rows, names: tuple[tuple[str, str], ...]) -> float:
    """Draw each column that has a value; returns the highest one."""
    highest = 0.0
    for style, (column, label) in enumerate(names):
        values = {row["month"]: row[column] for row in rows}
        known = [value for value in values.values() if value is not None]
        if known:
            line(axes, values, label, style)
            highest = max(highest, *known)
    return highest


def _per_month(axes: Axes, columns: int) -> None:
    axes.set_ylabel("removals per month")
    axes.yaxis.set_major_formatter(_THOUSANDS)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.7)
    legend(axes, columns)


def _used(tables: Tables, populations: tuple[str, ...], subsets: tuple[str, ...]) -> list[str]:
    return [row["release_id"] for row in tables["monthly_removals"]
            if row["population"] in populations and row["subset"] in subsets]  # fmt: skip


def _period(rows: Rows) -> str:
    months = [row["month"] for row in rows]
    return f"{min(months):%Y-%m} to {max(months):%Y-%m}"


def _shade_withheld(axes: Axes, rows: Rows) -> int:
    """Shade and label each withheld span; returns how many lines of labels there are."""
    found: list[tuple[str, date, date]] = []
    for column, label in _SERIES:
        withheld = [row["month"] for row in rows if row[f"{column}_status"] == "withheld"]
        found += [(label, first, after) for first, after in spans(withheld)]
    levels = min(len(found), 3)
    for number, (label, first, after) in enumerate(found):
        axes.axvspan(at(first), at(after), zorder=0, **_HATCH)
        height = 0.985 - 0.1 * (number % levels)
        axes.annotate(f"{label}:\nwithheld by ICE", ((at(first) + at(after)) / 2, height), ha="center", va="top",
                      fontsize=9, xycoords=("data", "axes fraction"),
                      bbox={"fc": "white", "ec": "none", "pad": 2})  # fmt: skip
    return levels


def _mark_unfinished(axes: Axes, rows: Rows) -> None:
    """A dotted line at each series' last month that is not whole yet, a hollow point, and a line of text above."""
    said: list[str] = []
    for style, (column, label) in enumerate(_SERIES):
        marked = [row for row in rows if row[f"{column}_status"] in _UNFINISHED]
        if not marked:
            continue
        last = max(marked, key=lambda row: row["month"])
        colour, _, marker = STYLES[style]
        axes.axvline(at(last["month"]), color=colour, linewidth=1, linestyle=":")
        if last[column] is not None:
            axes.plot([at(last["month"])], [last[column]], color=colour, marker=marker, mfc="white", label="_partial")
        said.append(f"{last['month']:%Y-%m}, {label}: {_UNFINISHED[last[f'{column}_status']]}")
    axes.set_title("\n".join(said), fontsize=9, loc="right")


def _convictions(tables: Tables) -> Figure:
    rows = filled_averages(tables)
    drawn = sheet()
    names = (("any_offense", "any offense"), ("any_offense_12m", "any offense, 12-month average"),
             ("level1", "serious (Level 1) offense"), ("level1_12m", "serious offense, 12-month average"))  # fmt: skip
    _draw_series(drawn.axes, rows, names)
    drawn.axes.set_ylim(bottom=0)
    _per_month(drawn.axes, columns=2)
    printed = {row[f"{name}_printed_in"] for row in rows for name in AVERAGES} - {None}
    said = f"{_period(rows)}. An average needs twelve reported months"
    said += f"; where they are not held, it is the one printed in {', '.join(sorted(printed))}." if printed else "."
    return finish(drawn, "Secure Communities removals of people convicted of a crime", said, tables,
                  [*_used(tables, ("sc",), ("convicted", "level1")), *printed])  # fmt: skip


def _detainer_share(tables: Tables) -> Figure:
    rows = tables["detainer_shares"]
    drawn = sheet()
    names = (("share_of_ice", "of all ICE removals"), ("share_of_sc", "of Secure Communities removals"))
    _draw_series(drawn.axes, rows, names)
    drawn.axes.set_ylim(bottom=0)
    _per_month(drawn.axes, columns=2)
    drawn.axes.set_ylabel("share of removals")
    drawn.axes.yaxis.set_major_formatter(_PERCENT)
    said = f"{_period(rows)}; only months in which both the part and the whole are reported."
    return finish(drawn, "Share of removals that a detainer led to", said, tables,
                  _used(tables, ("ice", "sc"), ("all", "detainer_linked")))  # fmt: skip


def _disclosure(tables: Tables) -> Figure:
    rows = [row for row in tables["field_disclosure"] if row["rows"]]
    months = every_month(row["month"] for row in rows)
    # Fields of detainer files have a dot in their name; they follow those of removals.
    fields = sorted({row["field"] for row in rows}, key=lambda field: ("." in field, field))
    best = {key: max(row["disclosed"] / row["rows"] for row in of_cell)
            for key, of_cell in grouped(rows, "field", "month").items()}  # fmt: skip
    shares = [[best.get((field, month), float("nan")) for month in months] for field in fields]
    drawn = sheet(1.8 + 0.17 * len(fields))
    edges = [at(month) for month in (*months, next_month(months[-1]))]
    drawn.axes.patch.set(**_HATCH)
    picture = drawn.axes.pcolormesh(edges, range(len(fields) + 1), shares, cmap="cividis", vmin=0, vmax=1,
                                    rasterized=True)  # fmt: skip
    names = [field.replace(".", ": ").replace("_", " ") for field in fields]
    drawn.axes.set_yticks([place + 0.5 for place in range(len(fields))], names, fontsize=8)
    drawn.axes.invert_yaxis()
    drawn.axes.xaxis_date()
    drawn.canvas.colorbar(picture, ax=drawn.axes, format=_PERCENT, label="rows with a value", aspect=40,
                          location="top", shrink=0.5, pad=0.01)  # fmt: skip
    said = f"{_period(rows)}. Of several releases, the one that discloses most; hatched: no rows."
    return finish(drawn, "What the records disclose, field by month", said, tables, {row["release_id"] for row in rows})


def _coverage(tables: Tables) -> Figure:
    rows = tables["month_sources"]
    lanes = grouped(rows, "population", "release_id")
    drawn = sheet(1.8 + 0.35 * len(lanes))
    for place, of_lane in enumerate(lanes.values()):
        bars = [(at(first), at(after) - at(first)) for first, after in spans(row["month"] for row in of_lane)]
        is_records = any(row["origin"] == "records" for row in of_lane)
        drawn.axes.broken_barh(bars, (place - 0.35, 0.7), facecolor=STYLES[1][0] if is_records else "white",
                               edgecolor="black", hatch=None if is_records else "///")  # fmt: skip
    names = [f"{release_id}\n{POPULATIONS[population]}" for population, release_id in lanes]
    drawn.axes.set_yticks(range(len(lanes)), names, fontsize=8)
    drawn.axes.invert_yaxis()
    drawn.axes.xaxis_date()
    said = f"{_period(rows)}. Filled: case-level records; hatched: printed figures."
    return finish(drawn, "Which release serves which months", said, tables, {row["release_id"] for row in rows})


def _revisions(tables: Tables) -> Figure:
    rows = [row for row in tables["release_revisions"] if row["subset"] == "all"] or tables["release_revisions"]
    pairs = grouped(rows, "population", "subset", "older_release", "newer_release")
    drawn = sheet(1.4 + 0.95 * len(pairs), panels=len(pairs))
    for axes, ((population, subset, older, newer), of_pair) in zip(drawn.panels, pairs.items(), strict=True):
        known = [row for row in of_pair if row["older"]]
        axes.bar([at(row["month"]) for row in known], [row["change"] / row["older"] for row in known], width=25,
                 color=STYLES[1][0])  # fmt: skip
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set_title(f"{series_words(population, subset)}: {older} → {newer}", fontsize=9, loc="left")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))
        axes.xaxis_date()
    drawn.canvas.supylabel("change, of the older figure", fontsize=10)
    said = f"{_period(rows)}, months that both releases report."
    used = {row[name] for row in rows for name in ("older_release", "newer_release")}
    return finish(drawn, "What a later release changed", said, tables, used)
