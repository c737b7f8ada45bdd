"""From the cells of a file to typed rows."""

from tests.rules import REMOVALS, Rule

TITLE = "Records"

RULES = [
    Rule(
        title="The first field with a value decides whether a person is convicted",
        text="Criminality, then the most serious conviction's status (pending is not convicted), then the stated "
        "level, then an offense code other than `0000`. A blank passes on. A redacted or unreadable one passes on "
        "and is remembered: where none decides, the row is unknown if something was remembered, else not "
        "convicted.",
        given={
            REMOVALS: """
                departed_date | criminality | msc_status | reported_threat_level | msc_code
                2012-05-03 | 1 Convicted Criminal | Pending | | 0000
                2012-05-03 | 2 Pending Criminal Charges | Convicted | 1 | 0999
                2012-05-03 | 3 Other Immigration Violator | | |
                2012-05-03 | | Convicted | |
                2012-05-03 | | Pending | 1 | 0999
                2012-05-03 | | | 3 |
                2012-05-03 | | | | 5011
                2012-05-03 | | | | 0000
                2012-05-03 | | | |
                2012-05-03 | (b)(6), (b)(7)(c) | | | 0000
                2012-05-03 | ████ | Convicted | |
                2012-05-03 | something else | | |
            """,
        },
        table="removals_by_release",
        expected="""
            source_row | convicted
            2 | true
            3 | false
            4 | false
            5 | true
            6 | false
            7 | true
            8 | true
            9 | false
            10 | false
            11 |
            12 | true
            13 |
        """,
    ),
    Rule(
        title="Level 1 is on one basis in a release: the person's level where it states any",
        text="A level that is blank is unknown for a person who is convicted; there is no falling back to the "
        "offense's code inside the release. Who is not convicted is not Level 1, and who may be is unknown.",
        given={
            REMOVALS: """
                departed_date | criminality | reported_threat_level | msc_code
                2012-05-03 | 1 Convicted Criminal | 1 | 0999
                2012-05-03 | 1 Convicted Criminal | 2 | 0999
                2012-05-03 | 1 Convicted Criminal | | 0999
                2012-05-03 | 3 Other Immigration Violator | | 0999
                2012-05-03 | (b)(6) | | 0000
            """,
        },
        table="removals_by_release",
        expected="""
            source_row | convicted | conviction_level | level1
            2 | true | 1 | true
            3 | true | 2 | false
            4 | true | |
            5 | false | | false
            6 | | |
        """,
    ),
    Rule(
        title="Where a release states no level, the offense's level by its code",
        text="From the ranges of `reference/offense_levels.csv`, many of them unverified; a code that may be Level 1, "
        "or is in no list, is unknown.",
        given={
            REMOVALS: """
                departed_date | msc_code
                2012-05-03 | 0999
                2012-05-03 | 5404
                2012-05-03 | 3599
                2012-05-03 | 0000
            """,
        },
        table="removals_by_release",
        expected="""
            source_row | convicted | offense_level | level1
            2 | true | 1 | true
            3 | true | 2 | false
            4 | true | |
            5 | false | | false
        """,
    ),
    Rule(
        title="Conviction columns that are blank throughout disclose nothing",
        text="Nobody is known to be unconvicted: the count is silent, with the reason.",
        given={
            REMOVALS: "departed_date | criminality | msc_code\n2012-05-03 | |\n2012-05-04 | |",
        },
        table="monthly_removals",
        expected="""
            subset | removals | undetermined | status
            all | 2 | 0 | partial
            convicted | | 2 | not_disclosed
            detainer_linked | | 2 | not_in_release
            level1 | | 2 | not_disclosed
            not_convicted | | 2 | not_disclosed
        """,
    ),
    Rule(
        title="A row without a readable day of departure is refused",
        text="It goes to quarantine as `structural`, with the value as written, and is not counted. A departure before "
        "1990, or more than 31 days after the release was received (here on 2019-06-01), is refused likewise.",
        given={
            REMOVALS: """
                departed_date | gender
                2012-05-03 | Male
                2012-05-04 | Male
                2012-05-05 | Male
                2012-05-06 | Male
                2012-05-07 | Male
                2012-13-31 | Male
                1899-05-03 | Male
                2019-07-02 | Male
                2019-07-03 | Male
                | Male
            """,
        },
        table="quarantine",
        expected="""
            source_row | field | severity | value
            7 | departed_date | structural | 2012-13-31
            8 | departed_date | structural | 1899-05-03
            10 | departed_date | structural | 2019-07-03
            11 | departed_date | structural |
        """,
    ),
    Rule(
        title="A doubtful value costs itself, not its row",
        text="The row stays and counts, the value is null, and the doubt is listed as a `warning`.",
        given={
            REMOVALS: """
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
