"""The baseline in plain pandas: a release's two CSV files -> typed, checked, linked and counted tables in a folder."""

import json
import sys
from pathlib import Path

import pandas as pd

from sc_pipeline.reference import path_of

MISSING = ["", "NA", "N/A", "NULL", "UNK", "UNKNOWN"]
REDACTED = r"(?:\(?B\s*\)?\s*\(?\d\)?(?:\s*\(?[A-F]\)?)?[\s,;/&.]*(?:AND\s+)?)+"
DAYS = {
    "Departed Date": "departed_date", "Entry Date": "entry_date", "MSC Conviction Date": "msc_conviction_date",
    "Latest Person Apprehension Date": "apprehension_date", "Final Order Date": "final_order_date",
    "Detainer Prepare Date": "detainer_prepare_date", "Apprehension Date": "apprehension_date",
}  # fmt: skip
REMOVALS = {
    "Departure Country": "departure_country", "Port of Departure": "port_of_departure",
    "Unique Identifier": "person_id", "Citizenship Country": "citizenship_country", "Birth Country": "birth_country",
    "Gender": "gender", "Birth Year": "birth_year", "Entry Status": "entry_status", "Case Criminality": "criminality",
    "MSC NCIC Charge Code": "msc_code", "MSC NCIC Charge": "msc_charge", "Case Threat Level": "reported_threat_level",
    "Final Program": "program", "Processing Disposition": "processing_disposition", "Case Status": "case_status",
    "Case Category": "case_category", "Final Order Yes No": "final_order",
    "Final Charge Section Code": "charge_section", "Prior Deport Yes No": "prior_removal",
    "Apprehension State": "state", "Apprehension County": "county",
}  # fmt: skip
DETAINERS = {
    "Unique Identifier": "person_id", "Detention Facility": "facility", "Detention Facility Code": "facility_code",
    "Facility City": "facility_city", "Facility State": "facility_state", "Facility AOR": "facility_aor",
    "Detainer Prep Threat Level": "threat_level", "MSC Charge Code": "msc_code",
    "Most Serious Conviction (MSC) Charge": "msc_charge", "Citizenship Country": "citizenship_country",
    "Birth Country": "birth_country", "Gender": "gender", "Birth Year": "birth_year",
    "Apprehension Method": "apprehension_method", "Detainer Lift Reason": "lift_reason",
    "Detainer Type": "detainer_type", "Biometric Match Yes No": "biometric_match", "Case Status": "case_status",
    "Case Category": "case_category",
}  # fmt: skip


