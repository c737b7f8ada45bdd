import codecs
import csv
import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged import formats
from sc_pipeline.staged.formats import encoding as read_encoding
from sc_pipeline.staged.formats.encoding import BLOCK_BYTES
from sc_pipeline.staged.formats.lines import rows_of, split_cells

DATA = Path(__file__).parent / "data"
NAMES = ["Departed Date", "Code", "State"]
PREAMBLE = {2: ["Removals, for tests"], 4: NAMES}
ROWS = {
    5: ["2012-05-03", "0999", "TEXAS"],
    6: ["2012-05-04", "5403", None],
    8: ["2012-05-06", "2401", "NUEVO MÉXICO"],
}


def sheets(path: Path, tmp_path: Path, **options: int) -> Iterator[formats.Sheet]:
    """The sheets of a file, those set aside left out."""
    opened = formats.open_sheets(path, tmp_path / "scratch", **options)
    return (sheet for sheet in opened if isinstance(sheet, formats.Sheet))


def aside(path: Path, tmp_path: Path) -> list[tuple[str | None, str]]:
    """Sheet and reason of what a file holds beside its tables."""
    opened = formats.open_sheets(path, tmp_path / "scratch")
    return [(sheet.name, sheet.reason) for sheet in opened if isinstance(sheet, formats.Aside)]


def leftovers(tmp_path: Path) -> list[Path]:
    """Files that reading left behind."""
    return [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()]


def rows_below(sheet: formats.Sheet, header_row: int = 4) -> dict[int, list[str | None]]:
    """Row number -> cells, of a sheet whose header has the columns of NAMES or of the header row itself."""
    header = next(cells for row, cells in sheet.head if row == header_row)
    names = [name or f"column {number}" for number, name in enumerate(header)]
    return {
        record["source_row"]: [record[name] for name in names]
        for batch in sheet.batches(header_row, names)
        for record in batch.to_pylist()
    }


def read_text(tmp_path: Path, content: bytes | str, name: str = "x.csv", header_row: int = 1) -> dict:
    """What is read of a text file: its rows, its problems and its encoding."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (sheet,) = list(sheets(path, tmp_path))
    rows = rows_below(sheet, header_row)
    return {"rows": rows, "problems": sheet.problems, "encoding": sheet.encoding}


def message(path: Path, tmp_path: Path, **options: int) -> str:
    """The one line a user gets to see about a file that cannot be read."""
    with pytest.raises(FileProblem) as caught:
        for sheet in sheets(path, tmp_path, **options):
            list(sheet.batches(1, ["a"] * len(sheet.head[0][1])))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def delimited(delimiter: str) -> bytes:
    """The table as text: blank lines are wholly blank or hold delimiters only."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    for row in range(1, 9):
        cells = {**PREAMBLE, **ROWS}.get(row)
        writer.writerow(["", "", ""] if row == 7 else cells or [])
    return text.getvalue().encode()


