"""Exports: a package that validates, types that survive, and text that no spreadsheet runs."""

import json
from pathlib import Path
from zipfile import ZipFile

import duckdb
import fastexcel
import frictionless
import polars as pl
import pytest

from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.project import Project
from sc_pipeline.warehouse.export import DATABASE, FORMATS, WORKBOOK, export, neutral

TABLE = "monthly_removals"


@pytest.fixture(scope="module")
def whole(shipped_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    export(shipped_once, folder, (), FORMATS)
    return folder


def test_the_whole_export_validates_as_a_data_package(whole: Path) -> None:
    report = frictionless.Package(str(whole / "datapackage.json")).validate()
    assert report.flatten(["name", "type", "rowNumber", "fieldName", "note"]) == []
    assert report.valid


def test_the_package_names_every_file_but_itself(whole: Path) -> None:
    named = {resource["path"] for resource in json.loads((whole / "datapackage.json").read_text())["resources"]}
    assert named == {path.name for path in whole.iterdir()} - {"datapackage.json"}


def test_one_table_gives_these_files(shipped_once: Project, tmp_path: Path) -> None:
    names = [path.name for path in export(shipped_once, tmp_path, (TABLE,), FORMATS)]
    assert names == [f"{TABLE}.csv", f"{TABLE}.parquet", WORKBOOK, DATABASE, "datapackage.json"]


def test_every_format_holds_the_same_rows(whole: Path) -> None:
    parquet = pl.read_parquet(whole / f"{TABLE}.parquet")
    assert pl.read_csv(whole / f"{TABLE}.csv", schema=parquet.schema).equals(parquet)
    book = fastexcel.read_excel(whole / WORKBOOK).load_sheet(TABLE).to_polars()
    assert book.cast(dict(parquet.schema)).equals(parquet)
    with duckdb.connect(whole / DATABASE, read_only=True) as connection:
        assert connection.execute(f"from {TABLE}").pl().equals(parquet)


def test_the_workbook_keeps_types(whole: Path) -> None:
    sheet = fastexcel.read_excel(whole / WORKBOOK).load_sheet(TABLE)
    assert {column.name: column.dtype for column in sheet.selected_columns} == {
        "month": "datetime", "population": "string", "subset": "string", "removals": "float", "undetermined": "float",
        "status": "string", "origin": "string", "release_id": "string", "level_basis": "string",
        # No printed figure has likely duplicates: a column without a cell has no type of its own.
        "likely_duplicates": "string",
    }  # fmt: skip


def test_the_workbook_says_what_columns_mean(whole: Path) -> None:
    dictionary = fastexcel.read_excel(whole / WORKBOOK).load_sheet("data dictionary").to_polars()
    found = dictionary.filter(table_name=TABLE, column_name="removals")
    assert found.select("type", "nullable", "unit").rows() == [("BIGINT", True, "removals")]


def test_text_that_would_run_is_neutral_in_csv() -> None:
    texts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=1", "", None]
    assert neutral(pl.DataFrame({"text": texts, "number": range(-1, 8)})).to_dict(as_series=False) == {
        "text": ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=1", "", None],
        "number": list(range(-1, 8)),
    }


def test_the_workbook_holds_no_formula(whole: Path) -> None:
    with ZipFile(whole / WORKBOOK) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist() if "worksheets/" in name)


def test_two_exports_are_the_same_bytes(shipped_once: Project, tmp_path: Path) -> None:
    # A DuckDB file has a mark of its own each time it is made.
    formats = tuple(name for name in FORMATS if name != "duckdb")
    one, two = (export(shipped_once, tmp_path / name, (TABLE,), formats) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_what_is_not_there_is_said_in_one_line(shipped_once: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^nonsense: no such table; there are "):
        export(shipped_once, tmp_path, ("nonsense",), ("csv",))
    with pytest.raises(UsageError, match=r"^ods: no such format; there are csv, parquet, xlsx, duckdb$"):
        export(shipped_once, tmp_path, (TABLE,), ("ods",))
    with pytest.raises(UserError, match="nothing is published yet; run sc-pipeline build"):
        export(Project(tmp_path, tmp_path), tmp_path, (TABLE,), ("csv",))


def test_a_table_too_long_for_a_sheet_is_refused_before_anything_is_written(
    shipped_once: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sc_pipeline.warehouse.export._SHEET_ROWS", 50)
    with pytest.raises(
        UserError, match=r"^removals_by_source: 105 rows, and a sheet holds 49 below its head; export it as csv"
    ):
        export(shipped_once, tmp_path, ("claim_checks", "removals_by_source"), ("csv", "xlsx"))
    assert list(tmp_path.iterdir()) == []


def test_a_text_too_long_for_a_cell_leaves_no_half_workbook(
    shipped_once: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sc_pipeline.warehouse.export._CELL", 50)
    with pytest.raises(UserError, match=r"^claim_checks, row 1, column claim: longer than a cell holds"):
        export(shipped_once, tmp_path, ("claim_checks",), ("xlsx",))
    assert list(tmp_path.iterdir()) == []


def test_tables_of_both_schemas_are_exported(whole: Path) -> None:
    assert pl.read_parquet(whole / "source_files.parquet")["file"].to_list() == [
        "table1_convictions.csv", "table2_removals_by_source.csv",
    ]  # fmt: skip
    assert pl.read_csv(whole / "claim_checks.csv")["verdict"].to_list() == ["contradicted", "undecided", "undecided"]
