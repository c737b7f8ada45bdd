"""The baseline in DuckDB: runs baseline.sql over a release's two CSV files into a new database file."""

import json
import sys
from pathlib import Path

import duckdb

from sc_pipeline.reference import FOLDER

SCRIPT = Path(__file__).with_name("baseline.sql")
TOTALS = "select subset, sum(removals)::bigint from monthly_removals where removals is not null group by subset"


def main(release: Path, database: Path) -> None:
    """Build `database` and print the total of each subset."""
    database.unlink(missing_ok=True)
    with duckdb.connect(database) as connection:
        for name, value in {
            "removals_csv": next(release.glob("*Removals.csv")),
            "detainers_csv": next(release.glob("*Detainers.csv")),
            "reference": f"{FOLDER}/",
        }.items():
            connection.execute(f"set variable {name} = '{value}'")
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
        totals = connection.execute(TOTALS).fetchall()
    print(json.dumps(dict(totals)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
