"""Simulated productions to measure with, made once and kept: in $SC_PIPELINE_BENCH_DATA, else in benchmarks/data/."""

import os
from datetime import date
from pathlib import Path

from sc_pipeline.simulate import simulate, simulate_together

DATA = Path(os.environ.get("SC_PIPELINE_BENCH_DATA") or Path(__file__).parent / "data")
LAYOUTS = ("ice_removals_2025_07", "ice_detainers_2025_07")
RELEASE = "sim-ice"
# Case rows that the two files hold for each removal: a detainer for some, and people who are only detained.
ROWS_PER_REMOVAL = 1.947
ADDED_ROWS, ADDED_MONTHS = 50_000, (date(2025, 8, 1), date(2025, 9, 1))
WORKBOOK_ROWS = 300_000
_TINY_ROWS = 8
_HEADER = (
    "departed_date,mscc_code,citizenship_country,gender,state,county,"
    "detainer_prepare_date,detainer_facility_city,detainer_facility_state"
)
_MANIFEST = """title = "Simulated: release {number}"
publisher = "Simulated"
agency = "ICE (simulated)"
received = {year}-{month:02}-01
synthetic = true
"""


def production(millions: float) -> Path:
    """raw/ with one release of this many case rows: ICE removals and detainers of the same people, as CSV."""
    raw = DATA / f"{millions:g}" / "raw"
    if not (raw / RELEASE).exists():
        simulate_together(LAYOUTS, raw, round(millions * 1e6 / ROWS_PER_REMOVAL), RELEASE, format="csv")
    return raw


def added(raw: Path) -> Path:
    """One more release of 50,000 removals, of the months after; its folder under raw/."""
    return simulate(LAYOUTS[0], raw, ADDED_ROWS, months=ADDED_MONTHS, format="csv", release_id="sim-added")


def workbook() -> Path:
    """raw/ with one release: a workbook of 300,000 rows by 41 columns."""
    raw = DATA / "workbook" / "raw"
    if not (raw / "sim-workbook").exists():
        simulate(LAYOUTS[0], raw, WORKBOOK_ROWS, release_id="sim-workbook")
    return raw


def twenty() -> Path:
    """raw/ with twenty releases of 20,000 removals each, as CSV."""
    raw = DATA / "twenty" / "raw"
    for number in range(20):
        if not (raw / f"sim-{number:02}").exists():
            simulate(LAYOUTS[0], raw, 20_000, seed=number, format="csv", release_id=f"sim-{number:02}")
    return raw


def tiny(raw: Path, count: int) -> None:
    """Write releases of a few rows each in TRAC's columns under raw/, until there are `count`."""
    for number in range(count):
        folder = raw / f"sim-tiny-{number:03}"
        if not folder.exists():
            folder.mkdir(parents=True)
            year, month = 2014 + number // 12 % 10, number % 12 + 1
            manifest = _MANIFEST.format(number=number, year=year, month=month)
            (folder / "release.toml").write_text(manifest, encoding="utf-8")
            rows = [_tiny_row(number, row) for row in range(_TINY_ROWS)]
            (folder / f"sim{number}.csv").write_text("\n".join([_HEADER, *rows, ""]), encoding="utf-8")


def _tiny_row(number: int, row: int) -> str:
    code = (f"{number:04}", "1313", "0000", "0999")[row % 4]
    detained = f"{row + 1:02}APR12" if row % 2 else ""
    return f"{(number + row) % 28 + 1:02}MAY12,{code},MEXICO,Male,TEXAS,Harris County,{detained},AUSTIN,TX"
