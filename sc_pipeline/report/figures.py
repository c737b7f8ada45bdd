"""The marts -> the pictures of the report, each with its sources beneath."""

from collections.abc import Callable, Mapping

import pandas as pd
from matplotlib.dates import date2num
from matplotlib.ticker import FuncFormatter, PercentFormatter

from sc_pipeline.report.drawing import STYLES, Figure, Sheet, finish, line, sheet, sources, spans

Tables = Mapping[str, pd.DataFrame]
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


def draw_figures(tables: Tables) -> dict[str, Figure]:
    """Every figure the tables have data for, by file name. `tables` holds the tables of INPUTS."""
    drawers: dict[str, tuple[str, Callable[[Tables], Figure]]] = {
        "figure1": ("removals_by_source", _removals_by_source),
        "convictions": ("convictions", _convictions),
        "detainer_share": ("detainer_shares", _detainer_share),
        "disclosure": ("field_disclosure", _disclosure),
        "coverage": ("month_sources", _coverage),
        "revisions": ("release_revisions", _revisions),
    }
    return {name: draw(tables) for name, (needed, draw) in drawers.items() if len(tables[needed])}


def _sources_of(tables: Tables, populations: tuple[str, ...], subsets: tuple[str, ...]) -> str:
    monthly = tables["monthly_removals"]
    used = monthly[monthly["population"].isin(populations) & monthly["subset"].isin(subsets)]
    return sources(tables, used["release_id"])


def _period(months: pd.Series) -> str:
    return f"{months.min():%Y-%m} to {months.max():%Y-%m}"


def _removals_by_source(tables: Tables) -> Figure:
    title = "Figure 1. Removals by ICE, month by month"
    rows = tables["removals_by_source"]
    drawn = sheet(title, 5.2)
    for style, (column, label) in enumerate(_SERIES):
        if rows[column].notna().any():
            line(drawn.axes, rows["month"], rows[column], label, style)
    _shade_withheld(drawn, rows)
    _mark_unfinished(drawn, rows)
    drawn.axes.set_ylim(bottom=0)
    drawn.axes.set_ylabel("removals per month")
    drawn.axes.yaxis.set_major_formatter(_THOUSANDS)
    drawn.axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.07), ncols=3, frameon=False)
    said = f"{_period(rows['month'])}. A month without a figure is a gap, not a zero. "
    return finish(drawn, title, said + _sources_of(tables, ("ice", "sc"), ("all", "detainer_linked")))


def _shade_withheld(drawn: Sheet, rows: pd.DataFrame) -> None:
    for column, label in _SERIES:
        for first, after in spans(rows.loc[rows[f"{column}_status"] == "withheld", "month"]):
            drawn.axes.axvspan(date2num(first), date2num(after), facecolor="#eeeeee", edgecolor="#999999", hatch="//",
                               linewidth=0, zorder=0)  # fmt: skip
            middle = first + (after - first) / 2
            drawn.axes.annotate(f"{label}:\nwithheld by ICE", (date2num(middle), 0.2), ha="center", fontsize=8,
                                xycoords=("data", "axes fraction"), bbox={"fc": "white", "ec": "none", "pad": 2},
                                rotation=0 if (after - first).days > 400 else 90)  # fmt: skip


def _mark_unfinished(drawn: Sheet, rows: pd.DataFrame) -> None:
    said = {"partial": "partial month", "not_released": "not yet released"}
    for style, (column, label) in enumerate(_SERIES):
        marked = rows[rows[f"{column}_status"].isin(list(said))]
        if marked.empty:
            continue
        last = marked.iloc[-1]
        colour = STYLES[style][0]
        drawn.axes.axvline(date2num(last["month"]), color=colour, linewidth=1, linestyle=":")
        drawn.axes.annotate(f"{label} {last['month']:%Y-%m}: {said[last[f'{column}_status']]}",
                            (date2num(last["month"]), 0.98 - 0.22 * style), xycoords=("data", "axes fraction"),
                            xytext=(-3, 0), textcoords="offset points", rotation=90, ha="right", va="top",
                            fontsize=7.5, color=colour)  # fmt: skip


def _convictions(tables: Tables) -> Figure:
    title = "Secure Communities removals of people convicted of a crime"
    rows = tables["convictions"]
    drawn = sheet(title)
    names = (("any_offense", "any offense"), ("any_offense_12m", "any offense, 12-month average"),
             ("level1", "Level 1"), ("level1_12m", "Level 1, 12-month average"))  # fmt: skip
    for style, (column, label) in enumerate(names):
        if rows[column].notna().any():
            line(drawn.axes, rows["month"], rows[column], label, style, end_label=False)
    drawn.axes.set_ylim(bottom=0)
    drawn.axes.set_ylabel("removals per month")
    drawn.axes.yaxis.set_major_formatter(_THOUSANDS)
    drawn.axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.09), ncols=2, frameon=False)
    said = f"{_period(rows['month'])}. An average needs twelve reported months. "
    return finish(drawn, title, said + _sources_of(tables, ("sc",), ("convicted", "level1")))


