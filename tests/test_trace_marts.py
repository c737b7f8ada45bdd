"""Every figure of every table leads to the rows or printed cells behind it."""

from collections.abc import Iterator
from math import floor
from typing import Any

import pytest

from sc_pipeline import sql as engine
from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.project import Project
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns, key_of
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.tables import published_tables
from sc_pipeline.warehouse.trace.behind import queries
from sc_pipeline.warehouse.trace.marts import find_mart_figure, places_behind, rows_behind
from sc_pipeline.warehouse.trace.written import ask

MARTS = [name for name, table in engine.sql_tables().items() if table.room == "marts"]
FIGURES = [(table, figure) for table, figures in queries().items() for figure in figures]
SHOWN = 4
# Rows of the published file that are rows, or bookkeeping, or what other marts are made of, and not figures.
NOT_FIGURES = {"revised_removals"}
# Not traced: upper ends, differences and what a claim or a text states; each has a traced figure beside it.
BESIDE = {
    "undetermined",
    "likely_duplicates",
    "difference",
    "change",
    "computed",
    "computed_high",
    "average_12m_high",
    "claimed",
    "observed_high",
    "removals_undetermined",
    "convicted_undetermined",
    "not_convicted_undetermined",
    "level1_undetermined",
    "detainer_linked_undetermined",
    "sc",
}


def test_every_table_with_figures_is_traced() -> None:
    in_main = {table for table in MARTS if published_tables()[table] == "main"}
    assert set(queries()) == in_main - NOT_FIGURES


@pytest.mark.parametrize("table", queries())
def test_every_count_is_traced_or_has_one_beside_it(table: str) -> None:
    counts = {
        column.name
        for column in columns(MODELS[table])
        if column.unit and column.unit.split(",")[0] in ("removals", "detainers", "persons")
    }
    assert counts - set(queries()[table]) <= BESIDE


def picked(project: Project, table: str, figure: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """A few rows of a table that have the figure, from all over it, each with its keys."""
    with open_published(project) as connection:
        rows = ask(connection, f"select * from {table} where {figure} is not null order by all")
    for row in rows[:: max(1, len(rows) // SHOWN)]:
        yield row, {key: row[key] for key in key_of(MODELS[table])}


@pytest.mark.parametrize(("table", "figure"), FIGURES)
@pytest.mark.parametrize("data", ["shipped_once", "demo_once"])
def test_the_rows_behind_a_figure_give_it(data: str, table: str, figure: str, request: pytest.FixtureRequest) -> None:
    project: Project = request.getfixturevalue(data)
    for row, keys in picked(project, table, figure):
        if str(row.get("cell", "")).startswith("Text"):
            continue  # a figure of the text has no cell in a file
        with open_published(project) as connection:
            places = places_behind(connection, table, figure, keys)
        total = sum(place["counted"] or 0 for place in places)
        assert fits(table, figure, row, total, len(places)), (keys, row[figure], total)


def fits(table: str, figure: str, row: dict[str, Any], total: int, places: int) -> bool:
    """Whether what the places count together is what the figure says."""
    value = row[figure]
    if "12m" in figure or (table == "published_comparison" and "running average" in row["cell"]):
        # Twelve months, or the printed average itself.
        return total == value or abs(total / 12 - value) < 1e-6 or floor(total / 12 + 0.5) == value
    if table == "headline_figures" and row["unit"] == "share":
        return total > 0 or value == 0
    if table == "headline_figures" and "12" in row["figure"] and "share" not in row["figure"]:
        return total == value or abs(total / 12 - value) <= 1
    beside = {
        "share": "detainer_linked",
        "share_low": "detainer_linked",
        "share_of_convicted": "removals",
        "median_days_to_departure": "departed_within_365_days",
    }
    if figure in beside:
        return total == row[beside[figure]]
    if figure == "persons" or figure.endswith("_undetermined"):
        return total >= value if figure == "persons" else total <= value
    return total == value and (places > 0 or value == 0)


def test_a_figure_is_named_by_its_keys_and_shown_with_its_cells_as_written(shipped_once: Project) -> None:
    figure = find_mart_figure(shipped_once, "yearly_comparison.published", {"fiscal_year": "2014"})
    assert figure.in_words() == [
        "yearly_comparison.published of fiscal_year 2014, population ice, publication ice-yearly-totals: 315,943",
        "table: Every printed fiscal-year total beside the sum of the months in use.",
        "figure: The total as printed.",
        "behind it: 1 printed cell",
    ]
    (row,) = rows_behind(shipped_once, figure)
    assert row == {
        "release": "ice-yearly-totals",
        "file": "removals_by_fiscal_year.csv",
        "sheet": None,
        "row": 4,
        "counted": 315943,
        "column": "All ICE Removals",
        "value": "315,943",
    }


WRONG = {
    "convictions_.level1": ("did you mean convictions?", {}),
    "convictions.level2": ("name one of its figures: any_offense, level1, any_offense_12m, level1_12m", {}),
    "convictions.level1": ("more than one row has nothing; add --where for month, population", {}),
    "convictions.any_offense": ("no row has month=1999-01", {"month": "1999-01"}),
    "convictions.level1_12m": ("year is not one of its keys: month, population", {"year": "2016"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_figure_that_is_not_there_is_one_clear_line(shipped_once: Project, name: str) -> None:
    message, where = WRONG[name]
    with pytest.raises((UsageError, UserError)) as problem:
        find_mart_figure(shipped_once, name, where)
    assert message in str(problem.value) and "\n" not in str(problem.value)
