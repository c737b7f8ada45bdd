"""What a user writes for a workbook: pandas.read_excel with openpyxl, then typed, checked and counted by month."""

import json
import sys
from pathlib import Path

import pandas as pd

KEY = "Departed Date"


def main(workbook: Path, folder: Path) -> None:
    """Write removals, Level 1 and monthly counts as CSV, and print how many removals there are."""
    rows = pd.concat(
        sheet
        for sheet in pd.read_excel(workbook, sheet_name=None, skiprows=6, dtype=str, engine="openpyxl").values()
        if KEY in sheet.columns
    )
    for column in rows.columns:
        rows[column] = rows[column].str.strip().str.upper()
    for column in [column for column in rows.columns if column.endswith("Date")]:
        rows[column] = pd.to_datetime(rows[column], format="mixed", errors="coerce").dt.normalize()
    removals = rows[rows[KEY].between("1990-01-01", "2025-08-31")].copy()
    removals["month"] = removals[KEY].dt.to_period("M").astype(str)
    level1 = removals[removals["Case Criminality"].str.startswith("1") & (removals["Case Threat Level"] == "1")]
    monthly = pd.DataFrame({"all": removals.groupby("month").size(), "level1": level1.groupby("month").size()})
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in {"removals": removals, "level1_removals": level1, "monthly_removals": monthly}.items():
        table.to_csv(folder / f"{name}.csv")
    print(json.dumps({"all": len(removals)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
