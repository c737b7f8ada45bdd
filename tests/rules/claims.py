"""What was claimed, against what the data say."""

from tests.rules import Rule

TITLE = "Claims over days"

_COUNTS = "month | subset | value\n2017-01 | convicted | {}\n2017-02 | convicted | {}\n2017-03 | convicted | {}"
RULES = [
    Rule(
        title="Without records, whole months bound the count",
        text="The claims run from 2017-01-25 to 2017-03-31: at least the whole months inside, at most all months "
        "overlapping. A claim of a number is contradicted outside the bounds and undecided inside; a claim of "
        "`more than` a number is contradicted where even the upper bound stays below.",
        given={"published_counts": _COUNTS.format("4,413", "4,400", "5,288")},
        table="claim_checks",
        expected="""
            claim_id | claimed | observed_low | observed_high | verdict
            ice-convicted | 43300 | 9688 | 14101 | contradicted
            trac-convicted | 10893 | 9688 | 14101 | undecided
            trac-detainers | 2000000 | | | undecided
            trac-level1 | 4850 | | | undecided
        """,
    ),
    Rule(
        title="A claim of at least a number is supported once the lower bound reaches it",
        text="And undecided while only the upper bound does; a month without a number leaves the top open.",
        given={"published_counts": _COUNTS.format("1", "43,300", "0").replace("2017-01 | convicted | 1\n", "")},
        table="claim_checks",
        expected="""
            claim_id | claimed | observed_low | observed_high | verdict
            ice-convicted | 43300 | 43300 | | supported
            trac-convicted | 10893 | 43300 | | contradicted
            trac-detainers | 2000000 | | | undecided
            trac-level1 | 4850 | | | undecided
        """,
    ),
    Rule(
        title="With records for every month touched, the days are counted",
        text="Departures before and after the days claimed do not count. The two bounds are one number where every row "
        "of these days is determined; rows that are not are in the upper bound alone.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2017-01-01 | 2017-04-30",
            "removals_by_release": """
                population | departed_date | convicted | level1
                sc | 2017-01-24 | true | true
                sc | 2017-01-25 | true | true
                sc | 2017-02-10 | false | false
                sc | 2017-03-30 | true |
                sc | 2017-03-31 | true | false
                sc | 2017-04-01 | true | true
            """,
        },
        table="claim_checks",
        expected=f"""
            claim_id | claimed | observed_low | observed_high | ratio_low | ratio_high | verdict
            ice-convicted | 43300 | 3 | 3 | {43300 / 3} | {43300 / 3} | contradicted
            trac-convicted | 10893 | 3 | 3 | 3631 | 3631 | contradicted
            trac-detainers | 2000000 | | | | | undecided
            trac-level1 | 4850 | 1 | 2 | 2425 | 4850 | contradicted
        """,
    ),
    Rule(
        title="A claim about detainers has the detainers on record as its lower bound",
        text="Those prepared up to the last day claimed. No release says that it holds all, so that there is no upper "
        "bound, and nothing contradicts a claim of more.",
        given={
            "detainers_by_release": "detainer_prepare_date\n2005-05-03\n2017-11-30\n2017-12-01",
        },
        table="claim_checks",
        where={"claim_id": "trac-detainers"},
        expected="""
            claim_id | claimed | first_day | last_day | observed_low | observed_high | ratio_low | ratio_high | verdict
            trac-detainers | 2000000 | | 2017-11-30 | 2 | | | 1000000 | undecided
        """,
    ),
]
