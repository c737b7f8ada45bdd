"""Removals by place and by field office."""

from tests.rules import Rule

TITLE = "Places"

RULES = [
    Rule(
        title="What resolves to no county is counted under an empty code",
        text="The removals of a state whose county is blank or unknown stay together under an empty FIPS code, so that "
        "places add up to the month.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            "removals_by_release": """
                departed_date | state | county_fips | county | convicted
                2012-05-03 | FL | 12086 | Miami-Dade County | true
                2012-05-04 | FL | 12086 | Miami-Dade County | false
                2012-05-04 | FL | | |
                2012-05-05 | | | | true
            """,
        },
        table="removals_by_place",
        expected="""
            state | county_fips | county | removals | convicted | convicted_undetermined | convicted_status
            '' | '' | | 1 | 1 | 0 | at_least
            FL | '' | | 1 | 0 | 1 | at_least
            FL | 12086 | Miami-Dade County | 2 | 1 | 0 | at_least
        """,
    ),
    Rule(
        title="A month that is silent is silent in every place",
        text="A county's year with such a month never sums as if it were whole. The statuses are the month's own: a "
        "place's zero is certain only where the month is reported.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-06-30",
            "removals_by_release": """
                departed_date | state | county_fips | county | detainer_linked
                2012-05-03 | FL | 12086 | Miami-Dade County | true
                2012-05-03 | TX | 48201 | Harris County | false
                2012-06-04 | FL | 12086 | Miami-Dade County |
                2012-06-04 | TX | 48201 | Harris County |
            """,
            "silences": "month | field | reason\n2012-06 | detainer_prepare_date | withheld",
        },
        table="removals_by_place",
        expected="""
            month | state | removals | detainer_linked | detainer_linked_undetermined | detainer_linked_status
            2012-05 | FL | 1 | 1 | 0 | reported
            2012-05 | TX | 1 | 0 | 0 | reported
            2012-06 | FL | 1 | | 1 | withheld
            2012-06 | TX | 1 | | 1 | withheld
        """,
    ),
    Rule(
        title="Field offices are counted as places are",
        text="A record without an area of responsibility (AOR) is counted under an empty one.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            "removals_by_release": """
                departed_date | aor | convicted
                2012-05-03 | San Antonio | true
                2012-05-04 | | false
            """,
        },
        table="removals_by_aor",
        expected="""
            month | aor | removals | convicted | not_convicted | level1 | level1_status
            2012-05 | '' | 1 | 0 | 1 | | not_in_release
            2012-05 | San Antonio | 1 | 1 | 0 | | not_in_release
        """,
    ),
    Rule(
        title="Places that do not resolve are listed",
        text="A warning lists every county as written that has no FIPS code, and how often it occurs.",
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
