"""Rows of real shapes, and the bytes of the files that hold them: delimited text and workbooks."""

import csv
import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import xlsxwriter

Row = dict[str, Any]
Change = str | None | Callable[[int], Any]


def columns(names: str) -> list[str]:
    """The names of columns, written with bars between them."""
    return names.split("|")


SC = columns(
    "departed_date|mscc_code|citizenship_country|gender|state|county|detainer_prepare_date|"
    "detainer_facility_city|detainer_facility_state|processing_disposition_code"
)
ICE = columns(
    "Departed Date|Port of Departure|Departure Country|Case AOR|State|County|Case Status|Gender|Birth Country|"
    "Citizenship Country|Birth Year|Entry Date|Entry Status|MSC Charge|MSC Charge Code|MSC Conviction Date|"
    "Case Criminality|Case Threat Level|Processing Disposition|Case Category|Final Program|Final Program Code|"
    "Latest Apprehension Date|Final Order Yes No|Final Order Date|Final Charge Section|Prior Deport Yes No|"
    "Anonymized Identifier"
)
DETAINERS = columns(
    "Detainer Prepare Date|Facility State|Facility AOR|Detainer Facility|Detainer Facility Code|Facility City|"
    "Gender|Citizenship Country|Birth Country|Birth Year|MSC Charge Code|Detainer Lift Reason|Detainer Type|"
    "Anonymized Identifier"
)
PLACES = (
    ("TEXAS", "Harris County"),
    ("ARIZONA", "Pima County"),
    ("CALIFORNIA", "Kern County"),
    ("TEXAS", "Travis County"),
)


def person(salt: str, number: int) -> str:
    """An identifier as productions write it; the same for the same person of a release."""
    return hashlib.sha1(f"{salt}{number}".encode()).hexdigest()


def removals(
    salt: str,
    rows: int = 12,
    first: date = date(2025, 3, 3),
    step: int = 2,
    form: str | None = "%m/%d/%Y",
    changes: Mapping[str, Change] | None = None,
) -> list[Row]:
    """Removals in the shape of March 2026: each second one convicted, Level 2. With no form, days are dates."""
    found = []
    for i in range(rows):
        state, county = PLACES[i % 4]
        row = dict.fromkeys(ICE, "") | {
            "Departed Date": _day(first + timedelta(days=step * i), form),
            "Port of Departure": "LAREDO, TX, POE",
            "Departure Country": "MEXICO",
            "Case AOR": "San Antonio Area of Responsibility",
            "State": state,
            "County": county,
            "Case Status": "8-Excluded/Removed - Inadmissibility",
            "Gender": "Female" if i % 3 == 2 else "Male",
            "Birth Country": "MEXICO",
            "Citizenship Country": "MEXICO",
            "Birth Year": str(1971 + i % 30),
            "Entry Status": "Present Without Admission",
            "MSC Charge": "" if i % 2 else "Assault",
            "MSC Charge Code": "" if i % 2 else "1313",
            "Case Criminality": "3 Other Immigration Violator" if i % 2 else "1 Convicted Criminal",
            "Case Threat Level": "" if i % 2 else "2",
            "Processing Disposition": "Reinstatement of Deport Order I-871",
            "Case Category": "[16] Reinstated Final Order",
            "Final Program": "ERO Criminal Alien Program",
            "Final Program Code": "CAP",
            "Final Order Yes No": "YES",
            "Final Charge Section": "237a1B",
            "Prior Deport Yes No": "NO",
            "Anonymized Identifier": person(salt, i),
        }
        found.append(row | _changed(changes, i))
    return found


