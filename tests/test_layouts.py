import csv
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged import formats as read
from sc_pipeline.staged import layouts
from sc_pipeline.staged.formats.sheet import Sheet
from sc_pipeline.staged.layouts.declared import fields_of

ROOT = Path(__file__).parents[1]
LAYOUTS = layouts.load_layouts()
PERSON_IDS = [
    "Anonymized Identifier", "Unique Identifier", "Anonymized Identifer", "Alien Number Unique Identifier", "Unique ID",
]  # fmt: skip

# No columns, or two names of one column in different years: see the notes in the layouts' files.
NEVER_TOGETHER = {
    "ice_removals_14_03290": {
        "ERO_LESA_Statistical_Tracking_Unit",
        "ADMDPT",
        "ADMINISTRATIVE_DEPORTATION_I_851_I_851A",
    },
    "ice_removals_uwchr": {"Processing_Disposition_Code"},
}


def columns_of(path: Path) -> list[str]:
    with path.open(newline="") as file:
        return [row["column"] for row in csv.DictReader(file) if row["column"] not in NEVER_TOGETHER.get(path.stem, ())]


HEADERS = {path.stem: columns_of(path) for path in sorted((ROOT / "tests/data/layouts").glob("*.csv"))} | {
    "npr_detainers_2016": ["date", "lift_reason", "det_facility", "city", "state", "detainer_type"],
    "npr_detainers_originals": [
        "Prepare Date", "Detainer Lift Reason", "Detainer Detention Facility", "City", "State", "Detainer Type",
        "Area Of Responsibility",
    ],
    "trac_2017_table1": [
        "Month", "Any Offense", "Serious Offense Only", "Any Offense (12-month running average)",
        "Serious Offense Only (12-month running average)",
    ],
    "trac_2017_table2": [
        "Month", "All ICE Removals", "Total Removals Using SC Fingerprint Match",
        "ICE Issued Detainer After SC Fingerprint Match from Local Jurisdiction",
    ],
}  # fmt: skip


def a_sheet(
    header: Sequence[str | None],
    *,
    header_row: int = 1,
    before: Sequence[list[str | None]] = (),
    rows: int = 3,
    file: str = "x.xlsx",
    name: str | None = "S",
) -> Sheet:
    """A sheet with some rows below a header; `before` is what stands above it, from row 1."""
    width = len(header)
    head = [(row, [*cells, *[None] * (width - len(cells))]) for row, cells in enumerate(before, 1)]
    head.append((header_row, list(header)))
    head.extend((header_row + below, ["x"] * width) for below in range(1, rows + 1))
    return Sheet(file, name, None, head, lambda *_: iter(()))


def matched(header: Sequence[str | None], only: str | None = None, **where: object) -> layouts.Match:
    found = layouts.match(a_sheet(header, **where), LAYOUTS, only)  # pyright: ignore[reportArgumentType]
    assert found is not None
    return found


def refused(sheet: Sheet, only: str | None = None) -> str:
    with pytest.raises(FileProblem) as caught:
        layouts.match(sheet, LAYOUTS, only)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_layout_is_tested_with_the_columns_of_its_files() -> None:
    assert HEADERS.keys() == LAYOUTS.keys()


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_matches_its_own_columns_and_explains_all(name: str) -> None:
    found = matched(HEADERS[name])

    assert (found.layout.name, found.header_row, found.unknown) == (name, 1, ())
    assert set(found.columns) == {*LAYOUTS[name].fields, *(measure.key for measure in LAYOUTS[name].measures)}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize(
    "style", [str.upper, str.lower, lambda text: text.replace(" ", "_"), lambda text: f" {text}:\n"]
)
def test_names_match_without_case_spaces_and_punctuation(name: str, style) -> None:
    assert matched([style(column) for column in HEADERS[name]]).layout.name == name


@pytest.mark.parametrize("name", HEADERS)
def test_columns_may_be_dropped_renamed_shuffled_added_and_moved_down(name: str) -> None:
    plain = matched(HEADERS[name])
    header = [column for column in HEADERS[name] if layouts.fold(column) != "birthdate"]
    header = ["Unique Identifier" if layouts.fold(column) in map(layouts.fold, PERSON_IDS) else column
              for column in header]  # fmt: skip
    header += ["Batch", "Reviewed By", "Remarks"]
    random.Random(7).shuffle(header)

    found = matched(
        header, header_row=6, before=[["Title"], ["As of 2026-03-11"], ["Source: ICE"], ["Redacted"], ["5"]]
    )

    assert (found.layout.name, found.header_row) == (name, 6)
    assert set(found.columns) == set(plain.columns)
    assert sorted(found.unknown) == ["Batch", "Remarks", "Reviewed By"]