def workbook(path: Path, tables: dict[str, dict[int, Sequence[object]]], **options: bool) -> Path:
    """An .xlsx with the given rows (numbered from 1) in each sheet; datetimes as Excel dates."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", **options}) as book:
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            for row, cells in rows.items():
                for column, cell in enumerate(cells):
                    sheet.write(row - 1, column, cell)
    return path


def as_excel(path: Path) -> Path:
    dated = {row: [datetime.fromisoformat(str(cells[0])), *cells[1:]] for row, cells in ROWS.items()}
    return workbook(path, {"Removals": {**PREAMBLE, **dated}})


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write_columnar(path: Path) -> None:
    """The table with its preamble as rows, so that row numbers are those of the other formats."""
    rows: list[list[str | None]] = [[None] * 3 for _ in range(8)]
    for row, cells in {**PREAMBLE, **ROWS}.items():
        rows[row - 1] = [*cells, None, None][:3]
    table = pa.table(
        {name: pa.array(values, pa.string()) for name, values in zip("abc", zip(*rows, strict=True), strict=True)}
    )
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        feather.write_feather(table, path)


TEXTS = {".csv": ",", ".tsv": "\t", ".txt": "|", ".pipe": "|", ".psv": ";"}


def make_file(folder: Path, ending: str, wrapping: str) -> tuple[Path, str]:
    """The same table in one format, and the name its rows must carry."""
    plain = folder / f"removals{ending}"
    if ending == ".xls":
        plain.write_bytes((DATA / "removals.xls").read_bytes())
    elif ending in (".parquet", ".feather"):
        write_columnar(plain)
    elif ending in TEXTS:
        plain.write_bytes(delimited(TEXTS[ending]))
    else:
        as_excel(plain)
    if wrapping == "gz":
        packed = folder / f"{plain.name}.gz"
        packed.write_bytes(gzip.compress(plain.read_bytes()))
        return packed, packed.name
    if wrapping == "zip":
        return zipped(
            folder / "packed.zip", {f"data/{plain.name}": plain.read_bytes()}
        ), f"packed.zip/data/{plain.name}"
    return plain, plain.name


@pytest.mark.parametrize("wrapping", ["plain", "gz", "zip"])
@pytest.mark.parametrize("ending", [*TEXTS, ".xlsx", ".xlsm", ".xls", ".parquet", ".feather"])
def test_every_format_gives_the_same_cells_and_row_numbers(tmp_path: Path, ending: str, wrapping: str) -> None:
    path, name = make_file(tmp_path, ending, wrapping)

    *notes, (file, sheet, rows, problems) = [
        (sheet.file, sheet.name, rows_below(sheet) if len(sheet.head) > 1 else {}, list(sheet.problems))
        for sheet in sheets(path, tmp_path)
    ]

    assert (file, sheet, rows, problems) == (name, "Removals" if ending.startswith(".xls") else None, ROWS, [])
    assert [sheet for _, sheet, _, _ in notes] == (["Notes"] if ending == ".xls" else [])
    assert leftovers(tmp_path) == []


# Text


@pytest.mark.parametrize(
    ("encoding", "mark", "recorded"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8-sig"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16-le"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_encoding_is_found_and_recorded(tmp_path: Path, encoding: str, mark: bytes, recorded: str) -> None:
    found = read_text(tmp_path, mark + "City,State\nDoña Ana,NM\n".encode(encoding))

    assert found == {"rows": {2: ["Doña Ana", "NM"]}, "problems": [], "encoding": recorded}


def test_bytes_that_windows_1252_leaves_undefined_are_kept(tmp_path: Path) -> None:
    assert read_text(tmp_path, b"a,b\n\x81\xe9,\x9d\n")["rows"] == {2: ["\x81é", "\x9d"]}


def test_character_cut_by_a_block_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_encoding, "BLOCK_BYTES", 7)
    table = "a,b\n" + "".join(f"é€{number},😀\r\n" for number in range(30))
    expected = {number + 2: [f"é€{number}", "😀"] for number in range(30)}

    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read_text(tmp_path, table.encode(encoding))["rows"] == expected


def test_cells_are_kept_as_written(tmp_path: Path) -> None:
    rows = read_text(tmp_path, 'a,b,c,d\n0999,  x ,NA,"He said ""no"""\n5" pipe,"a,b",NULL,\n')["rows"]

    assert rows == {2: ["0999", "  x ", "NA", 'He said "no"'], 3: ['5" pipe', "a,b", "NULL", None]}


def test_line_end_inside_a_cell_leaves_later_rows_their_line_numbers(tmp_path: Path) -> None:
    rows = read_text(tmp_path, 'a,"b\nB",c\n1,"two\r\nlines",3\n\n4,5,6\n', header_row=1)["rows"]

    assert rows == {3: ["1", "two\r\nlines", "3"], 6: ["4", "5", "6"]}


def test_old_mac_line_ends_are_line_ends(tmp_path: Path) -> None:
    assert read_text(tmp_path, "a,b\r1,2\r3,4\r")["rows"] == {2: ["1", "2"], 3: ["3", "4"]}


