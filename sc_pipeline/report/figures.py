"""The marts -> the pictures of the report, each with its sources beneath."""

from collections.abc import Callable
from datetime import date

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from sc_pipeline.report.drawing import STYLES, Figure, Sheet, at, finish, line, sheet, sources
from sc_pipeline.report.rows import Rows, Tables, every_month, grouped, next_month, spans

INPUTS = (
    "monthly_removals", "removals_by_source", "convictions", "detainer_shares", "field_disclosure", "month_sources",
    "release_revisions", "releases",
)  # fmt: skip
_THOUSANDS = FuncFormatter(lambda value, _: f"{value:,.0f}")
_SERIES = (
    ("all_ice", "all ICE removals"),
    ("sc", "Secure Communities"),
    ("sc_detainer_linked", "with a detainer"),
)
_UNFINISHED = {"partial": "partial month", "not_released": "not yet released"}


def draw_figures(tables: Tables) -> dict[str, Figure]:
    """Every figure the tables have data for, by file name. `tables` holds the tables of INPUTS."""
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
    drawn.axes.set_ylabel("removals per month")
    drawn.axes.yaxis.set_major_formatter(_THOUSANDS)
    drawn.axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.07), ncols=3, frameon=False)
    return drawn


def _removals_by_source(tables: Tables) -> Figure:
    rows = tables["removals_by_source"]
    said = f"{_period(rows)}. A month without a figure is a gap, not a zero. "
    return finish(removals_axes(rows), "Figure 1. Removals by ICE, month by month",
                  said + _sources_of(tables, ("ice", "sc"), ("all", "detainer_linked")))  # fmt: skip


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


def _sources_of(tables: Tables, populations: tuple[str, ...], subsets: tuple[str, ...]) -> str:
    used = [row["release_id"] for row in tables["monthly_removals"]
            if row["population"] in populations and row["subset"] in subsets]  # fmt: skip
    return sources(tables, used)


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
        axes.axvspan(at(first), at(after), facecolor="#eeeeee", edgecolor="#999999", hatch="//", linewidth=0, zorder=0)
        height = 0.985 - 0.1 * (number % levels)
        axes.annotate(f"{label}:\nwithheld by ICE", ((at(first) + at(after)) / 2, height), ha="center", va="top",
                      fontsize=8, xycoords=("data", "axes fraction"),
                      bbox={"fc": "white", "ec": "none", "pad": 2})  # fmt: skip
    return levels


def _mark_unfinished(axes: Axes, rows: Rows) -> None:
    """A dotted line at each series' last month that is not whole yet, and a line of text above the drawing."""
    said: list[str] = []
    for style, (column, label) in enumerate(_SERIES):
        marked = [row for row in rows if row[f"{column}_status"] in _UNFINISHED]
        if not marked:
            continue
        last = max(marked, key=lambda row: row["month"])
        axes.axvline(at(last["month"]), color=STYLES[style][0], linewidth=1, linestyle=":")
        said.append(f"{last['month']:%Y-%m}, {label}: {_UNFINISHED[last[f'{column}_status']]}")
    axes.set_title("\n".join(said), fontsize=8, loc="right")


def _convictions(tables: Tables) -> Figure:
    rows = tables["convictions"]
    drawn = sheet()
    names = (("any_offense", "any offense"), ("any_offense_12m", "any offense, 12-month average"),
             ("level1", "Level 1"), ("level1_12m", "Level 1, 12-month average"))  # fmt: skip
    _draw_series(drawn.axes, rows, names)
    drawn.axes.set_ylim(bottom=0)
    drawn.axes.set_ylabel("removals per month")
    drawn.axes.yaxis.set_major_formatter(_THOUSANDS)
    drawn.axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.09), ncols=2, frameon=False)
    said = f"{_period(rows)}. An average needs twelve reported months. "
    return finish(drawn, "Secure Communities removals of people convicted of a crime",
                  said + _sources_of(tables, ("sc",), ("convicted", "level1")))  # fmt: skip