@pytest.mark.parametrize("alias", PERSON_IDS)
def test_person_identifier_is_known_by_each_of_its_names(alias: str) -> None:
    header = [alias if column == "Unique Identifier" else column for column in HEADERS["ice_removals_2025_07"]]

    assert matched(header).columns["person_id"] == alias


@pytest.mark.parametrize("name", LAYOUTS)
def test_required_columns_alone_are_enough_and_each_is_needed(name: str) -> None:
    required = list(LAYOUTS[name].required)

    assert matched(required).layout.name == name
    for column in required:
        fewer = [other for other in HEADERS[name] if layouts.fold(other) != layouts.fold(column)]
        try:
            found = layouts.match(a_sheet(fewer), LAYOUTS)
        except FileProblem:
            continue
        assert found is None or found.layout.name != name


def test_near_names_are_not_the_same_field() -> None:
    found = matched(HEADERS["ice_detainers_2026_03"])

    assert "Aggravated Felony Yes No" not in found.columns.values()
    assert layouts.fold("Aggravated Felon Yes No") != layouts.fold("Aggravated Felony Yes No")


def test_real_tables_match(tmp_path: Path) -> None:
    found = {}
    for path in [*ROOT.glob("raw/trac-2017-11/*.csv"), *ROOT.glob("tests/data/npr-2016-detainers/*.csv")]:
        (sheet,) = list(read.open_sheets(path, tmp_path))
        match = layouts.match(sheet, LAYOUTS)
        assert match is not None
        batches = sheet.batches(match.header_row, match.names)
        rows = sum(batch.num_rows for batch in batches)
        found[path.name] = (match.layout.name, rows, match.columns, match.unknown, sheet.problems)

    detainers = {
        "detainer_prepare_date": "date",
        "lift_reason": "lift_reason",
        "facility": "det_facility",
        "facility_city": "city",
        "facility_state": "state",
        "detainer_type": "detainer_type",
    }
    any_offense, serious = "Any Offense", "Serious Offense Only"
    average = " (12-month running average)"
    assert found == {
        "table1_convictions.csv": ("trac_2017_table1", 12, {
            "month": "Month", "sc/convicted/removals": any_offense, "sc/level1/removals": serious,
            "sc/convicted/average_12m": any_offense + average, "sc/level1/average_12m": serious + average,
        }, (), []),
        "table2_removals_by_source.csv": ("trac_2017_table2", 105, {
            "month": "Month", "ice/all/removals": "All ICE Removals",
            "sc/all/removals": "Total Removals Using SC Fingerprint Match",
            "sc/detainer_linked/removals":
                "ICE Issued Detainer After SC Fingerprint Match from Local Jurisdiction",
        }, (), []),
        "americans.csv": ("npr_detainers_2016", 693, detainers, (), []),
        "residents.csv": ("npr_detainers_2016", 1846, detainers, (), []),
    }  # fmt: skip


def test_staged_names_are_never_blank_doubled_or_reserved() -> None:
    header = ["Departed  Date", "MSC NCIC Charge Code", None, "Notes", "NOTES", "source_row", "Column 3"]

    found = matched(header)

    assert found.names == (
        "Departed Date", "MSC NCIC Charge Code", "column 3", "Notes", "NOTES (2)", "source_row (2)", "Column 3 (2)",
    )  # fmt: skip
    assert found.unknown == ("column 3", "Notes", "NOTES (2)", "source_row (2)", "Column 3 (2)")


def test_nameless_column_without_values_is_not_listed_as_unknown() -> None:
    sheet = a_sheet(["Departed Date", "MSC NCIC Charge Code", None])
    sheet.head[1:] = [(row, ["x", "y", None]) for row, _ in sheet.head[1:]]

    found = layouts.match(sheet, LAYOUTS)

    assert found is not None
    assert (found.names[2], found.unknown) == ("column 3", ())


# What cannot be matched


def test_unknown_layout_names_the_nearest_and_what_is_missing() -> None:
    header = [
        "MSC NCIC Code" if column == "MSC NCIC Charge Code" else column for column in HEADERS["ice_removals_2025_07"]
    ]
    with pytest.raises(layouts.NoMatch) as caught:
        layouts.match(a_sheet(header, header_row=7), LAYOUTS)

    assert str(caught.value) == (
        "x.xlsx, sheet 'S': no layout fits; nearest is ice_removals_2025_07 (row 7), which also needs "
        "'MSC NCIC Charge Code' (is that 'MSC NCIC Code'?); see docs/adding-a-layout.md"
    )
    assert (caught.value.nearest, caught.value.missing) == ("ice_removals_2025_07", ("MSC NCIC Charge Code",))


