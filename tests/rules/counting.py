"""Rows that are in a subset, out of it, or unknown -> a count, what is undetermined, and a status."""

from tests.rules import Rule

TITLE = "Counts and what is undetermined"

MAY = "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31"
DETAINED = "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-07-31"
RULES = [
    Rule(
        title="Every count is an interval",
        text="A row is in a subset, not in it, or unknown, and is counted in exactly one of the three. `removals` "
        "counts those that are; `undetermined` those of which the file does not tell. With any of these the "
        "status is `at_least`.",
        given={
            "releases": MAY,
            "removals_by_release": """
                departed_date | convicted | level1 | detainer_linked
                2012-05-03 | true | true | true
                2012-05-04 | true | | false
                2012-05-05 | | | true
                2012-05-06 | false | false | false
            """,
        },
        table="monthly_removals",
        expected="""
            subset | removals | undetermined | status
            all | 4 | 0 | reported
            convicted | 2 | 1 | at_least
            detainer_linked | 2 | 0 | reported
            level1 | 1 | 2 | at_least
            not_convicted | 1 | 1 | at_least
        """,
    ),
    Rule(
        title="Level 1 names its basis",
        text="`threat_level_2011` is the person's level as the release states it, `offense_2009` the offense's level "
        "by the reference table, `as_published` a printed count. One release has one basis.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31\nprinted | |",
            "removals_by_release": "departed_date | convicted | level1 | msc_code\n2012-05-03 | true | true | 0999",
            "release_bases": "level_basis\noffense_2009",
            "published_counts": "month | subset | value\n2012-05 | level1 | 7",
        },
        table="monthly_removals",
        where={"subset": "level1"},
        expected="""
            population | removals | level_basis
            ice | 1 | offense_2009
            sc | 7 | as_published
        """,
    ),
    Rule(
        title="Likely duplicates are counted beside the figure, never dropped",
        text="The same person and day of departure twice in one release stay two rows. Where no row of a month has an "
        "identifier nobody can tell.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-06-30",
            "removals_by_release": """
                departed_date | person_id | convicted | duplicate_likely
                2012-05-03 | ann | true | true
                2012-05-03 | ann | true | true
                2012-05-03 | bob | true | false
                2012-06-03 | | true |
            """,
        },
        table="monthly_removals",
        where={"subset": "convicted"},
        expected="""
            month | removals | likely_duplicates
            2012-05 | 3 | 2
            2012-06 | 1 |
        """,
    ),
    Rule(
        title="A detainer without an identifier may belong to any removal without a match",
        text="A joined count is a lower bound where detainers of the 365 days before the month's end have no usable "
        "identifier: each adds one to what is undetermined, at most as many as there are removals without a "
        "match. Both tables' identifiers are counted beside it.",
        given={
            "releases": DETAINED,
            "removals_by_release": """
                departed_date | person_id | detainer_linked
                2012-05-03 | ann | true
                2012-05-04 | bob | false
                2012-05-05 | cas | false
                2012-06-03 | dan | false
                2012-07-03 | eve | false
            """,
            "detainers_by_release": """
                detainer_prepare_date | person_id
                2010-01-05 | zed
                2011-06-02 |
                2011-06-30 |
                2012-05-02 | ann
                2012-05-03 |
                2012-05-04 |
                2012-07-31 | zed
            """,
        },
        table="release_months",
        where={"subset": "detainer_linked"},
        expected="""
            month | removals | undetermined | status | rows_with_id | detainers_total | detainers_with_id
            2012-05 | 1 | 2 | at_least | 3 | 5 | 1
            2012-06 | 0 | 1 | at_least | 1 | 3 | 1
            2012-07 | 0 | 1 | at_least | 1 | 4 | 2
        """,
    ),
    Rule(
        title="Joined counts are partial within 365 days of the first detainer",
        text="The detainers of people removed so early lie before the file begins. Where nothing is determined there "
        "is no number. The whole population is not concerned.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-11-01 | 2013-01-31",
            "removals_by_release": """
                departed_date | person_id | detainer_linked
                2012-11-03 | ann |
                2012-12-03 | bob | true
                2012-12-04 | cas |
                2013-01-03 | dan | false
            """,
            "detainers_by_release": "detainer_prepare_date | person_id\n2012-01-01 | bob\n2013-12-31 | zed",
        },
        table="monthly_removals",
        where={"subset": "detainer_linked"},
        expected="""
            month | removals | undetermined | status
            2012-11 | | 1 | partial
            2012-12 | 1 | 1 | partial
            2013-01 | 0 | 0 | reported
        """,
    ),
    Rule(
        title="A month that the coverage cuts is partial, and so are the last 30 days of one nobody declared",
        text="Without `covers` a release covers the days from its first departure to its last, and the last 30 of them "
        "are still being filled in.",
        given={
            "removals_by_release": """
                departed_date
                2012-04-02
                2012-05-03
                2012-06-03
                2012-07-29
            """,
        },
        table="monthly_removals",
        where={"subset": "all"},
        expected="""
            month | removals | status
            2012-04 | 1 | partial
            2012-05 | 1 | reported
            2012-06 | 1 | partial
            2012-07 | 1 | partial
        """,
    ),
    Rule(
        title="A month without rows inside a declared coverage is a zero",
        text="Only a manifest can state that a month was covered; without it the month is absent.",
        given={
            "releases": """
                release_id | covers_from | covers_to
                declared | 2012-05-01 | 2012-07-31
                undeclared | |
            """,
            "removals_by_release": """
                release_id | population | departed_date
                declared | ice | 2012-05-03
                declared | ice | 2012-07-03
                undeclared | sc | 2012-05-01
                undeclared | sc | 2012-08-31
            """,
        },
        table="removals_by_source",
        expected="""
            month | all_ice | all_ice_status | sc | sc_status
            2012-05 | 1 | reported | 1 | reported
            2012-06 | 0 | reported | |
            2012-07 | 1 | reported | |
            2012-08 | | | 1 | partial
        """,
    ),
    Rule(
        title="A number printed in one table of a release is known",
        text="Where one printed table of a release withholds a month's number and another prints it, the number "
        "counts. Where both print a mark, `withheld` goes before `not_released`.",
        given={
            "published_counts": """
                month | subset | table_name | value | status
                2012-10 | all | Table 1 | | withheld
                2012-10 | all | Table 2 | 9 | reported
                2012-11 | all | Table 1 | | not_released
                2012-11 | all | Table 2 | | withheld
            """,
        },
        table="removals_by_month",
        expected="""
            month | removals | removals_status
            2012-10 | 9 | reported
            2012-11 | | withheld
        """,
    ),
    Rule(
        title="One row a month, every subset beside the others",
        text="`removals_by_month` leaves nothing to add up. A month whose source has no such figure says "
        "`not_in_release`.",
        given={
            "published_counts": """
                month | subset | value | status
                2012-10 | all | 9 | reported
                2012-10 | detainer_linked | | withheld
            """,
        },
        table="removals_by_month",
        expected="""
            month | fiscal_year | removals | removals_status | convicted_status | detainer_linked_status
            2012-10 | 2013 | 9 | reported | not_in_release | withheld
        """,
    ),
]
