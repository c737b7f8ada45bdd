"""Running averages."""

from datetime import date

from tests.rules import Rule

TITLE = "Running averages"

YEAR = "\n".join(f"2016-{month:02} | convicted | {10 if month < 12 else 16}" for month in range(1, 13))
RULES = [
    Rule(
        title="The mean of a month and the eleven before it, only where all twelve have a number",
        text="Eleven months of 10 and one of 16 make 10.5. With a month missing there is no average, only the number "
        "of months in the window.",
        given={"published_counts": f"month | subset | value\n{YEAR}\n2017-02 | convicted | 16"},
        table="running_averages",
        expected="\n".join(
            [
                "month | removals | average_12m | months_in_window",
                *[f"2016-{month:02} | 10 | | {month}" for month in range(1, 12)],
                "2016-12 | 16 | 10.5 | 12",
                "2017-02 | 16 | | 11",
            ]
        ),
    ),
    Rule(
        title="Printed averages round half up",
        text="10.5 prints as 11. The table of convictions shows whole numbers, as the report does.",
        given={"published_counts": f"month | subset | value\n{YEAR}"},
        table="convictions",
        expected="\n".join(
            [
                "month | any_offense | level1 | any_offense_12m | level1_12m",
                *[f"2016-{month:02} | 10 | | |" for month in range(1, 12)],
                "2016-12 | 16 | | 11 |",
            ]
        ),
    ),
    Rule(
        title="An average carries the interval",
        text="`average_12m_low` is the mean of the known rows, `average_12m_high` that with the undetermined ones. "
        "`average_12m` is given where both round to the same whole number: one unknown row hides nothing and "
        "empties nothing.",
        given={
            "releases": "release_id | covers_from | covers_to\n"
            "a | 2016-01-01 | 2016-12-31\nb | 2016-01-01 | 2016-12-31",
            "removals_by_release": "\n".join(
                [
                    "release_id | population | departed_date | convicted",
                    *[f"a | ice | 2016-{month:02}-05 | true" for month in range(1, 13)],
                    "a | ice | 2016-03-06 |",
                    *[f"b | sc | 2016-{month:02}-05 | {'true' if month < 6 else ''}" for month in range(1, 13)],
                ]
            ),
        },
        table="running_averages",
        where={"month": date(2016, 12, 1), "subset": "convicted"},
        expected=f"""
            population | average_12m | average_12m_low | average_12m_high | months_in_window
            ice | 1 | 1 | {13 / 12} | 12
            sc | | {5 / 12} | 1 | 12
        """,
    ),
    Rule(
        title="A printed average fills in where none can be computed, and is marked",
        text="The origin is `records` only where all twelve months are counted from rows.",
        given={
            "published_counts": """
                month | subset | measure | value
                2016-11 | convicted | removals | 10
                2016-12 | convicted | removals | 16
                2016-12 | convicted | average_12m | 11
            """,
        },
        table="convictions",
        expected="""
            month | any_offense | any_offense_12m | any_offense_12m_origin | level1_12m_origin
            2016-11 | 10 | | |
            2016-12 | 16 | 11 | published |
        """,
    ),
    Rule(
        title="Two definitions of Level 1 never make one average",
        text="The person's level of 2011 and the offense's level of 2009 are two series.",
        given={
            "releases": "release_id | covers_from | covers_to\n"
            "a | 2016-01-01 | 2016-06-30\nb | 2016-07-01 | 2016-12-31",
            "release_bases": "release_id | level_basis\na | offense_2009\nb | threat_level_2011",
            "removals_by_release": "\n".join(
                [
                    "release_id | departed_date | convicted | level1",
                    *[f"{'a' if month < 7 else 'b'} | 2016-{month:02}-05 | true | true" for month in range(1, 13)],
                ]
            ),
        },
        table="running_averages",
        where={"month": date(2016, 12, 1)},
        expected="""
            subset | average_12m | months_in_window
            all | 1 | 12
            convicted | 1 | 12
            detainer_linked | | 0
            level1 | | 12
            not_convicted | 0 | 12
        """,
    ),
]
