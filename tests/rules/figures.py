"""The figures of the report's text, and printed figures beside computed ones."""

from tests.rules import Rule
from tests.rules.averages import YEAR

TITLE = "Headline figures and comparisons"

RULES = [
    Rule(
        title="A change is the last month less the month eleven before",
        text="Of a running average likewise, of its printed whole numbers; a printed average is used where the twelve "
        "months are not all there, and the method names it.",
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
        title="A total is of every month that has a number, and tells how many that is",
        text="One month that is not released yet must not drop the years before it.",
        given={
            "published_counts": """
                month | value | status
                2012-01 | 5 | reported
                2012-02 | | not_released
                2012-03 | 6 | reported
                2012-04 | 7 | reported
            """,
        },
        table="headline_figures",
        expected="figure | value | first_month | last_month | method\n"
        "total_sc | 18 | 2012-01 | 2012-04 | Secure Communities removals, over every month that has a number; "
        "3 of 4 months have a number",
    ),
    Rule(
        title="Totals of one sentence share their months",
        text="`shared_total_ice`, `shared_total_sc` and `shared_total_sc_detainer_linked` are of the months in which "
        "all three have a number, so that a part is never set beside a whole of other years.",
        given={
            "published_counts": "month | population | subset | value | status\n"
            + "\n".join(
                f"2012-{month:02} | {population} | {subset} | {value} | reported"
                for month in range(1, 6)
                for population, subset, value in (("ice", "all", 100), ("sc", "all", 20), ("sc", "detainer_linked", 5))
            ).replace("2012-05 | sc | detainer_linked | 5 | reported", "2012-05 | sc | detainer_linked | | withheld"),
        },
        table="headline_figures",
        expected="""
            figure | value | first_month | last_month
            detainer_linked_share_of_ice_all | 0.05 | 2012-01 | 2012-04
            detainer_linked_share_of_sc_all | 0.25 | 2012-01 | 2012-04
            shared_total_ice | 400 | 2012-01 | 2012-04
            shared_total_sc | 80 | 2012-01 | 2012-04
            shared_total_sc_detainer_linked | 20 | 2012-01 | 2012-04
            total_ice | 500 | 2012-01 | 2012-05
            total_sc | 100 | 2012-01 | 2012-05
            total_sc_detainer_linked | 20 | 2012-01 | 2012-04
        """,
    ),
    Rule(
        title="A printed figure is compared with an interval",
        text="`same` where both ends equal it, `within` the ends, or it `differs`; `same_figure` where a printed "
        "figure meets itself, which proves nothing. The twelve-month average of a shorter series is "
        "`not_computable`.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-06-30\nprinted | |",
            "removals_by_release": """
                population | departed_date | convicted
                sc | 2012-05-03 | true
                sc | 2012-06-03 |
                sc | 2012-06-04 | true
                sc | 2012-06-05 | true
            """,
            "published_counts": """
                month | population | subset | measure | value | source_column
                2012-05 | sc | all | removals | 1 | Matched
                2012-05 | sc | convicted | removals | 2 | Convicted
                2012-06 | sc | all | removals | 4 | Matched
                2012-06 | sc | convicted | removals | 3 | Convicted
                2012-06 | sc | all | average_12m | 4 | Average
                2012-06 | ice | all | removals | 9 | All
            """,
        },
        table="published_comparison",
        where={"publication": "printed"},
        expected="""
            cell | published | computed | computed_low | computed_high | difference | verdict | origin
            Table 1, 2012-05, Convicted | 2 | 1 | 1 | 1 | -1 | differs | records
            Table 1, 2012-05, Matched | 1 | 1 | 1 | 1 | 0 | same | records
            Table 1, 2012-06, All | 9 | 9 | 9 | 9 | 0 | same_figure | published
            Table 1, 2012-06, Average | 4 | | | | | not_computable |
            Table 1, 2012-06, Convicted | 3 | | 2 | 3 | | within | records
            Table 1, 2012-06, Matched | 4 | 3 | 3 | 3 | -1 | differs | records
        """,
    ),
    Rule(
        title="A printed year is compared with its twelve months",
        text="Where a month is silent or cut, the sum is a lower bound and the year tells how many months it holds.",
        given={
            "published_years": "fiscal_year | value | source_row\n2012 | 120 | 2\n2013 | 30 | 3\n2014 | 30 | 4",
            "published_counts": "month | population | value\n"
            + "\n".join(
                f"{year}-{month:02} | ice | 10"
                for year, months in ((2011, (10, 11, 12)), (2012, range(1, 13)))
                for month in months
            ),
        },
        table="yearly_comparison",
        expected="""
            fiscal_year | published | computed_low | computed_high | months_held | difference | verdict
            2012 | 120 | 120 | 120 | 12 | 0 | same
            2013 | 30 | 30 | | 3 | 0 | not_computable
            2014 | 30 | | | 0 | | not_computable
        """,
    ),
]
