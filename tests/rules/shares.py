"""Shares of removals that a detainer led to."""

from tests.rules import Rule

TITLE = "Shares"

RULES = [
    Rule(
        title="Numerator and denominator over the same months, all reported",
        text="A window stands only where each of its months has both. `last_reported_5` is the last run of five such "
        "months. The share of all ICE removals is null unless ICE reports every month of the window.",
        given={
            "published_counts": "month | population | subset | value | status\n"
            + "\n".join(
                f"2015-{month:02} | sc | all | 100 | reported\n"
                + (f"2015-{month:02} | ice | all | 400 | reported\n" if month > 7 else "")
                + (
                    f"2015-{month:02} | sc | detainer_linked | {month} | reported"
                    if month < 12
                    else "2015-12 | sc | detainer_linked | | withheld"
                )
                for month in range(6, 13)
            ),
        },
        table="detainer_shares",
        expected="""
            window | month | detainer_linked | sc | ice | share_of_sc | share_of_ice | id_coverage
            last_reported_5 | 2015-11 | 45 | 500 | | 0.09 | |
            month | 2015-06 | 6 | 100 | | 0.06 | |
            month | 2015-07 | 7 | 100 | | 0.07 | |
            month | 2015-08 | 8 | 100 | 400 | 0.08 | 0.02 |
            month | 2015-09 | 9 | 100 | 400 | 0.09 | 0.0225 |
            month | 2015-10 | 10 | 100 | 400 | 0.1 | 0.025 |
            month | 2015-11 | 11 | 100 | 400 | 0.11 | 0.0275 |
        """,
    ),
    Rule(
        title="Fiscal year N runs from October N-1 to September N",
        text="It is named by its last month.",
        given={
            "published_counts": "month | subset | value\n"
            + "\n".join(
                f"{year}-{month:02} | {subset} | {value}"
                for year, months in ((2011, (10, 11, 12)), (2012, range(1, 10)))
                for month in months
                for subset, value in (("all", 10), ("detainer_linked", 5))
            ),
        },
        table="detainer_shares",
        expected="\n".join(
            [
                "window | month | detainer_linked | sc | share_of_sc",
                "fiscal_year | 2012-09 | 60 | 120 | 0.5",
                "last_12_months | 2012-09 | 60 | 120 | 0.5",
                "last_reported_5 | 2012-09 | 25 | 50 | 0.5",
                *[f"month | 2011-{month} | 5 | 10 | 0.5" for month in (10, 11, 12)],
                *[f"month | 2012-{month:02} | 5 | 10 | 0.5" for month in range(1, 10)],
            ]
        ),
    ),
    Rule(
        title="Beside a share that was joined stands who could be joined",
        text="Rows without a person identifier can't be linked: `id_coverage` is the share of rows that carry one.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            "removals_by_release": """
                population | departed_date | person_id
                sc | 2012-05-03 | ann
                sc | 2012-05-03 | bob
                sc | 2012-05-03 | cas
                sc | 2012-05-03 |
            """,
            "detainers_by_release": "detainer_prepare_date | person_id\n2012-05-01 | bob",
        },
        table="detainer_shares",
        expected="""
            window | month | detainer_linked | sc | share_of_sc | id_coverage
            month | 2012-05 | 1 | 4 | 0.25 | 0.75
        """,
    ),
]
