"""Which removals a detainer led to."""

from tests.rules import Rule

TITLE = "Detainer-linked removals"

RULES = [
    Rule(
        title="A detainer on the record counts up to the day of departure",
        text="A detainer prepared after the departure led to nothing; one prepared on the day itself did.",
        given={
            "removals_by_release": """
                departed_date | detainer_prepare_date
                2012-05-03 | 2012-05-01
                2012-05-03 | 2012-05-03
                2012-05-03 | 2012-05-04
                2012-05-03 |
            """,
        },
        table="detainer_linked_removals",
        expected="""
            source_row | linked_detainer_date | days_to_departure | link_method
            2 | 2012-05-01 | 2 | same_record
            3 | 2012-05-03 | 0 | same_record
        """,
    ),
    Rule(
        title="Else the person's last detainer before departure, in the same release",
        text="Where the record has no such detainer, the detainers of the release are joined by person. Of several on "
        "or before the departure the last counts; blank identifiers match nothing.",
        given={
            "removals_by_release": """
                departed_date | person_id | detainer_prepare_date
                2012-05-03 | ann |
                2012-05-03 | bob | 2012-06-01
                2012-05-03 | cas | 2012-04-01
                2012-05-03 | |
            """,
            "detainers_by_release": """
                detainer_prepare_date | person_id
                2012-01-01 | ann
                2012-03-03 | ann
                2012-05-04 | ann
                2012-05-03 | bob
                2012-05-02 | cas
                2012-05-02 |
            """,
        },
        table="detainer_linked_removals",
        expected="""
            source_row | linked_detainer_date | days_to_departure | link_method
            2 | 2012-03-03 | 61 | joined
            3 | 2012-05-03 | 0 | joined
            4 | 2012-04-01 | 32 | same_record
        """,
    ),
    Rule(
        title="Never across releases",
        text="An identifier means one person inside one release; in another it may mean another.",
        given={
            "removals_by_release": "release_id | departed_date | person_id\na | 2012-05-03 | ann",
            "detainers_by_release": "release_id | detainer_prepare_date | person_id\nb | 2012-05-01 | ann",
        },
        table="detainer_linked_removals",
        expected="source_row | link_method",
    ),
    Rule(
        title="A detainer is counted once for every departure after it",
        text="A person removed twice has two removals, and one detainer before both links both.",
        given={
            "removals_by_release": "departed_date | person_id\n2012-05-03 | ann\n2012-09-09 | ann",
            "detainers_by_release": "detainer_prepare_date | person_id\n2012-05-01 | ann",
        },
        table="detainer_linked_removals",
        expected="""
            source_row | linked_detainer_date | days_to_departure
            2 | 2012-05-01 | 2
            3 | 2012-05-01 | 131
        """,
    ),
    Rule(
        title="Likely duplicates are flagged, not dropped",
        text="The same person and day of departure twice in one release stay two rows and a warning.",
        given={
            "removals_by_release": """
                departed_date | person_id | duplicate_likely
                2012-05-03 | ann | true
                2012-05-03 | ann | true
                2012-05-03 | bob | false
            """,
        },
        table="removals_stand_once",
        expected="release_id | rows_flagged\na | 2",
    ),
]