def _detainer_share(tables: Tables) -> Figure:
    rows = tables["detainer_shares"]
    drawn = sheet()
    _draw_series(drawn.axes, rows, (("share_of_ice", "of all ICE removals"), ("share_of_sc", "of SC removals")))
    drawn.axes.set_ylim(bottom=0)
    drawn.axes.set_ylabel("share of removals")
    drawn.axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    drawn.axes.legend(loc="upper right", frameon=False)
    said = f"{_period(rows)}; only months in which numerator and denominator are both reported. "
    return finish(drawn, "Share of removals that a detainer led to",
                  said + _sources_of(tables, ("ice", "sc"), ("all", "detainer_linked")))  # fmt: skip


def _disclosure(tables: Tables) -> Figure:
    rows = tables["field_disclosure"]
    months = every_month(row["month"] for row in rows)
    fields = sorted({row["field"] for row in rows})
    sums = {key: (sum(row["disclosed"] for row in of_cell), sum(row["rows"] for row in of_cell))
            for key, of_cell in grouped(rows, "field", "month").items()}  # fmt: skip
    shares = [[_share(*sums.get((field, month), (0, 0))) for month in months] for field in fields]
    drawn = sheet(1.8 + 0.17 * len(fields))
    edges = [at(month) for month in (*months, next_month(months[-1]))]
    drawn.axes.set_facecolor("#dddddd")
    picture = drawn.axes.pcolormesh(edges, range(len(fields) + 1), shares, cmap="cividis", vmin=0, vmax=1,
                                    rasterized=True)  # fmt: skip
    drawn.axes.set_yticks([place + 0.5 for place in range(len(fields))], fields, fontsize=7)
    drawn.axes.invert_yaxis()
    drawn.axes.xaxis_date()
    drawn.canvas.colorbar(picture, ax=drawn.axes, format=PercentFormatter(1.0), label="rows with a value", aspect=40)
    said = f"{_period(rows)}, all releases together; grey: no rows. "
    return finish(drawn, "What the records disclose, field by month",
                  said + sources(tables, (row["release_id"] for row in rows)))  # fmt: skip


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _coverage(tables: Tables) -> Figure:
    rows = tables["month_sources"]
    lanes = grouped(rows, "population", "release_id")
    drawn = sheet(1.8 + 0.35 * len(lanes))
    for place, of_lane in enumerate(lanes.values()):
        bars = [(at(first), at(after) - at(first)) for first, after in spans(row["month"] for row in of_lane)]
        is_records = any(row["origin"] == "records" for row in of_lane)
        drawn.axes.broken_barh(bars, (place - 0.35, 0.7), facecolor=STYLES[1][0] if is_records else "white",
                               edgecolor="black", hatch=None if is_records else "///")  # fmt: skip
    names = [f"{release_id}\n({population})" for population, release_id in lanes]
    drawn.axes.set_yticks(range(len(lanes)), names, fontsize=8)
    drawn.axes.invert_yaxis()
    drawn.axes.xaxis_date()
    said = f"{_period(rows)}. Filled: case-level records; hatched: printed figures. "
    return finish(drawn, "Which release serves which months",
                  said + sources(tables, (row["release_id"] for row in rows)))  # fmt: skip


def _revisions(tables: Tables) -> Figure:
    rows = [row for row in tables["release_revisions"] if row["subset"] == "all"] or tables["release_revisions"]
    drawn = sheet()
    pairs = grouped(rows, "population", "subset", "older_release", "newer_release")
    for place, ((population, subset, older, newer), of_pair) in enumerate(pairs.items()):
        changes: dict[date, float | None] = {
            row["month"]: row["change"] / row["older"] if row["older"] else None for row in of_pair
        }
        line(drawn.axes, changes, f"{population}, {subset}: {older} → {newer}", place % len(STYLES))
    drawn.axes.axhline(0, color="black", linewidth=0.8)
    drawn.axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    drawn.axes.set_ylabel("change, of the older figure")
    drawn.axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.09), fontsize=8, frameon=False)
    said = f"{_period(rows)}, months that both releases report. "
    used = [row[name] for row in rows for name in ("older_release", "newer_release")]
    return finish(drawn, "What a later release changed", said + sources(tables, used))
