"""Every format gives the same rows, with the row numbers a person sees; what can't be read is one clear line."""

import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sc_pipeline import layouts, read
from sc_pipeline.errors import FileProblem

HEADER = ["Name", "Code", "When"]
ROWS = [["Zoë", "0999", "2012-05-03"], ["quoted, with comma", None, "3/5/12"], ["last", "12", None]]
Rows = list[tuple[int, list[str | None]]]


def rows_of(path: Path, header_row: int = 1, limit: int | None = None) -> Rows:
    """All rows of all sheets below the header, with their numbers."""
    options = {} if limit is None else {"max_expanded_bytes": limit}
    found: Rows = []
    for sheet in read.open_sheets(path, path.parent / "scratch", **options):
        names = [name or "" for name in dict(sheet.head)[header_row]]
        for batch in sheet.batches(header_row, names):
            found += [(row.pop("source_row"), list(row.values())) for row in batch.to_pylist()]
    return found


def text(delimiter: str, rows: list[list[str | None]] = ROWS) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADER, *rows])
    return out.getvalue()


def workbook(path: Path, rows: list[list[str | None]], first_row: int = 0) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        for number, row in enumerate([HEADER, *rows], start=first_row):
            for place, value in enumerate(row):
                if value is not None:
                    sheet.write_string(number, place, value)


EXPECTED = [(number, row) for number, row in enumerate(ROWS, start=2)]
DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": "\t", ".pipe": "|"}


@pytest.mark.parametrize("packed", ["", ".gz", ".zip"])
@pytest.mark.parametrize("ending", [*DELIMITERS, ".xlsx"])
def test_every_format_gives_the_same_rows(tmp_path: Path, ending: str, packed: str) -> None:
    plain = tmp_path / f"plain{ending}"
    if ending == ".xlsx":
        workbook(plain, ROWS)
    else:
        plain.write_text(text(DELIMITERS[ending]), encoding="utf-8")
    path = plain
    if packed == ".gz":
        path = tmp_path / f"packed{ending}.gz"
        path.write_bytes(gzip.compress(plain.read_bytes()))
    elif packed == ".zip":
        path = tmp_path / "packed.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(plain, plain.name)
    assert rows_of(path) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_are_detected(tmp_path: Path, encoding: str) -> None:
    bom = b"\xff\xfe" if encoding == "utf-16-le" else b""
    (tmp_path / "x.csv").write_bytes(bom + text(",").encode(encoding))
    assert rows_of(tmp_path / "x.csv") == EXPECTED
    assert next(read.open_sheets(tmp_path / "x.csv", tmp_path)).encoding is not None


