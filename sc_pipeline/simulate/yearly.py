"""The removals that a simulated production lists -> a printed table of their fiscal-year totals, as a release."""

import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sc_pipeline.raw.manifest import MANIFEST_NAME, Manifest
from sc_pipeline.raw.manifest_text import manifest_text
from sc_pipeline.simulate.calibrate import Stratum
from sc_pipeline.simulate.productions import fiscal_year

NAME = "sim-ice-yearly-totals"
_FILE = "SIM_removals_by_fiscal_year.csv"


def write_yearly_totals(folder: Path, strata: Sequence[Stratum]) -> Path:
    """Write the release of the totals of every fiscal year that the strata hold in full; returns its folder."""
    months = Counter(fiscal_year(stratum.first) for stratum in strata)
    totals = {
        year: sum(s.rows for s in strata if fiscal_year(s.first) == year) for year, n in months.items() if n == 12
    }
    target = folder / NAME
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    lines = [f'{year},"{total:,}",SIM' for year, total in sorted(totals.items())]
    (target / _FILE).write_text("\n".join(["Fiscal Year,All ICE Removals,Source", *lines]) + "\n", encoding="utf-8")
    manifest = Manifest(
        title="Simulated: ICE's own totals of removals by fiscal year",
        publisher="Simulated",
        agency="ICE (simulated)",
        received=date(2025, 12, 19),
        population="ice",
        synthetic=True,
    )
    (target / MANIFEST_NAME).write_text(manifest_text(manifest), encoding="utf-8")
    return target
