"""The sentences of the report: each follows from its rows, and none is made without them."""

import pytest

from sc_pipeline.report import sentences, titles, verdicts
from sc_pipeline.report.words import between, month_words, months_words, over, percent, worded
from tests.report_rows import claim, compared, count, empty, month, share, shipped


def test_the_report_opens_with_these_sentences_of_the_shipped_tables() -> None:
    assert sentences.lead(shipped()) == [
        "From November 2008 to June 2017, ICE carried out 2,882,375 removals; 547,432 of them were under Secure "
        "Communities.",
        "Of the 454,503 Secure Communities removals from November 2008 to December 2015, 16.8% had a prior detainer; "
        "of the 23,580 from August to December 2015, 2.5% did. That is 0.6% of all ICE removals in those months.",
        "By calendar year, the share of Secure Communities removals with a prior detainer fell from 22.3% in 2010 to "
        "5.8% in 2015.",
        "In July 2017, 5,190 Secure Communities removals were of people convicted of an offense; of those, 2,198 were "
        "of people with a Level 1 offense, by the publisher's own count.",
        "ICE claimed “More than 43,300 removed” for January 25 to March 31, 2017 (ICE's website). The claim is "
        "contradicted: the records show between 9,688 and 14,101, not 43,300.",
        "The number of all ICE removals is not yet released for one month (July 2017).",
        "ICE withheld the number of Secure Communities removals with a prior detainer for 19 months (January 2016 to "
        "July 2017).",
    ]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("withheld", "ICE withheld the number of {} for two months (January to February 2016)."),
        ("not_released", "The number of {} is not yet released for two months (January to February 2016)."),
        (
            "not_in_release",
            "The number of {} is not known for two months (January to February 2016): a column or table it "
            "needs is not in the release.",
        ),
        (
            "not_disclosed",
            "The number of {} is not known for two months (January to February 2016): a field it needs is "
            "not disclosed (no record of those months has a value).",
        ),
        (
            "unreadable",
            "The number of {} is not known for two months (January to February 2016): a field it needs could "
            "not be read.",
        ),
        (
            "ids_do_not_join",
            "The number of {} is not known for two months (January to February 2016): the identifiers of "
            "removals and detainers do not join.",
        ),
    ],
)
def test_only_a_withheld_month_is_the_agencys_doing(status: str, sentence: str) -> None:
    rows = [count(at, population="ice", subset="detainer_linked", status=status) for at in ("2016-01", "2016-02")]
    assert sentences.silences(rows) == [sentence.format("all ICE removals with a prior detainer")]


@pytest.mark.parametrize("status", ["reported", "at_least", "partial"])
def test_a_month_with_a_number_is_not_called_missing(status: str) -> None:
    assert sentences.silences([count("2016-01", status=status)]) == []


def test_months_missing_apart_are_not_named_as_one_span() -> None:
    rows = [count(at, subset="detainer_linked", status="withheld") for at in ("2015-12", "2016-02")]
    assert sentences.silences(rows) == [
        "ICE withheld the number of Secure Communities removals with a prior detainer for two months (December 2015 "
        "and February 2016)."
    ]


def test_totals_share_the_months_in_which_both_have_a_number() -> None:
    rows = [
        count("2016-01", 100, population="ice"),
        count("2016-02", 200, population="ice"),
        count("2016-02", 20),
        count("2016-03", 30),
    ]
    assert sentences.totals({**empty(), "monthly_removals": rows}) == (
        "In February 2016, ICE carried out 200 removals; 20 of them were under Secure Communities."
    )


def test_a_month_not_yet_released_drops_no_other_month_and_a_gap_shows() -> None:
    rows = [
        count("2016-01", 100, population="ice"),
        count("2016-02", population="ice", status="not_released"),
        count("2016-03", 200, 7, population="ice", status="at_least"),
    ]
    assert sentences.totals({**empty(), "monthly_removals": rows}) == (
        "In the 2 months with a number from January to March 2016, ICE carried out 300 to 307 removals."
    )


