"""Reference CSV files that SQL reads -> typed Arrow tables."""

from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

FOLDER = Path(__file__).parent

# The last day a release can have been received as far as this version of the package knows: it bounds dates and years
# of two digits where a manifest does not state the day. No clock is read, so that any day gives the same rows.
LATEST_RECEIVED = date(2026, 12, 31)

SCHEMAS: dict[str, pa.Schema] = {
    "constants": pa.schema({"name": pa.string(), "value": pa.int64(), "unit": pa.string(), "meaning": pa.string()}),
    "countries": pa.schema({"name": pa.string(), "iso": pa.string(), "source": pa.string()}),
    "areas": pa.schema({"name": pa.string(), "aor": pa.string(), "since": pa.string(), "source": pa.string()}),
    "dispositions": pa.schema(
        {
            "field": pa.string(),
            "name": pa.string(),
            "label": pa.string(),
            "departure_kind": pa.string(),
            "is_departure": pa.bool_(),
            "source": pa.string(),
        }
    ),
    "federal_facilities": pa.schema({"words": pa.string(), "meaning": pa.string(), "source": pa.string()}),
    "offense_levels": pa.schema(
        {
            "code_from": pa.string(),
            "code_to": pa.string(),
            "level": pa.int64(),
            "possible": pa.string(),
            "offense_family": pa.string(),
            "source": pa.string(),
            "note": pa.string(),
        }
    ),
    "claims": pa.schema(
        {
            "claim_id": pa.string(),
            "claimant": pa.string(),
            "claim": pa.string(),
            "claimed": pa.int64(),
            "relation": pa.string(),
            "population": pa.string(),
            "subset": pa.string(),
            "first_day": pa.date32(),
            "last_day": pa.date32(),
            "citation": pa.string(),
        }
    ),
    "published_figures": pa.schema(
        {
            "publication": pa.string(),
            "cell": pa.string(),
            "figure": pa.string(),
            "claim_id": pa.string(),
            "first_month": pa.date32(),
            "last_month": pa.date32(),
            "published": pa.float64(),
            "decimals": pa.int64(),
            "relation": pa.string(),
        }
    ),
    "subsets": pa.schema({"subset": pa.string(), "place": pa.int64(), "meaning": pa.string()}),
    "subset_fields": pa.schema(
        {"subset": pa.string(), "field": pa.string(), "way": pa.string(), "level_basis": pa.string()}
    ),
    "statuses": pa.schema(
        {"status": pa.string(), "place": pa.int64(), "is_silence": pa.bool_(), "meaning": pa.string()}
    ),
    "figures": pa.schema(
        {
            "figure": pa.string(),
            "kind": pa.string(),
            "span": pa.string(),
            "measure": pa.string(),
            "population": pa.string(),
            "subset": pa.string(),
            "unit": pa.string(),
            "method": pa.string(),
        }
    ),
}


def path_of(name: str) -> Path:
    """The CSV file behind a reference table."""
    return FOLDER / f"{name}.csv"


@cache
def load(name: str) -> pa.Table:
    """A reference table in the types its schema declares; blank is null. Raises KeyError for an unknown name."""
    schema = SCHEMAS[name]
    options = csv.ConvertOptions(column_types=schema, strings_can_be_null=True, include_columns=schema.names)
    return csv.read_csv(path_of(name), convert_options=options).cast(schema)


@cache
def constant(name: str) -> int:
    """A number that a rule rests on. Raises KeyError for an unknown name."""
    rows = load("constants").to_pylist()
    return {row["name"]: row["value"] for row in rows}[name]
