"""Membership is true, false or unknown: each line of the design's rules, and no cell that hides ever adds one."""

from collections.abc import Mapping
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc_pipeline.core.corrections import Corrections
from sc_pipeline.core.membership import Basis, DetainerSpan, convictions, links, offense_levels
from sc_pipeline.core.records import read_batch
from sc_pipeline.core.tables import case_table
from tests.builders import release, staged, staged_sheet

Row = Mapping[str, str | None]
MAY = date(2012, 5, 1)
MARK, ODD = "(b)(6)", "¿?"
CODES = Basis("offense_2009")
LEVELS = Basis("threat_level_2011")


def told(row: Row, basis: Basis) -> dict[str, object]:
    sheet = staged_sheet(list(row))
    cells = read_batch(case_table(release(), sheet), staged([dict(row)], list(row)), Corrections("r1"))
    found = convictions(cells, pl.Series([MAY]), basis)
    return {name: series[0] for name, series in found.items()}


def convicted(row: Row, *silent: str) -> object:
    return told(row, Basis(None, {field: frozenset({MAY}) for field in silent}))["convicted"]


def fields(criminality: str | None, status: str | None, level: str | None, code: str | None) -> Row:
    return {"criminality": criminality, "msc_status": status, "reported_threat_level": level, "msc_code": code}


@pytest.mark.parametrize(
    ("criminality", "status", "level", "code", "expected"),
    [
        # Criminality decides first.
        ("1 Convicted Criminal", None, None, None, True),
        ("1 Convicted Criminal", "Pending", None, "0000", True),
        ("2 Pending Criminal Charges", None, None, None, False),
        ("2 Pending Criminal Charges", "Convicted", "1", "0999", False),
        ("3 Other Immigration Violator", None, "1", "0999", False),
        # Then the most serious conviction's status; pending is not convicted.
        (None, "Convicted", None, None, True),
        (None, "Convicted", None, "0000", True),
        (None, "Pending", "1", "0999", False),
        (MARK, "Pending", "1", "0999", False),
        (MARK, "Convicted", None, None, True),
        # Then the stated level.
        (None, None, "1", None, True),
        (None, None, "3", "0000", True),
        (MARK, ODD, "2", None, True),
        # Then an offense code other than 0000.
        (None, None, None, "0999", True),
        (None, None, None, "8999", True),
        (MARK, MARK, MARK, "5404", True),
        (None, None, None, "0000", False),
        # Where none decides: unknown if a mark or something unreadable was passed, else not convicted.
        (None, None, None, None, False),
        ("NA", "NA", "NA", "NA", False),
        (MARK, None, None, None, None),
        (None, MARK, None, None, None),
        (None, None, MARK, None, None),
        (None, None, None, MARK, None),
        (ODD, None, None, None, None),
        (None, ODD, None, None, None),
        (None, None, "7", None, None),
        (None, None, None, "12345", None),
        (MARK, None, None, "0000", None),
        (None, None, MARK, "0000", None),
    ],
)
def test_the_first_field_with_a_value_decides_whether_someone_is_convicted(
    criminality: str | None, status: str | None, level: str | None, code: str | None, expected: bool | None
) -> None:
    assert convicted(fields(criminality, status, level, code)) is expected


@pytest.mark.parametrize("silent", ["criminality", "msc_status", "reported_threat_level", "msc_code"])
def test_a_field_that_is_silent_in_a_month_passes_on_and_is_remembered_whatever_its_cell_holds(silent: str) -> None:
    values = {
        "criminality": "3 Other Immigration Violator",
        "msc_status": "Pending",
        "reported_threat_level": "1",
        "msc_code": "0999",
    }
    assert convicted(fields(None, None, None, None), silent) is None
    assert convicted({**dict.fromkeys(values), silent: values[silent]}, silent) is None
    other = "msc_code" if silent == "criminality" else "criminality"
    expected = {"msc_code": True, "criminality": False}[other]
    assert convicted({**dict.fromkeys(values), silent: values[silent], other: values[other]}, silent) is expected


def test_a_column_that_the_table_lacks_is_skipped_and_without_any_nothing_is_known() -> None:
    assert convicted({"msc_code": "0000"}, "criminality", "reported_threat_level") is False
    assert convicted({"msc_code": None}) is False
    assert convicted({"gender": "M"}) is None


