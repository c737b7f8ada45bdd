"""Exports: a package that validates, types that survive, and text that no spreadsheet runs."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import fastexcel
import frictionless
import polars as pl
import pytest

from sc_pipeline import __version__
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.project import Project
from sc_pipeline.simulate import simulate
from sc_pipeline.warehouse.export import DATABASE, FORMATS, WORKBOOK, export, neutral
from tests.builders import ask

TABLE = "monthly_removals"


def package(folder: Path) -> dict[str, Any]:
    """The data package of a folder."""
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


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
    named = {resource["path"] for resource in package(whole)["resources"]}
    written = {path.relative_to(whole).as_posix() for path in whole.rglob("*") if path.is_file()}
    assert named == written - {"datapackage.json"}


def test_the_package_says_what_it_is_of_and_under_which_terms(whole: Path, shipped_once: Project) -> None:
    said = package(whole)
    assert (said["version"], said["simulated"], said["licenses"][0]["name"]) == (__version__, False, "MIT")
    assert said["created"] == ask(shipped_once, "select max(built_at) from meta.tables")[0][0]
    releases = ask(shipped_once, "select title, source_url from meta.releases order by release_id")
    assert said["sources"] == [{"title": title, **({"path": path} if path else {})} for title, path in releases]
    assert all(f"{title} (" in said["citation"] for title, _ in releases)


def test_the_package_has_keys_and_the_values_of_categories(whole: Path) -> None:
    resources = {resource["name"]: resource for resource in package(whole)["resources"]}
    schema = resources["monthly-removals-csv"]["schema"]
    assert schema["primaryKey"] == ["month", "population", "subset"]
    assert schema["foreignKeys"] == [
        {"fields": ["release_id"], "reference": {"resource": "releases-csv", "fields": ["release_id"]}}
    ]
    fields = {field["name"]: field for field in schema["fields"]}
    assert fields["population"]["constraints"] == {"required": True, "enum": ["ice", "sc"]}
    assert "constraints" not in fields["removals"]


def test_a_table_alone_refers_to_no_other(shipped_once: Project, tmp_path: Path) -> None:
    export(shipped_once, tmp_path, (TABLE,), ("csv",))
    assert "foreignKeys" not in package(tmp_path)["resources"][0]["schema"]
    assert frictionless.Package(str(tmp_path / "datapackage.json")).validate().valid


def test_simulated_rows_make_a_valid_package_that_says_so(project: Project, tmp_path: Path) -> None:
    """Rows of people have empty keys (a county that no one knows), which CSV cannot tell from missing ones."""
    simulate("ice_removals_2025_07", project.raw, 300, format="csv")
    assert build_without_dagster(project) == []
    export(project, tmp_path / "out", (), ("csv", "xlsx"))
    report = frictionless.Package(str(tmp_path / "out" / "datapackage.json")).validate()
    assert report.flatten(["name", "type", "rowNumber", "fieldName", "note"]) == []
    said = package(tmp_path / "out")
    assert (said["simulated"], said["citation"]) == (True, "Simulated data: not to be cited.")
    about = fastexcel.read_excel(tmp_path / "out" / WORKBOOK).load_sheet("about").to_polars()
    assert about.filter(about="simulated")["text"].to_list() == ["yes, do not quote: sim-ice-removals-2025-07"]


def test_one_table_gives_these_files(shipped_once: Project, tmp_path: Path) -> None:
    names = [path.relative_to(tmp_path).as_posix() for path in export(shipped_once, tmp_path, (TABLE,), FORMATS)]
    assert names == [f"csv/{TABLE}.csv", f"parquet/{TABLE}.parquet", WORKBOOK, DATABASE, "datapackage.json"]


def test_every_format_holds_the_same_rows(whole: Path) -> None:
    parquet = pl.read_parquet(whole / "parquet" / f"{TABLE}.parquet")
    assert pl.read_csv(whole / "csv" / f"{TABLE}.csv", schema=parquet.schema).equals(parquet)
    book = fastexcel.read_excel(whole / WORKBOOK).load_sheet(TABLE).to_polars()
    assert book.cast(dict(parquet.schema)).equals(parquet)
    with duckdb.connect(whole / DATABASE, read_only=True) as connection:
        assert connection.execute(f"from {TABLE}").pl().equals(parquet)


def test_the_workbook_keeps_types(whole: Path) -> None:
    sheet = fastexcel.read_excel(whole / WORKBOOK).load_sheet(TABLE)
    assert {column.name: column.dtype for column in sheet.selected_columns} == {
        "month": "datetime",
        "population": "string",
        "subset": "string",
        "removals": "float",
        "undetermined": "float",
        "status": "string",
        "origin": "string",
        "release_id": "string",
        "level_basis": "string",
        # No printed figure has likely duplicates: a column without a cell has no type of its own.
        "likely_duplicates": "string",
    }


def test_the_workbook_says_what_columns_mean(whole: Path) -> None:
    dictionary = fastexcel.read_excel(whole / WORKBOOK).load_sheet("data dictionary").to_polars()
    found = dictionary.filter(table_name=TABLE, column_name="removals")
    assert found.select("type", "nullable", "unit").rows() == [("BIGINT", True, "removals")]


def test_the_workbook_begins_with_what_it_is_of_and_the_tables_to_quote(whole: Path, shipped_once: Project) -> None:
    book = fastexcel.read_excel(whole / WORKBOOK)
    assert book.sheet_names[:4] == ["about", "headline_figures", "claim_checks", "removals_by_month"]
    assert book.sheet_names[-1] == "data dictionary"
    about = dict(book.load_sheet("about").to_polars().rows())
    assert about["simulated"] == "no"
    for release, title in ask(shipped_once, "select release_id, title from meta.releases"):
        assert title in about["how to cite"]
        assert about[f"release {release}"].startswith(f"{title}; published by ")


def test_sheets_have_filters_widths_and_formats_of_numbers(whole: Path) -> None:
    with ZipFile(whole / WORKBOOK) as book:
        names = fastexcel.read_excel(whole / WORKBOOK).sheet_names
        sheet = book.read(f"xl/worksheets/sheet{names.index(TABLE) + 1}.xml").decode()
        formats = book.read("xl/styles.xml").decode()
    rows = pl.read_parquet(whole / "parquet" / f"{TABLE}.parquet").height
    assert f'<autoFilter ref="A1:J{rows + 1}"/>' in sheet
    assert '<cols><col min="1" max="1" width="12' in sheet
    assert 'formatCode="#,##0"' in formats and 'formatCode="0.0%"' in formats


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
    with pytest.raises(UserError, match="nothing is published yet; run: sc-pipeline build"):
        export(Project(tmp_path, tmp_path), tmp_path, (TABLE,), ("csv",))


def test_a_table_too_long_for_a_sheet_is_refused_before_anything_is_written(
    shipped_once: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sc_pipeline.warehouse.export.SHEET_ROWS", 50)
    with pytest.raises(
        UserError, match=r"^removals_by_source: 105 rows, and a sheet holds 49 below its head; export it as csv"
    ):
        export(shipped_once, tmp_path, ("claim_checks", "removals_by_source"), ("csv", "xlsx"))
    assert list(tmp_path.iterdir()) == []


def test_a_text_too_long_for_a_cell_leaves_no_half_workbook(
    shipped_once: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sc_pipeline.warehouse.workbook._CELL", 500)
    with pytest.raises(UserError, match=r"^tables, row \d+, column inputs: longer than a cell holds"):
        export(shipped_once, tmp_path, ("tables",), ("xlsx",))
    assert list(tmp_path.iterdir()) == []


def test_tables_of_both_schemas_are_exported(whole: Path) -> None:
    assert pl.read_parquet(whole / "parquet" / "source_files.parquet")["file"].to_list() == [
        "removals_by_fiscal_year.csv",
        "table1_convictions.csv",
        "table2_removals_by_source.csv",
    ]
    assert pl.read_csv(whole / "csv" / "claim_checks.csv")["verdict"].to_list() == [
        "contradicted",
        "undecided",
        "undecided",
        "undecided",
    ]
