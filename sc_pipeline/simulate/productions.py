"""The shape of each simulated production: its files, sheets, header row, date forms and what its manifest says."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from sc_pipeline.errors import UsageError
from sc_pipeline.simulate.calibrate import Stratum, month_range
from sc_pipeline.simulate.cells import Column, Forms, columns_of

Kind = Literal["removals", "detainers"]
ISO, SLASHED, SHORT, SAS = "%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%d%b%y"
TIMED = "%Y-%m-%d 13:05:00"
ONE_FILE = ((1900, 2100),)
EACH_YEAR: tuple[tuple[int, int], ...] = ()
WITHHELD_FIELDS = ("detainer_prepare_date", "detainer_facility", "detainer_city", "detainer_state")


Population = Literal["ice", "sc"]


@dataclass(frozen=True)
class Shape:
    """How one production's files look. `name` and `sheet` may use {first} and {last}, two digits of fiscal years."""

    layout: str
    kind: Kind
    population: Population
    title: str
    foia_request: str | None
    received: date
    covers: tuple[date, date]
    name: str
    sheet: str
    header_row: int
    forms: tuple[str, ...]  # the usual date form first
    entry_forms: tuple[str, ...] = ()  # where entry dates are written otherwise than the rest
    publisher: str = "Simulated"
    years: tuple[tuple[int, int], ...] = EACH_YEAR  # fiscal years that share a file; others have one each
    separator: str = ","
    notes: bool = False  # a sheet before the data
    caution: str | None = None

    @property
    def format(self) -> str:
        """The format the production comes in: xlsx or csv."""
        return "xlsx" if self.name.endswith(".xlsx") else "csv"

    def file_name(self, month: date) -> str:
        """The file that holds a month; every name says SIM."""
        year = fiscal_year(month)
        first, last = next((span for span in self.years if span[0] <= year <= span[1]), (year, year))
        return self.name.format(first=f"{first % 100:02}", last=f"{last % 100:02}")

    def sheet_name(self, month: date) -> str:
        """The sheet that holds a month."""
        return self.sheet.format(first=f"{fiscal_year(month) % 100:02}")

    @property
    def forms_by_attribute(self) -> Forms:
        """Date forms by attribute."""
        return {"": self.forms, "entry": self.entry_forms or self.forms}

    def columns(self, month: date) -> tuple[Column, ...]:
        """The columns of the file that holds a month; a few layouts differ by fiscal year."""
        return tuple(c for c in columns_of(self.layout) if not self._lacks(c.name, fiscal_year(month)))

    def _lacks(self, column: str, year: int) -> bool:
        if self.layout == "ice_detainers_2026_03":
            return column == "Birth Date" and year <= 2024
        if self.layout == "ice_removals_uwchr":
            absent = {"Case Closed Date": year < 2021, "Case Close Date": year >= 2021}
            absent |= {"Arrest Date": year < 2013, "Removal Date": year < 2014}
            absent |= {"Processing Disposition": year < 2021, "Processing Disposition Code": year >= 2021}
            return absent.get(column, False)
        return False

    def as_format(self, wanted: str | None) -> "Shape":
        """The same production as xlsx or csv; UsageError on any other word."""
        if wanted is None or wanted == self.format:
            return self
        if wanted not in ("csv", "xlsx"):
            raise UsageError(f"format: expected csv or xlsx, found {wanted!r}")
        stem = self.name.removesuffix(".gz").rpartition(".")[0]
        if wanted == "xlsx" and self.header_row == 1 and self.sheet == "":
            return replace(self, name=f"{stem}.xlsx", sheet="Sheet1")
        return replace(self, name=f"{stem}.{wanted}", sheet=self.sheet or "Sheet1", separator=",")


def fiscal_year(month: date) -> int:
    """The fiscal year of a month: October starts the next one."""
    return month.year + (month.month >= 10)


def shape_of(layout: str) -> Shape:
    """The production in a layout; UsageError on a layout that cannot be simulated."""
    if layout not in SHAPES:
        raise UsageError(f"no simulated production is called {layout!r}; there are {', '.join(sorted(SHAPES))}")
    return SHAPES[layout]


def plain_strata(shape: Shape, rows_by_month: dict[date, int], alone: float) -> list[Stratum]:
    """One stratum a month, cut at the last day the production covers; `alone` times as many only have a detainer."""
    last = shape.covers[1]
    found = []
    for month, rows in rows_by_month.items():
        end = min(month_range(month, month.replace(year=month.year + 1))[1].toordinal() - 1, last.toordinal())
        found.append(
            Stratum(
                month,
                date.fromordinal(max(end, month.toordinal())),
                rows,
                convicted=rows * 11 // 20,
                level1=rows * 5 // 20,
                linked=rows * 8 // 20,
                detained_only=round(rows * alone),
            )
        )
    return found


