"""The marts -> every picture of the report."""

from collections.abc import Callable

from sc_pipeline.report import convictions, coverage, disclosure, revisions, trends
from sc_pipeline.report.picture import Picture
from sc_pipeline.report.rows import Tables

_MAKERS: tuple[Callable[[Tables], Picture | None], ...] = (
    trends.removals,
    trends.detainer_share,
    convictions.convictions,
    disclosure.disclosure,
    coverage.coverage,
    revisions.revisions,
)


def draw_pictures(tables: Tables) -> dict[str, Picture]:
    """Every picture the tables have data for, by name. `tables` holds the tables of FIGURE_INPUTS."""
    drawn = [made for make in _MAKERS if (made := make(tables)) is not None]
    return {made.name: made for made in drawn}
