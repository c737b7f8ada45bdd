"""The shape of tables and files: error cells, ragged rows, repeated headers, copies, archives, encodings, names."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from tests.cases import Case, accepted, both, by_month, exactly
from tests.cases.books import ods, xlsb
from tests.cases.shapes import ICE, SC, columns, gzipped, person, removals, secure, table, text, workbook, zipped

TWICE = (r"same (rows|removals|content|records)|twice|overlap|duplicate|already",)
SEEN_ERRORS = ("#SPILL!", "#FIELD!", "#GETTING_DATA")
OTHER_ERRORS = (
    "#CALC!",
    "#BLOCKED!",
    "#UNKNOWN!",
    "#CONNECT!",
    "#EXTERNAL!",
    "#BUSY!",
    "#PYTHON!",
    "#TIMEOUT!",
    "#N/A",
)


def error_cell(error: str, salt: str, column: str = "Final Program Code") -> dict[str, bytes]:
    """A workbook with an error value in its first row."""
    rows = removals(salt, form=None)
    rows[0][column] = "#N/A"
    return {"removals.xlsx": workbook({"Removals": table(rows, ICE, title=True)}, error=error)}


def cut(delimiter: str, salt: str) -> dict[str, bytes]:
    """Rows that end after their last value; each second removal has no detainer."""
    moved = [name for name in SC if not name.startswith("detainer")]
    header = [*moved, *(name for name in SC if name.startswith("detainer"))]
    cells = table(secure(salt), header)
    for row in cells:
        while not row[-1]:
            row.pop()
    return {"sc.csv": text(cells, delimiter)}


def longer(salt: str) -> dict[str, bytes]:
    """Rows that end with two delimiters more than the header has."""
    cells = table(secure(salt), SC)
    return {"sc.csv": text([cells[0], *([*row, "", ""] for row in cells[1:])])}


SIXTEEN = both(
    accepted(16),
    """
    select count(detainer_prepare_date)
    from removals_by_release
    where release_id = $release
    having count(detainer_prepare_date) <> 8
    """,
)


def repeated(
    salt: str, as_workbook: bool = False, between: Sequence[list[Any]] = (), title: bool = False
) -> dict[str, bytes]:
    """Two pages of one table, each with its header."""
    rows = removals(salt, 24, step=1, form=None if as_workbook else "%m/%d/%Y")
    cells = [*table(rows[:12], ICE, title), *between, *table(rows[12:], ICE)]
    return {"removals.xlsx": workbook({"Removals": cells})} if as_workbook else {"removals.csv": text(cells)}


def over_two_rows(salt: str, as_workbook: bool = False) -> dict[str, bytes]:
    """Two pages of one table, the names of its columns written over two rows on each; a word above spans several."""
    rows = removals(salt, 24, step=1, form=None if as_workbook else "%m/%d/%Y")
    split = [name.split(" ", 1) if " " in name else ["", name] for name in ICE]
    above = [first if at == 0 or first != split[at - 1][0] else "" for at, (first, _) in enumerate(split)]
    header = [above, [below for _, below in split]]
    pages = [table(page, ICE)[1:] for page in (rows[:12], rows[12:])]
    cells = [row for page in pages for row in (*header, *page)]
    return {"removals.xlsx": workbook({"Removals": cells})} if as_workbook else {"removals.csv": text(cells)}


OLDER = columns(
    "Departure Date|Port of Departure|Departure Country|Gender|Birth Country|Citizenship Country|Birth Year|"
    "MSC NCIC Charge Code|Case Status|Final Charge Section|Anonymized Identifer"
)


def two_tables(blank_lines: int, salt: str) -> dict[str, bytes]:
    """Two productions under each other, each with its own header."""
    older = [
        {
            **row,
            "Departure Date": row["Departed Date"],
            "MSC NCIC Charge Code": "5404",
            "Anonymized Identifer": person(salt, 900 + i),
        }
        for i, row in enumerate(removals(salt, 20, date(2013, 9, 1), 1))
    ]
    cells = [*table(older, OLDER), *[[]] * blank_lines, *table(removals(salt, 20, step=1), ICE)]
    return {"removals.csv": text(cells)}


def continued(sheets: int, salt: str) -> dict[str, bytes]:
    """A table that goes on in the next sheets without its header."""
    cells = table(removals(salt, 12 * sheets, step=1, form=None), ICE, title=True)
    named = {"Removals": cells[:19]}
    named |= {f"Removals ({n + 1})": cells[7 + 12 * n : 19 + 12 * n] for n in range(1, sheets)}
    return {"removals.xlsx": workbook(named)}


def copies(forms: Sequence[str], salt: str) -> dict[str, bytes]:
    """The same twelve removals in several forms."""
    cells = table(removals(salt), ICE)
    dated = table(removals(salt, form=None), ICE)
    made = {
        "removals.csv": text(cells),
        "removals.tsv": text(cells, "\t"),
        "removals.csv.gz": gzipped(text(cells)),
        "removals.xlsx": workbook({"Removals": dated}),
        "copy/removals_final.csv": text(cells),
        "other columns.csv": text(table(removals(salt), ICE[::-1])),
        "all.zip": zipped({"removals.csv": text(cells)}),
        "sorted.csv": text([cells[0], *cells[:0:-1]]),
    }
    return {name: made[name] for name in forms}


def copied_sheets(part: int, salt: str, hidden: bool) -> dict[str, bytes]:
    """A sheet of twelve removals and another that holds the first of them again."""
    cells = table(removals(salt, form=None), ICE, title=True)
    sheets = {"Removals": cells, "Sheet2": cells[: 7 + part]}
    return {"removals.xlsx": workbook(sheets, hidden=("Sheet2",) if hidden else ())}


def cumulative(sizes: Sequence[int], salt: str) -> dict[str, bytes]:
    """Files of a year to date: the later ones hold the earlier ones."""
    rows = removals(salt, max(sizes), form=None)
    return {
        f"Removals_FY25_{n}.xlsx": workbook({"Removals": table(rows[:size], ICE, title=True)})
        for n, size in enumerate(sizes)
    }


def overlapping(shared: int, salt: str) -> dict[str, bytes]:
    """Two files of twelve removals that share some, and neither holds the other."""
    rows = removals(salt, 24 - shared)
    return {"first.csv": text(table(rows[:12], ICE)), "second.csv": text(table(rows[12 - shared :], ICE))}


def nested(salt: str, *, wrap: str) -> dict[str, bytes]:
    """One table inside archives."""
    content = text(table(removals(salt), ICE))
    inner = zipped({"removals.csv": content})
    return {
        "zip-in-a-zip": {"production.zip": zipped({"FY25.zip": inner})},
        "gz-in-a-zip": {"production.zip": zipped({"FY25/removals.csv.gz": gzipped(content)})},
        "three-zips": {"production.zip": zipped({"a.zip": zipped({"FY25.zip": inner})})},
        "folders-in-a-zip": {"production.zip": zipped({"ICE/ERO/removals.csv": content, "__MACOSX/ICE/._x": b"\0"})},
    }[wrap]


def encoded(salt: str, encoding: str, stray: bool = False) -> dict[str, bytes]:
    """A county with a letter that ASCII lacks, and maybe one byte of another encoding in another column."""
    place = {"State": "NEW MEXICO", "County": "Doña Ana County"}
    rows = removals(
        salt, changes=place | {"Port of Departure": lambda i: "CALEXICO ~ POE" if i == 0 else "LAREDO, TX, POE"}
    )
    content = text(table(rows, ICE), encoding=encoding)
    return {"removals.csv": content.replace(b"~", b"\x96") if stray else content}


DONA_ANA = """
    select count(*)
    from removals_by_release
    where release_id = $release and county_fips = '35013'
    having count(*) <> 12
