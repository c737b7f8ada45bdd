"""Running averages."""

from tests.rules import Rule

TITLE = "Running averages"

YEAR = "\n".join(f"2016-{month:02} | convicted | {10 if month < 12 else 16}" for month in range(1, 13))
RULES = [
    Rule(
        title="The mean of a month and the eleven before it, only where all twelve are reported",
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
]
