"""The figures of the report's text, and printed figures beside computed ones."""

from tests.rules import Rule
from tests.rules.averages import YEAR

TITLE = "Headline figures and comparisons"

RULES = [
    Rule(
        title="A change is the last month less the month eleven before",
        text="Of a running average likewise, of its printed whole numbers; a printed average stands in where the "
        "twelve months are not all there, and the method says so.",
        given={
            "published_counts": "month | subset | measure | value\n"
            + YEAR.replace("convicted |", "convicted | removals |")
            + "\n2016-01 | convicted | average_12m | 9",
        },
        table="headline_figures",
        expected="""
            figure | value | first_month | last_month
            change_any_offense | 6 | 2016-01 | 2016-12
            change_any_offense_12m | 2 | 2016-01 | 2016-12
            latest_any_offense_12m | 11 | 2016-12 | 2016-12
        """,
    ),
    Rule(
        title="A total runs over the latest unbroken run of reported months",
        text="A gap would make a sum that looks like a total and is none.",
        given={"published_counts": "month | value\n2012-01 | 5\n2012-03 | 6\n2012-04 | 7"},
        table="headline_figures",
        expected="figure | value | first_month | last_month\ntotal_sc | 13 | 2012-03 | 2012-04",
    ),
    Rule(
        title="A printed figure is compared with what is computed, or said to be not computable",
        text="A computed figure that rests on printed ones says so by its origin. The twelve-month average of a "
        "shorter series is not computable, and is no difference.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-06-30\nprinted | |",
            "removals_by_release": """
                population | departed_date
                sc | 2012-05-03
                sc | 2012-06-03
            """,
            "published_counts": """
                month | population | measure | value | source_column
                2012-05 | sc | removals | 1 | Matched
                2012-06 | sc | removals | 3 | Matched
                2012-06 | sc | average_12m | 4 | Average
                2012-06 | ice | removals | 9 | All
            """,
        },
        table="published_comparison",
        where={"publication": "printed"},
        expected="""
            publication | cell | published | computed | difference | verdict | origin
            printed | Table 1, 2012-05, Matched | 1 | 1 | 0 | same | records
            printed | Table 1, 2012-06, All | 9 | 9 | 0 | same | published
            printed | Table 1, 2012-06, Average | 4 | | | not_computable |
            printed | Table 1, 2012-06, Matched | 3 | 1 | -2 | differs | records
        """,
    ),
]
