"""Known source errors are corrected where the expected value is there, and stop the build where it is not."""

from pathlib import Path

import pytest

from sc_pipeline.core.corrections import Corrections, read_corrections
from sc_pipeline.errors import ManifestProblem
from sc_pipeline.schemas.base import polars_schema
from sc_pipeline.schemas.facts import Corrections as AppliedCorrections
from tests.builders import staged, staged_sheet

COLUMNS = {"gender": ("Sex",), "msc_code": ("Code",)}
ROWS = [{"Sex": "Mael", "Code": "0999"}, {"Sex": "Male", "Code": None}, {"Sex": "Mael", "Code": "999"}]
FRAME = staged(ROWS, ["Sex", "Code"])
ENTRY = {
    "field": '"gender"',
    "rows": '"all"',
    "action": '"set"',
    "value": '"Male"',
    "expected": '"Mael"',
    "reason": '"a slip"',
    "reported_by": '"a reader"',
}


def corrections(tmp_path: Path, *entries: dict[str, str | None]) -> Corrections:
    tables = [
        "[[corrections]]\n" + "\n".join(f"{key} = {value}" for key, value in (ENTRY | entry).items() if value)
        for entry in entries
    ]
    folder = tmp_path / "r1"
    folder.mkdir(exist_ok=True)
    (folder / "corrections.toml").write_text("\n".join(tables), encoding="utf-8")
    return read_corrections(folder, "r1")


def test_without_a_file_nothing_is_corrected(tmp_path: Path) -> None:
    found = read_corrections(tmp_path, "r1")
    assert found.apply(staged_sheet(COLUMNS), FRAME).frame.equals(FRAME)
    assert found.applied().rows() == []
    assert found.applied().schema == polars_schema(AppliedCorrections)


def test_a_value_is_set_wherever_it_is_found(tmp_path: Path) -> None:
    found = corrections(tmp_path, {})
    corrected = found.apply(staged_sheet(COLUMNS), FRAME)
    assert corrected.frame["Sex"].to_list() == ["Male", "Male", "Male"]
    assert corrected.dropped == {}
    assert found.applied().rows() == [("r1", "gender", 2, "set", "Mael", "Male", "a slip", "a reader")]


def test_a_blank_can_be_filled_and_a_value_made_blank_in_listed_rows(tmp_path: Path) -> None:
    found = corrections(
        tmp_path,
        {"field": '"msc_code"', "rows": '[{ file = "x.csv", row = 3 }]', "expected": '""', "value": '"5404"'},
        {"rows": '[{ file = "x.csv", row = 4 }]', "action": '"null"', "value": None},
    )
    corrected = found.apply(staged_sheet(COLUMNS), FRAME).frame
    assert corrected.select("Sex", "Code").rows() == [("Mael", "0999"), ("Male", "5404"), (None, "999")]
    assert found.applied().select("field", "rows_matched", "action", "expected", "replacement").rows() == [
        ("msc_code", 1, "set", None, "5404"),
        ("gender", 1, "null", "Mael", None),
    ]


def test_rows_can_be_refused(tmp_path: Path) -> None:
    found = corrections(tmp_path, {"action": '"quarantine"', "value": None})
    corrected = found.apply(staged_sheet(COLUMNS), FRAME)
    assert corrected.frame.equals(FRAME)
    assert corrected.dropped == {0: "gender", 2: "gender"}


def test_detainers_are_corrected_by_their_prefix_only(tmp_path: Path) -> None:
    found = corrections(tmp_path, {"field": '"detainers.gender"'})
    assert found.apply(staged_sheet(COLUMNS), FRAME).frame.equals(FRAME)
    corrected = found.apply(staged_sheet(COLUMNS, kind="detainers"), FRAME).frame
    assert corrected["Sex"].to_list() == ["Male", "Male", "Male"]
    assert found.applied()["field"].to_list() == ["detainers.gender"]


def test_matches_add_up_over_batches_and_sheets(tmp_path: Path) -> None:
    found = corrections(tmp_path, {})
    found.apply(staged_sheet(COLUMNS), FRAME[:1])
    found.apply(staged_sheet(COLUMNS), FRAME[1:])
    found.apply(staged_sheet(COLUMNS, file="y.csv"), FRAME)
    assert found.applied()["rows_matched"].to_list() == [4]