def _detainer_share(tables: Tables) -> Figure:
    title = "Share of removals that a detainer led to"
    rows = tables["detainer_shares"]
    rows = rows[rows["window"] == "month"]
    drawn = sheet(title)
    for style, (column, label) in enumerate(
        (("share_of_ice", "of all ICE removals"), ("share_of_sc", "of SC removals"))
    ):
        if rows[column].notna().any():
            line(drawn.axes, rows["month"], rows[column], label, style, end_label=False)
    drawn.axes.set_ylim(bottom=0)
    drawn.axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    drawn.axes.legend(loc="upper right", frameon=False)
    said = f"{_period(rows['month'])}; only months in which numerator and denominator are both reported. "
    return finish(drawn, title, said + _sources_of(tables, ("ice", "sc"), ("all", "detainer_linked")))


def _disclosure(tables: Tables) -> Figure:
    title = "What the records disclose, field by month"
    rows = tables["field_disclosure"]
    sums = rows.groupby(["field", "month"])[["rows", "disclosed"]].sum()
    share = (sums["disclosed"].astype(float) / sums["rows"].astype(float)).unstack("month")
    share = share.reindex(columns=pd.date_range(share.columns.min(), share.columns.max(), freq="MS"))
    drawn = sheet(title, 1.8 + 0.17 * len(share))
    edges = [date2num(month) for month in share.columns] + [date2num(share.columns[-1] + pd.DateOffset(months=1))]
    drawn.axes.set_facecolor("#dddddd")
    picture = drawn.axes.pcolormesh(edges, range(len(share) + 1), share.to_numpy(), cmap="cividis", vmin=0, vmax=1,
                                    rasterized=True)  # fmt: skip
    drawn.axes.set_yticks([at + 0.5 for at in range(len(share))], list(share.index), fontsize=7)
    drawn.axes.invert_yaxis()
    drawn.axes.xaxis_date()
    drawn.canvas.colorbar(picture, ax=drawn.axes, format=PercentFormatter(1.0), label="rows with a value", aspect=40)
    said = f"{_period(pd.Series(share.columns))}, all releases together; grey: no rows. "
    return finish(drawn, title, said + sources(tables, rows["release_id"]))


def _coverage(tables: Tables) -> Figure:
    title = "Which release serves which months"
    rows = tables["month_sources"]
    lanes = sorted({(row.population, row.release_id) for row in rows.itertuples()})
    drawn = sheet(title, 1.8 + 0.35 * len(lanes))
    for at, (population, release_id) in enumerate(lanes):
        of_lane = rows[(rows["population"] == population) & (rows["release_id"] == release_id)]
        bars = [(date2num(first), date2num(after) - date2num(first)) for first, after in spans(of_lane["month"])]
        is_records = (of_lane["origin"] == "records").any()
        drawn.axes.broken_barh(bars, (at - 0.35, 0.7), facecolor=STYLES[1][0] if is_records else "white",
                               edgecolor="black", hatch=None if is_records else "///")  # fmt: skip
    drawn.axes.set_yticks(range(len(lanes)), [f"{release_id}\n({population})" for population, release_id in lanes],
                          fontsize=8)  # fmt: skip
    drawn.axes.invert_yaxis()
    drawn.axes.xaxis_date()
    said = f"{_period(rows['month'])}. Filled: case-level records; hatched: printed figures. "
    return finish(drawn, title, said + sources(tables, rows["release_id"]))


def _revisions(tables: Tables) -> Figure:
    title = "What a later release changed"
    rows = tables["release_revisions"]
    drawn = sheet(title)
    rows = rows[rows["subset"] == "all"] if (rows["subset"] == "all").any() else rows
    pairs = rows.groupby(["population", "older_release", "newer_release"], sort=True)
    for at, ((population, older, newer), of_pair) in enumerate(pairs):
        share = of_pair["change"].astype(float) / of_pair["older"].astype(float).where(of_pair["older"] != 0)
        line(drawn.axes, of_pair["month"], share, f"{population}: {older} → {newer}", at % len(STYLES), end_label=False)
    drawn.axes.axhline(0, color="black", linewidth=0.8)
    drawn.axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    drawn.axes.set_ylabel("change, of the older figure")
    drawn.axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.09), fontsize=8, frameon=False)
    said = f"{_period(rows['month'])}, months that both releases report. "
    return finish(drawn, title, said + sources(tables, [*rows["older_release"], *rows["newer_release"]]))