def test_row_cut_after_its_last_value_is_read_and_a_longer_one_is_a_problem(tmp_path: Path) -> None:
    found = read_text(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n\n10,11,12\n")

    assert found == {
        "rows": {2: ["1", "2", "3"], 3: ["4", "5", None], 6: ["10", "11", "12"]},
        "problems": [(4, "has 4 cells, the header 3", "6,7,8,9")],
        "encoding": "utf-8",
    }


def test_blank_cells_past_the_header_cost_nothing(tmp_path: Path) -> None:
    found = read_text(tmp_path, 'a,b\n1,2,\n3,4\n5,"six",, \n')

    assert (found["rows"], found["problems"]) == ({2: ["1", "2"], 3: ["3", "4"], 4: ["5", "six"]}, [])


def test_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    found = read_text(tmp_path, "a\tb\n1\t2\n3\t\"ST. MARY'S\n" + "x\ty\n" * 200)

    assert found["problems"] == [(3, "opens a quote that is never closed", "3\t\"ST. MARY'S")]
    assert found["rows"] == {2: ["1", "2"], **{row: ["x", "y"] for row in range(4, 204)}}


def test_two_stray_quotes_do_not_swallow_the_rows_between(tmp_path: Path) -> None:
    lines = ["a|b|c|d|e|f", '1|"x|3|4|5|6', "1|2|3|4|5|6", '1|"y|3|4|5|6', "1|2|3|4|5|6"]
    found = read_text(tmp_path, "\n".join(lines) + "\n")

    assert sorted(found["rows"]) == [3, 5]
    assert [row for row, _, _ in found["problems"]] == [2, 4]


def test_delimiter_is_the_one_that_makes_columns_whatever_the_ending(tmp_path: Path) -> None:
    preamble = "Title, with, commas, and, more, of, them\n"
    row = ["1/2/08", "RIKERS ISLAND, QUEENS, NY", "ELMHURST", "NEW YORK"]
    tabs = preamble + "Prepare Date\tFacility\tCity\tState\n" + "\t".join(row) + "\n"

    assert read_text(tmp_path, tabs, "detainers.csv", 2)["rows"] == {3: row}
    assert read_text(tmp_path, "a,b\n1,2\n", "lea.txt")["rows"] == {2: ["1", "2"]}


def test_text_is_read_in_blocks_with_rows_numbered_across_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_encoding, "BLOCK_BYTES", 1000)
    path = tmp_path / "x.csv"
    path.write_text("n,t\n" + "".join(f'{number},"{number}\nx"\n' for number in range(1000)))
    (sheet,) = sheets(path, tmp_path)

    batches = list(sheet.batches(1, ["n", "t"]))

    assert len(batches) > 10
    assert np.concatenate([batch["source_row"] for batch in batches]).tolist() == list(range(2, 2002, 2))


def test_head_holds_the_first_rows_that_are_not_blank(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("\n , \n" + "a,b\n\n" * 300)
    (sheet,) = sheets(path, tmp_path)

    assert [row for row, _ in sheet.head] == list(range(3, 3 + 2 * 101, 2))


def test_file_mostly_of_another_width_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b,c\n" + "1,2,3,4\n" * 2000)

    assert message(path, tmp_path) == (
        "x.csv: 2,000 of the first 2,000 rows have more cells than the 3 of the header in row 1 (first: row 2); "
        "check the delimiter"
    )


_CELL = st.text(st.sampled_from('ab ,;"\n|\té€'), max_size=5)
_TABLES = st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(_CELL, min_size=width, max_size=width), min_size=1))


@settings(max_examples=200, deadline=None)
@given(table=_TABLES, block=st.integers(5, 60))
def test_what_csv_writes_is_read_back_with_its_line_numbers(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], block: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["h"] * 40)
    expected: dict[int, list[str | None]] = {}
    for cells in table:
        line = text.getvalue().count("\n") + 1
        writer.writerow(cells)
        if any(cells):
            expected[line] = [cell or None for cell in cells]
    path = folder / "property.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_encoding, "BLOCK_BYTES", block)
        (sheet,) = sheets(path, folder)
        names = [str(number) for number in range(len(table[0]))]
        found = {
            record["source_row"]: [record[name] for name in names]
            for batch in sheet.batches(1, names)
            for record in batch.to_pylist()
        }

    assert (found, sheet.problems) == (expected, [])


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(st.text(st.sampled_from('a,"'), max_size=8), min_size=1, max_size=12), block=st.integers(1, 40))
def test_no_line_is_lost_however_its_quotes_stand(lines: list[str], block: int) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    ends = [at + 1 for at in range(len(data)) if data[at : at + 1] == b"\n"]
    cuts = sorted({min(end for end in ends if end >= at) for at in range(block, len(data), block)} | {len(data)})
    blocks = [data[start:end] for start, end in zip([0, *cuts], cuts, strict=False)]

    found = list(rows_of(iter(blocks), ","))
    pieces = [text for rows in found for _, text in rows.texts()]
    unclosed = [problem for rows in found for problem in rows.unclosed]

    assert sum(piece.count("\n") + 1 for piece in pieces) + len(unclosed) == len(lines)


