"""Removals by place of apprehension."""

from tests.rules import Rule

TITLE = "Places"

RULES = [
    Rule(
        title="What resolves to no county is counted without one",
        text="The removals of a state whose county is blank or unknown stay together under no FIPS code, so that "
        "places add up to the month.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            "removals_by_release": """
                departed_date | state | county_fips | county
                2012-05-03 | FL | 12086 | Miami-Dade County
                2012-05-04 | FL | 12086 | Miami-Dade County
                2012-05-04 | FL | |
                2012-05-05 | | |
            """,
        },
        table="monthly_removals_by_place",
        expected="""
            month | population | subset | state | county_fips | county | removals
            2012-05 | ice | all | FL | 12086 | Miami-Dade County | 2
            2012-05 | ice | all | FL | | | 1
            2012-05 | ice | all | | | | 1
        """,
    ),
    Rule(
        title="Places that do not resolve are listed",
        text="A warning lists every county as written that has no FIPS code, and how often it stands.",
        given={
            "quarantine": """
                source_row | field | value
                2 | county | ATLANTIS
                3 | county | ATLANTIS
                4 | gender | X
            """,
        },
        table="counties_resolve",
        expected="release_id | county | rows\na | ATLANTIS | 2",
    ),
]
