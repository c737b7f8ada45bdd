"""Printed tables of other shapes: year and month in two cells, months across, and counts that are not ours."""

from collections.abc import Iterator
from datetime import date

import pytest

from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.project import Project
from sc_pipeline.staged.across import month_of
from tests.builders import ask, empty_project, put

TWO_CELLS = """Fiscal Year,Month,All ICE Removals,ICE Returns
FY2016,October,"16,000",10
,Nov,"17,000",11
FY2017,October,"18,000",12
"""
YEARS_DOWN = """All ICE Removals,,,,,,,,,,,,,
Fiscal Year,Oct,Nov,Dec,Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Total
2014,1,2,3,4,5,6,7,8,9,10,11,12,78
FY15,21,22,23,ICE withheld,,,,,,,,,66
"""
FIGURES_DOWN = """Figure,Oct-18,Nov-18,Dec-18,Jan-19,Feb-19,Mar-19
SC Removals,1,2,3,4,5,6
All ICE Removals,11,12,13,14,15,16
DHS Removals,21,22,23,24,25,26
"""
NUMBERED = "Year,Month,All ICE Removals\n2011,10,18\n,11,19\n'12,01,20\n"
DHS_YEARS = 'Fiscal Year,DHS Removals,DHS Returns\n2016,"340,056","106,600"\n2017,"295,364",not yet released\n'


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = empty_project(tmp_path_factory.mktemp("printed"))
    for name, text in (
        ("two", TWO_CELLS),
        ("down", YEARS_DOWN),
        ("figures", FIGURES_DOWN),
        ("dhs", DHS_YEARS),
        ("numbered", NUMBERED),
    ):
        put(project, name, f"{name}.csv", text)
    assert build_without_dagster(project) == []
    yield project


def monthly(project: Project, release: str) -> list[tuple[str, str, int | None, str]]:
    return [
        (month.strftime("%Y-%m"), population, removals, status)
        for month, population, removals, status in ask(
            project,
            f"select month, population, removals, status from monthly_removals where release_id = '{release}' "
            "order by population, month",
        )
    ]


def test_a_year_and_a_month_in_two_cells_are_one_month(printed: Project) -> None:
    assert monthly(printed, "two") == [
        ("2015-10", "ice", 16000, "reported"),
        ("2015-11", "ice", 17000, "reported"),
        ("2016-10", "ice", 18000, "reported"),
    ]


def test_a_month_of_a_calendar_year_may_be_a_number(printed: Project) -> None:
    assert [(month, removals) for month, _, removals, _ in monthly(printed, "numbered")] == [
        ("2011-10", 18),
        ("2011-11", 19),
        ("2012-01", 20),
    ]


def test_months_across_give_a_figure_for_each_filled_cell(printed: Project) -> None:
    found = monthly(printed, "down")
    assert len(found) == 16
    assert found[0] == ("2013-10", "ice", 1, "reported") and found[11] == ("2014-09", "ice", 12, "reported")
    assert found[12:] == [
        ("2014-10", "ice", 21, "reported"),
        ("2014-11", "ice", 22, "reported"),
        ("2014-12", "ice", 23, "reported"),
        ("2015-01", "ice", None, "withheld"),
    ]
    place = "select source_row, source_column from trace('2014-11', 'ice', 'all')"
    assert ask(printed, place) == [(4, "Nov")]


def test_figures_down_and_months_across_are_told_apart_by_their_names(printed: Project) -> None:
    assert [each for each in monthly(printed, "figures") if each[0] == "2018-10"] == [
        ("2018-10", "ice", 11, "reported"),
        ("2018-10", "sc", 1, "reported"),
    ]


def test_counts_that_are_not_ours_are_kept_apart_and_never_compared(printed: Project) -> None:
    kept = (
        "select release_id, population, subset, month, fiscal_year, value, status from core.other_counts order by all"
    )
    rows = ask(printed, kept)
    assert ("dhs", "dhs", "all", None, 2016, 340056, "reported") in rows
    assert ("dhs", "dhs", "returns", None, 2017, None, "not_released") in rows
    assert ("two", "ice", "returns", date(2015, 10, 1), None, 10, "reported") in rows
    assert ("figures", "dhs", "all", date(2018, 10, 1), None, 21, "reported") in rows
    assert len(rows) == 4 + 3 + 6
    assert ask(printed, "select distinct population from monthly_removals order by 1") == [("ice",), ("sc",)]
    compared = "select count(*) from published_comparison where cell like '%DHS%' or cell like '%Returns%'"
    assert ask(printed, compared) == [(0,)]
    assert ask(printed, "select count(*) from yearly_comparison") == [(0,)]


WRONG = {
    "a year": ("All ICE Removals,,,,,,\nFY,Oct,Nov,Dec,Jan,Feb,Mar\nFY20l6,1,2,3,4,5,6\n", '"FY20l6" is not a year'),
    "a figure": (FIGURES_DOWN + "Expulsions,1,2,3,4,5,6\n", '"Expulsions" is not a figure that is known here'),
    "twice": (FIGURES_DOWN + "SC Removals,1,2,3,4,5,6\n", "2018-10 is already in row 2"),
    "nothing": (YEARS_DOWN + "2016,,,,,,,,,,,,,\n", "no month of the row has a figure"),
    "no year": ("Fiscal Year,Month,All ICE Removals\n,October,5\n", '"October" is not a month'),
}


BELOW = {
    "a year above its months": (
        'Fiscal Year,Month,All ICE Removals\nFY2016,,\n,October,"16,000"\nFY2017,,\n,October,"18,000"\n',
        ["2015-10", "2016-10"],
        2,
    ),
    "totals beside the year": (
        "Fiscal Year,Month,All ICE Removals\nFY2016,October,5\nFY2016 Total,,5\nFY2017,Total,0\n",
        ["2015-10"],
        2,
    ),
    "a total of the months across": (YEARS_DOWN + "Total,1,2,3,4,5,6,7,8,9,10,11,12,78\n", None, 1),
    "a source below the months across": (FIGURES_DOWN + "Source: ICE,,,,,,\n", None, 1),
    "a figure called total": (FIGURES_DOWN.replace("All ICE", "Total ICE"), None, 0),
}


@pytest.mark.parametrize("name", BELOW)
def test_headings_totals_and_sources_are_no_figures(name: str, project: Project) -> None:
    text, months, footers = BELOW[name]
    put(project, "r", "r.csv", text)
    assert build_without_dagster(project) == []
    assert ask(project, "select count(*) from meta.quarantine") == [(footers,)]
    found = [month for month, population, removals, _ in monthly(project, "r") if population == "ice" and removals]
    whole = [
        f"{year}-{month:02}" for year, month in ((2018, 10), (2018, 11), (2018, 12), (2019, 1), (2019, 2), (2019, 3))
    ]
    expected = {"a total of the months across": 15}.get(name)
    assert len(found) == expected if expected else found == (months or whole)


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_refuses_the_release_in_one_line(name: str, project: Project) -> None:
    text, message = WRONG[name]
    put(project, "wrong", "wrong.csv", text)
    (problem,) = build_without_dagster(project)
    assert message in str(problem) and "\n" not in str(problem)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Oct", (None, 10)),
        ("October", (None, 10)),
        ("Sept.", (None, 9)),
        ("Oct-15", (2015, 10)),
        ("October 2015", (2015, 10)),
        ("Octopus", None),
        ("Total", None),
        ("2015", None),
    ],
)
def test_a_month_is_known_by_its_name(text: str, month: tuple[int | None, int] | None) -> None:
    assert month_of(text) == month
