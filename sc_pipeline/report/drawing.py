"""An axes -> a figure as SVG and PNG, the same bytes each time, with its sources beneath."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

# Okabe and Ito's palette, told apart by the colour-blind; line styles and markers tell the series apart in grey.
BLACK, ORANGE, BLUE, GREEN, GREY = "#000000", "#D55E00", "#0072B2", "#009E73", "#767676"
STYLES = ((BLACK, "-", "o"), (BLUE, "--", "s"), (ORANGE, "-.", "^"), (GREEN, ":", "D"))
_SETTINGS = {
    "svg.hashsalt": "sc-pipeline",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
}


@dataclass(frozen=True)
class Figure:
    """A picture as it stands in the report: SVG text, PNG bytes, a title, and what lies under it."""

    svg: str
    png: bytes
    title: str
    caption: str


@dataclass
class Sheet:
    """A drawing under way."""

    canvas: Canvas
    axes: Axes


def sheet(title: str, height: float = 4.6) -> Sheet:
    """An empty drawing, 9 inches wide."""
    with mpl.rc_context(_SETTINGS):
        canvas = Canvas(figsize=(9, height), layout="constrained")
        axes = canvas.add_subplot()
        axes.set_title(title, fontweight="bold", pad=14)
    return Sheet(canvas, axes)


def finish(drawn: Sheet, title: str, caption: str) -> Figure:
    """The drawing as SVG and PNG; no date and no machine shows in either."""
    svg, png = io.StringIO(), io.BytesIO()
    with mpl.rc_context(_SETTINGS):
        drawn.canvas.supxlabel(caption, fontsize=7.5, x=0.01, ha="left", wrap=True, color="#333333")
        drawn.canvas.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        drawn.canvas.savefig(png, format="png", dpi=110, metadata={"Software": None})
    return Figure(svg.getvalue(), png.getvalue(), title, caption)


def line(axes: Axes, months: pd.Series, values: pd.Series, label: str, style: int, end_label: bool = True) -> None:
    """A series over every calendar month: a month without a value is a gap, never a zero and never bridged."""
    series = pd.Series(values.astype("Float64").to_numpy(float, na_value=float("nan")), pd.DatetimeIndex(months))
    series = series.reindex(pd.date_range(series.index.min(), series.index.max(), freq="MS"))
    colour, dashes, marker = STYLES[style]
    axes.plot(series.index.to_pydatetime(), series.to_numpy(), color=colour, linestyle=dashes, marker=marker,
              markevery=6 if len(series) > 24 else 1, markersize=4, label=label, linewidth=1.6)  # fmt: skip
    last = series.last_valid_index()
    if end_label and last is not None:
        axes.annotate(label, (last, series[last]), xytext=(6, 3), textcoords="offset points", color=colour, fontsize=9)


def spans(months: Iterable[pd.Timestamp]) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Months -> runs of consecutive ones, each as its first month and the month after its last."""
    runs: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    for month in sorted(pd.Timestamp(month) for month in months):
        after = month + pd.DateOffset(months=1)
        if runs and runs[-1][1] == month:
            runs[-1] = (runs[-1][0], after)
        else:
            runs.append((month, after))
    return runs


def sources(tables: Mapping[str, pd.DataFrame], release_ids: Iterable[str]) -> str:
    """The releases a figure rests on, with the day each was received."""
    releases = tables["releases"].set_index("release_id")
    said = []
    for release_id in sorted(set(release_ids)):
        received = releases["received"].get(release_id) if release_id in releases.index else None
        day = "date of receipt not stated" if pd.isna(received) else f"received {pd.Timestamp(received):%Y-%m-%d}"
        simulated = ", SIMULATED" if release_id in releases.index and releases.at[release_id, "synthetic"] else ""
        said.append(f"{release_id} ({day}{simulated})")
    return "Sources: " + "; ".join(said) + "." if said else "Sources: none."