def secure(
    salt: str,
    rows: int = 16,
    first: date = date(2012, 5, 1),
    step: int = 2,
    form: str = "%d%b%y",
    detained: Callable[[date, int], Any] | None = None,
    changes: Mapping[str, Change] | None = None,
) -> list[Row]:
    """Removals in the shape of TRAC's case file: each second one with an offense and a detainer of a month before."""
    found = []
    for i in range(rows):
        departed = first + timedelta(days=step * i)
        state, county = PLACES[i % 4]
        prepared = departed - timedelta(days=30)
        row = dict.fromkeys(SC, "") | {
            "departed_date": _day(departed, form),
            "mscc_code": "0000" if i % 2 else "1313",
            "citizenship_country": "MEXICO",
            "gender": "Female" if i % 3 == 2 else "Male",
            "state": state,
            "county": county,
            "processing_disposition_code": f"Expedited Removal (I-860) {salt}",
        }
        if not i % 2:
            row |= {"detainer_facility_city": "AUSTIN", "detainer_facility_state": "TX"}
            row["detainer_prepare_date"] = detained(prepared, i) if detained else _day(prepared, form)
        found.append(row | _changed(changes, i))
    return found


def detainers(
    people: Sequence[str], first: date = date(2025, 3, 1), step: int = 1, form: str | None = "%m/%d/%Y"
) -> list[Row]:
    """Detainers in the shape of March 2026, one for each identifier given."""
    fixed = {
        "Facility State": "TEXAS",
        "Facility AOR": "San Antonio Area of Responsibility",
        "Detainer Facility": "TRAVIS CO. JAIL",
        "Detainer Facility Code": "TRAVITX",
        "Facility City": "AUSTIN",
        "Gender": "Male",
        "Citizenship Country": "MEXICO",
        "Birth Country": "MEXICO",
        "Birth Year": "1971",
        "MSC Charge Code": "1313",
        "Detainer Lift Reason": "",
        "Detainer Type": "I-247A",
    }
    return [
        {"Detainer Prepare Date": _day(first + timedelta(days=step * i), form), **fixed, "Anonymized Identifier": name}
        for i, name in enumerate(people)
    ]


def _day(day: date, form: str | None) -> Any:
    return day if form is None else day.strftime(form).upper() if "%b" in form else day.strftime(form)


def _changed(changes: Mapping[str, Change] | None, position: int) -> Row:
    return {name: change(position) if callable(change) else change for name, change in (changes or {}).items()}


def table(rows: Sequence[Row], header: Sequence[str] | None = None, title: bool = False) -> list[list[Any]]:
    """A header and its rows as lists of cells; with a title, in row 7 as ICE's workbooks have it."""
    names = list(header or rows[0])
    above: list[list[Any]] = (
        [["ERO LESA Statistical Tracking Unit"], [], ["ICE, invented"], [], [], []] if title else []
    )
    return [*above, names, *([row.get(name, "") for name in names] for row in rows)]


def text(cells: Sequence[Sequence[Any]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Delimited text."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(cells)
    return stream.getvalue().encode(encoding)


def workbook(
    sheets: Mapping[str, Sequence[Sequence[Any]]], hidden: Sequence[str] = (), error: str = "", **options: Any
) -> bytes:
    """A workbook: text, numbers and dates as such cells; each `#N/A` is an error, under the name given."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, **options}) as book:
        days = book.add_format({"num_format": "mm/dd/yyyy"})
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for y, row in enumerate(cells):
                for x, cell in enumerate(row):
                    _write(sheet, y, x, cell, days)
            if name in hidden:
                sheet.hide()
    return _renamed(stream.getvalue(), error) if error else stream.getvalue()


def _write(sheet: Any, y: int, x: int, cell: Any, days: Any) -> None:
    if cell == "#N/A":
        sheet.write_formula(y, x, "=NA()", None, "#N/A")
    elif isinstance(cell, date):
        sheet.write_datetime(y, x, cell, days)
    elif isinstance(cell, Stamp):
        sheet.write_number(y, x, float(cell), days)
    elif isinstance(cell, int | float):
        sheet.write_number(y, x, cell)
    elif cell:
        sheet.write_string(y, x, str(cell))


class Stamp(float):
    """A serial number in a cell that is formatted as a date."""


def _renamed(book: bytes, error: str) -> bytes:
    """The workbook with every error value under another name, which its writer does not know."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name, content.replace(b"<v>#N/A</v>", f"<v>{error}</v>".encode()) if "sheet" in name else content
            )
    return stream.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def gzipped(content: bytes) -> bytes:
    """A gzip file."""
    return gzip.compress(content, mtime=0)
