"""The pictures: what they draw of the shipped tables, and what they refuse to draw."""

import re
import shutil
from datetime import date

import pytest
from matplotlib.dates import num2date

from sc_pipeline.build import build_directly
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.report import figures, rows
from sc_pipeline.report.drawing import Figure
from sc_pipeline.report.inputs import FIGURE_INPUTS
from sc_pipeline.report.rows import Rows, Tables

RELEASE = "trac-2017-11"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("figures")
    shutil.copytree(REPOSITORY / "raw" / RELEASE, folder / "raw" / RELEASE)
    project = Project(folder / "raw", folder / "warehouse")
    assert build_directly(project) == []
    return rows.read_rows(project.store, FIGURE_INPUTS)


@pytest.fixture(scope="module")
def drawn(tables: Tables) -> dict[str, Figure]:
    return figures.draw_figures(tables)


def only(tables: Tables, *kept: str) -> dict[str, Rows]:
    """The tables, all empty but the ones named."""
    return {name: rows if name in kept else [] for name, rows in tables.items()}


def by_source(month: date, detainer: int | None, status: str = "reported") -> dict[str, object]:
    """A month of Figure 1 in which only the detainer line varies."""
    return {"month": month, "all_ice": 100, "all_ice_status": "reported", "sc": 10, "sc_status": "reported",
            "sc_detainer_linked": detainer, "sc_detainer_linked_status": status}  # fmt: skip


def drawn_lines(of: Rows) -> dict[str, list[tuple[str, float]]]:
    """Label -> the months and values of each line of Figure 1."""
    axes = figures.removals_axes(of).axes
    lines = [line for line in axes.get_lines() if not str(line.get_label()).startswith("_")]
    return {str(line.get_label()): [(f"{num2date(x):%Y-%m}", y) for x, y in line.get_xydata()] for line in lines}


def words_on(of: Rows) -> list[str]:
    axes = figures.removals_axes(of).axes
    return [text.get_text() for text in axes.texts] + [axes.get_title("right")]


def test_figure_1_has_three_lines_from_first_to_last_reported_month(tables: Tables) -> None:
    lines = drawn_lines(tables["removals_by_source"])
    assert {label: (points[0], points[-1]) for label, points in lines.items()} == {
        "all ICE removals": (("2008-11", 29063.0), ("2017-06", 16982.0)),
        "Secure Communities": (("2008-11", 56.0), ("2017-07", 5478.0)),
        "with a detainer": (("2008-11", 9.0), ("2015-12", 97.0)),
    }


def test_the_withheld_span_is_labelled_and_the_month_to_come_marked(tables: Tables) -> None:
    assert words_on(tables["removals_by_source"]) == [
        "with a detainer:\nwithheld by ICE",
        "2017-07, all ICE removals: not yet released",
    ]


def test_a_month_without_a_figure_is_a_gap_not_a_zero() -> None:
    of = [by_source(date(2015, 11, 1), 5), by_source(date(2015, 12, 1), None, "withheld"),
          by_source(date(2016, 1, 1), 7)]  # fmt: skip
    points = drawn_lines(of)["with a detainer"]
    assert [(month, value) for month, value in points if value == value] == [("2015-11", 5.0), ("2016-01", 7.0)]
    assert [month for month, value in points if value != value] == ["2015-12"]


def test_a_month_that_no_row_speaks_of_is_a_gap() -> None:
    points = drawn_lines([by_source(date(2015, 11, 1), 5), by_source(date(2016, 1, 1), 7)])["with a detainer"]
    assert [month for month, value in points if value != value] == ["2015-12"]


def test_labels_of_withheld_spans_stand_above_every_line(tables: Tables) -> None:
    highest = max(row["all_ice"] or 0 for row in tables["removals_by_source"])
    assert figures.removals_axes(tables["removals_by_source"]).axes.get_ylim()[1] > 1.15 * highest


def test_the_shipped_tables_give_these_figures(drawn: dict[str, Figure]) -> None:
    assert list(drawn) == ["figure1", "convictions", "detainer_share", "coverage"]


def test_a_table_without_rows_has_no_figure(tables: Tables) -> None:
    assert figures.draw_figures({**tables, **{name: [] for name in tables}}) == {}