"""
COUNTIES = DONA_ANA.replace("county_fips = '35013'", "county_fips is not null")


def trailed(mark: str, salt: str) -> dict[str, bytes]:
    """Every value of a table with a mark behind it that nobody sees."""
    rows = [{name: f"{cell}{mark}" if cell else cell for name, cell in row.items()} for row in removals(salt)]
    return {"removals.csv": text(table(rows, ICE))}


def renamed(names: dict[str, str], salt: str, form: str | None = "%m/%d/%Y") -> dict[str, bytes]:
    """Some columns under other names."""
    cells = table(removals(salt, form=form), ICE)
    cells[0] = [names.get(name, name) for name in cells[0]]
    return {"removals.xlsx": workbook({"Removals": cells})} if form is None else {"removals.csv": text(cells)}


MONTHS = [date(2016 + n // 12, 1 + n % 12, 1) for n in range(7, 19)]
PRINTED = [
    "Month",
    "Any Offense",
    "Serious Offense Only",
    "Any Offense (12-month running average)",
    "Serious Offense Only (12-month running average)",
]


def printed(form: str, salt: str) -> dict[str, bytes]:
    """Twelve months of four printed figures, the months as a spreadsheet has left them."""
    base = sum(salt.encode())
    rows = [
        [month.strftime(form), *(f"{base + 1000 * k + n:,}" for k in (4, 2, 5, 3))] for n, month in enumerate(MONTHS)
    ]
    return {"table1_convictions.csv": text([PRINTED, *rows])}


FIGURES = """
    select count(*)
    from published_counts
    where release_id = $release
    having count(*) <> 48
