"""What is withheld is not zero."""

from tests.rules import Rule

TITLE = "Withheld, blank and not released"

MAY = "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31"
RULES = [
    Rule(
        title="A count whose field a manifest declares withheld is null",
        text="Values that stand there all the same are not counted as if they were all.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2015-12-01 | 2016-01-31",
            "withheld_fields": "release_id | field | first_month | last_month\na | detainer_prepare_date | 2016-01 |",
            "removals_by_release": """
                population | departed_date | detainer_prepare_date
                sc | 2015-12-03 | 2015-12-01
                sc | 2016-01-03 |
                sc | 2016-01-04 | 2016-01-02
            """,
        },
        table="removals_by_source",
        expected="""
            month | sc | sc_detainer_linked | sc_detainer_linked_status
            2015-12 | 1 | 1 | reported
            2016-01 | 2 | | withheld
        """,
    ),
    Rule(
        title="A count whose column is absent, or wholly redacted, is withheld",
        text="One value disclosed is enough to count. `convicted` needs one of the stated level, the NCIC code and the "
        "stated criminality; `level1` one of the first two.",
        given={
            "releases": MAY,
            "removals_by_release": "departed_date | convicted\n2012-05-03 | true\n2012-05-04 | false",
            "field_disclosure": """
                month | field | rows | disclosed | blank | redacted | column_present
                2012-05 | criminality | 2 | 1 | 0 | 1 | true
                2012-05 | msc_code | 2 | 0 | 0 | 2 | true
                2012-05 | reported_threat_level | 2 | 0 | 2 | 0 | false
                2012-05 | detainer_prepare_date | 2 | 0 | 2 | 0 | false
            """,
        },
        table="monthly_removals",
        expected="""
            subset | removals | status
            all | 2 | reported
            convicted | 1 | reported
            detainer_linked | | withheld
            level1 | | withheld
        """,
    ),
    Rule(
        title="A blank column says none",
        text="A column that is there, not redacted and empty counts as zero.",
        given={
            "releases": MAY,
            "removals_by_release": "departed_date | msc_code | convicted | detainer_prepare_date\n"
            "2012-05-03 | | false |",
        },
        table="monthly_removals",
        expected="""
            subset | removals | status
            all | 1 | reported
            convicted | 0 | reported
            detainer_linked | 0 | reported
            level1 | 0 | reported
        """,
    ),
    Rule(
        title="A field that goes silent is flagged",
        text="Where a field disclosed in at least a tenth of a month's rows is disclosed in none of the next month's, "
        "and no manifest declares it withheld, a warning says so: the zeros that follow may be silence.",
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
    Rule(
        title="Detainers joined by person speak only of the months they span",
        text="Before the first month of detainers, and after the last unless the manifest covers more, a removal "
        "without one proves nothing: the count is withheld.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-04-01 | 2012-06-30",
            "removals_by_release": """
                departed_date | person_id
                2012-04-03 | ann
                2012-05-03 | bob
                2012-06-03 | cas
            """,
            "detainers_by_release": "detainer_prepare_date | person_id\n2012-05-01 | bob",
        },
        table="release_months",
        expected="""
            month | subset | removals | status | rows_joined
            2012-04 | all | 1 | reported | 0
            2012-04 | convicted | | withheld | 0
            2012-04 | detainer_linked | | withheld | 0
            2012-04 | level1 | | withheld | 0
            2012-05 | all | 1 | reported | 1
            2012-05 | convicted | | withheld | 1
            2012-05 | detainer_linked | 1 | reported | 1
            2012-05 | level1 | | withheld | 1
            2012-06 | all | 1 | reported | 0
            2012-06 | convicted | | withheld | 0
            2012-06 | detainer_linked | 0 | reported | 0
            2012-06 | level1 | | withheld | 0
        """,
    ),
    Rule(
        title="A withheld count falls back to a printed figure",
        text="Where none is printed the count stays withheld; what is printed as withheld or not released stays so.",
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
            2012-06 | | not_released | 1 | | withheld
        """,
    ),
]
