"""Staged cells become typed rows: nothing is lost, nothing invented, and every doubt is counted."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sc_pipeline.staged.layouts import load_layouts

from sc_pipeline.core.corrections import Corrections, read_corrections
from sc_pipeline.core.normalize import KINDS
from sc_pipeline.core.records import Cleaned, clean_batches, countable_keys, unsplit_rows
from sc_pipeline.schemas.base import failures, polars_schema
from sc_pipeline.schemas.records import Detainers, Quarantine, Removals
from tests.builders import release, staged, staged_sheet

LAYOUT = load_layouts()["ice_removals_2026_03"]
Row = dict[str, str | None]


def clean(rows: list[Row], columns: list[str] | None = None, kind: str = "removals", **stated: object) -> Cleaned:
    names = columns or sorted({name for row in rows for name in row})
    sheet = staged_sheet(names, kind=kind)
    (cleaned,) = clean_batches(release(**stated), sheet, LAYOUT, [staged(rows, names)], Corrections("r1"))
    return cleaned


def removal(**cells: str | None) -> Row:
    return {"departed_date": "2012-05-03", **cells}


def only(rows: list[Row], *fields: str) -> list[tuple[object, ...]]:
    return clean(rows).rows.select(fields).rows()


def notes(cleaned: Cleaned) -> list[tuple[object, ...]]:
    return cleaned.quarantine.select("source_row", "field", "rule", "severity", "value").rows()


def test_a_removal_becomes_one_typed_row_with_its_place() -> None:
    cleaned = clean(
        [
            removal(
                departure_country="Mexico", person_id="AB" * 20, gender="Male", birth_year="1984.0", msc_code="999",
                criminality="1 Convicted Criminal", reported_threat_level="1", state="LOUISIANA",
                county="Orleans Parish", charge_section="237(a)(1)(B)", entry_date="5/3/98", final_order="Yes",
                detainer_prepare_date="2012-04-30 08:00:00", detainer_state="TX",
            )
        ]
    )  # fmt: skip
    expected = {
        **dict.fromkeys(polars_schema(Removals).names()),
        "release_id": "r1", "population": "ice", "departed_date": date(2012, 5, 3), "month": date(2012, 5, 1),
        "departure_country": "MEXICO", "person_id": "ab" * 20, "gender": "MALE", "birth_year": 1984,
        "entry_date": date(1998, 5, 3), "criminality": "1 CONVICTED CRIMINAL", "msc_code": "0999",
        "reported_threat_level": "1", "conviction_level": 1, "convicted": True, "final_order": "YES",
        "charge_section": "237(a)(1)(B)", "state": "LA", "county": "Orleans Parish", "county_fips": "22071",
        "detainer_prepare_date": date(2012, 4, 30), "detainer_state": "TX", "duplicate_likely": False,
        "source_file": "x.csv", "source_row": 2,
    }  # fmt: skip
    assert cleaned.rows.to_dicts() == [expected]
    assert cleaned.rows.schema == polars_schema(Removals)
    assert notes(cleaned) == []


def test_a_detainer_becomes_one_typed_row_and_its_fields_carry_a_prefix() -> None:
    cleaned = clean(
        [
            {"detainer_prepare_date": "2012-04-30", "facility_state": "TEXAS", "threat_level": "NA", "gender": "weird"},
            {"detainer_prepare_date": None, "facility_state": None, "threat_level": None, "gender": None},
        ],
        kind="detainers",
    )
    assert cleaned.rows.schema == polars_schema(Detainers)
    assert cleaned.rows.select("month", "facility_state", "threat_level", "gender").rows() == [
        (date(2012, 4, 1), "TX", None, None)
    ]
    assert notes(cleaned) == [
        (2, "detainers.gender", "not a known value", "warning", "weird"),
        (3, "detainers.detainer_prepare_date", "missing", "structural", None),
    ]
    assert set(cleaned.disclosure["field"]) == {f"detainers.{field}" for field in KINDS["detainers"]}


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (None, "missing"),
        ("NULL", "missing"),
        ("(b)(6)", "redacted"),
        ("soon", "unreadable date"),
        ("1989-12-31", "earlier than 1990-01-01"),
        ("2019-07-03", "later than 2019-07-02"),
    ],
)
def test_a_row_without_a_day_of_departure_is_refused_with_the_value_as_written(cell: str | None, rule: str) -> None:
    cleaned = clean([removal(), removal(departed_date=cell, gender="weird"), removal()])
    assert cleaned.rows["source_row"].to_list() == [2, 4]
    assert notes(cleaned) == [(3, "departed_date", rule, "structural", cell)]


def test_the_first_and_last_day_a_release_can_hold_are_accepted() -> None:
    cleaned = clean([removal(departed_date="1990-01-01"), removal(departed_date="2019-07-02")])
    assert cleaned.rows["departed_date"].to_list() == [date(1990, 1, 1), date(2019, 7, 2)]
    assert clean([removal(departed_date="2099-12-31")], received=None).rows.height == 1


@pytest.mark.parametrize(
    ("field", "cell", "rule"),
    [
        ("gender", "weird", "not a known value"),
        ("criminality", "4 Something", "not a known value"),
        ("reported_threat_level", "7", "not a known value"),
        ("final_order", "MAYBE", "not a known value"),
        ("prior_removal", "7", "not a known value"),
        ("msc_code", "12345", "not a known code"),
        ("msc_conviction_date", "2019-06-02", "later than 2019-06-01"),
        ("msc_conviction_date", "99/99/2010", "unreadable date"),
        ("final_order_date", "0201-05-03", "earlier than 1900-01-01"),
        ("entry_date", "spring", "unreadable date"),
        ("birth_year", "1899", "less than 1900"),
        ("birth_year", "2020", "more than 2019"),
        ("birth_year", "MCM", "unreadable number"),
        ("age_at_removal", "-1", "less than 0"),
        ("person_id", "1.2345E+18", "lost its last digits"),
        ("state", "ONTARIO", "unknown state"),
        ("detainer_state", "??", "unknown state"),
    ],
)
def test_a_doubtful_value_becomes_null_and_a_warning_and_the_row_stays(field: str, cell: str, rule: str) -> None:
    cleaned = clean([removal(**{field: cell})])
    assert cleaned.rows[field].to_list() == [None]
    assert notes(cleaned) == [(2, field, rule, "warning", cell)]


def test_a_county_that_does_not_resolve_is_null_and_a_warning() -> None:
    cleaned = clean(
        [
            removal(state="TEXAS", county="NOWHERE"),
            removal(state=None, county="HARRIS"),
            removal(state="TEXAS", county="b(6)"),
            removal(state="TEXAS", county="HARRIS"),
        ]
    )
    assert cleaned.rows.select("county", "county_fips").rows() == [(None, None)] * 3 + [("Harris County", "48201")]
    assert notes(cleaned) == [
        (2, "county", "unresolved county", "warning", "NOWHERE"),
        (3, "county", "unresolved county", "warning", "HARRIS"),
    ]


def test_one_row_can_raise_several_doubts() -> None:
    cleaned = clean([removal(gender="weird", birth_year="1850", entry_date="x")])
    assert [(field, value) for _, field, _, _, value in notes(cleaned)] == [
        ("birth_year", "1850"), ("entry_date", "x"), ("gender", "weird"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "code", "stated", "conviction_level", "convicted"),
    [
        ("1", None, None, 1, True),
        ("3", "0999", None, 3, True),  # the level a release states goes before the ranges
        (None, "0999", None, 1, True),
        (None, "999", None, 1, True),
        (None, "5404", None, 2, True),
        (None, "0399", None, 3, True),
        (None, "8999", None, None, True),  # a code outside every range is still a conviction
        (None, "0000", None, None, False),
        (None, None, "1 Convicted Criminal", None, True),
        (None, "0000", "1 Convicted Criminal", None, True),
        (None, None, "2 Pending Criminal Charges", None, False),
        ("NA", None, None, None, False),
        ("(b)(6)", None, "3 Other Immigration Violator", None, None),
        ("(b)(6)", "0999", None, 1, True),
        (None, None, "b(7)(e)", None, None),
        ("7", "5404", None, 2, True),  # a level nobody knows gives way to the code
        ("7", None, None, None, False),
    ],
)  # fmt: skip
def test_convictions_follow_from_level_code_and_stated_criminality(
    level: str | None, code: str | None, stated: str | None, conviction_level: int | None, convicted: bool | None
) -> None:
    row = removal(reported_threat_level=level, msc_code=code, criminality=stated)
    assert only([row], "conviction_level", "convicted") == [(conviction_level, convicted)]


def test_without_any_column_on_convictions_nobody_is_said_to_be_unconvicted() -> None:
    assert only([removal()], "conviction_level", "convicted") == [(None, None)]


def test_the_manifest_states_the_population_where_the_shape_does_not_decide() -> None:
    assert clean([removal()], population="sc").rows["population"].to_list() == ["sc"]
    assert clean([removal()]).rows["population"].to_list() == ["ice"]


def test_disclosure_counts_accepted_rows_by_month_blank_apart_from_redacted() -> None:
    rows = [
        removal(gender="Male"), removal(gender="weird"), removal(gender="NULL"), removal(gender="b(6)"),
        removal(departed_date="2012-06-01", gender="(b)(6)"), removal(departed_date=None, gender="Male"),
    ]  # fmt: skip
    disclosure = clean(rows).disclosure.filter(pl.col("field").is_in(["gender", "county"])).drop("rows").to_dicts()
    absent = {"disclosed": 0, "redacted": 0, "column_present": False}
    may, june = {"month": date(2012, 5, 1)}, {"month": date(2012, 6, 1)}
    assert disclosure == [
        may | {"field": "county", "blank": 4} | absent,
        may | {"field": "gender", "blank": 1, "disclosed": 2, "redacted": 1, "column_present": True},
        june | {"field": "county", "blank": 1} | absent,
        june | {"field": "gender", "blank": 0, "disclosed": 0, "redacted": 1, "column_present": True},
    ]


def test_a_correction_is_applied_before_cleaning_and_a_refused_row_has_one_entry(tmp_path) -> None:
    (tmp_path / "corrections.toml").write_text(
        """
        [[corrections]]
        field = "gender"
        rows = [{ file = "x.csv", row = 2 }]
        action = "set"
        value = "Female"
        expected = "weird"
        reason = "slip"
        reported_by = "a reader"

        [[corrections]]
        field = "person_id"
        rows = [{ file = "x.csv", row = 3 }]
        action = "quarantine"
        expected = "17"
        reason = "a test record"
        reported_by = "the publisher"
        """
    )
    corrections = read_corrections(tmp_path, "r1")
    rows = [removal(gender="weird", person_id=None), removal(gender="Male", person_id="17", departed_date=None)]
    names = ["departed_date", "gender", "person_id"]
    (cleaned,) = clean_batches(release(), staged_sheet(names), LAYOUT, [staged(rows, names)], corrections)
    assert cleaned.rows.select("source_row", "gender").rows() == [(2, "FEMALE")]
    assert notes(cleaned) == [(3, "person_id", "refused by corrections.toml", "structural", "17")]


def test_batches_give_what_one_batch_gives() -> None:
    rows = [removal(gender=gender, departed_date=day) for gender in ("M", "x", "b(6)") for day in ("2012-05-03", None)]
    names = ["departed_date", "gender"]
    frame, sheet = staged(rows, names), staged_sheet(names)
    split = list(clean_batches(release(), sheet, LAYOUT, [frame[:2], frame[2:2], frame[2:]], Corrections("r1")))
    (whole,) = clean_batches(release(), sheet, LAYOUT, [frame], Corrections("r1"))
    assert pl.concat([part.rows for part in split]).equals(whole.rows)
    assert pl.concat([part.quarantine for part in split]).equals(whole.quarantine)
    summed = pl.concat([part.disclosure for part in split]).group_by("month", "field").agg(pl.col("rows").sum())
    assert summed.sort("month", "field").equals(whole.disclosure.select("month", "field", "rows"))


def test_rows_that_could_not_be_split_are_refused_with_their_text() -> None:
    sheet = staged_sheet(["departed_date"], problems=((7, "3 cells, the header has 2", "a,b,c"),))
    entries = unsplit_rows(release(), sheet)
    assert entries.schema == polars_schema(Quarantine)
    assert entries.rows() == [
        ("r1", "x.csv", None, 7, "row", "3 cells, the header has 2", "structural", "a,b,c"),
    ]  # fmt: skip


CELLS = st.sampled_from(
    [None, "", "NA", "(b)(6)", "1", "3.0", "0999", "2012-05-03", "5/3/12", "TEXAS", "HARRIS", "Male"]
)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(KINDS["removals"], CELLS | st.text(max_size=6))), max_size=12)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(KINDS["detainers"], CELLS)), max_size=12))
@settings(max_examples=40, deadline=None)
def test_accepted_detainers_keep_every_rule(rows: list[Row]) -> None:
    cleaned = clean(rows, columns=list(KINDS["detainers"]), kind="detainers")
    assert failures(Detainers, cleaned.rows.to_arrow()) == []


@given(st.lists(st.fixed_dictionaries({"departed_date": CELLS, "person_id": CELLS | st.text(max_size=6)}), max_size=12))
@settings(max_examples=60, deadline=None)
def test_likely_duplicates_are_looked_for_among_the_rows_that_are_accepted(rows: list[Row]) -> None:
    names = ["departed_date", "person_id"]
    sheet, frame = staged_sheet(names), staged(rows, names)
    (keys,) = countable_keys(release(), sheet, LAYOUT, [frame], Corrections("r1"))
    assert keys.select(names).equals(clean(rows, columns=names).rows.select(names))


def test_a_row_that_a_correction_refuses_or_mends_counts_as_corrected_among_likely_duplicates(tmp_path) -> None:
    (tmp_path / "corrections.toml").write_text(
        """
        [[corrections]]
        field = "person_id"
        rows = "all"
        action = "quarantine"
        expected = "17"
        reason = "a test record"
        reported_by = "the publisher"

        [[corrections]]
        field = "departed_date"
        rows = "all"
        action = "set"
        expected = "2012-05-30"
        value = "2012-05-03"
        reason = "misread"
        reported_by = "the publisher"
        """
    )
    days = {"17": "2012-05-03", "18": "2012-05-30", "19": "2012-05-03"}
    names = ["departed_date", "person_id"]
    frame, sheet = (
        staged([removal(person_id=person, departed_date=days[person]) for person in days], names),
        staged_sheet(names),
    )
    keys, cleaned = (
        next(read(release(), sheet, LAYOUT, [frame], read_corrections(tmp_path, "r1")))
        for read in (countable_keys, clean_batches)
    )
    assert keys.select(names).rows() == [(date(2012, 5, 3), "18"), (date(2012, 5, 3), "19")]
    assert keys.select(names).equals(cleaned.rows.select(names))


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_rows_read_are_rows_accepted_plus_rows_refused_whatever_the_cells(rows: list[Row]) -> None:
    cleaned = clean(rows, columns=list(KINDS["removals"]))
    refused = cleaned.quarantine.filter(pl.col("severity") == "structural")["source_row"]
    accepted = cleaned.rows["source_row"]
    assert refused.is_unique().all()
    assert sorted([*refused, *accepted]) == list(range(2, len(rows) + 2))
    doubts = cleaned.quarantine.filter(pl.col("severity") == "warning")
    assert set(doubts["source_row"]) <= set(accepted)
    counted = cleaned.disclosure
    assert (counted["rows"] == counted["disclosed"] + counted["blank"] + counted["redacted"]).all()
    assert counted.filter(pl.col("field") == "gender")["rows"].sum() == len(accepted)
    assert failures(Removals, cleaned.rows.to_arrow()) == [], "what is accepted keeps every rule"
    # A field that was disclosed is a value or a warning; there is no third way.
    for field in KINDS["removals"]:
        disclosed = counted.filter(pl.col("field") == field)["disclosed"].sum()
        assert disclosed == cleaned.rows[field].count() + doubts.filter(pl.col("field") == field).height
