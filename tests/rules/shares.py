"""Shares of removals with a prior detainer."""

from tests.rules import Rule

TITLE = "Shares"

RULES = [
    Rule(
        title="Numerator and denominator over the same months, all with a number",
        text="`last_5` and `all` are of the months that have both counts, and every span tells how many it holds. The "
        "share of all ICE removals is null unless ICE has a number in every month of the span.",
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
            span | month | fiscal_year | months_held | detainer_linked | removals | ice | share | share_of_ice
            all | 2015-11 | 2016 | 6 | 51 | 600 | | 0.085 |
            fiscal_year | 2015-09 | 2015 | 4 | 30 | 400 | | 0.075 |
            fiscal_year | 2015-11 | 2016 | 2 | 21 | 200 | 800 | 0.105 | 0.02625
            last_5 | 2015-11 | 2016 | 5 | 45 | 500 | | 0.09 |
            month | 2015-06 | 2015 | 1 | 6 | 100 | | 0.06 |
            month | 2015-07 | 2015 | 1 | 7 | 100 | | 0.07 |
            month | 2015-08 | 2015 | 1 | 8 | 100 | 400 | 0.08 | 0.02
            month | 2015-09 | 2015 | 1 | 9 | 100 | 400 | 0.09 | 0.0225
            month | 2015-10 | 2016 | 1 | 10 | 100 | 400 | 0.1 | 0.025
            month | 2015-11 | 2016 | 1 | 11 | 100 | 400 | 0.11 | 0.0275
        """,
    ),
    Rule(
        title="Fiscal year N runs from October N-1 to September N",
        text="Twelve months in a row make a span of their own; the old names stay for Secure Communities.",
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
                "span | month | months_held | detainer_linked | sc | share_of_sc",
                "all | 2012-09 | 12 | 60 | 120 | 0.5",
                "fiscal_year | 2012-09 | 12 | 60 | 120 | 0.5",
                "last_12_months | 2012-09 | 12 | 60 | 120 | 0.5",
                "last_5 | 2012-09 | 5 | 25 | 50 | 0.5",
                *[f"month | 2011-{month} | 1 | 5 | 10 | 0.5" for month in (10, 11, 12)],
                *[f"month | 2012-{month:02} | 1 | 5 | 10 | 0.5" for month in range(1, 10)],
            ]
        ),
    ),
    Rule(
        title="One share only where at most one row in twenty is undetermined",
        text="It is the true rows over the determined ones. The bounds are always there: none of the undetermined had "
        "a prior detainer, or all of them had.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-06-30",
            "removals_by_release": "\n".join(
                [
                    "departed_date | detainer_linked",
                    *["2012-05-03 | true"] * 4,
                    *["2012-05-03 | false"] * 15,
                    "2012-05-03 |",
                    *["2012-06-03 | true"] * 4,
                    *["2012-06-03 |"] * 4,
                ]
            ),
        },
        table="detainer_shares",
        where={"span": "month"},
        expected=f"""
            population | month | detainer_linked | removals | ice | share | share_low | share_high | share_of_ice | sc
            ice | 2012-05 | 4 | 20 | 20 | {4 / 19} | 0.2 | 0.25 | {4 / 19} |
            ice | 2012-06 | 4 | 8 | 8 | | 0.5 | 1 | |
        """,
    ),
    Rule(
        title="Both tables' identifiers are counted beside a joined share",
        text="Rows without a person identifier can't be joined: the two coverages are the shares of rows that carry "
        "one.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            "removals_by_release": """
                population | departed_date | person_id | detainer_linked
                sc | 2012-05-03 | ann | false
                sc | 2012-05-03 | bob | true
                sc | 2012-05-03 | cas | false
                sc | 2012-05-03 | | true
            """,
            "detainers_by_release": """
                detainer_prepare_date | person_id
                2011-01-01 | zed
                2012-05-01 | bob
                2012-05-02 |
            """,
        },
        table="detainer_shares",
        where={"span": "month"},
        expected="""
            month | detainer_linked | sc | share_low | share_high | id_coverage_removals | id_coverage_detainers
            2012-05 | 2 | 4 | 0.5 | 0.75 | 0.75 | 0.5
        """,
    ),
]