def test_a_field_of_several_columns_is_corrected_in_the_one_that_holds_the_value(tmp_path: Path) -> None:
    sheet = staged_sheet({"gender": ("Sex", "Gender")})
    frame = staged([{"Sex": None, "Gender": "Mael"}, {"Sex": "Mael", "Gender": "Male"}, {}], ["Sex", "Gender"])
    found = corrections(tmp_path, {}, {"expected": '""', "value": '"Female"'})
    assert found.apply(sheet, frame).frame.select("Sex", "Gender").rows() == [
        (None, "Male"),
        ("Male", "Male"),
        ("Female", None),
    ]
    assert found.applied()["rows_matched"].to_list() == [2, 1]


def test_a_listed_row_that_was_repaired_stops_the_build(tmp_path: Path) -> None:
    found = corrections(tmp_path, {"rows": '[{ file = "x.csv", row = 3 }]'})
    expected = r'^r1/corrections\.toml: entry 1 \(gender\): row 3 of x\.csv holds "Male", not the expected "Mael"; '
    with pytest.raises(ManifestProblem, match=expected):
        found.apply(staged_sheet(COLUMNS), FRAME)


def test_a_listed_row_that_is_not_there_stops_the_build(tmp_path: Path) -> None:
    found = corrections(tmp_path, {"rows": '[{ file = "x.csv", row = 2 }, { file = "x.csv", row = 99 }]'})
    found.apply(staged_sheet(COLUMNS), FRAME)
    with pytest.raises(ManifestProblem, match=r"entry 1 \(gender\): row 99 of x\.csv is not there"):
        found.applied()


def test_an_entry_that_finds_nothing_stops_the_build(tmp_path: Path) -> None:
    found = corrections(tmp_path, {}, {"expected": '"Femael"'})
    found.apply(staged_sheet(COLUMNS), FRAME)
    with pytest.raises(ManifestProblem, match=r'entry 2 \(gender\): no row holds "Femael"'):
        found.applied()


def test_rows_of_a_workbook_name_their_sheet(tmp_path: Path) -> None:
    sheet = staged_sheet(COLUMNS, file="x.xlsx", sheet="Details")
    unnamed = corrections(tmp_path, {"rows": '[{ file = "x.xlsx", row = 2 }]'})
    with pytest.raises(ManifestProblem, match='add sheet = "Details"'):
        unnamed.apply(sheet, FRAME)
    named = corrections(tmp_path, {"rows": '[{ file = "x.xlsx", sheet = "Details", row = 2 }]'})
    assert named.apply(sheet, FRAME).frame["Sex"].to_list() == ["Male", "Male", "Mael"]
    other = staged_sheet(COLUMNS, file="x.xlsx", sheet="Notes")
    assert named.apply(other, FRAME).frame.equals(FRAME)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"field": '"gendre"'}, 'unknown field "gendre"; did you mean "gender"'),
        ({"field": '"convicted"'}, 'unknown field "convicted"'),
        ({"action": '"delete"'}, 'unknown action "delete"; write one of set, null, quarantine'),
        ({"action": '"null"'}, "`value` belongs to action"),
        ({"value": None}, "`value` belongs to action"),
        ({"expected": None}, "write in quotes what is there today"),
        ({"reason": None}, "`reason` must be a text"),
        ({"reported_by": '" "'}, "`reported_by` must be a text"),
        ({"rows": None}, 'write rows = "all"'),
        ({"rows": "[]"}, 'write rows = "all"'),
        ({"rows": '[{ file = "x.csv" }]'}, "a row lacks its file or number"),
        ({"rows": '[{ file = "x.csv", row = 2, shet = "S" }]'}, 'unknown key "shet"; did you mean "sheet"'),
        ({"colour": '"red"'}, 'unknown key "colour"'),
        ({"field": "gender"}, "not valid TOML"),
    ],
)
def test_a_wrong_entry_is_one_line_that_names_the_file(
    tmp_path: Path, change: dict[str, str | None], message: str
) -> None:
    with pytest.raises(ManifestProblem) as problem:
        corrections(tmp_path, change)
    assert str(problem.value).startswith("r1/corrections.toml: ")
    assert message in str(problem.value)
    assert "\n" not in str(problem.value)