def test_a_month_not_covered_in_full_is_named_beside_the_total() -> None:
    rows = [count("2016-01", 100, population="ice"), count("2016-02", 20, population="ice", status="partial")]
    assert sentences.totals({**empty(), "monthly_removals": rows}) == (
        "From January to February 2016, ICE carried out 120 removals, with one month not covered in full."
    )


def test_a_share_with_too_much_undetermined_is_a_range() -> None:
    wide = {"share": None, "share_low": 0.1, "share_high": 0.25}
    rows = [
        share("2024-01", 10, 100, population="ice", **wide),
        share("2024-01", 10, 100, population="ice", span="all", **wide),
    ]
    assert sentences.shares({**empty(), "detainer_shares": rows}) == [
        "Of the 100 ICE removals in January 2024, between 10.0% and 25.0% had a prior detainer."
    ]


def test_undetermined_convictions_are_a_range_and_the_basis_is_named() -> None:
    rows = [
        count("2024-01", 40, 8, population="ice", subset="convicted", status="at_least"),
        count("2024-01", 9, population="ice", subset="level1", level_basis="threat_level_2011"),
    ]
    assert sentences.convictions({**empty(), "monthly_removals": rows}) == [
        "In January 2024, between 40 and 48 ICE removals were of people convicted of an offense; of those, 9 were of "
        "people with a Level 1 offense, by the person's threat level as ICE stated it (definition of 2011)."
    ]


def test_nothing_is_claimed_of_tables_without_rows() -> None:
    assert sentences.lead(empty()) == []
    assert sentences.unverified(empty(), []) == []


@pytest.mark.parametrize(
    ("verdict", "claimed", "low", "high", "sentence"),
    [
        (
            "contradicted",
            43300,
            9688,
            14101,
            "the records show between 9,688 and 14,101, not 43,300.",
        ),
        ("contradicted", 10, 20, 30, "the records show between 20 and 30, more than the claimed 10."),
        ("contradicted", 10, 20, None, "the records show at least 20, more than the claimed 10."),
        ("contradicted", 10, 4, 4, "the records show exactly 4, not 10."),
        ("supported", 10, 10, 10, "the records show exactly 10."),
        ("supported", 10, 12, 15, "the records show between 12 and 15, more than the claimed 10."),
        ("undecided", 10893, 9688, 14101, "the records show between 9,688 and 14,101, and 10,893 lies in that range."),
        ("undecided", 10, 4, None, "the records show at least 4; not every month has a number, so 10 is possible."),
        ("undecided", 10, None, None, "no records cover the dates of the claim."),
    ],
)
def test_a_verdict_gives_its_reason(
    verdict: str, claimed: int, low: int | None, high: int | None, sentence: str
) -> None:
    assert verdicts.verdict(claim(verdict, low, high, claimed=claimed)) == f"{verdict}: {sentence}"


def test_a_printed_figure_that_meets_itself_is_no_test() -> None:
    rows = [
        compared("a", 1, "same_figure"),
        compared("b", 2, "same_figure"),
        compared("c", 3, "same"),
        compared("d", 4, "within"),
        compared("e", 5, "differs", 6),
        compared("f", 7, "not_computable"),
    ]
    assert verdicts.comparison(rows) == [
        "Of 6 figures printed in trac-2017-11, 3 could be tested: one is the same, one lies within the computed range "
        "and one differs; 2 are the very figures used here, so there is nothing to test; 1 cannot be computed from the "
        "releases."
    ]
    assert verdicts.comparison(rows[:2]) == [
        "Of 2 figures printed in trac-2017-11, none could be tested; 2 are the very figures used here, so there is "
        "nothing to test."
    ]