SHAPES = {
    shape.layout: shape
    for shape in (
        Shape(
            layout="trac_secure_2019",
            kind="removals",
            population="sc",
            title="Simulated: TRAC's case file of Secure Communities removals",
            foia_request=None,
            received=date(2019, 1, 15),
            covers=(date(2008, 11, 1), date(2017, 7, 31)),
            name="SIM_secure_removals.csv",
            sheet="",
            header_row=1,
            forms=(SAS, ISO, SLASHED),
            entry_forms=(SLASHED, ISO),
            years=ONE_FILE,
        ),
        Shape(
            layout="ice_removals_14_03290",
            kind="removals",
            population="ice",
            title="Simulated: ICE removals in the form of production 14-03290",
            foia_request="SIM-14-03290",
            received=date(2014, 3, 14),
            covers=(date(2005, 10, 1), date(2008, 10, 31)),
            name="SIM 14-03290_FY{first}_Highlighted.xlsx",
            sheet="Details",
            header_row=5,
            forms=(ISO, SLASHED, "excel"),
            notes=True,
        ),
        Shape(
            layout="ice_removals_2012_2023",
            kind="removals",
            population="ice",
            title="Simulated: ICE removals in the form of production 2023-ICFO-42034",
            foia_request="SIM-2023-ICFO-42034",
            received=date(2023, 11, 15),
            covers=(date(2017, 8, 1), date(2023, 9, 30)),
            name="SIM_2023-ICFO_42034_Removals_FY{last}-{first}.xlsx",
            sheet="FY{first}",
            header_row=6,
            forms=(ISO, SLASHED, "excel"),
            years=((2012, 2013), (2014, 2016), (2017, 2019), (2020, 2023)),
        ),
        Shape(
            layout="ice_removals_uwchr",
            kind="removals",
            population="ice",
            title="Simulated: ICE removals in the form of production 2022-ICFO-09023",
            foia_request="SIM-2022-ICFO-09023",
            received=date(2023, 2, 15),
            covers=(date(2017, 8, 1), date(2023, 1, 29)),
            name="SIM_ICE_Removals_FY20{first}.csv.gz",
            sheet="",
            header_row=6,
            forms=(SLASHED,),
            separator="|",
        ),
        Shape(
            layout="ice_removals_2025_07",
            kind="removals",
            population="ice",
            title="Simulated: ICE removals and detainers in the form of production 2025-ICLI-00019",
            foia_request="SIM-2025-ICLI-00019",
            received=date(2025, 7, 31),
            covers=(date(2023, 9, 1), date(2025, 7, 28)),
            name="SIM_2025-ICLI-00019_ICE Removals.xlsx",
            sheet="Removals",
            header_row=7,
            forms=(ISO, SLASHED, TIMED),
            years=ONE_FILE,
        ),
        Shape(
            layout="ice_removals_2026_03",
            kind="removals",
            population="ice",
            title="Simulated: ICE removals and detainers in the form of production 2026-ICLI-00005",
            foia_request="SIM-2026-ICLI-00005",
            received=date(2026, 3, 11),
            covers=(date(2022, 10, 1), date(2026, 3, 10)),
            name="SIM_2026-ICLI-00005_Removals_FY{first}.xlsx",
            sheet="Removals",
            header_row=7,
            forms=(ISO, SLASHED, TIMED),
        ),
        Shape(
            layout="ice_detainers_18038",
            kind="detainers",
            population="ice",
            title="Simulated: ICE detainers in the form of production 2025-ICFO-18038",
            foia_request="SIM-2025-ICFO-18038",
            received=date(2025, 3, 20),
            covers=(date(2020, 10, 1), date(2025, 3, 15)),
            name="SIM_FOIA 25-18038 ERO Detainers_FY{first}.xlsx",
            sheet="Detainers FY{first}",
            header_row=5,
            forms=(ISO, SLASHED, "excel"),
        ),
        Shape(
            layout="ice_detainers_2025_07",
            kind="detainers",
            population="ice",
            title="Simulated: ICE detainers in the form of production 2025-ICLI-00019",
            foia_request="SIM-2025-ICLI-00019",
            received=date(2025, 7, 31),
            covers=(date(2023, 9, 1), date(2025, 7, 28)),
            name="SIM_2025-ICLI-00019_ICE Detainers.xlsx",
            sheet="Detainers",
            header_row=7,
            forms=(ISO, SLASHED, TIMED),
            years=ONE_FILE,
        ),
        Shape(
            layout="ice_detainers_2026_03",
            kind="detainers",
            population="ice",
            title="Simulated: ICE detainers in the form of production 2026-ICLI-00005",
            foia_request="SIM-2026-ICLI-00005",
            received=date(2026, 3, 11),
            covers=(date(2022, 10, 1), date(2026, 3, 10)),
            name="SIM_2026-ICLI-00005_Detainers_FY{first}.xlsx",
            sheet="Detainers",
            header_row=7,
            forms=(ISO, SLASHED, TIMED),
        ),
        Shape(
            layout="npr_detainers_originals",
            kind="detainers",
            population="ice",
            title="Simulated: ICE detainers in the two forms NPR received",
            foia_request=None,
            received=date(2016, 12, 20),
            covers=(date(2009, 10, 1), date(2015, 7, 19)),
            name="SIM_detainersfy{first}.csv",  # tabs, whatever the name says
            sheet="",
            header_row=1,
            forms=(ISO, SHORT),
            separator="\t",
        ),
    )
}
# A production that lists too few of its removals, as that of late June 2025 did; a later one replaces it.
BAD_REMOVALS = replace(
    SHAPES["ice_removals_2025_07"],
    title="Simulated: the bad ICE removals of late June 2025",
    received=date(2025, 6, 25),
    covers=(date(2023, 9, 1), date(2025, 6, 24)),
    name="SIM_2025-ICLI-00019_ICE Removals June.xlsx",
    caution="Lists two of five removals that the release of July 2025 lists for the same months. Do not use it.",
)
# The other half of NPR's files: fiscal years 2008 and 2009 here, so that the two never repeat each other.
NPR_TEXTS = replace(
    SHAPES["npr_detainers_originals"],
    covers=(date(2007, 10, 1), date(2009, 9, 30)),
    name="SIM_lea-detainers-FY{first}.txt",
    forms=(SHORT, SLASHED),
    separator=",",
)
