"""A release becomes typed rows: nothing is lost, nothing invented, every doubt is counted, order changes nothing."""

from datetime import date
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc_pipeline.core.values import KINDS
from sc_pipeline.errors import FileProblem
from sc_pipeline.raw.manifest import Withheld
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import failures, polars_schema
from sc_pipeline.schemas.records import Detainers, Removals
from tests.cleaning import Row, cleaned, detainer, removal


def rows_of(
    found: dict[str, pl.DataFrame], *fields: str, table: str = "removals_by_release"
) -> list[tuple[object, ...]]:
    return found[table].select(fields).rows()


def notes(found: dict[str, pl.DataFrame]) -> list[tuple[object, ...]]:
    return found["quarantine"].select("source_row", "field", "rule", "severity", "value").rows()


def silences(found: dict[str, pl.DataFrame], *fields: str) -> list[tuple[object, ...]]:
    told = found["silences"].filter(pl.col("field").is_in(fields))
    return told.select(pl.col("month").dt.strftime("%Y-%m"), "field", "reason").rows()


def test_a_removal_becomes_one_typed_row_with_its_place() -> None:
    found = cleaned(
        [
            removal(
                departure_country="Mexico",
                person_id="AB" * 20,
                gender="Male",
                birth_year="1984.0",
                msc_code="999",
                criminality="1 Convicted Criminal",
                msc_status="Convicted",
                reported_threat_level="1",
                state="LOUISIANA",
                county="Orleans Parish",
                charge_section="237(a)(1)(B)",
                entry_date="5/3/98",
                final_order="Yes",
                detainer_prepare_date="2012-04-30 08:00:00",
                detainer_state="TX",
                citizenship_country="El Salvador",
                aor="New Orleans",
                case_status="8-Excluded/Removed - Inadmissibility",
            )
        ]
    )
    expected = {
        **dict.fromkeys(polars_schema(Removals).names()),
        "release_id": "r1",
        "population": "ice",
        "departed_date": date(2012, 5, 3),
        "month": date(2012, 5, 1),
        "fiscal_year": 2012,
        "departure_country": "MEXICO",
        "person_id": "ab" * 20,
        "gender": "MALE",
        "birth_year": 1984,
        "entry_date": date(1998, 5, 3),
        "criminality": "1 CONVICTED CRIMINAL",
        "msc_code": "0999",
        "msc_status": "CONVICTED",
        "reported_threat_level": "1",
        "offense_level": 1,
        "conviction_level": 1,
        "convicted": True,
        "level1": True,
        "detainer_linked": True,
        "final_order": "YES",
        "charge_section": "237(a)(1)(B)",
        "state": "LA",
        "county": "Orleans Parish",
        "county_fips": "22071",
        "detainer_prepare_date": date(2012, 4, 30),
        "detainer_state": "TX",
        "duplicate_likely": False,
        "citizenship_country": "EL SALVADOR",
        "citizenship_iso": "SLV",
        "departure_kind": "removal",
        "case_status": "8-EXCLUDED/REMOVED - INADMISSIBILITY",
        "aor": "NEW ORLEANS",
        "source_file": "x.csv",
        "source_row": 2,
    }
    assert found["removals_by_release"].to_dicts() == [expected]
    assert found["removals_by_release"].schema == polars_schema(Removals)
    assert notes(found) == []
    assert rows_of(found, "linked_detainer_date", "days_to_departure", "link_method", table="detainer_links") == [
        (date(2012, 4, 30), 3, "same_record")
    ]


