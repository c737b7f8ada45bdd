"""Dates: every form a file may use, whichever the column, whole cells or nothing, no year from the future."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.core.dates import DateForms, read_date

FORMS = DateForms(day_first=False, epoch_1904=False, last_day=date(2019, 6, 1))
DAY_FIRST = DateForms(day_first=True, epoch_1904=False, last_day=date(2019, 6, 1))
FORMATS = (
    "%d%b%y",
    "%d%b%Y",
    "%d-%b-%y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%m/%d/%y",
    "%m/%d/%Y",
    "%m-%d-%Y",
    "excel",
)


def read(*cells: str, forms: DateForms = FORMS) -> list[date | None]:
    return pl.DataFrame({"text": cells}).select(read_date(pl.col("text"), forms)).to_series().to_list()


@pytest.mark.parametrize(
    "cell",
    [
        "03MAY12",
        "3may2012",
        "03-MAY-12",
        "3-May-2012",
        "3 May 2012",
        "May 3, 2012",
        "05/03/2012",
        "5/3/12",
        "5/3/2012",
        "5-3-2012",
        "2012-05-03",
        "2012/05/03",
        "20120503",
        "2012-05-03 13:04:05",
        "2012-05-03T00:00:00",
        "5/3/2012 1:04 PM",
        "03MAY2012:13:04:05",
        "41032",
        "41032.75",
        "2012-05-03 23:59:59.9999999",
        "41032.999999998",
        "2012-05-03 00:00:00.4",
        "2012-05-03T00:00:00Z",
        "Thursday, May 03, 2012",
        "Thu 3 May 2012",
        "Thurs. 5/3/2012",
        "03-MAY-12 12.00.00.000000 AM",
        "2012-05-03 00:00:00+00",
        "2012-05-03 00:00:00 UTC",
        "20120503.0",
        "May 3rd, 2012",
        "3rd May 2012",
        "5 / 3 / 2012",
        "2012-May-03",
    ],
)
def test_every_way_of_writing_a_day_gives_the_day_without_the_time(cell: str) -> None:
    assert read(cell) == [date(2012, 5, 3)]


@pytest.mark.parametrize(
    "cell",
    [
        "02/30/2012",
        "5/3/012",
        "13/13/2012",
        "99999",
        "12",
        "May",
        "03MAY12x",
        "x 5/3/12",
        "99/99/2010",
        "2012-13-01",
        "31-FEB-12",
        "03XYZ12",
        "1.2345E+4",
        "00000",
        "",
        "20121345",
        "0000-01-01",
        "0000-00-00",
        "\uff10\uff13/\uff10\uff15/\uff12\uff10\uff11\uff12",
    ],
)
def test_what_is_not_a_day_is_null_and_never_half_read(cell: str) -> None:
    assert read(cell) == [None]


def test_a_column_that_writes_the_day_first_is_read_so() -> None:
    assert read("03/04/2012", "25.12.12", "3-4-2012", "2012-05-03", "03MAY12", forms=DAY_FIRST) == [
        date(2012, 4, 3),
        date(2012, 12, 25),
        date(2012, 4, 3),
        date(2012, 5, 3),
        date(2012, 5, 3),
    ]


def test_two_digit_years_name_the_last_such_year_before_the_release() -> None:
    assert read("03MAY12", "5/3/45", "5/3/99", "06/01/19", "06/02/19", "29FEB00") == [
        date(2012, 5, 3),
        date(1945, 5, 3),
        date(1999, 5, 3),
        date(2019, 6, 1),
        date(1919, 6, 2),
        date(2000, 2, 29),
    ]


def test_serial_numbers_follow_the_workbooks_own_epoch() -> None:
    mac = DateForms(day_first=False, epoch_1904=True, last_day=date(2026, 1, 1))
    assert read("41032", "19999", "60001") == [date(2012, 5, 3), None, None]
    assert read("39570", forms=mac) == [date(2012, 5, 3)]


@given(st.dates(date(1970, 1, 1), date(2019, 6, 1)), st.sampled_from(FORMATS))
def test_a_day_written_in_any_form_is_read_back(day: date, form: str) -> None:
    serial = str((day - date(1899, 12, 30)) // timedelta(days=1))
    assert read(serial if form == "excel" else day.strftime(form)) == [day]


@given(st.text(alphabet="0123456789/-.MAYJUN :", max_size=14))
def test_any_text_gives_a_day_or_null_and_two_digits_never_the_future(text: str) -> None:
    (found,) = read(text)
    assert found is None or found <= FORMS.last_day or str(found.year) in text or text[:5].isdigit()