@pytest.mark.parametrize(
    ("level", "code", "basis", "level1", "conviction_level", "offense_level"),
    [
        # The person's level where the release states any, and never the code beside it.
        ("1", "5404", LEVELS, True, 1, 2),
        ("2", "0999", LEVELS, False, 2, 1),
        (None, "0999", LEVELS, None, None, 1),
        (MARK, "0999", LEVELS, None, None, 1),
        # The offense's level where it states none.
        (None, "0999", CODES, True, 1, 1),
        (None, "999", CODES, True, 1, 1),
        (None, "5404", CODES, False, 2, 2),
        (None, "0399", CODES, False, 3, 3),
        # An offense that may be Level 1 is unknown; one that may be 2 or 3 is not Level 1.
        (None, "3501", CODES, None, None, None),
        (None, "1313", CODES, None, None, None),
        (None, "5201", CODES, None, None, None),
        (None, "2901", CODES, False, None, None),
        # A code in no list.
        (None, "8999", CODES, None, None, None),
        (None, None, CODES, None, None, None),
        # No basis at all.
        (None, "0999", Basis(None), None, None, 1),
    ],
)
def test_level_1_rests_on_one_basis(
    level: str | None,
    code: str | None,
    basis: Basis,
    level1: bool | None,
    conviction_level: int | None,
    offense_level: int | None,
) -> None:
    row = fields("1 Convicted Criminal", None, level, code)
    assert told(row, basis) == {
        "convicted": True,
        "level1": level1,
        "conviction_level": conviction_level,
        "offense_level": offense_level,
    }


def test_who_is_not_convicted_is_not_level_1_and_who_may_be_may_be() -> None:
    for basis in (LEVELS, CODES):
        assert told(fields("2 Pending Criminal Charges", None, "1", "0999"), basis)["level1"] is False
        assert told(fields(MARK, None, None, "0000"), basis)["level1"] is None


def test_every_range_of_offenses_has_its_levels() -> None:
    levels = {code: (level, is_level1) for code, level, is_level1 in offense_levels().iter_rows()}
    assert levels["0999"] == (1, True)
    assert levels["2101"] == (1, True)
    assert levels["2102"] == (3, False)
    assert levels["2901"] == (None, False)
    assert levels["3501"] == (None, None)
    assert "0000" not in levels


SPAN = DetainerSpan(date(2010, 1, 5), date(2012, 6, 30), frozenset({MAY, date(2012, 6, 1)}), ids_join=True)


def linked(
    row: Row,
    day: date = date(2012, 5, 3),
    joined: date | None = None,
    undated: bool = False,
    span: DetainerSpan | None = SPAN,
    silent: bool = False,
) -> tuple[object, ...]:
    named = {"departed_date": day.isoformat(), **row}
    sheet = staged_sheet(list(named))
    cells = read_batch(case_table(release(), sheet), staged([named], list(named)), Corrections("r1"))
    month = day.replace(day=1)
    basis = Basis(None, {"detainer_prepare_date": frozenset({month})} if silent else {}, span)
    person = cells.values.get("person_id", pl.Series([None], dtype=pl.String))
    known = pl.DataFrame(
        {
            "departed_date": [day],
            "month": [month],
            "person_id": person,
            "joined_day": [joined],
            "has_undated": [undated],
        },
        {
            "departed_date": pl.Date,
            "month": pl.Date,
            "joined_day": pl.Date,
            "person_id": pl.String,
            "has_undated": pl.Boolean,
        },
    )
    return links(cells, known, basis).row(0)


def own(cell: str | None, **facts: object) -> object:
    return linked({"detainer_prepare_date": cell}, span=None, **facts)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2012-05-03", True),
        ("2012-04-30", True),
        ("01-APR-12", True),
        ("2012-05-04", False),
        (None, False),
        (MARK, None),
        ("soon", None),
        ("████", None),
    ],
)
def test_a_detainer_on_the_record_counts_on_or_before_the_departure(cell: str | None, expected: bool | None) -> None:
    assert own(cell) is expected