def test_rows_are_numbered_as_seen_below_a_preamble_and_around_blank_rows(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("A title\n\n\n" + text(",").replace("last", "\nlast").replace('"\n', '"'))
    assert [number for number, _ in rows_of(tmp_path / "x.csv", header_row=4)][:2] == [5, 6]
    workbook(tmp_path / "x.xlsx", ROWS, first_row=5)
    assert [number for number, _ in rows_of(tmp_path / "x.xlsx", header_row=6)] == [7, 8, 9]


def test_excel_dates_become_iso_text_and_text_codes_keep_their_zero(tmp_path: Path) -> None:
    from datetime import datetime

    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_string(1, 0, "0999")
        sheet.write_number(1, 1, 12)
        sheet.write_datetime(1, 2, datetime(2012, 5, 3), book.add_format({"num_format": "m/d/yy"}))
    assert rows_of(tmp_path / "x.xlsx") == [(2, ["0999", "12", "2012-05-03"])]


def test_a_ragged_row_is_a_problem_with_its_number_and_text(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Name,Code,When\na,1,x\nb,2\nc,3,z\n")
    sheet = next(read.open_sheets(tmp_path / "x.csv", tmp_path))
    rows = [row for batch in sheet.batches(1, HEADER) for row in batch.to_pylist()]
    assert [row["source_row"] for row in rows] == [2, 4]
    assert [(row, raw) for row, _, raw in sheet.problems] == [(3, "b,2")]


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1).filter(
    lambda cell: cell.strip()
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=20))
def test_any_text_comes_back_as_written(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    (tmp_path / "any.csv").write_text(text(",", [list(row) for row in rows]), encoding="utf-8", newline="")
    assert [cells for _, cells in rows_of(tmp_path / "any.csv")] == [list(row) for row in rows]


def broken_workbook(cut: int | None = None) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_row(0, 0, HEADER)
    return out.getvalue()[:cut]


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


BAD = {
    "an empty file": ("x.csv", b"", "empty"),
    "a text file that is a zip": ("x.csv", zipped("a.csv", b"a,b"), "x.csv"),
    "a workbook that is text": ("x.xlsx", b"a,b\n1,2\n", "x.xlsx"),
    "a truncated workbook": ("x.xlsx", broken_workbook(-200), "x.xlsx"),
    "an encrypted workbook": ("x.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "x.xlsx"),
    "a zip with nothing usable": ("x.zip", zipped("letter.pdf", b"%PDF"), "x.zip"),
    "a gzip that is none": ("x.csv.gz", b"a,b\n", "x.csv.gz"),
    "a truncated gzip": ("x.csv.gz", gzip.compress(b"a,b\n" * 1000)[:-20], "x.csv.gz"),
    "an unknown ending": ("x.doc", b"a", ".doc"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_one_line_with_the_file(tmp_path: Path, case: str) -> None:
    name, content, said = BAD[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileProblem) as problem:
        rows_of(tmp_path / name)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("name", ["x.zip", "x.csv.gz"])
def test_an_archive_that_would_expand_beyond_the_limit_is_refused(tmp_path: Path, name: str) -> None:
    content = b"a,b\n" * 100_000
    (tmp_path / name).write_bytes(zipped("x.csv", content) if name == "x.zip" else gzip.compress(content))
    with pytest.raises(FileProblem, match=name):
        rows_of(tmp_path / name, limit=10_000)
    assert list((tmp_path / "scratch").glob("*")) == []


def sheet_of(tmp_path: Path, content: str) -> read.Sheet:
    (tmp_path / "x.csv").write_text(content)
    return next(read.open_sheets(tmp_path / "x.csv", tmp_path))


def header_of(name: str) -> list[str]:
    """A layout's columns under their newest names, and those it only knows it by."""
    layout = layouts.load_layouts()[name]
    return list(dict.fromkeys([*(names[0] for names in layout.fields.values()), *layout.required]))


CASE_LAYOUTS = [layout.name for layout in layouts.load_layouts().values() if layout.kind != "monthly_counts"]


@pytest.mark.parametrize("name", CASE_LAYOUTS)
def test_layout_matches_shuffled_with_unknown_columns_and_a_preamble(tmp_path: Path, name: str) -> None:
    header = ["Something", *reversed(header_of(name)), "Else", "More"]
    cells = ["x"] * len(header)
    content = "A title\n\nAnother line\n\n\n" + "\n".join(map(",".join, [header, cells])) + "\n"
    found = layouts.match(sheet_of(tmp_path, content), layouts.load_layouts())
    assert found is not None
    assert (found.layout.name, found.header_row) == (name, 6)
    assert set(found.unknown) == {"Something", "Else", "More"}


REAL = sorted((Path(__file__).parent / "data" / "layouts").glob("*.csv"))


@pytest.mark.parametrize("listing", REAL, ids=lambda path: path.stem)
@pytest.mark.parametrize("birth_date", [True, False])
def test_the_columns_of_each_real_production_match_its_layout(tmp_path: Path, listing: Path, birth_date: bool) -> None:
    with listing.open(encoding="utf-8") as file:
        header = [row["column"] for row in csv.DictReader(file)]
    # The list of UWCHR's columns covers all years; the two names of the disposition are of different ones.
    left_out = {"Processing_Disposition_Code"} if listing.stem == "ice_removals_uwchr" else set()
    header = [name for name in header if name not in left_out and (birth_date or name != "Birth Date")]
    content = "\n".join(map(",".join, [header, ["x"] * len(header)])) + "\n"
    found = layouts.match(sheet_of(tmp_path, content), layouts.load_layouts())
    assert found is not None
    assert found.layout.name == listing.stem


def test_two_columns_feeding_one_field_are_refused(tmp_path: Path) -> None:
    header = [*header_of("ice_removals_2026_03"), "Departure Date"]
    content = "\n".join(map(",".join, [header, ["x"] * len(header)]))
    with pytest.raises(FileProblem, match="Departure Date"):
        layouts.match(sheet_of(tmp_path, content), layouts.load_layouts())


def test_a_header_with_no_rows_is_refused(tmp_path: Path) -> None:
    content = ",".join(header_of("trac_secure_2019")) + "\n"
    with pytest.raises(FileProblem, match=r"x\.csv"):
        layouts.match(sheet_of(tmp_path, content), layouts.load_layouts())


def test_a_sheet_with_no_header_names_the_nearest_layout(tmp_path: Path) -> None:
    with pytest.raises(layouts.NoMatch, match=r"x\.csv") as problem:
        layouts.match(sheet_of(tmp_path, "1,2,3,4,5,6,7\n" * 5), layouts.load_layouts())
    assert "\n" not in str(problem.value)