"""


def dated(salt: str) -> list[list[Any]]:
    """Twelve removals with days as days, a title above them."""
    return table(removals(salt, form=None), ICE, title=True)


def with_footers(salt: str, data: str = "", as_workbook: bool = False) -> dict[str, bytes]:
    """Twelve months of one printed figure, with a total, a source and a note below them."""
    rows: list[list[Any]] = [[f"{month:%Y-%m}", f"{1000 + sum(salt.encode()) + n:,}"] for n, month in enumerate(MONTHS)]
    below = [["Total", "13,000"], [], ["Source: ICE, ERO, LESA, 2016"], ["* Excludes returns, see the letter"], [data]]
    cells = [["Month", "All ICE Removals"], *rows, *below]
    if as_workbook:
        return {"table.xlsx": workbook({"Table": cells})}
    # As people write such lines: nobody puts them in quotes.
    lines = [",".join(f'"{cell}"' if cell[:1].isdigit() else cell for cell in row) for row in cells]
    return {"table.csv": ("\n".join(lines) + "\n").encode()}


TWELVE = """
    select count(*)
    from published_counts
    where release_id = $release
    having count(*) <> 12
    union all
    select count(*)
    from quarantine
    where release_id = $release and rule = 'a footer or total row, not a record'
    having count(*) <> 3