def test_a_detainer_becomes_one_typed_row_and_its_fields_carry_a_prefix() -> None:
    found = cleaned(
        detainers=[
            {
                "detainer_prepare_date": "2012-04-30",
                "facility_state": "TEXAS",
                "detainer_threat_level": "NA",
                "gender": "weird",
                "lift_date": "5/1/2012",
            },
            {"detainer_prepare_date": None, "gender": None},
        ]
    )
    rows = found["detainers_by_release"]
    assert rows.schema == polars_schema(Detainers)
    assert rows.select("month", "facility_state", "detainer_threat_level", "gender", "lift_date").rows() == [
        (date(2012, 4, 1), "TX", None, None, date(2012, 5, 1))
    ]
    assert notes(found) == [
        (2, "detainers.gender", "not a known value", "warning", "weird"),
        (3, "detainers.detainer_prepare_date", "missing", "structural", None),
    ]
    assert set(found["field_disclosure"]["field"]) == {f"detainers.{field}" for field in KINDS["detainers"]}


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (None, "missing"),
        ("NULL", "missing"),
        ("(b)(6)", "redacted"),
        ("soon", "unreadable date"),
        ("1989-12-31", "earlier than 1990-01-01"),
        ("2019-07-03", "later than 2019-07-02, by `received` in release.toml"),
        ("Total", "a footer or total row, not a record"),
    ],
)
def test_a_row_without_a_day_of_departure_is_refused_with_the_value_as_written(cell: str | None, rule: str) -> None:
    found = cleaned([removal(gender=None), removal(departed_date=cell), removal()])
    assert found["removals_by_release"]["source_row"].to_list() == [2, 4]
    assert notes(found) == [(3, "departed_date", rule, "structural", cell)]
    assert rows_of(found, "rows_read", "rows_accepted", "rows_quarantined", table="source_files") == []


def test_a_record_that_names_a_source_is_not_a_footer() -> None:
    row = removal(departed_date=None, program="Total Removals", gender="M", state="TX", county="HARRIS", msc_code="1")
    assert notes(cleaned([removal(), row]))[0][2] == "missing"


@pytest.mark.parametrize(
    "line", ["(24 rows affected)", "ICE Removals - page 2", "*** END OF REPORT ***", "Pulled from the database in June"]
)
def test_a_line_of_text_alone_in_its_row_is_a_footer_or_a_title(line: str) -> None:
    alone = dict.fromkeys(removal(), None) | {"departed_date": line}
    assert notes(cleaned([removal(), alone]))[0][2] == "a footer or total row, not a record"


def test_a_redacted_day_alone_in_its_row_is_redacted() -> None:
    alone = dict.fromkeys(removal(), None) | {"departed_date": "Redacted per (b)(6)"}
    assert notes(cleaned([removal(), alone]))[0][2] == "redacted"


def test_a_sheet_none_of_whose_days_can_be_read_is_refused_and_names_what_to_state() -> None:
    rows = [removal(departed_date=day) for day in ("2021-05-03", "2021-05-04", "2021-05-05")]
    with pytest.raises(FileProblem, match=r"x\.csv, row 2, departed_date: '2021-05-03': later than .* `received`"):
        cleaned(rows)
    assert cleaned([*rows, removal()])["removals_by_release"].height == 1
    with pytest.raises(FileProblem, match="row 2, departed_date: missing; no row of the sheet can be counted"):
        cleaned([removal(departed_date=None)])


def test_a_county_that_does_not_resolve_is_null_and_a_warning() -> None:
    places = [("TEXAS", "NOWHERE"), (None, "HARRIS"), ("TEXAS", "b(6)"), ("TEXAS", "HARRIS")]
    found = cleaned([removal(state=state, county=county) for state, county in places])
    assert rows_of(found, "county", "county_fips") == [(None, None)] * 3 + [("Harris County", "48201")]
    assert notes(found) == [
        (2, "county", "unresolved county", "warning", "NOWHERE"),
        (3, "county", "unresolved county", "warning", "HARRIS"),
    ]
    county = found["field_disclosure"].filter(pl.col("field") == "county")
    assert county.select("disclosed", "blank", "redacted", "unreadable").row(0) == (1, 0, 1, 2)


def test_disclosure_counts_accepted_rows_by_month_in_four_states() -> None:
    rows = [
        removal(gender="Male"),
        removal(gender="weird"),
        removal(gender="NULL"),
        removal(gender="b(6)"),
        removal(departed_date="2012-06-01", gender="(b)(6)"),
        removal(departed_date=None, gender="Male"),
    ]
    told = cleaned(rows)["field_disclosure"].filter(pl.col("field").is_in(["gender", "county"]))
    assert told.drop("release_id").rows() == [
        (date(2012, 5, 1), "county", 4, 0, 4, 0, 0, False),
        (date(2012, 5, 1), "gender", 4, 1, 1, 1, 1, True),
        (date(2012, 6, 1), "county", 1, 0, 1, 0, 0, False),
        (date(2012, 6, 1), "gender", 1, 0, 0, 1, 0, True),
    ]


