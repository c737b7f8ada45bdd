"""An axes -> a figure as SVG and PNG, the same bytes each time, with its sources beneath."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure as Canvas

from sc_pipeline.report.rows import Picture, Tables, every_month

# Okabe and Ito's palette, told apart by the colour-blind; line styles and markers tell the series apart in grey.
BLACK, ORANGE, BLUE, GREEN, GREY = "#000000", "#D55E00", "#0072B2", "#009E73", "#767676"
STYLES = ((BLACK, "-", "o"), (BLUE, "--", "s"), (ORANGE, "-.", "^"), (GREEN, ":", "D"))
_SETTINGS: Any = {
    "svg.hashsalt": "sc-pipeline",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "hatch.linewidth": 0.6,
}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class Figure(Picture):
    """A picture with the files it travels as: SVG text and PNG bytes with the words inside, and a small PNG."""

    svg: str
    png: bytes
    preview: bytes


@dataclass
class Sheet:
    """A drawing under way: its panels from the top, of which most drawings have one."""

    canvas: Canvas
    panels: list[Axes]

    @property
    def axes(self) -> Axes:
        return self.panels[0]


def sheet(height: float = 4.6, panels: int = 1) -> Sheet:
    """An empty drawing, 8 inches wide; panels share both axes."""
    with mpl.rc_context(_SETTINGS):
        canvas = Canvas(figsize=(8, height), layout="constrained")
        drawn = canvas.subplots(panels, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    return Sheet(canvas, list(drawn))


def finish(drawn: Sheet, title: str, said: str, tables: Tables, release_ids: Iterable[str]) -> Figure:
    """The drawing as SVG and PNG, its releases named beneath; no date and no machine shows in either."""
    used = set(release_ids)
    # A picture travels without its page: the title itself says that data are simulated.
    is_simulated = any(row["synthetic"] for row in tables["releases"] if row["release_id"] in used)
    title = f"{title} (SIMULATED DATA)" if is_simulated else title
    caption = f"{said} {_sources(tables, used)}"
    with mpl.rc_context(_SETTINGS):
        bare = _svg(drawn.canvas)
        drawn.canvas.suptitle(title, fontweight="bold", x=0.01, ha="left")
        drawn.canvas.supxlabel(caption, fontsize=7.5, x=0.01, ha="left", wrap=True, color="#333333")
        return Figure(bare, title, caption, _svg(drawn.canvas), _png(drawn.canvas, 160), _png(drawn.canvas, 60))


def _svg(canvas: Canvas) -> str:
    text = io.StringIO()
    canvas.savefig(text, format="svg", metadata=_NO_METADATA)
    return text.getvalue()


def _png(canvas: Canvas, dpi: int) -> bytes:
    content = io.BytesIO()
    canvas.savefig(content, format="png", dpi=dpi, metadata={"Software": None})
    return content.getvalue()


def legend(axes: Axes, ncols: int) -> None:
    """What each line is, beneath the drawing, where no line can run through it."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=ncols, frameon=False)


def at(month: date) -> float:
    """Where a month stands on an axis of dates."""
    return float(date2num(month))


def line(axes: Axes, values: dict[date, float | None], label: str, style: int) -> None:
    """A series over every calendar month: a month without a value is a gap, never a zero and never bridged."""
    months = every_month(month for month, value in values.items() if value is not None)
    known = [values.get(month) for month in months]
    colour, dashes, marker = STYLES[style]
    axes.plot([at(month) for month in months], [float("nan") if value is None else float(value) for value in known],
              color=colour, linestyle=dashes, marker=marker, markevery=6 if len(months) > 24 else 1, markersize=4,
              label=label, linewidth=1.6)  # fmt: skip
    axes.xaxis_date()


def _sources(tables: Tables, release_ids: Iterable[str]) -> str:
    releases = {row["release_id"]: row for row in tables["releases"]}
    said = []
    for release_id in sorted(set(release_ids)):
        release = releases.get(release_id, {"received": None, "synthetic": False})
        received = release["received"]
        day = f"received {received:%Y-%m-%d}" if received else "date of receipt not stated"
        said.append(f"{release_id} ({day}{', simulated' if release['synthetic'] else ''})")
    return "Sources: " + "; ".join(said) + "." if said else "Sources: none."
