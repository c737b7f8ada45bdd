from pathlib import Path

import pytest
import xlsxwriter

from sc_pipeline.errors import FileProblem
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.release import load_release
from sc_pipeline.staged.stage import CODE_VERSION, Staged, inputs_of, read_staged, stage_release
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance

HEADER = ["Departed Date", "Gender", "Birth Year", "Final Charge Section", "Anonymized Identifier"]


def rows(first: int, last: int) -> list[list[str]]:
    """Removals of March 2025 by day, one person a day."""
    return [[f"03/{day:02}/2025", "Male", str(1960 + day), "237a1B", f"{day:040x}"] for day in range(first, last + 1)]


def as_csv(table: list[list[str]], header: list[str] | None = HEADER, delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\n" for row in ([header] if header else []) + table)


def stage(tmp_path: Path, manifest: str = "", **files: str) -> Staged:
    """A release of text files, `_csv` for the ending, staged and read back."""
    folder = tmp_path / "raw" / "r1"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_csv", ".csv").replace("_txt", ".txt")).write_text(text)
    if manifest:
        (folder / "release.toml").write_text(manifest)
    release = load_release("r1", folder, FileHashes(tmp_path))
    store = Store(tmp_path / "tables")
    stage_release(store, release, tmp_path / "scratch", Provenance(CODE_VERSION, inputs_of(release)))
    staged = read_staged(store, "r1")
    assert staged is not None
    return staged


def seen(staged: Staged) -> list[tuple[str, str, int, str | None]]:
    return [(sheet.place, sheet.kind, sheet.rows, sheet.left_out) for sheet in staged.sheets]


def test_the_same_table_in_two_formats_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "r1"
    folder.mkdir(parents=True)
    with xlsxwriter.Workbook(folder / "b.xlsx") as book:
        sheet = book.add_worksheet("R")
        day = book.add_format({"num_format": "m/d/yyyy"})
        for at, row in enumerate([HEADER, *rows(1, 12)]):
            sheet.write_row(at, 0, row)
            if at:
                sheet.write_number(at, 0, 45716 + at, day)
                sheet.write_number(at, 2, int(row[2]))
    assert seen(stage(tmp_path, a_csv=as_csv(rows(1, 12)))) == [
        ("a.csv", "removals", 12, None),
        ("b.xlsx, sheet 'R'", "removals", 12, "the same rows: all are in a.csv too"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "left_out"),
    [
        (rows(1, 12), rows(1, 12), "b.csv"),
        (rows(1, 8), rows(1, 12), "a.csv"),  # an earlier year-to-date file
        (rows(1, 12), rows(5, 9)[::-1], "b.csv"),  # a filter, in another order
        (rows(1, 12), rows(1, 3) * 2, None),  # a row twice is no part of rows once
        (rows(1, 12), rows(13, 20), None),
        (rows(1, 12), rows(10, 20), None),
    ],
)
def test_table_that_is_all_in_another_is_left_out(
    tmp_path: Path, first: list[list[str]], second: list[list[str]], left_out: str | None
) -> None:
    staged = stage(tmp_path, a_csv=as_csv(first), b_csv=as_csv(second))
    assert [sheet.file for sheet in staged.sheets if sheet.left_out] == ([left_out] if left_out else [])
    assert sum(sheet.rows for sheet in staged.sheets) == len(first) + len(second)


def test_table_that_is_mostly_in_another_is_a_question(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as raised:
        stage(tmp_path, a_csv=as_csv(rows(1, 12)), b_csv=as_csv(rows(4, 14)))
    assert str(raised.value) == (
        "a.csv and b.csv: 9 of 11 rows are in both, but not all: the same rows may not count twice; leave one of the "
        "two out (files, sheets or leave_out in release.toml)"
    )


def test_files_beside_the_data_never_refuse_a_release(tmp_path: Path) -> None:
    staged = stage(
        tmp_path,
        README_txt="Dear requester,\nplease find attached",
        a_csv=as_csv(rows(1, 2)),
        empty_csv="",
        arrests_csv=as_csv([["03/03/2025", "CAP"]], ["Apprehension Date", "Arrest Method"]),
    )
    assert seen(staged) == [
        (
            "README.txt",
            "",
            0,
            "beside the data: notes, a list or a legend: no row holds the columns of a table known here",
        ),
        ("a.csv", "removals", 2, None),
        ("arrests.csv", "arrests", 1, "beside the data: holds arrests, which are not counted"),
        ("empty.csv", "", 0, "not taken in: is empty (0 bytes); fetch it again"),
    ]


def test_rows_of_a_table_that_is_not_taken_in_are_counted_as_left_out(tmp_path: Path) -> None:
    odd = "Batch,Day Out,Nation,Sex,Route,Plane\n" + "1,2025-03-03,MEXICO,M,Air,N1\n" * 7
    ragged = odd + "1,2025-03-03,MEXICO,M,Air,N1,and more\n" * 3
    staged = stage(tmp_path, a_csv=as_csv(rows(1, 9)), b_csv=odd, c_csv=ragged, readme_txt="Notes\nto the reader\n")
    counted = {sheet.file: sheet.rows for sheet in staged.sheets}
    assert counted == {"a.csv": 9, "b.csv": 7, "c.csv": 10, "readme.txt": 0}


def test_table_whose_rows_cannot_be_told_apart_is_left_out_and_says_so(tmp_path: Path) -> None:
    header = "Apprehension Date,Apprehension Method,Arrest Method\n"
    arrests = header + "2025-03-03,x,y\n" + "2025-03-03,x,y,z,1,2\n" * 2_000
    staged = stage(tmp_path, a_csv=as_csv(rows(1, 9)), b_csv=arrests)
    (left_out,) = [sheet.left_out or "" for sheet in staged.sheets if not sheet.part]
    assert "arrests, which are not counted; its rows were not counted (b.csv: " in left_out


def test_release_without_any_table_is_refused_with_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as raised:
        stage(tmp_path, removals_csv="<html><table>")
    assert str(raised.value) == (
        "r1: holds no table that can be taken in: removals.csv: is HTML (a web page), not the .csv file its name says; "
        "open it in a spreadsheet program and save it as .xlsx or .csv"
    )


def test_header_repeated_on_each_page_is_no_row(tmp_path: Path) -> None:
    text = as_csv(rows(1, 3)) + as_csv(rows(4, 6), [name.upper() for name in HEADER]) + as_csv(rows(7, 7))
    staged = stage(tmp_path, a_csv=text)
    (sheet,) = staged.sheets
    (batch,) = staged.batches(sheet, 100)
    assert (sheet.rows, batch["source_row"].to_list()) == (7, [2, 3, 4, 6, 7, 8, 10])


@pytest.mark.parametrize(
    "header",
    [[*HEADER[::-1], "Case AOR"], HEADER[::-1], ["Apprehension Date", "Arrest Method", "Gender"]],
)
def test_two_tables_in_one_sheet_are_refused_with_both_headers(tmp_path: Path, header: list[str]) -> None:
    text = as_csv(rows(1, 3)) + as_csv([["x"] * len(header)] * 3, header)
    with pytest.raises(FileProblem) as raised:
        stage(tmp_path, a_csv=text)
    assert str(raised.value) == (
        "a.csv: holds two tables, one with its header in row 1, another with its header in row 5; put each in a file "
        "of its own, in a copy"
    )


def test_table_of_which_no_row_fits_the_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as raised:
        stage(tmp_path, a_csv=as_csv([[*row, "x", "y"] for row in rows(1, 9)]))
    assert str(raised.value) == (
        "a.csv, row 2: has 7 cells, the header 5, and no row fits the header in row 1; correct the header or the rows "
        "in a copy"
    )


def test_rows_that_r_wrote_with_their_names_are_read(tmp_path: Path) -> None:
    staged = stage(tmp_path, a_csv=as_csv([[str(n), *row] for n, row in enumerate(rows(1, 9), 1)]))
    (sheet,) = staged.sheets
    (batch,) = staged.batches(sheet, 100)
    assert (sheet.rows, batch["Departed Date"].to_list()[:2]) == (9, ["03/01/2025", "03/02/2025"])


def test_same_persons_and_days_with_other_cells_are_refused(tmp_path: Path) -> None:
    table = [[*row[:4], f"person {row[2]}"] for row in rows(1, 9)]
    revised = [[*row[:3], "212", row[4]] for row in table]
    with pytest.raises(FileProblem, match="9 of 9 rows are in both, of the same persons and days, but not with the"):
        stage(tmp_path, a_csv=as_csv(table), b_csv=as_csv(revised))


def test_file_that_goes_on_without_a_header_is_read(tmp_path: Path) -> None:
    staged = stage(tmp_path, part1_csv=as_csv(rows(1, 9)), part2_csv=as_csv(rows(10, 14), None))
    assert [(sheet.file, sheet.header_row, sheet.rows) for sheet in staged.sheets] == [
        ("part1.csv", 1, 9),
        ("part2.csv", 0, 5),
    ]


def test_manifest_leaves_sheets_out_and_names_only_those_that_are_there(tmp_path: Path) -> None:
    manifest = '[[files]]\nname = "a.csv"\ncolumns = { "App State" = "state" }'
    with pytest.raises(FileProblem, match=r"a.csv: release.toml, columns: no table of it has a column 'App State'"):
        stage(tmp_path, manifest, a_csv=as_csv(rows(1, 2)))
    manifest = '[[files]]\nname = "a.csv"\nleave_out = ["Summary"]'
    with pytest.raises(FileProblem, match=r"a.csv: release.toml names the sheet 'Summary', which it does not have"):
        stage(tmp_path, manifest, a_csv=as_csv(rows(1, 2)))
