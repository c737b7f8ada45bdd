"""From the cells of a file to typed rows."""

from tests.rules import CELLS, Rule

TITLE = "Records"

RULES = [
    Rule(
        title="The level a release states, else the level of the NCIC code",
        text="`conviction_level` is the stated level; without one it comes from the ranges of "
        "`reference/offense_levels.csv`, which were not verified against their source and can be replaced.",
        given={
            CELLS: """
                departed_date | reported_threat_level | msc_code
                2012-05-03 | 3 | 0999
                2012-05-03 | | 0999
                2012-05-03 | | 0000
                2012-05-03 | |
            """,
        },
        table="removals_by_release",
        expected="""
            source_row | reported_threat_level | msc_code | conviction_level | convicted
            2 | 3 | 0999 | 3 | true
            3 | | 0999 | 1 | true
            4 | | 0000 | | false
            5 | | | | false
        """,
    ),
    Rule(
        title="A conviction is a level, a code other than 0000, or a stated criminality of convicted",
        text="Where one of these is redacted and none of the others shows a conviction, nothing says there was none: "
        "`convicted` is null. Redacted is not blank, and blank is not redacted.",
        given={
            CELLS: """
                departed_date | criminality | msc_code
                2012-05-03 | 1 Convicted Criminal |
                2012-05-03 | 2 Pending Criminal Charges | 5011
                2012-05-03 | 3 Other Immigration Violator | 0000
                2012-05-03 | 3 Other Immigration Violator | (b)(6), (b)(7)(c)
                2012-05-03 | 1 Convicted Criminal | (b)(6)
            """,
        },
        table="removals_by_release",
        expected="source_row | convicted\n2 | true\n3 | true\n4 | false\n5 |\n6 | true",
    ),
    Rule(
        title="A row without a readable day of departure is refused",
        text="It goes to quarantine as `structural`, with the value as written, and is counted nowhere. A departure "
        "before 1990, or more than 31 days after the release was received (here on 2019-06-01), is refused likewise.",
        given={
            CELLS: """
                departed_date | gender
                2012-05-03 | Male
                31/31/2012 | Male
                1899-05-03 | Male
                2019-07-02 | Male
                2019-07-03 | Male
                | Male
            """,
        },
        table="quarantine",
        expected="""
            source_row | field | rule | severity | value
            3 | departed_date | unreadable date | structural | 31/31/2012
            4 | departed_date | earlier than 1990-01-01 | structural | 1899-05-03
            6 | departed_date | later than 2019-07-02 | structural | 2019-07-03
            7 | departed_date | missing | structural |
        """,
    ),
    Rule(
        title="A doubtful value costs itself, not its row",
        text="The row stays and counts, the value is null, and the doubt is listed as a `warning`.",
        given={
            CELLS: """
                departed_date | birth_year | state | county
                2012-05-03 | 1899 | TX | Atlantis
                2012-05-03 | 1980 | LA | Orleans Parish
            """,
        },
        table="quarantine",
        expected="""
            source_row | field | severity | value
            2 | birth_year | warning | 1899
            2 | county | warning | Atlantis
        """,
    ),
]
