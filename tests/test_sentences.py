"""The sentences of the report: each follows from its numbers, and none stands without them."""

from datetime import date

import pytest

from sc_pipeline.report.sentences import lead, verdict, withheld

CLAIM = {"claimant": "ICE", "claim": "More than 43,300 removed", "claimed": 43300, "first_day": date(2017, 1, 25),
         "last_day": date(2017, 3, 31), "observed_low": 9688, "observed_high": 14101,
         "verdict": "contradicted"}  # fmt: skip


def figure(name: str, value: float | None, first: date = date(2015, 8, 1)) -> dict[str, object]:
    return {"figure": name, "value": value, "first_month": first, "last_month": date(2015, 12, 1)}


def withheld_month(month: date) -> dict[str, object]:
    return {"population": "sc", "subset": "detainer_linked", "status": "withheld", "month": month}


@pytest.mark.parametrize(
    ("said", "claimed", "low", "high", "sentence"),
    [
        ("contradicted", 43300, 9688, 14101,
         "contradicted: at most 14,101 of the claimed 43,300 are on record (at least 9,688)."),
        ("contradicted", 10, 20, 30, "contradicted: at least 20 are on record, more than the claimed 10."),
        ("contradicted", 10, 20, None, "contradicted: at least 20 are on record, more than the claimed 10."),
        ("contradicted", 10, 4, 4, "contradicted: exactly 4 are on record against 10 claimed."),
        ("supported", 10, 10, 10, "supported: exactly 10 are on record against 10 claimed."),
        ("supported", 10, 12, 15, "supported: at least 12 are on record, more than the claimed 10."),
        ("supported", 10, 10, 15, "supported: from 10 to 15 are on record against 10 claimed."),
        ("undecided", 10893, 9688, 14101, "undecided: from 9,688 to 14,101 are on record against 10,893 claimed."),
        ("undecided", 10, 4, None,
         "undecided: at least 4 are on record against 10 claimed, and not every month is reported."),
        ("undecided", 10, None, None, "undecided: no month of the days claimed is on record."),
    ],
)  # fmt: skip
def test_a_verdict_says_why(said: str, claimed: int, low: int | None, high: int | None, sentence: str) -> None:
    claim = {"verdict": said, "claimed": claimed, "observed_low": low, "observed_high": high}
    assert verdict(claim) == sentence


def test_the_lead_gives_totals_shares_claims_and_what_is_withheld() -> None:
    figures = [figure("total_ice", 2882375.0, date(2008, 11, 1)), figure("detainer_linked_share_of_sc", 0.024767),
               figure("detainer_linked_share_of_ice", 0.006068)]  # fmt: skip
    monthly = [withheld_month(date(2016, 1, 1)), withheld_month(date(2016, 2, 1))]
    assert lead({"headline_figures": figures, "claim_checks": [CLAIM], "monthly_removals": monthly}) == [
        "2,882,375 removals by ICE are on record from November 2008 to December 2015.",
        "A detainer led to 2.48 % of Secure Communities removals and to 0.61 % of all ICE removals from August to "
        "December 2015.",
        "ICE claimed “More than 43,300 removed” for January 25, 2017 to March 31, 2017. The claim is contradicted: "
        "at most 14,101 of the claimed 43,300 are on record (at least 9,688).",
        "ICE withholds the number of Secure Communities removals with a detainer for 2 months: January to February "
        "2016.",
    ]  # fmt: skip


def test_what_has_no_value_is_not_said() -> None:
    undecided = {**CLAIM, "verdict": "undecided"}
    figures = [figure("total_ice", None), figure("detainer_linked_share_of_sc", None)]
    assert lead({"headline_figures": figures, "claim_checks": [undecided], "monthly_removals": []}) == []


def test_shares_of_different_months_are_said_apart() -> None:
    figures = [figure("detainer_linked_share_of_sc", 0.5),
               figure("detainer_linked_share_of_ice", 0.25, date(2014, 8, 1))]  # fmt: skip
    assert lead({"headline_figures": figures, "claim_checks": [], "monthly_removals": []}) == [
        "A detainer led to 50.00 % of Secure Communities removals from August to December 2015.",
        "A detainer led to 25.00 % of all ICE removals from August 2014 to December 2015.",
    ]


def test_months_withheld_apart_are_not_said_as_one_span() -> None:
    assert withheld([withheld_month(date(2015, 12, 1)), withheld_month(date(2016, 2, 1))]) == [
        "ICE withholds the number of Secure Communities removals with a detainer for 2 months: December 2015, "
        "February 2016."
    ]
