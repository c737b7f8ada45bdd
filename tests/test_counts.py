"""The cells of a published table: figures and withheld marks are read, anything else refuses the table."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from sc_pipeline.core.counts import Printed, _validated, clean_counts, clean_years, refused_footers
from sc_pipeline.core.footers import is_printed_footer
from sc_pipeline.errors import FileProblem
from sc_pipeline.schemas.records import PublishedCounts
from sc_pipeline.staged.vocabularies import Measure, load_words
from tests.builders import release, staged, staged_sheet

FORMATS = ("%Y-%m", "%B %Y", "%b %Y", "%Y-%m-%d")
COLUMNS = {
    "month": "Month",
    "ice/all/removals": "All",
    "sc/all/removals": "SC",
    "sc/detainer_linked/removals": "Linked",
}


def clean(*rows: tuple[str | None, ...], columns=COLUMNS, sheet_name: str | None = None):
    cells = [dict(zip(columns.values(), row, strict=True)) for row in rows]
    sheet = staged_sheet(
        columns,
        kind="monthly_counts",
        file="t.csv",
        sheet=sheet_name,
        table_name="Table 2",
        month_formats=FORMATS,
        measures=measures(columns),
    )
    return clean_counts(release(id="trac"), [(sheet, staged(cells, list(columns.values())))])


def measures(columns: dict[str, str]) -> tuple[Measure, ...]:
    keys = [key.split("/") for key in columns if "/" in key]
    named = [dict(zip(("population", "subset", "measure"), key, strict=True)) for key in keys]
    return tuple(Measure.model_validate({**names, "columns": ()}) for names in named)


def test_every_figure_becomes_a_row_with_its_place() -> None:
    table = clean(("2008-11", "29,063", "56", "9"))
    assert table.to_dicts()[0] == {
        "release_id": "trac",
        "table_name": "Table 2",
        "month": date(2008, 11, 1),
        "population": "ice",
        "subset": "all",
        "measure": "removals",
        "value": 29063,
        "status": "reported",
        "source_file": "t.csv",
        "source_sheet": None,
        "source_row": 2,
        "source_column": "All",
    }
    assert table.select("population", "subset", "value", "source_column").rows()[1:] == [
        ("sc", "all", 56, "SC"),
        ("sc", "detainer_linked", 9, "Linked"),
    ]


@pytest.mark.parametrize(
    ("cell", "status"),
    [("ICE withheld", "withheld"), ("ice  WITHHELD", "withheld"), ("not yet released", "not_released")],
)
def test_withheld_is_null_and_never_zero(cell: str, status: str) -> None:
    assert clean(("2016-01", "20,000", "5,000", cell)).select("value", "status").row(2) == (None, status)


def test_zero_is_reported() -> None:
    assert clean(("2016-01", "1", "1", "0")).select("value", "status").row(2) == (0, "reported")


@pytest.mark.parametrize("month", ["2016-08", "August 2016", "Aug 2016", "2016-08-01", " 2016-08 "])
def test_months_are_read_in_the_formats_of_the_vocabulary(month: str) -> None:
    assert clean((month, "3", "2", "1"))["month"].unique().to_list() == [date(2016, 8, 1)]


@pytest.mark.parametrize(
    "cell", [None, " ", "-1", "1,23", "12,3456", "4.5", "n/a", "5*", "1e3", "٣", "9" * 20, "withheld by TRAC"]
)
def test_a_cell_that_is_not_a_count_refuses_the_table_naming_row_and_column(cell: str | None) -> None:
    with pytest.raises(FileProblem) as problem:
        clean(("2016-08", "3", "2", "1"), ("2016-09", "3", cell, "1"), sheet_name="S")
    assert str(problem.value).startswith("t.csv, sheet S, row 3, column SC: ")
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("month", [None, "2016", "2016-13", "2016-08-15", "1066-10", "Q3", "Sept"])
def test_a_month_that_cannot_be_read_refuses_the_table(month: str | None) -> None:
    with pytest.raises(FileProblem, match=r"^t\.csv, row 2, column Month: .*expected one such as 2016-08$"):
        clean((month, "3", "2", "1"))


def test_a_month_may_appear_once() -> None:
    with pytest.raises(
        FileProblem, match=r"row 3, column Month: 2016-08 is already in row 2; each month may appear once"
    ):
        clean(("2016-08", "3", "2", "1"), ("August 2016", "3", "2", "1"))


def test_a_repeated_header_is_named_as_such() -> None:
    with pytest.raises(FileProblem, match=r"row 3, column Month: the header is repeated here"):
        clean(("2016-08", "3", "2", "1"), ("MONTH", "All", "SC", "Linked"))


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (("2016-08", "3", "4", "1"), r"column SC: 4 is more than the 3 it is part of \(All\)"),
        (("2016-08", "9", "4", "5"), r"column Linked: 5 is more than the 4 it is part of \(SC\)"),
        (("2016-08", "3", "ICE withheld", "5"), r"column Linked: 5 is more than the 3 it is part of \(All\)"),
    ],
)
def test_a_part_larger_than_its_whole_refuses_the_table(row: tuple[str, ...], place: str) -> None:
    with pytest.raises(FileProblem, match=rf"^t\.csv, row 2, {place}"):
        clean(row)


def table(name: str, columns: dict[str, str], *rows: tuple[str | None, ...], **facts: object):
    """A printed table of months of its own, as staged."""
    cells = [dict(zip(columns.values(), row, strict=True)) for row in rows]
    sheet = staged_sheet(
        columns,
        kind="monthly_counts",
        file=name,
        table_name=name,
        month_formats=FORMATS,
        measures=measures(columns),
        **facts,
    )
    return sheet, staged(cells, list(columns.values()))


ALL, SC = {"month": "Month", "ice/all/removals": "All"}, {"month": "Month", "sc/all/removals": "SC"}


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            table("b.csv", ALL, ("August 2016", "4")),
            r"^b\.csv, row 2, column All: 4 is not the 3 of a\.csv, row 2, column All, for the same time; leave one ",
        ),
        (
            table("b.csv", SC, ("2016-08", "4")),
            r"^b\.csv, row 2, column SC: 4 is more than the 3 it is part of \(All\)",
        ),
        (
            table("b.csv", SC, problems=((4, "2 columns, but 3 cells", ""),)),
            r"^b\.csv, row 4: 2 columns, but 3 cells; remove or correct the row in a copy of the file$",
        ),
    ],
)
def test_what_printed_tables_of_a_release_say_must_agree(other: Printed, message: str) -> None:
    with pytest.raises(FileProblem, match=message):
        clean_counts(release(id="trac"), [table("a.csv", ALL, ("2016-08", "3")), other])


def test_two_printed_tables_may_say_the_same_or_one_may_withhold_it() -> None:
    first = table("a.csv", ALL, ("2016-08", "3"), ("2016-09", "ICE withheld"))
    found = clean_counts(release(id="trac"), [first, table("b.csv", ALL, ("2016-08", "3"), ("2016-09", "5"))])
    assert found.select("source_file", "value").rows() == [("a.csv", 3), ("a.csv", None), ("b.csv", 3), ("b.csv", 5)]


def test_averages_are_compared_with_averages() -> None:
    columns = {
        "month": "Month",
        "sc/convicted/removals": "Any",
        "sc/level1/removals": "Serious",
        "sc/convicted/average_12m": "Any 12",
        "sc/level1/average_12m": "Serious 12",
    }
    table = clean(("2016-08", "10", "5", "4", "3"), columns=columns)
    assert table.select("subset", "measure", "value").rows() == [
        ("convicted", "removals", 10),
        ("level1", "removals", 5),
        ("convicted", "average_12m", 4),
        ("level1", "average_12m", 3),
    ]
    with pytest.raises(FileProblem, match="column Serious 12: 9 is more than the 4"):
        clean(("2016-08", "10", "5", "4", "9"), columns=columns)


def test_columns_a_table_lacks_give_no_figures() -> None:
    columns = {"month": "Month", "sc/all/removals": "SC"}
    assert clean(("2016-08", "2"), columns=columns).select("population", "subset").rows() == [("sc", "all")]


YEARS = {"fiscal_year": "FY", "ice/all/removals": "All", "sc/all/removals": "SC"}


def years(*rows: tuple[str | None, ...]):
    cells = [dict(zip(YEARS.values(), row, strict=True)) for row in rows]
    sheet = staged_sheet(YEARS, kind="yearly_counts", file="y.csv", measures=measures(YEARS))
    return clean_years(release(id="trac"), [(sheet, staged(cells, list(YEARS.values())))])


@pytest.mark.parametrize("year", ["2016", "FY2016", "FY 2016", "fy16", "FY '16", "2016.0"])
def test_a_table_of_fiscal_years_gives_a_row_a_figure(year: str) -> None:
    assert years((year, "240,255", "ICE withheld")).rows() == [
        ("trac", "ice", "all", 2016, 240255, "reported", "y.csv", None, 2, "All"),
        ("trac", "sc", "all", 2016, None, "withheld", "y.csv", None, 2, "SC"),
    ]


@pytest.mark.parametrize("year", [None, "2016-08", "1066", "201"])
def test_a_fiscal_year_that_cannot_be_read_refuses_the_table(year: str | None) -> None:
    with pytest.raises(FileProblem, match=r"^y\.csv, row 2, column FY: .*expected one such as 2016$"):
        years((year, "3", "2"))


def test_a_count_of_a_time_still_to_come_refuses_the_table_and_one_not_yet_released_does_not() -> None:
    with pytest.raises(FileProblem, match=r"row 2, column All: 2098-07 begins after 2026-12-31, and cannot have"):
        clean(("2098-07", "3", "2", "1"))
    with pytest.raises(FileProblem, match=r"row 2, column All: fiscal year 2061 begins after 2026-12-31"):
        years(("2061", "3", "2"))
    assert years(("2061", "not yet released", "not yet released"))["status"].to_list() == ["not_released"] * 2
    assert years(("2019", "3", "2"))["fiscal_year"].to_list() == [2019, 2019]


def test_a_fiscal_year_may_appear_once() -> None:
    with pytest.raises(FileProblem, match=r"row 3, column FY: 2016 is already in row 2; each year may appear once"):
        years(("2016", "3", "2"), ("FY16", "3", "2"))


@given(st.integers(0, 2**63 - 1))
def test_any_count_is_read_back_however_it_is_written(count: int) -> None:
    written = (f"{count}", f"{count:,}", f"{count}.0")
    assert clean(("2016-08", *written))["value"].to_list() == [count] * 3


@given(st.text(max_size=8))
def test_any_other_text_is_a_figure_or_a_file_problem(cell: str) -> None:
    try:
        value, status = clean(("2016-08", "9" * 18, cell, "0")).select("value", "status").row(1)
    except FileProblem:
        return
    assert (value is None) == (status != "reported")


FOOTERS: list[tuple[str | None, ...]] = [
    ("Source: ICE, ERO, LESA, 2016", None, None, None),
    ("Source: ICE", " ERO", " LESA", " 2016"),  # a line of text that nobody put in quotes
    ("Total", "1,234", "56", "7"),
    ("Grand Total:", "1,234", "56", "7"),
    ("FY 2016 total", "1,234", "56", "7"),
    ("FY 2016 Subtotal", "1,234", "56", "7"),
    ("FY 2016", "1,234", "56", "7"),
    ("* Excludes voluntary returns", None, None, None),
    ("1/ Preliminary", None, None, None),
    ("(2) includes expulsions of 2020", None, None, None),
    ("Notes", None, None, None),
    ("Data are dynamic and may change.", None, "", " "),
    (None, None, None, None),
]
DATA: list[tuple[str | None, ...]] = [
    ("Agust 2016", None, None, None),
    ("Agust 2016", "1", "2", "3"),
    ("* 2016-08", "1", "2", "3"),
    ("2016-13", None, None, None),
    ("", "1,234", "56", "7"),
    (None, "1,234", "56", "7"),
    ("Preliminary, see the letter", "1", "2", "3"),
]


@pytest.mark.parametrize(
    "form",
    [
        "%b-%y",
        "%m/%d/%Y",
        "%-m/%-d/%y",
        "%b. %Y",
        "%b %y",
        "%Y/%m",
        "%Y-%b",
        "%Y%m",
        "%-d-%b-%y",
        "%B, %Y",
        "%-m/%Y",
        "%b '%y",
    ],
)
def test_month_as_a_spreadsheet_has_left_it_is_read(form: str) -> None:
    formats = load_words().vocabularies["monthly_counts"].month_formats
    for month in (date(2008, 11, 1), date(2016, 8, 1), date(2017, 1, 1)):
        sheet = staged_sheet(
            COLUMNS,
            kind="monthly_counts",
            file="t.csv",
            table_name="T",
            month_formats=formats,
            measures=measures(COLUMNS),
        )
        row: dict[str, str | None] = dict(zip(COLUMNS.values(), (month.strftime(form), "9", "5", "1"), strict=True))
        table = clean_counts(release(id="trac"), [(sheet, staged([row], list(COLUMNS.values())))])
        assert table["month"].unique().to_list() == [month]


@pytest.mark.parametrize(("epoch_1904", "month"), [(False, date(2016, 8, 1)), (True, date(2020, 8, 2))])
def test_month_as_a_serial_number_counts_from_the_workbooks_epoch(epoch_1904: bool, month: date) -> None:
    sheet = staged_sheet(
        COLUMNS,
        kind="monthly_counts",
        file="t.csv",
        table_name="T",
        month_formats=("%Y-%m", "excel"),
        measures=measures(COLUMNS),
        epoch_1904=epoch_1904,
    )
    row: dict[str, str | None] = dict(zip(COLUMNS.values(), ("42583", "9", "5", "1"), strict=True))
    printed = [(sheet, staged([row], list(COLUMNS.values())))]
    if month.day == 1:
        assert clean_counts(release(id="trac"), printed)["month"][0] == month
    else:
        with pytest.raises(FileProblem, match='"42583" is not a month'):
            clean_counts(release(id="trac"), printed)


def test_no_figure_is_written_that_breaks_its_schema() -> None:
    row = ("r1", "T", date(2016, 8, 1), "nobody", "all", "removals", 5, "reported", "t.csv", None, 2, "Removals")
    with pytest.raises(SchemaErrors, match="nobody"):
        _validated([row], PublishedCounts)


@pytest.mark.parametrize("row", FOOTERS)
def test_footer_under_a_printed_table_is_listed_and_not_counted(row: tuple[str | None, ...]) -> None:
    cells = [dict(zip(COLUMNS.values(), each, strict=True)) for each in [("2016-08", "9", "5", "1"), row]]
    sheet = staged_sheet(
        COLUMNS, kind="monthly_counts", file="t.csv", month_formats=FORMATS, measures=measures(COLUMNS), table_name="T"
    )
    printed = (sheet, staged(cells, list(COLUMNS.values())))
    assert clean_counts(release(id="trac"), [printed])["source_row"].to_list() == [2, 2, 2]
    assert refused_footers(release(id="trac"), printed).rows() == [
        ("trac", "t.csv", None, 3, "month", "a footer or total row, not a record", "structural", row[0])
    ]


@pytest.mark.parametrize("row", DATA)
def test_row_that_may_be_data_refuses_the_table(row: tuple[str | None, ...]) -> None:
    with pytest.raises(FileProblem, match=r"t\.csv, row 3, column Month"):
        clean(("2016-08", "9", "5", "1"), row)


@given(
    st.sampled_from(["%Y-%m", "%B %Y", "%b-%y", "%m/%Y", "FY%Y", "%y"]), st.dates(date(1990, 1, 1), date(2099, 1, 1))
)
def test_no_month_or_year_is_a_footer(form: str, day: date) -> None:
    assert not is_printed_footer(day.strftime(form), [None, None])


def test_footer_that_does_not_split_into_cells_is_listed_and_a_row_of_data_is_refused() -> None:
    def with_problem(text: str):
        sheet = staged_sheet(
            COLUMNS,
            kind="monthly_counts",
            file="t.csv",
            month_formats=FORMATS,
            measures=measures(COLUMNS),
            table_name="T",
            problems=((9, "has 5 cells, the header 4", text),),
        )
        row: dict[str, str | None] = dict(zip(COLUMNS.values(), ("2016-08", "9", "5", "1"), strict=True))
        return sheet, staged([row], list(COLUMNS.values()))

    printed = with_problem("Source: ICE, ERO, LESA, 2016, page 2")
    assert len(clean_counts(release(id="trac"), [printed])) == 3
    assert refused_footers(release(id="trac"), printed)["source_row"].to_list() == [9]
    with pytest.raises(FileProblem, match=r"t\.csv, row 9: has 5 cells, the header 4"):
        clean_counts(release(id="trac"), [with_problem("August 2016 (preliminary, still),1,234,5,1")])
