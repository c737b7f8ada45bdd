"""Simulated productions to measure with, made once and kept in benchmarks/data/."""

from datetime import date
from pathlib import Path

from sc_pipeline.simulate import simulate, simulate_together

DATA = Path(__file__).parent / "data"
LAYOUTS = ("ice_removals_2025_07", "ice_detainers_2025_07")
RELEASE = "sim-ice"
# Case rows that the two files hold for each removal: a detainer for some, and people who are only detained.
ROWS_PER_REMOVAL = 1.947
ADDED_MONTHS = (date(2025, 8, 1), date(2025, 9, 1))


def production(millions: float) -> Path:
    """raw/ with one release of so many case rows: ICE removals and detainers of the same people, as CSV."""
    raw = DATA / f"{millions:g}" / "raw"
    if not (raw / RELEASE).exists():
        simulate_together(LAYOUTS, raw, round(millions * 1e6 / ROWS_PER_REMOVAL), RELEASE, format="csv")
    return raw


def added(raw: Path) -> Path:
    """One more release of 50,000 removals, of the months after; its folder under raw/."""
    return simulate(LAYOUTS[0], raw, rows=50_000, months=ADDED_MONTHS, format="csv", release_id="sim-added")


def workbook(rows: int = 300_000) -> Path:
    """A workbook of so many rows by 41 columns."""
    folder = DATA / "workbook"
    if not (folder / "sim-workbook").exists():
        simulate(LAYOUTS[0], folder, rows=rows, release_id="sim-workbook")
    return next((folder / "sim-workbook").glob("*.xlsx"))
