"""What the file does not tell is never zero."""

from datetime import date

from tests.rules import Rule

TITLE = "Silence"

MAY = "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31"
RULES = [
    Rule(
        title="Where nothing is known and a field is silent there is no number but the reason",
        text="At least zero says nothing. Of several reasons the first of this order is given: withheld, unreadable, "
        "ids_do_not_join, not_disclosed, not_in_release.",
        given={
            "releases": MAY,
            "removals_by_release": "departed_date | convicted | level1\n2012-05-03 | |\n2012-05-04 | |",
            "silences": """
                month | field | reason
                2012-05 | criminality | unreadable
                2012-05 | msc_code | withheld
                2012-05 | msc_status | not_in_release
                2012-05 | reported_threat_level | not_disclosed
                2012-05 | detainer_prepare_date | not_in_release
                2012-05 | person_id | unreadable
                2012-05 | detainers.person_id | not_in_release
                2012-05 | detainers.detainer_prepare_date | not_in_release
            """,
        },
        table="monthly_removals",
        expected="""
            subset | removals | undetermined | status
            all | 2 | 0 | reported
            convicted | | 2 | withheld
            detainer_linked | | 2 | not_in_release
            level1 | | 2 | withheld
            not_convicted | | 2 | withheld
        """,
    ),
    Rule(
        title="Level 1 without a basis is silent for the reason of either level",
        text="Where neither the stated level nor the offense's code can be read, no basis is possible.",
        given={
            "releases": MAY,
            "removals_by_release": "departed_date | convicted\n2012-05-03 |",
            "release_bases": "level_basis\n",
            "silences": """
                month | field | reason
                2012-05 | msc_code | withheld
                2012-05 | reported_threat_level | not_in_release
            """,
        },
        table="monthly_removals",
        where={"subset": "level1"},
        expected="removals | undetermined | status | level_basis\n| 1 | withheld |",
    ),
    Rule(
        title="Where nothing is determined there is no number, silent field or not",
        text="One row redacted and one unreadable are no silence of the field, and no figure either.",
        given={
            "releases": MAY,
            "removals_by_release": "departed_date | convicted\n2012-05-03 |\n2012-05-04 |",
        },
        table="monthly_removals",
        where={"subset": "convicted"},
        expected="removals | undetermined | status\n| 2 | not_disclosed",
    ),
    Rule(
        title="Some rows that are known make a lower bound, silent field or not",
        text="A field that is silent in the month leaves the other rows undetermined, and the known ones count.",
        given={
            "releases": MAY,
            "removals_by_release": "departed_date | convicted\n2012-05-03 | true\n2012-05-04 |",
            "silences": "month | field | reason\n2012-05 | criminality | withheld",
        },
        table="monthly_removals",
        where={"subset": "convicted"},
        expected="subset | removals | undetermined | status\nconvicted | 1 | 1 | at_least",
    ),
    Rule(
        title="A field that is not needed does not silence",
        text="Where every row is determined the count is reported, whatever other field is silent; and a column that "
        "the release lacks is no reason as long as another way to tell is there.",
        given={
            "releases": MAY,
            "removals_by_release": "departed_date | convicted | detainer_linked\n2012-05-03 | false | \n"
            "2012-05-04 | | false",
            "silences": """
                month | field | reason
                2012-05 | reported_threat_level | not_in_release
                2012-05 | msc_status | not_in_release
                2012-05 | person_id | not_in_release
            """,
        },
        table="monthly_removals",
        expected="""
            subset | removals | undetermined | status
            all | 2 | 0 | reported
            convicted | 0 | 1 | at_least
            detainer_linked | 0 | 1 | at_least
            level1 | | 2 | not_in_release
            not_convicted | 1 | 1 | at_least
        """,
    ),
    Rule(
        title="A release without detainers is not a release that withholds them",
        text="Nobody withheld what the file does not hold: `not_in_release`.",
        given={"releases": MAY, "removals_by_release": "departed_date | convicted\n2012-05-03 | false"},
        table="monthly_removals",
        expected="""
            subset | removals | status
            all | 1 | reported
            convicted | 0 | reported
            detainer_linked | | not_in_release
            level1 | | not_in_release
            not_convicted | 1 | reported
        """,
    ),
    Rule(
        title="A month without rows is a zero only of what the release tells",
        text="Inside a declared coverage nobody was removed in it; but a release without detainers has no count of "
        "prior detainers in any month.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-06-30",
            "removals_by_release": "departed_date | convicted | level1\n2012-05-03 | true | true",
            "silences": "month | field | reason\n"
            + "\n".join(
                f"2012-0{month} | {field} | not_in_release"
                for month in (5, 6)
                for field in ("detainer_prepare_date", "person_id", "detainers.person_id")
            ),
        },
        table="monthly_removals",
        where={"month": date(2012, 6, 1)},
        expected="""
            subset | removals | undetermined | status
            all | 0 | 0 | reported
            convicted | 0 | 0 | reported
            detainer_linked | | 0 | not_in_release
            level1 | 0 | 0 | reported
            not_convicted | 0 | 0 | reported
        """,
    ),
    Rule(
        title="Identifiers that never meet make no zero",
        text="Where no identifier of either table matches, the joined count is silent.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2013-05-01 | 2013-05-31",
            "removals_by_release": "departed_date | person_id\n2013-05-03 | ann",
            "detainers_by_release": "detainer_prepare_date | person_id\n2012-01-01 | 17",
            "silences": """
                month | field | reason
                2013-05 | detainer_prepare_date | not_in_release
                2013-05 | person_id | ids_do_not_join
                2013-05 | detainers.person_id | ids_do_not_join
            """,
        },
        table="monthly_removals",
        where={"subset": "detainer_linked"},
        expected="removals | undetermined | status\n| 1 | ids_do_not_join",
    ),
    Rule(
        title="A silent count falls back to a printed figure",
        text="Where none is printed the count stays silent; what is printed as withheld or not released stays so.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-06-30\nprinted | |",
            "removals_by_release": """
                population | departed_date
                sc | 2012-05-03
                sc | 2012-06-03
            """,
            "published_counts": """
                month | population | subset | value | status
                2012-05 | sc | detainer_linked | 4 | reported
                2012-06 | sc | detainer_linked | | withheld
                2012-06 | ice | all | | not_released
            """,
        },
        table="removals_by_source",
        expected="""
            month | all_ice | all_ice_status | sc | sc_detainer_linked | sc_detainer_linked_status
            2012-05 | | | 1 | 4 | reported
            2012-06 | | not_released | 1 | | not_in_release
        """,
    ),
    Rule(
        title="A field that goes silent is flagged",
        text="Where a field disclosed in at least a tenth of a month's rows is disclosed in none of the next month's, "
        "and no manifest declares it withheld, a warning shows it.",
        given={
            "withheld_fields": "release_id | field | first_month | last_month\na | county | 2012-06 |",
            "field_disclosure": """
                month | field | rows | disclosed | blank | redacted
                2012-05 | msc_code | 20 | 2 | 18 | 0
                2012-06 | msc_code | 20 | 0 | 20 | 0
                2012-07 | msc_code | 20 | 0 | 20 | 0
                2012-05 | gender | 20 | 1 | 19 | 0
                2012-06 | gender | 20 | 0 | 20 | 0
                2012-05 | county | 20 | 20 | 0 | 0
                2012-06 | county | 20 | 0 | 20 | 0
            """,
        },
        table="field_gone_silent",
        expected="release_id | field | last_disclosed | silent_from\na | msc_code | 2012-05-01 | 2012-06-01",
    ),
]