def test_a_correction_is_applied_before_cleaning_and_a_refused_row_has_one_entry() -> None:
    corrections = """
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
    rows = [removal(gender="weird", person_id="17"), removal(gender="Male", person_id="17")]
    found = cleaned(rows, corrections=corrections)
    assert rows_of(found, "source_row", "gender", "duplicate_likely") == [(2, "FEMALE", False)]
    assert notes(found) == [(3, "person_id", "refused by corrections.toml", "structural", "17")]
    assert found["corrections"]["rows_matched"].to_list() == [1, 1]


def test_likely_duplicates_are_found_across_tables_of_a_release() -> None:
    found = cleaned(
        [removal(person_id="a1"), removal(person_id="b2"), removal(person_id=None)],
        more=[("y.csv", "removals", [removal(person_id="A1"), removal(person_id="b2", departed_date="2012-05-04")])],
    )
    assert rows_of(found, "source_file", "duplicate_likely") == [
        ("x.csv", True),
        ("x.csv", False),
        ("x.csv", None),
        ("y.csv", True),
        ("y.csv", False),
    ]


def test_a_table_that_lacks_a_column_of_another_is_told_by_its_own() -> None:
    found = cleaned(
        [removal(criminality="3 Other Immigration Violator", msc_code=None)],
        more=[
            ("y.csv", "removals", [removal(msc_code="0999"), removal(msc_code="0000")]),
            ("z.csv", "removals", [removal(gender="M")]),
        ],
    )
    assert rows_of(found, "source_file", "convicted") == [
        ("x.csv", False),
        ("y.csv", True),
        ("y.csv", False),
        ("z.csv", None),
    ]


def test_columns_that_are_blank_throughout_say_nothing_about_convictions() -> None:
    found = cleaned([removal(criminality=None, msc_code=None)] * 3)
    assert rows_of(found, "convicted", "level1") == [(None, None)] * 3
    assert silences(found, "criminality", "msc_code", "msc_status") == [
        ("2012-05", "criminality", "not_disclosed"),
        ("2012-05", "msc_code", "not_disclosed"),
        ("2012-05", "msc_status", "not_in_release"),
    ]


def test_one_basis_of_levels_holds_for_the_whole_release() -> None:
    by_code = [removal(msc_code="0999"), removal(msc_code="5404", reported_threat_level=None)]
    assert rows_of(cleaned(by_code), "level1", "conviction_level") == [(True, 1), (False, 2)]
    stated = [*by_code, removal(msc_code="5404", reported_threat_level="1")]
    found = cleaned(stated)
    assert rows_of(found, "level1", "conviction_level", "offense_level") == [
        (None, None, 1),
        (None, None, 2),
        (True, 1, 2),
    ]
    assert found["release_bases"]["level_basis"].to_list() == ["threat_level_2011"]


def test_the_last_detainer_on_or_before_the_departure_links() -> None:
    found = cleaned(
        [removal(person_id="a1"), removal(person_id="b2"), removal(person_id="c3"), removal(person_id="nan")],
        [
            detainer(person_id="a1", detainer_prepare_date="2012-04-01"),
            detainer(person_id="a1", detainer_prepare_date="2012-05-03"),
            detainer(person_id="a1", detainer_prepare_date="2012-05-04"),
            detainer(person_id="c3", detainer_prepare_date="(b)(6)"),
            detainer(person_id="nan", detainer_prepare_date="2012-04-01"),
            detainer(person_id="d4"),
        ],
    )
    assert rows_of(found, "person_id", "detainer_linked") == [("a1", True), ("b2", False), ("c3", None), (None, None)]
    assert rows_of(found, "source_row", "linked_detainer_date", "link_method", table="detainer_links") == [
        (2, date(2012, 5, 3), "joined")
    ]
    assert found["release_bases"].drop("release_id", "population", "level_basis").rows() == [
        (date(2011, 4, 1), date(2012, 5, 4), 3, 2, 1, False, True)
    ]


def test_identifiers_of_which_none_joins_make_the_join_silent() -> None:
    found = cleaned([removal(person_id="a1")], [detainer(person_id="b2"), detainer(detainer_prepare_date="2012-06-01")])
    assert rows_of(found, "detainer_linked") == [(None,)]
    assert silences(found, "detainers.person_id")[-1] == ("2012-05", "detainers.person_id", "ids_do_not_join")


def test_what_the_join_needs_is_told_for_the_months_of_the_removals() -> None:
    alone = cleaned([removal(person_id="a1")])
    assert silences(alone, "detainers.person_id", "detainers.detainer_prepare_date", "detainer_prepare_date") == [
        ("2012-05", "detainer_prepare_date", "not_in_release"),
        ("2012-05", "detainers.detainer_prepare_date", "not_in_release"),
        ("2012-05", "detainers.person_id", "not_in_release"),
    ]
    withheld = (Withheld.model_validate({"fields": ("detainers.person_id",), "from": "2012-01"}),)
    told = cleaned([removal(person_id="a1")], [detainer(person_id="a1")], withheld=withheld)
    assert silences(told, "detainers.person_id") == [("2012-05", "detainers.person_id", "withheld")]


def test_months_of_a_declared_coverage_without_rows_are_silent_where_the_release_is() -> None:
    found = cleaned([removal(msc_code="0999")], covers=(date(2012, 4, 10), date(2012, 6, 2)))
    assert silences(found, "msc_code", "criminality") == [
        (month, "criminality", "not_in_release") for month in ("2012-04", "2012-05", "2012-06")
    ]


def test_dates_with_the_day_first_are_asked_about_and_read_where_nothing_else_fits() -> None:
    mixed = [removal(departed_date=day) for day in ("25/03/2012", "04/03/2012")]
    with pytest.raises(FileProblem, match=r'x\.csv, column departed_date: "25/03/2012" and .*date_order = "day first"'):
        cleaned(mixed)
    settled = [removal(departed_date=day) for day in ("25/03/2012", "31/05/2012", "03/03/2012")]
    assert rows_of(cleaned(settled), "departed_date") == [
        (date(2012, 3, 25),),
        (date(2012, 5, 31),),
        (date(2012, 3, 3),),
    ]
    # 03/11 can only be the third of November where the release was received in June.
    early = [removal(departed_date=day) for day in ("25/03/2019", "11/04/2019")]
    with pytest.raises(FileProblem, match="is the day first or the month"):
        cleaned([*early, removal(departed_date="03/04/2019")])


def test_a_year_of_two_digits_in_front_is_asked_about() -> None:
    days = ("12-03-05", "12-03-25", "13-04-07", "13-05-31")
    with pytest.raises(FileProblem, match='column departed_date: "12-03-05": is the year the first number'):
        cleaned([removal(departed_date=day) for day in days])
    # All of them may be months, but no year before June 2019 ends in 28.
    with pytest.raises(FileProblem, match="is the year the first number"):
        cleaned([removal(departed_date=day) for day in ("09-05-11", "09-05-28", "10-06-01")])
    days = ("25/03/12", "26/03/12", "27/03/13")
    assert rows_of(cleaned([removal(departed_date=day) for day in days]), "departed_date")[0] == (date(2012, 3, 25),)


def test_a_day_in_digits_of_another_script_is_unreadable_and_harms_no_other_row() -> None:
    days = ("\u0660\u0663/\u0660\u0665/\u0662\u0660\u0661\u0662", "05/03/2012")
    found = cleaned([removal(departed_date=day, entry_date="0000-01-01") for day in days])
    assert rows_of(found, "departed_date", "entry_date") == [(date(2012, 5, 3), None)]


def test_rows_that_could_not_be_split_never_show_their_text() -> None:
    found = cleaned([removal()])
    assert found["quarantine"].schema == polars_schema(MODELS["quarantine"])


CELLS = st.sampled_from(
    [None, "", "NA", "(b)(6)", "1", "3.0", "0999", "2012-05-03", "5/3/12", "TEXAS", "HARRIS", "Male", "nan", "#REF!"]
)
REMOVALS = st.lists(
    st.fixed_dictionaries({**dict.fromkeys(KINDS["removals"], CELLS), "departed_date": st.just("2012-05-03") | CELLS}),
    max_size=8,
)
DETAINERS = st.lists(st.fixed_dictionaries(dict.fromkeys(KINDS["detainers"], CELLS)), max_size=6)


def total(removals: list[Row], detainers: list[Row]) -> dict[str, pl.DataFrame]:
    """The tables of these rows beside others that can be counted, so that no sheet is refused as a whole."""
    plain = [{**dict.fromkeys(KINDS["removals"]), "departed_date": "2012-06-01"}] * (len(removals) + 1)
    dated = [{**dict.fromkeys(KINDS["detainers"]), "detainer_prepare_date": "2011-01-01"}] * (len(detainers) + 1)
    return cleaned([*removals, *plain], [*detainers, *dated])


@given(REMOVALS, DETAINERS)
@settings(max_examples=10, deadline=None)
def test_rows_read_are_rows_accepted_plus_rows_refused_whatever_the_cells(
    removals: list[Row], detainers: list[Row]
) -> None:
    found = total(removals, detainers)
    refused = found["quarantine"].filter(pl.col("severity") == "structural")
    for table, file, count in (
        ("removals_by_release", "x.csv", len(removals)),
        ("detainers_by_release", "d.csv", len(detainers)),
    ):
        accepted = found[table]["source_row"]
        lost = refused.filter(pl.col("source_file") == file)["source_row"]
        assert sorted([*lost, *accepted]) == list(range(2, 2 * count + 3))
        assert failures(MODELS[table], found[table].to_arrow()) == [], "what is accepted keeps every rule"
    told = found["field_disclosure"]
    assert (told["rows"] == told["disclosed"] + told["blank"] + told["redacted"] + told["unreadable"]).all()
    for field in KINDS["removals"]:
        disclosed = told.filter(pl.col("field") == field)["disclosed"].sum()
        assert disclosed == found["removals_by_release"][field].count(), field
    for name in ("silences", "release_bases", "detainer_links"):
        assert failures(MODELS[name], found[name].to_arrow()) == []


@given(REMOVALS, DETAINERS, st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_the_order_of_rows_columns_and_files_changes_nothing(
    removals: list[Row], detainers: list[Row], random: Random
) -> None:
    kept = ["person_id", "departed_date", "convicted", "level1", "detainer_linked", "duplicate_likely"]

    def shuffled(rows: list[Row]) -> list[Row]:
        return [dict(random.sample(list(row.items()), len(row))) for row in random.sample(rows, len(rows))]

    first, second = total(removals, detainers), total(shuffled(removals), shuffled(detainers))
    columns = sorted(set(KINDS["removals"]) | {*kept})
    for left, right in ((first, second),):
        one, two = (found["removals_by_release"].select(columns).sort(columns) for found in (left, right))
        assert one.equals(two)
        assert left["silences"].equals(right["silences"])
        assert left["release_bases"].equals(right["release_bases"])


HIDING = st.sampled_from(["(b)(6)", "████", "¿?"])
LINKABLE = st.fixed_dictionaries(
    {
        "departed_date": st.sampled_from(["2012-05-03", "2012-05-20", "2013-01-09"]),
        "person_id": st.sampled_from(["a1", "b2", "c3", None]),
        "detainer_prepare_date": st.sampled_from([None, "2012-05-01", "2013-02-01"]),
    }
)
PREPARED = st.fixed_dictionaries(
    {
        "detainer_prepare_date": st.sampled_from(["2010-01-05", "2012-05-02", "2012-05-30", "2013-01-31"]),
        "person_id": st.sampled_from(["a1", "b2", "z9"]),
    }
)


@given(st.lists(LINKABLE, min_size=1, max_size=6), st.lists(PREPARED, min_size=1, max_size=6), st.data())
@settings(max_examples=12, deadline=None)
def test_hiding_a_cell_of_a_removal_or_the_day_of_a_detainer_adds_no_link_and_loses_none_for_sure(
    removals: list[dict[str, str | None]], detainers: list[dict[str, str | None]], data: st.DataObject
) -> None:
    # Enough that is told keeps the silences as they are.
    anchor = [{"departed_date": "2012-05-03", "person_id": "y8", "detainer_prepare_date": "2012-05-01"}] * 20
    span = [{"detainer_prepare_date": day, "person_id": "y8"} for day in ("2010-01-04", "2012-05-02", "2013-01-31")]
    in_removals = data.draw(st.booleans())
    rows = removals if in_removals else detainers
    at = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(
        st.sampled_from(["person_id", "detainer_prepare_date"] if in_removals else ["detainer_prepare_date"])
    )
    hidden = [dict(row) for row in rows]
    hidden[at][field] = data.draw(HIDING)
    before = cleaned([*removals, *anchor], [*detainers, *span])
    after = cleaned([*(hidden if in_removals else removals), *anchor], [*(detainers if in_removals else hidden), *span])
    pairs = zip(rows_of(before, "detainer_linked"), rows_of(after, "detainer_linked"), strict=True)
    for (was,), (now,) in pairs:
        assert not (now is True and was is not True)
        assert not (was is not False and now is False)