"""
NOT_WORKBOOKS = {
    "html-named-xls": (
        "removals.xls",
        b"<html><body><table><tr><th>Departed Date</th></tr><tr><td>03/03/2025</td></tr></table></body></html>",
        "html",
    ),
    "pdf-named-xlsx": ("removals.xlsx", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "pdf"),
    "html-page-named-csv": (
        "removals.csv",
        b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head></html>",
        "html",
    ),
    "cut-workbook": ("removals.xlsx", workbook({"Removals": [list(ICE)]})[:900], r"removals\.xlsx"),
}
DAY = {"Departed Date": "Departure Date"}
CASES = [
    *(
        Case(
            f"error-cell-{error.strip('#!').lower().replace('_', '-').replace('/', '-')}",
            partial(error_cell, error),
            accepted(12),
        )
        for error in (*SEEN_ERRORS, *OTHER_ERRORS)
    ),
    Case("error-cell-in-the-day", lambda salt: error_cell("#SPILL!", salt, "Departed Date"), accepted(11)),
    Case("rows-cut-after-last-value", partial(cut, ","), SIXTEEN, population="sc"),
    Case("rows-cut-after-last-tab", partial(cut, "\t"), SIXTEEN, population="sc"),
    Case("rows-cut-after-last-pipe", partial(cut, "|"), SIXTEEN, population="sc"),
    Case("rows-longer-than-the-header", longer, SIXTEEN, population="sc"),
    Case("header-repeated-in-csv", repeated, accepted(24)),
    Case("header-repeated-in-a-workbook", partial(repeated, as_workbook=True, title=True), accepted(24)),
    Case("header-repeated-behind-a-blank-line", partial(repeated, between=[[]]), accepted(24)),
    Case(
        "header-repeated-behind-a-title",
        partial(repeated, between=[[], ["ERO LESA Statistical Tracking Unit"], []]),
        accepted(24),
    ),
    Case("header-over-two-rows-repeated", over_two_rows, accepted(24)),
    Case("header-over-two-rows-repeated-in-a-workbook", partial(over_two_rows, as_workbook=True), accepted(24)),
    Case(
        "two-tables-in-one-file",
        partial(two_tables, 0),
        exactly("all", 40),
        (r"(header|table).*(1.*22|22.*1)",),
        received="2026-03-31",
    ),
    Case(
        "two-tables-with-blank-lines",
        partial(two_tables, 2),
        exactly("all", 40),
        (r"(header|table).*(1.*24|24.*1)",),
        received="2026-03-31",
    ),
    Case("sheet-continued-without-header", partial(continued, 2), accepted(24), ("continu",)),
    Case("three-sheets-with-one-header", partial(continued, 3), accepted(36), ("continu",)),
    Case("same-rows-csv-and-xlsx", partial(copies, ("removals.csv", "removals.xlsx")), exactly("all", 12), TWICE),
    Case("same-rows-csv-and-tsv", partial(copies, ("removals.csv", "removals.tsv")), exactly("all", 12), TWICE),
    Case("same-rows-csv-and-gz", partial(copies, ("removals.csv", "removals.csv.gz")), exactly("all", 12), TWICE),
    Case(
        "same-rows-three-times",
        partial(copies, ("removals.csv", "removals.xlsx", "removals.tsv")),
        exactly("all", 12),
        TWICE,
    ),
    Case(
        "same-rows-in-a-folder", partial(copies, ("removals.csv", "copy/removals_final.csv")), exactly("all", 12), TWICE
    ),
    Case("same-rows-in-an-archive", partial(copies, ("removals.csv", "all.zip")), exactly("all", 12), TWICE),
    Case(
        "same-rows-columns-reversed", partial(copies, ("removals.csv", "other columns.csv")), exactly("all", 12), TWICE
    ),
    Case("same-rows-in-another-order", partial(copies, ("removals.csv", "sorted.csv")), exactly("all", 12), TWICE),
    Case("same-rows-hidden-sheet", partial(copied_sheets, 12, hidden=True), exactly("all", 12), TWICE),
    Case("same-rows-filtered-sheet", partial(copied_sheets, 5, hidden=False), exactly("all", 12), TWICE),
    Case("year-to-date-files", partial(cumulative, (16, 24)), exactly("all", 24), TWICE),
    Case("three-year-to-date-files", partial(cumulative, (8, 16, 24)), exactly("all", 24), TWICE),
    Case("files-that-share-most-rows", partial(overlapping, 8), refused=("first", "second")),
    Case("files-that-share-few-rows", partial(overlapping, 2), exactly("all", 24)),
    *(
        Case(
            wrap,
            partial(nested, wrap=wrap),
            accepted(12),
            (r"FY25\.zip",) if wrap in ("zip-in-a-zip", "three-zips") else (),
        )
        for wrap in ("zip-in-a-zip", "gz-in-a-zip", "three-zips", "folders-in-a-zip")
    ),
    Case("one-byte-of-another-encoding", partial(encoded, encoding="utf-8", stray=True), DONA_ANA),
    Case("windows-1252", partial(encoded, encoding="cp1252"), DONA_ANA),
    Case("utf-8-with-a-mark", partial(encoded, encoding="utf-8-sig"), DONA_ANA),
    Case("utf-16", partial(encoded, encoding="utf-16"), DONA_ANA),
    Case("zero-width-spaces", partial(trailed, "\u200b"), both(accepted(12), COUNTIES)),
    Case("no-break-spaces", partial(trailed, "\u00a0"), both(accepted(12), COUNTIES)),
    Case("byte-order-marks", partial(trailed, "\ufeff"), both(accepted(12), COUNTIES)),
    Case("trailing-blanks", partial(trailed, "  "), both(accepted(12), COUNTIES)),
    Case("known-name-of-a-required-column", partial(renamed, DAY, form=None), accepted(12)),
    Case("names-in-capitals", partial(renamed, {name: name.upper() for name in ICE}), both(accepted(12), COUNTIES)),
    Case(
        "names-with-underscores",
        partial(renamed, {name: name.replace(" ", "_") for name in ICE}),
        both(accepted(12), COUNTIES),
    ),
    Case(
        "names-with-line-ends",
        partial(renamed, {name: name.replace(" ", "\n", 1) for name in ICE}, form=None),
        both(accepted(12), COUNTIES),
    ),
    Case(
        "names-with-blanks-around", partial(renamed, {name: f" {name}  " for name in ICE}), both(accepted(12), COUNTIES)
    ),
    Case(
        "misspelled-optional-column",
        partial(renamed, {"State": "App State", "County": "App County"}),
        COUNTIES,
        manifest='[[files]]\nname = "removals.csv"\ncolumns = { "App State" = "state", "App County" = "county" }',
    ),
    Case(
        "misspelled-required-column",
        partial(renamed, {"Departed Date": "Dprtd"}),
        accepted(12),
        manifest='[[files]]\nname = "removals.csv"\nkind = "removals"\ncolumns = { "Dprtd" = "departed_date" }',
    ),
    Case(
        "misspelled-column-without-a-word",
        partial(renamed, {"State": "App State", "County": "App County"}),
        accepted(12),
    ),
    *(
        Case(name, partial(printed, form), FIGURES, received="2017-11-30")
        for name, form in (
            ("table-saved-by-excel", "%b-%y"),
            ("table-of-iso-months", "%Y-%m"),
            ("table-of-long-months", "%B %Y"),
            ("table-of-first-days", "%m/%d/%Y"),
            ("table-of-short-months", "%b %Y"),
        )
    ),
    Case(
        "removals-in-an-ods",
        lambda salt: {"r.ods": ods({"Removals": dated(salt), "Notes": [["Pulled in 2025"]]})},
        both(by_month(m2025_03=12), COUNTIES),
    ),
    Case("removals-in-an-xlsb", lambda salt: {"r.xlsb": xlsb("R", dated(salt))}, both(by_month(m2025_03=12), COUNTIES)),
    Case("xlsb-named-xlsx", lambda salt: {"r.xlsx": xlsb("R", dated(salt))}, by_month(m2025_03=12)),
    Case("table-with-footers", with_footers, TWELVE, received="2017-11-30"),
    Case(
        "table-with-footers-in-a-workbook",
        partial(with_footers, as_workbook=True),
        TWELVE,
        received="2017-11-30",
    ),
    Case(
        "table-with-a-misspelled-month-below",
        partial(with_footers, data="Agust 2017"),
        refused=(r"row 18.*Month",),
        received="2017-11-30",
    ),
    Case(
        "rows-named-by-r",
        lambda salt: {
            "r.csv": text([ICE, *([str(n), *row] for n, row in enumerate(table(removals(salt), ICE)[1:], 1))])
        },
        both(accepted(12), COUNTIES),
    ),
    Case(
        "same-names-in-another-order-below",
        lambda salt: {"r.csv": text([*table(removals(salt), ICE), *table(removals(salt + "2"), ICE[::-1])])},
        refused=(r"(header|table).*(1.*14|14.*1)",),
    ),
    Case("table-of-stamps", partial(printed, "%Y-%m-%d 00:00:00"), FIGURES, ("row 2.*Month",), received="2017-11-30"),
    *(
        Case(name, lambda salt, file=file, content=content: {file: content}, refused=(word,))
        for name, (file, content, word) in NOT_WORKBOOKS.items()
    ),
    Case(
        "tabs-named-xls",
        lambda salt: {"removals.xls": text(table(removals(salt), ICE), "\t")},
        accepted(12),
        (r"removals\.xls", "tab|text|csv"),
    ),
]