def test_only_monthly_shares_are_drawn_and_none_gives_no_figure(tables: Tables) -> None:
    yearly = [row for row in tables["detainer_shares"] if row["window"] == "fiscal_year"]
    assert figures.draw_figures({**only(tables, "releases"), "detainer_shares": yearly}) == {}


def test_case_level_figures_are_drawn_where_there_are_records(tables: Tables) -> None:
    cell = {"release_id": RELEASE, "field": "state", "rows": 4, "disclosed": 1}
    revision = {"population": "sc", "subset": "convicted", "month": date(2016, 8, 1), "older_release": "a",
                "newer_release": RELEASE, "older": 0, "newer": 5, "change": 5}  # fmt: skip
    drawn = figures.draw_figures({
        **only(tables, "releases"),
        "field_disclosure": [{**cell, "month": date(2016, 8, 1)}, {**cell, "month": date(2016, 10, 1)}],
        "release_revisions": [revision, {**revision, "month": date(2016, 9, 1), "older": 4, "change": 1}],
    })  # fmt: skip
    assert drawn["disclosure"].caption.startswith("2016-08 to 2016-10. Of several releases, ")
    assert drawn["revisions"].caption == (
        "2016-08 to 2016-09, months that both releases report. "
        f"Sources: a (date of receipt not stated); {RELEASE} (received 2017-11-30)."
    )


def test_each_figure_names_its_sources_and_dates(drawn: dict[str, Figure]) -> None:
    captions = {figure.caption.split("Sources: ")[1] for figure in drawn.values()}
    assert captions == {f"{RELEASE} (received 2017-11-30)."}


def test_a_simulated_source_says_so(tables: Tables) -> None:
    simulated = [{**row, "synthetic": True} for row in tables["releases"]]
    month_sources = {**only(tables, "month_sources"), "releases": simulated}
    drawn = figures.draw_figures(month_sources)["coverage"]
    assert drawn.title == "Which release serves which months (SIMULATED DATA)"
    assert "(received 2017-11-30, simulated)" in drawn.caption


def test_averages_that_cannot_be_computed_are_drawn_as_printed(tables: Tables, drawn: dict[str, Figure]) -> None:
    filled = rows.filled_averages(tables)
    assert [(row["any_offense_12m"], row["any_offense_12m_printed_in"]) for row in (filled[0], filled[-1])] == [
        (4545, RELEASE), (5074, None),
    ]  # fmt: skip
    assert f"where they are not held, it is the one printed in {RELEASE}." in drawn["convictions"].caption


def test_the_last_partial_month_is_a_hollow_point() -> None:
    of = [by_source(date(2015, 11, 1), 5), by_source(date(2015, 12, 1), 3, "partial")]
    hollow = [line for line in figures.removals_axes(of).axes.get_lines() if line.get_label() == "_partial"]
    assert [(list(line.get_ydata()), line.get_markerfacecolor()) for line in hollow] == [([3], "white")]
    assert "2015-12, with a detainer: partial month" in words_on(of)


def test_figures_are_the_same_bytes_each_time_and_carry_no_date(tables: Tables, drawn: dict[str, Figure]) -> None:
    assert drawn == figures.draw_figures(tables)
    assert not any(re.search(r"<dc:date>|<metadata>", figure.svg) for figure in drawn.values())
    assert all(figure.png.startswith(b"\x89PNG") for figure in drawn.values())
    assert all(len(figure.preview) < len(figure.png) for figure in drawn.values())


def test_every_month_crosses_the_new_year() -> None:
    assert rows.every_month([date(2016, 2, 1), date(2015, 11, 1)]) == [
        date(2015, 11, 1), date(2015, 12, 1), date(2016, 1, 1), date(2016, 2, 1),
    ]  # fmt: skip
    assert rows.every_month([]) == []


def test_spans_join_neighbours_only() -> None:
    assert rows.spans([date(2016, 3, 1), date(2015, 12, 1), date(2016, 1, 1)]) == [
        (date(2015, 12, 1), date(2016, 2, 1)),
        (date(2016, 3, 1), date(2016, 4, 1)),
    ]
