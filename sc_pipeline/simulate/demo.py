"""What the demonstration holds: which simulated releases, of which productions and months."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sc_pipeline.simulate.calibrate import last_day
from sc_pipeline.simulate.productions import Shape

DEMO_ALONE = 0.5  # people only detained, for each person removed


@dataclass(frozen=True)
class Delivery:
    """One release of the demonstration: its productions, its months, and how much of the same events it shows.

    The volumes are the real ones, so a release has few months: later ones tell slightly more. Most are CSV, which
    costs a tenth of a workbook.
    """

    name: str
    layouts: tuple[str, ...]
    first: date
    last: date
    keep: float = 1.0
    format: str | None = "csv"


DEMO = (
    Delivery("sim-ice-14-03290", ("ice_removals_14_03290",), date(2008, 9, 1), date(2008, 10, 31)),
    Delivery("sim-ice-2022-09023", ("ice_removals_uwchr",), date(2020, 10, 1), date(2021, 9, 30), 0.95, None),
    Delivery("sim-ice-2023-42034", ("ice_removals_2012_2023",), date(2021, 8, 1), date(2021, 10, 31), 0.94, "xlsx"),
    Delivery(
        "sim-ice-2025-00019",
        ("ice_removals_2025_07", "ice_detainers_2025_07"),
        date(2022, 4, 1),
        date(2022, 9, 30),
        0.98,
    ),
    Delivery(
        "sim-ice-2026-00005", ("ice_removals_2026_03", "ice_detainers_2026_03"), date(2021, 10, 1), date(2023, 3, 31)
    ),
    Delivery("sim-ice-detainers-18038", ("ice_detainers_18038",), date(2020, 10, 1), date(2021, 9, 30)),
)
# NPR's files are in two forms, one before October 2009 and one from then on.
NPR_MONTHS = (date(2009, 9, 1), date(2009, 10, 31))


def within(shape: Shape, months: tuple[date, date]) -> Shape:
    """The production over other months, received after the days it covers."""
    first, last = months[0].replace(day=1), last_day(months[1])
    return replace(shape, covers=(first, last), received=max(shape.received, last + timedelta(days=30)))