def test_a_revision_names_both_releases_and_their_common_months() -> None:
    row = {
        "population": "ice",
        "subset": "all",
        "month": month("2020-01"),
        "older_release": "a",
        "newer_release": "b",
        "older": 10,
        "newer": 12,
        "change": 2,
    }
    rows = [
        row,
        {**row, "month": month("2020-02"), "newer": 9, "change": -1},
        {**row, "month": month("2020-03"), "newer": 10, "change": 0},
    ]
    assert verdicts.revised(rows) == [
        "b counts all ICE removals higher in 1 and lower in 1 of the 3 months that it shares with a (January to March "
        "2020)."
    ]
    assert verdicts.revised([rows[2]]) == []


def test_likely_duplicates_are_counted_and_named() -> None:
    rows = [count("2020-01", 1200, population="ice", likely_duplicates=30)]
    assert sentences.duplicates({**empty(), "monthly_removals": rows}) == [
        "30 of 1,200 ICE removals are likely duplicates: another record has the same person and day. They are counted."
    ]


@pytest.mark.parametrize(
    ("years", "title"),
    [
        ({2012: (0.222, 0.222), 2015: (0.058, 0.058)}, "Share fell from 22.2% in 2012 to 5.8% in 2015"),
        ({2012: (0.1, 0.1), 2014: (0.3, 0.3)}, "Share rose from 10.0% in 2012 to 30.0% in 2014"),
        ({2012: (0.1, 0.1), 2014: (0.101, 0.101)}, "Share: 10.0% in 2012, 10.1% in 2014"),
        ({2012: (0.2, 0.4), 2014: (0.1, 0.3)}, "Share: 20.0% to 40.0% in 2012, 10.0% to 30.0% in 2014"),
        ({2012: (0.2, 0.2)}, None),
    ],
)
def test_a_title_claims_only_a_change_that_the_ends_show(
    years: dict[int, tuple[float, float]], title: str | None
) -> None:
    assert titles.trend("Share", years, is_share=True) == title


@pytest.mark.parametrize(
    ("share_of", "words"),
    [(0.02476, "2.5%"), (0.0245, "2.5%"), (0.0, "0.0%"), (0.0002, "less than 0.1%"), (1.0, "100.0%")],
)
def test_percentages_are_written_the_american_way(share_of: float, words: str) -> None:
    assert percent(share_of) == words


@pytest.mark.parametrize(
    ("value", "status", "undetermined", "words"),
    [
        (0, "reported", 0, "0"),
        (1200, "partial", 0, "1,200 (partial month)"),
        (1200, "at_least", 34, "1,200 to 1,234"),
        (1200, "at_least", 0, "at least 1,200"),
        (None, "withheld", None, "withheld by ICE"),
        (None, "not_in_release", None, "not in the release"),
        (None, "not_disclosed", None, "not disclosed"),
        (None, "unreadable", None, "could not be read"),
        (None, "ids_do_not_join", None, "identifiers do not join"),
        (None, "not_released", None, "not yet released"),
        (None, None, None, "in no release"),
    ],
)
def test_a_status_is_given_in_words(
    value: int | None, status: str | None, undetermined: int | None, words: str
) -> None:
    assert worded(value, status, undetermined) == words


def test_spans_of_months_in_words() -> None:
    assert month_words(month("2015-08"), month("2015-12")) == "August to December 2015"
    assert month_words(month("2008-11"), month("2017-06")) == "November 2008 to June 2017"
    assert months_words([month("2015-12"), month("2016-02")]) == "December 2015 and February 2016"
    assert (
        months_words([month(f"201{year}-01") for year in range(5)]) == "5 months between January 2010 and January 2014"
    )
    assert over([month("2015-12")]) == "in December 2015"


def test_an_interval_that_reads_the_same_at_both_ends_is_one_number() -> None:
    assert (between(4, 4), between(4, 6), between(4, None)) == ("4", "4 to 6", "at least 4")
    assert between(0.1001, 0.1004, percents=True) == "10.0%"