def read(path: Path, texts: dict[str, str], key: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The typed rows of a file and those whose key cannot be."""
    raw = pd.read_csv(path, skiprows=6, dtype=str, keep_default_na=False)
    days = {column: name for column, name in DAYS.items() if column in raw.columns}
    rows = raw[[*texts, *days]].rename(columns={**texts, **days})
    for column in rows.columns:
        cells = rows[column].str.strip().str.upper()
        rows[column] = cells.mask(cells.isin(MISSING) | cells.str.fullmatch(REDACTED))
    for column in days.values():
        rows[column] = pd.to_datetime(rows[column], format="mixed", errors="coerce").dt.normalize()
        if column != key:
            rows[column] = rows[column].where(rows[column].between("1900-01-01", "2025-07-31"))
    rows["birth_year"] = pd.to_numeric(rows["birth_year"], errors="coerce").astype("Int64")
    rows["msc_code"] = rows["msc_code"].str.zfill(4)
    possible = rows[key].between("1990-01-01", "2025-08-31")
    refused, rows = rows[~possible], rows[possible].copy()
    rows["month"] = rows[key].dt.to_period("M").dt.to_timestamp()
    rows["duplicate_likely"] = rows["person_id"].notna() & rows.duplicated(["person_id", key], keep=False)
    return rows, refused


def levels() -> dict[str, int]:
    """NCIC code -> offense level."""
    ranges = pd.read_csv(path_of("offense_levels"))
    return {
        f"{code:04}": row.level
        for row in ranges.itertuples()
        for code in range(int(row.code_from), int(row.code_to) + 1)
    }


def with_places(rows: pd.DataFrame, state: str) -> pd.DataFrame:
    """The rows with USPS codes for states, and FIPS codes where they name a county."""
    states = pd.read_csv(path_of("states"), dtype=str)
    codes = dict(zip(states["name"].str.upper(), states["state"], strict=True))
    rows[state] = rows[state].map(codes).fillna(rows[state])
    if "county" not in rows:
        return rows
    counties = pd.read_csv(path_of("counties"), dtype=str).assign(county=lambda frame: frame["name"].str.upper())
    counties = counties.drop_duplicates(["state", "county"])[["state", "county", "county_fips"]]
    return rows.merge(counties, on=["state", "county"], how="left")


def link(removals: pd.DataFrame, detainers: pd.DataFrame) -> pd.DataFrame:
    """The removals with a detainer of the same person on or before the departure, the last one."""
    people = removals.loc[removals["person_id"].notna(), ["person_id", "departed_date"]].drop_duplicates()
    pairs = people.merge(detainers[["person_id", "detainer_prepare_date"]], on="person_id")
    pairs = pairs[pairs["detainer_prepare_date"] <= pairs["departed_date"]]
    last = pairs.groupby(["person_id", "departed_date"], as_index=False)["detainer_prepare_date"].max()
    linked = removals.merge(last.rename(columns={"detainer_prepare_date": "linked_detainer_date"}),
                            on=["person_id", "departed_date"])  # fmt: skip
    return linked.assign(days_to_departure=(linked["departed_date"] - linked["linked_detainer_date"]).dt.days)


def main(release: Path, folder: Path) -> None:
    """Write every table to `folder` as Parquet and print the total of each subset."""
    removals, refused = read(next(release.glob("*Removals.csv")), REMOVALS, "departed_date")
    detainers, refused_detainers = read(next(release.glob("*Detainers.csv")), DETAINERS, "detainer_prepare_date")
    stated = pd.to_numeric(removals["reported_threat_level"], errors="coerce")
    removals["conviction_level"] = stated.fillna(removals["msc_code"].map(levels()))
    removals["convicted"] = (
        removals["conviction_level"].notna()
        | (removals["msc_code"].notna() & (removals["msc_code"] != "0000"))
        | removals["criminality"].str.startswith("1").fillna(False)
    )
    removals, detainers = with_places(removals, "state"), with_places(detainers, "facility_state")
    subsets = {
        "all": removals,
        "convicted": removals[removals["convicted"]],
        "level1": removals[removals["conviction_level"] == 1],
        "detainer_linked": link(removals, detainers),
    }
    places = ["month", "state", "county_fips", "county"]
    monthly = pd.concat({name: rows.groupby("month").size() for name, rows in subsets.items()}, names=["subset"])
    by_place = pd.concat(
        {name: rows.groupby(places, dropna=False).size() for name, rows in subsets.items()}, names=["subset"]
    )
    disclosure = pd.concat([rows.groupby("month").count() for rows in (removals, detainers)])
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in {
        "removals": removals, "detainers": detainers, "level1_removals": subsets["level1"],
        "detainer_linked_removals": subsets["detainer_linked"], "quarantine": pd.concat([refused, refused_detainers]),
        "field_disclosure": disclosure, "monthly_removals": monthly.rename("removals").reset_index(),
        "monthly_removals_by_place": by_place.rename("removals").reset_index(),
        "running_averages": monthly.groupby("subset").rolling(12).mean().rename("average_12m").to_frame(),
    }.items():  # fmt: skip
        table.to_parquet(folder / f"{name}.parquet")
    print(json.dumps({name: int(count) for name, count in monthly.groupby("subset").sum().items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
