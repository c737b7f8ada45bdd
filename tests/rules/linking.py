"""Which removals had a prior detainer."""

from tests.rules import DETAINERS, REMOVALS, Rule

TITLE = "Removals with a prior detainer"

RULES = [
    Rule(
        title="A detainer on the record counts up to the day of departure",
        text="One prepared after the departure is not a prior one; one prepared on the day itself is. A mark or "
        "something unreadable is unknown.",
        given={
            REMOVALS: """
                departed_date | detainer_prepare_date
                2012-05-03 | 2012-05-01
                2012-05-03 | 2012-05-03
                2012-05-03 | 2012-05-04
                2012-05-03 |
                2012-05-03 | (b)(7)(e)
                2012-05-03 | soon
            """,
        },
        table="removals_by_release",
        expected="""
            source_row | detainer_linked
            2 | true
            3 | true
            4 | false
            5 | false
            6 |
            7 |
        """,
    ),
    Rule(
        title="Else the person's last detainer before departure, in the same release",
        text="Of several on or before the departure the last one counts. Nobody can tell whether it played a role.",
        given={
            REMOVALS: """
                departed_date | person_id | detainer_prepare_date
                2012-05-03 | ann |
                2012-05-03 | bob | 2012-06-01
                2012-05-03 | cas | 2012-04-01
                2012-05-03 | dan |
                2012-05-03 | |
            """,
            DETAINERS: """
                detainer_prepare_date | person_id
                2011-01-01 | ann
                2012-03-03 | ann
                2012-05-04 | ann
                2012-05-03 | bob
                2012-05-02 | cas
            """,
        },
        table="detainer_links",
        expected="""
            source_row | linked_detainer_date | days_to_departure | link_method
            2 | 2012-03-03 | 61 | joined
            3 | 2012-05-03 | 0 | joined
            4 | 2012-04-01 | 32 | same_record
        """,
    ),
    Rule(
        title="Who is not matched is not linked only where the detainers can tell",
        text="Unknown is a removal without a usable identifier, or one that is unmatched and departed less than 365 "
        "days after the release's first detainer, after its last one, or in a whole month without any.",
        given={
            REMOVALS: """
                departed_date | person_id
                2011-12-31 | ann
                2012-01-01 | bob
                2012-02-03 | cas
                2012-03-03 | dan
                2012-03-03 |
                2012-04-30 | eve
                2012-05-01 | fay
                2012-05-01 | zed
            """,
            DETAINERS: """
                detainer_prepare_date | person_id
                2011-01-01 | zed
                2012-01-05 | yan
                2012-03-05 | yan
                2012-04-30 | yan
            """,
        },
        table="removals_by_release",
        expected="""
            source_row | person_id | detainer_linked
            2 | ann |
            3 | bob | false
            4 | cas |
            5 | dan | false
            6 | |
            7 | eve | false
            8 | fay |
            9 | zed | true
        """,
    ),
    Rule(
        title="A detainer is counted for every departure after it",
        text="A person removed twice has two removals, and one detainer before both links both.",
        given={
            REMOVALS: "departed_date | person_id\n2012-05-03 | ann\n2012-09-09 | ann",
            DETAINERS: "detainer_prepare_date | person_id\n2012-05-01 | ann",
        },
        table="detainer_linked_removals",
        expected="""
            source_row | linked_detainer_date | days_to_departure
            2 | 2012-05-01 | 2
            3 | 2012-05-01 | 131
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
]
