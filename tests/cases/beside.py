"""Files and sheets beside the data are listed as left out and never refuse a release."""

from functools import partial

from tests.cases import Case, accepted, accepted_and_left_out
from tests.cases.shapes import ICE, removals, table, text, workbook

DICTIONARY = [
    ["Field", "Description"],
    ["Departed Date", "The day the person left"],
    ["MSC Charge Code", "NCIC code"],
    ["Gender", "Sex"],
]
FILES = {
    "readme-txt": ("README.txt", b"These files were received in response to a request.\nPlease cite the source.\n"),
    "checksums": ("SHA256SUMS", b"0" * 64 + b"  removals.xlsx\n"),
    "datapackage": (
        "datapackage.json",
        b'{"name": "ice-removals", "resources": [{"name": "removals", "path": "removals.xlsx"}]}',
    ),
    "data-dictionary": ("Data Dictionary.xlsx", workbook({"Sheet1": DICTIONARY})),
    "readme-md": ("README.md", b"# Removals\n\nSee the letter.\n"),
    "license": ("LICENSE", b"Public domain.\n"),
    "md5-sums": ("MD5SUMS.txt", b"0" * 32 + b"  removals.xlsx\n"),
    "letter-pdf": ("cover letter.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"),
    "letter-docx": ("cover letter.docx", b"PK\x03\x04 a letter"),
    "picture": ("map.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
    "code-list-csv": ("codes.csv", b"Code,Meaning\nER,Expedited removal\nXFR,Transferred\n"),
    "notes-html": ("notes.html", b"<html><body><p>Notes</p></body></html>"),
    "schema-xml": ("schema.xml", b"<?xml version='1.0'?><schema/>"),
    "empty-csv": ("empty.csv", b""),
    "header-only-csv": ("removals_FY26.csv", (",".join(ICE) + "\n").encode()),
    "in-a-folder": ("docs/letter.txt", b"Dear requester,\nplease find the records.\n"),
}
# Nobody looks for these; they need not be listed.
HIDDEN = {
    "thumbs-db": ("Thumbs.db", b"\x00\x01"),
    "ds-store": (".DS_Store", b"\x00\x00\x00\x01Bud1"),
    "lock-file": ("~$removals.xlsx", b"\x05owner"),
}
PIVOT = [
    ["Area of Responsibility", "Jan", "Feb", "Mar", "Total"],
    ["ATL", 1, 2, 3, 6],
    ["BAL", 4, 5, 6, 15],
    ["BOS", 7, 8, 9, 24],
]
SHEETS = {
    "pivot": ("Summary", PIVOT),
    "legend": ("Legend", [["Legend"], [], ["Code", "Meaning"], ["ER", "Expedited removal"]]),
    "notes": ("Notes", [["These records were pulled on 2025-07-01."], ["Case data are dynamic."]]),
    "appendix": ("Appendix A", [["NCIC Code", "Offense"], ["0999", "Homicide"], ["1313", "Assault"]]),
    "header-only": ("Removals FY26", [list(ICE)]),
    "empty": ("Sheet3", []),
}


def with_file(name: str, content: bytes, salt: str) -> dict[str, bytes]:
    """Twelve removals in a workbook, and another file."""
    return {"removals.xlsx": workbook({"Removals": table(removals(salt, form=None), ICE, title=True)}), name: content}


def with_sheet(name: str, cells: list[list[object]], first: bool, salt: str) -> dict[str, bytes]:
    """Twelve removals in a workbook, and another sheet before or behind them."""
    data, other = {"Removals": table(removals(salt, form=None), ICE, title=True)}, {name: cells}
    return {"removals.xlsx": workbook(other | data if first else data | other)}


def as_csv(salt: str) -> dict[str, bytes]:
    """Twelve removals."""
    return {"removals.csv": text(table(removals(salt), ICE))}


CASES = [
    *(
        Case(f"beside-{key}", partial(with_file, name, content), accepted_and_left_out(12, name))
        for key, (name, content) in FILES.items()
    ),
    *(
        Case(f"beside-{key}", partial(with_file, name, content), accepted(12))
        for key, (name, content) in HIDDEN.items()
    ),
    Case("workbook-with-pivot-sheet", partial(with_sheet, *SHEETS["pivot"], False), accepted(12)),
    *(
        Case(f"workbook-with-{key}-sheet", partial(with_sheet, name, cells, key != "empty"), accepted(12))
        for key, (name, cells) in SHEETS.items()
        if key != "pivot"
    ),
    Case(
        "a-sheet-left-out-by-manifest",
        partial(with_sheet, "Draft", [["a", "b", "c"], [1, 2, 3]], False),
        accepted(12),
        manifest='[[files]]\nname = "removals.xlsx"\nleave_out = ["Draft"]',
    ),
    Case(
        "a-sheet-named-by-manifest",
        partial(with_sheet, "Draft", table(removals("draft"), ICE), False),
        accepted(12),
        manifest='[[files]]\nname = "removals.xlsx"\nsheets = ["Removals"]',
    ),
]