def test_a_detainer_date_in_a_silent_month_is_unknown_even_where_one_is_written() -> None:
    assert own(None, silent=True) is None
    assert own("2012-04-30", silent=True) is None


def joined(**facts: object) -> object:
    return linked({"person_id": "a1"}, **facts)[0]  # type: ignore[arg-type]


def test_a_detainer_of_the_same_person_links() -> None:
    assert linked({"person_id": "a1"}, joined=date(2012, 4, 30)) == (True, date(2012, 4, 30), "joined")
    both = {"person_id": "a1", "detainer_prepare_date": "2012-04-01"}
    assert linked(both, joined=date(2012, 4, 30)) == (True, date(2012, 4, 1), "same_record")
    assert joined() is False


def test_an_unmatched_removal_is_unknown_where_its_detainer_may_be_out_of_sight() -> None:
    assert joined(undated=True) is None, "its only detainer has a date that can't be read"
    assert linked({"person_id": "nan"})[0] is None, "its person is not known"
    assert joined(day=date(2012, 7, 1)) is None, "it departed after the last detainer"
    assert joined(day=date(2012, 4, 3)) is None, "no detainer was prepared in its whole month"
    assert joined(span=None) is None, "there is no table of detainers"
    apart = DetainerSpan(SPAN.first, SPAN.last, SPAN.months, ids_join=False)
    assert joined(span=apart) is None, "no identifier joins"


@pytest.mark.parametrize(("first", "expected"), [(date(2011, 5, 4), False), (date(2011, 5, 5), None)])
def test_a_removal_within_365_days_of_the_first_detainer_is_unknown(first: date, expected: bool | None) -> None:
    # 2012 is a leap year: 4 May 2011 lies 365 days before 3 May 2012.
    assert joined(span=DetainerSpan(first, SPAN.last, SPAN.months, ids_join=True)) is expected
    assert joined(span=DetainerSpan(first, SPAN.last, SPAN.months, ids_join=True), joined=first) is True


def test_two_ways_to_find_a_detainer_need_both_to_rule_one_out() -> None:
    row = {"person_id": "a1", "detainer_prepare_date": None}
    assert linked(row)[0] is False
    assert linked({**row, "detainer_prepare_date": MARK})[0] is None
    assert linked(row, undated=True)[0] is None
    assert linked({"detainer_prepare_date": None})[0] is False, "a table without identifiers asks its own column alone"


# Rows as an agency writes them: what the fields tell does not contradict, so that hiding one can't turn the answer.
CONVICTED = st.fixed_dictionaries(
    {
        "criminality": st.sampled_from([None, "1 Convicted Criminal"]),
        "msc_status": st.sampled_from([None, "Convicted"]),
        "reported_threat_level": st.sampled_from([None, "1", "2"]),
        "msc_code": st.sampled_from([None, "0999", "5404", "3501"]),
    }
)
OTHERS = st.fixed_dictionaries(
    {
        "criminality": st.sampled_from([None, "3 Other Immigration Violator"]),
        "msc_status": st.none(),
        "reported_threat_level": st.none(),
        "msc_code": st.sampled_from([None, "0000"]),
    }
)
HIDDEN = st.sampled_from([MARK, "█████", ODD, "b7C"])
NAMES = ("criminality", "msc_status", "reported_threat_level", "msc_code")


@given(
    CONVICTED | OTHERS,
    st.sampled_from(NAMES),
    HIDDEN,
    st.sampled_from([LEVELS, CODES]),
    st.sets(st.sampled_from(NAMES)),
)
@settings(max_examples=60, deadline=None)
def test_hiding_a_cell_never_adds_a_member_and_never_loses_one_for_sure(
    row: dict[str, str | None], field: str, hidden: str, basis: Basis, silent: set[str]
) -> None:
    held = Basis(basis.level_basis, {name: frozenset({MAY}) for name in silent})
    before, after = told(row, held), told({**row, field: hidden}, held)
    for subset in ("convicted", "level1"):
        assert not (after[subset] is True and before[subset] is not True)
        assert not (before[subset] is not False and after[subset] is False)
    assert after["level1"] is not True or after["convicted"] is True
    assert (after["level1"] is not False) <= (after["convicted"] is not False)