@given(cells=st.lists(_CELL, min_size=1, max_size=6))
def test_cells_of_a_row_are_split_as_they_were_joined(cells: list[str]) -> None:
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)

    assert split_cells(quoted, ",") == cells


# Workbooks


def test_excel_dates_are_iso_text_and_codes_stay(tmp_path: Path) -> None:
    cells = [datetime(2012, 5, 3), datetime(2012, 5, 3, 13, 5, 6), "0999", 287, 2.5, "  two  ", "a\nb", "2012-05-03"]
    path = workbook(tmp_path / "x.xlsx", {"S": {1: list("abcdefgh"), 2: cells}})
    (sheet,) = sheets(path, tmp_path)

    assert rows_below(sheet, 1) == {
        2: ["2012-05-03", "2012-05-03 13:05:06", "0999", "287", "2.5", "  two  ", "a\nb", "2012-05-03"]
    }


def test_cell_that_has_no_text_of_its_own_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(1, 0, "=1/0", value="#DIV/0!")
        sheet.write_number(1, 1, 1e9, book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_formula(2, 0, "=A1", value="shown")
    (found,) = sheets(path, tmp_path)

    assert rows_below(found, 1) == {2: ["#DIV/0!", "1000000000"], 3: ["shown", None]}


def test_sheets_come_in_order_and_empty_ones_are_left_out(tmp_path: Path) -> None:
    tables = {"Notes": {1: ["Source: tests"]}, "Empty": {}, "FY12": {3: ["a", "b"], 4: ["1", "2"]}}
    path = workbook(tmp_path / "x.xlsx", tables)

    found = [(sheet.place, sheet.head) for sheet in sheets(path, tmp_path)]

    assert found == [
        ("x.xlsx, sheet 'Notes'", [(1, ["Source: tests"])]),
        ("x.xlsx, sheet 'FY12'", [(3, ["a", "b"]), (4, ["1", "2"])]),
    ]


def encrypted() -> bytes:
    """The beginnings of an encrypted workbook: an OLE2 file whose directory names the stream."""
    return OLE2 + bytes(1500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)


def truncated(folder: Path) -> bytes:
    whole = workbook(folder / "whole.xlsx", {"S": {row: [f"text {row}", row] for row in range(1, 500)}}).read_bytes()
    return whole[: len(whole) // 2]


def no_workbook(folder: Path) -> bytes:
    return zipped(folder / "other.zip", {"word/document.xml": b"<w/>"}).read_bytes()


ENCRYPTED = "is encrypted; open it with its password, save it without one and add that"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def empty_workbook(folder: Path) -> bytes:
    return workbook(folder / "empty.xlsx", {"S": {}}).read_bytes()


BAD_FILES: list[tuple[str, Callable[[Path], bytes], str]] = [
    ("x.xlsx", lambda _: encrypted(), f"x.xlsx: {ENCRYPTED}"),
    ("x.xls", lambda _: encrypted(), f"x.xls: {ENCRYPTED}"),
    ("x.xlsx", truncated, "x.xlsx: cannot be read as a workbook (damaged, cut short or of another kind): .*"),
    (
        "x.xls",
        lambda _: OLE2 + bytes(600),
        "x.xls: cannot be read as a workbook (damaged, cut short or of another kind): .*",
    ),
    (
        "x.csv",
        lambda _: codecs.BOM_UTF16_LE + "a,b\n1,2".encode("utf-16-le")[:-1],
        "x.csv: is damaged or cut short: it begins as utf-16-le but does not go on so; fetch it again",
    ),
    (
        "x.csv.gz",
        lambda _: gzip.compress(b"a,b\n1,2\n" * 999)[:-12],
        "x.csv.gz: is damaged or cut short (not a whole gzip file); fetch it again",
    ),
    (
        "x.zip",
        lambda folder: zipped(folder / "w.zip", {"a.csv": b"a,b\n1,2\n" * 99}).read_bytes()[:80],
        "x.zip: is damaged or cut short (not a whole zip file); fetch it again",
    ),
    ("x.parquet", lambda _: b"PAR1" + bytes(40), "x.parquet: cannot be read as Parquet (damaged or cut short): .*"),
]


@pytest.mark.parametrize(("name", "content", "expected"), BAD_FILES)
def test_file_that_cannot_be_read_says_why_in_one_line(
    tmp_path: Path, name: str, content: Callable[[Path], bytes], expected: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content(tmp_path))

    found = message(path, tmp_path)

    assert re.fullmatch(re.escape(expected.removesuffix(".*")) + (".*" if expected.endswith(".*") else ""), found), (
        found
    )
    assert leftovers(tmp_path) == []


OTHERS: list[tuple[str, Callable[[Path], bytes], str]] = [
    ("x.csv", lambda _: b"", "not taken in: is empty (0 bytes); fetch it again"),
    ("x.csv", lambda _: b"\n , \n\n", "not taken in: is empty: no line holds anything; fetch it again"),
    (
        "x.xls",
        lambda _: b" <!DOCTYPE html><html>",
        "not taken in: is HTML (a web page), not the .xls file its name "
        "says; open it in a spreadsheet program and save it as .xlsx or .csv",
    ),
    (
        "page.html",
        lambda _: b"<html><body>",
        "beside the data: is HTML (a web page); open it in a spreadsheet program and save it as .xlsx or .csv",
    ),
    (
        "x.csv",
        lambda _: b"a,b\n\0\1\2\0\0\0,2\n",
        "not taken in: is neither text nor a format known here, not the "
        ".csv file its name says; export the table as .csv or Parquet",
    ),
    ("x.txt", lambda _: b"%PDF-1.7", "beside the data: is a PDF; ask for the table as .xlsx or .csv"),
    ("x.docx", no_workbook, "beside the data: is a text document or slides; ask for the table as .xlsx or .csv"),
    ("datapackage.json", lambda _: b'{"name": 1}', "beside the data: is JSON; export the table as .csv or Parquet"),
    ("rows.json", lambda _: b'[{"a": 1}]', "not taken in: is JSON; export the table as .csv or Parquet"),
    ("x.7z", lambda _: b"7z\xbc\xaf\x27\x1c", "not taken in: is a 7z archive; unpack it and add its files"),
    (
        "x.sqlite",
        lambda _: b"SQLite format 3\0",
        "not taken in: is an SQLite database; export the table as .csv or Parquet",
    ),
]


@pytest.mark.parametrize(("name", "content", "reason"), OTHERS)
def test_format_that_is_not_read_is_named_by_its_content(
    tmp_path: Path, name: str, content: Callable[[Path], bytes], reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content(tmp_path))

    assert aside(path, tmp_path) == [(None, reason)]


def test_empty_sheets_are_set_aside(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(empty_workbook(tmp_path))

    assert aside(tmp_path / "x.xlsx", tmp_path) == [("S", "beside the data: an empty sheet")]


@pytest.mark.parametrize("name", ["x.csv", "x.dat", "x.xlsx", "x"])
def test_a_file_is_what_its_content_says(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    assert [rows_below(sheet, 1) for sheet in sheets(tmp_path / name, tmp_path)] == [{2: ["1", "2"]}]

    (tmp_path / name).write_bytes((DATA / "removals.xls").read_bytes())
    assert [rows_below(sheet) for sheet in sheets(tmp_path / name, tmp_path) if sheet.name == "Removals"] == [ROWS]


def test_stray_bytes_of_another_encoding_leave_the_rest_as_it_is(tmp_path: Path) -> None:
    table = "County\nDoña Ana\nMüller\n".encode() + b"Ca\xf1on\n"

    for mark in (b"", codecs.BOM_UTF8):
        found = read_text(tmp_path, mark + table)
        assert found["rows"] == {2: ["Doña Ana"], 3: ["Müller"], 4: ["Cañon"]}
        assert found["encoding"] == "utf-8 with stray Windows-1252"


def test_row_that_a_cut_file_ends_in_is_a_problem(tmp_path: Path) -> None:
    assert read_text(tmp_path, "a,b,c\n1,2,3\n4,HON")["problems"] == [(3, "is cut short after 2 of 3 cells", "4,HON")]
    # Where other rows are short too, the writer leaves blank cells out.
    assert read_text(tmp_path, "a,b,c\n1,2\n4,5")["rows"] == {2: ["1", "2", None], 3: ["4", "5", None]}


@pytest.mark.parametrize("error", ["#SPILL!", "#FIELD!", "#GETTING_DATA", "#CALC!", "#BLOCKED!", "#UNKNOWN!", "#NEW!"])
def test_error_cell_of_any_kind_is_text(tmp_path: Path, error: str) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(1, 0, "=A1", value="#N/A")
        sheet.write_row(1, 1, ["kept"])
    edit_sheet(path, b"<v>#N/A</v>", f"<v>{error}</v>".encode())

    assert [rows_below(sheet, 1) for sheet in sheets(path, tmp_path)] == [{2: [error, "kept"]}]


def edit_sheet(path: Path, old: bytes, new: bytes, member: str = "xl/worksheets/sheet1.xml") -> None:
    """Change the XML inside a workbook."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old in members[member]
    zipped(path, {**members, member: members[member].replace(old, new)})


@pytest.mark.parametrize("moment", ["45747.999999998", "45747.99999999999", "45747.9999942"])
def test_moment_before_midnight_stays_on_its_day(tmp_path: Path, moment: str) -> None:
    path = workbook(tmp_path / "x.xlsx", {"S": {1: ["a"], 2: [datetime(2025, 3, 31)]}})
    edit_sheet(path, b"<v>45747</v>", f"<v>{moment}</v>".encode())

    ((cells,),) = [rows_below(sheet, 1).values() for sheet in sheets(path, tmp_path)]
    assert str(cells[0]).startswith("2025-03-31 23:59:5")


def test_stray_cell_at_the_far_corner_is_one_line(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"S": {1: ["a"], 2: ["1"], 1_048_576: [""] * 16_383 + ["x"]}})

    assert message(path, tmp_path) == (
        "x.xlsx (xl/worksheets/sheet1.xml): holds a cell at XFD1048576, far away from its table; delete the rows and "
        "columns after the table in a copy and save it, or save the sheet as .csv"
    )


def test_reader_that_dies_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "x.xlsx", {"S": {1: ["a"], 2: ["1"]}})
    monkeypatch.setenv("SC_PIPELINE_MAX_READING_BYTES", "1048576")

    assert message(path, tmp_path) == (
        "x.xlsx: has more than 1,048,576 bytes of memory to read; save its tables as .csv and add those "
        "(the limit is SC_PIPELINE_MAX_READING_BYTES)"
    )


@pytest.mark.parametrize("is_1904", [True, False])
def test_workbook_of_the_1904_system_says_so(tmp_path: Path, is_1904: bool) -> None:
    path = workbook(tmp_path / "x.xlsx", {"S": {1: ["a"], 2: [44255]}}, date_1904=is_1904)

    assert [sheet.epoch_1904 for sheet in sheets(path, tmp_path)] == [is_1904]


def test_dates_and_numbers_of_a_typed_file_are_text_as_people_write_them(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    columns = {
        "day": pa.array([datetime(2012, 5, 3), None], pa.timestamp("us")),
        "date": pa.array([19000, None], pa.date32()),
        "year": pa.array([1980.0, 2.5]),
        "flag": pa.array([True, None]),
        "code": pa.array(["0999", ""]),
    }
    pq.write_table(pa.table(columns), path)

    (sheet,) = sheets(path, tmp_path)
    assert (sheet.head[0], rows_below(sheet, 0)) == (
        (0, list(columns)),
        {1: ["2012-05-03", "2022-01-08", "1980", "true", "0999"], 2: [None, None, "2.5", None, None]},
    )


# Archives


def test_archive_is_unpacked_one_member_at_a_time(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "x.zip",
        {
            "b.csv": b"a,b\n3,4\n",
            "a/b.csv": b"a,b\n1,2\n",
            "c.csv.gz": gzip.compress(b"a,b\n5,6\n"),
            "d.zip": zipped(tmp_path / "d.zip", {"e.csv": b"a,b\n7,8\n"}).read_bytes(),
        },
    )
    found: dict[str, dict[int, list[str | None]]] = {}
    copies: list[int] = []
    for sheet in sheets(path, tmp_path):
        found[sheet.file] = rows_below(sheet, 1)
        copies.append(len(leftovers(tmp_path)))

    assert found == {
        "x.zip/a/b.csv": {2: ["1", "2"]},
        "x.zip/b.csv": {2: ["3", "4"]},
        "x.zip/c.csv.gz": {2: ["5", "6"]},
        "x.zip/d.zip/e.csv": {2: ["7", "8"]},
    }
    assert copies == [1, 1, 2, 2]


def test_member_names_cannot_leave_the_scratch_folder(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"../../out.csv": b"a,b\n1,2\n"})

    assert [rows_below(sheet, 1) for sheet in sheets(path, tmp_path)] == [{2: ["1", "2"]}]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["scratch", "x.zip"]


def test_columns_of_lists_shapes_and_bytes_cost_a_parquet_file_nothing(tmp_path: Path) -> None:
    table = pa.table(
        {
            "Departed Date": pa.array([datetime(2025, 3, 3)], pa.timestamp("us")),
            "places": pa.array([[1, 2]]),
            "geometry": pa.array([b"\x01\x02"]),
            "stay": pa.array([{"days": 3}]),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    (sheet,) = sheets(tmp_path / "x.parquet", tmp_path)
    assert sheet.head == [(0, table.column_names), (1, ["2025-03-03", "[1, 2]", "0102", "{'days': 3}"])]


def test_one_null_byte_does_not_turn_a_text_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"Departed Date,State\n" + b"2025-03-03,TEXAS\n" * 99 + b"2025-03-03,TE\0XAS\n")
    (sheet,) = sheets(tmp_path / "x.csv", tmp_path)
    assert len(rows_below(sheet, 1)) == 100


METHODS = [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("member", ["a.csv", "mimetype"])
def test_damaged_member_of_an_archive_is_one_line(tmp_path: Path, method: int, member: str) -> None:
    path = zipped(tmp_path / "x.zip", {member: np.random.default_rng(7).bytes(40_000)}, method)
    content = bytearray(path.read_bytes())
    content[60:20_000] = bytes(20_000 - 60)
    path.write_bytes(content)
    assert message(path, tmp_path) == (
        f"x.zip/{member}: is damaged or cut short in its archive (not a whole zip file); fetch it again"
    )
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.csv.gz"])
def test_archive_that_would_expand_past_the_limit_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SC_PIPELINE_MAX_UNPACKED_BYTES", "2000000")
    content = b"a,b\n" * 1_000_000
    path = tmp_path / name
    if name.endswith(".zip"):
        zipped(path, {"x.csv": content})
    else:
        path.write_bytes(gzip.compress(content))

    assert message(path, tmp_path) == (
        f"{name}: has more than 2,000,000 bytes unpacked; unpack it and add its files "
        "(the limit is SC_PIPELINE_MAX_UNPACKED_BYTES)"
    )
    assert leftovers(tmp_path) == []


def test_archive_that_lies_about_its_sizes_does_not_pass_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SC_PIPELINE_MAX_UNPACKED_BYTES", "2000000")
    inner = gzip.compress(b"a,b\n" * 1_000_000)
    path = zipped(tmp_path / "x.zip", {"x.csv.gz": inner}, zipfile.ZIP_STORED)

    assert "has more than 2,000,000 bytes unpacked" in message(path, tmp_path)


def test_encrypted_member_is_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.csv": b"a,b\n1,2\n"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))

    assert message(path, tmp_path) == "x.zip/a.csv: is encrypted; unpack it with its password and add the files"


# Size


@pytest.mark.slow
def test_memory_stays_at_a_few_blocks_whatever_the_size_of_a_text_file(tmp_path: Path) -> None:
    path, rows = tmp_path / "x.csv", 4_000_000
    path.write_text("a,b,c\n" + "2012-05-03,0999,SOME TEXT OF A ROW\n" * rows)
    (sheet,) = sheets(path, tmp_path)
    peak = count = 0
    for batch in sheet.batches(1, ["a", "b", "c"]):
        peak, count = max(peak, pa.total_allocated_bytes()), count + batch.num_rows
    assert count == rows
    assert peak < 5 * BLOCK_BYTES < path.stat().st_size