def test_text_file_without_a_known_header_is_refused() -> None:
    assert refused(a_sheet(["a", "b"], file="x.csv", name=None)) == (
        "x.csv: no header in its first 100 rows: none holds columns that a layout knows; see docs/adding-a-layout.md"
    )


def test_sheet_of_data_with_no_header_is_refused() -> None:
    assert refused(a_sheet(["2012-05-03", "TX", "0999", "M", "1980", "MEXICO"])) == (
        "x.xlsx, sheet 'S': no header in its first 100 rows: none holds columns that a layout knows; "
        "see docs/adding-a-layout.md"
    )


@pytest.mark.parametrize(("file", "name"), [("x.xlsx", "Legend"), ("x.zip/readme.txt", None)])
def test_notes_beside_the_data_are_passed_over(file: str, name: str | None) -> None:
    assert layouts.match(a_sheet(["Code", "Meaning"], file=file, name=name), LAYOUTS) is None


def test_header_past_the_hundredth_row_is_not_looked_for() -> None:
    columns = HEADERS["ice_removals_2025_07"]
    preamble: list[list[str | None]] = [["x"]] * 99

    assert matched(columns, header_row=100, before=preamble).header_row == 100
    assert "no header in its first 100 rows" in refused(
        a_sheet(columns, header_row=101, before=[*preamble, ["x"]], rows=0, file="x.csv", name=None)
    )


def test_doubled_column_is_refused() -> None:
    assert refused(a_sheet(["Departed Date", "MSC NCIC Charge Code", "DEPARTED_DATE"])) == (
        "x.xlsx, sheet 'S', row 1: the header has 'DEPARTED_DATE' twice (columns 1 and 3); "
        "rename or remove one in a copy"
    )


def test_two_columns_that_feed_one_field_are_refused() -> None:
    header = ["Departed Date", "MSC NCIC Charge Code", "Unique Identifier", "Anonymized Identifier"]

    assert refused(a_sheet(header)) == (
        "x.xlsx, sheet 'S', row 1: two columns feed 'person_id': 'Unique Identifier' (column 3) and "
        "'Anonymized Identifier' (column 4); keep one of the names in ice_removals_2025_07.toml"
    )


def test_header_twice_is_refused() -> None:
    sheet = a_sheet(HEADERS["trac_2017_table1"], file="x.csv", name=None)
    sheet.head.append((9, list(HEADERS["trac_2017_table1"])))

    assert refused(sheet) == "x.csv, row 1: the header stands there and again in row 9; remove one in a copy"


def test_header_without_rows_is_refused() -> None:
    assert refused(a_sheet(HEADERS["ice_removals_2025_07"], header_row=7, rows=0)) == (
        "x.xlsx, sheet 'S', row 7: a header (ice_removals_2025_07) with no rows below it"
    )


# Two layouts


def two(tmp_path: Path, first: str, second: str) -> dict[str, layouts.Layout]:
    for name, keys in (("one", first), ("two", second)):
        (tmp_path / f"{name}.toml").write_text(
            f'title = "T"\nkind = "detainers"\ndate_formats = ["excel"]\n{keys}\n'
            '[fields]\ndetainer_prepare_date = ["Date"]\n'
        )
    return layouts.load_layouts(tmp_path)


def test_layout_that_requires_more_goes_first(tmp_path: Path) -> None:
    known = 'known = ["Jail", "a", "b", "c"]'
    found = two(tmp_path, f'required = ["Date"]\n{known}', 'required = ["Date", "Jail"]\nknown = ["Jail"]')

    match = layouts.match(a_sheet(["Date", "Jail", "a", "b", "c"]), found)

    assert match is not None
    assert (match.layout.name, match.unknown) == ("two", ("a", "b", "c"))


def test_layout_that_explains_more_goes_first(tmp_path: Path) -> None:
    found = two(tmp_path, 'required = ["Date"]\nknown = ["a"]', 'required = ["Date"]\nknown = ["a", "b"]')

    match = layouts.match(a_sheet(["Date", "a", "b"]), found)

    assert match is not None
    assert match.layout.name == "two"


