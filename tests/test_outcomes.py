"""What the report says of detainers: only what a release tells, and never a cause."""

from typing import Any

from sc_pipeline.report import outcomes
from tests.report_rows import Row, Tables, empty, month, release


def outcome(at: str, detainers: int, within_365: int | None, **other: Any) -> Row:
    """A row of detainer_outcomes as the report reads it."""
    row = {
        "month": month(at),
        "facility_state": "TX",
        "departed_within_90_days_status": "reported",
        "departed_within_365_days_status": "reported",
        "detainers": detainers,
        "departed_within_90_days": within_365,
        "departed_within_365_days": within_365,
        "lifted": None,
        "declined": None,
        "undetermined": 0,
    }
    return {**row, **other}


def told(*rows: Row) -> Tables:
    sources = [{"month": row["month"], "release_id": "r", "reason": ""} for row in rows]
    return {**empty(), "detainer_outcomes": list(rows), "detainer_sources": sources, "releases": [release("r")]}


SILENT = {"departed_within_90_days_status": "not_in_release", "departed_within_365_days_status": "not_in_release"}
CUT = {"departed_within_365_days_status": "partial"}


def test_nothing_is_said_where_no_release_tells_of_departures() -> None:
    tables = told(outcome("2016-01", 10, None, undetermined=10, **SILENT))
    assert outcomes.followed_by_departure(tables) is None
    assert outcomes.sentences(tables) == []
    assert outcomes.declined(tables).rows == ()


def test_the_share_is_of_the_months_whose_window_has_ended() -> None:
    tables = told(outcome("2020-01", 10, 3), outcome("2020-02", 10, 1), outcome("2020-03", 10, None, **CUT))
    assert outcomes.sentences(tables) == [
        "Of the 20 detainers prepared from January to February 2020, 20.0% were followed by a departure within "
        "365 days."
    ]
    picture = outcomes.followed_by_departure(tables)
    assert picture is not None and picture.grid is not None
    assert [[cell.text for cell in row] for row in picture.grid.rows] == [["2020", "2", "20", "4", "—"]]


def test_what_a_file_does_not_tell_makes_a_range() -> None:
    at_least = {"departed_within_365_days_status": "at_least"}
    tables = told(outcome("2020-01", 10, 3, undetermined=2, **at_least))
    (sentence,) = outcomes.sentences(tables)
    assert sentence.startswith("Of the 10 detainers prepared in January 2020, 30.0% to 50.0% were followed by")


def test_detainers_declined_are_of_those_that_state_a_reason() -> None:
    tables = told(
        outcome("2020-09", 10, 0, lifted=8, declined=2),
        outcome("2020-10", 10, 0, lifted=2, declined=1),
        outcome("2020-10", 10, 0, facility_state="", lifted=None),
    )
    assert outcomes.sentences(tables)[1] == (
        "Of the 10 detainers that state why they were lifted, prepared from September to October 2020, the local "
        "agency declined 3 (30.0%)."
    )
    assert [[cell.text for cell in row] for row in outcomes.declined(tables).rows] == [
        ["TX", "2020", "10", "8", "2"],
        ["TX", "2021", "10", "2", "1"],
    ]


def test_the_agencys_totals_are_set_beside_the_months() -> None:
    row = {
        "fiscal_year": 2014,
        "population": "ice",
        "publication": "ice-yearly-totals",
        "published": 315943,
        "computed_low": 319266,
        "computed_high": 319266,
        "months_held": 12,
        "difference": 3323,
        "verdict": "differs",
    }
    found = outcomes.agency_totals({**empty(), "yearly_comparison": [row]})
    assert [cell.text for cell in found.rows[0]][:6] == [
        "2014",
        "ice-yearly-totals",
        "315,943",
        "319,266",
        "12",
        "3,323",
    ]
    unknown = {**row, "computed_low": None, "computed_high": None, "difference": None, "verdict": "not_computable"}
    assert [cell.text for cell in outcomes.agency_totals({**empty(), "yearly_comparison": [unknown]}).rows[0]][3] == "—"