def test_two_layouts_that_fit_alike_are_an_error_the_manifest_can_settle(tmp_path: Path) -> None:
    found = two(tmp_path, 'required = ["Date"]', 'required = ["Date"]')
    sheet = a_sheet(["Date", "a"])
    with pytest.raises(FileProblem) as caught:
        layouts.match(sheet, found)

    assert str(caught.value) == (
        "x.xlsx, sheet 'S': fits the layouts one and two alike; name one as 'layout' under [[files]] in release.toml"
    )
    settled = layouts.match(sheet, found, "two")
    assert settled is not None
    assert settled.layout.name == "two"


def test_layout_the_manifest_names_must_exist_and_fit() -> None:
    assert refused(a_sheet(["a"]), "nothing").startswith(
        "x.xlsx: release.toml names no known layout 'nothing'; known are "
    )
    assert refused(a_sheet(HEADERS["ice_detainers_2026_03"]), "ice_removals_2026_03") == (
        "x.xlsx, sheet 'S': does not fit ice_removals_2026_03 (row 1), which also needs 'Final Charge Section'; "
        "see docs/adding-a-layout.md"
    )


# The declarations


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert layouts.fold(layouts.fold(text)) == layouts.fold(text)


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout_names_only_fields_its_kind_has(name: str) -> None:
    layout = LAYOUTS[name]

    assert set(layout.fields) <= set(fields_of(layout.kind))
    assert layout.population == {"removals": "sc" if name.startswith("trac") else "ice"}.get(layout.kind)


GOOD = {
    "title": '"T"',
    "kind": '"detainers"',
    "required": '["Date"]',
    "date_formats": '["excel"]',
    "fields": '{ detainer_prepare_date = ["Date"] }',
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"colour": '"red"'}, "x.toml: unknown key 'colour'; known are "),
        ({"kind": '"arrests"'}, "x.toml: unknown kind 'arrests'; known are removals, detainers, monthly_counts"),
        ({"title": "7"}, "x.toml: key 'title' must be a text, not 7"),
        ({"title": None}, "x.toml: key 'title' is missing"),
        ({"required": '"Date"'}, "x.toml: key 'required' must be a list of texts, not 'Date'"),
        ({"required": "[]"}, "x.toml: key 'required' must name the columns that tell this shape from others"),
        ({"required": '["Day"]'}, "x.toml: required name neither in [fields] or [[measures]] nor in 'known': 'Day'"),
        ({"date_formats": "[]"}, "x.toml: key 'date_formats' must list at least one format"),
        ({"fields": '{ facility = ["Date"] }'}, "x.toml: [fields] must say which column feeds 'detainer_prepare_date'"),
        ({"fields": '{ detainer_prepare_date = ["Date"], jail = ["J"] }'}, "x.toml: unknown field 'jail'; known are "),
        ({"fields": '{ detainer_prepare_date = ["Date"], facility = ["DATE"] }'},
         "x.toml: source name listed for two fields: 'date'"),
        ({"fields": '{ departed_date = ["Date"] }', "kind": '"removals"'},
         "x.toml: key 'population' must be one of ice, sc"),
        ({"fields": '{ month = ["Date"] }', "kind": '"monthly_counts"', "month_formats": '["%Y"]'},
         "x.toml: a layout of published counts needs 'table_name' and [[measures]]"),
        ({"title": "nothing quoted"}, "x.toml: is not valid TOML: "),
    ],
)  # fmt: skip
def test_wrong_declaration_names_file_and_key(tmp_path: Path, changes: dict[str, str | None], expected: str) -> None:
    keys = {key: value for key, value in (GOOD | changes).items() if value is not None}
    (tmp_path / "x.toml").write_text("".join(f"{key} = {value}\n" for key, value in keys.items()))
    with pytest.raises(FileProblem) as caught:
        layouts.load_layouts(tmp_path)

    assert str(caught.value).startswith(expected)


def test_sheet_to_rows_by_layout(tmp_path: Path) -> None:
    path = tmp_path / "removals.csv"
    header = HEADERS["trac_secure_2019"]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, header)
        file.write("Secure Communities removals\n\n")
        writer.writeheader()
        writer.writerow({"departed_date": "03MAY12", "mscc_code": "0999", "state": "TX"})
    (sheet,) = list(read.open_sheets(path, tmp_path))
    match = layouts.match(sheet, LAYOUTS)
    assert match is not None

    (batch,) = list(sheet.batches(match.header_row, match.names))

    (row,) = batch.to_pylist()
    assert {name: value for name, value in row.items() if value is not None} == {
        "source_row": 4, "departed_date": "03MAY12", "mscc_code": "0999", "state": "TX",
    }  # fmt: skip
